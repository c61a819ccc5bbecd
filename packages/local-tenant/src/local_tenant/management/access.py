"""Checks of a request's bearer token: signature, expiry, audience and scope."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from local_tenant.bearer import AudienceError, IssuerError, bearer_token, claims_of
from local_tenant.management.errors import ApiError, UnauthorizedError
from local_tenant.signing import ExpiredTokenError, MalformedTokenError, SignatureError
from local_tenant.tenant import Tenant, tenant_of


def management_claims(tenant: Tenant, request: Request) -> dict[str, Any]:
    """Claims of the request's token, once it is known to be for this tenant's Management API.

    Raises:
        ApiError: 400 for a header that holds no bearer token; 401 for none, or one that is malformed, forged, expired
            or made for another audience.
    """
    if "authorization" not in request.headers:
        raise UnauthorizedError("Missing authentication")
    token = bearer_token(request)
    if token is None or token.count(".") != 2:  # noqa: PLR2004 - a compact JWS has three parts
        raise ApiError(400, "Bad HTTP authentication header format", "Bearer")
    try:
        return claims_of(tenant, token, tenant.management_audience)
    except AudienceError as error:
        raise UnauthorizedError(f"Bad audience: {error}") from None
    except IssuerError as error:
        raise UnauthorizedError(f"Bad issuer: {error}") from None
    except ExpiredTokenError:
        raise UnauthorizedError("Expired token received for JSON Web Token validation") from None
    except SignatureError:
        raise UnauthorizedError("Invalid signature received for JSON Web Token validation") from None
    except MalformedTokenError:
        raise UnauthorizedError("Invalid token") from None


def authorised(request: Request) -> Tenant:
    """The tenant, once the request has proved a token of any scope.

    Raises:
        ApiError: 400 or 401, as `management_claims`.
    """
    tenant = tenant_of(request)
    management_claims(tenant, request)
    return tenant


def require_scope(claims: dict[str, Any], accepted: tuple[str, ...]) -> None:
    """Check that the token has one of the accepted scopes.

    Raises:
        ApiError: 403 `insufficient_scope`, naming them.
    """
    if _scopes(claims).isdisjoint(accepted):
        raise ApiError(403, f"Insufficient scope, expected any of: {','.join(accepted)}", "insufficient_scope")


def scopes_of(tenant: Tenant, request: Request) -> frozenset[str]:
    """Scopes of the request's token, where an answer depends on more than one.

    Raises:
        ApiError: as `management_claims`.
    """
    return _scopes(management_claims(tenant, request))


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    scope = claims.get("scope")
    return frozenset(scope.split()) if isinstance(scope, str) else frozenset()
