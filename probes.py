"""
What probes read in latent runs: the runs' states and attention, what is looked for in them, and the trained probes.

    from probes import observe, facts_of, RidgeProbe, fit_tuned_lens
    seen = observe(load_model("tiny"), problems, layers=[0, 1, 2, 3])
    RidgeProbe(seen.states[train, 2, 1]).fit_predict(labels, rows, seen.states[test, 2, 1])

Chain steps count from 1 (the first `<<16-3=13>>` of the gold chain), latent steps from 0, step -1 is the read question.
A target is one row of TARGETS. Layer 0 is what the first block reads (z, for the most part), layer L what stands after
block L, and after the last block also the final norm has been applied: h.

Shapes: n questions, L blocks, N latent steps, D hidden size, J chain steps of the longest chain, k tokens of a lens.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers import extract_number, number_text, numbers_in
from codi_model import ANSWER_ROOM, answer_from, prompt_ids
from interventions import seed_of
from loading import Codi
from problems import Problem, chain_results, chain_steps
from runs import (
    Run,
    decode_all,
    extend,
    fork,
    in_batches,
    latent_steps,
    lens,
    pad,
    plan_batches,
    project,
    read,
    start_runs,
)
from scripting import UserError

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of a ridge, in units of the kernel's mean eigenvalue
FOLDS = 5
MOST_KNOWN = 3 * (FOLDS + 1)  # decompositions kept; one of 2000 questions is 32 MB
SPLIT = (0.6, 0.2, 0.2)  # shares of the questions: training, validation, test
FEWEST = 10  # different questions that can be split so
LEARNING_RATE, EPOCHS, BATCH = 1e-3, 40, 64  # of the tuned lens
CHUNK = 64  # questions whose distributions over the vocabulary are held at a time

# --- What is looked for -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What a question and its gold chain hold, as text."""

    steps: list[str]  # of the chain, those that come to a result
    others: list[str]  # the numbers of the question and of the chain's operands that are no result, in random order
    frequent: list[str]  # the commonest results of all questions that are in neither
    unrelated: list[str]  # the results of a question with as many, none of which is a result here; or none

    @property
    def results(self) -> list[str]:
        return [result_of(step) for step in self.steps]


def result_of(step: str) -> str:
    """<<16-3=13>> -> 13"""
    return plain_number(chain_results(step)[0])


def plain_number(text: str) -> str:
    """A number as number_text() writes it; other text as it is."""
    number = extract_number(text)
    return text.strip() if number is None else number_text(number)


def operands_of(step: str) -> list[str]:
    """<<16-3=13>> -> 16, 3"""
    return [plain_number(text) for text in re.findall(r"\d[\d,]*\.?\d*|\.\d+", worked(step))]


def operation_of(step: str) -> str:
    """<<16-3=13>> -> -, the last of several; empty for <<13=13>>"""
    return (re.findall(r"(?<=[\d)])\s*([-+*/])", worked(step)) or [""])[-1]


def worked(step: str) -> str:
    """<<16-3=13>> -> 16-3"""
    return step.removeprefix("<<").partition("=")[0]


def at(items: list[str], number: int) -> str | None:
    """Item `number`, counted from 1; None where there is none."""
    return items[number - 1] if number <= len(items) else None


def of_step(part: Callable[[str], str | None]) -> Callable[[Facts, int], str | None]:
    """A target that is a part of each chain step."""
    return lambda facts, number: part(facts.steps[number - 1]) if number <= len(facts.steps) else None


# name: what it is for chain step 1 … J of a question, one text each so that all have the same chance; None for nothing
TARGETS: dict[str, Callable[[Facts, int], str | None]] = {
    "result": of_step(result_of),
    "operation": of_step(operation_of),
    "first operand": of_step(lambda step: at(operands_of(step), 1)),
    "second operand": of_step(lambda step: at(operands_of(step), 2)),
    "other number": lambda facts, number: at(facts.others[: len(facts.steps)], number),
    "frequent number": lambda facts, number: at(facts.frequent[: len(facts.steps)], number),
    "unrelated result": lambda facts, number: at(facts.unrelated, number),
}
PROBED = ("result", "operation", "first operand", "second operand")  # what a linear probe is trained to tell


def facts_of(problems: list[Problem], seed: int) -> list[Facts]:
    """The Facts of each problem; all that is drawn is drawn by (seed, place of the question)."""
    chains = [[step for step in chain_steps(problem.chain) if chain_results(step)] for problem in problems]
    results = [[result_of(step) for step in chain] for chain in chains]
    counts = Counter(number for row in results for number in dict.fromkeys(row))
    common = [number for number, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    alike = {}  # places of the questions with so many steps
    for place, chain in enumerate(chains):
        alike.setdefault(len(chain), []).append(place)
    facts = []
    for place, (problem, chain) in enumerate(zip(problems, chains, strict=True)):
        rng = Random(seed_of("facts", seed, place))
        own = results[place]
        numbers = [number_text(n) for n in numbers_in(problem.question) if not isinstance(n, str)]
        numbers += [number for step in chain for number in operands_of(step)]
        others = [number for number in dict.fromkeys(numbers) if number not in own]
        frequent = [number for number in common if number not in own and number not in others]
        rng.shuffle(others)
        candidates = alike[len(chain)]
        donor = next((d for d in rng.sample(candidates, len(candidates)) if not {*results[d]} & {*own}), None)
        facts.append(Facts(chain, others, frequent[: len(chain)], [] if donor is None else results[donor]))
    return facts


def texts_of(facts: list[Facts], name: str) -> list[list[str | None]]:
    """A target of every question, for chain step 1 … J."""
    longest = max(len(fact.steps) for fact in facts)
    return [[TARGETS[name](fact, number) for number in range(1, longest + 1)] for fact in facts]


@dataclass(frozen=True)
class Vocabulary:
    """Which text each token of the original vocabulary is, spaces around it cut: many tokens may be one text."""

    text_of: Tensor  # (V,), the number of each token's text
    number: dict[str, int]  # of each text

    @classmethod
    def of(cls, codi: Codi) -> "Vocabulary":
        texts = [codi.token_text(token).strip() for token in range(codi.vocabulary)]
        number = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        return cls(torch.tensor([number[text] for text in texts]), number)

    def targets(self, facts: list[Facts], name: str) -> Tensor:
        """(n, J), the number of the text that a target is for each chain step; -1 where there is none, or no single
        token is that text."""
        ids = [[self.number.get(text, -1) if text else -1 for text in row] for row in texts_of(facts, name)]
        return torch.tensor(ids, dtype=torch.long)

    def left_out(self, facts: list[Facts], name: str) -> int:
        """How many texts of a target no single token is."""
        return sum(bool(text) and text not in self.number for row in texts_of(facts, name) for text in row)

    def shown(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """(n, J, …), whether a target (n, J) is among the k `tokens` (n, …, k)."""
        texts = self.text_of[tokens][:, None]
        return (texts == targets.reshape(*targets.shape, *[1] * (tokens.dim() - 1))).any(-1)


def split_questions(questions: list[str], seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """The rows for training, validation and test; equal questions fall on one side."""
    different = sorted(set(questions))
    if len(different) < FEWEST:
        raise UserError(f"Probes need at least {FEWEST} different questions, not {len(different)}. Raise -n.")
    Random(seed_of("split", seed)).shuffle(different)
    ends = [round(len(different) * sum(SPLIT[:part])) for part in range(len(SPLIT) + 1)]
    side = {question: part for part in range(3) for question in different[ends[part] : ends[part + 1]]}
    sides = torch.tensor([side[question] for question in questions])
    return tuple((sides == part).nonzero()[:, 0] for part in range(3))


# --- What is seen of the runs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Observed:
    """Latent runs of n questions."""

    states: Tensor  # (n, layers, N + 1, D), the residual stream at step -1 … N-1, on the CPU
    z: Tensor  # (n, N, D), what each step consumes
    answers: list[str]
    right: list[bool] | None  # None where a gold answer is missing
    attention: Tensor | None  # (n, L, N + 2, N + 3), averaged over heads: see QUERIES and KEYS; NaN where nothing asks
    uniform: Tensor | None  # (n, N + 2, N + 3), what even attention to all that may be seen would give

    @property
    def steps(self) -> int:
        return self.z.shape[1]


def queries(num_latent: int) -> list[str]:
    """Who attends: each latent step, the last marker before the answer, the answer's tokens on the average."""
    return [*(f"step {i}" for i in range(num_latent)), "eot", "answer"]


def keys(num_latent: int) -> list[str]:
    """What is attended to: all of the question, the marker after it, each latent step, and what comes later."""
    return ["question", *(f"step {i}" for i in range(-1, num_latent)), "eot and answer"]


def observe(
    codi: Codi,
    problems: list[Problem],
    layers: Sequence[int],
    attention: bool = True,
    batch_size: int | None = None,
    on_batch: Callable[[int], None] = lambda count: None,
) -> Observed:
    """What the latent runs of some problems hold at some layers, in batches. Attention weights come of eager attention
    only, in which a model then takes its latent steps; UserError where it gives none."""
    steps = codi.num_latent
    prompts = [prompt_ids(codi, problem.question, "latent", steps) for problem in problems]
    parts, answers = {}, [""] * len(problems)

    def work(indices):
        seen, ids = observe_batch(codi, [prompts[i] for i in indices], layers, attention)
        for name, tensor in seen.items():
            if name not in parts:
                parts[name] = torch.empty((len(problems), *tensor.shape[1:]), dtype=tensor.dtype)
            parts[name][indices] = tensor.cpu()
        for i, answer in zip(indices, ids, strict=True):
            answers[i] = answer_from(codi, answer, verbal=False).text
        on_batch(len(indices))

    lengths = [len(prompt) + steps + ANSWER_ROOM for prompt in prompts]
    in_batches(work, plan_batches(lengths, codi.device.type, batch_size))
    is_scored = all(problem.answer is not None for problem in problems)
    right = [p.is_right(text) for p, text in zip(problems, answers, strict=True)] if is_scored else None
    weights = parts.get("attention")
    attended = (None, None) if weights is None else (weights[:, :-1], weights[:, -1])
    return Observed(parts["states"], parts["z"], answers, right, *attended)


@torch.inference_mode()
def observe_batch(
    codi: Codi, prompts: list[list[int]], layers: Sequence[int], attention: bool
) -> tuple[dict[str, Tensor], list[list[int]]]:
    """states, z and attention of a batch, as Observed has them, the even attention as the last layer's; the answers."""
    start = start_runs(codi, [ids[:-1] for ids in prompts])
    stages, rows = [], []
    with attending(codi) if attention else nullcontext() as kept:
        run = read(codi, start, prompts[0][-1:], keep_states=True)
        stages.append(run)
        for run in latent_steps(codi, run, codi.num_latent, keep_states=True):
            stages.append(run)
            if attention:
                rows.append(grouped(kept[-1], run.sees, start.sees.shape[2], codi.num_latent))
    answers = [ids for (ids,) in decode_all(codi, run, codi.opening())]
    seen = {
        "states": torch.stack([torch.stack([stage.states[i][:, 0] for i in layers], 1) for stage in stages], 2),
        "z": torch.stack([project(codi, stage.hidden[:, 0]) for stage in stages[:-1]], 1),
    }
    if attention:
        rows += answer_attention(codi, run, answers, start.sees.shape[2])
        seen["attention"] = torch.cat(rows, 2)
    return seen, answers


@contextmanager
def attending(codi: Codi) -> Iterator[list[tuple[Tensor, ...]]]:
    """The attention weights of the body's forward passes in the block, each layer's (B, heads, L, T); fused attention
    has none to give, so the model's is eager meanwhile."""
    before, kept = codi.model.config._attn_implementation, []
    refusal = (
        f"{codi.name} ({codi.model.config.model_type}) gives no attention weights, not even with eager attention. "
        "Leave attention out: --probes lens tuned linear"
    )

    def keep(module, args, output):
        weights = getattr(output, "attentions", None)
        if not weights or any(layer is None for layer in weights):
            raise UserError(refusal)
        kept[:] = [weights]  # the last pass alone: a batch's are large

    ask = lambda module, args, kwargs: (args, kwargs | {"output_attentions": True})  # noqa: E731
    try:
        codi.model.set_attn_implementation("eager")
    except ValueError as error:
        raise UserError(refusal) from error
    hooks = [codi.body.register_forward_pre_hook(ask, with_kwargs=True), codi.body.register_forward_hook(keep)]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()
        codi.model.set_attn_implementation(before)


def grouped(layers: Sequence[Tensor], sees: Tensor, first: int, num_latent: int) -> Tensor:
    """(B, L + 1, queries, N + 3): attention weights (B, heads, queries, T) of each layer, averaged over heads and
    summed over what keys() names, and last what even attention to all that each query `sees` (B, queries, T) would be.
    The question's last marker stands at `first`."""
    even = sees.float() / sees.sum(-1, keepdim=True)
    weights = torch.stack([*(layer.float().mean(1) for layer in layers), even], 1)
    weights = F.pad(weights, (0, max(0, first + 1 + num_latent - weights.shape[-1])))
    question, steps, later = weights.tensor_split([first, first + 1 + num_latent], -1)
    return torch.cat([question.sum(-1, keepdim=True), steps, later.sum(-1, keepdim=True)], -1)


def answer_attention(codi: Codi, run: Run, answers: list[list[int]], first: int) -> list[Tensor]:
    """grouped() of the last marker before the answers, and of the answers' tokens on the average, NaN where there is
    none; the answers are read once more, all tokens at a time."""
    opening = codi.opening()
    room = (
        codi.context - run.position[:, 0]
    ).tolist()  # the last token of an answer that fills the context is not read
    spoken = [(opening + answer)[:left] for answer, left in zip(answers, room, strict=True)]
    ids, mask = (part.to(codi.device) for part in pad(spoken, "right"))
    with attending(codi) as kept:
        extend(codi, fork(run), codi.embed(ids), mask)
    place = torch.arange(ids.shape[1], device=codi.device)
    own = (place <= place[:, None]).expand(len(ids), -1, -1)
    sees = torch.cat([run.sees.expand(-1, ids.shape[1], -1), own], -1)
    weights = grouped(kept[-1], sees, first, codi.num_latent)  # (B, L + 1, tokens, N + 3)
    said = mask.bool()[:, None, :, None] & (place >= len(opening))[:, None]
    mean = weights.where(said, torch.nan).nanmean(2, keepdim=True)
    return [weights[:, :, len(opening) - 1 : len(opening)], mean]


@torch.inference_mode()
def lens_tokens(codi: Codi, states: Tensor, layer: int, k: int) -> Tensor:
    """The k likeliest tokens (…, k) of the logit lens of states (…, D) at a layer; what is no final state passes
    through the final norm first."""
    tokens = []
    for part in states.split(CHUNK):
        part = part.to(codi.device)
        normed = part if layer == codi.depth else codi.final_norm(part)
        tokens.append(lens(codi, normed).topk(k).indices.cpu())
    return torch.cat(tokens)


@torch.inference_mode()
def nearest_tokens(codi: Codi, vectors: Tensor, k: int) -> Tensor:
    """The k tokens (…, k) whose embeddings have the largest cosine to vectors (…, D)."""
    embeddings = F.normalize(codi.embed.weight[: codi.vocabulary].float(), dim=-1)
    parts = [F.normalize(part.to(codi.device).float(), dim=-1) for part in vectors.split(CHUNK)]
    return torch.cat([(part @ embeddings.T).topk(k).indices.cpu() for part in parts])


# --- The linear probe -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a probe says of test vectors, and the share of its training vectors it got right when they were held out."""

    classes: list[str]
    held_out: float


class RidgeProbe:
    """Ridge regressions from one set of training vectors (n, D), standardised by their own mean and spread, to one-hot
    classes; their strength is chosen by cross-validation.

        probe = RidgeProbe(train_vectors)
        probe.fit_predict(labels, rows, test)  # labels of some of the rows; the classes of `test` (m, D)

    Solved in dual form where there are more features than questions, as a billion-parameter model's vectors have;
    decompositions are kept, as many tasks share the same questions.
    """

    def __init__(self, train: Tensor, seed: int = 0):
        train = train.double()
        spread = train.std(0)
        self.mean, self.spread = train.mean(0), spread.where(spread > 1e-6, torch.inf)  # what is constant tells nothing
        self.train = self.scaled(train)
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
        self.fold = torch.empty(len(train), dtype=torch.long)
        self.fold[order] = torch.arange(len(train)) % FOLDS
        self.known = {}  # rows: their decomposition

    def scaled(self, vectors: Tensor) -> Tensor:
        return (vectors.double() - self.mean) / self.spread

    def fit_predict(self, labels: list[str], rows: Tensor, test: Tensor) -> list[str]:
        """The class of each of `test` (m, D), learned from the `labels` of training `rows`."""
        return self.told(labels, rows, test).classes

    def told(self, labels: list[str], rows: Tensor, test: Tensor) -> Told:
        """As fit_predict(), with how well it did on its own rows."""
        classes = sorted(set(labels))
        number = {label: i for i, label in enumerate(classes)}
        targets = torch.eye(len(classes), dtype=torch.double)[[number[label] for label in labels]]
        strength, right = self.best_strength(rows, targets)
        (scores,) = self.scores(rows, targets, self.scaled(test), [strength])
        return Told([classes[i] for i in scores.argmax(1).tolist()], right / len(rows))

    def best_strength(self, rows: Tensor, targets: Tensor) -> tuple[float, int]:
        """The strength whose held-out folds are right most often, and how often they are."""
        right = dict.fromkeys(STRENGTHS, 0)
        for fold in range(FOLDS):
            held = self.fold[rows] == fold
            if not held.any() or held.all():
                continue
            truth = targets[held].argmax(1)
            tried = self.scores(rows[~held], targets[~held], self.train[rows[held]], STRENGTHS)
            for strength, scores in zip(STRENGTHS, tried, strict=True):
                right[strength] += int((scores.argmax(1) == truth).sum())
        best = max(STRENGTHS, key=right.get)
        return best, right[best]

    def scores(self, rows: Tensor, targets: Tensor, test: Tensor, strengths: Sequence[float]) -> list[Tensor]:
        """Test scores (m, classes) of the ridge solution of each strength, whose intercept is not penalised."""
        values, basis = self.decomposed(rows)
        centre, base = self.train[rows].mean(0), targets.mean(0)
        train, test, centred = self.train[rows] - centre, test - centre, targets - base
        if len(basis) < len(rows):
            known, seen = basis.T @ (train.T @ centred), test @ basis
        else:
            known, seen = basis.T @ centred, test @ (train.T @ basis)
        mean = values.sum().clamp(min=1e-12) / len(rows)  # of the kernel, whichever is decomposed
        return [base + seen @ (known / (values + strength * mean)[:, None]) for strength in strengths]

    def decomposed(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Eigenvalues and basis of the kernel of some rows, or of their covariance where that is the smaller."""
        key = rows.numpy().tobytes()
        if key not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            centred = self.train[rows] - self.train[rows].mean(0)
            few = centred.shape[1] < len(rows)
            values, basis = torch.linalg.eigh(centred.T @ centred if few else centred @ centred.T)
            self.known[key] = values.clamp(min=0), basis
        return self.known[key]


# --- The tuned lens ---------------------------------------------------------------------------------------------


class TunedLens(nn.Module):
    """An affine translator per latent step from one layer's state to that before the final norm (Belrose et al. 2023,
    arXiv 2303.08112): x + Ax + b, which is the logit lens until it is trained."""

    def __init__(self, steps: int, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(steps, width, width))
        self.bias = nn.Parameter(torch.zeros(steps, width))

    def forward(self, states: Tensor) -> Tensor:
        """(m, steps, D) of states (m, steps, D)."""
        states = states.float()
        return states + torch.einsum("msd,sde->mse", states, self.weight) + self.bias

    def log_probs(self, codi: Codi, states: Tensor) -> Tensor:
        """(m, steps, V)"""
        translated = self(states).to(codi.model.dtype)
        return lens(codi, codi.final_norm(translated)).float().log_softmax(-1)


def divergence(codi: Codi, final: Tensor, log_probs: Tensor) -> Tensor:
    """KL (m, steps), in nats, from the distribution of final states (m, steps, D) to log_probs (m, steps, V)."""
    truth = lens(codi, final).float().log_softmax(-1)
    return (truth.exp() * (truth - log_probs)).sum(-1)


def fit_tuned_lens(
    codi: Codi, states: Tensor, final: Tensor, train: Tensor, validation: Tensor, seed: int
) -> TunedLens:
    """A tuned lens of states (n, steps, D) at a layer to the final ones (n, steps, D), learned from the rows `train`;
    each step has the weights of the epoch that did best on the rows `validation`, which may be the untrained ones."""
    device = codi.device
    tuned = TunedLens(states.shape[1], states.shape[2]).to(device)
    best = {name: value.clone() for name, value in tuned.state_dict().items()}
    least = held_out_divergence(codi, tuned, states[validation], final[validation])
    weights = list(tuned.parameters())
    optimizer = torch.optim.Adam(weights, LEARNING_RATE)
    draw = torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        for rows in train[torch.randperm(len(train), generator=draw)].split(BATCH):
            log_probs = tuned.log_probs(codi, states[rows].to(device))
            loss = divergence(codi, final[rows].to(device), log_probs).mean(0).sum()  # the steps do not share weights
            # of these alone: the model's own weights need no gradients
            for parameter, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                parameter.grad = slope
            optimizer.step()
        now = held_out_divergence(codi, tuned, states[validation], final[validation])
        better = now < least
        least = least.where(~better, now)
        for name, value in tuned.state_dict().items():
            best[name][better] = value[better]
    tuned.load_state_dict(best)
    return tuned


@torch.inference_mode()
def held_out_divergence(codi: Codi, tuned: TunedLens, states: Tensor, final: Tensor) -> Tensor:
    """The mean KL (steps,) on some questions."""
    total = 0
    for part, truth in zip(states.split(CHUNK), final.split(CHUNK), strict=True):
        log_probs = tuned.log_probs(codi, part.to(codi.device))
        total = total + divergence(codi, truth.to(codi.device), log_probs).sum(0)
    return total / len(states)


# --- Means with intervals ---------------------------------------------------------------------------------------


def bootstrap_means(values: np.ndarray, seed: int, rounds: int = 2000) -> np.ndarray:
    """95% intervals (2, M) of the means of M columns (n, M), by drawing rows with replacement, the same for each."""
    count = len(values)
    drawn = np.random.default_rng(seed).integers(count, size=(rounds, count))
    times = np.stack([np.bincount(rows, minlength=count) for rows in drawn])  # (rounds, n)
    return np.percentile(times @ values / count, [2.5, 97.5], axis=0)
