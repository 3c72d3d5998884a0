"""
CODI checkpoints on disk and on the Hub: their layouts, prompt forms, weights, configs and tokenizers, read strictly.

Every key of a file is used, or named in DROPPED_KEYS; every parameter is filled; anything else is a UserError that
names the keys, and no code of a folder is run. `loading.load_model` puts the parts together. Facts about the
checkpoints: their files and cards.
"""

import hashlib
import os
import pickle
import re
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from files import check_fields, check_unused, read_json, sha256
from scripting import UserError, log

# --- Prompt forms ---------------------------------------------------------------------------------------------

MARKERS = ("[PAD]", "<|bocot|>", "<|eocot|>")  # the three rows that CODI adds after the original vocabulary


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
    single_spaces: bool = False  # whether two spaces in a question become one, as in the public test scripts

    def worded(self, question: str) -> str:
        """What is asked in words: the question and the suffix."""
        return (question.replace("  ", " ") if self.single_spaces else question) + self.suffix

    @property
    def shared(self) -> tuple[str, ...]:
        """The markers with which all three modes begin, so that one encoding of the question serves all."""
        return commonprefix([self.latent, self.direct, self.verbal])


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
LORA_ALPHA = 32  # of every published training script, with r 128; the files hold r but not alpha
ROTARY = ("float32", "bfloat16")  # what the rotary frequencies are rounded to


@dataclass(frozen=True)
class Checkpoint:
    """What is known of a public checkpoint, and its files do not say."""

    hub_id: str
    form: str  # key of PROMPT_FORMS
    lora_alpha: float = LORA_ALPHA
    rotary: str = "float32"  # of ROTARY


CHECKPOINTS = {
    # its author's class rounds the frequencies with all else, in training as in testing (REFERENCE.md section 8)
    "llama1b": Checkpoint("bcywinski/codi_llama1b-answer_only", "answer-only", rotary="bfloat16"),
    "official-llama1b": Checkpoint("zen-E/CODI-llama3.2-1b-Instruct", "official"),
    "official-gpt2": Checkpoint("zen-E/CODI-gpt2", "official"),
}
MODEL_HELP = f"tiny, {', '.join(CHECKPOINTS)}, a Hub id, or a local folder (default: llama1b with CUDA, else tiny)"
INDEX = "model.safetensors.index.json"  # names the shards of a model saved in several files
WEIGHT_FILES = ("model.safetensors", INDEX, "pytorch_model.bin")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json")
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
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
BASE_TOKENIZERS = {"llama": CHECKPOINTS["llama1b"].hub_id, "gpt2": "openai-community/gpt2"}
EMBEDDING = re.compile(r"(^|\.)(embed_tokens|wte|embed_in|word_embeddings)\.weight$")
# Buffers that old transformers saved beside the weights; the model computes them itself.
DROPPED_KEYS = re.compile(r"(\.rotary_emb\.inv_freq|\.attn\.bias|\.attn\.masked_bias)$")

# --- Finding --------------------------------------------------------------------------------------------------


def checked_name(name) -> str:
    """The name of a model as text; UserError if it can be none."""
    if not isinstance(name, str | os.PathLike) or not isinstance(os.fspath(name), str):
        raise UserError(f"{str(name)[:60]!r} is no name of a model. Give one of: {MODEL_HELP}.")
    return os.fspath(name)


def find_checkpoint(name: str) -> tuple[Path, Checkpoint | None]:
    """The local folder of a checkpoint, fetched from the Hub if need be, and its row of CHECKPOINTS if it has one."""
    if name == "tiny":
        return TINY, None
    if name and os.path.isdir(name):
        return Path(name), None
    row = CHECKPOINTS.get(name) or next((row for row in CHECKPOINTS.values() if row.hub_id == name), None)
    hub_id = row.hub_id if row else name
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id) or os.path.exists(name):
        raise UserError(f"No checkpoint {name[:200]!r}. Give --model one of: {MODEL_HELP}.")
    return fetch(hub_id), row


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
        revision = Path(folder).name
        if weights and (Path(folder) / INDEX).is_file():
            for file in shards_of(Path(folder) / INDEX):
                hf_hub_download(hub_id, file, revision=revision)
            return Path(folder)
        for file in ("model.safetensors", "pytorch_model.bin") if weights else ():
            try:
                hf_hub_download(hub_id, file, revision=revision)
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


def weights_path(folder: Path) -> Path:
    """The first of WEIGHT_FILES that `folder` has."""
    path = next((folder / file for file in WEIGHT_FILES if (folder / file).is_file()), None)
    if path is None:
        raise UserError(
            f"{folder} holds neither {' nor '.join(WEIGHT_FILES)}. Give --model a checkpoint: {MODEL_HELP}."
        )
    return path


def shards_of(index: Path) -> list[str]:
    """The files that an index names; UserError where it is damaged."""
    again = "Fetch the checkpoint again."
    weight_map = check_fields(read_json(index, again), {"weight_map": (dict,)}, str(index), again)["weight_map"]
    files = sorted({str(file) for file in weight_map.values()})
    foreign = [file for file in files if not re.fullmatch(r"[\w-][\w.-]*\.safetensors", file)]
    if foreign or not files:
        raise UserError(f"{index} names no shards, or files elsewhere ({named(foreign)}). {again}")
    return files


def known_row(folder: Path, tokenizer: PreTrainedTokenizerBase, config: PreTrainedConfig) -> Checkpoint | None:
    """The row of CHECKPOINTS that a local copy in a public layout is, as its tokenizer files and its shape tell."""
    # the author of answer-only saved them in its tokenizer
    if not has_tokenizer(folder) or not set(MARKERS[1:]) <= tokenizer.get_vocab().keys():
        return None
    is_1b = (config.vocab_size - len(MARKERS), config.hidden_size) == (128256, 2048)
    log(f"{folder}: its tokenizer names CODI's markers, so its questions are worded as --prompt-form answer-only.")
    return CHECKPOINTS["llama1b"] if is_1b else Checkpoint("", "answer-only")


def sha256_prefix(path: Path) -> str:
    """The first digits of a file's SHA-256; for an index, of those of all its shards."""
    if path.name != INDEX:
        return sha256(path)[:12]
    return hashlib.sha256("".join(sha256(path.parent / file) for file in shards_of(path)).encode()).hexdigest()[:12]


# --- Settings and config --------------------------------------------------------------------------------------


def read_settings(folder: Path) -> dict:
    """codi.json of our layout; empty where the folder is in another."""
    path, again = folder / "codi.json", "Copy the checkpoint again."
    if not path.is_file():
        return {}
    settings = check_fields(read_json(path, again), {"prompt_form": (str,), "num_latent": (int,)}, str(path), again)
    wrong = (
        f"no prompt form {settings['prompt_form']!r}; known: {', '.join(PROMPT_FORMS)}"
        if settings["prompt_form"] not in PROMPT_FORMS
        else f"num_latent is {settings['num_latent']}, not a whole number from 1" if settings["num_latent"] < 1
        else f"rotary is {settings['rotary']!r}, none of {', '.join(ROTARY)}"
        if settings.get("rotary", "float32") not in ROTARY
        else None
    )  # fmt: skip
    if wrong:
        raise UserError(f"{path} is damaged ({wrong}). {again}")
    return settings


def check_replaceable(folder: Path) -> None:
    """UserError if a checkpoint written to `folder` would overwrite what this tool did not write."""
    if (folder / "codi.json").is_file():
        read_settings(folder)
    else:
        check_unused(folder, "codi.json")


def read_config(folder: Path, language: dict[str, Tensor]) -> PreTrainedConfig:
    """The language model's config: the folder's config.json, or that of a known base of the same shape; its
    vocabulary and tying as the weights have them."""
    head = language.get("lm_head.weight")
    embedding = next((tensor for key, tensor in language.items() if EMBEDDING.search(key)), head)
    if embedding is None or embedding.dim() != 2:
        what = "no token embedding" if embedding is None else f"a token embedding of shape {tuple(embedding.shape)}"
        raise UserError(f"{folder}: the weights hold {what}. Give --model a checkpoint: {MODEL_HELP}.")
    rows, width = embedding.shape
    config = own_config(folder)
    if config is None:
        if (rows - len(MARKERS), width) not in KNOWN_BASES:
            raise UserError(
                f"{folder} has no config.json, or an empty one, and its shape ({rows} x {width}) is that of no known "
                "base. Put the base model's config.json beside the weights."
            )
        config = KNOWN_BASES[rows - len(MARKERS), width]()
    config.vocab_size = rows
    if config.tie_word_embeddings and head is not None:
        # Saved as two: one tensor twice if still tied, else two that must both be kept.
        config.tie_word_embeddings = torch.equal(head, embedding)
    return config


def own_config(folder: Path) -> PreTrainedConfig | None:
    """What a folder's config.json says, none of whose code is run; None where there is none, or an empty one."""
    path = folder / "config.json"
    if not path.is_file() or not path.stat().st_size:
        return None
    said = read_json(path, "Fetch it again.")
    if not isinstance(said, dict) or "model_type" not in said:
        return None
    kind = said["model_type"]
    if "auto_map" in said and not (isinstance(kind, str) and kind in CONFIG_MAPPING):
        raise own_code(path)
    if said.get("quantization_config"):
        raise UserError(f"{path} describes a quantized model. Take the plain weights of the same model.")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        return without_code(config)
    except Exception as error:  # whatever transformers raises for what a config.json may hold
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())[:120]}). Fetch it again.") from error


def own_code(path: Path) -> UserError:
    return UserError(
        f"{path} brings its own Python code, which is never run here. Take one that transformers itself knows."
    )


def without_code(config: PreTrainedConfig) -> PreTrainedConfig:
    """`config` itself, that no longer names code: neither classes of its folder nor kernels to fetch from the Hub."""
    for part in (config, *(getattr(config, name, None) for name in config.sub_configs)):
        if isinstance(part, PreTrainedConfig):
            if part._attn_implementation not in ("eager", "sdpa"):
                part._attn_implementation_internal = None
            if hasattr(part, "_experts_implementation_internal"):
                part._experts_implementation_internal = None
            part.__dict__.pop("auto_map", None)
    return config


def empty_model(config: PreTrainedConfig, weights: dict[str, Tensor], path: Path) -> PreTrainedModel:
    """The language model that a config describes, without weights."""
    layers = getattr(config, "num_hidden_layers", 0)
    try:
        if layers > len(weights):  # before a damaged number fills the memory
            raise ValueError(f"{layers} layers, but {len(weights)} tensors")
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except Exception as error:  # as in own_config
        reason = " ".join(str(error).split())[:120]
        raise UserError(f"{path.parent / 'config.json'} describes no causal language model ({reason}).") from error


def tied_keys(model: PreTrainedModel) -> dict[str, str]:
    """State-dict names that are another tensor under a second name: {second name: first name}."""
    return dict(model._tied_weights_keys or {}) if model.config.tie_word_embeddings else {}


# --- Weights --------------------------------------------------------------------------------------------------


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file, of all shards that an index names, or of a pickle: floating point, finite."""
    if path.name != INDEX:
        return check_tensors(read_tensors(path), path)
    files = shards_of(path)
    gone = [file for file in files if not (path.parent / file).is_file()]
    if gone:
        raise UserError(f"{path} names {named(gone)}, which {path.parent} does not have. Fetch the checkpoint again.")
    weight_map, weights = read_json(path, "Fetch the checkpoint again.")["weight_map"], {}
    for file in files:
        held = check_tensors(read_tensors(path.parent / file), path.parent / file)
        told = {key for key, where in weight_map.items() if where == file}
        if held.keys() != told:
            raise UserError(
                f"{path.parent / file} does not hold what {path.name} says: {named(sorted(held.keys() ^ told))}. "
                "Fetch the checkpoint again."
            )
        weights |= held
    return weights


def read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (
        SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError,
        AttributeError, AssertionError,
    ) as error:  # fmt: skip
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UserError(
            f"{path} cannot be read; it is cut short or no checkpoint ({reason}). Fetch it again."
        ) from error


def check_tensors(weights, path: Path) -> dict[str, Tensor]:
    """`weights` themselves; UserError unless they are a state dict of whole, floating point, finite tensors."""
    if not isinstance(weights, dict) or not all(
        isinstance(key, str) and isinstance(tensor, Tensor) for key, tensor in weights.items()
    ):
        raise UserError(f"{path} is no state dict of tensors. Give --model a checkpoint: {MODEL_HELP}.")
    foreign = [f"{key} ({kind_of(tensor)})" for key, tensor in weights.items() if not is_plain(tensor, key)]
    if foreign:
        raise UserError(f"{path}: {named(foreign)} are no plain, whole floating point weights. Take unquantized ones.")
    broken = [key for key, tensor in weights.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise UserError(f"{path}: NaN or infinite values in {named(broken)}. The training run diverged; take another.")
    return weights


def is_plain(tensor: Tensor, key: str) -> bool:
    """Whether a tensor is what weights are: dense, in memory in full, and floating point, unless it is dropped."""
    if tensor.layout != torch.strided or tensor.is_nested or tensor.device.type != "cpu":
        return False
    # a small file can name a tensor of any size, all of whose values are one
    stored = tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
    return stored and (tensor.dtype in FLOATS or bool(DROPPED_KEYS.search(key)))


def kind_of(tensor: Tensor) -> str:
    kind = str(tensor.dtype).removeprefix("torch.")
    return kind if tensor.layout == torch.strided else f"{kind}, {str(tensor.layout).removeprefix('torch.')}"


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


def merge_lora(
    folder: Path, language: dict[str, Tensor], lora: dict[str, dict[str, Tensor]], transposed: bool, alpha: float
) -> None:
    """Add (alpha / r) B A to each weight, in float32; `transposed` where weights are (in, out): GPT-2's Conv1D."""
    for module, ab in lora.items():
        shapes = tuple(ab["A"].shape), tuple(ab["B"].shape)
        if not [len(shape) for shape in shapes] == [2, 2] or not shapes[0][0] or shapes[0][0] != shapes[1][1]:
            raise UserError(
                f"{folder}: the LoRA of {module} has shapes {shapes[0]} and {shapes[1]}, which make no product. "
                "Fetch the checkpoint again."
            )
        delta = alpha / len(ab["A"]) * (ab["B"].float() @ ab["A"].float())  # (out, in)
        delta = delta.T if transposed else delta
        weight = language[f"{module}.weight"]
        if delta.shape != weight.shape:
            raise UserError(
                f"{folder}: the LoRA of {module} has shape {tuple(delta.shape)}, its weight {tuple(weight.shape)}. "
                "Fetch the checkpoint again."
            )
        language[f"{module}.weight"] = weight.float() + delta


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


# --- Tokenizers -----------------------------------------------------------------------------------------------


def has_tokenizer(folder: Path) -> bool:
    return any((folder / file).is_file() for file in TOKENIZER_FILES)


def read_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """A folder's tokenizer, none of whose code is run."""
    path, config = folder / "config.json", {}
    if not path.is_file() or not path.stat().st_size:
        config = {"config": PreTrainedConfig()}  # else its absence ends the loading
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, **config)
    except Exception as error:  # as in own_config
        if "custom code" in str(error):
            raise own_code(folder / "tokenizer_config.json") from error
        raise UserError(
            f"The tokenizer in {folder} cannot be read ({type(error).__name__}). Fetch it again."
        ) from error


def load_tokenizer(folder: Path, config: PreTrainedConfig, path: Path) -> PreTrainedTokenizerBase:
    """The folder's tokenizer, or its base's, checked against the vocabulary."""
    has_files = has_tokenizer(folder)
    if not has_files and (config.model_type not in BASE_TOKENIZERS or (folder / "codi.json").is_file()):
        raise UserError(f"{folder} has no tokenizer files. Put those of its base model beside the weights.")
    source = folder if has_files else fetch(BASE_TOKENIZERS[config.model_type], weights=False)
    tokenizer = read_tokenizer(source)
    original = config.vocab_size - len(MARKERS)
    bot, eot = (tokenizer.get_vocab().get(marker) for marker in MARKERS[1:])
    fits = original <= len(tokenizer) <= config.vocab_size
    if not fits or bot not in (None, original + 1) or eot not in (None, original + 2) or tokenizer.eos_token_id is None:
        raise UserError(
            f"The tokenizer in {source} ({len(tokenizer)} tokens) is not that of {path}, whose vocabulary is "
            f"{original} + {len(MARKERS)} markers. Put the right tokenizer files beside the weights."
        )
    return tokenizer


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, rows: int, name: str) -> None:
    """UserError unless a tokenizer's tokens all have a row in the vocabulary, and EOS is one."""
    if tokenizer.eos_token_id is None:
        raise UserError(f"{name}: its tokenizer has no EOS token, which ends every reply. Take another model.")
    if max(len(tokenizer), 1 + max(tokenizer.get_vocab().values(), default=0)) > rows:
        raise UserError(
            f"{name}: {len(tokenizer)} tokens in the tokenizer but {rows} rows in the model. "
            "Take a model with its own tokenizer."
        )
