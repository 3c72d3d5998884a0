"""
How fast samples are drawn, as ratios measured in one run on this machine; no absolute time is promised.

    python benchmarks/bench_sampling.py -n 100     tiny-codi, 8 samples of each question in each mode

Against two other ways to the very same samples: the plain one (one sample at a time from the question on, an ordinary
forward with its cache per token), and our own batches where each sample is a question of its own.
"""

import argparse
import sys
import time
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from codi_model import ANSWER_ROOM, MODES, answer, answer_from, prompt_ids
from loading import load_model
from problems import load_problems
from runs import MAX_NEW_TOKENS, in_batches, latent_steps, next_scores, plan_batches, start_runs
from sampling import Sampling, decode_samples
from scripting import non_negative, positive_int, run_script


@torch.inference_mode()
def plain_sample(codi, question, mode, how, number):
    """One sample, by the ordinary forward of a causal language model with its cache, token by token."""
    output = codi.model(torch.tensor([prompt_ids(codi, question, mode)]), output_hidden_states=True)
    for _ in range(codi.num_latent if mode == "latent" else 0):
        embed = codi.prj(output.hidden_states[-1][:, -1:])
        output = codi.model(inputs_embeds=embed, past_key_values=output.past_key_values, output_hidden_states=True)
    key, run, ids = how.keys([question])[:, number : number + 1], torch.tensor([[0]]), []
    fed = [] if mode == "verbal" else [codi.eot_id]
    while len(ids) < MAX_NEW_TOKENS:
        if fed:
            output = codi.model(torch.tensor([fed]), past_key_values=output.past_key_values, output_hidden_states=True)
        scores = next_scores(codi, output.hidden_states[-1][:, -1:], mode == "verbal")
        fed = [how.draw(scores, run, key, len(ids)).item()]
        if fed[0] == codi.tokenizer.eos_token_id:
            break
        ids += fed
    return answer_from(codi, ids, mode == "verbal")


def plain_samples(codi, questions, mode, how):
    return [[plain_sample(codi, question, mode, how, s) for s in range(how.samples)] for question in questions]


@torch.inference_mode()
def unshared_samples(codi, questions, mode, how):
    """All samples in batches, each encoded, thought and decoded on its own."""
    verbal, steps = mode == "verbal", codi.num_latent if mode == "latent" else 0
    asked = [(question, number) for question in questions for number in range(how.samples)]
    prompts = [prompt_ids(codi, question, mode, steps) for question, _ in asked]
    keys, replies = how.keys(questions).flatten(), [None] * len(asked)

    def work(indices):
        run = start_runs(codi, [prompts[i] for i in indices])
        for run in latent_steps(codi, run, steps):
            pass
        drawn = decode_samples(codi, run, () if verbal else (codi.eot_id,), One(how, keys[indices, None]), indices,
                               MAX_NEW_TOKENS, verbal)  # fmt: skip
        for i, (ids,) in zip(indices, drawn, strict=True):
            replies[i] = answer_from(codi, ids, verbal)

    in_batches(work, plan_batches([len(prompt) + steps + ANSWER_ROOM for prompt in prompts], "cpu"))
    return [replies[i : i + how.samples] for i in range(0, len(asked), how.samples)]


class One:
    """A Sampling of one sample each, whichever its number."""

    samples = 1

    def __init__(self, how, keys):
        self.draw, self.keys = how.draw, lambda questions: keys


def timed(work, *arguments):
    started = time.perf_counter()
    result = work(*arguments)
    return time.perf_counter() - started, result


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=positive_int, default=100, help="questions (default: 100)")
    parser.add_argument("--samples", type=positive_int, default=8, help="of each (default: 8)")
    parser.add_argument("--temperature", type=non_negative, default=0.7, help="default: 0.7")
    args = parser.parse_args(argv)
    codi, how = load_model("tiny", device="cpu"), Sampling(args.temperature, samples=args.samples)
    questions = [p.question for p in load_problems("word-problems", "test", args.n)]
    answer(codi, questions[:2], sampling=how), plain_sample(codi, questions[0], "latent", how, 0)  # warm up
    print(
        f"{args.n} questions, {args.samples} samples each at temperature {args.temperature:g}, tiny-codi, float32, "
        f"{torch.get_num_threads()} threads; all ways draw the same samples"
    )
    for mode in MODES:
        greedy_s, _ = timed(answer, codi, questions, mode)
        ours_s, ours = timed(partial(answer, sampling=how), codi, questions, mode)
        alone_s, alone = timed(unshared_samples, codi, questions, mode, how)
        plain_s, plain = timed(plain_samples, codi, questions, mode, how)
        assert ours == alone == plain, "the ways must draw alike"
        print(
            f"{mode:8} ours {args.n * args.samples / ours_s:7.1f} samples/s; faster than the plain way "
            f"{plain_s / ours_s:5.1f} times, than unshared batches {alone_s / ours_s:4.1f} times; "
            f"{ours_s / greedy_s:.1f} times as long as greedy"
        )


if __name__ == "__main__":
    run_script(main)
