"""
Problems with gold answers: public data sets, your own files, and the stories of stories.py.

    from problems import load_problems
    load_problems("word-problems", split="test", n=1000)
    load_problems("commonsenseqa")
    load_problems("my_questions.jsonl")

A data set is a row of DATASETS; a local file is read by the same field names. Nothing is read at import.

How an answer is judged is a key of answers.JUDGES: number, choice, yes-no or text. A row of your own file may say it in
"answer_type". Where it does not, the first answer of the file decides for all that do not: a number where it holds one;
yes-no for yes, no, true and false; choice for the letter or the text of one of the choices, which stand in the question
("A: bank B: river") or in "choices"; else text.
"""

import csv
import io
import os
import re
import stat
from argparse import Action
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from answers import (
    JUDGES,
    UnreadableAnswer,
    choices_in,
    gold_choice,
    gold_text,
    gold_yes_no,
    is_right,
    judge_of,
    same_answer,
    shown,
)
from files import parse_json, reason_of
from scripting import UserError, log, positive_int, whole_number
from stories import SPLITS, stories
from stories import equations as sums


@dataclass(frozen=True)
class Problem:
    """One question. `chain` is its working in steps, calculator-style ("<<16-3=13>> <<13*2=26>>") or in words, and
    `answer` its gold answer; either is None where the data has none."""

    id: str
    question: str
    chain: str | None
    answer: int | float | str | None  # an int only where a float would lose digits, a text where it is no number
    judge: str = "number"  # key of JUDGES

    @property
    def answer_text(self) -> str:
        """The gold answer in words."""
        return gold_text(self.answer)

    def read(self, text: str):
        """What a model's text answers; None where that cannot be told."""
        return JUDGES[self.judge].read(text, self.question)

    def is_right(self, text: str) -> bool:
        return is_right(text, self.answer, self.judge, self.question)

    def same(self, first: str, second: str) -> bool:
        """Whether two answers come to the same."""
        return same_answer(first, second, self.judge, self.question)

    def told(self) -> dict:
        """All of it as data, for a digest. As earlier versions knew numbers alone, that judge is not told."""
        return {name: value for name, value in vars(self).items() if (name, value) != ("judge", "number")}


# Field names under which the known data sets keep the same things (REFERENCE: each card on the Hub).
QUESTION_FIELDS = ("question", "question_concat", "instruction", "input", "sQuestion")
CHAIN_FIELDS = ("cot", "chain")
ANSWER_FIELDS = ("answer", "Answer", "gold_answer", "answerKey", "response", "final_ans", "target")
CHOICE_FIELDS = ("choices", "options")
JUDGE_FIELD = "answer_type"


@dataclass(frozen=True)
class DataSet:
    """A public data set."""

    id: str  # on the Hub; or "json", for files elsewhere
    splits: dict[str, list[str]]  # the Hub's splits, or the files' addresses, behind each of our splits
    config: str | None = None
    judge: str = "number"


def same_splits(*names: str) -> dict[str, list[str]]:
    return {name: [name] for name in names}


COCONUT = "https://raw.githubusercontent.com/facebookresearch/coconut/27273cb8cca4bb763c041a63b036d0c3b7cbbb48"
PROSQA = f"{COCONUT}/data/prosqa_%s.json"
DATASETS = {
    "gsm8k": DataSet("openai/gsm8k", same_splits("train", "test"), "main"),
    "gsm8k-aug": DataSet("zen-E/GSM8k-Aug", same_splits("train", "test")),
    "gsm8k-aug-nl": DataSet("zen-E/GSM8k-Aug-NL", same_splits("train")),  # its questions are tested on gsm8k
    "svamp": DataSet("ChilleD/SVAMP", {"test": ["train", "test"]}),
    "gsm-hard": DataSet("juyoung-trl/gsm-hard", {"test": ["train"]}),
    "multi-arith": DataSet("ChilleD/MultiArith", same_splits("train", "test")),
    # the public scripts test on the validation split, as the test split has no answers; so none is left to validate on
    "commonsenseqa": DataSet(
        "zen-E/CommonsenseQA-GPT4omini", {"train": ["train"], "test": ["validation"]}, judge="choice"
    ),
    "strategyqa": DataSet("zen-E/StrategyQA_CoT_GPT4o", same_splits("train"), judge="yes-no"),
    # only as the makers of Coconut published it
    "prosqa": DataSet(
        "json",
        {"train": [PROSQA % "train"], "validation": [PROSQA % "valid"], "test": [PROSQA % "test"]},
        judge="text",
    ),
    # has no chains; train on files made as Coconut's README says, whose questions are worded alike
    "prontoqa": DataSet("renma/ProntoQA", {"test": ["validation"]}, judge="yes-no"),
}
GENERATED = ("word-problems", "equations")
DATA_HELP = f"{', '.join([*DATASETS, *GENERATED])}, or a file of your own"


class OneOrSeveral(Action):
    """Keeps one value as it is, several as a list."""

    def __call__(self, parser, args, values, option_string=None):
        setattr(args, self.dest, values[0] if len(values) == 1 else values)


def add_data_arguments(parser, seeds: str = "generated questions", several: bool = False) -> None:
    """-n, --data, --split, --seed; with `several`, --data may name more than one data set."""
    more = {"nargs": "+", "action": OneOrSeveral} if several else {}
    each = " of each data set" if several else ""
    parser.add_argument("-n", type=positive_int, help=f"the first N questions{each} (default: all; 1000 generated)")
    parser.add_argument("--data", help=f"{DATA_HELP} (default: gsm8k with CUDA, else word-problems)", **more)
    parser.add_argument("--split", default="test", help="default: test")
    parser.add_argument("--seed", type=whole_number, default=0, help=f"of {seeds}")


def default_data() -> str:
    import torch

    return "gsm8k" if torch.cuda.is_available() else "word-problems"


def names_of(data: str | list[str]) -> list[str]:
    """The data sets of a --data that may name several."""
    return data if isinstance(data, list) else [data]


def load_all(data: str | list[str], split: str = "test", n: int | None = None, seed: int = 0) -> list[Problem]:
    """load_problems() of one data set, or of several one after the other, the first `n` of each."""
    return [problem for name in names_of(data) for problem in load_problems(name, split, n, seed)]


def load_problems(data: str | Path, split: str = "test", n: int | None = None, seed: int = 0) -> list[Problem]:
    """The first `n` problems (all when None) of a data set by name, of a generator, or of a local file by path.

    `seed` matters to the generators only. `n=None` gives 1000 generated problems. Raises UserError for an unknown
    name, split or file, a bad line, or an empty set. A public data set's rows whose answer is none of its kind are left
    out, and told.
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
        problems = public_problems(hub_rows(data, split, n), source, DATASETS[data].judge)
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


def public_problems(rows: list[dict], source: str, judge: str = "number") -> list[Problem]:
    """The problems of a public data set, less those whose answer is none of its kind: nobody here can mend them."""
    problems, left_out = [], []
    for i, row in enumerate(rows):
        try:
            problems.append(problem_from(row, f"{source} row {i}", str(i), judge))
        except UnreadableAnswer:
            left_out.append(i)
    if left_out:
        log(
            f"Left out {len(left_out)} of {len(rows)} rows of {source}: no {judge} in the answer "
            f"(first: row {left_out[0]})."
        )
    return problems


def hub_rows(data: str, split: str, n: int | None) -> list[dict]:
    """Rows of a data set on the Hub as dicts."""
    import datasets

    known = DATASETS[data]
    if split not in known.splits:
        raise UserError(f"{data} has no split {split!r}; it has: {', '.join(known.splits)}.")
    try:
        if known.id == "json":
            parts = [datasets.load_dataset("json", data_files=part, split="train") for part in known.splits[split]]
        else:
            parts = [datasets.load_dataset(known.id, known.config, split=part) for part in known.splits[split]]
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise UserError(
            f"Could not fetch {data if known.id == 'json' else known.id} ({type(error).__name__}: {reason_of(error)}). "
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
    return list(judged_alike(islice(rows, n)))


def judged_alike(rows: Iterator[tuple[str, dict]]) -> Iterator[Problem]:
    """The problems of (where, row); those that do not say how they are judged are judged as the first answer is."""
    judge = None
    for i, (where, row) in enumerate(rows):
        try:
            problem = problem_from(row, where, str(i), judge)
        except UnreadableAnswer as error:
            raise UnreadableAnswer(f"{error} Mend it, or say its kind in answer_type: {', '.join(JUDGES)}.") from error
        if problem.answer is not None and row.get(JUDGE_FIELD) is None:
            judge = problem.judge
        yield problem


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


def problem_from(row: dict, where: str, default_id: str, judge: str | None = None) -> Problem:
    """A Problem of one row of any known layout, its answer judged as the row says, else by `judge`, else as it looks;
    `where` names the row in an error."""
    if not isinstance(row, dict):
        raise UserError(f"{where}: expected an object with a question, found {type(row).__name__}.")
    question, answer = question_of(row, where), first_of(row, ANSWER_FIELDS)
    if answer is None and row.get("lSolutions") is not None:  # MAWPS as first published
        answer, judge = row["lSolutions"], "number"
        answer = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
    question, answer = with_choices(question, answer, first_of(row, CHOICE_FIELDS), where)
    judge = row.get(JUDGE_FIELD) or judge or judge_of(answer, question)
    if not isinstance(judge, str) or judge not in JUDGES:
        raise UserError(f"{where}: the answer_type is {shown(judge)}; known are {', '.join(JUDGES)}.")
    id = default_id if row.get("id") is None else row["id"]
    if type(id) not in (str, int, float):
        raise UserError(f"{where}: the id must be text or a number, not {shown(id)}.")
    gold = None if answer is None else JUDGES[judge].gold(answer, where, question)
    return Problem(str(id), question, chain_of(row, answer, where), gold, judge)


def question_of(row: dict, where: str) -> str:
    """The question of a row."""
    question = first_of(row, QUESTION_FIELDS)
    if question is None and isinstance(row.get("Body"), str) and isinstance(row.get("Question"), str):
        question = f"{row['Body'].strip().removesuffix('.')}. {row['Question'].strip()}"  # SVAMP as first published
    if question is None and "Body" not in row:
        question = row.get("Question")
    if not isinstance(question, str) or not question.strip():
        raise UserError(f"{where}: no question; expected a text field named {' or '.join(QUESTION_FIELDS)}.")
    if isinstance(row.get("context"), str) and "options" in row:  # ProntoQA on the Hub, in Coconut's words
        asked = re.sub(r"^Is the following statement true or false\? ", "True or false: ", question.strip())
        return f"{row['context'].strip()} {asked}"
    return question.strip()


def chain_of(row: dict, answer, where: str) -> str | None:
    """The chain of a row: its field, the marks in a worked answer, or its list of steps, a line each."""
    chain, steps = first_of(row, CHAIN_FIELDS), row.get("steps")
    if not isinstance(chain, str | None):
        raise UserError(f"{where}: the chain must be text, not {shown(chain)}.")
    if chain is None and isinstance(answer, str) and "####" in answer:
        return " ".join(re.findall(r"<<.*?>>", answer)) or None
    if chain is None and steps is not None:
        if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
            raise UserError(f"{where}: the steps must be a list of texts, not {shown(steps)}.")
        return "\n".join(" ".join(step.split()) for step in steps) or None
    return chain


def with_choices(question: str, answer, choices, where: str) -> tuple[str, object]:
    """A question that lists its choices, and its answer; of a choice between true and false, the answer is the word.
    `choices` is the field of a row: a list, {"A": text, …}, CommonsenseQA's {"label": …, "text": …}, or in a table a
    text that lists them."""
    if choices is None:
        return question, answer
    if isinstance(choices, dict) and set(choices) == {"label", "text"}:
        choices = choices["text"]
    texts = choices_in(choices) if isinstance(choices, str) else choices
    texts = list(texts.values()) if isinstance(texts, dict) else texts
    if not isinstance(texts, list) or len(texts) < 2 or not all(type(text) in (str, int, float) for text in texts):
        raise UserError(f"{where}: the choices must be two or more, as ['hen', 'duck'], not {shown(choices)}.")
    letters = [chr(ord("A") + i) for i in range(len(texts))]
    pairs = zip(letters, map(str, texts), strict=True)
    texts = [re.sub(rf"^\(?{letter}[).:]\s*", "", text).strip() for letter, text in pairs]
    listed = "\n".join(f"{letter}: {text}" for letter, text in zip(letters, texts, strict=True))
    if all(map(gold_yes_no, texts)):
        letter = gold_choice(answer, listed)
        return question, answer if letter is None else texts[letters.index(letter)]
    return question if choices_in(question) else f"{question}\nChoices:\n{listed}", answer


def first_of(row: dict, names: tuple[str, ...]):
    """The first of some fields that a row has."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def judges_of(problems: list[Problem]) -> dict[str, int]:
    """{"number": 40, "choice": 60}: how many problems are judged by which judge."""
    return dict(Counter(problem.judge for problem in problems))


def by_steps(problems: list[Problem], right: list[bool]) -> dict[str, dict[str, int]]:
    """{"2": {"correct": 3, "total": 4}, …} by the number of steps in the gold chain, of the problems that have one."""
    counts = {}
    for problem, was_right in zip(problems, right, strict=True):
        if problem.chain is not None:
            count = counts.setdefault(len(chain_steps(problem.chain)), {"correct": 0, "total": 0})
            count["correct"] += was_right
            count["total"] += 1
    return {str(steps): counts[steps] for steps in sorted(counts)}


def chain_steps(chain: str | None) -> list[str]:
    """The steps of a chain: its <<…>> marks where it has any, else its lines where it has several, else its
    sentences."""
    if not chain:
        return []
    between = r"\n\s*" if "\n" in chain.strip() else r"(?<=\.)\s+"
    return re.findall(r"<<.*?>>", chain) or [part for part in re.split(between, chain.strip()) if part]


def chain_results(chain: str | None) -> list[str]:
    """What each <<…=result>> of a chain comes to, as text; empty for a chain in sentences."""
    return re.findall(r"=([^=<>]*)>>", chain or "")


# --- Word problems of our own -----------------------------------------------------------------------------------


def word_problems(split: str, n: int, seed: int = 0) -> list[Problem]:
    """`n` distinct stories, of 1, 2, 3, 4, 1, 2, … events. A longer list begins with the shorter."""
    return generated(stories, split, n, seed)


def equations(split: str, n: int, seed: int = 0) -> list[Problem]:
    """`n` bare sums such as "12+5"."""
    return generated(sums, split, n, seed)


def generated(generator, split: str, n: int, seed: int) -> list[Problem]:
    if split not in SPLITS:
        raise UserError(f"No split {shown(split)}; word-problems has {', '.join(SPLITS[:-1])} and {SPLITS[-1]}.")
    check_counts(n, seed)
    rows = enumerate(islice(generator(split, seed), n))
    return [Problem(f"{split}-{seed}-{i}", question, chain, float(answer)) for i, (question, chain, answer) in rows]
