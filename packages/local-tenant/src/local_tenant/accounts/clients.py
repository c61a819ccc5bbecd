"""Who is calling: client authentication by HTTP Basic, by the body or by an assertion, as `/oauth/token` takes each.

A public client has no secret and is identified by its id alone. That proves nothing: where a secret is needed, its
grants, PKCE and `Client.is_public` exclude it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request

from local_tenant.accounts.client_assertions import asserted_client
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant


def authenticated_client(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> Client:
    """The client whose id and secret, or whose assertion, came with the request; a public client sends none.

    One that sends a secret all the same is misconfigured, and is refused.

    Raises:
        OAuthError: 401 `access_denied`, `Unauthorized`, for an unknown client as for a
            wrong secret. 400 when there is no client id at all.
    """
    if "client_assertion" in parameters or "client_assertion_type" in parameters:
        return asserted_client(tenant, parameters)
    client_id, client_secret = _basic(request) or (parameters.get("client_id"), parameters.get("client_secret"))
    if not isinstance(client_id, str) or not client_id:
        raise OAuthError(400, "invalid_request", "Missing required parameter: client_id")
    client = tenant.client(client_id)
    secret = client.client_secret if client and not client.is_public else ""
    sent = "" if client_secret is None else client_secret
    # Compared even for an unknown client, so that the time taken does not reveal which ids exist.
    matches = isinstance(sent, str) and hmac.compare_digest(secret.encode(), sent.encode())
    if client is None or not matches or client.key_ids is not None:
        raise OAuthError(401, "access_denied", "Unauthorized")
    return client


def require_grant_type(client: Client, grant_type: str) -> None:
    """Check that the client may use a grant, named in Auth0's short form.

    Raises:
        OAuthError: 403 `unauthorized_client`.
    """
    if grant_type not in client.grant_types:
        raise OAuthError(403, "unauthorized_client", f"Grant type '{grant_type}' not allowed for the client.")


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthError(401, "access_denied", "Unauthorized") from None
    # RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(client_id), unquote_plus(client_secret)
