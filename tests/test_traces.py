"""Traces and interventions: one shared encoding gives what a fresh run of each variant gives, token by token."""

import json
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from builders import random_codi

import codi_model
from codi_model import (
    TraceOptions,
    answer,
    generate,
    generate_early_decode,
    generate_latents,
    generate_raw,
    generate_with_ablation,
    generate_with_patch,
    generate_with_traces,
    latents,
    prompt_ids,
    start_latent,
    trace_batch,
)
from interventions import ABLATIONS, Material, replace_at, seed_of, zero_at
from problems import Problem, word_problems
from runs import Edit, decode_all, extend, latent_steps, lens, read, together
from scripting import UserError
from traces import Trace, read_traces

PROBLEMS = [*word_problems("test", 6), Problem("short", "Hm?", None, None)]
QUESTIONS = [p.question for p in PROBLEMS]
TOKENS = 6
SEED, NOISE_SCALE = 3, 1.5


# --- The slow way: one row, the whole sequence again for every position, no cache ---


def slow_run(codi, question, num_latent, consume, hidden_step=None, after=None, mode="latent"):
    """Greedy ids and the logits after eot. `consume(step, z)` is what each step takes; no later position may attend
    to `hidden_step`; eot comes after step `after` (default: the last)."""
    ids = prompt_ids(codi, question, mode)
    embeds, blocked = codi.embed(torch.tensor([ids])), None
    steps = num_latent if after is None else after + 1
    for step in range(steps if mode == "latent" else 0):
        z = codi.prj(forward(codi, embeds, blocked, codi.body).last_hidden_state[:, -1:])
        embeds = torch.cat([embeds, consume(step, z)], 1)
        if step == hidden_step:
            blocked = embeds.shape[1] - 1
    embeds, answer, first = torch.cat([embeds, codi.embed(torch.tensor([[codi.eot_id]]))], 1), [], None
    while len(answer) < TOKENS:
        logits = forward(codi, embeds, blocked, codi.model).logits[0, -1]
        first = logits if first is None else first
        scores = logits.clone()
        scores[-3:] = -torch.inf
        token = int(scores.argmax())
        if token == codi.tokenizer.eos_token_id:
            break
        answer.append(token)
        embeds = torch.cat([embeds, codi.embed(torch.tensor([[token]]))], 1)
    return answer, first


def forward(codi, embeds, blocked, module):
    """What `module` says of a whole sequence in which only the position `blocked` itself sees `blocked`; where nothing
    is blocked, with no mask of ours."""
    length = embeds.shape[1]
    if blocked is None:
        return module(inputs_embeds=embeds)
    sees = torch.ones(length, length).tril().bool()
    sees[blocked + 1 :, blocked] = False
    both = sees, windowed(codi, sees)
    full, mask = (torch.zeros(1, 1, length, length).masked_fill(~sees, -torch.inf) for sees in both)
    if "sliding_attention" in (getattr(codi.model.config, "layer_types", None) or ()):
        mask = {"full_attention": full, "sliding_attention": mask}
    return module(inputs_embeds=embeds, attention_mask=mask, position_ids=torch.arange(length)[None])


def windowed(codi, sees):
    """`sees` (T, T) without what stands a window or more back."""
    window = getattr(codi.model.config, "sliding_window", None) or len(sees)
    return sees & torch.ones_like(sees).triu(1 - window)


def slow_ablation(kind, target, index, material, row):
    """`consume` of one ablation, written out from its definition in words."""
    kept = {}

    def consume(step, z):
        if kind == "skip" and step == target + 1:
            return kept["z"]
        if step != target or kind == "hide":
            return z
        kept["z"] = z
        if kind in ("zero", "skip"):
            return torch.zeros_like(z)
        if kind == "mean":
            return material.mean[step].reshape(1, 1, -1)
        if kind == "swap":
            return material.donor[row, step].reshape(1, 1, -1)
        seed = seed_of(SEED, index, step)
        noise = torch.randn(z.shape[-1], generator=torch.Generator().manual_seed(seed))
        return z + NOISE_SCALE * z.norm() * noise / noise.norm()

    return consume


def material_of(codi, questions, indices, num_latent):
    z = latents(codi, questions, num_latent)["z"]
    patches = [[list(range(num_latent)), [0], [i % num_latent, num_latent - 1]] for i in range(len(questions))]
    donors = [index - 1 for index in indices]
    return Material(indices, SEED, NOISE_SCALE, z.mean(0), donor=z.roll(1, 0), donor_indices=donors, patches=patches)


def check_traces(codi, problems, num_latent):
    indices = [10 + i for i in range(len(problems))]
    questions = [p.question for p in problems]
    material = material_of(codi, questions, indices, num_latent)
    options = TraceOptions(tuple(ABLATIONS), max_new_tokens=TOKENS, lens_layers="all", layers=(1,))
    traces, vectors = trace_batch(codi, problems, num_latent, material, options)

    def text(ids):
        return codi_model.answer_from(codi, ids, verbal=False).text

    def plain(step, z):
        return z

    for row, (trace, question) in enumerate(zip(traces, questions, strict=True)):
        output, _ = slow_run(codi, question, num_latent, plain)
        assert trace.output == text(output)
        assert trace.no_reasoning_output == text(slow_run(codi, question, num_latent, plain, mode="direct")[0])
        assert [d["after_step"] for d in trace.early_decodes] == list(range(-1, num_latent))
        for decode in trace.early_decodes:
            after = decode["after_step"]
            assert decode["output"] == text(slow_run(codi, question, num_latent, plain, after=after)[0]), after
        assert trace.early_decodes[-1]["output"] == trace.output
        assert len(trace.ablations) == len(ABLATIONS) * num_latent
        for kind in ABLATIONS:
            for step in range(num_latent):
                consume = slow_ablation(kind, step, indices[row], material, row)
                ids, _ = slow_run(codi, question, num_latent, consume, step if kind == "hide" else None)
                assert trace.ablations[f"{kind}_step{step}"] == text(ids), (kind, step)
        for number, patch in enumerate(trace.patches):
            assert patch["steps"] == material.patches[row][number] and patch["donor"] == indices[row] - 1
            own = vectors["patch_z"][row, number]

            def consume(step, z, row=row, patch=patch, own=own):
                if step in patch["steps"]:
                    z = material.donor[row, step].reshape(1, 1, -1)
                assert torch.allclose(z.flatten(), own[step], atol=1e-4)
                return z

            tops = lens(codi, vectors["patch_h"][row, number]).argmax(-1).tolist()
            assert patch["top_tokens"] == [codi.token_text(i) for i in tops]
            for decode in patch["early_decodes"]:
                ids, _ = slow_run(codi, question, num_latent, consume, after=decode["after_step"])
                assert decode["output"] == text(ids), (number, decode["after_step"])
            assert patch["output"] == patch["early_decodes"][-1]["output"]
        assert torch.equal(vectors["patch_h"][row, :, 0], vectors["h"][row, :1].expand(3, -1))
        assert vectors["patch_resid_1"].shape == vectors["patch_h"].shape
    return traces, vectors


@torch.no_grad()
def test_every_variant_equals_the_slow_way(codi):
    traces, _ = check_traces(codi, [PROBLEMS[2], PROBLEMS[-1]], codi.num_latent)
    assert any(any(trace.changed.values()) for trace in traces), "the ablations must matter, else this proves little"


@torch.no_grad()
def test_tiny_equals_the_slow_way(tiny):
    check_traces(tiny, PROBLEMS[2:4], tiny.num_latent)


@torch.no_grad()
@pytest.mark.parametrize("form, num_latent", [("plain", 1), ("answer-only", 2), ("official", 1), ("bare", 2)])
def test_other_prompt_forms_and_numbers_of_steps_equal_the_slow_way(codi, form, num_latent):
    codi.form = form
    check_traces(codi, PROBLEMS[:2], num_latent)


def eot_logits(codi, run):
    return codi.head(read(codi, run, [codi.eot_id]).hidden)


@torch.no_grad()
@pytest.mark.parametrize("kind", list(ABLATIONS))
def test_ablating_each_step_changes_the_logits_as_the_slow_way_does(codi, kind):
    """An edit that nothing consumes once made the last step look redundant."""
    material = material_of(codi, QUESTIONS[:3], [0, 1, 2], 4)
    start = start_latent(codi, QUESTIONS[:3], 4)
    edits = [ABLATIONS[kind][0](codi, step, material) for step in range(4)]
    *_, run = latent_steps(codi, start, 4, edits)
    before, after = eot_logits(codi, run.pick([0])), eot_logits(codi, run.pick(range(1, 5)))  # (3, 1, V), (3, 4, V)
    assert ((after - before).abs().amax(-1) > 1e-4).all()
    for row in range(3):
        for step in range(4):
            consume = slow_ablation(kind, step, row, material, row)
            slow = slow_run(codi, QUESTIONS[row], 4, consume, step if kind == "hide" else None)[1]
            assert (slow - after[row, step]).abs().max() < 1e-4, (row, step)


@torch.no_grad()
def test_identity_edit_equals_plain_run(codi):
    start = start_latent(codi, QUESTIONS[:3], 4)
    *_, run = latent_steps(codi, start, 4, [Edit(0), Edit(0), Edit(2)])
    logits = eot_logits(codi, run)
    assert (run.hidden[:, 1:] - run.hidden[:, :1]).abs().max() < 1e-5
    assert (logits[:, 1:] - logits[:, :1]).abs().max() < 1e-4


@torch.no_grad()
def test_picked_runs_keep_the_states_of_their_own_last_position(codi):
    """pick() took kept states by the number of the run, which is that of a position where each run read several."""
    start = start_latent(codi, QUESTIONS[:3], 4)
    *_, run = latent_steps(codi, start, 4, [zero_at(0)])
    run = extend(codi, run, codi.embed(torch.randint(300, (3, 2 * 3))), keep_states=True)
    for number in range(2):
        picked = run.pick([number])
        assert torch.equal(picked.states[-1], run.hidden[:, [number]]) and torch.equal(picked.hidden, picked.states[-1])


@torch.no_grad()
def test_growing_some_runs_leaves_the_others_as_they_were(codi):
    start = start_latent(codi, QUESTIONS[:3], 4)
    _, second, *_ = latent_steps(codi, start, 4)
    before = decode_all(codi, second, (codi.eot_id,), TOKENS)
    *_, _ = latent_steps(codi, start, 4, [zero_at(0), zero_at(1)])
    assert decode_all(codi, second, (codi.eot_id,), TOKENS) == before


@torch.no_grad()
def test_runaway_answers_do_not_change_the_others(codi):
    """Runs that end leave; the long ones go on alone, and questions without any leave the batch."""
    start = start_latent(codi, QUESTIONS, 4)
    *_, run = latent_steps(codi, start, 4, [zero_at(0), zero_at(2)])
    many = together([start, run.pick([1, 2])])
    plain = decode_all(codi, many, (codi.eot_id,), 40)
    eos = plain[0][0][0]  # now the first token of the first question ends every answer that meets it
    codi.tokenizer = SimpleNamespace(eos_token_id=eos)
    cut = decode_all(codi, many, (codi.eot_id,), 40)
    assert cut == [[ids[: ids.index(eos)] if eos in ids else ids for ids in row] for row in plain]
    assert cut != plain


@torch.no_grad()
def test_full_context_ends_a_run(codi):
    codi.head.weight[codi.tokenizer.eos_token_id] = 0  # no answer ends by itself
    start = start_latent(codi, ["apple" * 40, "Hm?"], 4)
    answers = decode_all(codi, start, (codi.eot_id,), 300)
    lengths = [len(row[0]) for row in answers]
    prompts = [len(prompt_ids(codi, q, "latent")) for q in ("apple" * 40, "Hm?")]
    assert [n + p for n, p in zip(lengths, prompts, strict=True)] == [codi.context, codi.context]


# --- Readings ---


@torch.no_grad()
def test_readings_vectors_and_lens_are_those_of_a_plain_forward(codi):
    options = TraceOptions(top_k=3, lens_layers="all", layers=(1,))
    traces, vectors = trace_batch(codi, PROBLEMS[:2], 4, Material([0, 1]), options)
    for row, trace in enumerate(traces):
        embeds, previous = codi.embed(torch.tensor([prompt_ids(codi, QUESTIONS[row], "latent")])), None
        for place, reading in enumerate([trace.encoding, *trace.steps]):
            output = codi.body(inputs_embeds=embeds, output_hidden_states=True)
            hidden = output.last_hidden_state[0, -1]
            probs = codi.head(hidden)[:-3].softmax(-1)
            assert torch.allclose(vectors["h"][row, place], hidden, atol=1e-5)
            assert torch.allclose(vectors["resid_1"][row, place], output.hidden_states[1][0, -1], atol=1e-5)
            assert torch.allclose(torch.tensor(reading["top_k_probs"]), probs.topk(3).values, atol=1e-5)
            assert reading["top_k_ids"] == probs.topk(3).indices.tolist()
            assert reading["norm"] == pytest.approx(hidden.norm().item(), rel=1e-4)
            assert reading["sparsity"] == pytest.approx((hidden.abs() < 0.01).float().mean().item())
            assert reading["entropy"] == pytest.approx(-(probs * probs.log()).sum().item(), rel=1e-3)
            if previous is not None:
                assert reading["cosine_to_prev"] == pytest.approx(
                    F.cosine_similarity(hidden, previous, 0).item(), abs=1e-4
                )
            early = codi.head(codi.final_norm(output.hidden_states[1][0, -1]))[:-3].softmax(-1)
            assert [entry["layer"] for entry in trace.lens[place]] == [1, 2]
            assert trace.lens[place][0]["prob"] == pytest.approx(early.max().item(), rel=1e-3)
            assert trace.lens[place][1]["id"] == reading["top_k_ids"][0]
            z, previous = codi.prj(hidden)[None, None], hidden
            if place < 4:
                assert torch.allclose(vectors["z"][row, place], z[0, 0], atol=1e-5)
            embeds = torch.cat([embeds, z], 1)


# --- The library's one-line calls ---


def test_library_calls_take_one_prompt_or_a_list(codi):
    parts, short = tuple(codi), {"num_latent": 4, "max_new_tokens": TOKENS}
    plain, first = generate(*parts, QUESTIONS, **short), generate(*parts, QUESTIONS[0], **short)
    assert plain[0] == first
    assert generate_with_traces(*parts, QUESTIONS[0], **short).output == first
    assert [trace.output for trace in generate_with_traces(*parts, QUESTIONS, **short)] == plain
    assert generate_early_decode(*parts, QUESTIONS[0], **short)[-1]["output"] == first
    z = generate_latents(*parts, QUESTIONS[0], 4)["z"]
    assert generate_with_patch(*parts, QUESTIONS[0], {1: z[1]}, num_latent=4).startswith(first)
    for kind in ("zero", "skip", "noise", "hide"):
        many = generate_with_ablation(*parts, QUESTIONS, 2, kind, **short)
        assert many[0] == generate_with_ablation(*parts, QUESTIONS[0], 2, kind, **short)
        assert len(many) == len(QUESTIONS)


def test_patching_every_step_equals_the_slow_way_and_one_step_equals_swap(codi):
    parts = tuple(codi)
    a, b = QUESTIONS[:2]
    z = generate_latents(*parts, b, 4)["z"]
    patched = generate_with_patch(*parts, a, dict(enumerate(z)), num_latent=4)
    with torch.no_grad():
        slow, _ = slow_run(codi, a, 4, lambda step, _: z[step].reshape(1, 1, -1))
    assert patched.startswith(codi_model.answer_from(codi, slow, verbal=False).text)
    swapped = generate_with_ablation(*parts, a, 1, "swap", num_latent=4, swap_with=b)
    assert swapped == generate_with_patch(*parts, a, {1: z[1]}, num_latent=4)
    both = generate_with_patch(*parts, [a, a], {1: torch.stack([z[1], z[1]])}, num_latent=4)
    assert both == [swapped, swapped]


CALLS = {
    "raw": lambda parts, prompt="Hm?", **more: generate_raw(parts[0], parts[2], prompt, **more),
    "generate": lambda parts, prompt="Hm?", **more: generate(*parts, prompt, **more),
    "traces": lambda parts, prompt="Hm?", **more: generate_with_traces(*parts, prompt, **more),
    "early": lambda parts, prompt="Hm?", **more: generate_early_decode(*parts, prompt, **more),
    "ablation": lambda parts, prompt="Hm?", step=0, kind="zero", **more: generate_with_ablation(
        *parts, prompt, step, kind, **more
    ),
    "patch": lambda parts, prompt="Hm?", patch=None, **more: generate_with_patch(
        *parts, prompt, {0: torch.zeros(32)} if patch is None else patch, **more
    ),
    "latents": lambda parts, prompt="Hm?", **more: generate_latents(*parts, prompt, **more),
}
PARTS = ("model", "prj", "tokenizer", "bot_id", "eot_id")
NAN = float("nan")
WRONG = {  # argument: (the calls that take it, values that none of them takes)
    "prompt": (list(CALLS), [None, 5, [5], b"Hm?", ["Hm?", None], ""]),
    "model": (list(CALLS), [None, "tiny", torch.nn.Linear(2, 2)]),
    "prj": ([name for name in CALLS if name != "raw"], [None, "x"]),
    "tokenizer": (list(CALLS), [None, "x"]),
    "bot_id": ([name for name in CALLS if name != "raw"], ["x", 10**6, -5, None, 0]),
    "eot_id": ([name for name in CALLS if name != "raw"], ["x", 10**6, -5, None, 0]),
    "num_latent": ([name for name in CALLS if name != "raw"], [-1, 1.5, "4", None, True]),
    "max_new_tokens": (["raw", "generate", "traces", "early", "ablation"], [0, -1, "9", 2.0, None]),
    "greedy": (["generate"], [False, None]),
    "prompt_form": (["generate"], ["foo", 3, ["plain"]]),
    "top_k": (["traces"], [0, -1, 398, 2.5, "3"]),
    "collect_no_reasoning": (["traces"], ["no"]),
    "step": (["ablation"], ["0", 0.0, 6, -1, None]),
    "kind": (["ablation"], [None, 3, ["zero"], "erase"]),
    "noise_scale": (["ablation"], [NAN, float("inf"), -1.0, "1"]),
    "mean": (["ablation"], [[0.0], 3, torch.zeros(6, 32, dtype=torch.long), torch.full((6, 32), NAN), torch.zeros(32)]),
    "swap_with": (["ablation"], [5, [5], b"Hm?", ["a", "b"]]),
    "seed": (["ablation"], [-1, 1.5, "a"]),
    "patch": (
        ["patch"], [{}, [], torch.zeros(32), {"0": torch.zeros(32)}, {0: [0.0] * 32}, {0: torch.full((32,), NAN)},
                   {0: torch.zeros(32).to_sparse()}, {0: torch.zeros(32, device="meta")}]
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def unchanged(tokenizer):
    """A CODI for calls that are refused before they do anything."""
    return random_codi("llama", tokenizer)


@pytest.mark.parametrize(
    "call, name, value",
    [(call, name, value) for name, (calls, values) in WRONG.items() for call in calls for value in values],
)
def test_wrong_arguments_are_sentences(unchanged, call, name, value):
    """Each of these once ended in a traceback, or was taken in silence."""
    parts = dict(zip(PARTS, unchanged, strict=True))
    more = {name: value} if name not in parts else {}
    with pytest.raises(UserError) as told:
        CALLS[call](tuple((parts | {name: value})[part] for part in PARTS), **more)
    assert len(str(told.value)) > 20


@pytest.mark.parametrize("call", ["traces", "early", "ablation", "patch", "latents"])
def test_no_latent_step_where_one_is_needed_is_a_sentence(codi, call):
    with pytest.raises(UserError, match="whole number from 1"):
        CALLS[call](tuple(codi), num_latent=0)


def test_markers_that_are_swapped_are_refused(codi):
    """Such a call was answered, with rubbish."""
    model, prj, tokenizer, bot_id, eot_id = codi
    for call in (generate, generate_latents):
        with pytest.raises(UserError, match=f"must be {bot_id} and {eot_id}"):
            call(model, prj, tokenizer, eot_id, bot_id, "Hm?")


@pytest.mark.parametrize("call", [answer, lambda codi, texts: latents(codi, texts, 4)])
def test_what_is_no_loaded_model_is_named(codi, call):
    """answer(None, …) ended in an AttributeError, as did the model without its other parts."""
    for wrong in (None, codi.model, tuple(codi)):
        with pytest.raises(UserError, match="codi must be what load_model"):
            call(wrong, ["Hm?"])


@pytest.mark.parametrize("wrong", [{"mode": "foo"}, {"batch_size": 0}, {"batch_size": "all"}, {"form": "foo"}])
def test_wrong_ways_to_answer_are_sentences(codi, wrong):
    with pytest.raises(UserError, match="must be"):
        answer(codi, ["Hm?"], **wrong)
    with pytest.raises(UserError, match="must be"):
        answer(codi, "Hm?")


def test_the_older_interface_takes_its_arguments_in_the_older_order(codi):
    """Code written for it once gave num_latent where max_new_tokens stood."""
    parts, question = tuple(codi), QUESTIONS[0]
    whole, cut = (generate(*parts, question, tokens, True, 4) for tokens in (40, 2))
    assert cut != whole == generate(*parts, question, 40, num_latent=4)
    trace = generate_with_traces(*parts, question, 2, 4, 7, False)
    assert trace.output == cut and len(trace.steps) == 4 and trace.no_reasoning_output is None
    assert len(trace.steps[0]["top_k_ids"]) == 7
    assert len(generate_with_traces(*parts, question, 2).steps[0]["top_k_ids"]) == 10
    assert generate_early_decode(*parts, question, 2, 4)[-1]["output"] == cut
    swapped = generate_with_ablation(*parts, question, 1, "swap", 1.0, QUESTIONS[1], 2, 4)
    named = {"swap_with": QUESTIONS[1], "max_new_tokens": 2, "num_latent": 4}
    assert swapped == generate_with_ablation(*parts, question, 1, "swap", **named)


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda parts: generate_with_ablation(*parts, "Hm?", 0, "erase"), "hide"),
        (lambda parts: generate_with_ablation(*parts, "Hm?", 6, "zero"), "0 to 5"),
        (lambda parts: generate_with_ablation(*parts, "Hm?", 0, "mean"), "mean="),
        (lambda parts: generate_with_ablation(*parts, "Hm?", 0, "swap"), "swap_with="),
        (lambda parts: generate_with_ablation(*parts, "Hm?", 0, "mean", mean=torch.zeros(32)), "6 x 32"),
        (lambda parts: generate_with_ablation(*parts, ["Hm?", "Hm"], 0, "swap", swap_with=["Hm?"]), "each of 2"),
        (lambda parts: generate_with_patch(*parts, "Hm?", {-1: torch.zeros(32)}), "0 to 5"),
        (lambda parts: generate_with_patch(*parts, "Hm?", {0: torch.zeros(2, 32)}), "each of 1"),
        (lambda parts: generate_with_patch(*parts, "Hm?", {}), "empty"),
        (lambda parts: generate_with_patch(*parts, "Hm?", {0: torch.zeros(7)}), "32 wide"),
        (lambda parts: generate_with_traces(*parts, " "), "empty"),
    ],
)
def test_bad_calls_are_sentences(codi, call, word):
    with pytest.raises(UserError, match=word):
        call(tuple(codi))


def test_same_seed_same_noise():
    batch, alone = Material([4, 7], seed=1), Material([7], seed=1)
    assert torch.equal(batch.directions(2, 8)[1], alone.directions(2, 8)[0])
    assert not torch.equal(batch.directions(2, 8), batch.directions(3, 8))
    assert not torch.equal(batch.directions(2, 8), Material([4, 7], seed=2).directions(2, 8))


def test_replaced_vectors_may_be_one_for_all_rows_or_one_each():
    z = torch.zeros(2, 1, 3)
    assert replace_at({1: torch.ones(3)}).embed(1, z, z).tolist() == [[[1, 1, 1]], [[1, 1, 1]]]
    assert replace_at({1: torch.arange(6.0).reshape(2, 3)}).embed(1, z, z).tolist() == [[[0, 1, 2]], [[3, 4, 5]]]
    assert replace_at({1: torch.ones(3)}).embed(0, z, z) is z


# --- Records ---


@pytest.fixture
def record(codi):
    return trace_batch(codi, PROBLEMS[:1], 4, Material([0]), TraceOptions(("zero",), max_new_tokens=TOKENS))[0][0]


def test_a_record_reads_back(record):
    again = Trace.from_json(record.to_json(), "here")
    assert again.to_json() == record.to_json() and again.num_latent == 4
    earlier = json.loads(record.to_json())
    for name in ("gold_chain", "correct", "encoding", "changed", "donor", "lens"):
        del earlier[name]
    assert Trace.from_json(json.dumps(earlier), "here").output == record.output, "earlier traces are read too"


def test_a_trace_without_a_direct_answer_reads_back(codi, tmp_path):
    """What collect_no_reasoning=False gives was written, and then refused as no trace."""
    trace = generate_with_traces(*codi, "Hm?", 2, 4, collect_no_reasoning=False)
    (tmp_path / "t.jsonl").write_text(trace.to_json() + "\n")
    (again,) = read_traces(tmp_path / "t.jsonl")
    assert again.no_reasoning_output is None and again.output == trace.output


@pytest.mark.parametrize(
    "spoil, word",
    [
        (lambda row: json.dumps(row)[:50], "cut short"),
        (lambda row: "[1]", "expected a trace"),
        (lambda row: json.dumps({k: v for k, v in row.items() if k != "output"}), "no output"),
        (lambda row: json.dumps(row | {"index": "7"}), "index is '7'"),
        (lambda row: json.dumps(row | {"ablations": {"zero_step0": 3}}), "ablations"),
        (lambda row: json.dumps(row | {"steps": [{"step": 0}]}), "steps.0."),
        (lambda row: json.dumps(row | {"steps": [row["steps"][0] | {"top_k_tokens": None}]}), "steps.0."),
        (lambda row: json.dumps(row | {"steps": [row["steps"][0] | {"step": False}]}), "steps.0."),
        (lambda row: json.dumps(row | {"encoding": {"norm": 1.0}}), "encoding"),
        (lambda row: json.dumps(row | {"gold_answer": float("nan")}), "NaN"),
        (lambda row: json.dumps(row | {"index": -3}), "index is -3"),
        (lambda row: json.dumps(row), "question 0 stands in the file twice"),
        (lambda row: json.dumps(row | {"early_decodes": row["early_decodes"][:2]}), "2 early_decodes"),
        (lambda row: json.dumps(row | {"steps": row["steps"][1:]}), "steps.0."),
        (lambda row: json.dumps(row | {"early_decodes": [{"after_step": 3}]}), "early_decodes"),
    ],
)
def test_a_malformed_line_names_file_and_line(record, tmp_path, spoil, word):
    path = tmp_path / "t.jsonl"
    path.write_text(record.to_json() + "\n" + spoil(json.loads(record.to_json())) + "\n")
    with pytest.raises(UserError, match=f"t.jsonl:2: .*{word}"):
        list(read_traces(path))


def test_traces_of_two_models_are_refused(record, tmp_path):
    path, row = tmp_path / "t.jsonl", json.loads(record.to_json())
    path.write_text(
        record.to_json() + "\n" + json.dumps(row | {"index": 1, "steps": row["steps"][:3], "early_decodes": []}) + "\n"
    )
    with pytest.raises(UserError, match="t.jsonl:2: 3 latent steps, but the first record has 4"):
        list(read_traces(path))


def test_missing_and_empty_trace_files_name_the_command(tmp_path):
    with pytest.raises(UserError, match="collect_traces.py"):
        list(read_traces(tmp_path / "none.jsonl"))
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(UserError, match="empty"):
        list(read_traces(tmp_path / "empty.jsonl"))
