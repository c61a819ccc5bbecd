"""Executions: the trace of each, and how the request was answered."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from local_tenant.store.pruning import prune
from local_tenant.store.table import Table

KEPT = 1_000

# `outcome.challenge.status` of a login that waits for a factor.
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a trigger's flow.

    Attributes:
        execution_id: uuid.
        trace: JSON of the runtime's trace; secrets are masked in it.
        outcome: how the transaction ended (`transactions.ending`).
        waits_until: when the challenge that the login waits behind expires; None if none does.
    """

    execution_id: str
    trace: dict[str, Any]
    outcome: dict[str, Any]
    waits_until: int | None = None


_TABLE = Table("executions", Execution)


def log_details(execution_id: str | None) -> dict[str, Any] | None:
    """`details` of a log entry: the execution, if Actions ran."""
    return {"actions": {"executions": [execution_id]}} if execution_id else None


def put(connection: sqlite3.Connection, execution: Execution) -> None:
    """Store an execution: in place of its earlier row, or as the newest one; then keep the newest `KEPT`."""
    if connection.execute("SELECT 1 FROM executions WHERE execution_id = ?", (execution.execution_id,)).fetchone():
        _TABLE.update(connection, execution, "execution_id")
    else:
        prune(connection, "executions", _TABLE.put(connection, execution), KEPT)


def get(connection: sqlite3.Connection, execution_id: str | None) -> Execution | None:
    """The execution of that id; None if there is none, or it was pruned."""
    return _TABLE.get(connection, "execution_id = ?", execution_id)


def newest(connection: sqlite3.Connection, limit: int) -> list[Execution]:
    """The newest `limit` runs, newest first."""
    return _TABLE.all(connection, "ORDER BY position DESC LIMIT ?", limit)


def newest_revision(connection: sqlite3.Connection) -> int:
    """The revision of the execution that was written last; 0 if none is stored."""
    return int(connection.execute("SELECT COALESCE(max(revision), 0) FROM executions").fetchone()[0])


def after(connection: sqlite3.Connection, revision: int, limit: int) -> list[tuple[int, Execution]]:
    """Up to `limit` runs that were written after that revision, in this order, each with its own."""
    rows = connection.execute(
        "SELECT * FROM executions WHERE revision > ? ORDER BY revision LIMIT ?", (revision, limit)
    )
    return [(row["revision"], _TABLE.read(row)) for row in rows]


def expiring_between(connection: sqlite3.Connection, one_time: int, other_time: int) -> list[Execution]:
    """Those whose challenge expires, or with a clock that moved back is valid again, between these two times."""
    earlier, later = sorted((one_time, other_time))
    return _TABLE.all(connection, "WHERE waits_until > ? AND waits_until <= ?", earlier, later)


def cancel_challenges(connection: sqlite3.Connection, user_id: str, now: int) -> None:
    """Cancel the challenges that logins of this user wait behind: nobody can pass them now."""
    condition = "WHERE waits_until > ? AND json_extract(outcome, '$.user_id') = ?"
    for execution in _TABLE.all(connection, condition, now, user_id):
        cancel_challenge(connection, execution, now)


def cancel_challenge(connection: sqlite3.Connection, execution: Execution | None, now: int) -> None:
    """The same of one login, if it still waits."""
    if execution is not None and execution.waits_until is not None and execution.waits_until > now:
        outcome = execution.outcome | {"challenge": {"status": "canceled"}}
        put(connection, replace(execution, outcome=outcome, waits_until=None))
