"""From what a worker answered to the result of a run: effects, denial, pause or failure, and the trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

from action_runtime.answers import Answer, api_call, has_effect, masked_answer
from action_runtime.effects import Effects
from action_runtime.errors import ErrorCode, ExecutionError
from action_runtime.execution import Denial, Execution, Status
from action_runtime.flow import TRIGGER_VERSIONS
from action_runtime.job import Failure
from action_runtime.pause import Continuation, Pause, RedirectStep, Step, interactive, step_of_call
from action_runtime.request import ExecutionRequest
from action_runtime.trace import ActionResult, ConsoleLine, MetadataChange, StaleRead, Trace

log = logging.getLogger(__name__)

_HANDLERS: Final = {
    "post-login": ("onExecutePostLogin", "onContinuePostLogin"),
    "pre-user-registration": ("onExecutePreUserRegistration", "onExecutePreUserRegistration"),
}
_WRITERS: Final = {"user.setAppMetadata": "app_metadata", "user.setUserMetadata": "user_metadata"}


class _Gathering:
    """Goes through the answers in order."""

    def __init__(self, request: ExecutionRequest) -> None:
        self.request = request
        self.effects = Effects()
        self.started_at = request.started_at
        self.traces: list[ActionResult] = []
        self.writes: dict[tuple[str, str], tuple[int, Any]] = {}
        before = request.continuation
        if before is None:
            self.snapshot = request.snapshot()
        else:
            self.effects = deepcopy(before.effects)
            self.started_at = before.started_at
            self.snapshot = before.snapshot
            self.traces += before.actions
            self.writes = {(container, key): (by, value) for container, key, by, value in before.writes}
        self.earlier = len(self.traces)
        self.denial: Denial | None = None
        self.steps: list[Step] = []
        self.error: ExecutionError | None = None

    def add(self, answer: dict[str, Any], line: bytes) -> None:
        """Add what one Action did; its worker has checked the answer."""
        index = self.index
        masker = self.request.masker
        changes = self._apply(index, answer["calls"])
        if answer.get("kept") is not None:
            self.effects.keep(answer["kept"])
        if masker.occur_in(line):
            answer = masked_answer(answer, masker)
        console = [ConsoleLine(level, text) for level, text in answer["console"]]
        if answer["cut"] and console:
            console[-1] = ConsoleLine(console[-1].level, masker.cut_text(console[-1].text))
        error = answer["error"]
        if error is not None:
            name = self.request.flow.actions[index].name
            self.error = ExecutionError(ErrorCode(error["code"]), error["message"], name, index, error["stack"])
        trace = self._blank(index)
        trace.status = "ran" if error is None else "failed"
        trace.started_at = self.request.started_at + round(answer["start"] * 1e6)
        trace.duration_ms = answer["duration"]
        trace.console = tuple(console)
        trace.console_truncated = answer["cut"]
        trace.calls = tuple(api_call(call) for call in answer["calls"])
        # What was there before can come from the snapshot, which is in no answer.
        trace.changes = tuple(
            MetadataChange(change.container, masker.text(change.key), *map(masker.value, (change.before, change.after)))
            for change in changes
        )
        trace.stale_reads = tuple(self._stale_read(read) for read in answer["reads"])
        trace.error = self.error
        self.traces.append(trace)

    def _apply(self, index: int, calls: list[list[Any]]) -> list[MetadataChange]:
        changes: dict[tuple[str, str], MetadataChange] = {}
        # Documented: user_metadata set in the same Action as setPrimaryUser is lost.
        moves = any(call[0] == "authentication.setPrimaryUser" and has_effect(call) for call in calls)
        for call in calls:
            if not has_effect(call):
                continue
            method, arguments = call[:2]
            container = _WRITERS.get(method)
            if container is not None:
                if moves and container == "user_metadata":
                    call[2:] = ["ignored", "it is lost, because this Action calls setPrimaryUser"]
                    continue
                key, value = arguments[0], arguments[1]
                place = (container, key)
                change = changes.get(place)
                before = self._value(place) if change is None else change.before
                changes[place] = MetadataChange(container, key, before, value)
                self.writes[place] = (index, value)
            self.effects.apply(method, arguments)
            if self.denial is None:
                self.denial = Denial.of_call(method, arguments)
            step = step_of_call(method, arguments)
            if step is not None:
                self.steps.append(step)
        return list(changes.values())

    def _value(self, place: tuple[str, str]) -> Any:  # noqa: ANN401 - any JSON
        container, key = place
        if place in self.writes:
            return self.writes[place][1]
        user = self.request.event.get("user") or {}
        return (user.get(container) or {}).get(key)

    def _stale_read(self, read: list[Any]) -> StaleRead:
        container, key, by, seen, other = read
        return StaleRead(container, key, None if by < 0 else self.request.flow.actions[by].name, seen, other)

    def _blank(self, index: int) -> ActionResult:
        request = self.request
        action = request.flow.actions[index]
        before = request.continuation
        resumed = before is not None and before.after_redirect and index == request.first_index
        return ActionResult(
            name=action.name,
            action_id=action.action_id,
            version_id=action.version.id,
            number=action.version.number,
            handler=_HANDLERS[request.flow.trigger][resumed],
        )

    @property
    def index(self) -> int:
        """Number of the Action after those that have run."""
        return self.request.first_index + len(self.traces) - self.earlier

    @property
    def conclusive(self) -> bool:
        """Whether every Action has run, or something that an Action did keeps the others from running."""
        complete = self.index == len(self.request.flow.actions)
        return complete or self.error is not None or self.denial is not None or bool(self.steps)

    def fail(self, failure: Failure, ended_at: int) -> None:
        """Add a failure that is in no answer; the Action that was running is the one after the last answer."""
        index = self.index
        if failure.code is ErrorCode.UNAVAILABLE or index >= len(self.request.flow.actions):
            self.error = ExecutionError(failure.code, failure.message, None, None)
            return
        trace = self._blank(index)
        self.error = ExecutionError(failure.code, failure.message, trace.name, index)
        trace.status = "failed"
        before = self.traces[-1].ended_at if len(self.traces) > self.earlier else None
        trace.started_at = before or self.request.started_at
        trace.duration_ms = round((ended_at - trace.started_at) / 1e6, 3)
        trace.error = self.error
        self.traces.append(trace)

    @property
    def status(self) -> Status:
        """An error outweighs a denial, and a denial what the user is to do."""
        if self.error is not None:
            return "failed"
        if self.denial is not None:
            return "denied"
        return "paused" if self.steps else "completed"

    def trace(self, status: Status, ended_at: int, notes: tuple[str, ...]) -> Trace:
        """The trace of the whole transaction so far."""
        request = self.request
        rest = map(self._blank, range(self.index, len(request.flow.actions)))
        return Trace(
            execution_id=request.execution_id,
            trigger_id=request.flow.trigger,
            trigger_version=TRIGGER_VERSIONS[request.flow.trigger],
            metadata_visibility=request.visibility,
            status=status,
            started_at=self.started_at,
            ended_at=ended_at,
            snapshot=self.snapshot,
            actions=(*self.traces, *rest),
            error=self.error,
            notes=notes,
        )

    def pause(self) -> Pause:
        """What the flow waits for, and what it needs to go on."""
        request = self.request
        redirects = [step for step in self.steps if isinstance(step, RedirectStep)]
        steps = [step for step in self.steps if not isinstance(step, RedirectStep)] + redirects[-1:]
        effects = deepcopy(self.effects)
        writes = tuple((container, key, by, value) for (container, key), (by, value) in self.writes.items())
        if redirects:
            effects.app_metadata, effects.user_metadata, writes = {}, {}, ()
        continuation = Continuation(
            execution_id=request.execution_id,
            version_ids=tuple(action.version.id for action in request.flow.actions),
            # After a redirect the same Action goes on.
            next_index=self.index - len(redirects[-1:]),
            after_redirect=bool(redirects),
            effects=effects,
            writes=writes,
            started_at=self.started_at,
            snapshot=self.snapshot,
            actions=tuple(self.traces),
        )
        return Pause(tuple(steps), interactive(dict(request.event)), bool(redirects), continuation)


def execution_of(
    request: ExecutionRequest,
    answers: Sequence[Answer],
    failure: Failure | None,
    *,
    ended_at: int,
    notes: Sequence[str] = (),
) -> Execution:
    """The execution that these answers describe; any error in reading them fails it.

    Args:
        request: what was run.
        answers: of its Actions, each with its line.
        failure: if it ended early.
        ended_at: nanoseconds since 1970.
        notes: on its worker, for the trace.
    """
    gathering = _Gathering(request)
    for answer, line in answers:
        try:
            gathering.add(answer, line)
        except Exception:
            log.exception("an answer cannot be read; the login fails")
            failure = Failure(ErrorCode.INVALID_ANSWER, "its worker gave an answer that cannot be read")
            break
    if failure is None and not gathering.conclusive:
        failure = Failure(ErrorCode.INVALID_ANSWER, "its worker ended the flow before its last Action")
    if failure is not None:
        gathering.fail(failure, ended_at)
    trace = gathering.trace(gathering.status, ended_at, tuple(notes))
    match gathering.status:
        case "failed":
            return Execution("failed", Effects(), trace, error=gathering.error)
        case "denied":
            return Execution("denied", gathering.effects, trace, denial=gathering.denial)
        case "paused":
            return Execution("paused", gathering.effects, trace, pause=gathering.pause())
        case status:
            return Execution(status, gathering.effects, trace)


def resumed_without_actions(request: ExecutionRequest, continuation: Continuation) -> Execution:
    """The result of going on with a flow whose last Action was the one that paused it."""
    return execution_of(request, (), None, ended_at=max(request.started_at, continuation.started_at))
