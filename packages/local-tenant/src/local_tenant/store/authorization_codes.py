"""Authorization codes, each under its hash; a used one stays until it expires, so that its reuse is noticed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a code stands for.

    Attributes:
        code_hash: SHA-256 of the code.
        client_id: the client that it is for.
        user_id: who logged in.
        redirect_uri: where it was sent.
        code_challenge: PKCE's S256 challenge; None when the client sent none.
        entitlement: JSON, what its client gets for it.
        redeemed_at: when tokens were issued for it; None before.
        refresh_family: the family of the refresh token that was issued for it, if any.
    """

    code_hash: bytes
    client_id: str
    user_id: str
    redirect_uri: str
    code_challenge: str | None
    entitlement: str
    created_at: int
    expires_at: int
    redeemed_at: int | None = None
    refresh_family: str | None = None


_TABLE = Table("authorization_codes", AuthorizationCode)


def get(connection: sqlite3.Connection, code_hash: bytes) -> AuthorizationCode | None:
    """The code, used or not, expired or not."""
    return _TABLE.get(connection, "code_hash = ?", code_hash)


def add(connection: sqlite3.Connection, code: AuthorizationCode) -> None:
    """Store a new code, and delete those that have expired."""
    _TABLE.delete(connection, "expires_at < ?", code.created_at)
    _TABLE.add(connection, code)


def redeem(connection: sqlite3.Connection, code_hash: bytes, now: int, refresh_family: str | None) -> None:
    """Record that tokens were issued for the code, with a refresh token of that family if one is named."""
    connection.execute(
        "UPDATE authorization_codes SET redeemed_at = ?, refresh_family = ? WHERE code_hash = ?",
        (now, refresh_family, code_hash),
    )


def delete_of_session(connection: sqlite3.Connection, user_id: str, session_id: str) -> None:
    """Delete the codes of this user's session that were not exchanged yet."""
    connection.execute(
        "DELETE FROM authorization_codes "
        "WHERE user_id = ? AND redeemed_at IS NULL AND json_extract(entitlement, '$.session_id') = ?",
        (user_id, session_id),
    )
