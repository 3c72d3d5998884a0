"""The questions that people would type are well formed, of every manner and task, no two alike; and what an oracle
makes of them is scored."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from builders import VIEW, made_trace, vector_view
from rich.console import Console

import eval_oracle
import natural_questions
from natural_questions import (
    LEARNED,
    NEED_KIND,
    QUESTIONS,
    TRACES_EACH,
    ask_naturally,
    constants,
    natural_tables,
    prompt_of,
    read_questions,
    typed_items,
)
from oracle_metrics import METRICS, main_metric
from oracle_model import Oracle, Reply
from oracle_prompts import VectorReader
from oracle_questions import STRATEGIES
from oracle_replies import REFUSAL, TASKS
from scripting import UserError, print_table
from traces import read_traces

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
        "": "final direct correct wrong convergence evolution contrastive needless critical redundant settle entropy "
        "norms change summary about",
        "step": "early_decode step_effect effect_yes_no effect_and_value cut_yes_no already_yes_no top_tokens "
        "confidence",
        "step other": "surer",
        "why": "unanswerable",
    }.items()
    for task in tasks.split()
}
OPPOSITE = {"needless": "contrastive", "wrong": "correct"}  # tasks that tell the same with yes and no exchanged
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
    pairs = Counter((row["manner"], OPPOSITE.get(row["task"], row["task"])) for row in rows())
    assert min(manners[manner] for manner in MANNERS) >= 90, manners
    assert {(m, t): pairs[m, t] for m in MANNERS for t in NEEDED if t not in OPPOSITE and pairs[m, t] < 3} == {}


def test_every_step_kind_and_reason_is_asked_about():
    named = {(slot, value) for row in rows() for slot, value in row["slots"].items()}
    assert {(slot, value) for slot, values in ALLOWED.items() for value in values} - named == set()


# --- What an oracle makes of them -------------------------------------------------------------------------------

READER = VectorReader(None, VIEW)  # reads nothing: the view has no vectors


def fake_oracle(view=VIEW, strategies=tuple(STRATEGIES)):
    return Oracle(None, None, view, {"strategies": list(strategies), "num_latent": 6})


@pytest.fixture
def traces(data):
    return list(read_traces(data / "test.jsonl"))


@pytest.fixture
def spoken(traces, monkeypatch):
    """spoken(voice): the block "natural" of an oracle that says voice(item) to an item, and the items."""
    typed = read_questions(QUESTIONS)
    items, _ = typed_items(typed, traces, fake_oracle(), seed=0)

    def ask(voice, results=None):
        said = {(item.query, item.trace.index): voice(item) for item in items}
        index = {trace.question: trace.index for trace in traces} | {
            None: None  # a hidden question is answered by whoever knows the query
        }
        hidden = {item.query: voice(item) for item in items if "question" not in item.question.shows}

        def replies(oracle, prompts):
            return [
                Reply(said.get((prompt.query, index[prompt.question])) or hidden[prompt.query], 1.0)
                for prompt in prompts
            ]

        monkeypatch.setattr(natural_questions, "replies", replies)
        return ask_naturally(fake_oracle(), READER, traces, typed, results or {}, seed=0)

    return ask, items


def test_a_perfect_oracle_is_right_in_every_manner_and_task(spoken):
    ask, items = spoken
    block = ask(lambda item: item.question.response, {"final": {"accuracy": 90.0}})
    for name in ("all", "never_learned"):
        rows = block[name]["tasks"]
        assert rows.keys() == NEEDED.keys() and all(row["accuracy"] == 100 for row in rows.values())
        assert (rows["final"]["trained_wordings"], rows["final"]["difference"]) == (90, 10)
        assert rows["direct"]["trained_wordings"] is None
        assert rows["early_decode"]["beats_constant"] and not rows["unanswerable"]["beats_constant"]
        due, undue = block[name]["refusing"].values()
        assert (due["accuracy"], undue["accuracy"]) == (100, 0)
        assert block[name]["total"]["total"] == due["total"] + undue["total"]
    assert block["manners"].keys() == MANNERS and all(row["accuracy"] == 100 for row in block["manners"].values())
    never = [item for item in items if item.typed.manner not in LEARNED]
    assert block["all"]["total"]["total"] == len(items) == block["items"]
    assert block["never_learned"]["total"]["total"] == len(never)
    assert {item.typed.manner for item in never} == {"chatty", "non_native", "careless"}
    assert block["calibration"]["expected_error"] == 0


def test_an_oracle_that_refuses_all_is_right_about_what_nobody_can_tell_alone(spoken):
    ask, items = spoken
    block = ask(lambda item: REFUSAL)
    rows = block["all"]["tasks"]
    assert rows["unanswerable"]["accuracy"] == 100
    assert all(row["accuracy"] == 0 for task, row in rows.items() if task != "unanswerable")
    due, undue = block["all"]["refusing"].values()
    assert (due["accuracy"], undue["accuracy"]) == (100, 100)
    assert block["all"]["total"]["correct"] == due["total"] == sum(i.question.task == "unanswerable" for i in items)


def test_the_best_constants_have_no_advantage_over_themselves(spoken, traces):
    ask, items = spoken
    constant = {}
    for task in {item.question.task for item in items}:
        mine = [item for item in items if item.question.task == task]
        for item, best in zip(mine, constants(METRICS[main_metric(task)], mine, traces), strict=True):
            constant[item.query, item.trace.index] = TASKS[task].say(best.data, item.question.slots)
    block = ask(lambda item: constant[item.query, item.trace.index])
    for name in ("all", "never_learned"):
        for task, row in block[name]["tasks"].items():
            assert row["advantage"] == 0 and not row["beats_constant"] and row["accuracy"] == row["constant"], task
        assert block[name]["total"]["accuracy"] == block[name]["total"]["constant"] > 0


def test_a_typed_question_counts_once_however_many_traces_it_is_asked_about(spoken):
    """Right on every trace of half of the questions: the interval is that of so many questions."""
    ask, items = spoken
    lucky = {item.typed.number for item in items if item.typed.number % 2}
    row = ask(lambda item: item.question.response if item.typed.number in lucky else "Hm?")["all"]["tasks"]["final"]
    assert (row["total"], row["correct"]) == (24 * TRACES_EACH, 12 * TRACES_EACH)
    low, high = row["interval"]
    assert high - low == pytest.approx(2 * 1.96 * 100 * 0.5 / 24**0.5, rel=0.15)  # of 24, not of 72


def test_each_question_is_asked_about_as_many_traces_by_seed(traces):
    typed = read_questions(QUESTIONS)
    once, again, other = (typed_items(typed, traces, fake_oracle(), seed)[0] for seed in (0, 0, 1))
    assert once == again != other
    asked = Counter((item.typed.task, item.typed.number) for item in once)
    assert {count for (task, _), count in asked.items() if task != "surer"} == {TRACES_EACH}  # which may be a tie
    assert len({(item.typed.number, item.trace.index) for item in once}) == len(once)


def test_what_no_trace_answers_and_what_was_not_trained_is_left_out_and_counted(traces):
    """These traces were collected without hide and mean."""
    typed = read_questions(QUESTIONS)
    items, left_out = typed_items(typed, traces, fake_oracle(), 0)
    unknown = [row for row in rows() if row["slots"].get("kind") in ("hide", "mean")]
    assert left_out == {"untrained": 0, "unknown": len(unknown)} and unknown
    assert len({item.typed.number for item in items}) == len(typed) - len(unknown)
    items, left_out = typed_items(typed, traces, fake_oracle(strategies=("early_decode",)), 0)
    assert {item.question.task for item in items} == {"early_decode", "already_yes_no", "convergence", "evolution"}
    assert left_out["untrained"] == len(typed) - len(unknown) - 30 - 3 * 24


def test_what_nobody_can_tell_has_the_refusal_as_its_true_reply(traces):
    items, _ = typed_items(read_questions(QUESTIONS), traces, fake_oracle(), 0)
    for item in items:
        told = item.typed.task != "unanswerable" and item.typed.slots.get("kind") != "swap"
        assert (item.question.response == REFUSAL) == (not told)
    blind, _ = typed_items(read_questions(QUESTIONS), traces, fake_oracle(vector_view()), 0)
    assert {item.question.response for item in blind if item.typed.task == "norms"} == {REFUSAL}


def test_a_question_that_names_no_kind_is_about_the_usual_one(traces):
    items, _ = typed_items(read_questions(QUESTIONS), traces, fake_oracle(), 0)
    unnamed = [i for i in items if i.question.task in NEED_KIND and "kind" not in i.typed.slots]
    assert unnamed and {item.question.slots["kind"] for item in unnamed} == {"zero"}


def test_the_oracle_is_given_the_query_alone(traces):
    """Which step it is about comes from reading it; what the question names is asked with the question hidden."""
    oracle = fake_oracle()
    items, _ = typed_items(read_questions(QUESTIONS), traces, oracle, 0)
    item = next(item for item in items if item.question.task == "early_decode" and "step 3" in item.query.casefold())
    told = replace(item, question=replace(item.question, slots={"step": 5}))
    assert prompt_of(oracle, told, READER).asked == 3
    for item in items:
        prompt = prompt_of(oracle, item, READER)
        is_hidden = item.typed.slots.get("why") == "unknown"
        assert (prompt.query, prompt.question is None) == (item.query, is_hidden)
    beyond = [item for item in items if "step 9" in item.query.casefold()]
    assert beyond and {prompt_of(oracle, item, READER).asked for item in beyond} == {9}


def test_runs_of_another_length_are_not_asked_these_questions():
    """They say "the last step" of six."""
    traces = [made_trace(index) for index in range(4)]
    assert ask_naturally(fake_oracle(), READER, traces, read_questions(QUESTIONS), {}, 0) == {}


GOOD = {"manner": "terse", "query": "final answer?", "task": "final", "slots": {}}


@pytest.mark.parametrize(
    "row, word",
    [
        ("[", "not valid JSON"),
        ([], "expected an object"),
        ({"manner": "terse"}, "does not say query"),
        (GOOD | {"task": "fianl"}, "task is 'fianl'; known are final"),
        (GOOD | {"task": "asked"}, "task is 'asked'"),
        (GOOD | {"slots": {"step": "3"}}, "slots is"),
        (GOOD | {"slots": {"step": 6}}, "slots is"),
        (GOOD | {"slots": {"stop": 3}}, "slots is"),
        (GOOD | {"task": "early_decode"}, "slots is"),
        (GOOD | {"task": "surer", "slots": {"step": 3}}, "slots is"),
        (GOOD | {"task": "surer", "slots": {"step": 3, "other": 3}}, "slots is"),
        (GOOD | {"task": "confidence", "slots": {"step": -1}}, "slots is"),
        (GOOD | {"task": "critical", "slots": {"kind": "bogus"}}, "slots is"),
        (GOOD | {"query": " "}, "the query is empty"),
        (GOOD | {"manner": 3}, "manner is"),
    ],
)  # fmt: skip
def test_a_malformed_question_is_a_sentence_naming_its_line(tmp_path, row, word):
    path = tmp_path / "q.jsonl"
    text = row if isinstance(row, str) else json.dumps(row)
    path.write_text(f"{json.dumps(GOOD)}\n{text}\n")
    with pytest.raises(UserError, match=r"q.jsonl:2.*" + word):
        read_questions(path)


def test_the_evaluation_asks_them_unless_told_not_to(lora_oracle, data, tmp_path, short_replies, capsys):
    few, output = tmp_path / "q.jsonl", tmp_path / "eval.json"
    few.write_text("".join(f"{line}\n" for line in QUESTIONS.read_text().splitlines()[::60]))
    run = ["--traces", str(data / "test.jsonl"), "-n", "3", "--per-task", "1", "--oracle-dir", str(lora_oracle)]
    run += ["--device", "cpu", "--output", str(output), "--questions"]
    eval_oracle.main([*run, str(few)])
    natural = json.loads(output.read_text())["natural"]
    said = capsys.readouterr().out
    assert natural["items"] == natural["all"]["total"]["total"] > 0
    assert "Questions as typed, manners never learned from" in said and "typed, all manners" in said
    eval_oracle.main([*run, "none"])
    assert "natural" not in json.loads(output.read_text()) and "typed" not in capsys.readouterr().out
    assert eval_oracle.parse_arguments([]).questions == QUESTIONS


def test_the_tables_show_what_the_json_holds(spoken, capsys):
    ask, _ = spoken
    block = ask(lambda item: item.question.response)
    for table in natural_tables(block):
        print_table(Console(), table)
    said = capsys.readouterr().out
    row = block["all"]["tasks"]["early_decode"]
    assert "early_decode*" in said and f"{row['constant']:.1f}" in said and "chatty" in said and "terse*" in said
