"""Resource servers: the APIs that access tokens can be for."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """An API of the tenant.

    Attributes:
        id: 24 hex digits.
        identifier: the `audience` of its tokens; it never changes.
        name: in the dashboard.
        settings: its other properties, named as in the Management API.
        from_start: whether `--api` of the command line made it: it grants every scope, and goes with the option.
    """

    id: str
    identifier: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    from_start: bool = False

    @property
    def scopes(self) -> frozenset[str]:
        """Names of the scopes that it defines."""
        return frozenset(scope["value"] for scope in self.settings.get("scopes", ()))


_TABLE = Table("resource_servers", ResourceServer)


def get(connection: sqlite3.Connection, name: str) -> ResourceServer | None:
    """The API of that id or identifier, if any."""
    return _TABLE.get(connection, "id = ?1 OR identifier = ?1", name)


def every(connection: sqlite3.Connection) -> list[ResourceServer]:
    """All APIs, oldest first."""
    return _TABLE.all(connection, "ORDER BY position")


def add(connection: sqlite3.Connection, server: ResourceServer) -> None:
    """Add an API."""
    _TABLE.add(connection, server)


def update(connection: sqlite3.Connection, server: ResourceServer) -> None:
    """Replace the API of the same id."""
    _TABLE.update(connection, server, "id")


def delete(connection: sqlite3.Connection, server: ResourceServer) -> None:
    """Delete an API and the client grants for it."""
    connection.execute("DELETE FROM client_grants WHERE audience = ?", (server.identifier,))
    _TABLE.delete(connection, "id = ?", server.id)
