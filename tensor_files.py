"""
Tensors in checkpoint files, known from a file's head and read one at a time where they are used.

    weights = stored_weights(path)                      # {key: Stored}, nothing is read yet
    weights[key].read("cuda", torch.bfloat16)           # checked, and in a dtype and place of its own

Files are safetensors, shards that an index names, or pickles (read as tensors only). A file is mapped into memory, of
which only what is read takes any; that counts as the process's own until the mapping ends, so that TensorFile maps its
file anew every REMAP bytes. With what is copied a tensor at a time, loading takes little more than the model itself.
"""

import hashlib
import math
import pickle
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from families import DROPPED_KEYS, MODEL_HELP, named
from files import check_fields, read_json, sha256
from scripting import UserError

INDEX = "model.safetensors.index.json"  # names the shards of a model saved in several files
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
REMAP = 1 << 26  # bytes
PIECE = 1 << 21  # numbers that are checked and copied at once
AGAIN = "Fetch the checkpoint again."

# --- One tensor -----------------------------------------------------------------------------------------------


class TensorFile:
    """The tensors of one file: plain ones, or UserError."""

    def __init__(self, path: Path):
        self.path, self.taken = path, 0  # bytes read since it was mapped
        self.held, self.version = check_plain(read_tensors(path), path), version_of(path)

    def read(self, key: str, device="cpu", dtype: torch.dtype | None = None) -> Tensor:
        """A tensor of its own on `device`; UserError unless it is finite."""
        source = self.held[key]
        made = torch.empty(source.shape, dtype=dtype or source.dtype, device=device)
        for piece, place in zip(source.reshape(-1).split(PIECE), made.view(-1).split(PIECE), strict=True):
            self.check_finite(key, piece)
            place.copy_(piece)
        self.took(source)
        return made

    def check_finite(self, key: str, values: Tensor) -> None:
        if not torch.isfinite(values).all():
            raise UserError(f"{self.path}: NaN or infinite values in {key}. The training run diverged; take another.")

    def took(self, tensor: Tensor) -> None:
        """Give back what was read, once it is much."""
        self.taken += tensor.numel() * tensor.element_size()
        if self.taken > REMAP and is_mapped(self.path):
            if version_of(self.path) != self.version:  # else half a model would be of another checkpoint
                raise UserError(f"{self.path} was changed while it was read. Load it again when it is whole.")
            self.held, self.taken = read_tensors(self.path), 0


@dataclass(frozen=True)
class Stored:
    """A tensor in a file, by its key there."""

    file: TensorFile
    key: str

    @property
    def shape(self) -> torch.Size:
        return self.file.held[self.key].shape

    def numel(self) -> int:
        return math.prod(self.shape)

    def read(self, device="cpu", dtype: torch.dtype | None = None) -> Tensor:
        return self.file.read(self.key, device, dtype)

    def equals(self, other: "Stored") -> bool:
        """Whether two tensors hold the same numbers, as one saved under two names does."""
        ours, theirs = self.file.held[self.key], other.file.held[other.key]
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return False
        if ours.data_ptr() == theirs.data_ptr() and ours.stride() == theirs.stride():
            return True
        same = torch.equal(ours, theirs)
        self.file.took(ours)
        other.file.took(theirs)
        return same


@dataclass(frozen=True)
class Merged:
    """A weight with its LoRA: W + scale B A in float32, made when it is read; `transposed` where W is (in, out)."""

    weight: Stored
    a: Stored  # (r, in)
    b: Stored  # (out, r)
    scale: float
    transposed: bool

    @property
    def shape(self) -> torch.Size:
        return self.weight.shape

    def numel(self) -> int:
        return self.weight.numel()

    def read(self, device="cpu", dtype: torch.dtype | None = None) -> Tensor:
        delta = self.scale * (self.b.read(dtype=torch.float32) @ self.a.read(dtype=torch.float32))
        whole = self.weight.read(dtype=torch.float32).add_(delta.T if self.transposed else delta)
        return whole.to(device, dtype or torch.float32)


# --- Files ----------------------------------------------------------------------------------------------------


def stored_weights(path: Path) -> dict[str, Stored]:
    """Every tensor of a safetensors file, of all shards that an index names, or of a pickle, not read yet."""
    if path.name != INDEX:
        file = TensorFile(path)
        return {key: Stored(file, key) for key in file.held}
    files = shards_of(path)
    gone = [file for file in files if not (path.parent / file).is_file()]
    if gone:
        raise UserError(f"{path} names {named(gone)}, which {path.parent} does not have. {AGAIN}")
    weight_map, weights = read_json(path, AGAIN)["weight_map"], {}
    for name in files:
        file = TensorFile(path.parent / name)
        told = {key for key, where in weight_map.items() if where == name}
        if file.held.keys() != told:
            raise UserError(
                f"{path.parent / name} does not hold what {path.name} says: {named(sorted(file.held.keys() ^ told))}. "
                + AGAIN
            )
        weights |= {key: Stored(file, key) for key in file.held}
    return weights


def read_weights(path: Path) -> dict[str, Tensor]:
    """stored_weights(), checked and as tensors in memory that is the file's."""
    weights = stored_weights(path)
    for stored in weights.values():
        tensor = stored.file.held[stored.key]
        for piece in tensor.reshape(-1).split(PIECE):
            stored.file.check_finite(stored.key, piece)
        stored.file.took(tensor)
    return {key: stored.file.held[key] for key, stored in weights.items()}


def shards_of(index: Path) -> list[str]:
    """The files that an index names; UserError where it is damaged."""
    weight_map = check_fields(read_json(index, AGAIN), {"weight_map": (dict,)}, str(index), AGAIN)["weight_map"]
    files = sorted({str(file) for file in weight_map.values()})
    foreign = [file for file in files if not re.fullmatch(r"[\w-][\w.-]*\.safetensors", file)]
    if foreign or not files:
        raise UserError(f"{index} names no shards, or files elsewhere ({named(foreign)}). {AGAIN}")
    return files


def sha256_prefix(path: Path) -> str:
    """The first digits of a file's SHA-256; for an index, of those of all its shards."""
    if path.name != INDEX:
        return sha256(path)[:12]
    return hashlib.sha256("".join(sha256(path.parent / file) for file in shards_of(path)).encode()).hexdigest()[:12]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """What a file holds, in memory that is mapped from it where its format allows that."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=is_mapped(path))
    except (
        SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError,
        AttributeError, AssertionError,
    ) as error:  # fmt: skip
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UserError(
            f"{path} cannot be read; it is cut short or no checkpoint ({reason}). Fetch it again."
        ) from error


def is_mapped(path: Path) -> bool:
    """Whether a file can be mapped: not a pickle of old, which is no zip file and stands in memory as a whole."""
    return path.suffix == ".safetensors" or zipfile.is_zipfile(path)


def version_of(path: Path) -> tuple:
    """What tells a file from one that was put in its place."""
    said = path.stat()
    return said.st_ino, said.st_size, said.st_mtime_ns


# --- Checks ---------------------------------------------------------------------------------------------------


def check_plain(weights, path: Path) -> dict[str, Tensor]:
    """`weights` themselves; UserError unless they are a state dict of whole, dense, floating point tensors."""
    if not isinstance(weights, dict) or not all(
        isinstance(key, str) and isinstance(tensor, Tensor) for key, tensor in weights.items()
    ):
        raise UserError(f"{path} is no state dict of tensors. Give --model a checkpoint: {MODEL_HELP}.")
    foreign = [f"{key} ({kind_of(tensor)})" for key, tensor in weights.items() if not is_plain(tensor, key)]
    if foreign:
        raise UserError(f"{path}: {named(foreign)} are no plain, whole floating point weights. Take unquantized ones.")
    return weights


def check_tensors(weights, path: Path) -> dict[str, Tensor]:
    """`weights` themselves; UserError unless they are plain and finite."""
    broken = [key for key, tensor in check_plain(weights, path).items() if not torch.isfinite(tensor).all()]
    if broken:
        raise UserError(f"{path}: NaN or infinite values in {named(broken)}. The training run diverged; take another.")
    return weights


def is_plain(tensor: Tensor, key: str) -> bool:
    """Whether a tensor is what weights are: dense, in memory in full, and floating point, unless it is dropped."""
    if tensor.layout != torch.strided or tensor.is_nested or tensor.device.type != "cpu":
        return False
    # a small file can name a tensor of any size, all of whose values are one
    stored = tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
    return stored and (tensor.dtype in FLOATS or bool(DROPPED_KEYS.search(key)))


def kind_of(tensor: Tensor) -> str:
    kind = str(tensor.dtype).removeprefix("torch.")
    return kind if tensor.layout == torch.strided else f"{kind}, {str(tensor.layout).removeprefix('torch.')}"
