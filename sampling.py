"""
Answers that are drawn instead of the likeliest ones: a temperature, top-p, several samples of each question.

    [[first, second], ...] = answer(codi, questions, sampling=Sampling(temperature=0.7, samples=2))

Token j of sample s of a question is the token v with the largest log p(v) + g(seed, question, s, j, v), where g is
standard Gumbel noise: exactly a draw from p (the Gumbel-max trick; arXiv 1411.0030). The noise is worked out from these
five numbers and comes from no stream, so a sample is the same in any batch, order and process, and however many others
are drawn. Rounding, which batches do change, matters only where two tokens tie; with a uniform number and the summed
probabilities it would shift the bounds of every token after it.

Shapes: B questions, K runs of each, n samples of each, V vocabulary.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from loading import Codi
from runs import MAX_NEW_TOKENS, Run, check_finite, extend, fork, next_scores, read
from scripting import UserError

MOST_SAMPLES = 1024  # of one question, as they are drawn together
# Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", as 64-bit numbers with a sign
GOLDEN, MIX_1, MIX_2 = (number - 2**64 for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn. UserError for what no answer can be drawn with."""

    temperature: float  # logits are divided by it
    top_p: float = 1.0  # then only the likeliest tokens are kept that together are as probable as this
    samples: int = 1
    seed: int = 0

    def __post_init__(self):
        if not isinstance(self.temperature, int | float) or not 0 < self.temperature < float("inf"):
            raise UserError(f"The temperature must be a finite number above 0, not {self.temperature!r}.")
        if not isinstance(self.top_p, int | float) or not 0 < self.top_p <= 1:
            raise UserError(f"Top-p must be above 0 and at most 1, which keeps every token, not {self.top_p!r}.")
        if type(self.samples) is not int or not 1 <= self.samples <= MOST_SAMPLES:
            raise UserError(f"A question can have 1 to {MOST_SAMPLES} samples, not {self.samples!r}.")
        if type(self.seed) is not int or not 0 <= self.seed < 2**32:
            raise UserError(f"The seed must be a whole number from 0 to below 2**32, not {self.seed!r}.")

    def keys(self, questions: Sequence[str]) -> Tensor:
        """A number (B, n) per question and sample, of which all its noise is made."""
        return torch.tensor([[noise_key(self.seed, q, sample) for sample in range(self.samples)] for q in questions])

    def log_weights(self, scores: Tensor) -> Tensor:
        """Logits as log-probabilities, up to a constant, of what is drawn from: at the temperature, -inf outside top-p.
        In float64, where the smallest temperature is none of 0."""
        peak = scores.amax(-1, keepdim=True)
        check_finite(peak)
        weights = (scores.double() - peak.double()) / self.temperature
        if self.top_p == 1:
            return weights
        ordered = weights.sort(dim=-1, descending=True, stable=True)
        share = ordered.values.softmax(-1)
        likelier = share.cumsum(-1) - share  # how probable all before it are together
        out = torch.zeros_like(weights, dtype=torch.bool).scatter(-1, ordered.indices, likelier >= self.top_p)
        return weights.masked_fill(out, -torch.inf)

    def draw(self, scores: Tensor, place: Tensor, keys: Tensor, position: int) -> Tensor:
        """Token number `position` (B, n) of each sample, which is in run `place` (B, n) of those whose logits are
        `scores` (B, K, V)."""
        weights, rows = self.log_weights(scores), torch.arange(len(scores), device=scores.device)
        columns = zip(place.unbind(1), keys.unbind(1), strict=True)  # one sample at a time, as V may be large
        noisy = (weights[rows, run] + gumbel_noise(key, position, scores.shape[-1]) for run, key in columns)
        return torch.stack([each.argmax(-1) for each in noisy], 1)


def noise_key(seed: int, question: str, sample: int) -> int:
    """A 64-bit number with a sign."""
    digest = hashlib.sha256(f"{seed} {sample} {question}".encode()).digest()
    return int.from_bytes(digest[:8], "little", signed=True)


def gumbel_noise(key: Tensor, position: int, size: int) -> Tensor:
    """Standard Gumbel noise (B, size) in float64 of each `key` (B,) at one position."""
    stream = mixed(key + torch.full_like(key, position + 1) * GOLDEN)
    counter = torch.arange(1, size + 1, device=key.device)
    bits = shifted(mixed(stream[:, None] + counter * GOLDEN), 12)  # 52, so that neither 0 nor 1 comes out
    return -torch.log(-torch.log((bits.double() + 0.5) / 2**52))


def mixed(number: Tensor) -> Tensor:
    """SplitMix64's hash of 64-bit numbers; products and sums run over, as they should."""
    number = (number ^ shifted(number, 30)) * MIX_1
    number = (number ^ shifted(number, 27)) * MIX_2
    return number ^ shifted(number, 31)


def shifted(number: Tensor, bits: int) -> Tensor:
    """64-bit numbers shifted to the right, with zeros coming in whatever their sign."""
    return (number >> bits) & (2 ** (64 - bits) - 1)


def decode_samples(
    codi: Codi, run: Run, start: Sequence[int], sampling: Sampling, questions: Sequence[str],
    max_new_tokens: int = MAX_NEW_TOKENS, eot_allowed: bool = False,
) -> list[list[list[int]]]:  # fmt: skip
    """The drawn answers as token ids, without EOS, of each question a list of n. `run` holds one run of each, which has
    been read and thought once; samples stay one run for as long as they say the same."""
    run = read(codi, fork(run), start)
    keys = sampling.keys(questions).to(run.position.device)
    answers = [[[] for _ in range(sampling.samples)] for _ in questions]
    left = [(row, dict.fromkeys(range(sampling.samples), 0)) for row in range(len(questions))]  # each sample's run
    for position in range(max_new_tokens):
        place = torch.tensor([[runs.get(s, 0) for s in range(sampling.samples)] for _, runs in left])
        mine = keys[[row for row, _ in left]]
        scores = next_scores(codi, run.hidden, eot_allowed)
        tokens = sampling.draw(scores, place.to(keys.device), mine, position).tolist()
        full = (run.position >= codi.context).tolist()
        grown = []  # of each question the samples' runs, and (the run before, its token) of each run
        for (row, runs), drawn, ends in zip(left, tokens, full, strict=True):
            runs = {sample: at for sample, at in runs.items() if drawn[sample] != codi.tokenizer.eos_token_id}
            for sample in runs:
                answers[row][sample].append(drawn[sample])
            grown.append(branched({sample: (at, drawn[sample]) for sample, at in runs.items() if not ends[at]}))
        going = [bool(branches) for _, branches in grown]
        if not any(going) or position + 1 == max_new_tokens:
            break
        left = [(row, runs) for (row, _), (runs, branches) in zip(left, grown, strict=True) if branches]
        run = grow(codi, run, going, [branches for _, branches in grown if branches])
    return answers


def branched(said: dict[int, tuple[int, int]]) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """The new run of each sample, and the different (run before, token) that they are, in that order."""
    numbers = {branch: number for number, branch in enumerate(dict.fromkeys(said.values()))}
    return {sample: numbers[branch] for sample, branch in said.items()}, list(numbers)


def grow(codi: Codi, run: Run, going: list[bool], branches: list[list[tuple[int, int]]]) -> Run:
    """`run` of the questions that go on, where each of its `branches` is a run one token on; fewer than another
    question's are filled up with the first."""
    widest = max(map(len, branches))
    table = torch.tensor([row + row[:1] * (widest - len(row)) for row in branches], device=run.position.device)
    if not all(going):
        run = fork(run, torch.tensor(going, device=run.position.device))
    return extend(codi, run.pick(table[..., 0]), codi.embed(table[..., 1]))
