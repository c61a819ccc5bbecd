"""Endpoints of Auth0's Authentication API that this tenant does not have: each answer says so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.oauth_errors import not_built

# Path and methods of each, as Auth0 documents them.
ENDPOINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/bc-authorize", ("POST",)),
    ("/co/authenticate", ("POST",)),
    ("/oauth/device/code", ("POST",)),
    ("/oauth/par", ("POST",)),
    ("/oidc/register", ("POST",)),
    ("/passkey/challenge", ("POST",)),
    ("/passkey/register", ("POST",)),
    ("/passwordless/start", ("POST",)),
    ("/passwordless/verify", ("POST",)),
    ("/samlp/{client_id}", ("GET", "POST")),
    ("/samlp/metadata/{client_id}", ("GET",)),
    ("/wsfed/{client_id}", ("GET",)),
)


async def answer(request: Request) -> Response:
    """The error for such an endpoint.

    Raises:
        OAuthError: always.
    """
    raise not_built(
        f"{request.method} {request.url.path} is not built in the local tenant. "
        "`python -m local_tenant.fidelity` lists what is."
    )
