"""
Ask an oracle about latent thoughts: those of a question typed now, or of traces on disk.

Reads   an oracle (train_oracle.py); a CODI checkpoint and your question, or traces.jsonl (collect_traces.py)
Writes  the terminal, or with --output one JSON line per trace and query

    python oracle_inference.py --prompt "Ava has 12 apples. On Monday Ava buys 5 more apples. How many apples does Ava have?"
    python oracle_inference.py --prompt "Ava has 12 apples. How many apples does Ava have?" --query "What does step 0 show?"
    python oracle_inference.py --traces traces_test.jsonl --output readings.jsonl

The oracle sees what a trace prints: question, answer and one line per hidden state. Queries about the same trace share
its encoding.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel
from rich.console import Console
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

from codi_model import (
    Codi,
    add_model_arguments,
    generate_with_traces,
    in_batches,
    load_model,
    pad,
    plan_batches,
)
from loading import CHECKPOINTS
from oracle_questions import DEFAULT_QUESTIONS, PARTS, PromptForm, Question, kinds_of, prompt_end, prompt_start
from scripting import UserError, check_writable, log, positive_int, printable, run_script, say
from traces import Trace, read_traces

TINY_ORACLE = Path(__file__).parent / "checkpoints" / "tiny-oracle"
TRAIN = "Train one: python train_oracle.py --train oracle_data.jsonl --val oracle_val.jsonl"
ORACLE_HELP = "default: oracle_model/best if it is there, else the embedded checkpoints/tiny-oracle"
MAX_REPLY_TOKENS = 160  # a summary with 7 answers takes about 100

# --- The oracle -------------------------------------------------------------------------------------------------


@dataclass
class Oracle:
    """A language model that was trained to answer about traces, and what it was trained on."""

    model: PreTrainedModel | PeftModel
    tokenizer: PreTrainedTokenizerBase
    form: PromptForm
    settings: dict  # of oracle.json
    folder: Path | None = None

    @property
    def context(self) -> int:
        return self.model.config.max_position_embeddings


def load_base(name: str, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The language model an oracle starts from: the one inside a CODI checkpoint (tiny, llama1b, …, or a folder with
    codi.json), or any causal language model from the Hub or a folder."""
    if name in ("tiny", *CHECKPOINTS) or (Path(name) / "codi.json").is_file():
        codi = load_model(name, "cpu", str(dtype).removeprefix("torch."))
        return codi.model, codi.tokenizer
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(
            f"Could not load the language model {name!r} ({str(error).splitlines()[0][:200]}). Check the name and the "
            "network, or take the embedded one: --base tiny"
        ) from error
    if tokenizer.eos_token_id is None:
        raise UserError(f"{name}: its tokenizer has no EOS token, which ends every reply. Take another model.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer


def load_oracle(folder: Path | str | None = None, device: str | None = None, dtype: str | None = None) -> Oracle:
    """The oracle in a folder that train_oracle.py wrote, default_oracle() where none is given. UserError where there
    is none."""
    folder, device = Path(folder or default_oracle()), device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        settings = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} holds no oracle ({error}). {TRAIN}") from error
    kind = getattr(torch, dtype) if dtype else torch.bfloat16 if device.startswith("cuda") else torch.float32
    if (folder / "adapter_config.json").is_file():
        model, tokenizer = load_base(settings["base"], kind)
        model = PeftModel.from_pretrained(model, folder)
    else:
        model, tokenizer = load_base(str(folder), kind)
    log(f"Loaded the oracle {folder}: trained from {settings['base']} on {settings['train']['pairs']:,} pairs")
    return Oracle(model.to(device).eval(), tokenizer, PromptForm.of(settings, folder), settings, folder)


def prompt_ids(oracle_tokenizer, start: str, end: str, room: int) -> tuple[list[int], list[int]] | None:
    """Token ids of a prompt's start and its end, at most `room` in all. What is too long loses trace text from its
    end; None if it would have to lose more."""
    head, mark, trace = start.partition("\nThoughts:")
    ids = oracle_tokenizer(head, split_special_tokens=True)["input_ids"]
    more, end_ids = (
        oracle_tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        for text in (mark + trace, end)
    )
    left = room - len(ids) - len(end_ids)
    return (ids + more[:left], end_ids) if left >= 0 else None


def response_ids(tokenizer, response: str) -> list[int]:
    """What the oracle learns to say, EOS included."""
    return tokenizer(f" {response}", add_special_tokens=False, split_special_tokens=True)["input_ids"] + [
        tokenizer.eos_token_id
    ]


def oracle_answer(
    oracle: Oracle, trace: Trace | list[Trace], query: str | list[str], shows: tuple[str, ...] = PARTS
) -> str | list[str]:
    """The oracle's reply about a trace. Lists give lists: of queries about one trace, or of a query each of many."""
    if isinstance(trace, Trace) and isinstance(query, str):
        return oracle_answer(oracle, [trace], [query], shows)[0]
    traces = [trace] * len(query) if isinstance(trace, Trace) else trace
    queries = [query] * len(traces) if isinstance(query, str) else query
    if len(traces) != len(queries):
        raise UserError(f"{len(traces)} traces but {len(queries)} queries. Give one query, or one for each trace.")
    starts = [prompt_start(trace, oracle.form, shows) for trace in traces]
    return replies(oracle, starts, [prompt_end(query) for query in queries])


def replies(oracle: Oracle, starts: list[str], ends: list[str], max_new_tokens: int = MAX_REPLY_TOKENS) -> list[str]:
    """A reply to each prompt; prompts with the same start share its encoding."""
    room = oracle.context - max_new_tokens
    prompts = []
    for start, end in zip(starts, ends, strict=True):
        ids = prompt_ids(oracle.tokenizer, start, end, room)
        if ids is None:
            raise UserError(f"The question and query are longer than the oracle's context ({oracle.context} tokens).")
        prompts.append(ids)
    groups = {}
    for i, (start, _) in enumerate(prompts):
        groups.setdefault(tuple(start), []).append(i)
    groups = list(groups.items())
    # what one group takes: its start once as read, and once more per query in the cache
    costs = [len(start) + sum(len(prompts[i][1]) + max_new_tokens for i in rows) for start, rows in groups]
    said = [""] * len(prompts)

    def work(numbers):
        rows = [i for n in numbers for i in groups[n][1]]
        owner = [place for place, n in enumerate(numbers) for _ in groups[n][1]]
        texts = generate_replies(
            oracle, [list(groups[n][0]) for n in numbers], owner, [prompts[i][1] for i in rows], max_new_tokens
        )
        for i, text in zip(rows, texts, strict=True):
            said[i] = text

    in_batches(work, plan_batches(costs, oracle.model.device.type))
    return said


@torch.inference_mode()
def generate_replies(
    oracle: Oracle, starts: list[list[int]], owner: list[int], ends: list[list[int]], max_new_tokens: int
) -> list[str]:
    """Greedy replies to starts[owner[i]] + ends[i]; each start is read once, and its cache given to each of its ends."""
    model, device = oracle.model, oracle.model.device
    start, start_mask = (tensor.to(device) for tensor in pad(starts, "left"))
    end, end_mask = (tensor.to(device) for tensor in pad(ends, "left"))
    rows = torch.tensor(owner, device=device)
    cache = DynamicCache(config=model.config)
    positions = (start_mask.cumsum(1) - 1).clamp(min=0)
    model(input_ids=start, attention_mask=start_mask, position_ids=positions, past_key_values=cache, logits_to_keep=1)
    cache.batch_select_indices(rows)
    ids = torch.cat([start[rows], end], 1)
    said = model.generate(
        input_ids=ids,
        attention_mask=torch.cat([start_mask[rows], end_mask], 1),
        past_key_values=cache,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=oracle.tokenizer.pad_token_id,
        eos_token_id=oracle.tokenizer.eos_token_id,
    )
    return [text.strip() for text in oracle.tokenizer.batch_decode(said[:, ids.shape[1] :], skip_special_tokens=True)]


# --- Asking -----------------------------------------------------------------------------------------------------


def default_queries(trace: Trace, form: PromptForm) -> list[str]:
    """What is asked where nobody asks."""
    kind = (kinds_of(trace) or ["zero"])[0]
    return [Question(task, slots={"kind": kind}).query(0, form) for task in DEFAULT_QUESTIONS]


def trace_of(codi: Codi, question: str) -> Trace:
    return generate_with_traces(*codi, question, codi.num_latent)


def read_traces_aloud(oracle: Oracle, traces: list[Trace], output: Path, queries: list[str], batch: int) -> None:
    """Append a line {index, query, reply} per trace and query to `output`; what stands there already is kept."""
    done = {(row["index"], row["query"]) for row in finished(output)}
    asked = [(t, q) for t in traces for q in queries or default_queries(t, oracle.form) if (t.index, q) not in done]
    log(f"{len(done)} replies are there already, {len(asked)} to go")
    with output.open("a", encoding="utf-8") as file:
        for start in range(0, len(asked), batch):
            some = asked[start : start + batch]
            said = oracle_answer(oracle, [trace for trace, _ in some], [query for _, query in some])
            for (trace, query), reply in zip(some, said, strict=True):
                row = {"index": trace.index, "query": query, "reply": reply}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            log(f"{min(start + batch, len(asked))}/{len(asked)} replies")


def finished(output: Path) -> list[dict]:
    """The whole lines of an earlier run; a half line at the end, left by a crash, is cut off."""
    if not output.exists():
        return []
    data = output.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        rows = [json.loads(line) for line in whole.splitlines()]
        assert all(type(row["index"]) is int and type(row["query"]) is str for row in rows)
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise UserError(f"{output} holds something else than replies. Choose another --output.") from error
    if len(whole) < len(data):
        with output.open("rb+") as file:
            file.truncate(len(whole))
    return rows


def talk(voices: dict[str, Oracle], trace: Trace, console: Console) -> None:
    """Queries about one trace from standard input, until its end or an empty line; each of `voices` replies."""
    say(console, "Ask about these thoughts; an empty line ends it.")
    while True:
        say(console, "about them> ", end="")
        query = input().strip()
        if not sys.stdin.isatty():
            say(console, printable(query))
        if not query:
            return
        try:
            for name, oracle in voices.items():
                said = printable(oracle_answer(oracle, trace, query))
                say(console, said if len(voices) == 1 else f"{name}: {said}")
        except UserError as error:
            say(console, printable(str(error)))


def say_replies(console: Console, oracle: Oracle, trace: Trace, queries: list[str] | None = None) -> None:
    """Each query (by default the default ones) with its reply."""
    queries = queries or default_queries(trace, oracle.form)
    for query, reply in zip(queries, oracle_answer(oracle, trace, queries), strict=True):
        say(console, printable(f"{query}\n  {reply}"))


def check_same_model(oracle: Oracle, num_latent: int, where: str) -> None:
    """UserError unless the traces have as many latent steps as those the oracle was trained on."""
    trained = oracle.settings["num_latent"]
    if num_latent != trained:
        raise UserError(
            f"{where} has {num_latent} latent steps, but the oracle was trained on traces of {trained}. Take an oracle "
            "trained on the same CODI."
        )


def main(argv=None):
    args = parse_arguments(argv)
    if args.output:
        check_writable(args.output)
    oracle = load_oracle(args.oracle_dir, args.device, args.dtype)
    if args.traces:
        traces = list(read_traces(args.traces))
        check_same_model(oracle, traces[0].num_latent, str(args.traces))
        read_traces_aloud(oracle, traces[: args.n], args.output, args.query, args.batch)
        return
    codi = load_model(args.model, args.device, args.dtype, args.prompt_form)
    check_same_model(oracle, codi.num_latent, codi.name)
    trace, console = trace_of(codi, args.prompt), Console()
    say(console, printable(f"{args.prompt}\nanswer: {trace.output}"))
    try:
        say_replies(console, oracle, trace, args.query)
        if not args.query:
            talk({"the oracle": oracle}, trace, console)
    except (EOFError, KeyboardInterrupt):
        say(console, "")


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--prompt", help="a question for the CODI checkpoint, whose thoughts are then asked about")
    what.add_argument("--traces", type=Path, help="traces to ask about, with --output")
    parser.add_argument("--query", nargs="+", help="what to ask (default: six questions, then your own)")
    parser.add_argument("--output", type=Path, help="replies.jsonl, appended to; finished replies are not asked again")
    parser.add_argument("-n", type=positive_int, help="of the traces, the first N")
    parser.add_argument("--batch", type=positive_int, default=600, help="replies between two writes (default: 600)")
    parser.add_argument("--oracle-dir", type=Path, help=ORACLE_HELP)
    add_model_arguments(parser)
    args = parser.parse_args(argv)
    if bool(args.traces) != bool(args.output):
        parser.error("--traces and --output go together")
    return args


def default_oracle() -> Path:
    """The oracle trained here if there is one, else the embedded one."""
    trained = Path("oracle_model/best")
    return trained if (trained / "oracle.json").is_file() else TINY_ORACLE


if __name__ == "__main__":
    run_script(main)
