"""Facts about the tenant itself, one value a key."""

from __future__ import annotations

import sqlite3

TENANT = "tenant"
CLOCK_OFFSET = "clock_offset"
CONNECTION_ID = "connection_id"
# SHA-256 of the seed file that the tenant began with.
SEED = "seed"
# Kept by the database itself (see schema.py): moves with every write of Actions, versions, bindings or modules.
FLOW_REVISION = "flow_revision"


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """The value of `key`; None when it was never set."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["value"])


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set `key` to `value`."""
    connection.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
