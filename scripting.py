"""
What every script shares: a mistake said in one sentence, files that are whole or not there, where a result came from.

    from scripting import UserError, run_script, write_json
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """The user's mistake, as one sentence: what is wrong, where, and the next command."""


def log(text: str) -> None:
    """Say it on standard error, so that standard output holds results only."""
    print(text, file=sys.stderr, flush=True)


def run_script(main: Callable[[], None]) -> None:
    """Run a script's main; the user's mistake is one sentence and exit code 2, Ctrl-C is quiet."""
    sys.stdout.reconfigure(errors="replace")  # a terminal that knows no emoji must not end a long run
    try:
        main()
    except UserError as error:
        log(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path` if the block ends well, for good: it is on the disk before it is renamed."""
    part = path.with_name(path.name + ".part")
    yield part
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


def write_json(path: Path, value) -> None:
    """Write JSON, paths as text and no NaN, under a temporary name, then rename."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    with replacing(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def check_writable(path: Path) -> None:
    """Raise UserError now if `path` cannot be written later."""
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is a folder or a device. Give a file name.")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (OSError, ValueError) as error:
        raise UserError(
            f"Cannot write {path} ({error}). Make its folder, or choose another: mkdir -p {path.parent}"
        ) from error


def provenance(arguments: dict) -> dict:
    """Arguments, versions and git commit, for the meta block of a result."""
    import torch
    import transformers

    return {
        "arguments": arguments,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "commit": git_commit(),
    }


def git_commit() -> str | None:
    """The project's commit, "-dirty" if files were changed since; None outside git."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    except OSError:  # no git on this machine
        return None


# --- The terminal


def printable(text: str) -> str:
    """Text that cannot move the cursor: control characters are spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def say(console, text, end: str = "\n") -> None:
    """Print text (str or rich Text) on a rich console as it is, never as markup, now."""
    console.print(text, end=end, soft_wrap=True, markup=False, highlight=False, emoji=False)
    console.file.flush()


# --- argparse types; argparse prints their __name__: invalid positive whole number value: '-3'


def positive_int(text: str) -> int:
    """An argparse type: a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError(text)
    return int(text)


positive_int.__name__ = "positive whole number"


def whole_number(text: str) -> int:
    """An argparse type: a whole number from 0, as seeds and counts are."""
    number = 0 if text == "0" else positive_int(text)
    if number >= 2**32:  # numpy's limit for a seed
        raise ValueError(text)
    return number


whole_number.__name__ = "whole number"


def non_negative(text: str) -> float:
    """An argparse type: a finite number from 0."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError(text)
    return number


non_negative.__name__ = "non-negative number"


def share(text: str) -> float:
    """An argparse type: a number from 0 to below 1."""
    number = float(text)
    if not 0 <= number < 1:
        raise ValueError(text)
    return number


share.__name__ = "share from 0 to below 1"
