"""Paths of the Management API, with the scopes that each accepts, and the answers for all the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local_tenant.management import actions, bindings, modules, scopes, versions
from local_tenant.management.access import management_claims, require_scope
from local_tenant.management.errors import ApiError
from local_tenant.tenant import tenant_of

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint that is built.

    Attributes:
        method: HTTP method.
        path: under /api/v2, `{name}` for an identifier.
        handler: answers it.
        scopes: any one of these is enough.
    """

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]


ENDPOINTS = [
    Endpoint("GET", "/actions/actions", actions.listing, (scopes.READ_ACTIONS,)),
    Endpoint("POST", "/actions/actions", actions.create, (scopes.CREATE_ACTIONS,)),
    Endpoint("GET", "/actions/actions/{id}", actions.read, (scopes.READ_ACTIONS,)),
    Endpoint("PATCH", "/actions/actions/{id}", actions.change, (scopes.UPDATE_ACTIONS,)),
    Endpoint("DELETE", "/actions/actions/{id}", actions.delete, (scopes.DELETE_ACTIONS,)),
    Endpoint("POST", "/actions/actions/{id}/deploy", actions.deploy, (scopes.CREATE_ACTIONS,)),
    Endpoint("GET", "/actions/actions/{id}/versions", versions.listing, (scopes.READ_ACTIONS,)),
    Endpoint("GET", "/actions/actions/{id}/versions/{version_id}", versions.read, (scopes.READ_ACTIONS,)),
    Endpoint(
        "POST",
        "/actions/actions/{id}/versions/{version_id}/deploy",
        versions.deploy,
        (scopes.CREATE_ACTIONS,),
    ),
    Endpoint("GET", "/actions/triggers", bindings.triggers, (scopes.READ_ACTIONS,)),
    Endpoint("GET", "/actions/triggers/{id}/bindings", bindings.read, (scopes.READ_ACTIONS,)),
    Endpoint("PATCH", "/actions/triggers/{id}/bindings", bindings.replace, (scopes.UPDATE_ACTIONS,)),
    Endpoint("GET", "/actions/modules", modules.listing, (scopes.READ_ACTIONS,)),
    Endpoint("POST", "/actions/modules", modules.create, (scopes.CREATE_ACTIONS,)),
    Endpoint("GET", "/actions/modules/{id}", modules.read, (scopes.READ_ACTIONS,)),
    Endpoint("PATCH", "/actions/modules/{id}", modules.change, (scopes.UPDATE_ACTIONS,)),
    Endpoint("DELETE", "/actions/modules/{id}", modules.delete, (scopes.DELETE_ACTIONS,)),
    Endpoint("GET", "/actions/modules/{id}/actions", modules.used_by, (scopes.READ_ACTIONS,)),
    Endpoint("POST", "/actions/modules/{id}/rollback", modules.rollback, (scopes.UPDATE_ACTIONS,)),
    Endpoint("GET", "/actions/modules/{id}/versions", modules.versions, (scopes.READ_ACTIONS,)),
    Endpoint("POST", "/actions/modules/{id}/versions", modules.publish, (scopes.CREATE_ACTIONS,)),
    Endpoint("GET", "/actions/modules/{id}/versions/{version_id}", modules.version, (scopes.READ_ACTIONS,)),
]


def management_routes() -> Mount:
    """Everything under /api/v2."""
    built = [Route(endpoint.path, _guarded(endpoint), methods=[endpoint.method]) for endpoint in ENDPOINTS]
    return Mount("/api/v2", routes=[*built, Route("/{path:path}", _others, methods=_METHODS)])


_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _guarded(endpoint: Endpoint) -> Handler:
    async def handler(request: Request) -> Response:
        require_scope(management_claims(tenant_of(request), request), endpoint.scopes)
        return await endpoint.handler(request)

    return handler


async def _others(request: Request) -> Response:
    """501 for an endpoint that Auth0 has and this tenant has not built, 404 for one that Auth0 has not (recorded).

    Raises:
        ApiError: always.
    """
    management_claims(tenant_of(request), request)
    path = "/" + request.path_params["path"]
    if is_known(request.method, path):
        raise ApiError(
            501,
            f"{request.method} /api/v2{path} is not built in the local tenant. See docs/fidelity.md for what is.",
            "not_built_locally",
        )
    raise ApiError(404, "Not Found")


def is_known(method: str, path: str) -> bool:
    """Whether Auth0 documents an endpoint of this method and path (under /api/v2)."""
    parts = path.split("/")
    return any(
        len(parts) == len(known) and all(mine in ("{}", theirs) for mine, theirs in zip(known, parts, strict=True))
        for known in _known_endpoints().get(method, ())
    )


@cache
def _known_endpoints() -> dict[str, list[list[str]]]:
    text = (files("local_tenant.management") / "known_endpoints.txt").read_text()
    known: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            method, _, path = line.partition(" ")
            known.setdefault(method, []).append(path.split("/"))
    return known
