"""Small random models, checkpoints and traces; small runs of the scripts that make an oracle."""

import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

import generate_oracle_data
import train_oracle
from checkpoints import MARKERS
from loading import Codi, Projection
from oracle_prompts import PARTS, VectorReader, View, prompt_about
from traces import Trace

LORA_TARGETS = {
    "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "gpt2": ["c_attn", "c_proj", "c_fc"],
}


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


def write_public_checkpoint(folder, tokenizer, family, file):
    """A checkpoint as the official code saves one, in a new folder; returns (peft model, projection)."""
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
    folder.mkdir()
    if file.endswith(".bin"):
        torch.save(state, folder / file)
    else:
        save_file({k: v.clone() for k, v in state.items()}, folder / file)
    language.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return peft_model, prj


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


def typing(monkeypatch, *lines):
    """As if someone typed these lines, and then Ctrl-D."""
    left = iter(lines)

    def typed():
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)


# --- For the oracle ---------------------------------------------------------------------------------------------

VIEW = View()


def generate(traced, folder, *more):
    folder.mkdir(exist_ok=True)
    outputs = ["--output", str(folder / "oracle_data.jsonl"), "--val-output", str(folder / "oracle_val.jsonl")]
    generate_oracle_data.main(["--input", str(traced / "train.jsonl"), "--val-share", "0.2", *outputs, *more])


def train(data, output, *more):
    train_oracle.main(
        ["--train", str(data / "oracle_data.jsonl"), "--val", str(data / "oracle_val.jsonl"), "--output", str(output),
         "--batch-size", "8", "--val-pairs", "16", "--max-steps", "4", "--save-every", "2", "--log-every", "2", *more]
    )  # fmt: skip


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
