"""Small random CODI checkpoints in every layout, on CPU, with no network."""

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent))

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from codi_model import Codi, load_model, save_checkpoint
from loading import MARKERS, Projection
from problems import word_problems
from train_codi import build_tokenizer

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
