"""
Measure what latent reasoning is worth: one checkpoint, up to three modes, the same questions.

Reads   a CODI checkpoint, a data set with gold answers (problems.py)
Writes  a table; with --output a JSON of every answer, with --plot a PNG
Next    collect_traces.py

    python bench_codi.py -n 1000 --mode all --data word-problems --output results.json
    python bench_codi.py --data gsm8k --sweep-latents --plot sweep.png
    python bench_codi.py -n 100 --mode all --data word-problems --temperature 0.7 --samples 8
    torchrun --nproc_per_node 8 bench_codi.py --mode all --output results.json

Processes share the questions. With --output, what is answered stands in OUTPUT.parts while it runs; the same command
again goes on there.

With --temperature answers are drawn, --samples of each question: their mean accuracy, maj@k (is what most of the first
k say right?) and pass@k (is one of k right? as Chen et al. 2021 estimate it), with 95% intervals bootstrapped over
questions. A sample depends on --seed, its question and its number alone.
"""

import argparse
import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
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
    png_path,
    remove_made,
    settings_before,
    write_json,
)
from loading import Codi, add_model_arguments, load_model, model_options
from problems import Problem, add_data_arguments, by_steps, chain_steps, default_data, judges_of, load_problems
from runs import MAX_NEW_TOKENS
from sampling import Sampling
from scores import (
    Scored,
    bootstrap_interval,
    doublings,
    interval_text,
    majority,
    mcnemar_p,
    mean_row,
    pass_at,
    score_text,
    sign_flip_p,
    wilson_interval,
)
from scripting import (
    UserError,
    add_row,
    device_of,
    new_table,
    non_negative,
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
    """The answers so far, by run ("latent 6") and place: a question's number, or of n samples each a question's times n
    plus its own. With an output they also stand in OUTPUT.parts, a line per batch, so that the same command again goes
    on there."""

    def __init__(self, output: Path | None, settings: dict, places: int, state):
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
                if row := line_of(line, places):
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


def line_of(line: bytes, places: int) -> dict | None:
    """The batch in a line of OUTPUT.parts; None for one that was cut short or damaged."""
    try:
        row = parse_json(line)
        whole = type(row["run"]) is str and type(row["seconds"]) is float
        whole = whole and all(is_answer(*answer) and answer[0] < places for answer in row["answers"])
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
    sampling: Sampling | None = None

    def measure(self, mode: str, num_latent: int) -> dict:
        """One run over all problems, those answered already left out and the others shared by all processes: the
        results-file entry of its mode."""
        run, state = f"{mode} {num_latent}", self.answered.state
        known, _ = self.answered.runs.get(run, ({}, 0.0))
        missing = [i for i in range(len(self.problems)) if not known.keys() >= set(self.places(i))]
        todo, done = missing[state.process_index :: state.num_processes], len(self.problems) - len(missing)
        right = [self.is_right(place, a) for place, a in known.items()]
        with tqdm(total=done + len(todo), initial=done, desc=run, unit="q", disable=not state.is_main_process) as bar:
            started = clock(self.codi)

            def on_batch(numbers, answers):
                nonlocal started
                places = [place for number in numbers for place in self.places(todo[number])]
                flat = [a for samples in answers for a in samples] if self.sampling else answers
                self.answered.write(run, places, flat, clock(self.codi) - started)
                started = clock(self.codi)
                right.extend(self.is_right(place, a) for place, a in zip(places, flat, strict=True))
                bar.update(len(numbers))
                bar.set_postfix_str(f"{sum(right)}/{len(right)} = {100 * sum(right) / len(right):.1f}%")

            questions = [self.problems[i].question for i in todo]
            options = None, MAX_NEW_TOKENS, self.batch_size, on_batch, self.sampling
            answer(self.codi, questions, mode, num_latent, *options)
        everyones, seconds = self.answered.gathered(run)
        answers = [[everyones[place] for place in self.places(i)] for i in range(len(self.problems))]
        if self.sampling:
            return sampled_entry(self.problems, answers, num_latent, seconds, self.sampling.seed)
        return entry_of(self.problems, [a for (a,) in answers], num_latent, seconds)

    def places(self, index: int) -> range:
        """Where the answers to a question stand among all."""
        samples = self.sampling.samples if self.sampling else 1
        return range(index * samples, (index + 1) * samples)

    def is_right(self, place: int, said: Answer) -> bool:
        return self.problems[place // len(self.places(0))].is_right(said.text)


def entry_of(problems: list[Problem], answers: list[Answer], num_latent: int, seconds: float) -> dict:
    """The results-file entry of one run."""
    replies = [reply_row(p, a) for p, a in zip(problems, answers, strict=True)]
    right = [reply["correct"] for reply in replies]
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
            {"index": i, "question": p.question, "gold": p.answer} | reply
            for i, (p, reply) in enumerate(zip(problems, replies, strict=True))
        ],
    }


def reply_row(problem: Problem, said: Answer) -> dict:
    """An answer as the results file has it, and whether it is right."""
    return {
        "predicted": problem.read(said.text),
        "response": said.text if said.chain is None else f"{said.chain}\n{said.text}",
        "correct": problem.is_right(said.text),
    }


def voted_for(replies: list[dict]) -> dict:
    """The first of those replies that say what most of them say."""
    return replies[majority([reply["predicted"] for reply in replies])]


def sampled_entry(
    problems: list[Problem], answers: list[list[Answer]], num_latent: int, seconds: float, seed: int
) -> dict:
    """The results-file entry of one run of several samples per question; what most of them say stands as the answer."""
    replies = [[reply_row(p, a) for a in samples] for p, samples in zip(problems, answers, strict=True)]
    right = np.array([[reply["correct"] for reply in samples] for samples in replies], dtype=float)  # (questions, n)
    samples, shares = right.shape[1], right.mean(1)
    voted = {k: [voted_for(row[:k]) for row in replies] for k in doublings(samples)}
    return {
        **mean_row(shares, seed),
        "correct": int(right.sum()),
        "num_latent": num_latent,
        "time_seconds": seconds,
        "num_examples": len(problems),
        "samples": samples,
        "pass_at": {
            str(k): mean_row(np.array([pass_at(k, int(c), samples) for c in right.sum(1)]), seed)
            for k in doublings(samples)
        },
        "maj_at": {
            str(k): mean_row(np.array([reply["correct"] for reply in row], dtype=float), seed)
            for k, row in voted.items()
        },
        "mean_answer_tokens": sum(a.tokens for row in answers for a in row) / right.size,
        "by_steps": sampled_by_steps(problems, shares, seed),
        "details": [
            {"index": i, "question": p.question, "gold": p.answer, **reply, "samples": row}
            for i, (p, reply, row) in enumerate(zip(problems, voted[samples], replies, strict=True))
        ],
    }


def sampled_by_steps(problems: list[Problem], shares: np.ndarray, seed: int) -> dict[str, dict]:
    """As by_steps(), of each question's share of right samples."""
    steps = [None if p.chain is None else len(chain_steps(p.chain)) for p in problems]
    rows = {}
    for count in sorted(set(steps) - {None}):
        mine = shares[[step == count for step in steps]]
        rows[str(count)] = mean_row(mine, seed) | {"questions": len(mine)}
    return rows


def sampled_advantage(reasoning: dict, no_reasoning: dict, seed: int) -> dict:
    """Latent against direct in mean accuracy: points, their interval and a sign-flip test, over the same questions."""
    shares = [
        np.array([np.mean([reply["correct"] for reply in row["samples"]]) for row in entry["details"]])
        for entry in (reasoning, no_reasoning)
    ]
    latent, direct = (Scored(mine, np.arange(len(mine))) for mine in shares)
    difference = latent.over(direct)
    return {
        "points": 100 * difference.mean(),
        "interval": bootstrap_interval(difference, seed),
        "p_value": sign_flip_p(difference, seed),
    }


def advantage(reasoning: dict, no_reasoning: dict) -> dict:
    """Latent against direct on the same questions: how many it helped and hurt, and McNemar's exact p."""
    pairs = [(r["correct"], n["correct"]) for r, n in zip(reasoning["details"], no_reasoning["details"], strict=True)]
    helped, hurt = pairs.count((True, False)), pairs.count((False, True))
    points = reasoning["accuracy"] - no_reasoning["accuracy"]
    return {"points": points, "helped": helped, "hurt": hurt, "p_value": mcnemar_p(helped, hurt)}


def report(console: Console, results: dict) -> None:
    if "sampling" in results["meta"]:
        report_samples(console, results)
        return
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


def report_samples(console: Console, results: dict) -> None:
    meta, how = results["meta"], results["meta"]["sampling"]
    count, drawn = how["samples"], f"temperature {how['temperature']:g}, top-p {how['top_p']:g}, seed {how['seed']}"
    names = [f"{name}@{count} [95%]" for name in ("mean", "maj", "pass")]
    table = new_table(
        f"{meta['model']} on {meta['data']}, {count} samples each at {drawn}",
        "mode", "latents", "right", *names, "q/s", "seconds", "tokens", left=1,
    )  # fmt: skip
    modes = [(RESULTS[key][1], results[key]) for key in RESULTS if key in results]
    for name, entry in modes + [("latent", entry) for entry in results.get("sweep", [])]:
        add_row(
            table, name, entry["num_latent"], f"{entry['correct']}/{entry['num_examples'] * count}",
            *(percent_text(row) for row in (entry, entry["maj_at"][str(count)], entry["pass_at"][str(count)])),
            f"{entry['num_examples'] / entry['time_seconds']:.1f}", f"{entry['time_seconds']:.1f}",
            f"{entry['mean_answer_tokens']:.1f}",
        )  # fmt: skip
    print_table(console, table)
    table = new_table("", "mode", "k", "maj@k [95%]", "pass@k [95%]", left=1)
    for name, entry in modes:
        for k in entry["pass_at"]:
            add_row(table, name, k, percent_text(entry["maj_at"][k]), percent_text(entry["pass_at"][k]))
    print_table(console, table)
    for name, entry in modes:
        for steps, row in entry["by_steps"].items():
            say(console, f"{name}, {steps}-step: {percent_text(row)} of {row['questions']} questions' samples")
    if "advantage" in results:
        gain = results["advantage"]
        points = interval_text(gain["points"], gain["interval"], "+")
        say(console, f"Latent reasoning against none: {points} points of mean (sign-flip p = {gain['p_value']:.2g})")


def percent_text(row: dict) -> str:
    """36.7% [34.1, 39.3]"""
    low, high = row["interval"]
    return f"{row['accuracy']:.1f}% [{low:.1f}, {high:.1f}]"


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
        sampled = "mean accuracy of the samples, % (95% interval over questions)"
        for axis in axes:
            axis.set_ylim(0, 100)
            axis.set_ylabel(sampled if "samples" in entries[0] else "accuracy, % (95% Wilson interval)")
        figure.suptitle(f"{results['meta']['model']} on {results['meta']['data']}, n = {entries[0]['num_examples']}")


def error_bars(entries) -> list[list[float]]:
    """Distances below and above each accuracy, as matplotlib wants them."""
    below = [e["accuracy"] - e["interval"][0] for e in entries]
    return [below, [e["interval"][1] - e["accuracy"] for e in entries]]


def main(argv=None):
    args = parse_arguments(argv)
    sampling = sampling_of(args)
    with claimed(args, ["output", "plot"], ["data", "model"]):
        state = processes(args.device)
        data = default_data() if args.data is None else args.data
        problems = scored_problems(data, args.split, args.n, args.seed)
        codi = load_model(args.model, **model_options(args) | {"device": device_of(state, args.device)})
        drawn = {"sampling": asdict(sampling)} if sampling else {}
        places = len(problems) * (sampling.samples if sampling else 1)
        answered = Answered(args.output, settings_of(codi, problems) | drawn, places, state)
        bench = Bench(codi, problems, answered, args.batch_size, sampling)
        told = {"data": data, "split": args.split, "judges": judges_of(problems)} | drawn
        results = {"meta": codi.describe() | told | provenance(vars(args))}
        for key in MODE_CHOICES[args.mode]:
            mode, _ = RESULTS[key]
            results[key] = bench.measure(mode, codi.num_latent if mode == "latent" else 0)
        if {"reasoning", "no_reasoning"} <= results.keys():
            both = results["reasoning"], results["no_reasoning"]
            results["advantage"] = sampled_advantage(*both, sampling.seed) if sampling else advantage(*both)
        if args.sweep_latents:
            results["sweep"] = [bench.measure("latent", steps) for steps in range(codi.num_latent + 1)]
        if state.is_main_process:
            save_and_show(results, args.output, args.plot)
        answered.remove()


def sampling_of(args) -> Sampling | None:
    """How answers are drawn; None where each is the likeliest."""
    if not args.temperature:
        for name, given in (("--samples", args.samples not in (None, 1)), ("--top-p", args.top_p is not None)):
            if given:
                raise UserError(f"{name} needs a --temperature above 0, without which no answer is drawn. Try 0.7.")
        return None
    return Sampling(args.temperature, 1.0 if args.top_p is None else args.top_p, args.samples or 1, args.seed)


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
    add_data_arguments(parser, "generated questions, and of samples")
    parser.add_argument("--output", type=file_path, help="JSON of every answer")
    parser.add_argument("--plot", type=png_path, help="PNG of the accuracies")
    parser.add_argument("--sweep-latents", action="store_true", help="also measure 0, 1, … of its latent steps")
    parser.add_argument("--batch-size", type=positive_int, help="rows (default: as many as a token budget holds)")
    parser.add_argument("--temperature", type=non_negative, help="draw answers (default: the likeliest, as 0 does)")
    parser.add_argument("--top-p", type=float, help="draw of the likeliest tokens that make up this (default: 1, all)")
    parser.add_argument("--samples", type=positive_int, help="answers drawn to each question (default: 1)")
    add_model_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
