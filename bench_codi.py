"""
Measure what latent reasoning is worth: one checkpoint, up to three modes, the same questions.

Reads   a CODI checkpoint, a data set with gold answers (problems.py)
Writes  a table; with --output a JSON of every answer, with --plot a PNG
Next    collect_traces.py

    python bench_codi.py -n 1000 --mode all --data word-problems --output results.json
    python bench_codi.py --data gsm8k --sweep-latents --plot sweep.png
    torchrun --nproc_per_node 8 bench_codi.py --mode all --output results.json

Processes share the questions. With --output, what is answered stands in OUTPUT.parts while it runs; the same command
again goes on there.
"""

import argparse
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from accelerate.utils import gather_object
from rich.console import Console
from tqdm import tqdm

from codi_model import Answer, answer, clock
from files import (
    check_same_settings,
    claimed,
    drawing,
    file_path,
    parse_json,
    parts_path,
    remove_made,
    settings_before,
    write_json,
)
from loading import Codi, add_model_arguments, load_model, model_options
from problems import Problem, add_data_arguments, by_steps, default_data, judges_of, load_problems
from runs import MAX_NEW_TOKENS
from scores import mcnemar_p, score_text, wilson_interval
from scripting import (
    UserError,
    add_row,
    device_of,
    new_table,
    positive_int,
    print_table,
    processes,
    provenance,
    run_script,
    say,
)

# key in the results file: (the library's mode, what the table calls it)
RESULTS = {
    "reasoning": ("latent", "latent"),
    "no_reasoning": ("direct", "no reasoning"),
    "cot": ("verbal", "verbal chain"),
}
PART = r"answers-\d+\.jsonl"  # in OUTPUT.parts, beside settings.json
MODE_CHOICES = {
    "both": ["reasoning", "no_reasoning"],
    "reasoning": ["reasoning"],
    "none": ["no_reasoning"],
    "cot": ["cot"],
    "all": list(RESULTS),
}


class Answered:
    """The answers so far, by run ("latent 6") and question. With an output they also stand in OUTPUT.parts, a line per
    batch, so that the same command again goes on there."""

    def __init__(self, output: Path | None, settings: dict, questions: int, state):
        self.state, self.folder, self.runs, self.file = state, output and parts_path(output), {}, None
        if output is None:
            return
        if state.is_main_process:
            self.folder.mkdir(exist_ok=True)
            before = self.folder / "settings.json"
            if before.exists():
                check_same_settings(settings_before(before), settings, self.folder)
            elif self.parts():
                raise UserError(
                    f"{self.folder} holds answers, but not the settings they were made with. Remove it, or choose "
                    "another --output."
                )
            else:
                write_json(before, settings)
        state.wait_for_everyone()
        for path in self.parts():
            for line in path.read_bytes().split(b"\n"):
                if row := line_of(line, questions):
                    self.add(row if state.is_main_process else row | {"seconds": 0.0})  # counted once
        state.wait_for_everyone()  # before anyone writes more
        self.file = (self.folder / f"answers-{state.process_index}.jsonl").open("a", encoding="utf-8")
        self.file.write("\n")  # closes a line that was cut short

    def parts(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if re.fullmatch(PART, path.name))

    def add(self, row: dict) -> None:
        known, seconds = self.runs.get(row["run"], ({}, 0.0))
        answers = {index: Answer(*answer) for index, *answer in row["answers"]}
        self.runs[row["run"]] = known | answers, seconds + row["seconds"]

    def write(self, run: str, indices: list[int], answers: list[Answer], seconds: float) -> None:
        pairs = zip(indices, answers, strict=True)
        row = {"run": run, "answers": [[i, a.text, a.chain, a.tokens] for i, a in pairs], "seconds": seconds}
        self.add(row)
        if self.file:
            self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())

    def gathered(self, run: str) -> tuple[dict[int, Answer], float]:
        """All processes' answers to one run, and the seconds of all batches."""
        mine = self.runs.get(run, ({}, 0.0))
        everyones = gather_object([mine]) if self.state.num_processes > 1 else [mine]
        return {i: a for answers, _ in everyones for i, a in answers.items()}, sum(s for _, s in everyones)

    def remove(self) -> None:
        if self.file:
            self.file.close()
            if self.state.is_main_process:
                for path in self.parts():  # the settings last: answers never stand without them
                    path.unlink()
                remove_made(self.folder, r"settings\.json")


def line_of(line: bytes, questions: int) -> dict | None:
    """The batch in a line of OUTPUT.parts; None for one that was cut short or damaged."""
    try:
        row = parse_json(line)
        whole = type(row["run"]) is str and type(row["seconds"]) is float
        whole = whole and all(is_answer(*answer) and answer[0] < questions for answer in row["answers"])
    except (ValueError, TypeError, KeyError):
        return None
    return row if whole else None


def is_answer(index, text, chain, tokens) -> bool:
    types = [type(value) for value in (index, text, tokens)]
    return types == [int, str, int] and type(chain) in (str, type(None)) and index >= 0


@dataclass(frozen=True)
class Bench:
    """One checkpoint, and the problems that it is asked in each mode."""

    codi: Codi
    problems: list[Problem]
    answered: Answered
    batch_size: int | None

    def measure(self, mode: str, num_latent: int) -> dict:
        """One run over all problems, those answered already left out and the others shared by all processes: the
        results-file entry of its mode."""
        run, state = f"{mode} {num_latent}", self.answered.state
        known, _ = self.answered.runs.get(run, ({}, 0.0))
        todo = [i for i in range(len(self.problems)) if i not in known][state.process_index :: state.num_processes]
        total, right = len(known) + len(todo), [self.problems[i].is_right(a.text) for i, a in known.items()]
        with tqdm(total=total, initial=len(known), desc=run, unit="q", disable=not state.is_main_process) as bar:
            started = clock(self.codi)

            def on_batch(places, answers):
                nonlocal started
                indices = [todo[place] for place in places]
                self.answered.write(run, indices, answers, clock(self.codi) - started)
                started = clock(self.codi)
                pairs = zip(indices, answers, strict=True)
                right.extend(self.problems[i].is_right(a.text) for i, a in pairs)
                bar.update(len(indices))
                bar.set_postfix_str(f"{sum(right)}/{len(right)} = {100 * sum(right) / len(right):.1f}%")

            questions = [self.problems[i].question for i in todo]
            answer(self.codi, questions, mode, num_latent, None, MAX_NEW_TOKENS, self.batch_size, on_batch)
        everyones, seconds = self.answered.gathered(run)
        return entry_of(self.problems, [everyones[i] for i in range(len(self.problems))], num_latent, seconds)


def entry_of(problems: list[Problem], answers: list[Answer], num_latent: int, seconds: float) -> dict:
    """The results-file entry of one run."""
    right = [p.is_right(a.text) for p, a in zip(problems, answers, strict=True)]
    return {
        "accuracy": 100 * sum(right) / len(problems),
        "interval": wilson_interval(sum(right), len(problems)),
        "correct": sum(right),
        "num_latent": num_latent,
        "time_seconds": seconds,
        "num_examples": len(problems),
        "mean_answer_tokens": sum(a.tokens for a in answers) / len(answers),
        "by_steps": by_steps(problems, right),
        "details": [
            {
                "index": i,
                "question": p.question,
                "gold": p.answer,
                "predicted": p.read(a.text),
                "response": a.text if a.chain is None else f"{a.chain}\n{a.text}",
                "correct": right[i],
            }
            for i, (p, a) in enumerate(zip(problems, answers, strict=True))
        ],
    }


def advantage(reasoning: dict, no_reasoning: dict) -> dict:
    """Latent against direct on the same questions: how many it helped and hurt, and McNemar's exact p."""
    pairs = [(r["correct"], n["correct"]) for r, n in zip(reasoning["details"], no_reasoning["details"], strict=True)]
    helped, hurt = pairs.count((True, False)), pairs.count((False, True))
    points = reasoning["accuracy"] - no_reasoning["accuracy"]
    return {"points": points, "helped": helped, "hurt": hurt, "p_value": mcnemar_p(helped, hurt)}


def report(console: Console, results: dict) -> None:
    table = new_table(
        f"{results['meta']['model']} on {results['meta']['data']}",
        "mode", "latents", "correct [95% interval]", "q/s", "seconds", "tokens", left=1,
    )  # fmt: skip
    rows = [(RESULTS[key][1], results[key]) for key in RESULTS if key in results]
    rows += [("latent", entry) for entry in results.get("sweep", [])]
    for name, entry in rows:
        add_row(
            table, name, entry["num_latent"], score_text(entry["correct"], entry["num_examples"]),
            f"{entry['num_examples'] / entry['time_seconds']:.1f}", f"{entry['time_seconds']:.1f}",
            f"{entry['mean_answer_tokens']:.1f}",
        )  # fmt: skip
    print_table(console, table)
    for key in RESULTS:
        for steps, count in results.get(key, {}).get("by_steps", {}).items():
            say(console, f"{RESULTS[key][1]}, {steps}-step: {score_text(**count)}")
    if "advantage" in results:
        gain = results["advantage"]
        say(
            console,
            f"Latent reasoning against none: {gain['points']:+.1f} points; helped {gain['helped']} questions, "
            f"hurt {gain['hurt']} (McNemar exact p = {gain['p_value']:.2g})",
        )


def plot(results: dict, path: Path) -> None:
    """Accuracy with its interval: a bar per mode, and the sweep over latent steps beside them if there is one."""
    bars = [(RESULTS[key][1], results[key]) for key in RESULTS if key in results]
    labels, entries = zip(*bars, strict=True)
    sweep = results.get("sweep")
    with drawing(path, 2 if sweep else 1, (11 if sweep else 6, 4), dpi=150) as (figure, axes):
        axes[0].bar(labels, [e["accuracy"] for e in entries], yerr=error_bars(entries), capsize=4, color="#4878a8")
        if sweep:
            steps = [e["num_latent"] for e in sweep]
            axes[1].errorbar(steps, [e["accuracy"] for e in sweep], yerr=error_bars(sweep), marker="o", capsize=4)
            axes[1].set_xlabel("latent steps")
            axes[1].set_xticks(steps)
        for axis in axes:
            axis.set_ylim(0, 100)
            axis.set_ylabel("accuracy, % (95% Wilson interval)")
        figure.suptitle(f"{results['meta']['model']} on {results['meta']['data']}, n = {entries[0]['num_examples']}")


def error_bars(entries) -> list[list[float]]:
    """Distances below and above each accuracy, as matplotlib wants them."""
    below = [e["accuracy"] - e["interval"][0] for e in entries]
    return [below, [e["interval"][1] - e["accuracy"] for e in entries]]


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output", "plot"], ["data", "model"]):
        state = processes(args.device)
        data = default_data() if args.data is None else args.data
        problems = scored_problems(data, args.split, args.n, args.seed)
        codi = load_model(args.model, **model_options(args) | {"device": device_of(state, args.device)})
        answered = Answered(args.output, settings_of(codi, problems), len(problems), state)
        bench = Bench(codi, problems, answered, args.batch_size)
        results = {"meta": codi.describe() | {"data": data, "split": args.split, "judges": judges_of(problems)}}
        results["meta"] |= provenance(vars(args))
        for key in MODE_CHOICES[args.mode]:
            mode, _ = RESULTS[key]
            results[key] = bench.measure(mode, codi.num_latent if mode == "latent" else 0)
        if {"reasoning", "no_reasoning"} <= results.keys():
            results["advantage"] = advantage(results["reasoning"], results["no_reasoning"])
        if args.sweep_latents:
            results["sweep"] = [bench.measure("latent", steps) for steps in range(codi.num_latent + 1)]
        if state.is_main_process:
            save_and_show(results, args.output, args.plot)
        answered.remove()


def scored_problems(data: str, split: str, n: int | None, seed: int) -> list[Problem]:
    """load_problems(); UserError where one has no gold answer."""
    problems = load_problems(data, split, n, seed)
    without = next((p for p in problems if p.answer is None), None)
    if without:
        raise UserError(f"{data}: question {without.id} has no gold answer to score against. Add an answer field.")
    return problems


def settings_of(codi: Codi, problems: list[Problem]) -> dict:
    """All that changes answers. Batches are left out: they only change how answers are rounded, and may shrink to what
    the memory holds."""
    questions = json.dumps([problem.told() for problem in problems]).encode()
    digest = hashlib.sha256(questions).hexdigest()
    return codi.describe() | {"max_new_tokens": MAX_NEW_TOKENS, "questions_sha256": digest}


def save_and_show(results: dict, output: Path | None, picture: Path | None) -> None:
    """Results first, then what is drawn of them; a table is shown even if nothing can be saved."""
    try:
        if output:
            write_json(output, results)
    finally:
        report(Console(), results)
    if picture:
        plot(results, picture)


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=list(MODE_CHOICES), default="both", help="default: both (reasoning and none)")
    add_data_arguments(parser)
    parser.add_argument("--output", type=file_path, help="JSON of every answer")
    parser.add_argument("--plot", type=file_path, help="PNG of the accuracies")
    parser.add_argument("--sweep-latents", action="store_true", help="also measure 0, 1, … of its latent steps")
    parser.add_argument("--batch-size", type=positive_int, help="rows (default: as many as a token budget holds)")
    add_model_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
