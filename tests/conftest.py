"""Small random CODI checkpoints in every layout, on CPU, with no network."""

import os
import sys
from functools import partial
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # models so small only wait for a second thread
sys.path.insert(0, str(Path(__file__).parent.parent))

import pytest
from builders import (
    generate,
    random_codi,
    random_language_model,
    that_ends,
    train,
    write_public_checkpoint,
)

import bench_codi
import collect_traces
import oracle_model
from codi_model import TraceOptions
from loading import load_model, save_checkpoint
from problems import word_problems
from train_codi import build_tokenizer


@pytest.fixture(scope="session")
def tokenizer():
    return build_tokenizer([p.question for p in word_problems("train", 200)], vocab_size=400)


@pytest.fixture(params=["llama", "gpt2"])
def codi(request, tokenizer):
    return random_codi(request.param, tokenizer)


@pytest.fixture(scope="session")
def tiny():
    return load_model("tiny", device="cpu")


@pytest.fixture
def public_checkpoint(tmp_path, tokenizer):
    """write(family, file) -> (folder, peft model, projection): a checkpoint as the official code saves one."""

    def write(family, file):
        folder = tmp_path / f"{family}-{file}"
        return folder, *write_public_checkpoint(folder, tokenizer, family, file)

    return write


@pytest.fixture
def our_checkpoint(tmp_path, tokenizer):
    folder = tmp_path / "ours"
    codi = random_codi("llama", tokenizer)
    that_ends(codi.model, tokenizer)
    save_checkpoint(codi, folder, origin={"test": True})
    return folder


# --- For the oracle ---------------------------------------------------------------------------------------------


@pytest.fixture
def short_replies(monkeypatch):
    """A random model's replies seldom end, and what is tested needs no more of them."""
    monkeypatch.setattr(oracle_model, "MAX_REPLY_TOKENS", 16)


@pytest.fixture
def short_answers(monkeypatch):
    """As short_replies, of a random CODI that is traced or benched."""
    monkeypatch.setattr(collect_traces, "TraceOptions", partial(TraceOptions, max_new_tokens=12))
    monkeypatch.setattr(bench_codi, "MAX_NEW_TOKENS", 12)


@pytest.fixture(scope="session")
def traced(tmp_path_factory):
    """Traces of tiny-codi on training and test stories, with their meta files."""
    folder = tmp_path_factory.mktemp("traces")
    for split, n in (("train", 40), ("test", 12)):
        output = folder / f"{split}.jsonl"
        kinds = ["zero", "skip", "noise", "swap"]
        collect_traces.main(
            ["-n", str(n), "--model", "tiny", "--data", "word-problems", "--split", split, "--device", "cpu",
             "--ablation-types", *kinds, "--output", str(output)]
        )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def data(traced):
    """The folder of `traced` with oracle_data.jsonl and oracle_val.jsonl."""
    generate(traced, traced)
    return traced


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory, tokenizer):
    """A small random Llama as anyone's language model on disk."""
    folder = tmp_path_factory.mktemp("base")
    model = that_ends(random_language_model("llama", len(tokenizer)), tokenizer)
    model.config.max_position_embeddings = 1024
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def lora_oracle(data, base_folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("lora") / "oracle"
    train(data, output, "--base", str(base_folder), "--lr", "3e-2")
    return output / "best"


@pytest.fixture(scope="session")
def vector_data(tmp_path_factory):
    """Traces of tiny-codi with vectors and patched runs, and the pairs made of them."""
    folder = tmp_path_factory.mktemp("vectors")
    for split, n in (("train", 40), ("test", 10)):
        collect_traces.main(
            ["-n", str(n), "--model", "tiny", "--data", "word-problems", "--split", split, "--device", "cpu",
             "--vectors", "--layers", "1", "--patches", "2", "--ablation-types", "zero", "swap",
             "--output", str(folder / f"{split}.jsonl")]
        )  # fmt: skip
    generate(folder, folder, "--strategies", "early_decode", "contrastive", "counterfactual", "--hidden-share", "0.3")
    return folder
