"""
The stages of codi_ao.sh: two-step problems, their traces, what is asked about them, an oracle, scores with controls.

Reads   a folder's run.json, which the first stage writes: what the run was asked for
Writes  problems, traces and vectors, pairs to train on, an oracle; scores.json and its table

    python benchmarks/codi_ao.py check --model tiny --folder runs/ao --steps 0 1 --epochs 3
    python benchmarks/codi_ao.py problems --folder runs/ao      and so on: traces, pairs, train, score

A problem is a story of two events, a sum or difference and then a product, or a product and then a sum; none of the
test's has the numbers and operations of a training one. One hidden state, that of a fixed step, is shown to the
oracle, and neither question nor answer: which result does it hold, by which operation?
"""

import argparse
import io
import json
import random
import sys
from collections import Counter
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))

import collect_traces
import train_oracle
from files import RUN as UNDONE
from files import (
    check_fields,
    check_writable,
    file_path,
    listed,
    read_dict,
    read_json,
    read_meta,
    replacing,
    sha256,
    write_json,
    write_meta,
)
from generate_oracle_data import TRACED, pair_of
from loading import Codi, load_model, model_options
from oracle_effects import fitted, like, paired
from oracle_model import ask_about, check_fits_traces, load_oracle, replies
from oracle_prompts import VectorReader, View
from oracle_questions import OPERATIONS, Question, operations
from oracle_replies import TASKS
from problems import chain_results
from runs import lens
from scores import interval_text, share_row
from scripting import (
    UserError,
    add_row,
    log,
    new_table,
    non_negative,
    print_table,
    provenance,
    run_script,
    whole_number,
)
from stories import chain_of, random_arithmetic, split_of, tell
from traces import COLLECT, Trace, read_traces

PROBLEMS = {"train": 1000, "test": 200}
AFTER = {"+": "*", "-": "*", "*": "+"}  # the first operation: the second
WORDINGS = 6  # of each question to learn from
VAL_EVERY = 20  # questions, of which one is kept from training
WORDS = {
    "addition": "+ add adding added addition plus sum",
    "subtraction": "- − subtract subtracting subtracted subtraction minus difference",
    "multiplication": "* × multiply multiplying multiplied multiplication times product",
    "division": "/ ÷ divide dividing divided division quotient",
}
COLLECTED = ("--vectors", "--skip-ablation", "--skip-early-decode")
SET_HERE = ("model", "data", "split", "n", "seed", "output")  # options of collect_traces.py


# --- What a folder is for ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What a folder's run was asked for."""

    folder: Path
    model: str
    steps: list[int]  # that hold the two results
    epochs: float
    seed: int
    collect: list[str] = field(default_factory=list)  # options of collect_traces.py

    @classmethod
    def of(cls, folder: Path) -> "Run":
        remedy = "Run all stages with: benchmarks/codi_ao.sh --model tiny"
        types = {"model": (str,), "steps": (list,), "epochs": (int, float), "seed": (int,), "collect": (list,)}
        told = check_fields(read_json(folder / "run.json", remedy), types, str(folder / "run.json"), remedy)
        return cls(folder, **{name: told[name] for name in types})

    def told(self) -> dict:
        return {name: value for name, value in asdict(self).items() if name != "folder"}

    def collecting(self, *more: str) -> list[str]:
        """The arguments of collect_traces.py."""
        return ["--model", self.model, *COLLECTED, *self.collect, *more]

    def codi(self) -> Codi:
        """The checkpoint, loaded as it was traced."""
        args = collect_traces.parse_arguments(self.collecting())
        return load_model(args.model, **model_options(args))


def check(args, more: list[str]) -> None:
    """Make a folder this run's, and print its name; UserError, before anything is made, for what no stage could do."""
    if args.model is None:
        raise UserError("Say which checkpoint: benchmarks/codi_ao.sh --model tiny")
    if args.epochs == 0:
        raise UserError("--epochs must be above 0.")
    steps = args.steps or ([0, 1] if args.model.startswith("tiny") else [1, 3])
    check_collecting(more)
    folder = args.folder or Path("runs", f"codi_ao-{args.model.replace('/', '-')}")
    run = Run(folder, args.model, steps, args.epochs, args.seed, more)
    check_folder(run)
    check_steps(steps, run.codi().num_latent)
    folder.mkdir(parents=True, exist_ok=True)
    check_writable(folder)
    write_json(folder / "run.json", run.told())
    print(folder)


def check_collecting(more: list[str]) -> None:
    """UserError unless collect_traces.py takes these options, and none of them is set here."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            plain, given = (collect_traces.parse_arguments([*COLLECTED, *options]) for options in ([], more))
    except SystemExit as error:
        raise UserError(said.getvalue().strip().rpartition("error: ")[2] + ".") from error
    for name in SET_HERE:
        if getattr(given, name) != getattr(plain, name):
            raise UserError(f"The {name} of collect_traces.py is set by the run itself. Leave that option out.")


def check_folder(run: Run) -> None:
    """UserError where a folder holds another run's files."""
    if run.folder.exists() and not run.folder.is_dir():
        raise UserError(f"{run.folder} is a file. Give --folder a folder.")
    if not (run.folder / "run.json").exists():
        if there := listed(run.folder):
            raise UserError(f"{there[0]} is there, but no run.json that says how it was made. Give another --folder.")
        return
    before, now = Run.of(run.folder).told(), run.told()
    differ = [f"{name} was {before[name]}, now {now[name]}" for name in now if before[name] != now[name]]
    if differ:
        raise UserError(
            f"{run.folder} was made with other settings: {'; '.join(differ)}. Give another --folder, or remove it."
        )


def check_steps(steps: list[int], num_latent: int) -> None:
    if len(set(steps)) != 2 or max(steps) >= num_latent:
        raise UserError(f"--steps must be two of 0 to {num_latent - 1}, that of the first result and of the second.")


# --- What is trained on -----------------------------------------------------------------------------------------


def write_problems(run: Run) -> None:
    """As many stories with each first operation as there can be."""
    for split, count in PROBLEMS.items():
        rng, rows = random.Random(f"codi-ao/{split}/{run.seed}"), []
        while len(rows) < count:
            arithmetic, first = random_arithmetic(rng, 2, idle=False), list(AFTER)[len(rows) % len(AFTER)]
            if split_of(arithmetic) == split and [operation for operation, _ in arithmetic[1:]] == [
                first,
                AFTER[first],
            ]:
                chain, answer = chain_of(arithmetic)
                rows.append({"question": tell(rng, arithmetic), "cot": chain, "answer": answer})
        with replacing(run.folder / f"{split}.problems.jsonl") as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_traces(run: Run) -> None:
    for split in PROBLEMS:
        data, output = (str(run.folder / name) for name in (f"{split}.problems.jsonl", f"{split}.jsonl"))
        collect_traces.main(run.collecting("--data", data, "--output", output))


def facts(trace: Trace, steps: list[int]) -> list[Question]:
    """What the design says that each of the two steps holds, whatever a lens makes of it."""
    made_by = operations(trace.gold_chain)
    found = zip(steps, chain_results(trace.gold_chain), strict=True)
    golds = [(step, {"result": result, "operation": made_by[result]}) for step, result in found]
    return [
        Question("holds", gold, {"step": step}, strategy="chain", num_latent=trace.num_latent) for step, gold in golds
    ]


def write_pairs(run: Run) -> None:
    """Each fact about each training problem, in several wordings."""
    path, view = run.folder / "train.jsonl", View()
    traced, questions = read_meta(path, COLLECT.format(path))["settings"], {"train": [], "val": []}
    outputs = {side: run.folder / f"pairs.{side}.jsonl" for side in questions}
    lines = {side: [] for side in questions}
    for trace in read_traces(path):
        side, rng = "val" if trace.index % VAL_EVERY == 0 else "train", random.Random(f"{run.seed}/{trace.index}")
        questions[side].append(trace.question)
        for fact in facts(trace, run.steps):
            for query in dict.fromkeys(fact.query(rng, view) for _ in range(WORDINGS)):
                lines[side].append(pair_of(trace, fact, query, fact.shows, view).to_json() + "\n")
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
        write_meta(output, block | provenance(run.told()), [output])
        log(f"Wrote {output}: {counts['pairs']:,} pairs about {counts['questions']:,} questions")


def train(run: Run) -> None:
    """Train the oracle, or go on; one that is done is kept if these are the pairs that it was trained on."""
    oracle, trained_on = run.folder / "oracle", run.folder / "oracle.pairs.json"
    pairs = {side: run.folder / f"pairs.{side}.jsonl" for side in ("train", "val")}
    hashes = {path.name: sha256(path) for path in pairs.values()}
    if (oracle / train_oracle.FINISHED).exists():
        if read_dict(trained_on) != hashes:
            raise UserError(f"{oracle} was trained on other pairs than those now in {run.folder}. Remove {oracle}.")
        if not (oracle / UNDONE).exists():
            log(f"{oracle} is already complete; nothing to do.")
            return
    write_json(trained_on, hashes)
    data = [word for side, path in pairs.items() for word in (f"--{side}", str(path))]
    reads = ["--base", "codi", "--reads", "vectors", "--vectors", "h", "--steps", "asked"]
    train_oracle.main([*data, *reads, "--epochs", str(run.epochs), "--output", str(oracle)])


# --- Scores -----------------------------------------------------------------------------------------------------


def score(run: Run) -> dict:
    """How often each reader is right about the result that a step holds, and about its operation."""
    train, test = ([*read_traces(run.folder / f"{split}.jsonl")] for split in PROBLEMS)
    codi = run.codi()
    oracle = load_oracle(run.folder / "oracle" / "best", str(codi.device))
    check_fits_traces(oracle, run.folder / "test.jsonl", test[0].num_latent)
    readers = {split: VectorReader(run.folder / f"{split}.jsonl", oracle.view) for split in PROBLEMS}
    own = [readers["test"].of(trace.index) for trace in test]
    known = [readers["train"].of(trace.index) for trace in train]
    rows = []
    for place, step in enumerate(run.steps):
        golds = [facts(trace, run.steps)[place].gold for trace in test]
        learned = [facts(trace, run.steps)[place].gold for trace in train]
        said = said_by_all(oracle, test, step, own, torch.stack(known).mean(0), run.seed)
        at = step + 1  # row of h, which begins with the state before any step
        seen = {
            "result": [trace.steps[step]["top_k_tokens"][0].strip() for trace in test],
            "operation": lens_operations(codi, torch.stack([v[at] for v in own])),
        }
        for asked in ("result", "operation"):
            truths, labels = [gold[asked] for gold in golds], [gold[asked] for gold in learned]
            names = {reader: [gold and gold[asked] for gold in of] for reader, of in said.items()}
            names["linear probe"] = probed([v[at] for v in known], labels, [v[at] for v in own])
            names["lens"] = seen[asked]
            names["constant"] = [Counter(labels).most_common(1)[0][0]] * len(test)
            right = {reader: [a == b for a, b in zip(of, truths, strict=True)] for reader, of in names.items()}
            about = {"step": step, "of": ("first", "second")[place], "asked": asked}
            for reader, of in right.items():
                against = None if reader == "oracle" else paired(right["oracle"], of)
                rows.append(about | {"reader": reader, "right": share_row(of), "against_oracle": against})
    right = share_row([trace.correct for trace in test])
    words = {operation: [codi.token_text(i) for i in ids] for operation, ids in operation_tokens(codi).items()}
    meta = {"model": run.model, "steps": run.steps, "epochs": run.epochs, "lens_tokens": words}
    return {"meta": meta | provenance(run.told()), "answers": right, "rows": rows}


def operation_tokens(codi: Codi) -> dict[str, list[int]]:
    """The tokens that spell each operation whole, as a sign or a word; none where the tokenizer has none."""
    found = {}
    for operation in OPERATIONS.values():
        spelled = [f"{space}{word}" for word in WORDS[operation].split() for space in ("", " ")]
        spelled = dict.fromkeys(form for text in spelled for form in (text, text.title()))
        ids = [codi.tokenizer(text, add_special_tokens=False)["input_ids"] for text in spelled]
        found[operation] = sorted({row[0] for row in ids if len(row) == 1 and row[0] < codi.vocabulary})
    return found


@torch.inference_mode()
def lens_operations(codi: Codi, hidden: torch.Tensor) -> list[str]:
    """The operation whose tokens together are likeliest in the lens of each hidden state (B, D)."""
    tokens = operation_tokens(codi)
    shares = lens(codi, hidden.to(codi.device, codi.model.dtype)).float().softmax(-1)
    sums = torch.stack([shares[:, ids].sum(-1) for ids in tokens.values()], dim=-1)
    return [list(tokens)[i] for i in sums.argmax(-1).tolist()]


def said_by_all(oracle, test: list[Trace], step: int, own: list, mean, seed: int) -> dict[str, list[dict | None]]:
    """What the oracle says of a step, shown these vectors, or others in their place; None where it cannot be read."""
    generator = torch.Generator().manual_seed(seed)
    order = random.Random(seed).sample(range(len(own)), len(own))  # as neighbours never share an operation
    giver = dict(zip(order, order[1:] + order[:1], strict=True))  # never itself
    shown = {
        "oracle": own,
        "another's vectors": [own[giver[row]] for row in range(len(own))],
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


class Parser(argparse.ArgumentParser):
    """One whose errors are one sentence."""

    def error(self, message):
        raise UserError(f"{message}.")


STAGES = {"problems": write_problems, "traces": write_traces, "pairs": write_pairs, "train": train}


def main(argv=None):
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    stages = parser.add_subparsers(dest="stage", required=True)
    first = stages.add_parser("check", allow_abbrev=False, help="check the arguments, write run.json, print the folder")
    first.add_argument("--model", help="a checkpoint, as collect_traces.py takes it")
    first.add_argument("--folder", type=file_path, help="default: runs/codi_ao-MODEL")
    first.add_argument(
        "--steps", nargs=2, type=whole_number, help="that hold the two results (default: 1 3; 0 1 of tiny)"
    )
    first.add_argument("--epochs", type=non_negative, default=3, help="default: 3")
    first.add_argument("--seed", type=whole_number, default=42)
    for name in (*STAGES, "score"):
        stages.add_parser(name).add_argument("--folder", type=file_path, required=True)
    args, more = parser.parse_known_args(argv)
    if args.stage == "check":
        return check(args, more)
    if more:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    run = Run.of(args.folder)
    if args.stage == "score":
        results = score(run)
        write_json(args.folder / "scores.json", results)
        report(results)
    else:
        STAGES[args.stage](run)


if __name__ == "__main__":
    run_script(main)
