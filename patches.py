"""
Patched runs by the thousand: whose vectors a run takes in, at which steps, where in the model, how much of them.

    items = Items.of(codi, minimal_pairs("word-problems", "test", 100, 0), layers=(1,), seed=0)
    patches = [Patch("minimal", (1,)), Patch("unrelated", (1,)), Patch("nothing", (0,))]
    rows = rows_of(items, patches, patched_answers(codi, items, patches, bases={}))

A donor is a row of DONORS, a set of steps one of STEP_SETS, a subspace one of SPACES
(subspaces.py), a place in the model one of STREAMS (interventions.py). Every patch leaves own question and text alone.

Shapes: B questions, N latent steps, D hidden size, k rank.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor

from answers import is_right
from codi_model import ANSWER_ROOM, decoded_texts, prompt_ids, start_latent
from interventions import change_in, moved_to, read_stream, seed_of, streams_of
from loading import Codi
from pairs import MinimalPair, evaluated, sum_of, text_of
from problems import Problem, chain_steps
from runs import Edit, fork, in_batches, latent_steps, plan_batches, together
from scores import mcnemar_p, share_row
from scripting import UserError

RUNS_PER_PASS = 16  # of each question side by side, so that no attention grows without end

# --- What questions think ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thoughts:
    """What some questions' runs have at each step, by stream, (B, N, D), and what they answer: where a donor's they
    are, the answers that a patched run may come to have."""

    vectors: dict[str, Tensor]
    answers: list[str]
    early: list[list[str]] = field(default_factory=list)  # the answers after steps -1 … N-1, where asked for

    def pick(self, rows: Sequence[int]) -> "Thoughts":
        vectors = {name: tensor[list(rows)] for name, tensor in self.vectors.items()}
        return Thoughts(vectors, [self.answers[i] for i in rows], [self.early[i] for i in rows if self.early])


@torch.inference_mode()
def thoughts_of(codi: Codi, questions: list[str], layers: Sequence[int] = (), early: bool = False) -> Thoughts:
    """What each question thinks and answers, unchanged: in every stream, those of each block after `layers`."""
    vectors: dict[str, Tensor] = {}
    texts: list[list[str]] = [[] for _ in questions]

    def work(rows):
        start = start_latent(codi, [questions[i] for i in rows], codi.num_latent)
        stages = [start, *latent_steps(codi, start, codi.num_latent, keep_states=True)]
        for name in streams_of(layers):
            of_rows = read_stream(codi, name, stages).float().cpu()
            vectors.setdefault(name, torch.empty((len(questions), *of_rows.shape[1:])))[rows] = of_rows
        ending = together(stages) if early else stages[-1]
        for i, answers in zip(rows, decoded_texts(codi, ending), strict=True):
            texts[i] = answers

    in_batches(work, batches_of(codi, questions, codi.num_latent + 1 if early else 1))
    return Thoughts(vectors, [answers[-1] for answers in texts], texts if early else [])


def batches_of(codi: Codi, questions: list[str], runs: int) -> list[list[int]]:
    """Batches of questions that each have so many runs side by side."""
    tail = runs * (codi.num_latent + ANSWER_ROOM)
    lengths = [len(prompt_ids(codi, question, "latent", codi.num_latent)) + tail for question in questions]
    return plan_batches(lengths, codi.device.type)


@dataclass(frozen=True)
class Items:
    """The questions that are patched, all of which the model answers right, and what their donors can be."""

    problems: list[Problem]
    own: Thoughts
    twins: list[MinimalPair] | None  # of the same questions; None where none were asked for
    twin: Thoughts | None  # the model answers these right as well
    others: list[int]  # of each question another one of them, which has another answer
    seed: int
    asked: int  # how many questions these were chosen from
    donated: dict[str, Thoughts] = field(default_factory=dict)  # made once, by donor; more may be put in

    @classmethod
    def of(cls, codi: Codi, asked: list[MinimalPair] | list[Problem], layers: Sequence[int], seed: int) -> "Items":
        """Those of `asked` that the model answers right, of pairs those with both right. UserError where fewer than
        two are left, or all have one answer."""
        is_paired = isinstance(asked[0], MinimalPair)
        problems = [pair.own for pair in asked] if is_paired else asked
        own = thoughts_of(codi, [problem.question for problem in problems], layers)
        twin = thoughts_of(codi, [pair.twin.question for pair in asked], layers) if is_paired else None
        kept = [
            i for i, problem in enumerate(problems)
            if problem.is_right(own.answers[i]) and (twin is None or asked[i].twin.is_right(twin.answers[i]))
        ]  # fmt: skip
        own, solved = own.pick(kept), [problems[i] for i in kept]
        if not are_varied(solved, own.answers):
            both = " and their twins" if is_paired else ""
            raise UserError(
                f"{codi.name} answers {len(kept)} of {len(asked)} questions{both} right, "
                "and a patch needs two of them with different answers. "
                "Give a larger -n, or a model that knows such questions."
            )
        others = [other_than(i, solved, own.answers, seed) for i in range(len(kept))]
        twins = [asked[i] for i in kept] if is_paired else None
        return cls(solved, own, twins, twin and twin.pick(kept), others, seed, len(asked))

    def first(self, n: int) -> "Items":
        """The first `n` of them, or as many more as there must be for two different answers."""
        while not are_varied(self.problems, self.own.answers[:n]):
            n += 1
        rows = range(min(n, len(self.problems)))
        others = [other_than(i, self.problems, self.own.answers[: len(rows)], self.seed) for i in rows]
        twins, twin = self.twins and self.twins[:n], self.twin and self.twin.pick(rows)
        return Items(self.problems[:n], self.own.pick(rows), twins, twin, others, self.seed, self.asked)

    def of_donor(self, name: str) -> Thoughts:
        """What a donor gives to each question."""
        if name not in self.donated:
            self.donated[name] = DONORS[name].give(self)
        return self.donated[name]

    def donor_problems(self, name: str) -> list[Problem] | None:
        """The questions whose vectors a donor gives; None where they are nobody's."""
        if name == "minimal":
            return [pair.twin for pair in self.twins]
        return [self.problems[i] for i in self.others] if name == "unrelated" else None


def are_varied(problems: list[Problem], answers: list[str]) -> bool:
    """Whether two of some answers are different."""
    return any(not problems[0].same(answer, answers[0]) for answer in answers)


def other_than(index: int, problems: list[Problem], answers: list[str], seed: int) -> int:
    """Another question, with another answer."""
    rng = Random(seed_of("unrelated", seed, index))
    while True:
        other = rng.randrange(len(answers))
        if not problems[index].same(answers[other], answers[index]):
            return other


# --- Donors -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Donor:
    """Whose vectors a run takes in, `size` of the way from its own."""

    give: Callable[[Items], Thoughts]
    what: str
    size: float = 1.0


def random_like(items: Items) -> Thoughts:
    """Vectors in random directions, as long as the own ones; a hit is the answer of the first real donor."""
    vectors = {}
    for stream, own in items.own.vectors.items():
        seeds = [seed_of("random", items.seed, stream, i) for i in range(len(own))]
        noise = [torch.randn(own.shape[1:], generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        vectors[stream] = F.normalize(torch.stack(noise), dim=-1) * own.norm(dim=-1, keepdim=True)
    return Thoughts(vectors, first_donor(items).answers)


def first_donor(items: Items) -> Thoughts:
    return items.twin or items.own.pick(items.others)


def with_answers_of(vectors: Thoughts, donor: Thoughts) -> Thoughts:
    return replace(vectors, answers=donor.answers)


# name: whose vectors. Those of FLOORS change nothing, and are what every other row stands beside.
DONORS: dict[str, Donor] = {
    "minimal": Donor(lambda items: items.twin, "the same question with one number changed"),
    "unrelated": Donor(lambda items: items.own.pick(items.others), "another question with another answer"),
    "random": Donor(random_like, "random directions, as long as its own vectors"),
    "nothing": Donor(lambda items: with_answers_of(items.own, first_donor(items)), "run again, nothing changed", 0.0),
    "no size": Donor(first_donor, "an edit of zero size towards the first donor", 0.0),
    "itself": Donor(
        lambda items: with_answers_of(items.own, first_donor(items)), "its own vectors, from another batch, put in"
    ),
}
FLOORS = ("nothing", "no size", "itself")
# name: the sets of steps, of so many
STEP_SETS: dict[str, Callable[[int], list[tuple[int, ...]]]] = {
    "each": lambda n: [(step,) for step in range(n)],
    "even": lambda n: [tuple(range(0, n, 2))],
    "odd": lambda n: [tuple(range(1, n, 2))],
    "up-to": lambda n: [tuple(range(step + 1)) for step in range(1, n - 1)],
    "from": lambda n: [tuple(range(step, n)) for step in range(1, n - 1)],
    "all": lambda n: [tuple(range(n))],
}


def step_sets(names: Sequence[str], num_latent: int) -> list[tuple[int, ...]]:
    """The sets of steps of some names, each once."""
    return list(dict.fromkeys(steps for name in names for steps in STEP_SETS[name](num_latent) if steps))


# --- Patches ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Patch:
    """One row of a table: the vectors of a donor in place of a run's own."""

    donor: str  # of DONORS, or of what was put in Items.donated
    steps: tuple[int, ...]
    stream: str = "z"  # or another of interventions.streams_of
    space: str = "full"  # or one of SPACES: only the part of the difference that lies in it
    rank: int | None = None

    @property
    def place(self) -> tuple:
        """Where and how much; the same for all donors that are compared."""
        return self.steps, self.stream, self.space, self.rank

    def edit(self, vectors: Tensor, bases: dict[tuple, Tensor]) -> Edit:
        """The change of runs that are to take in `vectors` (B, N, D)."""
        if self.donor == "nothing":
            return Edit(self.steps[0])
        basis = bases[self.stream, self.space, self.rank] if self.rank else None
        size = DONORS[self.donor].size if self.donor in DONORS else 1.0
        change = moved_to(vectors, self.steps, basis, size)
        return change_in(self.stream, self.steps[0], change)

    def described(self) -> dict:
        names = ("donor", "stream", "space", "rank")
        return {name: getattr(self, name) for name in names} | {"steps": list(self.steps)}


@torch.inference_mode()
def patched_answers(
    codi: Codi, items: Items, patches: list[Patch], bases: dict[tuple, Tensor],
    on_batch: Callable[[int], None] = lambda count: None,
) -> list[list[str]]:  # fmt: skip
    """What every patched run answers, a list per patch, of one answer per question."""
    questions = [problem.question for problem in items.problems]
    order = sorted(range(len(patches)), key=lambda n: patches[n].steps[0])  # as latent_steps wants edits
    answers = [[""] * len(questions) for _ in patches]

    def work(rows):
        start = start_latent(codi, [questions[i] for i in rows], codi.num_latent)
        for first in range(0, len(order), RUNS_PER_PASS):
            numbers, edits = order[first : first + RUNS_PER_PASS], []
            for number in numbers:
                vectors = items.of_donor(patches[number].donor).vectors[patches[number].stream][rows]
                edits.append(patches[number].edit(vectors.to(codi.device), bases))
            *_, run = latent_steps(codi, fork(start), codi.num_latent, edits)
            texts = decoded_texts(codi, run.pick(range(1, len(edits) + 1)))
            for i, of_question in zip(rows, texts, strict=True):
                for number, text in zip(numbers, of_question, strict=True):
                    answers[number][i] = text
        on_batch(len(rows))

    in_batches(work, batches_of(codi, questions, min(len(patches), RUNS_PER_PASS) + 1))
    return answers


# --- What came of them ------------------------------------------------------------------------------------------


def rows_of(items: Items, patches: list[Patch], answers: list[list[str]]) -> list[dict]:
    """A row of each patch: whose answer the run gave, how often, beside the floor of its own place and the unrelated
    donor there."""
    outcomes = {patch: outcomes_of(items, patch, texts) for patch, texts in zip(patches, answers, strict=True)}
    changed = {patch: [o != "own" for o in of_patch] for patch, of_patch in outcomes.items()}
    again = [sum(changed[p]) for p in patches if p.donor == "nothing"]  # the same run whatever the place
    floors = {patch.place: again.copy() for patch in patches}
    for patch in patches:
        if patch.donor in FLOORS and patch.donor != "nothing":
            floors[patch.place].append(sum(changed[patch]))
    rows = []
    for patch, texts in zip(patches, answers, strict=True):
        row = patch.described() | {"n": len(texts)}
        row |= {of: share_row([o == of for o in outcomes[patch]]) for of in ("donor's", "own", "other")}
        row |= {"floor": max(floors[patch.place], default=None), "against_unrelated": None, "answers": texts}
        row |= {"carried": carried(items, patch, texts), "by_first_difference": by_difference(items, patch, texts)}
        unrelated = replace(patch, donor="unrelated")
        if unrelated in outcomes and patch.donor != "unrelated":
            steered = [[o == "donor's" for o in outcomes[p]] for p in (patch, unrelated)]
            row["against_unrelated"] = {
                "donor's": paired(*steered), "changed": paired(changed[patch], changed[unrelated])
            }  # fmt: skip
        rows.append(row)
    return rows


def outcomes_of(items: Items, patch: Patch, texts: list[str]) -> list[str]:
    """Whose answer each patched run gave: own, donor's or other."""
    rows = zip(items.problems, texts, items.own.answers, items.of_donor(patch.donor).answers, strict=True)
    return [
        "own" if problem.same(text, own) else "donor's" if problem.same(text, donors) else "other"
        for problem, text, own, donors in rows
    ]


def paired(row: list[bool], other: list[bool]) -> dict:
    """How often one of two rows has it and the other has not, on the same items; McNemar's exact p."""
    pairs = list(zip(row, other, strict=True))
    more, fewer = pairs.count((True, False)), pairs.count((False, True))
    return {"more": more, "fewer": fewer, "p_value": mcnemar_p(more, fewer)}


def by_difference(items: Items, patch: Patch, texts: list[str]) -> dict | None:
    """Of a minimal pair's full vectors: how often its answer came, by the first result that differs."""
    if patch.donor != "minimal" or patch.space != "full":
        return None
    flags: dict[int, list[bool]] = {}
    for pair, text, donors in zip(items.twins, texts, items.twin.answers, strict=True):
        flags.setdefault(pair.differs_from, []).append(pair.own.same(text, donors))
    return {str(number): share_row(flags[number]) for number in sorted(flags)}


def carried(items: Items, patch: Patch, texts: list[str]) -> dict | None:
    """Of one step's z from another question: how often the answer is what the question's own later events make of the
    donor's value, if step i takes in result i; of questions where that can be worked out, is not the own answer, and is
    no larger than any answer."""
    problems = items.donor_problems(patch.donor)
    if problems is None or len(patch.steps) > 1 or patch.stream != "z" or patch.space != "full":
        return None
    flags, largest = [], max((p.answer for p in items.problems if p.judge == "number"), default=0)
    for problem, donor, text in zip(items.problems, problems, texts, strict=True):
        value = carried_through(problem.chain, donor.chain, patch.steps[0])
        if value is not None and problem.judge == "number" and value != problem.answer and value <= largest:
            flags.append(is_right(text, float(value)))
    return share_row(flags)


def carried_through(chain: str | None, donors: str | None, number: int) -> Fraction | None:
    """What a chain comes to whose result `number`, counted from 1, is the donor's, or the donor's last; None where
    there is no such result, a later step does not begin with the one before, or a value is no whole number from 1."""
    own, other = ([sum_of(step) for step in chain_steps(text)] for text in (chain, donors))
    if not number or not own or not other or None in own or None in other:
        return None
    value = other[min(number, len(other)) - 1].result
    before = own[min(number, len(own)) - 1].result
    for step in own[number:]:
        if not step.tokens[0][-1].isdigit() or Fraction(step.tokens[0]) != before:
            return None
        value, before = evaluated([text_of(value), *step.tokens[1:]]), step.result
        if value is None or value < 1 or value.denominator > 1:
            return None
    return value
