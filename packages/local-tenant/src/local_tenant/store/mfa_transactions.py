"""Logins that wait for a second factor at the token endpoint, each under the hash of its mfa_token."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from action_runtime.timestamps import NANOSECONDS

from local_tenant.store.table import Table

# How long an expired one is kept, so that its token can be told from one that never was.
KEPT_AFTER_EXPIRY = 24 * 60 * 60 * NANOSECONDS


@dataclass(frozen=True, slots=True)
class MfaTransaction:
    """A login whose password (or refresh token) was right, and that is to be answered once a factor was proved.

    Attributes:
        token_hash: SHA-256 of the mfa_token.
        client_id: the client that it was issued to.
        user_id: who is logging in.
        pending: JSON, what the login needs to go on.
    """

    token_hash: bytes
    client_id: str
    user_id: str
    pending: str
    created_at: int
    expires_at: int


_TABLE = Table("mfa_transactions", MfaTransaction)


def get(connection: sqlite3.Connection, token_hash: bytes) -> MfaTransaction | None:
    """The transaction of that token, expired or not."""
    return _TABLE.get(connection, "token_hash = ?", token_hash)


def add(connection: sqlite3.Connection, transaction: MfaTransaction) -> None:
    """Store a new transaction, and delete those that expired long ago."""
    _TABLE.delete(connection, "expires_at < ?", transaction.created_at - KEPT_AFTER_EXPIRY)
    _TABLE.add(connection, transaction)


def delete(connection: sqlite3.Connection, token_hash: bytes) -> bool:
    """Delete the transaction; False if it was gone already."""
    deleted = _TABLE.delete(connection, "token_hash = ?", token_hash)
    return deleted > 0


def delete_of_user(connection: sqlite3.Connection, user_id: str) -> None:
    """Delete every transaction of this user."""
    _TABLE.delete(connection, "user_id = ?", user_id)
