"""What is measured, traced, trained and asked of answers that are no numbers, on small random models."""

import json
from dataclasses import replace
from io import StringIO
from random import Random

import pytest
from builders import generate, made_trace
from published import COMMONSENSE, PROSQA, PUBLISHED, STRATEGY
from rich.console import Console

import bench_codi
import collect_traces
import train_codi
from checkpoints import PROMPT_FORMS
from codi_model import Answer
from files import read_meta
from oracle_metrics import METRICS, shows_output
from oracle_questions import STRATEGIES, convergence, critical_steps, questions_about, read_pairs, redundant_steps
from oracle_replies import TASKS
from problems import load_problems, problem_from
from scripting import UserError
from traces import Trace, read_traces

KINDS = {  # judge: a question, its gold answer, that answer in other words, another answer
    "choice": (COMMONSENSE[0]["question"], "B", "The answer is: (B)", "roof"),
    "yes-no": (STRATEGY[0]["question"], "False", "The answer is: no", "True"),
    "text": (PROSQA[0]["question"], "Sally is a impus.", "### sally is an impus", "Sally is a bop."),
}


@pytest.fixture
def files(tmp_path):
    """A file of each published layout, by the name of its data set."""
    paths = {name: tmp_path / f"{name}.json" for name in PUBLISHED}
    for name, path in paths.items():
        path.write_text(json.dumps(PUBLISHED[name][0]))
    return paths


def judged_trace(judge, **more):
    """A trace whose steps 0 and 1 matter, its answer the gold one from step 1 on."""
    question, gold, same, other = KINDS[judge]
    keys = {f"{kind}_step{i}": other if i < 2 else same for kind in ("zero", "swap") for i in range(4)}
    early = [other, other, same, gold, same]
    trace = made_trace(0, 4, output=gold, direct=other, ablations=keys, early=early, tops=["x", "x", same, gold, gold])
    trace = replace(trace, question=question, gold_answer=gold, judge=judge, **more)
    trace.check("made")
    return trace


@pytest.mark.parametrize("name", PUBLISHED)
def test_bench_judges_each_answer_by_its_problem(name):
    problems = [problem_from(row, "row", str(i)) for i, row in enumerate(PUBLISHED[name][0])]
    texts = ["", f"The answer is: {problems[1].answer_text}", f"### {problems[2].answer_text}", "The answer is: 99"]
    entry = bench_codi.entry_of(problems, [Answer(text, None, 1) for text in texts], 6, 1.0)
    assert [row["correct"] for row in entry["details"]] == [False, True, True, False]
    assert entry["details"][1]["gold"] == problems[1].answer and entry["details"][0]["predicted"] is None
    assert json.loads(json.dumps(entry["details"])) == entry["details"]
    assert sum(count["total"] for count in entry["by_steps"].values()) == 4


def test_bench_and_collect_run_on_every_published_layout(our_checkpoint, files, tmp_path, short_answers, capsys):
    output, common = tmp_path / "train.jsonl", ["--model", str(our_checkpoint), "--device", "cpu", "-n", "2"]
    names = [str(path) for path in files.values()]
    collect_traces.main(
        [*common, "--data", *names, "--output", str(output), "--ablation-types", "zero", "swap", "--patches", "1"]
    )
    traces, meta = list(read_traces(output)), read_meta(output, "")
    problems = [problem for name in names for problem in load_problems(name, n=2)]
    assert [(t.question, t.gold_answer, t.judge) for t in traces] == [(p.question, p.answer, p.judge) for p in problems]
    assert [t.correct for t in traces] == [p.is_right(t.output) for t, p in zip(traces, problems, strict=True)]
    assert meta["counts"]["judges"] == {"text": 2, "yes-no": 4, "choice": 2, "number": 2}
    assert meta["settings"]["data"] == names
    assert "10 gold chains are in words: they have no results to look for in the lens." in capsys.readouterr().out
    bench_codi.main([*common, "--data", names[0], "--output", str(tmp_path / "r.json"), "--mode", "reasoning"])
    results = json.loads((tmp_path / "r.json").read_text())
    assert (
        results["meta"]["judges"] == {"text": 2} and results["reasoning"]["details"][0]["gold"] == "Sally is a impus."
    )
    generate(tmp_path, tmp_path)
    tasks = {pair.sub_type for pair in read_pairs(tmp_path / "oracle_data.jsonl")}
    assert {"critical", "early_decode", "contrastive"} <= tasks and "holds" not in tasks


@pytest.mark.parametrize("judge", KINDS)
def test_ablations_decodes_and_contrast_are_compared_by_the_judge(judge):
    trace = judged_trace(judge)
    assert critical_steps(trace, "zero") == [0, 1] and redundant_steps(trace, "zero") == [2, 3]
    assert convergence(trace) == {"step": 1, "stays": True}
    assert [shows_output(trace, step) for step in range(-1, 4)] == [False, False, True, True, True]
    asked = {q.task: q.gold for q in questions_about(trace, "contrastive", Random(0))}
    assert asked["contrastive"]["changed"] and asked["needless"]["changed"]
    same = replace(trace, no_reasoning_output=KINDS[judge][2])
    assert not {q.task: q.gold for q in questions_about(same, "contrastive", Random(0))}["contrastive"]["changed"]
    for output, right in ((KINDS[judge][2], True), (KINDS[judge][3], False)):
        told = [q for q in questions_about(replace(trace, output=output), "answers", Random(0)) if q.task != "final"]
        assert told[0].gold["right"] == right


@pytest.mark.parametrize("judge", KINDS)
def test_every_reply_about_other_answers_is_read_back_and_scored_right(judge):
    trace = judged_trace(judge)
    for strategy in STRATEGIES:
        for question in questions_about(trace, strategy, Random(0), donor=trace):
            task = TASKS[question.task]
            assert task.read(question.response) == question.gold, question
            for metric in METRICS.values():
                if metric.task == question.task and metric.applies(question.gold):
                    assert metric.score(question.gold, question.gold) == 1, (metric, question)


@pytest.mark.parametrize("judge, reworded", [("choice", "(E)"), ("yes-no", "yes"), ("text", "### sally is a bop")])
def test_the_summary_counts_right_answers_by_the_judge(judge, reworded):
    """Trace 0 runs on 1's latents and says its answer in other words; 2's own answer is 0's in other words."""
    _, _, same, other = KINDS[judge]
    patch = {"steps": [0, 1, 2, 3], "early_decodes": [], "top_tokens": []}
    traces = [
        replace(judged_trace(judge), patches=[patch | {"donor": 1, "output": reworded}]),
        replace(judged_trace(judge), index=1, output=other, patches=[patch | {"donor": 0, "output": reworded}]),
        replace(judged_trace(judge), index=2, output=same, patches=[patch | {"donor": 0, "output": other}]),
    ]
    counts = collect_traces.Counts(traces)
    assert (counts.right, counts.direct, counts.scored) == (2, 0, 3)
    assert [counts.early[step] for step in range(-1, 4)] == [0, 0, 3, 3, 3]
    assert counts.telling_patches() == [(True, False), (False, True)]
    console = Console(file=StringIO(), width=200)
    collect_traces.summarise(counts, console)
    assert "latent reasoning: 2/3" in console.file.getvalue()


def test_a_trace_of_an_earlier_version_is_judged_by_its_number():
    row = json.loads(made_trace(0, output="The answer is: 17").to_json())
    assert row.pop("judge") == "number"
    trace = Trace.from_json(json.dumps(row), "x:1")
    assert trace.judge == "number" and trace.is_right(trace.output) and not trace.same("17", "18")


@pytest.mark.parametrize(
    "more, fault",
    [
        ({"judge": "taste"}, "judge is 'taste'; known are number, choice"),
        ({"judge": 5}, "judge is '5'"),
        ({"judge": "text", "gold_answer": 17}, "gold_answer is '17', not what the judge text compares with"),
        ({"judge": "number", "gold_answer": "17"}, "gold_answer is '17', not what the judge number"),
    ],
)
def test_a_trace_whose_answer_its_judge_cannot_compare_is_refused(more, fault):
    row = json.loads(made_trace(0).to_json()) | more
    with pytest.raises(UserError) as error:
        Trace.from_json(json.dumps(row), "x:1")
    assert f"x:1: {fault}" in str(error.value)


# --- Training ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "official", "coconut"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_learned_is_the_answer_as_it_is_judged(codi, name, form):
    codi.form = form
    problems = [problem_from(row, "row", str(i)) for i, row in enumerate(PUBLISHED[name][0])]
    for problem, row in zip(problems, train_codi.tokenize(codi, problems, include_last_step=False), strict=True):
        said = codi.tokenizer.decode(row["answer"][1:-1])
        assert said == PROMPT_FORMS[form].answer.format(answer=problem.answer_text) and problem.is_right(said)


def trained_on(paths, output, *more):
    size = ["--width", "32", "--mlp-width", "64", "--vocab-size", "400", "--precision", "fp32", "--validate-every", "2"]
    train_codi.main(
        ["--from-scratch", *size, "--batch-size", "4", "--max-steps", "2", "--data", *map(str, paths),
         "--output", str(output), *more]
    )  # fmt: skip


def rows_of(count, start=0):
    return [COMMONSENSE[0] | {"question": f"{i}? A: hen B: duck", "cot": "It is. So B."} for i in range(start, count)]


def test_several_data_sets_are_learned_together(files, tmp_path, capsys):
    files["commonsenseqa"].write_text(json.dumps(rows_of(20)))
    files["strategyqa"].write_text(json.dumps([STRATEGY[0] | {"question": f"Is it {i}?"} for i in range(20)]))
    paths = [files["commonsenseqa"], files["strategyqa"]]
    trained_on(paths, tmp_path / "a")
    told = capsys.readouterr().err
    assert f"on 36 problems of {paths[0]}, {paths[1]}" in told and "2-step" in told and "/4 = " in told
    origin = json.loads((tmp_path / "a" / "codi.json").read_text())["origin"]
    assert origin["arguments"]["data"] == [str(path) for path in paths]
    trained_on(paths[:1], tmp_path / "b")
    assert json.loads((tmp_path / "b" / "codi.json").read_text())["origin"]["arguments"]["data"] == str(paths[0])


def test_what_one_data_set_holds_out_no_other_teaches(files, tmp_path):
    files["commonsenseqa"].write_text(json.dumps(rows_of(20)))
    files["prosqa"].write_text(json.dumps(rows_of(12, start=2)))
    flags = ["--from-scratch", "--output", "x", "--data", str(files["commonsenseqa"]), str(files["prosqa"])]
    problems, held = train_codi.training_problems(train_codi.parse_arguments(flags))
    assert len(held) == 3 and not {p.question for p in problems} & {p.question for p in held}
    assert len(problems) == 18 + 9 - 1  # of the second, the question that only the first holds out is left out too
    more = ["--validation", str(files["strategyqa"])]
    problems, held = train_codi.training_problems(train_codi.parse_arguments([*flags, *more]))
    assert len(problems) == 30 and [p.judge for p in held] == ["yes-no"] * 4


def test_a_loss_that_needs_results_says_that_chains_in_words_have_none(files, tmp_path):
    files["commonsenseqa"].write_text(json.dumps(rows_of(20)))
    with pytest.raises(UserError, match="--lens: not every chain here has results"):
        trained_on([files["commonsenseqa"]], tmp_path / "a", "--lens", "1")
