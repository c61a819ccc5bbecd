"""The processes below a server, as the kernel tells them: whom to kill, and who is left."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MILLISECONDS_TO_END = 10_000


def children(pid: int) -> list[int]:
    """Processes that this one has started: the Node workers of a server."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@contextmanager
def handles(pids: list[int]) -> Iterator[list[int]]:
    """Handles that stay those of these processes, also when they are no children of ours and have ended."""
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
