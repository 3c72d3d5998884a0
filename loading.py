"""
CODI checkpoints on disk and on the Hub: their layouts, prompt forms and configs, read strictly.

Every key of a file is used, or named in DROPPED_KEYS; every parameter is filled; anything else is a UserError that
names the keys. `codi_model.load_model` puts the parts together. Facts about the checkpoints: their files and cards.
"""

import hashlib
import json
import os
import pickle
import re
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from scripting import UserError, log

MARKERS = ("[PAD]", "<|bocot|>", "<|eocot|>")  # the three rows that CODI adds after the original vocabulary

# --- Prompt forms ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PromptForm:
    """What stands around a question, as data.

    `latent`, `direct` and `verbal` list the markers after question and suffix, up to where that mode begins to
    think or speak; in the latent and direct modes eot then opens the answer. Training also needs the markers between
    a verbal chain and its answer, and how the answer is worded.
    """

    suffix: str
    latent: tuple[str, ...]
    direct: tuple[str, ...]
    verbal: tuple[str, ...]
    chain_end: tuple[str, ...] = ("eot",)
    answer: str = "{answer}"
    single_spaces: bool = False

    @property
    def shared(self) -> tuple[str, ...]:
        """The markers with which all three modes begin, so that one encoding of the question serves all."""
        return commonprefix([self.latent, self.direct, self.verbal])

    def worded(self, question: str) -> str:
        """The question as this form words it."""
        return (question.replace("  ", " ") if self.single_spaces else question) + self.suffix


PROMPT_FORMS = {
    # bcywinski/codi_llama1b-answer_only
    "answer-only": PromptForm(
        " Output only the answer and nothing else.", ("eos", "bot"), ("eos",), ("eos", "bot"), single_spaces=True
    ),
    # zen-E/CODI-*: trained without EOS; its teacher reads no marker before the chain
    "official": PromptForm("", ("bot",), ("bot",), (), (), "The answer is: {answer}", single_spaces=True),
    # what an earlier implementation fed to every checkpoint; reproduces its figures
    "bare": PromptForm("", ("bot",), ("bot",), ("bot",), chain_end=()),
    # checkpoints/tiny-codi: answer-only without the English suffix
    "plain": PromptForm("", ("eos", "bot"), ("eos",), ("eos", "bot")),
}

# --- Known checkpoints ----------------------------------------------------------------------------------------

TINY = Path(__file__).parent / "checkpoints" / "tiny-codi"
# name: (Hub id, prompt form)
CHECKPOINTS = {
    "llama1b": ("bcywinski/codi_llama1b-answer_only", "answer-only"),
    "official-llama1b": ("zen-E/CODI-llama3.2-1b-Instruct", "official"),
    "official-gpt2": ("zen-E/CODI-gpt2", "official"),
}
MODEL_HELP = f"tiny, {', '.join(CHECKPOINTS)}, a Hub id, or a local folder (default: llama1b with CUDA, else tiny)"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
LORA_ALPHA = 32  # of every public CODI checkpoint, with r 128; the files hold r but not alpha
LARGE = 100_000_000  # parameters from which a CPU runs in bfloat16

# The public checkpoints hold weights only, so the configs of their bases are here, by (vocabulary, hidden size).
# meta-llama/Llama-3.2-1B-Instruct, config.json: without the llama3 rope scaling 17 of 32 rotary frequencies differ.
KNOWN_BASES = {
    (128256, 2048): lambda: LlamaConfig(
        vocab_size=128256,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=64,
        rms_norm_eps=1e-5,
        max_position_embeddings=131072,
        tie_word_embeddings=True,
        bos_token_id=128000,
        eos_token_id=128009,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 32.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    ),
    (50257, 768): GPT2Config,  # openai-community/gpt2 is GPT2Config's own defaults
}
# Where a public checkpoint without tokenizer files finds its base's tokenizer, ungated.
BASE_TOKENIZERS = {"llama": CHECKPOINTS["llama1b"][0], "gpt2": "openai-community/gpt2"}

EMBEDDING = re.compile(r"(^|\.)(embed_tokens|wte|embed_in)\.weight$")
# Buffers that old transformers saved beside the weights; the model computes them itself.
DROPPED_KEYS = re.compile(r"(\.rotary_emb\.inv_freq|\.attn\.bias|\.attn\.masked_bias)$")


class Projection(nn.Sequential):
    """z = project(h): (…, D) -> (…, D). State-dict keys 1.*, 3.*, ln.*, as in the public checkpoints."""

    def __init__(self, hidden_size: int, inner_size: int, dropout: float = 0.0):
        super().__init__(
            nn.Dropout(dropout), nn.Linear(hidden_size, inner_size), nn.GELU(), nn.Linear(inner_size, hidden_size)
        )
        self.add_module("ln", nn.LayerNorm(hidden_size))


# --- Reading ----------------------------------------------------------------------------------------------------


def resolve_device(device: str | None) -> str:
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.ones(1, device=device).item()  # fails on meta, and on a GPU that is not there
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0][:120]
        raise UserError(f"Device {device!r} cannot be used here ({reason}). Try --device cpu.") from error
    return device


def resolve_dtype(dtype: str | None, device: str, weights: dict[str, Tensor]) -> torch.dtype:
    if dtype is not None:
        if dtype not in ("float32", "bfloat16", "float16"):
            raise UserError(f"No dtype {dtype!r}; use float32, bfloat16 or float16.")
        return getattr(torch, dtype)
    if device.startswith("cuda"):
        return torch.bfloat16
    large = sum(tensor.numel() for tensor in weights.values()) > LARGE
    return torch.bfloat16 if large and torch.cpu._is_avx512_bf16_supported() else torch.float32


def find_checkpoint(name: str) -> tuple[Path, str | None]:
    """The local folder of a checkpoint, fetched from the Hub if need be, and its prompt form if that is known."""
    if name == "tiny":
        return TINY, None
    if name and os.path.isdir(name):
        return Path(name), None
    hub_id, form = CHECKPOINTS.get(name, (name, None))
    form = form or next((form for known, form in CHECKPOINTS.values() if known == hub_id), None)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id) or os.path.exists(name):
        raise UserError(f"No checkpoint {name!r}. Give --model one of: {MODEL_HELP}.")
    return fetch(hub_id), form


def fetch(hub_id: str, weights: bool = True) -> Path:
    """The local snapshot of a Hub repository: its small files, and with `weights` the first of WEIGHT_FILES it has."""
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        folder = snapshot_download(hub_id, allow_patterns=["*.json", "*.txt", "*.model", "*.jinja"])
        for file in WEIGHT_FILES if weights else ():
            try:
                hf_hub_download(hub_id, file, revision=Path(folder).name)
                break
            except RemoteEntryNotFoundError:
                continue
    except GatedRepoError as error:
        raise UserError(f"{hub_id} is gated. Ask for access on its page, then: hf auth login") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UserError(
            f"There is no {hub_id} on the Hub (or it is private: hf auth login). Known: {MODEL_HELP}."
        ) from error
    except OSError as error:  # every failure to connect is one
        raise UserError(
            f"Could not fetch {hub_id} from the Hugging Face Hub ({type(error).__name__}). "
            "Check the network, or use the embedded checkpoint: --model tiny"
        ) from error
    return Path(folder)


def read_settings(folder: Path) -> dict:
    """codi.json of our layout; empty where the folder is in another."""
    if not (folder / "codi.json").is_file():
        return {}
    try:
        settings = json.loads((folder / "codi.json").read_text())
        if settings["prompt_form"] not in PROMPT_FORMS:
            raise ValueError(f"no prompt form {settings['prompt_form']!r}; known: {', '.join(PROMPT_FORMS)}")
        if not isinstance(settings["num_latent"], int) or settings["num_latent"] < 1:
            raise ValueError(f"num_latent is {settings['num_latent']!r}, not a whole number from 1")
        return settings
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder / 'codi.json'} is damaged ({error!r}). Copy the checkpoint again.") from error


def choose_form(asked: str, native: str | None, name: str) -> str:
    """The key of PROMPT_FORMS to use, where `native` is the checkpoint's own if it is known."""
    if asked != "native":
        return asked
    if native is None:
        log(f"{name} does not say how its questions were worded; taking --prompt-form official.")
    return native or "official"


def weights_path(folder: Path) -> Path:
    """The first of WEIGHT_FILES that `folder` has."""
    path = next((folder / file for file in WEIGHT_FILES if (folder / file).is_file()), None)
    if path is None:
        raise UserError(
            f"{folder} holds neither {' nor '.join(WEIGHT_FILES)}. Give --model a checkpoint: {MODEL_HELP}."
        )
    return path


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file or of a pickle, all finite."""
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UserError(
            f"{path} cannot be read; it is cut short or no checkpoint ({reason}). Fetch it again."
        ) from error
    if not isinstance(weights, dict) or not all(isinstance(tensor, Tensor) for tensor in weights.values()):
        raise UserError(f"{path} is no state dict of tensors. Give --model a checkpoint: {MODEL_HELP}.")
    broken = [key for key, tensor in weights.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise UserError(f"{path}: NaN or infinite values in {named(broken)}. The training run diverged; take another.")
    return weights


def plain_keys(folder: Path, weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, dict[str, Tensor]]]:
    """The language model of a public CODI layout (REFERENCE.md section 2) under its plain names, and its LoRA as
    {module: {"A": (r, in), "B": (out, r)}}."""
    language, lora, unknown = {}, {}, []
    for key, tensor in weights.items():
        plain = key.removeprefix("codi.").removeprefix("base_model.model.")
        module, _, rest = plain.partition(".lora_")
        if DROPPED_KEYS.search(key):
            continue
        if not key.startswith("codi.") or rest not in ("", "A.default.weight", "B.default.weight"):
            unknown.append(key)
        elif rest:
            lora.setdefault(module, {})[rest[0]] = tensor
        else:
            language[plain.replace(".base_layer.", ".")] = tensor
    unknown += [f"{module}.lora_*" for module, ab in lora.items() if len(ab) < 2 or f"{module}.weight" not in language]
    if unknown or not language:
        what = f"unknown keys {named(unknown)}" if unknown else "no codi.* keys"
        raise UserError(
            f"{folder} is not in a known CODI layout: {what}. Give --model a CODI checkpoint: {MODEL_HELP}."
        )
    return language, lora


def merge_lora(folder: Path, language: dict[str, Tensor], lora: dict[str, dict[str, Tensor]], transposed: bool) -> None:
    """Add (alpha / r) B A to each weight, in float32; `transposed` where weights are (in, out): GPT-2's Conv1D."""
    for module, ab in lora.items():
        delta = LORA_ALPHA / len(ab["A"]) * (ab["B"].float() @ ab["A"].float())  # (out, in)
        delta = delta.T if transposed else delta
        weight = language[f"{module}.weight"]
        if delta.shape != weight.shape:
            raise UserError(
                f"{folder}: the LoRA of {module} has shape {tuple(delta.shape)}, its weight {tuple(weight.shape)}. "
                "Fetch the checkpoint again."
            )
        language[f"{module}.weight"] = weight.float() + delta


def read_config(folder: Path, language: dict[str, Tensor]) -> PreTrainedConfig:
    """The language model's config: the folder's config.json, or that of a known base of the same shape; its
    vocabulary and tying as the weights have them."""
    head = language.get("lm_head.weight")
    embedding = next((tensor for key, tensor in language.items() if EMBEDDING.search(key)), head)
    if embedding is None:
        raise UserError(f"{folder}: the weights hold no token embedding. Give --model a checkpoint: {MODEL_HELP}.")
    rows, width = embedding.shape
    path = folder / "config.json"
    try:
        if path.is_file() and "model_type" in json.loads(path.read_text()):
            config = AutoConfig.from_pretrained(folder)
        else:
            config = KNOWN_BASES[rows - len(MARKERS), width]()
    except KeyError as error:
        raise UserError(
            f"{folder} has no config.json, or an empty one, and its shape ({rows} x {width}) is that of no known base. "
            "Put the base model's config.json beside the weights."
        ) from error
    except Exception as error:  # whatever transformers raises for what a config.json may hold
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())[:120]}). Fetch it again.") from error
    config.vocab_size = rows
    if config.tie_word_embeddings and head is not None:
        # Saved as two: one tensor twice if still tied, else two that must both be kept.
        config.tie_word_embeddings = torch.equal(head, embedding)
    return config


def build_model(
    config: PreTrainedConfig, weights: dict[str, Tensor], path: Path, dtype: torch.dtype
) -> PreTrainedModel:
    """The language model with exactly these weights: none missing, none left over."""
    try:
        with torch.device("meta"):
            empty = AutoModelForCausalLM.from_config(config)
    except Exception as error:  # as in read_config
        reason = " ".join(str(error).split())[:120]
        raise UserError(f"{path.parent / 'config.json'} describes no causal language model ({reason}).") from error
    tied = tied_keys(empty)
    # of two names for one tensor a file may hold either
    weights = {tied[name]: weights[name] for name in tied if name in weights} | weights
    expected = {name: tensor.shape for name, tensor in empty.state_dict().items() if name not in tied}
    weights = {name: tensor for name, tensor in weights.items() if name not in tied}
    check_keys(expected, weights, path)
    return type(empty).from_pretrained(None, config=config, state_dict=weights, dtype=dtype).eval()


def tied_keys(model: PreTrainedModel) -> dict[str, str]:
    """State-dict names that are another tensor under a second name: {second name: first name}."""
    return dict(model._tied_weights_keys or {}) if model.config.tie_word_embeddings else {}


def build_projection(weights: dict[str, Tensor], hidden_size: int, path: Path) -> Projection:
    inner = len(weights["1.weight"]) if "1.weight" in weights else hidden_size
    projection = Projection(hidden_size, inner)
    expected = {name: tensor.shape for name, tensor in projection.state_dict().items()}
    check_keys(expected, weights, path, "prj.")
    projection.load_state_dict(weights)
    return projection.eval()


def check_keys(expected: dict[str, torch.Size], weights: dict[str, Tensor], path: Path, prefix: str = "") -> None:
    """Raise UserError unless `weights` has exactly the expected names and shapes."""
    missing = [prefix + name for name in expected if name not in weights]
    extra = [prefix + name for name in weights if name not in expected]
    wrong = [
        f"{prefix}{name} {tuple(weights[name].shape)} instead of {tuple(shape)}"
        for name, shape in expected.items()
        if name in weights and weights[name].shape != shape
    ]
    problems = [
        f"{what} {named(keys)}"
        for what, keys in (("missing", missing), ("unknown", extra), ("misshapen", wrong))
        if keys
    ]
    if problems:
        raise UserError(f"{path} does not fit its config: {'; '.join(problems)}. Fetch it again, or check config.json.")


def named(keys: list[str]) -> str:
    """A few of many keys, for an error message."""
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def load_tokenizer(folder: Path, config: PreTrainedConfig, path: Path) -> PreTrainedTokenizerBase:
    """The folder's tokenizer, or its base's, checked against the vocabulary."""
    has_files = any((folder / file).is_file() for file in ("tokenizer.json", "tokenizer.model", "vocab.json"))
    if not has_files and config.model_type not in BASE_TOKENIZERS:
        raise UserError(f"{folder} has no tokenizer files. Put those of its base model beside the weights.")
    source = folder if has_files else fetch(BASE_TOKENIZERS[config.model_type], weights=False)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise UserError(
            f"The tokenizer in {source} cannot be read ({type(error).__name__}). Fetch it again."
        ) from error
    original = config.vocab_size - len(MARKERS)
    bot, eot = (tokenizer.get_vocab().get(marker) for marker in MARKERS[1:])
    fits = original <= len(tokenizer) <= config.vocab_size
    if not fits or bot not in (None, original + 1) or eot not in (None, original + 2) or tokenizer.eos_token_id is None:
        raise UserError(
            f"The tokenizer in {source} ({len(tokenizer)} tokens) is not that of {path}, whose vocabulary is "
            f"{original} + {len(MARKERS)} markers. Put the right tokenizer files beside the weights."
        )
    return tokenizer


def sha256_prefix(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
