"""
What is there in latent thoughts, each figure beside what chance, frequency and shuffled labels give.

Reads   a CODI checkpoint, problems with worked steps (problems.py)
Writes  tables; with --output a JSON of all figures, with --plot a PNG of heatmaps, layer by latent step
Next    whether the model uses what is there: collect_traces.py --ablation-types zero swap --patches 1

    python probe_latents.py --model tiny --data word-problems -n 1000 --output probes.json --plot probes.png
    python probe_latents.py --probes lens attention -n 200 --top-k 1

It runs the model itself, so no traces are needed. Four probes, each a row of PROBES:

lens       how often a step's top k tokens have the result of chain step j, beside the operation, the operands, another
           number of the question, a frequent number, another question's result, one each. h is read through the head,
           z against the embeddings by cosine. "Fixed step": the latent step where the result shows most often in the
           training questions; it, a random other step and any step are scored on the other questions.
tuned      a tuned lens: per layer and step an affine map to the last layer's state, trained on the KL divergence to the
           final distribution; scored on test questions beside the logit lens and one distribution for all.
linear     per layer and step a ridge regression to one-hot classes, its strength cross-validated; scored on test
           questions beside the same with shuffled labels and the commonest class.
attention  how much later steps and the answer attend to each latent step. It needs the weights, which only eager
           attention gives: the model takes its latent steps in it, and one that gives none is refused.

Questions are split into training, validation and test, 60, 20 and 20%; "held out" is validation and test. The ridge,
which needs no validation, learns from 80%. Of a chain in order, the first operand of a step is the result before it.
Intervals are 95%: Wilson's for shares, bootstrapped over questions for means.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
import torch
from rich.console import Console
from torch import Tensor
from tqdm import tqdm

from codi_model import check_top_k
from files import claimed, file_path, png_path, write_json
from interventions import seed_of
from loading import Codi, add_model_arguments, load_model, model_options
from probe_tables import (
    LENSES,
    Panel,
    draw_attention,
    draw_lens,
    draw_linear,
    draw_tuned,
    plot,
    show_attention,
    show_lens,
    show_linear,
    show_tuned,
)
from probes import (
    CHUNK,
    PROBED,
    TARGETS,
    Facts,
    Observed,
    RidgeProbe,
    TunedLens,
    Vocabulary,
    bootstrap_means,
    divergence,
    facts_of,
    fit_tuned_lens,
    keys,
    lens_tokens,
    nearest_tokens,
    observe,
    queries,
    split_questions,
)
from problems import Problem, add_data_arguments, default_data, load_problems
from runs import lens
from scores import score_text, share_row, wilson_interval
from scripting import (
    UserError,
    log,
    positive_int,
    print_table,
    provenance,
    run_script,
    say,
    whole_number,
)

FEWEST_LABELS = 10  # training questions of a linear probe


@dataclass(frozen=True)
class Study:
    """What all probes look at."""

    codi: Codi
    facts: list[Facts]
    seen: Observed
    split: tuple[Tensor, Tensor, Tensor]  # rows for training, validation, test
    layers: list[int]  # of the states seen; the last is that of h
    top_k: int
    seed: int

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.codi)

    @cached_property
    def targets(self) -> dict[str, Tensor]:
        """(n, J) of each target, as Vocabulary.targets() gives them."""
        return {name: self.vocabulary.targets(self.facts, name) for name in TARGETS}

    @property
    def chain_steps(self) -> range:
        return range(1, self.targets["result"].shape[1] + 1)

    @property
    def held_out(self) -> Tensor:
        """What the training has not seen."""
        return torch.cat(self.split[1:]).sort().values

    def shown(self, tokens: Tensor, rows: Tensor | None = None) -> dict[str, Tensor]:
        """Of each target whether it is among the tokens (n, …, k): (n, J, …)."""
        targets = self.targets if rows is None else {name: target[rows] for name, target in self.targets.items()}
        return {name: self.vocabulary.shown(tokens, target) for name, target in targets.items()}


# --- Shares as JSON has them ------------------------------------------------------------------------------------


def grid(flags: Tensor) -> dict | None:
    """Shares over the first axis of `flags` (m, …), with their Wilson intervals, as nested lists; None for no rows."""
    total = len(flags)
    if not total:
        return None
    correct = flags.sum(0).numpy()
    low, high = np.vectorize(lambda count: wilson_interval(int(count), total), otypes=[float, float])(correct)
    return {
        "total": total,
        "correct": correct.tolist(),
        "accuracy": (100 * correct / total).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def means(values: Tensor, seed: int) -> dict:
    """Means over the first axis of `values` (m, …), with their bootstrapped intervals, as nested lists."""
    values = values.double().numpy()
    low, high = bootstrap_means(values.reshape(len(values), -1), seed).reshape(2, *values.shape[1:])
    return {"total": len(values), "mean": values.mean(0).tolist(), "low": low.tolist(), "high": high.tolist()}


# --- Lens selectivity -------------------------------------------------------------------------------------------


def measure_lens(study: Study) -> dict:
    """How often each target is among a lens's top tokens, by reading, chain step and step; of the logit lens of h also
    by layer."""
    states, k = study.seen.states, study.top_k
    tokens = [lens_tokens(study.codi, states[:, i], layer, k) for i, layer in enumerate(study.layers)]
    by_layer = torch.stack(tokens, 1)
    readings = {"h": by_layer[:, -1], "z": nearest_tokens(study.codi, study.seen.z, k)}
    return {
        "top_k": k,
        "no_single_token": {name: study.vocabulary.left_out(study.facts, name) for name in TARGETS},
        "readings": {name: lens_reading(study, tokens) for name, tokens in readings.items()},
        "by_layer": by_chain_step(study, study.shown(by_layer), study.targets),
    }


def by_chain_step(study: Study, shown: dict[str, Tensor], targets: dict[str, Tensor]) -> dict:
    """{chain step: {target: grid}} of the questions that have the target."""
    return {
        str(number): {name: grid(shown[name][targets[name][:, number - 1] >= 0, number - 1]) for name in TARGETS}
        for number in study.chain_steps
    }


def lens_reading(study: Study, tokens: Tensor) -> dict:
    """What the lens tokens (n, S, k) show, the last N of the S steps being latent."""
    steps = study.seen.steps
    shown = study.shown(tokens)
    latent = {name: flags[..., -steps:] for name, flags in shown.items()}
    fixed = [fixed_step(study, latent["result"], number) for number in study.chain_steps]
    table = by_chain_step(study, shown, study.targets)
    for number, rows in table.items():
        for name, by_step in rows.items():
            rows[name] = {"by_step": by_step} | at_steps(study, latent[name], name, int(number), fixed[int(number) - 1])
    has = {name: flags.any(1)[(study.targets[name] >= 0).any(1)] for name, flags in shown.items()}
    return {
        "steps": list(range(steps - tokens.shape[1], steps)),
        "fixed_steps": fixed,
        "chain_steps": table,
        "step_has_any": {name: grid(flags) for name, flags in has.items()},
        "all_of_solved": all_of_solved(study, latent, fixed),
    }


def fixed_step(study: Study, shown: Tensor, number: int) -> int | None:
    """The latent step where the result of a chain step shows most often in the training questions."""
    rows = study.split[0][study.targets["result"][study.split[0], number - 1] >= 0]
    return int(shown[rows, number - 1].float().mean(0).argmax()) if len(rows) else None


def at_steps(study: Study, shown: Tensor, name: str, number: int, fixed: int | None) -> dict:
    """How often a target shows at the fixed step, at a random other one, at any, in questions held out."""
    rows = study.held_out[study.targets[name][study.held_out, number - 1] >= 0]
    flags, steps = shown[rows, number - 1], shown.shape[-1]
    if fixed is None:
        return {"fixed": None, "random": None, "any": share_row(flags.any(1).tolist())}
    others = [step for step in range(steps) if step != fixed]
    drawn = [Random(seed_of("random step", study.seed, row, number)).choice(others) for row in rows.tolist() if others]
    return {
        "fixed": share_row(flags[:, fixed].tolist()),
        "random": share_row([bool(row[step]) for row, step in zip(flags, drawn, strict=True)]) if drawn else None,
        "any": share_row(flags.any(1).tolist()),
    }


def all_of_solved(study: Study, shown: dict[str, Tensor], fixed: list[int | None]) -> dict | None:
    """By chain length, of the held-out questions that are answered right: how often a target shows for every chain
    step, each at any latent step, and each at its fixed one; None without gold answers."""
    if study.seen.right is None:
        return None
    table = {}
    for length in study.chain_steps:
        if None in fixed[:length]:
            continue
        solved = [
            row for row in study.held_out.tolist() if study.seen.right[row] and len(study.facts[row].steps) == length
        ]
        table[str(length)] = {}
        for name in TARGETS:
            rows = torch.tensor(solved, dtype=torch.long)
            rows = rows[(study.targets[name][rows, :length] >= 0).all(1)]
            flags = shown[name][rows, :length]
            at_fixed = flags[:, range(length), fixed[:length]]
            table[str(length)][name] = {
                "any": share_row(flags.any(-1).all(1).tolist()),
                "fixed": share_row(at_fixed.all(1).tolist()),
            }
    return table


# --- The tuned lens ---------------------------------------------------------------------------------------------


def measure_tuned(study: Study) -> dict:
    """A tuned lens of every layer, on test questions: its divergence from the final distribution and how often its top
    token is the final one, beside the logit lens, and what shows in its top k. The last layer needs none: there both
    lenses are the model's own distribution."""
    states, (train, validation, test) = study.seen.states, study.split
    final, scores = states[:, -1], []
    for layer in range(len(study.layers) - 1):
        tuned = fit_tuned_lens(study.codi, states[:, layer], final, train, validation, study.seed)
        plain = TunedLens(*final.shape[1:]).to(study.codi.device)
        lenses = zip(LENSES, (tuned, plain), strict=True)
        scores.append({name: lens_scores(study, trained, layer) for name, trained in lenses})
    own = lens_tokens(study.codi, final[test], study.layers[-1], study.top_k)
    targets = {name: target[test] for name, target in study.targets.items()}
    section = {"top_k": study.top_k, "constant_kl_nats": means(constant_divergence(study), study.seed)}
    for name in LENSES:
        kl = torch.stack([row[name]["kl"] for row in scores], 1)  # (m, L, S)
        tokens = torch.stack([*(row[name]["tokens"] for row in scores), own], 1)
        section[name] = {
            "kl_nats": means(kl, study.seed),
            "mean_kl_nats": means(kl[..., 1:].mean(-1), study.seed),
            "same_top_token": grid(tokens[:, :-1, :, 0] == own[:, None, :, 0]),
            "by_layer": by_chain_step(study, study.shown(tokens, test), targets),
        }
    return section


@torch.inference_mode()
def lens_scores(study: Study, tuned: TunedLens, layer: int) -> dict[str, Tensor]:
    """kl (m, S) and top tokens (m, S, k) of the test questions' states at a layer."""
    test, codi, kls, tokens = study.split[2], study.codi, [], []
    for rows in test.split(CHUNK):
        log_probs = tuned.log_probs(codi, study.seen.states[rows, layer].to(codi.device))
        kls.append(divergence(codi, study.seen.states[rows, -1].to(codi.device), log_probs).cpu())
        tokens.append(log_probs.topk(study.top_k).indices.cpu())
    return {"kl": torch.cat(kls), "tokens": torch.cat(tokens)}


@torch.inference_mode()
def constant_divergence(study: Study) -> Tensor:
    """The KL (m, S) of the test questions from the mean final distribution of the training questions."""
    codi, (train, _, test), final = study.codi, study.split, study.seen.states[:, -1]
    mean = sum(lens(codi, final[rows].to(codi.device)).float().softmax(-1).sum(0) for rows in train.split(CHUNK))
    log_mean = (mean / len(train)).clamp(min=1e-30).log()
    return torch.cat([divergence(codi, final[rows].to(codi.device), log_mean).cpu() for rows in test.split(CHUNK)])


# --- The linear probe -------------------------------------------------------------------------------------------


def measure_linear(study: Study) -> dict:
    """{chain step: {target: a linear probe's scores by layer and step}}, and where cross-validation says it is best."""
    states = study.seen.states
    train, test = torch.cat(study.split[:2]).sort().values, study.split[2]
    tasks = [Task.of(study, name, number, train, test) for number in study.chain_steps for name in PROBED]
    tasks = [task for task in tasks if task]
    cells = [(layer, step) for layer in range(states.shape[1]) for step in range(states.shape[2])]
    for layer, step in tqdm(cells, desc="linear probes", mininterval=5, disable=None):
        probe = RidgeProbe(states[train, layer, step].float(), study.seed)
        for task in tasks:
            task.fit(probe, states[test, layer, step].float())
    table = {str(number): {} for number in study.chain_steps}
    for task in tasks:
        table[str(task.number)][task.name] = task.scores(study.layers, states.shape[2])
    return {"train": len(train), "chain_steps": table}


@dataclass
class Task:
    """One target of one chain step as classes, and what probes make of it, cell by cell."""

    name: str
    number: int
    rows: Tensor  # among the training questions, those that have it
    labels: list[str]
    shuffled: list[str]
    test_rows: Tensor
    truth: list[str]
    right: list[list[bool]]
    right_shuffled: list[list[bool]]
    held_out: list[float]

    @classmethod
    def of(cls, study: Study, name: str, number: int, train: Tensor, test: Tensor) -> "Task | None":
        """None where too few questions have the target."""
        sides = []
        for side in (train, test):
            labels = [TARGETS[name](study.facts[row], number) for row in side.tolist()]
            rows = [place for place, label in enumerate(labels) if label is not None]
            sides.append((torch.tensor(rows, dtype=torch.long), [labels[place] for place in rows]))
        (rows, labels), (test_rows, truth) = sides
        if len(rows) < FEWEST_LABELS or not truth:
            return None
        shuffled = Random(seed_of("shuffled", study.seed, name, number)).sample(labels, len(labels))
        return cls(name, number, rows, labels, shuffled, test_rows, truth, [], [], [])

    def fit(self, probe: RidgeProbe, test: Tensor) -> None:
        """Add the next cell's scores."""
        for labels, right in ((self.labels, self.right), (self.shuffled, self.right_shuffled)):
            told = probe.told(labels, self.rows, test[self.test_rows])
            right.append([said == true for said, true in zip(told.classes, self.truth, strict=True)])
            if labels is self.labels:
                self.held_out.append(100 * told.held_out)

    def scores(self, layers: list[int], steps: int) -> dict:
        best = max(range(len(self.held_out)), key=self.held_out.__getitem__)
        commonest = max(sorted(set(self.labels)), key=self.labels.count)
        shape = (len(self.truth), len(layers), steps)
        right, shuffled = (torch.tensor(one).T.reshape(shape) for one in (self.right, self.right_shuffled))
        return {
            "train": len(self.rows),
            "classes": len(set(self.labels)),
            "held_out": torch.tensor(self.held_out).reshape(shape[1:]).tolist(),
            "best": {"layer": layers[best // steps], "step": best % steps - 1},
            "probe": grid(right),
            "shuffled": grid(shuffled),
            "commonest": share_row([label == commonest for label in self.truth]),
        }


# --- Attention --------------------------------------------------------------------------------------------------


def measure_attention(study: Study) -> dict:
    """Percent of the attention that each query gives to each key, averaged over questions and heads: over the layers
    too, and by layer; what even attention would give; and what the later latent steps give to each, on the average."""
    weights, even, steps = 100 * study.seen.attention, 100 * study.seen.uniform, study.seen.steps
    there = ~weights[:, 0, :, 0].isnan()  # (n, queries): an empty answer asks nothing
    later, even_later = later_steps(weights, steps), later_steps(even, steps)
    return {
        "queries": queries(steps),
        "keys": keys(steps),
        "of": [attention_of(weights[rows, :, q], even[rows, q], study.seed) for q, rows in enumerate(there.T)],
        "of_later_steps": attention_of(later, even_later, study.seed) if steps > 1 else None,
    }


def later_steps(weights: Tensor, steps: int) -> Tensor:
    """(n, …, N): the mean attention that the latent steps after step -1 … N-2 give it, of (n, …, N + 2, N + 3)."""
    return torch.stack([weights[..., step + 1 : steps, step + 2].mean(-1) for step in range(-1, steps - 1)], -1)


def attention_of(weights: Tensor, even: Tensor, seed: int) -> dict | None:
    """The means of one query's attention (m, L, keys), by layer from block 1 on; None where nobody asks."""
    if not len(weights):
        return None
    return {
        "all_layers": means(weights.mean(1), seed),
        "even": even.double().mean(0).tolist(),
        "by_layer": weights.double().mean(0).tolist(),
    }


# --- The run ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Probe:
    """A section of the results: how it is measured, its tables, its rows of heatmaps; whether it needs gold chains."""

    measure: Callable[[Study], dict]
    show: Callable[[dict], Iterator]
    draw: Callable[[dict], Iterator[list[Panel]]]
    needs_chains: bool


PROBES = {
    "lens": Probe(measure_lens, show_lens, draw_lens, True),
    "tuned": Probe(measure_tuned, show_tuned, draw_tuned, False),
    "linear": Probe(measure_linear, show_linear, draw_linear, True),
    "attention": Probe(measure_attention, show_attention, draw_attention, False),
}


def checked_facts(problems: list[Problem], probes: list[str], data: str, seed: int) -> list[Facts]:
    """facts_of(); UserError where a probe looks for results and no chain has one."""
    facts, needy = facts_of(problems, seed), [name for name in probes if PROBES[name].needs_chains]
    if needy and not any(fact.steps for fact in facts):
        others = " ".join(name for name in PROBES if name not in needy)
        raise UserError(
            f"{data} has no worked steps such as <<16-3=13>> for {' and '.join(needy)} to look for. Give data with a "
            f"chain, or --probes {others}"
        )
    return facts


def chosen_layers(codi: Codi, asked: list[int] | None, probes: list[str]) -> list[int]:
    """The layers to look at, the last among them; UserError for one that is not there, or none to tune a lens of."""
    asked = range(codi.depth + 1) if asked is None else asked
    if "tuned" in probes and min(asked) == codi.depth:
        raise UserError(
            f"--layers {codi.depth} is the last of {codi.name}, which needs no tuned lens. Name one before."
        )
    unknown = [layer for layer in asked if layer > codi.depth]
    if unknown:
        raise UserError(f"--layers {unknown[0]}: {codi.name} has layers 0 to {codi.depth}.")
    return sorted({*asked, codi.depth})


def study_of(codi: Codi, problems: list[Problem], facts: list[Facts], split: tuple, args) -> Study:
    layers = chosen_layers(codi, args.layers, args.probes)
    with tqdm(total=len(problems), desc="questions", mininterval=5, disable=None) as bar:
        seen = observe(codi, problems, layers, "attention" in args.probes, args.batch_size, bar.update)
    return Study(codi, facts, seen, split, layers, args.top_k, args.seed)


def about(study: Study, problems: list[Problem], data: str, args) -> dict:
    """What the results are of."""
    digest = hashlib.sha256(json.dumps([vars(problem) for problem in problems]).encode()).hexdigest()
    right = study.seen.right
    return {
        "meta": study.codi.describe() | {"data": data, "split": args.split, "questions_sha256": digest}
        | provenance(vars(args)),
        "questions": dict(zip(("train", "validation", "test"), map(len, study.split), strict=True)),
        "correct": None if right is None else share_row(right),
        "steps": list(range(-1, study.seen.steps)),
        "layers": study.layers,
    }  # fmt: skip


def save_and_show(results: dict, probes: list[str], output: Path | None, picture: Path | None) -> None:
    """Results first, then what is drawn of them; the tables are shown even if nothing can be saved."""
    try:
        if output:
            write_json(output, results)
    finally:
        console = Console()
        if results["correct"]:
            right = score_text(results["correct"]["correct"], results["correct"]["total"])
            say(console, f"{results['meta']['model']} on {results['meta']['data']}: {right} right")
        for name in probes:
            for table in PROBES[name].show(results):
                print_table(console, table)
    if picture:
        plot(results, [row for name in probes for row in PROBES[name].draw(results) if row], picture)


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output", "plot"], ["data", "model"]):
        data = default_data() if args.data is None else args.data
        problems = load_problems(data, args.split, args.n, args.seed)
        facts = checked_facts(problems, args.probes, data, args.seed)
        split = split_questions([problem.question for problem in problems], args.seed)
        codi = load_model(args.model, **model_options(args))
        check_top_k(codi, args.top_k)
        study = study_of(codi, problems, facts, split, args)
        results = about(study, problems, data, args)
        for name in args.probes:
            start = time.perf_counter()
            results[name] = PROBES[name].measure(study)
            log(f"{name}: {time.perf_counter() - start:.1f} s")
        save_and_show(results, args.probes, args.output, args.plot)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", nargs="+", choices=list(PROBES), default=list(PROBES), help="default: all")
    add_data_arguments(parser, "generated questions, the split, all that is drawn")
    parser.add_argument("--top-k", type=positive_int, default=5, help="lens tokens looked at (default: 5)")
    parser.add_argument(
        "--layers", nargs="+", type=whole_number, help="from 0; the last is always among them (default: all)"
    )
    parser.add_argument("--output", type=file_path, help="JSON of every figure")
    parser.add_argument("--plot", type=png_path, help="PNG of the heatmaps")
    parser.add_argument("--batch-size", type=positive_int, help="rows (default: as many as a token budget holds)")
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    args.probes = [name for name in PROBES if name in args.probes]
    return args


if __name__ == "__main__":
    run_script(main)
