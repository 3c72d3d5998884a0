"""
Math problems with gold answers: public data sets, your own files, and a story generator that needs no network.

    from problems import load_problems
    load_problems("word-problems", split="test", n=1000)
    load_problems("gsm8k")
    load_problems("my_questions.jsonl")

A data set is a row of DATASETS; a local file is read by the same field names. Nothing is read at import.
"""

import hashlib
import json
import math
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripting import UserError


@dataclass(frozen=True)
class Problem:
    """One question. `chain` is its calculator-style working ("<<16-3=13>> <<13*2=26>>") and `answer` its gold
    number; either is None where the data has none."""

    id: str
    question: str
    chain: str | None
    answer: float | None


# Field names under which the known data sets keep the same three things (REFERENCE: each card on the Hub).
QUESTION_FIELDS = ("question", "question_concat", "instruction")
CHAIN_FIELDS = ("cot", "chain")
ANSWER_FIELDS = ("answer", "Answer", "gold_answer", "response", "final_ans")

# name: (Hub id, config, the Hub splits behind each of our splits)
DATASETS = {
    "gsm8k": ("openai/gsm8k", "main", {"train": ["train"], "test": ["test"]}),
    "gsm8k-aug": (
        "zen-E/GSM8k-Aug",
        None,
        {"train": ["train"], "validation": ["validation"], "test": ["test"]},
    ),
    "svamp": ("ChilleD/SVAMP", None, {"test": ["train", "test"]}),
    "gsm-hard": ("juyoung-trl/gsm-hard", None, {"test": ["train"]}),
    "multi-arith": ("ChilleD/MultiArith", None, {"train": ["train"], "test": ["test"]}),
}
GENERATED = ("word-problems", "equations")
DATA_HELP = f"{', '.join([*DATASETS, *GENERATED])}, or a file of your own"

# an optional sign that no digit or letter precedes; digits, grouped by commas in threes or not; decimals
NUMBER = re.compile(r"(?<!\w)(?<!\d\.)[-−]?\$?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<!\.)\.\d+)")


def load_problems(data: str, split: str = "test", n: int | None = None, seed: int = 0) -> list[Problem]:
    """The first `n` problems (all when None) of a data set by name, of a generator, or of a local file by path.

    `seed` matters to the generators only. `n=None` gives 1000 generated problems. Raises UserError for an unknown
    name, split or file, a bad line, or an empty set.
    """
    if n is not None and n < 1:
        raise UserError(f"-n must be at least 1, not {n}.")
    if data in GENERATED:
        generate = word_problems if data == "word-problems" else equations
        return generate(split, 1000 if n is None else n, seed)
    if data in DATASETS:
        rows, source = hub_rows(data, split, n), f"{data}/{split}"
        problems = [problem_from(row, f"{source} row {i}", str(i)) for i, row in enumerate(rows)]
    elif os.path.isfile(data):
        problems, source = read_problems(Path(data), n), data
    else:
        raise UserError(f"No data set or file {data!r}. Give --data one of: {DATA_HELP}.")
    if not problems:
        raise UserError(f"{source} holds no questions. Try --data word-problems.")
    return problems


def hub_rows(data: str, split: str, n: int | None) -> list[dict]:
    """Rows of a data set on the Hub as dicts."""
    import datasets

    hub_id, config, splits = DATASETS[data]
    if split not in splits:
        raise UserError(f"{data} has no split {split!r}; it has: {', '.join(splits)}.")
    try:
        parts = [datasets.load_dataset(hub_id, config, split=part) for part in splits[split]]
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UserError(
            f"Could not fetch {hub_id} ({type(error).__name__}: {reason}). "
            "Without a network use --data word-problems, or --data with the path of a local copy."
        ) from error
    rows = datasets.concatenate_datasets(parts)
    return rows.select(range(min(n, len(rows)))).to_list() if n else rows.to_list()


def read_problems(path: Path, n: int | None = None) -> list[Problem]:
    """Problems of a .json list, a .jsonl file, or lines of `question||<<16-3=13>> <<13*2=26>> #### 26`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Could not read {path} as UTF-8 text: {error}.") from error
    if path.suffix == ".json":
        rows = json_row(text, str(path))
        if not isinstance(rows, list):
            raise UserError(f"{path}: a .json data file must be a list of objects, one per question.")
        return [problem_from(row, f"{path} item {i}", str(i)) for i, row in enumerate(rows[:n])]
    lines = [(i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip()][:n]
    parse = aug_row if "||" in (lines[0][1] if lines else "") and path.suffix != ".jsonl" else json_row
    return [
        problem_from(parse(line, f"{path}:{number}"), f"{path}:{number}", str(i))
        for i, (number, line) in enumerate(lines)
    ]


def json_row(line: str, where: str) -> dict:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: not valid JSON ({str(error)[:100]}).") from error


def aug_row(line: str, where: str) -> dict:
    """A line of GSM8k-Aug's text form, split into its three fields."""
    question, bar, rest = line.partition("||")
    chain, mark, answer = rest.rpartition("####")
    if not bar or not mark:
        raise UserError(f"{where}: expected 'question||chain #### answer'.")
    return {"question": question, "cot": chain.strip(), "answer": answer}


def problem_from(row: dict, where: str, default_id: str) -> Problem:
    """A Problem of one row of any known layout; `where` names the row in an error."""
    if not isinstance(row, dict):
        raise UserError(f"{where}: expected an object with a question, found {type(row).__name__}.")
    question = next((row[key] for key in QUESTION_FIELDS if row.get(key) is not None), None)
    if question is None and isinstance(row.get("Body"), str) and isinstance(row.get("Question"), str):
        question = f"{row['Body'].strip().removesuffix('.')}. {row['Question'].strip()}"  # SVAMP as first published
    if not isinstance(question, str) or not question.strip():
        raise UserError(f"{where}: no question; expected a text field named {' or '.join(QUESTION_FIELDS)}.")
    answer = next((row[key] for key in ANSWER_FIELDS if row.get(key) is not None), None)
    chain = next((row[key] for key in CHAIN_FIELDS if row.get(key) is not None), None)
    if not isinstance(chain, str | None):
        raise UserError(f"{where}: the chain must be text, not {chain!r:.60}.")
    if chain is None and isinstance(answer, str) and "####" in answer:
        chain = " ".join(re.findall(r"<<.*?>>", answer)) or None
    return Problem(str(row.get("id", default_id)), question.strip(), chain, gold_answer(answer, where))


def gold_answer(value, where: str = "answer") -> float | None:
    """The gold number of an answer field: a number, "18", "$1,080.00", or a worked text ending in "#### 18"."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UserError(f"{where}: the answer must be a number or text, not {value!r}.")
    text = str(value).rpartition("####")[2].strip()
    numbers = [as_float(match) for match in NUMBER.findall(text)] if isinstance(value, str) else [float(value)]
    if len(numbers) != 1 or numbers[0] is None or not math.isfinite(numbers[0]):
        raise UserError(f"{where}: the answer must hold one number, not {text[:60]!r}.")
    return numbers[0]


def extract_number(text: str) -> float | None:
    """The last number in `text`, or None when there is none.

    Understands thousands commas ("1,234", but "3,4" is two numbers), a leading minus, decimals, a dollar sign, and a
    full stop that ends the sentence ("is 18." is 18). A hyphen inside an expression ("16-3") is not a sign. Digits
    behind a letter ("x2") are not a number, before one ("18cm") they are.
    """
    numbers = NUMBER.findall(text)
    return as_float(numbers[-1]) if numbers else None


def as_float(number: str) -> float | None:
    """A match of NUMBER as a float; None when it is too large for one."""
    value = float(re.sub(r"[,$]", "", number).replace("−", "-"))
    return value if math.isfinite(value) else None


def number_text(number: float) -> str:
    """18.0 as "18", 2.5 as "2.5", and no exponents for whole numbers of any size."""
    return str(int(number)) if number == int(number) else repr(number)


def same_number(predicted: float | None, gold: float | None) -> bool:
    """Whether an answer is right, to one part in a million; no number is never right."""
    return predicted is not None and gold is not None and abs(predicted - gold) <= 1e-6 * max(1.0, abs(gold))


def same_answer(one: str, other: str) -> bool:
    """Whether two answers in words come to the same: to one number, or where neither has one, to the same text."""
    numbers = extract_number(one), extract_number(other)
    return one == other if numbers == (None, None) else same_number(*numbers)


def by_steps(problems: list[Problem], right: list[bool]) -> dict[str, dict[str, int]]:
    """{"2": {"correct": 3, "total": 4}, …} by the number of steps in the gold chain, of the problems that have one."""
    counts = {}
    for problem, is_right in zip(problems, right, strict=True):
        if problem.chain is not None:
            count = counts.setdefault(len(chain_steps(problem.chain)), {"correct": 0, "total": 0})
            count["correct"] += is_right
            count["total"] += 1
    return {str(steps): counts[steps] for steps in sorted(counts)}


def chain_steps(chain: str | None) -> list[str]:
    """The steps of a chain: its <<…>> marks where it has any, else its sentences."""
    if not chain:
        return []
    return re.findall(r"<<.*?>>", chain) or [part for part in re.split(r"(?<=\.)\s+", chain.strip()) if part]


def chain_results(chain: str | None) -> list[str]:
    """What each <<…=result>> of a chain comes to, as text; empty for a chain in sentences."""
    return re.findall(r"=([^=<>]*)>>", chain or "")


# --- Questions that are nearly the same -------------------------------------------------------------------------

SAME_FROM = 0.8  # Jaccard similarity of two questions' word triples


def near_duplicates(texts: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    """(i, j) wherever texts[i] and others[j] share SAME_FROM of their word triples, case and punctuation aside.

    Numbers are words: a story told again with other numbers is another question. Exact, by prefix filtering: sets that
    similar share one of their few rarest triples.
    """
    sets = [triples(text) for text in texts], [triples(text) for text in others]
    frequency = Counter(triple for side in sets for one in side for triple in one)
    rarest = lambda one: sorted(one, key=lambda triple: (frequency[triple], triple))[: rare_enough(len(one))]
    index = {}
    for j, one in enumerate(sets[1]):
        for triple in rarest(one):
            index.setdefault(triple, []).append(j)
    for i, one in enumerate(sets[0]):
        candidates = sorted({j for triple in rarest(one) for j in index.get(triple, ())})
        yield from ((i, j) for j in candidates if len(one & sets[1][j]) >= SAME_FROM * len(one | sets[1][j]))


def rare_enough(size: int) -> int:
    """How many of a set's triples another set as similar as SAME_FROM cannot all lack."""
    return size - math.ceil(SAME_FROM * size) + 1


def triples(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(zip(words, words[1:], words[2:], strict=False)) or frozenset([tuple(words)])


# --- Word problems of our own -----------------------------------------------------------------------------------

NAMES = (
    "Ava Ben Cara Dan Ella Finn Gina Hugo Iris Jack Kira Liam Mona Noah Olga Paul Rosa Sam Tina Umar Vera Will Yara Zoe"
).split()
THINGS = (
    "apples books coins cards eggs pens shells stamps stones toys cookies marbles buttons candles flowers stickers"
).split()
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")  # one thing happens a day
# Alternatives have the same number of words, so that stories of one number of steps fill a batch without padding.
OPENINGS = ("{name} has {b} {things}.", "{name} owns {b} {things}.", "{name} holds {b} {things}.")
SENTENCES = {
    "+": (
        "buys {b} more {things}.",
        "finds {b} more {things}.",
        "wins {b} extra {things}.",
        "earns {b} extra {things}.",
    ),
    "-": (
        "sells {b} old {things}.",
        "loses {b} old {things}.",
        "gives {b} {things} away.",
        "throws {b} {things} away.",
    ),
    "*": ("takes {b} for each.", "receives {b} for each."),
    "/": ("splits {b} equal ways.", "shares {b} equal ways."),
}
QUESTIONS = (
    "How many {things} does {name} have?",
    "How many {things} does {name} own?",
    "How many {things} does {name} keep?",
)
MAX_VALUE = 99  # every value on the way stays in 1..99, so that each number can be one token


def word_problems(split: str, n: int, seed: int = 0) -> list[Problem]:
    """`n` distinct stories, of 1, 2, 3, 4, 1, 2, … steps.

    The splits are disjoint by arithmetic, not only by wording: a story's start, operations and operands in order
    decide its split (80% train, 10% validation, 10% test), whatever the seed. A longer list begins with the shorter.
    """
    check_split(split)
    rng, seen, problems = random.Random(f"word-problems/{split}/{seed}"), set(), []
    while len(problems) < n:
        arithmetic = random_arithmetic(rng, steps=len(problems) % len(DAYS) + 1)
        if split_of(arithmetic) != split:
            continue
        question = tell(rng, arithmetic)
        if question in seen:
            continue
        seen.add(question)
        chain = chain_of(arithmetic)
        problems.append(Problem(f"{split}-{seed}-{len(problems)}", question, chain, float(chain_results(chain)[-1])))
    return problems


def equations(split: str, n: int, seed: int = 0) -> list[Problem]:
    """`n` bare sums such as "12+5" of the kind the stories are made of; not distinct, there are about 3000."""
    check_split(split)
    rng, problems = random.Random(f"equations/{split}/{seed}"), []
    while len(problems) < n:
        chain = chain_of(random_arithmetic(rng, 1))
        question = chain[2:].partition("=")[0]
        problems.append(Problem(f"{split}-{seed}-{len(problems)}", question, chain, float(chain_results(chain)[-1])))
    return problems


def check_split(split: str) -> None:
    if split not in ("train", "validation", "test"):
        raise UserError(f"No split {split!r}; word-problems has train, validation and test.")


def random_arithmetic(rng: random.Random, steps: int) -> list[tuple[str, int]]:
    """[("=", start), (operation, operand), …]: whole numbers, every value in 1..MAX_VALUE. Sums and products take
    turns, so that no run of steps can be added up in one go."""
    while True:
        value = rng.randint(2, MAX_VALUE)
        arithmetic, kinds = [("=", value)], rng.choice((("+-", "*/"), ("*/", "+-")))
        for step in range(steps):
            options = [option for option in possible_operations(rng, value) if option[0] in kinds[step % 2]]
            if not options:
                break
            operation, operand = rng.choice(options)
            value = apply(value, operation, operand)
            arithmetic.append((operation, operand))
        else:
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
    return {"+": value + operand, "-": value - operand, "*": value * operand, "/": value // operand}[operation]


def split_of(arithmetic: list[tuple[str, int]]) -> str:
    bucket = hashlib.sha256(repr(arithmetic).encode()).digest()[0]
    return "test" if bucket < 26 else "validation" if bucket < 52 else "train"


def chain_of(arithmetic: list[tuple[str, int]]) -> str:
    """`<<16-3=13>> <<13*2=26>>`, the calculator-style working."""
    value, steps = arithmetic[0][1], []
    for operation, operand in arithmetic[1:]:
        result = apply(value, operation, operand)
        steps.append(f"<<{value}{operation}{operand}={result}>>")
        value = result
    return " ".join(steps)


def tell(rng: random.Random, arithmetic: list[tuple[str, int]]) -> str:
    """The story of some arithmetic in words, with the question at its end. The days are told in any order, so that
    the story cannot be worked out while it is read."""
    words = {"name": rng.choice(NAMES), "things": rng.choice(THINGS)}
    opening = rng.choice(OPENINGS).format(b=arithmetic[0][1], **words)
    events = []
    for (operation, operand), day in zip(arithmetic[1:], DAYS[: len(arithmetic) - 1], strict=True):
        sentence = rng.choice(SENTENCES[operation]).format(b=operand, **words)
        events.append(f"On {day} {words['name']} {sentence}")
    rng.shuffle(events)
    return " ".join([opening, *events, rng.choice(QUESTIONS).format(**words)])
