"""
The user's files: outputs that touch nothing else, that are whole or not there, and that say what they are.

    from files import claimed, replacing, write_json, write_meta, read_meta
    with claimed(args, ["output"], ["input"]):                        # before any work
        with replacing(args.output) as part: ...                      # whole or not there
        write_meta(args.output, {"settings": ...}, [args.output])     # last: names and hashes what it describes

`claimed` is the one check of every script: no output is an input, stands among a model's files, or has the name of
another file's companion; what another program or another script wrote is not overwritten; two runs do not write one
output. Beside `traces.jsonl` stand its companions: `traces.meta.json`, `traces.vectors-00000.safetensors`, while a run
goes on `traces.jsonl.parts`. What has PART or LOCK at its name's end is ours, and of use to one run only.
"""

import argparse
import fcntl
import hashlib
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scripting import UserError, is_main_process, log

MARK = "reading latent thoughts"  # in every picture and page, as what is ours may be overwritten
PROVENANCE = {"arguments", "versions", "commit"}  # in every JSON of ours (scripting.provenance)
LONGEST_NAME = 255  # bytes, of most file systems
PART, LOCK = ".latent-part", ".latent-lock"  # no user's file ends so
COMPANIONS = rf".*(\.meta\.json|\.vectors-\d{{5}}\.safetensors|\.parts|{re.escape(PART)}|{re.escape(LOCK)})"
ROOM = len(".vectors-00000.safetensors" + PART)  # bytes that a companion's name is longer than its output's
RUN = Path("training", "arguments.json")  # in the folder of a training that is not done
# the names that a model, its tokenizer, an adapter and a training's plot are saved under, here and by other programs
WEIGHTS = r".*\.(safetensors|bin|gguf)"
SAVED = rf"{WEIGHTS}|.*\.(json|jinja|model)|(merges|vocab)\.txt|README\.md|losses\.png"

# --- Paths as arguments -----------------------------------------------------------------------------------------


def file_path(text: str) -> Path:
    """An argparse type: a path that a file or folder can have."""
    wrong = (
        "is empty" if not text.strip()
        else "is no UTF-8" if not is_utf8(text)
        else "holds a NUL" if "\0" in text
        else "is the root folder" if os.path.realpath(text) == "/"
        else "is a link to itself" if os.path.islink(os.path.realpath(text))
        else f"has a name of over {LONGEST_NAME} bytes"
        if any(len(os.fsencode(part)) > LONGEST_NAME for part in Path(text).parts)
        else None
    )  # fmt: skip
    if wrong:
        raise argparse.ArgumentTypeError(f"the path {text[:60]!r} {wrong}")
    return Path(text)


def png_path(text: str) -> Path:
    """An argparse type: a path of a picture."""
    return path_ending(text, ".png")


def html_path(text: str) -> Path:
    """An argparse type: a path of a page, which browsers open by its ending."""
    return path_ending(text, ".html")


def path_ending(text: str, suffix: str) -> Path:
    if not text.endswith(suffix):
        raise argparse.ArgumentTypeError(f"the path {text[:60]!r} does not end in {suffix}")
    return file_path(text)


def is_utf8(text: str) -> bool:
    """Whether a word of the command line can be written down: bytes that are no UTF-8 arrive as lone surrogates."""
    return not re.search("[\ud800-\udfff]", text)


# --- One check, used by every script ----------------------------------------------------------------------------


@contextmanager
def claimed(args, outputs: list[str], inputs: list[str], last: str | None = None) -> Iterator[None]:
    """Make the outputs among a script's `args`, by name, this run's while the block lasts. For a training, whose output
    is a folder, `last` is the file in it that is written last.

    Raises UserError unless every output can be written, is new or of this script, and with its companions differs from
    all inputs and other outputs; or if another run is writing it. A link becomes its target, beside which its
    companions stand; but not an input whose own stand beside the link, as in the Hub's cache. Of several processes the
    main one checks and locks.
    """
    for name in outputs + inputs:
        path = getattr(args, name)
        if isinstance(path, Path) and path.is_symlink() and (name in outputs or meta_path(path.resolve()).exists()):
            setattr(args, name, path.resolve())
    made, given = paths_of(args, outputs), paths_of(args, inputs)
    for option, path in made + given:
        if not is_utf8(str(path)):
            raise UserError(f"{option} {path} is no UTF-8, and no result could name it. Rename it.")
    with ExitStack() as stack:
        if is_main_process():
            check_different(made, [(option, path) for option, path in given if os.path.exists(path)])
            for option, path in made:
                check_name(path, option)
                if last:
                    check_folder_output(path, option, last)
                else:
                    check_file_output(path, option, vars(args))
                stack.enter_context(locked(path))
        yield


def paths_of(args, names: list[str]) -> list[tuple[str, Path]]:
    """(option, path) of every path that `args` have under these names."""
    values = [("--" + name.replace("_", "-"), getattr(args, name)) for name in names]
    several = [(option, value if isinstance(value, list) else [value]) for option, value in values]
    return [(option, Path(path)) for option, paths in several for path in paths if path is not None]


def check_different(outputs: list[tuple[str, Path]], inputs: list[tuple[str, Path]]) -> None:
    """UserError if an output, or what stands beside it, is an input or another output, or what stands beside those, or
    stands in a model's folder that is an input."""
    taken = {name: f"{option} {path}" for option, path in inputs for name in with_companions(path)}
    for option, path in outputs:
        for name in with_companions(path):
            if name in taken:
                raise UserError(
                    f"{option} {path} would overwrite {taken[name]}, or what stands beside it ({name.name}). "
                    "Give them two names."
                )
        taken |= dict.fromkeys(with_companions(path), f"{option} {path}")
        for given, folder in inputs:
            if path.resolve().is_relative_to(folder.resolve()) and has_weights(folder):
                raise UserError(
                    f"{option} {path} may overwrite one of a model's files, {given} {folder}. Put it elsewhere."
                )


def has_weights(folder: Path) -> bool:
    return any(re.fullmatch(WEIGHTS, path.name) for path in listed(folder))


def with_companions(path: Path) -> list[Path]:
    """A stage's output and what may stand beside it, links followed."""
    path = path.resolve()
    return [path, meta_path(path), parts_path(path), vectors_path(path, 0)]


def meta_path(path: Path) -> Path:
    """traces.jsonl -> traces.meta.json"""
    return path.with_name(path.name.removesuffix(".jsonl") + ".meta.json")


def vectors_path(path: Path, shard: int) -> Path:
    """traces.jsonl -> traces.vectors-00000.safetensors"""
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.vectors-{shard:05}.safetensors")


def parts_path(path: Path) -> Path:
    """Where a run that is not done keeps what is finished."""
    return path.with_name(path.name + ".parts")


def part_path(path: Path) -> Path:
    """Where a file is written before it is renamed."""
    return path.with_name(path.name + PART)


def is_named(path: Path, names: str) -> bool:
    """Whether a file has one of the `names`, a regular expression, or was to be renamed to one."""
    return bool(re.fullmatch(names, path.name.removesuffix(PART)))


def check_name(path: Path, option: str) -> None:
    """UserError for a name that a companion would have, or with which one would have too long a name."""
    if re.fullmatch(COMPANIONS, path.name):
        raise UserError(f"{option} {path} has the name of what stands beside an output. Give another name.")
    if len(os.fsencode(path.name)) > LONGEST_NAME - ROOM:
        raise UserError(f"{option} {path} has a name of over {LONGEST_NAME - ROOM} bytes. Give a shorter one.")


def check_file_output(path: Path, option: str, options: Container[str]) -> None:
    """UserError now if `path` cannot be written later, or holds what a script with these `options` did not write."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is a folder or a device. Give {option} a file name.")
    check_writable(path.parent)
    if not is_ours(path, options):
        raise UserError(
            f"{path} is there already, and this script did not write it. Give {option} another name, or move that file "
            "away."
        )
    described = meta_path(path)
    if described.exists() and not describes(read_dict(described), path):
        raise UserError(f"{described} stands beside another file than {path}. Give {option} another name.")


def check_folder_output(folder: Path, option: str, last: str) -> None:
    """UserError now if a training cannot write in `folder` later, or would overwrite what stands there; makes the
    folders that it stands in."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file. Give {option} a folder.")
    if Path.cwd().is_relative_to(folder.resolve()):
        raise UserError(f"{option} {folder} is the folder that you work in, or holds it. Give a folder of its own.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot make {folder} ({reason_of(error)}). Choose another {option}.") from error
    check_writable(folder if folder.exists() else folder.parent)
    check_unused(folder, last)


def check_unused(folder: Path, last: str) -> None:
    """UserError if what is saved in `folder`, as its file `last` and beside it, would overwrite what is there already;
    a run of ours that was stopped there may go on."""
    places = {folder, (folder / last).parent}
    if (folder / RUN).exists():
        return
    if (folder / last).exists():
        raise UserError(f"{folder} already holds a finished checkpoint. Choose another --output, or remove it first.")
    if any((place / PART).exists() for place in places):
        return
    training = folder / RUN.parent
    foreign = [path for path in (training, *places) if path.exists() and not path.is_dir()]
    foreign += [path for place in places for path in listed(place) if re.fullmatch(SAVED, path.name)]
    # an empty folder, or one with half of the arguments, is what a run killed there left
    foreign += [path for path in listed(training) if path != part_path(folder / RUN)]
    if foreign:
        there = ", ".join(str(path) for path in foreign[:5])
        raise UserError(f"This tool did not write {there}. Choose another --output than {folder}, or move them away.")


def listed(folder: Path) -> list[Path]:
    """What stands in a folder, if it is one."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def check_writable(folder: Path) -> None:
    """UserError unless files can be made in `folder`."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        raise UserError(
            f"Cannot write in {folder} ({reason_of(error)}). Make it, or choose another: mkdir -p {folder}"
        ) from error


def is_ours(path: Path, options: Container[str]) -> bool:
    """Whether what stands at `path` may be overwritten: nothing, or what a script with these `options` wrote. Each
    script has options of its own, and an older version of it fewer; pictures and pages are alike."""
    if not path.exists() or not path.stat().st_size:
        return True
    if path.suffix in (".png", ".html"):
        with path.open("rb") as file:
            return MARK.encode() in file.read(1024)
    if path.suffix == ".json":
        block = read_dict(path).get("meta")
    else:
        block = read_dict(meta_path(path)) or read_dict(parts_path(path) / "meta.json")
    has_mark = isinstance(block, dict) and block.keys() >= PROVENANCE and isinstance(block["arguments"], dict)
    is_same_script = has_mark and all(name in options for name in block["arguments"])
    return is_same_script and (path.suffix == ".json" or describes(block, path))


def describes(meta: dict, path: Path) -> bool:
    """Whether a meta file is that of `path`: it names it, or as older ones names no file."""
    files = meta.get("files")
    return path.name in files if isinstance(files, dict) else meta.keys() >= PROVENANCE


def read_dict(path: Path) -> dict:
    """The object in a JSON file; empty where there is none."""
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep another run off `path`; the lock ends with the process, however that ends."""
    lock = path.with_name(f".{path.name}{LOCK}")
    while True:
        file = lock.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise UserError(
                f"Another run is writing {path}. Wait for it, stop it, or choose another --output."
            ) from error
        if is_same(lock, file.fileno()):  # else the run before removed it between the two lines
            break
        file.close()
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        file.close()


def is_same(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one that stands at `path`."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


# --- Whole or not there -----------------------------------------------------------------------------------------


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path` if the block ends well, for good: it is on the disk before it is renamed.
    A link is written through, and the mode is what the umask gives."""
    path = path.resolve()
    part = part_path(path)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.chmod(part, 0o666 & ~umask())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def replacing_folder(folder: Path, last: str) -> Iterator[Path]:
    """A temporary folder whose files are moved into `folder` if the block ends well, `last` after all others: a reader
    that finds it finds them all."""
    made = folder / PART  # the same name always, so that what a killed run left there is not left for good
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        yield made
        for path in sorted(made.iterdir(), key=lambda path: (path.name == last, path.name)):
            with replacing(folder / path.name) as part:
                os.replace(path, part)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value) -> None:
    """Write JSON, paths as text and no NaN, under a temporary name, then rename."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str) + "\n")


def reason_of(error: Exception) -> str:
    """An exception in a few words on one line."""
    words = getattr(error, "strerror", None) or " ".join(str(error).split())
    return words[:120] or type(error).__name__


def remove_made(folder: Path, names: str) -> None:
    """Remove the files of a folder that have one of the `names`, a regular expression, or were to be renamed to one,
    and the folder if nothing else is in it."""
    for path in sorted(folder.iterdir(), reverse=True):  # arguments.json last: it says whose the others are
        if path.is_file() and is_named(path, names):
            path.unlink()
    left = sorted(path.name for path in folder.iterdir())
    if left:
        log(f"Left {folder}, which holds {', '.join(left[:5])}.")
    else:
        folder.rmdir()


# --- Pictures ---------------------------------------------------------------------------------------------------


@contextmanager
def drawing(path: Path, columns: int = 1, size: tuple[float, float] = (8, 5), dpi: int = 120) -> Iterator:
    """(figure, axes) of matplotlib, saved as a PNG at the block's end. Every text is drawn as it is written."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    with matplotlib.rc_context({"text.parse_math": False, "text.usetex": False}):
        figure, axes = plt.subplots(1, columns, figsize=size, squeeze=False, layout="constrained")
        try:
            yield figure, axes[0]
            with replacing(path) as part:
                figure.savefig(part, format="png", dpi=dpi, metadata={"Software": MARK})
        finally:
            plt.close(figure)


# --- Files that belong together carry a hash ----------------------------------------------------------------------


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_meta(path: Path, block: dict, files: Iterable[Path] = ()) -> None:
    """Write the meta file of a stage's output `path`: `block`, and the SHA-256 of each of `files`. Last of all; before
    the output is put in place, without `files`: it is ours then, and no reader takes it yet."""
    write_json(meta_path(path), block | {"files": {path.name: None} | {file.name: sha256(file) for file in files}})


def read_meta(path: Path, remedy: str) -> dict:
    """The meta file beside a stage's output `path`. UserError with the `remedy` where it is missing or damaged, or
    describes another file than the one that is there."""
    meta = meta_path(path)
    if not meta.exists():
        raise UserError(f"{meta} not found; it says how {path} was made. {remedy}")
    value = read_json(meta, remedy)
    if not isinstance(value, dict):
        raise UserError(f"{meta} holds no object. {remedy}")
    check_hash(path, value, remedy)
    return value


def check_hash(path: Path, meta: dict, remedy: str) -> None:
    """UserError if a meta file has the hash of another `path`; older meta files have none."""
    files = meta.get("files", {})
    if not isinstance(files, dict):
        raise UserError(f"{meta_path(path)} is damaged: files is no object. {remedy}")
    if not path.exists():
        raise UserError(f"{path} not found. {remedy}")
    if path.name in files and files[path.name] != sha256(path):
        raise UserError(
            f"{path} is not what its meta file describes: it was cut, edited, belongs to another run, or its run did "
            f"not end. {remedy}"
        )


def settings_before(path: Path) -> dict:
    """The settings in the folder of a run that is not done; UserError where they are damaged."""
    remedy = f"The settings of that run are damaged. Remove {path.parent} to start anew, or choose another --output."
    return check_fields(read_json(path, remedy), {}, str(path), remedy)


def check_same_settings(before: dict, now: dict, output: Path) -> None:
    """UserError that names each difference, unless there is none."""
    now = json.loads(json.dumps(now, default=str))
    differ = [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]
    if differ:
        changes = "; ".join(f"{key} was {before.get(key)!r}, now {now.get(key)!r}" for key in differ)
        raise UserError(
            f"{output} was made with other settings: {changes}. Choose another --output, or remove {output}."
        )


# --- JSON from anywhere -------------------------------------------------------------------------------------------


def read_json(path: Path, remedy: str):
    """The value in a JSON file; UserError with the `remedy` where it is missing or damaged."""
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} not found. {remedy}") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({reason_of(error)}). {remedy}") from error


def parse_json(text: str | bytes):
    """The value of a JSON text in UTF-8. ValueError for other text, for NaN, for numbers that no float can hold, for
    characters that UTF-8 has not, and for nesting without end."""
    text = text.decode() if isinstance(text, bytes) else text
    try:
        value = json.loads(text, parse_constant=refuse_constant, parse_int=parse_int, parse_float=parse_float)
        if re.search(r"\\u[dD][89a-fA-F]", text):  # a surrogate, which only a second one makes a character
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ValueError("half a character (a lone surrogate)") from error
    return value


def refuse_constant(name: str):
    raise ValueError(f"{name} is no JSON number")


def parse_int(digits: str) -> int:
    if len(digits) > 300:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def parse_float(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def check_fields(value, types: dict[str, tuple[type, ...]], where: str, remedy: str) -> dict:
    """`value` itself, if it is an object that has each field of `types`, of one of its types; else UserError."""
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected an object, found {type(value).__name__}. {remedy}")
    missing = [name for name in types if name not in value]
    if missing:
        raise UserError(f"{where} does not say {', '.join(missing)}. {remedy}")
    for name, kinds in types.items():
        if type(value[name]) not in kinds:
            raise UserError(f"{where}: {name} is {str(value[name])[:60]!r}, not what belongs there. {remedy}")
    return value
