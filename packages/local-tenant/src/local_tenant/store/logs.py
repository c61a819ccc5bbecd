"""The tenant's log: the newest entries, as the Management API shows them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from local_tenant.store.pruning import prune

# Auth0 keeps days. Here tests log in all day, and the database must not grow.
KEPT = 1_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that happened.

    Attributes:
        log_id: as Auth0 makes them, later ones larger.
        type: Auth0's type code (`s`, `fp`, …).
        user_id: whom it happened to, if it is known.
        content: as the API shows it.
    """

    log_id: str
    type: str
    user_id: str | None
    content: dict[str, Any]


def add(connection: sqlite3.Connection, entry: LogEntry) -> None:
    """Store a new entry, and delete those beyond the newest `KEPT`."""
    position = connection.execute(
        "INSERT INTO logs (log_id, type, user_id, entry) VALUES (?, ?, ?, ?)",
        (entry.log_id, entry.type, entry.user_id, orjson.dumps(entry.content).decode()),
    ).lastrowid
    prune(connection, "logs", position, KEPT)


def get(connection: sqlite3.Connection, log_id: str) -> dict[str, Any] | None:
    """The entry of that id; None if there is none, or it was pruned."""
    row = connection.execute("SELECT entry FROM logs WHERE log_id = ?", (log_id,)).fetchone()
    return None if row is None else orjson.loads(row["entry"])


def newest_first(connection: sqlite3.Connection, user_id: str | None = None) -> list[dict[str, Any]]:
    """All entries, or those of one user, newest first."""
    rows = connection.execute(
        "SELECT entry FROM logs WHERE ?1 IS NULL OR user_id = ?1 ORDER BY position DESC", (user_id,)
    ).fetchall()
    return [orjson.loads(row["entry"]) for row in rows]


def after(connection: sqlite3.Connection, log_id: str, limit: int) -> list[dict[str, Any]] | None:
    """Up to `limit` entries that came after the one of that id, oldest first; None when there is no such entry."""
    start = connection.execute("SELECT position FROM logs WHERE log_id = ?", (log_id,)).fetchone()
    if start is None:
        return None
    rows = connection.execute(
        "SELECT entry FROM logs WHERE position > ? ORDER BY position LIMIT ?", (start["position"], limit)
    ).fetchall()
    return [orjson.loads(row["entry"]) for row in rows]
