"""The tenant's RSA key, with which its tokens are signed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A private key.

    Attributes:
        kid: its name in token headers and in the JWKS.
        private_pem: PKCS #8, PEM, not encrypted (the data folder is its owner's alone).
    """

    kid: str
    private_pem: str


def current(connection: sqlite3.Connection) -> StoredKey | None:
    """The newest key; None before the first start."""
    row = connection.execute("SELECT kid, private_pem FROM signing_keys ORDER BY created_at DESC LIMIT 1").fetchone()
    return None if row is None else StoredKey(row["kid"], row["private_pem"])


def add(connection: sqlite3.Connection, key: StoredKey, now: int) -> None:
    """Store a new key."""
    connection.execute("INSERT INTO signing_keys VALUES (?, ?, ?)", (key.kid, key.private_pem, now))
