"""The refresh_token grant: the Actions run for it as for a login; the reuse of a replaced token ends its family."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request

from local_tenant.accounts.clients import authenticated_client, require_grant_type
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication.tokens.issue import log_in
from local_tenant.authentication.tokens.rotation import ReusedTokenError, end_family, unknown_token, usable
from local_tenant.identifiers import hashed
from local_tenant.oauth_errors import required
from local_tenant.store import refresh_tokens, users
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import requested_scopes
from local_tenant.transactions.login import REFRESH_PROTOCOL, Login


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """`{client_id, client_secret, refresh_token, scope?, …}`: new tokens, with fewer scopes on request.

    Raises:
        OAuthError: 403 `invalid_grant` for an invalid token; `mfa_required`, or the login is refused.
    """
    client = authenticated_client(tenant, request, parameters)
    require_grant_type(client, "refresh_token")
    presented = hashed(required(parameters, "refresh_token"))
    facts = facts_of(request, parameters, client)
    try:
        token, user = tenant.database.read(_find, tenant, presented, client)
    except ReusedTokenError as error:
        await end_family(tenant, error.token, client, facts)
        raise
    scopes = requested_scopes(parameters)
    login = Login(
        user=user,
        client=client,
        facts=facts,
        protocol=REFRESH_PROTOCOL,
        scopes=tuple(scope for scope in token.scopes if not scopes or scope in scopes),
        audience=token.audience,
        methods=token.methods,
        exchanged=token,
    )
    return await log_in(tenant, login, success="sertft")


def _find(
    connection: sqlite3.Connection, tenant: Tenant, token_hash: bytes, client: Client
) -> tuple[RefreshToken, User]:
    token = usable(refresh_tokens.get(connection, token_hash), client, tenant.clock.now())
    user = users.get(connection, token.user_id)
    if user is None:
        raise unknown_token()
    return token, user
