"""
Talking with an oracle: a reading of a run's thoughts in a few sentences, and replies that say how sure they are.

    from oracle_talk import reading, said, trace_of
    trace, vectors = trace_of(codi, "Ava has 12 apples. Ava buys 5 more. How many apples does Ava have?", oracle)
    reading(oracle, trace, vectors)  # ["It says 12 before any step, and 17 from step 0 on.", …]
    said(oracle, trace, ["What does it answer after step 2?"], vectors)  # ["17 after step 2. (98% sure)"]

A reading is made of the oracle's replies alone. What it was not trained on is left out of it, and so is a reply that
does not say, word for word, what can be read from it.
"""

import sys
from dataclasses import dataclass, replace

import torch
from rich.console import Console
from torch import Tensor

from answers import same_answer
from codi_model import TraceOptions, trace_batch
from interventions import Material
from loading import Codi
from oracle_model import Oracle, Reply, ask_about, is_beyond, replies
from oracle_prompts import Prompt, stacked
from oracle_questions import Question
from oracle_replies import DEFAULT_KIND, REMOVED, TASKS, after, steps_text
from problems import Problem
from scripting import UserError, printable, say
from traces import Trace

DEFAULT_QUESTIONS = ("evolution", "critical", "redundant", "convergence", "contrastive", "summary")
NO_READING = "There is no reading of these thoughts: none of its replies could be read."

# --- What is asked ----------------------------------------------------------------------------------------------


def default_queries(trace: Trace, oracle: Oracle) -> list[str]:
    """The queries about traces where the user gives none: six about the run, or for an oracle that reads vectors
    alone, what the run would answer after each step."""
    if oracle.view.reads == "vectors":
        questions = [Question("early_decode", slots={"step": step}) for step in range(trace.num_latent)]
    else:
        questions = [Question(task, slots={"kind": DEFAULT_KIND}) for task in DEFAULT_QUESTIONS]
    return [question.plain_query() for question in questions]


def learned(oracle: Oracle, *known: tuple[str, str, dict]) -> list[Question]:
    """Those of some questions, each a strategy, a task and its slots, whose strategy the oracle was trained on."""
    return [
        Question(task, slots=slots, strategy=strategy, num_latent=oracle.num_latent)
        for strategy, task, slots in known
        if strategy in oracle.settings["strategies"]
    ]


def reading_questions(oracle: Oracle) -> list[Question]:
    """What a reading is made of."""
    return learned(
        oracle,
        *(("early_decode", "early_decode", {"step": step}) for step in range(-1, oracle.num_latent)),
        ("ablation", "critical", {"kind": DEFAULT_KIND}),
        ("ablation", "redundant", {"kind": DEFAULT_KIND}),
        ("contrastive", "contrastive", {}),
    )


def suggestions(oracle: Oracle) -> str:
    """Three queries that it can answer and that no reading answers; "" where it was trained on none."""
    last = oracle.num_latent - 1
    questions = learned(
        oracle,
        ("ablation", "effect_and_value", {"step": min(1, last), "kind": DEFAULT_KIND}),
        ("early_decode", "convergence", {}),
        *([("token_stats", "surer", {"step": 0, "other": last})] if last else []),
        ("early_decode", "already_yes_no", {"step": 0}),
        ("contrastive", "direct", {}),
        ("answers", "final", {}),
    )
    queries = " ".join(question.plain_query() for question in questions[:3])
    return f"For example: {queries}" if queries else ""


def check_query(query: str) -> None:
    """UserError for a query that cannot be asked."""
    if not query.strip():
        raise UserError("The query is empty. Give --query some words.")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The query holds bytes that are no UTF-8: {query[:40]!r}. Type it as UTF-8.") from error


# --- Who is asked, about what -----------------------------------------------------------------------------------


def untuned(codi: Codi, oracle: Oracle) -> Oracle:
    """CODI's own language model in the oracle's place. It was not taught to read vectors, so it is given text; nor is
    it as sure as the oracle where it says so."""
    settings = {name: value for name, value in oracle.settings.items() if name != "confidence"}
    return Oracle(codi.model, codi.tokenizer, replace(oracle.view, reads="text", vectors=()), settings)


@torch.inference_mode()
def trace_of(codi: Codi, question: str, oracle: Oracle) -> tuple[Trace, dict[str, Tensor]]:
    """What CODI thinks of a question typed now: its trace, and all vectors the oracle may want."""
    layers = tuple(int(kind.removeprefix("resid_")) for kind in oracle.view.vectors if kind.startswith("resid_"))
    problem = Problem("typed", question, None, None)
    (trace,), vectors = trace_batch(codi, [problem], codi.num_latent, Material([0]), TraceOptions(layers=layers))
    return trace, {name: tensor[0] for name, tensor in vectors.items()}


def asked(oracle: Oracle, trace: Trace, queries: list[str], vectors: dict[str, Tensor]) -> list[tuple[Prompt, Reply]]:
    """The prompt of each query about one trace, and the reply. The trace's encoding is kept for the next queries: it
    takes longer than a reply."""
    rows = stacked(vectors, oracle.view) if oracle.view.reads != "text" else None
    prompts = [ask_about(oracle, trace, query, rows) for query in queries]
    if oracle.kept is None:
        oracle.kept = {}
    return list(zip(prompts, replies(oracle, prompts), strict=True))


# --- A reading --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What a reply to one question of a reading says, as data, and how sure it is."""

    question: Question
    data: object
    confidence: float

    def name(self) -> str:
        """What it is about, as the object of "sure of"."""
        if self.question.task == "early_decode":
            return f"what it says {after(self.question.slots['step'])}"
        return {
            "critical": "which step matters most",
            "redundant": "which steps can go",
            "contrastive": "whether thinking changed the answer",
        }[self.question.task]


def reading(oracle: Oracle, trace: Trace, vectors: dict[str, Tensor]) -> list[str]:
    """A few sentences on the thoughts of a run, as the oracle understands them: how the answer built up, which steps
    mattered, whether thinking changed the answer, how sure all this is."""
    questions = reading_questions(oracle)
    found = asked(oracle, trace, [question.plain_query() for question in questions], vectors)
    parts = [part_of(question, reply) for question, (_, reply) in zip(questions, found, strict=True)]
    return sentences([part for part in parts if part], oracle.num_latent, oracle.confidence.threshold) or [NO_READING]


def part_of(question: Question, reply: Reply) -> Part | None:
    """A reply read back; None where it says something else than the question asks."""
    task = TASKS[question.task]
    data = task.read(reply.text)
    is_said = task.says(data, question.slots, reply.text) and is_possible(question, data)
    return Part(question, data, reply.confidence) if is_said else None


def is_possible(question: Question, data) -> bool:
    """Whether what a reply says can be: steps that the run has, each once; another answer that is another."""
    if isinstance(data, list):
        return data == sorted(set(data)) and all(step < question.num_latent for step in data)
    return question.task != "contrastive" or data["changed"] != same_answer(data["direct"], data["latent"])


def sentences(parts: list[Part], num_latent: int, threshold: float) -> list[str]:
    """The sentences of a reading; none where there are no parts. Of what it is not sure, only how the answer built up
    is told."""
    found = {part.question.task: part.data for part in parts if part.confidence >= threshold}
    early = {part.question.slots["step"]: part.data for part in parts if part.question.task == "early_decode"}
    told = [built_up(early, num_latent), mattering(found, num_latent), changing(found.get("contrastive"))]
    return [sentence for sentence in [*told, sureness(parts, threshold)] if sentence]


def built_up(early: dict[int, str], num_latent: int) -> str | None:
    """How the answer built up, of what is said after each step; equal neighbours are one."""
    runs = []  # [answer, first step, last step]
    for step, answer in sorted(early.items()):
        if runs and runs[-1][0] == answer and runs[-1][2] == step - 1:
            runs[-1][2] = step
        else:
            runs.append([answer, step, step])
    if not runs:
        return None
    *most, last = [f"{answer} {moments(first, last, num_latent)}" for answer, first, last in runs]
    return f"It says {', '.join(most)}, and {last}." if most else f"It says {last}."


def moments(first: int, last: int, num_latent: int) -> str:
    """The moments after some neighbouring steps; -1 is before the first."""
    if first == -1 and last == num_latent - 1:
        return "before any step and after each"
    if first < last == num_latent - 1:
        return f"from step {first} on"
    steps = list(range(max(first, 0), last + 1))
    later = [f"after {steps_text(steps).lower()}"] if steps else []
    return " and ".join(["before any step"] * (first == -1) + later)


def mattering(found: dict, num_latent: int) -> str | None:
    """Which steps matter most, and which can go."""
    told = []
    if (steps := found.get("critical")) is not None:
        one = f"{steps_text(steps).lower()} matter{'s' * (len(steps) == 1)} most" if steps else ""
        told.append(one or "no step matters")
    steps = found.get("redundant")
    if steps is not None and not set(steps) & set(found.get("critical") or []):
        some = "any" if len(steps) == num_latent else steps_text(steps).lower() if steps else "none"
        told.append(f"{some} can go")
    return f"{REMOVED[DEFAULT_KIND].capitalize()} one at a time, {', and '.join(told)}." if told else None


def changing(contrast: dict | None) -> str | None:
    if contrast is None:
        return None
    if not contrast["changed"]:
        return f"Thinking did not change the answer: {contrast['latent']} either way."
    return f"Thinking changed the answer: {contrast['direct']} without it, {contrast['latent']} with it."


def sureness(parts: list[Part], threshold: float) -> str | None:
    """What the oracle is not sure of; where there is no such part, how sure it is of the least sure one."""
    doubts = [f"{part.name()} ({percent(part.confidence)})" for part in parts if part.confidence < threshold]
    if doubts:
        return f"Not sure: {', '.join(doubts)}."
    least = min((part.confidence for part in parts), default=None)
    return None if least is None else f"{percent(least)} sure of each of these, or more."


# --- Replies ----------------------------------------------------------------------------------------------------


def percent(confidence: float) -> str:
    """Never none and never all of it."""
    return f"{min(99, max(1, round(100 * confidence)))}%"


def spoken(oracle: Oracle, reply: Reply) -> str:
    """A reply, and how sure the oracle is of it; a refusal alone."""
    if reply.is_refusal:
        return reply.text
    text = reply.text or "(no words)"
    if reply.confidence < oracle.confidence.threshold:
        return f"I am not sure: {text} ({percent(reply.confidence)})"
    return f"{text} ({percent(reply.confidence)} sure)"


def said(oracle: Oracle, trace: Trace, queries: list[str], vectors: dict[str, Tensor]) -> list[str]:
    """The spoken reply to each query about a trace; after a refusal a line of what can be asked."""

    def said_to(prompt: Prompt, reply: Reply) -> str:
        remedy = f"Steps count from 0 to {oracle.num_latent - 1}." if is_beyond(oracle, prompt) else suggestions(oracle)
        return "\n".join(filter(None, [spoken(oracle, reply), remedy if reply.is_refusal else ""]))

    return [said_to(prompt, reply) for prompt, reply in asked(oracle, trace, queries, vectors)]


# --- On a console -----------------------------------------------------------------------------------------------


def say_reading(console: Console, oracle: Oracle, trace: Trace, vectors: dict[str, Tensor]) -> None:
    say(console, printable("\n".join(reading(oracle, trace, vectors))))


def say_replies(console: Console, oracle: Oracle, trace: Trace, vectors: dict[str, Tensor], queries: list[str]) -> None:
    """Each query with its reply."""
    for query, reply in zip(queries, said(oracle, trace, queries, vectors), strict=True):
        say(console, printable("\n  ".join([query, *reply.splitlines()])))


def talk(
    voices: dict[str, Oracle], trace: Trace, vectors: dict[str, Tensor], console: Console, suggest: bool = True
) -> None:
    """Queries about one trace from standard input, until its end or an empty line; each of `voices` replies."""
    examples = next(map(suggestions, voices.values()), "") if suggest else ""
    say(console, f"Ask about these thoughts; an empty line ends it. {examples}".rstrip())
    while sys.stdin:  # None where it is closed
        say(console, "about them> ", end="")
        query = input().strip()
        if console.record or not sys.stdin.isatty():
            say(console, printable(query))
        if not query:
            return
        try:
            check_query(query)
            for name, oracle in voices.items():
                (reply,) = said(oracle, trace, [query], vectors)
                say(console, printable(reply if len(voices) == 1 else f"{name}: {reply}"))
        except UserError as error:
            say(console, printable(str(error)))
