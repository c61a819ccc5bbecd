"""The client_credentials grant: a token for the Management API."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from local_tenant.accounts.clients import authenticated_client
from local_tenant.oauth_errors import OAuthError
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import requested_scopes

# Auth0's default for the Management API.
LIFETIME_SECONDS = 86_400


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer `{access_token, scope, expires_in, token_type}` for `audience`, with the requested scopes or all.

    Raises:
        OAuthError: 401 for wrong credentials; 403 for no or another audience, or a client without a grant for it.
    """
    client = authenticated_client(tenant, request, parameters)
    audience = parameters.get("audience")
    if not isinstance(audience, str) or not audience:
        raise OAuthError(
            403,
            "access_denied",
            "No audience parameter was provided, and no default audience has been configured",
        )
    if audience != tenant.management_audience:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience}")
    # A public client proves nothing about who is calling (RFC 6749, section 4.4).
    if client.is_public or "client_credentials" not in client.grant_types:
        raise OAuthError(
            403,
            "unauthorized_client",
            "Grant type 'client_credentials' not allowed for the client.",
        )
    if not client.management_scopes:
        raise OAuthError(
            403,
            "access_denied",
            f'Client is not authorized to access "{audience}". '
            'You need to create a "client-grant" associated to this API.',
        )
    requested = set(requested_scopes(parameters)) or client.management_scopes
    scope = " ".join(sorted(requested & client.management_scopes))
    now = tenant.clock.seconds()
    claims = {
        "iss": tenant.issuer,
        "sub": f"{client.client_id}@clients",
        "aud": tenant.management_audience,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "scope": scope,
        "gty": "client-credentials",
        "azp": client.client_id,
    }
    return {
        "access_token": tenant.signer.sign(claims),
        "scope": scope,
        "expires_in": LIFETIME_SECONDS,
        "token_type": "Bearer",
    }
