"""POST /oauth/token: the grant type decides who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.authentication.tokens.grants import (
    authorization_code,
    client_credentials,
    mfa,
    password,
    refresh_token,
)
from local_tenant.http import Json, read_parameters
from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant, tenant_of

Grant = Callable[[Tenant, Request, dict[str, Any]], Awaitable[dict[str, Any]]]

GRANTS: dict[str, Grant] = {
    "authorization_code": authorization_code.exchange,
    "client_credentials": client_credentials.exchange,
    "http://auth0.com/oauth/grant-type/password-realm": password.exchange_realm,
    "password": password.exchange,
    "refresh_token": refresh_token.exchange,
    **mfa.GRANTS,
}


async def token(request: Request) -> Response:
    """Tokens by the grant that `grant_type` names; JSON or form body.

    Raises:
        OAuthError: 400 without a grant type, 403 for an unknown one, or the grant's own errors.
    """
    parameters = await read_parameters(request)
    grant_type = parameters.get("grant_type")
    if not isinstance(grant_type, str) or not grant_type:
        raise OAuthError(400, "invalid_request", "Missing required parameter: grant_type")
    grant = GRANTS.get(grant_type)
    if grant is None:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {grant_type}")
    answer = await grant(tenant_of(request), request, parameters)
    return Json(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
