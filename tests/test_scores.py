"""Intervals and tests against values worked out elsewhere."""

from itertools import combinations

import numpy as np
import pytest

from scores import (
    auroc,
    brier,
    calibration,
    doublings,
    majority,
    mcnemar_p,
    mean_row,
    pass_at,
    score_text,
    share_row,
    wilson_interval,
)


def test_wilson_interval_against_published_values():
    """Newcombe 1998 (Statistics in Medicine 17), table I: 81/263, 15/148, 0/20, 1/29."""
    table = ((81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0, 16.11), (1, 29, 0.61, 17.18))
    for correct, total, low, high in table:
        assert wilson_interval(correct, total) == pytest.approx((low, high), abs=0.006)
    assert wilson_interval(20, 20)[1] == 100 and wilson_interval(0, 12)[0] == 0


def test_no_examples_is_an_error():
    for correct, total in ((0, 0), (3, 2), (-1, 4)):
        with pytest.raises(ValueError):
            wilson_interval(correct, total)


def test_mcnemar_is_the_exact_binomial():
    assert mcnemar_p(0, 0) == 1 and mcnemar_p(3, 3) == 1
    assert mcnemar_p(8, 2) == mcnemar_p(2, 8) == pytest.approx(112 / 1024)  # 2 * (1 + 10 + 45) / 2**10
    assert mcnemar_p(1000, 10) < 1e-200


def test_score_text():
    assert score_text(484, 1319) == "484/1319 = 36.7% [34.1, 39.3]"


@pytest.mark.parametrize("seed", range(5))
def test_auroc_and_brier_are_what_counting_pairs_and_items_gives(seed):
    """Probabilities of one digit, so that many tie."""
    rng = np.random.default_rng(seed)
    probabilities, right = rng.integers(0, 11, 60) / 10, rng.integers(0, 2, 60).astype(float)
    pairs = [(a, b) for a, r in zip(probabilities, right, strict=True) if r
             for b, w in zip(probabilities, right, strict=True) if not w]  # fmt: skip
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
    assert auroc(probabilities, right) == pytest.approx(won / len(pairs))
    squares = [(p - r) ** 2 for p, r in zip(probabilities, right, strict=True)]
    assert brier(probabilities, right) == pytest.approx(sum(squares) / len(squares))
    row = calibration(probabilities, right)
    assert (row["auroc"], row["brier"]) == (auroc(probabilities, right), brier(probabilities, right))


def test_auroc_is_one_where_all_that_is_right_is_surer_and_none_where_there_is_no_pair():
    sure = np.array([0.9, 0.8, 0.3])
    assert auroc(sure, np.array([1.0, 1.0, 0.0])) == 1 and auroc(sure, np.array([0.0, 0.0, 1.0])) == 0
    assert auroc(sure, np.ones(3)) is None and auroc(sure, np.zeros(3)) is None


def test_a_share_has_its_wilson_interval_and_nothing_has_no_share():
    row = share_row([True, False, False, False])
    assert (row["correct"], row["total"], row["accuracy"]) == (1, 4, 25)
    assert row["interval"] == wilson_interval(1, 4) and share_row([]) is None


@pytest.mark.parametrize("correct", range(7))
def test_pass_at_k_is_the_share_of_all_choices_of_k_that_hold_a_right_one(correct):
    right = [True] * correct + [False] * (6 - correct)
    for k in range(1, 7):
        choices = list(combinations(right, k))
        assert pass_at(k, correct, 6) == pytest.approx(sum(map(any, choices)) / len(choices))


def test_the_majority_is_of_what_was_read_and_the_first_of_several():
    assert majority([1, 2, 2]) == 1 and majority([3, 2, 2, 3]) == 0 and majority(["yes", "no", "no", 7]) == 1
    assert majority([None, None, None, 5]) == 3 and majority([None, None]) == 0
    assert majority([2.0, 3, 2]) == 0


def test_counts_of_samples_double_and_end_in_all():
    assert doublings(1) == [1] and doublings(8) == [1, 2, 4, 8] and doublings(12) == [1, 2, 4, 8, 12]


def test_a_mean_has_its_interval_over_questions_and_is_not_sure_of_what_was_always_right():
    """A bootstrap of ten questions that were all answered right said [100, 100]."""
    per_question = np.array([0.0, 0.25, 1.0, 1.0] * 25)
    row, half = mean_row(per_question, 0), 1.96 * per_question.std() / 10
    assert row["accuracy"] == 56.25
    assert row["interval"] == pytest.approx((56.25 - 100 * half, 56.25 + 100 * half), abs=1)
    assert mean_row(np.ones(10), 0)["interval"] == pytest.approx(wilson_interval(10, 10))
    assert mean_row(np.zeros(10), 0)["interval"] == pytest.approx(wilson_interval(0, 10))
