"""
An oracle: a language model that answers questions about a trace, from its text, its vectors, or both.

    from oracle_model import load_oracle, oracle_answer
    oracle = load_oracle("oracle_model/best")
    oracle_answer(oracle, trace, ["Which step matters most when zeroed?", "What was asked?"])
    oracle_answer(oracle, trace, "What does it answer after step 2?", vectors=Vectors(Path("traces.jsonl"))[trace.index])

Vectors are read as in Activation Oracles (arXiv 2512.15674): one placeholder token per vector; after the first block the
residual h there becomes h + ‖h‖·v/‖v‖, while the prompt is encoded and at no other time. Where the oracle is wider or
narrower than the CODI it reads, one learned linear map stands between.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from codi_model import in_batches, load_model, pad, plan_batches
from loading import CHECKPOINTS
from oracle_questions import PromptForm, prompt_end, prompt_start
from scripting import UserError, log
from traces import Trace

TINY_ORACLE = Path(__file__).parent / "checkpoints" / "tiny-oracle"
ORACLE_HELP = "default: oracle_model/best if it is there, else the embedded checkpoints/tiny-oracle"
TRAIN = "Train one: python train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl"
MAX_REPLY_TOKENS = 160  # a summary with 7 answers takes about 100
MAP_FILE = "map.safetensors"


@dataclass
class Oracle:
    """A language model that was trained to answer about traces, and what it was trained on."""

    model: PreTrainedModel | PeftModel
    tokenizer: PreTrainedTokenizerBase
    form: PromptForm
    settings: dict  # of oracle.json
    map: nn.Linear | None = None  # from CODI's width to the oracle's, where they differ
    folder: Path | None = None

    @property
    def context(self) -> int:
        return self.model.config.max_position_embeddings


# --- Loading and saving -----------------------------------------------------------------------------------------


def load_base(name: str, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The language model an oracle starts from: the one inside a CODI checkpoint (tiny, llama1b, …, or a folder with
    codi.json), or any causal language model from the Hub or a folder."""
    if name in ("tiny", *CHECKPOINTS) or (Path(name) / "codi.json").is_file():
        codi = load_model(name, "cpu", str(dtype).removeprefix("torch."))
        return codi.model, codi.tokenizer
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(
            f"Could not load the language model {name!r} ({str(error).splitlines()[0][:200]}). Check the name and the "
            "network, or take the embedded one: --base tiny"
        ) from error
    if tokenizer.eos_token_id is None:
        raise UserError(f"{name}: its tokenizer has no EOS token, which ends every reply. Take another model.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer


def load_oracle(folder: Path | str | None = None, device: str | None = None, dtype: str | None = None) -> Oracle:
    """The oracle in a folder that train_oracle.py wrote, default_oracle() where none is given. UserError where there
    is none."""
    folder, device = Path(folder or default_oracle()), device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        settings = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} holds no oracle ({error}). {TRAIN}") from error
    kind = getattr(torch, dtype) if dtype else torch.bfloat16 if device.startswith("cuda") else torch.float32
    if (folder / "adapter_config.json").is_file():
        model, tokenizer = load_base(settings["base"], kind)
        model = PeftModel.from_pretrained(model, folder)
    else:
        model, tokenizer = load_base(str(folder), kind)
    oracle = Oracle(model.to(device).eval(), tokenizer, PromptForm.of(settings, folder), settings, folder=folder)
    if (folder / MAP_FILE).is_file():
        weight = load_file(folder / MAP_FILE)["weight"]
        oracle.map = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
        oracle.map.weight.data = weight.to(device, kind)
    log(
        f"Loaded the oracle {folder}: reads {oracle.form.reads}, trained from {settings['base']} on "
        f"{settings['train']['pairs']:,} pairs"
    )
    return oracle


def save_map(layer: nn.Linear, folder: Path) -> None:
    save_file({"weight": layer.weight.detach().contiguous()}, folder / MAP_FILE)


def default_oracle() -> Path:
    """The oracle trained here if there is one, else the embedded one."""
    trained = Path("oracle_model/best")
    return trained if (trained / "oracle.json").is_file() else TINY_ORACLE


# --- Prompts as token ids ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prompt:
    """Token ids of a prompt's start, which several prompts may share, and of its end; where in the start the vectors
    stand."""

    start: list[int]
    end: list[int]
    places: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # of the stacked vectors, the one at each place


def prompt_ids(tokenizer, start: str, end: str, room: int, form: PromptForm | None = None, num_latent: int = 0):
    """The Prompt of at most `room` tokens, with a place for each vector where `form` reads vectors and the start shows
    thoughts. What is too long loses trace text from its end; None if it would have to lose more."""

    def said(text, **kwargs):
        return tokenizer(text, split_special_tokens=True, **kwargs)["input_ids"]

    head, mark, trace = start.partition("\nThoughts:")
    ids, places, rows = said(head), [], []
    if form and form.reads != "text" and trace != " hidden":
        placeholder = said(" ?", add_special_tokens=False)[-1]
        for row, label in vector_labels(form, num_latent, end):
            ids += said(label, add_special_tokens=False)
            places.append(len(ids))
            rows.append(row)
            ids.append(placeholder)
    more, end_ids = (said(text, add_special_tokens=False) for text in (mark + trace, end))
    left = room - len(ids) - len(end_ids)
    return Prompt(ids + more[:left], end_ids, places, rows) if left >= 0 else None


def vector_labels(form: PromptForm, num_latent: int, query: str) -> Iterator[tuple[int, str]]:
    """(row of the stacked vectors, what is said before its placeholder) of every vector that is read: all of them, or
    with form.asked_only those of the step that the query names, if it names one."""
    asked = re.search(r"step (\d+)", query) if form.asked_only else None
    row = 0
    for kind in form.vectors:
        steps = range(0 if kind == "z" else -1, num_latent)
        heading = f"\nVectors {kind}:"
        for step in steps:
            if asked is None or int(asked[1]) == step:
                yield row, f"{heading} {step if step >= 0 else 'start'}"
                heading = ""
            row += 1


def stacked(vectors: dict[str, Tensor], form: PromptForm) -> Tensor:
    """All vectors of a trace that the oracle may read (rows, D), in the order of vector_labels()."""
    missing = [kind for kind in form.vectors if kind not in vectors]
    if missing:
        raise UserError(
            f"The oracle reads {', '.join(form.vectors)}, but the traces have no {', '.join(missing)}; they have "
            f"{', '.join(vectors)}. Collect with --vectors, and for resid_L with --layers L."
        )
    return torch.cat([vectors[kind].float() for kind in form.vectors])


def response_ids(tokenizer, response: str) -> list[int]:
    """What the oracle learns to say, EOS included."""
    ids = tokenizer(f" {response}", add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return ids + [tokenizer.eos_token_id]


# --- Injection --------------------------------------------------------------------------------------------------


def first_block(model) -> nn.Module:
    return next(module for module in model.modules() if isinstance(module, nn.ModuleList))[0]


@contextmanager
def injected(model, row: Tensor, place: Tensor, vectors: Tensor) -> Iterator[None]:
    """While it lasts, the residual h after the first block at (row[k], place[k]) becomes h + ‖h‖·v/‖v‖, v being
    vectors[k] (K, D); a zero vector leaves it as it is."""

    def hook(module, inputs, output):
        hidden = output[0] if isinstance(output, tuple) else output
        at = hidden[row, place]  # (K, D)
        direction = vectors.to(hidden) / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-12).to(hidden)
        steered = hidden.index_put((row, place), at + at.norm(dim=-1, keepdim=True) * direction)
        return (steered, *output[1:]) if isinstance(output, tuple) else steered

    handle = first_block(model).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


# --- Asking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """One prompt to an oracle: its start and end as text, and the stacked vectors (rows, D) it may read."""

    start: str
    end: str
    vectors: Tensor | None = None


@dataclass(frozen=True)
class Reply:
    """What an oracle said, and the probability it gave to all of it."""

    text: str
    probability: float


def oracle_answer(
    oracle: Oracle,
    trace: Trace | list[Trace],
    query: str | list[str],
    vectors: dict[str, Tensor] | list[dict[str, Tensor]] | None = None,
) -> str | list[str]:
    """The oracle's reply about a trace, whose `vectors` (as traces.Vectors gives them) it needs if it reads vectors.
    Lists give lists: of queries about one trace, or of a query each of many."""
    if isinstance(trace, Trace) and isinstance(query, str):
        return oracle_answer(oracle, [trace], [query], [vectors] if vectors else None)[0]
    if isinstance(trace, Trace):
        trace, vectors = [trace] * len(query), [vectors] * len(query) if vectors else None
    queries = [query] * len(trace) if isinstance(query, str) else query
    if len(trace) != len(queries):
        raise UserError(f"{len(trace)} traces but {len(queries)} queries. Give one query, or one for each trace.")
    asked = [
        ask_about(oracle, one, text, vectors[i] if vectors else None)
        for i, (one, text) in enumerate(zip(trace, queries, strict=True))
    ]
    return [reply.text for reply in replies(oracle, asked)]


def ask_about(oracle: Oracle, trace: Trace, query: str, vectors: dict[str, Tensor] | None = None) -> Ask:
    """The prompt of a query about a trace, with all that the oracle may see."""
    if oracle.form.reads != "text" and vectors is None:
        raise UserError(
            "This oracle reads vectors, and these traces have none. "
            "Collect anew: python collect_traces.py --vectors --output with_vectors.jsonl"
        )
    read = None if oracle.form.reads == "text" else stacked(vectors, oracle.form)
    return Ask(prompt_start(trace, oracle.form), prompt_end(query), read)


def replies(oracle: Oracle, asked: list[Ask], max_new_tokens: int = MAX_REPLY_TOKENS) -> list[Reply]:
    """A reply to each; prompts with the same start and vectors share its encoding."""
    room, groups = oracle.context - max_new_tokens, {}
    for i, ask in enumerate(asked):
        prompt = prompt_ids(
            oracle.tokenizer, ask.start, ask.end, room, oracle.form, oracle.settings.get("num_latent", 0)
        )
        if prompt is None:
            raise UserError(f"The question and query are longer than the oracle's context ({oracle.context} tokens).")
        read = None if ask.vectors is None else ask.vectors[prompt.rows]
        key = tuple(prompt.start), b"" if read is None else read.numpy().tobytes()
        groups.setdefault(key, (prompt, read, []))[2].append((i, prompt.end))
    groups = list(groups.values())
    # what one group takes: its start once as read, and once more per query in the cache
    costs = [len(prompt.start) + sum(len(end) + max_new_tokens for _, end in members) for prompt, _, members in groups]
    said = [None] * len(asked)

    def work(numbers):
        some = [groups[n] for n in numbers]
        ends = [end for _, _, members in some for _, end in members]
        owner = [place for place, (_, _, members) in enumerate(some) for _ in members]
        done = generate_replies(oracle, [(prompt, read) for prompt, read, _ in some], owner, ends, max_new_tokens)
        for (i, _), reply in zip((m for _, _, members in some for m in members), done, strict=True):
            said[i] = reply

    in_batches(work, plan_batches(costs, oracle.model.device.type))
    return said


@torch.inference_mode()
def generate_replies(
    oracle: Oracle,
    starts: list[tuple[Prompt, Tensor | None]],
    owner: list[int],
    ends: list[list[int]],
    max_new_tokens: int,
) -> list[Reply]:
    """Greedy replies to starts[owner[i]] + ends[i]; each start is read once, with its vectors, and its cache given to
    each of its ends."""
    model, device = oracle.model, oracle.model.device
    start, start_mask = (tensor.to(device) for tensor in pad([prompt.start for prompt, _ in starts], "left"))
    end, end_mask = (tensor.to(device) for tensor in pad(ends, "left"))
    cache = DynamicCache(config=model.config)
    read_starts(oracle, starts, start, start_mask, cache)
    rows = torch.tensor(owner, device=device)
    cache.batch_select_indices(rows)
    ids = torch.cat([start[rows], end], 1)
    said = model.generate(
        input_ids=ids,
        attention_mask=torch.cat([start_mask[rows], end_mask], 1),
        past_key_values=cache,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=oracle.tokenizer.pad_token_id,
        eos_token_id=oracle.tokenizer.eos_token_id,
        logits_processor=LogitsProcessorList([sureness := Sureness()]),
    )[:, ids.shape[1] :]
    is_end = said == oracle.tokenizer.eos_token_id
    counts = is_end.cumsum(1) - is_end.long() == 0  # up to the first EOS
    probabilities = (torch.stack(sureness.log_probs, 1) * counts).sum(1).exp().tolist()
    texts = oracle.tokenizer.batch_decode(said, skip_special_tokens=True)
    return [Reply(text.strip(), p) for text, p in zip(texts, probabilities, strict=True)]


class Sureness(LogitsProcessor):
    """Keeps the log-probability of each token of a greedy reply, which is the largest there is."""

    def __init__(self):
        self.log_probs = []

    def __call__(self, input_ids, scores):
        self.log_probs.append(scores.float().log_softmax(-1).max(-1).values)
        return scores


def read_starts(oracle: Oracle, starts, ids: Tensor, mask: Tensor, cache: DynamicCache) -> None:
    """Encode the left-padded starts into `cache`, the vectors injected at their places."""
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    forward = lambda: oracle.model(
        input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, logits_to_keep=1
    )
    gaps = ids.shape[1] - mask.sum(1)
    found = [(n, place + int(gaps[n]), read[k]) for n, (prompt, read) in enumerate(starts) if read is not None
             for k, place in enumerate(prompt.places)]  # fmt: skip
    if not found:
        forward()
        return
    row, place, vectors = zip(*found, strict=True)
    with injected(oracle.model, *places(row, place, torch.stack(vectors), oracle.map, ids.device)):
        forward()


def places(row, place, vectors: Tensor, through: nn.Linear | None, device) -> tuple[Tensor, Tensor, Tensor]:
    """What injected() takes, of rows and places as numbers; the vectors (K, D) go `through` the map if there is one."""
    vectors = vectors.to(device)
    if through is not None:
        vectors = through(vectors.to(through.weight))
    return torch.tensor(row, device=device), torch.tensor(place, device=device), vectors
