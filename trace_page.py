"""
One page of traces: questions to choose from, and for each a grid of what its latent steps hold and what they do.

    from trace_page import trace_page
    write_text(Path("traces.html"), trace_page("traces.jsonl", traces))

The page is one file and needs no network: the data as JSON, trace_page.css, and trace_page.js, which draws it. All that
is compared (which answers are the same, which cell holds a result of the gold chain) is compared here, with the
functions that the scripts' tables use; the drawing only shows it.
"""

import html
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from answers import extract_number, final_part, gold_text, number_text, same_number
from files import MARK
from interventions import ABLATIONS
from oracle_prompts import one_line
from oracle_questions import contrast, convergence
from problems import chain_results, chain_steps
from scores import score_text
from traces import Trace, rounded

TOP = 10  # lens tokens of a state that the page holds
LONGEST_CELL = 10  # characters of an answer that stand in a cell as they are; of a longer one, its number
PARTS = Path(__file__).parent
TEMPLATE = """<!DOCTYPE html>
<!-- {mark} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src \
'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<div id="page"><noscript>This page draws itself with JavaScript, which is switched off.</noscript></div>
{after}<script type="application/json" id="data">{data}</script>
<script>
{script}</script>
</body>
</html>
"""


class Numbered:
    """Numbers for texts, or for answers with their judge, each kept once: what repeats in thousands of cells is a
    number there."""

    def __init__(self):
        self.numbers: dict = {}

    def __getitem__(self, item) -> int:
        return self.numbers.setdefault(item, len(self.numbers))


# --- What is compared -------------------------------------------------------------------------------------------

number_of = cache(extract_number)  # the same few answers come thousands of times


def cell_text(answer: str, judge: str) -> str:
    """An answer as a cell shows it: itself if it is brief, else its number where it is judged by that, else what of it
    is the answer."""
    text, number = one_line(answer), number_of(answer) if judge == "number" else None
    if len(text) <= LONGEST_CELL:
        return text
    return one_line(final_part(answer)) if number is None else number_text(number)


def is_changed(trace: Trace, key: str) -> bool:
    """Whether an ablation changes the answer, as the trace says, or where it is an older one, as it would."""
    return trace.changed[key] if key in trace.changed else not trace.same(trace.ablations[key], trace.output)


def converged_early(trace: Trace) -> bool:
    """Whether the final answer is decoded after some step before the last (or before any), and from there on."""
    found = convergence(trace) if trace.early_decodes else {"step": trace.num_latent, "stays": False}
    return found["stays"] and found["step"] < trace.num_latent - 1


def result_marks(results: list[str], texts: Iterable[str], holds: Callable[[str, str], bool]) -> dict[str, int]:
    """{text: k} of the texts that hold the chain's k-th result, from 1; of equal results the first."""
    found = {}
    for text in texts:
        places = (place for place, result in enumerate(results, 1) if holds(text, result))
        if place := next(places, None):
            found[text] = place
    return found


def token_holds(token: str, result: str) -> bool:
    return token.strip() == result


def answer_holds(answer: str, result: str) -> bool:
    return same_number(number_of(answer), number_of(result))


def patch_mark(trace: Trace, patched: str, own: str | None, donors: str | None) -> str:
    """Whose answer a patched run gives: `d` the donor's, `s` its own, `b` both (they are the same), `x` another."""
    is_own, is_donors = (text is not None and trace.same(patched, text) for text in (own, donors))
    return "b" if is_own and is_donors else "s" if is_own else "d" if is_donors else "x"


def chain_pieces(chain: str | None) -> list[list]:
    """A gold chain's steps for the eye: [what is worked out, its result or None] of each."""
    pieces = []
    for step in chain_steps(chain):
        result = next(iter(chain_results(step)), None)
        pieces.append([step, None] if result is None else [re.sub(r"^<<|=[^=<>]*>>$", "", step), result])
    return pieces


# --- A question's record ----------------------------------------------------------------------------------------


class Records:
    """Traces as the page's JSON holds them; tokens and answers are numbers of two tables."""

    def __init__(self, traces: list[Trace], donors: dict[int, Trace], replies: dict[int, list[dict]]):
        self.tokens, self.answers = Numbered(), Numbered()
        self.by_index = donors | {trace.index: trace for trace in traces}
        self.replies = replies
        shown = {trace.index for trace in traces}
        self.questions = [self.question(trace) for trace in traces]
        asked_for = {patch["donor"] for trace in traces for patch in trace.patches} - shown
        self.donors = {i: self.donor(self.by_index[i]) for i in sorted(asked_for & self.by_index.keys())}

    def question(self, trace: Trace) -> dict:
        states, results = [trace.encoding, *trace.steps], chain_results(trace.gold_chain)
        contrasted = contrast(trace, {})
        row = {
            "i": trace.index,
            "q": trace.question,
            "gold": None if trace.gold_answer is None else gold_text(trace.gold_answer),
            "out": self.answer(trace, trace.output),
            "direct": None
            if trace.no_reasoning_output is None
            else self.answers[trace.judge, trace.no_reasoning_output],
            "right": None if trace.gold_answer is None else trace.is_right(trace.output),
            "differs": contrasted["changed"] if contrasted else None,
            "settled": [*convergence(trace).values()] if trace.early_decodes else None,
            "early": converged_early(trace),
            "chain": chain_pieces(trace.gold_chain),
            "states": [state and self.state(state) for state in states],
            "decodes": self.decodes(trace),
            "decodesRight": self.rights(trace),
            "kinds": self.ablations(trace),
            "donor": trace.donor,
            "lens": self.lens(trace) if any(len(state) > 1 for state in trace.lens) else None,
            "patches": [self.patch(trace, patch) for patch in trace.patches],
            "replies": [self.reply(trace, row) for row in self.replies.get(trace.index, [])],
        }
        return row | self.results(trace, results)

    def answer(self, trace: Trace, text: str | None) -> int | None:
        return None if text is None else self.answers[trace.judge, text]

    def state(self, reading: dict) -> list:
        """[token numbers, probabilities, entropy, norm, sparsity, cosine to the state before]."""
        numbers = rounded([reading[name] for name in ("entropy", "norm", "sparsity", "cosine_to_prev")])
        tokens, probs = reading["top_k_tokens"][:TOP], reading["top_k_probs"][:TOP]
        return [[self.tokens[token] for token in tokens], rounded(probs), *numbers]

    def decodes(self, trace: Trace) -> list[int]:
        return [self.answer(trace, row["output"]) for row in trace.early_decodes]

    @staticmethod
    def rights(trace: Trace) -> list[int] | None:
        """Of each early decode, whether it is right; None where no gold answer is known."""
        if trace.gold_answer is None:
            return None
        return [int(trace.is_right(row["output"])) for row in trace.early_decodes]

    def ablations(self, trace: Trace) -> dict[str, list]:
        """{kind: [[answer number, whether it is changed] or None, by step]}."""
        kinds = dict.fromkeys(key.rpartition("_step")[0] for key in trace.ablations)
        rows = {kind: [f"{kind}_step{step}" for step in range(trace.num_latent)] for kind in kinds}
        return {
            kind: [
                [self.answers[trace.judge, trace.ablations[key]], int(is_changed(trace, key))]
                if key in trace.ablations
                else None
                for key in keys
            ]
            for kind, keys in rows.items()
        }

    def lens(self, trace: Trace) -> list[list]:
        """Per layer, the last first: [layer, [[token number, probability] or None, by state]]."""
        layers = sorted({row["layer"] for state in trace.lens for row in state}, reverse=True)
        by_state = [{row["layer"]: [self.tokens[row["token"]], rounded(row["prob"])] for row in s} for s in trace.lens]
        return [[layer, [state.get(layer) for state in by_state]] for layer in layers]

    def patch(self, trace: Trace, patch: dict) -> dict:
        donor = self.by_index.get(patch["donor"])
        texts = [row["output"] for row in patch["early_decodes"]]
        own, donors = (
            [row["output"] for row in run.early_decodes] if run and run.early_decodes else [None] * len(texts)
            for run in (trace, donor)
        )
        return {
            "steps": patch["steps"],
            "donor": patch["donor"],
            "decodes": [self.answer(trace, text) for text in texts],
            "tops": [self.tokens[token] for token in patch["top_tokens"]],
            "marks": "".join(patch_mark(trace, *answers) for answers in zip(texts, own, donors, strict=True)),
        }

    def reply(self, trace: Trace, row: dict) -> dict:
        return row | {"says": self.answer(trace, row["says"])}

    def donor(self, trace: Trace) -> dict:
        """What is shown of a donor that is not on the page itself."""
        return {"q": trace.question, "out": self.answer(trace, trace.output), "decodes": self.decodes(trace)}

    def results(self, trace: Trace, results: list[str]) -> dict:
        """Which of a question's tokens and answers hold which result of its chain: {number in the table: k}."""
        tokens = {token for state in (trace.encoding, *trace.steps) if state for token in state["top_k_tokens"][:TOP]}
        tokens |= {row["token"] for state in trace.lens for row in state}
        tokens |= {token for patch in trace.patches for token in patch["top_tokens"]}
        of_tokens = result_marks(results, sorted(tokens), token_holds)
        of_answers = result_marks(results, sorted(self.own_answers(trace)), answer_holds)
        of_answers = {(trace.judge, text): place for text, place in of_answers.items()}
        for patch in trace.patches:
            if donor := self.by_index.get(patch["donor"]):
                texts = sorted({row["output"] for row in donor.early_decodes})
                of_donor = result_marks(results, texts, answer_holds)
                of_answers |= {(donor.judge, text): place for text, place in of_donor.items()}
        return {
            "tokenResults": {self.tokens[text]: place for text, place in of_tokens.items()},
            "answerResults": {self.answers[answer]: place for answer, place in of_answers.items()},
        }

    def own_answers(self, trace: Trace) -> set[str]:
        """Every answer that is shown of a question's own runs and told by an oracle."""
        runs = [trace.early_decodes, *(patch["early_decodes"] for patch in trace.patches)]
        answers = {row["output"] for run in runs for row in run} | {trace.output, *trace.ablations.values()}
        said = {row["says"] for row in self.replies.get(trace.index, [])}
        return (answers | said | {trace.no_reasoning_output}) - {None}


# --- The page ---------------------------------------------------------------------------------------------------


def page_data(
    name: str,
    traces: list[Trace],
    donors: dict[int, Trace] | None = None,
    replies: dict[int, list[dict]] | None = None,
    notes: list[str] | None = None,
) -> dict:
    """All that the page draws. `donors` are the traces, by index, that patched runs took from, if they are known; of
    `replies` of an oracle, by index, each has query, reply, probability, confidence, truth, score, step and says;
    `notes` say what the page is of."""
    records = Records(traces, donors or {}, replies or {})
    kinds = dict.fromkeys(kind for row in records.questions for kind in row["kinds"])
    answers = [text for _, text in records.answers.numbers]
    cells = {number: cell_text(text, judge) for (judge, text), number in records.answers.numbers.items()}
    return {
        "name": name,
        "notes": [*(notes or []), *score_notes(traces)],
        "steps": max((trace.num_latent for trace in traces), default=0),
        "kinds": {kind: ABLATIONS[kind][1] if kind in ABLATIONS else "" for kind in kinds},
        "tokens": list(records.tokens.numbers),
        "answers": answers,
        "cells": {number: cell for number, cell in cells.items() if cell != answers[number]},
        "questions": records.questions,
        "donors": records.donors,
    }


def score_notes(traces: list[Trace]) -> list[str]:
    """How many are right, as collect_traces.py says it."""
    scored = [trace for trace in traces if trace.gold_answer is not None]
    notes = []
    if scored:
        right = sum(trace.is_right(trace.output) for trace in scored)
        notes.append(f"latent reasoning: {score_text(right, len(scored))} right")
    if scored and all(trace.no_reasoning_output is not None for trace in scored):
        direct = sum(trace.is_right(trace.no_reasoning_output) for trace in scored)
        notes.append(f"no reasoning: {score_text(direct, len(scored))} right")
    return notes


def html_page(data: dict, after: str = "") -> str:
    """The page of what page_data() gives; `after` is HTML that stands below the drawing."""
    parts = {
        "mark": MARK,
        "title": html.escape(data["name"]),
        "style": (PARTS / "trace_page.css").read_text(encoding="utf-8"),
        "after": after,
        # no "<" is left that could end the script, whatever a question holds
        "data": json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
        "script": (PARTS / "trace_page.js").read_text(encoding="utf-8"),
    }
    return re.sub(r"{(\w+)}", lambda found: parts[found[1]], TEMPLATE)


def trace_page(name: str, traces: list[Trace], *more, after: str = "", **also) -> str:
    """The page of some traces; arguments as page_data() and html_page() take them."""
    return html_page(page_data(name, traces, *more, **also), after)
