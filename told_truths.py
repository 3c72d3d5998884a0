"""
What an oracle said about traces, beside what is true.

    from told_truths import read_replies
    read_replies(Path("readings.jsonl"), Path("traces.jsonl"), traces)[17]  # a list of rows

A line of `readings.jsonl` (oracle_inference.py) has a query and a reply, and no truth. Where the query is the plainest
for some task and steps, as all those are that oracle_inference.py asks by itself, the trace tells the true answer, and
the reply is scored as eval_oracle.py does it. To queries in other words no truth is known.
"""

from functools import cache
from itertools import permutations
from pathlib import Path

from files import check_fields, meta_path, parse_json, read_meta, sha256
from natural_questions import NEED_KIND, Typed
from oracle_metrics import METRICS, Answer, main_metric
from oracle_model import Reply
from oracle_questions import Question
from oracle_replies import REFUSAL, REMOVED, TASKS
from scripting import UserError
from traces import Trace, lines_of
from wordings import UNANSWERABLE, plain_wording

FIELDS = {"index": (int,), "query": (str,), "reply": (str,)}
NUMBERS = {"probability": (int, float), "confidence": (int, float)}
ASK = "Make it with: python oracle_inference.py --traces {} --output readings.jsonl"
FROM_THE_START = ("early_decode", "already_yes_no")  # tasks that may be about the moment before the first step
NOT_PLAIN = ("patched", UNANSWERABLE)  # tasks whose queries also hold a donor's token, or anything

# --- Which question a query asks --------------------------------------------------------------------------------


@cache
def plain_queries(num_latent: int) -> dict[str, Typed]:
    """{key: what it asks} of the plainest query of every task, for all steps; of an ablation for each kind, and for
    none named."""
    found = {}
    for task in [task for task in TASKS if task not in NOT_PLAIN]:
        names = steps_in(task)
        for steps in permutations(range(-(task in FROM_THE_START), num_latent), len(names)):
            for kind in (None, *REMOVED) if task in NEED_KIND else (None,):
                slots = dict(zip(names, steps, strict=True)) | ({"kind": kind} if kind else {})
                query = plain_wording(task, slots | {"num_latent": num_latent})
                found.setdefault(key_of(query), Typed(0, "", query, task, slots))
    return found


def steps_in(task: str) -> tuple[str, ...]:
    """The slots for steps that a task's plainest query fills."""
    for names in ((), ("step",), ("step", "other")):
        try:
            plain_wording(task, dict.fromkeys(names, 0))
            return names
        except KeyError:
            continue
    raise KeyError(task)


def key_of(query: str) -> str:
    return " ".join(query.lower().rstrip("?.! ").split())


def question_of(trace: Trace, query: str) -> Question | None:
    """What a plain query asks about a trace, with the true answer; None where that is not known."""
    typed = plain_queries(trace.num_latent).get(key_of(query))
    try:
        question = typed.about(trace) if typed else None
    except UserError:  # an ablation that the trace has of some steps only
        return None
    return None if question is None or (question.task == "kinds" and not question.gold) else question


# --- Replies ----------------------------------------------------------------------------------------------------


def reply_row(trace: Trace, row: dict) -> dict:
    """A reply as trace_page shows it. `truth` is what a true reply says, `score` that of the task's main metric, both
    None where they are not known; of the answer after a step, `step` is that and `says` the answer told."""
    shown = {name: row[name] for name in ("query", "reply")} | {name: row.get(name) for name in NUMBERS}
    shown |= {"refused": row["reply"] == REFUSAL, "truth": None, "score": None, "step": None, "says": None}
    question = question_of(trace, row["query"])
    if question is None:
        return shown
    data = Answer.of(question, Reply(row["reply"], 1.0)).data
    metric = METRICS.get(main_metric(question.task))
    if metric and metric.applies(question.gold):
        shown["score"] = 0.0 if data is None else metric.score(question.gold, data)
    if question.task == "early_decode":
        shown |= {"step": question.slots["step"], "says": data}
    return shown | {"truth": question.response}


def read_replies(path: Path, traces_path: Path, traces: list[Trace]) -> dict[int, list[dict]]:
    """By question the replies about those of `traces`, in the order of the file. UserError for a file that is missing,
    malformed or about other traces."""
    remedy, by_index, found = ASK.format(traces_path), {trace.index: trace for trace in traces}, {}
    if path.exists():
        check_about(path, traces_path, remedy)
    for number, line in lines_of(path, remedy):
        row = reply_of(line, f"{path}:{number}", remedy)
        if trace := by_index.get(row["index"]):
            found.setdefault(trace.index, []).append(reply_row(trace, row))
    return found


def reply_of(line: str, where: str, remedy: str) -> dict:
    try:
        row = check_fields(parse_json(line), FIELDS, where, remedy)
    except ValueError as error:
        raise UserError(f"{where}: not valid JSON ({str(error)[:80]}). Was the file cut short?") from error
    return check_fields(row, {name: kinds for name, kinds in NUMBERS.items() if name in row}, where, remedy)


def check_about(path: Path, traces_path: Path, remedy: str) -> None:
    """UserError unless replies are about these traces."""
    made_by = check_fields(read_meta(path, remedy), {"made_by": (dict,)}, str(meta_path(path)), remedy)["made_by"]
    if made_by.get("traces_sha256") != sha256(traces_path):
        raise UserError(f"{path} is about other traces than {traces_path}. {remedy}")
