"""Queries made from sentences: as many as promised, each of one task, about the step they were asked for."""

import re
from functools import cache
from random import Random

import pytest

from queries import steps_named
from sentences import REMOVALS, RULES
from wordings import (
    DONOR,
    NUM_LATENT,
    STYLES,
    UNANSWERABLE,
    expanded,
    missing_step,
    shapes,
    slot_rules,
    step_words,
    table,
    with_a_slip,
    wording,
)

TASKS = tuple(table())
TOLD = tuple(kind for kind in REMOVALS if kind != "swap")  # a swap is asked about only where it is not told
ENOUGH = 500
SAMPLES = 2_000
WITH_A_KIND = ("critical", "redundant", "step_effect", "effect_yes_no", "cut_yes_no", "effect_and_value")
KIND_WORDS = {
    "zero": "zero|null|to 0", "skip": "skip|jump|bypass|discard|throw", "noise": "nois|blur", "mean": "mean|averag",
    "hide": "hid|mask|invis", "swap": "swap|foreign|another question|interchange",
}  # fmt: skip


def some_slots(rng):
    """A step and another, a kind or none, a donor's token; a task takes what it needs."""
    step, other = rng.sample(range(NUM_LATENT), 2)
    return {"step": step, "other": other, "kind": rng.choice(TOLD), "donor": rng.choice(("He", "{x|", "(a"))}


@cache
def queries(task, held_out=False, count=SAMPLES):
    rng = Random(f"{task} {held_out}")
    return [(slots := some_slots(rng), wording(task, slots, rng, held_out))[1] for _ in range(count)]


def names(text):
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_asked_in_hundreds_of_ways(task):
    assert len(set(queries(task))) >= ENOUGH, task


def test_thousands_of_queries_where_steps_and_kinds_multiply():
    for task in ("step_effect", "early_decode", "effect_yes_no", "cut_yes_no", "surer"):
        assert len(set(queries(task))) > 0.85 * SAMPLES, task


def test_no_query_belongs_to_two_tasks():
    """A user's sentence that two tasks could have made has no right answer."""
    owner = {}
    for task in TASKS:
        for query in queries(task) + queries(task, True, SAMPLES // 4):
            plain = query.lower().rstrip("?. ")
            assert owner.setdefault(plain, task) == task, (query, task, owner[plain])


def test_no_query_is_both_trained_and_held_out():
    for task in TASKS:
        assert not set(shapes(task)) & set(shapes(task, True)), task
        plain = [{query.lower().rstrip("?. ") for query in queries(task, held_out)} for held_out in (False, True)]
        assert not plain[0] & plain[1], task


def test_about_a_fifth_of_the_shapes_are_held_out():
    for task in TASKS:
        trained, held_out = len(shapes(task)), len(shapes(task, True))
        assert 0.15 <= held_out / (trained + held_out) <= 0.3, (task, trained, held_out)


@pytest.mark.parametrize("task", [task for task in TASKS if task != UNANSWERABLE])
def test_a_sentence_names_the_steps_it_is_about(task):
    """Before any style: what slips of typing leave of it is in test_queries.py."""
    rng = Random(task)
    for shape in shapes(task) + shapes(task, True):
        for _ in range(20):
            slots = some_slots(rng)
            sentence = expanded(shape, RULES | slot_rules(slots, NUM_LATENT, rng), rng).replace(
                DONOR, rng.choice(("He", "3"))
            )
            steps = {"step": {slots["step"]}, "other": {slots["other"]}}
            steps |= dict.fromkeys(("after", "remove", "removing", "without_step"), steps["step"])
            expected = set().union(*(steps[name] for name in names(shape) & steps.keys()))
            assert steps_named(sentence, NUM_LATENT) == sorted(expected), (shape, sentence)


def test_before_the_first_step_is_said():
    rng = Random(0)
    for _ in range(200):
        assert re.search(r"\bb[efor]{3,6} ", wording("early_decode", {"step": -1}, rng).lower())


@pytest.mark.parametrize("held_out", [False, True])
def test_every_kind_of_ablation_has_words_of_its_own(held_out):
    """A query that names a kind cannot be read as one that names another, or none; nor can one that is not told."""
    owner = {}
    for kind in REMOVALS:
        rng = Random(0)
        for _ in range(1_000):
            query = wording("step_effect", {"step": 2, "kind": kind}, rng, held_out)
            assert owner.setdefault(query, kind) == kind, (query, kind)


def test_a_query_without_a_kind_names_none():
    kinds, rng = re.compile("|".join(KIND_WORDS.values()) + "|to 0", re.I), Random(0)
    for task in WITH_A_KIND:
        for _ in range(300):
            query = wording(task, {"step": rng.randrange(2, NUM_LATENT)}, rng)
            assert not kinds.search(query), query


@pytest.mark.parametrize("kind", [kind for kind in TOLD if kind])
def test_a_query_with_a_kind_names_it(kind):
    """Where it did not, its answer would be that of a kind which nobody could have known."""
    rng = Random(kind)
    rules = RULES | slot_rules({"step": 3, "kind": kind}, NUM_LATENT, rng)
    for task in WITH_A_KIND:
        for shape in shapes(task) + shapes(task, True):
            for _ in range(20):
                assert re.search(KIND_WORDS[kind], expanded(shape, rules, rng), re.I), shape


def test_the_same_seed_gives_the_same_query():
    for task in TASKS:
        once, again = (wording(task, some_slots(Random(1)), Random(5)) for _ in range(2))
        assert once == again


def test_a_donors_token_is_quoted_as_it_is():
    """Neither a style nor the notation of the sentences touches a token such as "(A|B}"."""
    rng = Random(0)
    for token in ("(A|B}", "{step}", "Hello The", "17"):
        for _ in range(100):
            query = wording("patched", {"step": 1, "donor": token}, rng)
            assert token in query and DONOR not in query


def test_a_slip_leaves_numbers_alone():
    text, rng = "Is the final answer there once the third step is done, after step 12 or step seven?", Random(0)
    for _ in range(500):
        slipped = with_a_slip(text, rng)
        assert all(word in slipped for word in ("third", "12", "seven", "final", "once"))


def test_a_slip_never_makes_a_number():
    """Swapping two letters of "there" gives "three"."""
    assert all("three" not in with_a_slip("there", Random(seed)) for seed in range(100))


def test_steps_that_do_not_exist_lie_beyond_the_last():
    rng = Random(0)
    assert all(n <= missing_step(n, rng) < 130 for n in (1, 6, 12, 40) for _ in range(300))


def test_the_last_step_is_that_of_the_run_asked_about():
    assert "last" in step_words(3, 4) and "last" not in step_words(3, 6)
    assert wording("early_decode", {"step": 40, "num_latent": 41}, Random(0))


def test_every_style_comes_by():
    assert all(0 < chance < 0.5 for _, chance in STYLES)
    texts = queries("early_decode")
    assert any(text == text.lower() for text in texts) and any(text.endswith("?") for text in texts)
    assert any(not re.search(r"\W$", text) for text in texts) and any("'" in text for text in texts)


def test_an_unknown_task_is_refused():
    with pytest.raises(KeyError, match="known are critical"):
        wording("weather", {}, Random(0))
