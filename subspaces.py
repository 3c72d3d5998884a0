"""
Subspaces of what a stream has, in which runs are patched: a few directions of each latent step, however found.

    bases = bases_of(["pca", "random"], [1, 4, 16], Making(codi, thoughts.vectors["z"]))
    Patch("minimal", (0, 1, 2, 3, 4, 5), "z", "pca", 4).edit(vectors, bases)

A way to find them is a row of SPACES.

Shapes: M training questions, N latent steps, D hidden size, k rank.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor

from codi_model import start_latent
from interventions import change_in, moved_to, seed_of
from loading import Codi
from patches import Items
from runs import Run, decode_all, extend, fork, latent_steps, read

PAIRS, LEARNING_STEPS, LEARNING_RATE, PAIRS_PER_STEP = 1000, 80, 0.01, 32  # of a subspace that learns to steer
MOST_TOKENS = 8  # of an answer that is learned


@dataclass(frozen=True)
class Making:
    """What a subspace is found from."""

    codi: Codi
    vectors: Tensor  # (M, N, D), what training questions' runs have in the stream
    training: Items | None = None  # pairs of training questions, for a subspace that learns to steer
    stream: str = "z"  # or another of interventions.streams_of
    rank: int = 1
    seed: int = 0

    def generator(self, name: str) -> torch.Generator:
        return torch.Generator().manual_seed(seed_of(name, self.seed, self.rank))


def principal(making: Making) -> Tensor:
    """The directions (N, D, k) along which training runs differ most, of each step its own."""
    centred = making.vectors - making.vectors.mean(0)
    return torch.linalg.svd(centred.transpose(0, 1), full_matrices=False).Vh[:, : making.rank].mT.contiguous()


def random_directions(making: Making) -> Tensor:
    """Random directions (N, D, k)."""
    _, steps, width = making.vectors.shape
    return torch.linalg.qr(torch.randn(steps, width, making.rank, generator=making.generator("random"))).Q


def steering(making: Making) -> Tensor:
    """The directions (N, D, k) that were learned to steer, from the principal ones on: exchanged for those of a
    training pair's twin at all steps, they make the twin's answer likely."""
    codi = making.codi
    codi.model.requires_grad_(False)
    codi.prj.requires_grad_(False)
    items, rng = making.training.first(PAIRS), Random(seed_of("steering", making.seed, making.rank))
    with torch.no_grad():
        start = start_latent(codi, [problem.question for problem in items.problems], codi.num_latent)
    answers = answer_ids(codi, items)
    weights = principal(making).to(codi.device).requires_grad_()  # at worst the directions that differ most
    optimizer = torch.optim.Adam([weights], LEARNING_RATE)
    for _ in range(LEARNING_STEPS):
        rows = rng.sample(range(len(answers)), min(PAIRS_PER_STEP, len(answers)))
        basis = torch.linalg.qr(weights).Q
        vectors = items.twin.vectors[making.stream][rows].to(codi.device)
        run = fork(start, torch.tensor(rows, device=codi.device))
        edit = change_in(making.stream, 0, moved_to(vectors, range(codi.num_latent), basis))
        *_, run = latent_steps(codi, run, codi.num_latent, [edit])
        loss = answer_loss(codi, run.pick([1]), [answers[i] for i in rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return torch.linalg.qr(weights.detach()).Q.cpu()


@torch.inference_mode()
def answer_ids(codi: Codi, items: Items) -> list[list[int]]:
    """The tokens of every twin's answer, with its EOS where it ends within MOST_TOKENS."""
    run = start_latent(codi, [pair.twin.question for pair in items.twins], codi.num_latent)
    for run in latent_steps(codi, run, codi.num_latent):
        pass
    ids = [ids for (ids,) in decode_all(codi, run, codi.opening(), MOST_TOKENS)]
    return [[*of, codi.tokenizer.eos_token_id] if len(of) < MOST_TOKENS else of for of in ids]


def answer_loss(codi: Codi, run: Run, answers: list[list[int]]) -> Tensor:
    """The mean cross-entropy of the answers' tokens, after runs of one each that have done their last step."""
    longest = max(map(len, answers))
    targets = torch.tensor([ids + [-100] * (longest - len(ids)) for ids in answers], device=codi.device)
    run, losses = read(codi, run, codi.opening()), []
    for place in range(longest):
        target = targets[:, place]
        losses.append(F.cross_entropy(codi.logits(run.hidden[:, 0]).float(), target, reduction="sum"))
        if place + 1 < longest:
            run = step_on(codi, run, target.clamp(min=0))
    return torch.stack(losses).sum() / (targets >= 0).sum()


def step_on(codi: Codi, run: Run, tokens: Tensor) -> Run:
    """Each run (one of each question) one given token on."""
    return extend(codi, run, codi.embed(tokens[:, None]))


# name: (how the directions are found, what they are)
SPACES: dict[str, tuple[Callable[[Making], Tensor], str]] = {
    "pca": (principal, "the directions along which training runs differ most"),
    "learned": (steering, "directions that were learned to steer, on minimal pairs of training questions"),
    "random": (random_directions, "random directions"),
}
NEED_PAIRS = ("learned",)


def bases_of(spaces: Sequence[str], ranks: Sequence[int], making: Making) -> dict[tuple[str, str, int], Tensor]:
    """{(stream, space, rank): (N, D, k)}, orthonormal of each step."""
    wanted = [(space, rank) for space in spaces for rank in ranks]
    return {(making.stream, space, rank): SPACES[space][0](replace(making, rank=rank)) for space, rank in wanted}
