"""
Chat with a CODI checkpoint and watch its thoughts: every latent step is drawn as it happens, then the answer streams.

Reads   a CODI checkpoint, your questions
Writes  the terminal; with --save-html a page of it, with a grid for each question as browse_traces.py draws it
Next    bench_codi.py

    python chat_codi.py --prompt "Ava has 12 apples. On Monday Ava buys 5 more apples. How many apples does Ava have?"
    python chat_codi.py --no-reasoning --save-html chat.html
    python chat_codi.py --oracle --prompt "Ava has 12 apples. Ava buys 5 more apples. How many apples does Ava have?"

With --oracle, an oracle (train_oracle.py) then gives a reading of the thoughts, and answers your own questions about
them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.text import Text

from checkpoints import FOLDERS, named
from codi_model import TraceOptions, clock, prompt_ids, read_hidden, trace_batch
from files import claimed, file_path, html_path, write_text
from interventions import DEFAULT_ABLATIONS, Material
from loading import Codi, add_model_arguments, load_model, model_options
from problems import Problem
from runs import decode, latent_steps, start_runs
from scripting import UserError, printable, run_script, say
from stories import MAX_VALUE, outside
from trace_page import trace_page
from traces import StepReading, Trace

GREY, RED, BLUE = (128, 128, 128), (225, 40, 40), (40, 80, 225)
SIGNS = "=-.+#"  # the same five shades where there is no colour
HEATMAP_LINES = 6
TOP_TOKENS = 5
EXAMPLE = "Janet has 16 ducks. She sells 3 of them. How many ducks does Janet have?"


def heatmap(values: torch.Tensor, scale: float, width: int) -> Text:
    """All of `values` (D,), blue negative, grey zero, red positive, in at most HEATMAP_LINES lines of `width` cells.

    Where D exceeds the cells, each shows the value of largest magnitude in its share of D. Each cell is one of SIGNS
    in its own colour, so that it reads without colours too.
    """
    indent = "  " if width > 10 else ""
    width = max(1, width - 2 * len(indent))
    shades = [max(-1.0, min(1.0, x / scale)) for x in extremes(values, min(len(values), HEATMAP_LINES * width))]
    text = Text()
    for start in range(0, len(shades), width):
        text.append(indent)
        for shade in shades[start : start + width]:
            text.append(SIGNS[round(2 * shade) + 2], style=f"{colour(shade)} on {colour(shade)}")
        text.append("\n")
    return text


def extremes(values: torch.Tensor, bins: int) -> list[float]:
    """The value of largest magnitude in each of `bins` near-equal shares of `values`."""
    shares = values.tensor_split(bins)
    return [share[share.abs().argmax()].item() for share in shares]


def colour(shade: float) -> str:
    """Grey at 0, red at 1, blue at -1."""
    end, weight = (RED if shade > 0 else BLUE), abs(shade)
    return "rgb({},{},{})".format(*(round(g + (e - g) * weight) for g, e in zip(GREY, end, strict=True)))


def step_lines(name: str, reading: StepReading, latency_s: float) -> str:
    numbers = f"norm {reading.norm:.2f}  sparsity {reading.sparsity:.1%}  entropy {reading.entropy:.2f} nats"
    if reading.cosine_to_prev is not None:
        numbers += f"  cosine to previous {reading.cosine_to_prev:+.3f}"
    pairs = zip(reading.top_k_tokens, reading.top_k_probs, strict=True)
    tokens = "  ".join(f"{repr(token)[1:-1]} {prob:.2f}" for token, prob in pairs)
    return f"{name}  ({1000 * latency_s:.1f} ms)\n  {numbers}\n  lens: {tokens}"


def draw_step(console: Console, name: str, codi: Codi, run, previous, latency_s: float) -> None:
    """One hidden state: its numbers and lens, its heatmap, and how it differs from the previous one."""
    before = None if previous is None else previous.hidden[:, 0]
    say(console, step_lines(name, read_hidden(codi, run.hidden[:, 0], before, TOP_TOKENS)[0], latency_s))
    hidden = run.hidden[0, 0].float().cpu()
    scale = hidden.abs().quantile(0.98).item() or 1.0
    say(console, heatmap(hidden, scale, console.width), end="")
    if previous is not None:
        say(console, "  change since the previous step:")
        say(console, heatmap(hidden - previous.hidden[0, 0].float().cpu(), scale, console.width), end="")


@torch.inference_mode()
def reply(codi: Codi, console: Console, question: str, reasoning: bool) -> str:
    """The answer to one question, which it gives on the console, drawing each latent step. Raises UserError before
    anything is drawn."""
    num_latent = codi.num_latent if reasoning else 0
    prompt = prompt_ids(codi, question, "latent" if reasoning else "direct", num_latent)
    started = clock(codi)
    run = start_runs(codi, [prompt])
    elapsed_s = clock(codi) - started
    if reasoning:
        draw_step(console, f"question read, {len(prompt)} tokens", codi, run, None, elapsed_s)
    previous, started = run, clock(codi)
    for step, run in enumerate(latent_steps(codi, run, num_latent)):
        draw_step(console, f"latent step {step}", codi, run, previous, clock(codi) - started)
        previous, started = run, clock(codi)
    say(console, "answer: ", end="")
    ids, shown, text = [], "", ""
    for ((*_, token),) in decode(codi, run, codi.opening()):
        ids.append(token)
        text = printable(codi.tokenizer.decode(ids, skip_special_tokens=True))
        if not text.endswith("�"):  # half a character; the next token may complete it
            say(console, text[len(shown) :], end="")
            shown = text
    say(console, text[len(shown) :])
    return text


def is_embedded(codi: Codi) -> bool:
    """Whether it is one of the embedded models, which learned from the stories of stories.py alone."""
    return codi.name in FOLDERS or Path(codi.name).resolve() in map(Path.resolve, FOLDERS.values())


def say_strangers(console: Console, codi: Codi, question: str) -> None:
    """A note beside an answer of the embedded model, if the question is not of its world."""
    strangers = outside(question) if is_embedded(codi) else []
    if strangers:
        note = f"(The embedded model has never seen: {named(strangers)}. Do not trust this answer.)"
        say(console, printable(note))


def chat(console: Console, codi: Codi, answer_to: Callable[[str], None]) -> None:
    """Questions from standard input until its end; a question that cannot be asked gets a sentence."""
    if is_embedded(codi):
        world = f"short stories with numbers up to {MAX_VALUE}"
        say(console, f"The embedded model knows {world}, such as: {EXAMPLE}")
    say(console, "Ask a question; Ctrl-D leaves.")
    while sys.stdin:  # None where it is closed
        say(console, "> ", end="")
        question = input()
        if console.record or not sys.stdin.isatty():
            say(console, printable(question))  # what is typed is not part of the output
        try:
            answer_to(question)
        except UserError as error:
            say(console, printable(str(error)))


def read_thoughts(codi: Codi, console: Console, voices: dict, question: str, talks: bool, suggest: bool) -> None:
    """What each of `voices`, oracles by name, reads in the thoughts about a question; if the user `talks`, also what
    they reply to the queries that are typed then, of which some are suggested."""
    from oracle_talk import say_reading, talk, trace_of

    trace, vectors = trace_of(codi, question, next(iter(voices.values())))
    for name, oracle in voices.items():
        say(console, f"\n{name} on these thoughts:")
        say_reading(console, oracle, trace, vectors)
    if talks:
        talk(voices, trace, vectors, console, suggest)


def voices_of(codi: Codi, args) -> dict:
    """What --oracle loads: the oracle, and with --compare-codi the language model that nobody taught, by name."""
    # imported here, as peft takes a second that a plain chat need not wait
    from oracle_model import check_fits_codi, default_oracle, load_oracle
    from oracle_talk import untuned

    oracle = load_oracle(args.oracle_dir or default_oracle(codi), args.device, args.dtype)
    check_fits_codi(oracle, codi)
    return {"the oracle": oracle} | ({"the untuned language model": untuned(codi, oracle)} if args.compare_codi else {})


def trace_for_page(codi: Codi, question: str, number: int, answer: str, reasoning: bool) -> Trace:
    """What the page draws of a question: its trace, or without latent steps, and where the runs of a trace have no room
    for it, the question and its answer."""
    if reasoning:
        options = TraceOptions(DEFAULT_ABLATIONS, lens_layers="all")
        try:
            problem = Problem("typed", question, None, None)
            return trace_batch(codi, [problem], codi.num_latent, Material([number]), options)[0][0]
        except UserError:  # a trace adds runs that read a little more than the answer did
            pass
    return Trace(number, question, None, answer, None, [])


def page_of(console: Console, codi: Codi, traces: list[Trace], is_open: bool) -> str:
    """The page of a conversation: its questions as a trace file's are drawn, and below them what the terminal showed,
    at once if it `is_open`."""
    terminal = console.export_html(inline_styles=True, code_format="<pre>{code}</pre>")
    below = "<summary>What the terminal showed</summary>\n"
    after = f'<details class="terminal"{" open" * is_open}>{below}{terminal}</details>\n'
    return trace_page("Chat", traces, notes=[f"model {printable(codi.name)}"], after=after)


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["save_html"], ["model", "oracle_dir"]):
        converse(args)


def converse(args) -> None:
    codi = load_model(args.model, **model_options(args))
    console = Console(record=bool(args.save_html))
    voices, firsts, traces = voices_of(codi, args) if args.oracle else {}, iter([True]), []

    def answer_to(question):
        answer = reply(codi, console, question, not args.no_reasoning)
        if args.save_html:
            traces.append(trace_for_page(codi, question, len(traces), answer, not args.no_reasoning))
        say_strangers(console, codi, question)
        if voices:
            is_first = next(firsts, False)  # what to ask is suggested once
            read_thoughts(codi, console, voices, question, talks=args.prompt is None, suggest=is_first)

    if console.color_system is None:
        say(console, "heatmaps: = very negative, - negative, . near zero, + positive, # very positive")
    try:
        if args.prompt is not None:
            say(console, f"> {printable(args.prompt)}")
            answer_to(args.prompt)
        else:
            chat(console, codi, answer_to)
    except (EOFError, KeyboardInterrupt):
        say(console, "")
    if args.save_html:
        write_text(args.save_html, page_of(console, codi, traces, is_open=bool(voices)))


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompt", help="one question; without it, a conversation")
    parser.add_argument("--no-reasoning", action="store_true", help="the checkpoint's direct mode: no latent steps")
    parser.add_argument("--save-html", type=html_path, metavar="chat.html", help="also write the drawings as a page")
    parser.add_argument("--oracle", action="store_true", help="then let an oracle say what the thoughts did")
    parser.add_argument(
        "--oracle-dir", type=file_path, help="default: oracle_model/best if it is there, else an embedded one"
    )
    parser.add_argument("--compare-codi", action="store_true", help="let the untuned language model answer it too")
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    if args.oracle and args.no_reasoning:
        parser.error("--oracle reads the latent steps, which --no-reasoning leaves out")
    if (args.compare_codi or args.oracle_dir) and not args.oracle:
        parser.error("--compare-codi and --oracle-dir go with --oracle")
    return args


if __name__ == "__main__":
    run_script(main)
