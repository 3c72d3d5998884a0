"""
Trace CODI's latent thoughts: what each step holds, what breaks when it is changed, what would be answered there.

Reads   a CODI checkpoint, a data set (problems.py)
Writes  traces.jsonl, one record per question (traces.Trace), traces.meta.json, with --vectors safetensors beside them

    python collect_traces.py -n 1000 --output traces_test.jsonl
    python collect_traces.py -n 200 --ablation-types zero skip noise mean swap hide --vectors --output all.jsonl
    torchrun --nproc_per_node 8 collect_traces.py --split train --output traces_train.jsonl

A question is encoded once; every variant is a branch of that encoding. While it runs, finished batches stand in
OUTPUT.parts; the same command again goes on there, with any number of processes, and ends with the same bytes.
"""

import argparse
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import torch
from accelerate import PartialState
from rich.console import Console
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from tqdm import tqdm

from answers import extract_number, same_answer, same_number
from codi_model import (
    Codi,
    TraceOptions,
    add_model_arguments,
    latents,
    load_model,
    model_options,
    prompt_ids,
    trace_batch,
)
from files import (
    check_fields,
    check_hash,
    check_same_settings,
    claimed,
    file_path,
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
from interventions import ABLATIONS, DEFAULT_ABLATIONS, Material, seed_of
from loading import MARKERS
from problems import DATA_HELP, Problem, chain_results, load_problems
from runs import in_batches, plan_batches
from scores import score_text, wilson_interval
from scripting import (
    UserError,
    add_row,
    device_of,
    log,
    new_table,
    non_negative,
    positive_int,
    print_table,
    processes,
    provenance,
    run_script,
    say,
    whole_number,
)
from traces import VECTORS_PER_FILE, Trace, read_traces

# the files in OUTPUT.parts
MADE = r"(settings|meta)\.json|(records-\d+|older)\.jsonl|z-\d+\.hashes|vectors-\d+\.safetensors|z\.npy"
UNUSED_BELOW = 5.0  # percent of answers changed, upper end of the interval

# --- Parts: what is done so far ---------------------------------------------------------------------------------


class Parts:
    """The folder OUTPUT.parts: the settings, and per process a file of finished records. When all is merged
    it holds meta.json first, which says what is about to be placed, so that a run killed there knows its own files."""

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

    def check_output(self, settings: dict) -> None:
        """UserError if the finished output was made with other settings."""
        remedy = f"Remove {self.output} or choose another --output."
        meta = check_fields(read_json(meta_path(self.output), remedy), {"settings": (dict,)}, str(self.output), remedy)
        check_same_settings(meta["settings"], settings, self.output)

    def is_complete(self, settings: dict) -> bool:
        """Whether the output is there, with these settings, every record whole and all vectors that were asked for."""
        if not self.output.exists():
            return False
        if not self.placing.exists():  # else it was put there by a run that was stopped before it wrote the meta file
            self.check_output(settings)
        meta, n = read_dict(meta_path(self.output)), settings["questions"]
        files = [self.output, *self.planned_shards(settings)]
        if "files" in meta:
            is_whole = has_hashes(meta, files)
        else:  # older meta files have none
            is_whole = [index for index, _ in records(self.output)] == list(range(n))
            is_whole = is_whole and all(map(is_readable, files[1:]))
        if not (meta and is_whole):
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
        """Check or write the settings; what is left of a damaged output becomes a part; half lines are closed."""
        path = self.folder / "settings.json"
        settings = settings | {"plan": plan}
        if path.exists():
            check_same_settings(settings_before(path), settings, self.folder)
        else:
            write_json(path, settings)
        if self.output.exists() and not self.placing.exists():
            if "files" in read_dict(meta_path(self.output)):
                log(f"{self.output} or its vectors are not what its meta file describes; they are made anew.")
            else:
                os.replace(self.output, self.folder / "older.jsonl")  # read first: records made anew win
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
    """The vector files that the earlier meta file of this very output, or that of a run stopped while it put them in
    place, says it has; nobody else's are touched."""
    metas = [read_dict(meta_path(output)), read_dict(parts_path(output) / "meta.json")]
    names = {name for meta in metas for name in meta.get("files", {})}
    if metas[0] and "files" not in metas[0]:  # an older one names none
        names = {path.name for path in output.parent.iterdir()}
    prefix = re.escape(vectors_path(output, 0).name.removesuffix("00000.safetensors"))
    return {output.with_name(name) for name in names if re.fullmatch(prefix + r"\d{5}\.safetensors", name)}


def has_hashes(meta: dict, files: list[Path]) -> bool:
    """Whether a meta file names all these files, and they are there with its hashes."""
    try:
        for path in files:
            check_hash(path, meta, "")
    except UserError:
        return False
    return all(path.name in meta["files"] for path in files)


def records(path: Path) -> Iterator[tuple[int | None, int]]:
    """(question index, where its line begins) of every line; for a damaged one, which is said, the index is None."""
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


def is_readable(path: Path) -> bool:
    """Whether a safetensors file is there and whole."""
    try:
        with safe_open(path, framework="pt"):
            return True
    except (OSError, SafetensorError):
        return False


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


# --- What mean and swap need of all questions -------------------------------------------------------------------


def has_shape(path: Path, shape: tuple[int, ...]) -> bool:
    """Whether a file is a whole array of float32 of that shape."""
    try:
        array = np.load(path, mmap_mode="r")
        return array.shape == shape and array.dtype == np.float32
    except (OSError, ValueError, EOFError):
        return False


class AllLatents:
    """z of every question of the run, on disk, so that a resumed run uses the very numbers of the broken one."""

    def __init__(self, codi: Codi, problems: list[Problem], batches: list[list[int]], parts: Parts):
        path, state, shape = parts.folder / "z.npy", parts.state, (len(problems), codi.num_latent, codi.width)
        if state.is_main_process and not has_shape(path, shape):
            with replacing(path) as part, parts.writing():
                empty = np.lib.format.open_memmap(part, "w+", np.float32, shape)
                with part.open("rb+") as file:  # a full disk is an error here, and a crash once pages are mapped
                    os.posix_fallocate(file.fileno(), 0, part.stat().st_size)
                empty.flush()
        state.wait_for_everyone()
        self.z, done = np.lib.format.open_memmap(path, "r+"), self.hashes(parts.folder)
        state.wait_for_everyone()  # before anyone writes more
        with (parts.folder / f"z-{state.process_index}.hashes").open("a") as log:
            for number in range(state.process_index, len(batches), state.num_processes):
                rows = batches[number]
                if done.get(number) == self.hash(rows):
                    continue

                def fill(rows):
                    z = latents(codi, [problems[i].question for i in rows], codi.num_latent)["z"]
                    self.z[rows] = z.float().numpy()

                in_batches(fill, [rows])
                log.write(json.dumps({"batch": number, "sha256": self.hash(rows)}) + "\n")
                log.flush()
        self.z.flush()
        state.wait_for_everyone()
        self.mean = torch.from_numpy(self.z.mean(0, dtype=np.float64)).float()  # (N, D)

    def hash(self, rows: list[int]) -> str:
        return hashlib.sha256(self.z[rows].tobytes()).hexdigest()

    @staticmethod
    def hashes(folder: Path) -> dict[int, str]:
        """{batch: the SHA-256 of its rows} of what is done; lines cut short are passed over. A power cut can leave
        z.npy with zeros where numbers were."""
        done = {}
        for path in sorted(folder.glob("z-*.hashes")):
            for line in path.read_text().split("\n"):
                try:
                    row = json.loads(line)
                    done[row["batch"]] = row["sha256"]
                except (ValueError, KeyError, TypeError):
                    continue
        return done

    def of(self, indices: list[int]) -> torch.Tensor:
        return torch.from_numpy(self.z[indices])


def donor_of(index: int, questions: int, seed: int) -> int:
    """Another question than `index`, the same one whatever the batch or the process."""
    donor = Random(seed_of("donor", seed, index)).randrange(questions - 1)
    return donor + (donor >= index)


def patches_of(index: int, num_latent: int, args) -> list[list[int]]:
    """The steps that each patched run of a question takes from its donor: all in the first, some in the others."""
    rng = Random(seed_of("patch", args.seed, index))
    some = lambda: sorted(rng.sample(range(num_latent), rng.randint(1, max(1, num_latent - 1))))
    return [list(range(num_latent)), *(some() for _ in range(args.patches - 1))]


# --- The run ----------------------------------------------------------------------------------------------------


def collect(
    codi: Codi, problems: list[Problem], batches: list[list[int]], parts: Parts, options: TraceOptions, args
) -> None:
    """Trace every question of this process's batches that is not done."""
    state = parts.state
    needs_all = {"mean", "swap"} & set(options.ablations) or args.patches
    everyone = AllLatents(codi, problems, batches, parts) if needs_all else None
    done = parts.places().keys()
    state.wait_for_everyone()  # before anyone writes more
    numbers = range(state.process_index, len(batches), state.num_processes)
    todo = [n for n in numbers if not done >= set(batches[n]) or (args.vectors and not is_whole_part(parts.vectors(n)))]
    total = sum(len(batches[n]) for n in numbers)
    left = sum(len(batches[n]) for n in todo)
    with tqdm(total=total, initial=total - left, desc="traces", unit="q", disable=not state.is_main_process) as bar:
        for number in todo:
            traces, vectors = trace_questions(codi, problems, batches[number], options, everyone, args)
            parts.save(number, traces, vectors if args.vectors else None)
            bar.update(len(traces))


def trace_questions(codi, problems, indices, options, everyone, args):
    """The traces and vectors of one batch, in its order."""
    traces, vectors = [], []

    def work(rows):
        needs_donor = "swap" in options.ablations or args.patches
        donors = [donor_of(i, len(problems), args.seed) for i in rows] if needs_donor else None
        made_of = Material(
            rows, args.seed, args.noise_scale,
            mean=everyone.mean if everyone else None,
            donor=everyone.of(donors) if donors else None,
            donor_indices=donors,
            patches=[patches_of(i, codi.num_latent, args) for i in rows] if args.patches else [],
        )  # fmt: skip
        done, tensors = trace_batch(codi, [problems[i] for i in rows], codi.num_latent, made_of, options)
        traces.extend(done)
        vectors.append(tensors)

    in_batches(work, [indices])
    return traces, {name: torch.cat([part[name] for part in vectors]) for name in vectors[0]}


def plan(codi: Codi, problems: list[Problem], options: TraceOptions, batch_size: int | None) -> list[list[int]]:
    """Batches of questions, the same for every process and after every restart."""
    lengths = []
    for i, problem in enumerate(problems):
        try:
            lengths.append(len(prompt_ids(codi, problem.question, "latent", codi.num_latent)))
        except UserError as error:
            raise UserError(f"Question {i} ({problem.id}): {error}") from error
    tail = options.tail(codi.num_latent)
    return plan_batches([length + tail for length in lengths], codi.device.type, batch_size)


# --- The summary ------------------------------------------------------------------------------------------------


class Counts:
    """What a file of traces says, added up."""

    def __init__(self, traces):
        self.total, self.scored, self.right, self.direct, self.steps, self.kinds = 0, 0, 0, 0, 0, []
        self.has_direct = True  # whether every trace has a direct answer
        self.top_k = 5  # or as few as the traces hold
        self.early, self.changed = Counter(), Counter()  # by step; by key of `ablations`
        self.chains, self.top1, self.top5 = Counter(), Counter(), Counter()  # by result; by (result, step)
        self.outputs, self.patched = {}, []  # by index; (index, donor, answer) of runs with all of a donor's latents
        for trace in traces:
            self.add(trace)

    def add(self, trace: Trace) -> None:
        self.total, self.steps = self.total + 1, trace.num_latent
        self.top_k = min(self.top_k, *(len(step["top_k_ids"]) for step in trace.steps))
        self.kinds = list(dict.fromkeys(key.rpartition("_step")[0] for key in trace.ablations))
        self.changed.update(key for key, is_changed in trace.changed.items() if is_changed)
        self.outputs[trace.index] = trace.output
        self.patched += [(trace.index, patch["donor"], patch["output"]) for patch in trace.patches[:1]]  # all latents
        if trace.gold_answer is not None:
            is_right = lambda text: same_number(extract_number(text), trace.gold_answer)
            self.scored += 1
            self.right += is_right(trace.output)
            self.has_direct &= trace.no_reasoning_output is not None
            self.direct += is_right(trace.no_reasoning_output or "")
            self.early.update(d["after_step"] for d in trace.early_decodes if is_right(d["output"]))
        for number, result in enumerate(chain_results(trace.gold_chain), 1):
            self.chains[number] += 1
            for step, reading in enumerate([trace.encoding or {}, *trace.steps], -1):
                tokens = [token.strip() for token in reading.get("top_k_tokens", [])]
                self.top1[number, step] += result in tokens[:1]
                self.top5[number, step] += result in tokens[:5]

    def telling_patches(self) -> list[tuple[str, str, str]]:
        """Of runs with all of a donor's latents that answers otherwise: own answer, the donor's, and what is said."""
        known = [(self.outputs[index], self.outputs[donor], said) for index, donor, said in self.patched]
        return [row for row in known if not same_answer(row[0], row[1])]


def summarise(counts: Counts, console: Console) -> None:
    """What the traces say, as tables with counts and intervals."""
    if counts.scored:
        say(console, f"latent reasoning: {score_text(counts.right, counts.scored)} right")
        if counts.has_direct:
            say(console, f"no reasoning:     {score_text(counts.direct, counts.scored)} right")
    if counts.early:
        table = new_table("Answers right when decoded early", "after step", "right [95% interval]")
        for step in range(-1, counts.steps):
            add_row(table, str(step), score_text(counts.early[step], counts.scored))
        print_table(console, table)
    if counts.kinds:
        ablation_tables(counts, console)
    if telling := counts.telling_patches():
        own, donors, said = zip(*telling, strict=True)
        said_in = lambda answers: score_text(sum(map(same_answer, said, answers)), len(said))
        say(console, "Given all latents of a question with another answer:")
        say(console, f"that answer in {said_in(donors)}, its own in {said_in(own)}")
    if counts.chains:
        lens_table(counts, console)


def ablation_tables(counts: Counts, console: Console) -> None:
    for some in (counts.kinds[i : i + 3] for i in range(0, len(counts.kinds), 3)):  # three fit a narrow terminal
        table = new_table(f"Answers changed by each ablation, % of {counts.total}", "step", *some)
        for step in range(counts.steps):
            add_row(table, str(step), *(share(counts.changed[f"{kind}_step{step}"], counts.total) for kind in some))
        print_table(console, table)
    highest = lambda step: max(
        wilson_interval(counts.changed[f"{kind}_step{step}"], counts.total)[1] for kind in counts.kinds
    )
    unused = [str(step) for step in range(counts.steps) if highest(step) <= UNUSED_BELOW]
    say(
        console,
        f"Steps the model does not use (every ablation's interval ends below {UNUSED_BELOW:g}%): "
        f"{', '.join(unused) or 'none'}",
    )


def lens_table(counts: Counts, console: Console) -> None:
    steps = range(-1, counts.steps)
    table = new_table(
        f"Results of the gold chain in the lens, top-1/top-{counts.top_k} %, by step", "result", "n", *map(str, steps)
    )
    for number, n in sorted(counts.chains.items()):
        cells = [f"{100 * counts.top1[number, s] / n:.0f}/{100 * counts.top5[number, s] / n:.0f}" for s in steps]
        add_row(table, str(number), str(n), *cells)
    print_table(console, table)


def share(count: int, total: int) -> str:
    low, high = wilson_interval(count, total)
    return f"{100 * count / total:.1f} [{low:.1f}, {high:.1f}]"


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output"], ["data", "model"]):
        run(args)


def run(args) -> None:
    state = processes(args.device)
    data = ("gsm8k" if torch.cuda.is_available() else "word-problems") if args.data is None else args.data
    problems = load_problems(data, args.split, args.n, args.seed)
    if ("swap" in args.ablation_types or args.patches) and len(problems) < 2:
        raise UserError("The ablation swap and --patches need a second question to take from. Give -n 2 or more.")
    codi = load_model(args.model, **model_options(args) | {"device": device_of(state, args.device)})
    args.layers = block_numbers(args.layers, codi.depth)
    tokens = codi.model.config.vocab_size - len(MARKERS)
    if args.top_k > tokens:
        raise UserError(f"--top-k is {args.top_k}, but the lens has only {tokens} tokens.")
    early, layers = not args.skip_early_decode, args.layers
    options = TraceOptions(tuple(args.ablation_types), early, args.top_k, args.lens_layers, args.patches, layers)
    free = ("output", "model", "device", "dtype", "prompt_form", "n")  # said elsewhere in the settings, or no matter
    settings = {key: value for key, value in vars(args).items() if key not in free}
    settings |= codi.describe() | {"data": data, "questions": len(problems), "num_latent": codi.num_latent}
    settings["questions_sha256"] = digest([vars(problem) for problem in problems])
    parts = Parts(args.output, state)
    batches = plan(codi, problems, options, args.batch_size)
    if parts.claim(settings, digest(batches)):
        collect(codi, problems, batches, parts, options, args)
        state.wait_for_everyone()
        if state.is_main_process:
            counts = {"questions": len(problems), "batches": len(batches)}
            meta = {"settings": settings, "counts": counts} | provenance(vars(args))
            parts.merge(batches, meta, args.vectors)
            log(f"Wrote {args.output}")
    else:
        log(f"{args.output} is already complete; nothing to do.")
    if state.is_main_process:
        summarise(Counts(read_traces(args.output)), Console())


def digest(value) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def block_numbers(text: str | None, depth: int) -> tuple[int, ...]:
    """Block numbers from 1 of a list such as "25%,50%,3". The last block is none of them: what comes after it is h."""
    numbers = set()
    for part in filter(None, (text or "").split(",")):
        match = re.fullmatch(r"(\d+)(%?)", part.strip())
        number = int(match[1]) if match else 0
        if match and match[2]:
            number = max(1, round(number / 100 * depth)) if 0 < number < 100 else 0
        if not 1 <= number < depth:
            raise UserError(
                f"--layers {part!r} is no inner block of this model; give 1 to {depth - 1}, or percents such as 50%. "
                "After the last block and the final norm stands h, which is always saved."
            )
        numbers.add(number)
    return tuple(sorted(numbers))


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = "\n".join(f"{name}: {text}" for name, (_, text) in ABLATIONS.items())
    parser.add_argument("-n", type=positive_int, help="the first N questions (default: all; 1000 of a generator)")
    parser.add_argument("--output", type=file_path, default=Path("traces.jsonl"))
    parser.add_argument("--data", help=f"{DATA_HELP} (default: gsm8k with CUDA, else word-problems)")
    parser.add_argument("--split", default="test", help="default: test")
    parser.add_argument("--seed", type=whole_number, default=0, help="of noise, donors and generated questions")
    parser.add_argument(
        "--ablation-types", nargs="+", default=list(DEFAULT_ABLATIONS), choices=list(ABLATIONS), metavar="TYPE",
        help=f"of {', '.join(ABLATIONS)} (default: {' '.join(DEFAULT_ABLATIONS)})",
    )  # fmt: skip
    parser.epilog = f"ablation types, what the embedding z[i] that step i consumes becomes:\n{kinds}"
    parser.add_argument("--skip-ablation", action="store_true")
    parser.add_argument("--skip-early-decode", action="store_true")
    parser.add_argument("--noise-scale", type=non_negative, default=1.0, help="noise norm / norm of z (default: 1)")
    parser.add_argument("--top-k", type=positive_int, default=10, help="lens tokens per step (default: 10)")
    parser.add_argument("--lens-layers", choices=["last", "all"], default="last")
    parser.add_argument("--vectors", action="store_true", help="also save h and z of every step")
    parser.add_argument(
        "--patches", type=whole_number, default=0, metavar="K",
        help="also K runs with all (the first) or some latents of another question, and their vectors (default: 0)",
    )  # fmt: skip
    parser.add_argument("--layers", metavar="25%,50%,75%", help="with --vectors: also the residual stream there")
    parser.add_argument("--batch-size", type=positive_int, help="questions (default: as a token budget holds)")
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    if args.skip_ablation:
        args.ablation_types = []
    if args.layers and not args.vectors:
        parser.error("--layers needs --vectors")
    if args.patches and args.skip_early_decode:
        parser.error("--patches records the answer after each step, which --skip-early-decode leaves out")
    args.ablation_types = list(dict.fromkeys(args.ablation_types))
    return args


if __name__ == "__main__":
    run_script(main)
