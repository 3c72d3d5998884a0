"""Each script's main, run as a user runs it, on a small random checkpoint or on tiny-codi."""

import ast
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from builders import typing
from forked import as_script

import bench_codi
import chat_codi
from checkpoints import TINY
from scripting import UserError, printable, provenance, run_script
from stories import outside

ROOT = Path(__file__).parent.parent
STORY = "Ava has 12 apples. On Monday Ava buys 5 more apples. How many apples does Ava have?"


def chat(folder, *arguments, **more):
    return as_script(chat_codi.main, ["--model", folder, "--device", "cpu", *arguments], **more)


# --- bench_codi.py ---


def bench(folder, tmp_path, *arguments):
    output = tmp_path / "results.json"
    run = ["--model", str(folder), "--data", "word-problems", "-n", "12", "--device", "cpu", "--output", str(output)]
    bench_codi.main([*run, *arguments])
    return json.loads(output.read_text())


def test_bench_keeps_the_earlier_keys(our_checkpoint, tmp_path, capsys, short_answers):
    results = bench(our_checkpoint, tmp_path, "--mode", "all")
    for key in ("reasoning", "no_reasoning", "cot"):
        entry = results[key]
        assert {"accuracy", "num_latent", "time_seconds", "num_examples", "details", "interval"} <= entry.keys()
        assert set(entry["details"][0]) == {"index", "question", "gold", "predicted", "response", "correct"}
        assert [d["index"] for d in entry["details"]] == list(range(12))
        right = sum(d["correct"] for d in entry["details"])
        assert (
            entry["accuracy"] == 100 * right / 12 and entry["interval"][0] <= entry["accuracy"] <= entry["interval"][1]
        )
        assert sum(c["total"] for c in entry["by_steps"].values()) == 12
        assert sum(c["correct"] for c in entry["by_steps"].values()) == right
    assert (results["reasoning"]["num_latent"], results["no_reasoning"]["num_latent"]) == (4, 0)
    meta = results["meta"]
    assert meta["prompt_form"] == "plain" and meta["arguments"]["n"] == 12 and meta["dtype"] == "float32"
    assert {"model", "revision", "device", "versions", "commit", "data"} <= meta.keys()
    assert "/12 = " in capsys.readouterr().out


def test_bench_gives_the_same_answers_every_time(our_checkpoint, tmp_path, short_answers):
    first, second = (bench(our_checkpoint, tmp_path) for _ in range(2))
    for key in ("reasoning", "no_reasoning"):
        assert first[key]["details"] == second[key]["details"]


@pytest.mark.parametrize("mode, keys", [("both", 2), ("reasoning", 1), ("none", 1), ("cot", 1)])
def test_bench_modes(our_checkpoint, tmp_path, mode, keys, short_answers):
    results = bench(our_checkpoint, tmp_path, "--mode", mode)
    assert len({"reasoning", "no_reasoning", "cot"} & results.keys()) == keys
    assert ("advantage" in results) == (mode == "both")


def test_bench_sweeps_and_plots(our_checkpoint, tmp_path, short_answers):
    plot = tmp_path / "plot.png"
    results = bench(our_checkpoint, tmp_path, "--sweep-latents", "--plot", str(plot))
    assert [entry["num_latent"] for entry in results["sweep"]] == [0, 1, 2, 3, 4]
    assert results["sweep"][4]["details"] == results["reasoning"]["details"]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_advantage_counts_pairs():
    rights = ([True, True, True, False], [False, False, True, True])
    gain = bench_codi.advantage(*({"accuracy": 0, "details": [{"correct": r} for r in row]} for row in rights))
    assert (gain["helped"], gain["hurt"], gain["p_value"]) == (2, 1, 1.0)


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["-n", "0"], "positive whole number"),
        (["-n", "-3"], "positive whole number"),
        (["-n", "many"], "positive whole number"),
        (["--mode", "loud"], "invalid choice"),
        (["--data", "gsm9k"], "word-problems"),
        (["--data", "word-problems", "--split", "tset"], "test"),
        (["--batch-size", "0"], "positive whole number"),
        (["--model", "nothing-here"], "official-gpt2"),
        (["--prompt-form", "sung"], "native"),
        (["--dtype", "int8"], "bfloat16"),
        (["--device", "toaster", "-n", "1"], "--device cpu"),
        (["--output", "no/such/folder/x.json"], "mkdir -p"),
        (["--output", "."], "folder"),
        (["--output", "README.md/x.json"], "mkdir -p"),
        (["--output", "/dev/null"], "device"),
        (["--output", "same.png", "--plot", "same.png"], "two names"),
        (["--seed", "x"], "whole number"),
    ],
)
def test_bench_bad_flags_exit_2_with_a_sentence(arguments, word, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench_codi.py", *arguments])
    with pytest.raises(SystemExit) as exit:
        run_script(bench_codi.main)
    assert exit.value.code == 2
    assert word in capsys.readouterr().err


def test_bench_refuses_problems_without_gold(our_checkpoint, tmp_path):
    (tmp_path / "q.jsonl").write_text('{"question": "Why?"}\n')
    with pytest.raises(UserError, match="gold"):
        bench_codi.main(["--model", str(our_checkpoint), "--data", str(tmp_path / "q.jsonl")])


# --- chat_codi.py ---


def test_chat_one_shot_piped(our_checkpoint):
    done = chat(our_checkpoint, "--prompt", "[bold]12[/bold] 🦆 <|bocot|> \x1b[31m")
    assert done.returncode == 0, done.stderr
    assert "[bold]12[/bold] 🦆 <|bocot|>" in done.stdout and "\x1b" not in done.stdout
    assert done.stdout.count("latent step") == 4 and done.stdout.count("cosine to previous") == 4
    assert "norm" in done.stdout and "sparsity" in done.stdout and "lens:" in done.stdout and "answer: " in done.stdout


def test_chat_conversation_survives_bad_questions(our_checkpoint):
    questions = f"{STORY}\n\n   \n{'apples ' * 400}\n{STORY}"
    done = chat(our_checkpoint, "--no-reasoning", stdin=questions)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert done.stdout.count("answer: ") == 2
    assert done.stdout.count("is empty") == 2 and done.stdout.count("too long") == 1
    assert "latent step" not in done.stdout


def test_chat_ends_where_standard_input_is_closed(our_checkpoint, monkeypatch, capsys):
    """`<&-` was a traceback."""
    monkeypatch.setattr(sys, "stdin", None)
    chat_codi.main(["--model", str(our_checkpoint), "--device", "cpu"])
    assert "Ask a question" in capsys.readouterr().out


def test_chat_survives_a_terminal_without_emoji(our_checkpoint):
    done = chat(our_checkpoint, "--prompt", "🦆", encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert "question" not in done.stderr and "?" in done.stdout


def test_results_survive_a_closed_pipe(our_checkpoint, tmp_path, short_answers):
    """The report once came first, and a broken pipe lost the whole run."""
    output = tmp_path / "r.json"
    reader, writer = os.pipe()
    os.close(reader)
    options = ["--model", our_checkpoint, "--data", "word-problems", "-n", "2", "--device", "cpu", "--output", output]
    done = as_script(bench_codi.main, options, stdout=writer)
    os.close(writer)
    assert done.returncode in (1, 141) and "Traceback" not in done.stderr, done.stderr
    assert json.loads(output.read_text())["meta"]["data"] == "word-problems"


def test_provenance_without_git(monkeypatch):
    """A slim machine has no git; a training run of hours once died there, at its end."""
    monkeypatch.setenv("PATH", "")
    assert provenance({})["commit"] is None


def test_chat_one_shot_bad_question_exits_2(our_checkpoint):
    done = chat(our_checkpoint, "--prompt", "  ")
    assert done.returncode == 2 and "empty" in done.stderr and "Traceback" not in done.stderr


def test_chat_saves_a_page(our_checkpoint, tmp_path):
    page = tmp_path / "chat.html"
    chat_codi.main(
        ["--model", str(our_checkpoint), "--device", "cpu", "--prompt", "<b>12</b>", "--save-html", str(page)]
    )
    html = page.read_text()
    assert "&lt;b&gt;12&lt;/b&gt;" in html and "<b>12</b>" not in html
    assert html.count("latent step") == 4 and "background-color" in html


def test_chat_streams_what_it_would_answer(our_checkpoint, capsys):
    from codi_model import generate, load_model

    chat_codi.main(["--model", str(our_checkpoint), "--device", "cpu", "--prompt", STORY])
    expected = generate(*load_model(str(our_checkpoint), device="cpu"), STORY, num_latent=4)
    shown = capsys.readouterr().out.partition("answer: ")[2]
    assert shown.strip() == printable(expected).strip()


def test_the_embedded_model_says_what_it_knows_and_what_it_has_never_seen(tiny, our_checkpoint, monkeypatch, capsys):
    """Asked about 160 zebras it answered as surely as about anything."""
    strange = "Ava has 160 zebras. How many zebras does Ava have?"
    for model, is_embedded in (("tiny", True), (str(TINY), True), (str(our_checkpoint), False)):
        typing(monkeypatch, chat_codi.EXAMPLE, strange)
        chat_codi.main(["--model", model, "--device", "cpu"])
        shown = capsys.readouterr().out
        opening, _, rest = shown.partition("Ask a question")
        assert (f"with numbers up to 99, such as: {chat_codi.EXAMPLE}" in opening) == is_embedded
        after_example, after_strange = rest.split("answer: ")[1:]
        assert "never seen" not in after_example
        assert ("(The embedded model has never seen: 160, zebras. Do not" in after_strange) == is_embedded
    chat_codi.main(["--model", "tiny", "--device", "cpu", "--prompt", strange])
    shown = capsys.readouterr().out
    assert "such as" not in shown and shown.count("never seen: 160, zebras") == 1


def test_the_example_to_try_is_a_story():
    assert not outside(chat_codi.EXAMPLE)


@pytest.mark.parametrize("size", [1, 5, 128, 2048, 10001])
@pytest.mark.parametrize("width", [1, 11, 80, 500])
def test_heatmap_fits_any_width(size, width):
    values = torch.randn(size, generator=torch.Generator().manual_seed(0))
    lines = chat_codi.heatmap(values, 1.0, width).plain.rstrip("\n").split("\n")
    assert len(lines) <= chat_codi.HEATMAP_LINES
    assert max(map(len, lines)) <= width
    cells = sum(len(line.strip()) for line in lines)
    assert cells == min(size, chat_codi.HEATMAP_LINES * max(1, width - 4 * (width > 10)))


def test_heatmap_shows_every_extreme():
    """A single large value among 2048 is seen, however narrow the terminal."""
    for place in (0, 1000, 2047):
        values = torch.zeros(2048)
        values[place] = -9.0
        text = chat_codi.heatmap(values, 1.0, 24).plain
        assert text.count("=") == 1 and set(text) <= set("=. \n")


def test_colours_run_from_blue_over_grey_to_red():
    assert [chat_codi.colour(x) for x in (-1, 0, 1)] == ["rgb(40,80,225)", "rgb(128,128,128)", "rgb(225,40,40)"]


SCRIPTS = ["bench_codi.py", "browse_traces.py", "chat_codi.py", "collect_traces.py", "eval_oracle.py",
           "generate_oracle_data.py", "oracle_inference.py", "patch_latents.py", "probe_latents.py", "train_codi.py",
           "train_oracle.py"]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_of_every_script_is_printed(script, capsys):
    with pytest.raises(SystemExit) as exit:
        importlib.import_module(script.removesuffix(".py")).main(["--help"])
    assert exit.value.code == 0 and "--output" in capsys.readouterr().out.replace("--save-html", "--output")


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_runs_as_a_process_of_its_own(script):
    done = subprocess.run([sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and f"usage: {script}" in done.stdout, done.stderr


def test_tiny_is_found_and_said(tiny, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    chat_codi.main(["--prompt", STORY, "--device", "cpu"])
    captured = capsys.readouterr()
    assert "--model tiny" in captured.err and "--model llama1b" in captured.err
    assert captured.out.rstrip().endswith("answer: 17")


def test_no_script_imports_a_script_and_no_file_is_long():
    """chat_codi.py took its talking from oracle_inference.py; codi_model.py had 1,357 lines."""
    texts = {path.stem: path.read_text() for path in ROOT.glob("*.py")}
    scripts = {name for name, text in texts.items() if "run_script(main)" in text}
    assert scripts == {script.removesuffix(".py") for script in SCRIPTS}
    for name, text in texts.items():
        assert text.count("\n") < 700, name
        nodes = list(ast.walk(ast.parse(text)))
        imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        assert not scripts & imported, (name, scripts & imported)
