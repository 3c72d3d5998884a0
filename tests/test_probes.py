"""Each probe equals a plain slow version of itself, and probe_latents.py says what they say."""

import json
import re
import sys
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from builders import that_ends
from test_capability import PROBLEMS, SUPPORTED, codi_like

import collect_traces
import probe_latents
import probes
from codi_model import Answer, prompt_ids
from loading import load_model
from probe_latents import PROBES, Study, Task, fixed_step, grid, later_steps, lens_reading
from probe_tables import LENSES, cell
from probes import (
    FOLDS,
    STRENGTHS,
    TARGETS,
    Observed,
    RidgeProbe,
    TunedLens,
    Vocabulary,
    bootstrap_means,
    divergence,
    facts_of,
    fit_tuned_lens,
    held_out_divergence,
    keys,
    lens_tokens,
    nearest_tokens,
    observe,
    operands_of,
    operation_of,
    queries,
    result_of,
    split_questions,
)
from problems import Problem, chain_results, word_problems
from runs import decode_all
from scores import Scored, bootstrap_interval, share_row
from scripting import UserError, run_script
from traces import read_traces

# --- The linear probe -------------------------------------------------------------------------------------------


def test_the_probe_finds_a_linear_rule_and_no_more():
    generator = torch.Generator().manual_seed(0)
    train_x, test_x = (torch.randn(n, 20, generator=generator) for n in (200, 100))

    def rule(x):
        return ["up" if v > 0 else "down" for v in x[:, 3].tolist()]

    rows = torch.arange(200)
    said = RidgeProbe(train_x).fit_predict(rule(train_x), rows, test_x)
    assert sum(a == b for a, b in zip(said, rule(test_x), strict=True)) > 90
    noise = ["up" if v > 0 else "down" for v in torch.randn(200, generator=generator).tolist()]
    said = RidgeProbe(train_x).fit_predict(noise, rows, test_x)
    assert 25 < sum(a == b for a, b in zip(said, rule(test_x), strict=True)) < 75


def solved(train, targets, test, strength):
    """Ridge scores by the normal equations."""
    x, centre = train - train.mean(0), targets.mean(0)
    penalty = strength * torch.trace(x @ x.T) / len(x)
    weights = torch.linalg.solve(x.T @ x + penalty * torch.eye(x.shape[1]), x.T @ (targets - centre))
    return centre + (test - train.mean(0)) @ weights


@pytest.mark.parametrize("width", [6, 50])
def test_the_ridge_equals_the_normal_equations_with_few_features_and_with_many(width):
    generator = torch.Generator().manual_seed(0)
    x, test = torch.randn(30, width, generator=generator), torch.randn(5, width, generator=generator)
    y = torch.randn(30, 2, generator=generator).double()
    probe, rows = RidgeProbe(x), torch.arange(3, 27)
    for strength, scores in zip(STRENGTHS, probe.scores(rows, y[rows], probe.scaled(test), STRENGTHS), strict=True):
        assert torch.allclose(scores, solved(probe.train[rows], y[rows], probe.scaled(test), strength))
    assert len(probe.decomposed(rows)[0]) == min(width, 24)


def test_cross_validation_equals_a_plain_loop():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(60, 8, generator=generator)
    labels = ["abc"[i] for i in (x @ torch.randn(8, 3, generator=generator)).argmax(1).tolist()]
    probe, rows = RidgeProbe(x), torch.arange(0, 60, 2)
    labels = [labels[row] for row in rows]
    targets = torch.tensor([["abc".index(label) == c for c in range(3)] for label in labels]).double()
    right = {}
    for strength in STRENGTHS:
        right[strength] = 0
        for fold in range(FOLDS):
            held = torch.tensor([probe.fold[row] == fold for row in rows])
            scores = solved(probe.train[rows[~held]], targets[~held], probe.train[rows[held]], strength)
            right[strength] += int((scores.argmax(1) == targets[held].argmax(1)).sum())
    assert len(set(right.values())) > 1
    told = probe.told(labels, rows, x[1::2])
    assert told.held_out == max(right.values()) / 30
    best = max(STRENGTHS, key=right.get)
    scores = solved(probe.train[rows], targets, probe.scaled(x[1::2]), best)
    assert told.classes == ["abc"[i] for i in scores.argmax(1).tolist()]


def test_vectors_that_are_all_alike_tell_the_commonest_class():
    """Noise of rounding, blown up to unit spread, once told one question from another."""
    probe = RidgeProbe(torch.full((20, 3), 0.1) + 1e-9 * torch.randn(20, 3).double())
    assert set(probe.fit_predict(["a"] * 12 + ["b"] * 8, torch.arange(20), torch.randn(4, 3))) == {"a"}


# --- What is looked for -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step, result, operation, operands",
    [
        ("<<16-3=13>>", "13", "-", ["16", "3"]),
        ("<<13=13>>", "13", "", ["13"]),
        ("<<10/4=2.5>>", "2.5", "/", ["10", "4"]),
        ("<<2*(3+4)=14>>", "14", "+", ["2", "3", "4"]),
        ("<<1,200*.5=600.00>>", "600", "*", ["1200", "0.5"]),
    ],
)
def test_the_parts_of_a_chain_step(step, result, operation, operands):
    assert (result_of(step), operation_of(step), operands_of(step)) == (result, operation, operands)


def test_no_baseline_is_a_result_of_its_question():
    problems = word_problems("test", 200)
    facts = facts_of(problems, 0)
    assert facts == facts_of(problems, 0) != facts_of(problems, 1)
    for problem, fact in zip(problems, facts, strict=True):
        assert fact.results == chain_results(problem.chain)
        for numbers in (fact.others, fact.frequent, fact.unrelated):
            assert not {*numbers} & {*fact.results}
        assert not {*fact.frequent} & {*fact.others}
        assert len(fact.unrelated) in (0, len(fact.steps)) and len(fact.frequent) == len(fact.steps)
    assert sum(bool(fact.unrelated) for fact in facts) > 190


def test_what_no_token_spells_is_counted(tiny):
    facts = facts_of([Problem("0", "Why?", "<<600+5=605>> <<605-600=5>>", 1.0)], 0)
    vocabulary = Vocabulary.of(tiny)
    assert vocabulary.left_out(facts, "result") == 1 and vocabulary.left_out(facts, "operation") == 0
    assert (vocabulary.targets(facts, "result") >= 0).tolist() == [[False, True]]


def test_a_question_without_a_chain_has_no_targets(tiny):
    facts = facts_of([Problem("0", "Why 3?", None, 1.0), Problem("1", "Ava has 4.", "<<4+5=9>>", 9.0)], 0)
    targets = {name: Vocabulary.of(tiny).targets(facts, name) for name in TARGETS}
    assert all(target[0].tolist() == [-1] for target in targets.values())
    assert targets["result"][1].item() >= 0 and targets["unrelated result"][1].item() == -1


def test_no_question_is_on_two_sides():
    questions = [f"Q{i % 70}" for i in range(100)]
    sides = split_questions(questions, 0)
    assert sorted(torch.cat(sides).tolist()) == list(range(100))
    assert [len({questions[row] for row in side}) for side in sides] == [42, 14, 14]
    with pytest.raises(UserError, match="10 different questions"):
        split_questions(["Q1", "Q2"] * 50, 0)


# --- What is seen of the runs -----------------------------------------------------------------------------------


def plain_run(codi, question):
    """states, z, answer and attention of one question: whole sequences read anew, no cache, no batch."""
    ids = prompt_ids(codi, question, "latent", codi.num_latent)
    embeds, first, states, rows, thoughts = codi.embed(torch.tensor([ids])), len(ids) - 1, [], [], []

    def forward(embeds):
        size = embeds.shape[1]
        causal = torch.full((size, size), -torch.inf).triu(1)[None, None]
        return codi.body(
            inputs_embeds=embeds,
            attention_mask=None if codi.window else causal,  # without one Falcon looks ahead when asked for weights
            position_ids=torch.arange(size)[None],
            output_hidden_states=True,
            output_attentions=True,
            use_cache=False,
        )

    def groups(weights):  # (T,)
        later = first + 1 + codi.num_latent
        steps = [float(weights[i]) if i < len(weights) else 0.0 for i in range(first, later)]
        return [float(weights[:first].sum()), *steps, float(weights[later:].sum())]

    def seen(output, place):
        layers = [layer[0].mean(0)[place, : place + 1] for layer in output.attentions]
        return [groups(weights) for weights in [*layers, torch.full((place + 1,), 1 / (place + 1))]]

    for step in range(codi.num_latent + 1):
        output = forward(embeds)
        states.append(torch.stack([state[0, -1] for state in output.hidden_states]))
        if step:
            rows.append(seen(output, embeds.shape[1] - 1))
        if step < codi.num_latent:
            thoughts.append(codi.prj(output.last_hidden_state[:, -1:]))
            embeds = torch.cat([embeds, thoughts[-1]], 1)
    thought, answer = embeds, []
    embeds = torch.cat([embeds, codi.embed(torch.tensor([codi.opening()]))], 1)
    opened = embeds.shape[1]
    while len(answer) < 12 and embeds.shape[1] <= codi.context:
        scores = codi.logits(forward(embeds).last_hidden_state[0, -1])
        scores[list(codi.added)] = -torch.inf
        token = int(scores.argmax())
        if token == codi.tokenizer.eos_token_id:
            break
        answer.append(token)
        embeds = torch.cat([embeds, codi.embed(torch.tensor([[token]]))], 1)
    embeds = embeds[:, : codi.context]
    output = forward(embeds)
    rows.append(seen(output, opened - 1))
    said = [seen(output, place) for place in range(opened, embeds.shape[1])]
    rows.append(torch.tensor(said).mean(0).tolist() if said else [[torch.nan] * len(rows[0][0])] * len(rows[0]))
    text = codi.tokenizer.decode(answer, skip_special_tokens=True).strip()
    assert thought.shape[1] == len(ids) + codi.num_latent
    return torch.stack(states, 1), torch.cat(thoughts, 1)[0], text, torch.tensor(rows).transpose(0, 1)


@pytest.fixture
def short_problems():
    problems = [problem for problem in word_problems("test", 8) if len(problem.question) < 200]
    return [*problems, Problem("none", "Why?", None, 7.0)]


def test_what_is_observed_equals_a_plain_loop(codi, tokenizer, short_problems, monkeypatch):
    monkeypatch.setattr(probes, "decode_all", partial(decode_all, max_new_tokens=12))
    that_ends(codi.model, tokenizer)
    full = Problem("full", "pens " * 81, None, 7.0)  # whose answer fills the context
    assert 240 < len(prompt_ids(codi, full.question, "latent", 4)) <= 250
    short_problems.append(full)
    before = codi.model.config._attn_implementation
    seen = observe(codi, short_problems, range(3), batch_size=3)
    assert codi.model.config._attn_implementation == before == "sdpa"
    assert seen.attention.shape[1:] == (2, len(queries(4)), len(keys(4))) and seen.states.shape[1:] == (3, 5, 32)
    check_observed(codi, short_problems, seen)
    assert len(set(seen.answers)) > 1 and not seen.attention[:, :, :-1].isnan().any()


def check_observed(codi, problems, seen):
    """That it is what plain_run() finds."""
    codi.model.set_attn_implementation("eager")
    with torch.no_grad():
        for row, problem in enumerate(problems):
            states, z, text, weights = plain_run(codi, problem.question)
            assert torch.allclose(seen.states[row], states, atol=1e-4)
            assert torch.allclose(seen.z[row], z, atol=1e-4)
            assert seen.answers[row] == text
            assert torch.allclose(seen.attention[row], weights[:-1], atol=1e-5, equal_nan=True)
            assert torch.allclose(seen.uniform[row], weights[-1], atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("family", list(SUPPORTED))
def test_every_supported_family_can_be_observed(tokenizer, family, monkeypatch):
    monkeypatch.setattr(probes, "decode_all", partial(decode_all, max_new_tokens=12))
    codi = codi_like(tokenizer, *SUPPORTED[family])
    check_observed(codi, PROBLEMS, observe(codi, PROBLEMS, range(3)))


def test_attention_adds_up_and_is_left_out_unless_asked(tiny):
    problems = word_problems("test", 6)
    seen, without = observe(tiny, problems, [1, 3]), observe(tiny, problems, [1, 3], attention=False)
    assert torch.allclose(seen.attention.sum(-1), torch.ones(()), atol=1e-5)
    assert torch.allclose(seen.uniform.sum(-1), torch.ones(()), atol=1e-5)
    assert without.attention is None and without.uniform is None and without.answers == seen.answers
    assert torch.allclose(without.states, seen.states, atol=1e-4)


def test_a_model_without_attention_weights_is_refused(codi, monkeypatch):
    forward = codi.body.forward

    def without(*args, output_attentions=False, **kwargs):
        return forward(*args, **kwargs)

    monkeypatch.setattr(codi.body, "forward", without)
    with pytest.raises(UserError, match="gives no attention weights.*--probes lens tuned linear"):
        observe(codi, word_problems("test", 2), [2])
    assert codi.model.config._attn_implementation == "sdpa"


def test_the_mean_of_later_steps_leaves_out_those_before():
    weights = torch.arange(2 * 3 * 5 * 6).float().reshape(2, 3, 5, 6)  # N = 3
    found = later_steps(weights, 3)
    for step in range(-1, 2):
        later = [weights[:, :, query, 2 + step] for query in range(3) if query > step]
        assert torch.equal(found[..., step + 1], torch.stack(later).mean(0))


# --- The lens ---------------------------------------------------------------------------------------------------


def test_the_lens_shows_what_a_plain_search_finds(codi, short_problems):
    with torch.no_grad():
        codi.model.get_output_embeddings().weight *= 3  # so that the two lenses have tokens of their own
    seen, facts = observe(codi, short_problems, range(3), attention=False), facts_of(short_problems, 0)
    vocabulary, found, k = Vocabulary.of(codi), 0, 60
    targets = {name: vocabulary.targets(facts, name) for name in TARGETS}
    for layer in range(3):
        tokens = lens_tokens(codi, seen.states[:, layer], layer, k)
        shown = {name: vocabulary.shown(tokens, targets[name]) for name in TARGETS}
        for row, step in product(range(len(facts)), range(5)):
            state = seen.states[row, layer, step]
            logits = codi.logits(state if layer == 2 else codi.final_norm(state))[: codi.vocabulary]
            texts = {codi.tokenizer.decode([i]).strip() for i in logits.argsort(descending=True)[:k].tolist()}
            for name, number in product(TARGETS, range(1, targets["result"].shape[1] + 1)):
                text = TARGETS[name](facts[row], number)
                expected = bool(text) and text in texts
                assert shown[name][row, number - 1, step] == expected
                found += expected
    assert found > 50


def test_the_nearest_tokens_are_those_of_the_largest_cosine(codi):
    z = torch.randn(3, 4, 32, generator=torch.Generator().manual_seed(0))
    near = nearest_tokens(codi, z, 5)
    for row in range(3):
        for step in range(4):
            cosines = torch.cosine_similarity(z[row, step], codi.embed.weight[: codi.vocabulary], dim=-1)
            assert near[row, step].tolist() == cosines.argsort(descending=True)[:5].tolist()


@pytest.fixture
def study(tiny):
    """A Study of 40 questions of one chain step, whose result shows at step 1 in training and at step 2 elsewhere."""
    problems = [Problem(str(i), f"{i + 2} things?", f"<<{i + 2}+1={i + 3}>>", i + 3.0) for i in range(40)]
    right = [i % 2 == 0 for i in range(40)]
    seen = Observed(torch.zeros(40, 4, 7, 1), torch.zeros(40, 6, 1), [""] * 40, right, None, None)
    split = split_questions([problem.question for problem in problems], 0)
    return Study(tiny, facts_of(problems, 0), seen, split, [0, 1, 2, 3], 5, 0)


def test_the_fixed_step_is_chosen_on_training_questions_and_scored_on_others(study):
    tokens = torch.zeros(40, 7, 1, dtype=torch.long)
    token_of = {text: i for i, text in enumerate(map(study.codi.token_text, range(study.codi.vocabulary)))}
    result = torch.tensor([token_of[fact.results[0]] for fact in study.facts])
    tokens[study.split[0], 2, 0] = result[study.split[0]]  # step 1
    tokens[study.held_out[::2], 3, 0] = result[study.held_out[::2]]  # step 2
    reading = lens_reading(study, tokens)
    row = reading["chain_steps"]["1"]["result"]
    assert reading["fixed_steps"] == [1] and fixed_step(study, study.shown(tokens)["result"][..., 1:], 1) == 1
    assert row["fixed"] == share_row([False] * 16) and row["any"] == share_row([True] * 8 + [False] * 8)
    assert row["by_step"] == grid(study.shown(tokens)["result"][:, 0])
    assert row["by_step"]["correct"] == [0, 0, 24, 8, 0, 0, 0]
    assert 0 <= row["random"]["correct"] <= 8 and row["random"]["total"] == 16
    solved = reading["all_of_solved"]["1"]["result"]
    right = [row for row in study.held_out.tolist() if study.seen.right[row]]
    assert solved["any"]["total"] == len(right) and solved["fixed"]["correct"] == 0
    tokens[:, 2:] = 0
    tokens[:, 2, 0] = result
    row = lens_reading(study, tokens)["chain_steps"]["1"]["result"]
    assert row["fixed"]["correct"] == 16 and row["random"]["correct"] == 0  # the random step is never the fixed one


# --- The tuned lens ---------------------------------------------------------------------------------------------


def plain_tuned_lens(codi, states, final, train, validation, seed):
    """One translator (states (n, D)), a row at a time."""
    weight, bias = (torch.zeros(32, 32, requires_grad=True), torch.zeros(32, requires_grad=True))
    optimizer = torch.optim.Adam([weight, bias], probes.LEARNING_RATE)

    def divergence_of(rows):
        total = 0
        for row in rows.tolist():
            translated = states[row] + states[row] @ weight + bias
            said = codi.logits(codi.final_norm(translated))[: codi.vocabulary].softmax(-1)
            true = codi.logits(final[row])[: codi.vocabulary].softmax(-1)
            total = total + (true * (true.log() - said.log())).sum()
        return total / len(rows)

    with torch.no_grad():
        best = (float(divergence_of(validation)), weight.detach().clone(), bias.detach().clone())
    draw = torch.Generator().manual_seed(seed)
    for _ in range(probes.EPOCHS):
        order = train[torch.randperm(len(train), generator=draw)]
        for start in range(0, len(order), probes.BATCH):
            optimizer.zero_grad()
            divergence_of(order[start : start + probes.BATCH]).backward()
            optimizer.step()
        with torch.no_grad():
            now = float(divergence_of(validation))
        if now < best[0]:
            best = (now, weight.detach().clone(), bias.detach().clone())
    return best


def test_the_tuned_lens_equals_a_plain_loop(codi, short_problems, monkeypatch):
    monkeypatch.setattr(probes, "EPOCHS", 3)
    monkeypatch.setattr(probes, "BATCH", 4)
    monkeypatch.setattr(probes, "LEARNING_RATE", 3e-2)  # so that some step's best epoch is not its last
    seen = observe(codi, word_problems("test", 14), range(3), attention=False)
    train, validation = torch.arange(0, 9), torch.arange(9, 14)
    for layer in (0, 1):
        states, final = seen.states[:, layer], seen.states[:, 2]
        tuned = fit_tuned_lens(codi, states, final, train, validation, 5)
        least = held_out_divergence(codi, tuned, states[validation], final[validation])
        plain = held_out_divergence(codi, TunedLens(5, 32), states[validation], final[validation])
        assert (least <= plain + 1e-6).all() and (least < 0.99 * plain).any()
        assert all(parameter.grad is None for parameter in codi.model.parameters())
        for step in range(5):
            expected, weight, bias = plain_tuned_lens(codi, states[:, step], final[:, step], train, validation, 5)
            assert least[step].item() == pytest.approx(expected, rel=1e-3, abs=1e-6)
            assert torch.allclose(tuned.weight[step], weight, atol=2e-3)
            assert torch.allclose(tuned.bias[step], bias, atol=2e-3)
        codi.model.zero_grad()


def test_the_untrained_tuned_lens_is_the_logit_lens(tiny):
    states = observe(tiny, word_problems("test", 5), range(4), attention=False).states
    log_probs = TunedLens(7, 128).log_probs(tiny, states[:, 1])
    assert torch.equal(log_probs.topk(5).indices, lens_tokens(tiny, states[:, 1], 1, 5))
    kl = divergence(tiny, states[:, 3], tiny.logits(states[:, 3])[..., : tiny.vocabulary].log_softmax(-1))
    assert kl.abs().max() < 1e-5


# --- Numbers ----------------------------------------------------------------------------------------------------


def test_bootstrapped_means_are_those_of_one_column_at_a_time():
    values = np.random.default_rng(0).random((50, 3))
    low, high = bootstrap_means(values, 7)
    for column in range(3):
        expected = bootstrap_interval(Scored(values[:, column], np.arange(50)), 7)
        assert (100 * low[column], 100 * high[column]) == pytest.approx(expected)


def test_a_planted_class_is_found_where_it_stands_and_nowhere_else(study):
    """Cells are read by layer, then by step, in the tables as in the probes."""
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(40, 3, 5, 4, generator=generator)
    task = Task("operation", 1, torch.arange(30), [], [], torch.arange(10), [], [], [], [])
    labels = ["+-"[i] for i in torch.randint(2, (40,), generator=generator).tolist()]
    task.labels, task.truth, task.shuffled = labels[:30], labels[30:], labels[15:30] + labels[:15]
    states[:, 2, 3, 1] = torch.tensor([3.0 if label == "+" else -3.0 for label in labels])
    for layer in range(3):
        for step in range(5):
            task.fit(RidgeProbe(states[:30, layer, step]), states[30:, layer, step])
    row = task.scores([0, 1, 2], 5)
    assert row["best"] == {"layer": 2, "step": 2} and row["probe"]["accuracy"][2][3] == 100
    assert row["held_out"][2][3] == 100 > row["held_out"][1][3]
    assert row["shuffled"]["accuracy"][2][3] < 100 and row["commonest"]["total"] == 10


# --- The script -------------------------------------------------------------------------------------------------


def probe(folder, *arguments, model="tiny"):
    run = ["--model", model, "--data", "word-problems", "--device", "cpu", "--output", str(folder / "p.json")]
    probe_latents.main([*run, *arguments])
    return json.loads((folder / "p.json").read_text())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The JSON of 80 stories, what was printed, the folder."""
    folder = tmp_path_factory.mktemp("probes")
    before, sys.stdout = sys.stdout, (folder / "said.txt").open("w")
    try:
        found = probe(folder, "-n", "80", "--plot", str(folder / "p.png"))
    finally:
        sys.stdout.close()
        sys.stdout = before
    return found, (folder / "said.txt").read_text(), folder


def test_the_results_say_what_they_are_of(results):
    found, _, folder = results
    meta = found["meta"]
    assert {"model", "revision", "dtype", "versions", "commit", "questions_sha256"} <= meta.keys()
    assert meta["arguments"]["seed"] == 0 and found.keys() >= PROBES.keys()
    assert found["questions"] == {"train": 48, "validation": 16, "test": 16}
    assert found["steps"] == list(range(-1, 6)) and found["layers"] == [0, 1, 2, 3]
    assert (folder / "p.png").read_bytes().startswith(b"\x89PNG")


def test_the_lens_agrees_with_that_of_traces(results, tmp_path):
    found, _, _ = results
    traces = tmp_path / "traces.jsonl"
    collect_traces.main(
        ["-n", "80", "--model", "tiny", "--data", "word-problems", "--device", "cpu", "--top-k", "5",
         "--skip-early-decode", "--output", str(traces)]
    )  # fmt: skip
    counts = {}
    for trace in read_traces(traces):
        for number, result in enumerate(chain_results(trace.gold_chain), 1):
            tops = [reading["top_k_tokens"] for reading in [trace.encoding, *trace.steps]]
            counts.setdefault(str(number), []).append([result in [text.strip() for text in top] for top in tops])
    rows = found["lens"]["readings"]["h"]["chain_steps"]
    for number, flags in counts.items():
        by_step = rows[number]["result"]["by_step"]
        assert by_step["total"] == len(flags)
        assert by_step["correct"] == np.array(flags).sum(0).tolist()
        assert found["lens"]["by_layer"][number]["result"]["correct"][3] == by_step["correct"]
        for name in LENSES:
            assert found["tuned"][name]["by_layer"][number]["result"]["total"] <= 16


def test_the_tables_show_the_json(results):
    found, said, _ = results
    for reading in found["lens"]["readings"].values():
        for rows in reading["chain_steps"].values():
            for row in rows.values():
                assert cell(row["fixed"]) in said and cell(row["any"]) in said
    for rows in found["linear"]["chain_steps"].values():
        for row in rows.values():
            assert cell(row["probe"], row["best"]["layer"], row["best"]["step"] + 1) in said
    for query in found["attention"]["of"]:
        assert f"{query['all_layers']['mean'][1]:.1f} [" in said
    assert f"{found['tuned']['tuned lens']['kl_nats']['mean'][2][1]:.2f} (" in said
    assert len(re.findall(r"^ answer ", said, re.M)) == 1


def test_tiny_holds_its_results_and_little_else(results):
    """Each result shows at one step, and neither frequent nor unrelated numbers do."""
    found, _, _ = results
    for name, first in (("h", 0), ("z", 1)):
        reading = found["lens"]["readings"][name]
        assert reading["fixed_steps"] == [first, first + 1, first + 2, first + 3]
        for rows in reading["chain_steps"].values():
            assert rows["result"]["fixed"]["accuracy"] > 95 > 2 * rows["unrelated result"]["fixed"]["accuracy"]
    linear = found["linear"]["chain_steps"]["1"]["operation"]
    place = linear["best"]["layer"], linear["best"]["step"] + 1
    at_best = [linear[key]["accuracy"][place[0]][place[1]] for key in ("probe", "shuffled")]
    assert at_best[0] > 75 > 60 > at_best[1]
    tuned, plain = (found["tuned"][name]["mean_kl_nats"]["mean"] for name in LENSES)
    assert all(a < b for a, b in zip(tuned, plain, strict=True))


def test_the_same_command_gives_the_same_figures(results, tmp_path):
    found, _, _ = results
    again = probe(tmp_path, "-n", "80", "--probes", "linear", "lens", "--batch-size", "7")
    assert again["lens"] == found["lens"]
    some = probe(tmp_path, "-n", "80", "--probes", "linear", "lens", "--layers", "1")
    assert some["layers"] == [1, 3] and some["lens"]["readings"] == found["lens"]["readings"]
    for number, rows in some["linear"]["chain_steps"].items():
        for name, row in rows.items():
            for key in ("probe", "shuffled"):
                assert row[key]["correct"] == found["linear"]["chain_steps"][number][name][key]["correct"][1::2]
    for number, rows in again["linear"]["chain_steps"].items():
        for name, row in rows.items():
            assert row["commonest"] == found["linear"]["chain_steps"][number][name]["commonest"]
    assert "tuned" not in again and "attention" not in again


def test_a_new_target_and_a_new_probe_are_one_row_each(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(TARGETS, "last result", lambda facts, number: facts.results[-1] if facts.steps else None)
    mine = probe_latents.Probe(
        lambda study: {"n": len(study.facts)}, lambda results: [], lambda results: [], needs_chains=False
    )
    monkeypatch.setitem(PROBES, "mine", mine)
    found = probe(tmp_path, "-n", "20", "--probes", "mine", "lens")
    assert found["mine"] == {"n": 20}
    rows = found["lens"]["readings"]["h"]["chain_steps"]
    assert rows["1"]["last result"]["any"]["total"] == 8 and "last result" in capsys.readouterr().out


def test_another_checkpoint_and_data_without_gold_answers(our_checkpoint, tmp_path, capsys):
    data = tmp_path / "mine.jsonl"
    rows = [{"question": f"Ava has {i} pens, buys 3. How many?", "cot": f"<<{i}+3={i + 3}>>"} for i in range(15)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = probe(tmp_path, "--data", str(data), "--plot", str(tmp_path / "p.png"), model=str(our_checkpoint))
    assert found["correct"] is None and found["lens"]["readings"]["h"]["all_of_solved"] is None
    assert found["layers"] == [0, 1, 2] and len(found["steps"]) == 5
    data.write_text("".join(json.dumps({"question": row["question"]}) + "\n" for row in rows))
    found = probe(tmp_path, "--data", str(data), "--probes", "tuned", "attention", model=str(our_checkpoint))
    assert found["tuned"]["tuned lens"]["by_layer"] == {}


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["--probes", "loud"], "invalid choice"),
        (["-n", "5"], "10 different questions"),
        (["--top-k", "0"], "positive whole number"),
        (["--layers", "-1"], "whole number"),
        (["--layers", "4", "-n", "20"], "layers 0 to 3"),
        (["--layers", "3", "-n", "20"], "no tuned lens"),
        (["--top-k", "5000", "-n", "20"], "vocabulary"),
        (["--data", "q.jsonl"], "worked steps"),
        (["--data", "nothing"], "word-problems"),
        (["--output", "same.png", "--plot", "same.png"], "two names"),
        (["--output", "q.jsonl", "--data", "q.jsonl"], "overwrite"),
        (["--plot", "q.jsonl", "-n", "20"], "does not end in .png"),
        (["--output", "no/such/x.json"], "mkdir -p"),
        (["--split", "tset"], "test"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "q.jsonl").write_text('{"question": "Why?", "answer": 1}\n' * 20)
    defaults = ["--model", "tiny", "--device", "cpu", *([] if "--data" in arguments else ["--data", "word-problems"])]
    monkeypatch.setattr(sys, "argv", ["probe_latents.py", *defaults, *arguments])
    with pytest.raises(SystemExit) as exit:
        run_script(probe_latents.main)
    said = capsys.readouterr().err
    assert exit.value.code == 2 and word in said and "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["q.jsonl"]


def test_the_tiny_model_is_itself_after_being_probed():
    """Hooks that stay, or another attention, would change what later tools see."""
    codi = load_model("tiny", device="cpu")
    observe(codi, word_problems("test", 2), [2])
    assert not codi.body._forward_hooks and not codi.body._forward_pre_hooks
    assert codi.model.config._attn_implementation == "sdpa"


def test_answers_that_are_no_numbers_are_judged_as_their_kind(tiny, monkeypatch):
    monkeypatch.setattr(probes, "answer_from", lambda *args, **kwargs: Answer("The answer is: yes", None, 1))
    asked = [Problem(str(i), f"Is {i} small?", None, gold, "yes-no") for i, gold in enumerate(["yes", "no"])]
    assert observe(tiny, asked, [3], attention=False).right == [True, False]
