"""Intervals and tests against values worked out elsewhere."""

import pytest

from scores import mcnemar_p, score_text, wilson_interval


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
