"""Refresh tokens, each under its hash; those that one login led to by rotation are a family."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from local_tenant.store.table import Table

# Documented: of one user's tokens for one application, Auth0 keeps the newest 200.
MOST_PER_USER_AND_CLIENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is stored.

    Attributes:
        id: `event.refresh_token.id`; stays the same through rotation.
        token_hash: SHA-256 of the token.
        family: all tokens that one login led to.
        user_id: whose it is.
        client_id: the application that may exchange it.
        rotating: whether an exchange replaces it.
        replaced_at: when it was exchanged for the next of its family; None while it is the newest.
        scopes: what it is good for.
        audience: of the access tokens; None for /userinfo alone.
        methods: how the user had authenticated, as in `event.authentication.methods`.
        device: `{initial_ip, initial_user_agent, last_ip, last_user_agent}`.
        metadata: `event.refresh_token.metadata`.
        last_exchanged_at: None before the first exchange.
        expires_at: None for never.
        idle_expires_at: None for never.
        session_id: of the browser's session that it came of; None for a login at the token endpoint.
    """

    id: str
    token_hash: bytes
    family: str
    user_id: str
    client_id: str
    rotating: bool
    replaced_at: int | None = None
    scopes: tuple[str, ...]
    audience: str | None
    methods: tuple[dict[str, Any], ...]
    device: dict[str, str | None]
    metadata: dict[str, Any] = field(default_factory=dict)
    created_at: int
    last_exchanged_at: int | None = None
    expires_at: int | None = None
    idle_expires_at: int | None = None
    session_id: str | None = None

    def expired(self, now: int) -> bool:
        """Whether its time is over at `now`."""
        return any(end is not None and end <= now for end in (self.expires_at, self.idle_expires_at))


_TABLE = Table("refresh_tokens", RefreshToken)


def get(connection: sqlite3.Connection, token_hash: bytes) -> RefreshToken | None:
    """The token of that hash, replaced or not, expired or not."""
    return _TABLE.get(connection, "token_hash = ?", token_hash)


def add(connection: sqlite3.Connection, token: RefreshToken, now: int) -> None:
    """Store a new token; beyond `MOST_PER_USER_AND_CLIENT` of this user and application the oldest families end.

    Only valid tokens count: not those replaced by rotation, nor those that have expired at `now`. Of the replaced ones
    of a family the newest are stored, so that their reuse is noticed.
    """
    _TABLE.add(connection, token)
    connection.execute(
        "DELETE FROM refresh_tokens WHERE family IN (SELECT family FROM refresh_tokens "
        "WHERE user_id = :user AND client_id = :client AND replaced_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > :now) AND (idle_expires_at IS NULL OR idle_expires_at > :now) "
        "ORDER BY position DESC LIMIT -1 OFFSET :most)",
        {"user": token.user_id, "client": token.client_id, "now": now, "most": MOST_PER_USER_AND_CLIENT},
    )
    connection.execute(
        "DELETE FROM refresh_tokens WHERE position IN (SELECT position FROM refresh_tokens "
        "WHERE family = ? AND replaced_at IS NOT NULL ORDER BY position DESC LIMIT -1 OFFSET ?)",
        (token.family, MOST_PER_USER_AND_CLIENT),
    )
    _TABLE.delete(
        connection,
        "user_id = ? AND client_id = ? AND (expires_at <= ? OR idle_expires_at <= ?)",
        token.user_id,
        token.client_id,
        now,
        now,
    )


def update(connection: sqlite3.Connection, token: RefreshToken) -> None:
    """Update a token."""
    _TABLE.update(connection, token, "token_hash")


def revoke_family(connection: sqlite3.Connection, family: str) -> None:
    """Delete every token that this login led to."""
    _TABLE.delete(connection, "family = ?", family)


def revoke_of_session(connection: sqlite3.Connection, session_id: str) -> None:
    """Delete every token of this browser's session."""
    _TABLE.delete(connection, "session_id = ?", session_id)


def revoke_of_user(connection: sqlite3.Connection, user_id: str) -> None:
    """Delete every token of this user."""
    _TABLE.delete(connection, "user_id = ?", user_id)
