"""
Score an oracle on questions it never saw, with what needs no thoughts beside every score.

Reads   traces.jsonl of other questions (collect_traces.py), an oracle (train_oracle.py)
Writes  a table; with --output JSON, with --plot PNG

    python eval_oracle.py --traces traces_test.jsonl --oracle-dir oracle_model/best
    python eval_oracle.py --traces traces_test.jsonl --output oracle_eval.json --plot oracle_eval.png

Baselines, on the same items: the best constant answer to each query (chosen on these very items, so at its best); the
same oracle shown the question alone, the output alone (its training had such pairs), or another question's trace; and
a plain rule on the trace. Intervals are bootstrapped over questions; p is a paired sign-flip test over questions
against the best baseline.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from oracle_inference import ORACLE_HELP, Oracle, check_same_model, load_oracle, replies
from oracle_questions import (
    HELD_OUT,
    PARTS,
    STRATEGIES,
    TASKS,
    Question,
    one_line,
    prompt_end,
    prompt_start,
    questions_about,
)
from problems import near_duplicates, same_answer
from scores import Scored, bootstrap_interval, sign_flip_p
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
from traces import Trace, read_traces

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
}  # fmt: skip

# --- Asking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One question about one held-out trace, and another question's trace for the shuffled baseline."""

    trace: Trace
    other: Trace
    question: Question
    wording: int


def items_of(traces: list[Trace], per_task: int, seed: int) -> list[Item]:
    """At most `per_task` questions of each scored task about each trace, drawn by (seed, question)."""
    by_index, items = {trace.index: trace for trace in traces}, []
    wanted = dict.fromkeys(metric.task for metric in METRICS.values())
    for place, trace in enumerate(traces):
        rng = Random(f"{seed}/{trace.index}")
        other = traces[(place + rng.randrange(1, len(traces))) % len(traces)]
        asked = [q for strategy in STRATEGIES for q in questions_about(trace, strategy, rng, by_index.get(trace.donor))]
        for task in wanted:
            some = [question for question in asked if question.task == task]
            for question in rng.sample(some, min(per_task, len(some))):
                items.append(Item(trace, other, question, rng.randrange(len(TASKS[task].wordings))))
    return items


def shuffled(item: Item) -> Trace:
    """The item's question and output with another question's thoughts."""
    return replace(item.trace, steps=item.other.steps, encoding=item.other.encoding)


CONDITIONS = {  # name: what the prompt shows of an item
    "oracle": lambda item: (item.trace, PARTS),
    "question only": lambda item: (item.trace, ("question",)),
    "output only": lambda item: (item.trace, ("output",)),
    "shuffled trace": lambda item: (shuffled(item), PARTS),
}


def ask(oracle: Oracle, items: list[Item], condition: str, wording: int | None = None) -> list:
    """What the oracle says to each item, read back as data; None where it cannot be read."""
    shown = [CONDITIONS[condition](item) for item in items]
    starts = [prompt_start(trace, oracle.form, shows) for trace, shows in shown]
    queries = [item.question.query(item.wording if wording is None else wording, oracle.form) for item in items]
    said = replies(oracle, starts, [prompt_end(query) for query in queries])
    log(f"{condition}{'' if wording is None else ', unseen wordings'}: {len(said)} replies")
    return [TASKS[item.question.task].read(reply) for item, reply in zip(items, said, strict=True)]


# --- Scoring ----------------------------------------------------------------------------------------------------


def scored(metric: Metric, items: list[Item], said: list) -> Scored:
    """The metric's scores of the items it applies to; what could not be read scores 0."""
    chosen = [(item, reply) for item, reply in zip(items, said, strict=True) if counts(metric, item)]
    score = lambda item, reply: 0.0 if reply is None else float(metric.score(item.question.gold, reply))
    return Scored(
        np.array([score(item, reply) for item, reply in chosen]),
        np.array([item.trace.index for item, _ in chosen]),
        [metric.label(item.question.gold) for item, _ in chosen] if metric.label else None,
    )


def counts(metric: Metric, item: Item) -> bool:
    return item.question.task == metric.task and metric.applies(item.question.gold)


def best_constants(metric: Metric, items: list[Item]) -> list:
    """To each item the single answer that scores best on all items of the same query; None where the metric does not
    apply."""
    groups = {}
    for item in items:
        if counts(metric, item):
            key = item.question.slots.get("step"), item.question.slots.get("kind")
            groups.setdefault(key, []).append(item.question.gold)
    best = {}
    for key, golds in groups.items():
        candidates = {json.dumps(gold, sort_keys=True): gold for gold in golds}.values()
        best[key] = max(candidates, key=lambda said: sum(metric.score(gold, said) for gold in golds))
    return [best.get((item.question.slots.get("step"), item.question.slots.get("kind"))) for item in items]


def evaluate(oracle: Oracle, items: list[Item], seed: int) -> dict:
    """Every metric's block of the JSON."""
    said = {condition: ask(oracle, items, condition) for condition in CONDITIONS}
    unseen = ask(oracle, items, "oracle", HELD_OUT)
    said["plain rule"] = [RULES[item.question.task][1](item.trace, item.question) for item in items]
    results = {}
    for name, metric in METRICS.items():
        if not any(counts(metric, item) for item in items):
            log(f"{name}: no items; the traces lack what it asks about.")
            continue
        of = partial(scored, metric, items)
        baselines = {"best constant": of(best_constants(metric, items))}
        baselines |= {condition: of(reply) for condition, reply in said.items() if condition != "oracle"}
        results[name] = block(of(said["oracle"]), baselines, seed)
        unread = sum(counts(metric, item) and reply is None for item, reply in zip(items, said["oracle"], strict=True))
        results[name] |= {"unparsed": unread, "unseen_wordings": summary(of(unseen), seed)}
        results[name]["plain_rule"] = RULES[metric.task][0]
    return results


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


def results_tables(results: dict) -> list[Table]:
    """The scores with their baselines, and how they stand to the best of them."""
    names = list(next(iter(results.values()))["baselines"])
    scores = table_of(
        "Scores, %", "metric", "oracle [95% interval]", "of", *(name.replace(" ", "\n") for name in names)
    )
    against = table_of(
        "Against the best baseline", "metric", "advantage", "p", "balanced", "unseen\nwordings", "unparsed"
    )
    for metric, row in results.items():
        low, high = row["interval"]
        others = [f"{row['baselines'][name]:.1f}" + "*" * (name == row["best_baseline"]) for name in names]
        scores.add_row(metric, f"{row['accuracy']:.1f} [{low:.1f}, {high:.1f}]", str(row["total"]), *others)
        low, high = row["advantage_interval"]
        balanced = "-"
        if "balanced_accuracy" in row:
            balanced = f"{row['balanced_accuracy']:.1f}, {max(row['balanced_baselines'].values()):.1f}"
        against.add_row(
            metric, f"{row['advantage']:+.1f} [{low:+.1f}, {high:+.1f}]", f"{row['p_value']:.4f}", balanced,
            f"{row['unseen_wordings']['accuracy']:.1f}", str(row["unparsed"]),
        )  # fmt: skip
    against.caption = "balanced: mean accuracy over the classes, of the oracle and of its best baseline in that"
    return [scores, against]


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

    figure, axis = plt.subplots(figsize=(10, 5), layout="constrained")
    places = np.arange(len(results))
    scores = np.array([row["accuracy"] for row in results.values()])
    ends = np.array([row["interval"] for row in results.values()]).T
    axis.bar(places, scores, color="lightsteelblue", label="oracle, 95% interval")
    axis.errorbar(places, scores, abs(ends - scores), fmt="none", ecolor="black", capsize=4)
    names = list(next(iter(results.values()))["baselines"])
    for name, marker in zip(names, "Dos^vP*Xhd<>p", strict=False):
        axis.plot(places, [row["baselines"][name] for row in results.values()], marker, label=name, markersize=6)
    labels = [f"{name.replace('_', ' ')}\n(n={row['total']})" for name, row in results.items()]
    axis.set_xticks(places, labels, rotation=30, ha="right")
    axis.set(ylabel="score, %", ylim=(0, 105))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    with replacing(path) as part:
        figure.savefig(part, format="png", dpi=120)
    plt.close(figure)


# --- The run ----------------------------------------------------------------------------------------------------


def unseen_traces(oracle: Oracle, traces: list[Trace], args) -> tuple[list[Trace], dict]:
    """The traces to score and what the result says of seen ones; UserError if the oracle's training had any of them
    and neither --drop-seen nor --allow-seen was given."""
    path = oracle.folder / "training_questions.json"
    try:
        trained = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read ({error}); it says what the oracle was trained on. Train it again."
        ) from error
    seen = {i: j for i, j in near_duplicates([trace.question for trace in traces], trained)}
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


def main(argv=None):
    args = parse_arguments(argv)
    for path in filter(None, (args.output, args.plot)):
        check_writable(path)
    traces = list(read_traces(args.traces))[: args.n]
    oracle = load_oracle(args.oracle_dir, args.device, args.dtype)
    check_same_model(oracle, traces[0].num_latent, str(args.traces))
    traces, seen = unseen_traces(oracle, traces, args)
    items = items_of(traces, args.per_task, args.seed)
    results = evaluate(oracle, items, args.seed)
    meta = {"questions": len(traces), "items": len(items)} | seen | {"oracle": oracle.settings} | provenance(vars(args))
    console = Console()
    if seen["allow_seen"]:
        console.print(
            f"{seen['seen_questions']} of {len(traces)} questions were in the oracle's training (--allow-seen)."
        )
    for table in results_tables(results):
        console.print(table)
    if args.output:
        write_json(args.output, results | {"meta": meta})
    if args.plot:
        plot(results, args.plot)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=Path, default=Path("traces_test.jsonl"), help="default: traces_test.jsonl")
    parser.add_argument("-n", type=positive_int, help="the first N traces (default: all)")
    parser.add_argument("--oracle-dir", type=Path, help=ORACLE_HELP)
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
