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
from files import claimed, drawing, file_path, write_json
from interventions import seed_of
from loading import Codi, add_model_arguments, load_model, model_options
from probes import (
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
from scores import interval_text, share_row, wilson_interval
from scripting import (
    UserError,
    add_row,
    log,
    new_table,
    positive_int,
    print_table,
    provenance,
    run_script,
)

NUMBERS = ("result", "other number", "frequent number", "unrelated result")  # of the table of solved questions
FEWEST_LABELS = 10  # training questions of a linear probe
CHUNK = 256  # questions whose vocabulary-wide distributions are held at a time


@dataclass(frozen=True)
class Study:
    """What all probes look at."""

    codi: Codi
    facts: list[Facts]
    seen: Observed
    split: tuple[Tensor, Tensor, Tensor]  # rows for training, validation, test
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


def cell(row: dict | None, *place: int) -> str:
    """36.7 [34.1, 39.3], of a share_row(), or of a grid() or means() at a place of it."""
    if row is None:
        return "-"
    if "interval" in row:
        return interval_text(row["accuracy"], row["interval"])
    values = [row[name] for name in ("accuracy" if "accuracy" in row else "mean", "low", "high")]
    for index in place:
        values = [value[index] for value in values]
    return interval_text(values[0], (values[1], values[2]))


# --- Lens selectivity -------------------------------------------------------------------------------------------


def measure_lens(study: Study) -> dict:
    """How often each target is among a lens's top tokens, by reading, chain step and step; of the logit lens of h also
    by layer."""
    states, k = study.seen.states, study.top_k
    by_layer = torch.stack([lens_tokens(study.codi, states[:, i], i, k) for i in range(states.shape[1])], 1)
    readings = {"h": by_layer[:, -1], "z": nearest_tokens(study.codi, study.seen.z, k)}
    return {
        "top_k": k,
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


def show_lens(results: dict) -> Iterator:
    section = results["lens"]
    for name, reading in section["readings"].items():
        top = f"top {section['top_k']} of {'the lens of h' if name == 'h' else 'the cosines of z'}"
        table = new_table(
            f"In the {top}, % of held-out questions",
            "chain step", "target", "n", "fixed step", "at it", "at a random other", "at any", left=2,
        )  # fmt: skip
        for number, rows in reading["chain_steps"].items():
            fixed = reading["fixed_steps"][int(number) - 1]
            for target, row in rows.items():
                total = row["any"]["total"] if row["any"] else 0
                add_row(table, number, target, total, fixed, *(cell(row[key]) for key in ("fixed", "random", "any")))
        yield table
        yield table_of_steps(f"Any of a question's in the {top}, % of all questions", reading)
        if reading["all_of_solved"]:
            yield table_of_solved(f"All of a question's in the {top}, % of those solved", reading)


def table_of_steps(title: str, reading: dict):
    table = new_table(title, "target", "n", *(f"step {step}" for step in reading["steps"]), left=1)
    for target, row in reading["step_has_any"].items():
        if row:
            add_row(table, target, row["total"], *(cell(row, place) for place in range(len(reading["steps"]))))
    return table


def table_of_solved(title: str, reading: dict):
    table = new_table(title, "chain steps", "target", "n", "each at its fixed step", "each at any", left=2)
    for length, rows in reading["all_of_solved"].items():
        for target in NUMBERS:
            if row := rows[target]["any"]:
                add_row(table, length, target, row["total"], cell(rows[target]["fixed"]), cell(row))
    return table


def draw_lens(results: dict) -> Iterator[list["Panel"]]:
    rows = results["lens"]["by_layer"].items()
    yield [Panel.of(f"logit lens: result {number}", results, row["result"]) for number, row in rows]


# --- The tuned lens ---------------------------------------------------------------------------------------------

LENSES = ("tuned lens", "logit lens")


def measure_tuned(study: Study) -> dict:
    """A tuned lens of every layer, on test questions: its divergence from the final distribution and how often its top
    token is the final one, beside the logit lens, and what shows in its top k. The last layer needs none: there both
    lenses are the model's own distribution."""
    states, (train, validation, test) = study.seen.states, study.split
    final, layers = states[:, -1], range(states.shape[1] - 1)
    scores = []
    for layer in layers:
        tuned = fit_tuned_lens(study.codi, states[:, layer], final, train, validation, study.seed)
        plain = TunedLens(*final.shape[1:]).to(study.codi.device)
        scores.append(
            {name: lens_scores(study, lens, layer) for name, lens in zip(LENSES, (tuned, plain), strict=True)}
        )
    own = lens_tokens(study.codi, final[test], len(layers), study.top_k)
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


def show_tuned(results: dict) -> Iterator:
    section, steps = results["tuned"], results["steps"]
    table = new_table(
        "Divergence from the final distribution, nats; in brackets the logit lens's",
        "layer", "n", *(f"step {step}" for step in steps), "steps from 0 on", "same top token, %", left=1,
    )  # fmt: skip
    tuned, plain = (section[name] for name in LENSES)
    for layer in results["layers"][:-1]:
        pairs = zip(tuned["kl_nats"]["mean"][layer], plain["kl_nats"]["mean"][layer], strict=True)
        same = [float(np.mean(one["same_top_token"]["accuracy"][layer][1:])) for one in (tuned, plain)]
        mean = f"{two_digits(tuned, layer)} ({plain['mean_kl_nats']['mean'][layer]:.2f})"
        add_row(
            table, layer, tuned["kl_nats"]["total"], *(f"{a:.2f} ({b:.2f})" for a, b in pairs), mean,
            f"{same[0]:.1f} ({same[1]:.1f})",
        )  # fmt: skip
    constant = section["constant_kl_nats"]
    add_row(table, "constant", constant["total"], *(f"{mean:.2f}" for mean in constant["mean"]), "", "")
    yield table


def two_digits(section: dict, layer: int) -> str:
    """0.52 [0.48, 0.57]"""
    mean, low, high = (section["mean_kl_nats"][name][layer] for name in ("mean", "low", "high"))
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def draw_tuned(results: dict) -> Iterator[list["Panel"]]:
    rows = results["tuned"]["tuned lens"]["by_layer"].items()
    yield [Panel.of(f"tuned lens: result {number}", results, row["result"]) for number, row in rows]


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
        table[str(task.number)][task.name] = task.scores(states.shape[1], states.shape[2])
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

    def scores(self, layers: int, steps: int) -> dict:
        best = max(range(layers * steps), key=self.held_out.__getitem__)
        commonest = max(sorted(set(self.labels)), key=self.labels.count)
        shape = (len(self.truth), layers, steps)
        right, shuffled = (torch.tensor(one).T.reshape(shape) for one in (self.right, self.right_shuffled))
        return {
            "train": len(self.rows),
            "classes": len(set(self.labels)),
            "held_out": torch.tensor(self.held_out).reshape(layers, steps).tolist(),
            "best": {"layer": best // steps, "step": best % steps - 1},
            "probe": grid(right),
            "shuffled": grid(shuffled),
            "commonest": share_row([label == commonest for label in self.truth]),
        }


def show_linear(results: dict) -> Iterator:
    table = new_table(
        "Linear probes, where cross-validation on the training questions is best, % of test questions",
        "chain step", "target", "train", "n", "layer", "step", "right", "labels shuffled", "commonest class", left=2,
    )  # fmt: skip
    for number, rows in results["linear"]["chain_steps"].items():
        for target, row in rows.items():
            layer, step = row["best"]["layer"], row["best"]["step"]
            place = (layer, step + 1)
            add_row(
                table, number, target, row["train"], row["probe"]["total"], layer, step, cell(row["probe"], *place),
                cell(row["shuffled"], *place), cell(row["commonest"]),
            )  # fmt: skip
    yield table


def draw_linear(results: dict) -> Iterator[list["Panel"]]:
    table = results["linear"]["chain_steps"]
    for name in PROBED:
        rows = [(number, row[name]) for number, row in table.items() if name in row]
        yield [Panel.of(f"linear probe: {name} {number}", results, row["probe"]) for number, row in rows]


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


def show_attention(results: dict) -> Iterator:
    section = results["attention"]
    table = new_table(
        "Attention, % of all that a query gives; after the slash, if it were even",
        "query",
        "n",
        *section["keys"],
        left=1,
    )
    rows = [*zip(section["queries"], section["of"], strict=True), ("later steps", section["of_later_steps"])]
    for query, row in rows:
        if row:
            cells = [attention_cell(row, place) for place in range(len(row["even"]))]
            add_row(table, query, row["all_layers"]["total"], *([""] if query == "later steps" else []), *cells)
    yield table


def attention_cell(row: dict, place: int) -> str:
    """24.1 [22.8, 25.4] / 2.8; empty where there is nothing to see."""
    return f"{cell(row['all_layers'], place)} / {row['even'][place]:.1f}" if row["even"][place] else ""


def draw_attention(results: dict) -> Iterator[list["Panel"]]:
    section = results["attention"]
    steps, layers = results["steps"], results["layers"][1:]
    of = dict(zip(section["queries"], section["of"], strict=True))
    by_layer = {name: [row[1:-1] for row in of[name]["by_layer"]] for name in ("eot", "answer") if of[name]}
    if section["of_later_steps"]:
        by_layer["later steps"] = section["of_later_steps"]["by_layer"]
    yield [
        Panel(f"attention of {name}\n%", values, list(map(str, steps[: len(values[0])])), list(map(str, layers)))
        for name, values in by_layer.items()
    ]


# --- Pictures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """A heatmap of percents."""

    title: str
    values: list[list[float]]  # rows from the bottom, then columns
    columns: list[str]
    rows: list[str]

    @classmethod
    def of(cls, title: str, results: dict, scores: dict | None) -> "Panel":
        """A grid() by layer and step; empty where there is none."""
        layers, steps = results["layers"], results["steps"]
        values = scores["accuracy"] if scores else [[float("nan")] * len(steps) for _ in layers]
        count = scores["total"] if scores else 0
        return cls(f"{title}\n% of {count}", values, list(map(str, steps)), list(map(str, layers)))


def plot(results: dict, panels: list[list[Panel]], path: Path) -> None:
    """Heatmaps, a row of them per probe and target."""
    columns = max(map(len, panels))
    size = (1.5 + 0.5 * len(results["steps"]) * columns, len(panels) * (1.2 + 0.25 * len(results["layers"])))
    with drawing(path, size=size, dpi=100) as (figure, (axis,)):
        axis.remove()
        axes = figure.subplots(len(panels), columns, squeeze=False)
        for row, places in zip(panels, axes, strict=True):
            for place in places[len(row) :]:
                place.axis("off")
            for panel, place in zip(row, places, strict=False):
                draw_panel(panel, place)
        figure.suptitle(f"{results['meta']['model']} on {results['meta']['data']}: layer (up) by latent step (across)")


def draw_panel(panel: Panel, axis) -> None:
    axis.imshow(np.array(panel.values, dtype=float), origin="lower", aspect="auto", vmin=0, vmax=100, cmap="Blues")
    axis.set_title(panel.title, fontsize=8)
    axis.set_xticks(range(len(panel.columns)), panel.columns, fontsize=7)
    every = max(1, len(panel.rows) // 10)
    axis.set_yticks(range(0, len(panel.rows), every), panel.rows[::every], fontsize=7)
    if len(panel.rows) <= 12:
        for y, row in enumerate(panel.values):
            for x, value in enumerate(row):
                if value == value:
                    axis.text(
                        x, y, f"{value:.0f}", ha="center", va="center", fontsize=6, color="w" if value > 60 else "k"
                    )


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


def study_of(codi: Codi, problems: list[Problem], facts: list[Facts], split: tuple, args) -> Study:
    with tqdm(total=len(problems), desc="questions", mininterval=5, disable=None) as bar:
        seen = observe(codi, problems, "attention" in args.probes, args.batch_size, bar.update)
    return Study(codi, facts, seen, split, args.top_k, args.seed)


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
        "layers": list(range(study.codi.depth + 1)),
    }  # fmt: skip


def save_and_show(results: dict, probes: list[str], output: Path | None, picture: Path | None) -> None:
    """Results first, then what is drawn of them; the tables are shown even if nothing can be saved."""
    try:
        if output:
            write_json(output, results)
    finally:
        console = Console()
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
    parser.add_argument("--output", type=file_path, help="JSON of every figure")
    parser.add_argument("--plot", type=file_path, help="PNG of the heatmaps")
    parser.add_argument("--batch-size", type=positive_int, help="rows (default: as many as a token budget holds)")
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    args.probes = [name for name in PROBES if name in args.probes]
    return args


if __name__ == "__main__":
    run_script(main)
