"""The tenant's clients (applications): who may ask for tokens, and how."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from local_tenant.store.table import Table

# Auth0's default (documented).
ID_TOKEN_SECONDS = 36_000


@dataclass(frozen=True, slots=True)
class Client:
    """An application of the tenant.

    Attributes:
        client_id: 32 letters and digits, as Auth0 makes them.
        client_secret: in clear, because the Management API shows it.
        name: in the dashboard.
        grant_types: the `grant_type`s that it may use, in Auth0's short form (`password`, `mfa-otp`, …), as written.
        metadata: client_metadata, as Actions see it in `event.client.metadata`.
        trusts_forwarded_ip: Auth0's "Trust Token Endpoint IP Header": whether the IP that the client, once it has
            authenticated itself, names in a header is taken for the user's.
        own: which of the local tenant's own clients it is (`management`, `application`, `single_page`); None for one
            that was created since.
        settings: its other properties, named as in the Management API.
    """

    client_id: str
    client_secret: str
    name: str
    grant_types: tuple[str, ...]
    metadata: dict[str, str] = field(default_factory=dict)
    trusts_forwarded_ip: bool = False
    own: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Whether it authenticates without a secret (`token_endpoint_auth_method` `none`): its id proves nothing."""
        return self.settings.get("token_endpoint_auth_method") == "none"

    @property
    def key_ids(self) -> tuple[str, ...] | None:
        """Ids of the credentials whose assertions stand for its secret (private_key_jwt); None if its secret counts."""
        methods = self.settings.get("client_authentication_methods") or {}
        keys = methods.get("private_key_jwt")
        return None if keys is None else tuple(credential["id"] for credential in keys["credentials"])

    @property
    def id_token_seconds(self) -> int:
        """Lifetime of its id tokens."""
        return int(self.settings.get("jwt_configuration", {}).get("lifetime_in_seconds", ID_TOKEN_SECONDS))

    @property
    def confirms_unverifiable_callbacks(self) -> bool:
        """Whether single sign-on to a callback that other programs could serve asks the user first.

        Auth0 asks unless the application or the tenant says otherwise; here it is the other way round.
        """
        return self.settings.get("skip_non_verifiable_callback_uri_confirmation_prompt") is False

    @property
    def refresh_token(self) -> dict[str, Any]:
        """How its refresh tokens rotate and expire; empty for those that do neither."""
        settings: dict[str, Any] = self.settings.get("refresh_token", {})
        return settings

    def addresses(self, setting: str) -> list[str] | None:
        """`callbacks`, `allowed_logout_urls` or `web_origins`; None for every address on loopback.

        That is what the tenant's own clients allow until a list is set.
        """
        addresses: list[str] | None = self.settings.get(setting)
        return addresses if addresses is not None or self.own else []


_TABLE = Table("clients", Client)

# What a client leaves behind when it is deleted.
_OF_CLIENTS = ("authorization_codes", "login_transactions", "mfa_transactions", "refresh_tokens", "userinfo_claims")


def get(connection: sqlite3.Connection, client_id: str) -> Client | None:
    """The client of that id, if any."""
    return _TABLE.get(connection, "client_id = ?", client_id)


def own(connection: sqlite3.Connection, which: str) -> Client | None:
    """The tenant's own client of that kind; None before the first start."""
    return _TABLE.get(connection, "own = ?", which)


def every(connection: sqlite3.Connection) -> list[Client]:
    """All clients, oldest first."""
    return _TABLE.all(connection, "ORDER BY position")


def add(connection: sqlite3.Connection, client: Client) -> None:
    """Add a client."""
    _TABLE.add(connection, client)


def update(connection: sqlite3.Connection, client: Client) -> None:
    """Replace the client of the same id."""
    _TABLE.update(connection, client, "client_id")


def delete(connection: sqlite3.Connection, client_id: str) -> None:
    """Delete a client, its grants, tokens, codes and logins that wait."""
    for table in _OF_CLIENTS:
        connection.execute(f"DELETE FROM {table} WHERE client_id = ?", (client_id,))  # noqa: S608 - one of these
    _TABLE.delete(connection, "client_id = ?", client_id)
