"""Small random CODI checkpoints in every layout, on CPU, with no network."""

import os
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # models so small only wait for a second thread
sys.path.insert(0, str(Path(__file__).parent.parent))

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

import bench_codi
import collect_traces
import generate_oracle_data
import oracle_model
import train_oracle
from checkpoints import MARKERS
from codi_model import TraceOptions
from loading import Codi, Projection, load_model, save_checkpoint
from oracle_prompts import PARTS, VectorReader, View, prompt_about
from problems import word_problems
from traces import Trace
from train_codi import build_tokenizer

VIEW = View()
LORA_TARGETS = {
    "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "gpt2": ["c_attn", "c_proj", "c_fc"],
}


@pytest.fixture(scope="session")
def tokenizer():
    return build_tokenizer([p.question for p in word_problems("train", 200)], vocab_size=400)


def random_language_model(family, vocab_size):
    torch.manual_seed(1)
    if family == "llama":
        config = LlamaConfig(
            vocab_size=vocab_size, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=True, initializer_range=0.1,
            rope_parameters={
                "rope_type": "llama3", "rope_theta": 10000.0, "factor": 4.0, "low_freq_factor": 1.0,
                "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
            },
        )  # fmt: skip
        return LlamaForCausalLM(config).eval()
    config = GPT2Config(vocab_size=vocab_size, n_embd=32, n_layer=2, n_head=4, n_positions=256, initializer_range=0.1)
    return GPT2LMHeadModel(config).eval()


def that_ends(model, tokenizer):
    """`model` made to say EOS often, as random answers else never end."""
    with torch.no_grad():
        model.get_output_embeddings().weight[tokenizer.eos_token_id] *= 3
    return model


def random_codi(family, tokenizer):
    model = random_language_model(family, len(tokenizer))
    torch.manual_seed(2)
    prj = Projection(32, 32).eval()
    bot, eot = (tokenizer.convert_tokens_to_ids(marker) for marker in MARKERS[1:])
    return Codi(model, prj, tokenizer, bot, eot, form="plain", num_latent=4, name=f"random {family}")


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
        torch.manual_seed(3)
        language = random_language_model(family, len(tokenizer))
        lora = LoraConfig(
            r=8, lora_alpha=32, target_modules=LORA_TARGETS[family], fan_in_fan_out=family == "gpt2",
            task_type="CAUSAL_LM",
        )  # fmt: skip
        peft_model = get_peft_model(language, lora).eval()
        for name, parameter in peft_model.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(parameter, std=0.07)
        prj = Projection(32, 32).eval()
        state = {f"codi.{k}": v for k, v in peft_model.state_dict().items()}
        state |= {f"prj.{k}": v for k, v in prj.state_dict().items()}
        folder = tmp_path / f"{family}-{file}"
        folder.mkdir()
        if file.endswith(".bin"):
            torch.save(state, folder / file)
        else:
            save_file({k: v.clone() for k, v in state.items()}, folder / file)
        language.config.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder, peft_model, prj

    return write


@pytest.fixture
def our_checkpoint(tmp_path, tokenizer):
    folder = tmp_path / "ours"
    codi = random_codi("llama", tokenizer)
    that_ends(codi.model, tokenizer)
    save_checkpoint(codi, folder, origin={"test": True})
    return folder


# --- For the oracle ---------------------------------------------------------------------------------------------


def made_trace(index=0, steps=4, output="17", direct="12", ablations=None, early=None, tops=None) -> Trace:
    """A trace by hand: every step's top token, what each ablation and early decode answers."""
    tops = tops or [str(10 + i) for i in range(steps + 1)]

    def reading(i):
        return {
            "top_k_ids": [1, 2, 3], "top_k_tokens": [tops[i + 1], "5", "6"], "top_k_probs": [0.9, 0.05, 0.01],
            "entropy": 0.1 * (i + 2), "norm": 18.0 - i, "sparsity": 0.02, "cosine_to_prev": None if i < 0 else 0.1 * i,
        }  # fmt: skip

    early = early or [output] * (steps + 1)
    trace = Trace(
        index=index, question=f"Ava has {index} pens. How many pens does Ava have?", gold_answer=17.0, output=output,
        no_reasoning_output=direct, steps=[{"step": i} | reading(i) for i in range(steps)],
        ablations=ablations or {f"{kind}_step{i}": output for kind in ("zero", "skip", "swap") for i in range(steps)},
        early_decodes=[{"after_step": i, "output": text} for i, text in enumerate(early, -1)], encoding=reading(-1),
        donor=None,
    )  # fmt: skip
    trace.check("made")
    return trace


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


def generate(traced, folder, *more):
    folder.mkdir(exist_ok=True)
    outputs = ["--output", str(folder / "oracle_data.jsonl"), "--val-output", str(folder / "oracle_val.jsonl")]
    generate_oracle_data.main(["--input", str(traced / "train.jsonl"), "--val-share", "0.2", *outputs, *more])


def train(data, output, *more):
    train_oracle.main(
        ["--train", str(data / "oracle_data.jsonl"), "--val", str(data / "oracle_val.jsonl"), "--output", str(output),
         "--batch-size", "8", "--val-pairs", "16", "--max-steps", "4", "--save-every", "2", "--log-every", "2", *more]
    )  # fmt: skip


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


def oracle_rows(pairs, tokenizer, view, traces, context=1024) -> list[dict]:
    """The rows that train_oracle.py would train on, written and read back."""
    with tempfile.TemporaryDirectory() as folder:
        path, reader = Path(folder) / "train.arrow", VectorReader(traces, view)
        train_oracle.write_rows(path, pairs, tokenizer, context, reader)
        return list(train_oracle.Rows(path, reader))


def vector_view(**more):
    return View(reads="vectors", vectors=("h", "z"), **more)


def prompt_of(trace, view, query="Why?", asked=None, shows=PARTS, vectors=None):
    """What an oracle with this view is shown of a trace, and asked."""
    return replace(prompt_about(trace, view, shows), query=query, asked=asked, vectors=vectors)


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
