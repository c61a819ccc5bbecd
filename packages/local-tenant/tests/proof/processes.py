"""The child processes of a server, by the kernel: to kill them, and to see whether they have ended."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MILLISECONDS_TO_END = 30_000


def children(pid: int) -> list[int]:
    """Ids of the child processes: the Node workers of a server."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@contextmanager
def handles(pids: list[int]) -> Iterator[list[int]]:
    """Handles of these processes, which stay valid after the processes have ended."""
    opened = [os.pidfd_open(pid) for pid in pids]
    try:
        yield opened
    finally:
        for handle in opened:
            os.close(handle)


def ended(handle: int) -> bool:
    """Whether the process ends within some seconds."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(MILLISECONDS_TO_END))
