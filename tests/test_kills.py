"""Killed anywhere, the same command again ends with what an unbroken run writes: 56 kills over all scripts.

A forked child runs a script's main and dies by SIGKILL at its k-th file operation (an audit event: open, rename,
remove, mkdir), so that every write, rename and removal has its kill, and no process pays for its imports.
"""

import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
import torch
from forked import start, wait
from safetensors.torch import load_file

import bench_codi
import chat_codi
import collect_traces
import eval_oracle
import generate_oracle_data
import oracle_inference
import train_codi
import train_oracle
from files import LOCK, PART

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_answers")]
KILLS = 7  # of each of the eight scripts
STORY = "Ava has 12 apples. On Monday Ava buys 5 more apples. How many apples does Ava have?"
EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def in_child(main, argv, folder, kill_at=None) -> tuple[int, int]:
    """(exit status, negative for a signal, and the number of file operations in `folder`) of main(argv) in a child."""
    reader, writer = os.pipe()
    count = 0

    def watch(event, args):
        nonlocal count
        if event in EVENTS and args and str(args[0]).startswith(str(folder)):
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    child = start(
        main, argv, Path(f"{folder}.log"),
        before=lambda: sys.addaudithook(watch), after=lambda: os.write(writer, str(count).encode()),
    )  # fmt: skip
    os.close(writer)
    status = wait(child)
    with open(reader) as file:
        return status, int(file.read() or 0)


def results(folder: Path) -> dict:
    """What a run left: bytes by name, of weights the tensors, of JSON what does not tell the time."""
    left = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix == ".json":
            left[name] = timeless(json.loads(path.read_text()), str(folder))
        elif "model" in path.name and path.suffix == ".safetensors":
            left[name] = load_file(path)
        else:
            left[name] = path.read_bytes().replace(str(folder).encode(), b"")
    return left


def timeless(value, folder: str):
    if isinstance(value, dict):
        told = {"time_seconds", "files", "seconds"}
        return {key: timeless(item, folder) for key, item in value.items() if key not in told}
    if isinstance(value, list):
        return [timeless(item, folder) for item in value]
    return value.replace(folder, "") if isinstance(value, str) else value


def same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    for name in one:
        if isinstance(one[name], dict) and all(isinstance(t, torch.Tensor) for t in one[name].values()):
            # gradients of shared starts are summed in no fixed order
            assert all(torch.allclose(one[name][k], other[name][k], atol=1e-6) for k in one[name]), name
        else:
            assert one[name] == other[name], name


def check_kills(main, argv, tmp_path):
    """`argv(folder)` writes into a folder: once unbroken, and once killed KILLS times on the way."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    status, events = in_child(main, argv(whole), whole)
    assert status == 0, Path(f"{whole}.log").read_text()[-2000:]
    killed = 0
    for number in range(KILLS):
        status, _ = in_child(main, argv(broken), broken, kill_at=1 + number * events // (KILLS + 1))
        said = Path(f"{broken}.log").read_text()[-2000:]
        assert status in (0, -signal.SIGKILL) or "already holds a finished" in said, said
        killed += status == -signal.SIGKILL
    assert killed >= KILLS // 2, "else a resumed run has hardly anything left to be killed at"
    status, _ = in_child(main, argv(broken), broken)
    said = Path(f"{broken}.log").read_text()[-2000:]
    assert status == 0 or "already holds a finished" in said, said
    for left in broken.rglob(f"*{LOCK}"):
        left.unlink()  # of a killed run; the next one takes it over and removes it
    same(results(whole), results(broken))


def test_collect(our_checkpoint, tmp_path):
    check_kills(collect_traces.main, lambda folder: [
        "--model", our_checkpoint, "--data", "word-problems", "--device", "cpu", "-n", "9", "--batch-size", "2",
        "--ablation-types", "zero", "mean", "swap", "--vectors", "--output", folder / "t.jsonl"], tmp_path)  # fmt: skip


def test_bench(our_checkpoint, tmp_path):
    check_kills(bench_codi.main, lambda folder: [
        "--model", our_checkpoint, "--data", "word-problems", "--device", "cpu", "-n", "8", "--batch-size", "2",
        "--output", folder / "r.json", "--plot", folder / "r.png"], tmp_path)  # fmt: skip


def test_chat(our_checkpoint, tmp_path):
    """Latencies are drawn, so only that the page is whole is compared."""
    argv = ["--model", our_checkpoint, "--device", "cpu", "--prompt", STORY, "--save-html", tmp_path / "c.html"]
    for number in range(1, KILLS + 1):
        in_child(chat_codi.main, argv, tmp_path, kill_at=number)
        page = tmp_path / "c.html"
        assert not page.exists() or page.read_text().rstrip().endswith("</html>")
    assert in_child(chat_codi.main, argv, tmp_path)[0] == 0
    assert (tmp_path / "c.html").read_text().rstrip().endswith("</html>")


def test_generate(data, tmp_path):
    check_kills(generate_oracle_data.main, lambda folder: [
        "--input", data / "train.jsonl", "--val-share", "0.2", "--output", folder / "d.jsonl",
        "--val-output", folder / "v.jsonl"], tmp_path)  # fmt: skip


def train_codi_into(folder: Path) -> list:
    return [
        "--from-scratch", "--data", "word-problems", "-n", "48", "--width", "32", "--mlp-width", "64", "--vocab-size",
        "400", "--batch-size", "16", "--epochs", "3", "--validate-every", "100", "--validation-n", "4", "--precision",
        "fp32", "--save-every", "2", "--output", folder / "codi"]  # fmt: skip


def train_oracle_into(folder: Path, data: Path, base: Path) -> list:
    return [
        "--train", data / "oracle_data.jsonl", "--val", data / "oracle_val.jsonl", "--base", base,
        "--batch-size", "1", "--val-pairs", "4", "--max-steps", "6", "--save-every", "2", "--log-every", "2",
        "--output", folder / "oracle"]  # fmt: skip


def test_train_codi(tmp_path):
    check_kills(train_codi.main, train_codi_into, tmp_path)


def test_train_oracle(data, base_folder, tmp_path):
    check_kills(train_oracle.main, lambda folder: train_oracle_into(folder, data, base_folder), tmp_path)


def killed_in_finish(script, argv, log: Path, kill_at: int) -> int:
    """The exit status of a training that dies after the `kill_at`-th rename of its finish(); at 0, as that begins."""
    finish, rename, calls = script.finish, os.replace, itertools.count()

    def counted(*paths):
        if paths:
            rename(*paths)
        if next(calls) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*args):
        os.replace = counted
        counted()
        finish(*args)

    def patch():
        script.finish = watched

    return wait(start(script.main, argv, log, patch))


@pytest.mark.parametrize("script", [train_codi, train_oracle], ids=lambda script: script.__name__)
def test_a_training_killed_while_its_files_are_put_in_place_is_finished(script, data, base_folder, tmp_path):
    """Killed after the 3rd, 5th or 6th rename, a CODI training was refused for good: "o holds config.json,
    model.safetensors, which this tool did not write". An oracle could end without its losses.png."""
    folder, begun, log = tmp_path / "run", tmp_path / "begun", tmp_path / "log"
    argv = train_codi_into(folder) if script is train_codi else train_oracle_into(folder, data, base_folder)
    assert killed_in_finish(script, argv, log, 0) == -signal.SIGKILL, log.read_text()
    folder.rename(begun)
    shutil.copytree(begun, folder)
    assert wait(start(script.main, argv, log)) == 0, log.read_text()
    whole = results(folder)
    for kill_at in itertools.count(1):
        shutil.rmtree(folder)
        shutil.copytree(begun, folder)
        if killed_in_finish(script, argv, log, kill_at) == 0:
            break
        assert wait(start(script.main, argv, log)) == 0, log.read_text()
        for lock in folder.glob(f"*{LOCK}"):
            lock.unlink()
        same(whole, results(folder))
        assert not list(folder.rglob(f"*{PART}"))
    assert kill_at > 10


def test_eval(lora_oracle, data, tmp_path, short_replies):
    check_kills(eval_oracle.main, lambda folder: [
        "--traces", data / "test.jsonl", "--oracle-dir", lora_oracle, "--per-task", "1", "-n", "4", "--device", "cpu",
        "--questions", "none",
        "--output", folder / "e.json", "--plot", folder / "e.png"], tmp_path)  # fmt: skip


def test_oracle_inference(lora_oracle, data, tmp_path, short_replies):
    check_kills(oracle_inference.main, lambda folder: [
        "--traces", data / "test.jsonl", "--oracle-dir", lora_oracle, "--device", "cpu", "-n", "4", "--batch", "4",
        "--output", folder / "replies.jsonl"], tmp_path)  # fmt: skip
