"""The user's files: what an output may stand on, and that it is whole or not there."""

import argparse
import errno
import itertools
import json
import os
import signal
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from forked import start, wait
from rich.console import Console

import bench_codi
import eval_oracle
import files
import generate_oracle_data
import oracle_inference
import scripting
import training
from files import claimed, file_path, is_ours, parse_json, read_meta, replacing, write_json, write_meta
from loading import load_model, save_checkpoint
from scripting import UserError, add_row, device_of, new_table, print_table, provenance, run_script


@pytest.mark.parametrize("text", ["", "  ", "/", "//", "/x/..", "a\0b", "n" * 300, "folder/" + "é" * 200])
def test_paths_that_no_file_can_have_are_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="path"):
        file_path(text)


def claim(outputs: dict, inputs: dict | None = None, last=None, **options):
    """The arguments of a script after claimed() and its block."""
    inputs = inputs or {}
    args = argparse.Namespace(**outputs, **inputs, **options)
    with claimed(args, list(outputs), list(inputs), last):
        return args


@pytest.mark.parametrize(
    "given, output",
    [
        ("g.jsonl", "g.jsonl"),
        ("g.jsonl", "folder/../g.jsonl"),
        ("g.jsonl", "link.jsonl"),
        ("g.jsonl", "g"),
        ("g.jsonl", "g.meta.json"),
        ("g", "g.jsonl"),
        ("q.json", "q.json"),
    ],
)
def test_an_output_is_no_input_nor_stands_where_its_companions_do(tmp_path, given, output):
    """generate --input g.jsonl --output g.jsonl once destroyed g.jsonl and exited with 0."""
    (tmp_path / "folder").mkdir()
    (tmp_path / given).write_text("mine\n")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "g.jsonl")
    with pytest.raises(UserError, match="--output .* would overwrite --input"):
        claim({"output": tmp_path / output}, {"input": tmp_path / given})
    assert (tmp_path / given).read_text() == "mine\n"


def test_two_outputs_are_two_files(tmp_path):
    with pytest.raises(UserError, match="--plot .* would overwrite --output"):
        claim({"output": tmp_path / "x.png", "plot": tmp_path / "x.png"})
    claim({"output": tmp_path / "x.json", "plot": tmp_path / "x.png"})
    with pytest.raises(UserError, match="--output .* would overwrite --model"):
        claim({"output": tmp_path}, {"model": tmp_path}, last="codi.json")


@pytest.mark.parametrize("name", ["config.json", "notes.jsonl", "notes.txt", "plot.png", "page.html", "README"])
def test_what_another_program_wrote_is_not_overwritten(tmp_path, name):
    path = tmp_path / name
    path.write_text('{"hidden_size": 3}' if name.endswith("json") else "mine")
    with pytest.raises(UserError, match="did not write it"):
        claim({"output": path})
    path.write_text("")
    claim({"output": path})


def test_a_path_that_is_no_utf8_is_refused_before_any_work(tmp_path):
    """It was taken, and the meta file that names it could not be written when all was done."""
    with pytest.raises(argparse.ArgumentTypeError, match="no UTF-8"):
        files.file_path("caf\udce9.jsonl")
    assert files.file_path("café.jsonl").name == "café.jsonl"
    for inputs in ({"data": "caf\udce9.jsonl"}, {"model": Path("caf\udce9")}):
        with pytest.raises(UserError, match="no UTF-8"):
            claim({"output": tmp_path / "x.json"}, inputs)


def test_our_own_files_may_be_written_again(tmp_path):
    ours = provenance({})
    write_json(tmp_path / "a.json", {"meta": ours})
    with files.drawing(tmp_path / "c.png") as (_, (axis,)):
        axis.set_title(r"$\frac$ and [/b] are text")
    (tmp_path / "d.jsonl").write_text("{}\n")
    write_meta(tmp_path / "d.jsonl", ours, [tmp_path / "d.jsonl"])
    for name in ("a.json", "c.png", "d.jsonl"):
        assert is_ours(tmp_path / name, {}), name
    with pytest.raises(UserError, match="stands beside another file"):
        claim({"output": tmp_path / "d"})


@pytest.fixture
def made_before(tmp_path):
    """A checkpoint ck, an oracle or, traces t.jsonl, an evaluation e.json: as the scripts leave them, but empty."""

    def by(**arguments):
        return provenance(arguments)

    for name in ("ck", "or"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_text("weights")
    write_json(tmp_path / "ck" / "codi.json", {"num_latent": 6, "origin": by(data="gsm8k", output="ck")})
    write_json(tmp_path / "or" / "oracle.json", {"base": "tiny", **by(train="d.jsonl", output="or")})
    (tmp_path / "t.jsonl").write_text("{}\n")
    write_meta(tmp_path / "t.jsonl", by(data="gsm8k", ablation_types=[], output="t.jsonl"), [tmp_path / "t.jsonl"])
    write_json(tmp_path / "e.json", {"meta": by(traces="t.jsonl", per_task=9, output="e.json")})
    write_json(tmp_path / "b.json", {"meta": by(mode="all", output="b.json")})
    return tmp_path


@pytest.mark.parametrize(
    "script, argv, word",
    [
        (bench_codi, "--model ck --output ck/codi.json", "one of a model's files"),
        (bench_codi, "--model ck --output ck/sub/new.json", "one of a model's files"),
        (bench_codi, "--output ck/codi.json", "did not write it"),
        (bench_codi, "--output n.meta.json", "name of what stands beside"),
        (bench_codi, "--output t.meta.json", "name of what stands beside"),
        (bench_codi, "--output t.vectors-00000.safetensors", "name of what stands beside"),
        (bench_codi, "--output e.json", "did not write it"),
        (eval_oracle, "--oracle-dir or --output or/oracle.json", "one of a model's files"),
        (eval_oracle, "--beside or --output or/x.json", "one of a model's files"),
        (eval_oracle, "--output or/oracle.json", "did not write it"),
        (eval_oracle, "--output b.json", "did not write it"),
        (generate_oracle_data, "--input other.jsonl --output t.jsonl", "did not write it"),
        (oracle_inference, "--traces other.jsonl --output t.jsonl", "did not write it"),
    ],
    ids=str,
)
def test_a_result_is_not_written_over_another_kind_of_file_of_ours(made_before, monkeypatch, script, argv, word):
    """`bench_codi.py --model ck --output ck/codi.json` destroyed the checkpoint and exited with 0: the file was asked
    whether it is ours, and not whether this script wrote it."""
    monkeypatch.chdir(made_before)
    before = {path: path.read_bytes() for path in made_before.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match=word):
        script.main(argv.split())
    assert {path: path.read_bytes() for path in made_before.rglob("*") if path.is_file()} == before


def test_a_script_may_write_over_its_own_kind_of_an_older_version(made_before):
    claim({"output": made_before / "b.json", "plot": None}, mode="none", new_option=3)
    claim({"output": made_before / "t.jsonl"}, {"data": "gsm8k"}, ablation_types=["zero"], vectors=True)


def test_what_stands_beside_a_link_stands_beside_its_target(tmp_path):
    """Through link.jsonl -> real/x.jsonl the meta file was written beside the link, so the same command again was
    refused, and the user's own file of that name was overwritten. A link and its target had two locks."""
    (tmp_path / "real").mkdir()
    link, target = tmp_path / "link.jsonl", tmp_path / "real" / "x.jsonl"
    link.symlink_to(target)
    (tmp_path / "link.meta.json").write_text("mine")
    for _ in range(2):
        args = claim({"output": link})
        files.write_text(args.output, "{}\n")
        write_meta(args.output, provenance({"output": args.output}), [args.output])
        assert args.output == target
    assert claim({"output": tmp_path / "new.jsonl"}, {"input": link}).input == target, "its meta file is there"
    (tmp_path / "blob").write_text("{}\n")
    (tmp_path / "cached.jsonl").symlink_to(tmp_path / "blob")
    assert claim({}, {"input": tmp_path / "cached.jsonl"}).input.name == "cached.jsonl"
    assert link.is_symlink() and (tmp_path / "link.meta.json").read_text() == "mine"
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["x.jsonl", "x.meta.json"]
    for one, other in ((link, target), (target, link), (tmp_path / "real" / ".." / "real" / "x.jsonl", target)):
        with claimed(argparse.Namespace(output=one), ["output"], []), pytest.raises(UserError, match="Another run"):
            claim({"output": other}, mode=None)
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(argparse.ArgumentTypeError, match="link to itself"):
        file_path(str(link))


def test_temporary_names_are_no_users(tmp_path):
    """`--output r.json` overwrote r.json.part, emptied and removed .r.json.lock, and removed a folder .part with notes
    in it, whoever had made them."""
    mine = [tmp_path / "r.json.part", tmp_path / ".r.json.lock", tmp_path / "out" / ".part" / "notes.txt"]
    mine[2].parent.mkdir(parents=True)
    for path in mine:
        path.write_text("mine")
    with claimed(argparse.Namespace(output=tmp_path / "r.json"), ["output"], []):
        write_json(tmp_path / "r.json", 1)
    claim({"output": tmp_path / "out"}, last="codi.json")
    with files.replacing_folder(tmp_path / "out", last="codi.json") as made:
        (made / "codi.json").write_text("{}")
    assert all(path.read_text() == "mine" for path in mine)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".r.json.lock", "out", "r.json", "r.json.part"]


@pytest.mark.parametrize("last, name", [
    ("codi.json", "tokenizer_config.json"), ("codi.json", "vocab.txt"), ("codi.json", "model.safetensors"),
    ("codi.json", "training/notes.txt"), ("best/oracle.json", "losses.png"), ("best/oracle.json", "best"),
    ("best/oracle.json", "best/training_questions.json"), ("best/oracle.json", "best/generation_config.json"),
    ("best/oracle.json", "training"),
])  # fmt: skip
def test_a_training_overwrites_no_file_of_another_project(tmp_path, last, name):
    """Only five names were asked about, while a checkpoint has some ten, and an oracle others. With the data in
    d/tokenizer_config.json, `train_codi.py --output d` overwrote its own input."""
    folder = tmp_path / "d"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")
    with pytest.raises(UserError, match=f"did not write .*{name}"):
        claim({"output": folder}, {"data": folder / name}, last=last)
    (folder / name).rename(folder / "train.log")
    claim({"output": folder}, last=last)  # what no save is named as may stand there


@pytest.mark.parametrize("output", [".", "..", "../here", "/tmp"])
def test_a_training_does_not_fill_the_folder_that_one_works_in(tmp_path, monkeypatch, output):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UserError, match="folder that you work in, or holds it"):
        claim({"output": Path(output if output != "/tmp" else tmp_path.parent)}, last="codi.json")


def test_a_name_that_leaves_no_room_for_temporary_names_is_refused_at_once(tmp_path):
    """A name of 251 bytes was taken, and the result could not be written when all was done."""
    with pytest.raises(UserError, match="over 217 bytes"):
        claim({"output": tmp_path / ("n" * 246 + ".json")})


def test_a_checkpoint_killed_at_any_rename_is_saved_again(tmp_path, our_checkpoint):
    """Killed after some of its files were put in place, a training could never be finished: the files were taken for
    another program's, as the folder of those still to come was looked for under another name than it has."""
    codi, output = load_model(str(our_checkpoint), "cpu"), tmp_path / "out"
    training.claim(output, {})
    rename, kill_at = os.replace, 0

    def save(argv):
        calls = itertools.count(1)

        def counted(*paths):
            rename(*paths)
            if next(calls) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = counted
        claim({"output": output}, last="codi.json")
        save_checkpoint(codi, output, {})

    while not (output / "codi.json").exists():
        kill_at += 1
        status = wait(start(save, [], tmp_path / "log"))
        assert status == -signal.SIGKILL, (tmp_path / "log").read_text()
    assert kill_at > 10 and training.is_finished(output, "codi.json")
    assert sorted(os.listdir(output)) == sorted(os.listdir(our_checkpoint))
    assert (output / "model.safetensors").read_bytes() == (our_checkpoint / "model.safetensors").read_bytes()


def test_a_link_is_written_through_and_every_file_has_the_mode_of_the_umask(tmp_path):
    """safetensors wrote 0600 where JSON had 0644, and a link became a file."""
    from safetensors.torch import save_file
    from torch import zeros

    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("")
    link.symlink_to(target)
    before = os.umask(0o027)
    try:
        write_json(link, {"a": 1})
        with replacing(tmp_path / "x.safetensors") as part:
            save_file({"x": zeros(1)}, part)
        with files.replacing_folder(tmp_path / "folder", last="b") as made:
            for name in "abc":
                (made / name).write_text(name)
                (made / name).chmod(0o600)
    finally:
        os.umask(before)
    assert link.is_symlink() and json.loads(target.read_text()) == {"a": 1}
    for path in (target, tmp_path / "x.safetensors", *(tmp_path / "folder").iterdir()):
        assert path.stat().st_mode & 0o777 == 0o640, path
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["a", "b", "c"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    write_json(tmp_path / "x.json", 1)
    with pytest.raises(ValueError):
        write_json(tmp_path / "x.json", float("nan"))
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x.json") as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"] and (tmp_path / "x.json").read_text() == "1\n"


def test_two_runs_do_not_write_one_output_and_a_lock_ends_with_its_run(tmp_path):
    with claimed(argparse.Namespace(output=tmp_path / "t.jsonl"), ["output"], []):
        with pytest.raises(UserError, match="Another run is writing"):
            claim({"output": tmp_path / "t.jsonl"})
        claim({"output": tmp_path / "u.jsonl"})
    claim({"output": tmp_path / "t.jsonl"})
    assert not list(tmp_path.iterdir())


def test_a_meta_file_knows_its_data(tmp_path):
    """Data cut after its meta file was written, or put under another's, was once taken in silence."""
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    for path, text in ((one, "1\n"), (other, "2\n")):
        path.write_text(text)
        write_meta(path, {"settings": {}}, [path])
    assert read_meta(one, "")["files"] == {"one.jsonl": files.sha256(one)}
    os.replace(other, one)
    with pytest.raises(UserError, match="not what its meta file describes"):
        read_meta(one, "Make it anew.")
    for text in ("[]", "{", '{"files": 3}', '{"a": NaN}', "\udcff"):
        files.meta_path(one).write_text(text, errors="surrogateescape")
        with pytest.raises(UserError, match="one.meta.json"):
            read_meta(one, "Make it anew.")


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', '{"a": -Infinity}', "1e999", "9" * 400, "[" * 99999, '"\\ud800"', "", "nul", '{"a": 1'],
)  # fmt: skip
def test_json_that_would_fail_later_is_refused_when_read(text):
    with pytest.raises(ValueError):
        parse_json(text)


def test_json_that_is_well_is_read():
    assert parse_json('{"a": [1, 2.5, "\\ud83e\\udd86", null]}') == {"a": [1, 2.5, "🦆", None]}


def exit_of(main, monkeypatch):
    monkeypatch.setattr(sys, "stdout", StringIO())
    monkeypatch.setattr(sys.stdout, "reconfigure", lambda **_: None, raising=False)
    with pytest.raises(SystemExit) as exit:
        run_script(main)
    return exit.value.code


def test_a_full_disk_is_one_sentence_in_every_script(monkeypatch, capsys):
    def main():
        raise OSError(errno.ENOSPC, "No space left on device", "x.json")

    assert exit_of(main, monkeypatch) == 2
    assert capsys.readouterr().err.startswith("x.json: No space left on device. Make room")


def test_messages_cannot_move_the_cursor(monkeypatch, capsys):
    """A data row's id could clear the terminal."""

    def main():
        raise UserError("question \x1b[2J\n17\a has no answer")

    assert exit_of(main, monkeypatch) == 2
    assert capsys.readouterr().err == "question \\x1b[2J 17\\x07 has no answer\n"


def test_tables_show_text_as_text_and_lose_no_digit():
    """At 80 columns a long column head left "20…" of the score below it."""
    table = new_table("[/b] $x$ :duck:", "metric", "/a/long/path" * 9, left=1)
    add_row(table, "[red]m[/red]", "20.5 [19.1, 22.0]")
    console = Console(file=StringIO(), width=40)
    print_table(console, table)
    shown = console.file.getvalue()
    assert all(text in shown for text in ("[/b] $x$ :duck:", "[red]m[/red]", "20.5 [19.1, 22.0]", "/a/long/path" * 9))
    assert console.width == 40


@pytest.mark.parametrize(
    "command, asked",
    [
        ("python\0/bin/accelerate\0launch\0--num_processes\0002\0x.py\0", 2),
        ("/bin/accelerate-launch\0--num-processes=4\0x.py\0", 4),
        ("accelerate\0launch\0x.py\0", 1),
        ("bash\0-c\0launch --num_processes 3\0", 1),
    ],
)
def test_the_launcher_says_how_many_processes_it_was_asked_for(monkeypatch, command, asked):
    """`accelerate launch --num_processes 2` runs one process on a machine without a second GPU, and said nothing."""
    monkeypatch.setattr(Path, "read_text", lambda path, **_: command)
    assert scripting.processes_asked() == asked


def test_each_process_has_its_own_gpu_and_cpu_stays_cpu():
    """`--device cuda` put all processes of collect_traces.py on one GPU."""

    def state(count, device):
        return SimpleNamespace(num_processes=count, device=torch.device(device))

    assert device_of(state(2, "cuda:1"), "cuda") == device_of(state(2, "cuda:1"), None) == "cuda:1"
    assert device_of(state(1, "cuda:0"), "cuda:1") == "cuda:1" and device_of(state(2, "cpu:0"), "cpu") == "cpu"
