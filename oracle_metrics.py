"""
How an oracle's replies are scored: the metrics, and what there is to beat: the best constant answers, plain rules on a
trace. The linear probe on the vectors is in probes.py.

All of it is on answers as data (oracle_replies.py); no model is loaded. eval_oracle.py does the asking.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter

import numpy as np

from answers import same_answer
from oracle_model import Reply
from oracle_prompts import one_line, short, top_token
from oracle_questions import Question
from oracle_replies import TASKS
from problems import chain_steps
from scores import Scored, calibration, share_row
from traces import Trace

NEAR_PERCENT = 5  # points that a told probability may be off


@dataclass(frozen=True)
class Item:
    """One question about one held-out trace, in words to learn from and in words kept for evaluation, and the trace of
    another question to be shown in its stead."""

    trace: Trace
    other: Trace
    question: Question
    query: str
    unseen: str

    @property
    def patch(self) -> int | None:
        """The patched run of the trace that is asked about; None for the plain run."""
        return self.question.slots.get("patch")


@dataclass(frozen=True)
class Answer:
    """What a reply says, as data; None where it cannot be read. With it the probability that the oracle gave the reply,
    as it is and calibrated, and whether the reply is the refusal."""

    data: object
    probability: float = 1.0
    confidence: float = 1.0
    refused: bool = False

    @classmethod
    def of(cls, question: Question, reply: Reply) -> "Answer":
        """What a reply to a question says. None of it counts where it names another step or kind, or a yes stands where
        what follows means no."""
        task = TASKS[question.task]
        data = task.read(reply.text)
        is_said = task.says(data, question.slots, reply.text)
        return cls(data if is_said else None, reply.probability, reply.confidence, reply.is_refusal)


# --- The metrics ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Metric:
    """A score in 0..1 of an answer to one task against its gold answer, both as data."""

    task: str
    rule: Callable[[object, object], float] | None = None  # of (gold, answer); None: the judged parts must be equal
    applies: Callable[[object], bool] = lambda gold: True
    judged: Callable[[object], object] = lambda gold: gold  # the part of an answer that the score looks at
    balanced: bool = False  # whether it is also averaged over the classes that judged() gives

    def score(self, gold, answer) -> float:
        return float(self.rule(gold, answer) if self.rule else self.judged(gold) == self.judged(answer))


def f1(gold: list[int], named: list[int]) -> float:
    """F1 of two sets; 1 where both are empty."""
    return 2 * len(set(gold) & set(named)) / (len(set(gold)) + len(set(named))) if gold or named else 1.0


def precision(gold: list[int], named: list[int]) -> float:
    """The earlier rule: the share of the named steps that are redundant."""
    return len(set(gold) & set(named)) / len(set(named)) if named else float(not gold)


def share_right(gold: list[str], said: list[str]) -> float:
    """The share of the answers in a list that are right; 0 for a list of another length."""
    return sum(map(same_answer, gold, said)) / len(gold) if len(gold) == len(said) else 0.0


def kinds_right(gold: dict[str, str], said: dict[str, str]) -> float:
    """The share of the kinds of ablation whose answer is right."""
    return sum(kind in said and same_answer(answer, said[kind]) for kind, answer in gold.items()) / len(gold)


def extremes_right(gold: dict, said: dict) -> float:
    """The share of the highest and the lowest that are right."""
    return sum(gold[end] == said[end] for end in ("highest", "lowest")) / 2


def change_right(gold: dict, said: dict) -> bool:
    """Whether it is told right that the answer changes, and to what where it does."""
    return changed(gold) == changed(said) and (not changed(gold) or same_answer(gold["answer"], said["answer"]))


def sureness_right(gold: dict, said: dict) -> bool:
    """Whether the token is right, and the percent nearly."""
    return gold["token"] == said["token"] and abs(gold["percent"] - said["percent"]) <= NEAR_PERCENT


def words_right(gold: list[str], said: list[str]) -> float:
    """F1 of two sets of words, in whatever case."""
    return f1(*([word.casefold() for word in words] for words in (gold, said)))


def summary_right(gold: dict, said: dict) -> float:
    """The mean score of a summary's five parts, each scored as where it is asked for alone."""
    answers = sum(same_answer(gold[part], said[part]) for part in ("direct", "output"))
    critical = set(gold["critical"]) == set(said["critical"])
    early, redundant = share_right(gold["early"], said["early"]), f1(gold["redundant"], said["redundant"])
    return (answers + critical + early + redundant) / 5


def set_of(steps: list[int]) -> list[int]:
    return sorted(set(steps))


def first_is_surer(gold: dict) -> bool:
    return gold["percents"][0] > gold["percents"][1]


changed, step, result, operation, right, there = map(
    itemgetter, ("changed", "step", "result", "operation", "right", "there")
)


def changes_to(name: str) -> Callable[[dict, dict], bool]:
    """A rule: whether the answer tells of a change, with the value that gold has under `name`."""
    return lambda gold, answer: changed(answer) and same_answer(gold[name], answer[name])


METRICS = {
    "ablation": Metric("critical", judged=set_of),
    "redundancy": Metric("redundant", f1),
    "redundancy_precision": Metric("redundant", precision),
    "step_effect": Metric("step_effect", judged=changed, balanced=True),
    "step_effect_answer": Metric("step_effect", changes_to("answer"), applies=changed),
    "effect_yes_no": Metric("effect_yes_no", judged=changed, balanced=True),
    "cut_yes_no": Metric("cut_yes_no", judged=changed, balanced=True),
    "effect_and_value": Metric("effect_and_value", change_right),
    "kinds": Metric("kinds", kinds_right),
    "early_decode": Metric("early_decode", same_answer),
    "already_yes_no": Metric("already_yes_no", judged=there, balanced=True),
    "convergence": Metric("convergence", judged=step, balanced=True),
    "convergence_within_1": Metric(
        "convergence", lambda gold, answer: abs(step(gold) - step(answer)) <= 1, judged=step
    ),
    "evolution": Metric("evolution", share_right),
    "final": Metric("final", same_answer),
    "direct": Metric("direct", same_answer),
    "correct": Metric("correct", judged=right, balanced=True),
    "wrong": Metric("wrong", judged=right, balanced=True),
    "contrastive": Metric("contrastive", judged=changed, balanced=True),
    "contrastive_answer": Metric("contrastive", changes_to("direct"), applies=changed, judged=itemgetter("direct")),
    "contrastive_no": Metric("needless", judged=changed, balanced=True),
    "patching": Metric("patched", same_answer),
    "lens_token": Metric("top_tokens", judged=itemgetter(0)),
    "confidence": Metric("confidence", sureness_right),
    "surer": Metric("surer", judged=first_is_surer, balanced=True),
    "surer_of": Metric("surer_of", judged=step),
    "settle": Metric("settle", judged=step),
    "entropy": Metric("entropy", extremes_right),
    "norms": Metric("norms", extremes_right),
    "change": Metric("change", judged=set_of),
    "summary": Metric("summary", summary_right),
    "about": Metric("about", words_right),
    "answer_kind": Metric("answer_kind"),
    "chain_result": Metric("holds", applies=result, judged=result),
    "chain_operation": Metric("holds", applies=result, judged=operation),
    "unanswerable": Metric("unanswerable"),
}


def main_metric(task: str) -> str | None:
    """The first metric of a task."""
    return next((name for name, metric in METRICS.items() if metric.task == task), None)


def is_counted(metric: Metric, item: Item) -> bool:
    return item.question.task == metric.task and metric.applies(item.question.gold)


def scored(metric: Metric, items: list[Item], answers: list[Answer]) -> Scored:
    """The metric's scores of the items it counts; what could not be read scores 0."""
    chosen = [(item, answer.data) for item, answer in zip(items, answers, strict=True) if is_counted(metric, item)]
    scores = [0.0 if data is None else metric.score(item.question.gold, data) for item, data in chosen]
    return Scored(
        np.array(scores),
        np.array([item.trace.index for item, _ in chosen]),
        [metric.judged(item.question.gold) for item, _ in chosen] if metric.balanced else None,
    )


def best_constants(
    metric: Metric, items: list[Item], kind: Callable[[Item], object] = lambda item: None
) -> list[Answer]:
    """To each item the single answer that scores best on all items of the same query (and of the same `kind`); None
    where the metric does not count it."""
    groups, best, keys = {}, {}, [(item.question.key, kind(item)) for item in items]
    for key, item in zip(keys, items, strict=True):
        if is_counted(metric, item):
            groups.setdefault(key, []).append(item.question.gold)
    steps = max((item.trace.num_latent for item in items), default=0)
    for key, golds in groups.items():
        candidates = {json.dumps(gold, sort_keys=True): gold for gold in golds} | more_constants(metric.task, steps)
        candidates = candidates.values()
        best[key] = max(candidates, key=lambda answer: sum(metric.score(gold, answer) for gold in golds))
    return [Answer(best.get(key)) for key in keys]


def refusing(items: list[Item], answers: list[Answer]) -> dict:
    """How often the oracle refuses what nobody can tell, and what it could have told."""
    refused = {True: [], False: []}
    for item, answer in zip(items, answers, strict=True):
        refused[item.question.task == "unanswerable"].append(answer.refused)
    return {"unanswerable_refused": share_row(refused[True]), "answerable_refused": share_row(refused[False])}


def how_sure(asked: list[Question], answers: list[Answer], measure: str = "confidence") -> dict:
    """How well a measure of each answer, its confidence or its probability, tells which are right in all they say."""
    right = [float(answer.data == question.gold) for answer, question in zip(answers, asked, strict=True)]
    return calibration(np.array([getattr(answer, measure) for answer in answers]), np.array(right))


def chain_length(item: Item) -> int:
    return len(chain_steps(item.trace.gold_chain or ""))


def more_constants(task: str, steps: int) -> dict[str, object]:
    """Answers of a task that may be the best constant though no item has them as gold."""
    if task == "convergence":
        return {str(step): {"step": step, "stays": True} for step in range(-1, steps)}
    if task == "redundant":
        sizes = range(steps + 1) if steps <= 10 else (1, steps)  # of 10 steps there are 1024 sets
        return {str(chosen): list(chosen) for size in sizes for chosen in combinations(range(steps), size)}
    return {}


# --- Plain rules on a trace -------------------------------------------------------------------------------------


def top(trace: Trace, step: int) -> str:
    """The lens's top token after a step; -1 is the encoded question."""
    reading = trace.steps[step] if step >= 0 else trace.encoding
    return top_token(reading) if reading else ""


def shows_output(trace: Trace, step: int) -> bool:
    return trace.same(top(trace, step), trace.output)


def first_shown(trace: Trace) -> int:
    """The first latent step whose lens shows the output; the last if none does."""
    return next((step for step in range(trace.num_latent) if shows_output(trace, step)), trace.num_latent - 1)


def critical_rule(trace: Trace, question: Question) -> list[int]:
    """the step whose hidden state turns most"""
    cosines = [1.0 if step["cosine_to_prev"] is None else step["cosine_to_prev"] for step in trace.steps]
    return [cosines.index(min(cosines))]


def redundant_rule(trace: Trace, question: Question) -> list[int]:
    """the steps whose top token is that of the state before"""
    return [step for step in range(trace.num_latent) if top(trace, step) == top(trace, step - 1)]


def redundant_later_rule(trace: Trace, question: Question) -> list[int]:
    """the steps after the one that consumes the first state that shows the output"""
    return list(range(first_shown(trace) + 2, trace.num_latent))


def step_effect_rule(trace: Trace, question: Question) -> dict:
    """it becomes the top token of the state before the step"""
    before = question.slots["step"] - 1
    return {"changed": not shows_output(trace, before), "answer": top(trace, before)}


def step_effect_until_rule(trace: Trace, question: Question) -> dict:
    """changed up to the step that consumes the first state that shows the output"""
    step = question.slots["step"]
    return {"changed": step <= first_shown(trace) + 1, "answer": top(trace, step - 1)}


def yielded_rule(trace: Trace, question: Question) -> str:
    """the top token of the state that the step yielded"""
    return top(trace, question.slots["step"])


def consumed_rule(trace: Trace, question: Question) -> str:
    """the top token of the state that the step consumed, but for step 0 of what it yielded"""
    return top(trace, max(question.slots["step"] - 1, 0))


def consumed_when_patched(trace: Trace, donor: Trace, question: Question) -> str:
    """What consumed_rule() says of a patched run."""
    step, patch = question.slots["step"], trace.patches[question.slots["patch"]]
    if step and step in patch["steps"]:
        return top(donor, step - 1)
    return one_line(patch["top_tokens"][max(step, 1)])  # these begin with step -1


def convergence_rule(trace: Trace, question: Question) -> dict:
    """the first step whose top token is the output"""
    steps = range(-1, trace.num_latent)
    return {"step": next((step for step in steps if shows_output(trace, step)), trace.num_latent - 1)}


def convergence_consumed_rule(trace: Trace, question: Question) -> dict:
    """the step that consumes the first state that shows the output; before any step, if that is the first step's"""
    first = first_shown(trace)
    return {"step": min(first + 1, trace.num_latent - 1) if first else -1}


def contrastive_rule(trace: Trace, question: Question) -> dict:
    """changed if the encoded question's top token is not the output"""
    return {"changed": not shows_output(trace, -1), "direct": top(trace, -1)}


def contrastive_later_rule(trace: Trace, question: Question) -> dict:
    """changed if the first step's top token is not the output"""
    return {"changed": first_shown(trace) > 0, "direct": top(trace, 0)}


def patched_rule(trace: Trace, question: Question) -> str:
    """the output stays"""
    return short(trace.output)


def patched_takes_rule(trace: Trace, question: Question) -> str:
    """the top token of the state whose vector the step takes"""
    return question.slots["donor"]


def top_tokens_rule(trace: Trace, question: Question) -> list[str]:
    """the top token of the step before"""
    return [top(trace, question.slots["step"] - 1)]


def holds_rule(trace: Trace, question: Question) -> dict:
    """the top token, by addition"""
    return {"result": top(trace, question.slots["step"]), "operation": "addition"}


# of some tasks; a rule's docstring tells in words what it answers
RULES = {
    "critical": [critical_rule],
    "redundant": [redundant_rule, redundant_later_rule],
    "step_effect": [step_effect_rule, step_effect_until_rule],
    "early_decode": [yielded_rule, consumed_rule],
    "convergence": [convergence_rule, convergence_consumed_rule],
    "contrastive": [contrastive_rule, contrastive_later_rule],
    "patched": [patched_rule, patched_takes_rule],
    "top_tokens": [top_tokens_rule],
    "holds": [holds_rule],
}


def best_rule(metric: Metric, items: list[Item]) -> tuple[Scored, str] | None:
    """The scores of the rule of a metric's task that does best on these very items, and that rule in words; None for a
    task without rules."""
    counted = [item for item in items if is_counted(metric, item)]
    rows = [
        (scored(metric, counted, [Answer(rule(item.trace, item.question)) for item in counted]), rule.__doc__)
        for rule in RULES.get(metric.task, ())
    ]
    return max(rows, key=lambda row: row[0].mean(), default=None)
