"""The client_credentials grant: a token without a user, for the Management API or a resource server."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from local_tenant.accounts.clients import authenticated_client
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import client_grants
from local_tenant.store.resource_servers import ResourceServer
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import access_token_seconds, requested_scopes

# Auth0's default for the Management API.
LIFETIME_SECONDS = 86_400


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer `{access_token, scope, expires_in, token_type}` for `audience`, with the requested scopes or all.

    Raises:
        OAuthError: 401 for wrong credentials; 403 for no or another audience, or a client without a grant for it or
            for a scope that it asks for (quoted in public issues).
    """
    client = authenticated_client(tenant, request, parameters)
    audience = parameters.get("audience")
    if not isinstance(audience, str) or not audience:
        raise OAuthError(
            403, "access_denied", "No audience parameter was provided, and no default audience has been configured"
        )
    server = tenant.resource_server(audience)
    own = audience == tenant.management_audience
    if server is None and not own:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience}")
    # A public client proves nothing about who is calling (RFC 6749, section 4.4).
    if client.is_public or "client_credentials" not in client.grant_types:
        raise OAuthError(403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
    name = client_grants.MANAGEMENT if own else audience
    grant = tenant.database.read(client_grants.find, client.client_id, name)
    if grant is None or (server is not None and _policy(server) == "deny_all"):
        raise OAuthError(
            403,
            "access_denied",
            f'Client is not authorized to access "{audience}". '
            'You need to create a "client-grant" associated to this API.',
        )
    # The API may have lost a scope since it was granted.
    granted = [scope for scope in grant.scopes if server is None or server.from_start or scope in server.scopes]
    requested = requested_scopes(parameters)
    missing = [scope for scope in requested if scope not in granted]
    if missing:
        raise OAuthError(403, "access_denied", f"Client has not been granted scopes: {', '.join(missing)}")
    scope = " ".join(scope for scope in granted if not requested or scope in requested)
    seconds = LIFETIME_SECONDS if server is None else access_token_seconds(tenant, audience)
    now = tenant.clock.seconds()
    claims = {
        "iss": tenant.issuer,
        "sub": f"{client.client_id}@clients",
        "aud": audience,
        "iat": now,
        "exp": now + seconds,
        "scope": scope,
        "gty": "client-credentials",
        "azp": client.client_id,
    }
    return {"access_token": tenant.signer.sign(claims), "scope": scope, "expires_in": seconds, "token_type": "Bearer"}


def _policy(server: ResourceServer) -> str:
    """Which clients may have tokens: `require_client_grant`, `deny_all`."""
    return str(server.settings["subject_type_authorization"]["client"]["policy"])
