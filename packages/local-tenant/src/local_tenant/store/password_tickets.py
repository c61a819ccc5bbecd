"""Tickets that let their bearer set a user's password, each under its hash; a user has one at most."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class PasswordTicket:
    """A ticket.

    Attributes:
        user_id: whose password it sets.
        ticket_hash: SHA-256.
        expires_at: nanoseconds since 1970.
    """

    user_id: str
    ticket_hash: bytes
    expires_at: int


_TABLE = Table("password_tickets", PasswordTicket)


def put(connection: sqlite3.Connection, ticket: PasswordTicket) -> None:
    """Store a ticket in place of the user's earlier one."""
    _TABLE.put(connection, ticket)


def get(connection: sqlite3.Connection, ticket_hash: bytes, now: int) -> PasswordTicket | None:
    """The ticket, unless it is unknown, used, replaced or expired."""
    return _TABLE.get(connection, "ticket_hash = ? AND expires_at > ?", ticket_hash, now)


def delete_of_user(connection: sqlite3.Connection, user_id: str) -> None:
    """Use up the user's ticket, if there is one."""
    _TABLE.delete(connection, "user_id = ?", user_id)
