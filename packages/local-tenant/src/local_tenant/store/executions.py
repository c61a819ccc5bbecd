"""Executions: the trace of each, and how the request was answered."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from local_tenant.store.pruning import prune
from local_tenant.store.table import Table

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a trigger's flow.

    Attributes:
        execution_id: uuid.
        trace: JSON of the runtime's trace; secrets are masked in it.
        outcome: what the API that ran the flow answered because of it.
    """

    execution_id: str
    trace: dict[str, Any]
    outcome: dict[str, Any]


_TABLE = Table("executions", Execution)


def log_details(execution: Execution | None) -> dict[str, Any] | None:
    """`details` of a log entry: the execution, if Actions ran."""
    return {"actions": {"executions": [execution.execution_id]}} if execution else None


def add(connection: sqlite3.Connection, execution: Execution) -> None:
    """Store an execution and delete those beyond the newest `KEPT`; a resumed one replaces its earlier row."""
    position = _TABLE.put(connection, execution)
    prune(connection, "executions", position, KEPT)


def get(connection: sqlite3.Connection, execution_id: str) -> Execution | None:
    """The run of that id, if it is still kept."""
    return _TABLE.get(connection, "execution_id = ?", execution_id)


def newest(connection: sqlite3.Connection, limit: int) -> list[Execution]:
    """The newest `limit` runs, newest first."""
    return _TABLE.all(connection, "ORDER BY position DESC LIMIT ?", limit)


def newest_position(connection: sqlite3.Connection) -> int:
    """The position of the newest execution; 0 if none is stored."""
    return int(connection.execute("SELECT COALESCE(max(position), 0) FROM executions").fetchone()[0])


def after(connection: sqlite3.Connection, position: int, limit: int) -> list[tuple[int, Execution]]:
    """Up to `limit` runs that came after that position, oldest first, each with its own."""
    rows = connection.execute(
        "SELECT * FROM executions WHERE position > ? ORDER BY position LIMIT ?", (position, limit)
    )
    return [(row["position"], _TABLE.read(row)) for row in rows]
