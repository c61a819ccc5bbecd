"""A tenant's database in memory, for tests of what is written into it."""

import sqlite3

from local_tenant.store.schema import MIGRATIONS


def empty_database() -> sqlite3.Connection:
    """Open one with all tables and without a row."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    for statements in MIGRATIONS:
        connection.executescript(statements)
    return connection
