"""Which APIs people's access tokens may be for, and with which scopes."""

from __future__ import annotations

from typing import Any

from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant

ACCESS_TOKEN_SECONDS = 86_400
ACCESS_TOKEN_SECONDS_AT_AUTHORIZE = 7_200
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
    server = tenant.resource_server(audience) if isinstance(audience, str) else None
    if server is not None:
        if server.settings["subject_type_authorization"]["user"]["policy"] == "deny_all":
            raise OAuthError(403, "access_denied", f"Users get no tokens for {audience}: its policy is deny_all")
        return server.identifier
    raise OAuthError(
        403,
        "access_denied",
        f"Service not found: {audience} (create a resource server, or start the tenant with --api {audience})",
    )


def requested_scopes(parameters: dict[str, Any]) -> tuple[str, ...]:
    """The `scope` of a request for tokens, in its order; empty without one."""
    scope = parameters.get("scope")
    return tuple(dict.fromkeys(scope.split())) if isinstance(scope, str) else ()


def granted_scopes(tenant: Tenant, audience: str | None, requested: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the requested scopes that are granted: OpenID Connect's, and those of the API.

    An API with `enforce_policies` (RBAC) grants a user the scopes of the user's roles; this tenant has no roles. One of
    `--api` has no list, so that it grants every scope.
    """
    if audience is None:
        scopes = OIDC_SCOPES
    elif audience == tenant.mfa_audience:
        scopes = OIDC_SCOPES | set(MFA_SCOPES)
    else:
        server = tenant.resource_server(audience)
        if server is None:
            scopes = OIDC_SCOPES
        elif server.from_start:
            return requested
        else:
            own = frozenset[str]() if server.settings.get("enforce_policies") else server.scopes
            refresh = frozenset[str]() if server.settings["allow_offline_access"] else {"offline_access"}
            scopes = (OIDC_SCOPES | own) - refresh
    return tuple(scope for scope in requested if scope in scopes)


def access_token_seconds(tenant: Tenant, audience: str | None, *, at_authorize: bool = False) -> int:
    """Lifetime of an access token: the API's, by default a day; minutes for the MFA API (all documented).

    `at_authorize`: of one that /authorize gives, by default two hours.
    """
    if audience == tenant.mfa_audience:
        return MFA_TOKEN_SECONDS
    server = None if audience is None else tenant.resource_server(audience)
    if server is None:
        return ACCESS_TOKEN_SECONDS_AT_AUTHORIZE if at_authorize else ACCESS_TOKEN_SECONDS
    return int(server.settings["token_lifetime_for_web" if at_authorize else "token_lifetime"])
