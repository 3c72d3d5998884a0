"""
What loading takes in memory beside the model itself, of a random checkpoint of the Llama 3.2 1B shape in bfloat16.

    python benchmarks/bench_memory.py                   as a pickle, one safetensors file, and shards with an index
    python benchmarks/bench_memory.py --width 512       a smaller one

Writes the checkpoint in the layout of the public CODI (LoRA of rank 128 beside its base's weights, the projection under
prj.*) to a temporary folder, 2.7 GB there, and loads it in a process of its own. That process says by how much its peak
resident memory (VmHWM of /proc/self/status, set back before) is above what it had once everything was imported. Pages
that are mapped from the file count in that peak as long as they are mapped; the peak of what was allocated (RssAnon) is
said beside it, as seen every 2 ms.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).parent.parent))

from checkpoints import INDEX, KNOWN_BASES, MARKERS
from loading import load_model
from scripting import positive_int, run_script

RANK = 128
LAYOUTS = ("pytorch_model.bin", "model.safetensors", INDEX)
MIB = 1 << 20

# --- The checkpoint ---------------------------------------------------------------------------------------------


def config_of(width, vocabulary):
    """The 1B's, or one that is narrower in all but its number of layers."""
    config, share = KNOWN_BASES[128256, 2048](), 2048 // width
    config.hidden_size, config.intermediate_size = width, 8192 // share
    config.num_attention_heads, config.num_key_value_heads = 32 // share, max(1, 8 // share)
    config.vocab_size = vocabulary + len(MARKERS)
    config.bos_token_id, config.eos_token_id = None, vocabulary - 1
    return config


def shapes_of(config):
    """{key: shape} of the public layout."""
    width, mlp, kv = config.hidden_size, config.intermediate_size, config.num_key_value_heads * config.head_dim
    attention = {"q_proj": (width, width), "k_proj": (kv, width), "v_proj": (kv, width), "o_proj": (width, width)}
    linear = {f"self_attn.{name}": shape for name, shape in attention.items()}
    linear |= {"mlp.gate_proj": (mlp, width), "mlp.up_proj": (mlp, width), "mlp.down_proj": (width, mlp)}
    model, shapes = "codi.base_model.model.model", {}
    shapes[f"{model}.embed_tokens.weight"] = (config.vocab_size, width)
    for layer in range(config.num_hidden_layers):
        for name, (out, inner) in linear.items():
            module = f"{model}.layers.{layer}.{name}"
            shapes[f"{module}.base_layer.weight"] = (out, inner)
            shapes |= {f"{module}.lora_A.default.weight": (RANK, inner), f"{module}.lora_B.default.weight": (out, RANK)}
        for name in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{model}.layers.{layer}.{name}.weight"] = (width,)
    shapes[f"{model}.norm.weight"] = (width,)
    square, row = (width, width), (width,)
    projection = {"1.weight": square, "1.bias": row, "3.weight": square, "3.bias": row, "ln.weight": row}
    return shapes | {f"prj.{name}": shape for name, shape in (projection | {"ln.bias": row}).items()}


def write_safetensors(path, shapes):
    """Random numbers under these keys, a tensor at a time."""
    draw, sizes = torch.Generator().manual_seed(0), [2 * torch.Size(shape).numel() for shape in shapes.values()]
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    told = zip(shapes.items(), pairwise(ends), strict=True)
    head = {key: {"dtype": "BF16", "shape": shape, "data_offsets": place} for (key, shape), place in told}
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for shape in shapes.values():
            values = torch.empty(shape, dtype=torch.bfloat16).normal_(std=0.02, generator=draw)
            file.write(values.view(torch.int16).numpy())


def rewrite(folder, layout):
    """The one safetensors file of a folder as another layout."""
    source = folder / "model.safetensors"
    weights = load_file(source)  # mapped: written a piece at a time, too
    if layout.endswith(".bin"):
        table = weights["codi.base_model.model.model.embed_tokens.weight"]
        torch.save(weights | {"codi.base_model.model.lm_head.weight": table}, folder / layout)
    elif layout == INDEX:
        shard_of = {key: f"model-0000{1 + i % 4}-of-00004.safetensors" for i, key in enumerate(weights)}
        for shard in sorted({*shard_of.values()}):
            save_file({key: tensor for key, tensor in weights.items() if shard_of[key] == shard}, folder / shard)
        (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": shard_of}))
    if layout != source.name:
        source.unlink()


def write_checkpoint(folder, layout, width, vocabulary):
    config = config_of(width, vocabulary)
    config.save_pretrained(folder)
    words = {f"w{i}": i for i in range(vocabulary - 1)} | {"<|eot_id|>": vocabulary - 1}
    words |= {marker: vocabulary + i for i, marker in enumerate(MARKERS)}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(WordLevel(words, unk_token="w0")), eos_token="<|eot_id|>"
    )
    tokenizer.save_pretrained(folder)
    write_safetensors(folder / "model.safetensors", shapes_of(config))
    rewrite(folder, layout)


# --- Loading it -------------------------------------------------------------------------------------------------


def memory(name):
    """A line of this process's status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def load_and_tell(folder):
    """Load a checkpoint and print what that took as JSON."""
    load_model("tiny", device="cpu")  # what is imported, and made once, by a first load
    before, before_anon, anon, done = memory("VmRSS"), memory("RssAnon"), [0], threading.Event()

    def watch():
        while not done.wait(0.002):
            anon.append(memory("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM is what is resident now
    started = time.perf_counter()
    codi = load_model(str(folder), device="cpu", dtype="bfloat16")
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    tensors = {p.data_ptr(): p for part in (codi.model, codi.prj) for p in part.parameters()}
    model = sum(p.numel() * p.element_size() for p in tensors.values())
    peaks = {"peak": memory("VmHWM") - before, "allocated": max(anon) - before_anon}
    print(json.dumps({"model": model, "baseline": before, "seconds": seconds} | peaks))


def measure(layout, width, vocabulary):
    """What loading a layout takes: bytes, by name, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder), layout, width, vocabulary)
        command = [sys.executable, __file__, "--load", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=positive_int, default=2048, choices=[256, 512, 1024, 2048])
    parser.add_argument("--vocabulary", type=positive_int, default=128256)
    parser.add_argument("--layouts", nargs="+", default=LAYOUTS, choices=LAYOUTS)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.load:
        load_and_tell(args.load)
        return
    for layout in args.layouts:
        took = measure(layout, args.width, args.vocabulary)
        peak, allocated, model = took["peak"], took["allocated"], took["model"]
        print(
            f"{layout}: model {model / MIB:.0f} MiB; peak over the {took['baseline'] / MIB:.0f} MiB before: "
            f"{peak / MIB:.0f} MiB = {peak / model:.2f} x the model, of it allocated {allocated / MIB:.0f} MiB = "
            f"{allocated / model:.2f} x; {took['seconds']:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    run_script(main)
