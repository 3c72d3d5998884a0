"""bench_codi.py stopped anywhere goes on; several processes share its questions, and those of eval_oracle.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bench_codi
from scripting import UserError

ROOT = Path(__file__).parent.parent


def arguments(folder, output, *more):
    return ["--model", str(folder), "--data", "word-problems", "-n", "12", "--device", "cpu", "--batch-size", "3",
            "--output", str(output), *more]  # fmt: skip


def answers(output):
    results = json.loads(output.read_text())
    return [results[key]["details"] for key in ("reasoning", "no_reasoning")]


def test_a_bench_that_was_stopped_answers_no_question_twice(our_checkpoint, tmp_path, monkeypatch, short_answers):
    whole, broken, asked = tmp_path / "a.json", tmp_path / "b.json", []
    bench_codi.main(arguments(our_checkpoint, whole))
    write = bench_codi.Answered.write

    def stop(answered, run, indices, *rest):
        if len(asked) >= 18:
            raise KeyboardInterrupt
        asked.extend((run, i) for i in indices)
        write(answered, run, indices, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(bench_codi.Answered, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            bench_codi.main(arguments(our_checkpoint, broken))
        with (tmp_path / "b.json.parts" / "answers-0.jsonl").open("a") as file:
            file.write('{"run": "direct 0", "ans')  # power cut in mid-write
        with pytest.raises(UserError, match="dtype was 'float32', now 'bfloat16'"):
            bench_codi.main(arguments(our_checkpoint, broken, "--dtype", "bfloat16"))

    def count(answered, run, indices, *rest):
        asked.extend((run, i) for i in indices)
        write(answered, run, indices, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(bench_codi.Answered, "write", count)
        bench_codi.main(arguments(our_checkpoint, broken))
    assert len(asked) == len(set(asked)) == 24
    assert answers(whole) == answers(broken) and not (tmp_path / "b.json.parts").exists()


@pytest.mark.slow
def test_two_processes_answer_what_one_answers(our_checkpoint, tmp_path):
    """Each of them once did all of the work."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    bench_codi.main(arguments(our_checkpoint, one))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "bench_codi.py"]
    command += arguments(our_checkpoint, two)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert answers(one) == answers(two) and done.stdout.count("McNemar") == 1


DRAWN = ["--temperature", "2", "--samples", "3"]


@pytest.mark.slow
def test_two_processes_draw_what_one_draws(our_checkpoint, tmp_path):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    bench_codi.main(arguments(our_checkpoint, one, *DRAWN))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "bench_codi.py"]
    command += arguments(our_checkpoint, two, *DRAWN)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert answers(one) == answers(two) and done.stdout.count("sign-flip") == 1


def test_drawn_answers_go_on_where_they_stopped(our_checkpoint, tmp_path, monkeypatch, short_answers):
    """Stopped after two batches, one of whose samples was lost; gone on with other batches."""
    whole, broken, written = tmp_path / "a.json", tmp_path / "b.json", []
    bench_codi.main(arguments(our_checkpoint, whole, *DRAWN))
    write = bench_codi.Answered.write

    def stop(answered, run, places, *rest):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(places)
        write(answered, run, places, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(bench_codi.Answered, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            bench_codi.main(arguments(our_checkpoint, broken, *DRAWN))
    assert [len(places) for places in written] == [9, 9]
    part = tmp_path / "b.json.parts" / "answers-0.jsonl"
    first, second = (json.loads(line) for line in part.read_text().split("\n") if line)
    lost = second["answers"].pop()[0]
    part.write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n")
    for other in (["--temperature", "1", "--samples", "3"], [], [*DRAWN, "--top-p", "0.5"]):
        with pytest.raises(UserError, match="sampling was"):
            bench_codi.main(arguments(our_checkpoint, broken, *other))

    def count(answered, run, places, *rest):
        written.append(places)
        write(answered, run, places, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(bench_codi.Answered, "write", count)
        bench_codi.main(arguments(our_checkpoint, broken, *DRAWN, "--batch-size", "5"))
    again = [place for places in written[2:] for place in places]
    assert len(again) == 2 * 36 - 18 + 3 and lost in again
    assert answers(whole) == answers(broken) and not part.parent.exists()


@pytest.fixture
def left(our_checkpoint, tmp_path, monkeypatch, short_answers):
    """The output of a run that stopped with two batches done, and the file where they stand."""
    output, written, write = tmp_path / "left.json", [], bench_codi.Answered.write

    def stop(*words):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(words)
        write(*words)

    with monkeypatch.context() as patch:
        patch.setattr(bench_codi.Answered, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning"))
    return output, tmp_path / "left.json.parts" / "answers-0.jsonl"


def test_answers_without_their_settings_are_not_taken_for_another_run(left, our_checkpoint):
    """A run killed while it removed its parts left answers without settings: a run in bfloat16 took them."""
    output, part = left
    (part.parent / "settings.json").unlink()
    with pytest.raises(UserError, match="not the settings they were made with"):
        bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning", "--dtype", "bfloat16"))


def test_a_longer_answer_is_another_setting(left, our_checkpoint, monkeypatch):
    """How many tokens an answer may have was no setting: a run went on with answers cut elsewhere."""
    output, _ = left
    monkeypatch.setattr(bench_codi, "MAX_NEW_TOKENS", 8)
    with pytest.raises(UserError, match="max_new_tokens was 12, now 8"):
        bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning"))


@pytest.mark.parametrize("text", ["", "[1]", '{"model": '])
def test_damaged_settings_are_not_called_other_ones(left, our_checkpoint, text):
    """Each setting was said to have been None."""
    output, part = left
    (part.parent / "settings.json").write_text(text)
    with pytest.raises(UserError, match="settings of that run are damaged. Remove .*left.json.parts to start anew"):
        bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning"))


def test_damaged_lines_are_answered_again(left, our_checkpoint):
    """A line with other types, or of no UTF-8, was a traceback."""
    output, part = left
    rows = ["[[0, {}, 1.0]]", "3", '[[0, "x"]]', *(f'[[{index}, "x", null, 1]]' for index in (99, -1, '"0"'))]
    lines = [f'{{"run": "latent 4", "answers": {row}, "seconds": 1.0}}\n'.encode() for row in rows]
    part.write_bytes(part.read_bytes() + b"".join(lines) + b"\xff\n[1]\n")
    bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning"))
    assert len(json.loads(output.read_text())["reasoning"]["details"]) == 12 and not part.parent.exists()


def test_only_what_the_run_made_is_removed(left, our_checkpoint):
    output, part = left
    for name in ("notes.txt", "answers-mine.jsonl"):
        (part.parent / name).write_text("mine")
    bench_codi.main(arguments(our_checkpoint, output, "--mode", "reasoning"))
    assert sorted(path.name for path in part.parent.iterdir()) == ["answers-mine.jsonl", "notes.txt"]
