"""Custom claims of the newest id token of a user and a client, which /userinfo returns too."""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson


def put(connection: sqlite3.Connection, user_id: str, client_id: str, claims: dict[str, Any]) -> None:
    """Replace the claims; an empty object deletes them."""
    if claims:
        connection.execute(
            "INSERT OR REPLACE INTO userinfo_claims (user_id, client_id, claims) VALUES (?, ?, ?)",
            (user_id, client_id, orjson.dumps(claims).decode()),
        )
    else:
        connection.execute("DELETE FROM userinfo_claims WHERE user_id = ? AND client_id = ?", (user_id, client_id))


def get(connection: sqlite3.Connection, user_id: str, client_id: str) -> dict[str, Any]:
    """The claims; empty when there are none."""
    row = connection.execute(
        "SELECT claims FROM userinfo_claims WHERE user_id = ? AND client_id = ?", (user_id, client_id)
    ).fetchone()
    return {} if row is None else orjson.loads(row["claims"])
