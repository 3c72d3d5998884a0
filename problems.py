"""
Math problems with gold answers: public data sets, your own files, and a story generator that needs no network.

    from problems import load_problems
    load_problems("word-problems", split="test", n=1000)
    load_problems("gsm8k")
    load_problems("my_questions.jsonl")

A data set is a row of DATASETS; a local file is read by the same field names. Nothing is read at import.
"""

import csv
import hashlib
import io
import math
import os
import random
import re
import stat
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np

from files import parse_json, reason_of
from scripting import UserError, log


@dataclass(frozen=True)
class Problem:
    """One question. `chain` is its calculator-style working ("<<16-3=13>> <<13*2=26>>") and `answer` its gold
    number; either is None where the data has none."""

    id: str
    question: str
    chain: str | None
    answer: int | float | None  # an int only where a float would lose digits


class UnreadableAnswer(UserError):
    """An answer that is there, but is not one number."""


# Field names under which the known data sets keep the same three things (REFERENCE: each card on the Hub).
QUESTION_FIELDS = ("question", "question_concat", "instruction", "input", "sQuestion")
CHAIN_FIELDS = ("cot", "chain")
ANSWER_FIELDS = ("answer", "Answer", "gold_answer", "response", "final_ans", "target")

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

# --- What is a number in a text: see numbers_in()

LETTER = r"[^\W\d_²³¹¼-¾⁰-₉⅐-↉]"
DIGITS = r"\d+(?:_\d+)*"  # as float() has them
CURRENCY = r"(?:(?:US|CA|AU|NZ|HK)?\$|[€£¥₹]|USD|EUR|GBP)"
# What multiplies the number before it. Of single letters "m", "b" and "t" do so only in money, else they are units.
SCALE_WORD = r"(?i:hundred|thousand|lakh|crore|[mbtr]+illion|[bmt]n|[bm]ln)"
SCALE_LETTER = r"(?:[kKMB]|(?(money)[mbtT]|(?!)))"
SPACE = r"[ \t\u00a0\u2009\u202f]"
# one sign, before the currency or behind it; digits, grouped in threes or not; decimals; an exponent; a unit
NUMBER = re.compile(
    rf"(?P<sign>[-−+]?)(?P<money>{CURRENCY}[ \t]?)?(?P<second>[-−+]?)"
    rf"(?P<value>(?:[1-9]\d{{0,2}}(?:,\d{{3}})+|{DIGITS})(?:\.{DIGITS})?|\.{DIGITS})"
    rf"(?P<exponent>(?:\.?[eE][-+−]?{DIGITS})?)"
    rf"(?:(?!(?:[eE]|{SCALE_LETTER}|{SCALE_WORD})(?!{LETTER})|(?<=(?<!\d)0)[xX]){LETTER}+)?"
)
SEVERAL = re.compile(r"[-−+]?\$?[1-9]\d*(?:,[1-9]\d*)+")  # "3,4"
GROUP_OF_THREE = re.compile(r",\d{3}(?!\d)")
PIECE = re.compile(
    # a dash or plus behind a word, a number or a bracket is no sign, but one in "the answer - 5" may be
    r"(?P<joins>(?<=[\w)\]%])[-−–+]\s*|(?<=[\d)\]%])[ \t]+[-−–+][ \t]+)"
    r"|(?P<written>\\(?:[dt]?frac|sqrt)[^\s$]*|[¼-¾⅐-↉])"
    # all that is glued to a digit, whether it is a number then or not
    rf"|(?P<chunk>(?:[-−–][ \t]*|[+±√]){{0,3}}(?P<money>{CURRENCY}[ \t]?)?[-−+]?"
    r"(?:\d{4}-\d\d?-\d\d?(?!\w)|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\w)|\d|(?<![\w.])[.·٫٬]\d|(?<!\S),\d)"
    r"(?:[^\W_]|_+(?=[^\W_])|[.,:'’·٫٬](?=\d)|\.(?=[eE][-+−]?\d)|(?<=[\d.][eE])[-+−](?=\d)"
    r"|[ \t]?(?:[/⁄^]|\*\*)[ \t]?(?=\d)|(?:\\[,;!]|\{,\})(?=\d))*"
    # emphasis may end in between; "5 M&Ms" and "5 K-pop songs" are counted one by one
    rf"(?:[*_$]{{0,2}}(?:(?:{SPACE}{{1,2}}|-){SCALE_WORD}s?|{SPACE}{{1,2}}{SCALE_LETTER}(?![-&'’.]?{LETTER}))(?!\w))?)"
    # a word that holds digits is none, unless it goes on as a number does
    r"|[^\W\d_]\w*(?P<tail>(?<=\d)[.,:'’](?=\d)[\w.,]*\w)?"
)


def load_problems(data: str | Path, split: str = "test", n: int | None = None, seed: int = 0) -> list[Problem]:
    """The first `n` problems (all when None) of a data set by name, of a generator, or of a local file by path.

    `seed` matters to the generators only. `n=None` gives 1000 generated problems. Raises UserError for an unknown
    name, split or file, a bad line, or an empty set. A public data set's rows without a number are left out, and told.
    """
    if not isinstance(data, str | Path) or not isinstance(split, str):
        raise UserError(f"The data and its split must be given as text, not {shown(data)} and {shown(split)}.")
    check_counts(n, seed)
    data = str(data)
    if data in GENERATED:
        generate = word_problems if data == "word-problems" else equations
        return generate(split, 1000 if n is None else n, seed)
    if data in DATASETS:
        source = f"{data}/{split}"
        problems = public_problems(hub_rows(data, split, n), source)
    elif os.path.exists(data):
        problems, source = read_problems(Path(data), n), data
    else:
        raise UserError(f"No data set or file {data[:200]!r}. Give --data one of: {DATA_HELP}.")
    if not problems:
        raise UserError(f"{source} holds no questions. Try --data word-problems.")
    return problems


def check_counts(n: int | None, seed: int) -> None:
    """UserError for a number of problems, or a seed, that is none."""
    if n is not None and (type(n) is not int or n < 1):
        raise UserError(f"-n must be a whole number, at least 1, not {shown(n)}.")
    if type(seed) is not int or not 0 <= seed < 2**32:
        raise UserError(f"--seed must be a whole number from 0 to below 2**32, not {shown(seed)}.")


def public_problems(rows: list[dict], source: str) -> list[Problem]:
    """The problems of a public data set, less those whose answer is no number: nobody here can mend them."""
    problems, left_out = [], []
    for i, row in enumerate(rows):
        try:
            problems.append(problem_from(row, f"{source} row {i}", str(i)))
        except UnreadableAnswer:
            left_out.append(i)
    if left_out:
        log(
            f"Left out {len(left_out)} of {len(rows)} rows of {source}: no number in the answer "
            f"(first: row {left_out[0]})."
        )
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
        raise UserError(
            f"Could not fetch {hub_id} ({type(error).__name__}: {reason_of(error)}). "
            "Without a network use --data word-problems, or --data with the path of a local copy."
        ) from error
    rows = datasets.concatenate_datasets(parts)
    return rows.select(range(min(n, len(rows)))).to_list() if n else rows.to_list()


def read_problems(path: Path, n: int | None = None) -> list[Problem]:
    """The first `n` problems of a file, or of a pipe such as /dev/stdin: a JSON list, JSON lines, CSV or TSV with a
    header, or lines of `question||<<16-3=13>> <<13*2=26>> #### 26`; in UTF-8, or UTF-16 with its mark."""
    text = read_text(path)
    first = text.lstrip().partition("\n")[0]
    if path.suffix in (".csv", ".tsv") or is_header(first):
        rows = table_rows(text.lstrip("\r\n"), path, first)
    elif path.suffix == ".json" or first.startswith("["):
        rows = list_rows(text, path)
    else:
        rows = line_rows(text, path, aug_row if "||" in first and first[0] != "{" else json_row)
    return [problem_from(row, where, str(i)) for i, (where, row) in enumerate(islice(rows, n))]


def read_text(path: Path) -> str:
    """The text of a file or pipe; UserError where it is none."""
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise UserError(f"{path} is a folder or a device. Give --data a file, or pipe one in: --data /dev/stdin")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError(f"Could not read {path} ({reason_of(error)}). Give --data a file that you can read.") from error
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is no UTF-8 text ({reason_of(error)}). Convert it: iconv -f latin1 -t utf-8"
        ) from error
    if "\0" in text:
        raise UserError(f"{path} is no text: it holds NUL characters. Save it as UTF-8 text.")
    return text


def is_header(line: str) -> bool:
    """Whether a line names the columns of a table, in quotes or not."""
    cells = {cell.strip(' "\r') for cell in re.split(r"[,;\t]", line)}
    return not line.startswith(("{", "[")) and not cells.isdisjoint(QUESTION_FIELDS)


def table_rows(text: str, path: Path, header: str) -> Iterator[tuple[str, dict]]:
    """(where, row) of a table with a header; an empty cell is none."""
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        check_columns(reader.fieldnames, path)
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if None in row:
                raise UserError(f"{where}: more cells than the header has names. Put quotes around commas in a text.")
            yield where, {name: cell for name, cell in row.items() if cell}
    except csv.Error as error:
        raise UserError(f"{path}:{reader.line_num}: not valid CSV ({reason_of(error)}).") from error


def check_columns(names: list[str], path: Path) -> None:
    """UserError for a name that two columns have: which of them is meant cannot be known."""
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise UserError(f"{path}: more than one column is named {shown(twice[0])}. Rename or remove all but one.")


def list_rows(text: str, path: Path) -> Iterator[tuple[str, dict]]:
    """(where, row) of a JSON list; of JSON lines where it is none."""
    try:
        rows = parse_json(text)
    except ValueError as error:
        if text.lstrip().startswith("[") and path.suffix == ".json":
            raise UserError(f"{path}: not valid JSON ({reason_of(error)}).") from error
        yield from line_rows(text, path, json_row)
        return
    if not isinstance(rows, list):
        raise UserError(f"{path}: a .json data file must be a list of objects, one per question. Or name it .jsonl.")
    yield from ((f"{path} item {i}", row) for i, row in enumerate(rows))


def line_rows(text: str, path: Path, parse: Callable[[str, str], dict]) -> Iterator[tuple[str, dict]]:
    """(where, row) of each line that is not empty."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path}:{number}"
            yield where, parse(line, where)


def json_row(line: str, where: str) -> dict:
    try:
        return parse_json(line)
    except ValueError as error:
        raise UserError(f"{where}: not valid JSON ({reason_of(error)}).") from error


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
    question = first_of(row, QUESTION_FIELDS)
    if question is None and isinstance(row.get("Body"), str) and isinstance(row.get("Question"), str):
        question = f"{row['Body'].strip().removesuffix('.')}. {row['Question'].strip()}"  # SVAMP as first published
    if question is None and "Body" not in row:
        question = row.get("Question")
    if not isinstance(question, str) or not question.strip():
        raise UserError(f"{where}: no question; expected a text field named {' or '.join(QUESTION_FIELDS)}.")
    answer, chain = first_of(row, ANSWER_FIELDS), first_of(row, CHAIN_FIELDS)
    if answer is None and isinstance(row.get("lSolutions"), list) and len(row["lSolutions"]) == 1:
        answer = row["lSolutions"][0]  # MAWPS as first published
    elif answer is None:
        answer = row.get("lSolutions")
    if not isinstance(chain, str | None):
        raise UserError(f"{where}: the chain must be text, not {shown(chain)}.")
    if chain is None and isinstance(answer, str) and "####" in answer:
        chain = " ".join(re.findall(r"<<.*?>>", answer)) or None
    id = default_id if row.get("id") is None else row["id"]
    if type(id) not in (str, int, float):
        raise UserError(f"{where}: the id must be text or a number, not {shown(id)}.")
    return Problem(str(id), question.strip(), chain, gold_answer(answer, where))


def first_of(row: dict, names: tuple[str, ...]):
    """The first of some fields that a row has."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def gold_answer(value, where: str = "answer") -> int | float | None:
    """The gold number of an answer field: a number, "18", "$1,080.00", or a worked text ending in "#### 18". What is a
    number in a text is numbers_in()'s to say."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UserError(f"{where}: the answer must be a number or text, not {shown(value)}.")
    if isinstance(value, str):
        numbers = numbers_in(value.rpartition("####")[2])
    else:
        numbers = [exact_number(value)]
    if len(numbers) != 1 or not isinstance(numbers[0], int | float):
        raise UnreadableAnswer(f"{where}: the answer must hold one number, not {shown(value)}.")
    return numbers[0]


def shown(value) -> str:
    """The beginning of any value on one line, for a message."""
    try:
        return repr(value.rpartition("####")[2].strip() if isinstance(value, str) else value)[:60]
    except (ValueError, RecursionError):
        return f"a vast {type(value).__name__}"


def extract_number(text: str) -> int | float | None:
    """The last number in `text`; None when there is none, or when it cannot be read (see numbers_in)."""
    numbers = numbers_in(text)
    return numbers[-1] if numbers and not isinstance(numbers[-1], str) else None


def numbers_in(text: str) -> list[int | float | str]:
    """Every number in `text`, in order: those that can be read as numbers, the others as they are written.

    Read: what float() reads and is finite ("1e5", "2.0107e-06", ".5", "+5", "1_000", "٣", the "18." that ends a
    sentence); thousands in commas ("1,234"); a minus, also as "−"; a currency before it ("$5", "-$5", "$-5",
    "USD1,250"); a unit behind it ("18cm", "5%"). A comma between other digits parts two numbers ("3,4", "1,23"), and so
    does a hyphen or a sign of arithmetic ("16-3", "20-30": not a minus three). Digits behind a letter ("x2", "e5",
    "5 m2") belong to a word.

    Not read, so that no part of them is taken for the whole: "- 5" (a minus or a bullet), "--5", "±5", "5e", "1e400",
    "1e-400", "1.000.000", "1.2.3", "1.000,50", "0,5", "12,34,567", "1'000", "1 000", "12:30", "1/2", "3½", "5²",
    "√2", "10^5", "0x10", "5x3", "2024-01-02", "٫5", ",5"; and what a word or letter behind it multiplies, as
    "5k", "5 M", "5 bn", "$5 m", "5 million" ("5 m" is a length, and read).
    """
    found = []
    for piece in PIECE.finditer(text):
        if piece["chunk"]:
            found += read_chunk(piece["chunk"])
        elif piece["written"] or piece["tail"]:
            found.append(piece[0])
    return found


def read_chunk(chunk: str) -> list[int | float | str]:
    """The number that is all of `chunk`; where it is none, several numbers parted by commas, or the chunk itself."""
    match = NUMBER.fullmatch(chunk)
    if match and not (match["sign"] and match["second"]):
        sign = (match["sign"] or match["second"]).replace("−", "-")
        value = exact_number(sign + match["value"].replace(",", "") + match["exponent"].replace("−", "-"))
        if value is not None:
            return [value]
    elif SEVERAL.fullmatch(chunk) and not GROUP_OF_THREE.search(chunk):
        return [number for part in chunk.split(",") for number in read_chunk(part)]
    return ["".join(chunk.split())]


def exact_number(value: str | int | float) -> int | float | None:
    """`value` as a float, or where a float would lose digits of a whole number as an int; None where a float overflows
    or underflows."""
    try:
        number = float(value)
    except OverflowError:  # an int
        return None
    if not math.isfinite(number):
        return None
    if isinstance(value, str) and not number:
        return number if not Decimal(re.split("[eE]", value)[0]) else None
    if abs(number) < 2**53 or isinstance(value, float):
        return number
    exact = Decimal(value)
    return int(exact) if exact == int(exact) != number else number


def number_text(number: int | float) -> str:
    """18.0 as "18", 2.5 as "2.5", and no exponents for whole numbers of any size; numbers_in() reads it back."""
    return str(int(number)) if number == int(number) else repr(number)


RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-6, 0.005  # the smaller of the two counts; the second is half a cent


def same_number(predicted: int | float | None, gold: int | float | None) -> bool:
    """Whether an answer is right; no number is never right. Two whole numbers are equal or not, whatever their size;
    where one has decimals, they may differ by a millionth of the gold number, and by no more than 0.005."""
    if predicted is None or gold is None:
        return False
    if predicted % 1 == 0 and gold % 1 == 0:
        return predicted == gold
    return abs(predicted - gold) <= min(RELATIVE_TOLERANCE * abs(gold), ABSOLUTE_TOLERANCE)


def same_answer(one: str, other: str) -> bool:
    """Whether two answers in words come to the same: the same text, or the same numbers in the same order."""
    return one == other or bool(numbers := numbers_in(one)) and numbers == numbers_in(other)


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
SHARED = 4  # triples that two different sets as similar as that share at least: 4 of 5
BINS = 32  # the triples of a set are counted in so many bins; most sets differ by their counts already
NEAR = 15  # sets with a common triple to compare before the others must have one more in common
AT_ONCE = 50_000  # pairs compared in one go, to bound memory
MOST = 4_000_000  # choices of triples that are gone through, for the same reason; sets with more are compared
Pairs = tuple[np.ndarray, np.ndarray]  # as many of the first ones as of the second ones


class Alike:
    """Texts as sets of word triples, and the pairs of sets that are similar. Texts with the same set are one entry.

    Exact, by prefix filtering: of two sets as similar as SAME_FROM, the rarest triple that they share is among the few
    rarest of both, the second of these among the next few, and so on. So sets are compared that share such a triple.
    Where it is common, as in stories told from one template, only sets that share two such, then three, then SHARED.
    """

    def __init__(self, texts: list[str]):
        ids, places = {}, {}
        for i, text in enumerate(texts):
            row = sorted(ids.setdefault(triple, len(ids)) for triple in sorted(triples(text)))
            places.setdefault(array("i", row).tobytes(), []).append(i)
        self.members = list(places.values())  # of each entry, the places of its texts
        flat = np.frombuffer(b"".join(places), np.intc)
        self.size = np.array([len(row) // flat.itemsize for row in places], np.int64)
        self.start = self.size.cumsum() - self.size  # of each entry in self.flat
        self.different = max(1, len(ids))  # triples
        rank = np.bincount(flat, minlength=len(ids)).argsort(kind="stable").argsort()
        entry = np.repeat(np.arange(len(self.size)), self.size)
        self.flat = np.sort(entry * self.different + rank[flat]) % self.different  # entry by entry, the rarest first
        # two sets differ by as many triples, at least, as the counts of these do
        bins = np.bincount(entry * BINS + self.flat % BINS, minlength=len(self.size) * BINS)
        self.bins = bins.reshape(-1, BINS).astype(np.int32)  # (entry, bin)

    def sides(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The entries of the first `n` texts, and those of the rest; one may be of both."""
        ends = [(places[0] < n, places[-1] >= n) for places in self.members]
        return tuple(np.flatnonzero(side) for side in np.array(ends, bool).reshape(-1, 2).T)

    def pairs(self, asked: np.ndarray, known: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """All (one of `asked`, one of `known`) that are similar and differ in label, as arrays, some more than once.

        The labels may be changed on the way: pairs that then have the same are passed over, by the thousand.
        """
        yield from self.ordered_pairs(asked, known, label)
        if known is not asked:
            yield from ((b, a) for a, b in self.ordered_pairs(known, asked, label))

    def ordered_pairs(self, small: np.ndarray, large: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """pairs() of which the second set is as large as the first, or larger.

        Each round asks for one more triple in common, of what the last left: those with too many under their key.
        """
        small, large = Sharing.nothing(small), Sharing.nothing(large)
        for shared in range(1, SHARED + 1):
            small = self.sharing_one_more(small, *self.next_places(small, shared, 2 * SAME_FROM / (1 + SAME_FROM)))
            large = self.sharing_one_more(large, *self.next_places(large, shared, SAME_FROM))
            low, high = self.ranges(small, large)
            left, reach = np.flatnonzero(low < high), 0
            while len(left) and (reach < NEAR or shared == SHARED or self.choices(small.some(left), shared + 1) > MOST):
                width = min(reach + 1, max(1, AT_ONCE // len(left)))
                of, at = spans(low[left], np.minimum(low[left] + width, high[left]))
                yield from self.compared(small.entry[left[of]], large.entry[at], label)
                low[left] += width
                reach += width
                left = left[low[left] < high[left]]
                left = left[~all_equal(label[small.entry[left]], label[large.entry], low[left], high[left])]
            # of `large`, what is in the rest of some range goes on
            begins, ends = (np.bincount(at[left], minlength=len(large.entry) + 1) for at in (low, high))
            small, large = small.some(left), large.some(np.flatnonzero((begins - ends).cumsum()[:-1]))

    def next_places(self, sharing: "Sharing", shared: int, part: float) -> Pairs:
        """From where to where in each entry the next triple in common can stand, the `shared`-th. A similar set has at
        least this `part` of the entry's triples, and those not yet shared must come behind."""
        size = self.size[sharing.entry]
        least = np.ceil(part * size - 1e-6).astype(np.int64)
        return sharing.place + 1, np.minimum(size, size - least + shared)

    def choices(self, sharing: "Sharing", shared: int) -> int:
        """How many entries sharing_one_more() has at most, in the larger sets."""
        low, high = self.next_places(sharing, shared, SAME_FROM)
        return np.maximum(high - low, 0).sum()

    def sharing_one_more(self, sharing: "Sharing", low: np.ndarray, high: np.ndarray) -> "Sharing":
        of, place = spans(low, high)
        triple = self.flat[self.start[sharing.entry[of]] + place]
        return Sharing(sharing.entry[of], place, sharing.key[of] * self.different + triple)

    def ranges(self, small: "Sharing", large: "Sharing") -> tuple[np.ndarray, np.ndarray]:
        """From where to where in `large`, which is sorted for it, stand those with the key of each of `small`, its size
        or a larger one, and not too large to be similar."""
        number = np.unique(np.concatenate([small.key, large.key]), return_inverse=True)[1]
        small.key, large.key = number[: len(small.key)], number[len(small.key) :]
        scale = 2 * self.size.max(initial=0) + 2  # above any size asked for
        large.sort(by=large.key * scale + self.size[large.entry])
        stands, size = large.key * scale + self.size[large.entry], self.size[small.entry]
        low = np.searchsorted(stands, small.key * scale + size)
        return low, np.searchsorted(stands, small.key * scale + (size / SAME_FROM).astype(np.int64) + 1)

    def compared(self, one: np.ndarray, other: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """The pairs (one[i], other[i]) that are similar and whose labels differ."""
        for at in range(0, len(one), AT_ONCE):
            a, b = one[at : at + AT_ONCE], other[at : at + AT_ONCE]
            wanted = label[a] != label[b]
            a, b = a[wanted], b[wanted]
            different = abs(self.bins[a] - self.bins[b]).sum(1)  # triples in one set only, at least
            close = self.enough((self.size[a] + self.size[b] - different) / 2, a, b)
            a, b = divmod(np.unique(a[close] * len(self.size) + b[close]), len(self.size))
            similar = self.enough(self.count_shared(a, b), a, b)
            if similar.any():
                yield a[similar], b[similar]

    def enough(self, shared: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return shared >= SAME_FROM * (self.size[a] + self.size[b] - shared)

    def count_shared(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        both = []
        for side in (a, b):
            pair, at = spans(self.start[side], self.start[side] + self.size[side])
            both.append(pair * self.different + self.flat[at])
        both = np.sort(np.concatenate(both))
        return np.bincount(both[1:][both[1:] == both[:-1]] // self.different, minlength=len(a))


@dataclass
class Sharing:
    """Entries under the rarest triples that they share with others: equal keys for the same triples, of which the last
    is at `place` in the entry. An entry is here once for each choice of triples."""

    entry: np.ndarray
    place: np.ndarray
    key: np.ndarray

    @classmethod
    def nothing(cls, entry: np.ndarray) -> "Sharing":
        return cls(entry, np.full(len(entry), -1), np.zeros(len(entry), np.int64))

    def some(self, at: np.ndarray) -> "Sharing":
        return Sharing(self.entry[at], self.place[at], self.key[at])

    def sort(self, by: np.ndarray) -> None:
        order = by.argsort(kind="stable")
        self.entry, self.place, self.key = self.entry[order], self.place[order], self.key[order]


def spans(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(i, each of low[i] … high[i] - 1) for every i in order, as two arrays."""
    count = np.maximum(high - low, 0)
    of = np.repeat(np.arange(len(low)), count)
    return of, np.arange(len(of)) + (low - count.cumsum() + count)[of]


def all_equal(one: np.ndarray, many: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether one[i] equals each of many[low[i]:high[i]], which is not empty."""
    changes = np.concatenate([[0], (many[1:] != many[:-1]).cumsum()])
    return (one == many[low]) & (changes[low] == changes[high - 1])


def near_duplicates(texts: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    """(i, j) wherever texts[i] and others[j] share SAME_FROM of their word triples, case and punctuation aside.

    Numbers are words: a story told again with other numbers is another question. All pairs: of a thousand copies a
    million; first_duplicate_of() and duplicate_groups() need not go through them.
    """
    alike = Alike([*others, *texts])
    known, asked = alike.sides(len(others))
    found = {entry: {entry} for entry in asked.tolist()}
    for a, b in alike.pairs(asked, known, np.arange(len(alike.members))):
        for entry, other in zip(a.tolist(), b.tolist(), strict=True):
            found[entry].add(other)
    for entry, similar in found.items():
        js = sorted(j for other in similar for j in alike.members[other] if j < len(others))
        yield from ((i - len(others), j) for i in alike.members[entry] if i >= len(others) for j in js)


def first_duplicate_of(texts: list[str], others: list[str]) -> dict[int, int]:
    """{i: j} for each texts[i] that near_duplicates() finds among `others`, in the order of `texts`; j is one of its
    duplicates, the first with the same words where there is any."""
    alike = Alike([*others, *texts])
    known, asked = alike.sides(len(others))
    found = {entry: entry for entry in known.tolist()}
    label = np.ones(len(alike.members), np.int64)  # 0 for `others` and what has been found
    label[known] = 0
    for a, b in alike.pairs(asked[label[asked] == 1], known, label):
        found |= zip(a.tolist(), b.tolist(), strict=True)
        label[a] = 0
    first = {i - len(others): alike.members[other][0] for entry, other in found.items() for i in alike.members[entry]}
    return {i: first[i] for i in sorted(first) if i >= 0}


def duplicate_groups(texts: list[str]) -> list[int]:
    """The group of each text: the place of the first text of all that a chain of near-duplicates joins to it."""
    alike = Alike(texts)
    entries = np.arange(len(alike.members))
    group = entries.copy()  # the first entry of the group
    for a, b in alike.pairs(entries, entries, group):
        join(group, a, b)
    groups = [0] * len(texts)
    for entry, places in enumerate(alike.members):
        for i in places:
            groups[i] = alike.members[group[entry]][0]
    return groups


def join(group: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Make one group of those of a[i] and b[i], for each i; group[x] is the first of the group of x."""
    while (group[a] != group[b]).any():
        one, other = group[a], group[b]
        np.minimum.at(group, np.maximum(one, other), np.minimum(one, other))
        while (group[group] != group).any():
            group[:] = group[group]


def triples(text: str) -> frozenset[tuple[str, ...]]:
    words = [sys.intern(word) for word in re.findall(r"\w+", text.lower())]
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
    check_counts(n, seed)
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
    check_counts(n, seed)
    rng, problems = random.Random(f"equations/{split}/{seed}"), []
    while len(problems) < n:
        chain = chain_of(random_arithmetic(rng, 1))
        question = chain[2:].partition("=")[0]
        problems.append(Problem(f"{split}-{seed}-{len(problems)}", question, chain, float(chain_results(chain)[-1])))
    return problems


def check_split(split: str) -> None:
    if split not in ("train", "validation", "test"):
        raise UserError(f"No split {shown(split)}; word-problems has train, validation and test.")


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
