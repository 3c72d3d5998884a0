"""
Score an oracle on questions it never saw, and beside every score what can be had without its reading of the thoughts.

Reads   traces.jsonl of other questions (collect_traces.py), one or more oracles (train_oracle.py), questions as people
        type them (--questions)
Writes  tables; with --output JSON, with --plot PNG

    python eval_oracle.py --traces traces_test.jsonl --oracle-dir oracle_model/best
    python eval_oracle.py --traces traces_test.jsonl --output oracle_eval.json --plot oracle_eval.png
    python eval_oracle.py --oracle-dir seed0/best seed1/best seed2/best --beside oracle_model/best
    torchrun --nproc_per_node 8 eval_oracle.py --traces traces_test.jsonl --output oracle_eval.json

Every metric is scored on queries in shapes of sentences that training has and on others (wordings.py), and the main one
of each task on questions as people type them (natural_questions.py); how often the oracle refuses stands beside.
Baselines, on the same items: the best constant answer to each query and the best plain rule on the trace's lens (both
chosen on these very items, so at their best); the same oracle shown the question alone, the output alone (its training
had such pairs), or another question's thoughts, and if it reads vectors also zero, mean and random ones; a linear probe
on the vectors. Intervals are bootstrapped over questions; p is a paired sign-flip test over questions against the best
baseline. A vector oracle is also asked about patched runs: does it follow the vectors or the question?
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from pathlib import Path
from random import Random

import numpy as np
import torch
from rich.console import Console

from duplicates import first_duplicate_of
from files import claimed, drawing, file_path, png_path, sha256, write_json
from interventions import seed_of
from natural_questions import GROUPS, QUESTIONS, ask_naturally, natural_tables, read_questions
from oracle_metrics import (
    METRICS,
    Answer,
    Item,
    best_constants,
    best_rule,
    chain_length,
    consumed_when_patched,
    how_sure,
    is_counted,
    refusing,
    scored,
)
from oracle_model import ORACLE_HELP, Oracle, check_fits_traces, load_oracle, replies, trained_questions
from oracle_prompts import Prompt, VectorReader, View, prompt_about
from oracle_questions import Question, all_questions, decoded
from oracle_replies import TASKS
from probes import RidgeProbe
from scores import Scored, bootstrap_interval, interval_text, score_row, score_text, sign_flip_p
from scripting import (
    UserError,
    add_row,
    device_of,
    log_once,
    new_table,
    positive_int,
    print_table,
    processes,
    provenance,
    run_script,
    say,
    shared,
    whole_number,
)
from traces import Trace, read_traces

READINGS = {"plain rule", "linear probe"}  # the baselines that read the same thoughts in another way
MARKERS = "Dos^vP*Xhd<>p8H"  # of the baselines in the plot
DRAWS = 2  # of questions about each of the probe's training traces

# --- What is asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """What every oracle is scored on."""

    traces: Path | None  # the file of the traces that are asked about
    seed: int
    probe_traces: Path | None = None  # the file of those that the linear probe is trained on


def items_of(traces: list[Trace], per_task: int, seed: int, view: View) -> tuple[list[Item], list[Item]]:
    """The items about plain runs, and those about patched runs: about each trace at most `per_task` questions of each
    scored task, and as many about its patched runs, drawn by (seed, question)."""
    by_index, plain, patched = {trace.index: trace for trace in traces}, [], []
    wanted = dict.fromkeys(metric.task for metric in METRICS.values())
    for place, trace in enumerate(traces):
        rng = Random(f"{seed}/{trace.index}")
        other = traces[(place + rng.randrange(1, len(traces))) % len(traces)]
        asked = all_questions(trace, rng, by_index.get(trace.donor))

        def drawn(questions, trace=trace, other=other, rng=rng):
            chosen = rng.sample(questions, min(per_task, len(questions)))
            return [
                Item(trace, other, q.seen_by(view), q.query(rng, view), q.query(rng, view, held_out=True))
                for q in chosen
            ]

        for task in wanted:
            plain += drawn([q for q in asked if q.task == task and "patch" not in q.slots])
        patched += drawn([q for q in asked if "patch" in q.slots])
    return plain, patched


class Conditions:
    """The conditions under which an oracle is asked about items: shown all it may see, or as a control a part of it or
    what belongs to another item."""

    def __init__(self, oracle: Oracle, sources: Sources):
        self.oracle, self.seed = oracle, sources.seed
        self.reader = VectorReader(sources.traces, oracle.view)

    def prompt(
        self, item: Item, query: str | None = None, shows=None, thoughts: Trace | None = None, vectors=None
    ) -> Prompt:
        """The prompt of an item; with `thoughts` it shows those of another trace, lines and vectors."""
        trace = item.trace if thoughts is None else replace(
            item.trace, steps=thoughts.steps, encoding=thoughts.encoding
        )  # fmt: skip
        if vectors is None:
            vectors = self.reader.of(thoughts.index) if thoughts else self.reader.of(item.trace.index, item.patch)
        prompt = replace(prompt_about(trace, self.oracle.view, shows or item.question.shows), vectors=vectors)
        return item.question.put(prompt, query or item.query)

    def controls(self, items: list[Item]) -> dict[str, Callable[[Item], Prompt]]:
        """Each control's name, and how its prompts are made."""
        controls = {
            "question only": partial(self.prompt, shows=("question",)),
            "output only": partial(self.prompt, shows=("output",)),
            "another's thoughts": lambda item: self.prompt(item, thoughts=item.other),
        }
        if self.oracle.view.reads != "text":
            mean = torch.stack([self.reader.of(index) for index in {item.trace.index for item in items}]).mean(0)
            controls["zero vectors"] = partial(self.prompt, vectors=torch.zeros_like(mean))
            controls["mean vectors"] = partial(self.prompt, vectors=mean)
            controls["random vectors"] = lambda item: self.prompt(item, vectors=self.random(item))
        return controls

    def random(self, item: Item) -> torch.Tensor:
        """Gaussian vectors, each of the norm of the item's own vector."""
        own = self.reader.of(item.trace.index, item.patch)
        noise = torch.randn(own.shape, generator=torch.Generator().manual_seed(seed_of(self.seed, item.trace.index)))
        return noise / noise.norm(dim=-1, keepdim=True) * own.norm(dim=-1, keepdim=True)

    def answers(self, name: str, items: list[Item], prompt: Callable[[Item], Prompt] | None = None) -> list[Answer]:
        """The oracle's answer to each item, asked with the prompt that a control, logged as `name`, makes of it."""
        done = shared(lambda mine: replies(self.oracle, list(map(prompt or self.prompt, mine))), items)
        log_once(f"{name}: {len(done)} replies")
        return [Answer.of(item.question, reply) for item, reply in zip(items, done, strict=True)]


def probed(items: list[Item], reader: VectorReader, train_path: Path) -> dict[str, list[Answer]]:
    """For each metric, the answers of linear probes on the vectors. A probe is trained for each query, on other traces,
    to tell what the metric judges of an answer; metrics whose queries these traces do not answer are left out."""
    train, vectors = list(read_traces(train_path)), VectorReader(train_path, reader.view)
    probe, golds = RidgeProbe(torch.stack([vectors.of(trace.index).flatten() for trace in train])), {}
    for row, trace in enumerate(train):
        for draw in range(DRAWS):  # a draw asks about one step or kind where there are many
            for question in all_questions(trace, Random(f"probe/{draw}/{trace.index}")):
                if "patch" not in question.slots:
                    golds.setdefault(question.key, {})[row] = question.gold
    answers = {}
    for name, metric in METRICS.items():
        asked = {}
        for i, item in enumerate(items):
            if is_counted(metric, item):
                asked.setdefault(item.question.key, []).append(i)
        for key, places in asked.items():
            known = {row: gold for row, gold in golds.get(key, {}).items() if metric.applies(gold)}
            if known:
                classes = [json.dumps(metric.judged(gold), sort_keys=True) for gold in known.values()]
                example = dict(zip(classes, known.values(), strict=True))
                test = torch.stack([reader.of(items[i].trace.index, items[i].patch).flatten() for i in places])
                row = answers.setdefault(name, [Answer(None)] * len(items))
                for i, label in zip(places, probe.fit_predict(classes, torch.tensor(list(known)), test), strict=True):
                    row[i] = Answer(example[label])
    log_once(f"linear probe: {len(train)} traces")
    return answers


# --- Scoring ----------------------------------------------------------------------------------------------------


def evaluate(oracle: Oracle, items: list[Item], sources: Sources) -> tuple[dict, list[Answer]]:
    """Every metric's block of the JSON, and the oracle's answer to each item under no control."""
    conditions, seed = Conditions(oracle, sources), sources.seed
    own = conditions.answers("oracle", items)
    unseen = conditions.answers("unseen wordings", items, lambda item: conditions.prompt(item, item.unseen))
    baselines = {name: conditions.answers(name, items, prompt) for name, prompt in conditions.controls(items).items()}
    probe = probed(items, conditions.reader, sources.probe_traces) if sources.probe_traces else {}
    results = {}
    for name, metric in METRICS.items():
        counted = [(i.question, answer) for i, answer in zip(items, own, strict=True) if is_counted(metric, i)]
        if not counted:
            log_once(f"{name}: no items; the traces lack what it asks about.")
            continue
        of = partial(scored, metric, items)
        compared = {"best constant": of(best_constants(metric, items))}
        compared |= {baseline: of(answers) for baseline, answers in baselines.items()}
        best, rule = best_rule(metric, items) or (None, None)
        compared |= {"plain rule": best} if rule else {}
        compared |= {"linear probe": of(probe[name])} if name in probe else {}
        asked, chosen = map(list, zip(*counted, strict=True))
        # rules on patching look at the query and the output alone
        readings = {"linear probe"} if metric.task == "patched" else READINGS
        results[name] = metric_row(of(own), compared, readings, seed) | {
            "unparsed": sum(answer.data is None for answer in chosen),
            "length_known": 100 * of(best_constants(metric, items, chain_length)).mean(),
            "by_step": by_step(asked, of(own).scores),
            "unseen_wordings": unseen_row(of(own), of(unseen), seed),
            "plain_rule": rule,
            "answer_in_prompt": oracle.view.reads != "vectors" and TASKS[metric.task].is_printed(oracle.view),
            "trained_on": any(question.strategy in oracle.settings["strategies"] for question in asked),
            "calibration": sure_row(asked, chosen),
        }
    taught = [item.question.strategy in oracle.settings["strategies"] for item in items]
    results["refusing"] = {
        name: refusing(*(list(compress(column, taught)) for column in (items, answers)))
        for name, answers in (("trained", own), ("unseen", unseen))
    }
    results["how sure"] = sure_row([item.question for item in items], own)
    if oracle.view.reads != "text":
        shown = zip(items, baselines["another's thoughts"], strict=True)
        pairs = [(item, answer) for item, answer in shown if item.question.task == "early_decode"]
        results["another's vectors"] = follow_rate(pairs, lambda item: decoded(item.other, item.question.slots), seed)
    return results, own


def unseen_row(trained: Scored, unseen: Scored, seed: int) -> dict:
    """The score in unseen wordings, and how much that drops from trained ones on the same items."""
    drop = trained.over(unseen)
    return score_row(unseen, seed) | {"drop": 100 * drop.mean(), "drop_interval": bootstrap_interval(drop, seed)}


def sure_row(asked: list[Question], answers: list[Answer]) -> dict:
    """how_sure() of confidence, and of the probability that it comes from."""
    return how_sure(asked, answers) | {"uncalibrated": how_sure(asked, answers, "probability")}


def by_step(asked: Sequence[Question], scores: np.ndarray) -> dict[int, float]:
    """Accuracy in percent for each step that was asked about."""
    steps = np.array([question.slots.get("step", -1) for question in asked])
    return {int(step): 100 * float(scores[steps == step].mean()) for step in np.unique(steps) if step >= 0}


def compare(results: dict, items: list[Item], own: list[Answer], others: dict[str, list[Answer]], kind: str) -> None:
    """Add to every metric the scores of other oracles on the same items: as other seeds of this one, or beside it."""
    for name, metric in METRICS.items():
        if name in results:
            accuracies = {folder: 100 * scored(metric, items, answers).mean() for folder, answers in others.items()}
            if kind == "beside":
                results[name]["beside"] = accuracies
            else:
                results[name]["seeds"] = spread([100 * scored(metric, items, own).mean(), *accuracies.values()])


def spread(accuracies: list[float]) -> dict:
    """The scores of oracles trained with several seeds, their mean and standard deviation."""
    return {"accuracies": accuracies, "mean": float(np.mean(accuracies)), "sd": float(np.std(accuracies, ddof=1))}


def metric_row(score: Scored, baselines: dict[str, Scored], readings: set[str], seed: int) -> dict:
    """One metric: its score, those of the baselines on the same items, and its advantage over the best of them. Also
    over the best control, which is a baseline that is not in `readings`: it does not read the item's own thoughts."""
    means = {name: baseline.mean() for name, baseline in baselines.items()}
    best, control = max(means, key=means.get), max((name for name in means if name not in readings), key=means.get)
    over_best, over_control = score.over(baselines[best]), score.over(baselines[control])
    result = score_row(score, seed) | {
        "baselines": {name: 100 * mean for name, mean in means.items()},
        "best_baseline": best,
        "advantage": 100 * over_best.mean(),
        "advantage_interval": bootstrap_interval(over_best, seed),
        "p_value": sign_flip_p(over_best, seed),
        "best_control": control,
        "over_control": 100 * over_control.mean(),
        "over_control_interval": bootstrap_interval(over_control, seed),
    }
    if score.labels:
        result["balanced_accuracy"] = 100 * score.balanced()
        result["balanced_baselines"] = {name: 100 * baseline.balanced() for name, baseline in baselines.items()}
    return result


def patched_results(
    oracles: list[Oracle], beside: list[Oracle], items: list[Item], by_index: dict[int, Trace], sources: Sources
) -> dict:
    """On questions about patched runs: does an oracle tell the answer of such a run, or that of the plain run?
    `oracles` are seeds of one; compared with them are those `beside`, the lens rule, and a linear probe trained on
    plain runs."""

    def rate(answers):
        return follow_rate(list(zip(items, answers, strict=True)), lambda item: item.question.gold, sources.seed)

    def asked(oracle):
        return rate(Conditions(oracle, sources).answers(f"patched runs, {oracle.folder}", items))

    rows = [asked(oracle) for oracle in oracles]
    if not rows[0]:
        return {}
    rule = [Answer(consumed_when_patched(i.trace, by_index[i.trace.donor], i.question)) for i in items]
    others = {"lens rule": rate(rule)}
    reader = VectorReader(sources.traces, oracles[0].view)
    probe = probed(items, reader, sources.probe_traces) if sources.probe_traces else {}
    if "early_decode" in probe:
        others["linear probe"] = rate(probe["early_decode"])
    others |= {str(oracle.folder): asked(oracle) for oracle in beside if oracle.view.reads == "vectors"}
    seeds = {"seeds": spread([row["accuracy"] for row in rows])} if len(rows) > 1 else {}
    return rows[0] | seeds | {"beside": {name: row["accuracy"] for name, row in others.items()}}


def follow_rate(pairs: list[tuple[Item, Answer]], behind: Callable[[Item], str], seed: int) -> dict:
    """Counted are items whose vectors are of another run than the question's own, where the two runs answer
    differently; behind(item) is the answer of the run behind the vectors. How often the oracle's answer is that one
    (the score, also as [right, total] of each step), how often the own run's, and how often neither."""
    told = ((item, answer.data, behind(item), decoded(item.trace, item.question.slots)) for item, answer in pairs)
    kept = [row for row in told if not row[0].trace.same(*row[2:])]
    if not kept:
        return {}
    follows = np.array([data is not None and item.trace.same(data, other) for item, data, other, _ in kept])
    stays = np.array([data is not None and item.trace.same(data, own) for item, data, _, own in kept])
    row = score_row(Scored(follows.astype(float), np.array([item.trace.index for item, *_ in kept])), seed)
    steps = np.array([item.question.slots["step"] for item, *_ in kept])
    counts = {int(step): [int(follows[steps == step].sum()), int((steps == step).sum())] for step in np.unique(steps)}
    return row | {"stays": int(stays.sum()), "neither": int((~follows & ~stays).sum()), "counts_by_step": counts}


# --- Tables and plot --------------------------------------------------------------------------------------------------


def results_tables(results: dict) -> Iterator:
    """The scores, the baselines, the advantage over the best of them, and how sure the oracle is."""
    metrics = {name: row for name, row in results.items() if "baselines" in row}
    yield scores_table(metrics)
    yield from baselines_tables(metrics)
    yield against_table(metrics)
    yield more_table(metrics)
    yield sure_table(metrics, results["how sure"])
    if "natural" in results:
        yield from natural_tables(results["natural"])
    yield refusing_table(results)


def scores_table(metrics: dict):
    table = new_table("Scores, % [95% interval]", "metric", "n", "trained shapes", "unseen shapes", "drop", left=1)
    for metric, row in metrics.items():
        mark, unseen = "†" * row["answer_in_prompt"] + "‡" * (not row["trained_on"]), row["unseen_wordings"]
        add_row(
            table, metric + mark, str(row["total"]), interval_text(row["accuracy"], row["interval"]),
            interval_text(unseen["accuracy"], unseen["interval"]),
            interval_text(unseen["drop"], unseen["drop_interval"]),
        )  # fmt: skip
    table.caption = (
        "shapes of the queries: those of training, and others; † the answer is printed in the prompt; ‡ the oracle was "
        "not trained on this question"
    )
    return table


def baselines_tables(metrics: dict) -> Iterator:
    """Of five baselines each."""
    names = baseline_names(metrics)
    for columns in (names[i : i + 5] for i in range(0, len(names), 5)):
        table = new_table("Baselines, % (* the best)", "metric", *(name.replace(" ", "\n") for name in columns), left=1)
        for metric, row in metrics.items():
            cells = [(name, row["baselines"].get(name)) for name in columns]
            best = row["best_baseline"]
            add_row(table, metric, *("-" if v is None else f"{v:.1f}" + "*" * (name == best) for name, v in cells))
        yield table


def against_table(metrics: dict):
    table = new_table(
        "Against the best baseline, and the best control", "metric", "over baseline", "p", "over control", left=1
    )
    for metric, row in metrics.items():
        add_row(
            table, metric, interval_text(row["advantage"], row["advantage_interval"], "+"), f"{row['p_value']:.4f}",
            interval_text(row["over_control"], row["over_control_interval"], "+"),
        )  # fmt: skip
    table.caption = (
        "a control does not read the item's own thoughts, as the linear probe does and, but for patching, the plain "
        "rule"
    )
    return table


def more_table(metrics: dict):
    table = new_table("Seen otherwise", "metric", "balanced", "length known", "unparsed", left=1)
    for metric, row in metrics.items():
        balanced = "-"
        if "balanced_accuracy" in row:
            balanced = f"{row['balanced_accuracy']:.1f}, {max(row['balanced_baselines'].values()):.1f}"
        add_row(table, metric, balanced, f"{row['length_known']:.1f}", str(row["unparsed"]))
    table.caption = (
        "balanced: mean accuracy over the classes, of the oracle and of its best baseline in that; "
        "length known: the best constant for questions with as many steps in their gold chain"
    )
    return table


def baseline_names(metrics: dict) -> list[str]:
    """The baselines of any of the metrics: some tasks have no plain rule, some no probe."""
    return list(dict.fromkeys(name for row in metrics.values() for name in row["baselines"]))


def sure_table(metrics: dict, overall: dict):
    first = next(iter(metrics.values()))
    others = ["seeds,\nmean ± sd"] * ("seeds" in first) + list(first.get("beside", {}))
    table = new_table(
        "How sure, and other oracles", "metric", "calibration\nerror", "Brier", "AUROC", "surer\nhalf", *others, left=1
    )
    for metric, row in metrics.items():
        cells = sure_cells(row["calibration"])
        if "seeds" in row:
            cells.append(f"{row['seeds']['mean']:.1f} ± {row['seeds']['sd']:.1f}")
        add_row(table, metric, *cells, *(f"{accuracy:.1f}" for accuracy in row.get("beside", {}).values()))
    add_row(table, "all items", *sure_cells(overall), *["-"] * len(others))
    table.caption = "of confidence in a reply that is right in all it says"
    return table


def sure_cells(row: dict) -> list[str]:
    return [
        f"{row['expected_error']:.1f}", f"{row['brier']:.3f}", "-" if row["auroc"] is None else f"{row['auroc']:.3f}",
        f"{row['accuracy_of_surer_half']:.1f}",
    ]  # fmt: skip


def refusing_table(results: dict):
    """Refusals in trained and unseen wordings, and of questions as typed."""
    natural = results.get("natural", {})
    blocks = {f"{name} shapes": row for name, row in results["refusing"].items()}
    blocks |= {f"typed, {words}": natural[name]["refusing"] for name, words in GROUPS.items() if name in natural}
    table = new_table("Refusing", "queries", "unanswerable refused", "answerable wrongly refused", left=1)
    for name, block in blocks.items():
        texts = (score_text(row["correct"], row["total"]) if row else "-" for row in block.values())
        add_row(table, name, *texts)
    return table


def follow_text(row: dict) -> str:
    parts = [
        f"follows the vectors {score_text(row['correct'], row['total'])}, stays with the question {row['stays']}, "
        f"neither {row['neither']}",
        "by step " + ", ".join(f"{step}: {right}/{total}" for step, (right, total) in row["counts_by_step"].items()),
    ]
    if "seeds" in row:
        parts.append(f"seeds {row['seeds']['mean']:.1f} ± {row['seeds']['sd']:.1f}%")
    parts += [f"{name} {accuracy:.1f}%" for name, accuracy in row.get("beside", {}).items()]
    return "; ".join(parts)


def plot(results: dict, path: Path) -> None:
    """Each metric's score as a bar with its interval; the baselines are marks above its place."""
    results = {name: row for name, row in results.items() if "baselines" in row}
    places = np.arange(len(results))
    scores = np.array([row["accuracy"] for row in results.values()])
    ends = np.array([row["interval"] for row in results.values()]).T
    names = baseline_names(results)
    labels = [f"{name.replace('_', ' ')} (n={row['total']})" for name, row in results.items()]
    with drawing(path, size=(10, 5)) as (_, (axis,)):
        axis.bar(places, scores, color="lightsteelblue", label="oracle, 95% interval")
        axis.errorbar(places, scores, abs(ends - scores), fmt="none", ecolor="black", capsize=4)
        for number, name in enumerate(names):
            marks = [row["baselines"].get(name, np.nan) for row in results.values()]
            axis.plot(places, marks, MARKERS[number % len(MARKERS)], label=name, markersize=6)
        axis.set_xticks(places, labels, rotation=45, ha="right", rotation_mode="anchor")
        axis.set(ylabel="score, %", ylim=(0, 105))
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))


# --- The run ----------------------------------------------------------------------------------------------------


def unseen_traces(
    oracles: list[Oracle], traces: list[Trace], allow_seen: bool, drop_seen: bool
) -> tuple[list[Trace], dict]:
    """The traces to score, and for the meta block how many were seen; UserError if an oracle's training had any of them
    and neither --drop-seen nor --allow-seen was given."""
    trained = [question for oracle in oracles for question in trained_questions(oracle.folder)]
    seen = first_duplicate_of([trace.question for trace in traces], trained)
    if seen and not (allow_seen or drop_seen):
        i, j = next(iter(seen.items()))
        raise UserError(
            f"{len(seen)} of {len(traces)} questions were in the oracle's training, word for word or nearly: "
            f"{traces[i].question[:80]!r} as {trained[j][:80]!r}. Leave them out with --drop-seen, or score them "
            "nevertheless with --allow-seen."
        )
    kept = [trace for i, trace in enumerate(traces) if allow_seen or i not in seen]
    if len(kept) < 2:
        raise UserError(f"{len(kept)} unseen questions are left of {len(traces)}. Collect traces of other questions.")
    return kept, {"seen_questions": len(seen), "allow_seen": allow_seen, "drop_seen": drop_seen}


def probe_traces(oracle: Oracle, given: Path | None, traces: list[Trace]) -> Path | None:
    """The traces to train the linear probe on: those given, else those the oracle was trained on, if they are there as
    they were. UserError if they are of another model, or hold a question that is scored."""
    if oracle.view.reads == "text":
        return None
    path = given or Path(oracle.settings["traces_file"])
    gone = not given and why_gone(path, oracle.settings.get("traces_sha256"))
    if gone:
        log_once(f"No linear probe: {path} {gone}. Give the training traces with --probe-traces.")
        return None
    known = list(read_traces(path))
    check_fits_traces(oracle, path, known[0].num_latent)
    VectorReader(path, oracle.view).of(known[0].index)
    leaks = first_duplicate_of([trace.question for trace in traces], [trace.question for trace in known])
    leak = next(iter(leaks.values()), None)
    if leak is not None:
        raise UserError(
            f"{path} holds a question that is scored: {known[leak].question[:80]!r}. The probe would know its answer; "
            "give other --probe-traces."
        )
    return path


def why_gone(path: Path, digest: str | None) -> str | None:
    """How a file differs from the one whose hash is `digest`; None if it does not, or if an older oracle kept no
    hash."""
    if not path.is_file():
        return "is not there"
    return "was made anew since" if digest not in (None, sha256(path)) else None


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output", "plot"], ["traces", "questions", "probe_traces", "oracle_dir", "beside"]):
        run(args)


def run(args) -> None:
    state = processes(args.device)
    args.device = device_of(state, args.device)
    typed = read_questions(args.questions) if args.questions else []
    traces = list(read_traces(args.traces))[: args.n]
    oracle, *seeds = (load_oracle(folder, args.device, args.dtype) for folder in args.oracle_dir or [None])
    beside = [load_oracle(folder, args.device, args.dtype) for folder in args.beside]
    unlike = next((seed for seed in seeds if seed.view != oracle.view), None)
    if unlike:
        raise UserError(
            f"{unlike.folder} reads otherwise than {oracle.folder}, so it is no other seed of it. Give it as --beside."
        )
    oracles = [oracle, *seeds, *beside]
    for reader in oracles:
        check_fits_traces(reader, args.traces, traces[0].num_latent)
    traces, seen = unseen_traces(oracles, traces, args.allow_seen, args.drop_seen)
    items, patched = items_of(traces, args.per_task, args.seed, oracle.view)
    sources = Sources(args.traces, args.seed, probe_traces(oracle, args.probe_traces, traces))
    results, own = evaluate(oracle, items, sources)
    for kind, group in (("seeds", seeds), ("beside", beside)):
        others = {str(other.folder): Conditions(other, sources).answers(str(other.folder), items) for other in group}
        if others:
            compare(results, items, own, others, kind)
    if oracle.view.reads == "vectors" and patched:
        by_index = {trace.index: trace for trace in traces}
        results["patched runs"] = patched_results([oracle, *seeds], beside, patched, by_index, sources)
    if typed:
        natural = ask_naturally(oracle, VectorReader(args.traces, oracle.view), traces, typed, results, args.seed)
        results |= {"natural": natural} if natural else {}
    meta = {"questions": len(traces), "items": len(items)} | seen | {"oracle": oracle.settings}
    if not state.is_main_process:
        return
    try:  # results first; the tables are shown even if nothing can be saved
        if args.output:
            write_json(args.output, results | {"meta": meta | provenance(vars(args))})
    finally:
        show(results, meta)
    if args.plot:
        plot(results, args.plot)


def show(results: dict, meta: dict) -> None:
    console = Console()
    if meta["allow_seen"]:
        say(
            console,
            f"{meta['seen_questions']} of {meta['questions']} questions were in the oracle's training (--allow-seen).",
        )
    for table in results_tables(results):
        print_table(console, table)
    for name in ("patched runs", "another's vectors"):
        if results.get(name):
            say(console, f"{name}, where they answer otherwise: {follow_text(results[name])}")


def path_or_none(text: str) -> Path | None:
    """An argparse type: a path, or None for the word none."""
    return None if text == "none" else file_path(text)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    traces = Path("traces_test.jsonl")
    parser.add_argument("--traces", type=file_path, default=traces, help=f"default: {traces}")
    parser.add_argument("-n", type=positive_int, help="the first N traces (default: all)")
    parser.add_argument(
        "--oracle-dir", type=file_path, nargs="+", metavar="DIR",
        help=f"{ORACLE_HELP}; of several, trained with other seeds, the first is scored in full",
    )  # fmt: skip
    parser.add_argument(
        "--beside", type=file_path, nargs="+", default=[], metavar="DIR", help="other oracles to compare"
    )
    parser.add_argument(
        "--probe-traces", type=file_path, help="to train the linear probe on (default: those the oracle was trained on)"
    )
    parser.add_argument(
        "--per-task", type=positive_int, default=2, help="questions of each task about each trace, at most (default: 2)"
    )
    parser.add_argument(
        "--questions", type=path_or_none, default=QUESTIONS, metavar="FILE",
        help="questions as people type them, asked too; none for no such questions "
        "(default: tests/data/natural_questions.jsonl)",
    )  # fmt: skip
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--allow-seen", action="store_true", help="score questions of the oracle's training too")
    seen.add_argument("--drop-seen", action="store_true", help="leave such questions out")
    parser.add_argument("--seed", type=whole_number, default=0)
    parser.add_argument("--output", type=file_path, metavar="oracle_eval.json")
    parser.add_argument("--plot", type=png_path, metavar="oracle_eval.png")
    parser.add_argument("--device", help="cpu, cuda, … (default: cuda if there is one)")
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"])
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
