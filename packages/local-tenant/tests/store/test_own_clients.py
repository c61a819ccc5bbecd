"""The tenant's own clients in a data folder of an earlier version."""

import sqlite3
from contextlib import closing

from local_tenant import own_clients
from local_tenant.options import TenantOptions
from local_tenant.store import clients
from local_tenant.store.schema import MIGRATIONS

MAKES_APPLICATIONS = next(number for number, text in enumerate(MIGRATIONS) if "CREATE TABLE applications" in text)


def test_they_keep_ids_and_secrets_and_get_what_this_version_gives_them() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for statements in MIGRATIONS[:MAKES_APPLICATIONS]:
            connection.executescript(statements)
        for name, secret in (("Management client", "m"), ("Application", "a"), ("Single page application", "")):
            row = (name.lower(), secret, name, '["password"]', '["read:users"]', "{}", 0)
            connection.execute("INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for statements in MIGRATIONS[MAKES_APPLICATIONS:]:
            connection.executescript(statements)

        own = own_clients.ensure(connection, TenantOptions())
        management, application, single_page = own
        assert [client.client_id for client in own] == ["management client", "application", "single page application"]
        assert (management.client_secret, application.client_secret) == ("m", "a")
        assert single_page.is_public
        assert "mfa-otp" in single_page.grant_types
        assert {client.client_id for client in clients.every(connection)} == {client.client_id for client in own}
        assert own_clients.ensure(connection, TenantOptions()) == own
