"""Bearer tokens of requests, checked the same way for every API of the tenant."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from local_tenant.signing import TokenError
from local_tenant.tenant import Tenant


class AudienceError(TokenError):
    """The token is for another API; the text is its `aud`."""


class IssuerError(TokenError):
    """The token is another tenant's; the text is its `iss`."""


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header (RFC 6750, section 2.1); None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def claims_of(tenant: Tenant, token: str, audience: str) -> dict[str, Any]:
    """Claims of an access token of this tenant for the API `audience`.

    Raises:
        TokenError: it is malformed, forged, expired, for another API or another tenant's, each with a class of its own.
    """
    claims = tenant.signer.read(token, tenant.clock.seconds())
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise AudienceError(str(named))
    if claims.get("iss") != tenant.issuer:
        raise IssuerError(str(claims.get("iss")))
    return claims
