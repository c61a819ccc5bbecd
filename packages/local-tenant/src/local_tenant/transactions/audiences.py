"""Which APIs people's access tokens may be for, and with which scopes."""

from __future__ import annotations

from typing import Any

from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant

ACCESS_TOKEN_SECONDS = 86_400
MFA_TOKEN_SECONDS = 10 * 60

# Of the MFA API.
ENROLL = "enroll"
READ_AUTHENTICATORS = "read:authenticators"
REMOVE_AUTHENTICATORS = "remove:authenticators"
MFA_SCOPES = (ENROLL, READ_AUTHENTICATORS, REMOVE_AUTHENTICATORS)

# What a password login gets that asks for no scope.
DEFAULT_SCOPES = ("openid", "profile", "email", "address", "phone")
OIDC_SCOPES = frozenset({*DEFAULT_SCOPES, "offline_access"})


def requested_audience(tenant: Tenant, parameters: dict[str, Any]) -> str | None:
    """The `audience` of a request for tokens; None for /userinfo alone.

    Raises:
        OAuthError: 403 for an API that the tenant does not have, or that people get no tokens for.
    """
    audience = parameters.get("audience")
    if audience in (None, "", tenant.userinfo_audience):
        return None
    if audience == tenant.mfa_audience:
        return tenant.mfa_audience
    if audience == tenant.management_audience:
        raise OAuthError(
            403,
            "access_denied",
            f"Service not enabled within domain: {audience}: users get no token for it in the local tenant",
        )
    if audience in tenant.options.apis:
        return str(audience)
    raise OAuthError(
        403,
        "access_denied",
        f"Service not found: {audience} (start the tenant with --api {audience})",
    )


def requested_scopes(parameters: dict[str, Any]) -> tuple[str, ...]:
    """The `scope` of a request for tokens, in its order; empty without one."""
    scope = parameters.get("scope")
    return tuple(dict.fromkeys(scope.split())) if isinstance(scope, str) else ()


def granted_scopes(tenant: Tenant, audience: str | None, requested: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the requested scopes that are granted.

    The tenant does not know which scopes an API has, so that it grants them all; without an API there are those of
    OpenID Connect alone.
    """
    if audience == tenant.mfa_audience:
        scopes = OIDC_SCOPES | set(MFA_SCOPES)
    elif audience is None:
        scopes = OIDC_SCOPES
    else:
        return requested
    return tuple(scope for scope in requested if scope in scopes)


def access_token_seconds(tenant: Tenant, audience: str | None) -> int:
    """Lifetime of an access token: a day by default, minutes for the MFA API (both documented)."""
    return MFA_TOKEN_SECONDS if audience == tenant.mfa_audience else ACCESS_TOKEN_SECONDS
