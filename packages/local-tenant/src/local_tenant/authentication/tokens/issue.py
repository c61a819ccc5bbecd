"""How the token endpoint answers a login: with tokens, or with an mfa_token.

Tokens are signed in a thread while the one database write of the request is under way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from local_tenant.accounts import second_factors
from local_tenant.accounts.entitlement import Entitlement
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.profiles import oidc_claims
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.authentication.mfa import callers
from local_tenant.authentication.tokens import rotation
from local_tenant.identifiers import hashed, opaque_token
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import logs, mfa_transactions, userinfo_claims
from local_tenant.store.clients import Client
from local_tenant.store.executions import log_details
from local_tenant.store.mfa_transactions import MfaTransaction
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import access_token_seconds
from local_tenant.transactions.login import PASSWORD_PROTOCOL, Login
from local_tenant.transactions.outcome import Challenged, Passed
from local_tenant.transactions.post_login import post_login

# Quoted in public issues.
ACR_MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"

# Names that Auth0 reserves: a custom claim of such a name is left out silently (documented).
_RESERVED = """
    acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest
    entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce
    object_id org_id org_name orig origid permissions roles rph s_hash scope sid sip_callid sip_cseq_num sip_date
    sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256
"""
RESERVED_CLAIMS = frozenset(_RESERVED.split())


async def log_in(tenant: Tenant, login: Login, *, success: str) -> dict[str, Any]:
    """Run the post-login transaction and answer it; `success` is the log type of the exchange.

    Raises:
        OAuthError: 403 `mfa_required`, or the login is refused.
    """
    async with post_login(tenant, login) as outcome:
        return await answer(tenant, outcome, success=success)


async def answer(tenant: Tenant, outcome: Passed | Challenged, *, success: str) -> dict[str, Any]:
    """The answer to a login, stored in one write.

    Raises:
        OAuthError: 403 `mfa_required` with an `mfa_token`, or the record cannot be written.
    """
    login = outcome.login
    if isinstance(outcome, Passed):
        execution = outcome.record.execution
        return await issue(
            tenant,
            outcome.entitlement,
            login.user,
            login.client,
            login.facts,
            first=outcome.record.write,
            success=success,
            execution_id=execution.execution_id if execution else None,
        )
    token, now = opaque_token(), tenant.clock.now()
    transaction = MfaTransaction(
        token_hash=hashed(token),
        client_id=login.client.client_id,
        user_id=login.user.user_id,
        pending=outcome.pending,
        created_at=now,
        expires_at=now + callers.TOKEN_LIFETIME,
    )

    def write(connection: sqlite3.Connection) -> dict[str, list[dict[str, str]]]:
        outcome.record_until(transaction.expires_at).write(connection)
        mfa_transactions.add(connection, transaction)
        return second_factors.requirements(connection, login.user.user_id)

    requirements = await tenant.database.write(write)
    raise OAuthError(
        403, "mfa_required", "Multifactor authentication required", mfa_token=token, mfa_requirements=requirements
    )


async def issue(
    tenant: Tenant,
    entitlement: Entitlement,
    user: User,
    client: Client,
    facts: RequestFacts,
    *,
    first: Callable[[sqlite3.Connection], object],
    success: str,
    execution_id: str | None = None,
    refresh_family: str | None = None,
) -> dict[str, Any]:
    """The answer of the token endpoint: `{access_token, id_token?, refresh_token?, scope, expires_in, token_type}`.

    `first` is the caller's part of the one write; `success` is the type of the log entry for the exchange;
    `execution_id` is that of the Actions that ran for it; `refresh_family` is the family of a new refresh token, by
    default one of its own.

    Raises:
        OAuthError: from `first`, or the refresh token that is being exchanged is no longer valid.
    """
    refresh_token = opaque_token() if rotation.gives_token(entitlement, client) else None
    log_entry = entry(tenant, success, facts, client=client, user=user, details=log_details(execution_id))

    def write(connection: sqlite3.Connection) -> None:
        first(connection)
        rotation.store(
            connection,
            entitlement,
            facts,
            refresh_token,
            tenant.clock.now(),
            family=refresh_family,
            client=client,
            options=tenant.options,
        )
        claims = custom_claims(entitlement.id_token_claims)
        userinfo_claims.put(connection, entitlement.user_id, entitlement.client_id, claims)
        logs.add(connection, log_entry)

    seconds = access_token_seconds(tenant, entitlement.audience)
    signing = asyncio.get_running_loop().run_in_executor(
        tenant.workers, _sign, tenant, entitlement, user, seconds, client.id_token_seconds
    )
    try:
        await tenant.database.write(write)
    except BaseException as error:
        signing.cancel()
        if isinstance(error, rotation.ReusedTokenError):
            await rotation.end_family(tenant, error.token, client, facts)
        raise
    access_token, id_token = await signing
    tokens = {"access_token": access_token, "id_token": id_token, "refresh_token": refresh_token}
    return {
        **{name: token for name, token in tokens.items() if token is not None},
        "scope": " ".join(entitlement.scopes),
        "expires_in": seconds,
        "token_type": "Bearer",
    }


def _sign(
    tenant: Tenant, entitlement: Entitlement, user: User, access_token_lifetime: int, id_token_lifetime: int
) -> tuple[str, str | None]:
    now = tenant.clock.seconds()
    access_token = tenant.signer.sign(access_token_claims(tenant, entitlement, now, access_token_lifetime))
    if "openid" not in entitlement.requested_scopes or "openid" not in entitlement.scopes:
        return access_token, None
    return access_token, tenant.signer.sign(id_token_claims(tenant, entitlement, user, now, id_token_lifetime))


def access_token_claims(tenant: Tenant, entitlement: Entitlement, now: int, lifetime: int) -> dict[str, Any]:
    """Claims of the access token.

    Without an audience Auth0 gives an opaque token for /userinfo; here it is a JWT for the same, so that a test can
    read it. No client may rely on either.
    """
    userinfo = tenant.userinfo_audience
    audience: str | list[str] = userinfo
    if entitlement.audience is not None:
        audience = [entitlement.audience, userinfo] if "openid" in entitlement.scopes else entitlement.audience
    claims = {
        **custom_claims(entitlement.access_token_claims),
        "iss": tenant.issuer,
        "sub": entitlement.user_id,
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "scope": " ".join(entitlement.scopes),
        "azp": entitlement.client_id,
    }
    if entitlement.protocol == PASSWORD_PROTOCOL:
        claims["gty"] = "password"
    if entitlement.audience == tenant.mfa_audience:
        claims["jti"] = callers.token_id(tenant.clock.now())
    return claims


def id_token_claims(tenant: Tenant, entitlement: Entitlement, user: User, now: int, lifetime: int) -> dict[str, Any]:
    """Claims of the id token (OpenID Connect Core, section 2).

    `amr` and `acr` say that the user proved a factor in this login, on the tenant's pages (documented).
    """
    claims = {
        **oidc_claims(user, entitlement.scopes),
        **custom_claims(entitlement.id_token_claims),
        "iss": tenant.issuer,
        "sub": entitlement.user_id,
        "aud": entitlement.client_id,
        "iat": now,
        "exp": now + lifetime,
    }
    if entitlement.nonce is not None:
        claims["nonce"] = entitlement.nonce
    if entitlement.session_id is not None:
        claims["sid"] = entitlement.session_id
    if entitlement.shows_auth_time:
        claims["auth_time"] = entitlement.authenticated_at
    if entitlement.factor_proved and entitlement.session_id is not None:
        claims |= {"amr": ["mfa"], "acr": ACR_MULTI_FACTOR}
    return claims


def custom_claims(claims: dict[str, Any]) -> dict[str, Any]:
    """Those claims that an Action may set."""
    return {name: value for name, value in claims.items() if name not in RESERVED_CLAIMS}
