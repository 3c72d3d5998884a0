"""main(argv) in forked children, as users and launchers start it, but none pays for its imports."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from accelerate import PartialState


def start(main, argv, said: Path, before: Callable = lambda: None, after: Callable = lambda: None) -> int:
    """The process id of a child that runs before(), main(argv), after(), and appends what it says to a file."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        torch.set_num_threads(1)  # a forked child has none of its parent's threads, and would wait for them
        log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1), os.dup2(log, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
        before()
        main([str(word) for word in argv])
        status = 0
    except SystemExit as error:
        status = error.code or 0
    except BaseException as error:  # noqa: BLE001, the child must not go on with the parent's tests
        print(repr(error))
    sys.stdout.flush()
    after()
    os._exit(status)


def wait(child: int) -> int:
    """A child's exit status, negative for a signal."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


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
