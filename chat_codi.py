"""
Chat with a CODI checkpoint and watch its thoughts: every latent step is drawn as it happens, then the answer streams.

Reads   a CODI checkpoint, your questions
Writes  the terminal; with --save-html a page with the same drawings
Next    bench_codi.py

    python chat_codi.py --prompt "Ava has 12 apples. On Monday Ava buys 5 more. How many apples does Ava have?"
    python chat_codi.py --no-reasoning --save-html chat.html
"""

import argparse
import io
import time
from pathlib import Path

import torch
from rich.console import Console
from rich.text import Text

from codi_model import (
    Codi,
    StepReading,
    UserError,
    add_model_arguments,
    check_writable,
    decode_steps,
    load_model,
    project,
    prompt_ids,
    read_hidden,
    run_script,
    start_runs,
    think,
)

GREY, RED, BLUE = (128, 128, 128), (225, 40, 40), (40, 80, 225)
SIGNS = "=-.+#"  # the same five shades where there is no colour
HEATMAP_LINES = 4
TOP_TOKENS = 5


class Screens:
    """The terminal, and beside it the HTML page if one is to be saved; each draws to its own width and colours."""

    def __init__(self, save_html: Path | None):
        self.save_html = save_html
        self.consoles = [Console(highlight=False, markup=False)]
        if save_html:
            page = Console(
                record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor", width=100,
                highlight=False, markup=False,
            )  # fmt: skip
            self.consoles.append(page)

    def print(self, content, end="\n"):
        """Print a text, or whatever a function of the console makes of it."""
        for console in self.consoles:
            console.print(content(console) if callable(content) else content, end=end, soft_wrap=True)

    def close(self):
        if self.save_html:
            part = self.save_html.with_name(self.save_html.name + ".part")
            part.write_text(self.consoles[1].export_html(), encoding="utf-8")
            part.replace(self.save_html)


def heatmap(values: torch.Tensor, scale: float, console: Console) -> Text:
    """All of `values` (D,), blue negative, grey zero, red positive, in at most HEATMAP_LINES lines of the console.

    With colour each character cell shows two values (its halves); where D exceeds the cells, each shows the value of
    largest magnitude in its share of D.
    """
    width = max(1, console.width - 4)
    halves = 2 if console.color_system else 1
    bins = min(len(values), HEATMAP_LINES * width * halves)
    shades = [max(-1.0, min(1.0, extreme / scale)) for extreme in extremes(values, bins)]
    cells = [shades[i : i + halves] for i in range(0, len(shades), halves)]
    text = Text()
    for i in range(0, len(cells), width):
        text.append("  ")
        for cell in cells[i : i + width]:
            if console.color_system:
                text.append("▌", style=f"{colour(cell[0])} on {colour(cell[-1])}")
            else:
                text.append(SIGNS[round(2 * cell[0]) + 2])
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


def printable(text: str) -> str:
    """Text that cannot move the cursor: control characters are spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def step_lines(name: str, reading: StepReading, latency_ms: float) -> str:
    numbers = f"norm {reading.norm:.2f}  sparsity {reading.sparsity:.1%}  entropy {reading.entropy:.2f} nats"
    if reading.cosine_to_prev is not None:
        numbers += f"  cosine to previous {reading.cosine_to_prev:+.3f}"
    pairs = zip(reading.top_k_tokens, reading.top_k_probs, strict=True)
    tokens = "  ".join(f"{printable(repr(token)[1:-1])!s} {prob:.2f}" for token, prob in pairs)
    return f"{name}  ({latency_ms:.1f} ms)\n  {numbers}\n  lens: {tokens}"


def draw_step(screens: Screens, name: str, codi: Codi, run, previous, latency_ms: float) -> None:
    """One hidden state: its numbers and lens, its heatmap, and how it differs from the previous one."""
    reading = read_hidden(codi, run, previous, min(TOP_TOKENS, codi.model.config.vocab_size))[0]
    screens.print(step_lines(name, reading, latency_ms))
    hidden = run.hidden[0].float().cpu()
    scale = hidden.abs().quantile(0.98).item() or 1.0
    screens.print(lambda console: heatmap(hidden, scale, console), end="")
    if previous is not None:
        screens.print("  change since the previous step:")
        delta = hidden - previous.hidden[0].float().cpu()
        screens.print(lambda console: heatmap(delta, scale, console), end="")


@torch.inference_mode()
def reply(codi: Codi, screens: Screens, question: str, reasoning: bool) -> None:
    """Answer one question on the screens, drawing each latent step. Raises UserError before anything is drawn."""
    mode = "latent" if reasoning else "direct"
    prompt = prompt_ids(codi, question, mode, room=codi.num_latent + 2)
    run, elapsed_ms = timed(codi, lambda: start_runs(codi, [prompt]))
    if reasoning:
        draw_step(screens, f"question read, {len(prompt)} tokens", codi, run, None, elapsed_ms)
    for step in range(codi.num_latent if reasoning else 0):
        previous = run
        run, elapsed_ms = timed(codi, lambda: think(codi, run, project(codi, run)))
        draw_step(screens, f"latent step {step}", codi, run, previous, elapsed_ms)
    screens.print("answer: ", end="")
    ids, shown = [], ""
    for ((_, token),) in decode_steps(codi, run, (codi.eot_id,)):
        ids.append(token)
        text = printable(codi.tokenizer.decode(ids, skip_special_tokens=True))
        if not text.endswith("�"):  # half a character; the next token completes it
            screens.print(text[len(shown) :], end="")
            shown = text
    screens.print("")


def timed(codi: Codi, work):
    """work()'s result and its milliseconds, the GPU waited for."""
    started = time.perf_counter()
    result = work()
    if codi.device.type == "cuda":
        torch.cuda.synchronize(codi.device)
    return result, 1000 * (time.perf_counter() - started)


def chat(codi: Codi, screens: Screens, reasoning: bool) -> None:
    """Questions from standard input until its end; a question that cannot be asked gets a sentence."""
    screens.print("Ask a question; Ctrl-D leaves.")
    while True:
        question = input("> ")
        if len(screens.consoles) > 1:
            screens.consoles[1].print(f"> {printable(question)}")
        try:
            reply(codi, screens, question, reasoning)
        except UserError as error:
            screens.print(printable(str(error)))


def main(argv=None):
    args = parse_arguments(argv)
    if args.save_html:
        check_writable(args.save_html)
    codi = load_model(args.model, args.device, args.dtype, args.prompt_form)
    screens = Screens(args.save_html)
    if screens.consoles[0].color_system is None:
        screens.consoles[0].print("heatmaps: = very negative, - negative, . near zero, + positive, # very positive")
    try:
        if args.prompt is not None:
            screens.print(f"> {printable(args.prompt)}")
            reply(codi, screens, args.prompt, not args.no_reasoning)
        else:
            chat(codi, screens, not args.no_reasoning)
    except (EOFError, KeyboardInterrupt):
        screens.print("")
    screens.close()


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompt", help="one question; without it, a conversation")
    parser.add_argument("--no-reasoning", action="store_true", help="the checkpoint's direct mode: no latent steps")
    parser.add_argument("--save-html", type=Path, metavar="chat.html", help="also write the drawings as a page")
    add_model_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
