"""A flow on its way through the workers, and how they are set up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action_runtime.errors import ErrorCode
from action_runtime.request import ExecutionRequest


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How workers run.

    Attributes:
        dependencies_folder: the folder of installed npm packages.
        memory_limit_mb: of JavaScript objects.
        time_limit: seconds for a flow.
        stall_after: seconds without an answer after which a worker counts as blocked.
        not_built: api groups and methods that the caller cannot apply.
    """

    dependencies_folder: Path
    memory_limit_mb: int
    time_limit: float
    stall_after: float
    not_built: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run of a flow ended early, unless an Action's answer says so."""

    code: ErrorCode
    message: str


@dataclass(slots=True, eq=False)
class Job:
    """One run of a flow, from its submission to its end.

    Attributes:
        request: what is run.
        event: line of JSON without secrets.
        future: resolved at the end; with the failure, unless it is in an answer.
        answers: of its Actions so far, each with its line.
        number: unique among the jobs under way; set by the pool.
        deadline: timer of its time limit; before it begins, of its waiting.
        submitted: loop time.
        notes: what happened to its worker, for the trace.
    """

    request: ExecutionRequest
    event: bytes
    future: asyncio.Future[Failure | None]
    answers: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)
    number: int = 0
    deadline: asyncio.TimerHandle | None = None
    submitted: float = 0.0
    notes: list[str] = field(default_factory=list)

    def stop_timer(self) -> None:
        """It has no deadline until it is given to a worker again."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def end(self, failure: Failure | None) -> None:
        """Resolve it, unless it is resolved already or was given up."""
        self.stop_timer()
        if not self.future.done():
            self.future.set_result(failure)
