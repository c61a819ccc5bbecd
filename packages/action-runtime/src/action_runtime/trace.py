"""The trace of a flow: what each Action did, and what it saw. Secrets are masked before anything gets in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from action_runtime.errors import ExecutionError
from action_runtime.timestamps import timestamp

CONSOLE_KEPT_BY_AUTH0: Final = 256
"""Characters of an Action's console output that Auth0 keeps with its logs (documented)."""

CONTAINERS: Final = ("app_metadata", "user_metadata")


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """Something that an Action printed.

    Attributes:
        level: the console's method (log, warn, error, …), or stdout or stderr.
        text: without the line end.
    """

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the api.

    Attributes:
        method: without `api.`: `user.setAppMetadata`.
        arguments: as they take effect; what is not JSON is null.
        error: message, if the call threw.
        ignored: why it has no effect, if it has none.
        note: what its author should know, such as an option that Auth0 does not have and ignores.
    """

    method: str
    arguments: list[Any]
    error: str | None = None
    ignored: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """A write of one Action; it reaches the profile when the flow is over.

    Attributes:
        container: `app_metadata` or `user_metadata`.
        key: root-level.
        before: value before this Action, writes of earlier Actions counted; None if there was none.
        after: value after it; None if it is deleted.
    """

    container: str
    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StaleRead:
    """An Action read what an earlier one wrote in the same transaction: what it saw depends on the visibility model.

    Attributes:
        container: `app_metadata`, `user_metadata`, or `user` for something else that changed (an enrolment).
        key: that was read.
        written_by: name of the Action that wrote it last; None if no Action did.
        seen: value that it saw under this run's model; None if there was none.
        other: value that it would have seen under the other model.
    """

    container: str
    key: str
    written_by: str | None
    seen: Any
    other: Any


@dataclass(slots=True)
class ActionResult:
    """What one Action did: Auth0's `results[]` of an execution, in detail.

    Attributes:
        name: of the Action.
        action_id: uuid.
        version_id: uuid.
        number: of the version.
        handler: name of the exported function.
        status: ran, failed, or not-run because the flow had ended before.
        started_at: nanoseconds since 1970 on the tenant's clock; None if it did not run.
        duration_ms: milliseconds.
        console: what it printed, at most 16,384 characters.
        console_truncated: whether it printed more.
        calls: in order.
        changes: to metadata; one for each key, in the order of first writing.
        stale_reads: in order; one for each key.
        error: why it failed.
    """

    name: str
    action_id: str
    version_id: str
    number: int
    handler: str
    status: Literal["ran", "failed", "not-run"] = "not-run"
    started_at: int | None = None
    duration_ms: float = 0.0
    console: tuple[ConsoleLine, ...] = ()
    console_truncated: bool = False
    calls: tuple[ApiCall, ...] = ()
    changes: tuple[MetadataChange, ...] = ()
    stale_reads: tuple[StaleRead, ...] = ()
    error: ExecutionError | None = None

    @property
    def ended_at(self) -> int | None:
        """Nanoseconds since 1970; None if it did not run."""
        return None if self.started_at is None else self.started_at + round(self.duration_ms * 1e6)

    @property
    def console_kept_by_auth0(self) -> str:
        """The beginning of the console output, as long as Auth0 would keep it."""
        return "\n".join(line.text for line in self.console)[:CONSOLE_KEPT_BY_AUTH0]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "name": self.name,
            "action_id": self.action_id,
            "version_id": self.version_id,
            "number": self.number,
            "handler": self.handler,
            "status": self.status,
            "started_at": None if self.started_at is None else timestamp(self.started_at),
            "started_at_ns": self.started_at,
            "ended_at": None if self.ended_at is None else timestamp(self.ended_at),
            "duration_ms": self.duration_ms,
            "console": [_plain(line) for line in self.console],
            "console_truncated": self.console_truncated,
            "calls": [_plain(call) for call in self.calls],
            "changes": [_plain(change) for change in self.changes],
            "stale_reads": [_plain(read) for read in self.stale_reads],
            "error": None if self.error is None else self.error.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ActionResult:
        """The inverse of `to_json`."""
        return cls(
            name=value["name"],
            action_id=value["action_id"],
            version_id=value["version_id"],
            number=value["number"],
            handler=value["handler"],
            status=value["status"],
            started_at=value["started_at_ns"],
            duration_ms=value["duration_ms"],
            console=tuple(ConsoleLine(**line) for line in value["console"]),
            console_truncated=value["console_truncated"],
            calls=tuple(ApiCall(**call) for call in value["calls"]),
            changes=tuple(MetadataChange(**change) for change in value["changes"]),
            stale_reads=tuple(StaleRead(**read) for read in value["stale_reads"]),
            error=None if value["error"] is None else ExecutionError.from_json(value["error"]),
        )


def _plain(part: ConsoleLine | ApiCall | MetadataChange | StaleRead) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__}


@dataclass(slots=True)
class Trace:
    """A flow from its first Action to its end.

    Attributes:
        execution_id: uuid; the id of GET /api/v2/actions/executions/{id}.
        trigger_id: `post-login` or `pre-user-registration`.
        trigger_version: `v3` or `v2`.
        metadata_visibility: `next-transaction` or `next-action`.
        status: completed, denied, paused or failed.
        started_at: nanoseconds since 1970 on the tenant's clock.
        ended_at: likewise.
        snapshot: `{app_metadata, user_metadata}` of the event.
        actions: all of the flow, also those that did not run.
        error: why the flow failed.
        notes: what happened to the process that ran it, if anything did.
    """

    execution_id: str
    trigger_id: str
    trigger_version: str
    metadata_visibility: str
    status: str
    started_at: int
    ended_at: int
    snapshot: dict[str, Any]
    actions: tuple[ActionResult, ...]
    error: ExecutionError | None = field(default=None)
    notes: tuple[str, ...] = ()

    @property
    def stale_reads(self) -> tuple[StaleRead, ...]:
        """Those of all Actions."""
        return tuple(read for action in self.actions for read in action.stale_reads)

    def metadata_before(self, index: int) -> dict[str, dict[str, Any]]:
        """What the profile would hold had the flow ended before Action `index`: `{app_metadata, user_metadata}`."""
        metadata = {container: dict(self.snapshot.get(container) or {}) for container in CONTAINERS}
        for action in self.actions[:index]:
            for change in action.changes:
                if change.after is None:
                    metadata[change.container].pop(change.key, None)
                else:
                    metadata[change.container][change.key] = change.after
        return metadata

    def metadata_after(self, index: int) -> dict[str, dict[str, Any]]:
        """What the profile would hold had the flow ended after Action `index`."""
        return self.metadata_before(index + 1)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "execution_id": self.execution_id,
            "trigger_id": self.trigger_id,
            "trigger_version": self.trigger_version,
            "metadata_visibility": self.metadata_visibility,
            "status": self.status,
            "started_at": timestamp(self.started_at),
            "started_at_ns": self.started_at,
            "ended_at": timestamp(self.ended_at),
            "ended_at_ns": self.ended_at,
            "duration_ms": round((self.ended_at - self.started_at) / 1e6, 3),
            "snapshot": self.snapshot,
            "actions": [action.to_json() for action in self.actions],
            "error": None if self.error is None else self.error.to_json(),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Trace:
        """The inverse of `to_json`."""
        return cls(
            execution_id=value["execution_id"],
            trigger_id=value["trigger_id"],
            trigger_version=value["trigger_version"],
            metadata_visibility=value["metadata_visibility"],
            status=value["status"],
            started_at=value["started_at_ns"],
            ended_at=value["ended_at_ns"],
            snapshot=value["snapshot"],
            actions=tuple(ActionResult.from_json(action) for action in value["actions"]),
            error=None if value["error"] is None else ExecutionError.from_json(value["error"]),
            # Traces of older versions have none.
            notes=tuple(value.get("notes", ())),
        )


def execution_json(trace: Trace) -> dict[str, Any]:
    """The body of GET /api/v2/actions/executions/{id} (keys and status words documented; which status when is a guess).

    A paused flow is `suspended`, any other `final`, however it ended. An Action's error is `{id, msg, url}`.
    """
    results = []
    for action in trace.actions:
        if action.started_at is None or action.ended_at is None:
            continue
        result: dict[str, Any] = {"action_name": action.name}
        if action.error is not None:
            result["error"] = {"id": action.error.code.value, "msg": action.error.message, "url": ""}
        result["started_at"] = timestamp(action.started_at)
        result["ended_at"] = timestamp(action.ended_at)
        results.append(result)
    return {
        "id": trace.execution_id,
        "trigger_id": trace.trigger_id,
        "status": "suspended" if trace.status == "paused" else "final",
        "results": results,
        "created_at": timestamp(trace.started_at),
        "updated_at": timestamp(trace.ended_at),
    }
