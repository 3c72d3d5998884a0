"""
Score an oracle on questions it never saw, with what needs no thoughts beside every score.

Reads   traces.jsonl of other questions (collect_traces.py), an oracle (train_oracle.py)
Writes  a table; with --output JSON, with --plot PNG

    python eval_oracle.py --traces traces_test.jsonl --oracle-dir oracle_model/best
    python eval_oracle.py --traces traces_test.jsonl --output oracle_eval.json --plot oracle_eval.png
    python eval_oracle.py --oracle-dir seed0/best seed1/best seed2/best --beside oracle_model/best

Baselines, on the same items: the best constant answer to each query (chosen on these very items, so at its best); the
same oracle shown the question alone, the output alone (its training had such pairs), or another question's thoughts,
and if it reads vectors also zero, mean and random ones; a plain rule on the trace's lens; a linear probe on the vectors. Intervals are bootstrapped over questions; p is a paired sign-flip test over questions
against the best baseline.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from codi_model import seed_of
from oracle_inference import check_same_model, check_same_vectors
from oracle_model import ORACLE_HELP, Ask, Oracle, load_oracle, replies, stacked
from oracle_questions import (
    HELD_OUT,
    STRATEGIES,
    TASKS,
    Question,
    one_line,
    prompt_end,
    prompt_start,
    questions_about,
)
from probe import RidgeProbe
from problems import near_duplicates, same_answer
from scores import Scored, bootstrap_interval, score_text, sign_flip_p
from scripting import (
    UserError,
    check_writable,
    log,
    positive_int,
    provenance,
    replacing,
    run_script,
    say,
    whole_number,
    write_json,
)
from traces import COLLECT, Trace, Vectors, of_patch, read_meta, read_traces

# --- What is scored ---------------------------------------------------------------------------------------------


def f1(gold: list[int], said: list[int]) -> float:
    """F1 of two sets; 1 where both are empty."""
    return 2 * len(set(gold) & set(said)) / (len(set(gold)) + len(set(said))) if gold or said else 1.0


def precision(gold: list[int], said: list[int]) -> float:
    """The earlier rule: the share of the named steps that are redundant."""
    return len(set(gold) & set(said)) / len(set(said)) if said else float(not gold)


@dataclass(frozen=True)
class Metric:
    """A score in 0..1 of what was said against the gold answer, both as data of one task."""

    task: str
    score: Callable[[object, object], float]
    applies: Callable[[object], bool] = lambda gold: True
    label: Callable[[object], object] | None = None  # the classes of a balanced accuracy


changed = lambda gold: gold["changed"]
METRICS = {
    "ablation": Metric("critical", lambda gold, said: set(gold) == set(said)),
    "redundancy": Metric("redundant", f1),
    "redundancy_precision": Metric("redundant", precision),
    "step_effect": Metric("step_effect", lambda gold, said: changed(gold) == changed(said), label=changed),
    "step_effect_answer": Metric(
        "step_effect", lambda gold, said: changed(said) and same_answer(gold["answer"], said["answer"]), changed
    ),
    "early_decode": Metric("early_decode", same_answer),
    "convergence": Metric("convergence", lambda gold, said: gold["step"] == said["step"], label=lambda g: g["step"]),
    "convergence_within_1": Metric("convergence", lambda gold, said: abs(gold["step"] - said["step"]) <= 1),
    "contrastive": Metric("contrastive", lambda gold, said: changed(gold) == changed(said), label=changed),
    "contrastive_answer": Metric(
        "contrastive", lambda gold, said: changed(said) and same_answer(gold["direct"], said["direct"]), changed
    ),
    "patching": Metric("patched", same_answer),
    "lens_token": Metric("top_tokens", lambda gold, said: bool(said) and gold[0] == said[0]),
    "chain_result": Metric("holds", lambda gold, said: gold["result"] == said["result"], lambda gold: gold["result"]),
    "chain_operation": Metric(
        "holds", lambda gold, said: gold["operation"] == said["operation"], lambda gold: gold["result"]
    ),
}

# --- Plain rules on a trace -------------------------------------------------------------------------------------


def top(trace: Trace, step: int) -> str:
    """The lens's top token after a step; -1 is the encoded question."""
    reading = trace.steps[step] if step >= 0 else trace.encoding
    return one_line(reading["top_k_tokens"][0]) if reading else ""


def shows_output(trace: Trace, step: int) -> bool:
    return same_answer(top(trace, step), trace.output)


def first_shown(trace: Trace, question: Question):
    steps = range(-1, trace.num_latent)
    return {"step": next((step for step in steps if shows_output(trace, step)), trace.num_latent - 1)}


def least_alike(trace: Trace, question: Question):
    cosines = [1.0 if step["cosine_to_prev"] is None else step["cosine_to_prev"] for step in trace.steps]
    return [cosines.index(min(cosines))]


RULES = {  # task: (the rule in words, what it says)
    "critical": ("the step whose hidden state turns most", least_alike),
    "redundant": (
        "the steps whose top token is that of the state before",
        lambda trace, q: [i for i in range(trace.num_latent) if top(trace, i) == top(trace, i - 1)],
    ),
    "step_effect": (
        "it becomes the top token of the state before the step",
        lambda trace, q: {
            "changed": not shows_output(trace, q.slots["step"] - 1), "answer": top(trace, q.slots["step"] - 1),
        },
    ),
    "early_decode": ("the top token after the step", lambda trace, q: top(trace, q.slots["step"])),
    "convergence": ("the first step whose top token is the output", first_shown),
    "contrastive": (
        "changed if the encoded question's top token is not the output",
        lambda trace, q: {"changed": not shows_output(trace, -1), "direct": top(trace, -1)},
    ),
    "patched": ("the output stays", lambda trace, q: trace.output),
    "top_tokens": ("the top token of the step before", lambda trace, q: [top(trace, q.slots["step"] - 1)]),
    "holds": (
        "the top token, by addition",
        lambda trace, q: {"result": top(trace, q.slots["step"]), "operation": "addition"},
    ),
}  # fmt: skip

# --- What is asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One question about one held-out trace, and the trace of another question for the shuffled baseline."""

    trace: Trace
    other: Trace
    question: Question
    wording: int

    @property
    def step(self) -> int | None:
        return self.question.slots.get("step")

    @property
    def patch(self) -> int | None:
        return self.question.slots.get("patch")

    @property
    def key(self) -> tuple:
        """What sets one query of a task apart from another."""
        return self.question.task, self.step, self.question.slots.get("kind")


def items_of(traces: list[Trace], per_task: int, seed: int) -> list[Item]:
    """At most `per_task` questions of each scored task about each trace, drawn by (seed, question), and as many about
    its patched runs. Order: by trace."""
    by_index, items = {trace.index: trace for trace in traces}, []
    wanted = dict.fromkeys(metric.task for metric in METRICS.values())
    for place, trace in enumerate(traces):
        rng = Random(f"{seed}/{trace.index}")
        other = traces[(place + rng.randrange(1, len(traces))) % len(traces)]
        donor = by_index.get(trace.donor)
        asked = [q for strategy in STRATEGIES for q in questions_about(trace, strategy, rng, donor)]
        groups = [[q for q in asked if q.task == task and "patch" not in q.slots] for task in wanted]
        for some in [*groups, [q for q in asked if "patch" in q.slots]]:
            for question in rng.sample(some, min(per_task, len(some))):
                items.append(Item(trace, other, question, rng.randrange(len(TASKS[question.task].wordings))))
    return items


class Views:
    """What an oracle is shown of an item: all it may see, or a part, or what does not belong to it."""

    def __init__(self, oracle: Oracle, traces_path: Path, items: list[Item], seed: int):
        self.oracle, self.items, self.seed = oracle, items, seed
        self.vectors = None if oracle.form.reads == "text" else Vectors(traces_path)
        self.known = {}

    def conditions(self) -> dict[str, Callable[[Item], dict]]:
        """Name: how ask() is changed. Text oracles are given another question's lines, vector oracles its vectors, or
        vectors of nothing at all."""
        hidden = {"question only": {"shows": ("question",)}, "output only": {"shows": ("output",)}}
        conditions = {name: lambda item, change=change: change for name, change in hidden.items()}
        conditions["another's thoughts"] = lambda item: {"thoughts": item.other}
        if self.vectors is not None:
            mean = torch.stack([self.read(item.trace, None) for item in self.items]).mean(0)
            conditions["zero vectors"] = lambda item: {"vectors": torch.zeros_like(mean)}
            conditions["mean vectors"] = lambda item: {"vectors": mean}
            conditions["random vectors"] = lambda item: {"vectors": self.random(item)}
        return conditions

    def read(self, trace: Trace, patch: int | None) -> torch.Tensor:
        """The stacked vectors (rows, D) of a trace or of one of its patched runs."""
        key = trace.index, patch
        if key not in self.known:
            self.known[key] = stacked(of_patch(self.vectors[trace.index], patch), self.oracle.form)
        return self.known[key]

    def random(self, item: Item) -> torch.Tensor:
        """Gaussian vectors of the same norms."""
        own = self.read(item.trace, item.patch)
        noise = torch.randn(own.shape, generator=torch.Generator().manual_seed(seed_of(self.seed, item.trace.index)))
        return noise / noise.norm(dim=-1, keepdim=True) * own.norm(dim=-1, keepdim=True)

    def ask(self, item: Item, wording: int, shows=None, thoughts: Trace | None = None, vectors=None) -> Ask:
        form, trace = self.oracle.form, item.trace
        if thoughts:
            trace = replace(trace, steps=thoughts.steps, encoding=thoughts.encoding)
        if self.vectors is not None and vectors is None:
            vectors = self.read(thoughts or item.trace, None if thoughts else item.patch)
        start = prompt_start(trace, form, shows)
        return Ask(start, prompt_end(item.question.query(wording, form)), vectors)

    def said(self, name: str, change: Callable[[Item], dict] = lambda item: {}, wording: int | None = None) -> list:
        """(what the oracle says to each item as data, or None where it cannot be read; its probability)"""
        asked = [self.ask(i, i.wording if wording is None else wording, **change(i)) for i in self.items]
        done = replies(self.oracle, asked)
        log(f"{name}: {len(done)} replies")
        return [Said(TASKS[i.question.task].read(r.text), r.probability) for i, r in zip(self.items, done, strict=True)]


@dataclass(frozen=True)
class Said:
    """A reply as data, None where it cannot be read, and the probability the oracle gave it."""

    data: object
    probability: float = 1.0


def probed(items: list[Item], views: Views, train_path: Path) -> list[Said]:
    """What a linear probe says that was trained on the vectors of other traces, one probe per query."""
    train, vectors = list(read_traces(train_path)), Vectors(train_path)
    features = torch.stack([stacked(vectors[trace.index], views.oracle.form).flatten() for trace in train])
    probe, golds = RidgeProbe(features), {}
    for row, trace in enumerate(train):
        rng = Random(f"probe/{trace.index}")
        for question in (q for strategy in STRATEGIES for q in questions_about(trace, strategy, rng, None)):
            if "patch" not in question.slots:
                golds.setdefault(Item(trace, trace, question, 0).key, []).append((row, question.gold))
    said = [Said(None)] * len(items)
    for key in dict.fromkeys(item.key for item in items):
        places = [i for i, item in enumerate(items) if item.key == key]
        if key not in golds:
            continue
        rows, labels = zip(*golds[key], strict=True)
        texts = [json.dumps(label, sort_keys=True) for label in labels]
        test = torch.stack([views.read(items[i].trace, items[i].patch).flatten() for i in places])
        for i, text in zip(places, probe.fit_predict(texts, torch.tensor(rows), test), strict=True):
            said[i] = Said(json.loads(text))
    log(f"linear probe: {len(said)} items")
    return said


# --- Scoring ----------------------------------------------------------------------------------------------------


def counts(metric: Metric, item: Item) -> bool:
    return item.question.task == metric.task and item.patch is None and metric.applies(item.question.gold)


def scored(metric: Metric, items: list[Item], said: list[Said]) -> Scored:
    """The metric's scores of the items it counts; what could not be read scores 0."""
    chosen = [(item, reply.data) for item, reply in zip(items, said, strict=True) if counts(metric, item)]
    score = lambda item, data: 0.0 if data is None else float(metric.score(item.question.gold, data))
    return Scored(
        np.array([score(item, data) for item, data in chosen]),
        np.array([item.trace.index for item, _ in chosen]),
        [metric.label(item.question.gold) for item, _ in chosen] if metric.label else None,
    )


def best_constants(metric: Metric, items: list[Item]) -> list[Said]:
    """To each item the single answer that scores best on all items of the same query; None where the metric does not
    apply."""
    groups = {}
    for item in items:
        if counts(metric, item):
            groups.setdefault(item.key, []).append(item.question.gold)
    best = {}
    for key, golds in groups.items():
        candidates = {json.dumps(gold, sort_keys=True): gold for gold in golds}.values()
        best[key] = max(candidates, key=lambda said: sum(metric.score(gold, said) for gold in golds))
    return [Said(best.get(item.key)) for item in items]


def evaluate(oracle: Oracle, items: list[Item], args, seeds: list[Oracle] = (), beside: list[Oracle] = ()) -> dict:
    """Every metric's block of the JSON, and for vector oracles "counterfactual"."""
    views = Views(oracle, args.traces, items, args.seed)
    own, unseen = views.said("oracle"), views.said("unseen wordings", wording=HELD_OUT)
    baselines = {name: views.said(name, change) for name, change in views.conditions().items()}
    baselines["plain rule"] = [Said(RULES[i.question.task][1](i.trace, i.question)) for i in items]
    if views.vectors is not None and args.probe_traces:
        baselines["linear probe"] = probed(items, views, args.probe_traces)
    others = [Views(other, args.traces, items, args.seed).said(str(other.folder)) for other in seeds]
    besides = {str(o.folder): Views(o, args.traces, items, args.seed).said(str(o.folder)) for o in beside}
    results = {}
    for name, metric in METRICS.items():
        if not any(counts(metric, item) for item in items):
            log(f"{name}: no items; the traces lack what it asks about.")
            continue
        of = partial(scored, metric, items)
        compared = {"best constant": of(best_constants(metric, items))}
        compared |= {baseline: of(said) for baseline, said in baselines.items()}
        results[name] = block(of(own), compared, args.seed)
        chosen = [reply for item, reply in zip(items, own, strict=True) if counts(metric, item)]
        results[name] |= {
            "unparsed": sum(reply.data is None for reply in chosen),
            "unseen_wordings": summary(of(unseen), args.seed),
            "plain_rule": RULES[metric.task][0],
            "answer_in_prompt": oracle.form.reads != "vectors" and TASKS[metric.task].is_printed(oracle.form),
            "calibration": calibration([reply.probability for reply in chosen], of(own).scores),
        }
        if seeds:
            results[name]["seeds"] = spread([100 * of(said).mean() for said in (own, *others)])
        if beside:
            results[name]["beside"] = {folder: summary(of(said), args.seed) for folder, said in besides.items()}
    if views.vectors is not None and any(item.patch is not None for item in items):
        swapped = baselines["another's thoughts"]
        results["counterfactual"] = counterfactual(items, own, args.seed) | said_by_vectors(items, swapped)
    return results


def counterfactual(items: list[Item], said: list[Said], seed: int) -> dict:
    """Of the patched runs whose answer after a step is another than the plain run's: how often the oracle says what
    the patched run answers ("follows", the score), what the plain run answers ("stays"), or neither."""
    chosen = []
    for item, reply in zip(items, said, strict=True):
        if item.patch is not None:
            plain = item.trace.early_decodes[item.step + 1]["output"]
            if not same_answer(item.question.gold, plain):
                follows = reply.data is not None and same_answer(reply.data, item.question.gold)
                stays = reply.data is not None and same_answer(reply.data, plain)
                chosen.append((item.trace.index, follows, stays))
    if not chosen:
        return {}
    index, follows, stays = map(np.array, zip(*chosen, strict=True))
    result = summary(Scored(follows.astype(float), index), seed)
    return result | {"stays": int(stays.sum()), "neither": int((~follows & ~stays).sum())}


def said_by_vectors(items: list[Item], said: list[Said]) -> dict:
    """With another question's vectors: how often the oracle gives the answer that the other's run gave."""
    asked = [
        (reply.data, item.other.early_decodes[item.step + 1]["output"])
        for item, reply in zip(items, said, strict=True)
        if item.question.task == "early_decode" and item.patch is None
    ]
    right = sum(data is not None and same_answer(data, gold) for data, gold in asked)
    return {"anothers_vectors": {"says_what_they_say": right, "total": len(asked)}}


def calibration(probabilities: list[float], scores: np.ndarray, bins: int = 10) -> dict:
    """Mean probability of the replies against how often they are right, in ten bins; the expected calibration error;
    the accuracy of the surer half."""
    sure = np.array(probabilities)
    place = np.minimum((sure * bins).astype(int), bins - 1)
    rows = [
        {"mean_probability": float(sure[place == b].mean()), "accuracy": 100 * float(scores[place == b].mean()),
         "count": int((place == b).sum())}
        for b in range(bins) if (place == b).any()
    ]  # fmt: skip
    error = sum(row["count"] * abs(100 * row["mean_probability"] - row["accuracy"]) for row in rows) / len(sure)
    surest = np.argsort(-sure, kind="stable")[: (len(sure) + 1) // 2]
    return {"expected_error": error, "bins": rows, "accuracy_of_surer_half": 100 * float(scores[surest].mean())}


def spread(accuracies: list[float]) -> dict:
    deviation = float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None
    return {"accuracies": accuracies, "mean": float(np.mean(accuracies)), "standard_deviation": deviation}


def summary(some: Scored, seed: int) -> dict:
    total = float(some.scores.sum())
    return {
        "correct": int(total) if total.is_integer() else total,
        "total": len(some.scores),
        "accuracy": 100 * some.mean(),
        "interval": bootstrap_interval(some, seed),
    }


def block(some: Scored, baselines: dict[str, Scored], seed: int) -> dict:
    """One metric: the score, the baselines on the same items, and how the score stands to the best of them."""
    best = max(baselines, key=lambda name: baselines[name].mean())
    difference = replace(some, scores=some.scores - baselines[best].scores)
    result = summary(some, seed) | {
        "baselines": {name: 100 * baseline.mean() for name, baseline in baselines.items()},
        "best_baseline": best,
        "advantage": 100 * difference.mean(),
        "advantage_interval": bootstrap_interval(difference, seed),
        "p_value": sign_flip_p(difference, seed),
    }
    if some.labels:
        result["balanced_accuracy"] = 100 * some.balanced()
        result["balanced_baselines"] = {name: 100 * baseline.balanced() for name, baseline in baselines.items()}
    return result


# --- Saying it --------------------------------------------------------------------------------------------------


def results_tables(results: dict) -> Iterator[Table]:
    """The scores with their baselines, how they stand to the best of them, and what else was measured."""
    metrics = {name: row for name, row in results.items() if "baselines" in row}
    names = list(next(iter(metrics.values()))["baselines"])
    scores = table_of("Scores, %", "metric", "n", "oracle [95% interval]")
    against = table_of("Against the best baseline", "metric", "advantage", "p", "balanced", "unseen", "unparsed")
    for metric, row in metrics.items():
        scores.add_row(metric + "†" * row["answer_in_prompt"], str(row["total"]), interval_text(row, "accuracy"))
        balanced = "-"
        if "balanced_accuracy" in row:
            balanced = f"{row['balanced_accuracy']:.1f}, {max(row['balanced_baselines'].values()):.1f}"
        against.add_row(
            metric, interval_text(row, "advantage", "+"), f"{row['p_value']:.4f}", balanced,
            f"{row['unseen_wordings']['accuracy']:.1f}", str(row["unparsed"]),
        )  # fmt: skip
    if any(row["answer_in_prompt"] for row in metrics.values()):
        scores.caption = "† the answer is printed in the prompt"
    against.caption = (
        "balanced: mean accuracy over the classes, of the oracle and of its best baseline in that; "
        "unseen: accuracy on wordings kept from training"
    )
    yield scores
    for some in (names[i : i + 5] for i in range(0, len(names), 5)):
        table = table_of("Baselines, % (* the best)", "metric", *(name.replace(" ", "\n") for name in some))
        for metric, row in metrics.items():
            best = row["best_baseline"]
            table.add_row(metric, *(f"{row['baselines'][name]:.1f}" + "*" * (name == best) for name in some))
        yield table
    yield against
    sure = table_of("How sure", "metric", "calibration error", "surer half", *extra_columns(metrics))
    for metric, row in metrics.items():
        calibrated = row["calibration"]
        cells = [f"{calibrated['expected_error']:.1f}", f"{calibrated['accuracy_of_surer_half']:.1f}"]
        if "seeds" in row:
            cells.append(f"{row['seeds']['mean']:.1f} ± {row['seeds']['standard_deviation']:.1f}")
        sure.add_row(metric, *cells, *(f"{other['accuracy']:.1f}" for other in row.get("beside", {}).values()))
    yield sure


def extra_columns(metrics: dict) -> list[str]:
    row = next(iter(metrics.values()))
    return ["seeds, mean ± sd"] * ("seeds" in row) + list(row.get("beside", {}))


def interval_text(row: dict, name: str, sign: str = "") -> str:
    low, high = row["interval" if name == "accuracy" else f"{name}_interval"]
    return f"{row[name]:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"


def counterfactual_text(row: dict) -> str:
    other = row["anothers_vectors"]
    said = f"With another question's vectors it says what they say: {score_text(other['says_what_they_say'], other['total'])}"
    if "correct" not in row:
        return said
    rest = f"stays with the question {row['stays']}, neither {row['neither']}"
    return f"Patched runs that answer otherwise: it follows the vectors {score_text(row['correct'], row['total'])}, {rest}\n{said}"


def table_of(title: str, *columns: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == "metric" else "right", no_wrap=True)
    return table


def plot(results: dict, path: Path) -> None:
    """Each metric's score as a bar with its interval, the baselines as marks on it."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    results = {name: row for name, row in results.items() if "baselines" in row}
    figure, axis = plt.subplots(figsize=(10, 5), layout="constrained")
    places = np.arange(len(results))
    scores = np.array([row["accuracy"] for row in results.values()])
    ends = np.array([row["interval"] for row in results.values()]).T
    axis.bar(places, scores, color="lightsteelblue", label="oracle, 95% interval")
    axis.errorbar(places, scores, abs(ends - scores), fmt="none", ecolor="black", capsize=4)
    names = list(next(iter(results.values()))["baselines"])
    for name, marker in zip(names, "Dos^vP*Xhd<>p8H", strict=False):
        axis.plot(places, [row["baselines"][name] for row in results.values()], marker, label=name, markersize=6)
    labels = [f"{name.replace('_', ' ')}\n(n={row['total']})" for name, row in results.items()]
    axis.set_xticks(places, labels, rotation=30, ha="right")
    axis.set(ylabel="score, %", ylim=(0, 105))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    with replacing(path) as part:
        figure.savefig(part, format="png", dpi=120)
    plt.close(figure)


# --- The run ----------------------------------------------------------------------------------------------------


def unseen_traces(oracles: list[Oracle], traces: list[Trace], args) -> tuple[list[Trace], dict]:
    """The traces to score and what the result says of seen ones; UserError if an oracle's training had any of them
    and neither --drop-seen nor --allow-seen was given."""
    trained = []
    for oracle in oracles:
        path = oracle.folder / "training_questions.json"
        try:
            trained += json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} cannot be read ({error}); it says what the oracle was trained on. Train it again."
            ) from error
    seen = dict(near_duplicates([trace.question for trace in traces], trained))
    if seen and not (args.allow_seen or args.drop_seen):
        i, j = next(iter(seen.items()))
        raise UserError(
            f"{len(seen)} of {len(traces)} questions were in the oracle's training, word for word or nearly: "
            f"{traces[i].question[:80]!r} as {trained[j][:80]!r}. Leave them out with --drop-seen, or score them "
            "nevertheless with --allow-seen."
        )
    kept = [trace for i, trace in enumerate(traces) if args.allow_seen or i not in seen]
    if len(kept) < 2:
        raise UserError(f"{len(kept)} unseen questions are left of {len(traces)}. Collect traces of other questions.")
    return kept, {"seen_questions": len(seen), "allow_seen": args.allow_seen, "drop_seen": args.drop_seen}


def check_same_codi(oracle: Oracle, args, num_latent: int) -> None:
    """UserError unless the traces are of the model whose traces the oracle learned to read."""
    check_same_model(oracle, num_latent, str(args.traces))
    if oracle.form.reads != "text":
        traced = read_meta(args.traces, COLLECT.format(args.traces)).get("settings", {})
        check_same_vectors(oracle, str(args.traces), traced.get("model"), traced.get("revision"))


def main(argv=None):
    args = parse_arguments(argv)
    for path in filter(None, (args.output, args.plot)):
        check_writable(path)
    traces = list(read_traces(args.traces))[: args.n]
    oracles = [load_oracle(folder, args.device, args.dtype) for folder in args.oracle_dir or [None]]
    beside = [load_oracle(folder, args.device, args.dtype) for folder in args.beside]
    for oracle in oracles + beside:
        check_same_codi(oracle, args, traces[0].num_latent)
    traces, seen = unseen_traces(oracles + beside, traces, args)
    if args.probe_traces is None and oracles[0].form.reads != "text":
        known = Path(oracles[0].settings["traces_file"])
        args.probe_traces = known if known.is_file() else log(f"No linear probe: {known} is gone. Give --probe-traces.")
    items = items_of(traces, args.per_task, args.seed)
    results = evaluate(oracles[0], items, args, oracles[1:], beside)
    meta = {"questions": len(traces), "items": len(items)} | seen | {"oracle": oracles[0].settings}
    console = Console()
    if seen["allow_seen"]:
        console.print(
            f"{seen['seen_questions']} of {len(traces)} questions were in the oracle's training (--allow-seen)."
        )
    for table in results_tables(results):
        console.print(table)
    if "counterfactual" in results:
        say(console, counterfactual_text(results["counterfactual"]))
    if args.output:
        write_json(args.output, results | {"meta": meta | provenance(vars(args))})
    if args.plot:
        plot(results, args.plot)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=Path, default=Path("traces_test.jsonl"), help="default: traces_test.jsonl")
    parser.add_argument("-n", type=positive_int, help="the first N traces (default: all)")
    parser.add_argument(
        "--oracle-dir", type=Path, nargs="+", metavar="DIR",
        help=f"{ORACLE_HELP}; of several, trained with other seeds, the first is scored in full",
    )  # fmt: skip
    parser.add_argument("--beside", type=Path, nargs="+", default=[], metavar="DIR", help="other oracles to compare")
    parser.add_argument(
        "--probe-traces", type=Path, help="to train the linear probe on (default: the traces the oracle was trained on)"
    )
    parser.add_argument(
        "--per-task", type=positive_int, default=2, help="questions of each task about each trace, at most (default: 2)"
    )
    parser.add_argument("--allow-seen", action="store_true", help="score questions of the oracle's training too")
    parser.add_argument("--drop-seen", action="store_true", help="leave such questions out")
    parser.add_argument("--seed", type=whole_number, default=0)
    parser.add_argument("--output", type=Path, metavar="oracle_eval.json")
    parser.add_argument("--plot", type=Path, metavar="oracle_eval.png")
    parser.add_argument("--device", help="cpu, cuda, … (default: cuda if there is one)")
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"])
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
