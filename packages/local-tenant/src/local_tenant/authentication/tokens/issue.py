"""Tokens for a passed login: signed in a thread while the one database write of the request is under way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from local_tenant.accounts.entitlement import Grant
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.profiles import oidc_claims
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.authentication.tokens.reserved_claims import RESERVED_CLAIMS
from local_tenant.authentication.tokens.rotation import Exchange, gives_token, rotates
from local_tenant.identifiers import opaque_token
from local_tenant.store import logs, userinfo_claims
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import access_token_seconds, userinfo_audience
from local_tenant.transactions.login import PASSWORD_PROTOCOL

# Auth0's default (documented).
ID_TOKEN_SECONDS = 36_000


async def issue(
    tenant: Tenant,
    grant: Grant,
    user: User,
    client: Client,
    facts: RequestFacts,
    *,
    work: Callable[[sqlite3.Connection], object],
    success: str,
    refresh_family: str | None = None,
) -> dict[str, Any]:
    """The answer of the token endpoint: `{access_token, id_token?, refresh_token?, scope, expires_in, token_type}`.

    `work` is the caller's part of the one write (first of all the login's `record`); `success` is the type of the log
    entry for the exchange; `refresh_family` is the family that a new refresh token gets, by default one of its own.

    Raises:
        OAuthError: whatever `work` raises, or the refresh token that is being exchanged is worth nothing any more.
    """
    refresh_token = opaque_token() if gives_token(grant, client) else None
    exchange = Exchange(grant, facts, refresh_token, refresh_family, tenant.clock.now())
    kept_entry = entry(tenant, success, facts, client=client, user=user)

    def write(connection: sqlite3.Connection) -> None:
        work(connection)
        exchange.keep(connection, rotating=rotates(client, tenant.options))
        userinfo_claims.put(connection, grant.user_id, grant.client_id, custom_claims(grant.id_token_claims))
        logs.add(connection, kept_entry)

    signing = asyncio.get_running_loop().run_in_executor(tenant.workers, _sign, tenant, grant, user)
    try:
        await tenant.database.write(write)
    except BaseException:
        signing.cancel()
        raise
    access_token, id_token = await signing
    answer: dict[str, Any] = {"access_token": access_token}
    if id_token is not None:
        answer["id_token"] = id_token
    if refresh_token is not None:
        answer["refresh_token"] = refresh_token
    return {
        **answer,
        "scope": " ".join(grant.scopes),
        "expires_in": access_token_seconds(tenant, grant.audience),
        "token_type": "Bearer",
    }


def _sign(tenant: Tenant, grant: Grant, user: User) -> tuple[str, str | None]:
    now = tenant.clock.seconds()
    access_token = tenant.signer.sign(access_token_claims(tenant, grant, now))
    wants_id_token = "openid" in grant.requested_scopes and "openid" in grant.scopes
    return access_token, tenant.signer.sign(id_token_claims(tenant, grant, user, now)) if wants_id_token else None


def access_token_claims(tenant: Tenant, grant: Grant, now: int) -> dict[str, Any]:
    """Claims of the access token.

    Without an audience Auth0 gives an opaque token for /userinfo; here it is a JWT for the same, so that whoever tests
    can read it. No client may rely on either.
    """
    userinfo = userinfo_audience(tenant)
    audience: str | list[str] = userinfo
    if grant.audience is not None:
        audience = [grant.audience, userinfo] if "openid" in grant.scopes else grant.audience
    claims = {
        **custom_claims(grant.access_token_claims),
        "iss": tenant.issuer,
        "sub": grant.user_id,
        "aud": audience,
        "iat": now,
        "exp": now + access_token_seconds(tenant, grant.audience),
        "scope": " ".join(grant.scopes),
        "azp": grant.client_id,
    }
    if grant.protocol == PASSWORD_PROTOCOL:
        claims["gty"] = "password"
    return claims


def id_token_claims(tenant: Tenant, grant: Grant, user: User, now: int) -> dict[str, Any]:
    """Claims of the id token (OpenID Connect Core, section 2); `amr` names MFA where it took place, as Auth0's does."""
    claims = {
        **oidc_claims(user, grant.scopes),
        **custom_claims(grant.id_token_claims),
        "iss": tenant.issuer,
        "sub": grant.user_id,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
    }
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    if grant.session_id is not None:
        claims["sid"] = grant.session_id
    if grant.shows_auth_time:
        claims["auth_time"] = grant.authenticated_at
    if any(method["name"] == "mfa" for method in grant.methods):
        claims["amr"] = ["mfa"]
    return claims


def custom_claims(claims: dict[str, Any]) -> dict[str, Any]:
    """Those claims that an Action may set."""
    return {name: value for name, value in claims.items() if name not in RESERVED_CLAIMS}
