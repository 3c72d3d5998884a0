"""
What an oracle's replies are worth to the model: whether they follow the vectors alone, and whether they say enough to
put the thought back.

    from oracle_effects import sensitivity_rows, word_rows
    sensitivity_rows(codi, oracle, items)  # the same query and text, other vectors
    word_rows(codi, oracle, items, training_questions)  # replies made into vectors, put into the run

The query is always what the run would answer after a step. A map from words to vectors is a row of READERS.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor

from answers import same_answer
from codi_model import TraceOptions, trace_batch
from interventions import Material, seed_of
from loading import Codi
from oracle_model import Oracle, ask_about, replies
from oracle_prompts import stacked
from oracle_questions import Question
from oracle_replies import TASKS
from patches import Items, Patch, Thoughts, batches_of, outcomes_of, paired, patched_answers
from problems import Problem
from runs import in_batches
from scores import share_row
from scripting import UserError
from traces import Trace

TASK = "early_decode"
MOST_TRAINING = 500  # questions that a map from words to vectors is fitted on
PENALTIES = (1e-2, 1e-1, 1.0, 10.0, 100.0)  # of the ridge, tried on a fifth of the training questions

# --- Asking ------------------------------------------------------------------------------------------------------


def check_reads_vectors(oracle: Oracle) -> None:
    """UserError for an oracle that cannot be asked here."""
    if oracle.view.reads == "text":
        raise UserError(f"The oracle {oracle.folder} reads text, which no patch changes. Give one that reads vectors.")
    if TASK not in oracle.settings["strategies"]:
        raise UserError(f"The oracle {oracle.folder} was not taught what a run answers after a step ({TASK}).")


@dataclass(frozen=True)
class Traced:
    """The traces of some questions, and of each its vectors, as the oracle reads them."""

    traces: list[Trace]
    vectors: list[Tensor]  # of each (rows, D)
    z: Tensor  # (B, N, D)

    def truths(self, steps: list[int], rows: list[int] | None = None) -> list[str]:
        """What the runs `rows`, each in its turn where None, answer when stopped after these steps."""
        rows = range(len(self.traces)) if rows is None else rows
        return [self.traces[i].early_decodes[step + 1]["output"] for i, step in zip(rows, steps, strict=True)]


def traced(codi: Codi, oracle: Oracle, questions: list[str]) -> Traced:
    """The thoughts of questions, as the oracle reads them."""
    layers = tuple(int(kind.removeprefix("resid_")) for kind in oracle.view.vectors if kind.startswith("resid_"))
    options = TraceOptions(layers=layers, no_reasoning=False)
    traces, vectors, z = [None] * len(questions), [None] * len(questions), [None] * len(questions)

    def work(rows):
        problems = [Problem(str(i), questions[i], None, None) for i in rows]
        done, tensors = trace_batch(codi, problems, codi.num_latent, Material(list(rows)), options)
        for place, i in enumerate(rows):
            of_row = {name: tensor[place] for name, tensor in tensors.items()}
            traces[i], vectors[i], z[i] = done[place], stacked(of_row, oracle.view), of_row["z"].float()

    in_batches(work, batches_of(codi, questions, codi.num_latent + 1))
    return Traced(traces, vectors, torch.stack(z))


def query(step: int) -> str:
    return Question(TASK, slots={"step": step}).plain_query()


def asked(oracle: Oracle, traces: list[Trace], steps: list[int], vectors: list[Tensor]) -> list[str]:
    """The replies about a step of each trace, with these vectors in place of its own."""
    rows = zip(traces, steps, vectors, strict=True)
    return [reply.text for reply in replies(oracle, [ask_about(oracle, t, query(s), v) for t, s, v in rows])]


# --- The same text, other vectors --------------------------------------------------------------------------------


def sensitivity_rows(codi: Codi, oracle: Oracle, items: Items) -> list[dict]:
    """For each of some other vectors: how often a reply changes; how often, where the other run answers otherwise, it
    becomes what that run answers; how often it changes where both runs answer alike."""
    own = traced(codi, oracle, [problem.question for problem in items.problems])
    rng = Random(seed_of("asked", items.seed))
    steps = [rng.randrange(-1, codi.num_latent) for _ in own.traces]
    before = asked(oracle, own.traces, steps, own.vectors)
    generator = torch.Generator().manual_seed(seed_of("random vectors", items.seed))
    noise = [like(vectors, generator) for vectors in own.vectors]
    given = {"its own, again": (own.vectors, own.truths(steps))}
    given["unrelated"] = ([own.vectors[i] for i in items.others], own.truths(steps, items.others))
    if items.twins:
        twins = traced(codi, oracle, [pair.twin.question for pair in items.twins])
        given["minimal"] = (twins.vectors, twins.truths(steps))
    given["random"] = (noise, [None] * len(steps))
    rows = []
    for name, (vectors, truths) in given.items():
        after = asked(oracle, own.traces, steps, vectors)
        rows.append({"vectors": name} | sensitivity(own.truths(steps), before, after, truths))
    return rows


def like(vectors: Tensor, generator: torch.Generator) -> Tensor:
    """Random vectors, as long as these."""
    noise = torch.randn(vectors.shape, generator=generator)
    return F.normalize(noise, dim=-1) * vectors.norm(dim=-1, keepdim=True)


def sensitivity(owns: list[str], before: list[str], after: list[str], truths: list[str | None]) -> dict:
    """The row of some other vectors, whose runs answer `truths`, None where nobody's run has them; `owns` are what the
    own runs answer, `before` and `after` the replies to own and other vectors."""
    changed = [one != other for one, other in zip(before, after, strict=True)]
    rows = list(zip(changed, [TASKS[TASK].read(text) for text in after], owns, truths, strict=True))
    other = [(said, own, truth) for _, said, own, truth in rows if truth is None or not same_answer(own, truth)]
    return {
        "n": len(rows),
        "changed": share_row(changed),
        "rightly": share_row([is_said(said, truth) for said, _, truth in other if truth is not None]),
        "still_own": share_row([is_said(said, own) for said, own, _ in other]),
        "changed_though_alike": share_row(
            [is_changed for is_changed, _, own, truth in rows if truth is not None and same_answer(own, truth)]
        ),
    }


def is_said(said: str | None, truth: str) -> bool:
    """Whether a reply, read back, says an answer."""
    return said is not None and same_answer(said, truth)


# --- Words that carry the thought --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """The oracle's replies about each step of some questions, (B, N) texts, and the z that they are about."""

    replies: list[list[str]]
    z: Tensor  # (B, N, D)


def words_about(codi: Codi, oracle: Oracle, questions: list[str]) -> Words:
    """What the oracle says that each run would answer after each step: in tiny-codi, what the step took in."""
    of, count = traced(codi, oracle, questions), codi.num_latent
    rows = [row for row in range(len(questions)) for _ in range(count)]
    texts = asked(
        oracle, [of.traces[r] for r in rows], list(range(count)) * len(questions), [of.vectors[r] for r in rows]
    )
    return Words([texts[i : i + count] for i in range(0, len(texts), count)], of.z)


def bag_of_words(oracle: Oracle, known: list[str]) -> Callable[[list[str]], Tensor]:
    """Counts of each word that the `known` texts have."""
    places = {word: place for place, word in enumerate(sorted({word for text in known for word in words_of(text)}))}

    def counts(texts):
        table = torch.zeros(len(texts), len(places))
        for row, text in enumerate(texts):
            for word in words_of(text):
                if word in places:
                    table[row, places[word]] += 1
        return table

    return counts


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def mean_embedding(oracle: Oracle, known: list[str]) -> Callable[[list[str]], Tensor]:
    """The mean of the oracle's own embeddings of a text's tokens."""
    weight = oracle.model.get_input_embeddings().weight.detach().float().cpu()

    def means(texts):
        return torch.stack([weight[oracle.tokenizer(f" {text}")["input_ids"]].mean(0) for text in texts])

    return means


# name: what a map from words to vectors sees of a text, fitted on training replies
READERS: dict[str, Callable[[Oracle, list[str]], Callable[[list[str]], Tensor]]] = {
    "bag": bag_of_words,
    "embeddings": mean_embedding,
}


def ridge(features: Tensor, targets: Tensor, penalty: float) -> Callable[[Tensor], Tensor]:
    """The linear map from features (M, F) to targets (M, D) with the least squared error and norm."""
    mean, aim = features.mean(0), targets.mean(0)
    x, y = (features - mean).double(), (targets - aim).double()
    weight = torch.linalg.solve(x.T @ x + penalty * torch.eye(x.shape[1], dtype=x.dtype), x.T @ y)
    return lambda of: (of - mean) @ weight.float() + aim


def fitted(features: Tensor, targets: Tensor) -> Callable[[Tensor], Tensor]:
    """A ridge with the penalty that is best on the last fifth."""
    cut = max(1, len(features) * 4 // 5)

    def error(penalty):
        return float((ridge(features[:cut], targets[:cut], penalty)(features[cut:]) - targets[cut:]).square().mean())

    return ridge(features, targets, min(PENALTIES, key=error))


def vectors_of_words(oracle: Oracle, reader: str, training: Words, texts: list[list[str]]) -> Tensor:
    """z (B, N, D) of replies about each step, by a map for each step that was fitted on `training`."""
    by_step = []
    for step in range(training.z.shape[1]):
        known = [of_question[step] for of_question in training.replies]
        features = READERS[reader](oracle, known)
        carry = fitted(features(known), training.z[:, step])
        by_step.append(carry(features([of_question[step] for of_question in texts])))
    return torch.stack(by_step, 1)


def word_rows(codi: Codi, oracle: Oracle, items: Items, training_questions: list[str]) -> list[dict]:
    """How often an answer survives when what steps take in is made of the oracle's words about them; beside it the
    same with words about another question, and with no words, the mean z of training questions."""
    training = words_about(codi, oracle, training_questions[:MOST_TRAINING])
    words = words_about(codi, oracle, [problem.question for problem in items.problems])
    others = items.own.pick(items.others).answers
    donors = {"no words": Thoughts({"z": training.z.mean(0).expand_as(words.z)}, items.own.answers)}
    for reader in READERS:
        made = vectors_of_words(oracle, reader, training, words.replies)
        donors[f"its words, {reader}"] = Thoughts({"z": made}, items.own.answers)
        donors[f"another's words, {reader}"] = Thoughts({"z": made[items.others]}, others)
    items.donated.update(donors)
    every = tuple(range(codi.num_latent))
    patches = [Patch(donor, steps) for steps in [*((step,) for step in every), every] for donor in donors]
    answers = dict(zip(patches, patched_answers(codi, items, patches, {}), strict=True))
    outcomes = {patch: outcomes_of(items, patch, texts) for patch, texts in answers.items()}
    rows = []
    for patch in patches:
        row = {"vectors_of": patch.donor, "steps": list(patch.steps), "of": len(every), "n": len(items.problems)}
        row["survives"] = share_row([of == "own" for of in outcomes[patch]])
        is_others = patch.donor.startswith("another's")
        row["another's"] = share_row([of == "donor's" for of in outcomes[patch]]) if is_others else None
        another = Patch(patch.donor.replace("its words", "another's words"), patch.steps)
        row["against_another"] = None
        if another in outcomes and another != patch:
            row["against_another"] = paired(*[[of == "own" for of in outcomes[p]] for p in (patch, another)])
        rows.append(row)
    return rows
