"""The three verbs: batched equals single, cached equals uncached, forks do not touch each other."""

import random

import pytest
import torch

from codi_model import MODES, answer, answer_from, generate, generate_raw, prompt_ids, read_hidden
from problems import word_problems
from runs import (
    decode,
    decode_all,
    encode,
    extend,
    fork,
    in_batches,
    latent_steps,
    lens,
    pad,
    plan_batches,
    start_runs,
)
from scripting import UserError

QUESTIONS = [*(p.question for p in word_problems("test", 64)), "Hm?"]


def slow_logits(codi, ids, num_latent, after):
    """The plain way: one row, no padding, no cache, the whole sequence again for every position. Returns the logits
    after ids, each latent step, and each id of `after`."""
    embeds = codi.embed(torch.tensor([ids]))
    seen = []
    for _ in range(num_latent):
        hidden = codi.body(inputs_embeds=embeds).last_hidden_state[:, -1:]
        seen.append(codi.model.lm_head(hidden)[0, 0])
        embeds = torch.cat([embeds, codi.prj(hidden)], 1)
    for token in after:
        seen.append(codi.model(inputs_embeds=embeds).logits[0, -1])
        embeds = torch.cat([embeds, codi.embed(torch.tensor([[token]]))], 1)
    return torch.stack([*seen, codi.model(inputs_embeds=embeds).logits[0, -1]])


def slow_answer(codi, ids, num_latent, start, max_new_tokens, eot_allowed):
    """Greedy decoding by slow_logits."""
    after = list(start)
    while len(after) - len(start) < max_new_tokens:
        scores = slow_logits(codi, ids, num_latent, after)[-1]
        scores[-3:-1] = -torch.inf
        if not eot_allowed:
            scores[-1] = -torch.inf
        token = int(scores.argmax())
        if token == codi.tokenizer.eos_token_id:
            break
        after.append(token)
    return after[len(start) :]


def answers(codi, run, start, most, **more):
    """decode_all() of one run per question."""
    return [ids for (ids,) in decode_all(codi, run, start, most, **more)]


def all_logits(codi, prompts, num_latent, after):
    """The batched way to what slow_logits returns, (B, 1 + num_latent + len(after), V)."""
    run = start_runs(codi, prompts)
    seen = [codi.head(run.hidden)]
    for run in latent_steps(codi, run, num_latent):
        seen.append(codi.head(run.hidden))
    for token in after:
        run = extend(codi, run, codi.embed(torch.full((len(prompts), 1), token)))
        seen.append(codi.head(run.hidden))
    return torch.cat(seen, 1)


@torch.no_grad()
@pytest.mark.parametrize("num_latent", [0, 1, 4])
def test_batched_cached_logits_equal_slow_ones(codi, num_latent):
    prompts = [prompt_ids(codi, q, "latent") for q in [*QUESTIONS[:9], QUESTIONS[-1]]]
    after = [codi.eot_id, 5, 70]
    fast = all_logits(codi, prompts, num_latent, after)
    for row, prompt in enumerate(prompts):
        assert (slow_logits(codi, prompt, num_latent, after) - fast[row]).abs().max() < 1e-4


@torch.no_grad()
def test_logits_do_not_depend_on_the_batch(codi):
    prompts = [prompt_ids(codi, q, "latent") for q in QUESTIONS]
    together = all_logits(codi, prompts, 4, [codi.eot_id])
    for row in (0, 7, 64):
        alone = all_logits(codi, [prompts[row]], 4, [codi.eot_id])
        assert (together[row] - alone[0]).abs().max() < 1e-4


@pytest.mark.parametrize("mode", MODES)
def test_answers_equal_the_slow_way(codi, mode):
    num_latent = 4 if mode == "latent" else 0
    start = () if mode == "verbal" else (codi.eot_id,)
    prompts = [prompt_ids(codi, q, mode) for q in [*QUESTIONS[:5], QUESTIONS[-1]]]
    with torch.no_grad():
        encoded = start_runs(codi, prompts)
        *_, run = (encoded, *latent_steps(codi, encoded, num_latent))
        fast = answers(codi, run, start, 8, eot_allowed=mode == "verbal")
        slow = [slow_answer(codi, ids, num_latent, start, 8, mode == "verbal") for ids in prompts]
    assert fast == slow


@pytest.mark.parametrize("mode", MODES)
def test_answers_do_not_depend_on_batch_size_or_order(codi, mode):
    asked = QUESTIONS[-16:]
    shuffled = random.Random(0).sample(asked, len(asked))
    reference = dict(zip(asked, answer(codi, asked, mode, max_new_tokens=6, batch_size=1), strict=True))
    for batch_size in (7, None):
        for questions in (asked, shuffled):
            got = answer(codi, questions, mode, max_new_tokens=6, batch_size=batch_size)
            assert got == [reference[q] for q in questions]


def test_tiny_answers_do_not_depend_on_batch_size_or_order(tiny):
    questions = QUESTIONS[-10:]
    for mode in MODES:
        reference = answer(tiny, questions, mode, batch_size=1)
        assert answer(tiny, questions, mode, batch_size=64) == reference
        assert answer(tiny, questions[::-1], mode, batch_size=4) == reference[::-1]


@torch.no_grad()
def test_fork_leaves_the_original_alone(codi):
    run = start_runs(codi, [prompt_ids(codi, q, "latent") for q in QUESTIONS[:3]])
    before = answers(codi, run, (codi.eot_id,), 6)
    twice = fork(run, torch.tensor([2, 0, 2]))
    *_, _ = latent_steps(codi, twice, 1)
    assert answers(codi, run, (codi.eot_id,), 6) == before
    assert answers(codi, twice, (codi.eot_id,), 6) == [before[2], before[0], before[2]]


@torch.no_grad()
def test_kept_states_end_in_the_hidden_state(codi):
    ids, mask = pad([prompt_ids(codi, q, "latent") for q in QUESTIONS[:3]], "left")
    run = encode(codi, ids, mask)
    kept = extend(codi, run, codi.embed(torch.full((3, 2), codi.eot_id)), keep_states=True)
    assert len(kept.states) == codi.model.config.num_hidden_layers + 1
    assert torch.equal(kept.states[-1][:, -1], kept.hidden[:, 0])


def test_markers_are_never_part_of_an_answer(codi):
    with torch.no_grad():
        codi.model.lm_head.weight[-3:] *= 100  # the markers now win most of the time
        run = start_runs(codi, [prompt_ids(codi, q, "direct") for q in QUESTIONS[:8]])
        tokens = [t for ids in answers(codi, run, (codi.eot_id,), 8) for t in ids]
    assert tokens and max(tokens) < codi.bot_id - 1


@torch.no_grad()
def test_a_full_context_ends_its_own_row_only(codi):
    """A row that fills the context once stopped every row of its batch."""
    codi.model.get_output_embeddings().weight[codi.tokenizer.eos_token_id] = 0  # so that no answer ends by itself
    long, short = (prompt_ids(codi, "apple" * times, "direct") for times in (50, 1))
    assert len(short) < len(long) < codi.context
    alone = [answers(codi, start_runs(codi, [ids]), (codi.eot_id,), 250)[0] for ids in (long, short)]
    together = answers(codi, start_runs(codi, [long, short]), (codi.eot_id,), 250)
    assert together == alone and len(together[1]) > len(together[0])
    assert len(long) + 1 + len(together[0]) == codi.context + 1  # eot, and a last token that is not fed


def test_the_lens_leaves_out_the_markers(codi):
    run = start_runs(codi, [prompt_ids(codi, QUESTIONS[0], "latent")])
    reading = read_hidden(codi, run.hidden[:, 0], None, 5)[0]
    probs = codi.head(run.hidden)[0, 0, :-3].softmax(-1)
    assert lens(codi, run.hidden).shape[-1] == len(codi.tokenizer) - 3
    assert torch.allclose(torch.tensor(reading.top_k_probs), probs.topk(5).values)
    assert reading.entropy == pytest.approx(torch.distributions.Categorical(probs).entropy().item(), rel=1e-4)
    assert reading.norm == pytest.approx(run.hidden[0, 0].norm().item()) and reading.cosine_to_prev is None


def test_a_chain_cut_short_has_no_answer(codi):
    ids = codi.tokenizer("<<12+5=17>>")["input_ids"]
    cut, whole = (
        answer_from(codi, ids, verbal=True),
        answer_from(codi, [*ids, codi.eot_id, *codi.tokenizer("34")["input_ids"]], True),
    )
    assert (cut.text, cut.chain) == ("", "<<12+5=17>>") and (whole.text, whole.chain) == ("34", "<<12+5=17>>")
    assert answer_from(codi, ids, True, form="official").text == "<<12+5=17>>"


def test_text_that_is_no_utf8_is_a_sentence(codi):
    with pytest.raises(UserError, match="UTF-8"):
        generate(*codi, "\udcff hi")


def test_typed_markers_are_text(codi):
    """A user who types <|bocot|> or the end-of-text token must not steer the model with it."""
    ids = prompt_ids(codi, "What is <|bocot|> and <|endoftext|>?", "latent")
    assert ids.count(codi.bot_id) == 1 and ids.count(codi.tokenizer.eos_token_id) == 1
    assert codi.tokenizer.decode(ids[:-2]) == "What is <|bocot|> and <|endoftext|>?"


def test_any_text_can_be_encoded(codi):
    text = "[bold]Émile 🦆 – 12345[/bold]\n\tΩ"
    assert codi.tokenizer.decode(prompt_ids(codi, text, "latent")[:-2]) == text


def test_prompt_forms_lay_out_the_markers(codi):
    eos, bot, question = codi.tokenizer.eos_token_id, codi.bot_id, "Hm?"
    plain = codi.tokenizer(question)["input_ids"]
    suffixed = codi.tokenizer(question + " Output only the answer and nothing else.")["input_ids"]
    expected = {
        ("answer-only", "latent"): [*suffixed, eos, bot],
        ("answer-only", "direct"): [*suffixed, eos],
        ("answer-only", "verbal"): [*suffixed, eos, bot],
        ("official", "latent"): [*plain, bot],
        ("official", "verbal"): plain,
        ("bare", "latent"): [*plain, bot],
        ("bare", "direct"): [*plain, bot],
        ("plain", "direct"): [*plain, eos],
    }
    for (form, mode), ids in expected.items():
        assert prompt_ids(codi, question, mode, form=form) == ids, (form, mode)


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_empty_question_is_a_sentence(codi, question):
    with pytest.raises(UserError, match="empty"):
        generate(*codi, question)


def test_too_long_question_is_a_sentence(codi):
    with pytest.raises(UserError, match="too long.*256"):
        generate(*codi, "apples " * 300)
    with pytest.raises(UserError, match="too long.*256"):
        generate_raw(codi.model, codi.tokenizer, "apples " * 300)


def test_older_interface_unpacks_and_answers(codi):
    model, prj, tokenizer, bot_id, eot_id = codi
    one = generate(model, prj, tokenizer, bot_id, eot_id, QUESTIONS[0], num_latent=4, max_new_tokens=8)
    many = generate(model, prj, tokenizer, bot_id, eot_id, QUESTIONS[:3], num_latent=4, max_new_tokens=8)
    none = generate(model, prj, tokenizer, bot_id, eot_id, QUESTIONS[:3], num_latent=0, max_new_tokens=8)
    assert isinstance(one, str) and len(many) == 3 and many[0] == one
    assert none == [a.text for a in answer(codi, QUESTIONS[:3], "direct", max_new_tokens=8)]
    assert generate(*codi, []) == []


def test_generate_raw_equals_transformers_generate(codi):
    text = "Ava has 12"
    ids = codi.tokenizer(text, return_tensors="pt")
    expected = codi.model.generate(
        **ids, max_new_tokens=10, do_sample=False, eos_token_id=codi.tokenizer.eos_token_id,
        suppress_tokens=[codi.bot_id - 1, codi.bot_id, codi.eot_id], pad_token_id=codi.tokenizer.pad_token_id,
    )[0, ids["input_ids"].shape[1] :]  # fmt: skip
    plain = codi.tokenizer.decode(expected, skip_special_tokens=True)
    assert generate_raw(codi.model, codi.tokenizer, text, max_new_tokens=10) == plain
    assert generate_raw(codi.model, codi.tokenizer, [text, "Ben has 3 old pens"], max_new_tokens=10)[0] == plain
    assert generate_raw(codi.model, codi.tokenizer, []) == []


def test_streamed_equals_decoded(codi):
    with torch.no_grad():
        run = start_runs(codi, [prompt_ids(codi, QUESTIONS[0], "direct")])
        streamed = [t for step in decode(codi, run, (codi.eot_id,), 9) for *_, t in step]
        assert streamed == answers(codi, run, (codi.eot_id,), 9)[0]


def test_out_of_memory_halves_the_batch_and_repeats_nothing():
    done, sizes = [], []

    def work(indices):
        sizes.append(len(indices))
        if len(indices) > 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate")
        done.extend(indices)

    in_batches(work, plan_batches([5, 9, 7] * 7, "cpu", batch_size=12))
    assert sorted(done) == list(range(21)) and sizes[:3] == [12, 6, 3]
    with pytest.raises(UserError, match="Out of memory"):
        in_batches(lambda indices: work(range(9)), [[0, 1]])


def test_other_errors_are_not_taken_for_memory():
    with pytest.raises(ZeroDivisionError):
        in_batches(lambda indices: 1 / 0, [[0, 1]])


def test_batches_keep_the_token_budget(monkeypatch):
    monkeypatch.setattr("runs.TOKENS_PER_BATCH", {"cpu": 100, "cuda": 0})
    assert plan_batches([10, 40, 20, 30, 200], "cpu") == [[4], [1, 3], [2, 0]]
