"""
Traces in the making: the folder OUTPUT.parts of collect_traces.py, which a run that was stopped goes on from.

    parts = Parts(Path("traces.jsonl"), state)
    if parts.claim(settings, plan):      # False where the output is complete
        parts.save(number, traces, vectors)  # a batch, for good
        parts.merge(batches, meta, with_vectors=True)
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from accelerate import PartialState
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from files import (
    check_fields,
    check_hash,
    check_same_settings,
    is_named,
    meta_path,
    parts_path,
    read_dict,
    read_json,
    remove_made,
    replacing,
    settings_before,
    vectors_path,
    write_json,
    write_meta,
)
from scripting import UserError, log
from traces import VECTORS_PER_FILE, Trace

# the files in OUTPUT.parts
MADE = r"(settings|meta)\.json|records-\d+\.jsonl|z-\d+\.hashes|vectors-\d+\.safetensors|z\.npy"


class Parts:
    """The folder OUTPUT.parts: the settings, and per process a file of finished records. Before the merge a meta.json
    is added that names the files about to be put in place, so that a run killed there knows its own."""

    def __init__(self, output: Path, state: PartialState):
        self.output, self.state = output, state
        self.folder = parts_path(output)
        self.placing = self.folder / "meta.json"
        self.records = self.folder / f"records-{state.process_index}.jsonl"

    def claim(self, settings: dict, plan: str) -> bool:
        """Make the output this run's; False if it is already complete. UserError if it is another run's."""
        if self.state.is_main_process and not self.is_complete(settings):
            self.make_folder(settings)
        self.state.wait_for_everyone()
        if not self.folder.exists():
            return False
        with self.writing():
            self.file = self.records.open("ab")
        self.state.wait_for_everyone()
        if self.state.is_main_process:
            self.prepare(settings, plan)
        self.state.wait_for_everyone()
        return True

    def is_complete(self, settings: dict) -> bool:
        """Whether the output is there, every record whole and all vectors that were asked for; UserError if it was
        made with other settings."""
        if not self.output.exists():
            return False
        if not self.placing.exists():  # else it was put there by a run that was stopped before it wrote the meta file
            remedy = f"Remove {self.output} or choose another --output."
            meta = read_json(meta_path(self.output), remedy)
            check_same_settings(
                check_fields(meta, {"settings": (dict,)}, str(self.output), remedy)["settings"], settings, self.output
            )
        if not has_hashes(read_dict(meta_path(self.output)), [self.output, *self.planned_shards(settings)]):
            return False
        if self.folder.exists():  # left if a run was stopped at its very end
            remove_made(self.folder, MADE)
        return True

    def planned_shards(self, settings: dict) -> list[Path]:
        """The files that the vectors, if asked for, will stand in."""
        count = (settings["questions"] - 1) // VECTORS_PER_FILE + 1 if settings["vectors"] else 0
        return [vectors_path(self.output, shard) for shard in range(count)]

    def make_folder(self, settings: dict) -> None:
        """Make the folder of parts; UserError if another's stands there, or another's vectors where ours will."""
        there = self.folder.iterdir() if self.folder.exists() else ()
        foreign = [path for path in there if not is_named(path, MADE)]
        named = shards_named(self.output)
        foreign += [path for path in self.planned_shards(settings) if path.exists() and path not in named]
        if foreign:
            raise UserError(f"{foreign[0]} is there already, and this tool did not write it. Choose another --output.")
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(f"Cannot make {self.folder} ({error.strerror}). Choose another --output.") from error

    def prepare(self, settings: dict, plan: str) -> None:
        """Check or write the settings, and close lines that were cut short."""
        path = self.folder / "settings.json"
        settings = settings | {"plan": plan}
        if path.exists():
            check_same_settings(settings_before(path), settings, self.folder)
        else:
            write_json(path, settings)
        if self.output.exists() and not self.placing.exists():
            log(f"{self.output} or its vectors are not what its meta file describes; they are made anew.")
        for part in self.folder.glob("*.jsonl"):
            end_line(part)

    def places(self) -> dict[int, tuple[Path, int]]:
        """{question index: (part, where its line begins)} of every whole record."""
        parts = sorted(self.folder.glob("*.jsonl"))
        return {index: (part, start) for part in parts for index, start in records(part) if index is not None}

    def vectors(self, batch: int) -> Path:
        return self.folder / f"vectors-{batch:06}.safetensors"

    def save(self, number: int, traces: list[Trace], vectors: dict[str, torch.Tensor] | None) -> None:
        """Add a batch for good: after this it survives a power cut."""
        try:
            lines = "".join(trace.to_json() + "\n" for trace in traces).encode()
        except ValueError as error:  # JSON has no NaN, UTF-8 no lone surrogates
            raise UserError(
                f"A record of questions {', '.join(str(trace.index) for trace in traces)} cannot be written ({error}). "
                "If the model overflows, try --dtype float32; else mend the question's text."
            ) from error
        with self.writing():
            if vectors is not None:
                save_part(self.vectors(number), vectors)
            self.file.write(lines)
            self.file.flush()
            os.fsync(self.file.fileno())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A write that fails within is a UserError: what was finished stays."""
        try:
            yield
        except (OSError, SafetensorError) as error:
            raise UserError(
                f"Cannot write to {self.folder} ({error}). What was finished is kept there; "
                "make room and give the same command again."
            ) from error

    def merge(self, batches: list[list[int]], meta: dict, with_vectors: bool) -> None:
        """All parts as one output in the order of the questions, and the meta file; then the parts go."""
        places, questions = self.places(), range(sum(map(len, batches)))
        assert all(index in places for index in questions), "every question is traced before the merge"
        with self.writing():
            names = [self.output.name, *(path.name for path in self.planned_shards(meta["settings"]))]
            write_json(self.placing, meta | {"files": dict.fromkeys(names)})
            shards = self.merge_vectors(batches) if with_vectors else []
            for path in shards_named(self.output) - set(shards):
                path.unlink(missing_ok=True)  # of an earlier run under this name
            with replacing(self.output) as part, part.open("wb") as file:
                sources = {path: path.open("rb") for path in {path for path, _ in places.values()}}
                for index in questions:
                    path, start = places[index]
                    sources[path].seek(start)
                    file.write(sources[path].readline())
                for source in sources.values():
                    source.close()
            write_meta(self.output, meta, [self.output, *shards])  # last: what it describes is there
        self.file.close()
        remove_made(self.folder, MADE)

    def merge_vectors(self, batches: list[list[int]]) -> list[Path]:
        """One safetensors file per VECTORS_PER_FILE questions, its rows in their order."""
        written = []
        place = {index: (number, row) for number, batch in enumerate(batches) for row, index in enumerate(batch)}
        for shard, first in enumerate(range(0, len(place), VECTORS_PER_FILE)):
            indices = range(first, min(first + VECTORS_PER_FILE, len(place)))
            rows = {}
            for number in sorted({place[index][0] for index in indices}):
                tensors = load_part(self.vectors(number))
                for row, index in enumerate(batches[number]):
                    if index in indices:
                        rows[index] = {name: tensor[row] for name, tensor in tensors.items()}
            names = rows[first]
            stacked = {name: torch.stack([rows[index][name] for index in indices]) for name in names}
            written.append(vectors_path(self.output, shard))
            with replacing(written[-1]) as part:
                save_file(stacked, part)
        return written


def shards_named(output: Path) -> set[Path]:
    """The vector files of this very output, as its meta file names them, or that of a run stopped while it put them in
    place. Other files of such a name are somebody else's."""
    metas = [read_dict(meta_path(output)), read_dict(parts_path(output) / "meta.json")]
    names = {name for meta in metas for name in meta.get("files", {})}
    prefix = re.escape(vectors_path(output, 0).name.removesuffix("00000.safetensors"))
    return {output.with_name(name) for name in names if re.fullmatch(prefix + r"\d{5}\.safetensors", name)}


def has_hashes(meta: dict, files: list[Path]) -> bool:
    """Whether a meta file names all these files, and they are there with its hashes."""
    try:
        for path in files:
            check_hash(path, meta, "")
    except UserError:
        return False
    return all(path.name in meta.get("files", {}) for path in files)


def records(path: Path) -> Iterator[tuple[int | None, int]]:
    """(question index, where its line begins) of every line; the index is None for a damaged line, and the log says
    so."""
    start = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                index = Trace.from_json(line, f"{path}:{number}").index
            except UserError as error:
                log(f"{error} Its question is traced again.")
                index = None
            yield index, start
            start += len(line)


def save_part(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """A safetensors file that carries its tensors' hash, as its header alone does not tell zeros from numbers."""
    with replacing(path) as part:
        save_file(tensors, part, metadata={"sha256": hash_of(tensors)})


def load_part(path: Path) -> dict[str, torch.Tensor]:
    """What save_part() wrote; ValueError for anything else."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
        if (file.metadata() or {}).get("sha256") != hash_of(tensors):
            raise ValueError(f"{path} is damaged")
    return tensors


def hash_of(tensors: dict[str, torch.Tensor]) -> str:
    hashed = hashlib.sha256()
    for name in sorted(tensors):
        hashed.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        hashed.update(tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return hashed.hexdigest()


def is_whole_part(path: Path) -> bool:
    try:
        return bool(load_part(path))
    except (OSError, SafetensorError, ValueError):
        return False


def end_line(part: Path) -> None:
    """Close a half line left by a crash in mid-write, so that the next record begins its own."""
    with part.open("rb+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
