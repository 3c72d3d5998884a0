"""Drawn answers: as likely as they should be, the same however they are drawn, and scored as papers say."""

import json
import math
import random
import sys
from collections import Counter

import pytest
import torch
from builders import random_codi
from test_running import QUESTIONS, slow_logits
from transformers import TopPLogitsWarper

import bench_codi
import sampling
from codi_model import MODES, answer, prompt_ids
from runs import decode_all, latent_steps, start_runs
from sampling import Sampling, decode_samples, gumbel_noise, noise_key
from scores import majority, pass_at
from scripting import UserError, run_script

MASK = 2**64 - 1


def slow_noise(key, position, token):
    """The noise of one token in whole numbers of Python: SplitMix64, as it is published."""

    def mixed(number):
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & MASK
        number = (number ^ number >> 27) * 0x94D049BB133111EB & MASK
        return number ^ number >> 31

    golden = 0x9E3779B97F4A7C15
    bits = mixed(mixed(key + (position + 1) * golden & MASK) + (token + 1) * golden & MASK) >> 12
    return -math.log(-math.log((bits + 0.5) / 2**52))


def slow_sample(codi, question, mode, how, number, most, num_latent=4):
    """The plain way to one sample: one row, no cache, the whole sequence again for each token, one number at a time."""
    verbal = mode == "verbal"
    after = [] if verbal else [codi.eot_id]
    start, steps = len(after), num_latent if mode == "latent" else 0
    while len(after) - start < most:
        scores = slow_logits(codi, prompt_ids(codi, question, mode), steps, after)[-1]
        allowed = [*range(len(scores) - 3), *([codi.eot_id] if verbal else [])]
        likeliest = sorted(allowed, key=lambda token: -scores[token].item())
        weights = {
            token: math.exp((scores[token] - scores[likeliest[0]]).item() / how.temperature) for token in allowed
        }
        kept, mass = {}, 0.0
        for token in likeliest:
            if mass >= how.top_p * sum(weights.values()):
                break
            kept[token], mass = weights[token], mass + weights[token]
        key = noise_key(how.seed, question, number)
        token = max(kept, key=lambda t: math.log(kept[t]) + slow_noise(key, len(after) - start, t))
        if token == codi.tokenizer.eos_token_id:
            break
        after.append(token)
    return after[start:]


@torch.no_grad()
def samples(codi, questions, mode, how, most, num_latent=4):
    run = start_runs(codi, [prompt_ids(codi, question, mode) for question in questions])
    for run in latent_steps(codi, run, num_latent if mode == "latent" else 0):
        pass
    start = () if mode == "verbal" else (codi.eot_id,)
    return decode_samples(codi, run, start, how, questions, most, mode == "verbal")


@pytest.fixture(scope="module")
def ends(tokenizer):
    """A random Llama whose answers differ and may end."""
    codi = random_codi("llama", tokenizer)
    with torch.no_grad():
        codi.model.lm_head.weight *= 3
        codi.model.lm_head.weight[codi.tokenizer.eos_token_id] *= 3
    return codi


@torch.no_grad()
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("top_p", [1.0, 0.8])
def test_samples_equal_the_plain_way(ends, mode, top_p):
    how, questions = Sampling(0.7, top_p, samples=4, seed=5), [*QUESTIONS[:3], QUESTIONS[-1]]
    fast = samples(ends, questions, mode, how, 6)
    slow = [[slow_sample(ends, question, mode, how, number, 6) for number in range(4)] for question in questions]
    assert fast == slow
    assert len({tuple(ids) for row in fast for ids in row}) > 8 and len({len(ids) for row in fast for ids in row}) > 1


@pytest.mark.parametrize("mode", MODES)
def test_samples_do_not_depend_on_batch_order_or_number(ends, mode):
    asked = QUESTIONS[-12:]
    shuffled = random.Random(0).sample(asked, len(asked))
    how = Sampling(1.0, samples=4)
    reference = dict(zip(asked, answer(ends, asked, mode, max_new_tokens=6, batch_size=1, sampling=how), strict=True))
    assert len({reply for row in reference.values() for reply in row}) > len(asked)
    for batch_size in (5, None):
        got = answer(ends, shuffled, mode, max_new_tokens=6, batch_size=batch_size, sampling=how)
        assert got == [reference[question] for question in shuffled]
    fewer = answer(ends, asked, mode, max_new_tokens=6, sampling=Sampling(1.0, samples=2))
    assert fewer == [row[:2] for row in reference.values()]
    other = answer(ends, asked, mode, max_new_tokens=6, sampling=Sampling(1.0, samples=4, seed=1))
    assert other != list(reference.values())


def test_tiny_samples_do_not_depend_on_batch_size(tiny):
    how = Sampling(1.5, samples=6)
    for mode in MODES:
        reference = answer(tiny, QUESTIONS[-10:], mode, batch_size=1, sampling=how)
        assert answer(tiny, QUESTIONS[-10:], mode, batch_size=64, sampling=how) == reference


@torch.no_grad()
def test_the_smallest_temperature_is_greedy(ends):
    run = start_runs(ends, [prompt_ids(ends, question, "direct") for question in QUESTIONS[:6]])
    greedy = decode_all(ends, run, (ends.eot_id,), 6)
    for how in (Sampling(5e-324, samples=2), Sampling(1.0, top_p=1e-9, samples=2)):
        assert samples(ends, QUESTIONS[:6], "direct", how, 6) == [[ids, ids] for (ids,) in greedy]


def test_a_question_is_thought_once_and_samples_that_agree_are_one_run(ends, monkeypatch):
    """Eight samples at a temperature that lets them differ little must feed about as many tokens as one."""
    fed, extend = [], sampling.extend

    def counted(codi, run, embeds, *more):
        fed.append(embeds.shape[1])
        return extend(codi, run, embeds, *more)

    monkeypatch.setattr(sampling, "extend", counted)
    assert len(answer(ends, QUESTIONS[:1], "direct", max_new_tokens=6, sampling=Sampling(5e-324, samples=8))[0]) == 8
    assert fed and set(fed) == {1}
    fed.clear()
    answer(ends, QUESTIONS[:1], "direct", max_new_tokens=6, sampling=Sampling(50.0, samples=8))
    assert max(fed) == 8


@torch.no_grad()
def test_a_full_context_ends_a_sample(ends):
    """Sampling must stop at the model's last position, as greedy decoding does, and leave a
    shorter question alone."""
    codi = random_codi("llama", ends.tokenizer)
    codi.model.lm_head.weight[codi.tokenizer.eos_token_id] = 0  # so that an answer hardly ends by itself
    long, short = "apple" * 50, "apple"
    how = Sampling(0.1, samples=2)
    together = samples(codi, [long, short], "direct", how, 250)
    assert together == [*samples(codi, [long], "direct", how, 250), *samples(codi, [short], "direct", how, 250)]
    most = codi.context - len(prompt_ids(codi, long, "direct"))
    assert [len(ids) for ids in together[0]] == [most, most] and min(map(len, together[1])) > most


def test_noise_is_splitmix64_with_its_published_numbers():
    """The first three numbers of the generator seeded with 1234567, and torch's way against Python's."""
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    stream = torch.full((3,), 1234567) + torch.arange(1, 4) * sampling.GOLDEN
    assert [number % 2**64 for number in sampling.mixed(stream).tolist()] == known
    keys = [noise_key(seed, question, 1) for seed in (0, 2**32 - 1) for question in ("Hm?", "Zoë?")]
    assert min(keys) < 0 < max(keys)
    for position in (0, 1, 255):
        noise = gumbel_noise(torch.tensor(keys), position, 50)
        slow = [[slow_noise(key, position, token) for token in range(50)] for key in keys]
        assert torch.allclose(noise, torch.tensor(slow, dtype=torch.float64), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("how", [Sampling(1.0), Sampling(0.5, top_p=0.9), Sampling(3.0, top_p=0.5)])
def test_tokens_are_drawn_as_often_as_they_should_be(how):
    """Chi-square over 20,000 drawings of 8 tokens, against what transformers makes of the same settings."""
    scores, count = torch.tensor([2.0, 1.0, 0.5, 0.0, 1.9, -1.0, -torch.inf, 3.0]), 20_000
    wanted = TopPLogitsWarper(how.top_p)(None, (scores / how.temperature)[None])[0].softmax(-1)
    assert torch.allclose(how.log_weights(scores).softmax(-1).float(), wanted)
    keys = torch.tensor([[noise_key(0, "Hm?", sample)] for sample in range(count)])
    drawn = how.draw(scores.expand(count, 1, -1), torch.zeros_like(keys), keys, 3).flatten()
    counts = Counter(drawn.tolist())
    assert set(counts) == set(wanted.nonzero().flatten().tolist())
    expected = {token: count * wanted[token].item() for token in counts}
    assert sum((counts[token] - e) ** 2 / e for token, e in expected.items()) < 24.3  # p = 0.001 at 7 degrees


def test_positions_and_samples_are_drawn_independently():
    noise = torch.stack(
        [gumbel_noise(torch.tensor([noise_key(0, "Hm?", s) for s in range(60)]), p, 40) for p in range(4)]
    )
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.05)  # Euler's constant
    assert noise.var().item() == pytest.approx(math.pi**2 / 6, abs=0.15)
    flat = (noise - noise.mean()).transpose(0, 1).flatten(1)  # a row per sample
    assert torch.corrcoef(flat).fill_diagonal_(0).abs().max() < 0.4
    assert torch.corrcoef((noise - noise.mean()).flatten(1)).fill_diagonal_(0).abs().max() < 0.08


@pytest.mark.parametrize(
    "given, word",
    [
        ({"temperature": 0}, "above 0"), ({"temperature": float("nan")}, "above 0"), ({"temperature": "1"}, "above 0"),
        ({"temperature": float("inf")}, "above 0"), ({"temperature": 1, "top_p": 0}, "Top-p"),
        ({"temperature": 1, "top_p": 1.01}, "Top-p"), ({"temperature": 1, "top_p": float("nan")}, "Top-p"),
        ({"temperature": 1, "samples": 0}, "1 to 1024"), ({"temperature": 1, "samples": 1025}, "1 to 1024"),
        ({"temperature": 1, "samples": 2.0}, "1 to 1024"), ({"temperature": 1, "seed": -1}, "seed"),
    ],
)  # fmt: skip
def test_settings_that_nothing_can_be_drawn_with_are_a_sentence(given, word):
    with pytest.raises(UserError, match=word):
        Sampling(**given)


def test_answer_takes_no_other_sampling(ends):
    with pytest.raises(UserError, match="sampling must be None or a Sampling"):
        answer(ends, QUESTIONS[:1], sampling=0.7)


# --- bench_codi.py ---


def bench(folder, tmp_path, *arguments):
    output = tmp_path / "results.json"
    run = ["--model", str(folder), "--data", "word-problems", "-n", "12", "--device", "cpu", "--output", str(output)]
    bench_codi.main([*run, *arguments])
    return json.loads(output.read_text())


def test_bench_tells_every_sample_and_what_it_scores(tmp_path, capsys, short_answers):
    results = bench("tiny", tmp_path, "--mode", "all", "--temperature", "2", "--samples", "6", "--top-p", "0.95")
    how = {"temperature": 2.0, "top_p": 0.95, "samples": 6, "seed": 0}
    assert results["meta"]["sampling"] == how and results["meta"]["arguments"]["temperature"] == 2
    shown, codi = capsys.readouterr().out, bench_codi.load_model("tiny", device="cpu")
    for key, (mode, _) in bench_codi.RESULTS.items():
        entry, details = results[key], results[key]["details"]
        rows = [[reply["correct"] for reply in row["samples"]] for row in details]
        assert [len(row) for row in rows] == [6] * 12 and entry["correct"] == sum(map(sum, rows))
        assert entry["accuracy"] == pytest.approx(100 * sum(map(sum, rows)) / 72)
        assert entry["interval"][0] < entry["accuracy"] < entry["interval"][1] and f"{entry['correct']}/72" in shown
        assert entry["pass_at"].keys() == entry["maj_at"].keys() == {"1", "2", "4", "6"}
        for k, row in entry["pass_at"].items():
            assert row["accuracy"] == pytest.approx(100 * sum(pass_at(int(k), sum(r), 6) for r in rows) / 12)
        votes = [majority([reply["predicted"] for reply in row["samples"][:4]]) for row in details]
        right = sum(row[place] for row, place in zip(rows, votes, strict=True))
        assert entry["maj_at"]["4"]["accuracy"] == pytest.approx(100 * right / 12)
        assert entry["maj_at"]["6"]["accuracy"] == pytest.approx(100 * sum(row["correct"] for row in details) / 12)
        told = [[reply["response"] for reply in row["samples"]] for row in details]
        said = answer(codi, [row["question"] for row in details], mode, max_new_tokens=12, sampling=Sampling(**how))
        assert told == [[a.text if a.chain is None else f"{a.chain}\n{a.text}" for a in row] for row in said]
        assert any(len(set(row)) > 1 for row in told)
    gain = results["advantage"]
    points = results["reasoning"]["accuracy"] - results["no_reasoning"]["accuracy"]
    assert gain["points"] == pytest.approx(points) and gain["interval"][0] < points < gain["interval"][1]


def test_the_greedy_bench_says_nothing_of_samples(our_checkpoint, tmp_path, short_answers):
    """Greedy is what --temperature 0 says, too."""
    plain = bench(our_checkpoint, tmp_path)
    zero = bench(our_checkpoint, tmp_path, "--temperature", "0", "--samples", "1")
    assert "sampling" not in plain["meta"] and plain["reasoning"].keys() == zero["reasoning"].keys()
    assert set(plain["reasoning"]["details"][0]) == {"index", "question", "gold", "predicted", "response", "correct"}
    for key in ("reasoning", "no_reasoning"):
        assert plain[key]["details"] == zero[key]["details"]


def test_bench_samples_at_every_number_of_steps_and_plots(our_checkpoint, tmp_path, short_answers):
    plot = tmp_path / "plot.png"
    more = ["--temperature", "1", "--samples", "2", "--sweep-latents", "--plot", str(plot)]
    results = bench(our_checkpoint, tmp_path, *more)
    assert [entry["samples"] for entry in results["sweep"]] == [2] * 5 and plot.read_bytes().startswith(b"\x89PNG")
    assert results["sweep"][4]["details"] == results["reasoning"]["details"]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--samples", "8"], "--samples needs a --temperature above 0"),
        (["--samples", "8", "--temperature", "0"], "--samples needs a --temperature above 0"),
        (["--top-p", "0.9"], "--top-p needs a --temperature above 0"),
        (["--top-p", "0.9", "--temperature", "0"], "--top-p needs a --temperature above 0"),
        (["--temperature", "1", "--top-p", "0"], "Top-p must be above 0"),
        (["--temperature", "1", "--top-p", "1.5"], "Top-p must be above 0"),
        (["--temperature", "1", "--top-p", "nan"], "Top-p must be above 0"),
        (["--temperature", "1", "--samples", "0"], "positive whole number"),
        (["--temperature", "1", "--samples", "2000"], "1 to 1024 samples"),
        (["--temperature", "-1"], "non-negative number"),
        (["--temperature", "nan"], "non-negative number"),
        (["--temperature", "inf"], "non-negative number"),
        (["--temperature", "hot"], "non-negative number"),
    ],
)
def test_bench_refuses_what_nothing_can_be_drawn_with(arguments, words, capsys, monkeypatch):
    """Before anything is loaded."""
    monkeypatch.setattr(bench_codi, "load_model", None)
    monkeypatch.setattr(sys, "argv", ["bench_codi.py", *arguments])
    with pytest.raises(SystemExit) as exit:
        run_script(bench_codi.main)
    assert exit.value.code == 2 and words in capsys.readouterr().err
