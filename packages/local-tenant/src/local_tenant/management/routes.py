"""Paths of the Management API, with the scopes that each accepts, and the answers for all the others."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local_tenant import scopes
from local_tenant.basis import Basis
from local_tenant.management import actions, authentication_methods, bindings, executions, modules, versions
from local_tenant.management.access import management_claims, require_scope
from local_tenant.management.endpoints import Endpoint, Handler
from local_tenant.management.errors import ApiError
from local_tenant.management.user_endpoints import USER_ENDPOINTS
from local_tenant.tenant import tenant_of

RECORDED = Basis.RECORDED
DOCUMENTED = Basis.DOCUMENTED
GUESS = Basis.GUESS


_READ = (scopes.READ_ACTIONS,)
_CREATE = (scopes.CREATE_ACTIONS,)
_UPDATE = (scopes.UPDATE_ACTIONS,)
_DELETE = (scopes.DELETE_ACTIONS,)

_READ_FACTORS = (scopes.READ_AUTHENTICATION_METHODS,)
_DELETE_FACTORS = (scopes.DELETE_AUTHENTICATION_METHODS,)

_ACTION = "/actions/actions/{id}"
_VERSION = "/actions/actions/{id}/versions/{version_id}"
_BINDINGS = "/actions/triggers/{id}/bindings"
_MODULE = "/actions/modules/{id}"
_FACTORS = "/users/{id}/authentication-methods"
_FACTOR = "/users/{id}/authentication-methods/{method_id}"

ENDPOINTS = [
    Endpoint("GET", "/actions/actions", actions.listing, _READ, RECORDED, "filters documented; order a guess"),
    Endpoint("POST", "/actions/actions", actions.create, _CREATE, RECORDED, "limits documented, their texts guesses"),
    Endpoint("GET", _ACTION, actions.read, _READ, RECORDED),
    Endpoint("PATCH", _ACTION, actions.change, _UPDATE, RECORDED, "limits documented, their texts guesses"),
    Endpoint("DELETE", _ACTION, actions.delete, _DELETE, RECORDED, "the 409 and `force` documented"),
    Endpoint(
        "POST", _ACTION + "/deploy", actions.deploy, _CREATE, RECORDED, "the 400 for a draft not built documented"
    ),
    Endpoint("GET", _ACTION + "/versions", versions.listing, _READ, RECORDED, "order a guess; 50 kept documented"),
    Endpoint("GET", _VERSION, versions.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("POST", _VERSION + "/deploy", versions.deploy, _CREATE, RECORDED, "`update_draft` documented"),
    Endpoint(
        "POST", _ACTION + "/test", executions.test, _CREATE, RECORDED, "contents of `payload` and `stats` guesses"
    ),
    Endpoint("GET", "/actions/executions/{id}", executions.read, _READ, DOCUMENTED, "the 404 recorded"),
    Endpoint("GET", "/actions/triggers", bindings.triggers, _READ, RECORDED),
    Endpoint("GET", _BINDINGS, bindings.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("PATCH", _BINDINGS, bindings.replace, _UPDATE, RECORDED, "the 400s documented; `ref` `binding_id` too"),
    Endpoint("GET", "/actions/modules", modules.listing, _READ, RECORDED),
    Endpoint("POST", "/actions/modules", modules.create, _CREATE, RECORDED, "`publish` and the 409 documented"),
    Endpoint("GET", _MODULE, modules.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("PATCH", _MODULE, modules.change, _UPDATE, RECORDED),
    Endpoint("DELETE", _MODULE, modules.delete, _DELETE, RECORDED, "the 412 documented, its text a guess"),
    Endpoint("GET", _MODULE + "/actions", modules.used_by, _READ, RECORDED, "which Actions count: documented"),
    Endpoint("POST", _MODULE + "/rollback", modules.rollback, _UPDATE, DOCUMENTED, "its scope a guess"),
    Endpoint("GET", _MODULE + "/versions", modules.versions, _READ, RECORDED),
    Endpoint("POST", _MODULE + "/versions", modules.publish, _CREATE, RECORDED),
    Endpoint("GET", _MODULE + "/versions/{version_id}", modules.version, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("GET", _FACTORS, authentication_methods.listing, _READ_FACTORS, DOCUMENTED, "with `include_totals` too"),
    Endpoint("DELETE", _FACTORS, authentication_methods.delete_all, _DELETE_FACTORS, DOCUMENTED),
    Endpoint("GET", _FACTOR, authentication_methods.read, _READ_FACTORS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint("DELETE", _FACTOR, authentication_methods.delete, _DELETE_FACTORS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint(
        "GET",
        "/users/{id}/enrollments",
        authentication_methods.enrollments,
        (scopes.READ_USERS,),
        DOCUMENTED,
        "values of `type` and `id` guesses",
    ),
    Endpoint(
        "DELETE",
        "/users/{id}/authenticators",
        authentication_methods.delete_all,
        (scopes.DELETE_GUARDIAN_ENROLLMENTS,),
        DOCUMENTED,
    ),
    *USER_ENDPOINTS,
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
        known_method == method
        and len(parts) == len(known)
        and all(mine == theirs or (mine == "{}" and theirs) for mine, theirs in zip(known, parts, strict=True))
        for known_method, known in _known_parts()
    )


@cache
def known_endpoints() -> tuple[tuple[str, str], ...]:
    """Method and path of every endpoint that Auth0 documents, `{}` for an identifier."""
    text = (files("local_tenant.management") / "known_endpoints.txt").read_text()
    lines = [line.partition(" ") for line in text.splitlines() if not line.startswith("#")]
    return tuple((method, path) for method, _, path in lines)


@cache
def _known_parts() -> tuple[tuple[str, list[str]], ...]:
    return tuple((method, path.split("/")) for method, path in known_endpoints())
