"""
A linear probe on latent vectors: ridge regression to one-hot classes, its strength chosen by cross-validation.

    probe = RidgeProbe(train_vectors)          # (n, D)
    probe.fit_predict(labels, rows, test)      # labels of some of the rows; the classes of test (m, D)

Solved in its dual form, as a billion-parameter model's vectors have more features than there are questions;
decompositions are kept, as many tasks share the same questions.
"""

import torch
from torch import Tensor

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # in units of the kernel's mean eigenvalue
FOLDS = 5
MOST_KNOWN = 3 * (FOLDS + 1)  # decompositions kept; one of 2000 questions is 32 MB


class RidgeProbe:
    """Probes on one set of training vectors (n, D), standardised by their own mean and spread."""

    def __init__(self, train: Tensor, seed: int = 0):
        train = train.double()
        self.mean, self.spread = train.mean(0), train.std(0).clamp(min=1e-6)
        self.train = self.scaled(train)
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
        self.fold = torch.empty(len(train), dtype=torch.long)
        self.fold[order] = torch.arange(len(train)) % FOLDS
        self.known = {}  # rows: their decomposition

    def scaled(self, vectors: Tensor) -> Tensor:
        return (vectors.double() - self.mean) / self.spread

    def fit_predict(self, labels: list[str], rows: Tensor, test: Tensor) -> list[str]:
        """The class of each of `test` (m, D), learned from the `labels` of training `rows`."""
        classes = sorted(set(labels))
        number = {label: i for i, label in enumerate(classes)}
        targets = torch.eye(len(classes), dtype=torch.double)[[number[label] for label in labels]]
        strength = self.best_strength(rows, targets)
        scores = self.scores(rows, targets, self.scaled(test), strength)
        return [classes[i] for i in scores.argmax(1).tolist()]

    def best_strength(self, rows: Tensor, targets: Tensor) -> float:
        """The strength whose held-out folds are right most often."""
        right = dict.fromkeys(STRENGTHS, 0)
        for fold in range(FOLDS):
            held = self.fold[rows] == fold
            if not held.any() or held.all():
                continue
            for strength in STRENGTHS:
                scores = self.scores(rows[~held], targets[~held], self.train[rows[held]], strength)
                right[strength] += int((scores.argmax(1) == targets[held].argmax(1)).sum())
        return max(STRENGTHS, key=right.get)

    def scores(self, rows: Tensor, targets: Tensor, test: Tensor, strength: float) -> Tensor:
        """Test scores (m, classes) of the ridge solution, whose intercept is not penalised."""
        values, basis = self.decomposed(rows)
        centre, base = self.train[rows].mean(0), targets.mean(0)
        weights = basis @ ((basis.T @ (targets - base)) / (values + strength * values.mean())[:, None])
        return base + (test - centre) @ ((self.train[rows] - centre).T @ weights)

    def decomposed(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        key = rows.numpy().tobytes()
        if key not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            some = self.train[rows] - self.train[rows].mean(0)
            self.known[key] = torch.linalg.eigh(some @ some.T)
        return self.known[key]
