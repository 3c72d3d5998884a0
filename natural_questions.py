"""
Questions as people type them, in several manners, put to an oracle: what it makes of English it did not learn from.

    from natural_questions import QUESTIONS, ask_naturally, read_questions
    ask_naturally(oracle, reader, traces, read_questions(QUESTIONS), results, seed=0)

Each row of the file is {"manner", "query", "task", "slots"}; its answer is known from the trace, by the task and slots
that a person read in it. The oracle is given the query alone: also which step it is about is read from its words.
Intervals are bootstrapped over the typed questions, each of which is asked about several traces.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from random import Random

import numpy as np

from files import check_fields, parse_json
from oracle_metrics import METRICS, Answer, Item, Metric, best_constants, how_sure, main_metric, refusing, scored
from oracle_model import Oracle, ask_about, replies
from oracle_prompts import PARTS, Prompt, VectorReader
from oracle_questions import Question, all_questions, ask, kinds_of
from oracle_replies import DEFAULT_KIND, REMOVED, TASKS
from scores import Scored, bootstrap_interval, interval_text, score_row
from scripting import UserError, add_row, log_once, new_table, shared
from traces import Trace, lines_of
from wordings import UNANSWERABLE

QUESTIONS = Path(__file__).parent / "tests" / "data" / "natural_questions.jsonl"
NUM_LATENT = 6  # the questions are about runs of six steps: they say "the last step", and name steps beyond it
TRACES_EACH = 3  # that a question is asked about
CONSTANT_TRACES = 100  # on which the best constant answer to a query is chosen, at most
LEARNED = {"researcher", "student", "terse"}  # manners that the sentences of sentences.py were learned from
NEED_KIND = {
    "critical", "redundant", "step_effect", "effect_yes_no", "cut_yes_no", "effect_and_value", "summary",
}  # fmt: skip
NEED_DECODES = {"early_decode", "already_yes_no", "convergence", "evolution", "summary"}
FIELDS = {"manner": (str,), "query": (str,), "task": (str,), "slots": (dict,)}
SLOTS = {"step": (int,), "other": (int,), "kind": (str,), "why": (str,)}
REMEDY = "Each line is an object of manner, query, task and slots."

# --- What is asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """A question that someone typed, and what it asks for."""

    number: int  # in the file
    manner: str
    query: str
    task: str
    slots: dict

    @property
    def shows(self) -> tuple[str, ...]:
        """What is shown: not the question where it is asked for what that names."""
        return ("output", "trace") if self.slots.get("why") == "unknown" else PARTS

    def about(self, trace: Trace) -> Question | None:
        """The question about a trace; None where the trace does not tell its true answer."""
        slots = {name: value for name, value in self.slots.items() if name != "why"}
        if self.task == UNANSWERABLE or slots.get("kind") == "swap":  # the donor is not told
            return Question(UNANSWERABLE, True, slots, self.shows)
        if self.task in NEED_KIND:
            slots = {"kind": DEFAULT_KIND} | slots
        is_there = slots.get("kind") in (None, *kinds_of(trace))
        if not is_there or (self.task in NEED_DECODES and not trace.early_decodes):
            return None
        return next(ask(trace, self.task, self.shows, **slots), None)


@dataclass(frozen=True)
class TypedItem(Item):
    """A typed question about one trace."""

    typed: Typed


def read_questions(path: Path) -> list[Typed]:
    """The questions of a file; UserError where one is malformed."""
    return [typed_of(line, number, f"{path}:{number}") for number, line in lines_of(path, REMEDY)]


def typed_of(line: str, number: int, where: str) -> Typed:
    try:
        row = check_fields(parse_json(line), FIELDS, where, REMEDY)
    except ValueError as error:
        raise UserError(f"{where}: not valid JSON ({str(error)[:80]}). {REMEDY}") from error
    task, slots = row["task"], row["slots"]
    if task not in TASKS or main_metric(task) is None:
        raise UserError(f"{where}: task is {task[:60]!r}; known are {', '.join(TASKS)}. {REMEDY}")
    if not are_slots(task, slots):
        raise UserError(f"{where}: slots is {str(slots)[:60]!r}, not what a question of {task} has there. {REMEDY}")
    if not row["query"].strip():
        raise UserError(f"{where}: the query is empty. {REMEDY}")
    return Typed(number, row["manner"], row["query"], task, slots)


def are_slots(task: str, slots: dict) -> bool:
    """Whether these are slots, and all that a query for the task names."""
    if any(type(value) not in SLOTS.get(name, ()) for name, value in slots.items()):
        return False
    first = -1 if task in ("early_decode", "already_yes_no") else 0
    steps = [slots[name] for name in ("step", "other") if name in slots]
    if len(set(steps)) < len(steps) or not all(first <= step < NUM_LATENT for step in steps):
        return False
    if slots.get("kind", "swap") not in (*REMOVED, "swap"):
        return False
    named = {name: slots[name] for name in ("step", "other") if name in slots}
    try:
        Question(task, slots=named).plain_query()
    except KeyError:
        return False
    return True


def strategies_of(traces: list[Trace]) -> dict[str, set[str]]:
    """By task the strategies that ask it."""
    found = {}
    for trace in traces:
        for question in all_questions(trace, Random(trace.index)):
            found.setdefault(question.task, set()).add(question.strategy)
    return found


def typed_items(
    typed: list[Typed], traces: list[Trace], oracle: Oracle, seed: int
) -> tuple[list[TypedItem], dict[str, int]]:
    """Each question about TRACES_EACH of the traces, drawn by (seed, its number), those about one trace side by side;
    and how many questions are left out, as the oracle was not trained on their task or no trace tells the answer."""
    items, left_out, trained = [], Counter(untrained=0, unknown=0), set(oracle.settings["strategies"])
    known = {task for task, strategies in strategies_of(traces).items() if strategies & trained}
    for one in typed:
        found = ((trace, one.about(trace)) for trace in Random(f"{seed}/{one.number}").sample(traces, len(traces)))
        asked = list(islice(((trace, question) for trace, question in found if question), TRACES_EACH))
        if not asked:
            left_out["unknown"] += 1
        elif not {one.task, asked[0][1].task} <= known:
            left_out["untrained"] += 1
        else:
            items += [TypedItem(t, t, q.seen_by(oracle.view), one.query, one.query, one) for t, q in asked]
    return sorted(items, key=lambda item: item.trace.index), dict(left_out)


def prompt_of(oracle: Oracle, item: TypedItem, reader: VectorReader) -> Prompt:
    """The prompt that the query makes, as one typed in a chat."""
    prompt = ask_about(oracle, item.trace, item.query, reader.of(item.trace.index))
    return prompt.seen(oracle.view, item.question.shows)


def typed_answers(oracle: Oracle, items: list[TypedItem], reader: VectorReader) -> list[Answer]:
    """The oracle's answer to each item."""
    done = shared(lambda mine: replies(oracle, [prompt_of(oracle, item, reader) for item in mine]), items)
    return [Answer.of(item.question, reply) for item, reply in zip(items, done, strict=True)]


# --- Scoring ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marked:
    """An item with its answer, both scored by the main metric of its task: the answer, and the constant answer to its
    query that is best for many traces."""

    item: TypedItem
    answer: Answer
    score: float
    constant: float


def marked(items: list[TypedItem], answers: list[Answer], traces: list[Trace]) -> list[Marked]:
    """Every item with its scores, task by task; the constants are chosen on some of the traces."""
    pairs, rows = list(zip(items, answers, strict=True)), []
    for task in TASKS:
        mine = [(item, answer) for item, answer in pairs if item.question.task == task]
        if mine:
            asked, said = map(list, zip(*mine, strict=True))
            metric = METRICS[main_metric(task)]
            values = [scored(metric, asked, of).scores for of in (said, constants(metric, asked, traces))]
            rows += map(Marked, asked, said, *(value.tolist() for value in values))
    return rows


def constants(metric: Metric, asked: list[TypedItem], traces: list[Trace]) -> list[Answer]:
    """To each item the constant answer to its query that is best for CONSTANT_TRACES traces, each asked this."""
    places = [json.dumps(item.question.slots, sort_keys=True) for item in asked]
    known = {}
    for place, item in zip(places, asked, strict=True):
        if item.question.task == UNANSWERABLE:
            known[place] = Answer(True)
        elif place not in known:
            others = [(t, item.typed.about(t)) for t in traces[:CONSTANT_TRACES]]
            pool = [replace(item, trace=t, question=replace(q, task=item.question.task)) for t, q in others if q]
            known[place] = best_constants(metric, [item, *pool])[0]
    return [known[place] for place in places]


def ask_naturally(
    oracle: Oracle, reader: VectorReader, traces: list[Trace], typed: list[Typed], results: dict, seed: int
) -> dict:
    """The block "natural" of the JSON: all typed questions, and those in manners never learned from, by task; and by
    manner. `results` are the metrics' blocks, with the scores in trained wordings. Empty where nothing can be asked."""
    if traces[0].num_latent != NUM_LATENT:
        log_once(f"No questions as typed: they are about runs of {NUM_LATENT} steps, not {traces[0].num_latent}.")
        return {}
    items, left_out = typed_items(typed, traces, oracle, seed)
    if not items:
        log_once(f"No questions as typed: {left_out_text(left_out)}.")
        return {}
    rows = marked(items, typed_answers(oracle, items, reader), traces)
    log_once(f"questions as typed: {len(rows)} replies")
    never = [row for row in rows if row.item.typed.manner not in LEARNED]
    block = {"items": len(items), "left_out": left_out, "learned_manners": sorted(LEARNED)}
    for name, part in (("all", rows), ("never_learned", never)):
        block |= {name: group_block(part, results, seed)} if part else {}
    block["manners"] = {
        manner: total_row([row for row in rows if row.item.typed.manner == manner], seed)
        for manner in sorted({row.item.typed.manner for row in rows}, key=lambda name: (name not in LEARNED, name))
    }
    block["calibration"] = how_sure([row.item.question for row in rows], [row.answer for row in rows])
    return block


def group_block(rows: list[Marked], results: dict, seed: int) -> dict:
    """The tasks of some items, and all of them together."""
    tasks = {task: list(mine) for task, mine in groupby(rows, lambda row: row.item.question.task)}
    return {
        "tasks": {task: task_row(task, mine, results, seed) for task, mine in tasks.items()},
        "total": total_row(rows, seed),
        "refusing": refusing([row.item for row in rows], [row.answer for row in rows]),
    }


def scored_rows(values: Iterator[float], rows: list[Marked]) -> Scored:
    return Scored(np.array(list(values)), np.array([row.item.typed.number for row in rows]))


def total_row(rows: list[Marked], seed: int) -> dict:
    """The score of some items, and that of the best constants."""
    constant = float(np.mean([row.constant for row in rows]))
    return score_row(scored_rows((row.score for row in rows), rows), seed) | {"constant": 100 * constant}


def task_row(task: str, rows: list[Marked], results: dict, seed: int) -> dict:
    """The score of one task's items, the advantage over the best constant, and the distance from the score of the same
    metric in trained wordings, where there is one."""
    name = main_metric(task)
    over = scored_rows((row.score for row in rows), rows).over(scored_rows((row.constant for row in rows), rows))
    row, interval = total_row(rows, seed), bootstrap_interval(over, seed)
    trained = results[name]["accuracy"] if name in results else None
    return row | {
        "metric": name,
        "trained_wordings": trained,
        "difference": None if trained is None else row["accuracy"] - trained,
        "advantage": 100 * over.mean(),
        "advantage_interval": interval,
        "beats_constant": interval[0] > 0,
    }


# --- Tables -----------------------------------------------------------------------------------------------------

GROUPS = {"all": "all manners", "never_learned": "manners never learned from"}


def natural_tables(block: dict) -> Iterator:
    """By task, of all manners and of those never learned from; and by manner."""
    groups = {name: words for name, words in GROUPS.items() if name in block}
    for name, words in groups.items():
        yield tasks_table(f"Questions as typed, {words}, %", block[name])
    table = new_table("Questions as typed, by manner, %", "manner", "n", "oracle [95% interval]", "constant", left=1)
    for manner, row in block["manners"].items():
        add_total(table, manner + "*" * (manner in block["learned_manners"]), row)
    for name, words in groups.items():
        add_total(table, words, block[name]["total"])
    table.caption = f"* a manner that sentences to learn from were taken from; {left_out_text(block['left_out'])}"
    yield table


def left_out_text(left_out: dict[str, int]) -> str:
    untrained, unknown = (left_out[why] for why in ("untrained", "unknown"))
    return f"left out: {untrained} questions that the oracle was not trained on, {unknown} that no trace answers"


def add_total(table, name: str, row: dict) -> None:
    add_row(table, name, str(row["total"]), interval_text(row["accuracy"], row["interval"]), f"{row['constant']:.1f}")


def tasks_table(title: str, block: dict):
    table = new_table(
        title, "task", "n", "oracle [95% interval]", "trained\nwordings", "difference", "best\nconstant",
        "over constant", left=1,
    )  # fmt: skip
    for task, row in block["tasks"].items():
        trained, difference = (row[name] for name in ("trained_wordings", "difference"))
        add_row(
            table, task + "*" * row["beats_constant"], str(row["total"]),
            interval_text(row["accuracy"], row["interval"]),
            "-" if trained is None else f"{trained:.1f}", "-" if difference is None else f"{difference:+.1f}",
            f"{row['constant']:.1f}", interval_text(row["advantage"], row["advantage_interval"], "+"),
        )  # fmt: skip
    table.caption = (
        "* above the best constant answer to each query, which is chosen on these items; trained wordings: the same "
        "metric on queries to learn from"
    )
    return table
