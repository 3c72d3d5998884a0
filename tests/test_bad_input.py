"""A table of bad inputs: each ends in exit code 2 and one sentence that names what is wrong, never in a traceback, and
nothing is written. A row is a name, a script, its arguments, and a word of the sentence."""

import json
import shutil
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

import bench_codi
import chat_codi
import collect_traces
import eval_oracle
import generate_oracle_data
import oracle_inference
import train_codi
import train_oracle
from scripting import run_script

SCRIPTS = {
    "bench": bench_codi, "chat": chat_codi, "collect": collect_traces, "eval": eval_oracle,
    "generate": generate_oracle_data, "ask": oracle_inference, "train_codi": train_codi, "train_oracle": train_oracle,
}  # fmt: skip
GOOD = '{"question": "Q?", "answer": 1}\n'
NUL, LONG = "a\0b", "n" * 300


@pytest.fixture
def refused(monkeypatch, capsys, tmp_path):
    """refused(script, arguments, word): run as a user runs it, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(script, arguments, word):
        before = sorted(path.name for path in tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", [f"{script}.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit:
            run_script(SCRIPTS[script].main)
        said = capsys.readouterr().err
        assert exit.value.code == 2, said
        assert "Traceback" not in said and word in said, said
        assert "\x1b" not in said and "\a" not in said, repr(said)
        last = said.rstrip("\n").split("\n")[-1]
        assert len(last) < 1200 and last.strip(), said
        assert sorted(path.name for path in tmp_path.rglob("*")) == before, "something was written"

    return run


# --- Data of the user's own: name of the file, its content, a word of the sentence

DATA = [
    ("empty.jsonl", "", "empty.jsonl"),
    ("blank.jsonl", "\n \n", "blank.jsonl"),
    ("binary.jsonl", b"\x00\x01\xfe\xff\x80", "binary.jsonl"),
    ("half.jsonl", GOOD + '{"question": "Q', "half.jsonl:2"),
    ("number.jsonl", GOOD + "3\n", "number.jsonl:2"),
    ("null.jsonl", GOOD + "null\n", "null.jsonl:2"),
    ("text.jsonl", GOOD + '"hello"\n', "text.jsonl:2"),
    ("nan.jsonl", GOOD + '{"question": "Q?", "answer": NaN}', "nan.jsonl:2"),
    ("infinity.jsonl", GOOD + '{"question": "Q?", "answer": 1e999}', "infinity.jsonl:2"),
    ("digits.jsonl", GOOD + '{"question": "Q?", "answer": ' + "9" * 400 + "}", "digits.jsonl:2"),
    ("quoted.jsonl", GOOD + '{"question": "Q?", "answer": "' + "9" * 400 + '"}', "quoted.jsonl:2"),
    ("deep.jsonl", GOOD + "[" * 99999, "deep.jsonl:2"),
    ("surrogate.jsonl", GOOD + '{"question": "\\ud800?", "answer": 1}', "surrogate.jsonl:2"),
    ("no-question.jsonl", GOOD + '{"answer": 1}', "no-question.jsonl:2"),
    ("question-int.jsonl", GOOD + '{"question": 5, "answer": 1}', "question-int.jsonl:2"),
    ("question-list.jsonl", GOOD + '{"question": ["Q"], "answer": 1}', "question-list.jsonl:2"),
    ("question-dict.jsonl", GOOD + '{"question": {}, "answer": 1}', "question-dict.jsonl:2"),
    ("question-blank.jsonl", GOOD + '{"question": "  ", "answer": 1}', "question-blank.jsonl:2"),
    ("answer-text.jsonl", GOOD + '{"question": "Q?", "answer": "lots"}', "answer-text.jsonl:2"),
    ("answer-two.jsonl", GOOD + '{"question": "Q?", "answer": "3 or 4"}', "answer-two.jsonl:2"),
    ("answer-bool.jsonl", GOOD + '{"question": "Q?", "answer": true}', "answer-bool.jsonl:2"),
    ("answer-list.jsonl", GOOD + '{"question": "Q?", "answer": [1, 2]}', "answer-list.jsonl:2"),
    ("answer-dict.jsonl", GOOD + '{"question": "Q?", "answer": {"a": 1}}', "answer-dict.jsonl:2"),
    ("answer-empty.jsonl", GOOD + '{"question": "Q?", "answer": ""}', "answer-empty.jsonl:2"),
    ("cot-int.jsonl", GOOD + '{"question": "Q?", "cot": 5, "answer": 1}', "cot-int.jsonl:2"),
    ("cot-list.jsonl", GOOD + '{"question": "Q?", "cot": ["a"], "answer": 1}', "cot-list.jsonl:2"),
    ("no-gold.jsonl", '{"question": "Why?"}\n', "gold"),
    ("cursor.jsonl", '{"id": "\\u001b[2J\\u0007", "question": "Why?"}\n', "gold"),
    ("object.json", '{"question": "Q?"', "object.json"),
    ("number.json", "3", "number.json"),
    ("cut.json", "[1, ", "cut.json"),
    ("item.json", '[{"question": "Q?", "answer": 1}, 5]', "item.json"),
    ("marks.txt", "Q?||<<1+1=2>> #### 2\nQ? ||no mark", "marks.txt:2"),
    ("prose.txt", "Once upon a time.\n", "prose.txt:1"),
    ("nothing.csv", "a,b\n1,2\n", "nothing.csv"),
]  # fmt: skip


@pytest.mark.parametrize("name, content, word", DATA, ids=[row[0] for row in DATA])
def test_data(refused, our_checkpoint, tmp_path, name, content, word):
    content = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(content)
    refused("bench", ["--model", our_checkpoint, "--data", name, "--device", "cpu"], word)


# --- Options

OPTIONS = [
    *[("bench", ["--data", data], "word-problems") for data in ("gsm9k", NUL, LONG, "", "/no/such.jsonl")],
    ("bench", ["--data", "."], "folder"),
    *[("bench", ["--output", path], "path") for path in ("", " ", "/", LONG, NUL)],
    *[("bench", ["--plot", path], "path") for path in ("", "/", LONG, LONG + ".png", "x.txt")],
    *[("chat", ["--prompt", "Q?", "--save-html", path], "path") for path in ("", "/", LONG + ".html", "x.json")],
    *[("collect", ["--output", path], "path") for path in ("", "/", LONG, NUL)],
    *[("generate", ["--output", path], "path") for path in ("", "/", LONG, NUL)],
    *[("train_codi", ["--from-scratch", "--output", path], "path") for path in ("", "/", LONG, NUL)],
    *[("train_oracle", ["--output", path], "path") for path in ("", "/", LONG, NUL)],
    *[("eval", ["--output", path], "path") for path in ("", "/", LONG, NUL)],
    *[("ask", ["--traces", "t.jsonl", "--output", path], "path") for path in ("", "/", LONG)],
    *[("bench", ["-n", n], "positive whole number") for n in ("0", "-1", "x", "1.5", "9" * 400)],
    *[("bench", ["--seed", n], "whole number") for n in ("-1", "x", "9" * 400)],
    *[("bench", ["--model", name], "official-gpt2") for name in ("", "nothing", "a/b/c", NUL, LONG, "../..")],
    *[
        ("bench", ["--device", name, "--data", "word-problems", "-n", "1"], "--device cpu")
        for name in ("toaster", "meta", "cuda:99")
    ],
    ("bench", ["--split", "tset", "--data", "word-problems"], "test"),
    ("bench", ["--batch-size", "0"], "positive whole number"),
    ("bench", ["--lora-alpha", "0"], "--lora-alpha"),
    ("bench", ["--rotary", "float8"], "--rotary"),
    ("bench", ["--output", "no/folder/x.json"], "mkdir -p"),
    ("bench", ["--output", "."], "folder"),
    ("bench", ["--output", "x.png", "--plot", "x.png"], "overwrite"),
    ("collect", ["--top-k", "0"], "positive whole number"),
    ("collect", ["--noise-scale", "nan"], "non-negative number"),
    ("collect", ["--noise-scale", "inf"], "non-negative number"),
    ("collect", ["--ablation-types", "erase"], "hide"),
    ("collect", ["--layers", "1"], "--vectors"),
    ("collect", ["--patches", "-1"], "whole number"),
    ("generate", ["--input", "none.jsonl"], "collect_traces.py"),
    ("generate", ["--val-share", "1"], "share"),
    ("generate", ["--val-share", "nan"], "share"),
    ("generate", ["--strategies", "magic"], "ablation"),
    ("train_codi", ["--output", "x"], "--from-scratch"),
    ("train_codi", ["--from-scratch", "--output", "x", "--lr", "nan"], "non-negative number"),
    ("train_codi", ["--from-scratch", "--output", "x", "--lr", "inf"], "non-negative number"),
    ("train_codi", ["--from-scratch", "--output", "x", "--width", "30"], "--heads"),
    ("train_codi", ["--from-scratch", "--output", "x", "--epochs", "0"], "--epochs"),
    ("train_codi", ["--from-scratch", "--output", "x", "--seed", "9" * 30], "whole number"),
    ("train_codi", ["--from-scratch", "--output", "x", "--data", "typo"], "typo"),
    ("train_codi", ["--from-scratch", "--output", "x", "--report-to", "wandb"], "wandb"),
    ("train_codi", ["--model", "nobody/none", "--data", "word-problems", "-n", "8", "--output", "x"], "nobody/none"),
    ("train_codi", ["--model", "gpt2", "--data", "word-problems", "-n", "16", "--output", "x"], "fetch gpt2 from"),
    ("train_codi", ["--from-scratch", "--output", "x", "--family", "coconut"], "leave it out with --from-scratch"),
    ("train_oracle", ["--train", "none.jsonl"], "generate_oracle_data.py"),
    ("train_oracle", ["--vectors", "q"], "resid_L"),
    ("train_oracle", ["--report-to", "wandb"], "wandb"),
    ("eval", ["--traces", "none.jsonl"], "collect_traces.py"),
    ("eval", ["--per-task", "0"], "positive whole number"),
    ("eval", ["--allow-seen", "--drop-seen"], "--allow-seen"),
    ("ask", [], "--prompt"),
    ("ask", ["--traces", "t.jsonl"], "--output"),
    ("ask", ["--prompt", "Q?", "--oracle-dir", "nowhere"], "train_oracle.py"),
    ("ask", ["--prompt", "  ", "--device", "cpu"], "empty"),
    ("chat", ["--prompt", "  ", "--device", "cpu"], "empty"),
    ("chat", ["--prompt", "apples " * 2000, "--device", "cpu"], "too long"),
    ("chat", ["--prompt", "a\udcffb", "--device", "cpu"], "UTF-8"),
    ("chat", ["--compare-codi"], "--oracle"),
    ("chat", ["--oracle", "--no-reasoning"], "--no-reasoning"),
]  # fmt: skip


@pytest.mark.parametrize("script, arguments, word", OPTIONS, ids=range(len(OPTIONS)))
def test_options(refused, script, arguments, word):
    refused(script, arguments, word)


# --- Checkpoint folders, each the good one with one thing changed


def edited(name, change):
    """A change of one JSON file of a folder."""

    def apply(folder):
        value = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(value | change if isinstance(change, dict) else change))

    return apply


def spoiled(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def removed(name):
    return lambda folder: (folder / name).unlink()


def reweighed(change, name="model.safetensors"):
    """A change of the weights, made by `change(weights)`."""

    def apply(folder):
        weights = load_file(folder / name)
        change(weights)
        save_file(weights, folder / name)

    return apply


def each(weights, cast):
    weights.update({key: cast(tensor) for key, tensor in weights.items()})


NORM = "model.norm.weight"
WEIGHTS = {
    "missing": reweighed(lambda w: w.pop(NORM)),
    "foreign": reweighed(lambda w: w.update(stranger=torch.zeros(1))),
    "misshapen": reweighed(lambda w: w.update({NORM: torch.ones(31)})),
    "nan": reweighed(lambda w: w[NORM].fill_(torch.nan)),
    "infinite": reweighed(lambda w: w[NORM].fill_(torch.inf)),
    "int64": reweighed(lambda w: each(w, lambda t: t.long())),
    "int8": reweighed(lambda w: each(w, lambda t: t.to(torch.int8))),
    "bool": reweighed(lambda w: each(w, lambda t: t > 0)),
    "complex": reweighed(lambda w: each(w, lambda t: t.to(torch.complex64))),
    "float8": reweighed(lambda w: each(w, lambda t: t.to(torch.float8_e4m3fn))),
    "flat": reweighed(lambda w: each(w, lambda t: t.flatten().clone())),
    "cut": lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-50]),
    "empty": spoiled("model.safetensors", b""),
    "no-weights": removed("model.safetensors"),
}


def with_a_tokenizer_of_its_own(folder):
    """Code in the folder, which must not be run."""
    (folder / "t.py").write_text("open('owned', 'w')")
    changes = {"tokenizer_class": "Mine", "auto_map": {"AutoTokenizer": ["t.T", None]}}
    edited("tokenizer_config.json", changes)(folder)


CHECKPOINTS = WEIGHTS | {
    "config-text": spoiled("config.json", b"hello"),
    "config-list": edited("config.json", [1]),
    "config-auto-map": edited("config.json", {"model_type": "mine", "auto_map": {"AutoConfig": "c.C"}}),
    "config-type": edited("config.json", {"model_type": "t5"}),
    "config-type-int": edited("config.json", {"model_type": 5}),
    "config-heads": edited("config.json", {"num_attention_heads": 0}),
    "config-width": edited("config.json", {"hidden_size": "wide"}),
    "config-layers": edited("config.json", {"num_hidden_layers": 3}),
    "config-act": edited("config.json", {"hidden_act": "x"}),
    "settings-text": spoiled("codi.json", b"{"),
    "settings-list": edited("codi.json", []),
    "settings-form": edited("codi.json", {"prompt_form": "sung"}),
    "settings-form-list": edited("codi.json", {"prompt_form": ["plain"]}),
    "settings-latent": edited("codi.json", {"num_latent": -1}),
    "settings-latent-text": edited("codi.json", {"num_latent": "4"}),
    "settings-latent-bool": edited("codi.json", {"num_latent": True}),
    "tokenizer-text": spoiled("tokenizer.json", b"hello"),
    "tokenizer-gone": removed("tokenizer.json"),
    "tokenizer-auto-map": with_a_tokenizer_of_its_own,
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_checkpoints(refused, our_checkpoint, name):
    CHECKPOINTS[name](our_checkpoint)
    arguments = ["--model", our_checkpoint, "--data", "word-problems", "-n", "2", "--device", "cpu"]
    refused("bench", arguments, str(our_checkpoint))


# --- Oracle folders

ORACLE_FIELDS = [
    {"base": 5}, {"num_latent": "6"}, {"num_latent": 0}, {"num_latent": None}, {"strategies": "ablation"},
    {"strategies": [1]}, {"traces": None}, {"traces": []}, {"train": 7}, {"train": {"pairs": "many"}}, {"train": {}},
    {"max_tokens": "long"}, {"max_tokens": -5}, {"reads": "minds"}, {"reads": 3}, {"vectors": "h"},
    {"vectors": ["q"]}, {"vectors": [1]}, {"steps": "some"}, {"steps": True}, {"token_info": "yes"},
]  # fmt: skip
ORACLES = WEIGHTS | {
    **{f"field-{json.dumps(change)}": edited("oracle.json", change) for change in ORACLE_FIELDS},
    "settings-text": spoiled("oracle.json", b"{"),
    "settings-list": edited("oracle.json", []),
    "settings-null": spoiled("oracle.json", b"null"),
    "settings-gone": removed("oracle.json"),
    "smaller-tokenizer": lambda folder: shutil.copy(folder.parent / "other" / "tokenizer.json", folder),
    "config-auto-map": edited("config.json", {"model_type": "mine", "auto_map": {"AutoConfig": "c.C"}}),
    "config-text": spoiled("config.json", b"hello"),
}


@pytest.fixture(scope="session")
def full_oracle(data, tmp_path_factory):
    """An oracle all of whose weights are its own, and another tokenizer beside it."""
    from builders import train

    from problems import word_problems
    from train_codi import build_tokenizer

    folder = tmp_path_factory.mktemp("full")
    train(data, folder / "oracle", "--base", "tiny", "--max-steps", "1", "--save-every", "1")
    build_tokenizer([p.question for p in word_problems("train", 50)], 300).save_pretrained(folder / "oracle" / "other")
    return folder / "oracle" / "best"


@pytest.mark.parametrize("name", ORACLES)
def test_oracles(refused, full_oracle, tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("spoiled") / "best"
    shutil.copytree(full_oracle, folder)
    shutil.copytree(full_oracle.parent / "other", folder.parent / "other")
    ORACLES[name](folder)
    refused("ask", ["--prompt", "Q?", "--query", "Why?", "--oracle-dir", folder, "--device", "cpu"], str(folder))


ADAPTERS = {
    "half": reweighed(lambda w: w.pop(next(key for key in w if "lora_B" in key)), "adapter_model.safetensors"),
    "foreign": reweighed(lambda w: w.update(stranger=torch.zeros(1)), "adapter_model.safetensors"),
    "nan": reweighed(lambda w: next(iter(w.values())).fill_(torch.nan), "adapter_model.safetensors"),
    "int": reweighed(lambda w: each(w, lambda t: t.long()), "adapter_model.safetensors"),
    "misshapen": reweighed(lambda w: each(w, lambda t: t[:1].clone()), "adapter_model.safetensors"),
    "cut": spoiled("adapter_model.safetensors", b"x"),
    "gone": removed("adapter_model.safetensors"),
    "config-text": spoiled("adapter_config.json", b"{"),
    "config-list": spoiled("adapter_config.json", b"[]"),
    "config-type": edited("adapter_config.json", {"peft_type": "MAGIC"}),
    "config-rank": edited("adapter_config.json", {"r": "x"}),
    "revision": edited("oracle.json", {"base_revision": "another"}),
    "base-gone": edited("oracle.json", {"base": "/no/such/base"}),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_adapters(refused, lora_oracle, tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("spoiled") / "best"
    shutil.copytree(lora_oracle, folder)
    ADAPTERS[name](folder)
    word = "/no/such/base" if name == "base-gone" else str(folder)
    refused("ask", ["--prompt", "Q?", "--query", "Why?", "--oracle-dir", folder, "--device", "cpu"], word)


# --- Traces: the second line with one thing changed


def in_step(**change):
    return lambda row: row["steps"][0].update(change)


def without(name):
    return lambda row: row.pop(name)


TRACES = {
    **{f"no-{name}": without(name) for name in ("index", "question", "output", "no_reasoning_output", "steps")},
    **{f"{name}-{json.dumps(value)}": lambda row, name=name, value=value: row.update({name: value}) for name, value in (
        ("index", -1), ("index", "0"), ("index", True), ("index", 1.5), ("question", None), ("question", 5),
        ("gold_answer", "18"), ("output", 17), ("steps", None), ("steps", [1]), ("steps", {}), ("ablations", []),
        ("ablations", {"zero_step0": 5}), ("changed", {"zero_step0": "yes"}), ("early_decodes", [{}]),
        ("early_decodes", [{"after_step": 3, "output": "1"}]), ("encoding", {"norm": 1.0}), ("encoding", 5),
        ("donor", "1"), ("lens", [1]), ("patches", [{}]), ("patches", [5]), ("correct", "yes"), ("gold_chain", 7),
    )},
    "step-name": in_step(step=3),
    "step-gone": lambda row: row["steps"][0].pop("step"),
    "norm-text": in_step(norm="long"),
    "norm-gone": lambda row: row["steps"][0].pop("norm"),
    "top-empty": in_step(top_k_tokens=[], top_k_ids=[], top_k_probs=[]),
    "top-uneven": in_step(top_k_probs=[0.5]),
    "twice": lambda row: row.update(index=0),
}  # fmt: skip
LINES = {
    "half": '{"index": 1, "que', "list": "[]", "nan": '{"index": NaN}', "digits": '{"index": ' + "9" * 400 + "}",
    "deep": "[" * 99999, "surrogate": '{"question": "\\ud800"}', "null": "null",
}  # fmt: skip


@pytest.mark.parametrize("name", [*TRACES, *LINES])
def test_traces(refused, data, tmp_path, name):
    first, second = (data / "train.jsonl").read_text().splitlines()[:2]
    if name in TRACES:
        row = json.loads(second)
        TRACES[name](row)
        second = json.dumps(row)
    (tmp_path / "t.jsonl").write_text(f"{first}\n{second if name in TRACES else LINES[name]}\n")
    (tmp_path / "t.meta.json").write_text('{"settings": {}}')
    refused("generate", ["--input", "t.jsonl"], "t.jsonl:2")


METAS = {
    "text": "{", "list": "[]", "null": "null", "settings-null": '{"settings": null}',
    "settings-list": '{"settings": [1]}',
    "files": '{"settings": {}, "files": 3}', "hash": '{"settings": {}, "files": {"t.jsonl": "00"}}',
}  # fmt: skip


@pytest.mark.parametrize("name", METAS)
def test_meta_files(refused, data, tmp_path, name):
    (tmp_path / "t.jsonl").write_text((data / "train.jsonl").read_text())
    (tmp_path / "t.meta.json").write_text(METAS[name])
    refused("generate", ["--input", "t.jsonl"], "t.")


# --- Files under other files' names

OVER = [
    ("bench", ["--data", "x.jsonl", "--output", "x.jsonl"]),
    ("collect", ["--data", "x.jsonl", "--output", "x.jsonl"]),
    ("collect", ["--data", "x.jsonl", "--output", "x"]),
    ("generate", ["--input", "x.jsonl", "--output", "x.jsonl"]),
    ("generate", ["--input", "x.jsonl", "--output", "y.jsonl", "--val-output", "y.jsonl"]),
    ("eval", ["--traces", "x.jsonl", "--output", "x.jsonl"]),
    ("ask", ["--traces", "x.jsonl", "--output", "x.jsonl"]),
    ("train_codi", ["--model", "folder", "--output", "folder"]),
    ("bench", ["--model", "folder", "--output", "folder/x.json"]),
    ("train_oracle", ["--base", "folder", "--output", "folder/x"]),
]


@pytest.mark.parametrize("script, arguments", OVER, ids=range(len(OVER)))
def test_an_output_over_an_input(refused, tmp_path, script, arguments):
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "model.safetensors").write_text("weights")
    refused(script, arguments, "overwrite")
    assert (tmp_path / "x.jsonl").read_text() == GOOD


FOREIGN = [
    ("bench", ["--output", "config.json"]),
    ("bench", ["--plot", "mine.png"]),
    ("chat", ["--prompt", "Q?", "--save-html", "mine.html"]),
    ("collect", ["--output", "mine.jsonl"]),
    ("generate", ["--output", "mine.jsonl"]),
    ("eval", ["--output", "config.json"]),
    ("ask", ["--traces", "t.jsonl", "--output", "mine.jsonl"]),
    ("train_codi", ["--from-scratch", "--data", "word-problems", "-n", "8", "--output", "folder"]),
]


@pytest.mark.parametrize("script, arguments", FOREIGN, ids=range(len(FOREIGN)))
def test_a_file_that_another_program_wrote(refused, tmp_path, script, arguments):
    (tmp_path / "folder").mkdir()
    for name in ("config.json", "mine.png", "mine.html", "mine.jsonl", "folder/tokenizer_config.json"):
        (tmp_path / name).write_text('{"hidden_size": 8}')
    refused(script, arguments, "did not write")


def test_the_table_is_long_enough():
    rows = [DATA, OPTIONS, CHECKPOINTS, ORACLES, ADAPTERS, TRACES, LINES, METAS, OVER, FOREIGN]
    assert sum(map(len, rows)) >= 150
