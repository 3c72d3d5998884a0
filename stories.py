"""
Word problems made here, as endless as one likes and without a network: short stories of somebody's things, and sums.

    from stories import stories, outside
    next(stories("test", seed=0))  # ("Ava has 16 ducks. She sells 3 of them. How many …?", "<<16-3=13>>", 13)
    outside("Ava has 160 zebras.")  # ["160", "zebras"]

A story has 1 to 4 events, each of which is a step of its chain. Two things keep a model from shortcuts. Sums and
products take turns, and where days are named they are told in any order, so that a story cannot be worked out while
it is read. And some events change nothing, or undo each other, so that the number of events does not tell when the
result is there, which step matters or whether one has to think at all.

The splits are disjoint by arithmetic, not only by wording: a story's numbers and operations in order decide its split.
"""

import hashlib
import random
import re
from collections.abc import Iterator
from functools import cache

SPLITS = ("train", "validation", "test")
MAX_VALUE = 99  # every value on the way stays in 1..99, so that each number can be one token
MAX_EVENTS = 4
IDLE_SHARE = 0.28  # of the events, but for those that undo each other
UNDONE_SHARE = 0.3  # of the stories of two events or more, where one undoes the one before
# what a story's numbers can be, by operation; each event's own range is possible_operations()'s
OPERANDS = {"=": range(2, MAX_VALUE + 1), "+": range(2, 21), "-": range(2, 21), "*": range(2, 6), "/": range(2, 6)}
Arithmetic = list[tuple[str, int]]  # [("=", start), (operation, operand), …]; ("", 0) for an event that changes nothing

# --- Words ------------------------------------------------------------------------------------------------------

SHE = "Ava Cara Ella Emma Gina Iris Janet Kira Lucy Maria Mona Nina Olga Rosa Tina Vera Yara Zoe".split()
HE = "Adam Ben Carlos Dan Finn Hugo Jack Leo Liam Max Noah Paul Sam Tom Umar Will".split()
NAMES = SHE + HE
THINGS = (
    "apples balls beads books buttons candles cards chairs coins cookies cups ducks eggs fish flowers hats keys "
    "marbles oranges pears pencils pens plants shells shirts stamps stickers stones toys"
).split()
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")  # one thing happens a day
NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()  # may stand for digits, from 2
WORDED_SHARE = 0.12  # of such numbers
DAYS_SHARE = 0.6  # of the stories that name days
PRONOUN_SHARE = 0.4  # of the sentences after the first
THEY_SHARE = 0.2  # of the stories whose pronoun is "they"

# A word with ^ is a verb, in its form for "she"; {b} is a number, {things} what it is about.
OPENINGS = (
    "^has {b} {things}", "^owns {b} {things}", "^holds {b} {things}", "^starts with {b} {things}",
    "^keeps {b} {things} at home", "^has got {b} {things}",
)  # fmt: skip
EVENTS = {
    "+": (
        "^buys {b} more {things}", "^finds {b} more {things}", "^wins {b} extra {things}", "^earns {b} extra {things}",
        "^buys {b} {things}", "^finds {b} {things}", "^gets {b} {things} from a friend", "^gets {b} more",
        "^picks up {b} more", "^makes {b} new {things}", "^receives {b} {things}", "^adds {b} {things}",
    ),
    "-": (
        "^sells {b} old {things}", "^loses {b} old {things}", "^gives {b} {things} away", "^throws {b} {things} away",
        "^sells {b} {things}", "^sells {b} of them", "^loses {b} of them", "^gives away {b} {things}",
        "^gives {b} {things} to a friend", "^breaks {b} of the {things}", "^gives away {b} of them", "^loses {b}",
    ),
    "*": (
        "^takes {b} for each", "^receives {b} for each", "^swaps each for {b} new {things}",
        "^trades every one for {b} others", "^gets {b} in place of each one",
    ),
    "/": (
        "^splits {b} equal ways", "^shares {b} equal ways", "^keeps only one of {b} equal parts",
        "^splits them into {b} equal parts and ^keeps one", "^divides them equally by {b}",
    ),
    "": (
        "^goes for a walk", "^takes a nap", "^counts the {things}", "^cleans the {things}", "^visits a friend",
        "^reads a story", "^shows the {things} to a friend", "^looks at the {things}", "^does nothing at all",
        "^walks {n} miles", "^sleeps {n} hours", "^talks about the {things}",
    ),
}  # fmt: skip
SPECIAL = {  # (operation, operand): more ways to tell it
    ("*", 2): ("^doubles the {things}", "^doubles them"),
    ("*", 3): ("^triples the {things}",),
    ("/", 2): ("^loses half of the {things}", "^gives half of them away", "^sells half of the {things}"),
}
UNDOING = {  # the operation undone: (event, the event that undoes it)
    "-": (
        ("^lends {b} {things} to a friend", "^gets the {b} {things} back"),
        ("^puts {b} {things} away", "^takes the {b} {things} out again"),
        ("^loses {b} of the {things}", "^finds the {b} {things} again"),
    ),
    "+": (
        ("^borrows {b} {things}", "^gives the {b} {things} back"),
        ("^buys {b} {things}", "^returns the {b} {things} to the shop"),
    ),
}
QUESTIONS = (
    "How many {things} ^does {who} have?", "How many {things} ^does {who} own?", "How many {things} ^does {who} keep?",
    "How many {things} ^does {who} have now?", "How many {things} ^does {who} have in the end?",
    "How many {things} are left?", "How many {things} ^has {who} got?",
)  # fmt: skip
PLURAL = {"has": "have", "does": "do", "goes": "go", "is": "are"}  # verbs that do more than lose their s

# --- Arithmetic -------------------------------------------------------------------------------------------------


def random_arithmetic(rng: random.Random, events: int, idle: bool = True) -> Arithmetic:
    """Whole numbers, every value in 1..MAX_VALUE; without `idle` each event changes the value for good."""
    while True:
        value, kinds = rng.randint(2, MAX_VALUE), rng.choice((("+-", "*/"), ("*/", "+-")))
        arithmetic, left, effective = [("=", value)], events, 0
        undone = idle and events > 1 and rng.random() < UNDONE_SHARE
        undone_at = rng.randrange(events - 1) if undone else None
        while left:
            if events - left == undone_at:
                sums = [(o, k) for o, k in possible_operations(rng, value) if o in "+-"]
                if not sums:
                    break
                operation, operand = rng.choice(sums)
                arithmetic += [(operation, operand), ("-" if operation == "+" else "+", operand)]
                left -= 2
            elif idle and rng.random() < IDLE_SHARE:
                arithmetic.append(("", 0))
                left -= 1
            else:
                options = [(o, k) for o, k in possible_operations(rng, value) if o in kinds[effective % 2]]
                if not options:
                    break
                arithmetic.append(rng.choice(options))
                value, effective, left = apply(value, *arithmetic[-1]), effective + 1, left - 1
        if not left:
            return arithmetic


def possible_operations(rng: random.Random, value: int) -> list[tuple[str, int]]:
    """One (operation, operand) per operation that keeps the value in range."""
    operands = {
        "+": range(2, min(20, MAX_VALUE - value) + 1),
        "-": range(2, min(20, value - 1) + 1),
        "*": [k for k in (2, 3, 4, 5) if value * k <= MAX_VALUE],
        "/": [k for k in (2, 3, 4, 5) if value % k == 0],
    }
    return [(operation, rng.choice(choices)) for operation, choices in operands.items() if choices]


def apply(value: int, operation: str, operand: int) -> int:
    results = {"+": value + operand, "-": value - operand, "*": value * operand, "": value}
    return value // operand if operation == "/" else results[operation]


def chain_of(arithmetic: Arithmetic) -> tuple[str, int]:
    """`<<16-3=13>> <<13=13>> <<13*2=26>>`, the calculator-style working, and what it comes to."""
    value, steps = arithmetic[0][1], []
    for operation, operand in arithmetic[1:]:
        result = apply(value, operation, operand)
        steps.append(f"<<{value}{operation}{operand if operation else ''}={result}>>")
        value = result
    return " ".join(steps), value


def split_of(arithmetic: Arithmetic) -> str:
    bucket = hashlib.sha256(repr(arithmetic).encode()).digest()[0]
    return "test" if bucket < 26 else "validation" if bucket < 52 else "train"


# --- Telling ----------------------------------------------------------------------------------------------------


def stories(split: str, seed: int) -> Iterator[tuple[str, str, int]]:
    """Distinct (question, chain, answer), of 1, 2, 3, 4, 1, 2, … events, without end."""
    rng, seen = random.Random(f"word-problems/{split}/{seed}"), set()
    while True:
        arithmetic = random_arithmetic(rng, len(seen) % MAX_EVENTS + 1)
        if split_of(arithmetic) == split:
            question = tell(rng, arithmetic)
            if question not in seen:
                seen.add(question)
                yield question, *chain_of(arithmetic)


def story_pairs(split: str, seed: int) -> Iterator[tuple[tuple[str, str, int], tuple[str, str, int]]]:
    """Pairs of a story and the same story with one number changed, each (question, chain, answer), of 1, 2, 3, 4, 1, …
    events, without end. Both are of the split, and their answers differ."""
    rng, seen = random.Random(f"word-problems/pairs/{split}/{seed}"), set()
    while True:
        arithmetic = random_arithmetic(rng, len(seen) % MAX_EVENTS + 1)
        if split_of(arithmetic) != split:
            continue
        manner = rng.random()
        question = tell(random.Random(manner), arithmetic)
        for twin in twins_of(rng, arithmetic):
            other = tell(random.Random(manner), twin)
            is_other = split_of(twin) == split and chain_of(twin)[1] != chain_of(arithmetic)[1]
            if is_other and question not in seen and is_one_number_apart(question, other):
                seen.add(question)
                yield (question, *chain_of(arithmetic)), (other, *chain_of(twin))
                break


def twins_of(rng: random.Random, arithmetic: Arithmetic) -> Iterator[Arithmetic]:
    """The same with one number changed, wherever every value stays in range: each number's turn, in any order."""
    for place in rng.sample(range(len(arithmetic)), len(arithmetic)):
        operation, operand = arithmetic[place]
        others = [other for other in OPERANDS.get(operation, ()) if other != operand]
        for other in rng.sample(others, len(others)):
            twin = [*arithmetic[:place], (operation, other), *arithmetic[place + 1 :]]
            if is_in_range(twin):
                yield twin


def is_in_range(arithmetic: Arithmetic) -> bool:
    """Whether every value of a story is a whole number of 1 … MAX_VALUE."""
    value = arithmetic[0][1]
    for operation, operand in arithmetic[1:]:
        if operation == "/" and value % operand:
            return False
        value = apply(value, operation, operand)
        if not 1 <= value <= MAX_VALUE:
            return False
    return True


def is_one_number_apart(one: str, other: str) -> bool:
    """Whether two stories differ in one word, which is a number in both."""
    first, second = (text.replace(".", "").split() for text in (one, other))
    if len(first) != len(second):
        return False
    apart = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(apart) == 1 and all(word.isdigit() or word in NUMBERS for word in apart[0])


def equations(split: str, seed: int) -> Iterator[tuple[str, str, int]]:
    """Bare sums such as "12+5" of the kind the stories are made of, with chain and answer; not distinct, there are
    about 3000."""
    rng = random.Random(f"equations/{split}/{seed}")
    while True:
        chain, answer = chain_of(random_arithmetic(rng, 1, idle=False))
        yield chain[2:].partition("=")[0], chain, answer


def tell(rng: random.Random, arithmetic: Arithmetic) -> str:
    """The story of some arithmetic in words, with the question at its end; where days are named, in any order."""
    name = rng.choice(NAMES)
    pronoun = "they" if rng.random() < THEY_SHARE else "she" if name in SHE else "he"
    things = rng.choice(THINGS)

    def sentence(template: str, operand: int, before: str = "", after: str = "", first: bool = False) -> str:
        who = pronoun if not first and rng.random() < PRONOUN_SHARE else name
        b = NUMBERS[operand - 2] if 2 <= operand <= 12 and rng.random() < WORDED_SHARE else str(operand)
        text = template.format(b=b, n=rng.randint(2, 20), things=things, who=who)
        text = text if "^" not in text or text.endswith("?") else f"{who} {text}"
        text = f"{before}{text}{after}"
        return inflected(text[0].upper() + text[1:], plural=who == "they")

    sentences, dated = [], rng.random() < DAYS_SHARE
    events = templates(rng, arithmetic[1:])
    for day, (template, operand) in zip(DAYS[: len(arithmetic) - 1], events, strict=True):
        before, after = (f"On {day} ", ".") if dated and rng.random() < 0.75 else ("", f" on {day}." if dated else ".")
        if not dated and sentences and rng.random() < 0.25:
            before = "Then "
        sentences.append(sentence(template, operand, before, after))
    if dated:
        rng.shuffle(sentences)
    opening = sentence(rng.choice(OPENINGS), arithmetic[0][1], after=".", first=True)
    return " ".join([opening, *sentences, sentence(rng.choice(QUESTIONS), 0)])


def templates(rng: random.Random, events: Arithmetic) -> Iterator[tuple[str, int]]:
    """How each event is told: a template of EVENTS, SPECIAL or UNDOING, and its number."""
    pair = None
    for (operation, operand), later in zip(events, [*events[1:], None], strict=True):
        if pair:
            yield pair, operand
            pair = None
        elif operation in UNDOING and later == ("+" if operation == "-" else "-", operand):
            told, pair = rng.choice(UNDOING[operation])
            yield told, operand
        else:
            special = SPECIAL.get((operation, operand), ())
            yield rng.choice(special if special and rng.random() < 0.5 else EVENTS[operation]), operand


def inflected(text: str, plural: bool) -> str:
    """A sentence with its marked verbs in the singular or the plural."""
    return re.sub(r"\^(\w+)", lambda verb: plural_of(verb[1]) if plural else verb[1], text)


def plural_of(verb: str) -> str:
    return PLURAL.get(verb, verb.removesuffix("s"))


# --- What is no such story --------------------------------------------------------------------------------------


@cache
def vocabulary() -> frozenset[str]:
    """Every word that a story can have, in lower case."""
    tables = [OPENINGS, QUESTIONS, *EVENTS.values(), *SPECIAL.values(), *(sum(pairs, ()) for pairs in UNDOING.values())]
    texts = [text for table in tables for text in table]
    verbs = {verb for text in texts for verb in re.findall(r"\^(\w+)", text)}
    words = set(re.findall(r"[a-z]+", re.sub(r"{\w+}", "", " ".join(texts)).lower()))
    words |= {plural_of(verb) for verb in verbs} | {"on", "then", "she", "he", "they", *NUMBERS}
    return frozenset(words | {word.lower() for word in [*NAMES, *THINGS, *DAYS]})


def outside(question: str) -> list[str]:
    """What of a question no story has, so that a model of stories alone cannot know it: unknown words, numbers past
    MAX_VALUE. Empty for a story."""
    parts = re.findall(r"[-−+$]?\d[\d.,]*(?:%|[^\W\d_]+)?|[^\W\d_]+(?:['’][^\W\d_]+)*", question)
    parts = dict.fromkeys(part.rstrip(".,") for part in parts)
    return [part for part in parts if not re.fullmatch("[1-9][0-9]?", part) and part.lower() not in vocabulary()]
