"""The authorization_code grant: a code from the browser, once, for tokens."""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson
from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request

from local_tenant.accounts import log_entries
from local_tenant.accounts.clients import authenticated_client, require_grant_type
from local_tenant.accounts.entitlement import Entitlement
from local_tenant.accounts.request_facts import facts_of
from local_tenant.authentication.tokens import pkce
from local_tenant.authentication.tokens.issue import issue
from local_tenant.identifiers import hashed, new_uuid, opaque_token
from local_tenant.oauth_errors import OAuthError, required
from local_tenant.store import authorization_codes, logs, refresh_tokens, users
from local_tenant.store.authorization_codes import AuthorizationCode
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.record import blocked

LIFETIME = 10 * 60 * NANOSECONDS
GRANT_NAME = "authorization_code"


class _UsedBeforeError(Exception):
    """The code was exchanged before: its tokens may be in the wrong hands."""


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """`{code, redirect_uri, code_verifier?}` for tokens.

    A code that is sent a second time revokes the refresh tokens of the first exchange (RFC 6749, section 4.1.2).

    Raises:
        OAuthError: 403 `invalid_grant` for a code that is unknown, used, expired or another client's, and for a wrong
            verifier; 403 `unauthorized_client` for another redirect_uri (both texts quoted in public threads).
    """
    client = authenticated_client(tenant, request, parameters)
    require_grant_type(client, GRANT_NAME)
    code_hash = hashed(required(parameters, "code"))
    facts = facts_of(request, parameters, client)
    try:
        code, user = tenant.database.read(_checked, code_hash, tenant.clock.now(), client, parameters)
        family = new_uuid()

        def redeem(connection: sqlite3.Connection) -> None:
            now = tenant.clock.now()
            _checked(connection, code_hash, now, client, parameters)
            authorization_codes.redeem(connection, code_hash, now, family)

        entitlement = Entitlement.from_json(orjson.loads(code.entitlement))
        return await issue(
            tenant, entitlement, user, client, facts, first=redeem, success="seacft", refresh_family=family
        )
    except _UsedBeforeError:
        await tenant.database.write(_revoke, code_hash)
        error = _invalid_code()
    except OAuthError as refusal:
        error = refusal
    entry = log_entries.entry(tenant, "feacft", facts, client=client, description=error.description)
    await tenant.database.write(logs.add, entry)
    raise error


def new_code(
    connection: sqlite3.Connection, entitlement: Entitlement, now: int, *, redirect_uri: str, code_challenge: str | None
) -> str:
    """Store a code within the write at hand; returns it."""
    code = opaque_token()
    authorization_codes.add(
        connection,
        AuthorizationCode(
            code_hash=hashed(code),
            client_id=entitlement.client_id,
            user_id=entitlement.user_id,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
            entitlement=orjson.dumps(entitlement.to_json()).decode(),
            created_at=now,
            expires_at=now + LIFETIME,
        ),
    )
    return code


def _checked(
    connection: sqlite3.Connection, code_hash: bytes, now: int, client: Client, parameters: dict[str, Any]
) -> tuple[AuthorizationCode, User]:
    stored = authorization_codes.get(connection, code_hash)
    if stored is None or stored.client_id != client.client_id:
        raise _invalid_code()
    if stored.redeemed_at is not None:
        raise _UsedBeforeError
    if stored.expires_at <= now:
        raise _invalid_code()
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri != stored.redirect_uri:
        raise OAuthError(
            403,
            "unauthorized_client",
            f"The redirect URI is wrong. You sent {redirect_uri}, and we expected {stored.redirect_uri}",
        )
    verifier = parameters.get("code_verifier")
    # A verifier without a challenge is a client that believes itself protected, and is not (RFC 9700, section 2.1.1).
    if stored.code_challenge is None and verifier is not None:
        raise _wrong_verifier()
    if stored.code_challenge is not None and not (
        isinstance(verifier, str) and pkce.matches(verifier, stored.code_challenge)
    ):
        raise _wrong_verifier()
    user = users.get(connection, stored.user_id)
    # Their account was linked to another user meanwhile.
    if user is None:
        raise _invalid_code()
    if user.blocked:
        raise blocked(refresh=False)
    return stored, user


def _revoke(connection: sqlite3.Connection, code_hash: bytes) -> None:
    stored = authorization_codes.get(connection, code_hash)
    if stored is not None and stored.refresh_family is not None:
        refresh_tokens.revoke_family(connection, stored.refresh_family)


def _invalid_code() -> OAuthError:
    return OAuthError(403, "invalid_grant", "Invalid authorization code")


def _wrong_verifier() -> OAuthError:
    return OAuthError(403, "invalid_grant", "Failed to verify code verifier")
