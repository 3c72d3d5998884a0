"""
Scores that say how sure they are: counts, intervals, paired tests. Pure functions on counts.
"""

from math import comb, sqrt

Z95 = 1.959963984540054  # standard normal quantile of a two-sided 95% interval


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """95% interval of a proportion, in percent (Wilson 1927). Raises ValueError for no examples."""
    if not 0 <= correct <= total or total == 0:
        raise ValueError(f"no proportion of {correct} in {total}")
    share, z2 = correct / total, Z95**2
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    # exact at the ends, where rounding would leave the proportion outside its own interval
    low = 0.0 if correct == 0 else 100 * (centre - half)
    return low, 100.0 if correct == total else 100 * (centre + half)


def mcnemar_p(helped: int, hurt: int) -> float:
    """Exact two-sided p of McNemar's paired test: as many pairs changed for the better as for the worse."""
    changed = helped + hurt
    tail = sum(comb(changed, k) for k in range(min(helped, hurt) + 1))
    return min(1.0, 2 * tail / 2**changed)


def score_text(correct: int, total: int) -> str:
    """484/1319 = 36.7% [34.1, 39.3]"""
    low, high = wilson_interval(correct, total)
    return f"{correct}/{total} = {100 * correct / total:.1f}% [{low:.1f}, {high:.1f}]"
