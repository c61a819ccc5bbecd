"""Runs a program that may take long, hang or be interrupted, and leaves neither it nor its children running."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TAIL_LINES = 20
"""Lines of a program's output that are kept for the error message."""
_POLL_SECONDS = 0.2
# A child may hold the output open after the program's end: this much silence ends the reading.
_SILENCE_SECONDS = 0.5
_GRACE_SECONDS = 3.0


@dataclass(frozen=True)
class Finished:
    """How a program ended.

    Attributes:
        code: Its exit code; None if it was ended because it stalled or took too long.
        tail: The last lines of its output, standard output and standard error together.
        seconds: Its running time.
    """

    code: int | None
    tail: tuple[str, ...]
    seconds: float

    @property
    def reason(self) -> str:
        """Why it failed, in one line: the last line of its output, or that it was ended."""
        if self.code is None:
            return f"no progress, ended after {self.seconds:.0f} s"
        lines = [line.strip() for line in self.tail if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    on_beat: Callable[[float], None] | None = None,
    beat: float = 10.0,
    stall: float | None = None,
    progress: Callable[[], int] | None = None,
    limit: float | None = None,
) -> Finished:
    """Run ``command`` to its end, in a process group of its own and without standard input.

    Args:
        command: Program and arguments.
        cwd: Working directory.
        environment: All variables of the program; None: the caller's own.
        on_line: Called with each line of output.
        on_beat: Called every ``beat`` seconds with the seconds since the start.
        beat: Seconds between two calls of ``on_beat``.
        stall: Ends the program when ``progress`` has returned the same number for this many seconds.
        progress: Returns a number that grows while the program progresses (bytes on disk, say); without it ``stall``
            counts from the start.
        limit: Ends the program after this many seconds.

    Raises:
        OSError: The program cannot be started.
    """
    started = time.monotonic()
    # A process group of its own: a download tool must end together with the script that started it.
    child = subprocess.Popen(  # noqa: S603 - only programs that this package names, without a shell
        [os.fspath(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    output = _Output(child, on_line)
    watch = _Watch(started, stall, progress, limit)
    next_beat = started + beat
    try:
        while child.poll() is None:
            output.take(_POLL_SECONDS)
            now = time.monotonic()
            if on_beat and now >= next_beat:
                on_beat(now - started)
                next_beat = now + beat
            if watch.over(now):
                _end(child)
                return Finished(None, tuple(output.tail), now - started)
        while output.take(_SILENCE_SECONDS):
            pass
    except BaseException:
        # Ctrl-C above all: nothing may keep running unseen.
        _end(child)
        raise
    return Finished(child.returncode, tuple(output.tail), time.monotonic() - started)


class _Output:
    """The lines of a running program, read in a thread so that a silent program does not block the caller."""

    def __init__(self, child: subprocess.Popen[str], on_line: Callable[[str], None] | None) -> None:
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._child, self._on_line = child, on_line
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()  # None: the output is closed
        self._closed = False
        threading.Thread(target=self._read, daemon=True).start()

    def take(self, wait: float) -> bool:
        """Wait up to ``wait`` seconds for the next line; return whether one came."""
        if self._closed:
            # A program may keep running after it closed its output: wait for its end, without polling.
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(wait)
            return False
        try:
            line = self._lines.get(timeout=wait)
        except queue.Empty:
            return False
        if line is None:
            self._closed = True
            return False
        self.tail.append(line)
        if self._on_line:
            self._on_line(line)
        return True

    def _read(self) -> None:
        if self._child.stdout:
            with self._child.stdout as stream:
                for line in stream:
                    self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


class _Watch:
    """Decides when a program has stalled or exceeded its time limit."""

    def __init__(
        self, started: float, stall: float | None, progress: Callable[[], int] | None, limit: float | None
    ) -> None:
        self._started, self._stall, self._progress, self._limit = started, stall, progress, limit
        self._grew_at, self._amount = started, progress() if progress else 0

    def over(self, now: float) -> bool:
        if self._progress:
            amount = self._progress()
            if amount != self._amount:
                self._amount, self._grew_at = amount, now
        stalled = self._stall is not None and now - self._grew_at >= self._stall
        return stalled or (self._limit is not None and now - self._started >= self._limit)


def _end(child: subprocess.Popen[str]) -> None:
    """End the program's whole process group: SIGTERM first, then SIGKILL."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, kind)
        except (ProcessLookupError, PermissionError):
            # The group is empty; macOS reports "not permitted" if only a zombie is left.
            break
        try:
            child.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    child.wait()


def duration(seconds: float) -> str:
    """Format a duration: ``8 s``, ``3 min 05 s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
