"""Faults on demand: what goes wrong, where, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["rate_limit", "server_error", "drop_request", "drop_answer", "slow", "slow_build", "failed_build"]
BUILD_KINDS = frozenset({"slow_build", "failed_build"})


@dataclass(slots=True)
class Fault:
    """Something that is to go wrong.

    Attributes:
        kind: `rate_limit` (429 with X-RateLimit-Reset), `server_error` (500), `drop_request` (the connection is cut and
            nothing was done), `drop_answer` (it was done, and the connection is cut instead of the answer), `slow` (the
            answer comes late), `slow_build`, `failed_build`.
        method: HTTP method that it is for; `*` for any.
        path: shell pattern of the path (`/api/v2/actions/*`); for builds, of the Action's name.
        remaining: how many more requests or builds it is for.
        seconds: how long a rate limit, a slow answer or a slow build lasts.
    """

    kind: Kind
    method: str = "*"
    path: str = "*"
    remaining: int = 1
    seconds: float = 0.0

    @property
    def fails(self) -> bool:
        """Whether a build ends as failed."""
        return self.kind == "failed_build"


@dataclass(slots=True)
class Faults:
    """The faults at hand; the first that fits is the one that happens."""

    pending: list[Fault] = field(default_factory=list)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if any; it counts as happened."""
        if not self.pending:
            return None
        return self._take(
            lambda fault: (
                fault.kind not in BUILD_KINDS and fault.method in ("*", method) and fnmatchcase(path, fault.path)
            )
        )

    def take_build(self, action_name: str) -> Fault | None:
        """The fault for a build of the Action of that name, if any; it counts as happened."""
        return self._take(lambda fault: fault.kind in BUILD_KINDS and fnmatchcase(action_name, fault.path))

    def _take(self, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.pending:
            if fits(fault):
                fault.remaining -= 1
                if fault.remaining <= 0:
                    self.pending.remove(fault)
                return fault
        return None
