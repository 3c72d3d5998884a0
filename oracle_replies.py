"""
How an oracle says an answer, and how a reply is read back: TASKS, a row for each kind of question.

    from oracle_replies import TASKS
    TASKS["early_decode"].say("17", {"step": 2})  # "17 after step 2."
    TASKS["early_decode"].read("17 after step 2.")  # "17"

True answers are data ("gold"), so that read(say(gold)) is gold and no score depends on prose. Replies are short, with a
number first where one is read off, and yes or no last: a model has to write what it compares before it compares. They
name the step and the kind of ablation that they are about, as the query may have said "the third step" or no kind at
all. How a task is asked for stands in sentences.py, under the same name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

from oracle_prompts import View

DEFAULT_KIND = "zero"  # of an ablation, where the query names none
REMOVED = {  # ablation type: how a reply says it
    "zero": "zeroed",
    "skip": "skipped",
    "noise": "blurred with noise",
    "mean": "set to its mean",
    "hide": "hidden",
}
REFUSAL = "I cannot tell that from these thoughts."
MOMENT = r"(?:after step \d+|before any step)"


@dataclass(frozen=True)
class Task:
    """One kind of question: how its gold answer, which the slots of the question belong to, becomes a reply, and how a
    reply is read back; None where it cannot be."""

    say: Callable[[object, dict], str]
    read: Callable[[str], object]
    printed: str | None = None  # the part of a trace's lines that holds the answer: "tokens" or "numbers"
    in_vectors: bool = True  # whether vectors can tell: not names, nor norms, without which they are read

    def can_be_told(self, view: View) -> bool:
        """Whether an oracle with this view can know the answer."""
        return self.in_vectors or view.reads != "vectors"

    def is_printed(self, view: View) -> bool:
        """Whether a prompt that shows this view of the trace prints the answer."""
        return self.printed == "numbers" or (self.printed == "tokens" and view.token_info)

    def says(self, gold, slots: dict, reply: str) -> bool:
        """Whether a reply is how the task says `gold`, whatever that is."""
        try:
            return self.say(gold, slots) == reply
        except (TypeError, KeyError, AttributeError, IndexError, ValueError):
            return False


def said(pattern: str, of: Callable[[re.Match], object] = itemgetter(1)) -> Callable[[str], object]:
    """Reads a reply of a pattern: what its first group says, or what is made `of` the match."""
    return lambda reply: of(match) if (match := re.fullmatch(pattern, reply)) else None


def either(*readers: Callable[[str], object]) -> Callable[[str], object]:
    """Reads a reply by the first of some readers that can."""
    return lambda reply: next((data for reader in readers if (data := reader(reply)) is not None), None)


# --- Steps and moments ------------------------------------------------------------------------------------------


def after(step: int) -> str:
    """A moment of the run: after a latent step, which count from 0; -1 is before the first."""
    return f"after step {step}" if step >= 0 else "before any step"


def at(step: int) -> str:
    return f"at step {step}" if step >= 0 else "at the start"


def so(is_yes: bool) -> str:
    return f", so {'yes' if is_yes else 'no'}."


def steps_text(steps: list[int]) -> str:
    *most, last = map(str, steps)
    return f"Steps {', '.join(most)} and {last}" if most else f"Step {last}"


def numbers_in(text: str) -> list[int] | None:
    return [int(n) for n in re.findall(r"\d+", text)] or None


def read_steps(reply: str) -> list[int] | None:
    """The steps a reply names, [] for none."""
    return [] if reply.startswith("No") else numbers_in(reply)


def say_critical(gold: list[int], slots: dict) -> str:
    steps = f"{steps_text(gold)}{' alike' if len(gold) > 1 else ''}" if gold else "No single step"
    return f"{steps}, when {REMOVED[slots['kind']]}."


def say_redundant(gold: list[int], slots: dict) -> str:
    return f"{steps_text(gold) if gold else 'No step'} can be {REMOVED[slots['kind']]}."


def say_extremes(gold: dict, slots: dict) -> str:
    return f"Highest {at(gold['highest'])}, lowest {at(gold['lowest'])}."


def read_extremes(reply: str) -> dict | None:
    steps = [-1 if "start" in part else (numbers_in(part) or [None])[0] for part in reply.split(",")]
    return {"highest": steps[0], "lowest": steps[1]} if len(steps) == 2 and None not in steps else None


def say_already(gold: dict, slots: dict) -> str:
    return f"{gold['answer']} {after(slots['step'])} and {gold['final']} in the end{so(gold['there'])}"


def on_the_way(early: list[str]) -> str:
    """What is answered before any step and after each, told with each step: a model loses count in a bare list."""
    first, *later = early
    return ", ".join([f"{first} before any step", *(f"{answer} after {step}" for step, answer in enumerate(later))])


def read_on_the_way(text: str) -> list[str]:
    return [re.sub(r" (before any step|after \d+)$", "", part) for part in text.split(", ")]


def say_convergence(gold: dict, slots: dict) -> str:
    stays = "" if gold["stays"] else "but not "
    return f"{on_the_way(gold['early'])}, so {after(gold['step'])}, {stays}for good."


read_convergence = said(
    rf"(.*), so ({MOMENT}), (but not )?for good\.",
    lambda match: {
        "early": read_on_the_way(match[1]), "step": (numbers_in(match[2]) or [-1])[0], "stays": match[3] is None,
    },
)  # fmt: skip


def say_settled(gold: dict, slots: dict) -> str:
    tokens = ", ".join(f"{token} at {step}" for step, token in enumerate(gold["tokens"]))
    return f"{tokens}, so from step {gold['step']} on."


read_settled = said(
    r"(.*), so from step (\d+) on\.",
    lambda match: {"step": int(match[2]), "tokens": [re.sub(r" at \d+$", "", part) for part in match[1].split(", ")]},
)


# --- Answers of the model ---------------------------------------------------------------------------------------


def say_effect(gold: dict, slots: dict, yes_is_change: bool | None = None) -> str:
    """What becomes of the answer, and then yes or no where one of them means that it changes."""
    what = f"It becomes {gold['answer']}" if gold["changed"] else "It stays"
    verdict = "." if yes_is_change is None else so(gold["changed"] == yes_is_change)
    return f"{what} when step {slots['step']} is {REMOVED[slots['kind']]}{verdict}"


read_effect = either(
    said(r"It stays when step \d+ is .*\.", lambda match: {"changed": False}),
    said(r"It becomes (.*) when step \d+ is .*\.", lambda match: {"changed": True, "answer": match[1]}),
)


def say_right(gold: dict, yes_is_right: bool) -> str:
    return f"{gold['answer']} is {'right' if gold['right'] else 'wrong'}{so(gold['right'] == yes_is_right)}"


read_right = said(
    r"(.*) is (right|wrong), so (?:yes|no)\.", lambda match: {"right": match[2] == "right", "answer": match[1]}
)


def say_contrast(gold: dict, yes_is_change: bool) -> str:
    verdict = so(gold["changed"] == yes_is_change)
    if not gold["changed"]:
        return f"It stays {gold['latent']} without thinking{verdict}"
    return f"It is {gold['direct']} without thinking and {gold['latent']} with it{verdict}"


read_contrast = either(
    said(
        r"It is (.*) without thinking and (.*) with it, so (?:yes|no)\.",
        lambda match: {"changed": True, "direct": match[1], "latent": match[2]},
    ),
    said(
        r"It stays (.*) without thinking, so (?:yes|no)\.",
        lambda match: {"changed": False, "direct": match[1], "latent": match[1]},
    ),
)


def say_kinds(gold: dict, slots: dict) -> str:
    return f"Step {slots['step']} {'; '.join(f'{REMOVED[kind]}: {answer}' for kind, answer in gold.items())}."


def read_kinds(reply: str) -> dict | None:
    kinds = {words: kind for kind, words in REMOVED.items()}
    parts = [part.partition(": ") for part in re.sub(r"^Step \d+ |\.$", "", reply).split("; ")]
    if not all(words in kinds for words, _, _ in parts):
        return None
    return {kinds[words]: answer for words, _, answer in parts}


def say_list(gold: list[str], slots: dict) -> str:
    return f"{', '.join(gold)}."


def read_list(reply: str) -> list[str] | None:
    return reply.removesuffix(".").split(", ") if reply.endswith(".") else None


def say_summary(gold: dict, slots: dict) -> str:
    return (
        f"{gold['output']} in the end, {gold['direct']} without thinking. {on_the_way(gold['early'])}. "
        f"{say_critical(gold['critical'], slots)} {say_redundant(gold['redundant'], slots)}"
    )


read_summary = said(
    r"(.*) in the end, (.*) without thinking\. (.*)\. (.*, when .*\.) (.* can be .*\.)",
    lambda match: {
        "output": match[1], "direct": match[2], "early": read_on_the_way(match[3]),
        "critical": read_steps(match[4]), "redundant": read_steps(match[5]),
    },
)  # fmt: skip


# --- Readings ---------------------------------------------------------------------------------------------------


def say_surer(gold: dict, slots: dict) -> str:
    """Of two steps, whether the one named first is surer of its top token, with both probabilities in percent."""
    first, second = gold["percents"]
    return f"{say_percents(gold, slots)}{so(first > second)}"


def say_surer_of(gold: dict, slots: dict) -> str:
    """Which of two steps is surer, after both probabilities."""
    return f"{say_percents(gold, slots)}, so step {gold['step']}."


def say_percents(gold: dict, slots: dict) -> str:
    first, second = gold["percents"]
    return f"{first}% at step {slots['step']} and {second}% at step {slots['other']}"


read_surer = said(
    r"(\d+)% at step \d+ and (\d+)% at step \d+, so (?:yes|no)\.",
    lambda match: {"percents": [int(match[1]), int(match[2])]},
)
read_surer_of = said(
    r"(\d+)% at step \d+ and (\d+)% at step \d+, so step (\d+)\.",
    lambda match: {"step": int(match[3]), "percents": [int(match[1]), int(match[2])]},
)


def say_held(gold: dict, slots: dict) -> str:
    where = f"at step {slots['step']}."
    return f"{gold['result']} by {gold['operation']} {where}" if gold["result"] else f"No result {where}"


read_held = either(
    said(r"No result at step \d+\.", lambda match: {"result": None, "operation": None}),
    said(r"(.*) by (\w+) at step \d+\.", lambda match: {"result": match[1], "operation": match[2]}),
)

# --- The tasks --------------------------------------------------------------------------------------------------

TASKS = {
    "final": Task(lambda gold, slots: f"{gold} in the end.", said(r"(.*) in the end\.")),
    "direct": Task(lambda gold, slots: f"{gold} without thinking.", said(r"(.*) without thinking\.")),
    "correct": Task(lambda gold, slots: say_right(gold, True), read_right),
    "wrong": Task(lambda gold, slots: say_right(gold, False), read_right),
    "contrastive": Task(lambda gold, slots: say_contrast(gold, True), read_contrast),
    "needless": Task(lambda gold, slots: say_contrast(gold, False), read_contrast),
    "critical": Task(say_critical, read_steps),
    "redundant": Task(say_redundant, read_steps),
    "step_effect": Task(say_effect, read_effect),
    "effect_yes_no": Task(lambda gold, slots: say_effect(gold, slots, True), read_effect),
    "cut_yes_no": Task(lambda gold, slots: say_effect(gold, slots, False), read_effect),
    "effect_and_value": Task(lambda gold, slots: say_effect(gold, slots, True), read_effect),
    "kinds": Task(say_kinds, read_kinds),
    "early_decode": Task(lambda gold, slots: f"{gold} {after(slots['step'])}.", said(rf"(.*) {MOMENT}\.")),
    "already_yes_no": Task(
        say_already,
        said(
            rf"(.*) {MOMENT} and (.*) in the end, so (yes|no)\.",
            lambda match: {"there": match[3] == "yes", "answer": match[1], "final": match[2]},
        ),
    ),
    "convergence": Task(say_convergence, read_convergence),
    "evolution": Task(lambda gold, slots: f"{on_the_way(gold)}.", said(r"(.*)\.", lambda m: read_on_the_way(m[1]))),
    "confidence": Task(
        lambda gold, slots: f"{gold['percent']}% on {gold['token']} at step {slots['step']}.",
        said(r"(\d+)% on (.*) at step \d+\.", lambda match: {"percent": int(match[1]), "token": match[2]}),
        printed="tokens",
    ),
    "top_tokens": Task(
        lambda gold, slots: f"{', '.join(gold)} at step {slots['step']}.",
        said(r"(.*) at step \d+\.", lambda match: match[1].split(", ")),
        printed="tokens",
    ),
    "surer": Task(say_surer, read_surer, printed="tokens"),
    "surer_of": Task(say_surer_of, read_surer_of, printed="tokens"),
    "entropy": Task(say_extremes, read_extremes, printed="numbers"),
    "norms": Task(say_extremes, read_extremes, printed="numbers", in_vectors=False),
    "change": Task(lambda gold, slots: f"{steps_text(gold)}.", read_steps, printed="numbers"),
    "settle": Task(say_settled, read_settled, printed="tokens"),
    "summary": Task(say_summary, read_summary),
    "asked": Task(lambda gold, slots: gold, lambda reply: reply, in_vectors=False),
    "about": Task(say_list, read_list, in_vectors=False),
    "answer_kind": Task(lambda gold, slots: f"{gold}.", lambda reply: reply.removesuffix(".")),
    "holds": Task(say_held, read_held),
    "patched": Task(
        lambda gold, slots: f"{gold} with that thought in step {slots['step']}.",
        said(r"(.*) with that thought in step \d+\."),
    ),
    "unanswerable": Task(lambda gold, slots: REFUSAL, lambda reply: reply == REFUSAL),
}
