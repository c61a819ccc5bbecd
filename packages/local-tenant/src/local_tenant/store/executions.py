"""Runs of Actions: the trace of each, and what came of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from local_tenant.store.pruning import prune

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


def add(connection: sqlite3.Connection, execution: Execution) -> None:
    """Keep a run, and let the oldest go beyond `KEPT`, by and by; a run that is resumed replaces what is kept of it."""
    position = connection.execute(
        "INSERT OR REPLACE INTO executions (execution_id, trace, outcome) VALUES (?, ?, ?)",
        (
            execution.execution_id,
            orjson.dumps(execution.trace).decode(),
            orjson.dumps(execution.outcome).decode(),
        ),
    ).lastrowid
    prune(connection, "executions", position, KEPT)


def get(connection: sqlite3.Connection, execution_id: str) -> Execution | None:
    """The run of that id, if it is still kept."""
    row = connection.execute(
        "SELECT execution_id, trace, outcome FROM executions WHERE execution_id = ?",
        (execution_id,),
    ).fetchone()
    return None if row is None else _execution(row)


def newest(connection: sqlite3.Connection, limit: int) -> list[Execution]:
    """The newest `limit` runs, newest first."""
    rows = connection.execute(
        "SELECT execution_id, trace, outcome FROM executions ORDER BY position DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [_execution(row) for row in rows]


def newest_position(connection: sqlite3.Connection) -> int:
    """Where the newest run stands among all that there ever were; 0 when none is kept."""
    return int(connection.execute("SELECT COALESCE(max(position), 0) FROM executions").fetchone()[0])


def after(connection: sqlite3.Connection, position: int, limit: int) -> list[tuple[int, Execution]]:
    """Up to `limit` runs that came after that position, oldest first, each with its own."""
    rows = connection.execute(
        "SELECT position, execution_id, trace, outcome FROM executions WHERE position > ? ORDER BY position LIMIT ?",
        (position, limit),
    ).fetchall()
    return [(row["position"], _execution(row)) for row in rows]


def _execution(row: sqlite3.Row) -> Execution:
    return Execution(row["execution_id"], orjson.loads(row["trace"]), orjson.loads(row["outcome"]))
