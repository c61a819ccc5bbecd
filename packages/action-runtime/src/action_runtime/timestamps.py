"""Points of time as Auth0 writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

NANOSECONDS = 1_000_000_000


def timestamp(nanoseconds: int, digits: int = 9) -> str:
    """RFC 3339 in UTC with `digits` fraction digits: 9 for Actions, 6 for modules (recorded), 3 for users."""
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    whole = _to_the_second(seconds)
    return f"{whole}.{fraction:09d}"[: len(whole) + 1 + digits] + "Z"


# A login tells about ten times, most of them of this very second.
@lru_cache(maxsize=1_024)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
