"""
Scores that say how sure they are: counts, intervals, paired tests. Pure functions.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from math import comb, sqrt

import numpy as np

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


def interval_text(value: float, interval: tuple[float, float], sign: str = "") -> str:
    """36.7 [34.1, 39.3]"""
    low, high = interval
    return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"


@dataclass(frozen=True)
class Scored:
    """Scores of items about questions, several of which may be about one question."""

    scores: np.ndarray  # (items,), each in `lowest`..1
    questions: np.ndarray  # (items,), the question each is about
    labels: list | None = None  # each item's class
    lowest: float = 0.0  # -1 for differences of two scores

    def mean(self) -> float:
        return float(self.scores.mean())

    def over(self, other: "Scored") -> "Scored":
        """How much each item's score is above the other's."""
        return replace(self, scores=self.scores - other.scores, lowest=-1.0)

    def balanced(self) -> float:
        """The mean over the classes of each class's mean."""
        labels = np.array([repr(label) for label in self.labels])
        return float(np.mean([self.scores[labels == label].mean() for label in np.unique(labels)]))

    def by_question(self) -> tuple[np.ndarray, np.ndarray]:
        """(sum, count) per question."""
        _, place = np.unique(self.questions, return_inverse=True)
        return np.bincount(place, self.scores), np.bincount(place)


def bootstrap_interval(scored: Scored, seed: int, rounds: int = 2000) -> tuple[float, float]:
    """95% interval of the mean, in percent, by drawing questions (not items) with replacement. Where all came to the
    same, drawing tells nothing: then as far as Wilson's bound on the share of questions that might not."""
    sums, counts = scored.by_question()
    same, first = sums / counts, float(sums[0] / counts[0])
    if np.allclose(same, first, rtol=0, atol=1e-12):
        _, others = wilson_interval(0, len(sums))
        return 100 * first - others * (first - scored.lowest), 100 * first + others * (1 - first)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(rounds, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.percentile(100 * means, [2.5, 97.5])
    return float(low), float(high)


def sign_flip_p(difference: Scored, seed: int, rounds: int = 10_000) -> float:
    """Two-sided p of a paired test over questions: how often a mean difference as large comes of random signs."""
    sums, _ = difference.by_question()
    rng, reached = np.random.default_rng(seed), 0
    for _ in range(10):
        signs = rng.choice([-1.0, 1.0], size=(rounds // 10, len(sums)))
        reached += int((np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9).sum())
    return (1 + reached) / (1 + rounds)


def score_row(score: Scored, seed: int) -> dict:
    """A score as tables and JSON have it, with its interval over questions."""
    total = float(score.scores.sum())
    return {
        "correct": int(total) if total.is_integer() else total,
        "total": len(score.scores),
        "accuracy": 100 * score.mean(),
        "interval": bootstrap_interval(score, seed),
    }


def share_row(flags: list[bool]) -> dict | None:
    """A proportion as score_row() has it, with its Wilson interval; None where there is nothing to count."""
    if not flags:
        return None
    correct, total = sum(flags), len(flags)
    interval = wilson_interval(correct, total)
    return {"correct": correct, "total": total, "accuracy": 100 * correct / total, "interval": interval}


def mean_row(per_question: np.ndarray, seed: int) -> dict:
    """The mean of scores (questions,) in 0..1, in percent, with its interval over questions."""
    scored = Scored(per_question, np.arange(len(per_question)))
    return {"accuracy": 100 * scored.mean(), "interval": bootstrap_interval(scored, seed)}


def pass_at(k: int, correct: int, samples: int) -> float:
    """Unbiased estimate of the chance that one of k samples is right, from `samples` of which `correct` are (Chen et
    al. 2021, arXiv 2107.03374)."""
    return 1 - comb(samples - correct, k) / comb(samples, k)


def majority(votes: Sequence[Hashable]) -> int:
    """The place of the answer that most vote for; of several, the one that came first, which among samples is as good
    as a draw. None is no vote, unless there is no other."""
    counts = Counter(vote for vote in votes if vote is not None)
    return votes.index(counts.most_common(1)[0][0]) if counts else 0


def doublings(samples: int) -> list[int]:
    """1, 2, 4, … up to `samples`, which is always one of them."""
    return sorted({2**power for power in range(samples.bit_length())} | {samples})


def brier(probabilities: np.ndarray, scores: np.ndarray) -> float:
    """The mean squared distance of a probability from what came, 0 or 1 (Brier 1950)."""
    return float(((probabilities - scores) ** 2).mean())


def auroc(probabilities: np.ndarray, scores: np.ndarray) -> float | None:
    """How often what is right was given a larger probability than what is wrong, ties half; None where all is right, or
    nothing is. `scores` are 0 or 1."""
    values, place = np.unique(probabilities, return_inverse=True)
    right, all_ = np.bincount(place, scores, len(values)), np.bincount(place, minlength=len(values))
    wrong = all_ - right
    below = wrong.cumsum() - wrong / 2
    pairs = right.sum() * wrong.sum()
    return float((right * below).sum() / pairs) if pairs else None


def calibration(probabilities: np.ndarray, scores: np.ndarray, bins: int = 10) -> dict:
    """Mean probability of replies against how often they are right, in `bins`; the expected calibration error, in
    percent points; the accuracy of the surer half, in percent; Brier score and AUROC. `scores` are 0 or 1."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    rows = [
        {
            "mean_probability": float(probabilities[place == b].mean()),
            "accuracy": 100 * float(scores[place == b].mean()),
            "count": int((place == b).sum()),
        }
        for b in np.unique(place)
    ]
    error = sum(row["count"] * abs(100 * row["mean_probability"] - row["accuracy"]) for row in rows) / len(scores)
    surer = np.argsort(-probabilities, kind="stable")[: (len(scores) + 1) // 2]
    return {
        "expected_error": error,
        "brier": brier(probabilities, scores),
        "auroc": auroc(probabilities, scores),
        "accuracy_of_surer_half": 100 * float(scores[surer].mean()),
        "bins": rows,
    }
