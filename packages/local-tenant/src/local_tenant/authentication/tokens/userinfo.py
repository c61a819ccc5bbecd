"""/userinfo: the user of an access token."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.profiles import oidc_claims
from local_tenant.bearer import bearer_token, claims_of
from local_tenant.http import Json, read_parameters
from local_tenant.oauth_errors import OAuthError
from local_tenant.signing import TokenError
from local_tenant.store import userinfo_claims, users
from local_tenant.tenant import Tenant, tenant_of


async def userinfo(request: Request) -> Response:
    """`{sub}`, what the token's scopes `profile` and `email` allow, and custom claims of the id token.

    OpenID Connect Core, section 5.3. That custom claims are included is documented.

    Raises:
        OAuthError: 401 `invalid_token` without a valid token of an existing user; 400 for a token that is sent twice.
    """
    tenant = tenant_of(request)
    claims = _claims(tenant, await _token(request))
    user_id, client_id = str(claims.get("sub")), str(claims.get("azp"))
    user, custom = tenant.database.read(
        lambda connection: (users.get(connection, user_id), userinfo_claims.get(connection, user_id, client_id))
    )
    if user is None:
        raise _unauthorized()
    scopes = str(claims.get("scope", "")).split()
    return Json({**oidc_claims(user, scopes), **custom, "sub": user.user_id}, headers={"Cache-Control": "no-store"})


async def _token(request: Request) -> str:
    """The token of the header, the form or the query (RFC 6750, section 2): of one of them alone.

    passport-auth0 sends it in the query.
    """
    body = await read_parameters(request) if request.method == "POST" else {}
    sent = [bearer_token(request), body.get("access_token"), *request.query_params.getlist("access_token")]
    tokens = [token for token in sent if isinstance(token, str) and token]
    if len(tokens) > 1:
        raise OAuthError(400, "invalid_request", "The access token must be sent once, in one way")
    return tokens[0] if tokens else ""


def _claims(tenant: Tenant, token: str) -> dict[str, Any]:
    try:
        return claims_of(tenant, token, tenant.userinfo_audience)
    except TokenError:
        raise _unauthorized() from None


def _unauthorized() -> OAuthError:
    return OAuthError(401, "invalid_token", "The access token is missing, expired or not good for /userinfo")
