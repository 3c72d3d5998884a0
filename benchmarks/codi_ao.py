"""
The parts of codi_ao.sh that no script here has: two-step problems, what is asked about them, scores with controls.

Reads   a folder of codi_ao.sh: traces, vectors and the oracle that was trained on them
Writes  problems, pairs to train on; scores.json and its table

    python benchmarks/codi_ao.py problems --folder runs/codi_ao
    python benchmarks/codi_ao.py pairs --folder runs/codi_ao --steps 1 3
    python benchmarks/codi_ao.py score --folder runs/codi_ao --steps 1 3

A problem is a story of two events, a sum or difference and then a product, or a product and then a sum; none of the
test's has the numbers and operations of a training one. One hidden state, that of a fixed step, is shown to the
oracle, and neither question nor answer: which result does it hold, by which operation?
"""

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path

import torch
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))

from files import file_path, read_meta, replacing, sha256, write_json, write_meta
from generate_oracle_data import TRACED
from oracle_effects import fitted, like, paired
from oracle_model import ask_about, check_fits_traces, load_oracle, replies
from oracle_prompts import VectorReader, View, prompt_about
from oracle_questions import Pair, Question, operations
from oracle_replies import TASKS
from problems import chain_results
from scores import interval_text, share_row
from scripting import UserError, add_row, log, new_table, print_table, provenance, run_script, whole_number
from stories import chain_of, random_arithmetic, split_of, tell
from traces import COLLECT, Trace, read_traces

PROBLEMS = {"train": 1000, "test": 200}
AFTER = {"+": "*", "-": "*", "*": "+"}  # the first operation: the second
WORDINGS = 6  # of each question to learn from
VAL_EVERY = 20  # questions, of which one is kept from training


def write_problems(args) -> None:
    """As many stories with each first operation as there can be."""
    for split, count in PROBLEMS.items():
        rng, rows = random.Random(f"codi-ao/{split}/{args.seed}"), []
        while len(rows) < count:
            arithmetic, first = random_arithmetic(rng, 2, idle=False), list(AFTER)[len(rows) % len(AFTER)]
            if split_of(arithmetic) == split and [operation for operation, _ in arithmetic[1:]] == [
                first,
                AFTER[first],
            ]:
                chain, answer = chain_of(arithmetic)
                rows.append({"question": tell(rng, arithmetic), "cot": chain, "answer": answer})
        with replacing(args.folder / f"{split}.problems.jsonl") as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in rows))


def facts(trace: Trace, steps: list[int]) -> list[Question]:
    """What the design says that each of the two steps holds, whatever a lens makes of it."""
    made_by = operations(trace.gold_chain)
    found = zip(steps, chain_results(trace.gold_chain), strict=True)
    golds = [(step, {"result": result, "operation": made_by[result]}) for step, result in found]
    return [
        Question("holds", gold, {"step": step}, strategy="chain", num_latent=trace.num_latent) for step, gold in golds
    ]


def write_pairs(args) -> None:
    """Each fact about each training problem, in several wordings."""
    path, view = args.folder / "train.jsonl", View()
    traced, questions, counts = read_meta(path, COLLECT.format(path))["settings"], {"train": [], "val": []}, Counter()
    check_steps(args.steps, traced["num_latent"])
    outputs = {side: args.folder / f"pairs.{side}.jsonl" for side in questions}
    lines = {side: [] for side in questions}
    for trace in read_traces(path):
        side, rng = "val" if trace.index % VAL_EVERY == 0 else "train", random.Random(f"{args.seed}/{trace.index}")
        questions[side].append(trace.question)
        prompt = prompt_about(trace, view)
        for fact in facts(trace, args.steps):
            for query in dict.fromkeys(fact.query(rng, view) for _ in range(WORDINGS)):
                pair = Pair(
                    fact.put(prompt, query), fact.response, "chain", "holds", trace.index, fact.gold, fact.slots,
                    trace.num_latent, ["question", "output", "trace"], False,
                )  # fmt: skip
                lines[side].append(pair.to_json() + "\n")
    settings = {
        "token_info": True,
        "strategies": ["chain"],
        "num_latent": traced["num_latent"],
        "traces_file": str(path),
    }
    settings |= {"traces_sha256": sha256(path), "traces": {key: traced[key] for key in TRACED if key in traced}}
    for side, output in outputs.items():
        with replacing(output) as part:
            part.write_text("".join(lines[side]), encoding="utf-8")
        counts = {"pairs": len(lines[side]), "questions": len(questions[side])}
        block = {"settings": settings, "counts": counts, "questions": questions[side]}
        write_meta(output, block | provenance(vars(args)), [output])
        log(f"Wrote {output}: {counts['pairs']:,} pairs about {counts['questions']:,} questions")


def check_steps(steps: list[int], num_latent: int) -> None:
    if len(steps) != 2 or max(steps) >= num_latent:
        raise UserError(f"--steps must be two of 0 to {num_latent - 1}, that of the first result and of the second.")


# --- Scores -----------------------------------------------------------------------------------------------------


def score(args) -> dict:
    """How often each reader is right about the result that a step holds, and about its operation."""
    train, test = ([*read_traces(args.folder / f"{split}.jsonl")] for split in PROBLEMS)
    check_steps(args.steps, test[0].num_latent)
    oracle = load_oracle(args.folder / "oracle" / "best", args.device, args.dtype)
    check_fits_traces(oracle, args.folder / "test.jsonl", test[0].num_latent)
    readers = {split: VectorReader(args.folder / f"{split}.jsonl", oracle.view) for split in PROBLEMS}
    own = [readers["test"].of(trace.index) for trace in test]
    known = [readers["train"].of(trace.index) for trace in train]
    rows = []
    for place, step in enumerate(args.steps):
        golds = [facts(trace, args.steps)[place].gold for trace in test]
        learned = [facts(trace, args.steps)[place].gold for trace in train]
        said = said_by_all(oracle, test, step, own, torch.stack(known).mean(0), args.seed)
        for field in ("result", "operation"):
            truths, labels = [gold[field] for gold in golds], [gold[field] for gold in learned]
            names = {reader: [gold and gold[field] for gold in of] for reader, of in said.items()}
            at = step + 1  # row of h, which begins with the state before any step
            probe = probed([v[at] for v in known], labels, [v[at] for v in own])
            names["linear probe"] = probe
            if field == "result":
                names["lens"] = [trace.steps[step]["top_k_tokens"][0].strip() for trace in test]
            names["constant"] = [Counter(labels).most_common(1)[0][0]] * len(test)
            right = {reader: [a == b for a, b in zip(of, truths, strict=True)] for reader, of in names.items()}
            about = {"step": step, "of": ("first", "second")[place], "asked": field}
            for reader, of in right.items():
                against = None if reader == "oracle" else paired(right["oracle"], of)
                rows.append(about | {"reader": reader, "right": share_row(of), "against_oracle": against})
    right = share_row([trace.correct for trace in test])
    return {
        "meta": {"model": args.folder.name, "steps": args.steps} | provenance(vars(args)),
        "answers": right,
        "rows": rows,
    }


def said_by_all(oracle, test: list[Trace], step: int, own: list, mean, seed: int) -> dict[str, list[dict | None]]:
    """What the oracle says of a step, shown these vectors, or others in their place; None where it cannot be read."""
    generator = torch.Generator().manual_seed(seed)
    shown = {
        "oracle": own,
        "another's vectors": random.Random(seed).sample(own, len(own)),  # neighbours never share an operation
        "zero": [torch.zeros_like(vectors) for vectors in own],
        "mean": [mean] * len(own),
        "random": [like(vectors, generator) for vectors in own],
    }
    query, said = Question("holds", slots={"step": step}, num_latent=oracle.num_latent).plain_query(), {}
    for name, vectors in shown.items():
        asked = [ask_about(oracle, trace, query, of) for trace, of in zip(test, vectors, strict=True)]
        said[name] = [TASKS["holds"].read(reply.text) for reply in replies(oracle, asked)]
    return said


def probed(known: list, labels: list[str], vectors: list) -> list[str]:
    """What a linear map from vectors to the training labels makes of other vectors."""
    classes = sorted(set(labels))
    targets = torch.eye(len(classes))[[classes.index(label) for label in labels]]
    scores = fitted(torch.stack(known), targets)(torch.stack(vectors))
    return [classes[i] for i in scores.argmax(1).tolist()]


def report(results: dict) -> None:
    n = results["answers"]["total"]
    table = new_table(
        f"Two-step problems, question hidden, n = {n}, % right", "result", "asked", "reader", "right", "p", left=3
    )
    for row in results["rows"]:
        share, against = row["right"], row["against_oracle"]
        cells = (row["of"], row["asked"], row["reader"], interval_text(share["accuracy"], share["interval"]))
        add_row(table, *cells, "-" if against is None else f"{against['p_value']:.1g}")
    print_table(Console(), table)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["problems", "pairs", "score"])
    parser.add_argument("--folder", type=file_path, default=Path("runs/codi_ao"))
    parser.add_argument("--steps", nargs="+", type=whole_number, default=[1, 3], help="that hold the two results")
    parser.add_argument("--seed", type=whole_number, default=42)
    parser.add_argument("--device")
    parser.add_argument("--dtype")
    args = parser.parse_args(argv)
    if not args.folder.is_dir():
        raise UserError(f"{args.folder} is no folder. Run all stages with: benchmarks/codi_ao.sh --model tiny")
    if args.stage == "score":
        results = score(args)
        write_json(args.folder / "scores.json", results)
        report(results)
    else:
        {"problems": write_problems, "pairs": write_pairs}[args.stage](args)


if __name__ == "__main__":
    run_script(main)
