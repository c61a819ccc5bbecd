"""Routes of the Management API: the endpoints of endpoints.py, and the answers for all other paths."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local_tenant.management.access import management_claims, require_scope
from local_tenant.management.endpoints import ENDPOINTS, STANDING, Endpoint, Handler
from local_tenant.management.errors import ApiError, not_built
from local_tenant.tenant import tenant_of


def management_routes() -> Mount:
    """Everything under /api/v2."""
    built = [
        Route(_pattern(endpoint.path), _guarded(endpoint), methods=[endpoint.method])
        for endpoint in [*ENDPOINTS, *STANDING]
    ]
    # Before those with an identifier, which would take the last word of these for one: /clients/search.
    taken = {(endpoint.method, endpoint.path) for endpoint in [*ENDPOINTS, *STANDING]}
    words = [Route(p, _others, methods=[m]) for m, p in known_endpoints() if "{" not in p and (m, p) not in taken]
    return Mount("/api/v2", routes=[*words, *built, Route("/{path:path}", _others, methods=_METHODS)])


_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _pattern(path: str) -> str:
    """The path as Starlette matches it: an API may be named by its identifier, a URL with slashes (recorded)."""
    return path.replace("{id}", "{id:path}") if path == "/resource-servers/{id}" else path


def _guarded(endpoint: Endpoint) -> Handler:
    async def handler(request: Request) -> Response:
        require_scope(management_claims(tenant_of(request), request), endpoint.scopes)
        return await endpoint.handler(request)

    return handler


async def _others(request: Request) -> Response:
    """`not_built_locally` for an endpoint that Auth0 has and this tenant has not, 404 for any other path (recorded).

    Raises:
        ApiError: always.
    """
    management_claims(tenant_of(request), request)
    path = request.url.path.removeprefix("/api/v2")
    if is_known(request.method, path):
        raise not_built(
            f"{request.method} /api/v2{path} is not built in the local tenant. "
            "`python -m local_tenant.fidelity` lists what is."
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
