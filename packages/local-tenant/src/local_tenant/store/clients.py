"""The tenant's clients (applications): who may ask for tokens, and how."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class Client:
    """An application of the tenant.

    Attributes:
        client_id: 32 letters and digits, as Auth0 makes them.
        client_secret: kept as it is, because the ready line shows it at each start. Empty for a public client, whose
            code anybody can read (Auth0's token_endpoint_auth_method `none`).
        name: what people call it.
        grant_types: the `grant_type`s that it may use, in Auth0's short form (`password`, `mfa-otp`, …).
        management_scopes: scopes of the Management API that it is granted; empty for none.
        metadata: client_metadata, as Actions see it in `event.client.metadata`.
        trusts_forwarded_ip: Auth0's "Trust Token Endpoint IP Header": whether the IP that the client, once it has
            authenticated itself, names in a header is taken for the user's.
    """

    client_id: str
    client_secret: str
    name: str
    grant_types: frozenset[str]
    management_scopes: frozenset[str] = frozenset()
    metadata: dict[str, str] = field(default_factory=dict)
    trusts_forwarded_ip: bool = False

    @property
    def is_public(self) -> bool:
        """Whether it has no secret: its name proves nothing, so that PKCE and rotation stand in for that."""
        return not self.client_secret


_TABLE = Table("clients", Client)


def get(connection: sqlite3.Connection, client_id: str) -> Client | None:
    """The client of that id, if any."""
    return _TABLE.get(connection, "client_id = ?", client_id)


def by_name(connection: sqlite3.Connection, name: str) -> Client | None:
    """The client of that name, if any."""
    return _TABLE.get(connection, "name = ?", name)


def put(connection: sqlite3.Connection, client: Client) -> None:
    """Add a client, or replace the one of the same id."""
    _TABLE.put(connection, client)
