"""The grants password and password-realm: user name and password in, tokens or an mfa_token out."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from local_tenant.accounts.clients import authenticated_client, require_grant_type
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.password_check import check_password
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication.tokens.issue import log_in
from local_tenant.oauth_errors import OAuthError, required
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import DEFAULT_SCOPES, requested_audience, requested_scopes
from local_tenant.transactions.login import PASSWORD_PROTOCOL, Login


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """`{client_id, client_secret, username, password, scope?, audience?, …}`; the tenant's default directory."""
    return await _exchange(tenant, request, parameters, "password")


async def exchange_realm(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """The same with `realm`: the connection.

    Raises:
        OAuthError: 400 without it or for a connection that does not exist (a guess), or as `exchange`.
    """
    realm = required(parameters, "realm")
    if realm != DATABASE_CONNECTION:
        raise OAuthError(400, "invalid_request", f"Unknown or invalid realm: {realm}. There is {DATABASE_CONNECTION}.")
    return await _exchange(tenant, request, parameters, "password-realm")


async def _exchange(tenant: Tenant, request: Request, parameters: dict[str, Any], grant_type: str) -> dict[str, Any]:
    client = authenticated_client(tenant, request, parameters)
    require_grant_type(client, grant_type)
    username, password = required(parameters, "username"), required(parameters, "password")
    audience = requested_audience(tenant, parameters)
    facts = facts_of(request, parameters, client)
    user = await check_password(tenant, username=username, password=password, client=client, facts=facts)
    login = Login(
        user=user,
        client=client,
        facts=facts,
        protocol=PASSWORD_PROTOCOL,
        scopes=requested_scopes(parameters) or DEFAULT_SCOPES,
        audience=audience,
        methods=({"name": "pwd", "timestamp": time_text(tenant.clock.now())},),
    )
    return await log_in(tenant, login, success="sepft")
