"""
Trace CODI's latent thoughts: what each step holds, what breaks when it is changed, what would be answered there.

Reads   a CODI checkpoint, a data set (problems.py)
Writes  traces.jsonl, one record per question (traces.Trace), traces.meta.json, with --vectors safetensors beside them
Next    generate_oracle_data.py --input traces.jsonl

    python collect_traces.py -n 1000 --output traces_test.jsonl
    python collect_traces.py -n 200 --ablation-types zero skip noise mean swap hide --vectors --output all.jsonl
    accelerate launch --num_processes 8 collect_traces.py --split train --output traces_train.jsonl

A question is encoded once; every variant is a branch of that encoding. While it runs, finished batches stand in
OUTPUT.parts; the same command again goes on there, with any number of processes, and ends with the same bytes.
"""

import argparse
import fcntl
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import torch
from accelerate import PartialState
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from codi_model import (
    ABLATIONS,
    ANSWER_ROOM,
    DEFAULT_ABLATIONS,
    Codi,
    Material,
    TraceOptions,
    add_model_arguments,
    check_ablations,
    in_batches,
    latents,
    load_model,
    plan_batches,
    prompt_ids,
    seed_of,
    trace_batch,
)
from problems import DATA_HELP, Problem, chain_results, extract_number, load_problems, same_number
from scores import score_text, wilson_interval
from scripting import (
    UserError,
    check_writable,
    log,
    positive_int,
    provenance,
    replacing,
    run_script,
    whole_number,
    write_json,
)
from traces import VECTORS_PER_FILE, Trace, lines_of, meta_path, read_meta, read_traces, vectors_path

UNUSED_BELOW = 5.0  # percent of answers changed, upper end of the interval

# --- Parts: what is done so far ---------------------------------------------------------------------------------


class Parts:
    """The folder OUTPUT.parts: the settings, and per process a file of finished records. One lock per process keeps
    two runs off one output, and ends with the process however it ends."""

    def __init__(self, output: Path, state: PartialState):
        self.output, self.state = output, state
        self.folder = output.with_name(output.name + ".parts")
        self.records = self.folder / f"records-{state.process_index}.jsonl"

    def claim(self, settings: dict) -> bool:
        """Make the output this run's; False if it is already complete. UserError if it is another run's."""
        complete = False
        if self.state.is_main_process:
            if self.output.exists():
                compare(
                    read_meta(self.output, f"Remove {self.output} or choose another --output.")["settings"],
                    settings,
                    self.output,
                )
                complete = self.is_complete(settings["questions"])
            if not complete:
                self.make_folder()
        self.state.wait_for_everyone()
        if not complete and self.folder.exists():
            self.lock()
        if self.state.is_main_process and not complete:
            self.prepare(settings)
        self.state.wait_for_everyone()
        return self.folder.exists()

    def is_complete(self, questions: int) -> bool:
        """Whether the finished output still holds every record; what is left of a damaged one becomes a part."""
        whole, damaged = set(), False
        for number, line in lines_of(self.output, "Remove it and collect again."):
            try:
                whole.add(Trace.from_json(line, f"{self.output}:{number}").index)
            except UserError as error:
                log(f"{error} That record is traced again.")
                damaged = True
        if whole == set(range(questions)) and not damaged:
            shutil.rmtree(self.folder, ignore_errors=True)
            return True
        return False

    def make_folder(self) -> None:
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(f"Cannot make {self.folder} ({error.strerror}). Choose another --output.") from error

    def lock(self) -> None:
        self.file = self.records.open("ab")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"Another run is writing {self.output}. Wait for it, stop it, or choose another --output."
            ) from error

    def prepare(self, settings: dict) -> None:
        """Check or write the settings, and cut half-written last lines off."""
        path = self.folder / "settings.json"
        if path.exists():
            compare(json.loads(path.read_text()), settings, self.output)
        else:
            write_json(path, settings)
        if self.output.exists():
            os.replace(self.output, self.folder / "records-recovered.jsonl")
        for part in self.folder.glob("records-*.jsonl"):
            cut_half_line(part)

    def done(self) -> set[int]:
        """Indices of every question whose record stands in a part."""
        return set(self.places())

    def places(self) -> dict[int, tuple[Path, int]]:
        """{question index: (part, where its line begins)}."""
        places = {}
        for part in sorted(self.folder.glob("records-*.jsonl")):
            with part.open("rb") as file:
                start = 0
                for number, line in enumerate(file, 1):
                    try:
                        places[json.loads(line)["index"]] = part, start
                    except (ValueError, KeyError, TypeError):
                        log(f"{part}:{number} is no whole record; its question is traced again.")
                    start += len(line)
        return places

    def vectors(self, batch: int) -> Path:
        return self.folder / f"vectors-{batch:06}.safetensors"

    def append(self, traces: list[Trace]) -> None:
        """Add records for good: after this they survive a power cut."""
        try:
            self.file.write("".join(trace.to_json() + "\n" for trace in traces).encode())
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as error:
            self.give_up(error)

    def give_up(self, error: OSError) -> None:
        raise UserError(
            f"Cannot write to {self.folder} ({error.strerror}). What was finished is kept there; "
            "make room and give the same command again."
        ) from error

    def merge(self, batches: list[list[int]], meta: dict, with_vectors: bool) -> None:
        """All parts as one output in the order of the questions, and the meta file; then the parts go."""
        places = self.places()
        try:
            if with_vectors:
                self.merge_vectors(batches)
            write_json(meta_path(self.output), meta)
            with replacing(self.output) as part, part.open("wb") as file:
                sources = {path: path.open("rb") for path in {path for path, _ in places.values()}}
                for index in range(len(places)):
                    path, start = places[index]
                    sources[path].seek(start)
                    file.write(sources[path].readline())
                for source in sources.values():
                    source.close()
        except OSError as error:
            self.give_up(error)
        self.file.close()
        shutil.rmtree(self.folder)

    def merge_vectors(self, batches: list[list[int]]) -> None:
        """One safetensors file per VECTORS_PER_FILE questions, its rows in their order."""
        place = {index: (number, row) for number, batch in enumerate(batches) for row, index in enumerate(batch)}
        for shard, first in enumerate(range(0, len(place), VECTORS_PER_FILE)):
            indices = range(first, min(first + VECTORS_PER_FILE, len(place)))
            rows = {}
            for number in sorted({place[index][0] for index in indices}):
                tensors = load_file(self.vectors(number))
                for row, index in enumerate(batches[number]):
                    if index in indices:
                        rows[index] = {name: tensor[row] for name, tensor in tensors.items()}
            names = rows[first]
            stacked = {name: torch.stack([rows[index][name] for index in indices]) for name in names}
            with replacing(vectors_path(self.output, shard)) as part:
                save_file(stacked, part)


def compare(before: dict, now: dict, output: Path) -> None:
    """UserError that names each difference, unless there is none."""
    now = json.loads(json.dumps(now, default=str))
    differ = [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]
    if differ:
        changes = "; ".join(f"{key} was {before.get(key)!r}, now {now.get(key)!r}" for key in differ)
        raise UserError(f"{output} was made with other settings: {changes}. Choose another --output, or remove it.")


def cut_half_line(part: Path) -> None:
    """Drop what stands after the last newline, left by a crash in mid-write."""
    with part.open("rb+") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            log(f"{part.name} ended in half a line; its question is traced again.")
            file.truncate(end)


# --- What mean and swap need of all questions -------------------------------------------------------------------


class AllLatents:
    """z of every question of the run, on disk, so that a resumed run uses the very numbers of the broken one."""

    def __init__(self, codi: Codi, problems: list[Problem], batches: list[list[int]], parts: Parts, num_latent: int):
        path, state = parts.folder / "z.npy", parts.state
        if state.is_main_process and not path.exists():
            with replacing(path) as part:
                empty = np.lib.format.open_memmap(part, "w+", np.float32, (len(problems), num_latent, codi.width))
                empty[:] = np.nan
                empty.flush()
        state.wait_for_everyone()
        self.z = np.lib.format.open_memmap(path, "r+")
        for batch in batches[state.process_index :: state.num_processes]:
            if np.isnan(self.z[batch, -1, -1]).any():

                def fill(rows):
                    self.z[rows] = latents(codi, [problems[i].question for i in rows], num_latent)["z"].float().numpy()

                in_batches(fill, [batch])
        self.z.flush()
        state.wait_for_everyone()
        self.mean = torch.from_numpy(self.z.mean(0, dtype=np.float64)).float()  # (N, D)

    def of(self, indices: list[int]) -> torch.Tensor:
        return torch.from_numpy(self.z[indices])


def donor_of(index: int, questions: int, seed: int) -> int:
    """Another question than `index`, the same one whatever the batch or the process."""
    donor = Random(seed_of("donor", seed, index)).randrange(questions - 1)
    return donor + (donor >= index)


# --- The run ----------------------------------------------------------------------------------------------------


def collect(codi: Codi, problems: list[Problem], batches: list[list[int]], parts: Parts, args) -> None:
    """Trace every question of this process's batches that is not done."""
    state = parts.state
    options = TraceOptions(
        ablations=tuple(args.ablation_types),
        early_decode=not args.skip_early_decode,
        top_k=args.top_k,
        lens_layers=args.lens_layers,
        layers=args.layers,
    )
    needs_all = {"mean", "swap"} & set(options.ablations)
    everyone = AllLatents(codi, problems, batches, parts, codi.num_latent) if needs_all else None
    done = parts.done()
    state.wait_for_everyone()  # before anyone writes more
    numbers = range(state.process_index, len(batches), state.num_processes)
    todo = [n for n in numbers if not done.issuperset(batches[n]) or (args.vectors and not parts.vectors(n).exists())]
    total = sum(len(batches[n]) for n in numbers)
    left = sum(len(batches[n]) for n in todo)
    with tqdm(total=total, initial=total - left, desc="traces", unit="q", disable=not state.is_main_process) as bar:
        for number in todo:
            traces, vectors = trace_questions(codi, problems, batches[number], options, everyone, args)
            if args.vectors:
                try:
                    with replacing(parts.vectors(number)) as part:
                        save_file(vectors, part)
                except OSError as error:
                    parts.give_up(error)
            parts.append(traces)
            bar.update(len(traces))


def trace_questions(codi, problems, indices, options, everyone, args):
    """The traces and vectors of one batch, in its order."""
    traces, vectors = [], []

    def work(rows):
        donors = [donor_of(i, len(problems), args.seed) for i in rows] if "swap" in options.ablations else None
        made_of = Material(
            rows, args.seed, args.noise_scale,
            mean=everyone.mean if everyone else None,
            donor=everyone.of(donors) if donors else None,
            donor_indices=donors,
        )  # fmt: skip
        done, tensors = trace_batch(codi, [problems[i] for i in rows], codi.num_latent, made_of, options)
        traces.extend(done)
        vectors.append(tensors)

    in_batches(work, [indices])
    return traces, {name: torch.cat([part[name] for part in vectors]) for name in vectors[0]}


def plan(codi: Codi, problems: list[Problem], args) -> list[list[int]]:
    """Batches of questions, the same for every process and after every restart."""
    kinds = len(args.ablation_types)
    branches = 2 + codi.num_latent + kinds * codi.num_latent
    lengths = []
    for i, problem in enumerate(problems):
        try:
            lengths.append(len(prompt_ids(codi, problem.question, "latent", codi.num_latent)))
        except UserError as error:
            raise UserError(f"Question {i} ({problem.id}): {error}") from error
    tail = branches * (codi.num_latent // 2 + ANSWER_ROOM)  # positions that a question's branches add, about
    return plan_batches([length + tail for length in lengths], codi.device.type, args.batch_size)


# --- The summary ------------------------------------------------------------------------------------------------


def summarise(traces, console: Console) -> None:
    """What the traces say, as tables with counts and intervals."""
    total, scored, answered, changed, steps = 0, 0, Counter(), Counter(), 0
    kinds, direct, found = [], 0, Counter()
    for trace in traces:
        total, steps = total + 1, trace.num_latent
        kinds = list(dict.fromkeys(key.rpartition("_step")[0] for key in trace.ablations))
        changed.update(key for key, is_changed in trace.changed.items() if is_changed)
        if trace.gold_answer is not None:
            scored += 1
            direct += same_number(extract_number(trace.no_reasoning_output), trace.gold_answer)
            for decode in trace.early_decodes:
                answered[decode["after_step"]] += same_number(extract_number(decode["output"]), trace.gold_answer)
        for number, result in enumerate(chain_results(trace.gold_chain), 1):
            found["total", number] += 1
            for step, reading in enumerate([trace.encoding or {}, *trace.steps], -1):
                tokens = [token.strip() for token in reading.get("top_k_tokens", [])]
                found[1, number, step] += result in tokens[:1]
                found[5, number, step] += result in tokens[:5]
    if scored:
        console.print(f"no reasoning: {score_text(direct, scored)} right", highlight=False, markup=False)
    if answered:
        table = new_table("Answers right when decoded early", "after step", "right [95% interval]")
        for step in range(-1, steps):
            table.add_row(str(step), score_text(answered[step], scored))
        console.print(table)
    if kinds:
        for some in (kinds[i : i + 3] for i in range(0, len(kinds), 3)):  # three fit a narrow terminal
            table = new_table(f"Answers changed by each ablation, % of {total}", "step", *some)
            for step in range(steps):
                table.add_row(str(step), *(share(changed[f"{kind}_step{step}"], total) for kind in some))
            console.print(table)
        unused = [i for i in range(steps) if all(is_unused(changed[f"{kind}_step{i}"], total) for kind in kinds)]
        said = f"steps {', '.join(map(str, unused))}" if unused else "no step"
        console.print(f"Not used ({UNUSED_BELOW:g}% or fewer changed, by any ablation): {said}", highlight=False)
    results = [key[1] for key in found if key[0] == "total"]
    if results:
        table = new_table(
            "Results of the gold chain in the lens, top-1 / top-5 %", "result", "n", *map(str, range(-1, steps))
        )
        for number in sorted(results):
            count = found["total", number]
            cells = [
                f"{100 * found[1, number, s] / count:.0f} / {100 * found[5, number, s] / count:.0f}"
                for s in range(-1, steps)
            ]
            table.add_row(str(number), str(count), *cells)
        console.print(table)


def new_table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def share(count: int, total: int) -> str:
    low, high = wilson_interval(count, total)
    return f"{100 * count / total:.1f} [{low:.1f}, {high:.1f}]"


def is_unused(count: int, total: int) -> bool:
    return wilson_interval(count, total)[1] <= UNUSED_BELOW


def main(argv=None):
    args = parse_arguments(argv)
    check_ablations(args.ablation_types)
    state = PartialState(cpu=not torch.cuda.is_available() or args.device == "cpu")
    if state.is_main_process:
        check_writable(args.output)
    data = args.data or ("gsm8k" if torch.cuda.is_available() else "word-problems")
    problems = load_problems(data, args.split, args.n, args.seed)
    if "swap" in args.ablation_types and len(problems) < 2:
        raise UserError("The ablation swap needs a second question to take from. Give -n 2 or more.")
    device = args.device or (str(state.device) if state.num_processes > 1 else None)
    codi = load_model(args.model, device, args.dtype, args.prompt_form)
    args.layers = block_numbers(args.layers, codi.depth)
    if not args.top_k <= codi.model.config.vocab_size:
        raise UserError(f"--top-k is {args.top_k}, but there are only {codi.model.config.vocab_size} tokens.")
    free = ("output", "model", "device", "dtype", "prompt_form", "n")  # said elsewhere in the settings, or no matter
    settings = {key: value for key, value in vars(args).items() if key not in free}
    settings |= codi.describe() | {"data": data, "questions": len(problems), "num_latent": codi.num_latent}
    settings["ablation_types"] = list(args.ablation_types)
    parts = Parts(args.output, state)
    if parts.claim(settings):
        batches = plan(codi, problems, args)
        collect(codi, problems, batches, parts, args)
        state.wait_for_everyone()
        if state.is_main_process:
            counts = {"questions": len(problems), "batches": len(batches)}
            meta = {"settings": settings, "counts": counts} | provenance(vars(args))
            parts.merge(batches, meta, args.vectors)
    else:
        log(f"{args.output} is already complete; nothing to do.")
    if state.is_main_process:
        summarise(read_traces(args.output), Console())
        log(f"Wrote {args.output}. Next: python generate_oracle_data.py --input {args.output}")


def block_numbers(text: str | None, depth: int) -> tuple[int, ...]:
    """Block numbers from 1 of a list such as "25%,50%,3"."""
    numbers = []
    for part in filter(None, (text or "").split(",")):
        try:
            number = max(1, round(float(part[:-1]) / 100 * depth)) if part.endswith("%") else int(part)
        except ValueError:
            number = 0
        if not 1 <= number <= depth:
            raise UserError(f"--layers {part!r} is no block of this model; give 1 to {depth}, or percents such as 50%.")
        numbers.append(number)
    return tuple(sorted(set(numbers)))


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = "\n".join(f"{name}: {text}" for name, (_, text) in ABLATIONS.items())
    parser.add_argument("-n", type=positive_int, help="the first N questions (default: all; 1000 of a generator)")
    parser.add_argument("--output", type=Path, default=Path("traces.jsonl"))
    parser.add_argument("--data", help=f"{DATA_HELP} (default: gsm8k with CUDA, else word-problems)")
    parser.add_argument("--split", default="test", help="default: test")
    parser.add_argument("--seed", type=whole_number, default=0, help="of noise, donors and generated questions")
    parser.add_argument(
        "--ablation-types", nargs="+", default=list(DEFAULT_ABLATIONS), metavar="TYPE",
        help=f"of {', '.join(ABLATIONS)} (default: {' '.join(DEFAULT_ABLATIONS)})",
    )  # fmt: skip
    parser.epilog = f"ablation types, what the embedding z[i] that step i consumes becomes:\n{kinds}"
    parser.add_argument("--skip-ablation", action="store_true")
    parser.add_argument("--skip-early-decode", action="store_true")
    parser.add_argument("--noise-scale", type=float, default=1.0, help="noise norm / norm of z (default: 1)")
    parser.add_argument("--top-k", type=positive_int, default=5, help="lens tokens per step (default: 5)")
    parser.add_argument("--lens-layers", choices=["last", "all"], default="last")
    parser.add_argument("--vectors", action="store_true", help="also save h and z of every step")
    parser.add_argument("--layers", metavar="25%,50%,75%", help="with --vectors: also the residual stream there")
    parser.add_argument("--batch-size", type=positive_int, help="questions (default: as a token budget holds)")
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    if args.skip_ablation:
        args.ablation_types = []
    if args.layers and not args.vectors:
        parser.error("--layers needs --vectors")
    if not 0 <= args.noise_scale < float("inf"):
        parser.error("--noise-scale must be a finite number from 0")
    args.ablation_types = list(dict.fromkeys(args.ablation_types))
    return args


if __name__ == "__main__":
    run_script(main)
