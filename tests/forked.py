"""main(argv) in forked children, as users and launchers start it, but none pays for its imports."""

import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import torch
from accelerate import PartialState

from scripting import run_script


def start(main, argv, said: Path, before: Callable = lambda: None, after: Callable = lambda: None) -> int:
    """The process id of a child that runs before(), main(argv), after(), and appends what it says to a file."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        torch.set_num_threads(1)  # a forked child has none of its parent's threads, and would wait for them
        log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.stdout, sys.stderr = (open(descriptor, "w", closefd=False) for descriptor in (1, 2))
        before()
        main([str(word) for word in argv])
        sys.stdout.flush()
        status = 0
    except SystemExit as error:
        sys.stdout.flush()
        status = error.code or 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:  # whatever happens, the child must not go on with the parent's tests
        try:
            after()
        finally:
            os._exit(status)


def wait(child: int) -> int:
    """A child's exit status, negative for a signal."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def as_script(main, argv=(), stdin="", encoding="utf-8", stdout=None) -> SimpleNamespace:
    """A script as a user runs it in a pipe: its `returncode`, and what it says to `stderr` and, unless another
    descriptor is given for that, to `stdout`."""
    with ExitStack() as stack:
        given, said, told = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(stdin.encode())
        given.seek(0)

        def in_a_pipe():
            os.environ |= {"COLUMNS": "60"}
            for target, descriptor in enumerate((given.fileno(), stdout or said.fileno(), told.fileno())):
                os.dup2(descriptor, target)
            sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", encoding=encoding, closefd=False)

        def script(words):
            sys.argv = ["script.py", *words]
            run_script(main)

        returncode = wait(start(script, argv, Path(os.devnull), in_a_pipe))
        said.seek(0)
        told.seek(0)
        return SimpleNamespace(returncode=returncode, stdout=said.read().decode(), stderr=told.read().decode())


def in_processes(main, argv, folder: Path, count: int = 2) -> list[str]:
    """What each of `count` processes says that run main(argv) together, as under torchrun; all must end well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def join(rank):
        os.environ |= {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "CUDA_VISIBLE_DEVICES": "",
        }  # fmt: skip
        PartialState._reset_state()

    logs = [folder / f"process-{rank}.log" for rank in range(count)]
    for log in logs:
        log.unlink(missing_ok=True)
    children = [start(main, argv, log, lambda rank=rank: join(rank)) for rank, log in enumerate(logs)]
    alive, all_well = set(children), True
    while alive:
        child, status = os.wait()
        alive.discard(child)
        if status and all_well:
            all_well = False
            for other in alive:  # they would wait for it
                os.kill(other, signal.SIGKILL)
    said = [log.read_text() for log in logs]
    assert all_well, "\n".join(said)
    return said
