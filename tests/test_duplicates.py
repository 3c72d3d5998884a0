"""Near-duplicates are all found, and few pairs are compared for it."""

import re
import time
from random import Random

import pytest

import duplicates
from duplicates import duplicate_groups, first_duplicate_of, near_duplicates, triples
from problems import word_problems
from stories import NAMES, THINGS


def near_stories():
    rng = Random(0)
    words = "ava ben has buys 3 5 more pens apples on monday how many".split()
    texts = [" ".join(rng.choices(words, k=rng.randrange(1, 12))) for _ in range(100)]
    for _ in range(150):  # chains of copies that differ in one word
        copy = rng.choice(texts).split()
        copy[rng.randrange(len(copy))] = rng.choice(words)
        texts.append(" ".join(copy))
    long = "ava went to the market and bought pens for her many friends from school and home".split()
    return texts + [" ".join([*long[:i], str(i), *long[i:]]) for i in range(len(long))]


def templated_stories():
    """Stories of one template: every triple is common, some differ in one number, some are copies with a stray word."""
    rng = Random(1)
    stories = [problem.question for problem in word_problems("train", 150)]
    alike = [re.sub(r"\b(?:" + "|".join(NAMES) + r")\b", "Ava", story) for story in stories]
    alike = [re.sub(r"\b(?:" + "|".join(THINGS) + r")\b", "pens", story) for story in alike]
    long = "Ava went to the market by the river and bought {} pens for her many friends from the old school in the town"
    copies = [long.format(i) for i in range(40)]
    strays = [" ".join(word for word in text.split() if rng.random() > 0.1) for text in alike + copies]
    return stories + alike + copies + strays


def joined(n, pairs):
    """The first of each group that a chain of pairs joins, plainly."""
    group, changed = list(range(n)), True
    while changed:
        before = list(group)
        for i, j in pairs:
            group[i] = group[j] = min(group[i], group[j])
        changed = group != before
    return group


@pytest.mark.parametrize("limits", [{}, {"NEAR": 1, "AT_ONCE": 7}, {"NEAR": 1, "MOST": 9}], ids=str)
@pytest.mark.parametrize("stories", [near_stories, templated_stories])
def test_duplicates_by_need_equal_comparing_all_pairs(stories, limits, monkeypatch):
    """Also where a further common triple is asked for as soon as two sets have one, and where that is too much."""
    for name, limit in limits.items():
        monkeypatch.setattr(duplicates, name, limit)
    texts = stories()
    sets = [triples(text) for text in texts]
    pairs = {(i, j) for i, a in enumerate(sets) for j, b in enumerate(sets) if len(a & b) >= 0.8 * len(a | b)}
    assert set(near_duplicates(texts, texts)) == pairs
    group = joined(len(texts), pairs)
    assert duplicate_groups(texts) == group and 1 < len(set(group)) < len(set(sets))
    even, odd = texts[::2], texts[1::2]
    found = first_duplicate_of(even, odd)
    known = {(i // 2, j // 2) for i, j in pairs if i % 2 == 0 and j % 2}
    assert set(found.items()) <= known and list(found) == sorted({i for i, _ in known})
    assert set(near_duplicates(even, odd)) == known


def test_no_texts_and_texts_of_few_words():
    assert duplicate_groups([]) == [] and first_duplicate_of([], ["a"]) == first_duplicate_of(["a"], []) == {}
    assert duplicate_groups(["", "a b", "!", "A, b.", "a"]) == [0, 1, 0, 1, 4]
    assert first_duplicate_of(["a", "", "x y z"], ["", "X y Z", "x y z"]) == {1: 0, 2: 1}


def test_few_stories_of_one_template_are_compared(monkeypatch):
    """Of 20,000, each was compared with all that shared one of its rarest triples, all of them common: it took 8 s,
    and 100,000 did not end."""
    compared, counts = duplicates.Alike.compared, []

    def counted(self, first, *more):
        counts.append(len(first))
        return compared(self, first, *more)

    monkeypatch.setattr(duplicates.Alike, "compared", counted)
    texts = [problem.question for problem in word_problems("train", 10_000)]
    groups = duplicate_groups(texts)
    assert sum(counts) < 40 * len(texts) and len(set(groups)) > 9_950
    counts.clear()
    first_duplicate_of(texts[::2], texts[1::2])
    assert sum(counts) < 40 * len(texts)


@pytest.mark.parametrize(
    "story",
    [
        "Ava bought pens for her friends from school",
        "{i}: Ava bought pens for her friends from school and town",
        "Ava went to the market and bought {i} pens for her friends from school",
        "Ava went to the market by the river, met her old friends from school in the town and bought {i} pens for them",
        "Ava went to the market by the river and met all of her many old friends from the school that stands behind it "
        "in the middle of the town, and bought {i} pens for them",
    ],
)
def test_copies_cost_little(story):
    """2,000 identical questions took 13.6 s: all pairs of them were compared. Here also copies that differ in a number,
    which makes them similar or, in a shorter text, just not."""
    texts = [story.format(i=i) for i in range(4000)]
    start = time.process_time()
    groups, found = duplicate_groups(texts), first_duplicate_of(texts, texts)
    first_duplicate_of(texts[::2], texts[1::2])
    assert time.process_time() - start < 5 and len(found) == len(groups) == 4000
