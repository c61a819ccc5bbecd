"""The tenant's clock: real time, moved by what the test controls asked for."""

from __future__ import annotations

import time
from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


class Clock:
    """Time in nanoseconds since 1970; two readings are never equal, so that "updated" can always be told.

    Attributes:
        offset: nanoseconds that this clock is ahead of real time.
    """

    def __init__(self, offset: int = 0) -> None:
        """Start `offset` nanoseconds ahead of real time."""
        self.offset = offset
        self._last = 0

    def now(self) -> int:
        """Nanoseconds since 1970, strictly increasing until the offset is lowered."""
        now = time.time_ns() + self.offset
        if 0 < self._last - now < NANOSECONDS or now == self._last:
            now = self._last + 1
        self._last = now
        return now

    def seconds(self) -> int:
        """Whole seconds since 1970, as tokens carry them."""
        return (time.time_ns() + self.offset) // NANOSECONDS

    def move_to(self, now: int) -> int:
        """Let the clock stand at `now` and run on from there; returns the new offset."""
        self._last = 0
        self.offset = now - time.time_ns()
        return self.offset

    def move_to_real(self) -> int:
        """Let the clock show real time again; returns the new offset, 0."""
        self._last = 0
        self.offset = 0
        return 0

    def advance(self, nanoseconds: int) -> int:
        """Move the clock by `nanoseconds`, back if negative; returns the new offset."""
        self._last = 0
        self.offset += nanoseconds
        return self.offset


def timestamp(nanoseconds: int, digits: int = 9) -> str:
    """RFC 3339 in UTC with `digits` fraction digits: 9 for Actions, 6 for modules (recorded), 3 for users."""
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{fraction:09d}"[: len(whole) + 1 + digits] + "Z"
