"""Small random models, checkpoints and traces."""

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from checkpoints import MARKERS
from loading import Codi, Projection
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
