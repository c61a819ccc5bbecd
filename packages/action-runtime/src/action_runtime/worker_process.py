"""A worker's process: its pipes, its start and its end. What the lines on the pipes say is in worker.py.

The process has its own group, an empty environment and these pipes:

- the lifeline: nothing is ever written to it. When this process ends, however it ends, the kernel sends the worker a
  SIGIO for the closed pipe, which ends it, an endless loop in an Action included. guard.js keeps Actions from handling
  the signal. On Linux confine.py asks for SIGKILL as well, for an Action that closes the lifeline.
- stdout and stderr: not part of the protocol. What comes out of them is counted and dropped.
- requests and answers: lines of JSON, and claims: four bytes for each flow. Their descriptors are on the command line,
  and after them the number of bytes in which the worker reads requests (see confine.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

ENDLESS_OUTPUT: Final = 1_048_576
"""Bytes on stdout or stderr, or in one line of answers times 8, that count as output without end."""

READ_SIZE: Final = 2**20
"""Bytes in which a worker reads requests: a secret number from this up to twice this."""

LONGEST_ANSWER: Final = 8 * ENDLESS_OUTPUT

_STDERR_KEPT: Final = 4096
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_CLAIM: Final = struct.Struct("<I")


class _Answers(asyncio.Protocol):
    """Cuts what comes out of the answers pipe into lines."""

    def __init__(
        self, receive: Callable[[bytes], None], endless: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._receive = receive
        self._endless = endless
        self._ended = ended
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._receive(line)
        if len(self._rest) > LONGEST_ANSWER:
            self._rest = b""
            self._endless()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._ended()


class _Noise(asyncio.Protocol):
    """Counts what comes out of stdout or stderr and keeps the end of it."""

    def __init__(self, endless: Callable[[], None]) -> None:
        self._endless = endless
        self._bytes = 0
        self.tail = b""

    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        self.tail = (self.tail + data)[-_STDERR_KEPT:]
        if self._bytes > ENDLESS_OUTPUT:
            self._endless()


class WorkerProcess:
    """A started process; made by `start_process`."""

    def __init__(
        self, process: subprocess.Popen[bytes], *, lifeline: int, requests: int, answers: int, claims: tuple[int, int]
    ) -> None:
        """Take over the process and our ends of its pipes; of the claims both ends (read, write)."""
        self._process = process
        self._lifeline = lifeline
        self._claims_read, self._claims_write = claims
        self._requests_write, self._answers_read = requests, answers
        self._connecting: asyncio.Task[None] | None = None
        self._requests: asyncio.WriteTransport | None = None
        self._transports: list[asyncio.BaseTransport] = []
        self._stderr: _Noise | None = None
        self._closed = False
        try:
            self._statm: int | None = os.open(f"/proc/{process.pid}/statm", os.O_RDONLY)
        except OSError:
            self._statm = None

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    async def connect(
        self, *, receive: Callable[[bytes], None], endless: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        """Read and write on the running loop; call it at once. If this is cancelled, connecting goes on.

        Args:
            receive: called with each line.
            endless: called, perhaps more than once, when there is output without end.
            ended: called once, when no more answers can come.
        """
        # An event loop that is interrupted here may close a descriptor twice.
        self._connecting = asyncio.create_task(self._connect(receive, endless, ended))
        await asyncio.shield(self._connecting)

    async def _connect(
        self, receive: Callable[[bytes], None], endless: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        requests, answers = os.fdopen(self._requests_write, "wb", 0), os.fdopen(self._answers_read, "rb", 0)
        self._requests, _ = await loop.connect_write_pipe(asyncio.Protocol, requests)
        assert self._process.stdout is not None  # noqa: S101 - both are pipes, see start_process
        assert self._process.stderr is not None  # noqa: S101
        stdout, _ = await loop.connect_read_pipe(lambda: _Noise(endless), self._process.stdout)
        stderr, self._stderr = await loop.connect_read_pipe(lambda: _Noise(endless), self._process.stderr)
        reader, _ = await loop.connect_read_pipe(lambda: _Answers(receive, endless, ended), answers)
        self._transports += [self._requests, stdout, stderr, reader]

    def write(self, lines: bytes) -> None:
        """Send lines, each with its line end; to a process that is about to end, nothing."""
        if self._requests is not None and not self._requests.is_closing():
            self._requests.write(lines)

    def put_claim(self, flow: int) -> bool:
        """Let the worker, or another one that is first, take the right to start this flow.

        Returns:
            False if too many flows wait for this worker already.
        """
        try:
            os.write(self._claims_write, _CLAIM.pack(flow))
        except BlockingIOError:
            return False
        return True

    def take_claims(self) -> set[int]:
        """Take the right to start those flows that the worker has not started."""
        taken = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self._claims_read, 65536):
                taken += part
        return {flow for (flow,) in _CLAIM.iter_unpack(taken)}

    def memory(self) -> int:
        """Bytes in use, JavaScript objects or not; 0 where the system does not say."""
        if self._statm is None:
            return 0
        try:
            # Read through one open file: for each login, opening it would take ten times as long.
            return int(os.pread(self._statm, 256, 0).split()[1]) * _PAGE
        except OSError:
            return 0

    def processor_time(self) -> float:
        """Seconds that all its threads have run; 0 where the system does not say."""
        if sys.platform != "linux":
            return 0.0
        try:
            # The process's clock, numbered as clock_getcpuclockid(3) does.
            return time.clock_gettime(~self.pid << 3 | 2)
        except OSError:
            return 0.0

    def filtered(self) -> bool:
        """Whether the kernel filters its system calls."""
        try:
            return "Seccomp:\t2" in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False

    def kill(self) -> None:
        """End the process and all of its group at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self, time_limit: float) -> str:
        """Wait until the process has ended, and kill it after `time_limit` seconds.

        Returns:
            How it ended, in words.
        """
        loop = asyncio.get_running_loop()
        if self._connecting is not None:
            await asyncio.wait([self._connecting])
        try:
            await loop.run_in_executor(None, self._process.wait, time_limit)
        except subprocess.TimeoutExpired:
            self.kill()
            await loop.run_in_executor(None, self._process.wait)
        return self._how_it_ended()

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        if self._stderr is not None and b"heap out of memory" in self._stderr.tail:
            return "it ran out of memory"
        if code is not None and code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended with exit code {code}"

    def finish(self) -> None:
        """Ask the process to end, by closing the requests pipe."""
        if self._requests is not None:
            self._requests.close()

    def close(self) -> None:
        """Close every pipe; call it when the process has ended."""
        if self._closed:
            return
        self._closed = True
        for transport in self._transports:
            transport.close()
        for descriptor in (self._lifeline, self._claims_read, self._claims_write, self._statm):
            if descriptor is not None:
                os.close(descriptor)


def start_process(command: Sequence[str], *, folder: Path) -> WorkerProcess:
    """Start a worker.

    Args:
        command: to which the descriptors of requests, answers and claims are added, and the size of a read.
        folder: that it runs in.

    Raises:
        OSError: it cannot be started.
    """
    with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:

        def pipe() -> tuple[int, int]:
            read, write = os.pipe()
            return read, write

        lifeline_read, lifeline_write = pipe()
        requests_read, requests_write = pipe()
        answers_read, answers_write = pipe()
        claims_read, claims_write = pipe()
        for descriptor in (lifeline_read, requests_read, answers_write):
            theirs.callback(os.close, descriptor)
        for descriptor in (lifeline_write, requests_write, answers_read, claims_read, claims_write):
            ours.callback(os.close, descriptor)
        # Both ends are tried, never waited for; the worker shares the reading end with us.
        os.set_blocking(claims_read, False)
        os.set_blocking(claims_write, False)
        descriptors = (requests_read, answers_write, claims_read)
        process = subprocess.Popen(  # noqa: S603 - the command is our own
            [*command, *map(str, (*descriptors, READ_SIZE + secrets.randbelow(READ_SIZE)))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={},
            pass_fds=(*descriptors, lifeline_read),
            start_new_session=True,
        )
        fcntl.fcntl(lifeline_read, fcntl.F_SETOWN, process.pid)
        fcntl.fcntl(lifeline_read, fcntl.F_SETFL, fcntl.fcntl(lifeline_read, fcntl.F_GETFL) | os.O_ASYNC)
        ours.pop_all()
    return WorkerProcess(
        process,
        lifeline=lifeline_write,
        requests=requests_write,
        answers=answers_read,
        claims=(claims_read, claims_write),
    )
