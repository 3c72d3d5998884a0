"""
Turn traces into question-answer pairs for the oracle, split by question into training and validation.

Reads   traces.jsonl and its meta file (collect_traces.py)
Writes  oracle_data.jsonl, oracle_val.jsonl, and a meta file beside each
Next    train_oracle.py

    python generate_oracle_data.py --input traces_train.jsonl
    python generate_oracle_data.py --input traces_train.jsonl --strategies ablation early_decode --no-token-info

Near-duplicate questions stay on one side, and a question whose swaps took from the other side is not asked about them.
A share of the pairs is told again with all but the question, or all but the output, hidden: so the oracle learns what
can be said without the thoughts, and evaluation can ask it for that.
"""

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path
from random import Random

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from files import check_writable, replacing, write_json
from oracle_questions import (
    PARTS,
    STRATEGIES,
    TASK_LABELS,
    TASKS,
    Pair,
    PromptForm,
    Question,
    prompt_end,
    prompt_start,
    questions_about,
)
from problems import near_duplicates
from scripting import UserError, log, provenance, run_script, share, whole_number
from traces import COLLECT, Trace, meta_path, read_meta, read_traces

HIDING = (("question",), ("output",))  # what the pairs without thoughts show


def sides(questions: list[str], val_share: float, seed: int) -> list[str]:
    """The side of each question, "train" or "val", near-duplicates on one; about `val_share` go to "val"."""
    group = list(range(len(questions)))  # index of the group's first question, after root()

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for i, j in near_duplicates(questions, questions):
        first, second = sorted((root(i), root(j)))
        group[second] = first
    return ["val" if is_below(val_share, seed, questions[root(i)]) else "train" for i in range(len(questions))]


def is_below(share: float, *parts) -> bool:
    """True for a fixed `share` of all values of `parts`."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8]) < share * 2**64


def pairs_of(trace: Trace, donor: Trace | None, strategies: list[str], form: PromptForm, args) -> list[Pair]:
    """All pairs about one trace, those without thoughts after those with them."""
    pairs = []
    for strategy in strategies:
        rng = Random(f"{args.seed}/{trace.index}/{strategy}")
        for question in questions_about(trace, strategy, rng, donor):
            wordings = list(range(len(TASKS[question.task].wordings)))
            if "step" in question.slots:  # asked of many steps, so one wording each is enough
                wordings = [rng.choice(wordings)]
            for wording in wordings:
                pairs.append(pair_of(trace, question, wording, question.shows, form))
                for shows in HIDING:
                    if question.shows == PARTS and rng.random() < args.hidden_share:
                        pairs.append(pair_of(trace, question, wording, shows, form))
    return pairs


def pair_of(trace: Trace, question: Question, wording: int, shows, form: PromptForm) -> Pair:
    task = TASKS[question.task]
    if "patch" in question.slots:
        form = replace(form, reads="vectors")  # the lines of the plain run would belie the patched one
    return Pair(
        input=prompt_start(trace, form, shows) + prompt_end(question.query(wording, form)),
        response=question.response,
        strategy=question.strategy,
        sub_type=question.task,
        source_index=trace.index,
        gold=question.gold,
        slots=question.slots,
        num_latent=trace.num_latent,
        shows=list(shows),
        answer_in_prompt="trace" in shows and task.is_printed(form),
    )


def write_pairs(path: Path, pairs: list[Pair], settings: dict, questions: list[str], args) -> None:
    counts = {"pairs": len(pairs), "questions": len(questions)}
    write_json(
        meta_path(path), {"settings": settings, "counts": counts, "questions": questions} | provenance(vars(args))
    )
    with replacing(path) as part:
        part.write_text("".join(pair.to_json() + "\n" for pair in pairs), encoding="utf-8")
    log(f"Wrote {path}: {len(pairs):,} pairs about {len(questions):,} questions")


def counts_table(pairs: dict[str, list[Pair]], strategies: list[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("strategy", "train", "val", "answer in prompt", "thoughts hidden"):
        table.add_column(column, justify="left" if column == "strategy" else "right", no_wrap=True)
    for strategy in [*strategies, "all"]:
        some = {side: [p for p in pairs[side] if strategy in (p.strategy, "all")] for side in pairs}
        both = some["train"] + some["val"]
        printed, hidden = sum(p.answer_in_prompt for p in both), sum("trace" not in p.shows for p in both)
        table.add_row(strategy, *(f"{n:,}" for n in (len(some["train"]), len(some["val"]), printed, hidden)))
    return table


def main(argv=None):
    args = parse_arguments(argv)
    for path in (args.output, args.val_output):
        check_writable(path)
    if args.output.resolve() == args.val_output.resolve():
        raise UserError(f"--output and --val-output are both {args.output}. Give two files.")
    remedy = COLLECT.format(args.input)
    traced = read_meta(args.input, remedy).get("settings", {})
    traces = list(read_traces(args.input))
    if not traces[0].num_latent:
        raise UserError(f"{args.input}: the traces have no latent steps. {remedy}")
    form = PromptForm(not args.no_token_info)
    side = dict(zip([t.index for t in traces], sides([t.question for t in traces], args.val_share, args.seed)))
    by_index = {trace.index: trace for trace in traces}
    pairs, severed = {"train": [], "val": []}, 0
    for trace in traces:
        donor = by_index.get(trace.donor)
        if donor and side[donor.index] != side[trace.index]:
            donor, severed = None, severed + 1
        pairs[side[trace.index]] += pairs_of(trace, donor, args.strategies, form, args)
    for name, some in pairs.items():
        if not some:
            raise UserError(
                f"No pairs for {name} from {len(traces)} traces. Collect more traces, or give another --val-share "
                f"than {args.val_share:g} or other --strategies."
            )
    settings = {
        "token_info": form.token_info,
        "strategies": args.strategies,
        "num_latent": traces[0].num_latent,
        "traces_file": str(args.input),
        "traces": {key: traced.get(key) for key in ("model", "revision", "prompt_form", "data", "split", "seed")},
    }
    questions = {name: [t.question for t in traces if side[t.index] == name] for name in pairs}
    write_pairs(args.output, pairs["train"], settings, questions["train"], args)
    write_pairs(args.val_output, pairs["val"], settings, questions["val"], args)
    Console().print(counts_table(pairs, args.strategies))
    asked = {pair.strategy for some in pairs.values() for pair in some}
    for strategy in args.strategies:
        if strategy not in asked:
            log(f"No pairs of {strategy}: the traces lack what it asks about. {NEEDS[strategy]}")
    if severed and "patching" in args.strategies:
        log(f"{severed} questions were not asked about swaps, as their donor is on the other side.")


NEEDS = {
    "ablation": "Collect without --skip-ablation.",
    "early_decode": "Collect without --skip-early-decode.",
    "summary": "Collect without --skip-ablation and --skip-early-decode.",
    "patching": "Collect with --ablation-types zero skip noise swap.",
    "counterfactual": "Only vector oracles need it; collect with --patches 3 --vectors.",
    "chain": "The data set has no chains of calculations.",
}


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, default=Path("traces.jsonl"), help="traces (default: traces.jsonl)")
    parser.add_argument("--output", type=Path, default=Path("oracle_data.jsonl"))
    parser.add_argument("--val-output", type=Path, default=Path("oracle_val.jsonl"))
    parser.add_argument(
        "--strategies", nargs="+", default=[name for name in STRATEGIES if name not in TASK_LABELS],
        choices=list(STRATEGIES), metavar="STRATEGY",
        help=f"of {', '.join(STRATEGIES)} (default: all, of which {', '.join(TASK_LABELS)} with --task-labels)",
    )  # fmt: skip
    parser.epilog = "strategies:\n" + "\n".join(f"{name}: {task.__doc__}" for name, task in STRATEGIES.items())
    parser.add_argument(
        "--task-labels",
        action="store_true",
        help=f"also {', '.join(TASK_LABELS)}, which takes the data set's gold chain",
    )
    parser.add_argument("--no-token-info", action="store_true", help="leave the lens tokens out of the prompts")
    parser.add_argument("--val-share", type=share, default=0.1, help="of the questions (default: 0.1)")
    parser.add_argument(
        "--hidden-share", type=share, default=0.1,
        help="of the pairs, told again with only the question shown, and again with only the output (default: 0.1)",
    )  # fmt: skip
    parser.add_argument("--seed", type=whole_number, default=0)
    args = parser.parse_args(argv)
    if args.task_labels:
        args.strategies += [name for name in TASK_LABELS if name not in args.strategies]
    elif set(args.strategies) & set(TASK_LABELS):
        parser.error(f"--strategies {', '.join(TASK_LABELS)} needs --task-labels")
    return args


if __name__ == "__main__":
    run_script(main)
