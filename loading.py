"""
How a name becomes a model: `load_model` and what it returns, any language model as an oracle's base, and saving.

    from loading import load_model
    codi = load_model("tiny")
"""

import copy
import gc
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions
from transformers.utils import logging as transformers_logging

from checkpoints import (
    Adapter,
    base_tokenizer,
    check_keys,
    check_markers,
    check_no_file,
    check_replaceable,
    check_tokenizer,
    checked_name,
    empty_model,
    evidence,
    fetch,
    find_checkpoint,
    has_tokenizer,
    is_adapter,
    merge_lora,
    model_without_weights,
    over_base,
    own_config,
    read_adapter,
    read_config,
    read_folder,
    read_settings,
    read_tokenizer,
    read_weights,
    sha256_prefix,
    snapshot_of,
    split_weights,
    tied_keys,
    weights_path,
)
from families import (
    CODI_MARKERS,
    FAMILIES,
    FEEDS,
    HUB_IDS,
    LORA_ALPHA,
    MODEL_HELP,
    NAMES,
    NUM_LATENT,
    PROMPT_FORMS,
    ROTARY,
    Evidence,
    Family,
    check_family,
    family_of,
    misfits,
    named,
)
from files import replacing_folder, write_json
from gguf_files import gguf_file, plain_copy
from placing import check_device_map, device_map_of, fill, spread, told
from scripting import UserError, log, positive_int
from tensor_files import Stored

DTYPES = ("float32", "bfloat16", "float16")
LARGE = 100_000_000  # parameters from which a CPU runs in bfloat16
# of Llama and its kin, GPT-2 and Falcon, GPT-NeoX, Phi, OPT
FINAL_NORMS = ("norm", "ln_f", "final_layer_norm", "final_layernorm", "decoder.final_layer_norm")
OTHER_BASE = "Take another base model: Llama, Qwen2, Mistral, Gemma 2 or 3, GPT-2 and their kin are tested."

# --- What is loaded -------------------------------------------------------------------------------------------


class Projection(nn.Sequential):
    """z = project(h): (…, D) -> (…, D). State-dict keys 1.*, 3.*, and ln.* with a layer norm, as in the public
    checkpoints. Coconut has nn.Identity() in its place."""

    def __init__(self, hidden_size: int, inner_size: int, dropout: float = 0.0, norm: bool = True):
        super().__init__(
            nn.Dropout(dropout), nn.Linear(hidden_size, inner_size), nn.GELU(), nn.Linear(inner_size, hidden_size)
        )
        if norm:
            self.add_module("ln", nn.LayerNorm(hidden_size))


class Pause(nn.Module):
    """z = one learned vector, whatever h is: (…, D) -> (…, D). State-dict key pause."""

    def __init__(self, hidden_size: int):
        super().__init__()
        self.pause = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, hidden: Tensor) -> Tensor:
        return self.pause.expand_as(hidden)


@dataclass
class Codi:
    """A loaded latent reasoner. Unpacks as `model, prj, tokenizer, bot_id, eot_id`."""

    model: PreTrainedModel  # merged language model; its vocabulary is the original one and then the markers
    prj: nn.Module  # what feeds a step back
    tokenizer: PreTrainedTokenizerBase
    bot_id: int
    eot_id: int
    form: str = "answer-only"  # key of PROMPT_FORMS
    num_latent: int = NUM_LATENT
    name: str = "unnamed"
    revision: str | None = None  # commit on the Hub, or the first digits of a local file's SHA-256
    rotary: str = "float32"  # what its rotary frequencies are rounded to
    lora_alpha: float | None = None  # with which a LoRA was merged on loading
    # rows of the vocabulary that training added: never an answer, nor read by a lens; by default the last three, in
    # CODI's order
    added: tuple[int, ...] = ()
    token_texts: dict[int, str] = field(default_factory=dict, repr=False)  # decoded so far

    def __post_init__(self):
        # The older interface hands on five parts, none of which says how this checkpoint is prompted, nor whether the
        # two numbers are its markers.
        self.added = self.added or (self.bot_id - 1, self.bot_id, self.eot_id)
        self.model.codi_form, self.model.codi_markers = self.form, (self.bot_id, self.eot_id)
        self.model.codi_added = self.added

    def __iter__(self) -> Iterator:
        return iter((self.model, self.prj, self.tokenizer, self.bot_id, self.eot_id))

    @property
    def body(self) -> nn.Module:
        """The model without its lm_head."""
        return self.model.base_model

    @property
    def embed(self) -> nn.Module:
        return self.model.get_input_embeddings()

    @property
    def head(self) -> nn.Module:
        return self.model.get_output_embeddings()

    @property
    def final_norm(self) -> nn.Module:
        """What the body applies to its last layer's output."""
        modules = dict(self.body.named_modules())
        found = next((modules[name] for name in FINAL_NORMS if name in modules), None)
        if found is None:
            raise UserError(f"{self.name} ({self.model.config.model_type}) has no final norm known here. {OTHER_BASE}")
        return found

    def logits(self, hidden: Tensor) -> Tensor:
        """The model's own logits (…, V) of hidden states (…, D), scaled and capped as its code does."""
        return model_logits(self.model, hidden)

    @property
    def vocabulary(self) -> int:
        """V, how many rows its vocabulary had before the markers."""
        return min(self.added)

    @property
    def device(self) -> torch.device:
        return self.embed.weight.device

    @property
    def depth(self) -> int:
        """Blocks of the language model."""
        return self.model.config.num_hidden_layers

    @property
    def width(self) -> int:
        """D, the hidden size."""
        return self.embed.weight.shape[1]

    @property
    def window(self) -> int | None:
        """How many positions its sliding layers see, their own included; None where it has no such layers."""
        config = self.model.config
        layers = getattr(config, "layer_types", None) or ["sliding_attention"]
        return getattr(config, "sliding_window", None) if "sliding_attention" in layers else None

    @property
    def context(self) -> int:
        """Positions the model can hold."""
        return self.model.config.max_position_embeddings

    def check(self) -> None:
        """Raise UserError where the model in hand does not do what is claimed here (capability.py)."""
        from capability import check_capability  # which spells its check in the verbs of this file

        check_capability(self)

    def opening(self, form: str | None = None) -> list[int]:
        """What is fed before an answer, by default in the checkpoint's own form."""
        return self.marker_ids(PROMPT_FORMS[form or self.form].opening)

    def marker_ids(self, names: tuple[str, ...]) -> list[int]:
        ids = {"eos": self.tokenizer.eos_token_id, "bot": self.bot_id, "eot": self.eot_id}
        return [ids[name] for name in names]

    def token_text(self, token: int) -> str:
        """One token of the vocabulary as text."""
        if token not in self.token_texts:
            self.token_texts[token] = self.tokenizer.decode([token])
        return self.token_texts[token]

    def describe(self) -> dict:
        """What a result must say about the model that gave it."""
        return {
            "model": self.name,
            "revision": self.revision,
            "prompt_form": self.form,
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "device": self.device.type,
            "rotary": self.rotary,
            "lora_alpha": self.lora_alpha,
        }


class PassThrough(nn.Module):
    """In place of a model's body: what it is given as embeddings are its last hidden states."""

    @property
    def decoder(self) -> nn.Module:
        """OPT's head asks its body's decoder."""
        return self

    def forward(self, *args, inputs_embeds: Tensor, **kwargs) -> BaseModelOutputWithPastAndCrossAttentions:
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=inputs_embeds)


PASS_THROUGH = PassThrough()


def model_logits(model: nn.Module, hidden: Tensor) -> Tensor:
    """The logits (…, V) that a language model's own code gives hidden states (…, D): some scale or cap what their
    lm_head says. With LoRA inside, too."""
    headed = copy.copy(model)  # made anew each time, so that it is never another model than that in hand
    headed._modules = model._modules | {model.base_model_prefix: PASS_THROUGH}
    rows = hidden.reshape(1, -1, hidden.shape[-1])
    # the class's forward, as Accelerate may have put one on the instance that runs the whole model
    return type(model).forward(headed, inputs_embeds=rows, use_cache=False).logits.reshape(*hidden.shape[:-1], -1)


# --- Loading --------------------------------------------------------------------------------------------------


def load_model(
    name: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    prompt_form: str = "native",
    lora_alpha: float | None = None,
    rotary: str | None = None,
    family: str | None = None,
    device_map: str | dict | None = None,
) -> Codi:
    """A latent reasoner, LoRA merged, ready to answer.

    `name` as in MODEL_HELP; `prompt_form` "native" (the checkpoint's own) or a key of PROMPT_FORMS; `dtype` a torch
    name, by default bfloat16 on a GPU and for large models on a CPU that multiplies it, else float32; `lora_alpha` and
    `rotary` are the checkpoint's own where nothing is said; `family`, a key of FAMILIES, is told by the checkpoint's
    name or by its files; `device_map` "auto" spreads the blocks over all GPUs (placing.py). Always prints what it took.
    Raises UserError, one sentence with the next command, for anything that cannot be loaded.
    """
    if prompt_form not in ("native", *PROMPT_FORMS):
        raise UserError(f"No prompt form {prompt_form!r}; use native or one of: {', '.join(PROMPT_FORMS)}.")
    if rotary not in (None, *ROTARY):
        raise UserError(f"No rotary frequencies in {str(rotary)[:40]!r}; use {' or '.join(ROTARY)}.")
    if family not in (None, *FAMILIES):
        raise UserError(f"No family {str(family)[:40]!r}; use one of: {', '.join(FAMILIES)}.")
    if dtype is not None:
        named_dtype(dtype)
    name = default_model() if name is None else checked_name(name)
    check_device_map(device_map, device)
    device = resolve_device(device)
    transformers_logging.disable_progress_bar()
    found = open_checkpoint(name, family)
    row = found.row
    alpha = choose_alpha(lora_alpha, found, name)
    language = merge_lora(found.folder, found.language, found.lora, found.config.model_type == "gpt2", alpha)
    dtype = resolve_dtype(dtype, device, sum(tensor.numel() for tensor in language.values()))
    model = build_model(found.config, language, found.path, dtype, device, device_map)
    rotary = rotary or row.rotary
    round_rotary(model, rotary)
    codi = Codi(
        model=model,
        prj=build_projection(row.feeds, found.projection, found.config.hidden_size, found.path).to(
            model.get_input_embeddings().weight.device, model.dtype
        ),
        tokenizer=found.tokenizer,
        bot_id=found.ids["bot"],
        eot_id=found.ids["eot"],
        form=row.form if prompt_form == "native" else prompt_form,
        num_latent=row.num_latent,
        name=name,
        revision=snapshot_of(found.folder) or sha256_prefix(found.path),
        rotary=rotary,
        lora_alpha=alpha,
        added=tuple(sorted(found.ids.values())),
    )
    codi.check()
    gc.freeze()  # accelerate's helper collects garbage at each call, which took 0.19 s with every import in its view
    said = ", ".join(f"{key} {value}" for key, value in codi.describe().items() if key != "model" and value)
    parameters = sum(p.numel() for part in (codi.model, codi.prj) for p in part.parameters())
    log(f"Loaded {name} ({parameters:,} parameters): {said}")
    return codi


@dataclass
class Opened:
    """A checkpoint's parts as its files hold them, checked against each other."""

    folder: Path
    path: Path  # of its weights
    row: Family
    is_told: bool  # whether name or settings said of which family it is, not its keys alone
    config: PreTrainedConfig
    tokenizer: PreTrainedTokenizerBase
    ids: dict[str, int]  # of its markers
    language: dict[str, Stored]
    lora: dict[str, dict[str, Stored]]
    projection: dict[str, Stored]
    adapter: Adapter | None = None


def open_checkpoint(name: str, family: str | None) -> Opened:
    """The parts of a checkpoint, by its row of FAMILIES, or by its codi.json where it is in our own layout."""
    folder, known = find_checkpoint(name)
    path = weights_path(folder)
    weights, settings = read_folder(folder, path), read_settings(folder)
    adapter = read_adapter(path, weights)
    if settings and family:
        raise UserError(f"{folder / 'codi.json'} says in which layout it is. Leave --family out.")
    if settings:
        row = our_row(settings)
        projection = {key.removeprefix("prj."): weights.pop(key) for key in list(weights) if key.startswith("prj.")}
        language, lora = weights, {}
    weights = over_base(adapter, weights) if adapter else weights
    base = adapter.base if adapter else folder
    config, source = own_config(base), folder if has_tokenizer(folder) or settings else base
    tokenizer = read_tokenizer(source) if has_tokenizer(source) else None
    if not settings:
        row = choose_row(name, folder, family or known, evidence(weights, tokenizer, adapter is not None))
        language, lora, projection = split_weights(row, weights)
    config = read_config(base, config, language, len(row.markers))
    if tokenizer is None:
        source, tokenizer = base_tokenizer(folder, config)
    ids = settings_ids(settings) or row.ids(config.vocab_size)
    check_markers(tokenizer, ids, row, source, config.vocab_size, path)
    is_told = bool(settings or known or row.shape)
    return Opened(folder, path, row, is_told, config, tokenizer, ids, language, lora, projection, adapter)


def our_row(settings: dict) -> Family:
    """The row that codi.json of our own layout stands for."""
    return Family(
        form=settings["prompt_form"],
        feeds=settings.get("feeds", "mlp-ln"),
        rotary=settings.get("rotary", "float32"),
        num_latent=settings["num_latent"],
    )


def settings_ids(settings: dict) -> dict[str, int]:
    """The marker rows that codi.json names, by role; empty where it names none."""
    markers = settings.get("markers", {})
    return {role: markers[text] for role, text in CODI_MARKERS.items() if text in markers}


def is_reasoner(name: str, family: str | None = None) -> bool:
    """Whether what --model says is a latent reasoner, as load_model() takes them, and no plain language model."""
    folder = Path(name)
    if family or name in (*NAMES, *HUB_IDS.values()) or (folder / "codi.json").is_file():
        return True
    if not folder.is_dir() or gguf_file(name):
        return False
    path = weights_path(folder)
    if is_adapter(path):  # which no language model here is
        return True
    seen = evidence(read_folder(folder, path), read_tokenizer(folder) if has_tokenizer(folder) else None, adapter=False)
    return any(not misfits(row, seen) for row in FAMILIES.values())


def choose_row(name: str, folder: Path, asked: str | None, seen: Evidence) -> Family:
    """The row that was asked for, if the folder fits it, else the first that it fits; says which that is."""
    if asked:
        check_family(folder, asked, seen)
        return FAMILIES[asked]
    found = family_of(folder, seen)
    form = FAMILIES[found].form
    log(f"{name}: its keys and tokenizer are those of --family {found}; questions are worded as --prompt-form {form}.")
    return FAMILIES[found]


def default_model() -> str:
    """The checkpoint for this machine; says how to ask for the other."""
    name, other, found = ("llama1b", "tiny", "a") if torch.cuda.is_available() else ("tiny", "llama1b", "no")
    log(f"Taking --model {name}, as {found} GPU was found; for the other: --model {other}")
    return name


def choose_alpha(asked: float | None, found: Opened, name: str) -> float | None:
    """The LoRA's alpha; None where the checkpoint holds none."""
    if asked is not None and (type(asked) not in (int, float) or not 0 < asked < math.inf):
        raise UserError(f"lora_alpha= is {str(asked)[:40]!r}, not a number above 0. Leave --lora-alpha out.")
    if not found.lora:
        if asked is not None:
            raise UserError(f"{name} holds no LoRA: it is merged already. Leave --lora-alpha out.")
        return None
    if asked is not None or found.adapter:
        return asked if asked is not None else found.adapter.alpha
    if not found.is_told:
        log(f"{name} does not say its LoRA's alpha; taking --lora-alpha {LORA_ALPHA}, as published scripts do.")
    return found.row.lora_alpha


def resolve_device(device: str | None) -> str:
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device is None else device
    if not isinstance(device, str | torch.device):
        raise UserError(f"device= is {device!r}, not the name of one; give cpu, cuda or cuda:1.")
    device = str(device)
    try:
        torch.ones(1, device=device).item()  # fails on meta, and on a GPU that is not there
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0][:120]
        raise UserError(f"Device {device!r} cannot be used here ({reason}). Try --device cpu.") from error
    return device


def resolve_dtype(dtype: str | None, device: str, parameters: int) -> torch.dtype:
    """The dtype asked for, else bfloat16 on a GPU, and for large models on a CPU that multiplies it."""
    if dtype is not None:
        return named_dtype(dtype)
    if device.startswith("cuda"):
        return torch.bfloat16
    is_worth_it = parameters > LARGE and torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if is_worth_it else torch.float32


def named_dtype(dtype: str | torch.dtype) -> torch.dtype:
    name = str(dtype).removeprefix("torch.")
    if not isinstance(dtype, str | torch.dtype) or name not in DTYPES:
        raise UserError(f"No dtype {dtype!r}; use {', '.join(DTYPES)}.")
    return getattr(torch, name)


# --- Building -------------------------------------------------------------------------------------------------


def build_model(
    config: PreTrainedConfig,
    weights: dict[str, Stored],
    path: Path,
    dtype: torch.dtype,
    device: str,
    device_map: str | dict | None = None,
) -> PreTrainedModel:
    """The language model with exactly these weights, none missing, none left over, each read to its place on
    `device`, or to that of a device map."""
    weights = named_weights(config, weights, path)
    model = model_without_weights(config, dtype)
    if device_map is not None:
        places = device_map_of(model, device_map)
        spread(model, weights, places)
        log(f"Spread: {told(places)}")
        return model
    fill(model, weights, lambda name: device)
    return model.to(device)  # its buffers


def named_weights(config: PreTrainedConfig, weights: dict[str, Stored], path: Path) -> dict[str, Stored]:
    """The weights of a config's model by its own names, each once; UserError unless all are there and nothing else."""
    empty = empty_model(config, weights, path)
    tied = tied_keys(empty)
    # of two names for one tensor a file may hold either
    weights = {tied[name]: weights[name] for name in tied if name in weights} | weights
    expected = {name: tensor.shape for name, tensor in empty.state_dict().items() if name not in tied}
    weights = {name: tensor for name, tensor in weights.items() if name not in tied}
    check_keys(expected, weights, path)
    return weights


def build_projection(feeds: str, weights: dict[str, Stored], hidden_size: int, path: Path) -> nn.Module:
    """What feeds a step back, with exactly these weights."""
    shape = weights["1.weight"].shape if "1.weight" in weights else ()
    projection = new_projection(feeds, hidden_size, shape[0] if len(shape) == 2 and shape[0] else hidden_size)
    expected = {name: tensor.shape for name, tensor in projection.state_dict().items()}
    check_keys(expected, weights, path, "prj.")
    projection.load_state_dict({name: tensor.read() for name, tensor in weights.items()})
    return projection.eval()


def new_projection(feeds: str, hidden_size: int, inner_size: int | None = None) -> nn.Module:
    """A module that feeds a step back, untrained, by its key of FEEDS."""
    if feeds == "pause":
        return Pause(hidden_size)
    if feeds == "identity":
        return nn.Identity()
    return Projection(hidden_size, inner_size or hidden_size, norm=feeds == "mlp-ln")


def feeds_of(projection: nn.Module) -> str:
    """The key of FEEDS that a module is."""
    return next(feeds for feeds, names in FEEDS.items() if {*names} == projection.state_dict().keys())


def round_rotary(model: nn.Module, rotary: str) -> None:
    """Round the rotary frequencies to bfloat16 and back, as a whole module's `.to(bfloat16)` does; not for float32."""
    if rotary == "bfloat16":
        for name, buffer in model.named_buffers():
            if name.endswith("inv_freq"):
                buffer.copy_(buffer.bfloat16().to(buffer.dtype))


def load_language_model(
    name: str, dtype: str | torch.dtype = "float32"
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Any causal language model from the Hub, a folder or a GGUF file (gguf_files.py), and its tokenizer: all weights
    there, finite, and of its config's shapes; no code but transformers' own. `config._commit_hash` is its revision on
    the Hub, or the first digits of the GGUF file's SHA-256."""
    name, dtype = checked_name(name), named_dtype(dtype)
    packed = gguf_file(name)
    if packed:
        return load_packed(packed, dtype)
    check_no_file(name)
    if not os.path.isdir(name) and not re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", name):
        raise UserError(f"Could not load the language model {name[:200]!r}: no folder, no name on the Hub.")
    folder = Path(name) if os.path.isdir(name) else fetch(name)
    config = own_config(folder)
    if config is None:
        raise UserError(f"Could not load the language model {name!r}: no config.json. Give a whole model.")
    path = weights_path(folder)
    weights = read_weights(path)
    empty = empty_model(config, weights, path)
    try:
        with quiet_transformers():
            model, found = type(empty).from_pretrained(
                None, config=config, state_dict=weights, dtype=dtype, output_loading_info=True
            )
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{path} does not fit its config ({' '.join(str(error).split())[:160]}). Fetch it.") from error
    wrong = sorted({*found["missing_keys"], *found["unexpected_keys"], *map(str, found.get("mismatched_keys") or ())})
    if wrong:
        raise UserError(
            f"{name} is not a whole plain language model; missing or unknown (or misshapen): {named(wrong)}. "
            "Give a base model, or a CODI checkpoint folder with its codi.json."
        )
    tokenizer = read_tokenizer(folder)
    check_tokenizer(tokenizer, len(model.get_input_embeddings().weight), name)
    model.config._commit_hash = snapshot_of(folder)
    return model.eval(), tokenizer


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Without its table of missing and unknown keys, which are a sentence here."""
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)


def load_packed(path: Path, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """load_language_model() of a GGUF file, by way of its unpacked copy."""
    folder = plain_copy(path)
    try:
        model, tokenizer = load_language_model(folder, dtype)
    except UserError as error:
        raise UserError(f"The copy of {path} is damaged: {error} It is made anew after: rm -r {folder}") from error
    model.config._commit_hash = folder.name
    return model, tokenizer


# --- Saving ---------------------------------------------------------------------------------------------------


def save_checkpoint(codi: Codi, folder: Path, origin: dict) -> None:
    """Write our checkpoint layout: model.safetensors (merged model, and the projection as prj.*), config.json,
    tokenizer files, codi.json (prompt form, number of latent steps, what feeds a step back, markers, `origin`)."""
    tied = tied_keys(codi.model)
    weights = {name: tensor for name, tensor in codi.model.state_dict().items() if name not in tied}
    weights |= {f"prj.{name}": tensor for name, tensor in codi.prj.state_dict().items()}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    settings = {
        "prompt_form": codi.form,
        "num_latent": codi.num_latent,
        "rotary": codi.rotary,
        "feeds": feeds_of(codi.prj),
        "markers": {CODI_MARKERS[role]: row for role, row in marker_rows(codi).items()},
        "origin": origin,
    }
    check_replaceable(folder)
    with replacing_folder(folder, last="codi.json") as made:
        codi.model.config.save_pretrained(made)
        codi.tokenizer.save_pretrained(made)
        save_file(weights, made / "model.safetensors", metadata={"format": "pt"})
        write_json(made / "codi.json", settings)


def marker_rows(codi: Codi) -> dict[str, int]:
    """The added rows of a model's vocabulary by what they are for, in CODI's order."""
    padding = [("pad", row) for row in codi.added if row not in (codi.bot_id, codi.eot_id)]
    return dict([*padding, ("bot", codi.bot_id), ("eot", codi.eot_id)])


# --- Command line ---------------------------------------------------------------------------------------------


def add_model_arguments(parser) -> None:
    """--model, --family, --prompt-form, --dtype, --device, --device-map, --lora-alpha, --rotary."""
    parser.add_argument("--model", help=MODEL_HELP)
    parser.add_argument(
        "--family", choices=list(FAMILIES), help="in which layout a folder is (default: as its files tell)"
    )
    parser.add_argument(
        "--prompt-form", default="native", choices=["native", *PROMPT_FORMS], help="default: the checkpoint's own"
    )
    parser.add_argument("--dtype", choices=DTYPES, help="default: as the device does best")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, … (default: cuda if there is one)")
    parser.add_argument(
        "--device-map", choices=["auto"], help="spread the model over all GPUs, then memory, then the disk"
    )
    parser.add_argument(
        "--lora-alpha", type=positive_int, help="of a LoRA that is merged on loading (default: known, or 32)"
    )
    parser.add_argument(
        "--rotary", choices=ROTARY, help="rotary frequencies are rounded to this (default: as in its training)"
    )


def model_options(args) -> dict:
    """load_model's arguments from the options that add_model_arguments() adds."""
    names = ("device", "device_map", "dtype", "prompt_form", "lora_alpha", "rotary", "family")
    return {name: getattr(args, name) for name in names}
