"""
What an oracle can be asked about a trace: questions in plain words, the true answers, and both as pairs.

    from oracle_questions import STRATEGIES, questions_about
    for question in questions_about(trace, "ablation", Random(0)):
        print(question.query(Random(0), View()), question.response)

A question is a task of oracle_replies.py with its slots (a step, a kind of ablation) and its gold answer as data; its
queries are drawn from the sentences of sentences.py. generate_oracle_data.py, oracle_inference.py and eval_oracle.py
all take their questions from here.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from random import Random

from files import parse_json
from oracle_prompts import PARTS, TOP_TOKENS, Prompt, VectorReader, View, one_line, read_prompt, short, top_token
from oracle_replies import DEFAULT_KIND, REFUSAL, REMOVED, TASKS
from problems import chain_results, chain_steps
from queries import steps_named
from scripting import UserError
from traces import Trace, lines_of
from wordings import plain_wording, wording

OPERATIONS = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division"}
KIND_TOLD = 0.5  # share of the queries about the usual kind of ablation that name it
REFUSALS = 5  # questions about each trace that it cannot answer
FUNCTION_WORDS = frozenset(
    "a an and are at away be by does each every for from had has have he her him his how if in into is it its many "
    "more much of old on or she so than that the their them then there they this to was were what when which who will "
    "with"
    .split()
)  # fmt: skip

# --- Questions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A task about one trace, with the true answer. `shows` is what the prompt may show of the trace."""

    task: str
    gold: object = None
    # step, other step, kind of ablation, the donor's reading, number of the patched run
    slots: dict = field(default_factory=dict)
    shows: tuple[str, ...] = PARTS
    strategy: str = ""
    num_latent: int = 6

    @property
    def key(self) -> tuple:
        """What sets one query apart from another; of a comparison, both steps."""
        return self.task, *(self.slots.get(name) for name in ("step", "kind", "other"))

    def named(self, is_kind_told: bool) -> dict:
        """The slots of a query that names the kind of ablation, or leaves the usual one to be understood."""
        return self.slots if is_kind_told or self.slots.get("kind") != DEFAULT_KIND else self.slots | {"kind": None}

    def query(self, rng: Random, view: View, held_out: bool = False) -> str:
        """The question in words, drawn from those to learn from or those kept for evaluation."""
        slots = self.named(rng.random() < KIND_TOLD) | {"num_latent": self.num_latent}
        if "donor" in slots and not view.token_info:
            slots["donor"] = "(not shown)"
        return wording(self.task, slots, rng, held_out)

    def plain_query(self) -> str:
        """The question in its plainest words."""
        return plain_wording(self.task, self.named(False) | {"num_latent": self.num_latent})

    def put(self, prompt: Prompt, query: str) -> Prompt:
        """`prompt` with a query that asks this question."""
        return replace(prompt, query=query, asked=self.asked(query))

    def asked(self, query: str) -> int | None:
        """The step that a query for this question is about, of two the later. What cannot be answered is about the step
        that it names, if the run has it."""
        named = [self.slots[name] for name in ("step", "other") if name in self.slots]
        if self.task == "unanswerable":
            named = [step for step in steps_named(query, self.num_latent) if step < self.num_latent]
        return max(named, default=None)

    @property
    def response(self) -> str:
        return TASKS[self.task].say(self.gold, self.slots)

    def seen_by(self, view: View) -> "Question":
        """The question to an oracle with this view: to one that reads vectors alone, what they cannot tell is
        unanswerable."""
        return self if TASKS[self.task].can_be_told(view) else replace(self, task="unanswerable", gold=True)


# --- Ablations and early decodes --------------------------------------------------------------------------------


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's distance: insertions, deletions and substitutions of characters."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def kinds_of(trace: Trace) -> list[str]:
    """The ablation types of a trace that remove something of a step, in its order."""
    kinds = dict.fromkeys(key.rpartition("_step")[0] for key in trace.ablations)
    return [kind for kind in kinds if kind in REMOVED]


def answer_distance(trace: Trace, kind: str, step: int) -> int:
    """Edit distance of what one ablation answers from the output; 0 where both come to the same."""
    key = f"{kind}_step{step}"
    if key not in trace.ablations:
        raise UserError(f"The trace of question {trace.index} has {kind} of some steps but not of step {step}.")
    answer = trace.ablations[key]
    return 0 if trace.same(answer, trace.output) else max(1, edit_distance(short(answer), short(trace.output)))


def critical_steps(trace: Trace, kind: str) -> list[int]:
    """The steps whose removal changes the answer most; several if they tie, none if nothing changes it."""
    changes = [answer_distance(trace, kind, step) for step in range(trace.num_latent)]
    return [step for step, size in enumerate(changes) if size == max(changes) > 0]


def redundant_steps(trace: Trace, kind: str) -> list[int]:
    return [step for step in range(trace.num_latent) if not answer_distance(trace, kind, step)]


def convergence(trace: Trace) -> dict:
    """The first moment the final output is decoded, and whether every later decode gives it too."""
    same = [trace.same(decode["output"], trace.output) for decode in trace.early_decodes]
    first = same.index(True) if True in same else len(same) - 1
    return {"step": first - 1, "stays": all(same[first:])}


# --- What is true -----------------------------------------------------------------------------------------------


def effect(trace: Trace, slots: dict) -> dict:
    """Whether an ablation of a step changes the answer, and to what."""
    kind, step = slots["kind"], slots["step"]
    if not answer_distance(trace, kind, step):
        return {"changed": False}
    return {"changed": True, "answer": short(trace.ablations[f"{kind}_step{step}"])}


def every_kind(trace: Trace, slots: dict) -> dict:
    keys = {kind: f"{kind}_step{slots['step']}" for kind in kinds_of(trace)}
    return {kind: short(trace.ablations[key]) for kind, key in keys.items() if key in trace.ablations}


def right(trace: Trace, slots: dict) -> dict | None:
    if trace.gold_answer is None:
        return None
    return {"right": trace.is_right(trace.output), "answer": short(trace.output)}


def direct(trace: Trace, slots: dict) -> str | None:
    return None if trace.no_reasoning_output is None else short(trace.no_reasoning_output)


def contrast(trace: Trace, slots: dict) -> dict | None:
    """Whether thinking changes the answer; an equal one in other words is no other answer."""
    if trace.no_reasoning_output is None:
        return None
    changed, latent = not trace.same(trace.no_reasoning_output, trace.output), short(trace.output)
    return {"changed": changed, "direct": direct(trace, slots) if changed else latent, "latent": latent}


def decodes(trace: Trace, slots: dict) -> list[str]:
    """What is answered before any step and after each."""
    return [short(decode["output"]) for decode in trace.early_decodes]


def decoded(trace: Trace, slots: dict) -> str:
    """What the plain run answers after a step."""
    return short(trace.early_decodes[slots["step"] + 1]["output"])


def already(trace: Trace, slots: dict) -> dict:
    output = trace.early_decodes[slots["step"] + 1]["output"]
    return {"there": trace.same(output, trace.output), "answer": short(output), "final": short(trace.output)}


def percent_of(trace: Trace, step: int) -> int:
    return round(100 * trace.steps[step]["top_k_probs"][0])


def sureness(trace: Trace, slots: dict) -> dict:
    return {"percent": percent_of(trace, slots["step"]), "token": top_token(trace.steps[slots["step"]])}


def two_percents(trace: Trace, slots: dict) -> dict | None:
    """How sure two steps are of their top tokens; None where both come to the same percent."""
    percents = [percent_of(trace, slots[name]) for name in ("step", "other")]
    return {"percents": percents} if len(set(percents)) == 2 else None


def surer(trace: Trace, slots: dict) -> dict | None:
    """Which of two steps is surer, with two_percents()."""
    found = two_percents(trace, slots)
    return found and found | {"step": slots["step" if found["percents"][0] > found["percents"][1] else "other"]}


def extremes_of(name: str) -> Callable[[Trace, dict], dict]:
    def extremes(trace, slots):
        states = list(enumerate(trace.steps)) + ([(-1, trace.encoding)] if trace.encoding else [])
        values = {step: reading[name] for step, reading in states}
        return {"highest": max(values, key=values.get), "lowest": min(values, key=values.get)}

    return extremes


def largest_change(trace: Trace, slots: dict) -> list[int] | None:
    cosines = [(step["cosine_to_prev"], i) for i, step in enumerate(trace.steps) if step["cosine_to_prev"] is not None]
    return [min(cosines)[1]] if cosines else None


def settled(trace: Trace, slots: dict) -> dict:
    """The top token of each step, and the step from which on it stays the same."""
    tops = [top_token(step) for step in trace.steps]
    return {"step": next(i for i in range(len(tops)) if len(set(tops[i:])) == 1), "tokens": tops}


def summed_up(trace: Trace, slots: dict) -> dict | None:
    """All signals in one."""
    if not kinds_of(trace) or not trace.early_decodes or trace.no_reasoning_output is None:
        return None
    return {
        "direct": direct(trace, slots),
        "early": decodes(trace, slots),
        "critical": critical_steps(trace, slots["kind"]),
        "redundant": redundant_steps(trace, slots["kind"]),
        "output": short(trace.output),
    }


def topic(trace: Trace, slots: dict) -> list[str] | None:
    """The two words of the question that come most often."""
    words = [w for w in re.findall(r"[^\W\d_]{2,}", trace.question) if w.lower() not in FUNCTION_WORDS]
    return [word for word, _ in Counter(words).most_common(2)] or None


def answer_kind(output: str) -> str:
    """Of what kind an answer is, without saying which."""
    match = re.fullmatch(r"[-−]?\$?([\d,]+)(\.\d+)?", one_line(output))
    if not match:
        return "Words"
    return "A decimal number" if match[2] else f"A whole number, digits: {len(match[1].replace(',', ''))}"


def held(trace: Trace, slots: dict) -> dict:
    """Which result of the gold chain a step holds: the first of its lens tokens that is one; and its operation."""
    made_by = operations(trace.gold_chain)
    tokens = [token.strip() for token in trace.steps[slots["step"]]["top_k_tokens"]]
    result = next((token for token in tokens if token in made_by), None)
    return {"result": result, "operation": made_by.get(result)}


@lru_cache(1)
def operations(chain: str) -> dict[str, str]:
    """By each result of a chain, the last operation of the step that came to it."""
    return {
        chain_results(step)[0]: OPERATIONS[found[-1]]
        for step in chain_steps(chain)
        if chain_results(step) and (found := re.findall(r"(?<=[\d)])\s*([-+*/])", step))
    }


# the true answer to each task, of a trace and slots; None where there is none
GOLD: dict[str, Callable[[Trace, dict], object]] = {
    "final": lambda trace, slots: short(trace.output),
    "direct": direct,
    "correct": right,
    "wrong": right,
    "contrastive": contrast,
    "needless": contrast,
    "critical": lambda trace, slots: critical_steps(trace, slots["kind"]),
    "redundant": lambda trace, slots: redundant_steps(trace, slots["kind"]),
    "step_effect": effect,
    "effect_yes_no": effect,
    "cut_yes_no": effect,
    "effect_and_value": effect,
    "kinds": every_kind,
    "early_decode": decoded,
    "already_yes_no": already,
    "convergence": lambda trace, slots: {"early": decodes(trace, slots)} | convergence(trace),
    "evolution": decodes,
    "confidence": sureness,
    "top_tokens": lambda trace, slots: [
        one_line(token) for token in trace.steps[slots["step"]]["top_k_tokens"][:TOP_TOKENS]
    ],
    "surer": two_percents,
    "surer_of": surer,
    "entropy": extremes_of("entropy"),
    "norms": extremes_of("norm"),
    "change": largest_change,
    "settle": settled,
    "summary": summed_up,
    "asked": lambda trace, slots: re.split(r"(?<=[.!?])\s+", one_line(trace.question))[-1],
    "about": topic,
    "answer_kind": lambda trace, slots: answer_kind(trace.output),
    "holds": held,
    "patched": lambda trace, slots: short(trace.ablations[f"swap_step{slots['step']}"]),
    "unanswerable": lambda trace, slots: True,
}


def ask(trace: Trace, task: str, shows: tuple[str, ...] = PARTS, **slots) -> Iterator[Question]:
    """A question about a trace, or none where it has no true answer."""
    gold = GOLD[task](trace, slots)
    if gold is not None:
        yield Question(task, gold, slots, shows)


# --- The strategies ---------------------------------------------------------------------------------------------
# Of each task a few questions a trace, so that none is rare in training.


def some_steps(trace: Trace, rng: Random, count: int) -> list[int]:
    """Latent steps, no two alike: `count` of them, or all there are."""
    return rng.sample(range(trace.num_latent), min(count, trace.num_latent))


def answers(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """The final answer, and whether it is right where that is known."""
    for task in ("final", "final", "correct", "wrong"):
        yield from ask(trace, task)


def ablation(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What removing steps does: critical and redundant steps, effects, how the types differ."""
    kinds = kinds_of(trace)
    if not kinds:
        return
    for task in ("critical", "redundant"):
        for kind in dict.fromkeys((kinds[0], rng.choice(kinds))):
            yield from ask(trace, task, kind=kind)
    for task in ("step_effect", "effect_yes_no", "cut_yes_no", "effect_and_value"):
        for step in some_steps(trace, rng, 3):
            yield from ask(trace, task, step=step, kind=rng.choice(kinds))
    yield from ask(trace, "kinds", step=rng.randrange(trace.num_latent))


def early_decode(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered after each step, and when the final answer is first there."""
    if not trace.early_decodes:
        return
    for step in range(-1, trace.num_latent):
        yield from ask(trace, "early_decode", step=step)
    for step in rng.sample(range(-1, trace.num_latent), min(3, trace.num_latent + 1)):
        yield from ask(trace, "already_yes_no", step=step)
    for task in ("convergence", "convergence", "evolution"):
        yield from ask(trace, task)


def contrastive(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered without latent reasoning, and whether that is another answer."""
    for task in ("direct", "direct", "contrastive", "needless"):
        yield from ask(trace, task)


def token_stats(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What the readings print: confidence, top tokens, entropy, change, where the top token settles, norms."""
    for task in ("confidence", "top_tokens"):
        for step in some_steps(trace, rng, 2):
            yield from ask(trace, task, step=step)
    for task in ("surer", "surer", "surer_of") if trace.num_latent > 1 else ():
        step, other = some_steps(trace, rng, 2)
        yield from ask(trace, task, step=step, other=other)
    for task in ("settle", "settle", "entropy", "norms", "change", "change"):
        yield from ask(trace, task)


def summary(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """All signals in one answer."""
    for kind in sorted(kinds_of(trace), key=lambda kind: kind != DEFAULT_KIND)[:1]:
        yield from ask(trace, "summary", kind=kind)


def prompt_reconstruction(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """With the question hidden: what was asked, what about, what kind of answer."""
    for task, shows in (("asked", ("output", "trace")), ("about", ("output", "trace")), ("answer_kind", ("trace",))):
        yield from ask(trace, task, shows)


def patching(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered with a step's vector taken from another question. It took what the donor's step before
    yielded, so that state's top lens token is told."""
    for step in some_steps(trace, rng, 2) if donor else ():
        source = donor.steps[step - 1] if step else donor.encoding
        if f"swap_step{step}" in trace.ablations and source:
            yield from ask(trace, "patched", step=step, donor=top_token(source))


def counterfactual(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered after some steps of a run with all or some latents of another question; for vector oracles."""
    for number, patch in enumerate(trace.patches if donor else []):
        decodes_of = patch["early_decodes"][1:]
        for decode in rng.sample(decodes_of, min(2, len(decodes_of))):
            slots = {"step": decode["after_step"], "patch": number}
            yield Question("early_decode", short(decode["output"]), slots, shows=("question", "trace"))


def chain(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """Which result of the gold chain a step holds: the first of its lens tokens that is one. Needs the gold chain."""
    for step in range(trace.num_latent if operations(trace.gold_chain) else 0):
        yield from ask(trace, "holds", step=step)


def refusal(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What thoughts cannot tell: anything else, nonsense, steps that are not there."""
    for _ in range(REFUSALS):
        yield from ask(trace, "unanswerable")


STRATEGIES = {
    strategy.__name__: strategy
    for strategy in (
        answers, ablation, early_decode, contrastive, token_stats, summary, prompt_reconstruction, patching,
        counterfactual, chain, refusal,
    )
}  # fmt: skip
TASK_LABELS = ("chain",)  # strategies that need the data set's gold chain; not made unless asked for


def questions_about(trace: Trace, strategy: str, rng: Random, donor: Trace | None = None) -> list[Question]:
    """The questions of one strategy about `trace`; `donor` is the trace that its swaps took from, if it may be told."""
    found = STRATEGIES[strategy](trace, rng, donor)
    return [replace(question, strategy=strategy, num_latent=trace.num_latent) for question in found]


def all_questions(trace: Trace, rng: Random, donor: Trace | None = None) -> list[Question]:
    """The questions of all strategies about `trace`."""
    return [question for strategy in STRATEGIES for question in questions_about(trace, strategy, rng, donor)]


# --- Pairs on disk ----------------------------------------------------------------------------------------------

GENERATE = "Make it with: python generate_oracle_data.py --input traces_train.jsonl"


@dataclass(frozen=True)
class Pair:
    """One question to learn from, and its answer: a line of oracle_data.jsonl."""

    prompt: Prompt  # "input" on disk, as text up to "Reply:"
    response: str
    strategy: str
    sub_type: str  # the task
    source_index: int  # of the trace
    gold: object  # the answer as data
    slots: dict
    num_latent: int
    shows: list[str]  # the parts of PARTS that the prompt does not hide
    answer_in_prompt: bool

    @property
    def input(self) -> str:
        return self.prompt.text()

    def is_for(self, view: View) -> bool:
        """Whether an oracle with this view can read it: of a patched run there are only vectors."""
        return view.reads == "vectors" or "patch" not in self.slots

    def prompt_for(self, reader: VectorReader) -> Prompt:
        """The prompt as an oracle sees it that has the reader's view."""
        vectors = reader.of(self.source_index, self.slots.get("patch"))
        return replace(self.prompt.seen(reader.view, self.shows), vectors=vectors)

    def reply_for(self, view: View) -> str:
        """The reply that an oracle with this view learns: a refusal where its vectors cannot tell."""
        is_lost = "trace" in self.shows and not TASKS[self.sub_type].can_be_told(view)
        return REFUSAL if is_lost else self.response

    def to_json(self) -> str:
        row = {"input": self.input} | {name: value for name, value in vars(self).items() if name != "prompt"}
        return json.dumps(row, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str, where: str) -> "Pair":
        try:
            row = parse_json(line)
        except ValueError as error:
            raise UserError(f"{where}: not valid JSON ({str(error)[:80]}). Was the file cut short?") from error
        names = ["input", *(f.name for f in fields(cls) if f.name != "prompt")]
        missing = [name for name in names if name not in row] if isinstance(row, dict) else ["fields"]
        if missing:
            raise UserError(f"{where}: the pair has no {', '.join(missing)}. {GENERATE}")
        for name, kind in PAIR_TYPES.items():
            if type(row[name]) is not kind:
                raise UserError(f"{where}: {name} is {str(row[name])[:60]!r}, not what a pair holds there.")
        slots = {"step": (int,), "other": (int,), "patch": (int,), "kind": (str,), "donor": (str,)}
        if any(type(value) not in slots.get(name, ()) for name, value in row["slots"].items()):
            raise UserError(f"{where}: slots is {str(row['slots'])[:60]!r}, not what a pair holds there.")
        if not all(part in PARTS for part in row["shows"]):
            raise UserError(f"{where}: shows is {str(row['shows'])[:60]!r}; known are {', '.join(PARTS)}.")
        for name, known in (("strategy", STRATEGIES), ("sub_type", TASKS)):
            if row[name] not in known:
                raise UserError(f"{where}: {name} is {row[name][:60]!r}; known are {', '.join(known)}.")
        if not TASKS[row["sub_type"]].says(row["gold"], row["slots"], row["response"]):
            raise UserError(f"{where}: gold is {str(row['gold'])[:60]!r}, not what the response says. {GENERATE}")
        try:
            prompt = read_prompt(row["input"], None)
        except ValueError as error:
            raise UserError(f"{where}: the input has {error}. {GENERATE}") from error
        question = Question(row["sub_type"], slots=row["slots"], num_latent=row["num_latent"])
        return cls(question.put(prompt, prompt.query), *(row[name] for name in names[1:]))


PAIR_TYPES = {
    "input": str, "response": str, "strategy": str, "sub_type": str, "source_index": int, "slots": dict,
    "num_latent": int, "shows": list, "answer_in_prompt": bool,
}  # fmt: skip


def read_pairs(path: Path) -> Iterator[Pair]:
    """Every pair of a file, one at a time; UserError for one that is missing, empty or malformed."""
    for number, line in lines_of(path, GENERATE):
        yield Pair.from_json(line, f"{path}:{number}")
