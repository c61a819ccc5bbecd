"""GET /userinfo: the user of an access token."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.profiles import oidc_claims
from local_tenant.bearer import bearer_token, claims_of
from local_tenant.http import Json
from local_tenant.oauth_errors import OAuthError
from local_tenant.signing import TokenError
from local_tenant.store import userinfo_claims, users
from local_tenant.tenant import Tenant, tenant_of


async def userinfo(request: Request) -> Response:
    """`{sub}`, what the token's scopes `profile` and `email` allow, and custom claims of the id token.

    OpenID Connect Core, section 5.3. That custom claims are included is documented.

    Raises:
        OAuthError: 401 `invalid_token` without a valid token of an existing user.
    """
    tenant = tenant_of(request)
    claims = _claims(tenant, request)
    user_id, client_id = str(claims.get("sub")), str(claims.get("azp"))
    user, custom = tenant.database.read(
        lambda connection: (users.get(connection, user_id), userinfo_claims.get(connection, user_id, client_id)),
    )
    if user is None:
        raise _unauthorized()
    scopes = str(claims.get("scope", "")).split()
    return Json({**oidc_claims(user, scopes), **custom, "sub": user.user_id})


def _claims(tenant: Tenant, request: Request) -> dict[str, Any]:
    try:
        return claims_of(tenant, bearer_token(request) or "", tenant.userinfo_audience)
    except TokenError:
        raise _unauthorized() from None


def _unauthorized() -> OAuthError:
    return OAuthError(401, "invalid_token", "The access token is missing, expired or not good for /userinfo")
