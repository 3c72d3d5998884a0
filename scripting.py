"""
What every script shares: a mistake said in one sentence, where a result came from, text and tables on a terminal,
work shared by several processes. Files are files.py's.

    from scripting import UserError, run_script, provenance, new_table, print_table
"""

import atexit
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TWO_PROCESSES = "torchrun --nproc_per_node 2 SCRIPT"  # or accelerate launch --multi_gpu --num_processes 2 SCRIPT


class UserError(Exception):
    """The user's mistake, as one sentence: what is wrong, where, and the next command."""


def log(text: str) -> None:
    """Say it on standard error, so that standard output holds results only."""
    print(printable(text), file=sys.stderr, flush=True)


def run_script(main: Callable[[], None]) -> None:
    """Run a script's main; the user's mistake, or a file that cannot be read or written, is one sentence and exit code
    2; Ctrl-C and a reader that went away are quiet."""
    sys.stdout.reconfigure(errors="replace")  # a terminal that knows no emoji must not end a long run
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        log(" ".join(str(error).split()))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing is said at exit either
        sys.exit(141)
    except OSError as error:
        if error.errno is None:
            raise
        where = f"{error.filename}: " if error.filename else ""
        remedy = "Make room or mend it, then give the same command again; what is finished is kept."
        log(f"{where}{error.strerror}. {remedy}")
        sys.exit(2)


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


# --- Several processes ------------------------------------------------------------------------------------------


def is_main_process() -> bool:
    """Whether this is the first, or the only, of the processes that a launcher started."""
    return os.environ.get("RANK", "0") == "0"


def processes(device: str | None = None):
    """accelerate's PartialState of this run: process_index, num_processes, device, wait_for_everyone(). Says so where
    a launcher was asked for more processes than run."""
    import torch
    from accelerate import PartialState

    state = PartialState(cpu=not torch.cuda.is_available() or device == "cpu")
    if state.num_processes > 1:
        atexit.register(state.destroy_process_group)  # its threads must not outlive the interpreter: SIGABRT
    asked = processes_asked()
    if state.num_processes < asked:
        log(f"{asked} processes were asked for, but {state.num_processes} runs. What gives more: {TWO_PROCESSES}")
    return state


def processes_asked() -> int:
    """How many processes the launcher was asked for: `accelerate launch` starts a single one on a machine without a
    second GPU, and only its own command line tells."""
    try:
        words = Path(f"/proc/{os.getppid()}/cmdline").read_text().split("\0")
    except OSError:
        return 1
    if not {"launch", "accelerate-launch"} & {Path(word).name for word in words[:4]}:
        return 1
    found = re.search(r"--num[_-]processes[ =](\d+)", " ".join(words))
    return int(found[1]) if found else 1


def device_of(state, device: str | None) -> str | None:
    """Where this process computes. Each of several has its own GPU, as "cuda" would put all on one; "cpu" stays, as
    weights moved to "cpu:0" are copied, which rounds single rows otherwise."""
    return str(state.device) if state.num_processes > 1 and state.device.type != "cpu" else device


def log_once(text: str) -> None:
    """log(), by the main process alone."""
    if is_main_process():
        log(text)


def shared(work: Callable[[list], list], items: Sequence) -> list:
    """`work(items)`, a result per item, done by all processes together: each takes its share, all get everything. A
    share is of neighbours, which may have more in common, as questions about one trace have."""
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState()
    if state.num_processes == 1:
        return work(list(items))
    mine = share_of(items, state.process_index, state.num_processes)
    done = work(list(mine))
    assert len(done) == len(mine), (len(done), len(mine))
    return gather_object(done)  # in the order of the processes


def share_of(items: Sequence, process: int, count: int) -> Sequence:
    """The neighbours among `items` that one of `count` processes takes."""
    return items[len(items) * process // count : len(items) * (process + 1) // count]


# --- The terminal


def printable(text: str) -> str:
    """Text that cannot move the cursor: control characters are spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def say(console, text, end: str = "\n") -> None:
    """Print text (str or rich Text) on a rich console as it is, never as markup, now."""
    console.print(text, end=end, soft_wrap=True, markup=False, highlight=False, emoji=False)
    console.file.flush()


def new_table(title: str, *columns: str, left: int = 0):
    """A rich table whose first `left` columns are flush left; fill it with add_row()."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(printable(title)) if title else None,
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", caption_justify="left",
    )  # fmt: skip
    for place, column in enumerate(columns):
        table.add_column(Text(printable(column)), justify="left" if place < left else "right", no_wrap=True)
    return table


def add_row(table, *cells: str) -> None:
    """A row of texts, each shown as it is written."""
    from rich.text import Text

    table.add_row(*(Text(printable(str(cell))) for cell in cells))


def print_table(console, table) -> None:
    """Print a table whole: what is wider than the terminal runs over its edge, and no digit is lost."""
    from rich.measure import Measurement

    columns = Measurement.get(console, console.options.update(width=10_000), table).maximum if table.columns else 1
    before, console.width = console.width, max(columns, 1)
    try:
        console.print(table)
    finally:
        console.width = before


# --- argparse types; argparse prints their __name__: invalid positive whole number value: '-3'


def positive_int(text: str) -> int:
    """An argparse type: a whole number from 1 to below 2**32, numpy's limit for a seed."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or not 1 <= int(text) < 2**32:
        raise ValueError(text)
    return int(text)


positive_int.__name__ = "positive whole number"


def whole_number(text: str) -> int:
    """An argparse type: a whole number from 0, as seeds and counts are."""
    return 0 if text == "0" else positive_int(text)


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
