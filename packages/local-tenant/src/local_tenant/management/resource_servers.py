"""Resource servers (APIs): create, list, read, change, delete. Shapes and defaults are recorded.

The Authentication API gives tokens for each of them, with the scopes that it defines.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.errors import ApiError, not_built
from local_tenant.management.paging import list_page_of
from local_tenant.management.validation import Payload, not_null, read_payload
from local_tenant.own_clients import DEFAULT_API, new_api_id
from local_tenant.scopes import ALL_SCOPES
from local_tenant.store import resource_servers
from local_tenant.store.resource_servers import ResourceServer
from local_tenant.tenant import Tenant, tenant_of

LONGEST_LIFETIME = 2_592_000

# Of the Management API, which is one of them as well.
_SYSTEM_ID = "000000000000000000000000"

Lifetime = Annotated[int | None, Field(ge=1, le=LONGEST_LIFETIME)]


class Scope(Payload):
    """One scope of an API."""

    value: Annotated[str, Field(min_length=1, max_length=280)]
    description: Annotated[str, Field(max_length=500)] | None = None


class _Properties(Payload):
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^<>]*$")] | None = None
    scopes: Annotated[list[Scope] | None, not_null("array")] = None
    signing_alg: Literal["HS256", "RS256", "RS512", "PS256"] | None = None
    signing_secret: str | None = None
    allow_offline_access: Annotated[bool | None, not_null("boolean")] = None
    token_lifetime: Lifetime = None
    token_lifetime_for_web: Lifetime = None
    skip_consent_for_verifiable_first_party_clients: bool | None = None
    enforce_policies: bool | None = None
    token_dialect: Literal["access_token", "access_token_authz"] | None = None
    subject_type_authorization: dict[str, dict[str, str]] | None = None
    token_encryption: dict[str, Any] | None = None
    consent_policy: str | None = None
    authorization_details: list[dict[str, Any]] | None = None
    proof_of_possession: dict[str, Any] | None = None


class NewResourceServer(_Properties):
    """POST /resource-servers."""

    identifier: Annotated[str, Field(min_length=1, max_length=600)]


class ResourceServerChange(_Properties):
    """PATCH /resource-servers/{id}: what is left out stays, null removes a property."""


async def create(request: Request) -> Response:
    """POST /resource-servers: 201; the identifier never changes."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewResourceServer)
    content = payload.model_dump(exclude_unset=True)
    identifier = payload.identifier
    blank = ResourceServer(new_api_id(), identifier, identifier, DEFAULT_API)
    server = changed_server(blank, content)

    def work(connection: sqlite3.Connection) -> None:
        own = (tenant.management_audience, tenant.userinfo_audience, tenant.mfa_audience)
        if identifier in own or resource_servers.get(connection, identifier) is not None:
            raise ApiError(409, "The resource server already exists", "resource_server_exists")
        resource_servers.add(connection, server)

    await tenant.database.write(work)
    return Json(server_json(server), status_code=201)


async def listing(request: Request) -> Response:
    """GET /resource-servers: the Management API, then the others, oldest first; filtered by `identifiers`."""
    tenant = tenant_of(request)
    page, identifiers = list_page_of(request), set(request.query_params.getlist("identifiers"))
    servers = [_management_api(tenant), *map(server_json, tenant.database.read(resource_servers.every))]
    matching = [server for server in servers if not identifiers or server["identifier"] in identifiers]
    return Json(page.answer("resource_servers", page.slice(matching), len(matching)))


async def read(request: Request) -> Response:
    """GET /resource-servers/{id}, by id or by identifier."""
    tenant = tenant_of(request)
    if request.path_params["id"] in (_SYSTEM_ID, tenant.management_audience):
        return Json(_management_api(tenant))
    return Json(server_json(tenant.database.read(_find, request)))


async def change(request: Request) -> Response:
    """PATCH /resource-servers/{id}."""
    tenant = tenant_of(request)
    payload = await read_payload(request, ResourceServerChange)
    _refuse_system(tenant, request)

    def work(connection: sqlite3.Connection) -> ResourceServer:
        server = changed_server(_find(connection, request), payload.model_dump(exclude_unset=True))
        resource_servers.update(connection, server)
        return server

    return Json(server_json(await tenant.database.write(work)))


async def delete(request: Request) -> Response:
    """DELETE /resource-servers/{id}: 204, and the client grants for it go with it."""
    tenant = tenant_of(request)
    _refuse_system(tenant, request)

    def work(connection: sqlite3.Connection) -> None:
        server = resource_servers.get(connection, request.path_params["id"])
        if server is not None:
            resource_servers.delete(connection, server)

    await tenant.database.write(work)
    return Response(status_code=204)


def server_json(server: ResourceServer) -> dict[str, Any]:
    """The API as Auth0 shows it."""
    return {"id": server.id, "name": server.name, "identifier": server.identifier, "is_system": False} | server.settings


def changed_server(server: ResourceServer, content: dict[str, Any]) -> ResourceServer:
    """The API with these properties.

    Raises:
        ApiError: `not_built_locally` for what would let a login end differently than at Auth0.
    """
    if content.get("signing_alg") not in (None, "RS256"):
        raise not_built(f"Access tokens signed with {content['signing_alg']} are not built in the local tenant.")
    for name in ("token_encryption", "proof_of_possession"):
        if content.get(name):
            raise not_built(f"{name} is not built in the local tenant.")
    policies = content.get("subject_type_authorization") or {}
    if policies.get("user", {}).get("policy", "allow_all") == "require_client_grant":
        raise not_built("Client grants for users (subject_type_authorization) are not built in the local tenant.")
    settings = {**server.settings}
    for name, value in content.items():
        if name in ("name", "identifier"):
            continue
        if value is not None:
            settings[name] = {**settings.get(name, {}), **value} if name == "subject_type_authorization" else value
        elif name in DEFAULT_API:
            settings[name] = DEFAULT_API[name]
        else:
            settings.pop(name, None)
    if content.get("scopes") is not None:
        settings["scopes"] = [{k: v for k, v in scope.items() if v is not None} for scope in content["scopes"]]
    return replace(server, name=content.get("name") or server.name, settings=settings)


def _management_api(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": _SYSTEM_ID,
        "name": "Auth0 Management API",
        "identifier": tenant.management_audience,
        "is_system": True,
        **DEFAULT_API,
        "scopes": [{"value": scope, "description": ""} for scope in sorted(ALL_SCOPES)],
    }


def _refuse_system(tenant: Tenant, request: Request) -> None:
    if request.path_params["id"] in (_SYSTEM_ID, tenant.management_audience):
        raise ApiError(403, "The Auth0 Management API cannot be changed", "operation_not_supported")


def _find(connection: sqlite3.Connection, request: Request) -> ResourceServer:
    server = resource_servers.get(connection, request.path_params["id"])
    if server is None:
        raise ApiError(404, "The resource server does not exist", "inexistent_resource_server")
    return server
