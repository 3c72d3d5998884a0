"""Patched runs equal a plain slow version; floors change nothing; tables, picture and JSON say the same numbers."""

import json
import re
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from types import SimpleNamespace

import pytest
import torch
from matplotlib.axes import Axes

import oracle_effects
import patch_latents
import patches
import subspaces
from codi_model import prompt_ids, start_latent
from files import MARK
from interventions import STREAMS, Stream, after_block, read_stream
from oracle_effects import READERS, fitted, sensitivity
from oracle_model import load_oracle
from pairs import MinimalPair, minimal_pairs, rewritten
from patches import (
    DONORS,
    FLOORS,
    STEP_SETS,
    Items,
    Patch,
    Thoughts,
    carried_through,
    outcomes_of,
    patched_answers,
    rows_of,
    step_sets,
    thoughts_of,
)
from patchscopes import PATCHSCOPES, read_back
from problems import Problem, chain_results, word_problems
from runs import Edit, blocks_of, latent_steps
from scores import mcnemar_p
from scripting import UserError, run_script
from stories import SPLITS, chain_of, is_one_number_apart, split_of, stories, story_pairs, twins_of
from subspaces import SPACES, Making, bases_of

QUESTIONS = [problem.question for problem in word_problems("test", 6)]


def slow_states(codi, ids, num_latent, change, layer):
    """The plain way: one row, no cache, the whole sequence again for every step. h[-1], h[0], … (N + 1, D) where each
    step's z, or the residual stream after block `layer` at its position, is changed by `change(step, x)`."""
    embeds = codi.embed(torch.tensor([ids]))
    first, states = embeds.shape[1], []

    def hook(module, inputs, output):
        hidden = (output[0] if isinstance(output, tuple) else output).clone()
        for step in range(hidden.shape[1] - first):
            hidden[:, first + step] = change(step, hidden[:, first + step])
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    handle = blocks_of(codi)[layer - 1].register_forward_hook(hook) if layer else None
    for step in range(num_latent + 1):
        states.append(codi.body(inputs_embeds=embeds).last_hidden_state[:, -1:])
        z = codi.prj(states[-1])
        z = change(step, z[:, 0])[:, None] if step < num_latent and not layer else z
        embeds = torch.cat([embeds, z], 1)
    if handle:
        handle.remove()
    return torch.cat(states, 1)[0]


@pytest.mark.parametrize("stream", ["z", "resid_1"])
@pytest.mark.parametrize("rank", [None, 3])
@pytest.mark.parametrize("steps", [(2,), (1, 3), (0, 1, 2, 3)])
@torch.inference_mode()
def test_a_patch_equals_the_slow_way(codi, stream, rank, steps):
    vectors, generator = torch.randn(len(QUESTIONS), 4, 32), torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(4, 32, 3, generator=generator)).Q
    patch = Patch("minimal", steps, stream, "random" if rank else "full", rank)
    edits = [Edit(0), patch.edit(vectors, {(stream, "random", 3): basis})]
    edits.sort(key=lambda edit: edit.first)
    place = 1 + [edit.first for edit in edits].index(steps[0]) if steps[0] else 2
    stages = list(latent_steps(codi, start_latent(codi, QUESTIONS, 4), 4, edits))
    for row, question in enumerate(QUESTIONS):

        def change(step, x, row=row):
            if step not in steps:
                return x
            way = vectors[row, step] - x
            return x + (way if rank is None else way @ basis[step] @ basis[step].T)

        slow = slow_states(codi, prompt_ids(codi, question, "latent", 4), 4, change, 1 if stream != "z" else 0)
        plain = slow_states(codi, prompt_ids(codi, question, "latent", 4), 4, lambda step, x: x, 0)
        fast = torch.stack([stage.hidden[row, place] for stage in stages[steps[0] :]])
        assert torch.allclose(fast, slow[1 + steps[0] :], atol=2e-4)
        assert torch.allclose(torch.stack([stage.hidden[row, 0] for stage in stages]), plain[1:], atol=2e-4)
        assert not torch.allclose(slow[-1], plain[-1], atol=1e-2), "the patch does nothing"


def half_of_z() -> Stream:
    """A site of one's own: the first half of z."""

    def read(codi, stages, layer):
        return read_stream(codi, "z", stages).chunk(2, -1)[0]

    def change(first, of_half, layer):
        def embed(step, z, plain):
            half, rest = z.chunk(2, -1)
            return torch.cat([of_half(step, half, plain.chunk(2, -1)[0]), rest], -1)

        return Edit(first, embed)

    return Stream(read, change, "half of z")


def what_a_block_adds() -> Stream:
    """A site of one's own: what a block, not the first or the last, adds to the residual stream."""

    def change(first, of_added, layer):
        entered = []

        def keep(step, h, plain):
            entered[:] = [h, plain]
            return h

        def add(step, h, plain):
            return entered[0] + of_added(step, h - entered[0], plain - entered[1])

        return Edit(first, blocks={layer - 1: keep, layer: add})

    def read(codi, stages, layer):
        return after_block(stages, layer) - after_block(stages, layer - 1)

    return Stream(read, change, "what a block adds", of_layers=True)


@torch.inference_mode()
def test_a_site_of_ones_own_is_read_and_changed_as_the_slow_way(codi, monkeypatch):
    monkeypatch.setitem(STREAMS, "half", half_of_z())
    monkeypatch.setattr("patches.decoded_texts", states_as_texts)
    read = thoughts_of(codi, QUESTIONS).vectors
    assert torch.equal(read["half"], read["z"][..., :16]) and read["half"].abs().sum() > 0
    vectors = torch.randn(len(QUESTIONS), 4, 16)
    edit = Patch("minimal", (1, 3), "half").edit(vectors, {})
    *_, run = latent_steps(codi, start_latent(codi, QUESTIONS, 4), 4, [edit])
    for row, question in enumerate(QUESTIONS):

        def change(step, x, row=row):
            return torch.cat([vectors[row, step][None], x[:, 16:]], -1) if step in (1, 3) else x

        slow = slow_states(codi, prompt_ids(codi, question, "latent", 4), 4, change, 0)
        assert torch.allclose(run.hidden[row, 1], slow[-1], atol=2e-4)


@torch.inference_mode()
def test_a_changed_block_leaves_no_hook_and_other_runs_alone(codi):
    edit = Edit(1, blocks={1: lambda step, h, plain: torch.zeros_like(h)})
    start = start_latent(codi, QUESTIONS, 4)
    *_, both = latent_steps(codi, start, 4, [edit])
    *_, alone = latent_steps(codi, start_latent(codi, QUESTIONS, 4), 4)
    assert torch.allclose(both.hidden[:, :1], alone.hidden, atol=1e-5)
    assert not torch.allclose(both.hidden[:, 1:], alone.hidden, atol=1e-2)
    assert not any(block._forward_hooks for block in blocks_of(codi))


def random_items(codi, layers=(1,)) -> Items:
    """As if a random model had answered all of these right."""
    told = [MinimalPair(*(Problem("", q, c, a) for q, c, a in pair)) for pair in islice(story_pairs("test", 0), 6)]
    own, twin = (thoughts_of(codi, [getattr(p, of).question for p in told], layers) for of in ("own", "twin"))
    named = [f"{i}" for i in range(len(told))]
    others = [(i + 1) % len(told) for i in range(len(told))]
    twin = Thoughts(twin.vectors, [f"twin {name}" for name in named])
    return Items([pair.own for pair in told], own, told, twin, others, seed=0, asked=6)


def test_floors_change_nothing_and_the_others_do(codi, monkeypatch):
    monkeypatch.setattr("patches.decoded_texts", states_as_texts)
    items, every = random_items(codi), (0, 1, 2, 3)
    for stream in ("z", "resid_1"):
        patches = [Patch(donor, every, stream) for donor in (*FLOORS, "minimal", "unrelated", "random")]
        *floors, minimal, unrelated, random = patched_answers(codi, items, patches, {})
        assert all(floor == [items.own.answers[i] for i in range(6)] for floor in floors)
        assert all(other != floors[0] for other in (minimal, unrelated, random))
        # with another question's residual stream or z at every step, only the end of its own question is left
        assert minimal != unrelated != random


def states_as_texts(codi, run, most=None):
    """In place of answers: what each run's last state is, coarsely; a random model's answers seldom differ."""
    return [[str([round(x, 1) + 0.0 for x in of.tolist()[:6]]) for of in runs] for runs in run.hidden]


@torch.inference_mode()
def test_thoughts_are_what_each_step_takes_in_and_leaves(codi, monkeypatch):
    monkeypatch.setattr("patches.decoded_texts", states_as_texts)
    thoughts = thoughts_of(codi, QUESTIONS, (1,), early=True)
    for row, question in enumerate(QUESTIONS):
        ids = prompt_ids(codi, question, "latent", 4)
        states = slow_states(codi, ids, 4, lambda step, x: x, 0)
        assert torch.allclose(thoughts.vectors["z"][row], codi.prj(states[:-1]), atol=2e-4)
        embeds = torch.cat([codi.embed(torch.tensor([ids])), thoughts.vectors["z"][row : row + 1]], 1)
        residual = codi.body(inputs_embeds=embeds, output_hidden_states=True).hidden_states[1][0, -4:]
        assert torch.allclose(thoughts.vectors["resid_1"][row], residual, atol=2e-4)
    assert [early[-1] for early in thoughts.early] == thoughts.answers and len(thoughts.early[0]) == 5


@pytest.mark.parametrize("stream", ["z", "resid_1"])
@pytest.mark.parametrize("name", PATCHSCOPES)
@torch.inference_mode()
def test_a_patchscope_equals_the_slow_way(codi, monkeypatch, stream, name):
    vectors, kept = torch.randn(3, 32), []
    for what in ("decoded_texts", "decode_all"):
        monkeypatch.setattr(f"patchscopes.{what}", lambda codi, run, *_: kept.append(run.hidden) or [["1"]] * 3)
    monkeypatch.setattr(codi.tokenizer, "decode", lambda ids: "1")
    read_back(codi, PATCHSCOPES[name], vectors, stream)
    (fast,) = kept
    ids, place = PATCHSCOPES[name].place(codi)
    for row in range(3):
        embeds = codi.embed(torch.tensor([ids]))
        if stream == "z":
            embeds[0, place] = vectors[row]
            slow = codi.body(inputs_embeds=embeds).last_hidden_state[0, -1]
        else:

            def hook(module, inputs, output, row=row):
                hidden = (output[0] if isinstance(output, tuple) else output).clone()
                hidden[0, place] = vectors[row]
                return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

            handle = blocks_of(codi)[0].register_forward_hook(hook)
            slow = codi.body(inputs_embeds=embeds).last_hidden_state[0, -1]
            handle.remove()
        assert torch.allclose(fast[row, 0], slow, atol=2e-4)


# --- Minimal pairs


@pytest.mark.parametrize("split", SPLITS)
def test_twins_are_the_same_story_with_one_number_changed(split):
    told = list(islice(story_pairs(split, 0), 80))
    assert len({own[0] for own, _ in told}) == 80
    assert [len(chain_results(own[1])) for own, _ in told] == [1, 2, 3, 4] * 20
    for own, twin in told:
        assert is_one_number_apart(own[0], twin[0]) and own[2] != twin[2]
        assert all(str(story[2]) == chain_results(story[1])[-1] for story in (own, twin))


def test_twins_are_of_their_split_and_stories_stay_what_they_were():
    import random

    rng = random.Random(0)
    arithmetic = [("=", 16), ("-", 3), ("", 0), ("*", 2)]
    found = list(twins_of(rng, arithmetic))
    assert all(sum(a != b for a, b in zip(arithmetic, twin, strict=True)) == 1 for twin in found)
    assert ("/", 3) not in [twin[3] for twin in found] and all(1 <= chain_of(twin)[1] <= 99 for twin in found)
    assert {split_of(twin) for twin in found} <= set(SPLITS)
    first = next(stories("test", 0))
    next(story_pairs("test", 0))
    assert next(stories("test", 0)) == first


def problem(question, chain, answer):
    return Problem("0", question, chain, answer)


REWRITTEN = [
    ("Ben has 16 pens and sells 3. Each of the rest costs 5 dollars. How much?", "<<16-3=13>> <<13*5=65>>", 65.0),
    ("A box holds 1,200 pens, of which 35 are red. How many are not?", "<<1200-35=1165>>", 1165.0),
]
LEFT_ALONE = [
    ("a half is no 2 of the question", "Ben has 2 pens and loses half. How many?", "<<2/2=1>>", 1.0),
    ("told twice", "Ben has 8 pens, Ava has 8 pens. How many?", "<<8+8=16>>", 16.0),
    ("also in a fraction", "Ben has 4 pens and loses 1/4 of 60. How many?", "<<60/4=15>>", 15.0),
    ("also a result", "Ben has 13 pens, had 16 and lost 3. How many twice?", "<<16-3=13>> <<13*2=26>>", 26.0),
    ("a number from elsewhere", "Ben has 16 pens. How many are left?", "<<16-9=7>>", 7.0),
    ("a chain that is wrong", "Ben has 16 pens and sells 3. How many?", "<<16-3=14>>", 14.0),
    ("a chain that ends elsewhere", "Ben has 16 pens and sells 3. How many?", "<<16-3=13>>", 14.0),
    ("no chain", "Ben has 16 pens and sells 3. How many?", None, 13.0),
    ("a call", "Ben has 16 pens and sells 3. How many?", "<<pow(16,3)=4096>>", 4096.0),
    ("division by zero", "Ben has 16 pens and sells 3. How many?", "<<16/(3-3)=3>>", 3.0),
]


@pytest.mark.parametrize("question, chain, answer", REWRITTEN)
def test_a_rewritten_number_goes_through_the_chain(question, chain, answer):
    seen = set()
    for seed in range(20):
        pair = rewritten(problem(question, chain, answer), seed)
        words = list(zip(question.split(), pair.twin.question.split(), strict=True))
        (change,) = [(a, b) for a, b in words if a != b]
        seen.add(change[0])
        for step in re.findall(r"<<(.*?)=(.*?)>>", pair.twin.chain):
            assert Fraction(eval(step[0])) == Fraction(step[1])  # the test's own chains
        assert pair.twin.answer == float(chain_results(pair.twin.chain)[-1]) != answer
        assert pair.twin.chain.replace(change[1].strip(".,"), change[0].strip(".,")) != chain or pair.differs_from
    assert len(seen) > 1 or "box" in question


@pytest.mark.parametrize("why, question, chain, answer", LEFT_ALONE, ids=[row[0] for row in LEFT_ALONE])
def test_what_cannot_be_told_is_left_alone(why, question, chain, answer):
    assert all(rewritten(problem(question, chain, answer), seed) is None for seed in range(20))


def test_pairs_of_a_file_are_those_that_can_be_rewritten(tmp_path):
    path = tmp_path / "data.jsonl"
    rows = [{"question": q, "cot": c, "answer": a} for q, c, a in REWRITTEN] + [{"question": "Why?", "answer": 3}]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [pair.own.question for pair in minimal_pairs(str(path), "test", None, 0)] == [q for q, _, _ in REWRITTEN]
    path.write_text(json.dumps(rows[-1]))
    with pytest.raises(UserError, match="chain"):
        minimal_pairs(str(path), "test", None, 0)


# --- What came of patches


def made_items() -> Items:
    problems = [problem("Q?", "<<2+3=5>> <<5*4=20>>", 20.0), problem("R?", "<<6+1=7>> <<7-2=5>>", 5.0)]
    twins = [MinimalPair(problems[0], problem("q?", "<<3+3=6>> <<6*4=24>>", 24.0)),
             MinimalPair(problems[1], problem("r?", "<<6+1=7>> <<7-3=4>>", 4.0))]  # fmt: skip
    own, twin = Thoughts({}, ["20", "5"]), Thoughts({}, ["24", "4"])
    return Items(problems, own, twins, twin, [1, 0], seed=0, asked=2)


def test_rows_count_whose_answer_it_was_and_compare_with_the_unrelated_donor():
    items, patches = made_items(), [Patch("minimal", (1,)), Patch("unrelated", (1,)), Patch("nothing", (1,))]
    minimal, unrelated, nothing = rows_of(items, patches, [["24", "4"], ["28", "20"], ["20", "4"]])
    assert [minimal[of]["correct"] for of in ("donor's", "own", "other")] == [2, 0, 0] and minimal["n"] == 2
    assert [unrelated[of]["correct"] for of in ("donor's", "own", "other")] == [1, 0, 1]
    assert minimal["floor"] == unrelated["floor"] == 1  # one of two answers changed where nothing was
    assert minimal["against_unrelated"]["donor's"] == {"more": 1, "fewer": 0, "p_value": mcnemar_p(1, 0)}
    assert minimal["against_unrelated"]["changed"] == {"more": 0, "fewer": 0, "p_value": 1.0}
    assert minimal["by_first_difference"]["1"]["correct"] == minimal["by_first_difference"]["2"]["correct"] == 1
    # 20 with the other's 7 at result 1 is 7 * 4 = 28, more than any answer; 5 with 5 is 5 - 2 = 3, not 20
    assert (unrelated["carried"]["correct"], unrelated["carried"]["total"]) == (0, 1)
    (carried_on,) = rows_of(items, [Patch("unrelated", (1,))], [["28", "3"]])
    assert (carried_on["carried"]["correct"], carried_on["carried"]["total"]) == (1, 1)
    assert outcomes_of(items, patches[0], ["20.0", "no"]) == ["own", "other"] and nothing["carried"] is None


def test_the_floor_of_a_row_is_that_of_its_own_place():
    """One floor of all steps once stood beside every row of its stream."""
    places = [((1,), "z", "full", None), ((2,), "z", "full", None), ((1,), "resid_1", "full", None)]
    patches = [Patch(donor, *place) for place in places for donor in ("minimal", "itself", "no size")]
    same, one, two = ["20", "5"], ["20", "7"], ["24", "4"]
    answers = [same, one, same, same, same, same, same, one, two]
    floors = [row["floor"] for row in rows_of(made_items(), patches, answers)]
    assert floors == [1] * 3 + [0] * 3 + [2] * 3
    again = rows_of(made_items(), [*patches, Patch("nothing", (0, 1))], [*answers, one])
    assert [row["floor"] for row in again] == [1] * 6 + [2] * 3 + [1]  # the run again is the same everywhere
    assert rows_of(made_items(), patches[:1], [same])[0]["floor"] is None


@pytest.mark.parametrize("donors", [["minimal"], ["random"], ["minimal", "unrelated", "random"]])
def test_every_row_is_planned_with_its_floors_and_the_unrelated_donor(donors):
    args = patch_latents.parse_arguments(["--layers", "1", "--spaces-of", "z", "layers", "--donors", *donors])
    patches = patch_latents.planned(args, 6)
    assert len(patches) == len(set(patches)) and {patch.donor for patch in patches} >= set(donors)
    for patch in patches:
        assert {replace(patch, donor=donor) for donor in ("unrelated", "itself", "no size")} <= set(patches)
    assert [patch.steps for patch in patches if patch.donor == "nothing"] == [(0, 1, 2, 3, 4, 5)]


def test_a_donors_value_is_carried_through_the_own_later_events():
    own = "<<2+3=5>> <<5*4=20>> <<20-1=19>>"
    assert carried_through(own, "<<1+1=2>> <<2+9=11>>", 1) == 2 * 4 - 1
    assert carried_through(own, "<<1+1=2>> <<2+9=11>>", 2) == 10
    assert carried_through(own, "<<1+1=2>>", 3) == carried_through(own, "<<1+1=2>>", 5) == 2
    assert carried_through(own, "<<1+1=2>>", 0) is carried_through(None, "<<1+1=2>>", 1) is None
    assert carried_through("<<2+3=5>> <<9*4=36>>", "<<1+1=2>>", 1) is None  # not from the step before
    assert carried_through("<<2+3=5>> <<(5+1)*4=24>>", "<<1+1=2>>", 1) is None
    assert carried_through("<<2+3=5>> <<5-2=3>>", "<<1+1=2>>", 1) is None  # 0 is no story's number


def test_sets_of_steps_are_each_there_once():
    sets = step_sets(list(STEP_SETS), 6)
    assert len(sets) == len(set(sets)) == 6 + 2 + 4 + 4 + 1 and (0, 2, 4) in sets and (2, 3, 4, 5) in sets
    assert step_sets(list(STEP_SETS), 1) == [(0,)]


def test_only_what_the_model_answers_right_is_patched(tiny):
    asked = minimal_pairs("word-problems", "test", 40, 0)
    wrong = MinimalPair(asked[0].own, Problem("", asked[0].twin.question, None, -1.0))
    items = Items.of(tiny, [wrong, *asked[1:]], (), 0)
    assert asked[0].own not in items.problems and 30 < len(items.problems) < items.asked == 40
    assert all(items.own.answers[i] != items.own.answers[other] for i, other in enumerate(items.others))
    assert items.first(5).problems == items.problems[:5] and max(items.first(5).others) < 5
    with pytest.raises(UserError, match="needs two"):
        Items.of(tiny, [wrong], (), 0)


# --- Subspaces, words


def test_subspaces_are_orthonormal_and_pca_finds_what_differs(tiny, monkeypatch):
    monkeypatch.setattr(subspaces, "LEARNING_STEPS", 2)
    items = Items.of(tiny, minimal_pairs("word-problems", "train", 12, 0), (), 0)
    axis = torch.nn.functional.normalize(torch.randn(6, 128), dim=-1)
    vectors = torch.randn(40, 6, 1) * axis + 0.01 * torch.randn(40, 6, 128)
    bases = bases_of(list(SPACES), [1, 4], Making(tiny, vectors, items))
    for (_, space, rank), basis in bases.items():
        assert basis.shape == (6, 128, rank)
        assert torch.allclose(basis.mT @ basis, torch.eye(rank).expand(6, -1, -1), atol=1e-4), space
    assert torch.all((bases["z", "pca", 1][:, :, 0] * axis).sum(-1).abs() > 0.99)
    assert torch.all((bases["z", "random", 1][:, :, 0] * axis).sum(-1).abs() < 0.9)
    assert not torch.allclose(bases["z", "learned", 1], bases["z", "pca", 1])


@pytest.mark.parametrize("stream", ["z", "resid_2"])
def test_a_subspace_that_learns_makes_the_twins_answer_likelier(tiny, monkeypatch, stream):
    """What it learns from is what it is for: the loss falls."""
    losses, real = [], subspaces.answer_loss
    monkeypatch.setattr(subspaces, "LEARNING_STEPS", 12)
    monkeypatch.setattr(subspaces, "answer_loss", lambda *a: losses.append(real(*a)) or losses[-1])
    items = Items.of(tiny, minimal_pairs("word-problems", "train", 16, 0), (2,), 0)
    SPACES["learned"][0](Making(tiny, items.own.vectors[stream], items, stream, rank=8))
    assert losses[-1] < losses[0] - 0.1


def test_an_answer_that_goes_on_is_not_learned_to_end(tiny, monkeypatch):
    """A wordy answer that was cut off was learned with an EOS behind its eighth token."""
    items = Items.of(tiny, minimal_pairs("word-problems", "train", 4, 0), (), 0)
    whole = subspaces.answer_ids(tiny, items)
    assert all(ids[-1] == tiny.tokenizer.eos_token_id for ids in whole)
    monkeypatch.setattr(subspaces, "MOST_TOKENS", max(map(len, whole)) - 1)
    assert max(map(len, subspaces.answer_ids(tiny, items))) == subspaces.MOST_TOKENS


def test_the_map_from_words_is_a_ridge_and_knows_unseen_words():
    torch.manual_seed(0)
    features, weight = torch.randn(60, 5), torch.randn(5, 3)
    carry = fitted(features, features @ weight + 2)
    assert torch.allclose(carry(torch.eye(5)), weight + 2, atol=0.05)
    counts = READERS["bag"](None, ["41 after step 2.", "7 after step 2."])
    assert counts(["41 41 after", "9 birds"]).sum(1).tolist() == [3.0, 0.0]


def test_sensitivity_counts_what_changes_and_what_changes_rightly():
    owns = ["5", "6", "7"]
    replies = ["5 after step 0.", "6 after step 0.", "7 after step 0."]
    after = ["8 after step 0.", "9 after step 0.", "1 after step 0."]
    row = sensitivity(owns, replies, after, ["8", "3", "7"])
    counted = {name: (share["correct"], share["total"]) for name, share in row.items() if isinstance(share, dict)}
    assert counted == {
        "changed": (3, 3), "rightly": (1, 2), "still_own": (0, 2), "changed_though_alike": (1, 1)
    }  # fmt: skip
    nobody = sensitivity(owns, replies, [replies[0], *after[1:]], [None] * 3)
    assert nobody["changed"]["correct"] == 2 and nobody["rightly"] is None and nobody["still_own"]["correct"] == 1


def test_words_of_tiny_oracle_carry_the_thought_and_anothers_do_not(tiny):
    items = Items.of(tiny, minimal_pairs("word-problems", "test", 8, 0), (), 0)
    training = [p.question for p in word_problems("train", 24)]
    rows = oracle_effects.word_rows(tiny, load_oracle(), items, training)
    every = {row["vectors_of"]: row for row in rows if len(row["steps"]) == 6}
    own, another = every["its words, embeddings"], every["another's words, embeddings"]
    assert own["survives"]["correct"] > another["survives"]["correct"]
    tested = own["against_another"]
    assert tested["more"] - tested["fewer"] == own["survives"]["correct"] - another["survives"]["correct"]
    assert another["another's"]["total"] == own["n"] == len(items.problems)


# --- The script

SMALL = ["--model", "tiny", "--data", "word-problems", "--device", "cpu", "-n", "14"]
FEW = "--steps each all --layers 1 --spaces pca --spaces-of z layers --ranks 2 --train-n 20 --beside-n 6".split()


def test_table_picture_and_json_say_the_same(tmp_path, monkeypatch, capsys):
    drawn, real = [], Axes.errorbar

    def errorbar(self, x, y, **more):
        drawn.append((more["label"], list(x), list(y)))
        return real(self, x, y, **more)

    monkeypatch.setattr(Axes, "errorbar", errorbar)
    output, picture = tmp_path / "p.json", tmp_path / "p.png"
    oracle = ["--oracle-dir", str(oracle_effects.__file__).replace("oracle_effects.py", "checkpoints/tiny-oracle")]
    patch_latents.main([*SMALL, *FEW, *oracle, "--output", str(output), "--plot", str(picture)])
    results, shown = json.loads(output.read_text()), capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    for row in results["rows"]:
        texts = " ".join(patch_latents.cells(row, 6)).split()
        is_shown = row["donor"] not in FLOORS or (len(row["steps"]) == 6 and row["space"] == "full")
        assert (texts in lines) == is_shown, texts
        share = row["donor's"]
        assert f"{share['accuracy']:.1f}" in texts and row["n"] == share["total"] == results["items"]["kept"]
        assert row["n"] == sum(row[of]["correct"] for of in ("donor's", "own", "other")) == len(row["answers"])
        assert row["floor"] == 0
    for key, (_, columns) in patch_latents.BESIDE.items():
        for row in results[key]:
            assert " ".join(cell(row) for cell in columns.values()).split() in lines, (key, row)
    expected = {(curve["name"], tuple(row["donor's"]["accuracy"] for row in curve["rows"]))
                for axis in patch_latents.curves(results) for curve in axis["curves"]}  # fmt: skip
    assert {(name, tuple(heights)) for name, _, heights in drawn} == expected and len(drawn) >= 9
    of_json = {row["donor's"]["accuracy"] for row in results["rows"] if row["donor"] not in FLOORS}
    assert {height for _, _, heights in drawn for height in heights} == of_json
    assert MARK.encode() in picture.read_bytes()[:1024]
    assert {"arguments", "versions", "commit", "revision", "seed"} <= results["meta"].keys()
    assert len(results["items"]["questions"]) == results["items"]["kept"] <= results["items"]["asked"] == 14
    assert {row["donor"] for row in results["rows"]} == DONORS.keys()


def test_a_new_site_is_one_row(monkeypatch, tmp_path):
    monkeypatch.setitem(STREAMS, "half", half_of_z())
    monkeypatch.setitem(STREAMS, "adds", what_a_block_adds())
    output, picture = tmp_path / "p.json", tmp_path / "p.png"
    more = "--layers 2 --steps all --spaces random --spaces-of half layers --ranks 2 128 --train-n 200 --beside-n 4"
    patch_latents.main([*SMALL, *more.split(), "--output", str(output), "--plot", str(picture)])
    results = json.loads(output.read_text())
    by = {(row["donor"], row["stream"], row["rank"]): row for row in results["rows"]}
    assert {(stream, rank) for _, stream, rank in by} == {
        ("z", None), ("half", None), ("resid_2", None), ("adds_2", None), ("half", 2), ("resid_2", 2), ("adds_2", 2)
    }  # fmt: skip
    assert all(row["floor"] == 0 and row["against_unrelated"] for row in by.values() if row["donor"] == "minimal")
    assert by["random", "adds_2", None]["own"]["correct"] < by["itself", "adds_2", None]["own"]["correct"]
    axes = {axis["over"] for axis in patch_latents.curves(results)}
    assert {"steps, half of z", "rank, half of z", "rank, what a block adds"} <= axes and "rank, z" not in axes
    assert {row["stream"] for row in results["patchscopes"]} == {"z", "resid_2"}  # others have no place in a prompt


def test_a_new_donor_is_one_row(monkeypatch, tiny):
    from patches import Donor

    donor = Donor(lambda items: items.own.pick(items.others), "another question, half of the way", 0.5)
    monkeypatch.setitem(DONORS, "halfway", donor)
    items = Items.of(tiny, word_problems("test", 12), (), 0)
    patches = [Patch("halfway", (0, 1, 2, 3, 4, 5)), Patch("unrelated", (0, 1, 2, 3, 4, 5))]
    half, whole = patched_answers(tiny, items, patches, {})
    assert half != whole


REFUSED = [
    (["--layers", "3"], "--layers 3"),
    (["--layers", "0"], "positive whole number"),
    (["--donors", "nobody"], "minimal"),
    (["--steps", "some"], "each"),
    (["--spaces", "flat"], "pca"),
    (["--ranks", "0"], "positive whole number"),
    (["--split", "train"], "--train-data"),
    (["--split", "tset"], "test"),
    (["--oracle-dir", "nowhere"], "no oracle"),
    (["--output", "/"], "path"),
    (["--output", "p.png", "--plot", "p.png"], "two names"),
    (["-n", "1"], "-n"),
    (["--layers", "--spaces-of", "layers"], "--spaces-of z"),
    (["--train-data", "gsm9k"], "gsm9k"),
]


@pytest.mark.parametrize("more, word", REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_bad_input_is_one_sentence(monkeypatch, capsys, tmp_path, more, word):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["patch_latents.py", *SMALL[:-2], "-n", "12", "--steps", "all", *more])
    with pytest.raises(SystemExit) as exit:
        run_script(patch_latents.main)
    said = capsys.readouterr().err
    assert exit.value.code == 2 and word in said.rstrip("\n").split("\n")[-1], said
    assert "Traceback" not in said and not list(tmp_path.iterdir())


def test_a_file_without_chains_is_refused_and_another_donor_works(tmp_path, our_checkpoint, monkeypatch, capsys):
    """A random model answers nothing right, which is told in a sentence too."""
    path = tmp_path / "q.jsonl"
    path.write_text(
        "".join(json.dumps({"question": f"Ava has {n} pens. How many?", "answer": n}) + "\n" for n in (3, 4))
    )
    for donors, word in ((["minimal"], "chain"), (["unrelated"], "right")):
        with pytest.raises(UserError, match=word):
            patch_latents.main(
                [
                    "--model",
                    str(our_checkpoint),
                    "--device",
                    "cpu",
                    "--data",
                    str(path),
                    "--spaces",
                    "--donors",
                    *donors,
                ]
            )
    with pytest.raises(UserError, match="--train-data"):
        patch_latents.main(["--model", str(our_checkpoint), "--device", "cpu", "--data", str(path)])


@pytest.mark.parametrize("donor", ["minimal", "unrelated"])
def test_what_is_wrong_with_the_data_is_told_before_a_model_is_loaded(tmp_path, monkeypatch, donor):
    monkeypatch.setattr(patch_latents, "load_model", lambda *_, **__: pytest.fail("a model was loaded"))
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps({"question": f"Ava has {n} pens. How many?"}) + "\n" for n in (3, 4)))
    told = [
        (["--data", str(path)], "gold answer"),
        (["--data", "word-problems", "--split", "tset"], "tset"),
        (["--data", "word-problems", "--spaces", "learned", "--train-data", str(path)], "can be given another"),
    ]
    for more, word in told:
        with pytest.raises(UserError, match=word):
            patch_latents.main(["--spaces", "--donors", donor, *more])


def test_training_leaves_out_what_is_patched_and_ranks_what_it_cannot_fill():
    items, args = made_items(), SimpleNamespace(ranks=[1, 4, 64], spaces=["pca"])
    patched = [problem.question for problem in items.problems]
    assert patch_latents.unpatched([*patched, "another"], items) == ["another"]
    with pytest.raises(UserError, match="patched themselves"):
        patch_latents.unpatched(patched, items)
    assert patch_latents.usable_ranks(args, 128, 5) == [1, 4]
    with pytest.raises(UserError, match="--train-n"):
        patch_latents.usable_ranks(args, 128, 1)


def test_the_first_items_always_have_two_different_answers(monkeypatch):
    monkeypatch.setattr(patches, "other_than", lambda index, problems, answers, seed: len(set(answers)))
    own = Thoughts({}, ["5", "5", "6", "7"])
    items = Items([problem(str(i), None, 5) for i in range(4)], own, None, None, [2, 2, 0, 0], 0, 4)
    first = items.first(1)
    assert (first.own.answers, first.others) == (["5", "5", "6"], [2, 2, 2])


def test_whose_answer_it_is_is_told_by_the_problems_judge():
    """By numbers and words alone, true would not be yes."""
    problems = [Problem(str(i), "Is it?", None, gold, "yes-no") for i, gold in enumerate(("yes", "no"))]
    own = Thoughts({}, ["The answer is: yes", "The answer is: no"])
    items = Items(problems, own, None, None, [1, 0], 0, 2)
    assert outcomes_of(items, Patch("unrelated", (0,)), ["True", "yes"]) == ["own", "donor's"]
    assert outcomes_of(items, Patch("unrelated", (0,)), ["False", "perhaps"]) == ["donor's", "other"]


def test_answers_that_are_no_numbers_are_judged_as_their_kind(tiny, monkeypatch):
    said = Thoughts({}, ["The answer is: yes", "The answer is: no", "The answer is: 3"])
    monkeypatch.setattr(patches, "thoughts_of", lambda *args: said)
    asked = [Problem(str(i), f"{i}?", None, gold, "yes-no") for i, gold in enumerate(["yes", "no", "yes"])]
    assert [p.question for p in Items.of(tiny, asked, (), 0).problems] == ["0?", "1?"]


def test_answers_that_are_worded_otherwise_are_not_two(tiny, monkeypatch):
    monkeypatch.setattr(patches, "thoughts_of", lambda *args: Thoughts({}, ["The answer is: 5", "It is 5"]))
    with pytest.raises(UserError, match="different answers"):
        Items.of(tiny, [Problem(str(i), f"{i}?", None, 5.0) for i in range(2)], (), 0)


def test_items_without_twins_are_described():
    items = replace(made_items(), twins=None, twin=None)
    rows = patch_latents.described(items)["questions"]
    assert [row["answer"] for row in rows] == ["20", "5"] and "twin" not in rows[0]
