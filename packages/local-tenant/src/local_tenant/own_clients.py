"""What every tenant has from the start: its own clients, and the APIs of `--api`."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import replace

from local_tenant.identifiers import alphanumeric, new_client_secret
from local_tenant.options import TenantOptions
from local_tenant.scopes import ALL_SCOPES
from local_tenant.store import client_grants, clients, resource_servers
from local_tenant.store.client_grants import ClientGrant
from local_tenant.store.clients import Client
from local_tenant.store.resource_servers import ResourceServer

# Auth0's defaults for rotating refresh tokens (documented), in seconds.
ROTATING = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "leeway": 0,
    "token_lifetime": 2_592_000,
    "idle_token_lifetime": 1_296_000,
    "infinite_token_lifetime": False,
    "infinite_idle_token_lifetime": False,
}
# The defaults for every other client (recorded).
LASTING = {
    "rotation_type": "non-rotating",
    "expiration_type": "non-expiring",
    "leeway": 0,
    "token_lifetime": 2_592_000,
    "infinite_token_lifetime": True,
    "infinite_idle_token_lifetime": True,
    "idle_token_lifetime": 1_296_000,
}
# Of every client, unless it says otherwise (recorded).
DEFAULT_SETTINGS = {
    "is_first_party": True,
    "oidc_conformant": False,
    "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
    "sso_disabled": False,
    "cross_origin_authentication": False,
    "custom_login_page_on": True,
    "refresh_token": LASTING,
}
# Of every API, unless it says otherwise (recorded).
DEFAULT_API = {
    "allow_offline_access": False,
    "skip_consent_for_verifiable_first_party_clients": False,
    "subject_type_authorization": {"client": {"policy": "require_client_grant"}, "user": {"policy": "allow_all"}},
    "token_lifetime": 86_400,
    "token_lifetime_for_web": 7_200,
    "signing_alg": "RS256",
}

# A user who is challenged proves the factor in the application (auth0-react's `mfa`).
_MFA_GRANTS = ("mfa-oob", "mfa-otp", "mfa-recovery-code")

_WITH_SECRET = {"token_endpoint_auth_method": "client_secret_post", "oidc_conformant": True}
_OWN = (
    Client(
        client_id="",
        client_secret="",
        name="Management client",
        grant_types=("client_credentials",),
        own="management",
        settings={**DEFAULT_SETTINGS, **_WITH_SECRET, "app_type": "non_interactive"},
    ),
    Client(
        client_id="",
        client_secret="",
        name="Application",
        grant_types=("authorization_code", "implicit", "refresh_token", "password", "password-realm", *_MFA_GRANTS),
        trusts_forwarded_ip=True,
        own="application",
        settings={**DEFAULT_SETTINGS, **_WITH_SECRET, "app_type": "regular_web"},
    ),
    Client(
        client_id="",
        client_secret="",
        name="Single page application",
        grant_types=("authorization_code", "implicit", "refresh_token", *_MFA_GRANTS),
        own="single_page",
        settings={
            **DEFAULT_SETTINGS,
            "token_endpoint_auth_method": "none",
            "oidc_conformant": True,
            "app_type": "spa",
            "refresh_token": ROTATING,
        },
    ),
)


def ensure(
    connection: sqlite3.Connection, options: TenantOptions, *, reset: bool = False
) -> tuple[Client, Client, Client]:
    """The management, application and single-page clients, and an API for each `--api`.

    Ids and secrets stay forever, and what was changed of the clients stays unless it is to be `reset`.
    """
    ensured = []
    for template in _OWN:
        stored = clients.own(connection, template.own or "")
        if stored is None:
            stored = replace(template, client_id=alphanumeric(32), client_secret=new_client_secret())
            clients.add(connection, stored)
        elif reset or not stored.settings:
            secret = stored.client_secret or new_client_secret()
            stored = replace(template, client_id=stored.client_id, client_secret=secret)
            clients.update(connection, stored)
        ensured.append(stored)
    management, application, single_page = ensured
    _ensure_management_grant(connection, management)
    _ensure_apis(connection, options)
    return management, application, single_page


def own_template(which: str) -> Client:
    """One of the tenant's own clients as a new tenant has it, without id and secret."""
    return next(client for client in _OWN if client.own == which)


def new_grant_id() -> str:
    """Id of a client grant."""
    return f"cgr_{alphanumeric(16)}"


def new_api_id() -> str:
    """Id of a resource server: 24 hex digits."""
    return secrets.token_hex(12)


def _ensure_management_grant(connection: sqlite3.Connection, management: Client) -> None:
    grant = client_grants.find(connection, management.client_id, client_grants.MANAGEMENT)
    scopes = tuple(sorted(ALL_SCOPES))
    if grant is None:
        grant = ClientGrant(new_grant_id(), management.client_id, client_grants.MANAGEMENT, "client", scopes)
        client_grants.add(connection, grant)
    elif grant.scopes != scopes:
        client_grants.update(connection, replace(grant, scopes=scopes))


def _ensure_apis(connection: sqlite3.Connection, options: TenantOptions) -> None:
    for server in resource_servers.every(connection):
        if server.from_start and server.identifier not in options.apis:
            resource_servers.delete(connection, server)
    for identifier in options.apis:
        if resource_servers.get(connection, identifier) is None:
            settings = {**DEFAULT_API, "allow_offline_access": True}
            server = ResourceServer(new_api_id(), identifier, identifier, settings, from_start=True)
            resource_servers.add(connection, server)
