"""Bindings: which Actions run on a trigger, and in which order."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Binding:
    """An Action's place on a trigger.

    Attributes:
        id: uuid, new with every write of the list that it is in.
        trigger_id: `post-login`, …
        action_id: the Action that runs.
        display_name: its name in the dashboard's drawing of the flow.
    """

    id: str
    trigger_id: str
    action_id: str
    display_name: str
    created_at: int
    updated_at: int


def flow(connection: sqlite3.Connection, trigger_id: str) -> list[Binding]:
    """The bindings of a trigger, in the order in which they run."""
    rows = connection.execute(
        "SELECT id, trigger_id, action_id, display_name, created_at, updated_at FROM bindings "
        "WHERE trigger_id = ? ORDER BY position",
        (trigger_id,),
    ).fetchall()
    return [Binding(*row) for row in rows]


def replace_flow(connection: sqlite3.Connection, trigger_id: str, bindings: list[Binding]) -> None:
    """Replace the bindings of the trigger by these, in this order."""
    connection.execute("DELETE FROM bindings WHERE trigger_id = ?", (trigger_id,))
    connection.executemany(
        "INSERT INTO bindings (id, trigger_id, position, action_id, display_name, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (b.id, b.trigger_id, position, b.action_id, b.display_name, b.created_at, b.updated_at)
            for position, b in enumerate(bindings)
        ],
    )


def triggers_of(connection: sqlite3.Connection, action_id: str) -> list[str]:
    """Triggers that the Action is bound to."""
    rows = connection.execute(
        "SELECT DISTINCT trigger_id FROM bindings WHERE action_id = ? ORDER BY trigger_id", (action_id,)
    ).fetchall()
    return [row[0] for row in rows]


def detach(connection: sqlite3.Connection, action_id: str) -> None:
    """Take the Action out of every flow."""
    connection.execute("DELETE FROM bindings WHERE action_id = ?", (action_id,))
