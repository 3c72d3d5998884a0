"""
How fast tracing is against the plain way, as a ratio from one run on this machine; no absolute time is promised.

    python benchmarks/bench_traces.py tiny                    200 word problems, tiny-codi
    python benchmarks/bench_traces.py llama1b -n 1            random Llama of the 1B shape, bfloat16 or --dtype float32

The plain way takes one question at a time and encodes it anew for the trace, for direct mode, for each of 18 ablations
and for the early decodes: 21 encodings and 27 answers, each with the ordinary cached loop. Both ways must agree.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench_speed import random_llama1b

import codi_model
from codi_model import TraceOptions, answer_from, prompt_ids, read_hidden, shared_markers, trace_batch
from interventions import ABLATIONS, DEFAULT_ABLATIONS, Material
from loading import load_model
from problems import load_problems
from runs import decode_all, extend, latent_steps, plan_batches, project, start_runs
from scripting import positive_int, run_script

PHASES = {
    "encode": "start_runs",
    "latent steps": "latent_steps",
    "answers": "decode_all",
    "readings": "read_hidden",
}


@torch.inference_mode()
def plain_traces(codi, problem, index, max_new_tokens):
    """Output, direct answer, early decodes and ablations of one question, one after another, with top-k readings."""
    latent, direct = (prompt_ids(codi, problem.question, mode, codi.num_latent) for mode in ("latent", "direct"))
    material = Material([index])

    def say(run):
        return answer_from(codi, decode_all(codi, run, (codi.eot_id,), max_new_tokens)[0][0], verbal=False).text

    run = start_runs(codi, [latent])
    readings, previous = [], None
    for after in [run, *latent_steps(codi, run, codi.num_latent)]:
        readings.append(read_hidden(codi, after.hidden[:, 0], previous, TraceOptions().top_k)[0])
        previous = after.hidden[:, 0]
    output, no_reasoning = say(after), say(start_runs(codi, [direct]))

    ablations = {}
    for kind in DEFAULT_ABLATIONS:
        for target in range(codi.num_latent):
            edit, run = ABLATIONS[kind][0](codi, target, material), start_runs(codi, [latent])
            for step in range(codi.num_latent):
                z = project(codi, run.hidden)
                run = extend(codi, run, edit.embed(step, z, z))
            ablations[f"{kind}_step{target}"] = say(run)

    run = start_runs(codi, [latent])
    early = [say(run), *(say(run) for run in latent_steps(codi, run, codi.num_latent))]
    return output, no_reasoning, ablations, early


def our_traces(codi, problems, max_new_tokens):
    options = TraceOptions(DEFAULT_ABLATIONS, max_new_tokens=max_new_tokens)
    lengths = [len(prompt_ids(codi, p.question, "latent")) + options.tail(codi.num_latent) for p in problems]
    traces = [None] * len(problems)
    for batch in plan_batches(lengths, "cpu"):
        done, _ = trace_batch(codi, [problems[i] for i in batch], codi.num_latent, Material(batch), options)
        for i, trace in zip(batch, done, strict=True):
            trace.to_json()  # its time counts
            traces[i] = trace
    return traces


@contextmanager
def watched(seconds):
    """Within, each function of PHASES adds its time to `seconds`."""
    kept = {name: getattr(codi_model, name) for name in PHASES.values()}

    def timing(name):
        def wrapper(*args, **kwargs):
            started = time.perf_counter()
            result = kept[name](*args, **kwargs)
            if isinstance(result, Iterator):  # its steps are taken here, so that their time counts
                result = iter(list(result))
            seconds[name] += time.perf_counter() - started
            return result

        return wrapper

    for name in kept:
        setattr(codi_model, name, timing(name))
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(codi_model, name, function)


def count_positions(codi):
    """A hook on the model that counts the positions pushed through it."""
    counted = Counter()

    def hook(module, args, kwargs):
        embeds = kwargs["inputs_embeds"]
        counted["positions"] += embeds.shape[0] * embeds.shape[1]

    return counted, codi.body.register_forward_pre_hook(hook, with_kwargs=True)


def least_positions(codi, traces, problems):
    """The fewest positions that give these answers: each question once, each latent step once per run from its first
    change on, and each answer's tokens with eot."""
    _, latent_rest, _ = shared_markers(codi)
    steps = codi.num_latent
    latents = steps + len(DEFAULT_ABLATIONS) * sum(steps - first for first in range(steps))
    total = 0
    for trace, problem in zip(traces, problems, strict=True):
        answers = [trace.no_reasoning_output, *trace.ablations.values(), *(d["output"] for d in trace.early_decodes)]
        spoken = sum(1 + len(codi.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in answers)
        total += len(prompt_ids(codi, problem.question, "direct")) + len(latent_rest) + latents + spoken
    return total


def compare(codi, problems, max_new_tokens, strict):
    our_traces(codi, problems[:1], 1)  # warm up
    started = time.perf_counter()
    plain = [plain_traces(codi, problem, i, max_new_tokens) for i, problem in enumerate(problems)]
    plain_s = time.perf_counter() - started
    counted, hook = count_positions(codi)
    seconds = Counter()
    with watched(seconds):
        started = time.perf_counter()
        ours = our_traces(codi, problems, max_new_tokens)
        ours_s = time.perf_counter() - started
    hook.remove()
    same = sum(
        (t.output, t.no_reasoning_output, t.ablations, [d["output"] for d in t.early_decodes]) == p
        for t, p in zip(ours, plain, strict=True)
    )
    assert not strict or same == len(problems), f"the two ways must agree; {same} of {len(problems)} records do"
    n = len(problems)
    print(f"plain way {1000 * plain_s / n:9.1f} ms a question")
    print(
        f"ours      {1000 * ours_s / n:9.1f} ms a question   ratio {plain_s / ours_s:.1f}   records alike: {same}/{n}"
    )
    least = f"; the least possible {least_positions(codi, ours, problems) / n:.0f}" if codi.name == "tiny" else ""
    print(f"positions through the model: {counted['positions'] / n:.0f} a question{least}")
    rest = ours_s - sum(seconds.values())
    parts = [f"{name} {seconds[function] / ours_s:.0%}" for name, function in PHASES.items()]
    print(f"where the seconds go: {', '.join(parts)}, records and the rest {rest / ours_s:.0%}")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["tiny", "llama1b"])
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float32"], help="of llama1b")
    parser.add_argument("-n", type=positive_int, help="questions (default: 200 for tiny, 2 for llama1b)")
    args = parser.parse_args(argv)
    if args.which == "tiny":
        n = args.n or 200
        codi = load_model("tiny", device="cpu")
        print(
            f"{n} word problems, tiny-codi, float32, {torch.get_num_threads()} threads, 18 ablations, 7 early decodes"
        )
        compare(codi, load_problems("word-problems", "test", n), 256, strict=True)
    else:
        n = args.n or 2
        codi, problems = random_llama1b(n, args.dtype)
        print(f"random Llama of the 1B shape, {args.dtype}, {torch.get_num_threads()} threads, {n} questions")
        print("of about 90 tokens, 18 ablations, 7 early decodes, answers of 4 tokens")
        compare(codi, problems, 4, strict=args.dtype == "float32")


if __name__ == "__main__":
    run_script(main)
