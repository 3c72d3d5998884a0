"""
Checkpoints on disk and on the Hub: files, weights, configs and tokenizers, read strictly by the rows of families.py.

Layouts: sharded safetensors with an index, one safetensors file of any name, one torch file (a pickle, read as tensors
only), a peft adapter over a base. Every key of a file is used, or is dropped by a name in its family's row; every
parameter is filled; anything else is a UserError that names the keys, and no code of a folder is run.
`loading.load_model` puts the parts together.
"""

import math
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import init_empty_weights
from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from families import (  # noqa: F401, what checkpoints are is asked of this module
    BASE_TOKENIZERS,
    CHECKPOINTS,
    COCONUT_MARKERS,
    CODI_MARKERS,
    DROPPED_KEYS,
    EMBEDDED,
    EMBEDDING,
    FAMILIES,
    FEEDS,
    HUB_IDS,
    KNOWN_BASES,
    LORA_ALPHA,
    MARKERS,
    MODEL_HELP,
    NAMES,
    PROMPT_FORMS,
    ROTARY,
    Evidence,
    Family,
    PromptForm,
    base_config,
    named,
    parts_of,
)
from files import check_fields, check_unused, read_json
from scripting import UserError, log
from tensor_files import (  # noqa: F401, as above
    INDEX,
    Merged,
    Stored,
    check_tensors,
    read_weights,
    sha256_prefix,
    shards_of,
    stored_weights,
)

FOLDERS = {name: Path(__file__).parent / "checkpoints" / folder for name, folder in EMBEDDED.items()}
TINY = FOLDERS["tiny"]
WEIGHT_FILES = ("model.safetensors", INDEX, "pytorch_model.bin")
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_model.bin")
NOT_MERGED = ("use_rslora", "use_dora", "alpha_pattern", "rank_pattern", "trainable_token_indices")  # of its settings
PROJECTION_FILE = "prj.pt"  # of folders that keep what feeds a step back apart
# What stands beside weights and holds other things: states of a training, its arguments.
NO_WEIGHTS = re.compile(r"(training_args|optimizer|scheduler|scaler|rng_state|prj|adapter_model)\b.*")
ODD_FILE = re.compile(r".*\.(safetensors|bin|pt|pth|ckpt)|checkpoint_(\d+|best)")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json")

# --- Finding --------------------------------------------------------------------------------------------------


def checked_name(name) -> str:
    """The name of a model as text; UserError if it can be none."""
    if not isinstance(name, str | os.PathLike) or not isinstance(os.fspath(name), str):
        raise UserError(f"{str(name)[:60]!r} is no name of a model. Give one of: {MODEL_HELP}.")
    return os.fspath(name)


def find_checkpoint(name: str) -> tuple[Path, str | None]:
    """The local folder of a checkpoint, fetched from the Hub if need be, and its key of FAMILIES if it is named. Where
    a repository holds several that are one file each, the file."""
    if name in FOLDERS:
        return FOLDERS[name], None
    if name and os.path.isdir(name):
        return Path(name), None
    check_no_file(name)
    asked = next((known for known, hub_id in HUB_IDS.items() if name in (known, hub_id)), None)
    hub_id = HUB_IDS.get(asked, name)
    if not (asked or re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id)) or os.path.exists(name):
        raise UserError(f"No checkpoint {name[:200]!r}. Give --model one of: {MODEL_HELP}.")
    if asked is None:
        return fetch(hub_id), None
    return fetch(hub_id, CHECKPOINTS[asked].files), next(key for key, row in FAMILIES.items() if asked in row.names)


def check_no_file(name: str) -> None:
    """UserError if a name is one file of a checkpoint: what else it needs stands beside it."""
    if os.path.isfile(name) and (ODD_FILE.fullmatch(os.path.basename(name)) or os.path.basename(name) == INDEX):
        raise UserError(f"{name} is one file of a checkpoint. Give its folder: {os.path.dirname(name) or '.'}")


def fetch(hub_id: str, files: tuple[str, ...] = ("model.safetensors", "pytorch_model.bin")) -> Path:
    """The local snapshot of a Hub repository, or of a path inside it: its small files, and unless `files` is empty its
    weights: all shards of an index, the first of `files` that it has, or what it has besides as `odd_file` finds it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    repository, inside = repository_of(hub_id)
    small = ["*.json", "*.txt", "*.model", "*.jinja", *([PROJECTION_FILE] if files else [])]
    wanted = [inside, *(f"{inside}/{pattern}" for pattern in small)] if inside else small
    try:
        snapshot = Path(snapshot_download(repository, allow_patterns=wanted))
        folder = snapshot / inside
        if files and not folder.is_file():
            fetch_weights(repository, snapshot.name, folder, inside, files)
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
    return folder


def repository_of(hub_id: str) -> tuple[str, str]:
    """The repository of a Hub id, which may have no owner, and the path inside it, which is mostly none."""
    parts = hub_id.split("/")
    return "/".join(parts[:2]), "/".join(parts[2:])


def snapshot_of(path: Path) -> str | None:
    """The commit on the Hub of what fetch() returned; None for any other path."""
    return next((part.name for part in (path, *path.parents) if part.parent.name == "snapshots"), None)


def fetch_weights(repository: str, revision: str, folder: Path, inside: str, files: tuple[str, ...]) -> None:
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import RemoteEntryNotFoundError

    def download(file):
        hf_hub_download(repository, f"{inside}/{file}" if inside else file, revision=revision)

    if (folder / INDEX).is_file():
        for file in shards_of(folder / INDEX):
            download(file)
        return
    for file in ADAPTER_FILES if (folder / ADAPTER_CONFIG).is_file() else files:
        try:
            return download(file)
        except RemoteEntryNotFoundError:
            continue
    there = HfApi().list_repo_files(repository, revision=revision)
    odd = odd_file([name.removeprefix(f"{inside}/") for name in there if name.startswith(inside)], repository)
    if odd:
        download(odd)


def odd_file(names: Iterable[str], where) -> str | None:
    """The one file of weights that is named otherwise than WEIGHT_FILES; None where there is none."""
    odd = sorted(name for name in names if ODD_FILE.fullmatch(name) and not NO_WEIGHTS.match(name))
    shards = [name for name in odd if re.search(r"-of-0*(?!0|1\.)\d+\.\w+$", name)]
    if shards:
        raise UserError(f"{where} holds shards ({named(shards)}) without their {INDEX}. Fetch the checkpoint again.")
    if len(odd) > 1:
        raise UserError(f"{where} holds several files of weights: {named(odd)}. Leave only one of them there.")
    return odd[0] if odd else None


def weights_path(folder: Path) -> Path:
    """The first of WEIGHT_FILES that `folder` has, else an adapter's, else its one file of another name; the path
    itself where it is a file."""
    if folder.is_file():
        return folder
    adapter = ADAPTER_FILES if (folder / ADAPTER_CONFIG).is_file() else ()
    path = next((folder / file for file in (*adapter, *WEIGHT_FILES) if (folder / file).is_file()), None)
    if path is None and folder.is_dir():
        odd = odd_file((path.name for path in folder.iterdir() if path.is_file()), folder)
        path = folder / odd if odd else None
    if path is None:
        raise UserError(
            f"{folder} holds neither {' nor '.join(WEIGHT_FILES)}. Give --model a checkpoint: {MODEL_HELP}."
        )
    return path


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
        else f"feeds is {settings['feeds']!r}, none of {', '.join(FEEDS)}"
        if settings.get("feeds", "mlp-ln") not in tuple(FEEDS)
        else wrong_markers(settings.get("markers", {}))
    )  # fmt: skip
    if wrong:
        raise UserError(f"{path} is damaged ({wrong}). {again}")
    return settings


def wrong_markers(markers) -> str | None:
    """What is wrong with the markers of codi.json, {text: row}; older folders have none, which are the last rows."""
    if markers == {}:
        return None
    known = isinstance(markers, dict) and markers.keys() <= set(MARKERS) and {*MARKERS[1:]} <= markers.keys()
    if not known or any(type(row) is not int or row < 0 for row in markers.values()):
        return f"its markers are not rows of {', '.join(MARKERS)}"
    return "two markers are one row" if len({*markers.values()}) < len(markers) else None


def check_replaceable(folder: Path) -> None:
    """UserError if a checkpoint written to `folder` would overwrite what this tool did not write."""
    if (folder / "codi.json").is_file():
        read_settings(folder)
    else:
        check_unused(folder, "codi.json")


def embedding_of(language: dict[str, Stored]) -> Stored | None:
    """The token embedding, or the head that it is tied to."""
    return next((t for key, t in language.items() if EMBEDDING.search(key)), language.get("lm_head.weight"))


def read_config(
    folder: Path, own: PreTrainedConfig | None, language: dict[str, Stored], added: int
) -> PreTrainedConfig:
    """The language model's config: the folder's `own`, or that of a known base of the same shape but for the `added`
    rows; its vocabulary and tying as the weights have them."""
    head, embedding = language.get("lm_head.weight"), embedding_of(language)
    if embedding is None or len(embedding.shape) != 2:
        what = "no token embedding" if embedding is None else f"a token embedding of shape {tuple(embedding.shape)}"
        raise UserError(f"{folder}: the weights hold {what}. Give --model a checkpoint: {MODEL_HELP}.")
    rows, width = embedding.shape
    config = own or base_config(rows, width, added)
    if config is None:
        raise UserError(
            f"{folder} has no config.json, or an empty one, and its shape ({rows} x {width}) is that of no known "
            "base. Put the base model's config.json beside the weights."
        )
    config.vocab_size = rows
    if config.tie_word_embeddings and head is not None:
        # Saved as two: one tensor twice if still tied, else two that must both be kept.
        config.tie_word_embeddings = head.equals(embedding)
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


def empty_model(config: PreTrainedConfig, weights: Collection[str], path: Path) -> PreTrainedModel:
    """The language model that a config describes, without weights or buffers."""
    layers = getattr(config, "num_hidden_layers", 0)
    try:
        if layers > len(weights):  # before a damaged number fills the memory
            raise ValueError(f"{layers} layers, but {len(weights)} tensors")
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except Exception as error:  # as in own_config
        reason = " ".join(str(error).split())[:120]
        raise UserError(f"{path.parent / 'config.json'} describes no causal language model ({reason}).") from error


def model_without_weights(config: PreTrainedConfig, dtype: torch.dtype) -> PreTrainedModel:
    """The same with its buffers, such as rotary frequencies, which no file holds."""
    with init_empty_weights(include_buffers=False):
        return AutoModelForCausalLM.from_config(config, trust_remote_code=False, dtype=dtype).eval()


def tied_keys(model: PreTrainedModel) -> dict[str, str]:
    """State-dict names that are another tensor under a second name: {second name: first name}."""
    return dict(model._tied_weights_keys or {}) if model.config.tie_word_embeddings else {}


# --- Weights --------------------------------------------------------------------------------------------------


def read_folder(folder: Path, path: Path) -> dict[str, Stored]:
    """Every tensor of a checkpoint: its weights, and those of PROJECTION_FILE under prj.* where it keeps them apart."""
    weights = stored_weights(path)
    apart = folder / PROJECTION_FILE
    if apart.is_file() and not any(key.startswith(("prj.", "projector.")) for key in weights):
        weights |= {f"prj.{key.removeprefix('prj.')}": tensor for key, tensor in stored_weights(apart).items()}
    return weights


@dataclass(frozen=True)
class Adapter:
    """What a peft repository says of itself: the folder of its base, and its LoRA's alpha."""

    base: Path
    alpha: float


def is_adapter(weights: Path) -> bool:
    """Whether a file of weights is a peft adapter's."""
    return weights.name in ADAPTER_FILES


def read_adapter(file: Path, weights: dict[str, Stored]) -> Adapter | None:
    """What the adapter_config.json beside an adapter's file says of its weights; None for any other file."""
    path, again = file.parent / ADAPTER_CONFIG, "Fetch it again."
    if not is_adapter(file):
        return None
    wanted = {"peft_type": (str,), "base_model_name_or_path": (str,), "r": (int,), "lora_alpha": (int, float)}
    said = check_fields(read_json(path, again), wanted, str(path), again)
    wrong = wrong_adapter(said, {t.shape[0] for key, t in weights.items() if ".lora_A." in key and len(t.shape) == 2})
    if wrong:
        raise UserError(f"{path}: {wrong}. {again}")
    more = [key for key in NOT_MERGED if said.get(key)] + ["bias"] * (said.get("bias", "none") != "none")
    if more:
        raise UserError(f"{path} asks for {named(more)}, which is not merged here. Merge it with peft first.")
    base = said["base_model_name_or_path"]
    return Adapter(Path(base) if os.path.isdir(base) else fetch(checked_name(base)), said["lora_alpha"])


def wrong_adapter(said: dict, ranks: set[int]) -> str | None:
    """What is wrong with an adapter's settings, whose file holds LoRA of these ranks; None if nothing is."""
    if said["peft_type"] != "LORA":
        return f"peft_type is {said['peft_type'][:60]!r}, and only LORA is merged here"
    if not 0 < said["lora_alpha"] < math.inf:
        return f"lora_alpha is {str(said['lora_alpha'])[:60]}, not a number above 0"
    if ranks - {said["r"]}:
        return f"r is {str(said['r'])[:60]}, but its weights are of rank {', '.join(map(str, sorted(ranks)))}"
    return None if said["base_model_name_or_path"].strip() else "base_model_name_or_path names no base model"


def over_base(adapter: Adapter, weights: dict[str, Stored]) -> dict[str, Stored]:
    """The keys of an adapter and of its base as those of one CODI file: a LoRA, and the rows that the adapter brings
    in full in place of the base's."""
    of_adapter = {
        key if key.startswith("prj.") else "codi." + re.sub(r"(lora_[AB])\.weight$", r"\1.default.weight", key): tensor
        for key, tensor in weights.items()
    }
    base = {f"codi.base_model.model.{key}": t for key, t in stored_weights(weights_path(adapter.base)).items()}
    head = "codi.base_model.model.lm_head.weight"
    if any(EMBEDDING.search(key) for key in of_adapter) and head not in of_adapter:
        config = own_config(adapter.base)
        if config is not None and config.tie_word_embeddings:  # the head is the adapter's embedding then
            base.pop(head, None)
    full = {key.replace(".base_layer.", ".") for key in of_adapter}
    return {key: tensor for key, tensor in base.items() if key not in full} | of_adapter


def split_weights(
    family: Family, weights: dict[str, Stored]
) -> tuple[dict[str, Stored], dict[str, dict[str, Stored]], dict[str, Stored]]:
    """A family's language model under its plain names, its LoRA as {module: {"A": (r, in), "B": (out, r)}}, and its
    projection."""
    parts, lora = parts_of(family, weights), {}
    for name, key in parts["lora"].items():
        module, _, letter = name.partition(":")
        lora.setdefault(module, {})[letter] = weights[key]
    language, projection = (
        {name: weights[key] for name, key in parts[part].items()} for part in ("language", "projection")
    )
    return language, lora, projection


def evidence(weights: dict[str, Stored], tokenizer: PreTrainedTokenizerBase | None, adapter: bool) -> Evidence:
    """What a folder shows of itself; its shape is found under whatever prefix its embedding has."""
    aside = tuple(prefix for family in FAMILIES.values() for prefix in family.dropped)
    embedding = embedding_of({key: tensor for key, tensor in weights.items() if not key.startswith(aside)})
    return Evidence(
        weights.keys(),
        tuple(embedding.shape) if embedding is not None and len(embedding.shape) == 2 else None,
        tokenizer.get_vocab() if tokenizer is not None else {},
        adapter,
    )


def merge_lora(
    folder: Path, language: dict[str, Stored], lora: dict[str, dict[str, Stored]], transposed: bool, alpha: float
) -> dict[str, Stored | Merged]:
    """The language model's weights with (alpha / r) B A added, once they are read; `transposed` where weights are
    (in, out): GPT-2's Conv1D."""
    merged = {}
    for module, ab in lora.items():
        shapes = tuple(ab["A"].shape), tuple(ab["B"].shape)
        if not [len(shape) for shape in shapes] == [2, 2] or not shapes[0][0] or shapes[0][0] != shapes[1][1]:
            raise UserError(
                f"{folder}: the LoRA of {module} has shapes {shapes[0]} and {shapes[1]}, which make no product. "
                "Fetch the checkpoint again."
            )
        weight, shape = language[f"{module}.weight"], (shapes[1][0], shapes[0][1])  # (out, in)
        shape = shape[::-1] if transposed else shape
        if shape != weight.shape:
            raise UserError(
                f"{folder}: the LoRA of {module} has shape {shape}, its weight {tuple(weight.shape)}. "
                "Fetch the checkpoint again."
            )
        merged[f"{module}.weight"] = Merged(weight, ab["A"], ab["B"], alpha / shapes[0][0], transposed)
    return language | merged


def check_keys(expected: dict[str, torch.Size], weights: dict, path: Path, prefix: str = "") -> None:
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


def base_tokenizer(folder: Path, config: PreTrainedConfig) -> tuple[Path, PreTrainedTokenizerBase]:
    """The tokenizer of a checkpoint that brings none, from the first of its base's copies that can be had."""
    if config.model_type not in BASE_TOKENIZERS or (folder / "codi.json").is_file():
        raise UserError(f"{folder} has no tokenizer files. Put those of its base model beside the weights.")
    reasons = []
    for hub_id in BASE_TOKENIZERS[config.model_type]:
        try:
            source = fetch(hub_id, ())
        except UserError as error:
            reasons.append(str(error))
            continue
        log(f"{folder} has no tokenizer files; taking those of {hub_id}.")
        return source, read_tokenizer(source)
    raise UserError(f"{folder} has no tokenizer files, nor could its base's be had: {' '.join(reasons)}")


def check_markers(
    tokenizer: PreTrainedTokenizerBase, ids: dict[str, int], row: Family, source: Path, rows: int, path: Path
) -> None:
    """UserError unless a tokenizer is that of a model with `rows` rows, whose markers are `ids`: each marker that it
    names is there, and what it has there is that marker."""
    vocabulary, original = tokenizer.get_vocab(), min(ids.values())
    texts = {
        role: {markers[role] for markers in (CODI_MARKERS, COCONUT_MARKERS, row.markers)} for role in ("bot", "eot")
    }
    elsewhere = any(vocabulary.get(text, ids[role]) != ids[role] for role in texts for text in texts[role])
    foreign = any(text not in texts[role] for text, at in vocabulary.items() for role in texts if at == ids[role])
    fits = original <= len(tokenizer) <= rows and max(ids.values()) < rows
    if not fits or elsewhere or foreign or tokenizer.eos_token_id is None:
        raise UserError(
            f"The tokenizer in {source} ({len(tokenizer)} tokens) is not that of {path}, whose vocabulary is "
            f"{original} + {len(ids)} markers. Put the right tokenizer files beside the weights."
        )


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, rows: int, name: str) -> None:
    """UserError unless a tokenizer's tokens all have a row in the vocabulary, and EOS is one."""
    if tokenizer.eos_token_id is None:
        raise UserError(f"{name}: its tokenizer has no EOS token, which ends every reply. Take another model.")
    if max(len(tokenizer), 1 + max(tokenizer.get_vocab().values(), default=0)) > rows:
        raise UserError(
            f"{name}: {len(tokenizer)} tokens in the tokenizer but {rows} rows in the model. "
            "Take a model with its own tokenizer."
        )
