"""Refresh tokens, each under its hash; those that one login led to by rotation are a family."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

import orjson

# Documented: of one user's tokens for one application, Auth0 keeps the newest 200.
MOST_PER_USER_AND_CLIENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """What is kept of a refresh token.

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
        created_at: nanoseconds since 1970.
        last_exchanged_at: nanoseconds since 1970; None before the first exchange.
        expires_at: nanoseconds since 1970; None for never.
        idle_expires_at: nanoseconds since 1970; None for never.
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


_COLUMNS = (
    "id, token_hash, family, user_id, client_id, rotating, replaced_at, scopes, audience, methods, device, metadata, "
    "created_at, last_exchanged_at, expires_at, idle_expires_at, session_id"
)
_SELECT = f"SELECT {_COLUMNS} FROM refresh_tokens"  # noqa: S608 - constants


def get(connection: sqlite3.Connection, token_hash: bytes) -> RefreshToken | None:
    """The token of that hash, replaced or not, expired or not."""
    row = connection.execute(f"{_SELECT} WHERE token_hash = ?", (token_hash,)).fetchone()
    return None if row is None else _token(row)


def add(connection: sqlite3.Connection, token: RefreshToken) -> None:
    """Keep a new token, and let the oldest of this user and application go beyond `MOST_PER_USER_AND_CLIENT`."""
    connection.execute(
        f"INSERT INTO refresh_tokens ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        _values(token),
    )
    connection.execute(
        "DELETE FROM refresh_tokens WHERE position IN (SELECT position FROM refresh_tokens "
        "WHERE user_id = ? AND client_id = ? ORDER BY position DESC LIMIT -1 OFFSET ?)",
        (token.user_id, token.client_id, MOST_PER_USER_AND_CLIENT),
    )


def update(connection: sqlite3.Connection, token: RefreshToken) -> None:
    """Replace what is kept of a token."""
    assignments = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", "))
    connection.execute(
        f"UPDATE refresh_tokens SET {assignments} WHERE token_hash = ?",  # noqa: S608 - constants
        (*_values(token), token.token_hash),
    )


def revoke_family(connection: sqlite3.Connection, family: str) -> None:
    """Forget every token that this login led to."""
    connection.execute("DELETE FROM refresh_tokens WHERE family = ?", (family,))


def revoke_of_session(connection: sqlite3.Connection, session_id: str) -> None:
    """Forget every token that came of this browser's session."""
    connection.execute("DELETE FROM refresh_tokens WHERE session_id = ?", (session_id,))


def _values(token: RefreshToken) -> tuple[object, ...]:
    return (
        token.id,
        token.token_hash,
        token.family,
        token.user_id,
        token.client_id,
        token.rotating,
        token.replaced_at,
        orjson.dumps(token.scopes).decode(),
        token.audience,
        orjson.dumps(token.methods).decode(),
        orjson.dumps(token.device).decode(),
        orjson.dumps(token.metadata).decode(),
        token.created_at,
        token.last_exchanged_at,
        token.expires_at,
        token.idle_expires_at,
        token.session_id,
    )


def _token(row: sqlite3.Row) -> RefreshToken:
    return RefreshToken(
        id=row["id"],
        token_hash=row["token_hash"],
        family=row["family"],
        user_id=row["user_id"],
        client_id=row["client_id"],
        rotating=bool(row["rotating"]),
        replaced_at=row["replaced_at"],
        scopes=tuple(orjson.loads(row["scopes"])),
        audience=row["audience"],
        methods=tuple(orjson.loads(row["methods"])),
        device=orjson.loads(row["device"]),
        metadata=orjson.loads(row["metadata"]),
        created_at=row["created_at"],
        last_exchanged_at=row["last_exchanged_at"],
        expires_at=row["expires_at"],
        idle_expires_at=row["idle_expires_at"],
        session_id=row["session_id"],
    )
