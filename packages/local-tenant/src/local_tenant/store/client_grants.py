"""Client grants: which API an application may get tokens for without a user (client_credentials), and which scopes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from local_tenant.store.table import Table

# The Management API: its identifier holds the tenant's port, which may be another one at the next start.
MANAGEMENT = "/api/v2/"


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """Permission of one client for one API.

    Attributes:
        id: `cgr_` and 16 letters and digits.
        client_id: of the client.
        audience: identifier of the API; `MANAGEMENT` for the tenant's own.
        subject_type: `client`, or `user` for tokens of users.
        scopes: as written.
        settings: its other properties, named as in the Management API.
    """

    id: str
    client_id: str
    audience: str
    subject_type: str
    scopes: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)


_TABLE = Table("client_grants", ClientGrant)


def get(connection: sqlite3.Connection, grant_id: str) -> ClientGrant | None:
    """The grant of that id, if any."""
    return _TABLE.get(connection, "id = ?", grant_id)


def find(
    connection: sqlite3.Connection, client_id: str, audience: str, subject_type: str = "client"
) -> ClientGrant | None:
    """The client's grant for that API, if any."""
    condition = "client_id = ? AND audience = ? AND subject_type = ?"
    return _TABLE.get(connection, condition, client_id, audience, subject_type)


def every(connection: sqlite3.Connection) -> list[ClientGrant]:
    """All grants, oldest first."""
    return _TABLE.all(connection, "ORDER BY position")


def add(connection: sqlite3.Connection, grant: ClientGrant) -> None:
    """Add a grant."""
    _TABLE.add(connection, grant)


def update(connection: sqlite3.Connection, grant: ClientGrant) -> None:
    """Replace the grant of the same id."""
    _TABLE.update(connection, grant, "id")


def delete(connection: sqlite3.Connection, grant_id: str) -> None:
    """Delete a grant."""
    _TABLE.delete(connection, "id = ?", grant_id)
