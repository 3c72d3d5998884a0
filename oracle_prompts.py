"""
What an oracle sees of a trace: the question, the answer, a line or vectors of each hidden state, and a query.

    from oracle_prompts import View, encode_prompt, prompt_about
    prompt = prompt_about(trace, View(), "What was asked?")
    print(prompt.text())  # as it stands in oracle_data.jsonl
    encode_prompt(tokenizer, prompt, View(), trace.num_latent, room=1024)

A prompt stays fields until it becomes text or token ids. Only pairs on disk hold text, which read_prompt() takes apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor

from files import check_fields
from scripting import UserError
from traces import Trace, Vectors, of_patch

PARTS = ("question", "output", "trace")  # what a prompt can show
STEPS = ("apart", "up-to-asked", "asked", "all")
READS = ("text", "vectors", "both")
VECTOR_KIND = r"h|z|resid_[1-9]\d{0,3}"
HIDDEN = "hidden"  # stands in a prompt for what it does not show
TOKENS, NUMBERS = "token:%|", "entropy|norm|zeros %|cosine %"  # what a prompt's lines hold
QUERY, REPLY = "\nQuery: ", "\nReply:"
LONGEST_ANSWER = 60  # characters of a model's answer that are quoted
TOP_TOKENS = 3  # lens tokens a prompt tells of each state
KEPT_VECTORS = 256  # traces whose vectors stay in memory; 1B: 0.1 MB each
KEPT_TEXTS = 1024  # texts whose tokens stay in memory
KEPT_STARTS = 16  # prompts that the pairs of one trace share

# --- What is seen -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """What an oracle sees of every trace; the same for every stage, which reads it from the stage before."""

    token_info: bool = True  # whether a state's line tells its lens tokens; from the data's meta file
    reads: str = "text"  # one of READS: question, answer and lines; or vectors alone; or vectors and lines
    vectors: tuple[str, ...] = ()  # which: h, z, resid_L
    # For a query about one step, the vectors of which steps are read: of all, but its own apart from the others', of it
    # and those before it, of it alone, of all alike. Unless it is "all", the lens tokens of the step and of the state
    # before it are told again beside such a query.
    steps: str = "all"

    @classmethod
    def of(cls, settings: dict, where) -> "View":
        """The view in an oracle's settings; UserError, which begins with `where`, if there is none."""
        types = {"token_info": (bool,), "reads": (str,), "vectors": (list,), "steps": (str,)}
        check_fields(settings, types, str(where), "Another version made it: train it again.")
        kinds = settings["vectors"]
        fine = {
            "reads": settings["reads"] in READS,
            "steps": settings["steps"] in STEPS,
            "vectors": (kinds or settings["reads"] == "text")
            and all(isinstance(kind, str) and re.fullmatch(VECTOR_KIND, kind) for kind in kinds),
        }
        for name, is_known in fine.items():
            if not is_known:
                raise UserError(
                    f"{where}: {name} is {str(settings[name])[:60]!r}, which no oracle has. Train it again."
                )
        return cls(settings["token_info"], settings["reads"], tuple(kinds), settings["steps"])

    def settings(self) -> dict:
        return vars(self) | {"vectors": list(self.vectors)}


@dataclass(frozen=True)
class Line:
    """What a prompt tells of one hidden state."""

    state: str  # "start", or the number of the latent step that yielded it
    tokens: str | None  # the top lens tokens with their probabilities in percent, 17:99,13:0; None where not told
    numbers: str  # entropy in nats|norm|share of |h| below 0.01 in percent|cosine to the state before, in percent

    def text(self) -> str:
        return f"{self.state} {self.numbers if self.tokens is None else f'{self.tokens}|{self.numbers}'}"


@dataclass(frozen=True)
class Prompt:
    """All that an oracle is shown, and what it is asked. What is hidden is None."""

    question: str | None
    output: str | None
    lines: tuple[Line, ...] | None  # one of each hidden state, none where only vectors are read; None hides both
    query: str = ""
    asked: int | None = None  # the latent step that the query is about, of several the highest
    vectors: Tensor | None = field(default=None, compare=False)  # (rows, D), all that may be read, as stacked()

    def head(self) -> str:
        question, output = (HIDDEN if part is None else part for part in (self.question, self.output))
        return f"Question: {question}\nAnswer: {output}"

    def thoughts(self) -> str:
        if self.lines is None:
            return f"\nThoughts: {HIDDEN}"
        if not self.lines:
            return ""
        heading = NUMBERS if self.lines[0].tokens is None else TOKENS + NUMBERS
        return "\n".join([f"\nThoughts: {heading}", *(line.text() for line in self.lines)])

    def end(self) -> str:
        """The query; what follows is the reply."""
        return f"{QUERY}{self.query}{REPLY}"

    def text(self) -> str:
        return self.head() + self.thoughts() + self.end()

    def seen(self, view: View, shows: tuple[str, ...] = PARTS) -> "Prompt":
        """What an oracle with this view sees of it, if it may see the PARTS in `shows`. With vectors it sees neither
        question nor answer; without thoughts, whatever it is shown."""
        blind = "trace" in shows and view.reads != "text"
        lines = None if "trace" not in shows else () if view.reads == "vectors" else self.lines
        question = self.question if "question" in shows and not blind else None
        output = self.output if "output" in shows and not blind else None
        return replace(self, question=question, output=output, lines=lines)

    def tokens_again(self, asked: int | None) -> str:
        """What stands beside a query about the step `asked`: the lens tokens of the state before it and of its own."""
        told = {line.state: line.tokens for line in self.lines or () if line.tokens}
        if str(asked) not in told:
            return ""
        before = str(asked - 1) if asked else "start"
        return f"\nStep {asked}: {told.get(before, '')} > {told[str(asked)]}"


def prompt_about(trace: Trace, view: View, shows: tuple[str, ...] = PARTS) -> Prompt:
    """What an oracle with this view sees of a trace, of the PARTS in `shows`, before it is asked."""
    states = ([("start", trace.encoding)] if trace.encoding else []) + list(enumerate(trace.steps))
    lines = tuple(Line(str(state), *reading_cells(reading, view)) for state, reading in states)
    return Prompt(one_line(trace.question), short(trace.output), lines).seen(view, shows)


def reading_cells(reading: dict, view: View) -> tuple[str | None, str]:
    """The tokens and the numbers of a state's Line."""
    numbers = [f"{reading['entropy']:.2f}", f"{reading['norm']:.1f}", f"{100 * reading['sparsity']:.0f}"]
    if reading["cosine_to_prev"] is not None:
        numbers.append(f"{100 * reading['cosine_to_prev']:.0f}")
    pairs = list(zip(reading["top_k_tokens"], reading["top_k_probs"], strict=True))[:TOP_TOKENS]
    tokens = ",".join(f"{one_line(token)}:{100 * prob:.0f}" for token, prob in pairs)
    return tokens if view.token_info else None, "|".join(numbers)


def top_token(reading: dict) -> str:
    return one_line(reading["top_k_tokens"][0])


def one_line(text: str) -> str:
    return " ".join(text.split())


def short(text: str) -> str:
    """A model's answer as it is quoted: on one line, cut if it rambles."""
    text = one_line(text)
    return text if len(text) <= LONGEST_ANSWER else text[:LONGEST_ANSWER] + "…"


# --- Prompts on disk --------------------------------------------------------------------------------------------


def read_prompt(text: str, asked: int | None) -> Prompt:
    """The prompt that text() wrote, whose query is about the step `asked`. ValueError if it did not write this."""
    start, mark, query = text.rpartition(QUERY)
    if not mark or not query.endswith(REPLY):
        raise ValueError("no query")
    return replace(read_start(start), query=query.removesuffix(REPLY), asked=asked)


@lru_cache(KEPT_STARTS)
def read_start(text: str) -> Prompt:
    head, mark, thoughts = text.partition("\nThoughts: ")
    question, _, output = head.partition("\nAnswer: ")
    question, output = (None if part == HIDDEN else part for part in (question.removeprefix("Question: "), output))
    heading, *lines = thoughts.split("\n")
    pattern = r"(\S+) (.*:\d+|)\|([^:]+)" if heading.startswith(TOKENS) else r"(\S+)( )(.+)"
    cells = [match.groups() for line in lines if (match := re.fullmatch(pattern, line))]
    known = tuple(Line(state, None if tokens == " " else tokens, numbers) for state, tokens, numbers in cells)
    prompt = Prompt(question, output, None if mark and heading == HIDDEN else known)
    if prompt.head() + prompt.thoughts() != text:
        raise ValueError("no prompt")
    return prompt


# --- Vectors ----------------------------------------------------------------------------------------------------


class VectorReader:
    """The vectors beside a trace file, as far as an oracle with this view reads them."""

    def __init__(self, path: Path, view: View):
        self.vectors, self.view = Vectors(path), view
        self.known = lru_cache(KEPT_VECTORS)(self.read)

    def of(self, index: int, patch: int | None = None) -> Tensor | None:
        """Stacked (rows, D), of a question's run or of one of its patched runs; None for an oracle that reads text."""
        if self.view.reads == "text":
            return None
        return self.known(index, patch)

    def read(self, index: int, patch: int | None) -> Tensor:
        return stacked(of_patch(self.vectors[index], patch), self.view)


def stacked(vectors: dict[str, Tensor], view: View) -> Tensor:
    """All vectors of a trace that an oracle may read (rows, D), in the order of vector_rows()."""
    missing = [kind for kind in view.vectors if kind not in vectors]
    if missing:
        there = [kind for kind in vectors if not kind.startswith("patch_")]
        raise UserError(
            f"The oracle reads {', '.join(view.vectors)}, but the traces have no {', '.join(missing)}; they have "
            f"{', '.join(there)}. Collect with --vectors, and for resid_L with --layers L."
        )
    return torch.cat([vectors[kind].float() for kind in view.vectors])


def vector_rows(view: View, num_latent: int) -> list[tuple[str, int]]:
    """The kind and the step of every stacked vector; -1 is the state before the first step."""
    return [(kind, step) for kind in view.vectors for step in range(0 if kind == "z" else -1, num_latent)]


def vector_labels(view: View, num_latent: int, asked: int | None) -> Iterator[tuple[int, str]]:
    """(row of the stacked vectors, the label before its placeholder) of every vector that is read for a query about
    the step `asked`: under a heading of their own those of the other steps, if the view has them, and then its own. All
    of them where it is None."""
    rows = list(enumerate(vector_rows(view, num_latent)))
    parts = {"Vectors": [(row, *place) for row, place in rows if asked in (None, place[1])]}
    if asked is not None and view.steps == "apart":
        parts = {"Others": [(row, *place) for row, place in rows if place[1] != asked]} | parts
    elif asked is not None and view.steps == "up-to-asked":
        parts = {"Earlier": [(row, *place) for row, place in rows if place[1] < asked]} | parts
    for part, places in parts.items():
        last = None
        for row, kind, step in places:
            heading = f"\n{part} {kind}:" if kind != last else ""
            yield row, f"{heading} {step if step >= 0 else 'start'}"
            last = kind


# --- Prompts as token ids ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EncodedPrompt:
    """Token ids of a prompt's start, which several prompts may share, and of its end; where in the start vectors stand,
    which of the trace's stacked vectors they are, and these (K, D)."""

    start: list[int]
    end: list[int]
    places: list[int]
    rows: list[int]
    vectors: Tensor | None

    @cached_property
    def key(self) -> tuple:
        """The same for prompts with the same start and vectors."""
        return tuple(self.start), b"" if self.vectors is None else self.vectors.numpy().tobytes()

    @cached_property
    def whole(self) -> tuple:
        """The same for prompts that must get the same reply."""
        return self.key, tuple(self.end)


def encode_prompt(tokenizer, prompt: Prompt, view: View, num_latent: int, room: int) -> EncodedPrompt | None:
    """A prompt in at most `room` tokens, with a place for each vector that is read. If it is too long, its lines are
    cut from their end; None if that is not enough."""
    ids_of = partial(token_ids, tokenizer, len(tokenizer))
    asked = None if view.steps == "all" else prompt.asked
    ids, places, rows = list(ids_of(prompt.head(), is_start=True)), [], []
    if view.reads != "text" and prompt.lines is not None:
        placeholder = ids_of(" ?")[-1]
        for row, label in vector_labels(view, num_latent, asked):
            ids += ids_of(label)
            places.append(len(ids))
            rows.append(row)
            ids.append(placeholder)
    thoughts = ids_of(prompt.thoughts())
    for beside in (prompt.tokens_again(asked), ""):
        end = ids_of(beside + prompt.end())
        left = room - len(ids) - len(end)
        if left >= 0:
            vectors = prompt.vectors[rows] if rows else None
            return EncodedPrompt([*ids, *thoughts[:left]], list(end), places, rows, vectors)
    return None


def response_ids(tokenizer, response: str) -> list[int]:
    """The tokens of the reply that an oracle learns to give, EOS included."""
    return [*token_ids(tokenizer, len(tokenizer), f" {response}"), tokenizer.eos_token_id]


@lru_cache(KEPT_TEXTS)
def token_ids(tokenizer, size: int, text: str, is_start: bool = False) -> tuple[int, ...]:
    """A text's tokens, with a BOS at the start of a prompt where the tokenizer has one. Kept, since the queries about a
    trace share its text; `size`, the tokenizer's, tells when it has learned new tokens."""
    return tuple(tokenizer(text, add_special_tokens=is_start, split_special_tokens=True)["input_ids"])
