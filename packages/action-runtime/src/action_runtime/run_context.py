"""What a run of a flow was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from action_runtime.flow import Flow
from action_runtime.masking import Masker
from action_runtime.outcome import Continuation
from action_runtime.trace import CONTAINERS


@dataclass(slots=True)
class RunContext:
    """What a run was given.

    Attributes:
        flow: what is run.
        event: as given.
        execution_id: uuid.
        visibility: `next-transaction` or `next-action`.
        started_at: of this run; nanoseconds since 1970.
        masker: of the secrets of this flow.
        continuation: of the pause that this run follows.
        user_changes: since the snapshot.
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

    def request(self) -> dict[str, Any]:
        """The line that tells the worker what to run, less the number of the flow."""
        continuation = self.continuation
        writes: list[tuple[str, str, int, str]] = []
        transaction_metadata = None
        if continuation is not None:
            writes = [
                (container, key, by, orjson.dumps(value).decode()) for container, key, by, value in continuation.writes
            ]
            transaction_metadata = continuation.effects.transaction_metadata
        return {
            "trigger": self.flow.trigger,
            "actions": [action.version.id for action in self.flow.actions],
            "from": self.first_index,
            "resumed": continuation is not None and continuation.after_redirect,
            "visible": self.visibility == "next-action",
            "now": self.started_at // 1_000_000,
            "writes": writes,
            "changes": self.user_changes,
            "transactionMetadata": transaction_metadata,
            "primaryUserSet": continuation is not None and continuation.effects.primary_user is not None,
        }

    def snapshot(self) -> dict[str, Any]:
        """Metadata of the event, as it stands in the trace."""
        user = self.event.get("user") or {}
        snapshot = {container: user.get(container) or {} for container in CONTAINERS}
        return self.masker.mapping(snapshot) if self.masker.occur_in(orjson.dumps(snapshot)) else snapshot
