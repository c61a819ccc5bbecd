"""Refresh tokens of an answer: a new one, the next of its family, or the same as before."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from action_runtime import LifetimeChanges
from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts.entitlement import Entitlement
from local_tenant.accounts.lifetimes import device_of, earliest, used_by
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.identifiers import alphanumeric, hashed, new_uuid
from local_tenant.oauth_errors import OAuthError
from local_tenant.options import TenantOptions
from local_tenant.own_clients import ROTATING
from local_tenant.store import logs, refresh_tokens, users
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.tenant import Tenant


class ReusedTokenError(OAuthError):
    """A refresh token was exchanged a second time: one of the two senders has stolen it.

    Attributes:
        token: as it is stored.
    """

    def __init__(self, token: RefreshToken) -> None:
        """The answer does not tell a thief that it was once good."""
        super().__init__(403, "invalid_grant", "Unknown or invalid refresh token.")
        self.token = token


def unknown_token() -> OAuthError:
    """For a token that was never issued, is revoked, or has expired."""
    return OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")


def usable(token: RefreshToken | None, client: Client, now: int) -> RefreshToken:
    """The token, if this client may exchange it now: a second time too, for the client's `leeway` (documented).

    Raises:
        ReusedTokenError: it was exchanged for another one before.
        OAuthError: it is unknown, another client's, or expired.
    """
    if token is None or token.client_id != client.client_id:
        raise unknown_token()
    leeway = int(client.refresh_token.get("leeway", 0)) * NANOSECONDS
    if token.replaced_at is not None and now >= token.replaced_at + leeway:
        raise ReusedTokenError(token)
    if token.expired(now):
        raise unknown_token()
    return token


async def end_family(tenant: Tenant, token: RefreshToken, client: Client, facts: RequestFacts) -> None:
    """Revoke every token of the family: nobody can tell the thief from the user, so both have to log in again."""

    def write(connection: sqlite3.Connection) -> None:
        refresh_tokens.revoke_family(connection, token.family)
        user = users.get(connection, token.user_id)
        logs.add(connection, entry(tenant, "ferrt", facts, client=client, user=user))

    await tenant.database.write(write)


def rotates(client: Client, options: TenantOptions) -> bool:
    """Whether the client's refresh tokens are replaced when they are exchanged: by its settings or the tenant's."""
    return client.refresh_token.get("rotation_type") == "rotating" or options.refresh_token_rotation


def lifetimes(client: Client, options: TenantOptions) -> tuple[int | None, int | None]:
    """For how long its refresh tokens are valid, and for how long without an exchange; nanoseconds, None forever."""
    settings = client.refresh_token
    if settings.get("expiration_type") != "expiring":
        if not rotates(client, options):
            return None, None
        settings = ROTATING
    return _lifetime(settings, "token_lifetime"), _lifetime(settings, "idle_token_lifetime")


def _lifetime(settings: dict[str, Any], name: str) -> int | None:
    return None if settings.get(f"infinite_{name}") else int(settings[name]) * NANOSECONDS


def gives_token(entitlement: Entitlement, client: Client) -> bool:
    """Whether the answer holds a refresh token: after a login with offline_access, or for one that rotates."""
    if entitlement.exchanged is not None:
        return entitlement.exchanged_rotates
    return (
        "offline_access" in entitlement.requested_scopes
        and "offline_access" in entitlement.scopes
        and "refresh_token" in client.grant_types
    )


def store(
    connection: sqlite3.Connection,
    entitlement: Entitlement,
    facts: RequestFacts,
    token: str | None,
    now: int,
    *,
    family: str | None,
    client: Client,
    options: TenantOptions,
) -> None:
    """Store the refresh token of an answer, and use up the one that was exchanged for it.

    Args:
        connection: of the write at hand.
        entitlement: of the login that is answered.
        facts: the request.
        token: the refresh token of the answer; None when it holds none.
        now: nanoseconds since 1970.
        family: of a new token; None for one of its own.
        client: of the login.
        options: of the tenant.

    Raises:
        ReusedTokenError: the same token was exchanged by another request meanwhile.
        OAuthError: it was revoked meanwhile.
    """
    lifetime, idle_lifetime = lifetimes(client, options)
    if entitlement.exchanged is not None:
        old = usable(refresh_tokens.get(connection, bytes.fromhex(entitlement.exchanged)), client, now)
        idle_end = old.idle_expires_at if idle_lifetime is None else now + idle_lifetime
        exchanged = replace(old, last_exchanged_at=now, device=used_by(old.device, facts), idle_expires_at=idle_end)
        next_one = _changed(exchanged, entitlement.refresh)
        if token is None:
            refresh_tokens.update(connection, next_one)
        else:
            refresh_tokens.update(connection, replace(old, replaced_at=old.replaced_at or now))
            refresh_tokens.add(connection, replace(next_one, token_hash=hashed(token)), now)
    elif token is not None:
        first = RefreshToken(
            id=alphanumeric(24),
            token_hash=hashed(token),
            family=family or new_uuid(),
            user_id=entitlement.user_id,
            client_id=entitlement.client_id,
            rotating=rotates(client, options),
            scopes=entitlement.requested_scopes,
            audience=entitlement.audience,
            methods=entitlement.methods,
            session_id=entitlement.session_id,
            device=device_of(facts),
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
            idle_expires_at=None if idle_lifetime is None else now + idle_lifetime,
        )
        refresh_tokens.add(connection, _changed(first, entitlement.refresh), now)


def _changed(token: RefreshToken, changes: LifetimeChanges) -> RefreshToken:
    """The token with the Actions' changes: an end that they set counts if it is earlier."""
    return replace(
        token,
        expires_at=earliest(token.expires_at, changes.expires_at),
        idle_expires_at=earliest(token.idle_expires_at, changes.idle_expires_at),
        metadata=token.metadata if changes.metadata is None else changes.metadata,
    )
