"""
The engine: K half-finished runs of each of B questions in one cache, and the verbs encode, think and decode on them.

    run = start_runs(codi, [prompt_ids(codi, question, "latent")])
    *_, run = latent_steps(codi, run, 6)
    [[ids]] = decode_all(codi, run, (codi.eot_id,))

CODI (arXiv 2502.21074) thinks in embedding space. `encode` reads the question up to the marker bot and yields h[-1],
the last hidden state after the final norm. Latent step i = 0 … N-1 consumes the embedding z[i] = project(h[i-1]), in
Coconut h[i-1] itself, with pause tokens always the same vector, as one more input position and yields h[i]. `decode`
feeds the marker eot and answers greedily. All three are `extend`.

Shapes: B questions, K runs of each, T positions cached so far, L new positions of each run, D hidden size, V
vocabulary.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from accelerate.utils import find_executable_batch_size
from torch import Tensor, nn
from transformers import DynamicCache

from loading import Codi
from scripting import UserError

MAX_NEW_TOKENS = 256
TOKENS_PER_BATCH = {"cpu": 4096, "cuda": 131072}  # positions, padding included; see benchmarks/bench_speed.py

# --- Runs -----------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """K half-finished runs of each of B questions, where what they share stands once. An ordinary batch has K = 1.

    A run is told apart by what it may attend to, so another run of the same beginning copies no keys and values, and
    growing some runs leaves all others of the same cache as they were.
    """

    cache: DynamicCache
    sees: Tensor  # (B, K, T), true at the cached positions that a run's next position may attend to
    position: Tensor  # (B, K), the next position id
    hidden: Tensor  # (B, K, D), last hidden state after the final norm
    at: Tensor  # (B, T), the position id of each cached position that some run here sees
    states: tuple[Tensor, ...] = ()  # embeddings and each layer's output, (B, K·L, D), of the last extension, on demand

    def pick(self, numbers: Sequence[int] | Tensor) -> "Run":
        """The runs `numbers` (K',), repeats allowed, of every question, or (B, K') of each its own; of their states
        those of the last position, (B, K', D)."""
        number = torch.as_tensor(numbers, dtype=torch.long, device=self.sees.device)
        number = number.expand(len(self.sees), -1)  # (B, K')
        rows = torch.arange(len(number), device=number.device)[:, None]
        count = self.sees.shape[1]
        states = tuple(state.unflatten(1, (count, -1))[rows, number, -1] for state in self.states)
        return Run(
            self.cache, self.sees[rows, number], self.position[rows, number], self.hidden[rows, number], self.at, states
        )


def fork(run: Run, rows: Tensor | None = None) -> Run:
    """All runs of some questions, `rows` (indices, repeats allowed, or a boolean mask) or all, in a cache of their own,
    without what other runs have added since."""
    cache = fork_cache(run.cache, rows, run.sees.shape[2])
    if rows is None:
        return Run(cache, run.sees, run.position, run.hidden, run.at)
    return Run(cache, run.sees[rows], run.position[rows], run.hidden[rows], run.at[rows])


def fork_cache(cache: DynamicCache, rows: Tensor | None = None, length: int | None = None) -> DynamicCache:
    """A cache that grows apart from `cache`, of its `rows` (indices, repeats allowed, or a boolean mask) or of all, and
    of its first `length` positions or all."""
    forked = copy.copy(cache)
    forked.layers = [copy.copy(layer) for layer in cache.layers]  # a layer grows by making new tensors
    if length is not None and length < cache.get_seq_length():
        for layer in forked.layers:
            layer.keys, layer.values = layer.keys[:, :, :length], layer.values[:, :, :length]
    if rows is not None:
        for layer in forked.layers:
            layer.batch_select_indices(rows.to(layer.keys.device))  # blocks may stand on several devices
    return forked


def together(runs: Sequence[Run]) -> Run:
    """All runs of one cache side by side, in their order."""
    width = max(run.sees.shape[2] for run in runs)
    return Run(
        runs[0].cache,
        torch.cat([F.pad(run.sees, (0, width - run.sees.shape[2])) for run in runs], 1),
        torch.cat([run.position for run in runs], 1),
        torch.cat([run.hidden for run in runs], 1),
        # where one knows a position, all that see it do
        torch.stack([F.pad(run.at, (0, width - run.at.shape[1])) for run in runs]).amax(0),
    )


# --- The verbs ------------------------------------------------------------------------------------------------


def extend(codi: Codi, run: Run, embeds: Tensor, mask: Tensor | None = None, keep_states: bool = False) -> Run:
    """Every run L positions on: embeds (B, K·L, D), each run's in a row; `mask` (B, K·L) is 0 at padding. The cache
    grows for all; `run` itself stays what it was."""
    count, new, device = run.sees.shape[1], embeds.shape[1], embeds.device
    length = new // count
    place = torch.arange(new, device=device)
    owner = place // length  # the run of each new position
    if mask is None:
        lengths, offsets = length, place % length
    else:
        mask = mask.bool()
        lengths = mask.unflatten(1, (count, length)).sum(2)
        offsets = (mask.unflatten(1, (count, length)).cumsum(2) - 1).flatten(1)
    # an ended run that still fills a place must not run past the model's last position
    position = (run.position.repeat_interleave(length, 1) + offsets).clamp(min=0, max=codi.context - 1)  # (B, K·L)
    added = run.cache.get_seq_length() - run.sees.shape[2]  # by other runs
    before, at = F.pad(run.sees, (0, added)), torch.cat([F.pad(run.at, (0, added)), position], 1)
    of_run = (owner == torch.arange(count, device=device)[:, None]).expand(len(embeds), -1, -1)  # (B, K, K·L)
    if mask is not None:
        of_run = of_run & mask[:, None]
    # padding, which nothing sees, has itself to attend to
    own = of_run[:, owner] & (place <= place[:, None]) | (place == place[:, None])  # (B, K·L, K·L)
    seen = torch.cat([before.repeat_interleave(length, 1), own], 2)
    output = codi.body(
        inputs_embeds=embeds,
        attention_mask=attention_masks(codi, seen, position, at, embeds.dtype),
        position_ids=position,
        past_key_values=run.cache,
        use_cache=True,
        output_hidden_states=keep_states,
    )
    return Run(
        run.cache,
        torch.cat([before, of_run], 2),
        run.position + lengths,
        output.last_hidden_state.unflatten(1, (count, -1))[:, :, -1],
        at,
        output.hidden_states if keep_states else (),
    )


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


def encode(codi: Codi, ids: Tensor, mask: Tensor) -> Run:
    """Left-padded prompts, ids and mask (B, T) as `pad` makes them, read as one run each; ends on h[-1] if they end in
    bot."""
    size, device = len(ids), ids.device
    nothing = Run(
        DynamicCache(),  # without the config: sliding layers keep every position, as runs share one cache
        torch.ones((size, 1, 0), dtype=torch.bool, device=device),
        torch.zeros((size, 1), dtype=torch.long, device=device),
        torch.empty((size, 1, 0), device=device),
        torch.zeros((size, 0), dtype=torch.long, device=device),
    )
    return extend(codi, nothing, codi.embed(ids), mask)


def start_runs(codi: Codi, prompts: list[list[int]]) -> Run:
    """`encode` for prompts of any lengths."""
    ids, mask = pad(prompts, "left")
    return encode(codi, ids.to(codi.device), mask.to(codi.device))


def read(codi: Codi, run: Run, ids: Sequence[int], keep_states: bool = False) -> Run:
    """Feed the same tokens to every run, one after another; no tokens leave it as it is."""
    for token in ids:
        run = extend(codi, run, codi.embed(torch.full_like(run.position, token)), keep_states=keep_states)
    return run


def project(codi: Codi, hidden: Tensor) -> Tensor:
    """z (…, D), the embedding that the next latent step consumes after hidden states (…, D)."""
    return codi.prj(hidden)


@dataclass(frozen=True)
class Edit:
    """A change to the latent loop, made in a run of its own.

    `embed(step, z, plain)` gets z (B, 1, D), what `step` would consume, and what it consumes in the plain run, and
    returns what it consumes instead. `blocks[L]` does so with the residual stream after block L, counted from 1, at the
    position of each step. No position after a step in `hidden` may attend to that step. Before step `first` nothing
    changes, so up to there the edited run is the plain one.
    """

    first: int
    embed: Callable[[int, Tensor, Tensor], Tensor] = lambda step, z, plain: z
    hidden: tuple[int, ...] = ()
    blocks: dict[int, Callable[[int, Tensor, Tensor], Tensor]] = field(default_factory=dict)


def blocks_of(codi: Codi) -> nn.ModuleList:
    """The blocks of the language model, in their order."""
    return next(module for module in codi.body.modules() if isinstance(module, nn.ModuleList))


@contextmanager
def changed_blocks(codi: Codi, step: int, edits: Sequence[Edit]) -> Iterator[None]:
    """While it lasts, what leaves a block is as `edits` say, each of its own run; the first position is the plain
    run's."""

    def hook(layer, module, inputs, output):
        hidden = output[0] if isinstance(output, tuple) else output
        plain, *runs = hidden.split(1, 1)
        runs = [e.blocks[layer](step, h, plain) if layer in e.blocks else h for e, h in zip(edits, runs, strict=True)]
        changed = torch.cat([plain, *runs], 1)
        return (changed, *output[1:]) if isinstance(output, tuple) else changed

    layers = {layer for edit in edits for layer in edit.blocks}
    handles = [blocks_of(codi)[layer - 1].register_forward_hook(partial(hook, layer)) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def latent_steps(
    codi: Codi, run: Run, num_latent: int, edits: Sequence[Edit] = (), keep_states: bool = False
) -> Iterator[Run]:
    """`run` after each latent step i = 0 … num_latent - 1: the plain one, and after it a run per edit once its `first`
    step has begun. `edits` come in the order of their `first` step."""
    assert not edits or run.hidden.shape[1] == 1, run.hidden.shape
    assert all(a.first <= b.first < num_latent for a, b in pairwise([Edit(0), *edits])), [e.first for e in edits]
    for step in range(num_latent):
        starting = sum(edit.first == step for edit in edits)
        run = together([run, *[run.pick([0])] * starting]) if starting else run
        begun = [edit for edit in edits if edit.first <= step]
        plain, *changed = project(codi, run.hidden).split(1 if begun else run.hidden.shape[1], 1)
        changed = [edit.embed(step, z, plain) for edit, z in zip(begun, changed, strict=True)]
        with changed_blocks(codi, step, begun):
            run = extend(codi, run, torch.cat([plain, *changed], 1), keep_states=keep_states)
        for place, edit in enumerate(begun, 1):
            if step in edit.hidden:
                run.sees[:, place, place - len(begun) - 1] = False  # its own position, among the newest
        yield run


def decode(
    codi: Codi, run: Run, start: Sequence[int], max_new_tokens: int = MAX_NEW_TOKENS, eot_allowed: bool = False
) -> Iterator[list[tuple[int, int, int]]]:
    """Greedy decoding as it happens: per step a list of (question, run, token). `start` is fed first: (eot,), or
    nothing to go on. A run ends at EOS, or when its own context is full, so that no answer depends on another's; those
    that have ended make room for the others."""
    run = read(codi, fork(run), start)
    size, count = run.position.shape
    row = torch.arange(size, device=run.position.device)  # the question of each row left
    number = torch.arange(count, device=row.device).expand(size, -1)  # (B, K), the run in each place
    alive = torch.ones_like(number, dtype=torch.bool)
    for remaining in reversed(range(max_new_tokens)):
        token = next_token(codi, run.hidden, eot_allowed)  # (B, K)
        alive = alive & (token != codi.tokenizer.eos_token_id)
        places = alive.nonzero(as_tuple=True)
        if len(places[0]):
            yield list(zip(row[places[0]].tolist(), number[places].tolist(), token[places].tolist(), strict=True))
        alive = alive & (run.position < codi.context)
        left = int(alive.sum(1).max())
        if not left or not remaining:
            return
        if left < alive.shape[1]:
            order = (~alive).long().argsort(dim=1, stable=True)[:, :left]  # the living first
            run, token, number, alive = run.pick(order), *(x.gather(1, order) for x in (token, number, alive))
        rows = alive.any(1)
        if not rows.all():
            run, (row, token, number, alive) = fork(run, rows), (x[rows] for x in (row, token, number, alive))
        run = extend(codi, run, codi.embed(token))


def decode_all(
    codi: Codi, run: Run, start: Sequence[int], max_new_tokens: int = MAX_NEW_TOKENS, eot_allowed: bool = False
) -> list[list[list[int]]]:
    """The greedy answers as token ids, without EOS, of each question a list of one per run."""
    size, count = run.position.shape
    answers = [[[] for _ in range(count)] for _ in range(size)]
    for step in decode(codi, run, start, max_new_tokens, eot_allowed):
        for row, number, token in step:
            answers[row][number].append(token)
    return answers


def next_token(codi: Codi, hidden: Tensor, eot_allowed: bool = False) -> Tensor:
    """The likeliest token (…) after each hidden state (…, D): none that training added, but eot in a verbal chain."""
    best = next_scores(codi, hidden, eot_allowed).max(-1)  # NaN, if there is one
    check_finite(best.values)
    return best.indices


def next_scores(codi: Codi, hidden: Tensor, eot_allowed: bool = False) -> Tensor:
    """The logits (…, V) of the token after each hidden state (…, D), -inf for what training added, but for eot in a
    verbal chain."""
    scores = codi.logits(hidden)
    scores[..., [row for row in codi.added if row != codi.eot_id or not eot_allowed]] = -torch.inf
    return scores


def lens(codi: Codi, hidden: Tensor) -> Tensor:
    """The logit lens (…, V) of hidden states (…, D), over the original vocabulary, without the markers."""
    return codi.logits(hidden)[..., : codi.vocabulary]


def check_finite(logits: Tensor) -> None:
    if not torch.isfinite(logits).all():
        raise UserError(
            "The model's logits are not finite (NaN or infinity), so it has no answer: it overflows, or its weights "
            "are damaged. Try --dtype float32."
        )


# --- Batches --------------------------------------------------------------------------------------------------


def pad(sequences: list[list[int]], side: str) -> tuple[Tensor, Tensor]:
    """Ids (B, T) and mask (B, T) of sequences padded to the longest on `side`, "left" or "right"."""
    longest = max(map(len, sequences))
    gaps = [[0] * (longest - len(s)) for s in sequences]
    left = side == "left"
    ids = [gap + s if left else s + gap for gap, s in zip(gaps, sequences, strict=True)]
    mask = [gap + [1] * len(s) if left else [1] * len(s) + gap for gap, s in zip(gaps, sequences, strict=True)]
    return torch.tensor(ids), torch.tensor(mask)


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
