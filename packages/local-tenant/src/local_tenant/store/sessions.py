"""Sessions of browsers with the tenant, each under the hash of its cookie."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

from local_tenant.store import authorization_codes, login_transactions, refresh_tokens
from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as it is stored.

    Attributes:
        id: `event.session.id`, and `sid` of id tokens.
        token_hash: SHA-256 of the browser's cookie.
        user_id: who has authenticated.
        methods: how, as in `event.authentication.methods`.
        clients: ids of the applications that it has logged in to.
        device: `{initial_ip, initial_user_agent, last_ip, last_user_agent}`.
        metadata: `event.session.metadata`.
        persistent: whether the browser keeps the cookie when it is closed.
        authenticated_at: when the password was entered.
        updated_at: when it was last used.
        idle_lifetime: for how long a use keeps it alive; nanoseconds.
        idle_expires_at: when it ends unless it is used before.
        expires_at: when it ends in any case.
    """

    id: str
    token_hash: bytes
    user_id: str
    methods: tuple[dict[str, Any], ...]
    clients: tuple[str, ...] = ()
    device: dict[str, str | None]
    metadata: dict[str, Any] = field(default_factory=dict)
    persistent: bool = True
    authenticated_at: int
    created_at: int
    updated_at: int
    idle_lifetime: int
    idle_expires_at: int
    expires_at: int

    def expired(self, now: int) -> bool:
        """Whether its time is over at `now`."""
        return min(self.idle_expires_at, self.expires_at) <= now


_TABLE = Table("sessions", Session)


def by_token(connection: sqlite3.Connection, token_hash: bytes) -> Session | None:
    """The session of that cookie, expired or not."""
    return _TABLE.get(connection, "token_hash = ?", token_hash)


def get(connection: sqlite3.Connection, session_id: str) -> Session | None:
    """The session of that id, expired or not."""
    return _TABLE.get(connection, "id = ?", session_id)


def of_user(connection: sqlite3.Connection, user_id: str, now: int) -> list[Session]:
    """The user's sessions that are good at `now`, newest first."""
    rest = "WHERE user_id = ? AND MIN(idle_expires_at, expires_at) > ? ORDER BY created_at DESC"
    return _TABLE.all(connection, rest, user_id, now)


def put(connection: sqlite3.Connection, session: Session) -> None:
    """Store a session, new or changed, and delete those that have ended."""
    # Whatever ends in any case is idle from then on, so that one index will do.
    _TABLE.delete(connection, "idle_expires_at <= ?", session.updated_at)
    _TABLE.put(connection, session)


def delete(connection: sqlite3.Connection, session_id: str) -> bool:
    """End a session; False when there is none of that id."""
    return _TABLE.delete(connection, "id = ?", session_id) > 0


def revoke(connection: sqlite3.Connection, session_id: str, user_id: str) -> None:
    """End a session of this user, and with it every refresh token from it, and every code that could become one."""
    delete(connection, session_id)
    refresh_tokens.revoke_of_session(connection, session_id)
    authorization_codes.delete_of_session(connection, user_id, session_id)
    login_transactions.delete_of_session(connection, user_id, session_id)


def delete_of_user(connection: sqlite3.Connection, user_id: str) -> None:
    """End every session of this user."""
    _TABLE.delete(connection, "user_id = ?", user_id)


def move(connection: sqlite3.Connection, user_id: str, primary_id: str) -> None:
    """Make the sessions of this user another's, to whom their account is linked; its factors are not that user's."""
    for session in _TABLE.all(connection, "WHERE user_id = ?", user_id):
        methods = tuple(method for method in session.methods if method["name"] != "mfa")
        _TABLE.put(connection, replace(session, user_id=primary_id, methods=methods))
