"""
Look at traces: one page with all questions, and for each what its latent steps hold and what breaks without them.

Reads   traces.jsonl (collect_traces.py), with --replies what an oracle said about them (oracle_inference.py)
Writes  traces.html, which opens from a file, needs no network, and prints
Next    generate_oracle_data.py

    python browse_traces.py --input traces.jsonl --output traces.html
    python browse_traces.py --input traces.jsonl --replies readings.jsonl --sample 500 --output traces.html

On the page j and k go from question to question, h and l from step to step; traces.html#q17s3 is question 17, step 3.
A page holds 2000 questions; of more, --sample draws some and --page takes the next.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from random import Random

from files import claimed, file_path, html_path, meta_path, read_json, write_text
from scripting import UserError, log, positive_int, run_script, whole_number
from trace_page import trace_page
from traces import Trace, read_traces

PAGE = 2000  # questions
MOST_BYTES = 15_000_000  # of a page: more is slow to open
SAID = ("model", "data", "split", "prompt_form", "noise_scale", "seed")  # settings of the traces that the page tells

# --- Which questions --------------------------------------------------------------------------------------------


def chosen(indices: list[int], args) -> tuple[list[int], str]:
    """The questions of the page, in the file's order, and how to say which they are."""
    total, pages = len(indices), -(-len(indices) // PAGE)
    if args.sample is not None:
        if args.sample > min(total, PAGE):
            raise UserError(
                f"--sample {args.sample} is more than {'a page holds' if total > PAGE else 'there are'}. "
                f"Give {min(total, PAGE)} or fewer."
            )
        drawn = set(Random(args.seed).sample(indices, args.sample))
        return [i for i in indices if i in drawn], f"{args.sample} of {total} questions, drawn by seed {args.seed}"
    if args.page is None and pages > 1:
        raise UserError(
            f"{args.input} holds {total} questions, and a page {PAGE}. Give --sample {PAGE}, or --page 1, the first of "
            f"{pages}."
        )
    page = args.page or 1
    if page > pages:
        raise UserError(f"--page {page} is not there: {args.input} fills {pages}. Give 1 to {pages}.")
    which = f"page {page} of {pages}: " if pages > 1 else ""
    mine = indices[(page - 1) * PAGE : page * PAGE]
    return mine, f"{which}{len(mine)} of {total} questions" if pages > 1 else f"{total} questions"


def traces_of(path: Path, wanted: Iterable[int]) -> list[Trace]:
    """The traces of some questions, in the file's order."""
    wanted = set(wanted)
    return [trace for trace in read_traces(path) if trace.index in wanted] if wanted else []


def settings_said(path: Path) -> list[str]:
    """How the traces were made, in short; nothing where no meta file stands beside them."""
    settings = read_json(meta_path(path), "").get("settings", {}) if meta_path(path).exists() else {}
    known = settings if isinstance(settings, dict) else {}
    return [f"{name.replace('_', ' ')} {known[name]}" for name in SAID if known.get(name) is not None]


def replies_to(path: Path, traces_path: Path, traces: list[Trace]) -> dict[int, list[dict]]:
    """By question what an oracle said about it, beside the truth."""
    from told_truths import read_replies  # loads an oracle's libraries, which takes seconds

    return read_replies(path, traces_path, traces)


# --- The page ---------------------------------------------------------------------------------------------------


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output"], ["input", "replies"]):
        page = page_of(args)
        write_text(args.output, page)
    log(f"Wrote {args.output} ({len(page.encode()) / 1e6:.1f} MB)")


def page_of(args) -> str:
    """The page that some arguments ask for."""
    everything = list(read_traces(args.input)) if args.sample is None and args.page is None else None
    if everything is not None and len(everything) <= PAGE:
        indices = [trace.index for trace in everything]
    else:
        everything, indices = None, [trace.index for trace in read_traces(args.input)]
    mine, which = chosen(indices, args)
    traces = everything or traces_of(args.input, mine)
    others = {patch["donor"] for trace in traces for patch in trace.patches} - set(mine)
    donors = {trace.index: trace for trace in traces_of(args.input, others)}
    replies = replies_to(args.replies, args.input, traces) if args.replies else {}
    page = trace_page(args.input.name, traces, donors, replies, [which, *settings_said(args.input)])
    if (size := len(page.encode())) > MOST_BYTES:
        fit = max(1, int(0.9 * len(traces) * MOST_BYTES / size))
        raise UserError(f"A page of these {len(traces)} questions has {size / 1e6:.0f} MB. Give --sample {fit}.")
    return page


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=file_path, default=Path("traces.jsonl"))
    parser.add_argument("--output", type=html_path, default=Path("traces.html"))
    parser.add_argument("--replies", type=file_path, metavar="readings.jsonl", help="of an oracle, about these traces")
    some = parser.add_mutually_exclusive_group()
    some.add_argument("--sample", type=positive_int, metavar="N", help="so many of the questions, drawn")
    some.add_argument("--page", type=positive_int, metavar="P", help=f"the P-th {PAGE} questions")
    parser.add_argument("--seed", type=whole_number, default=0, help="of the sample (default: 0)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    run_script(main)
