"""
Trace CODI's latent thoughts: what each step holds, what breaks when it is changed, what would be answered there.

Reads   a CODI checkpoint, a data set (problems.py)
Writes  traces.jsonl, one record per question (traces.Trace), traces.meta.json, with --vectors safetensors beside them

    python collect_traces.py -n 1000 --output traces_test.jsonl
    python collect_traces.py -n 200 --ablation-types zero skip noise mean swap hide --vectors --output all.jsonl
    torchrun --nproc_per_node 8 collect_traces.py --split train --output traces_train.jsonl

A question is encoded once; every variant is a run that goes on from there. While it runs, finished batches stand in
OUTPUT.parts; the same command again goes on there, with any number of processes, and ends with the same bytes.
"""

import argparse
import hashlib
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from rich.console import Console
from tqdm import tqdm

from answers import same_answer
from codi_model import TraceOptions, check_top_k, latents, prompt_ids, trace_batch
from files import claimed, file_path, replacing
from interventions import ABLATIONS, DEFAULT_ABLATIONS, Material, seed_of
from loading import Codi, add_model_arguments, load_model, model_options
from problems import Problem, add_data_arguments, chain_results, default_data, judges_of, load_all
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
from trace_parts import Parts, is_whole_part
from traces import Trace, read_traces

UNUSED_BELOW = 5.0  # percent of answers changed, upper end of the interval

# --- What mean and swap need of all questions -------------------------------------------------------------------


def has_shape(path: Path, shape: tuple[int, ...]) -> bool:
    """Whether a file holds a whole float32 array of that shape."""
    try:
        array = np.load(path, mmap_mode="r")
        return array.shape == shape and array.dtype == np.float32
    except (OSError, ValueError, EOFError):
        return False


class AllLatents:
    """z of every question, on disk, so that a resumed run uses the very numbers of the run that was stopped."""

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


def patches_of(index: int, num_latent: int, count: int, seed: int) -> list[list[int]]:
    """The steps that each patched run of a question takes from its donor: all in the first, some in the others."""
    rng, patches = Random(seed_of("patch", seed, index)), [list(range(num_latent))]
    while len(patches) < count:
        patches.append(sorted(rng.sample(range(num_latent), rng.randint(1, max(1, num_latent - 1)))))
    return patches


# --- The run ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Collection:
    """The questions that are traced, in batches that are the same for every process and after every restart."""

    codi: Codi
    problems: list[Problem]
    batches: list[list[int]]
    options: TraceOptions
    seed: int
    noise_scale: float

    def collect(self, parts: Parts, with_vectors: bool) -> None:
        """Trace every question of this process's batches that is not done."""
        state, batches = parts.state, self.batches
        needs_all = {"mean", "swap"} & set(self.options.ablations) or self.options.patches
        everyone = AllLatents(self.codi, self.problems, batches, parts) if needs_all else None
        done = parts.places().keys()
        state.wait_for_everyone()  # before anyone writes more
        numbers = range(state.process_index, len(batches), state.num_processes)
        todo = [
            n for n in numbers if not done >= set(batches[n]) or (with_vectors and not is_whole_part(parts.vectors(n)))
        ]
        total = sum(len(batches[n]) for n in numbers)
        left = sum(len(batches[n]) for n in todo)
        with tqdm(total=total, initial=total - left, desc="traces", unit="q", disable=not state.is_main_process) as bar:
            for number in todo:
                traces, vectors = self.trace(batches[number], everyone)
                parts.save(number, traces, vectors if with_vectors else None)
                bar.update(len(traces))

    def trace(self, batch: list[int], everyone: AllLatents | None) -> tuple[list[Trace], dict[str, torch.Tensor]]:
        """The traces and vectors of one batch, in its order."""
        traces, vectors = [], []

        def work(rows):
            problems, material = [self.problems[i] for i in rows], self.material(rows, everyone)
            done, tensors = trace_batch(self.codi, problems, self.codi.num_latent, material, self.options)
            traces.extend(done)
            vectors.append(tensors)

        in_batches(work, [batch])
        return traces, {name: torch.cat([part[name] for part in vectors]) for name in vectors[0]}

    def material(self, rows: list[int], everyone: AllLatents | None) -> Material:
        """What the ablations and patches of some questions need."""
        options, steps = self.options, self.codi.num_latent
        needs_donor = "swap" in options.ablations or options.patches
        donors = [donor_of(i, len(self.problems), self.seed) for i in rows] if needs_donor else None
        return Material(
            rows, self.seed, self.noise_scale,
            mean=everyone.mean if everyone else None,
            donor=everyone.of(donors) if donors else None,
            donor_indices=donors,
            patches=[patches_of(i, steps, options.patches, self.seed) for i in rows] if options.patches else [],
        )  # fmt: skip


def plan(codi: Codi, problems: list[Problem], options: TraceOptions, batch_size: int | None) -> list[list[int]]:
    """Batches of questions of like length."""
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
        self.worded = 0  # gold chains without results
        self.outputs, self.patched = {}, []  # by index; (trace's index, …) of runs with all of a donor's latents
        for trace in traces:
            self.add(trace)

    def add(self, trace: Trace) -> None:
        self.total, self.steps = self.total + 1, trace.num_latent
        self.top_k = min(self.top_k, *(len(step["top_k_ids"]) for step in trace.steps))
        self.kinds = list(dict.fromkeys(key.rpartition("_step")[0] for key in trace.ablations))
        self.changed.update(key for key, is_changed in trace.changed.items() if is_changed)
        self.outputs[trace.index] = trace.output
        self.patched += [
            (trace.index, patch["donor"], patch["output"], trace.judge, trace.question)
            for patch in trace.patches[:1]  # all latents
        ]
        if trace.gold_answer is not None:
            self.scored += 1
            self.right += trace.is_right(trace.output)
            self.has_direct &= trace.no_reasoning_output is not None
            self.direct += trace.is_right(trace.no_reasoning_output or "")
            self.early.update(d["after_step"] for d in trace.early_decodes if trace.is_right(d["output"]))
        self.worded += bool(trace.gold_chain) and not chain_results(trace.gold_chain)
        for number, result in enumerate(chain_results(trace.gold_chain), 1):
            self.chains[number] += 1
            for step, reading in enumerate([trace.encoding or {}, *trace.steps], -1):
                tokens = [token.strip() for token in reading.get("top_k_tokens", [])]
                self.top1[number, step] += result in tokens[:1]
                self.top5[number, step] += result in tokens[:5]

    def telling_patches(self) -> list[tuple[bool, bool]]:
        """Of runs with all of a donor's latents, wherever the donor's answer is not the question's own: whether the
        answer is the donor's, and whether it is its own."""
        found = []
        for index, donor, patched, *judge in self.patched:
            own, donors = self.outputs[index], self.outputs[donor]
            if not same_answer(own, donors, *judge):
                found.append((same_answer(donors, patched, *judge), same_answer(own, patched, *judge)))
        return found


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
        donors, own = map(sum, zip(*telling, strict=True))
        say(console, "Given all latents of a question with another answer:")
        say(console, f"that answer in {score_text(donors, len(telling))}, its own in {score_text(own, len(telling))}")
    if counts.chains:
        lens_table(counts, console)
    if counts.worded:
        say(console, f"{counts.worded} gold chains are in words: they have no results to look for in the lens.")


def ablation_tables(counts: Counts, console: Console) -> None:
    for kinds in (counts.kinds[i : i + 3] for i in range(0, len(counts.kinds), 3)):  # three fit a narrow terminal
        table = new_table(f"Answers changed by each ablation, % of {counts.total}", "step", *kinds)
        for step in range(counts.steps):
            add_row(table, str(step), *(share(counts.changed[f"{kind}_step{step}"], counts.total) for kind in kinds))
        print_table(console, table)
    most = [max(counts.changed[f"{kind}_step{step}"] for kind in counts.kinds) for step in range(counts.steps)]
    unused = [str(step) for step, n in enumerate(most) if wilson_interval(n, counts.total)[1] <= UNUSED_BELOW]
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
        state = processes(args.device)
        data = default_data() if args.data is None else args.data
        problems = load_all(data, args.split, args.n, args.seed)
        if ("swap" in args.ablation_types or args.patches) and len(problems) < 2:
            raise UserError("The ablation swap and --patches need a second question to take from. Give -n 2 or more.")
        codi = load_model(args.model, **model_options(args) | {"device": device_of(state, args.device)})
        check_top_k(codi, args.top_k)
        args.layers = block_numbers(args.layers, codi.depth)
        options = TraceOptions(
            tuple(args.ablation_types), not args.skip_early_decode, args.top_k, args.lens_layers, args.patches,
            args.layers,
        )  # fmt: skip
        batches = plan(codi, problems, options, args.batch_size)
        collection = Collection(codi, problems, batches, options, args.seed, args.noise_scale)
        parts, settings = Parts(args.output, state), settings_of(vars(args), data, codi, problems)
        if parts.claim(settings, digest(batches)):
            collection.collect(parts, args.vectors)
            state.wait_for_everyone()
            if state.is_main_process:
                counts = {"questions": len(problems), "batches": len(batches), "judges": judges_of(problems)}
                meta = {"settings": settings, "counts": counts} | provenance(vars(args))
                parts.merge(batches, meta, args.vectors)
                log(f"Wrote {args.output}")
        else:
            log(f"{args.output} is already complete; nothing to do.")
        if state.is_main_process:
            summarise(Counts(read_traces(args.output)), Console())


def settings_of(options: dict, data: str | list[str], codi: Codi, problems: list[Problem]) -> dict:
    """All that changes the traces."""
    # said elsewhere, or no matter
    free = ("output", "model", "device", "device_map", "dtype", "prompt_form", "family", "n")
    settings = {key: value for key, value in options.items() if key not in free}
    settings |= codi.describe() | {"data": data, "questions": len(problems), "num_latent": codi.num_latent}
    return settings | {"questions_sha256": digest([problem.told() for problem in problems])}


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
    parser.add_argument("--output", type=file_path, default=Path("traces.jsonl"))
    add_data_arguments(parser, "noise, donors and generated questions", several=True)
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
