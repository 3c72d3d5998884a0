"""
Questions that are nearly the same, by the word triples that they share.

    from duplicates import duplicate_groups, first_duplicate_of, near_duplicates
"""

import re
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SAME_FROM = 0.8  # Jaccard similarity of two questions' word triples
SHARED = 4  # triples that two different sets as similar as that share at least: 4 of 5
BINS = 32  # the triples of a set are counted in so many bins; most sets differ by their counts already
NEAR = 15  # sets with a common triple to compare before the others must have one more in common
AT_ONCE = 50_000  # pairs compared in one go, to bound memory
MOST = 4_000_000  # choices of triples that are gone through, for the same reason; sets with more are compared
Pairs = tuple[np.ndarray, np.ndarray]  # as many of the first ones as of the second ones


class Alike:
    """Texts as sets of word triples, and the pairs of sets that are similar. Texts with the same set are one entry.

    Exact, by prefix filtering: of two sets as similar as SAME_FROM, the rarest triple that they share is among the few
    rarest of both, the second of these among the next few, and so on. So sets are compared that share such a triple.
    Where it is common, as in stories told from one template, only sets that share two such, then three, then SHARED.
    """

    def __init__(self, texts: list[str]):
        ids, places = {}, {}
        for i, text in enumerate(texts):
            row = sorted(ids.setdefault(triple, len(ids)) for triple in sorted(triples(text)))
            places.setdefault(array("i", row).tobytes(), []).append(i)
        self.members = list(places.values())  # of each entry, the places of its texts
        flat = np.frombuffer(b"".join(places), np.intc)
        self.size = np.array([len(row) // flat.itemsize for row in places], np.int64)
        self.start = self.size.cumsum() - self.size  # of each entry in self.flat
        self.different = max(1, len(ids))  # triples
        rank = np.bincount(flat, minlength=len(ids)).argsort(kind="stable").argsort()
        entry = np.repeat(np.arange(len(self.size)), self.size)
        self.flat = np.sort(entry * self.different + rank[flat]) % self.different  # entry by entry, the rarest first
        # two sets differ by as many triples, at least, as the counts of these do
        bins = np.bincount(entry * BINS + self.flat % BINS, minlength=len(self.size) * BINS)
        self.bins = bins.reshape(-1, BINS).astype(np.int32)  # (entry, bin)

    def sides(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The entries of the first `n` texts, and those of the rest; one may be of both."""
        ends = [(places[0] < n, places[-1] >= n) for places in self.members]
        return tuple(np.flatnonzero(side) for side in np.array(ends, bool).reshape(-1, 2).T)

    def pairs(self, asked: np.ndarray, known: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """All (one of `asked`, one of `known`) that are similar and differ in label, as arrays, some more than once.

        The labels may be changed on the way: pairs that then have the same are passed over, by the thousand.
        """
        yield from self.ordered_pairs(asked, known, label)
        if known is not asked:
            yield from ((b, a) for a, b in self.ordered_pairs(known, asked, label))

    def ordered_pairs(self, small: np.ndarray, large: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """pairs() of which the second set is as large as the first, or larger.

        Each round asks for one more triple in common, of what the last left: those with too many under their key.
        """
        small, large = Sharing.nothing(small), Sharing.nothing(large)
        for shared in range(1, SHARED + 1):
            small = self.sharing_one_more(small, *self.next_places(small, shared, 2 * SAME_FROM / (1 + SAME_FROM)))
            large = self.sharing_one_more(large, *self.next_places(large, shared, SAME_FROM))
            low, high = self.ranges(small, large)
            left, reach = np.flatnonzero(low < high), 0
            while len(left) and (reach < NEAR or shared == SHARED or self.choices(small.at(left), shared + 1) > MOST):
                width = min(reach + 1, max(1, AT_ONCE // len(left)))
                of, at = spans(low[left], np.minimum(low[left] + width, high[left]))
                yield from self.compared(small.entry[left[of]], large.entry[at], label)
                low[left] += width
                reach += width
                left = left[low[left] < high[left]]
                left = left[~all_equal(label[small.entry[left]], label[large.entry], low[left], high[left])]
            # of `large`, what is in the rest of some range goes on
            begins, ends = (np.bincount(at[left], minlength=len(large.entry) + 1) for at in (low, high))
            small, large = small.at(left), large.at(np.flatnonzero((begins - ends).cumsum()[:-1]))

    def next_places(self, sharing: "Sharing", shared: int, part: float) -> Pairs:
        """From where to where in each entry the next triple in common can stand, the `shared`-th. A similar set has at
        least this `part` of the entry's triples, and those not yet shared must come behind."""
        size = self.size[sharing.entry]
        least = np.ceil(part * size - 1e-6).astype(np.int64)
        return sharing.place + 1, np.minimum(size, size - least + shared)

    def choices(self, sharing: "Sharing", shared: int) -> int:
        """How many entries sharing_one_more() has at most, in the larger sets."""
        low, high = self.next_places(sharing, shared, SAME_FROM)
        return np.maximum(high - low, 0).sum()

    def sharing_one_more(self, sharing: "Sharing", low: np.ndarray, high: np.ndarray) -> "Sharing":
        of, place = spans(low, high)
        triple = self.flat[self.start[sharing.entry[of]] + place]
        return Sharing(sharing.entry[of], place, sharing.key[of] * self.different + triple)

    def ranges(self, small: "Sharing", large: "Sharing") -> tuple[np.ndarray, np.ndarray]:
        """From where to where in `large`, which is sorted for it, stand those with the key of each of `small`, its size
        or a larger one, and not too large to be similar."""
        number = np.unique(np.concatenate([small.key, large.key]), return_inverse=True)[1]
        small.key, large.key = number[: len(small.key)], number[len(small.key) :]
        scale = 2 * self.size.max(initial=0) + 2  # above any size asked for
        large.sort(by=large.key * scale + self.size[large.entry])
        stands, size = large.key * scale + self.size[large.entry], self.size[small.entry]
        low = np.searchsorted(stands, small.key * scale + size)
        return low, np.searchsorted(stands, small.key * scale + (size / SAME_FROM).astype(np.int64) + 1)

    def compared(self, first: np.ndarray, second: np.ndarray, label: np.ndarray) -> Iterator[Pairs]:
        """The pairs (first[i], second[i]) that are similar and whose labels differ."""
        for at in range(0, len(first), AT_ONCE):
            a, b = first[at : at + AT_ONCE], second[at : at + AT_ONCE]
            wanted = label[a] != label[b]
            a, b = a[wanted], b[wanted]
            different = abs(self.bins[a] - self.bins[b]).sum(1)  # triples in one set only, at least
            close = self.enough((self.size[a] + self.size[b] - different) / 2, a, b)
            a, b = divmod(np.unique(a[close] * len(self.size) + b[close]), len(self.size))
            similar = self.enough(self.count_shared(a, b), a, b)
            if similar.any():
                yield a[similar], b[similar]

    def enough(self, shared: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return shared >= SAME_FROM * (self.size[a] + self.size[b] - shared)

    def count_shared(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        both = []
        for side in (a, b):
            pair, at = spans(self.start[side], self.start[side] + self.size[side])
            both.append(pair * self.different + self.flat[at])
        both = np.sort(np.concatenate(both))
        return np.bincount(both[1:][both[1:] == both[:-1]] // self.different, minlength=len(a))


@dataclass
class Sharing:
    """Entries under the rarest triples that they share with others: equal keys for the same triples, of which the last
    is at `place` in the entry. An entry is here once for each choice of triples."""

    entry: np.ndarray
    place: np.ndarray
    key: np.ndarray

    @classmethod
    def nothing(cls, entry: np.ndarray) -> "Sharing":
        return cls(entry, np.full(len(entry), -1), np.zeros(len(entry), np.int64))

    def at(self, rows: np.ndarray) -> "Sharing":
        return Sharing(self.entry[rows], self.place[rows], self.key[rows])

    def sort(self, by: np.ndarray) -> None:
        order = by.argsort(kind="stable")
        self.entry, self.place, self.key = self.entry[order], self.place[order], self.key[order]


def spans(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(i, each of low[i] … high[i] - 1) for every i in order, as two arrays."""
    count = np.maximum(high - low, 0)
    of = np.repeat(np.arange(len(low)), count)
    return of, np.arange(len(of)) + (low - count.cumsum() + count)[of]


def all_equal(label: np.ndarray, labels: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether label[i] equals each of labels[low[i]:high[i]], which is not empty."""
    changes = np.concatenate([[0], (labels[1:] != labels[:-1]).cumsum()])
    return (label == labels[low]) & (changes[low] == changes[high - 1])


def near_duplicates(texts: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    """(i, j) wherever texts[i] and others[j] share SAME_FROM of their word triples, case and punctuation aside.

    Numbers are words: a story told again with other numbers is another question. All pairs: of a thousand copies a
    million; first_duplicate_of() and duplicate_groups() need not go through them.
    """
    alike = Alike([*others, *texts])
    known, asked = alike.sides(len(others))
    found = {entry: {entry} for entry in asked.tolist()}
    for a, b in alike.pairs(asked, known, np.arange(len(alike.members))):
        for entry, other in zip(a.tolist(), b.tolist(), strict=True):
            found[entry].add(other)
    for entry, similar in found.items():
        js = sorted(j for other in similar for j in alike.members[other] if j < len(others))
        yield from ((i - len(others), j) for i in alike.members[entry] if i >= len(others) for j in js)


def first_duplicate_of(texts: list[str], others: list[str]) -> dict[int, int]:
    """{i: j} for each texts[i] that near_duplicates() finds among `others`, in the order of `texts`; j is one of its
    duplicates, the first with the same words where there is any."""
    alike = Alike([*others, *texts])
    known, asked = alike.sides(len(others))
    found = {entry: entry for entry in known.tolist()}
    label = np.ones(len(alike.members), np.int64)  # 0 for `others` and what has been found
    label[known] = 0
    for a, b in alike.pairs(asked[label[asked] == 1], known, label):
        found |= zip(a.tolist(), b.tolist(), strict=True)
        label[a] = 0
    first = {i - len(others): alike.members[other][0] for entry, other in found.items() for i in alike.members[entry]}
    return {i: first[i] for i in sorted(first) if i >= 0}


def duplicate_groups(texts: list[str]) -> list[int]:
    """The group of each text: the place of the first text of all that a chain of near-duplicates joins to it."""
    alike = Alike(texts)
    entries = np.arange(len(alike.members))
    group = entries.copy()  # the first entry of the group
    for a, b in alike.pairs(entries, entries, group):
        join(group, a, b)
    groups = [0] * len(texts)
    for entry, places in enumerate(alike.members):
        for i in places:
            groups[i] = alike.members[group[entry]][0]
    return groups


def join(group: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Make one group of those of a[i] and b[i], for each i; group[x] is the first of the group of x."""
    while (group[a] != group[b]).any():
        of_a, of_b = group[a], group[b]
        np.minimum.at(group, np.maximum(of_a, of_b), np.minimum(of_a, of_b))
        while (group[group] != group).any():
            group[:] = group[group]


def triples(text: str) -> frozenset[tuple[str, ...]]:
    words = [sys.intern(word) for word in re.findall(r"\w+", text.lower())]
    return frozenset(zip(words[:-2], words[1:-1], words[2:], strict=True)) or frozenset([tuple(words)])
