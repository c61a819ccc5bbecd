"""Deletes the oldest rows of a table, so that it does not grow forever."""

from __future__ import annotations

import sqlite3

# A deletion costs about the same for one row as for many.
STRIDE = 64


def prune(connection: sqlite3.Connection, table: str, newest: int | None, keep: int) -> None:
    """Keep the newest `keep` rows and up to `STRIDE` more; `newest` is the `position` of the row just added."""
    if newest is not None and newest % STRIDE == 0:
        connection.execute(f"DELETE FROM {table} WHERE position <= ?", (newest - keep,))  # noqa: S608 - a constant
