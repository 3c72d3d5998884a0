"""
What can be changed in a latent run, and where: ablations and patches, as values that `latent_steps` (runs.py) takes.

    edits = [ABLATIONS["zero"][0](codi, step, Material([0])) for step in range(6)]
    *_, run = latent_steps(codi, start, 6, edits)  # the plain run, and after it one per edit

An ablation of your own is one row of ABLATIONS, a place in the model one of STREAMS.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from loading import Codi
from runs import Edit, Run, project

# --- Edits ------------------------------------------------------------------------------------------------------


def zero_at(target: int) -> Edit:
    """The zero vector for step `target`."""
    return Edit(target, lambda step, z, plain: torch.zeros_like(z) if step == target else z)


def skip_at(target: int) -> Edit:
    """Zeros for step `target`, whose output is discarded: the next step consumes what `target` would have."""
    kept = {}

    def embed(step, z, plain):
        if step == target:
            kept[target] = z
            return torch.zeros_like(z)
        return kept[target] if step == target + 1 else z

    return Edit(target, embed)


def noise_at(target: int, directions: Tensor, scale: float) -> Edit:
    """z plus a vector along each row of `directions` (B, D), `scale` times as long as z."""

    def embed(step, z, plain):
        if step != target:
            return z
        unit = F.normalize(directions, dim=-1).to(z)[:, None]
        return z + scale * z.norm(dim=-1, keepdim=True) * unit

    return Edit(target, embed)


def replace_at(vectors: dict[int, Tensor]) -> Edit:
    """Vectors of your own, {step: (D,) for all rows or (B, D)}, in place of what those steps would consume."""

    def embed(step, z, plain):
        return vectors[step].to(z).reshape(-1, 1, z.shape[-1]).expand_as(z) if step in vectors else z

    return Edit(min(vectors), embed)


def replace_some(is_replaced: Tensor, vectors: Tensor) -> Edit:
    """Row b of `vectors` (B, N, D) in place of what its steps would consume, where `is_replaced` (B, N) says so."""

    def embed(step, z, plain):
        return torch.where(is_replaced[:, step, None, None], vectors[:, step, None].to(z), z)

    return Edit(0, embed)


def moved_to(
    vectors: Tensor, steps: Sequence[int], basis: Tensor | None = None, size: float = 1.0
) -> Callable[[int, Tensor, Tensor], Tensor]:
    """A change, as Edit has them, that moves what `steps` have towards their rows of `vectors` (B, N, D) by `size` of
    the way: all of it, or the part within the subspace of each step that `basis` (N, D, k) spans, orthonormal."""

    def change(step, x, plain):
        if step not in steps:
            return x
        target = vectors[:, step, None].to(x)
        if basis is None and size == 1:
            return target.expand_as(x)
        way = target - x
        if basis is not None:
            axes = basis[step].to(x)
            way = way @ axes @ axes.T
        return x + size * way

    return change


@dataclass(frozen=True)
class Stream:
    """A place in the model where each latent step has a vector."""

    read: Callable[[Codi, list[Run], int], Tensor]  # (B, N, D) of plain stages -1 … N-1; layer 0 where it has none
    change: Callable[[int, Callable, int], Edit]  # how `change(step, x, plain)` is made there, from a first step on
    what: str
    of_layers: bool = False  # one after each of some blocks: their names end in _L
    scoped: bool = False  # patchscopes.read_back puts its vectors into a prompt


def after_block(stages: list[Run], layer: int) -> Tensor:
    """The residual stream (B, N, D) after a block, counted from 1; 0: what enters the first."""
    return torch.cat([stage.states[layer] for stage in stages[1:]], 1)


# name: the place. One of your own is one row.
STREAMS: dict[str, Stream] = {
    "z": Stream(
        lambda codi, stages, layer: torch.cat([project(codi, stage.hidden) for stage in stages[:-1]], 1),
        lambda first, change, layer: Edit(first, change),
        "z",
        scoped=True,
    ),
    "resid": Stream(
        lambda codi, stages, layer: after_block(stages, layer),
        lambda first, change, layer: Edit(first, blocks={layer: change}),
        "residual stream",
        of_layers=True,
        scoped=True,
    ),
}


def streams_of(layers: Sequence[int]) -> list[str]:
    """The names of all streams: z, …, and of those that each block has, resid_1, …, for each of some layers."""
    places = [(name, stream.of_layers) for name, stream in STREAMS.items()]
    return [of for name, has in places for of in ([f"{name}_{layer}" for layer in layers] if has else [name])]


def place_of(stream: str) -> tuple[str, int]:
    """The row of STREAMS and the layer of a stream: of "resid_2" resid and 2, of "z" z and 0."""
    kind, _, layer = stream.rpartition("_")
    return (kind, int(layer)) if kind and layer.isdecimal() else (stream, 0)


def read_stream(codi: Codi, stream: str, stages: list[Run]) -> Tensor:
    """What the steps of plain runs have in a stream, (B, N, D), of their stages -1 … N-1 with states kept."""
    kind, layer = place_of(stream)
    return STREAMS[kind].read(codi, stages, layer)


def change_in(stream: str, first: int, change: Callable) -> Edit:
    """A change, from step `first` on, in a stream."""
    kind, layer = place_of(stream)
    return STREAMS[kind].change(first, change, layer)


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
    "zero": (lambda codi, step, material: zero_at(step), "the zero vector"),
    "skip": (
        lambda codi, step, material: skip_at(step),
        "zeros, and the step's output is discarded: step i+1 consumes what step i would have",
    ),
    "noise": (
        lambda codi, step, material: noise_at(step, material.directions(step, codi.width), material.noise_scale),
        "z[i] plus Gaussian noise of norm noise_scale times that of z[i]",
    ),
    "mean": (
        lambda codi, step, material: replace_at({step: material.mean[step]}),
        "the mean of z[i] over the data set",
    ),
    "swap": (lambda codi, step, material: replace_at({step: material.donor[:, step]}), "z[i] of another question"),
    "hide": (lambda codi, step, material: hide_at(step), "unchanged, but no later position may attend to step i"),
}
DEFAULT_ABLATIONS = ("zero", "skip", "noise")


def patch_edits(material: Material, num_latent: int, device: torch.device) -> list[Edit]:
    """The K patched runs of each question: its donor's z at the steps of material.patches, its own elsewhere."""
    if not material.patches:
        return []
    is_patched = torch.tensor(
        [[[step in steps for step in range(num_latent)] for steps in row] for row in material.patches], device=device
    )  # (B, K, N)
    return [replace_some(is_patched[:, number], material.donor.to(device)) for number in range(is_patched.shape[1])]
