"""
Ask an oracle about latent thoughts: those of a question typed now, or of traces on disk.

Reads   an oracle (train_oracle.py); a CODI checkpoint and your question, or traces.jsonl (collect_traces.py)
Writes  the terminal, or with --output one JSON line per trace and query

    python oracle_inference.py --prompt "Ava has 12 apples. Ava buys 5 more apples. How many apples does Ava have?"
    python oracle_inference.py --prompt "Ava has 3 pens. How many pens does Ava have?" --query "What does step 0 show?"
    python oracle_inference.py --traces traces_test.jsonl --output readings.jsonl
    torchrun --nproc_per_node 8 oracle_inference.py --traces traces_test.jsonl --output readings.jsonl

The oracle sees what it was trained to see: the question, the answer and a line per hidden state, or the latent vectors.
Queries about the same trace share its encoding. Processes share the queries about traces; a typed question is the main
one's alone.
"""

import argparse
import json
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console

from files import (
    check_fields,
    check_same_settings,
    claimed,
    file_path,
    meta_path,
    parse_json,
    read_json,
    sha256,
    write_meta,
)
from loading import add_model_arguments, load_model, model_options
from oracle_model import (
    ORACLE_HELP,
    Oracle,
    Reply,
    ask_about,
    check_fits_codi,
    check_fits_traces,
    default_oracle,
    load_oracle,
    replies,
)
from oracle_prompts import VectorReader
from oracle_talk import check_query, default_queries, say_reading, say_replies, talk, trace_of
from scripting import (
    UserError,
    device_of,
    is_main_process,
    log,
    log_once,
    positive_int,
    printable,
    processes,
    provenance,
    run_script,
    say,
    shared,
)
from traces import Trace, read_traces


def asked_about(oracle: Oracle, path: Path, most: int | None, queries: list[str]) -> list[tuple[Trace, str]]:
    """(trace, query) of the first `most` traces of a file, all where it is None; the default queries where there are
    none."""
    traces = list(read_traces(path))
    check_fits_traces(oracle, path, traces[0].num_latent)
    return [(trace, query) for trace in traces[:most] for query in queries or default_queries(trace, oracle)]


def write_replies(oracle: Oracle, asked: list[tuple[Trace, str]], traces: Path, output: Path, batch: int) -> None:
    """Append a line {index, query, reply, probability, confidence} per trace and query to the output, `batch` at a
    time. Processes share the queries, and the main one writes."""
    reader = VectorReader(traces, oracle.view)

    def replies_to(mine):
        return replies(oracle, [ask_about(oracle, trace, query, reader.of(trace.index)) for trace, query in mine])

    with output.open("a", encoding="utf-8") if is_main_process() else nullcontext() as file:
        for start in range(0, len(asked), batch):
            now = asked[start : start + batch]
            found = shared(replies_to, now)
            if file:
                file.writelines(map(line_of, now, found))
                file.flush()
            log_once(f"{min(start + batch, len(asked))}/{len(asked)} replies")


def line_of(asked: tuple[Trace, str], reply: Reply) -> str:
    """A line of the output."""
    trace, query = asked
    row = {"index": trace.index, "query": query, "reply": reply.text}
    row |= {name: round(getattr(reply, name), 4) for name in ("probability", "confidence")}
    return json.dumps(row, ensure_ascii=False) + "\n"


def check_same_run(output: Path, block: dict) -> None:
    """Write `block` as the meta file of the replies that follow; UserError if the output holds replies of another
    oracle or about other traces. Their hashes tell, as both may be made anew under the same name."""
    if output.exists():
        remedy = "Choose another --output."
        # its hash is of a finished run; what a killed one left is mended by finished()
        meta = read_json(meta_path(output), remedy)
        before = check_fields(meta, {"made_by": (dict,)}, str(meta_path(output)), remedy)["made_by"]
        check_same_settings(before, block["made_by"], output)
    write_meta(output, block)


def finished(output: Path) -> list[dict]:
    """The whole lines of an earlier run; a half line at the end, left by a crash, is cut off."""
    if not output.exists():
        return []
    data = output.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        rows = [parse_json(line) for line in whole.splitlines()]
        if not all(type(row["index"]) is int and type(row["query"]) is str for row in rows):
            raise ValueError("no index or query")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{output} holds something else than replies. Choose another --output.") from error
    if len(whole) < len(data):
        with output.open("rb+") as file:
            file.truncate(len(whole))
    return rows


def main(argv=None):
    args = parse_arguments(argv)
    with claimed(args, ["output"], ["traces", "model", "oracle_dir"]):
        run(args)


def run(args) -> None:
    args.query = list(dict.fromkeys(args.query or []))  # a query given twice is asked once
    for query in args.query:
        check_query(query)
    if args.traces:
        ask_traces(args)
    elif is_main_process():
        ask_typed(args)
    else:
        log("A typed question is answered by the main process alone; this one has nothing to do.")


def ask_traces(args) -> None:
    state = processes(args.device)
    oracle = load_oracle(args.oracle_dir, device_of(state, args.device), args.dtype)
    asked = asked_about(oracle, args.traces, args.n, args.query)
    made_by = {"oracle": str(oracle.folder), "oracle_sha256": oracle.digest()}
    made_by |= {"traces": str(args.traces), "traces_sha256": sha256(args.traces)}
    block = {"made_by": made_by} | provenance(vars(args))
    if state.is_main_process:
        check_same_run(args.output, block)
        finished(args.output)  # cuts off half a line
    state.wait_for_everyone()
    done = {(row["index"], row["query"]) for row in finished(args.output)}
    state.wait_for_everyone()  # before the main process writes more
    left = [(trace, query) for trace, query in asked if (trace.index, query) not in done]
    log_once(f"{len(done)} replies are there already, {len(left)} to go")
    write_replies(oracle, left, args.traces, args.output, args.batch)
    if state.is_main_process:
        write_meta(args.output, block, [args.output])


def ask_typed(args) -> None:
    codi = load_model(args.model, **model_options(args))
    oracle = load_oracle(args.oracle_dir or default_oracle(codi), args.device, args.dtype)
    check_fits_codi(oracle, codi)
    (trace, vectors), console = trace_of(codi, args.prompt, oracle), Console()
    say(console, printable(f"{args.prompt}\nanswer: {trace.output}"))
    try:
        if args.query:
            say_replies(console, oracle, trace, vectors, args.query)
        else:
            say_reading(console, oracle, trace, vectors)
            talk({"the oracle": oracle}, trace, vectors, console)
    except (EOFError, KeyboardInterrupt):
        say(console, "")


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--prompt", help="a question for the CODI checkpoint, whose thoughts are then asked about")
    what.add_argument("--traces", type=file_path, help="traces to ask about, with --output")
    parser.add_argument(
        "--query",
        nargs="+",
        help="what to ask (default: a reading, then your own; of traces, six queries)",
    )
    parser.add_argument(
        "--output", type=file_path, help="replies.jsonl, appended to; finished replies are not asked again"
    )
    parser.add_argument("-n", type=positive_int, help="of the traces, the first N")
    parser.add_argument("--batch", type=positive_int, default=600, help="replies between two writes (default: 600)")
    parser.add_argument(
        "--oracle-dir", type=file_path, help=f"{ORACLE_HELP}; of a typed question smol-oracle where it fits"
    )
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    if bool(args.traces) != bool(args.output):
        parser.error("--traces and --output go together")
    return args


if __name__ == "__main__":
    run_script(main)
