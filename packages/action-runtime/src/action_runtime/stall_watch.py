"""Notices that a worker is blocked: it does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class StallWatch:
    """Asks a worker that has flows, again and again, whether it is there.

    Attributes:
        stalled: whether it is blocked.
    """

    def __init__(
        self, stall_after: float, *, busy: Callable[[], bool], ping: Callable[[int], None], stalled: Callable[[], None]
    ) -> None:
        """Prepare; `begin` begins.

        Args:
            stall_after: seconds without an answer after which the worker counts as blocked.
            busy: whether the worker has flows; otherwise it is left alone.
            ping: sends a question with this number.
            stalled: called when the worker is blocked.
        """
        self.stalled = False
        self._loop = asyncio.get_running_loop()
        self._stall_after = stall_after
        self._busy = busy
        self._send = ping
        self._on_stalled = stalled
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._last = 0
        self._unanswered: float | None = None
        self._recovery = 0

    def begin(self) -> None:
        """Watch until the worker has no flows."""
        if self._timer is None and not self.stalled:
            self._due = self._loop.time() + self._stall_after / 2
            self._timer = self._loop.call_at(self._due, self._look)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def wait_for_recovery(self) -> None:
        """Ask a blocked worker; its answer means that it works again, and has read everything sent before."""
        self._recovery = self._ping()

    def answered(self, number: int) -> bool:
        """Take an answer.

        Returns:
            Whether the worker was blocked until now.
        """
        self._unanswered = None
        if not self.stalled or number != self._recovery:
            return False
        self.stalled = False
        return True

    def _ping(self) -> int:
        self._last += 1
        self._unanswered = self._loop.time()
        self._send(self._last)
        return self._last

    def _look(self) -> None:
        self._timer = None
        if self.stalled or not self._busy():
            self._unanswered = None
            return
        now = self._loop.time()
        # If it is this process that was held up, the answer may lie unread in the pipe.
        late = now - self._due > self._stall_after / 2
        if self._unanswered is None:
            self._ping()
        elif now - self._unanswered >= self._stall_after and not late:
            self.stalled = True
            self._on_stalled()
            return
        self.begin()
