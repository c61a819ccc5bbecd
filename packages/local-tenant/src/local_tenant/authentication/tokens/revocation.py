"""POST /oauth/revoke: a refresh token is worth nothing any more (RFC 7009)."""

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
    """`{client_id, client_secret, token}`: 200 with an empty body, for a token that nobody knows too.

    All tokens of its family go with it: those before and after it by rotation.

    Raises:
        OAuthError: 400 without a token, 401 for wrong client credentials.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    client = authenticated_client(tenant, request, parameters)
    token_hash = hashed(required(parameters, "token"))
    facts = facts_of(request, parameters, client)

    def write(connection: sqlite3.Connection) -> None:
        found = refresh_tokens.get(connection, token_hash)
        if found is None or found.client_id != client.client_id:
            return
        refresh_tokens.revoke_family(connection, found.family)
        user = users.get(connection, found.user_id)
        logs.add(connection, entry(tenant, "srrt", facts, client=client, user=user))

    await tenant.database.write(write)
    return Response(status_code=200)
