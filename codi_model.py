"""
CODI, loaded and run: one loaded model, one batch of half-finished runs, three verbs on it.

    from codi_model import load_model, generate
    model, prj, tokenizer, bot_id, eot_id = load_model("tiny")
    generate(model, prj, tokenizer, bot_id, eot_id, "Ava has 3 pens. On Monday Ava buys 4 more pens. How many ...?")

CODI (arXiv 2502.21074) thinks in embedding space. `encode` reads the question up to the marker bot and yields h[-1],
the last hidden state after the final norm. `think` is one latent step: step i = 0 … N-1 consumes the embedding
z[i] = project(h[i-1]) as one more input position and yields h[i]. `decode` feeds the marker eot and answers greedily.
Everything else in this project is spelled in those three verbs. Many runs of one question at once (traces, ablations)
are `Branches`: `think_variants` and `decode_branches` are `think` and `decode` on one shared cache, and tests hold
them equal.

Shapes: B rows in a batch, T positions read so far, L new positions, D hidden size, V vocabulary.
"""

import copy
import gc
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from numbers import Integral, Real
from os.path import commonprefix
from pathlib import Path

import torch
import torch.nn.functional as F
from accelerate.utils import find_executable_batch_size
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions
from transformers.utils import logging as transformers_logging

from files import replacing_folder, write_json
from loading import (
    MARKERS,
    MODEL_HELP,
    PROMPT_FORMS,
    ROTARY,
    PromptForm,
    build_model,
    build_projection,
    check_replaceable,
    check_rotary,
    checked_name,
    choose_alpha,
    choose_form,
    find_checkpoint,
    known_row,
    load_tokenizer,
    merge_lora,
    named_dtype,
    plain_keys,
    read_config,
    read_settings,
    read_weights,
    resolve_device,
    resolve_dtype,
    round_rotary,
    sha256_prefix,
    tied_keys,
    weights_path,
)
from problems import Problem, extract_number, same_answer, same_number
from scripting import UserError, log, positive_int
from traces import SPARSE_BELOW, StepReading, Trace

NUM_LATENT = 6  # latent steps of every published CODI checkpoint
MAX_NEW_TOKENS = 256
ANSWER_ROOM = 2  # positions an answer needs at least: eot and one token
TOKENS_PER_BATCH = {"cpu": 4096, "cuda": 131072}  # positions, padding included; see benchmarks/bench_speed.py
# of Llama and its kin, GPT-2 and Falcon, GPT-NeoX, Phi, OPT
FINAL_NORMS = ("norm", "ln_f", "final_layer_norm", "final_layernorm", "decoder.final_layer_norm")
MODES = ("latent", "direct", "verbal")
OTHER_BASE = "Take another base model: Llama, Qwen2, Mistral, Gemma 2 or 3, GPT-2 and their kin are tested."

# --- The nouns ------------------------------------------------------------------------------------------------


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
    rotary: str = "float32"  # what its rotary frequencies are rounded to
    lora_alpha: float | None = None  # with which a LoRA was merged on loading
    token_texts: dict[int, str] = field(default_factory=dict, repr=False)  # decoded so far

    def __post_init__(self):
        # The older interface hands on five parts, none of which says how this checkpoint is prompted, nor whether the
        # two numbers are its markers.
        self.model.codi_form, self.model.codi_markers = self.form, (self.bot_id, self.eot_id)

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


@dataclass
class Run:
    """A batch of half-finished runs: everything the model has read so far."""

    cache: DynamicCache
    mask: Tensor  # (B, T), 1 where later positions may attend
    position: Tensor  # (B,), the next position id
    hidden: Tensor  # (B, D), last hidden state after the final norm
    states: tuple[Tensor, ...] = ()  # embeddings and each layer's output, (B, L, D), of the last extension, on demand


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
    lm_head says. With LoRA inside, or in a PEFT wrapper, too."""
    model = model.get_base_model() if hasattr(model, "get_base_model") else model
    headed = copy.copy(model)  # made anew each time, so that it is never another model than that in hand
    headed._modules = model._modules | {model.base_model_prefix: PASS_THROUGH}
    rows = hidden.reshape(1, -1, hidden.shape[-1])
    # the class's forward, as Accelerate may have put one on the instance that runs the whole model
    return type(model).forward(headed, inputs_embeds=rows, use_cache=False).logits.reshape(*hidden.shape[:-1], -1)


# --- Arguments of library calls ----------------------------------------------------------------------------------


def is_whole(value, least: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= least


def is_vector(value) -> bool:
    """Whether `value` is a tensor of finite numbers that are there: "meta" tensors have none, sparse ones few."""
    dense = isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta
    return dense and value.is_floating_point() and bool(torch.isfinite(value).all())


def are_texts(value) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


FORMS_OR_NONE = (None, *PROMPT_FORMS)
# name: (whether a value will do, what it must be)
ARGUMENTS: dict[str, tuple[Callable[[object], bool], str]] = {
    "codi": (lambda value: isinstance(value, Codi), "what load_model() returns"),
    "model": (lambda value: hasattr(value, "codi_form"), "the first of the five parts that load_model() returns"),
    "prj": (lambda value: isinstance(value, nn.Module), "the projection that load_model() returns"),
    "tokenizer": (lambda value: isinstance(value, PreTrainedTokenizerBase), "the tokenizer that load_model() returns"),
    "bot_id": (lambda value: is_whole(value, 0), "the fourth of the five parts that load_model() returns"),
    "eot_id": (lambda value: is_whole(value, 0), "the fifth of the five parts that load_model() returns"),
    "prompt": (lambda value: isinstance(value, str) or are_texts(value), "a text or a list of texts"),
    "questions": (are_texts, "a list of texts"),
    "question": (lambda value: isinstance(value, str), "a text"),
    "swap_with": (lambda value: isinstance(value, str) or are_texts(value), "a prompt or a list of prompts"),
    "num_latent": (lambda value: is_whole(value, 0), "a whole number from 0"),
    "latent steps": (lambda value: is_whole(value, 1), "a whole number from 1, as num_latent"),
    "max_new_tokens": (lambda value: is_whole(value, 1), "a whole number from 1"),
    "batch_size": (lambda value: value is None or is_whole(value, 1), "None or a whole number from 1"),
    "top_k": (lambda value: is_whole(value, 1), "a whole number from 1"),
    "seed": (lambda value: is_whole(value, 0), "a whole number from 0"),
    "greedy": (lambda value: value is True, "True, as only greedy decoding is here"),
    "collect_no_reasoning": (lambda value: isinstance(value, bool), "True or False"),
    "mode": (lambda value: value in MODES, f"one of {', '.join(MODES)}"),
    "prompt_form": (lambda value: value in FORMS_OR_NONE, f"None or one of {', '.join(PROMPT_FORMS)}"),
    "noise_scale": (lambda value: isinstance(value, Real) and 0 <= value < float("inf"), "a finite number from 0"),
    "mean": (is_vector, "a dense tensor of finite floating-point numbers"),
    "vector": (is_vector, "a dense tensor of finite floating-point numbers"),
    "patch": (lambda value: isinstance(value, dict), "a dictionary {step: vector}"),
}


def check_arguments(**given) -> None:
    """Raise UserError unless each argument is as ARGUMENTS says; `latent_steps` is a num_latent that must not be 0."""
    for name, value in given.items():
        name = name.replace("latent_steps", "latent steps")
        fits, wanted = ARGUMENTS[name]
        try:
            fitting = fits(value)
        except (TypeError, ValueError):  # what cannot even be compared
            fitting = False
        if not fitting:
            got = type(value).__name__ if isinstance(value, Tensor) else repr(value)[:60]
            raise UserError(f"{name} must be {wanted}; got {got}.")


def check_top_k(codi: Codi, top_k: int) -> None:
    check_arguments(top_k=top_k)
    vocabulary = codi.embed.weight.shape[0] - len(MARKERS)
    if top_k > vocabulary:
        raise UserError(f"top_k must be no more than the vocabulary's {vocabulary} tokens; got {top_k}.")


# --- The verbs ------------------------------------------------------------------------------------------------


def encode(codi: Codi, ids: Tensor, mask: Tensor) -> Run:
    """Read left-padded prompts, ids and mask (B, T) as `pad` makes them; ends on h[-1] if they end in bot."""
    nothing = Run(
        DynamicCache(),  # without the config: sliding layers keep every position, as branches share one cache
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
    run = read(codi, run, list(start))
    for remaining in reversed(range(max_new_tokens)):
        token = next_token(codi, run.hidden, eot_allowed)
        run, token, rows = keep_rows(run, token, rows, token != codi.tokenizer.eos_token_id)
        if len(rows):
            yield list(zip(rows.tolist(), token.tolist(), strict=True))
        run, token, rows = keep_rows(run, token, rows, run.position < codi.context)
        if not len(rows) or not remaining:
            return
        run = extend(codi, run, codi.embed(token[:, None]))


def next_token(codi: Codi, hidden: Tensor, eot_allowed: bool = False) -> Tensor:
    """The likeliest token (…) after each hidden state (…, D): never [PAD] or bot, and eot only in a verbal chain."""
    scores = codi.logits(hidden)
    scores[..., [codi.bot_id - 1, codi.bot_id] + [codi.eot_id] * (not eot_allowed)] = -torch.inf
    best = scores.max(-1)  # NaN, if there is one
    check_finite(best.values)
    return best.indices


def check_finite(logits: Tensor) -> None:
    if not torch.isfinite(logits).all():
        raise UserError(
            "The model's logits are not finite (NaN or infinity), so it has no answer: it overflows, or its weights "
            "are damaged. Try --dtype float32."
        )


def keep_rows(run: Run, token: Tensor, rows: Tensor, wanted: Tensor) -> tuple[Run, Tensor, Tensor]:
    """The `wanted` rows of all three."""
    return (run, token, rows) if wanted.all() else (fork(run, wanted), token[wanted], rows[wanted])


def project(codi: Codi, hidden: Tensor) -> Tensor:
    """z (…, D), the embedding that the next latent step consumes after hidden states (…, D)."""
    return codi.prj(hidden)


def lens(codi: Codi, hidden: Tensor) -> Tensor:
    """The logit lens (…, V - 3) of hidden states (…, D), over the original vocabulary (without MARKERS)."""
    return codi.logits(hidden)[..., : -len(MARKERS)]


def latent_steps(codi: Codi, run: Run, num_latent: int) -> Iterator[Run]:
    """`run` after each latent step i = 0 … num_latent - 1."""
    for _ in range(num_latent):
        run = think(codi, run, project(codi, run.hidden[:, None]))
        yield run


def read(codi: Codi, run: Run, ids: list[int]) -> Run:
    """Feed the same tokens to every row of `run`; no tokens leave it as it is."""
    if not ids:
        return run
    ids = torch.tensor([ids], device=run.mask.device).expand(len(run.mask), -1)
    return extend(codi, run, codi.embed(ids))


def extend(codi: Codi, run: Run, embeds: Tensor, mask: Tensor | None = None, keep_states: bool = False) -> Run:
    """Append positions embeds (B, L, D) to a fork of `run`; `mask` (B, L) is 0 at padding. `run` stays as it was."""
    mask = run.mask.new_ones(embeds.shape[:2]) if mask is None else mask
    cache = fork_cache(run.cache)
    seen = torch.cat([run.mask, mask], 1)
    output = codi.body(
        inputs_embeds=embeds,
        attention_mask=seen if codi.window is None else windowed_mask(codi, seen, embeds),
        position_ids=(run.position[:, None] + mask.cumsum(1) - 1).clamp(min=0),  # (B, L)
        past_key_values=cache,
        use_cache=True,
        output_hidden_states=keep_states,
    )
    states = output.hidden_states if keep_states else ()
    return Run(cache, seen, run.position + mask.sum(1), output.last_hidden_state[:, -1], states)


def windowed_mask(codi: Codi, seen: Tensor, embeds: Tensor) -> Tensor | dict[str, Tensor]:
    """`attention_mask` of a model with sliding layers for the newest L of all positions, `seen` (B, T): windows are
    counted in positions read, so that padding takes no room in them."""
    length, places = embeds.shape[1], torch.arange(seen.shape[1], device=seen.device)
    at = seen.cumsum(1) - 1  # (B, T)
    causal = places <= places[-length:, None]  # (L, T)
    own = places == places[-length:, None]  # so that padding, which nothing sees, has something to attend to
    return attention_masks(codi, causal & seen[:, None].bool() | own, at[:, -length:], at, embeds.dtype)


def attention_masks(
    codi: Codi, sees: Tensor, query: Tensor, key: Tensor, dtype: torch.dtype
) -> Tensor | dict[str, Tensor]:
    """What the body takes as mask where query positions `query` (B, L) see those of the keys `key` (B, T) that `sees`
    (B, L, T) says; sliding layers see only those less than a window back."""
    full = additive(sees, dtype)
    if codi.window is None:
        return full
    near = additive(sees & (query[:, :, None] - key[:, None] < codi.window), dtype)
    mixed = getattr(codi.model.config, "layer_types", None)  # else all layers slide
    return {"full_attention": full, "sliding_attention": near} if mixed else near


def additive(sees: Tensor, dtype: torch.dtype) -> Tensor:
    """A mask (B, 1, L, T) to add to attention scores."""
    return torch.zeros_like(sees, dtype=dtype).masked_fill(~sees, -torch.inf)[:, None]


def fork(run: Run, rows: Tensor) -> Run:
    """A run of some `rows` of `run` (indices, repeats allowed, or a boolean mask)."""
    return Run(fork_cache(run.cache, rows), run.mask[rows], run.position[rows], run.hidden[rows])


def fork_cache(cache: DynamicCache, rows: Tensor | None = None) -> DynamicCache:
    """A cache that grows apart from `cache`, of its `rows` (indices, repeats allowed, or a boolean mask) or of all."""
    forked = copy.copy(cache)
    forked.layers = [copy.copy(layer) for layer in cache.layers]  # a layer grows by making new tensors
    if rows is not None:
        forked.batch_select_indices(rows)
    return forked


def pad(sequences: list[list[int]], side: str) -> tuple[Tensor, Tensor]:
    """Ids (B, T) and mask (B, T) of sequences padded to the longest on `side`, "left" or "right"."""
    longest = max(map(len, sequences))
    gaps = [[0] * (longest - len(s)) for s in sequences]
    left = side == "left"
    ids = [gap + s if left else s + gap for gap, s in zip(gaps, sequences, strict=True)]
    mask = [gap + [1] * len(s) if left else [1] * len(s) + gap for gap, s in zip(gaps, sequences, strict=True)]
    return torch.tensor(ids), torch.tensor(mask)


def read_hidden(codi: Codi, hidden: Tensor, previous: Tensor | None, top_k: int) -> list[StepReading]:
    """A StepReading of each row of `hidden` (B, D), compared with the same row of `previous` (B, D)."""
    log_probs = lens(codi, hidden).float().log_softmax(-1)  # (B, V - 3)
    hidden = hidden.float()
    top = log_probs.topk(top_k)
    check_finite(top.values)
    ids = top.indices.tolist()
    cosine = None if previous is None else torch.cosine_similarity(hidden, previous.float()).tolist()
    columns = [
        ids,
        [[codi.token_text(token) for token in row] for row in ids],
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
    check_arguments(codi=codi, question=question, mode=mode, prompt_form=form)
    form = PROMPT_FORMS[form or codi.form]
    return question_ids(codi, question, form, codi.marker_ids(getattr(form, mode)), num_latent)


def question_ids(codi: Codi, question: str, form: PromptForm, markers: list[int], num_latent: int) -> list[int]:
    if not question.strip():
        raise UserError("The question is empty. Type one, or try: Ava has 3 apples. How many apples does Ava have?")
    return text_ids(codi, form.worded(question), markers, num_latent)


def text_ids(codi: Codi, text: str, markers: list[int], num_latent: int = 0) -> list[int]:
    """Token ids of plain text, with the tokenizer's own BOS if it adds one, and `markers`; UserError if too long."""
    check_arguments(question=text)
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
    in_batches(work, plan_batches(lengths, codi.device.type, batch_size))
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
    check_arguments(codi=codi, questions=questions, mode=mode, prompt_form=form, max_new_tokens=max_new_tokens)
    num_latent = codi.num_latent if num_latent is None else num_latent
    check_arguments(num_latent=num_latent, batch_size=batch_size)
    verbal = mode == "verbal"
    num_latent = num_latent if mode == "latent" else 0
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


def plan_batches(lengths: list[int], device: str, batch_size: int | None = None) -> list[list[int]]:
    """All rows, longest first, in batches of `batch_size`, or else of as many as a token budget holds."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    budget = TOKENS_PER_BATCH.get(device, TOKENS_PER_BATCH["cuda"])
    batches = []
    while order:
        rows = batch_size or max(1, budget // lengths[order[0]])
        batches.append(order[:rows])
        order = order[rows:]
    return batches


def in_batches(work: Callable[[list[int]], None], batches: list[list[int]]) -> None:
    """Call `work(indices)` on each batch. Out of memory halves the batches from there on; what is done stays done."""
    todo = [list(batch) for batch in batches]
    limit = max(map(len, todo), default=1)

    def halve():
        nonlocal limit
        limit = min(limit, len(todo[0])) // 2
        return limit

    @find_executable_batch_size(starting_batch_size=limit, reduce_batch_size_fn=halve)
    def rest(limit):
        while todo:
            work(todo[0][:limit])
            del todo[0][:limit]
            if not todo[0]:
                del todo[0]

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
    max_new_tokens: int = MAX_NEW_TOKENS,
    greedy: bool = True,
    num_latent: int = NUM_LATENT,
    prompt_form: str | None = None,
) -> str | list[str]:
    """The answer to one prompt, or a list for a list. `num_latent=0`: no reasoning, the checkpoint's direct mode."""
    check_arguments(prompt=prompt, greedy=greedy, num_latent=num_latent)
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    questions = [prompt] if isinstance(prompt, str) else prompt
    mode = "latent" if num_latent else "direct"
    texts = [a.text for a in answer(codi, questions, mode, num_latent, prompt_form, max_new_tokens)]
    return texts[0] if isinstance(prompt, str) else texts


def generate_raw(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompt: str | list[str],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> str | list[str]:
    """The merged language model's plain greedy completion of a text: no suffix, no markers, no latent steps."""
    check_arguments(model=model, tokenizer=tokenizer, prompt=prompt, max_new_tokens=max_new_tokens)
    codi = Codi(model, None, tokenizer, *model.codi_markers, model.codi_form)
    prompts = [text_ids(codi, text, []) for text in ([prompt] if isinstance(prompt, str) else prompt)]
    if not all(prompts):
        raise UserError("A prompt for plain completion must hold at least one token.")
    replies = complete(codi, prompts, 0, (), max_new_tokens)
    texts = [tokenizer.decode(ids, skip_special_tokens=True) for ids in replies]
    return texts[0] if isinstance(prompt, str) else texts


# --- Branches: many runs of one question ------------------------------------------------------------------------


@dataclass
class Branches:
    """K half-finished runs of each of B questions in one cache, where what they share stands once.

    A branch is told apart by what it may attend to, so forking one copies no keys and values. Growing some branches
    leaves all others of the same cache as they were.
    """

    cache: DynamicCache
    sees: Tensor  # (B, K, T), true at the cached positions that a branch's next position may attend to
    position: Tensor  # (B, K), the next position id
    hidden: Tensor  # (B, K, D), last hidden state after the final norm
    at: Tensor  # (B, T), the position id of each cached position that some branch here sees, 0 elsewhere
    states: tuple[Tensor, ...] = ()  # embeddings and each layer's output, (B, K, D), of the last position, on demand

    def pick(self, numbers: Tensor) -> "Branches":
        """The branches `numbers` (K',), repeats allowed, of every question, or (B, K') of each its own."""
        number = numbers.expand(len(self.sees), -1)  # (B, K')
        rows = torch.arange(len(number), device=number.device)[:, None]
        states = tuple(state[rows, number] for state in self.states)
        return Branches(
            self.cache, self.sees[rows, number], self.position[rows, number], self.hidden[rows, number], self.at, states
        )

    def keep(self, rows: Tensor) -> "Branches":
        """All branches of some questions, `rows` (B,) boolean, in a cache of their own."""
        parts = (self.sees[rows], self.position[rows], self.hidden[rows], self.at[rows])
        return Branches(fork_cache(self.cache, rows), *parts)


def branch(run: Run) -> Branches:
    """`run` as one branch of each of its rows."""
    at = (run.mask.cumsum(1) - 1).clamp(min=0)
    return Branches(fork_cache(run.cache), run.mask[:, None].bool(), run.position[:, None], run.hidden[:, None], at)


def together(many: list[Branches]) -> Branches:
    """All branches of one cache side by side, in their order."""
    width = max(branches.sees.shape[2] for branches in many)
    return Branches(
        many[0].cache,
        torch.cat([F.pad(b.sees, (0, width - b.sees.shape[2])) for b in many], 1),
        torch.cat([b.position for b in many], 1),
        torch.cat([b.hidden for b in many], 1),
        torch.stack([F.pad(b.at, (0, width - b.at.shape[1])) for b in many]).amax(0),  # where one knows it, all do
    )


def grow(codi: Codi, branches: Branches, embeds: Tensor, keep_states: bool = False) -> Branches:
    """Every branch one position on: embeds (B, K, D)."""
    count, cached = embeds.shape[1], branches.cache.get_seq_length()
    own = torch.eye(count, dtype=torch.bool, device=embeds.device).expand(len(embeds), -1, -1)
    new = cached - branches.sees.shape[2]  # positions of other branches since
    sees = torch.cat([F.pad(branches.sees, (0, new)), own], 2)  # (B, K, T + K)
    at = torch.cat([F.pad(branches.at, (0, new)), branches.position], 1)  # (B, T + K)
    output = codi.body(
        inputs_embeds=embeds,
        attention_mask=attention_masks(codi, sees, branches.position, at, embeds.dtype),
        # an ended branch that still fills a place must not run past the model's last position
        position_ids=branches.position.clamp(max=codi.context - 1),
        past_key_values=branches.cache,
        use_cache=True,
        output_hidden_states=keep_states,
    )
    states = output.hidden_states if keep_states else ()
    return Branches(branches.cache, sees, branches.position + 1, output.last_hidden_state, at, states)


def grow_by(codi: Codi, branches: Branches, ids: list[int], keep_states: bool = False) -> Branches:
    """Feed the same tokens to every branch, one after another."""
    for token in ids:
        embeds = codi.embed(torch.full_like(branches.position, token))
        branches = grow(codi, branches, embeds, keep_states)
    return branches


def decode_branches(codi: Codi, branches: Branches, max_new_tokens: int = MAX_NEW_TOKENS) -> list[list[list[int]]]:
    """The greedy answers after eot as token ids, of each question a list of one per branch; equal to `decode` of
    each. Branches that have ended make room for the others."""
    branches = grow_by(codi, branches, [codi.eot_id])
    size, count = branches.position.shape
    answers = [[[] for _ in range(count)] for _ in range(size)]
    row = torch.arange(size, device=branches.position.device)  # the question of each row left
    number = torch.arange(count, device=row.device).expand(size, -1)  # (B, K), the branch in each place
    alive = torch.ones_like(number, dtype=torch.bool)
    for remaining in reversed(range(max_new_tokens)):
        token = next_token(codi, branches.hidden)  # (B, K)
        alive = alive & (token != codi.tokenizer.eos_token_id)
        places = alive.nonzero(as_tuple=True)
        for q, k, t in zip(row[places[0]].tolist(), number[places].tolist(), token[places].tolist(), strict=True):
            answers[q][k].append(t)
        alive = alive & (branches.position < codi.context)
        left = int(alive.sum(1).max())
        if not left or not remaining:
            break
        order = (~alive).long().argsort(dim=1, stable=True)[:, :left]  # the living first
        branches, token, number, alive = branches.pick(order), *(x.gather(1, order) for x in (token, number, alive))
        rows = alive.any(1)
        if rows.sum() <= len(rows) // 2:
            branches = branches.keep(rows)
            row, token, number, alive = (x[rows] for x in (row, token, number, alive))
        branches = grow(codi, branches, codi.embed(token))
    return answers


# --- Interventions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """A change to the latent loop.

    `embed(step, z)` gets z (B, 1, D), what `step` would consume, and returns what it consumes instead. No position
    after a step in `hidden` may attend to that step. Before step `first` nothing changes, so up to there an edited
    run is the plain one.
    """

    first: int
    embed: Callable[[int, Tensor], Tensor] = lambda step, z: z
    hidden: tuple[int, ...] = ()


def zero_at(target: int) -> Edit:
    """The zero vector for step `target`."""
    return Edit(target, lambda step, z: torch.zeros_like(z) if step == target else z)


def skip_at(target: int) -> Edit:
    """Zeros for step `target`, whose output is discarded: the next step consumes what `target` would have."""
    kept = {}

    def embed(step, z):
        if step == target:
            kept[target] = z
            return torch.zeros_like(z)
        return kept[target] if step == target + 1 else z

    return Edit(target, embed)


def noise_at(target: int, directions: Tensor, scale: float) -> Edit:
    """z plus a vector along each row of `directions` (B, D), `scale` times as long as z."""

    def embed(step, z):
        if step != target:
            return z
        unit = F.normalize(directions, dim=-1).to(z)[:, None]
        return z + scale * z.norm(dim=-1, keepdim=True) * unit

    return Edit(target, embed)


def replace_at(vectors: dict[int, Tensor]) -> Edit:
    """Vectors of your own, {step: (D,) for all rows or (B, D)}, in place of what those steps would consume."""

    def embed(step, z):
        return vectors[step].to(z).reshape(-1, 1, z.shape[-1]).expand_as(z) if step in vectors else z

    return Edit(min(vectors), embed)


def hide_at(target: int) -> Edit:
    """Step `target` as it is, but seen by no later position."""
    return Edit(target, hidden=(target,))


@dataclass(frozen=True)
class Material:
    """What the ablations of B questions are made of; noise is seeded by (seed, question index, step), so that it does
    not depend on the batch."""

    indices: list[int]
    seed: int = 0
    noise_scale: float = 1.0  # noise norm / ‖z‖
    mean: Tensor | None = None  # (N, D), of each step's z over the data set
    donor: Tensor | None = None  # (B, N, D), the z of another question for each
    donor_indices: list[int] | None = None  # of those questions, for the record
    patches: list[list[list[int]]] = field(default_factory=list)  # per question the steps of each of K patched runs

    def directions(self, step: int, width: int) -> Tensor:
        """Gaussian vectors (B, D), one per question."""
        seeds = [seed_of(self.seed, index, step) for index in self.indices]
        return torch.stack([torch.randn(width, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


def seed_of(*parts) -> int:
    """A 63-bit seed that depends on all parts and on nothing else."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8]) >> 1


# name: (the edit of step i for a batch, what z[i] becomes)
ABLATIONS: dict[str, tuple[Callable[[Codi, int, Material], Edit], str]] = {
    "zero": (lambda codi, step, made_of: zero_at(step), "the zero vector"),
    "skip": (
        lambda codi, step, made_of: skip_at(step),
        "zeros, and the step's output is discarded: step i+1 consumes what step i would have",
    ),
    "noise": (
        lambda codi, step, made_of: noise_at(step, made_of.directions(step, codi.width), made_of.noise_scale),
        "z[i] plus Gaussian noise of norm noise_scale times that of z[i]",
    ),
    "mean": (lambda codi, step, made_of: replace_at({step: made_of.mean[step]}), "the mean of z[i] over the data set"),
    "swap": (lambda codi, step, made_of: replace_at({step: made_of.donor[:, step]}), "z[i] of another question"),
    "hide": (lambda codi, step, made_of: hide_at(step), "unchanged, but no later position may attend to step i"),
}
DEFAULT_ABLATIONS = ("zero", "skip", "noise")


def think_variants(
    codi: Codi, start: Branches, num_latent: int, edits: Sequence[Edit] = (), keep_states: bool = False
) -> tuple[list[Branches], Branches | None]:
    """The plain run (one branch) before step 0 and after each step, and a branch per edit after the last step.

    `edits` come in the order of their `first` step. They share every position before it with the plain run, and each
    step is one forward for plain and edited runs together.
    """
    assert all(a.first <= b.first < num_latent for a, b in pairwise([Edit(0), *edits])), [e.first for e in edits]
    plain, branches, grown = [start], start, 0
    for step in range(num_latent):
        starting = sum(edit.first == step for edit in edits)
        branches, grown = together([branches, *[plain[-1]] * starting]), grown + starting
        embeds = project(codi, branches.hidden).split(1, 1)  # 1 + grown of (B, 1, D)
        changed = [edit.embed(step, z) for edit, z in zip(edits[:grown], embeds[1:], strict=True)]
        branches = grow(codi, branches, torch.cat([embeds[0], *changed], 1), keep_states)
        for place, edit in enumerate(edits[:grown], 1):
            if step in edit.hidden:
                branches.sees[:, place, place - grown - 1] = False  # its own position, among the newest
        plain.append(branches.pick(torch.tensor([0], device=branches.sees.device)))
    edited = torch.arange(1, grown + 1, device=branches.sees.device)
    return plain, branches.pick(edited) if grown else None


def think_patched(
    codi: Codi, start: Branches, num_latent: int, made_of: Material, keep_states: bool = False
) -> tuple[list[Branches], Tensor]:
    """The K patched runs of each question before step 0 and after each step, and what they consumed (B, K, N, D):
    another question's z at the steps of made_of.patches, their own elsewhere."""
    count, device = len(made_of.patches[0]), start.hidden.device
    is_patched = torch.tensor(
        [[[step in steps for step in range(num_latent)] for steps in row] for row in made_of.patches], device=device
    )  # (B, K, N)
    stages, consumed = [start.pick(torch.zeros(count, dtype=torch.long, device=device))], []
    for step in range(num_latent):
        z = project(codi, stages[-1].hidden)  # (B, K, D)
        consumed.append(torch.where(is_patched[:, :, step, None], made_of.donor[:, None, step].to(z), z))
        stages.append(grow(codi, stages[-1], consumed[-1], keep_states))
    return stages, torch.stack(consumed, 2)


# --- Traces -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TraceOptions:
    """What a trace holds."""

    ablations: tuple[str, ...] = ()  # keys of ABLATIONS
    early_decode: bool = True
    top_k: int = 10
    lens_layers: str = "last"  # or "all"
    patches: int = 0  # patched runs per question
    layers: tuple[int, ...] = ()  # blocks (from 1) after which the residual stream is kept as a vector
    max_new_tokens: int = MAX_NEW_TOKENS
    no_reasoning: bool = True  # whether the direct answer is one of the trace's

    def tail(self, num_latent: int) -> int:
        """About how many positions the branches of one question add to its own."""
        branches = 1 + (num_latent + 1 if self.early_decode else 1) + len(self.ablations) * num_latent
        branches += self.patches * num_latent
        return branches * (num_latent // 2 + ANSWER_ROOM)


NO_VARIANTS = TraceOptions(early_decode=False)


def shared_markers(codi: Codi) -> tuple[list[int], list[int], list[int]]:
    """Marker ids that one encoding of the question can share between the latent and the direct mode, and what each
    mode reads after them; the latent one reads at least one, whose states are wanted."""
    form = PROMPT_FORMS[codi.form]
    shared = commonprefix([form.latent[:-1], form.direct])
    rest = (form.latent[len(shared) :], form.direct[len(shared) :])
    return codi.marker_ids(shared), *map(codi.marker_ids, rest)


@torch.inference_mode()
def trace_batch(
    codi: Codi, problems: list[Problem], num_latent: int, made_of: Material, options: TraceOptions
) -> tuple[list[Trace], dict[str, Tensor]]:
    """A Trace per problem from one encoding of each, and their vectors as `traces.Vectors` names them, B rows each."""
    check_top_k(codi, options.top_k)
    shared, latent_rest, direct_rest = shared_markers(codi)
    keep_states = bool(options.layers) or options.lens_layers == "all"
    form = PROMPT_FORMS[codi.form]
    prompts = [question_ids(codi, p.question, form, shared, num_latent + 1) for p in problems]
    question = branch(start_runs(codi, prompts))
    direct = [grow_by(codi, question, direct_rest)] if options.no_reasoning else []
    start = grow_by(codi, question, latent_rest, keep_states)
    kinds = [(kind, step) for step in range(num_latent) for kind in options.ablations]
    keys = [f"{kind}_step{step}" for kind, step in kinds]
    edits = [ABLATIONS[kind][0](codi, step, made_of) for kind, step in kinds]
    plain, edited = think_variants(codi, start, num_latent, edits, keep_states)
    patched, patched_z = think_patched(codi, start, num_latent, made_of, keep_states) if made_of.patches else ([], None)

    early_stages = plain if options.early_decode else plain[-1:]
    ending = [*direct, *early_stages, *([edited] if edited else []), *patched[1:]]
    texts = decoded_texts(codi, together(ending), options.max_new_tokens)  # per question a list
    hidden = [after.hidden[:, 0] for after in plain]  # N + 1 of (B, D)
    readings = [read_hidden(codi, *pair, options.top_k) for pair in zip(hidden, [None, *hidden[:-1]], strict=True)]
    depths = [layer_lens(codi, after, options.lens_layers) for after in plain]
    patched_tops = [lens(codi, after.hidden).argmax(-1).tolist() for after in patched]  # N + 1 of (B, K)

    traces = []
    for row, (problem, index) in enumerate(zip(problems, made_of.indices, strict=True)):
        encoding, *steps = [vars(reading[row]) for reading in readings]
        said = iter(texts[row])
        no_reasoning, early = next(said) if direct else None, list(islice(said, len(early_stages)))
        ablated, after_patch = list(islice(said, len(keys))), list(said)
        trace = Trace(
            index=index,
            question=problem.question,
            gold_answer=problem.answer,
            output=early[-1],
            no_reasoning_output=no_reasoning,
            steps=[{"step": i} | step for i, step in enumerate(steps)],
            ablations=dict(zip(keys, ablated, strict=True)),
            gold_chain=problem.chain,
            encoding=encoding,
            donor=made_of.donor_indices[row] if made_of.donor_indices else None,
            lens=[depth[row] for depth in depths],
        )
        if options.early_decode:
            trace.early_decodes = [{"after_step": i, "output": text} for i, text in enumerate(early, -1)]
        if problem.answer is not None:
            trace.correct = same_number(extract_number(trace.output), problem.answer)
        if patched:
            tops = [[codi.token_text(i) for i in after[row]] for after in patched_tops]
            trace.patches = patch_records(made_of, row, early[0], after_patch, tops)
        trace.changed = {key: not same_answer(text, trace.output) for key, text in trace.ablations.items()}
        traces.append(trace)
    vectors = vectors_of(codi, plain, options.layers)
    if patched:
        vectors |= {f"patch_{name}": tensor for name, tensor in states_of(patched, patched_z, options.layers).items()}
    return traces, vectors


def patch_records(
    made_of: Material, row: int, plain_start: str, after_patch: list[str], tops: list[list[str]]
) -> list[dict]:
    """The patched runs of one question as `Trace.patches` lists them; `after_patch` is by step, then by run, and so is
    `tops`, the lens's top tokens from step -1 on."""
    count = len(made_of.patches[row])
    records = []
    for number, steps in enumerate(made_of.patches[row]):
        answers = [plain_start, *after_patch[number::count]]
        decodes = [{"after_step": i, "output": text} for i, text in enumerate(answers, -1)]
        record = {"donor": made_of.donor_indices[row], "steps": steps, "output": answers[-1], "early_decodes": decodes}
        records.append(record | {"top_tokens": [after[number] for after in tops]})
    return records


def decoded_texts(codi: Codi, branches: Branches, max_new_tokens: int = MAX_NEW_TOKENS) -> list[list[str]]:
    """Every branch's answer, per question; equal answers are turned into text once."""
    answers = [[tuple(ids) for ids in row] for row in decode_branches(codi, branches, max_new_tokens)]
    texts = {ids: answer_from(codi, list(ids), verbal=False).text for ids in set(chain.from_iterable(answers))}
    return [[texts[ids] for ids in row] for row in answers]


def layer_lens(codi: Codi, plain: Branches, which: str) -> list[list[dict]]:
    """Per question the top-1 lens reading {layer, id, token, prob} of a single branch after the last block, or after
    each; layers count from 1, and earlier ones pass through the final norm first."""
    depth = codi.depth
    hidden = {depth: plain.hidden[:, 0]}
    if which == "all":
        hidden = {layer: codi.final_norm(plain.states[layer][:, 0]) for layer in range(1, depth)} | hidden
    columns = []
    for layer, state in hidden.items():
        top = lens(codi, state).float().softmax(-1).max(-1)
        pairs = zip(top.indices.tolist(), top.values.tolist(), strict=True)
        columns.append([{"layer": layer, "id": i, "token": codi.token_text(i), "prob": p} for i, p in pairs])
    return [list(row) for row in zip(*columns, strict=True)]


def vectors_of(codi: Codi, plain: list[Branches], layers: Sequence[int] = ()) -> dict[str, Tensor]:
    """h (B, N + 1, D), z (B, N, D), and resid_L (B, N + 1, D) for each of `layers`, of the plain run's N + 1 stages."""
    consumed = torch.stack([project(codi, after.hidden) for after in plain[:-1]], 2)
    return {name: tensor[:, 0] for name, tensor in states_of(plain, consumed, layers).items()}


def states_of(stages: list[Branches], consumed: Tensor, layers: Sequence[int]) -> dict[str, Tensor]:
    """h (B, K, N + 1, D), z (B, K, N, D), and resid_L (B, K, N + 1, D) of K runs at their N + 1 stages."""
    vectors = {"h": torch.stack([stage.hidden for stage in stages], 2), "z": consumed}
    for layer in layers:
        vectors[f"resid_{layer}"] = torch.stack([stage.states[layer] for stage in stages], 2)
    return {name: tensor.cpu().contiguous() for name, tensor in vectors.items()}


@torch.inference_mode()
def latents(codi: Codi, questions: list[str], num_latent: int) -> dict[str, Tensor]:
    """What a batch of questions thinks: h (B, N + 1, D) and z (B, N, D)."""
    return vectors_of(codi, think_variants(codi, start_latent(codi, questions, num_latent), num_latent)[0])


def start_latent(codi: Codi, questions: list[str], num_latent: int) -> Branches:
    """Each question read up to its first latent step, as one branch."""
    return branch(start_runs(codi, [prompt_ids(codi, question, "latent", num_latent) for question in questions]))


# --- The older interface's way into traces and interventions: five parts, one prompt or a list ------------------


def generate_with_traces(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT, top_k: int = 10, collect_no_reasoning: bool = True,
) -> Trace | list[Trace]:  # fmt: skip
    """The Trace of one prompt (list for a list): answer, direct answer (None unless `collect_no_reasoning`), readings
    of every step, early decodes."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(max_new_tokens=max_new_tokens, collect_no_reasoning=collect_no_reasoning)
    check_top_k(codi, top_k)
    options = TraceOptions(top_k=top_k, max_new_tokens=max_new_tokens, no_reasoning=collect_no_reasoning)

    def work(questions, indices):
        problems = [Problem(str(i), question, None, None) for i, question in zip(indices, questions, strict=True)]
        return trace_batch(codi, problems, num_latent, Material(indices), options)[0]

    return for_each(codi, prompt, num_latent, options, work)


def generate_early_decode(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT,
) -> list[dict] | list[list[dict]]:  # fmt: skip
    """What one prompt (list for a list) is answered after each step: {after_step: -1 … N-1, output}."""
    traces = generate_with_traces(model, prj, tokenizer, bot_id, eot_id, prompt, max_new_tokens, num_latent, 1, False)
    return traces.early_decodes if isinstance(prompt, str) else [trace.early_decodes for trace in traces]


def generate_with_ablation(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], ablation_step: int, ablation_type: str = "zero",
    noise_scale: float = 1.0, swap_with: str | list[str] | None = None, max_new_tokens: int = MAX_NEW_TOKENS,
    num_latent: int = NUM_LATENT, seed: int = 0, mean: Tensor | None = None,
) -> str | list[str]:  # fmt: skip
    """The answer to one prompt (list for a list) with what one step consumes changed, by a key of ABLATIONS.

    `mean` (N, D) is needed by "mean"; `swap_with`, a prompt (or one each), by "swap". UserError where one is missing.
    """
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(prompt=prompt, noise_scale=noise_scale, seed=seed, latent_steps=num_latent)
    if not isinstance(ablation_type, str) or ablation_type not in ABLATIONS:
        raise UserError(f"No ablation type {ablation_type!r}; known: {', '.join(ABLATIONS)}.")
    check_step(ablation_step, num_latent)
    count = 1 if isinstance(prompt, str) else len(prompt)
    check_mean(codi, mean, num_latent, needed=ablation_type == "mean")
    donors = donor_prompts(swap_with, count, needed=ablation_type == "swap")

    def edit(indices):
        taken = latents(codi, [donors[i] for i in indices], num_latent)["z"] if donors else None
        return ABLATIONS[ablation_type][0](codi, ablation_step, Material(indices, seed, noise_scale, mean, taken))

    return answer_edited(codi, prompt, num_latent, edit, max_new_tokens)


def check_mean(codi: Codi, mean: Tensor | None, num_latent: int, needed: bool) -> None:
    if mean is None and needed:
        raise UserError('The ablation "mean" needs mean=, a tensor (steps, width) of each step\'s mean z.')
    if mean is None:
        return
    check_arguments(mean=mean)
    if mean.shape != (num_latent, codi.width):
        raise UserError(f"mean= must be {num_latent} x {codi.width}, a row per latent step; got {tuple(mean.shape)}.")


def donor_prompts(swap_with: str | list[str] | None, count: int, needed: bool) -> list[str] | None:
    """A prompt for each of `count` whose z one step takes; None where none is wanted."""
    if swap_with is None and needed:
        raise UserError('The ablation "swap" needs swap_with=, the prompt whose z the step takes.')
    if swap_with is None:
        return None
    check_arguments(swap_with=swap_with)
    donors = [swap_with] * count if isinstance(swap_with, str) else swap_with
    if len(donors) != count:
        raise UserError(f"swap_with= must be one prompt, or one for each of {count}; got {len(donors)}.")
    return donors if needed else None


def generate_with_patch(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], patch: dict[int, Tensor],
    num_latent: int = NUM_LATENT,
) -> str | list[str]:  # fmt: skip
    """The answer to one prompt (list for a list) where step i consumes patch[i], (D,) or one row per prompt, for each
    i in `patch`. Another question's vectors are `generate_latents(…)["z"]`."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)
    check_arguments(prompt=prompt, patch=patch, latent_steps=num_latent)
    if not patch:
        raise UserError("The patch is empty. Give {step: vector} for at least one latent step.")
    count = 1 if isinstance(prompt, str) else len(prompt)
    for step, vector in patch.items():
        check_step(step, num_latent)
        check_arguments(vector=vector)
        if vector.shape not in ((codi.width,), (count, codi.width)):
            raise UserError(
                f"The patch of step {step} must be {codi.width} wide, one vector or one for each of {count} prompts; "
                f"got {tuple(vector.shape)}."
            )

    def edit(indices):
        return replace_at({step: vector[indices] if vector.dim() > 1 else vector for step, vector in patch.items()})

    return answer_edited(codi, prompt, num_latent, edit)


def generate_latents(
    model, prj, tokenizer, bot_id, eot_id, prompt: str | list[str], num_latent: int = NUM_LATENT
) -> dict[str, Tensor] | list[dict[str, Tensor]]:
    """What one prompt (list for a list) thinks: h (N + 1, D), the hidden states h[-1] … h[N-1], and z (N, D), what
    each step consumed."""
    codi = codi_of(model, prj, tokenizer, bot_id, eot_id)

    def work(questions, indices):
        vectors = latents(codi, questions, num_latent)
        return [{name: tensor[row] for name, tensor in vectors.items()} for row in range(len(questions))]

    return for_each(codi, prompt, num_latent, NO_VARIANTS, work)


def codi_of(model, prj, tokenizer, bot_id, eot_id) -> Codi:
    """The Codi whose five parts these are. Other markers would be fed and answered in silence."""
    check_arguments(model=model, prj=prj, tokenizer=tokenizer, bot_id=bot_id, eot_id=eot_id)
    if (bot_id, eot_id) != model.codi_markers:
        bot, eot = model.codi_markers
        raise UserError(f"bot_id and eot_id must be {bot} and {eot}, as load_model() gave; got {bot_id} and {eot_id}.")
    return Codi(model, prj, tokenizer, bot_id, eot_id, model.codi_form)


def check_step(step: int, num_latent: int) -> None:
    if not is_whole(step, 0) or step >= num_latent:
        raise UserError(f"There is no latent step {step!r}; the steps are 0 to {num_latent - 1}.")


def answer_edited(
    codi: Codi, prompt: str | list[str], num_latent: int, edit: Callable[[list[int]], Edit],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> str | list[str]:
    """The answers of runs changed by `edit(indices)`, which is made for each batch of prompts."""
    check_arguments(max_new_tokens=max_new_tokens)

    @torch.inference_mode()
    def work(questions, indices):
        edited = think_variants(codi, start_latent(codi, questions, num_latent), num_latent, [edit(indices)])[1]
        return [text for (text,) in decoded_texts(codi, edited, max_new_tokens)]

    return for_each(codi, prompt, num_latent, NO_VARIANTS, work)


def for_each(codi: Codi, prompt: str | list[str], num_latent: int, options: TraceOptions, work: Callable):
    """`work(prompts, indices)` in batches sized for `options`; one result for one prompt, a list for a list."""
    check_arguments(prompt=prompt, latent_steps=num_latent)
    prompts = [prompt] if isinstance(prompt, str) else prompt
    lengths = [len(prompt_ids(codi, p, "latent", num_latent)) + options.tail(num_latent) for p in prompts]
    results = [None] * len(prompts)

    def batch(indices):
        for i, result in zip(indices, work([prompts[i] for i in indices], indices), strict=True):
            results[i] = result

    in_batches(batch, plan_batches(lengths, codi.device.type))
    return results[0] if isinstance(prompt, str) else results


# --- Loading --------------------------------------------------------------------------------------------------


def load_model(
    name: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    prompt_form: str = "native",
    lora_alpha: float | None = None,
    rotary: str | None = None,
) -> Codi:
    """A CODI checkpoint, LoRA merged, ready to answer.

    `name` as in MODEL_HELP; `prompt_form` "native" (the checkpoint's own) or a key of PROMPT_FORMS; `dtype` a torch
    name, by default bfloat16 on a GPU and for large models on a CPU that multiplies it, else float32; `lora_alpha` and
    `rotary` are the checkpoint's own where nothing is said. Always prints what it took. Raises UserError, one sentence
    with the next command, for anything that cannot be loaded.
    """
    if prompt_form not in ("native", *PROMPT_FORMS):
        raise UserError(f"No prompt form {prompt_form!r}; use native or one of: {', '.join(PROMPT_FORMS)}.")
    check_rotary(rotary)
    if dtype is not None:
        named_dtype(dtype)
    name = default_model() if name is None else checked_name(name)
    device = resolve_device(device)
    transformers_logging.disable_progress_bar()
    folder, row = find_checkpoint(name)
    path = weights_path(folder)
    weights = read_weights(path)
    settings = read_settings(folder)
    projection = {key.removeprefix("prj."): weights.pop(key) for key in list(weights) if key.startswith("prj.")}
    language, lora = (weights, {}) if settings else plain_keys(folder, weights)
    config = read_config(folder, language)
    tokenizer = load_tokenizer(folder, config, path)
    row = row if row or settings else known_row(folder, tokenizer, config)
    alpha = choose_alpha(lora_alpha, row, bool(lora), name)
    merge_lora(folder, language, lora, config.model_type == "gpt2", alpha)
    model = build_model(config, language, path, resolve_dtype(dtype, device, language)).to(device)
    rotary = rotary or settings.get("rotary") or (row.rotary if row else "float32")
    round_rotary(model, rotary)
    codi = Codi(
        model=model,
        prj=build_projection(projection, config.hidden_size, path).to(device, model.dtype),
        tokenizer=tokenizer,
        bot_id=config.vocab_size - 2,
        eot_id=config.vocab_size - 1,
        form=choose_form(prompt_form, settings.get("prompt_form") or (row and row.form), name),
        num_latent=settings.get("num_latent", NUM_LATENT),
        name=name,
        revision=folder.name if folder.parent.name == "snapshots" else sha256_prefix(path),
        rotary=rotary,
        lora_alpha=alpha,
    )
    codi.check()
    gc.freeze()  # accelerate's helper collects garbage at each call, which took 0.19 s with every import in its view
    said = ", ".join(f"{key} {value}" for key, value in codi.describe().items() if key != "model" and value)
    parameters = sum(p.numel() for part in (codi.model, codi.prj) for p in part.parameters())
    log(f"Loaded {name} ({parameters:,} parameters): {said}")
    return codi


def default_model() -> str:
    """The checkpoint for this machine; says how to ask for the other."""
    name, other, found = ("llama1b", "tiny", "a") if torch.cuda.is_available() else ("tiny", "llama1b", "no")
    log(f"Taking --model {name}, as {found} GPU was found; for the other: --model {other}")
    return name


# --- Saving, and the clock ---------------------------------------------------------------------------------------


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
        "rotary": codi.rotary,
        "markers": dict(zip(MARKERS, range(codi.bot_id - 1, codi.eot_id + 1), strict=True)),
        "origin": origin,
    }
    check_replaceable(folder)
    with replacing_folder(folder, last="codi.json") as made:
        codi.model.config.save_pretrained(made)
        codi.tokenizer.save_pretrained(made)
        save_file(weights, made / "model.safetensors", metadata={"format": "pt"})
        write_json(made / "codi.json", settings)


def clock(codi: Codi) -> float:
    """Seconds, read after the GPU has done what it was asked."""
    if codi.device.type == "cuda":
        torch.cuda.synchronize(codi.device)
    return time.perf_counter()


# --- Command line ------------------------------------------------------------------------------------------------


def add_model_arguments(parser) -> None:
    """--model, --prompt-form, --dtype, --device, --lora-alpha, --rotary."""
    parser.add_argument("--model", help=MODEL_HELP)
    parser.add_argument(
        "--prompt-form", default="native", choices=["native", *PROMPT_FORMS], help="default: the checkpoint's own"
    )
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], help="default: as the device does best")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, … (default: cuda if there is one)")
    parser.add_argument(
        "--lora-alpha", type=positive_int, help="of a LoRA that is merged on loading (default: known, or 32)"
    )
    parser.add_argument(
        "--rotary", choices=ROTARY, help="rotary frequencies are rounded to this (default: as in its training)"
    )


def model_options(args) -> dict:
    """load_model's arguments from the options that add_model_arguments() adds."""
    return {name: getattr(args, name) for name in ("device", "dtype", "prompt_form", "lora_alpha", "rotary")}
