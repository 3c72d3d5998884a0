"""
How fast answering is, as ratios measured in one run on this machine; no absolute time is promised.

    python benchmarks/bench_speed.py tiny      ours against the plain way: one question at a time, one forward per token
    python benchmarks/bench_speed.py llama1b   ours against the matrix products alone, random Llama of the 1B shape
"""

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import LlamaForCausalLM

sys.path.insert(0, str(Path(__file__).parent.parent))

from checkpoints import KNOWN_BASES, MARKERS
from codi_model import ANSWER_ROOM, answer, clock, prompt_ids
from loading import Codi, Projection, load_model
from problems import Problem, load_problems
from runs import MAX_NEW_TOKENS, TOKENS_PER_BATCH, decode_all, in_batches, latent_steps, plan_batches, start_runs
from scripting import positive_int, run_script

ATEN = torch.ops.aten
PRODUCTS = {ATEN.mm.default: (0, 1), ATEN.addmm.default: (1, 2), ATEN.bmm.default: (0, 1)}  # places of the factors
ATTENTION = ATEN._scaled_dot_product_flash_attention_for_cpu.default


@torch.inference_mode()
def plain_answer(codi, question, num_latent, max_new_tokens=MAX_NEW_TOKENS):
    """The plain way: batch 1, the ordinary forward of a causal language model with its cache, token by token."""
    output = codi.model(torch.tensor([prompt_ids(codi, question, "latent")]), output_hidden_states=True)
    for _ in range(num_latent):
        embed = codi.prj(output.hidden_states[-1][:, -1:])
        output = codi.model(inputs_embeds=embed, past_key_values=output.past_key_values, output_hidden_states=True)
    token, ids = torch.tensor([[codi.eot_id]]), []
    while len(ids) < max_new_tokens:
        output = codi.model(token, past_key_values=output.past_key_values)
        token = output.logits[:, -1:, : -len(MARKERS)].argmax(-1)
        if token.item() == codi.tokenizer.eos_token_id:
            break
        ids.append(token.item())
    return codi.tokenizer.decode(ids)


def bench_tiny(n):
    codi = load_model("tiny", device="cpu")
    questions = [p.question for p in load_problems("word-problems", "test", n)]
    plain_answer(codi, questions[0], codi.num_latent), answer(codi, questions[:2])  # warm up
    plain_s, plain = timed(lambda: [plain_answer(codi, q, codi.num_latent) for q in questions])
    ours_s, ours = timed(lambda: answer(codi, questions))
    assert plain == [a.text for a in ours], "the two ways must answer alike"
    print(f"{n} questions, tiny-codi, float32, {torch.get_num_threads()} threads, latent mode; answers are identical")
    print(f"plain way  {n / plain_s:8.1f} questions/s")
    print(f"ours       {n / ours_s:8.1f} questions/s   ratio {plain_s / ours_s:.1f}")
    print(phases(codi, [prompt_ids(codi, q, "latent") for q in questions], MAX_NEW_TOKENS)[1])


@torch.no_grad()  # under inference_mode the recorder would see no product, only linear layers
def phases(codi, prompts, max_new_tokens):
    """The seconds of answering, and a line on how they divide among the three verbs."""
    seconds = dict.fromkeys(("encode", "think", "decode"), 0.0)

    def work(indices):
        times = [clock(codi)]
        run = start_runs(codi, [prompts[i] for i in indices])
        times.append(clock(codi))
        for run in latent_steps(codi, run, codi.num_latent):
            pass
        times.append(clock(codi))
        decode_all(codi, run, (codi.eot_id,), max_new_tokens)
        times.append(clock(codi))
        for name, (before, after) in zip(seconds, pairwise(times), strict=True):
            seconds[name] += after - before

    in_batches(work, plan_batches([len(p) + codi.num_latent + ANSWER_ROOM for p in prompts], "cpu"))
    total = sum(seconds.values())
    shares = ", ".join(f"{name} {s:.2f} s ({s / total:.0%})" for name, s in seconds.items())
    positions = f"{sum(map(len, prompts))} question tokens, {len(prompts) * codi.num_latent} latent steps"
    return total, f"where the time goes: {shares}; {positions}"


class Recorder(TorchDispatchMode):
    """Notes every matrix product: its shapes, and the very weight where one factor is a parameter."""

    def __init__(self, model):
        super().__init__()
        self.parameters = {p.data_ptr() for p in model.parameters()}
        self.products = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function in PRODUCTS:
            self.products.append([self.note(args[place]) for place in PRODUCTS[function]])
        elif function is ATTENTION:
            query, key, value = args[:3]
            scores = (*query.shape[:3], key.shape[2])
            self.products.append([query.shape, key.transpose(-1, -2).shape])
            self.products.append([scores, value.shape])
        return function(*args, **(kwargs or {}))

    def note(self, factor):
        return factor if factor.data_ptr() in self.parameters else factor.shape


class RandomTokenizer:
    """As many random Llama 3 tokens for a text as its number says; there is no Llama tokenizer here."""

    eos_token_id = 128009

    def __call__(self, text, **kwargs):
        length = int(text.split()[0])
        return {
            "input_ids": torch.randint(0, 128000, (length,), generator=torch.Generator().manual_seed(length)).tolist()
        }

    def decode(self, ids, **kwargs):
        return " ".join(map(str, ids))


def random_llama1b(n, dtype="bfloat16"):
    """A random Llama of the 1B shape, and `n` questions as long as GSM8K's are, 60 to 119 tokens."""
    torch.manual_seed(0)
    torch.set_default_dtype(getattr(torch, dtype))
    config = KNOWN_BASES[128256, 2048]()
    config.vocab_size += len(MARKERS)
    model = LlamaForCausalLM(config).eval()
    prj = Projection(2048, 2048).eval()
    codi = Codi(model, prj, RandomTokenizer(), config.vocab_size - 2, config.vocab_size - 1, name="random 1B")
    lengths = torch.randint(60, 120, (n,)).tolist()
    return codi, [Problem(str(i), f"{length} tokens", None, None) for i, length in enumerate(lengths)]


def bench_llama1b(n):
    codi, problems = random_llama1b(n)
    prompts = [prompt_ids(codi, p.question, "latent") for p in problems]
    print(f"random Llama of the 1B shape, bfloat16, {torch.get_num_threads()} threads; {n} questions of 60-119 random")
    print(f"tokens, 6 latent steps, 4 answer tokens each; batches of {TOKENS_PER_BATCH['cpu']} tokens")
    phases(codi, prompts[:2], 2)  # warm up
    with Recorder(codi.model) as recorder:
        phases(codi, prompts, 4)
    ours_s, line = phases(codi, prompts, 4)
    products_s = replay(recorder.products)
    print(f"ours                          {ours_s:7.2f} s")
    print(f"its {len(recorder.products)} matrix products alone {products_s:7.2f} s   ratio {ours_s / products_s:.2f}")
    print(line)


@torch.inference_mode()
def replay(products):
    """Seconds of the recorded products alone, on random factors of their shapes and on the same weights."""
    shapes = {factor for product in products for factor in product if not isinstance(factor, torch.Tensor)}
    random = {shape: torch.randn(shape) for shape in shapes}
    factors = [[f if isinstance(f, torch.Tensor) else random[f] for f in product] for product in products]
    return timed(lambda: multiply(factors))[0]


def multiply(factors):
    for left, right in factors:
        torch.matmul(left, right)


def timed(work):
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["tiny", "llama1b"])
    parser.add_argument("-n", type=positive_int, help="questions (default: 1000 for tiny, 32 for llama1b)")
    args = parser.parse_args(argv)
    if args.which == "tiny":
        bench_tiny(args.n or 1000)
    else:
        bench_llama1b(args.n or 32)


if __name__ == "__main__":
    run_script(main)
