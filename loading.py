"""
CODI checkpoints on disk and on the Hub: their layouts, prompt forms and configs, read strictly.

Every key of a file is used, or named in DROPPED_KEYS; every parameter is filled; anything else is a UserError that
names the keys. `codi_model.load_model` puts the parts together. Facts about the checkpoints: their files and cards.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import torch
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

from files import check_fields, read_json, reason_of
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
    single_spaces: bool = False  # whether two spaces of a question become one, as in the public test scripts

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
LORA_ALPHA = 32  # of every public CODI checkpoint, with r 128; the files hold r but not alpha


@dataclass(frozen=True)
class Known:
    """What the files of a public checkpoint do not say."""

    hub_id: str
    form: str  # key of PROMPT_FORMS
    lora_alpha: int = LORA_ALPHA
    rotary: str = "float32"  # precision of the rotary frequencies it was trained with


CHECKPOINTS = {
    # its author's class casts the whole module to bfloat16 when it is built, the rotary frequencies too
    "llama1b": Known("bcywinski/codi_llama1b-answer_only", "answer-only", rotary="bfloat16"),
    "official-llama1b": Known("zen-E/CODI-llama3.2-1b-Instruct", "official"),
    "official-gpt2": Known("zen-E/CODI-gpt2", "official"),
}
ROTARY = ("float32", "bfloat16")
DTYPES = ("float32", "bfloat16", "float16")
MODEL_HELP = f"tiny, {', '.join(CHECKPOINTS)}, a Hub id, or a local folder (default: llama1b with CUDA, else tiny)"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
SHARDS = "model.safetensors.index.json"
FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
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
BASE_TOKENIZERS = {"llama": CHECKPOINTS["llama1b"].hub_id, "gpt2": "openai-community/gpt2"}

EMBEDDING = re.compile(r"(^|\.)(embed_tokens|wte|embed_in|word_embeddings)\.weight$")
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
    if not isinstance(device, str | None):
        raise UserError(f"A device is a text such as cpu or cuda:1, not {device!r}.")
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.ones(1, device=device).item()  # fails on meta, and on a GPU that is not there
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0][:120]
        raise UserError(f"Device {device!r} cannot be used here ({reason}). Try --device cpu.") from error
    return device


def resolve_dtype(dtype: str | None, device: str, weights: dict[str, Tensor]) -> torch.dtype:
    if dtype is not None:
        if dtype not in DTYPES:
            raise UserError(f"No dtype {dtype!r}; use one of: {', '.join(DTYPES)}.")
        return getattr(torch, dtype)
    if device.startswith("cuda"):
        return torch.bfloat16
    large = sum(tensor.numel() for tensor in weights.values()) > LARGE
    return torch.bfloat16 if large and torch.cpu._is_avx512_bf16_supported() else torch.float32


def find_checkpoint(name: str) -> tuple[Path, Known | None]:
    """The local folder of a checkpoint, fetched from the Hub if need be, and its row of CHECKPOINTS if it has one."""
    if not isinstance(name, str):
        raise UserError(f"A checkpoint's name is a text, not {name!r}. Give one of: {MODEL_HELP}.")
    if name == "tiny":
        return TINY, None
    if name and os.path.isdir(name):
        return Path(name), None
    known = CHECKPOINTS.get(name) or next((row for row in CHECKPOINTS.values() if row.hub_id == name), None)
    hub_id = known.hub_id if known else name
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id) or os.path.exists(name):
        raise UserError(f"No checkpoint {name[:100]!r}. Give --model one of: {MODEL_HELP}.")
    return fetch(hub_id), known


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
        shards = sorted(shard_files(Path(folder))) if weights else []
        for file in shards or (WEIGHT_FILES if weights else ()):
            try:
                hf_hub_download(hub_id, file, revision=Path(folder).name)
                if not shards:
                    break
            except RemoteEntryNotFoundError:
                continue
    except GatedRepoError as error:
        raise UserError(f"{hub_id} is gated. Ask for access on its page, then: hf auth login") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UserError(
            f"There is no {hub_id[:100]} on the Hub (or it is private: hf auth login). Known: {MODEL_HELP}."
        ) from error
    except OSError as error:  # every failure to connect is one
        raise UserError(
            f"Could not fetch {hub_id} from the Hugging Face Hub ({type(error).__name__}). "
            "Check the network, or use the embedded checkpoint: --model tiny"
        ) from error
    return Path(folder)


def read_settings(folder: Path) -> dict:
    """codi.json of our layout; empty where the folder is in another."""
    path, remedy = folder / "codi.json", "Copy the checkpoint again."
    if not path.is_file():
        return {}
    settings = check_fields(read_json(path, remedy), {"prompt_form": (str,)}, str(path), remedy)
    form, num_latent = settings["prompt_form"], settings.get("num_latent")
    for wrong, what in (
        (form not in PROMPT_FORMS, f"prompt_form {form!r} is none of {', '.join(PROMPT_FORMS)}"),
        (type(num_latent) is not int or num_latent < 1, f"num_latent is {num_latent!r}, not a whole number from 1"),
        (settings.get("rotary", ROTARY[0]) not in ROTARY, f"rotary is none of {', '.join(ROTARY)}"),
    ):
        if wrong:
            raise UserError(f"{path} is damaged: {what}. {remedy}")
    return settings


def choose_form(asked: str, native: str | None, tokenizer: PreTrainedTokenizerBase, name: str) -> str:
    """The key of PROMPT_FORMS to use: the one asked for, the checkpoint's own `native` one if it is known, or what its
    tokenizer tells. The author of llama1b added the markers to his tokenizer; official ones have none."""
    if asked != "native":
        return asked
    if native is None:
        native = "answer-only" if MARKERS[1] in tokenizer.get_vocab() else "official"
        log(f"{name} does not say how its questions were worded; its tokenizer suggests --prompt-form {native}.")
    return native


def weights_path(folder: Path) -> Path:
    """The index of the shards, or the first of WEIGHT_FILES, that `folder` has."""
    path = next((folder / file for file in (*WEIGHT_FILES, SHARDS) if (folder / file).is_file()), None)
    if path is None:
        raise UserError(
            f"{folder} holds neither {' nor '.join(WEIGHT_FILES)}. Give --model a checkpoint: {MODEL_HELP}."
        )
    return path


def shard_files(folder: Path) -> set[str]:
    """The names of a sharded checkpoint's files; none where there is no index."""
    path, remedy = folder / SHARDS, "Fetch the checkpoint again."
    if not path.is_file():
        return set()
    index = check_fields(read_json(path, remedy), {"weight_map": (dict,)}, str(path), remedy)["weight_map"]
    names = set(index.values())
    if not all(isinstance(name, str) and re.fullmatch(r"[\w.-]+\.safetensors", name) for name in names):
        raise UserError(f"{path} names files that are no safetensors beside it. {remedy}")
    return names


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file, of all shards of an index, or of a pickle: floating point and finite."""
    if path.name == SHARDS:
        index = read_json(path, "Fetch the checkpoint again.")["weight_map"] if shard_files(path.parent) else {}
        weights = {}
        for name in sorted(shard_files(path.parent)):
            weights |= read_weights(path.parent / name)
        if weights.keys() != index.keys():
            raise UserError(f"{path} and its shards differ in {named(sorted(weights.keys() ^ index.keys()))}. Fetch them again.")
        return weights
    if not path.is_file():
        raise UserError(f"{path} not found, but the folder's index names it. Fetch the checkpoint again.")
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged or hostile file raises in torch's and safetensors' readers
        raise UserError(
            f"{path} cannot be read; it is cut short or no checkpoint ({reason_of(error)}). Fetch it again."
        ) from error
    if not isinstance(weights, dict) or not all(
        isinstance(key, str) and isinstance(tensor, Tensor) for key, tensor in weights.items()
    ):
        raise UserError(f"{path} is no state dict of tensors. Give --model a checkpoint: {MODEL_HELP}.")
    check_values(weights, path)
    return weights


def check_values(weights: dict[str, Tensor], path: Path) -> None:
    """UserError unless every tensor is dense, floating point and finite."""
    is_number = lambda tensor: tensor.layout == torch.strided and tensor.dtype in FLOATS
    odd = [f"{key} ({tensor.dtype}, {tensor.layout})" for key, tensor in weights.items() if not is_number(tensor)]
    if odd:
        raise UserError(f"{path}: no plain floating-point weights: {named(odd)}. Give --model a checkpoint in one of {', '.join(map(str, FLOATS))}.")
    broken = [key for key, tensor in weights.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise UserError(f"{path}: NaN or infinite values in {named(broken)}. The training run diverged; take another.")


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
    folder: Path, language: dict[str, Tensor], lora: dict[str, dict[str, Tensor]], alpha: float, transposed: bool
) -> None:
    """Add (alpha / r) B A to each weight, in float32; `transposed` where weights are (in, out): GPT-2's Conv1D."""
    for module, ab in lora.items():
        if any(tensor.dim() != 2 for tensor in ab.values()) or ab["A"].shape[0] != ab["B"].shape[1]:
            shapes = " and ".join(str(tuple(tensor.shape)) for tensor in ab.values())
            raise UserError(f"{folder}: the LoRA of {module} has shapes {shapes}. Fetch the checkpoint again.")
        delta = alpha / len(ab["A"]) * (ab["B"].float() @ ab["A"].float())  # (out, in)
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
    if embedding.dim() != 2:
        raise UserError(f"{folder}: the token embedding has shape {tuple(embedding.shape)}. Fetch the checkpoint again.")
    rows, width = embedding.shape
    config = config_in(folder)
    if config is None and (rows - len(MARKERS), width) not in KNOWN_BASES:
        raise UserError(
            f"{folder} has no config.json, or an empty one, and its shape ({rows} x {width}) is that of no known base. "
            "Put the base model's config.json beside the weights."
        )
    config = config or KNOWN_BASES[rows - len(MARKERS), width]()
    config.vocab_size = rows
    if config.tie_word_embeddings and head is not None:
        # Saved as two: one tensor twice if still tied, else two that must both be kept.
        config.tie_word_embeddings = torch.equal(head, embedding)
    return config


def config_in(folder: Path) -> PreTrainedConfig | None:
    """The config of a folder's config.json; None where that is missing, of 0 bytes, or names no model."""
    path, remedy = folder / "config.json", "Fetch it again."
    if not path.is_file() or not path.stat().st_size:
        return None
    value = check_fields(read_json(path, remedy), {}, str(path), remedy)
    if "model_type" not in value:
        return None
    kernel = next((v for k, v in value.items() if "attn_implementation" in k and "/" in str(v)), None)
    if kernel:
        raise UserError(f"{path} asks for code from the Hub ({str(kernel)[:60]}), which is never run here. Remove that line.")
    return without_code(lambda: AutoConfig.from_pretrained(folder, trust_remote_code=False), str(path))


def without_code(load: Callable, where: str):
    """What `load` reads, which is told to trust no code; UserError for what cannot be read, or only with its own
    Python."""
    try:
        return load()
    except UserError:
        raise
    except Exception as error:  # whatever transformers raises for what a folder may hold
        if "trust_remote_code" in str(error):
            raise UserError(f"{where} brings Python code of its own, which is never run here. Take a model that transformers knows.") from error
        raise UserError(f"{where} cannot be read ({reason_of(error)}). Fetch it again, or check the name.") from error


def build_model(
    config: PreTrainedConfig, weights: dict[str, Tensor], path: Path, dtype: torch.dtype
) -> PreTrainedModel:
    """The language model with exactly these weights: none missing, none left over."""
    try:
        with torch.device("meta"):
            empty = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
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
    inner = weights["1.weight"].shape[0] if "1.weight" in weights and weights["1.weight"].dim() else hidden_size
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
    if not has_files and (config.model_type not in BASE_TOKENIZERS or (folder / "codi.json").is_file()):
        raise UserError(f"{folder} has no tokenizer files. Put those of its base model beside the weights.")
    source = folder if has_files else fetch(BASE_TOKENIZERS[config.model_type], weights=False)
    tokenizer = tokenizer_in(source, config)
    original = config.vocab_size - len(MARKERS)
    bot, eot = (tokenizer.get_vocab().get(marker) for marker in MARKERS[1:])
    fits = original <= len(tokenizer) <= config.vocab_size
    if not fits or bot not in (None, original + 1) or eot not in (None, original + 2) or tokenizer.eos_token_id is None:
        raise UserError(
            f"The tokenizer in {source} ({len(tokenizer)} tokens) is not that of {path}, whose vocabulary is "
            f"{original} + {len(MARKERS)} markers. Put the right tokenizer files beside the weights."
        )
    return tokenizer


def tokenizer_in(source: Path | str, config: PreTrainedConfig | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a folder or Hub repository; with a `config` its config.json, which may be empty, is not read."""
    given = {} if config is None else {"config": config}
    return without_code(
        lambda: AutoTokenizer.from_pretrained(source, trust_remote_code=False, **given), f"The tokenizer in {source}"
    )


def load_language_model(name: str, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A plain causal language model from the Hub or a folder, and its tokenizer: whole, finite, with an EOS token, and
    no more tokens than rows."""
    tokenizer = tokenizer_in(name)
    if os.path.isdir(name):
        config_in(Path(name))  # refuses what asks for code
    model, found = without_code(
        lambda: AutoModelForCausalLM.from_pretrained(
            name, dtype=dtype, output_loading_info=True, trust_remote_code=False, attn_implementation="sdpa"
        ),
        f"The language model {name}",
    )
    lost = sorted(found["missing_keys"] | found["unexpected_keys"] | {str(key) for key in found["mismatched_keys"]})
    rows = model.get_input_embeddings().weight.shape[0]
    broken = [key for key, tensor in model.state_dict().items() if not torch.isfinite(tensor).all()]
    for wrong, what in (
        (lost, f"is not a whole plain language model; missing or unknown: {named(lost)}"),
        (broken, f"has NaN or infinite values in {named(broken)}"),
        (tokenizer.eos_token_id is None, "has a tokenizer without an EOS token, which ends every answer"),
        (len(tokenizer) > rows, f"has {len(tokenizer)} tokens in its tokenizer but {rows} rows in its model"),
    ):
        if wrong:
            raise UserError(f"{name} {what}. Give a base model that is whole, or a CODI checkpoint folder with its codi.json.")
    return model, tokenizer


def round_rotary(model: nn.Module, precision: str) -> None:
    """Round the rotary frequencies as a checkpoint's training did (REFERENCE.md section 8)."""
    for name, buffer in model.named_buffers():
        if precision == "bfloat16" and name.endswith("inv_freq"):
            buffer.copy_(buffer.to(torch.bfloat16))


def sha256_prefix(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
