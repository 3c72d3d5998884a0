"""
CODI, loaded and run: one loaded model, one batch of half-finished runs, three verbs on it.

    from codi_model import load_model, generate
    model, prj, tokenizer, bot_id, eot_id = load_model("tiny")
    generate(model, prj, tokenizer, bot_id, eot_id, "Ava has 3 pens. On Monday Ava buys 4 more pens. How many ...?")

CODI (arXiv 2502.21074) thinks in embedding space. `encode` reads the question up to the marker bot and yields h[-1],
the last hidden state after the final norm. `think` is one latent step: step i = 0 … N-1 consumes the embedding
z[i] = project(h[i-1]) as one more input position and yields h[i]. `decode` feeds the marker eot and answers greedily.
Everything else in this project is spelled in those three verbs.

Shapes: B rows in a batch, T positions read so far, L new positions, D hidden size, V vocabulary.
"""

import copy
import gc
import hashlib
import json
import os
import pickle
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import torch
from accelerate.utils import find_executable_batch_size
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from problems import UserError, extract_number

__all__ = ["load_model", "generate", "generate_raw", "extract_number", "UserError"]

NUM_LATENT = 6  # latent steps of every published CODI checkpoint
MAX_NEW_TOKENS = 256
ANSWER_ROOM = 2  # positions an answer needs at least: eot and one token
TOKENS_PER_BATCH = {"cpu": 4096, "cuda": 131072}  # positions, padding included; see benchmarks/bench_speed.py
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

    @property
    def shared(self) -> tuple[str, ...]:
        """The markers with which all three modes begin, so that one encoding of the question serves all."""
        return commonprefix([self.latent, self.direct, self.verbal])


PROMPT_FORMS = {
    # bcywinski/codi_llama1b-answer_only
    "answer-only": PromptForm(" Output only the answer and nothing else.", ("eos", "bot"), ("eos",), ("eos", "bot")),
    # zen-E/CODI-*: trained without EOS; its teacher reads no marker before the chain
    "official": PromptForm("", ("bot",), ("bot",), (), (), "The answer is: {answer}"),
    # what an earlier implementation fed to every checkpoint; reproduces its figures
    "bare": PromptForm("", ("bot",), ("bot",), ("bot",), chain_end=()),
    # checkpoints/tiny-codi: answer-only without the English suffix
    "plain": PromptForm("", ("eos", "bot"), ("eos",), ("eos", "bot")),
}
MODES = ("latent", "direct", "verbal")

# --- The nouns ------------------------------------------------------------------------------------------------


class Projection(nn.Sequential):
    """z = project(h): (…, D) -> (…, D). State-dict keys 1.*, 3.*, ln.*, as in the public checkpoints."""

    def __init__(self, hidden_size: int, inner_size: int, dropout: float = 0.0):
        super().__init__(
            nn.Dropout(dropout), nn.Linear(hidden_size, inner_size), nn.GELU(), nn.Linear(inner_size, hidden_size)
        )
        self.add_module("ln", nn.LayerNorm(hidden_size))


@dataclass
class Codi:
    """A loaded CODI. Unpacks as `model, prj, tokenizer, bot_id, eot_id`."""

    model: PreTrainedModel  # merged language model; its vocabulary is the original one + MARKERS
    prj: nn.Module
    tokenizer: PreTrainedTokenizerBase
    bot_id: int
    eot_id: int
    form: str = "answer-only"  # key of PROMPT_FORMS
    num_latent: int = NUM_LATENT
    name: str = "unnamed"
    revision: str | None = None  # commit on the Hub, or the first digits of a local file's SHA-256

    def __post_init__(self):
        # The older interface hands on five parts, none of which says how this checkpoint is prompted.
        self.model.codi_form = self.form

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
    def device(self) -> torch.device:
        return self.embed.weight.device

    @property
    def context(self) -> int:
        """Positions the model can hold."""
        return self.model.config.max_position_embeddings

    def marker_ids(self, names: tuple[str, ...]) -> list[int]:
        ids = {"eos": self.tokenizer.eos_token_id, "bot": self.bot_id, "eot": self.eot_id}
        return [ids[name] for name in names]

    def describe(self) -> dict:
        """What a result must say about the model that gave it."""
        return {
            "model": self.name,
            "revision": self.revision,
            "prompt_form": self.form,
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "device": self.device.type,
        }


@dataclass
class Run:
    """A batch of half-finished runs: everything the model has read so far."""

    cache: DynamicCache
    mask: Tensor  # (B, T), 1 where later positions may attend
    position: Tensor  # (B,), the next position id
    hidden: Tensor  # (B, D), last hidden state after the final norm
    states: tuple[Tensor, ...] = ()  # embeddings and each layer's output, (B, L, D), of the last extension, on demand


# --- The verbs ------------------------------------------------------------------------------------------------


def encode(codi: Codi, ids: Tensor, mask: Tensor) -> Run:
    """Read left-padded prompts, ids and mask (B, T) as `pad` makes them; ends on h[-1] if they end in bot."""
    nothing = Run(
        DynamicCache(config=codi.model.config),
        mask[:, :0],
        mask.new_zeros(len(mask)),
        torch.empty(0, device=mask.device),
    )
    return extend(codi, nothing, codi.embed(ids), mask)


def think(codi: Codi, run: Run, embed: Tensor) -> Run:
    """Feed one latent embedding (B, 1, D) to every row of `run`; returns the run one step on."""
    return extend(codi, run, embed)


def decode(
    codi: Codi, run: Run, start: tuple[int, ...], max_new_tokens: int = MAX_NEW_TOKENS, eot_allowed: bool = False
) -> list[list[int]]:
    """Every row's greedy answer as token ids, without EOS. `start` is fed first: (eot,), or nothing to go on."""
    answers = [[] for _ in range(len(run.mask))]
    for step in decode_steps(codi, run, start, max_new_tokens, eot_allowed):
        for row, token in step:
            answers[row].append(token)
    return answers


def decode_steps(
    codi: Codi, run: Run, start: tuple[int, ...], max_new_tokens: int = MAX_NEW_TOKENS, eot_allowed: bool = False
) -> Iterator[list[tuple[int, int]]]:
    """Greedy decoding as it happens: per step a list of (row, token). A row leaves the batch at EOS, or when its own
    context is full, so that no row's answer depends on another's."""
    rows = torch.arange(len(run.mask), device=run.mask.device)
    if start:
        run = read(codi, run, torch.tensor([start], device=run.mask.device).expand(len(rows), -1))
    # [PAD] and bot are never part of an answer; eot only ends a verbal chain
    forbidden = [codi.bot_id - 1, codi.bot_id] + [codi.eot_id] * (not eot_allowed)
    for remaining in reversed(range(max_new_tokens)):
        scores = logits(codi, run)
        scores[:, forbidden] = -torch.inf
        token = scores.argmax(-1)
        run, token, rows = keep_rows(run, token, rows, token != codi.tokenizer.eos_token_id)
        if len(rows):
            yield list(zip(rows.tolist(), token.tolist(), strict=True))
        run, token, rows = keep_rows(run, token, rows, run.position < codi.context)
        if not len(rows) or not remaining:
            return
        run = read(codi, run, token[:, None])


def keep_rows(run: Run, token: Tensor, rows: Tensor, wanted: Tensor) -> tuple[Run, Tensor, Tensor]:
    """The `wanted` rows of all three."""
    return (run, token, rows) if wanted.all() else (fork(run, wanted), token[wanted], rows[wanted])


def project(codi: Codi, run: Run) -> Tensor:
    """z, the embedding (B, 1, D) that the next latent step consumes."""
    return codi.prj(run.hidden[:, None])


def logits(codi: Codi, run: Run) -> Tensor:
    """Next-token logits (B, V) at each row's last position."""
    return codi.head(run.hidden)


def lens(codi: Codi, run: Run) -> Tensor:
    """The logit lens (B, V - 3) of each row's hidden state, over the original vocabulary (without MARKERS)."""
    return logits(codi, run)[:, : -len(MARKERS)]


def latent_steps(codi: Codi, run: Run, num_latent: int) -> Iterator[Run]:
    """`run` after each latent step i = 0 … num_latent - 1."""
    for _ in range(num_latent):
        run = think(codi, run, project(codi, run))
        yield run


def read(codi: Codi, run: Run, ids: Tensor) -> Run:
    """Feed tokens (B, L) to every row of `run`."""
    return extend(codi, run, codi.embed(ids))


def extend(codi: Codi, run: Run, embeds: Tensor, mask: Tensor | None = None, keep_states: bool = False) -> Run:
    """Append positions embeds (B, L, D) to a fork of `run`; `mask` (B, L) is 0 at padding. `run` stays as it was."""
    mask = run.mask.new_ones(embeds.shape[:2]) if mask is None else mask
    cache = fork(run).cache
    seen = torch.cat([run.mask, mask], 1)
    output = codi.body(
        inputs_embeds=embeds,
        attention_mask=seen,
        position_ids=(run.position[:, None] + mask.cumsum(1) - 1).clamp(min=0),  # (B, L)
        past_key_values=cache,
        use_cache=True,
        output_hidden_states=keep_states,
    )
    states = output.hidden_states if keep_states else ()
    return Run(cache, seen, run.position + mask.sum(1), output.last_hidden_state[:, -1], states)


def fork(run: Run, rows: Tensor | None = None) -> Run:
    """A run that grows apart from `run`, of its `rows` (indices, repeats allowed, or a boolean mask) or of all."""
    cache = copy.copy(run.cache)
    cache.layers = [copy.copy(layer) for layer in run.cache.layers]  # a layer grows by making new tensors
    if rows is None:
        return Run(cache, run.mask, run.position, run.hidden)
    cache.batch_select_indices(rows)
    return Run(cache, run.mask[rows], run.position[rows], run.hidden[rows])


def pad(sequences: list[list[int]], side: str) -> tuple[Tensor, Tensor]:
    """Ids (B, T) and mask (B, T) of sequences padded to the longest on `side`, "left" or "right"."""
    longest = max(map(len, sequences))
    gaps = [[0] * (longest - len(s)) for s in sequences]
    left = side == "left"
    ids = [gap + s if left else s + gap for gap, s in zip(gaps, sequences, strict=True)]
    mask = [gap + [1] * len(s) if left else [1] * len(s) + gap for gap, s in zip(gaps, sequences, strict=True)]
    return torch.tensor(ids), torch.tensor(mask)


SPARSE_BELOW = 0.01  # |h| under this counts as zero in `sparsity`


@dataclass(frozen=True)
class StepReading:
    """What one hidden state looks like: its logit lens and its size."""

    top_k_tokens: list[str]
    top_k_probs: list[float]
    entropy_nats: float  # of the whole lens distribution
    norm: float
    sparsity: float  # share of |h| < SPARSE_BELOW
    cosine_to_prev: float | None


def read_hidden(codi: Codi, run: Run, previous: Run | None, top_k: int) -> list[StepReading]:
    """Every row's StepReading of run.hidden, compared with the same rows of `previous`."""
    hidden = run.hidden.float()
    log_probs = lens(codi, run).float().log_softmax(-1)  # (B, V - 3)
    top = log_probs.topk(top_k)
    cosine = None if previous is None else torch.cosine_similarity(hidden, previous.hidden.float()).tolist()
    columns = [
        [[codi.tokenizer.decode([token]) for token in row] for row in top.indices.tolist()],
        top.values.exp().tolist(),
        (-(log_probs.exp() * log_probs).nansum(-1)).tolist(),
        hidden.norm(dim=-1).tolist(),
        (hidden.abs() < SPARSE_BELOW).float().mean(-1).tolist(),
        cosine or [None] * len(hidden),
    ]
    return [StepReading(*row) for row in zip(*columns, strict=True)]


# --- Questions in, answers out --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the model said: the answer's text, the chain before it (verbal mode), and the tokens it took."""

    text: str
    chain: str | None
    tokens: int


def prompt_ids(codi: Codi, question: str, mode: str, num_latent: int = 0, form: str | None = None) -> list[int]:
    """Token ids of question, suffix and the mode's markers. What looks like a special token in the text is text.

    Raises UserError for a question that is empty, or that with the latent steps leaves no room for an answer.
    """
    if not question.strip():
        raise UserError("The question is empty. Type one, or try: Ava has 3 apples. How many apples does Ava have?")
    form = PROMPT_FORMS[form or codi.form]
    return text_ids(codi, question + form.suffix, codi.marker_ids(getattr(form, mode)), num_latent)


def text_ids(codi: Codi, text: str, markers: list[int], num_latent: int = 0) -> list[int]:
    """Token ids of plain text, with the tokenizer's own BOS if it adds one, and `markers`; UserError if too long."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(f"The text holds bytes that are no UTF-8: {text[:40]!r}. Save or type it as UTF-8.") from error
    ids = codi.tokenizer(text, split_special_tokens=True)["input_ids"] + markers
    room = num_latent + ANSWER_ROOM
    if len(ids) + room > codi.context:
        raise UserError(
            f"The text is too long: {len(ids)} tokens and {room} for thinking and answering, but the model holds "
            f"{codi.context}. Shorten it: {text[:40]!r}…"
        )
    return ids


def start_runs(codi: Codi, prompts: list[list[int]]) -> Run:
    """`encode` for prompts of any lengths."""
    ids, mask = pad(prompts, "left")
    return encode(codi, ids.to(codi.device), mask.to(codi.device))


def complete(
    codi: Codi,
    prompts: list[list[int]],
    num_latent: int,
    start: tuple[int, ...],
    max_new_tokens: int = MAX_NEW_TOKENS,
    eot_allowed: bool = False,
    batch_size: int | None = None,
    on_batch: Callable[[list[int], list[list[int]]], None] = lambda indices, replies: None,
) -> list[list[int]]:
    """Encode, think `num_latent` steps, decode: the generated ids of every prompt, in their order, in batches.
    `on_batch(indices, replies)` sees each batch as it is done."""
    replies: list[list[int]] = [[] for _ in prompts]

    @torch.inference_mode()
    def work(indices):
        run = start_runs(codi, [prompts[i] for i in indices])
        for run in latent_steps(codi, run, num_latent):
            pass
        done = decode(codi, run, start, max_new_tokens, eot_allowed)
        for i, ids in zip(indices, done, strict=True):
            replies[i] = ids
        on_batch(indices, done)

    lengths = [len(prompt) + num_latent + ANSWER_ROOM for prompt in prompts]
    in_batches(work, lengths, codi.device.type, batch_size)
    return replies


def answer(
    codi: Codi,
    questions: list[str],
    mode: str = "latent",
    num_latent: int | None = None,
    form: str | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
    batch_size: int | None = None,
    on_batch: Callable[[list[int], list[Answer]], None] = lambda indices, answers: None,
) -> list[Answer]:
    """Answers to `questions` in one of MODES, in their order; `num_latent` is by default the checkpoint's own."""
    verbal = mode == "verbal"
    num_latent = 0 if mode != "latent" else codi.num_latent if num_latent is None else num_latent
    replies = complete(
        codi,
        [prompt_ids(codi, question, mode, num_latent, form) for question in questions],
        num_latent,
        () if verbal else (codi.eot_id,),
        max_new_tokens,
        eot_allowed=verbal,
        batch_size=batch_size,
        on_batch=lambda indices, done: on_batch(indices, [answer_from(codi, ids, verbal, form) for ids in done]),
    )
    return [answer_from(codi, ids, verbal, form) for ids in replies]


def answer_from(codi: Codi, ids: list[int], verbal: bool, form: str | None = None) -> Answer:
    """An Answer of generated ids; in verbal mode what stands before eot is the chain, and where the form ends its
    chains with eot, a chain that was cut short has no answer."""
    cut = ids.index(codi.eot_id) if verbal and codi.eot_id in ids else None
    if verbal and cut is None and PROMPT_FORMS[form or codi.form].chain_end:
        cut = len(ids)
    text = codi.tokenizer.decode(ids if cut is None else ids[cut + 1 :], skip_special_tokens=True).strip()
    chain = None if cut is None else codi.tokenizer.decode(ids[:cut], skip_special_tokens=True).strip()
    return Answer(text, chain, len(ids))


def in_batches(work: Callable[[list[int]], None], lengths: list[int], device: str, batch_size: int | None) -> None:
    """Call `work(indices)` on all rows, longest first, in batches of `batch_size` rows, or else of as many rows as
    a token budget holds. Out of memory halves the batches from there on; what is done stays done."""
    todo = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    limit = batch_size or TOKENS_PER_BATCH.get(device, TOKENS_PER_BATCH["cuda"])

    def halve():
        nonlocal limit
        limit //= 2
        return limit

    @find_executable_batch_size(starting_batch_size=limit, reduce_batch_size_fn=halve)
    def rest(limit):
        while todo:
            rows = limit if batch_size else max(1, limit // lengths[todo[0]])
            work(todo[:rows])
            del todo[:rows]

    try:
        rest()
    except RuntimeError as error:
        if "No executable batch size" not in str(error):
            raise
        raise UserError(
            "Out of memory even at one question per batch. Try --dtype bfloat16 or --device cpu."
        ) from error


def generate(
    model: PreTrainedModel,
    prj: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    bot_id: int,
    eot_id: int,
    prompt: str | list[str],
    num_latent: int = NUM_LATENT,
    max_new_tokens: int = MAX_NEW_TOKENS,
    prompt_form: str | None = None,
) -> str | list[str]:
    """The answer to one prompt, or a list for a list. `num_latent=0`: no reasoning, the checkpoint's direct mode."""
    codi = Codi(model, prj, tokenizer, bot_id, eot_id, model.codi_form)
    questions = [prompt] if isinstance(prompt, str) else prompt
    mode = "latent" if num_latent else "direct"
    texts = [a.text for a in answer(codi, questions, mode, num_latent, prompt_form, max_new_tokens)]
    return texts[0] if isinstance(prompt, str) else texts


def generate_raw(
    model: PreTrainedModel,
    prj: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    bot_id: int,
    eot_id: int,
    prompt: str | list[str],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> str | list[str]:
    """The merged language model's plain greedy completion of a text: no suffix, no markers, no latent steps."""
    codi = Codi(model, prj, tokenizer, bot_id, eot_id, model.codi_form)
    prompts = [text_ids(codi, text, []) for text in ([prompt] if isinstance(prompt, str) else prompt)]
    if not all(prompts):
        raise UserError("A prompt for plain completion must hold at least one token.")
    replies = complete(codi, prompts, 0, (), max_new_tokens)
    texts = [tokenizer.decode(ids, skip_special_tokens=True) for ids in replies]
    return texts[0] if isinstance(prompt, str) else texts


# --- Loading --------------------------------------------------------------------------------------------------

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


def load_model(
    name: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    prompt_form: str = "native",
) -> Codi:
    """A CODI checkpoint, LoRA merged, ready to answer.

    `name` as in MODEL_HELP; `prompt_form` "native" (the checkpoint's own) or a key of PROMPT_FORMS; `dtype` a torch
    name, by default bfloat16 on a GPU and for large models on a CPU that multiplies it, else float32. Always prints
    what it took. Raises UserError, one sentence with the next command, for anything that cannot be loaded.
    """
    if prompt_form not in ("native", *PROMPT_FORMS):
        raise UserError(f"No prompt form {prompt_form!r}; use native or one of: {', '.join(PROMPT_FORMS)}.")
    if name is None:
        name = "llama1b" if torch.cuda.is_available() else "tiny"
        other = "tiny" if name == "llama1b" else "llama1b"
        log(
            f"Taking --model {name}, as {'a' if name == 'llama1b' else 'no'} GPU was found; "
            f"for the other: --model {other}"
        )
    device = resolve_device(device)
    transformers_logging.disable_progress_bar()
    folder, known_form = find_checkpoint(name)
    path = next((folder / file for file in WEIGHT_FILES if (folder / file).is_file()), None)
    if path is None:
        raise UserError(
            f"{folder} holds neither {' nor '.join(WEIGHT_FILES)}. Give --model a checkpoint: {MODEL_HELP}."
        )
    weights = read_weights(path)
    settings = read_settings(folder)
    projection = {key.removeprefix("prj."): weights.pop(key) for key in list(weights) if key.startswith("prj.")}
    language, lora = (weights, {}) if settings else plain_keys(folder, weights)
    config = read_config(folder, language)
    merge_lora(folder, language, lora, transposed=config.model_type == "gpt2")
    model = build_model(config, language, path, resolve_dtype(dtype, device, language)).to(device)
    codi = Codi(
        model=model,
        prj=build_projection(projection, config.hidden_size, path).to(device, model.dtype),
        tokenizer=load_tokenizer(folder, config, path),
        bot_id=config.vocab_size - 2,
        eot_id=config.vocab_size - 1,
        form=choose_form(prompt_form, settings.get("prompt_form") or known_form, name),
        num_latent=settings.get("num_latent", NUM_LATENT),
        name=name,
        revision=folder.name if folder.parent.name == "snapshots" else sha256_prefix(path),
    )
    gc.freeze()  # accelerate's helper collects garbage at each call, which took 0.19 s with every import in its view
    said = ", ".join(f"{key} {value}" for key, value in codi.describe().items() if key != "model")
    parameters = sum(p.numel() for part in (codi.model, codi.prj) for p in part.parameters())
    log(f"Loaded {name} ({parameters:,} parameters): {said}")
    return codi


def choose_form(asked: str, native: str | None, name: str) -> str:
    """The key of PROMPT_FORMS to use, where `native` is the checkpoint's own if it is known."""
    if asked != "native":
        return asked
    if native is None:
        log(f"{name} does not say how its questions were worded; taking --prompt-form official.")
    return native or "official"


def log(text: str) -> None:
    """Say it on standard error, so that standard output holds results only."""
    print(text, file=sys.stderr, flush=True)


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


# --- Saving, and what a result says about itself ----------------------------------------------------------------


def save_checkpoint(codi: Codi, folder: Path, origin: dict) -> None:
    """Write our checkpoint layout: model.safetensors (merged model, and the projection as prj.*), config.json,
    tokenizer files, codi.json (prompt form, number of latent steps, markers, `origin`)."""
    tied = tied_keys(codi.model)
    weights = {name: tensor for name, tensor in codi.model.state_dict().items() if name not in tied}
    weights |= {f"prj.{name}": tensor for name, tensor in codi.prj.state_dict().items()}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    settings = {
        "prompt_form": codi.form,
        "num_latent": codi.num_latent,
        "markers": dict(zip(MARKERS, range(codi.bot_id - 1, codi.eot_id + 1), strict=True)),
        "origin": origin,
    }
    folder.mkdir(parents=True, exist_ok=True)
    codi.model.config.save_pretrained(folder)
    codi.tokenizer.save_pretrained(folder)
    with replacing(folder / "model.safetensors") as part:
        save_file(weights, part, metadata={"format": "pt"})
    write_json(folder / "codi.json", settings)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path` if the block ends well."""
    part = path.with_name(path.name + ".part")
    yield part
    os.replace(part, path)


def write_json(path: Path, value) -> None:
    """Write JSON, paths as text and no NaN, under a temporary name, then rename."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    with replacing(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def check_writable(path: Path) -> None:
    """Raise UserError now if `path` cannot be written later."""
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is a folder or a device. Give a file name.")
        with path.with_name(path.name + ".part").open("w"):
            pass
        path.with_name(path.name + ".part").unlink()
    except (OSError, ValueError) as error:
        raise UserError(
            f"Cannot write {path} ({error}). Make its folder, or choose another: mkdir -p {path.parent}"
        ) from error


def provenance(arguments: dict) -> dict:
    """Arguments, versions and git commit, for the meta block of a result."""
    import transformers

    return {
        "arguments": arguments,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "commit": git_commit(),
    }


def git_commit() -> str | None:
    """The project's commit, "-dirty" if files were changed since; None outside git."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    except OSError:  # no git on this machine
        return None


def clock(codi: Codi) -> float:
    """Seconds, read after the GPU has done what it was asked."""
    if codi.device.type == "cuda":
        torch.cuda.synchronize(codi.device)
    return time.perf_counter()


# --- What every script shares -----------------------------------------------------------------------------------


def add_model_arguments(parser) -> None:
    """--model, --prompt-form, --dtype, --device."""
    parser.add_argument("--model", help=MODEL_HELP)
    parser.add_argument(
        "--prompt-form", default="native", choices=["native", *PROMPT_FORMS], help="default: the checkpoint's own"
    )
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], help="default: as the device does best")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, … (default: cuda if there is one)")


def positive_int(text: str) -> int:
    """An argparse type: a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError(text)
    return int(text)


positive_int.__name__ = "positive whole number"  # argparse prints it: invalid positive whole number value: '-3'


def run_script(main: Callable[[], None]) -> None:
    """Run a script's main; the user's mistake is one sentence and exit code 2, Ctrl-C is quiet."""
    sys.stdout.reconfigure(errors="replace")  # a terminal that knows no emoji must not end a long run
    try:
        main()
    except UserError as error:
        log(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
