"""Clients (applications): create, list, read, change, delete, rotate the secret.

The Authentication API obeys what is stored here at its next request. Shapes and defaults are recorded.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.identifiers import alphanumeric, new_client_secret
from local_tenant.management.access import scopes_of
from local_tenant.management.client_payloads import COLUMNS, LONGEST_METADATA, MOST_METADATA, ClientChange, NewClient
from local_tenant.management.errors import ApiError, invalid_body, not_built
from local_tenant.management.paging import list_page_of
from local_tenant.management.user_json import Fields
from local_tenant.management.validation import query_flag, read_payload
from local_tenant.own_clients import DEFAULT_SETTINGS, LASTING
from local_tenant.store import client_credentials, clients
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant, tenant_of

GRANT_TYPE = "http://auth0.com/oauth/grant-type/"
# Those whose name is a URL at Auth0.
_OF_AUTH0 = frozenset({"password-realm", "mfa-oob", "mfa-otp", "mfa-recovery-code"})

_KEY_SCOPES = frozenset({"read:client_keys", "read:client_credentials"})
_READ_SCOPES = frozenset({"read:clients", "read:client_keys"})
_OF_KEYS = ("client_secret", "encryption_key", "client_authentication_methods")
_OF_EVERYBODY = frozenset({"client_id", "app_type", "name", "description"})

# Of refresh tokens that begin to expire: that they are not infinite is documented for the idle lifetime alone.
_ENDING = {"infinite_token_lifetime": False, "infinite_idle_token_lifetime": False}

_GLOBAL = {"name": "All Applications", "client_id": "0" * 32, "global": True, "custom_login_page_on": False}


async def create(request: Request) -> Response:
    """POST /clients: 201 with the client and its secret."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewClient)
    content = payload.model_dump(exclude_unset=True)
    client = new_client(content)
    await tenant.database.write(clients.add, client)
    return Json(client_json(tenant, client), status_code=201)


async def listing(request: Request) -> Response:
    """GET /clients: oldest first, filtered by `is_global`, `is_first_party` and `app_type`."""
    tenant = tenant_of(request)
    page, fields, held = list_page_of(request), Fields(request), scopes_of(tenant, request)
    if query_flag(request, "is_global"):
        # Every tenant has one, which nobody logs in to: auth0-deploy-cli looks at its login page.
        return Json(page.answer("clients", [_GLOBAL], 1))
    first_party, app_types = query_flag(request, "is_first_party"), request.query_params.get("app_type")

    def matches(client: Client) -> bool:
        settings = client.settings
        return (first_party is None or settings.get("is_first_party") == first_party) and (
            app_types is None or settings.get("app_type") in app_types.split(",")
        )

    matching = [client for client in tenant.database.read(clients.every) if matches(client)]
    items = [fields.of(_readable(client_json(tenant, client), held)) for client in page.slice(matching)]
    return Json(page.answer("clients", items, len(matching)))


async def read(request: Request) -> Response:
    """GET /clients/{id}: the secret only with `read:client_keys` or `read:client_credentials` (documented)."""
    tenant = tenant_of(request)
    client = tenant.database.read(find_client, request)
    fields, held = Fields(request), scopes_of(tenant, request)
    return Json(fields.of(_readable(client_json(tenant, client), held)))


async def change(request: Request) -> Response:
    """PATCH /clients/{id}: what is left out stays; keys need `update:client_keys` (documented)."""
    tenant = tenant_of(request)
    payload = await read_payload(request, ClientChange)
    content = payload.model_dump(exclude_unset=True)
    check_properties(content)
    changes_keys = any(content.get(name) is not None for name in ("client_secret", "encryption_key"))
    if changes_keys and "update:client_keys" not in scopes_of(tenant, request):
        raise ApiError(403, "Insufficient scope, expected any of: update:client_keys", "insufficient_scope")

    def work(connection: sqlite3.Connection) -> Client:
        client = find_client(connection, request)
        if client.own == "management" or (client.own and content.get("client_secret") is not None):
            raise _own(client, "be changed so")
        client = changed_client(client, content)
        known = {credential.id for credential in client_credentials.of_client(connection, client.client_id)}
        if not known.issuperset(client.key_ids or ()):
            raise invalid_body("'The credential does not exist' on property client_authentication_methods.")
        clients.update(connection, client)
        return client

    return Json(client_json(tenant, await tenant.database.write(work)))


async def delete(request: Request) -> Response:
    """DELETE /clients/{id}: 204, and its refresh tokens, codes and client grants go with it."""

    def work(connection: sqlite3.Connection) -> None:
        client = clients.get(connection, request.path_params["id"])
        if client is None:
            return
        if client.own:
            raise _own(client, "be deleted")
        clients.delete(connection, client.client_id)

    await tenant_of(request).database.write(work)
    return Response(status_code=204)


async def rotate_secret(request: Request) -> Response:
    """POST /clients/{id}/rotate-secret: the client with its new secret; the old one is invalid at once."""
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> Client:
        client = find_client(connection, request)
        if client.own:
            raise _own(client, "get another secret")
        client = replace(client, client_secret=new_client_secret())
        clients.update(connection, client)
        return client

    return Json(client_json(tenant, await tenant.database.write(work)))


def new_client(content: dict[str, Any]) -> Client:
    """A client with these properties and Auth0's defaults, not yet stored.

    Raises:
        ApiError: as `check_properties`.
    """
    check_properties(content)
    method = content.get("token_endpoint_auth_method")
    grants = ["authorization_code", "implicit", "refresh_token"]
    blank = Client(
        client_id=alphanumeric(32),
        client_secret=new_client_secret(),
        name=content["name"],
        grant_types=tuple(grants if method == "none" else [*grants, "client_credentials"]),
        settings={**DEFAULT_SETTINGS, "refresh_token": _default_refresh(method)},
    )
    return changed_client(blank, content)


def client_json(tenant: Tenant, client: Client) -> dict[str, Any]:
    """The client as Auth0 shows it to a token that may read its secret."""
    content = {
        "tenant": tenant.name,
        "global": False,
        "name": client.name,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "is_token_endpoint_ip_header_trusted": client.trusts_forwarded_ip,
        "grant_types": [long_grant_type(grant_type) for grant_type in client.grant_types],
        **client.settings,
    }
    if client.metadata or client.settings.get("client_metadata") is not None:
        content["client_metadata"] = client.metadata
    return content


def long_grant_type(grant_type: str) -> str:
    """A grant type as the Management API names it."""
    return GRANT_TYPE + grant_type if grant_type in _OF_AUTH0 else grant_type


def short_grant_type(grant_type: str) -> str:
    """The inverse of `long_grant_type`."""
    name = grant_type.removeprefix(GRANT_TYPE)
    return name if name in _OF_AUTH0 else grant_type


def _readable(content: dict[str, Any], held: frozenset[str]) -> dict[str, Any]:
    sees_all, sees_keys = not held.isdisjoint(_READ_SCOPES), not held.isdisjoint(_KEY_SCOPES)
    return {
        name: value
        for name, value in content.items()
        if name in _OF_EVERYBODY or (sees_keys if name in _OF_KEYS else sees_all)
    }


def changed_client(client: Client, content: dict[str, Any]) -> Client:
    """The client with these properties; `content` was checked."""
    settings = {**client.settings, **{name: value for name, value in content.items() if name not in COLUMNS}}
    for name in ("jwt_configuration", "refresh_token"):
        if isinstance(content.get(name), dict):
            written = {key: value for key, value in content[name].items() if value is not None}
            held = client.settings.get(name, {})
            if written.get("expiration_type") == "expiring" != held.get("expiration_type"):
                held = {**held, **_ENDING}
            settings[name] = {**held, **written}
        elif name in content:
            settings[name] = DEFAULT_SETTINGS[name]
    # An empty address is removed, and so is null (recorded).
    removed = [name for name, value in settings.items() if value is None or (name, value) == ("initiate_login_uri", "")]
    for name in removed:
        del settings[name]
    # A client has one way to authenticate (documented).
    if content.get("client_authentication_methods"):
        settings.pop("token_endpoint_auth_method", None)
    elif content.get("token_endpoint_auth_method"):
        settings.pop("client_authentication_methods", None)
    metadata = client.metadata
    if "client_metadata" in content:
        merged = {**metadata, **(content["client_metadata"] or {})}
        metadata = {name: value for name, value in merged.items() if value is not None}
        if len(metadata) > MOST_METADATA:
            raise invalid_body(f"'Too many properties, maximum {MOST_METADATA}' on property client_metadata.")
        settings["client_metadata"] = {}
    grant_types = content.get("grant_types")
    return replace(
        client,
        name=content.get("name") or client.name,
        client_secret=content.get("client_secret") or client.client_secret,
        grant_types=client.grant_types if grant_types is None else tuple(map(short_grant_type, grant_types)),
        metadata=metadata,
        trusts_forwarded_ip=content.get("is_token_endpoint_ip_header_trusted", client.trusts_forwarded_ip),
        settings=settings,
    )


def check_properties(content: dict[str, Any]) -> None:
    """Refuse what would let a login end differently than at Auth0.

    Raises:
        ApiError: 400 for metadata that is too long; `not_built_locally` for what this tenant cannot do.
    """
    for name, value in (content.get("client_metadata") or {}).items():
        if len(name) > LONGEST_METADATA or len(value or "") > LONGEST_METADATA:
            raise invalid_body(f"'String is too long, maximum {LONGEST_METADATA}' on property client_metadata.{name}.")
    algorithm = (content.get("jwt_configuration") or {}).get("alg")
    if algorithm not in (None, "RS256"):
        raise not_built(f"Id tokens signed with {algorithm} are not built in the local tenant: RS256 is.")
    for name in ("require_pushed_authorization_requests", "require_proof_of_possession"):
        if content.get(name):
            raise not_built(f"{name} is not built in the local tenant.")
    if content.get("organization_usage") == "require":
        raise not_built("Organizations are not built in the local tenant: organization_usage 'deny' or 'allow'.")


def _default_refresh(method: str | None) -> dict[str, Any]:
    # Recorded: the lifetimes depend on the method that was written.
    if method in ("client_secret_post", "client_secret_basic"):
        return {**LASTING, "token_lifetime": 31_557_600, "idle_token_lifetime": 2_592_000}
    return LASTING


def find_client(connection: sqlite3.Connection, request: Request) -> Client:
    """The client that the path names.

    Raises:
        ApiError: 404.
    """
    client = clients.get(connection, request.path_params["id"])
    if client is None:
        raise ApiError(404, "The client does not exist", "inexistent_client")
    return client


def _own(client: Client, what: str) -> ApiError:
    text = f"The local tenant's own client '{client.name}' cannot {what}: its command line uses it."
    return ApiError(403, text, "operation_not_supported")
