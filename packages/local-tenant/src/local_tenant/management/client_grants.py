"""Client grants: which API an application may get tokens for without a user, and which scopes. Shapes are recorded."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.errors import ApiError, invalid_body, not_built
from local_tenant.management.paging import list_page_of
from local_tenant.management.validation import Payload, not_null, read_payload
from local_tenant.own_clients import new_grant_id
from local_tenant.store import client_grants, clients, resource_servers
from local_tenant.store.client_grants import MANAGEMENT, ClientGrant
from local_tenant.tenant import Tenant, tenant_of

Scopes = list[Annotated[str, Field(min_length=1, max_length=280)]]


class _Properties(Payload):
    organization_usage: Literal["deny", "allow", "require"] | None = None
    allow_any_organization: bool | None = None
    authorization_details_types: list[str] | None = None
    allow_all_scopes: bool | None = None


class NewClientGrant(_Properties):
    """POST /client-grants."""

    client_id: Annotated[str, Field(min_length=1)]
    audience: Annotated[str, Field(min_length=1)]
    scope: Scopes = Field(default_factory=list)
    subject_type: Literal["client", "user"] = "client"


class ClientGrantChange(_Properties):
    """PATCH /client-grants/{id}: client and API never change."""

    scope: Annotated[Scopes | None, not_null("array")] = None


async def create(request: Request) -> Response:
    """POST /client-grants: 201."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewClientGrant)
    settings = _settings(payload, {})
    if payload.subject_type == "user":
        raise not_built("Client grants for users (subject_type 'user') are not built in the local tenant.")
    audience = MANAGEMENT if payload.audience == tenant.management_audience else payload.audience
    scopes = tuple(dict.fromkeys(payload.scope))
    grant = ClientGrant(new_grant_id(), payload.client_id, audience, payload.subject_type, scopes, settings)

    def work(connection: sqlite3.Connection) -> None:
        if clients.get(connection, payload.client_id) is None:
            raise ApiError(404, "The client does not exist", "inexistent_client")
        _check_scopes(connection, grant, payload.scope)
        if client_grants.find(connection, payload.client_id, audience, payload.subject_type) is not None:
            raise ApiError(409, "A resource with the same identifier already exists.", "conflict")
        client_grants.add(connection, grant)

    await tenant.database.write(work)
    return Json(grant_json(tenant, grant), status_code=201)


async def listing(request: Request) -> Response:
    """GET /client-grants: oldest first, filtered by `audience`, `client_id` and `subject_type`."""
    tenant = tenant_of(request)
    page, query = list_page_of(request), request.query_params
    matching = [
        grant
        for grant in (grant_json(tenant, each) for each in tenant.database.read(client_grants.every))
        if all(query.get(name) in (None, grant[name]) for name in ("audience", "client_id", "subject_type"))
    ]
    return Json(page.answer("client_grants", page.slice(matching), len(matching)))


async def read(request: Request) -> Response:
    """GET /client-grants/{id}."""
    tenant = tenant_of(request)
    return Json(grant_json(tenant, tenant.database.read(_find, request)))


async def change(request: Request) -> Response:
    """PATCH /client-grants/{id}: the next token has the new scopes."""
    tenant = tenant_of(request)
    payload = await read_payload(request, ClientGrantChange)

    def work(connection: sqlite3.Connection) -> ClientGrant:
        grant = _find(connection, request)
        _refuse_own(tenant, grant)
        grant = replace(grant, settings=_settings(payload, grant.settings))
        if payload.scope is not None:
            _check_scopes(connection, grant, payload.scope)
            grant = replace(grant, scopes=tuple(dict.fromkeys(payload.scope)))
        client_grants.update(connection, grant)
        return grant

    return Json(grant_json(tenant, await tenant.database.write(work)))


async def delete(request: Request) -> Response:
    """DELETE /client-grants/{id}: 204."""
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> None:
        grant = client_grants.get(connection, request.path_params["id"])
        if grant is not None:
            _refuse_own(tenant, grant)
            client_grants.delete(connection, grant.id)

    await tenant.database.write(work)
    return Response(status_code=204)


def grant_json(tenant: Tenant, grant: ClientGrant) -> dict[str, Any]:
    """The grant as Auth0 shows it."""
    return {
        "id": grant.id,
        "client_id": grant.client_id,
        "audience": tenant.management_audience if grant.audience == MANAGEMENT else grant.audience,
        "scope": list(grant.scopes),
        "subject_type": grant.subject_type,
        **grant.settings,
    }


def _settings(payload: _Properties, held: dict[str, Any]) -> dict[str, Any]:
    if payload.allow_all_scopes:
        raise not_built("allow_all_scopes is not built in the local tenant: name the scopes.")
    content = payload.model_dump(exclude_unset=True)
    settings = held | {name: content[name] for name in _Properties.model_fields if name in content}
    return {name: value for name, value in settings.items() if value is not None}


def _check_scopes(connection: sqlite3.Connection, grant: ClientGrant, scopes: list[str]) -> None:
    """Refuse an API that does not exist, and scopes that it does not have.

    The Management API has more scopes at Auth0 than this tenant: any is accepted for it.
    """
    if grant.audience == MANAGEMENT:
        return
    server = resource_servers.get(connection, grant.audience)
    if server is None or server.identifier != grant.audience:
        raise ApiError(404, "The resource server does not exist", "inexistent_resource_server")
    unknown = [scope for scope in scopes if not server.from_start and scope not in server.scopes]
    if unknown:
        raise invalid_body(f"'Scopes that {grant.audience} does not have: {', '.join(unknown)}' on property scope.")


def _refuse_own(tenant: Tenant, grant: ClientGrant) -> None:
    if (grant.client_id, grant.audience) == (tenant.management.client_id, MANAGEMENT):
        text = "This grant is the local tenant's own: its command line uses it."
        raise ApiError(403, text, "operation_not_supported")


def _find(connection: sqlite3.Connection, request: Request) -> ClientGrant:
    grant = client_grants.get(connection, request.path_params["id"])
    if grant is None:
        raise ApiError(404, "The client grant does not exist", "inexistent_client_grant")
    return grant
