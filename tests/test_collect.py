"""collect_traces.py as its users run it: stopped anywhere, it goes on; other settings are refused; nothing is lost."""

import json
import os
import re
import resource
import signal
import sys
from dataclasses import replace
from functools import partial
from io import StringIO

import pytest
import torch
from builders import made_trace
from forked import in_processes, start, wait
from rich.console import Console

import collect_traces
from codi_model import generate_latents
from collect_traces import block_numbers, donor_of
from files import read_meta
from loading import load_model
from scripting import UserError, run_script
from trace_parts import Parts, end_line, records
from traces import Vectors, read_traces

ALL = ["--ablation-types", "zero", "skip", "noise", "mean", "swap", "hide", "--vectors", "--layers", "50%"]


pytestmark = pytest.mark.usefixtures("short_answers")


def arguments(folder, output, *more):
    model = ["--model", str(folder), "--data", "word-problems", "--device", "cpu"]
    return [*model, "-n", "9", "--batch-size", "2", "--output", str(output), *more]


def everything(output):
    """The bytes of a run's results."""
    return {
        path.name: path.read_bytes() for path in output.parent.iterdir() if path.is_file() and "meta" not in path.name
    }


@pytest.fixture
def unbroken(our_checkpoint, tmp_path):
    (tmp_path / "a").mkdir()
    output = tmp_path / "a" / "t.jsonl"
    collect_traces.main(arguments(our_checkpoint, output, *ALL))
    return output


def test_records_vectors_and_meta_agree(our_checkpoint, unbroken):
    codi = load_model(str(our_checkpoint), device="cpu")
    traces, vectors = list(read_traces(unbroken)), Vectors(unbroken)
    assert [trace.index for trace in traces] == list(range(9))
    for trace in traces:
        thought = generate_latents(*codi, trace.question, codi.num_latent)
        assert torch.allclose(vectors[trace.index]["h"], thought["h"], atol=1e-5)
        assert torch.allclose(vectors[trace.index]["z"], thought["z"], atol=1e-5)
        assert vectors[trace.index]["resid_1"].shape == vectors[trace.index]["h"].shape
        assert trace.steps[2]["norm"] == pytest.approx(thought["h"][3].norm().item(), rel=1e-4)
        assert trace.donor == donor_of(trace.index, 9, 0) != trace.index
        assert trace.gold_chain and len(trace.ablations) == 24 and trace.lens[0][0]["layer"] == 2
    meta = read_meta(unbroken, "")
    assert meta["settings"]["prompt_form"] == "plain" and meta["settings"]["seed"] == 0
    assert meta["counts"] == {"questions": 9, "batches": 5, "judges": {"number": 9}}
    assert {"versions", "commit", "arguments"} <= meta.keys()
    assert not unbroken.with_name("t.jsonl.parts").exists()
    with pytest.raises(UserError, match="question 9"):
        vectors[9]


@pytest.mark.parametrize("finished", [0, 3])
def test_an_interrupted_run_goes_on_to_the_same_bytes(our_checkpoint, unbroken, tmp_path, monkeypatch, finished):
    (tmp_path / "b").mkdir()
    output, save, calls = tmp_path / "b" / "t.jsonl", Parts.save, []

    def stop(parts, *batch):
        if len(calls) == finished:
            raise KeyboardInterrupt
        calls.append(save(parts, *batch))

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            collect_traces.main(arguments(our_checkpoint, output, *ALL))
    assert not output.exists()
    part = output.with_name("t.jsonl.parts") / "records-0.jsonl"
    with part.open("a") as file:
        file.write('{"index": 3, "quest')  # power cut in mid-write
    collect_traces.main(arguments(our_checkpoint, output, *ALL))
    assert everything(output) == everything(unbroken)


def test_a_killed_process_loses_at_most_its_batch(our_checkpoint, tmp_path):
    """kill -9 after 4 records, then after 10; the third run ends with what an unbroken one writes."""
    whole, broken = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    part, said = tmp_path / "b.jsonl.parts" / "records-0.jsonl", tmp_path / "said.log"
    save = Parts.save

    def kept():
        return part.read_bytes().count(b"\n")

    def dying_at(wanted):
        def saving(parts, *batch):
            save(parts, *batch)
            if kept() >= wanted:
                os.kill(os.getpid(), signal.SIGKILL)

        Parts.save = saving

    for wanted in (4, 10):
        run = arguments(our_checkpoint, broken, "-n", "20")
        child = start(collect_traces.main, run, said, lambda wanted=wanted: dying_at(wanted))
        assert wait(child) == -signal.SIGKILL and kept() == wanted, said.read_text()
    for output in (whole, broken):
        collect_traces.main(arguments(our_checkpoint, output, "-n", "20"))
    assert whole.read_bytes() == broken.read_bytes()


def test_two_processes_write_what_one_writes(our_checkpoint, unbroken, tmp_path):
    output = tmp_path / "two" / "t.jsonl"
    output.parent.mkdir()
    in_processes(collect_traces.main, arguments(our_checkpoint, output, *ALL), tmp_path)
    assert everything(output) == everything(unbroken)


def test_the_same_command_again_has_nothing_to_do(our_checkpoint, unbroken, capsys):
    before = everything(unbroken)
    collect_traces.main(arguments(our_checkpoint, unbroken, *ALL))
    assert "already complete" in capsys.readouterr().err and everything(unbroken) == before


def test_a_damaged_output_is_mended(our_checkpoint, unbroken):
    before = everything(unbroken)
    unbroken.write_bytes(unbroken.read_bytes()[:-100])
    collect_traces.main(arguments(our_checkpoint, unbroken, *ALL))
    assert everything(unbroken) == before


def test_a_damaged_record_or_vector_file_is_made_anew(our_checkpoint, unbroken):
    """A record that was valid JSON but no trace was once merged back as it was."""
    before = everything(unbroken)
    lines = unbroken.read_text().split("\n")
    lines[4] = json.dumps(json.loads(lines[4]) | {"output": None})
    unbroken.write_text("\n".join(lines))
    collect_traces.main(arguments(our_checkpoint, unbroken, *ALL))
    assert everything(unbroken) == before
    vectors = unbroken.with_name("t.vectors-00000.safetensors")
    vectors.write_bytes(b"x")
    collect_traces.main(arguments(our_checkpoint, unbroken, *ALL))
    assert everything(unbroken) == before


def test_vectors_of_an_earlier_run_do_not_stay(our_checkpoint, unbroken):
    unbroken.unlink()
    collect_traces.main(arguments(our_checkpoint, unbroken))
    with pytest.raises(UserError, match="no vectors"):
        Vectors(unbroken)[0]


def test_edited_questions_are_other_settings(our_checkpoint, tmp_path):
    data, output = tmp_path / "q.jsonl", tmp_path / "t.jsonl"
    data.write_text('{"question": "Why?"}\n{"question": "How?"}\n')
    collect_traces.main(arguments(our_checkpoint, output, "--data", str(data)))
    data.write_text('{"question": "Why?"}\n{"question": "Who?"}\n')
    with pytest.raises(UserError, match="questions_sha256"):
        collect_traces.main(arguments(our_checkpoint, output, "--data", str(data)))


def test_other_settings_are_refused_and_named(our_checkpoint, unbroken):
    before = everything(unbroken)
    with pytest.raises(UserError, match="top_k was 10, now 3"):
        collect_traces.main(arguments(our_checkpoint, unbroken, *ALL, "--top-k", "3"))
    with pytest.raises(UserError, match="seed was 0, now 1; top_k was 10, now 3"):
        collect_traces.main(arguments(our_checkpoint, unbroken, *ALL, "--top-k", "3", "--seed", "1"))
    assert everything(unbroken) == before


def test_other_settings_on_a_broken_run_are_refused(our_checkpoint, tmp_path, monkeypatch):
    output = tmp_path / "t.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(Parts, "save", lambda parts, *batch: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            collect_traces.main(arguments(our_checkpoint, output))
    with pytest.raises(UserError, match="questions was 9, now 5"):
        collect_traces.main(arguments(our_checkpoint, output, "-n", "5"))
    (tmp_path / "t.jsonl.parts" / "settings.json").write_text("{")
    with pytest.raises(UserError, match="settings of that run are damaged. Remove .*t.jsonl.parts"):
        collect_traces.main(arguments(our_checkpoint, output))


def test_two_runs_on_one_output_are_refused(our_checkpoint, tmp_path, monkeypatch):
    output, save = tmp_path / "t.jsonl", Parts.save

    def second(parts, *batch):
        monkeypatch.setattr(Parts, "save", save)
        with pytest.raises(UserError, match="Another run is writing"):
            collect_traces.main(arguments(our_checkpoint, output))
        save(parts, *batch)

    monkeypatch.setattr(Parts, "save", second)
    collect_traces.main(arguments(our_checkpoint, output))
    assert len(list(read_traces(output))) == 9


def test_a_full_disk_keeps_what_was_written(our_checkpoint, tmp_path):
    """The limit on a file's size stands in for the disk: the write that crosses it fails as on a full one."""
    output, said = tmp_path / "t.jsonl", tmp_path / "said.log"
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (25_000, 25_000))
    run = arguments(our_checkpoint, output, "--vectors")
    assert wait(start(lambda argv: run_script(lambda: collect_traces.main(argv)), run, said, limit)) == 2
    assert "make room" in said.read_text() and "Traceback" not in said.read_text()
    kept = (tmp_path / "t.jsonl.parts" / "records-0.jsonl").read_bytes()
    assert kept.count(b"\n") >= 2
    collect_traces.main(run)
    assert len(list(read_traces(output))) == 9


@pytest.mark.parametrize(
    "more, word",
    [
        (["--ablation-types", "zero", "erase"], "'erase' .choose from '?zero'?, '?skip"),
        (["--output", "no/such/folder/t.jsonl"], "mkdir -p"),
        (["--output", "."], "folder"),
        (["--top-k", "0"], "positive whole number"),
        (["--top-k", "398"], "397 tokens"),
        (["--noise-scale", "-1"], "non-negative number"),
        (["--layers", "50%"], "needs --vectors"),
        *[
            ([f"--layers={layers}", "--vectors"], "no inner block")
            for layers in ("150%", "100%", "2", "inf%", "-5%", "x")
        ],
        (["--data", "empty.jsonl"], "empty.jsonl"),
        (["--data", "long.jsonl"], "Question 1 .*too long"),
        (["-n", "1", "--ablation-types", "swap"], "-n 2"),
    ],
)
def test_bad_input_exits_2_with_a_sentence(our_checkpoint, tmp_path, monkeypatch, capsys, more, word):
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "long.jsonl").write_text('{"question": "Hm?"}\n' + json.dumps({"question": "apples " * 300}) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["collect_traces.py", *arguments(our_checkpoint, "t.jsonl"), *more])
    with pytest.raises(SystemExit) as exit:
        run_script(collect_traces.main)
    assert exit.value.code == 2
    assert re.search(word, capsys.readouterr().err)
    assert not (tmp_path / "t.jsonl").exists()


def test_questions_without_gold_are_traced(our_checkpoint, tmp_path):
    (tmp_path / "q.jsonl").write_text('{"question": "Why?"}\n{"question": "How?"}\n')
    output = tmp_path / "t.jsonl"
    more = ["--data", str(tmp_path / "q.jsonl"), "--skip-ablation", "--skip-early-decode"]
    collect_traces.main(arguments(our_checkpoint, output, *more))
    traces = list(read_traces(output))
    assert [t.gold_answer for t in traces] == [None, None] and traces[0].correct is None
    assert not traces[0].ablations and not traces[0].early_decodes


def test_donors_and_blocks():
    donors = {donor_of(3, 5, seed) for seed in range(50)}
    assert donors == {0, 1, 2, 4}
    assert block_numbers("25%,50%,75%", 16) == (4, 8, 12) and block_numbers("25%,2,2", 3) == (1, 2)
    assert block_numbers(None, 2) == ()


def test_half_lines_are_closed_and_traced_again(tmp_path, capsys):
    part = tmp_path / "p"
    for before, after in ((b"", b""), (b"a\n", b"a\n"), (b"a\nhalf", b"a\nhalf\n")):
        part.write_bytes(before)
        end_line(part)
        assert part.read_bytes() == after
    assert [index for index, _ in records(part)] == [None, None]
    assert "traced again" in capsys.readouterr().err


def test_the_summary_tells_whose_answer_all_latents_of_another_question_give():
    """Question 0 runs on question 1's latents and says its answer; 1 on 0's and says its own; 2 has 1's answer
    itself."""
    whole = {"steps": [0, 1, 2, 3], "output": "30"}
    traces = [
        replace(made_trace(0, output="17"), patches=[whole | {"donor": 1}, {"donor": 1, "steps": [1], "output": "9"}]),
        replace(made_trace(1, output="30"), patches=[whole | {"donor": 0}]),
        replace(made_trace(2, output="30.0"), patches=[whole | {"donor": 1}]),
    ]
    counts = collect_traces.Counts(traces)
    assert counts.telling_patches() == [(True, False), (False, True)]
    console = Console(file=StringIO(), width=200)
    collect_traces.summarise(counts, console)
    assert "that answer in 1/2 = 50.0% [9.5, 90.5], its own in 1/2" in console.file.getvalue()


def interrupted(folder, output, monkeypatch, finished):
    """A run with all ablations and vectors that stops after `finished` batches."""
    save, calls = Parts.save, []

    def stop(parts, *batch):
        if len(calls) == finished:
            raise KeyboardInterrupt
        calls.append(save(parts, *batch))

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            collect_traces.main(arguments(folder, output, *ALL))


def with_zeros(path):
    """What a power cut can leave: the file's length, and zeros where its second half was."""
    size = path.stat().st_size
    os.truncate(path, size // 2)
    os.truncate(path, size)


@pytest.mark.parametrize("name", ["z.npy", "vectors-000000.safetensors", "z-0.hashes"])
def test_zeros_where_numbers_were_are_made_anew(our_checkpoint, unbroken, tmp_path, monkeypatch, name):
    """A z.npy that was cut and extended with zeros gave other means and donors, in silence."""
    (tmp_path / "b").mkdir()
    output = tmp_path / "b" / "t.jsonl"
    interrupted(our_checkpoint, output, monkeypatch, 2)
    with_zeros(output.with_name("t.jsonl.parts") / name)
    collect_traces.main(arguments(our_checkpoint, output, *ALL))
    assert everything(output) == everything(unbroken)


def test_vectors_and_folders_of_others_stay(our_checkpoint, tmp_path):
    """`--output x.jsonl` once unlinked or overwrote every x.vectors-*, whoever had made it."""
    theirs = [tmp_path / f"t.vectors-{end}" for end in ("00000.safetensors", "mine", "00007.safetensors")]
    for path in theirs:
        path.write_text("mine")
    output = tmp_path / "t.jsonl"
    with pytest.raises(UserError, match="vectors-00000.safetensors is there already"):
        collect_traces.main(arguments(our_checkpoint, output, "--vectors"))
    collect_traces.main(arguments(our_checkpoint, output))
    assert [path.read_text() for path in theirs] == ["mine"] * 3
    parts = tmp_path / "u.jsonl.parts"
    parts.mkdir()
    (parts / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="notes.txt is there already"):
        collect_traces.main(arguments(our_checkpoint, tmp_path / "u.jsonl"))
    assert (parts / "notes.txt").read_text() == "mine"
