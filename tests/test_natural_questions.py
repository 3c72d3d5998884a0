"""The questions that people would type are well formed, of every manner and task, and no two alike."""

import json
from collections import Counter
from pathlib import Path

QUESTIONS = Path(__file__).parent / "data" / "natural_questions.jsonl"
MANNERS = {"researcher", "student", "terse", "chatty", "non_native", "careless"}
KINDS = {"zero", "skip", "noise", "mean", "swap", "hide"}
WHYS = {"off-topic", "nonsense", "no such step", "unknown"}
STEPS = range(6)
ALLOWED = {  # slot: its values
    "step": {*STEPS},
    "other": {*STEPS},
    "kind": KINDS,
    "why": WHYS,
}
NEEDED = {  # task: the slots that each of its questions has
    task: set(slots.split())
    for slots, tasks in {
        "": "final direct correct convergence evolution contrastive critical redundant settle entropy norms change "
        "summary about",
        "step": "early_decode step_effect effect_yes_no effect_and_value cut_yes_no already_yes_no top_tokens "
        "confidence",
        "step other": "surer",
        "why": "unanswerable",
    }.items()
    for task in tasks.split()
}
WITH_KIND = {"critical", "redundant", "step_effect", "effect_yes_no", "effect_and_value"}  # where a kind may be named


def rows():
    """The questions, in the file's order."""
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def test_every_question_has_a_known_manner_and_task():
    for row in rows():
        assert set(row) == {"manner", "query", "task", "slots"}, row
        assert row["manner"] in MANNERS and row["task"] in NEEDED, row
        assert row["query"] and row["query"] == " ".join(row["query"].split()), row


def test_every_question_has_the_slots_that_its_task_needs():
    """A step of -1 is before any step, which only an early answer can be asked at."""
    for row in rows():
        task, slots = row["task"], row["slots"]
        assert NEEDED[task] <= set(slots) <= NEEDED[task] | ({"kind"} if task in WITH_KIND else set()), row
        for slot, value in slots.items():
            assert value in ALLOWED[slot] or (task, slot, value) == ("early_decode", "step", -1), row
        assert task != "surer" or slots["step"] != slots["other"], row


def test_no_question_is_asked_twice():
    """Neither in other capitals nor with another mark at its end."""
    queries = Counter(row["query"].casefold().rstrip("?!. ") for row in rows())
    assert [query for query, count in queries.items() if count > 1] == []


def test_every_manner_asks_every_task():
    manners = Counter(row["manner"] for row in rows())
    pairs = Counter((row["manner"], row["task"]) for row in rows())
    assert min(manners[manner] for manner in MANNERS) >= 90, manners
    assert {(m, t): pairs[m, t] for m in MANNERS for t in NEEDED if pairs[m, t] < 3} == {}


def test_every_step_kind_and_reason_is_asked_about():
    named = {(slot, value) for row in rows() for slot, value in row["slots"].items()}
    assert {(slot, value) for slot, values in ALLOWED.items() for value in values} - named == set()
