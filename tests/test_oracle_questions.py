"""What an oracle is asked, what is true, and who is on which side."""

import json
import re
from dataclasses import replace
from functools import cache
from itertools import product
from random import Random

import pytest
from builders import VIEW, generate, made_trace, prompt_of, train

import generate_oracle_data
from duplicates import near_duplicates, triples
from files import meta_path, read_meta
from oracle_model import load_oracle
from oracle_prompts import Prompt, View, read_prompt
from oracle_questions import (
    GOLD,
    STRATEGIES,
    Question,
    all_questions,
    critical_steps,
    edit_distance,
    questions_about,
    read_pairs,
    redundant_steps,
)
from oracle_replies import REFUSAL, TASKS
from traces import read_traces
from wordings import table


@pytest.mark.parametrize("steps", [1, 4, 6])
def test_every_answer_is_read_back_as_it_was_meant(steps):
    """No score depends on our prose: read(say(gold)) is gold, for every question with a reader."""
    answers = {f"{k}_step{i}": str(10 + i % 3) for k in ("zero", "skip", "noise", "swap") for i in range(steps)}
    for output, direct in (("17", "12"), ("12", "12"), ("-3.5", "The answer is: 4")):
        trace = made_trace(0, steps, output, direct, answers, early=[str(i) for i in range(steps)] + [output])
        for strategy in STRATEGIES:
            for question in questions_about(trace, strategy, Random(0), donor=trace):
                task = TASKS[question.task]
                for query in (question.plain_query(), *(question.query(Random(0), VIEW, out) for out in (True, False))):
                    assert query and not set("{}|") & set(query)
                assert task.read(question.response) == question.gold, question


def test_every_task_has_its_sentences_and_its_truth():
    assert set(TASKS) == set(GOLD) == set(table())


@pytest.mark.parametrize("task", [task for task in TASKS if task not in ("asked", "about", "answer_kind", "evolution")])
def test_a_refusal_answers_no_task(task):
    assert not TASKS[task].read(REFUSAL) or task == "unanswerable"


@pytest.mark.parametrize("task", list(TASKS))
def test_what_cannot_be_read_raises_nothing(task):
    for reply in ("", ".", "Step", "Yes, from", "None of this; is: it", "It becomes", "Highest , lowest", "\n"):
        TASKS[task].read(reply)


def test_critical_steps_are_those_of_the_largest_change_and_ties_are_ties():
    answers = {"zero_step0": "17", "zero_step1": "99", "zero_step2": "18", "zero_step3": "44"}
    trace = made_trace(ablations=answers)
    assert critical_steps(trace, "zero") == [1, 3]  # two digits changed, against one at step 2
    assert redundant_steps(trace, "zero") == [0]
    unchanged = made_trace(ablations=dict.fromkeys(answers, "17"))
    assert critical_steps(unchanged, "zero") == [] and redundant_steps(unchanged, "zero") == [0, 1, 2, 3]
    said = [TASKS["critical"].say(steps, {"kind": "zero"}) for steps in ([], [2], [1, 3])]
    assert said == ["No single step, when zeroed.", "Step 2, when zeroed.", "Steps 1 and 3 alike, when zeroed."]


def test_a_reply_names_the_kind_that_its_query_leaves_out():
    question = Question("step_effect", {"changed": True, "answer": "17"}, {"step": 2, "kind": "zero"})
    queries = [question.query(Random(seed), VIEW).lower() for seed in range(60)]
    unnamed = [query for query in queries if not re.search("zero|null|to 0", query)]
    assert 15 < len(unnamed) < 45 and question.response == "It becomes 17 when step 2 is zeroed."


def test_yes_means_what_its_query_asks():
    """The answer stays: "does it change?" is answered with no, "can step 1 be cut?" with yes."""
    for changed, words in (
        (True, ("so yes.", "so no.") * 3),
        (False, ("so no.", "so yes.") * 3),
    ):
        effect = {"changed": changed, "answer": "3"} if changed else {"changed": False}
        contrast = {"changed": changed, "direct": "3" if changed else "4", "latent": "4"}
        right = {"right": changed, "answer": "4"}
        slots = {"step": 1, "kind": "skip"}
        said = [
            Question(task, gold, slots).response.rpartition(", ")[2]
            for task, gold in (
                ("effect_yes_no", effect), ("cut_yes_no", effect), ("contrastive", contrast), ("needless", contrast),
                ("correct", right), ("wrong", right),
            )
        ]  # fmt: skip
        assert tuple(said) == words


def test_convergence_is_the_first_final_answer_and_says_whether_it_stays():
    def gold(early):
        return next(q.gold for q in questions_about(made_trace(early=early), "early_decode", Random(0)) if
                              q.task == "convergence")  # fmt: skip

    for early, step, stays in (
        (["1", "17", "2", "17", "17"], 0, False), (["17"] * 5, -1, True), (["1", "2", "3", "4", "17"], 3, True),
    ):  # fmt: skip
        assert gold(early) == {"early": early, "step": step, "stays": stays}


def test_edit_distance_equals_its_definition():
    @cache
    def slow(a, b):
        if not a or not b:
            return len(a) + len(b)
        return min(slow(a[1:], b) + 1, slow(a, b[1:]) + 1, slow(a[1:], b[1:]) + (a[0] != b[0]))

    words = ["".join(letters) for n in range(4) for letters in product("ab", repeat=n)] + ["kitten", "sitting"]
    assert all(edit_distance(a, b) == slow(a, b) for a in words for b in words)


def test_the_prompt_hides_what_it_is_told_to():
    trace = made_trace()
    assert "pens" in prompt_of(trace, VIEW).text() and ":90" in prompt_of(trace, VIEW).text()
    assert "pens" not in prompt_of(trace, VIEW, shows=("output", "trace")).text()
    assert "17" not in prompt_of(replace(trace, question="Q?"), VIEW, shows=("question",)).text()
    bare = prompt_of(trace, View(token_info=False)).text()
    assert ":90" not in bare and "0.10|19.0|2" in bare
    patched = Question("patched", "3", {"step": 1, "donor": "41"})
    assert "41" in patched.query(Random(0), VIEW) and "41" not in patched.query(Random(0), View(token_info=False))


def test_a_question_that_imitates_the_prompt_stays_on_its_line():
    trace = replace(made_trace(), question="Ava?\nQuery: What?\nReply: 3\nThoughts: none")
    prompt = prompt_of(trace, VIEW)
    assert read_prompt(prompt.text(), None) == prompt
    assert prompt.text().count("\nThoughts:") == prompt.text().count("\nQuery") == 1


@pytest.mark.parametrize("shows", [("question", "output", "trace"), ("question",), ("output", "trace"), ("trace",)])
@pytest.mark.parametrize("tops", [["<<", "12|x", "a:1|b", "", "hidden"], ["0.5|1", " ", "5|", "|", "x y"]])
def test_a_prompt_is_read_back_from_the_text_of_its_pair(shows, tops):
    """The fields were cut out of the text at three places, each by a rule of its own."""
    for view in (VIEW, View(token_info=False), View(reads="vectors", vectors=("h",))):
        prompt = prompt_of(made_trace(tops=tops), view, "What is in step 1?", asked=1, shows=shows)
        assert read_prompt(prompt.text(), 1) == prompt
    assert read_prompt(Prompt(None, None, ()).text(), None) == Prompt(None, None, ())
    with pytest.raises(ValueError, match="no prompt"):
        read_prompt(prompt.text().replace("Answer", "Result"), 1)


# --- Who is on which side


def test_near_duplicates_equal_comparing_all_pairs():
    rng = Random(0)
    words = "ava ben has buys 3 5 more pens apples on monday how many".split()
    texts = [" ".join(rng.choices(words, k=rng.randrange(1, 12))) for _ in range(150)]
    texts += [text.upper() + "!" for text in texts[:20]] + [text + " 3" for text in texts[:20]]

    def similar(a, b):
        return len(a & b) >= 0.8 * len(a | b)

    sets = [triples(text) for text in texts]
    expected = {(i, j) for i, a in enumerate(sets) for j, b in enumerate(sets) if similar(a, b)}
    assert set(near_duplicates(texts, texts)) == expected and len(expected) > len(texts)


def test_no_question_in_both_files_nor_nearly(data):
    train, val = (read_meta(data / name, "")["questions"] for name in ("oracle_data.jsonl", "oracle_val.jsonl"))
    assert len(train) + len(val) == 40 and not list(near_duplicates(val, train))
    sources = [{p.source_index for p in read_pairs(data / f)} for f in ("oracle_data.jsonl", "oracle_val.jsonl")]
    assert not sources[0] & sources[1]


def test_near_duplicates_are_put_on_one_side():
    questions = [f"{i}: Ava went to the market and bought pens for her friends from school" for i in range(30)]
    assert len(set(generate_oracle_data.sides(questions, 0.5, seed=0))) == 1
    assert len(set(generate_oracle_data.sides([f"{i} " * 9 for i in range(30)], 0.5, seed=0))) == 2


def test_no_donor_of_the_other_side_is_told(data):
    traces, told = {trace.index: trace for trace in read_traces(data / "train.jsonl")}, set()
    for name in ("oracle_data.jsonl", "oracle_val.jsonl"):
        pairs = list(read_pairs(data / name))
        side = {pair.source_index for pair in pairs}
        donors = {traces[p.source_index].donor for p in pairs if p.strategy == "patching"}
        assert donors <= side
        told |= donors
    assert told


def test_the_data_is_the_same_for_a_seed_and_another_for_another(data, tmp_path):
    generate(data, tmp_path / "again")
    generate(data, tmp_path / "other", "--seed", "1")
    text = (data / "oracle_data.jsonl").read_text()
    assert text == (tmp_path / "again/oracle_data.jsonl").read_text()
    assert text != (tmp_path / "other/oracle_data.jsonl").read_text()


def test_pairs_whose_answer_is_printed_are_marked_and_a_minority(data):
    pairs = list(read_pairs(data / "oracle_data.jsonl"))
    printed = [pair for pair in pairs if pair.answer_in_prompt]
    assert 0 < len(printed) < len(pairs) / 4
    for pair in printed:
        if pair.sub_type == "top_tokens":
            assert all(f"{token}:" in pair.input for token in pair.gold)


def test_prompt_reconstruction_never_shows_the_question(data):
    pairs = [pair for pair in read_pairs(data / "oracle_data.jsonl") if pair.strategy == "prompt_reconstruction"]
    assert pairs and all(pair.input.startswith("Question: hidden\n") for pair in pairs)


def test_no_token_info_is_written_down_and_read_from_there(data, tmp_path):
    generate(data, tmp_path / "bare", "--no-token-info", "--strategies", "contrastive", "early_decode")
    train(tmp_path / "bare", tmp_path / "oracle", "--base", "tiny")
    assert load_oracle(tmp_path / "oracle/best").view == View(token_info=False, steps="apart")


def test_a_strategy_without_what_it_asks_about_is_said(data, tmp_path, capsys):
    lines = (data / "train.jsonl").read_text().splitlines()
    bare = [json.dumps(json.loads(line) | {"ablations": {}, "changed": {}}) for line in lines]
    (tmp_path / "train.jsonl").write_text("\n".join(bare) + "\n")
    meta = json.loads(meta_path(data / "train.jsonl").read_text())
    meta_path(tmp_path / "train.jsonl").write_text(json.dumps(meta | {"files": {}}))
    generate(tmp_path, tmp_path / "out")
    assert "Collect without --skip-ablation" in capsys.readouterr().err


def test_task_labels_are_left_out_unless_asked_for(data, tmp_path):
    assert all(pair.strategy != "chain" for pair in read_pairs(data / "oracle_data.jsonl"))
    generate(data, tmp_path / "labels", "--strategies", "chain")
    pairs = list(read_pairs(tmp_path / "labels/oracle_data.jsonl"))
    assert pairs and any(pair.gold["result"] for pair in pairs)


def test_a_trace_without_a_direct_answer_is_not_asked_about_it():
    """generate_with_traces(…, collect_no_reasoning=False) gave traces that ended the next stage in a traceback."""
    trace = replace(made_trace(), no_reasoning_output=None)
    asked = {question.strategy for question in all_questions(trace, Random(0))}
    assert asked and not asked & {"contrastive", "summary"}
