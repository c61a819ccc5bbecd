"""Work on the database as a whole."""

from __future__ import annotations

import sqlite3

# The tenant itself: these stay when everything in it is deleted.
_KEPT = frozenset({"settings", "signing_keys", "clients"})
_CONFIGURED = frozenset({"resource_servers", "client_grants", "client_credentials"})
_DEPLOYED = frozenset({"actions", "action_versions", "bindings", "modules", "module_versions"})


def empty(connection: sqlite3.Connection) -> None:
    """Delete every row of every table but the tenant's name, key and own clients."""
    _empty(connection, _KEPT)
    connection.execute("DELETE FROM clients WHERE own IS NULL")


def empty_people(connection: sqlite3.Connection) -> None:
    """Delete users and everything that their logins left; Actions, flows, modules and applications stay as well."""
    _empty(connection, _KEPT | _CONFIGURED | _DEPLOYED)


def _empty(connection: sqlite3.Connection, spared: frozenset[str]) -> None:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    tables = [row[0] for row in rows.fetchall() if row[0] not in spared]
    # Foreign keys are checked at the end of the transaction, so that the order of the tables does not matter.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table in tables:
        connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the name comes from the schema itself
