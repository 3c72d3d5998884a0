"""
How a person asks an oracle: queries for a task from the sentences of sentences.py, in many manners, by seed.

    from wordings import wording
    wording("early_decode", {"step": 2}, Random(0))                  # one of thousands of queries
    wording("step_effect", {"step": 2, "kind": "zero"}, Random(0))   # without "kind" the query names no kind

A sentence is drawn, its alternatives and rules are filled in, and styles come by chance on top: openings, contractions,
no articles, no capitals, no question mark, a slip of typing. Latent steps count from 0: "step 2", "the third step" and
the end of "the first three steps" are one.
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random

from sentences import REMOVALS, RULES, WORDINGS

NUM_LATENT = 6  # latent steps of a run, unless the slots say otherwise
UNANSWERABLE = "unanswerable"
NO_SUCH_STEP = 0.25  # share of the unanswerable that ask about a step that does not exist
SWAPPED = 0.1  # share that ask about a step swapped with another question's, which is not told
SWAPPING = ("critical", "redundant", "step_effect", "effect_yes_no", "effect_and_value")
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split()
DONOR = "\ue000"  # stands for the donor's token until the styles are done: it is no word of the query

# --- Sentences --------------------------------------------------------------------------------------------------


@cache
def table() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """By task its shapes: trained on and held out."""
    tasks: dict[str, tuple[list, list]] = {}
    for line in WORDINGS.strip().splitlines():
        if not line.startswith(" "):
            tasks[line.partition(":")[0]] = trained, held_out = [], []
        elif line.strip().startswith("*"):
            held_out.append(line.strip(" *"))
        else:
            trained.append(line.strip())
    return {task: (tuple(trained), tuple(held_out)) for task, (trained, held_out) in tasks.items()}


def shapes(task: str, held_out: bool = False) -> tuple[str, ...]:
    """The sentences of a task: those to learn from or those kept for evaluation."""
    if task not in table():
        raise KeyError(f"No wordings for {task!r}; known are {', '.join(table())}.")
    return table()[task][held_out]


@cache
def tasks_about_a_step() -> tuple[str, ...]:
    """The tasks about one step or two of a run."""
    names = {task: set(re.findall(r"{(\w+)}", " ".join(trained))) for task, (trained, _) in table().items()}
    return tuple(task for task, used in names.items() if used & {"step", "after"} and "donor" not in used)


def wording(task: str, slots: dict, rng: Random, held_out: bool = False) -> str:
    """A query for a task. Slots: step, other (a step too), kind (None or absent: no kind is named), donor, and
    num_latent if it is not 6."""
    num_latent = slots.get("num_latent", NUM_LATENT)
    drawn = rng.random() if task == UNANSWERABLE else 1.0
    if drawn < NO_SUCH_STEP:
        slots = {"step": missing_step(num_latent, rng), "other": rng.randrange(num_latent), "kind": any_kind(rng)}
        task = rng.choice(tasks_about_a_step())
    elif drawn < NO_SUCH_STEP + SWAPPED:
        slots, task = {"step": rng.randrange(num_latent), "kind": "swap"}, rng.choice(SWAPPING)
    query = expanded(rng.choice(shapes(task, held_out)), RULES | slot_rules(slots, num_latent, rng), rng)
    return in_some_style(query, rng).replace(DONOR, str(slots.get("donor", "")))


class Plainest:
    """Draws the first of all choices."""

    def choice(self, choices):
        return choices[0]

    def choices(self, choices, k):
        return list(choices[:k])

    def randrange(self, stop):
        return 0

    def randint(self, low, high):
        return low


def plain_wording(task: str, slots: dict) -> str:
    """The plainest query for a task: the first of its sentences, with the first of all alternatives."""
    rules = RULES | slot_rules(slots, slots.get("num_latent", NUM_LATENT), Plainest())
    return expanded(shapes(task)[0], rules, Plainest()).replace(DONOR, str(slots.get("donor", "")))


def expanded(text: str, rules: dict[str, str], rng: Random) -> str:
    """A sentence with one of each (a|b) and with its rules filled in, those of a rule too."""
    sentence, filled = text, ""
    while filled != text:
        filled = text
        text = re.sub(r"\(([^()]*)\)", lambda found: rng.choice(found[1].split("|")), text)
        text = re.sub(r"{(\w+)}", lambda found: f"({rules[found[1]]})", text)
    assert not set(text) & set("(|){}"), (sentence, text)
    return capitalized(re.sub(r" +(?=[?.,:!]|$)", "", re.sub(" +", " ", text)).strip())


# --- Rules made from the slots ----------------------------------------------------------------------------------

NAMED = {"if_removed": " when {removed}| if {removed}| under {removal}", "without_step": "with {step} {removed}"}
UNNAMED = {"if_removed": "||| when {removed}| under {removal}", "without_step": "without {step}|if {step} {is_removed}"}


def slot_rules(slots: dict, num_latent: int, rng: Random) -> dict[str, str]:
    """What the slots of a question add to RULES."""
    kind = slots.get("kind")
    removals = dict(zip(("removed", "remove", "removing", "removal"), REMOVALS[kind], strict=True))
    rules = removals | (NAMED if kind else UNNAMED) | {"donor": DONOR}
    for name in {"step", "other"} & slots.keys():
        rules[name] = step_words(slots[name], num_latent)
    if "step" in slots:
        rules["after"] = after_words(slots["step"])
    rules["letters"] = "|".join("".join(rng.choices("abdefghijklmnoprstuvwz", k=rng.randint(3, 8))) for _ in range(3))
    real = rng.randrange(num_latent)
    real_too = (real + 1 + rng.randrange(max(1, num_latent - 1))) % num_latent
    return rules | {"real": step_words(real, num_latent), "real_too": step_words(real_too, num_latent)}


def word(words: list[str], n: int) -> str:
    return words[n] if n < len(words) else str(n)


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th…"""
    suffix = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def step_words(step: int, num_latent: int) -> str:
    """The names of a step, as a rule."""
    nth, spelled = ORDINALS[step] if step < len(ORDINALS) else ordinal(step + 1), word(NUMBERS, step)
    names = f"(step|step|step) {step}|step {spelled}|(latent step|step number|latent|thought) {step}|step(#| #|){step}"
    names += f"|the {nth} (step|step|latent step|thought|latent)|the {ordinal(step + 1)} (step|step|latent step)"
    if step == num_latent - 1:
        names += "|the (last|very last|final) step|the (last|final) (latent step|thought|step|latent)"
    return names + "|the (last but one|next to last) step" * (step == num_latent - 2 > 0)


def after_words(step: int) -> str:
    """The names of the moment after a step, as a rule; -1 is before the first."""
    if step < 0:
        return "before (any|the first) step|before (any step|the first step) is (done|made)|before step (0|zero)"
    moments = "after {step}|after {step}|after {step}|(right|just|directly) after {step}|with {step} done"
    moments += "|once {step} is (done|over|through)|when {step} is (done|over)"
    count = f"({word(NUMBERS, step + 1)}|{step + 1})"
    return f"{moments}|after (the first |){count} steps|with {count} steps done" if step else moments


def any_kind(rng: Random) -> str | None:
    """A kind of ablation, or half of the time none."""
    return rng.choice(tuple(REMOVALS)) if rng.random() < 0.5 else None


def missing_step(num_latent: int, rng: Random) -> int:
    """A step that a run does not have, most often one just beyond its last."""
    return num_latent + (rng.randrange(6) if rng.random() < 0.8 else rng.randrange(6, 90))


# --- Styles -----------------------------------------------------------------------------------------------------

QUESTION_OPENINGS = (
    "Please tell me: ", "I'd like to know: ", "I want to know: ", "Hey, ", "Hi, ", "So, ", "Ok, ", "Quick question: ",
    "Just wondering: ", "Can you tell me: ", "Do you know: ", "Sorry, ", "And ", "Hm, ", "Another thing: ", "Now, ",
    "Ok so ", "Um, ", "Hey so ", "Looking at this run: ", "For this trace, ", "Question: ", "Just curious, ",
    "Dear oracle, ", "Excuse me, ", "For my notes: ", "My teacher asks: ", "Not sure if you can tell, but ", "Well, ",
    "I have been looking at this run for a while, and now: ", "Maybe a silly question, but ", "Help me out here: ",
)  # fmt: skip
OPENINGS = ("Please, ", "Hey, ", "Ok, ", "Now, ", "Hi, ", "So: ", "Next: ")
ENDINGS = (" please", ", please", " thanks", ", thank you", ", if you can", " pls", ", ok")
AFTERWORDS = (
    " Thanks!",
    " Just curious.",
    " Thank you very much.",
    " I need it for my notes.",
    " Be short.",
    " No rush.",
)
CONTRACTIONS = {
    "what is": "what's", "where is": "where's", "when is": "when's", "how is": "how's",
    "what does": "what's", "does not": "doesn't", "do not": "don't", "would not": "wouldn't", "is not": "isn't",
    "it would": "it'd", "what would": "what'd", "did not": "didn't", "let us": "let's", "has not": "hasn't",
}  # fmt: skip
CHAT = {"please": "pls", "you": "u", "are": "r", "without": "w/o", "and": "&", "with": "w/", "want to": "wanna"}
PROTECTED = {*NUMBERS, *ORDINALS, "last", "next", "final", "once"}  # a slip neither touches nor makes these


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def uncapitalized(text: str) -> str:
    return text if re.match(r"I\b", text) else text[:1].lower() + text[1:]


def opened(text: str, rng: Random) -> str:
    """With a word of greeting or courtesy before it."""
    return rng.choice(QUESTION_OPENINGS if text.endswith("?") else OPENINGS) + uncapitalized(text)


def ended(text: str, rng: Random) -> str:
    """With a word of courtesy before its mark or behind it."""
    if text[-1] not in "?.":
        return text + rng.choice(ENDINGS)
    return rng.choice((text[:-1] + rng.choice(ENDINGS) + text[-1], text + rng.choice(AFTERWORDS)))


def replaced(text: str, words: dict[str, str]) -> str:
    """With words in place of others, the first letter as large as it was."""
    return re.sub(
        rf"\b({'|'.join(words)})\b(?= \w)",
        lambda found: (capitalized if found[0][0].isupper() else str)(words[found[0].lower()]),
        text, flags=re.I,
    )  # fmt: skip


def contracted(text: str, rng: Random) -> str:
    return replaced(text, CONTRACTIONS)


def as_in_a_chat(text: str, rng: Random) -> str:
    return replaced(text, CHAT)


def without_articles(text: str, rng: Random) -> str:
    return capitalized(re.sub(r"\b(the|a|an) (?=\w)", "", text, flags=re.I))


def without_auxiliary(text: str, rng: Random) -> str:
    """As by someone who asks "What it answers?" in a language of their own."""
    auxiliary = r"(^|\b(?:what|when|where|how) )(?:does|do|did|would|will|is|are|was) (?=\w)"
    return capitalized(re.sub(auxiliary, r"\1", text, count=1, flags=re.I))


def lower_case(text: str, rng: Random) -> str:
    return text.lower()


def without_mark(text: str, rng: Random) -> str:
    """Without what ends it, or with too much of it."""
    return text.rstrip("?.!") + rng.choice(("", "", "", "??" if text.endswith("?") else "..."))


def with_a_slip(text: str, rng: Random) -> str:
    """With two letters of a word swapped, or one dropped or doubled; never in a digit or a word for a number."""
    spans = [found.span() for found in re.finditer(r"\b[A-Za-z]{4,}\b", text) if found[0].lower() not in PROTECTED]
    if not spans:
        return text
    start, end = rng.choice(spans)
    at = rng.randrange(start + 1, end - 1)
    a, b = text[at], text[at + 1]
    slipped = text[start:at] + rng.choice((b + a, b, a + a + b)) + text[at + 2 : end]
    return text if slipped.lower() in PROTECTED else text[:start] + slipped + text[end:]


STYLES: tuple[tuple[Callable[[str, Random], str], float], ...] = (  # in this order, each with its chance
    (contracted, 0.3),
    (without_articles, 0.12),
    (without_auxiliary, 0.06),
    (as_in_a_chat, 0.06),
    (opened, 0.12),
    (ended, 0.05),
    (with_a_slip, 0.15),
    (with_a_slip, 0.06),
    (lower_case, 0.3),
    (without_mark, 0.25),
)


def in_some_style(text: str, rng: Random) -> str:
    for style, chance in STYLES:
        if rng.random() < chance:
            text = style(text, rng)
    return text
