"""What to run: a flow, its event and, after a pause, where to continue; and the lines that ask a worker for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from action_runtime.effects import Effects
from action_runtime.flow import ActionVersion, BoundAction, Flow, ModuleVersion
from action_runtime.masking import Masker
from action_runtime.pause import Continuation
from action_runtime.trace import CONTAINERS


@dataclass(slots=True)
class ExecutionRequest:
    """What is to be run.

    Attributes:
        flow: the Actions.
        event: plain JSON, without secrets.
        execution_id: uuid.
        visibility: `next-transaction` or `next-action`.
        started_at: of this run; nanoseconds since 1970.
        masker: of the secrets of this flow.
        continuation: of the pause that this run follows.
        user_changes: to keys of `event.user` since the snapshot.
    """

    flow: Flow
    event: Mapping[str, Any]
    execution_id: str
    visibility: str
    started_at: int
    masker: Masker
    continuation: Continuation | None = None
    user_changes: dict[str, Any] = field(default_factory=dict)

    @property
    def first_index(self) -> int:
        """Number of the Action that this run begins with."""
        return 0 if self.continuation is None else self.continuation.next_index

    def encoded_event(self) -> bytes:
        """The event as a line of JSON in ASCII, without its line end.

        Raises:
            TypeError: it is not JSON.
        """
        try:
            return ascii_line(self.event)
        except TypeError:
            # A lone surrogate, a number beyond 64 bits, or many levels: JSON all the same.
            try:
                text = json.dumps(self.event, ensure_ascii=False).encode("utf-8", "replace")
                return text if text.isascii() else json.dumps(json.loads(text)).encode("ascii")
            except (TypeError, ValueError, RecursionError) as error:
                raise TypeError(f"The event is not JSON: {error}") from None

    def line(self, number: int) -> bytes:
        """The line of JSON that announces this run under a number; the event is the next line."""
        continuation = self.continuation
        writes: list[tuple[str, str, int, str]] = []
        if continuation is not None:
            writes = [
                (container, key, by, orjson.dumps(value).decode()) for container, key, by, value in continuation.writes
            ]
        return ascii_line(
            {
                "type": "run",
                "execution": number,
                "trigger": self.flow.trigger,
                "actions": [action.version.id for action in self.flow.actions],
                "from": self.first_index,
                "resumed": continuation is not None and continuation.after_redirect,
                "visible": self.visibility == "next-action",
                "now": self.started_at // 1_000_000,
                "writes": writes,
                "changes": self.user_changes,
                "kept": (Effects() if continuation is None else continuation.effects).kept,
                "primaryUserSet": continuation is not None and continuation.effects.primary_user is not None,
            }
        )

    def snapshot(self) -> dict[str, Any]:
        """Metadata of the event, as the trace has it: secrets are masked."""
        user = self.event.get("user") or {}
        snapshot = {container: user.get(container) or {} for container in CONTAINERS}
        return self.masker.mapping(snapshot) if self.masker.occur_in(orjson.dumps(snapshot)) else snapshot


def ascii_line(value: Mapping[str, Any]) -> bytes:
    """JSON in ASCII, so that the worker can read it in parts of any length.

    Raises:
        TypeError: it is not JSON.
    """
    line = orjson.dumps(value)
    return line if line.isascii() else json.dumps(orjson.loads(line)).encode("ascii")


def load_line(action: BoundAction) -> bytes:
    """The line of JSON with the code and secrets of an Action's version, modules included."""
    version = action.version
    source = {
        "id": version.id,
        "modules": [_source(module.name, module) for module in version.modules],
        **_source(action.name, version),
    }
    return ascii_line({"type": "load", "version": source})


def _source(name: str, version: ActionVersion | ModuleVersion) -> dict[str, Any]:
    return {
        "name": name,
        "code": version.code,
        "secrets": dict(version.secrets),
        "dependencies": None if version.dependencies is None else str(version.dependencies),
    }
