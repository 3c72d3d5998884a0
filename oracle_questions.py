"""
What an oracle can be asked about a trace: the questions in their wordings, the true answers, and both as pairs.

    from oracle_questions import STRATEGIES, TASKS, questions_about
    for question in questions_about(trace, "ablation", Random(0)):
        print(question.query(0, View()), question.response)

A question is a task with its slots (a step, a kind of ablation) and its gold answer as data. A Task knows how to word
it, how to put an answer into words and how to read a reply, so that read(say(gold)) is gold and no score depends on
prose. generate_oracle_data.py, oracle_inference.py and eval_oracle.py all take their questions from here.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random

from answers import same_answer
from files import parse_json
from oracle_prompts import PARTS, TOP_TOKENS, Prompt, View, one_line, read_prompt, short, top_token
from problems import chain_results, chain_steps
from scripting import UserError
from traces import Trace, lines_of

REMOVED = {  # ablation type: how a question says it
    "zero": "zeroed",
    "skip": "skipped",
    "noise": "blurred with noise",
    "mean": "set to its mean",
    "hide": "hidden",
}
OPERATIONS = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division"}
FUNCTION_WORDS = frozenset(
    "a an and are at away be by does each every for from had has have he her him his how if in into is it its many "
    "more much of old on or she so than that the their them then there they this to was were what when which who will "
    "with"
    .split()
)  # fmt: skip

# --- How answers are said and read back -------------------------------------------------------------------------


def steps_text(steps: list[int]) -> str:
    *most, last = map(str, steps)
    return f"Steps {', '.join(most)} and {last}" if most else f"Step {last}"


def numbers_in(text: str) -> list[int] | None:
    return [int(n) for n in re.findall(r"\d+", text)] or None


def say_steps(gold: list[int]) -> str:
    return f"{steps_text(gold)}." if gold else "None."


def read_steps(reply: str) -> list[int] | None:
    """The steps a reply names, [] for none."""
    return [] if reply.startswith("None") else numbers_in(reply)


def say_critical(gold: list[int]) -> str:
    return f"{steps_text(gold)}{' tie' if len(gold) > 1 else ''}." if gold else "None, no single step changes it."


def say_effect(gold: dict) -> str:
    return f"It becomes {gold['answer']}." if gold["changed"] else "It stays the same."


def read_effect(reply: str) -> dict | None:
    if reply.startswith("It stays"):
        return {"changed": False}
    match = re.fullmatch(r"It becomes (.*)\.", reply)
    return {"changed": True, "answer": match[1]} if match else None


def say_answer(gold: str) -> str:
    return f"It says {gold}."


def read_answer(reply: str) -> str | None:
    match = re.fullmatch(r"It says (.*)\.", reply)
    return match[1] if match else None


def say_convergence(gold: dict) -> str:
    return f"{after(gold['step']).capitalize()}, {'and it stays' if gold['stays'] else 'but not for good'}."


def read_convergence(reply: str) -> dict | None:
    stays = "stays" in reply
    if reply.startswith("Before"):
        return {"step": -1, "stays": stays}
    numbers = numbers_in(reply)
    return {"step": numbers[0], "stays": stays} if numbers else None


def say_contrast(gold: dict) -> str:
    if not gold["changed"]:
        return f"No, it says {gold['latent']} either way."
    return f"Yes, from {gold['direct']} to {gold['latent']}, edit distance {gold['distance']}."


def read_contrast(reply: str) -> dict | None:
    match = re.fullmatch(r"Yes, from (.*) to (.*), edit distance (\d+)\.", reply)
    if match:
        return {"changed": True, "direct": match[1], "latent": match[2], "distance": int(match[3])}
    match = re.fullmatch(r"No, it says (.*) either way\.", reply)
    return {"changed": False, "direct": match[1], "latent": match[1], "distance": 0} if match else None


def say_held(gold: dict) -> str:
    return f"It holds {gold['result']}, by {gold['operation']}." if gold["result"] else "It holds no result."


def read_held(reply: str) -> dict | None:
    if reply.startswith("It holds no"):
        return {"result": None, "operation": None}
    match = re.fullmatch(r"It holds (.*), by (.*)\.", reply)
    return {"result": match[1], "operation": match[2]} if match else None


def say_list(gold: list[str]) -> str:
    return f"{', '.join(gold)}."


def read_list(reply: str) -> list[str] | None:
    return reply.removesuffix(".").split(", ") if reply.endswith(".") else None


def say_kinds(gold: dict) -> str:
    return f"{'; '.join(f'{kind}: {answer}' for kind, answer in gold.items())}."


def read_kinds(reply: str) -> dict | None:
    pairs = [part.partition(": ") for part in reply.removesuffix(".").split("; ")]
    return {kind: answer for kind, _, answer in pairs} if all(mark for _, mark, _ in pairs) else None


def say_extremes(gold: dict) -> str:
    return f"Highest {at(gold['highest'])}, lowest {at(gold['lowest'])}."


def read_extremes(reply: str) -> dict | None:
    steps = [-1 if "start" in part else (numbers_in(part) or [None])[0] for part in reply.split(",")]
    return {"highest": steps[0], "lowest": steps[1]} if len(steps) == 2 and None not in steps else None


def after(step: int) -> str:
    """A moment of the run: after a latent step, which count from 0; -1 is before the first."""
    return f"after step {step}" if step >= 0 else "before any step"


def at(step: int) -> str:
    return f"at step {step}" if step >= 0 else "at the start"


def say_summary(gold: dict) -> str:
    return (
        f"Directly it says {gold['direct']}. Its answers on the way: {', '.join(gold['early'])}. "
        f"Critical: {say_steps(gold['critical'])} Redundant: {say_steps(gold['redundant'])} "
        f"It ends on {gold['output']}."
    )


# --- The tasks --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One kind of question: its wordings, the one kept for evaluation, how its gold answer becomes a reply, and how a
    reply is read back."""

    wordings: tuple[str, ...]
    held_out: str
    say: Callable[[object], str]
    read: Callable[[str], object] | None = None  # None where a reply can only be compared as a whole
    printed: str | None = None  # the part of a trace's lines that holds the answer: "tokens" or "numbers"

    def is_printed(self, view: View) -> bool:
        """Whether a prompt that shows this view of the trace prints the answer."""
        return self.printed == "numbers" or (self.printed == "tokens" and view.token_info)


TASKS = {
    "critical": Task(
        ("Which step matters most when {removed}?", "Which step changes the answer most when {removed}?"),
        "Name the step whose loss hurts most when {removed}.",
        say_critical, read_steps,
    ),
    "redundant": Task(
        ("Which steps can be {removed} and the answer stays?", "Which steps have no effect when {removed}?"),
        "Name the steps the answer does not need: they can be {removed}.",
        say_steps, read_steps,
    ),
    "step_effect": Task(
        ("What happens to the answer if step {step} is {removed}?", "If step {step} is {removed}, what becomes of it?"),
        "Suppose step {step} is {removed}. And the answer?",
        say_effect, read_effect,
    ),
    "kinds": Task(
        ("How do the ablations of step {step} differ?", "What does each ablation of step {step} give?"),
        "Compare what the ablations do to step {step}.",
        say_kinds, read_kinds,
    ),
    "early_decode": Task(
        ("What does it answer {after}?", "If it stops {after}, what is the answer?"),
        "Made to answer {after}, what does it say?",
        say_answer, read_answer,
    ),
    "convergence": Task(
        ("When does it first give the final answer?", "When is the final answer first there?"),
        "How soon could the final answer be had?",
        say_convergence, read_convergence,
    ),
    "evolution": Task(
        ("How does the answer change from step to step?", "List its answers from first to last."),
        "Show how the answer moves over the steps.",
        say_list, read_list,
    ),
    "contrastive": Task(
        ("Do the latent steps change the answer?", "Is the answer another than without latent steps?"),
        "Would it answer otherwise without latent steps?",
        say_contrast, read_contrast,
    ),
    "confidence": Task(
        ("How sure is step {step} of its top token?", "What is the top token of step {step}, with its percent?"),
        "Give the confidence of step {step}.",
        lambda gold: f"{gold['percent']}% on {gold['token']}.", printed="tokens",
    ),
    "top_tokens": Task(
        ("What are the top tokens of step {step}?", "Which tokens does step {step} show?", "What is in step {step}?"),
        "List what the lens shows at step {step}.",
        say_list, read_list, printed="tokens",
    ),
    "entropy": Task(
        ("Where is the entropy highest, where lowest?", "How does the entropy run?"),
        "At which states is it least and most sure by entropy?",
        say_extremes, read_extremes, printed="numbers",
    ),
    "change": Task(
        ("At which step does the hidden state change most?", "Which step turns the hidden state most?"),
        "Where is the cosine to the step before lowest?",
        say_steps, read_steps, printed="numbers",
    ),
    "settle": Task(
        ("Where does the top token settle?", "From which step on is the top token the same?"),
        "When does the lens stop changing its mind?",
        lambda gold: f"At step {gold['step']}, on {gold['token']}.", printed="tokens",
    ),
    "norms": Task(
        ("Where is the norm highest, where lowest?", "How does the norm run?"),
        "Which states are the longest and the shortest vectors?",
        say_extremes, read_extremes, printed="numbers",
    ),
    "summary": Task(
        ("Sum up what the latent steps do.", "What is going on in the latent steps?"),
        "Tell me all about these thoughts.",
        say_summary,
    ),
    "asked": Task(
        ("What was asked?", "Which question was put?"),
        "Guess the question.",
        lambda gold: gold,
    ),
    "about": Task(
        ("What is the question about?", "Which words does the question turn on?"),
        "Guess the topic.",
        say_list, read_list,
    ),
    "answer_kind": Task(
        ("What kind of answer does it give?", "Of what kind is the answer?"),
        "Describe the answer's form.",
        lambda gold: f"{gold}.", lambda reply: reply.removesuffix("."),
    ),
    "holds": Task(
        ("Which result does step {step} hold, by which operation?", "What has step {step} worked out, and how?"),
        "Name the intermediate result in step {step} and the operation it came by.",
        say_held, read_held,
    ),
    "patched": Task(
        (
            "If step {step} took the thought {donor} of another question, what is the answer?",
            "What does it answer with {donor} from another question put into step {step}?",
        ),
        "Put another question's thought {donor} into step {step}. And the answer?",
        say_answer, read_answer,
    ),
}  # fmt: skip
HELD_OUT = -1
DEFAULT_QUESTIONS = ("critical", "redundant", "convergence", "evolution", "contrastive", "summary")


@dataclass(frozen=True)
class Question:
    """A task about one trace, with the true answer. `shows` is what the prompt may show of the trace."""

    task: str
    gold: object = None
    slots: dict = field(default_factory=dict)  # step, kind of ablation, the donor's reading, number of the patched run
    shows: tuple[str, ...] = PARTS
    strategy: str = ""

    @property
    def key(self) -> tuple:
        """What sets one query of a task apart from another."""
        return self.task, self.slots.get("step"), self.slots.get("kind")

    def query(self, wording: int, view: View) -> str:
        """The question in words; wording HELD_OUT is the one kept for evaluation."""
        task = TASKS[self.task]
        template = (*task.wordings, task.held_out)[wording]
        words = dict(self.slots)
        if "kind" in words:
            words["removed"] = REMOVED[words["kind"]]
        if "step" in words:
            words["after"] = after(words["step"])
        if "donor" in words and not view.token_info:
            words["donor"] = "(not shown)"
        return template.format(**words)

    def put(self, prompt: Prompt, wording: int, view: View) -> Prompt:
        """`prompt`, made for an oracle with this view, with the question as its query."""
        return replace(prompt, query=self.query(wording, view), asked=self.slots.get("step"))

    @property
    def response(self) -> str:
        return TASKS[self.task].say(self.gold)


# --- The strategies ---------------------------------------------------------------------------------------------


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
    """Edit distance of what one ablation answers from the output; 0 where both come to the same number."""
    key = f"{kind}_step{step}"
    if key not in trace.ablations:
        raise UserError(f"The trace of question {trace.index} has {kind} of some steps but not of step {step}.")
    answer = trace.ablations[key]
    return 0 if same_answer(answer, trace.output) else max(1, edit_distance(short(answer), short(trace.output)))


def critical_steps(trace: Trace, kind: str) -> list[int]:
    """The steps whose removal changes the answer most; several if they tie, none if nothing changes it."""
    changes = [answer_distance(trace, kind, step) for step in range(trace.num_latent)]
    return [step for step, size in enumerate(changes) if size == max(changes) > 0]


def redundant_steps(trace: Trace, kind: str) -> list[int]:
    return [step for step in range(trace.num_latent) if not answer_distance(trace, kind, step)]


def convergence(trace: Trace) -> dict:
    """The first moment the final output is decoded, and whether every later decode gives it too."""
    same = [same_answer(decode["output"], trace.output) for decode in trace.early_decodes]
    first = same.index(True) if True in same else len(same) - 1
    return {"step": first - 1, "stays": all(same[first:])}


def ablation(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What removing steps does: critical and redundant steps, effects, how the types differ."""
    kinds = kinds_of(trace)
    if not kinds:
        return
    yield Question("critical", critical_steps(trace, kinds[0]), {"kind": kinds[0]})
    yield Question("redundant", redundant_steps(trace, kinds[0]), {"kind": kinds[0]})
    for step in range(trace.num_latent):
        kind = rng.choice(kinds)
        gold = {"changed": False}
        if answer_distance(trace, kind, step):
            gold = {"changed": True, "answer": short(trace.ablations[f"{kind}_step{step}"])}
        yield Question("step_effect", gold, {"step": step, "kind": kind})
    step = rng.randrange(trace.num_latent)
    gold = {kind: short(trace.ablations.get(f"{kind}_step{step}", "")) for kind in kinds}
    yield Question("kinds", gold, {"step": step})


def early_decode(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered after each step, and when the final answer is first there."""
    if not trace.early_decodes:
        return
    answers = [short(decode["output"]) for decode in trace.early_decodes]
    for step, answer in enumerate(answers[1:]):
        yield Question("early_decode", answer, {"step": step})
    yield Question("convergence", convergence(trace))
    yield Question("evolution", answers)


def contrastive(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """Whether latent reasoning changes the output, from what to what, and how much."""
    if trace.no_reasoning_output is None:  # it was not collected
        return
    direct, latent = short(trace.no_reasoning_output), short(trace.output)
    changed = not same_answer(trace.no_reasoning_output, trace.output)
    distance = edit_distance(direct, latent) if changed else 0
    gold = {"changed": changed, "direct": direct if changed else latent, "latent": latent, "distance": distance}
    yield Question("contrastive", gold)


def token_stats(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What the readings print: confidence, top tokens, entropy, change, where the top token settles, norms."""
    tops = [top_token(step) for step in trace.steps]
    step = rng.randrange(trace.num_latent)
    gold = {"percent": round(100 * trace.steps[step]["top_k_probs"][0]), "token": tops[step]}
    yield Question("confidence", gold, {"step": step})
    step = rng.randrange(trace.num_latent)
    yield Question("top_tokens", [one_line(t) for t in trace.steps[step]["top_k_tokens"][:TOP_TOKENS]], {"step": step})
    settled = next(i for i in range(len(tops)) if len(set(tops[i:])) == 1)
    yield Question("settle", {"step": settled, "token": tops[-1]})
    states = list(enumerate(trace.steps)) + ([(-1, trace.encoding)] if trace.encoding else [])
    for task, name in (("entropy", "entropy"), ("norms", "norm")):
        values = {step: reading[name] for step, reading in states}
        yield Question(task, {"highest": max(values, key=values.get), "lowest": min(values, key=values.get)})
    cosines = [(step["cosine_to_prev"], i) for i, step in enumerate(trace.steps) if step["cosine_to_prev"] is not None]
    if cosines:
        yield Question("change", [min(cosines)[1]])


def summary(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """All signals in one answer."""
    kinds = kinds_of(trace)
    if not kinds or not trace.early_decodes or trace.no_reasoning_output is None:
        return
    gold = {
        "direct": short(trace.no_reasoning_output),
        "early": [short(decode["output"]) for decode in trace.early_decodes],
        "critical": critical_steps(trace, kinds[0]),
        "redundant": redundant_steps(trace, kinds[0]),
        "output": short(trace.output),
    }
    yield Question("summary", gold)


def prompt_reconstruction(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """With the question hidden: what was asked, what about, what kind of answer."""
    shows = ("output", "trace")
    yield Question("asked", re.split(r"(?<=[.!?])\s+", one_line(trace.question))[-1], shows=shows)
    words = [w for w in re.findall(r"[^\W\d_]{2,}", trace.question) if w.lower() not in FUNCTION_WORDS]
    if words:
        yield Question("about", [word for word, _ in Counter(words).most_common(2)], shows=shows)
    yield Question("answer_kind", answer_kind(trace.output), shows=("trace",))


def answer_kind(output: str) -> str:
    """Of what kind an answer is, without saying which."""
    match = re.fullmatch(r"[-−]?\$?([\d,]+)(\.\d+)?", one_line(output))
    if not match:
        return "Words"
    return "A decimal number" if match[2] else f"A whole number, digits: {len(match[1].replace(',', ''))}"


def patching(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered with a step's vector taken from another question. It took what the donor's step before
    yielded, so that state's top lens token is told."""
    if donor is None:
        return
    for step in range(trace.num_latent):
        source = donor.steps[step - 1] if step else donor.encoding
        key = f"swap_step{step}"
        if key in trace.ablations and source:
            yield Question("patched", short(trace.ablations[key]), {"step": step, "donor": top_token(source)})


def counterfactual(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """What is answered after each step of a run with all or some latents of another question; for vector oracles."""
    for number, patch in enumerate(trace.patches if donor else []):
        for decode in patch["early_decodes"][1:]:
            slots = {"step": decode["after_step"], "patch": number}
            yield Question("early_decode", short(decode["output"]), slots, shows=("question", "trace"))


def chain(trace: Trace, rng: Random, donor: Trace | None) -> Iterator[Question]:
    """Which result of the gold chain a step holds: the first of its lens tokens that is one. Needs the gold chain."""
    steps = [step for step in chain_steps(trace.gold_chain) if chain_results(step)]
    made_by = {
        chain_results(step)[0]: OPERATIONS[found[-1]]
        for step in steps
        if (found := re.findall(r"(?<=[\d)])\s*([-+*/])", step))
    }
    for step in range(trace.num_latent if made_by else 0):
        tokens = [token.strip() for token in trace.steps[step]["top_k_tokens"]]
        held = next((token for token in tokens if token in made_by), None)
        yield Question("holds", {"result": held, "operation": made_by.get(held)}, {"step": step})


STRATEGIES = {
    strategy.__name__: strategy
    for strategy in (
        ablation, early_decode, contrastive, token_stats, summary, prompt_reconstruction, patching, counterfactual,
        chain,
    )
}  # fmt: skip
TASK_LABELS = ("chain",)  # strategies that need the data set's gold chain; not made unless asked for


def questions_about(trace: Trace, strategy: str, rng: Random, donor: Trace | None = None) -> list[Question]:
    """The questions of one strategy about `trace`; `donor` is the trace that its swaps took from, if it may be told."""
    return [replace(question, strategy=strategy) for question in STRATEGIES[strategy](trace, rng, donor)]


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
        slots = {"step": (int,), "patch": (int,), "kind": (str,), "donor": (str,)}
        if any(type(value) not in slots.get(name, ()) for name, value in row["slots"].items()):
            raise UserError(f"{where}: slots is {str(row['slots'])[:60]!r}, not what a pair holds there.")
        if not all(part in PARTS for part in row["shows"]):
            raise UserError(f"{where}: shows is {str(row['shows'])[:60]!r}; known are {', '.join(PARTS)}.")
        for name, known in (("strategy", STRATEGIES), ("sub_type", TASKS)):
            if row[name] not in known:
                raise UserError(f"{where}: {name} is {row[name][:60]!r}; known are {', '.join(known)}.")
        if not says(row["sub_type"], row["gold"], row["response"]):
            raise UserError(f"{where}: gold is {str(row['gold'])[:60]!r}, not what the response says. {GENERATE}")
        try:
            prompt = read_prompt(row["input"], row["slots"].get("step"))
        except ValueError as error:
            raise UserError(f"{where}: the input has {error}. {GENERATE}") from error
        return cls(prompt, *(row[name] for name in names[1:]))


def says(task: str, gold, response: str) -> bool:
    """Whether a response is how a task says `gold`, whatever that is."""
    try:
        return TASKS[task].say(gold) == response
    except (TypeError, KeyError, AttributeError, IndexError, ValueError):
        return False


PAIR_TYPES = {
    "input": str, "response": str, "strategy": str, "sub_type": str, "source_index": int, "slots": dict,
    "num_latent": int, "shows": list, "answer_in_prompt": bool,
}  # fmt: skip


def read_pairs(path: Path) -> Iterator[Pair]:
    """Every pair of a file, one at a time; UserError for one that is missing, empty or malformed."""
    for number, line in lines_of(path, GENERATE):
        yield Pair.from_json(line, f"{path}:{number}")
