"""Processes of the runtime, watched from outside."""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
import textwrap
from pathlib import Path

import pytest

needs_pidfd = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="cannot watch processes that are not its own")


async def orphans(program: str, folder: Path) -> list[bool]:
    """Run a Python program with a folder as its argument, until it prints a list of process ids; then kill it.

    Returns:
        Of each of these processes, whether it ends as well.
    """
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(program),
        str(folder),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert parent.stdout is not None
    handles = [os.pidfd_open(pid) for pid in json.loads(await parent.stdout.readline())]
    parent.kill()
    await parent.wait()
    return [await _ends(handle) for handle in handles]


async def _ends(handle: int) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    try:
        return bool(await asyncio.get_running_loop().run_in_executor(None, poll.poll, 30_000))
    finally:
        os.close(handle)


def descriptor(pid: int, kind: str) -> int:
    """The number of one of a worker's descriptors."""
    ours = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]  # noqa: PTH115
    numbers = {}
    for link in Path(f"/proc/{pid}/fd").iterdir():
        number, target = int(link.name), os.readlink(link)  # noqa: PTH115 - no path
        info = Path(f"/proc/{pid}/fdinfo/{number}").read_text(encoding="ascii")
        flags = int(info.partition("flags:")[2].split()[0], 8)
        if target.endswith("[eventpoll]"):
            numbers["event loop"] = number
        elif number > 2 and target in ours:
            if flags & os.O_ASYNC:
                numbers["lifeline"] = number
            elif flags & os.O_ACCMODE == os.O_WRONLY:
                numbers["answers"] = number
            else:
                # Of the claims we have both ends.
                numbers["requests" if ours.count(target) == 1 else "claims"] = number
    return numbers[kind]
