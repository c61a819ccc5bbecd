"""The tenant's clock: real time, moved by what the test controls asked for."""

from __future__ import annotations

import threading
import time

from action_runtime.timestamps import NANOSECONDS

# Wide enough for any test, and whatever is reckoned from it still fits the 64 bits of a database column.
EARLIEST = 0
LATEST = 7_258_118_400 * NANOSECONDS


class Clock:
    """Time in nanoseconds since 1970; two readings are never equal, so that "updated" can always be told.

    Attributes:
        offset: nanoseconds that this clock is ahead of real time.
    """

    def __init__(self, offset: int = 0) -> None:
        """Start `offset` nanoseconds ahead of real time."""
        self.offset = offset
        self._last = 0
        # The event loop reads it, and so does the thread that writes to the database.
        self._lock = threading.Lock()

    def now(self) -> int:
        """Nanoseconds since 1970, strictly increasing until the clock is moved back."""
        with self._lock:
            now = time.time_ns() + self.offset
            if 0 <= self._last - now < NANOSECONDS:
                now = self._last + 1
            self._last = now
            return now

    def seconds(self) -> int:
        """Whole seconds since 1970, as tokens carry them."""
        return (time.time_ns() + self.offset) // NANOSECONDS

    def move_to(self, now: int) -> int:
        """Let the clock stand at `now` and run on from there; returns the new offset.

        Raises:
            ValueError: not within `EARLIEST` and `LATEST`.
        """
        return self._set(now - time.time_ns())

    def move_to_real(self) -> int:
        """Let the clock show real time again; returns the new offset, 0."""
        return self._set(0)

    def advance(self, nanoseconds: int) -> int:
        """Move the clock by `nanoseconds`, back if negative; returns the new offset.

        Raises:
            ValueError: that leads out of `EARLIEST` and `LATEST`.
        """
        return self._set(self.offset + nanoseconds)

    def _set(self, offset: int) -> int:
        if not EARLIEST <= time.time_ns() + offset <= LATEST:
            raise ValueError("the clock goes from 1970 to the end of 2199")
        with self._lock:
            self._last = 0
            self.offset = offset
        return offset
