"""
Minimal pairs: two questions that differ in one number, both with their working.

    from pairs import minimal_pairs
    minimal_pairs("word-problems", "test", n=1000, seed=0)  # [MinimalPair(own, twin), …]

Stories are told twice by their generator (stories.story_pairs). In any other data one number of the question is
rewritten and the chain recomputed from it; where it cannot be told what a number of the chain stands for, that number
is left alone.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from random import Random

from answers import numbers_in
from interventions import seed_of
from problems import Problem, chain_results, chain_steps, check_counts, load_problems
from scripting import UserError
from stories import NUMBERS, SPLITS, story_pairs

STANDALONE = r"(?<![\w.,/:%$-])\d+(?![\w/:%]|[.,]\d)"  # a whole number in a text, no part of anything else
# what a chain may know of itself (a half, a percent, minutes, hours, days, weeks), so that it stands for no number told
CONSTANTS = {1, 2, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1000}
TRIES = 40  # other numbers tried for each number of a question


@dataclass(frozen=True)
class MinimalPair:
    """A problem, and the same problem with one number changed."""

    own: Problem
    twin: Problem

    @property
    def differs_from(self) -> int:
        """The first result of the chain, counted from 1, that is another in the twin."""
        results = zip(chain_results(self.own.chain), chain_results(self.twin.chain), strict=True)
        return next(number for number, (own, twin) in enumerate(results, 1) if own != twin)


def minimal_pairs(data: str, split: str, n: int | None, seed: int) -> list[MinimalPair]:
    """A pair of each of `n` stories; of any other data, of each of the first `n` problems that can be rewritten so."""
    if data == "word-problems":
        if split not in SPLITS:
            raise UserError(f"No split {split!r}; word-problems has {', '.join(SPLITS)}.")
        check_counts(n, seed)
        told = enumerate(islice(story_pairs(split, seed), 1000 if n is None else n))
        return [MinimalPair(*(Problem(f"{split}-{seed}-{i}", q, c, float(a)) for q, c, a in pair)) for i, pair in told]
    pairs = [rewritten(problem, seed) for problem in load_problems(data, split, n, seed)]
    if not any(pairs):
        raise UserError(
            f"No question of {data} can be given another number: that needs a chain such as <<16-3=13>> that comes to "
            "its answer. Leave out --donors minimal, or take --data word-problems."
        )
    return [pair for pair in pairs if pair]


# --- Any question with a chain ----------------------------------------------------------------------------------


def rewritten(problem: Problem, seed: int) -> MinimalPair | None:
    """A problem and its twin, with another number of the question and all that follows from it; None where no number
    can be changed. The same twin wherever the problem stands in the data."""
    rng = Random(seed_of("twin", seed, problem.question))
    sums = [sum_of(step) for step in chain_steps(problem.chain)]
    if not sums or None in sums or sums[-1].result != problem.answer or not is_explained(sums, problem.question):
        return None
    numbers = re.findall(STANDALONE, problem.question)
    for number in rng.sample(numbers, len(numbers)):
        if is_told_once(number, problem.question) and is_given(sums, Fraction(number)):
            for other in others_than(rng, int(number), {int(n) for n in numbers}):
                if twin := with_number(problem, sums, number, other):
                    return MinimalPair(problem, twin)
    return None


def with_number(problem: Problem, sums: list["Sum"], number: str, other: int) -> Problem | None:
    """A problem with another number; None where what follows from it cannot be, or has the same answer."""
    results = recomputed(sums, Fraction(number), Fraction(other))
    if not results or results[-1] == sums[-1].result:
        return None
    question = re.sub(rf"(?<!\d){number}(?!\d)", str(other), problem.question)
    return Problem(problem.id, question, chain_text(sums, results, number, other), float(results[-1]))


def is_told_once(number: str, question: str) -> bool:
    """Whether the digits of a number stand in the question once, and no word says it too."""
    words = dict(zip(map(str, range(2, 2 + len(NUMBERS))), NUMBERS, strict=True))
    is_once = len(re.findall(rf"(?<!\d){number}(?!\d)", question)) == 1
    return is_once and words.get(number) not in re.findall(r"[a-z]+", question.lower())


def is_explained(sums: list["Sum"], question: str) -> bool:
    """Whether each number of a chain is an earlier result, or else a number of the question or a constant: what may be
    both, or is neither, hides what follows from what."""
    told = {Fraction(str(n)) for n in numbers_in(question) if not isinstance(n, str)}
    told |= {Fraction(n) for n, word in enumerate(NUMBERS, 2) if word in question.lower()}
    known = told | {Fraction(n) for n in CONSTANTS}
    results: set[Fraction] = set()
    for each in sums:
        if not all((number in known) != (number in results) for number in each.numbers()):
            return False
        results.add(each.result)
    return True


def others_than(rng: Random, number: int, taken: set[int]) -> Iterator[int]:
    """Other numbers of about the same size, none of those `taken`."""
    candidates = [n for n in range(max(1, number // 2), 2 * number + 3) if n not in taken]
    yield from rng.sample(candidates, min(TRIES, len(candidates)))


@dataclass(frozen=True)
class Sum:
    """A step of a chain, <<text=result>>: its tokens, and what it comes to."""

    tokens: list[str]
    result: Fraction

    def numbers(self) -> list[Fraction]:
        return [Fraction(token) for token in self.tokens if token[-1].isdigit()]

    def value(self, stands_for: dict[Fraction, Fraction]) -> Fraction | None:
        """What it comes to when some of its numbers stand for others."""
        return evaluated([self.token(token, stands_for) for token in self.tokens])

    @staticmethod
    def token(token: str, stands_for: dict[Fraction, Fraction]) -> str:
        changed = stands_for.get(Fraction(token)) if token[-1].isdigit() else None
        return token if changed is None else text_of(changed)


def sum_of(step: str) -> Sum | None:
    """The step of a chain in its parts; None where it is no sum of numbers, or does not come to what it says."""
    match = re.fullmatch(r"<<([^=]+)=([\d.]+)>>", step.replace(",", ""))
    if not match or not re.fullmatch(r"[\d.\s()+*/-]+", match[1]):
        return None
    tokens = re.findall(r"\d+\.?\d*|\.\d+|[()+*/-]", match[1])
    value = evaluated(tokens)
    try:
        result = Fraction(match[2])
    except ValueError:
        return None
    return Sum(tokens, result) if value == result else None


def evaluated(tokens: list[str]) -> Fraction | None:
    """What a sum of numbers comes to, exactly; None where it is none, or divides by zero."""
    try:
        return value_of(ast.parse("".join(tokens), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def value_of(node) -> Fraction:
    """The value of a parsed sum. ValueError for anything else."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.BinOp):
        left, right = value_of(node.left), value_of(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
    raise ValueError(type(node).__name__)


def is_given(sums: list[Sum], number: Fraction) -> bool:
    """Whether a chain uses a number once, where it stands for nothing else: a number used twice may be a constant the
    second time, and two results that are alike, or a number that is also a result, leave open what follows."""
    results = [each.result for each in sums]
    used = [n for each in sums for n in each.numbers()]
    is_plain = used.count(number) == 1 and number not in CONSTANTS
    return is_plain and number not in results and len(set(results)) == len(results)


def recomputed(sums: list[Sum], number: Fraction, other: Fraction) -> list[Fraction] | None:
    """The results of a chain in which a given number is another; None where one would be below 1 or, where it was
    whole, no longer whole."""
    stands_for, results = {number: other}, []
    for each in sums:
        value = each.value(stands_for)
        if value is None or value < 1 or (each.result.denominator == 1) > (value.denominator == 1):
            return None
        if not is_decimal(value):
            return None
        stands_for[each.result] = value
        results.append(value)
    return results


def chain_text(sums: list[Sum], results: list[Fraction], number: str, other: int) -> str:
    """The chain of recomputed() in words."""
    stands_for, steps = {Fraction(number): Fraction(other)}, []
    for each, result in zip(sums, results, strict=True):
        text = "".join(each.token(token, stands_for) for token in each.tokens)
        steps.append(f"<<{text}={text_of(result)}>>")
        stands_for[each.result] = result
    return " ".join(steps)


def is_decimal(value: Fraction) -> bool:
    """Whether it can be written with a few decimals."""
    return (value * 10_000).denominator == 1


def text_of(value: Fraction) -> str:
    """13, or 2.5."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))
