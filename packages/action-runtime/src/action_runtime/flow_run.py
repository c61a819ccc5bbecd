"""What a worker is given: how to run, which flows, and the source of their versions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action_runtime.errors import ErrorCode
from action_runtime.flow import ActionVersion, BoundAction, Flow, ModuleVersion


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
    """Why a flow ended early, when that did not come as the answer of an Action."""

    code: ErrorCode
    message: str


@dataclass(slots=True, eq=False)
class FlowRun:
    """One run of a flow, from its submission to its end.

    Attributes:
        flow: what is run.
        request: the line of JSON for the worker, less the number of the flow.
        event: JSON without secrets.
        future: resolved when it is over; the failure, if there is one that no answer tells.
        answers: of its Actions so far, each with the line that it came in.
        number: of the flow; given by the pool.
        deadline: timer of its time limit; before it begins, of its waiting.
        submitted: loop time.
    """

    flow: Flow
    request: dict[str, Any]
    event: bytes
    future: asyncio.Future[Failure | None]
    answers: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)
    number: int = 0
    deadline: asyncio.TimerHandle | None = None
    submitted: float = 0.0

    def end(self, failure: Failure | None) -> None:
        """Resolve it, unless it is resolved or nobody waits for it any more."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
        if not self.future.done():
            self.future.set_result(failure)


def version_source(action: BoundAction) -> dict[str, Any]:
    """What the worker is to load of a version, modules and secrets included."""
    version = action.version
    return {
        "id": version.id,
        "modules": [_source(module.name, module) for module in version.modules],
        **_source(action.name, version),
    }


def _source(name: str, version: ActionVersion | ModuleVersion) -> dict[str, Any]:
    return {
        "name": name,
        "code": version.code,
        "secrets": dict(version.secrets),
        "dependencies": None if version.dependencies is None else str(version.dependencies),
    }
