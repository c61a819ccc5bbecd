"""Public keys of clients that authenticate with assertions (private_key_jwt) instead of a secret."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class ClientCredential:
    """A public key of a client. Times are in nanoseconds since 1970.

    Attributes:
        id: `cred_` and 22 letters and digits.
        client_id: of the client.
        name: as it was given; empty for none.
        kid: the key's thumbprint.
        alg: the one algorithm that it verifies.
        pem: the key.
        created_at: when it was created.
        updated_at: when it was last changed.
        expires_at: from when on it is not accepted; None for never.
    """

    id: str
    client_id: str
    name: str
    kid: str
    alg: str
    pem: str
    created_at: int
    updated_at: int
    expires_at: int | None


_TABLE = Table("client_credentials", ClientCredential)


def get(connection: sqlite3.Connection, client_id: str, credential_id: str) -> ClientCredential | None:
    """The client's credential of that id, if any."""
    return _TABLE.get(connection, "client_id = ? AND id = ?", client_id, credential_id)


def of_client(connection: sqlite3.Connection, client_id: str) -> list[ClientCredential]:
    """The client's credentials, oldest first."""
    return _TABLE.all(connection, "WHERE client_id = ? ORDER BY position", client_id)


def add(connection: sqlite3.Connection, credential: ClientCredential) -> None:
    """Add a credential."""
    _TABLE.add(connection, credential)


def update(connection: sqlite3.Connection, credential: ClientCredential) -> None:
    """Replace the credential of the same id."""
    _TABLE.update(connection, credential, "id")


def delete(connection: sqlite3.Connection, credential: ClientCredential) -> None:
    """Delete a credential."""
    _TABLE.delete(connection, "id = ?", credential.id)
