"""
Where the parts of a model stand: all on one device, or its blocks spread over several of them, memory and disk.

    fill(model, weights, lambda name: "cuda")
    spread(model, weights, device_map_of(model, "auto"))

Only blocks are spread. What comes before and after them (embedding, final norm, head, rotary frequencies) and what
feeds a step back stay together on the first device, where every result comes back to: nothing else here asks where a
block is. accelerate moves what a block is given to its device, and what it needs from memory or disk there and away
again.
"""

import os
import tempfile
from collections.abc import Callable

from accelerate import dispatch_model, infer_auto_device_map
from accelerate.hooks import AlignDevicesHook, add_hook_to_module
from accelerate.utils import compute_module_sizes, get_balanced_memory, get_max_memory, offload_weight
from accelerate.utils.offload import save_offload_index
from torch import nn
from transformers import PreTrainedModel

from scripting import UserError

SHARE = 0.8  # of a GPU's free memory for weights; the rest is for keys, values and logits

# --- Filling --------------------------------------------------------------------------------------------------


def fill(model: PreTrainedModel, weights: dict, place_of: Callable[[str], str]) -> None:
    """Read weights, which have read() and numel() as in tensor_files.py, into a model that has none, each to its place.
    The largest come first: what reading takes besides is then least when the model takes most."""
    for name in sorted(weights, key=lambda name: -weights[name].numel()):
        held, last = holder(model, name)
        kept = held._parameters if last in held._parameters else held._buffers
        value = weights[name].read(place_of(name), kept[last].dtype)
        kept[last] = nn.Parameter(value) if kept is held._parameters else value
    model.tie_weights()


def holder(model: nn.Module, name: str) -> tuple[nn.Module, str]:
    """The module that has a tensor itself, and the tensor's name there."""
    module, _, last = name.rpartition(".")
    return model.get_submodule(module), last


# --- Spreading ------------------------------------------------------------------------------------------------


def check_device_map(asked, device: str | None) -> None:
    """UserError unless `asked` is a device map that can be had here: None, "auto", or {part: device}."""
    if asked is None:
        return
    if asked != "auto" and not (isinstance(asked, dict) and asked and all(isinstance(part, str) for part in asked)):
        raise UserError(f"No device map {str(asked)[:60]!r}; give auto, or in Python the device of each part.")
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UserError(
            "--device-map spreads one process over all GPUs, and torchrun gives each process a GPU of its own. "
            "Leave --device-map out, or start it without torchrun."
        )
    if device is not None:
        raise UserError("--device and --device-map both say where the model goes. Leave one of them out.")


def device_map_of(model: PreTrainedModel, asked: str | dict) -> dict[str, str | int]:
    """{part of the model: device} of the whole model, whose outer parts are all on the first device. "auto" fills GPUs
    evenly, then memory, then the disk; a map of one's own says it of blocks, in any grouping."""
    blocks, inside = blocks_of(model)
    if asked == "auto":
        room = room_here()
        first = next(iter(room))
        sizes = compute_module_sizes(model)
        room[first] = max(0, room[first] - (sizes[""] - sizes[blocks]))
        kinds = [*{type(block).__name__ for block in inside}]
        room = get_balanced_memory(inside, room, no_split_module_classes=kinds)
        found = infer_auto_device_map(inside, room, no_split_module_classes=kinds, clean_result=False)
        places = {f"{blocks}.{number}": device_at(found, str(number)) for number in range(len(inside))}
    else:
        places = {f"{blocks}.{number}": device_at(asked, f"{blocks}.{number}") for number in range(len(inside))}
        first = first_device(asked)
    gone = [block for block, device in places.items() if device is None]
    if gone:
        raise UserError(f"The device map has no device for {gone[0]}. Name each of {blocks}.*, or give auto.")
    return dict.fromkeys(outer_parts(model, blocks), first) | places


def room_here() -> dict:
    """Bytes for weights on each device, GPUs first, the memory last; the disk is taken for boundless."""
    room = get_max_memory()
    return {device: int(size * SHARE) for device, size in room.items()}


def first_device(places: dict):
    """The first GPU of a device map, else the CPU."""
    return next((device for device in places.values() if device not in ("cpu", "disk")), "cpu")


def device_at(places: dict, name: str):
    """The device of the longest part that a name lies in; None where there is none."""
    parts = name.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), -1, -1)]
    return next((places[prefix] for prefix in prefixes if prefix in places), None)


def blocks_of(model: PreTrainedModel) -> tuple[str, nn.ModuleList]:
    """The name of the list of a model's blocks, and the list."""
    depth = model.config.num_hidden_layers
    found = [(name, module) for name, module in model.named_modules()
             if isinstance(module, nn.ModuleList) and len(module) == depth]  # fmt: skip
    if not found:
        raise UserError(f"--device-map finds no list of {depth} blocks in {model.config.model_type}. Leave it out.")
    return found[0]


def outer_parts(model: nn.Module, blocks: str) -> list[str]:
    """Names of modules and single tensors that together are all of a model but its blocks."""
    parts = []
    for name, module in model.named_modules():
        if name != blocks and f"{blocks}.".startswith(f"{name}." if name else ""):
            inner = [
                module.named_children(),
                module.named_parameters(recurse=False),
                module.named_buffers(recurse=False),
            ]
            parts += [f"{name}.{part}".lstrip(".") for kind in inner for part, _ in kind]
    return [part for part in parts if not f"{blocks}.".startswith(f"{part}.")]


def spread(model: PreTrainedModel, weights: dict, places: dict) -> None:
    """Read weights to the devices of a device map, and make the model run on them; what is on disk is in a folder that
    goes with the model."""
    if {*places.values()} == {first_device(places)}:
        fill(model, weights, lambda name: first_device(places))
        model.to(first_device(places))
        return
    folder, index = tempfile.TemporaryDirectory(prefix="latent-thoughts-"), {}
    away = {name for name in weights if device_at(places, name) == "disk"}
    for name in away:
        held, last = holder(model, name)
        index = offload_weight(weights[name].read("cpu", held._parameters[last].dtype), name, folder.name, index)
    save_offload_index(index, folder.name)
    fill(model, {name: weights[name] for name in weights if name not in away}, lambda name: device_at(places, name))
    skipped = model._skip_keys_device_placement
    dispatch_model(model, places, offload_dir=folder.name, skip_keys=skipped)
    # the body is also run without its head
    add_hook_to_module(model.base_model, AlignDevicesHook(io_same_device=True, skip_keys=skipped), append=True)
    model.spread_folder = folder


def told(places: dict) -> str:
    """A device map in words: 9 blocks on cuda:0, 7 blocks on cuda:1, all else on cuda:0."""
    counts = {}
    for part, device in places.items():
        if part.rpartition(".")[2].isdecimal():
            counts[device] = counts.get(device, 0) + 1
    blocks = ", ".join(f"{count} blocks on {device_name(device)}" for device, count in counts.items())
    return f"{blocks}, all else on {device_name(first_device(places))}"


def device_name(device: str | int) -> str:
    return f"cuda:{device}" if isinstance(device, int) else str(device)
