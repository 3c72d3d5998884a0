"""
How much faster the oracle is trained and asked than the plain way, as ratios within one run.

Reads   checkpoints/tiny-codi, checkpoints/tiny-oracle
Writes  the terminal

    python benchmarks/bench_oracle.py

Training: the same pairs in the same batches, with shared starts and padded to the longest as here, or each a row of its
own padded to 1024 tokens. Asking: the default questions about each of 100 traces, all at once with shared encodings, or
one prompt at a time.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

import collect_traces
import generate_oracle_data
from oracle_model import Oracle, ask_about, load_base, load_oracle, replies
from oracle_prompts import VectorReader, View
from oracle_questions import read_pairs
from oracle_talk import default_queries
from traces import read_traces
from train_oracle import Rows, Trainee, collate, write_rows
from training import IGNORED, ShuffledLengthGroups

TRACES, STARTS, BATCHES, PADDED_TO = 100, 4, 4, 1024


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        traces = folder / "traces.jsonl"
        collect_traces.main(
            ["-n", str(TRACES), "--model", "tiny", "--data", "word-problems", "--vectors", "--output", str(traces)]
        )
        outputs = ["--output", str(folder / "train.jsonl"), "--val-output", str(folder / "val.jsonl")]
        generate_oracle_data.main(["--input", str(traces), *outputs])
        print(f"\ntiny-codi and tiny-oracle, float32, {torch.get_num_threads()} threads")
        compare_training(list(read_pairs(folder / "train.jsonl")), traces)
        compare_asking(load_oracle(), traces)


def compare_training(pairs, traces: Path) -> None:
    model, tokenizer, _ = load_base("tiny")
    reader, path = VectorReader(traces, View(steps="apart")), traces.with_suffix(".arrow")
    write_rows(path, pairs, tokenizer, PADDED_TO, reader)
    rows = Rows(path, reader)
    torch.manual_seed(0)
    order = list(ShuffledLengthGroups(STARTS, rows["length"]))[: STARTS * BATCHES]
    batches = [[rows[i] for i in order[n : n + STARTS]] for n in range(0, len(order), STARTS)]
    count = sum(len(row["pairs"]) for row in (rows[i] for i in order))
    trainee = Trainee(model.requires_grad_(True), torch.nn.Identity())
    ways = {"ours": lambda batch: trainee(**collate(batch))["loss"], "padded": lambda batch: padded_loss(model, batch)}
    seconds, losses = {}, {}
    for way, loss_of in ways.items():
        loss_of(batches[0]).backward()  # warm-up
        started, losses[way] = time.perf_counter(), []
        for batch in batches:
            loss = loss_of(batch)
            loss.backward()
            losses[way].append(loss.item())
        seconds[way] = time.perf_counter() - started
    alike = torch.allclose(torch.tensor(losses["ours"]), torch.tensor(losses["padded"]), atol=1e-3)
    print(f"training, forward and backward of {count} pairs; losses alike: {alike}")
    print(f"padded to {PADDED_TO}  {count / seconds['padded']:7.1f} pairs/s")
    print(f"ours            {count / seconds['ours']:7.1f} pairs/s   ratio {seconds['padded'] / seconds['ours']:.1f}")


def padded_loss(model, batch: list[dict]) -> torch.Tensor:
    """The plain way: every pair a row of its own, padded to PADDED_TO tokens."""

    def size(row, pair):
        return (len(row["prompt"].start) + len(pair["end"]), len(pair["reply"]))

    rows = [
        (row["prompt"].start + pair["end"] + pair["reply"], *size(row, pair)) for row in batch for pair in row["pairs"]
    ]
    ids, mask, labels = (torch.full((len(rows), PADDED_TO), fill) for fill in (0, 0, IGNORED))
    for n, (tokens, read, said) in enumerate(rows):
        ids[n, : read + said], mask[n, : read + said] = torch.tensor(tokens), 1
        labels[n, read : read + said] = ids[n, read : read + said]
    return model(input_ids=ids, attention_mask=mask, labels=labels).loss


def compare_asking(oracle: Oracle, path: Path) -> None:
    reader = VectorReader(path, oracle.view)
    asked = [
        ask_about(oracle, trace, query, reader.of(trace.index))
        for trace in read_traces(path)
        for query in default_queries(trace, oracle)
    ]
    replies(oracle, asked[:6])  # warm-up
    started = time.perf_counter()
    ours = [reply.text for reply in replies(oracle, asked)]
    ours_s = time.perf_counter() - started
    started = time.perf_counter()
    single = [replies(oracle, [ask])[0].text for ask in asked]
    single_s = time.perf_counter() - started
    alike = sum(a == b for a, b in zip(ours, single, strict=True))
    print(f"asking {len(asked) // TRACES} questions about each of {TRACES} traces; replies alike: {alike}/{len(asked)}")
    print(f"one at a time   {len(asked) / single_s:7.1f} replies/s")
    print(f"ours            {len(asked) / ours_s:7.1f} replies/s   ratio {single_s / ours_s:.1f}")


if __name__ == "__main__":
    main()
