"""POST /oauth/revoke: revoking a refresh token (RFC 7009)."""

from __future__ import annotations

import sqlite3

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.clients import authenticated_client
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.request_facts import facts_of
from local_tenant.http import read_parameters
from local_tenant.identifiers import hashed
from local_tenant.oauth_errors import required
from local_tenant.store import logs, refresh_tokens, users
from local_tenant.tenant import tenant_of


async def revoke(request: Request) -> Response:
    """`{client_id, client_secret, token}`: 200 with an empty body, for an unknown token too.

    All tokens of its family are revoked with it.

    Raises:
        OAuthError: 400 without a token, 401 for wrong client credentials.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    client = authenticated_client(tenant, request, parameters)
    token_hash = hashed(required(parameters, "token"))
    facts = facts_of(request, parameters, client)

    def write(connection: sqlite3.Connection) -> None:
        token = refresh_tokens.get(connection, token_hash)
        if token is None or token.client_id != client.client_id:
            return
        refresh_tokens.revoke_family(connection, token.family)
        user = users.get(connection, token.user_id)
        logs.add(connection, entry(tenant, "srrt", facts, client=client, user=user))

    await tenant.database.write(write)
    return Response(status_code=200)
