"""A published design run again: its problems, its scores with controls, and what it refuses."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from files import RUN
from oracle_questions import read_pairs
from runs import lens
from scripting import UserError
from traces import Vectors, read_traces

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def codi_ao(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import codi_ao

    monkeypatch.setattr(codi_ao, "PROBLEMS", {"train": 30, "test": 9})
    return codi_ao


def check(codi_ao, folder, *more):
    codi_ao.main(["check", "--model", "tiny", "--folder", str(folder), *more])


def test_its_problems_are_of_two_steps_and_no_test_arithmetic_is_trained_on(codi_ao, tmp_path):
    check(codi_ao, tmp_path / "ao")
    codi_ao.main(["problems", "--folder", str(tmp_path / "ao")])
    chains = {}
    for split, count in codi_ao.PROBLEMS.items():
        rows = [json.loads(line) for line in (tmp_path / "ao" / f"{split}.problems.jsonl").read_text().splitlines()]
        chains[split] = {row["cot"] for row in rows}
        operations = [tuple(re.findall(r"\d([-+*/])\d", row["cot"])) for row in rows]
        assert len(rows) == count and Counter(operations) == dict.fromkeys(codi_ao.AFTER.items(), count // 3)
    assert not chains["train"] & chains["test"]


@pytest.mark.slow
def test_its_stages_end_in_scores_with_controls(codi_ao, tmp_path, tiny, monkeypatch, capsys):
    folder, trained = tmp_path / "ao", []
    at, asked = ["--folder", str(folder)], ["--device", "cpu", "--epochs", "0.5"]
    check(codi_ao, folder, *asked)
    assert capsys.readouterr().out == f"{folder}\n"
    for stage in ("problems", "traces", "pairs", "train"):
        codi_ao.main([stage, *at])
    pairs = list(read_pairs(folder / "pairs.train.jsonl"))
    assert {pair.slots["step"] for pair in pairs} == {0, 1} and {pair.sub_type for pair in pairs} == {"holds"}
    capsys.readouterr()
    codi_ao.main(["score", *at])
    results, shown = json.loads((folder / "scores.json").read_text()), capsys.readouterr().out
    assert (results["meta"]["steps"], results["meta"]["epochs"]) == ([0, 1], 0.5)
    readers = {"oracle", "another's vectors", "zero", "mean", "random", "linear probe", "lens", "constant"}
    by = {(row["of"], row["asked"], row["reader"]): row["right"] for row in results["rows"]}
    assert {key[2] for key in by} == readers and len(by) == 4 * len(readers)
    assert by["first", "result", "lens"]["correct"] >= 8  # tiny-codi's step 0 holds the first result
    assert by["first", "operation", "constant"]["correct"] == 3 and "lens" in shown

    vectors, trace = Vectors(folder / "test.jsonl")[0], next(read_traces(folder / "test.jsonl"))
    tokens, probabilities = codi_ao.operation_tokens(tiny), lens(tiny, vectors["h"][1].float()).softmax(-1).detach()
    assert probabilities.argmax() == trace.steps[0]["top_k_ids"][0]  # h after step 0 is what its lens has read
    sums = {operation: float(probabilities[ids].sum()) for operation, ids in tokens.items()}
    assert codi_ao.lens_operations(tiny, vectors["h"][1:2].float()) == [max(sums, key=sums.get)]

    # the same again goes on, and trains no more; other settings and other pairs are refused
    monkeypatch.setattr(codi_ao.train_oracle, "main", trained.append)
    check(codi_ao, folder, *asked)
    codi_ao.main(["train", *at])
    assert not trained and not (folder / "oracle" / RUN).exists()
    for more, word in ((["--epochs", "2"], "epochs was 0.5, now 2.0"), ([*asked, "--steps", "1", "0"], "steps was")):
        with pytest.raises(UserError, match=word):
            check(codi_ao, folder, *more)
    assert codi_ao.Run.of(folder).steps == [0, 1]
    with (folder / "pairs.val.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(UserError, match="other pairs"):
        codi_ao.main(["train", *at])


def test_signs_and_words_count_and_pieces_of_words_do_not(codi_ao, tiny):
    tokens = codi_ao.operation_tokens(tiny)
    texts = {operation: {tiny.token_text(token).strip() for token in ids} for operation, ids in tokens.items()}
    assert texts["multiplication"] == {"*"} and {"+", "add"} <= texts["addition"]
    assert not any(set(tokens[a]) & set(tokens[b]) for a in tokens for b in tokens if a != b)


REFUSED = [
    ([], "Say which checkpoint"),
    (["--model"], "--model: expected one argument"),
    (["--model", "tiny", "--steps", "1"], "--steps: expected 2"),
    (["--model", "tiny", "--steps", "x", "y"], "whole number value: 'x'"),
    (["--model", "tiny", "--steps", "0", "6"], "two of 0 to 5"),
    (["--model", "tiny", "--steps", "1", "1"], "two of 0 to 5"),
    (["--model", "tiny", "--epochs", "0"], "--epochs must be above 0"),
    (["--model", "nope"], "No checkpoint 'nope'"),
    (["--model", "tiny", "--top-k", "x"], "--top-k"),
    (["--model", "tiny", "word"], "unrecognized arguments: word"),
    (["--model", "tiny", "--out", "other.jsonl"], "The output of collect_traces.py is set"),
]


@pytest.mark.parametrize("given, word", REFUSED, ids=[" ".join(row[0]) or "nothing" for row in REFUSED])
def test_bad_input_is_refused_before_anything_is_made(codi_ao, tmp_path, given, word):
    with pytest.raises(UserError, match=re.escape(word)) as error:
        codi_ao.main(["check", "--folder", str(tmp_path / "ao"), *given])
    assert "\n" not in str(error.value) and not (tmp_path / "ao").exists()


def test_a_folder_of_something_else_is_left_alone(codi_ao, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="notes.txt is there, but no run.json"):
        check(codi_ao, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("given, code, word", [([], 2, "--model tiny"), (["--help"], 0, "--steps A B")])
def test_it_says_what_it_needs(given, code, word):
    command = ["bash", str(BENCHMARKS / "codi_ao.sh"), *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code and word in (done.stderr if code else done.stdout)
    assert "Traceback" not in done.stderr and "set -e" not in done.stdout
