"""How an oracle is scored, and what stands beside it."""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import VIEW, made_trace, vector_view
from forked import in_processes

import eval_oracle
import oracle_inference
import oracle_talk
from files import read_meta
from natural_questions import QUESTIONS
from oracle_metrics import (
    METRICS,
    RULES,
    Answer,
    Item,
    best_constants,
    best_rule,
    chain_length,
    consumed_when_patched,
    f1,
    is_counted,
    precision,
    scored,
)
from oracle_model import Oracle, Reply
from oracle_prompts import prompt_about
from oracle_questions import STRATEGIES, Question
from oracle_replies import REFUSAL
from scores import Scored, bootstrap_interval, calibration, sign_flip_p, wilson_interval
from scripting import UserError, share_of
from traces import read_traces

pytestmark = pytest.mark.usefixtures("short_replies")


class Parrot:
    """Stands for replies(): says what `voice` makes of an item's true response. It knows an item by its `wordings` and
    the question it is about, or by the thoughts where the question is hidden."""

    def __init__(self, items, voice, wordings=("query", "unseen")):
        self.truth = {}
        for item in items:
            about = item.trace.question if "question" in item.question.shows else prompt_about(item.trace, VIEW).lines
            self.truth |= {(getattr(item, name), about): voice(item.question.response) for name in wordings}

    def __call__(self, oracle, asked):
        known = [self.truth.get((prompt.query, prompt.question or prompt.lines), "") for prompt in asked]
        return [Reply(text, 1.0) for text in known]


@pytest.fixture
def items(data):
    return eval_oracle.items_of(list(read_traces(data / "test.jsonl")), 2, seed=0, view=VIEW)[0]


def fake_oracle():
    return Oracle(None, None, VIEW, {"strategies": list(STRATEGIES)})


@pytest.fixture
def evaluated(items, monkeypatch):
    """evaluated(voice): the metrics' blocks, and the others, of an oracle that says what a Parrot says."""

    def evaluate(*voice):
        monkeypatch.setattr(eval_oracle, "replies", Parrot(items, *voice))
        results = eval_oracle.evaluate(fake_oracle(), items, eval_oracle.Sources(None, seed=0))[0]
        return {name: row for name, row in results.items() if "baselines" in row}, results

    return evaluate


HIDING = {"about", "answer_kind"}  # tasks that are asked with the question hidden


def test_a_perfect_oracle_scores_everything_and_a_mute_one_nothing(evaluated):
    perfect, others = evaluated(lambda text: text)
    assert perfect.keys() == METRICS.keys()  # the fixture asks every task
    assert perfect["early_decode"]["by_step"].keys() == {*range(-1, 6)} - {-1}
    for name, row in perfect.items():
        assert row["accuracy"] == row["unseen_wordings"]["accuracy"] == 100 and row["unparsed"] == 0, name
        assert row["unseen_wordings"]["drop"] == 0
        assert row["baselines"]["output only"] == 0 < row["total"]  # a parrot is mute where the question is hidden
        # and does not look at the thoughts, if it sees the question
        assert row["baselines"]["another's thoughts"] == (0 if name in HIDING else 100), name
        assert all(accuracy == 100 for accuracy in row["by_step"].values())
        assert row["advantage"] == pytest.approx(100 - max(row["baselines"].values()))
    assert others["how sure"]["expected_error"] == 0
    for name, row in evaluated(lambda text: "Hm?")[0].items():
        assert row["accuracy"] == 0 and row["unparsed"] == row["total"], name


def test_unseen_shapes_are_scored_beside_those_of_training(evaluated):
    for row in evaluated(lambda text: text, ("query",))[0].values():
        unseen = row["unseen_wordings"]
        assert (row["accuracy"], unseen["accuracy"]) == (100, 0)
        assert (unseen["drop"], unseen["drop_interval"][1], unseen["interval"][0]) == (100, 100, 0)


def test_refusals_are_counted_both_ways(evaluated, items):
    """A parrot of the truth refuses all that it should and no more; one that refuses all is no better."""
    total = sum(item.question.task == "unanswerable" for item in items)
    for voice, wrongly in ((lambda text: text, 0), (lambda text: REFUSAL, 100)):
        for block in evaluated(voice)[1]["refusing"].values():
            due, undue = block["unanswerable_refused"], block["answerable_refused"]
            assert (due["total"], due["accuracy"], undue["accuracy"]) == (total, 100, wrongly)
            assert undue["total"] == len(items) - total and undue["interval"] == wilson_interval(
                undue["correct"], undue["total"]
            )
    only_trained = evaluated(lambda text: REFUSAL, ("query",))[1]["refusing"]
    assert only_trained["unseen"]["unanswerable_refused"]["accuracy"] == 0
    final = [item for item in items if item.question.task == "final"]
    unasked = eval_oracle.refusing(final, [Answer("17")] * len(final))
    assert unasked["unanswerable_refused"] is None


def test_refusing_what_was_never_taught_is_not_wrong(items, monkeypatch):
    """Questions about the chain, which its training left out, counted as wrongly refused."""
    monkeypatch.setattr(eval_oracle, "replies", Parrot(items, lambda text: REFUSAL))
    oracle = Oracle(None, None, VIEW, {"strategies": ["early_decode", "refusal"]})
    block = eval_oracle.evaluate(oracle, items, eval_oracle.Sources(None, seed=0))[0]["refusing"]["trained"]
    assert block["answerable_refused"]["total"] == sum(i.question.strategy == "early_decode" for i in items) > 0
    assert block["unanswerable_refused"]["total"] == sum(i.question.task == "unanswerable" for i in items) > 0


def test_what_vectors_cannot_tell_is_refused_by_an_oracle_that_reads_them_alone(data):
    """The query stays that about the norms, or what was asked."""
    traces = list(read_traces(data / "test.jsonl"))
    by_text, by_vectors = (eval_oracle.items_of(traces, 1, 0, view)[0] for view in (VIEW, vector_view()))
    lost = {"norms", "about"}
    assert lost <= {item.question.task for item in by_text} and not lost & {item.question.task for item in by_vectors}
    for item, blind in zip(by_text, by_vectors, strict=True):
        if item.question.task in lost:
            assert blind.question.response == REFUSAL and blind.query == item.query
        else:
            assert item.question == blind.question


EFFECT = {"changed": True, "answer": "12"}
SUMMARY = {"direct": "5", "early": ["5", "17"], "critical": [1], "redundant": [2], "output": "17"}


@pytest.mark.parametrize(
    "name, gold, said, score",
    [
        ("correct", {"right": True, "answer": "17"}, {"right": True, "answer": "3"}, 1),
        ("wrong", {"right": True, "answer": "17"}, {"right": False, "answer": "17"}, 0),
        ("contrastive_no", {"changed": False, "direct": "1"}, {"changed": False, "direct": "2"}, 1),
        ("effect_yes_no", EFFECT, EFFECT | {"answer": "3"}, 1),
        ("cut_yes_no", EFFECT, {"changed": False}, 0),
        ("effect_and_value", EFFECT, {"changed": True, "answer": "12.0"}, 1),
        ("effect_and_value", EFFECT, EFFECT | {"answer": "3"}, 0),
        ("effect_and_value", {"changed": False}, {"changed": False}, 1),
        ("effect_and_value", {"changed": False}, EFFECT, 0),
        ("already_yes_no", {"there": True, "answer": "17"}, {"there": True, "answer": "1"}, 1),
        ("surer", {"percents": [80, 20]}, {"percents": [51, 50]}, 1),
        ("surer", {"percents": [80, 20]}, {"percents": [20, 80]}, 0),
        ("surer_of", {"step": 2, "percents": [80, 20]}, {"step": 2, "percents": [1, 0]}, 1),
        ("confidence", {"token": "17", "percent": 90}, {"token": "17", "percent": 85}, 1),
        ("confidence", {"token": "17", "percent": 90}, {"token": "17", "percent": 84}, 0),
        ("confidence", {"token": "17", "percent": 90}, {"token": "12", "percent": 90}, 0),
        ("settle", {"step": 1, "token": "17"}, {"step": 1, "token": "3"}, 1),
        ("entropy", {"highest": 0, "lowest": 3}, {"highest": 0, "lowest": 2}, 0.5),
        ("norms", {"highest": 0, "lowest": 3}, {"highest": 3, "lowest": 0}, 0),
        ("change", [2, 3], [3, 2, 2], 1),
        ("change", [2], [2, 3], 0),
        ("evolution", ["1", "2", "3", "4"], ["1", "2.0", "3", "5"], 0.75),
        ("evolution", ["1", "2"], ["1"], 0),
        ("kinds", {"zero": "1", "skip": "2"}, {"zero": "1", "noise": "2"}, 0.5),
        ("answer_kind", "Words", "Words", 1),
        ("about", ["Pens", "Ava"], ["ava", "cups"], 0.5),
        ("summary", SUMMARY, SUMMARY, 1),
        ("summary", SUMMARY, SUMMARY | {"early": ["5", "5"], "output": "1"}, 0.7),
        ("unanswerable", True, False, 0),
    ],
)  # fmt: skip
def test_each_metric_looks_at_its_part_of_an_answer(name, gold, said, score):
    assert METRICS[name].score(gold, said) == pytest.approx(score)
    assert METRICS[name].score(gold, gold) == 1


def test_a_task_without_rules_has_no_plain_rule_to_beat(evaluated, items):
    assert best_rule(METRICS["final"], items) is None
    for name, row in evaluated(lambda text: text)[0].items():
        assert ("plain rule" in row["baselines"]) == bool(row["plain_rule"]) == (METRICS[name].task in RULES)


def test_the_best_constant_of_a_comparison_knows_both_steps():
    """Step 2 is always surer than step 1 and never than step 3: one constant for step 2 would be right
    half the time."""
    trace = made_trace()
    asked = [(1, [80, 20]), (1, [70, 20]), (3, [20, 80]), (3, [20, 70])]
    items = [
        Item(trace, trace, Question("surer", {"percents": percents}, {"step": 2, "other": other}), "", "")
        for other, percents in asked
    ]
    assert scored(METRICS["surer"], items, best_constants(METRICS["surer"], items)).mean() == 1


def test_an_answer_keeps_probability_confidence_and_refusal():
    final = Question("final")
    assert Answer.of(final, Reply("17 in the end.", 0.9, confidence=0.6)) == Answer("17", 0.9, 0.6, False)
    assert Answer.of(final, Reply(REFUSAL, 0.5, confidence=0.4)) == Answer(None, 0.5, 0.4, True)


@pytest.mark.parametrize(
    "task, slots, right, wrong",
    [
        ("contrastive", {}, "It is 12 without thinking and 17 with it, so yes.",
         "It is 12 without thinking and 17 with it, so no."),
        ("needless", {}, "It stays 17 without thinking, so yes.", "It stays 17 without thinking, so no."),
        ("cut_yes_no", {"step": 2, "kind": "zero"}, "It becomes 3 when step 2 is zeroed, so no.",
         "It becomes 3 when step 2 is zeroed, so yes."),
        ("effect_yes_no", {"step": 2, "kind": "zero"}, "It stays when step 2 is zeroed, so no.", "It stays."),
        ("correct", {}, "17 is right, so yes.", "17 is right, so no."),
        ("early_decode", {"step": 3}, "17 after step 3.", "17 after step 5."),
        ("critical", {"kind": "zero"}, "Step 2, when zeroed.", "Step 2, when skipped."),
        ("surer", {"step": 3, "other": 1}, "9% at step 3 and 4% at step 1, so yes.",
         "9% at step 3 and 4% at step 1, so no."),
    ],
)  # fmt: skip
def test_a_reply_counts_only_about_what_was_asked_and_with_its_yes_the_right_way_round(task, slots, right, wrong):
    question = Question(task, slots=slots)
    assert Answer.of(question, Reply(right, 1.0)).data is not None
    assert Answer.of(question, Reply(wrong, 1.0)).data is None


def test_calibration_is_of_confidence_and_the_raw_probability_stands_beside_it():
    asked = [Question("final", "17")] * 4
    row = eval_oracle.sure_row(asked, [Answer(data, 1.0, 0.75) for data in ("17", "17", "17", "3")])
    assert row["expected_error"] == 0 and row["uncalibrated"]["expected_error"] == 25


def test_a_reading_of_the_same_thoughts_is_a_baseline_and_no_control():
    one, zero = (Scored(np.full(4, value), np.arange(4)) for value in (1.0, 0.0))
    row = eval_oracle.metric_row(one, {"best constant": zero, "plain rule": one}, {"plain rule"}, seed=0)
    assert (row["best_baseline"], row["advantage"]) == ("plain rule", 0)
    assert (row["best_control"], row["over_control"]) == ("best constant", 100)


def test_the_best_constant_beats_every_constant(items):
    metric = METRICS["early_decode"]
    chosen = best_constants(metric, items)
    asked = [(item.question, said) for item, said in zip(items, chosen, strict=True) if is_counted(metric, item)]
    for step in {question.slots["step"] for question, _ in asked}:
        golds = [question.gold for question, _ in asked if question.slots["step"] == step]
        said = {said for question, said in asked if question.slots["step"] == step}
        assert len(said) == 1
        assert golds.count(said.pop().data) == max(map(golds.count, golds))


def test_knowing_the_length_of_the_chain_is_worth_no_less_than_nothing(items):
    for metric in METRICS.values():
        blind, known = (
            scored(metric, items, best_constants(metric, items, *kind)).mean() for kind in ((), (chain_length,))
        )
        assert known > blind if metric.task == "convergence" else known >= blind
    lengths = {chain_length(item): item for item in items}
    assert set(lengths) == {1, 2, 3, 4}


def test_the_best_constant_may_be_an_answer_that_no_item_has():
    """A step that is always redundant is the best constant though no item has it alone (REFERENCE.md, section 3)."""
    trace = made_trace(steps=6)

    def asked(task, golds):
        return [Item(trace, trace, Question(task, gold), "", "") for gold in golds]

    redundant = asked("redundant", [[4, 5], [3, 5], [2, 5]])
    assert {tuple(said.data) for said in best_constants(METRICS["redundancy_precision"], redundant)} == {(5,)}
    steps = asked("convergence", [{"step": 0, "stays": True}, {"step": 2, "stays": True}])
    assert best_constants(METRICS["convergence_within_1"], steps)[0].data["step"] == 1


def test_redundancy_has_f1_and_the_earlier_rule():
    assert f1([1, 2], [2, 3]) == 0.5 and f1([], []) == 1 and f1([1], []) == 0
    assert precision([1, 2], [2]) == 1 and precision([1], [1, 2]) == 0.5
    assert precision([], []) == 1 and precision([1], []) == 0


def test_intervals_are_over_questions_not_items():
    """Ten copies of each item make nothing surer."""
    scores, questions = np.array([0.0, 1.0] * 20), np.arange(40)
    once = bootstrap_interval(Scored(scores, questions), seed=0)
    tenfold = bootstrap_interval(Scored(scores.repeat(10), questions.repeat(10)), seed=0)
    assert once == tenfold and once[0] < 50 < once[1]


def test_what_came_out_alike_every_time_is_not_certain():
    """Drawing questions again that all came to the same said [100, 100], and +0.0 [+0.0, +0.0] of differences."""
    five = np.arange(5)
    right, wrong, half = (Scored(np.full(5, value), five) for value in (1.0, 0.0, 0.5))
    low, high = wilson_interval(0, 5)
    assert bootstrap_interval(right, 0) == (100 - high, 100) and bootstrap_interval(wrong, 0) == (low, high)
    assert bootstrap_interval(right.over(right), 0) == (-high, high)
    assert bootstrap_interval(wrong.over(right), 0) == (-100, -100 + 2 * high)
    assert bootstrap_interval(half, 0) == (50 - high / 2, 50 + high / 2)


def test_the_paired_test_knows_no_difference_from_a_clear_one():
    assert sign_flip_p(Scored(np.array([1.0, -1.0] * 20), np.arange(40)), 0) > 0.9
    assert sign_flip_p(Scored(np.ones(40), np.arange(40)), 0) < 0.001


def test_balanced_accuracy_gives_each_class_the_same_weight():
    assert Scored(np.array([1.0] * 9 + [0.0]), np.arange(10), [True] * 9 + [False]).balanced() == 0.5


def test_seen_questions_are_refused_dropped_or_said(lora_oracle, data, tmp_path, capsys):
    """Also a question that is nearly one of the training's: one word added."""
    lines = [json.loads(line) for line in (data / "test.jsonl").read_text().splitlines()]
    trained = json.loads((lora_oracle / "training_questions.json").read_text())
    long = max(trained, key=len)
    lines[3]["question"] = f"{long} Well?"
    planted = tmp_path / "planted.jsonl"
    planted.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = ["--traces", str(planted), "--oracle-dir", str(lora_oracle), "--per-task", "1", "--device", "cpu"]
    run += ["--questions", "none"]
    with pytest.raises(UserError, match="1 of 12 questions were in the oracle's training"):
        eval_oracle.main(run)
    results = tmp_path / "eval.json"
    eval_oracle.main([*run, "--drop-seen", "--output", str(results)])
    assert json.loads(results.read_text())["meta"]["questions"] == 11
    eval_oracle.main([*run, "-n", "5", "--allow-seen", "--output", str(results), "--plot", str(tmp_path / "eval.png")])
    assert json.loads(results.read_text())["meta"]["allow_seen"] and (tmp_path / "eval.png").stat().st_size > 1000
    assert "1 of 5 questions were in the oracle's training" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.slow
def test_two_processes_score_what_one_scores(lora_oracle, data, tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    run = ["--traces", data / "test.jsonl", "--oracle-dir", lora_oracle, "--per-task", "1", "-n", "5"]
    few = tmp_path / "questions.jsonl"
    few.write_text("".join(f"{line}\n" for line in QUESTIONS.read_text().splitlines()[::40]))
    run += ["--device", "cpu", "--questions", few]
    eval_oracle.main([*map(str, run), "--output", str(one)])
    said = in_processes(eval_oracle.main, [*run, "--output", two], tmp_path)

    def scores(path):
        return {name: (row["correct"], row["total"], row["baselines"], row["unparsed"])
                               for name, row in json.loads(path.read_text()).items() if "baselines" in row}  # fmt: skip

    natural = [json.loads(path.read_text())["natural"] for path in (one, two)]
    for block in natural:
        del block["calibration"]  # batches differ, and probabilities in their last digits
    assert natural[0] == natural[1]
    assert scores(one) == scores(two) and len(scores(one)) > 5
    assert "Baselines, %" in said[0] and "Baselines, %" not in said[1]


def test_an_output_over_an_oracle_beside_names_that_option(lora_oracle, data):
    run = ["--traces", data / "test.jsonl", "--oracle-dir", lora_oracle, "--beside", "b", lora_oracle.parent]
    with pytest.raises(UserError, match=r"--output .* would overwrite --beside"):
        eval_oracle.main([str(word) for word in [*run, "--output", lora_oracle.parent]])


def test_calibration_is_zero_for_an_honest_oracle():
    scores = np.array([1.0] * 8 + [0.0] * 2)
    honest = calibration(np.full(10, 0.8), scores)
    assert honest["expected_error"] == pytest.approx(0)
    boaster = calibration(np.ones(10), scores)
    assert boaster["expected_error"] == pytest.approx(20)
    assert calibration(np.array([0.9] * 8 + [0.1] * 2), scores)["accuracy_of_surer_half"] == 100


def test_follow_rate_counts_only_runs_that_answer_otherwise():
    """Of four, one follows the vectors, one stays with the question, one does neither, one has nothing to tell."""
    asked = [(0, 0, "9", "2"), (0, 3, "9", "3"), (1, 3, "9", "4"), (1, 0, "17", "17.0")]

    def question(gold, step):
        return Question("early_decode", gold, {"step": step})

    items = [Item(made_trace(i, output=own), None, question(gold, step), "", "") for i, step, gold, own in asked]
    pairs = list(zip(items, map(Answer, ["9", "3", None, "17"]), strict=True))

    def gold(item):
        return item.question.gold

    row = eval_oracle.follow_rate(pairs, gold, seed=0)
    assert (row["correct"], row["stays"], row["neither"], row["total"]) == (1, 1, 1, 3)
    assert row["counts_by_step"] == {0: [1, 1], 3: [0, 2]}
    assert eval_oracle.follow_rate(pairs[3:], gold, seed=0) == {}


def test_the_rule_for_patched_runs_reads_the_token_of_what_each_step_took():
    """Steps 1 and 3 take the donor's vectors, of the states after its steps 0 and 2; step 0 is read by what it left."""
    donor = made_trace(1, tops=["d-1", "d0", "d1", "d2", "d3"])
    patch = {"donor": 1, "steps": [1, 3], "early_decodes": [], "top_tokens": ["p-1", " p0", "p1", "p2", "p3"]}
    trace = replace(made_trace(), patches=[patch])
    said = [
        consumed_when_patched(trace, donor, Question("early_decode", slots={"step": i, "patch": 0})) for i in range(4)
    ]
    assert said == ["p0", "d0", "p1", "d2"]


def test_rules_follow_the_lens_to_the_step_that_consumes_the_answer():
    """The lens shows the output, 17, from step 1 on, so step 2 is the first to consume it."""
    trace = made_trace(tops=["<<", "12", "17", "17", "17"], early=["5", "12", "12", "17", "17"], output="17")

    def said(task, rule, **slots):
        return RULES[task][rule](trace, Question(task, slots=slots))

    assert [said("early_decode", 1, step=step) for step in range(4)] == ["12", "12", "17", "17"]
    assert said("convergence", 1)["step"] == 2 and said("redundant", 1) == [3] and said("contrastive", 1)["changed"]
    assert [said("step_effect", 1, step=step)["changed"] for step in range(4)] == [True, True, True, False]
    assert [said("patched", rule, step=1, donor="41") for rule in range(2)] == ["17", "41"]
    item = Item(trace, trace, Question("convergence", {"step": 2, "stays": True}), "", "")
    scores, words = best_rule(METRICS["convergence"], [item])
    assert scores.mean() == 1 and words.startswith("the step that consumes")


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", "[]", '{"a": "b"}', "[NaN]", '["\\ud800"]', ""])
def test_what_an_oracle_was_trained_on_is_a_list_of_questions(lora_oracle, data, tmp_path, text):
    """Deep nesting was a traceback; the keys of an object and half a character passed for questions."""
    folder = tmp_path / "oracle"
    shutil.copytree(lora_oracle, folder)
    (folder / "training_questions.json").write_text(text)
    with pytest.raises(UserError, match="training_questions.json cannot be read"):
        eval_oracle.main(["--traces", str(data / "test.jsonl"), "--oracle-dir", str(folder), "--device", "cpu"])


def asking(oracle, data, output, *more):
    return ["--traces", str(data / "test.jsonl"), "--oracle-dir", str(oracle), "--device", "cpu", "-n", "2",
            "--output", str(output), *more]  # fmt: skip


def test_processes_share_the_queries_and_write_each_reply_once(lora_oracle, data, tmp_path):
    """Under torchrun every process asked everything and appended it, so that all lines stood there twice."""
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    oracle_inference.main(asking(lora_oracle, data, one, "--batch", "5"))
    two.write_text(one.read_text()[:300])
    (tmp_path / "two.meta.json").write_text((tmp_path / "one.meta.json").read_text().replace("one.jsonl", "two.jsonl"))
    said = in_processes(oracle_inference.main, asking(lora_oracle, data, two, "--batch", "5"), tmp_path)
    assert two.read_text() == one.read_text() and len(one.read_text().splitlines()) == 12
    assert read_meta(two, "")["files"].keys() == {"two.jsonl"}
    assert "to go" in said[0] and "to go" not in said[1]


def test_a_typed_question_is_answered_by_one_process(lora_oracle, monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    oracle_inference.main(["--prompt", "Ava has 3 pens.", "--oracle-dir", str(lora_oracle)])
    said = capsys.readouterr()
    assert said.out == "" and "main process" in said.err


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_shares_are_neighbours_that_add_up(count):
    """Every second question went to the other process, so that no two of one trace shared its encoding."""
    items = list(range(7))
    shares = [share_of(items, process, count) for process in range(count)]
    assert sum(shares, []) == items and max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_query_given_twice_is_asked_once(lora_oracle, data, tmp_path):
    """Its line stood there twice."""
    oracle_inference.main(asking(lora_oracle, data, tmp_path / "r.jsonl", "--query", "Why?", "Why?"))
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("query, word", [("", "empty"), ("  ", "empty"), ("a\udcffb", "UTF-8"), ("why " * 3000, "fit")])
def test_a_query_that_cannot_be_asked_is_a_sentence(lora_oracle, data, tmp_path, query, word):
    """An empty one was answered, bytes of no UTF-8 were a traceback."""
    with pytest.raises(UserError, match=word):
        oracle_inference.main(asking(lora_oracle, data, tmp_path / "r.jsonl", "--query", query))


def test_replies_nested_without_end_are_refused(lora_oracle, data, tmp_path):
    output = tmp_path / "r.jsonl"
    oracle_inference.main(asking(lora_oracle, data, output, "--query", "Why?"))
    output.write_text(output.read_text() + "[" * 50_000 + "\n")
    with pytest.raises(UserError, match="something else than replies"):
        oracle_inference.main(asking(lora_oracle, data, output, "--query", "Why?"))


def test_a_closed_standard_input_ends_a_talk(monkeypatch, capsys):
    """`<&-` was a traceback."""
    from rich.console import Console

    monkeypatch.setattr(sys, "stdin", None)
    oracle_talk.talk({}, None, {}, Console())
    assert "Ask about these thoughts" in capsys.readouterr().out
