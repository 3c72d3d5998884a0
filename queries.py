"""
The latent steps that a query names, as someone typed it.

    from queries import steps_named
    steps_named("Is the third thought surer than the last one?", 6)  # [2, 5]

The words are read after likely slips of typing are mended ("setp", "thrid", "zeored"). Latent steps count from 0:
"step 2", "the third step" and the end of "the first three steps" are one; -1 is the moment before the first.
"""

import re
from collections.abc import Callable, Iterator

from wordings import NUMBERS, ORDINALS

# --- Words and their slips --------------------------------------------------------------------------------------

KNOWN_WORDS = (
    *NUMBERS,
    *ORDINALS,
    *"step steps thought thoughts latent latents number before after last final penultimate another question".split(),
    *"with that from give gives answer over output discard discarded discarding throwing".split(),
    *"zero zeros zeroed zeroing nulled nulling skip skipped skipping jumped jumping bypass bypassed bypassing".split(),
    *"noise noised noising noisy blur blurred blurring mean average averaged averaging".split(),
    *"hide hiding hidden mask masked masking invisible swap swapped swapping".split(),
)
KEYS = "qwertyuiop asdfghjkl zxcvbnm"
OTHER_WORDS = {  # that a slip in a known word would make
    *"fist there thee tree threw seen sea set sets for fur fie hie lat late lats tent ten though tough".split(),
    *"nose nosed nosy sip ski slip slips slipped slipping sap man men making mak form".split(),
}


def slips(word: str) -> Iterator[str]:
    """The word with two letters swapped, or with one doubled, dropped or hit beside its key."""
    for at, letter in enumerate(word):
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        yield word[: at + 1] + word[at:]
        if at and len(word) > 3:
            yield word[:at] + word[at + 1 :]
        if at and (len(word) > 4 or word == "step"):
            for beside in re.findall(f"(?<={letter}).|.(?={letter})", KEYS):
                yield word[:at] + beside + word[at + 1 :]


MENDED = {slip: word for word in reversed(KNOWN_WORDS) for slip in slips(word) if slip not in OTHER_WORDS}
MENDED |= {word: word for word in KNOWN_WORDS} | {"forth": "fourth", "w": "with", "hid": "hide"}


def mended(query: str) -> str:
    """The query in small letters, on one line, without likely slips."""
    query = " ".join(query.lower().replace("’", "'").replace("w/o", "without").replace("w/", "with").split())
    return re.sub(r"[a-z]+", lambda found: MENDED.get(found[0], found[0]), query.replace("&", "and"))


# --- Steps ------------------------------------------------------------------------------------------------------

N = rf"(?:\d+|{'|'.join(NUMBERS)})"
NTH = rf"(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))"
NTH_OR_LAST = rf"(?:{NTH}|initial|last|final)"
# After more slips than one a step has still its own letters, in any order.
NOUN = r"(?:steps?|s[tep]{3,5}s?|thoughts?|t[hougt]{5,7}|latents?|states?|vectors?)"
STEP = rf"(?:(?:latent[ _-]|hidden (?=stat|vec))?{NOUN}(?:'?s)?(?![a-z]))"
UNIT = r"(?! ?%|\.?\d| ?[-+*×/] ?\d| (?:tokens?|words?|percent|digits?|letters?|times|plus|minus|divided|sentences?)\b)"
ENDS = r"(?=(?:'s| ones?\b)| ?[?.,:;!)/]| ?$| (?:is|was|are|and|or|than|then|vs|versus|against|to be)\b)"
DONE = r"(?:done|over|through|in\b(?! (?:a )?row)|finished|complete|completed|taken|made)"
AND = r"(?: ?,? ?\b(?:and|or|than|vs\.?|versus|against) (?:at |in |by |on |that of )?(?:the )?)"
REMOVE = (
    r"(?:zero|skip|nois|blur|averag|hid(?:e|ing)\b|mask|swap|remov|drop|delet|cut|ablat|disabl|eras|null|bypass|without"
    r"|patch|replac|kill|put|set)\w*"
)
REMOVED = r"(?:zeroed|skipped|noised|blurred|averaged|hidden|masked|swapped|removed|dropped|deleted|cut|ablated|gone)"
OTHER_QUESTION = r"(?:(?:another|a|different) )+question"
SURE = r"(?:surer|less|more|sure|certain|confident|higher|greater)"

Meaning = Callable[[re.Match, int], list[int]]  # of what a pattern found, in a run of so many latent steps


def number(text: str) -> int:
    return NUMBERS.index(text) if text in NUMBERS else int(text)


def nth(text: str, num_latent: int) -> int:
    """The step of an ordinal, which counts from 1."""
    if text in ("initial", "last", "final"):
        return 0 if text == "initial" else num_latent - 1
    return ORDINALS.index(text) if text in ORDINALS else int(text[:-2]) - 1


def nothing(found: re.Match, num_latent: int) -> list[int]:
    return []


def the_start(found: re.Match, num_latent: int) -> list[int]:
    return [-1]


def numbered(found: re.Match, num_latent: int) -> list[int]:
    """All numbers found are steps."""
    return [number(text) for text in re.findall(rf"\d+|\b{N}\b", found[0])]


def numbered_in_run(found: re.Match, num_latent: int) -> list[int]:
    """All numbers found that are steps of the run: a bare number beyond it is more likely none."""
    return [int(text) for text in re.findall(r"\d+", found[0]) if int(text) < num_latent]


def counted(found: re.Match, num_latent: int) -> list[int]:
    """The last of so many steps from the first on."""
    return [number(found[1]) - 1]


def ordinals(found: re.Match, num_latent: int) -> list[int]:
    return [nth(text, num_latent) for text in re.findall(rf"\b{NTH_OR_LAST}\b", found[0])]


def one_before(meaning: Meaning) -> Meaning:
    return lambda found, num_latent: [step - 1 for step in meaning(found, num_latent)]


def from_the_last(found: re.Match, num_latent: int) -> list[int]:
    """The second to last, the third to last…"""
    back = nth(found[1], num_latent) if found[1] else 1
    return [num_latent - 1 - back] if num_latent > back else []


def the_last_few(found: re.Match, num_latent: int) -> list[int]:
    return [*range(max(0, num_latent - number(found[1])), num_latent)]


def span(found: re.Match, num_latent: int) -> list[int]:
    """All steps from one to another; the whole run is about none of them."""
    first, last = number(found[1]), number(found[2])
    if first > last:
        return [first, last]
    return [] if (first, last) == (0, num_latent - 1) else [*range(first, last + 1)]


STEP_PATTERNS: tuple[tuple[str, Meaning], ...] = (  # in this order; what one has read, the next ones do not see
    # "the first step with the final answer" asks which it is, "from first to last" means all
    (rf"\b(?:first|last|earliest) {STEP} (?:with(?: the| its)?(?: final| same)? (?:answer|output|prediction|result)"
     rf"|that(?! (?:is|was) {SURE})|where|when|(?:at |in )?which"
     r"|giving|having|to (?:give|have|show|reach|say|get|hit|know|find|produce|yield|contain|change|match)\b)",
     nothing),
    (r"\b(?:first|start|beginning) (?:to|through|till|until) (?:the )?(?:last|end)\b", nothing),
    # a thought of another question may be any word, so a number too
    (rf"\b(?:thoughts? \S+|(?<!step )(?<!latent ){N}) (?:of|from) {OTHER_QUESTION}"
     r"|\b(?:another question'?s|foreign) thought \S+", nothing),
    # before the first step, or before any other
    (rf"\b(?:before|prior to) (?:(?:it|has|have|had|does|did|do|doing|done|makes?|takes?|the|its|very|model) )*"
     rf"(?:any|all|a single|first|1st|latents?|thoughts?|steps)\b(?: (?:of )?(?:the )?{STEP})*(?! ?#?{N}\b)",
     the_start),
    (r"\b(?:before|prior to)(?: \w+){0,3}? (?:think\w*|thought|reasoning)\b(?! ?\d)", the_start),
    (rf"\b(?:before|prior to) (?:the )?{STEP} ?#?{N}\b", one_before(numbered)),
    (rf"\b(?:before|prior to) (?:the )?(?:very )?{NTH_OR_LAST} {STEP}", one_before(ordinals)),
    # counted from the end
    (rf"\b(?:last[ -]but[ -](?:one|1)|next[ -](?:to|from)[ -](?:the )?last|penultimate"
     rf"|(?:one|{STEP}) before (?:the )?last(?: one)?|last {STEP} but one)\b()"
     rf"(?: {STEP})?", from_the_last),
    (rf"\b((?!first|1st){NTH})(?:[ -](?:to|from)(?: the)?)?[ -]last\b(?: {STEP})?", from_the_last),
    (rf"\blast ({N}) {STEP}", the_last_few),
    # so many steps: the one at their end
    (rf"\bfirst ({N}) {STEP}", counted),
    (rf"\bfirst ((?!one\b){N})\b{ENDS}", counted),
    (r"\b(?:after|once|following|by|for|only|just|takes?|took|taken|do|doing|done|made|makes?|thinks?|runs?|had|having"
     r"|(?:it|model) (?:does|did|has)|given|allowed|gets?|completed)(?: (?:the|only|just|exactly|like|about))?"
     rf" ({N}) {STEP}(?! ?#?{N}\b)", counted),
    (rf"\b(?:with|in(?! one\b| 1\b))(?: only| just| exactly)? ((?!zero\b|0){N}) {STEP}(?! ?#?{N}\b)", counted),
    (rf"(?<!step )\b({N}) {STEP} (?:(?:is|are|was|were|has been|have been) )?{DONE}", counted),
    # from one step to another
    (rf"\b(?:from {STEP}|steps|thoughts|latents|{STEP}(?= {N} through)) ?({N})"
     rf" ?(?:to|through|until|till|-|–) ?(?:{STEP} ?)?({N})\b", span),
    # by ordinal: the third step, the first and the last thought, the second of the six steps
    (rf"\b{NTH_OR_LAST}(?:{AND}{NTH_OR_LAST})* {STEP}(?!\W?\d)", ordinals),
    (rf"\b{NTH_OR_LAST} of (?=(?:the |these |its )?(?:{N} )?{STEP})", ordinals),
    # by number: step 2, step #2, step two, steps 2, 3 and 4, step 1 or 4; "s3" and "st 3" are short for step 3
    (rf"\b{STEP} -1\b", the_start),
    (rf"\b{STEP}(?: ?\(|,? (?:number|no\.?|nr\.?|index)| ?=)? ?[#:_-]? ?{N}\b"
     r"(?!(?<=zero)(?:-abl| ablation)|(?<=one) (?:by one|at a)\b|%|\.\d)"
     rf"(?:(?: ?, ?{N}\b{UNIT})*{AND}(?<!the )#?{N}\b(?! (?:more|others?|of|{STEP}|{NTH})\b){UNIT}"
     rf"|(?: ?, ?{N}\b{UNIT}(?= ?(?:[,?]|$)))+)*", numbered),
    (r"(?<![\w'])s(?:t|tp)?[ .#]{0,2}\d+\b", numbered),
    (rf"\b{STEP} (?:the )?(?!first){NTH}\b{ENDS}", ordinals),
    # an ordinal alone
    (rf"(?:\b{NTH}|(?<=…)(?: [\w ,-]+(?= than))?){AND}(?:{NTH}|last)\b{ENDS}", ordinals),
    (rf"\b(?P<kept>(?:after|at|on|in|by|of|without|{REMOVE}) )the (?:{NTH}|last)(?= ?[?,.:]| ?$)", ordinals),
    (rf"\b\d+(?:st|nd|rd|th)\b{ENDS}|\bthe (?!first|second){NTH}\b{ENDS}", ordinals),
    # a number alone: without 2, noise on 5, stop at 3, surer than 0, 3 removed
    (r"(?<!arrived )(?<!arrive )(?<!up )(?<!more )"
     rf"\b(?P<kept>(?:after|at|on|until|till|once|index|{REMOVE}) )#?\d+\b{UNIT}"
     rf"(?: ?(?:and|or) \d+\b{UNIT})?", numbered_in_run),
    (rf"\b\d+(?= (?:\w+ )?{REMOVED}\b| {SURE}\b)", numbered_in_run),
    (r"\b(?:is|was|can|could|does|did) \d+(?= (?:needed|necessary|matter|redundant|important|useless|go|be)\b)",
     numbered_in_run),
    (rf"\b\d+{AND}\d+\b{UNIT}(?=.*\b{SURE}\b)|\b{SURE},?:? \d+{AND}\d+\b{UNIT}", numbered_in_run),
    (rf"\b(?:{SURE} \w+|surer|higher|greater|better) than \d+\b{UNIT}", numbered_in_run),
)  # fmt: skip
STEP_READERS = tuple((re.compile(pattern), meaning) for pattern, meaning in STEP_PATTERNS)


def steps_named(query: str, num_latent: int) -> list[int]:
    """The latent steps that a query is about, sorted: -1 is before the first, and one beyond the run stays as it is."""
    steps, rest = [], mended(query)

    def read(found: re.Match) -> str:
        steps.extend(meaning(found, num_latent))
        return found.groupdict().get("kept", "") + "…"

    for pattern, meaning in STEP_READERS:
        rest = pattern.sub(read, rest)
    return sorted(set(steps))
