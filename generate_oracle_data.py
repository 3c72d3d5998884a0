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
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from rich.console import Console

from duplicates import duplicate_groups
from files import claimed, file_path, replacing, sha256, write_meta
from oracle_prompts import PARTS, View, prompt_about
from oracle_questions import STRATEGIES, TASK_LABELS, Pair, Question, questions_about
from oracle_replies import TASKS
from scripting import UserError, add_row, log, new_table, print_table, provenance, run_script, share, whole_number
from traces import COLLECT, Trace, read_traces, settings_of

HIDING = (("question",), ("output",))  # what the pairs without thoughts show
# what an oracle's meta says of the CODI that was traced; older traces lack some
TRACED = ("model", "revision", "prompt_form", "rotary", "lora_alpha", "data", "split", "seed")
NEEDS = {  # strategy: what to do where there is no pair of it
    "ablation": "Collect without --skip-ablation.",
    "early_decode": "Collect without --skip-early-decode.",
    "contrastive": "They need a direct answer: collect them with collect_traces.py.",
    "summary": "Collect without --skip-ablation and --skip-early-decode.",
    "patching": "Collect with --ablation-types zero skip noise swap.",
    "counterfactual": "Only vector oracles need it; collect with --patches 3 --vectors.",
    "chain": "The data set has no chains of calculations.",
}


def sides(questions: list[str], val_share: float, seed: int) -> list[str]:
    """The side of each question, "train" or "val", near-duplicates on one; about `val_share` go to "val"."""
    firsts = duplicate_groups(questions)
    return ["val" if is_below(val_share, seed, questions[first]) else "train" for first in firsts]


def is_below(share: float, *parts) -> bool:
    """True for a fixed `share` of all values of `parts`."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8]) < share * 2**64


@dataclass(frozen=True)
class Wanted:
    """Which pairs are made of a trace."""

    strategies: list[str]
    view: View
    hidden_share: float
    seed: int


def pairs_of(trace: Trace, donor: Trace | None, wanted: Wanted) -> list[Pair]:
    """All pairs about one trace; a pair with the thoughts hidden stands after the one that shows them."""
    pairs = []
    for strategy in wanted.strategies:
        rng = Random(f"{wanted.seed}/{trace.index}/{strategy}")
        for question in questions_about(trace, strategy, rng, donor):
            query = question.query(rng, wanted.view)
            pairs.append(pair_of(trace, question, query, question.shows, wanted.view))
            for shows in HIDING:
                if question.shows == PARTS and rng.random() < wanted.hidden_share:
                    pairs.append(pair_of(trace, question, query, shows, wanted.view))
    return pairs


def pair_of(trace: Trace, question: Question, query: str, shows, view: View) -> Pair:
    prompt = prompt_about(trace, view, shows)
    if "patch" in question.slots:
        prompt = replace(prompt, lines=())  # the lines of the plain run would belie the patched one
    return Pair(
        prompt=question.put(prompt, query),
        response=question.response,
        strategy=question.strategy,
        sub_type=question.task,
        source_index=trace.index,
        gold=question.gold,
        slots=question.slots,
        num_latent=trace.num_latent,
        shows=list(shows),
        answer_in_prompt="trace" in shows and TASKS[question.task].is_printed(view),
    )


class Known:
    """What a first pass over a trace file keeps, as the file is too large for memory: the questions, and where each
    one's line begins."""

    def __init__(self, path: Path, val_share: float, seed: int):
        self.path, self.num_latent, self.line, questions = path, None, {}, []
        for trace in read_traces(path):
            self.num_latent = trace.num_latent
            self.line[trace.index] = len(questions)
            questions.append(trace.question)
        self.questions, self.side = questions, sides(questions, val_share, seed)
        self.starts = line_starts(path)

    def trace(self, file, index: int) -> Trace:
        """The trace of a question, from the open file."""
        number, start = self.starts[self.line[index]]
        file.seek(start)
        return Trace.from_json(file.readline(), f"{self.path}:{number}")


def line_starts(path: Path) -> list[tuple[int, int]]:
    """(number, where it begins) of every line that is not blank, in bytes."""
    starts, start = [], 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                starts.append((number, start))
            start += len(line)
    return starts


def write_all(known: Known, files: dict, wanted: Wanted) -> tuple[Counter, int]:
    """Write each trace's pairs to the file of its side. Returns counts of pairs by (side, or what is counted;
    strategy), and of how many questions the swaps were left out."""
    counts, severed = Counter(), 0
    with known.path.open("rb") as source:
        for index, place in known.line.items():
            trace, side = known.trace(source, index), known.side[place]
            donor_place = known.line.get(trace.donor)
            is_other = donor_place is not None and known.side[donor_place] != side
            severed += is_other
            donor = None if donor_place is None or is_other else known.trace(source, trace.donor)
            for pair in pairs_of(trace, donor, wanted):
                files[side].write(pair.to_json() + "\n")
                for strategy in (pair.strategy, "all"):
                    counts[side, strategy] += 1
                    counts["printed", strategy] += pair.answer_in_prompt
                    counts["hidden", strategy] += "trace" not in pair.shows
    return counts, severed


def log_missing(counts: Counter, severed: int, strategies: list[str]) -> None:
    """Say what no pairs were made of, and why."""
    for strategy in strategies:
        if not counts["train", strategy] + counts["val", strategy]:
            log(f"No pairs of {strategy}: the traces lack what it asks about. {NEEDS[strategy]}")
    if severed and {"patching", "counterfactual"} & {*strategies}:
        log(f"{severed} questions were not asked about another's thoughts, as that one is on the other side.")


def counts_table(counts: Counter, strategies: list[str]):
    table = new_table("", "strategy", "train", "val", "answer in prompt", "thoughts hidden", left=1)
    for strategy in [*strategies, "all"]:
        add_row(table, strategy, *(f"{counts[what, strategy]:,}" for what in ("train", "val", "printed", "hidden")))
    return table


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output", "val_output"], ["input"]):
        run(args)


def run(args) -> None:
    remedy = COLLECT.format(args.input)
    traced = settings_of(args.input, remedy)
    traces_sha256 = sha256(args.input)
    known = Known(args.input, args.val_share, args.seed)
    if not known.num_latent:
        raise UserError(f"{args.input}: the traces have no latent steps. {remedy}")
    wanted = Wanted(args.strategies, View(not args.no_token_info), args.hidden_share, args.seed)
    outputs = {"train": args.output, "val": args.val_output}
    with ExitStack() as stack:
        parts = {side: stack.enter_context(replacing(path)) for side, path in outputs.items()}
        files = {side: stack.enter_context(part.open("w", encoding="utf-8")) for side, part in parts.items()}
        counts, severed = write_all(known, files, wanted)
        for side in outputs:
            if not counts[side, "all"]:
                raise UserError(
                    f"No pairs for {side} from {len(known.line)} traces. Collect more traces, or give another "
                    f"--val-share than {args.val_share:g} or other --strategies."
                )
        for path in outputs.values():
            write_meta(path, provenance(vars(args)))
    settings = {
        "token_info": wanted.view.token_info,
        "strategies": args.strategies,
        "num_latent": known.num_latent,
        "traces_file": str(args.input),
        "traces_sha256": traces_sha256,
        "traces": {key: traced[key] for key in TRACED if key in traced},
    }
    for side, path in outputs.items():
        questions = [question for question, its in zip(known.questions, known.side, strict=True) if its == side]
        pairs = counts[side, "all"]
        block = {"settings": settings, "counts": {"pairs": pairs, "questions": len(questions)}, "questions": questions}
        write_meta(path, block | provenance(vars(args)), [path])
        log(f"Wrote {path}: {pairs:,} pairs about {len(questions):,} questions")
    print_table(Console(), counts_table(counts, args.strategies))
    log_missing(counts, severed, args.strategies)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=file_path, default=Path("traces.jsonl"), help="traces (default: traces.jsonl)")
    parser.add_argument("--output", type=file_path, default=Path("oracle_data.jsonl"))
    parser.add_argument("--val-output", type=file_path, default=Path("oracle_val.jsonl"))
    parser.add_argument(
        "--strategies", nargs="+", default=[name for name in STRATEGIES if name not in TASK_LABELS],
        choices=list(STRATEGIES), metavar="STRATEGY",
        help=f"of {', '.join(STRATEGIES)} (default: all but {', '.join(TASK_LABELS)}, which takes the gold chain)",
    )  # fmt: skip
    parser.epilog = "strategies:\n" + "\n".join(f"{name}: {task.__doc__}" for name, task in STRATEGIES.items())
    parser.add_argument("--no-token-info", action="store_true", help="leave the lens tokens out of the prompts")
    parser.add_argument("--val-share", type=share, default=0.1, help="of the questions (default: 0.1)")
    parser.add_argument(
        "--hidden-share", type=share, default=0.1,
        help="of the pairs, told again with only the question shown, and again with only the output (default: 0.1)",
    )  # fmt: skip
    parser.add_argument("--seed", type=whole_number, default=0)
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
