"""Which refresh token a login leaves: a new one, the next of its family, or the same as before."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts.entitlement import Grant, LifetimeTerms
from local_tenant.accounts.lifetimes import device_of, earliest, used_by
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.identifiers import alphanumeric, hashed, new_uuid
from local_tenant.metadata import merged
from local_tenant.oauth_errors import OAuthError
from local_tenant.options import TenantOptions
from local_tenant.store import refresh_tokens
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken

# Auth0's defaults for rotating tokens (documented); one that does not rotate has no end by default.
ROTATING_LIFETIME = 2_592_000 * NANOSECONDS
ROTATING_IDLE_LIFETIME = 1_296_000 * NANOSECONDS


class ReusedTokenError(OAuthError):
    """A refresh token came a second time: whoever sent it, or the one before, has stolen it.

    Attributes:
        token: what is kept of it.
    """

    def __init__(self, token: RefreshToken) -> None:
        """The answer does not tell a thief that it was once good."""
        super().__init__(403, "invalid_grant", "Unknown or invalid refresh token.")
        self.token = token


def unknown_token() -> OAuthError:
    """For a token that was never given, is revoked, or has expired."""
    return OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")


def usable(token: RefreshToken | None, client_id: str, now: int) -> RefreshToken:
    """The token, once it is known that this client may exchange it now.

    Raises:
        ReusedTokenError: it was exchanged for another one before.
        OAuthError: it is not known, not this client's, or expired.
    """
    if token is None or token.client_id != client_id:
        raise unknown_token()
    if token.replaced_at is not None:
        raise ReusedTokenError(token)
    if token.expired(now):
        raise unknown_token()
    return token


def rotates(client: Client, options: TenantOptions) -> bool:
    """Whether the client's refresh tokens are replaced when they are exchanged.

    Those of a client without a secret always are: nothing else would tell that one was stolen (RFC 9700, section
    4.14.2; the default of Auth0's single page applications).
    """
    return client.is_public or options.refresh_token_rotation


def gives_token(grant: Grant, client: Client) -> bool:
    """Whether the answer holds a refresh token: after a login with offline_access, or for one that rotates."""
    if grant.exchanged is not None:
        return grant.exchanged_rotates
    return (
        "offline_access" in grant.requested_scopes
        and "offline_access" in grant.scopes
        and "refresh_token" in client.grant_types
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is to be kept when a grant is answered with tokens.

    Attributes:
        grant: what the login was good for.
        facts: the request that is answered.
        token: the refresh token of the answer; None when it holds none.
        family: of a new token; None for one of its own.
        now: nanoseconds since 1970.
    """

    grant: Grant
    facts: RequestFacts
    token: str | None
    family: str | None
    now: int

    def keep(self, connection: sqlite3.Connection, *, rotating: bool) -> None:
        """Keep what the answer gives, and use up what was exchanged for it; `rotating` is for a new family.

        Raises:
            ReusedTokenError: somebody else has exchanged the same token meanwhile.
            OAuthError: it was revoked meanwhile.
        """
        exchanged = self.grant.exchanged
        if exchanged is not None:
            found = refresh_tokens.get(connection, bytes.fromhex(exchanged))
            self._replace(connection, usable(found, self.grant.client_id, self.now))
        elif self.token is not None:
            refresh_tokens.add(connection, self._first(self.token, rotating=rotating))

    def _first(self, token: str, *, rotating: bool) -> RefreshToken:
        grant, facts, now = self.grant, self.facts, self.now
        first = RefreshToken(
            id=alphanumeric(24),
            token_hash=hashed(token),
            family=self.family or new_uuid(),
            user_id=grant.user_id,
            client_id=grant.client_id,
            rotating=rotating,
            scopes=grant.requested_scopes,
            audience=grant.audience,
            methods=grant.methods,
            session_id=grant.session_id,
            device=device_of(facts),
            created_at=now,
            expires_at=now + ROTATING_LIFETIME if rotating else None,
            idle_expires_at=now + ROTATING_IDLE_LIFETIME if rotating else None,
        )
        return _with_terms(first, grant.refresh)

    def _replace(self, connection: sqlite3.Connection, old: RefreshToken) -> None:
        idle = self.now + ROTATING_IDLE_LIFETIME if old.rotating else old.idle_expires_at
        next_one = _with_terms(
            replace(old, last_exchanged_at=self.now, device=used_by(old.device, self.facts), idle_expires_at=idle),
            self.grant.refresh,
        )
        if self.token is None:
            refresh_tokens.update(connection, next_one)
        else:
            refresh_tokens.update(connection, replace(old, replaced_at=self.now))
            refresh_tokens.add(connection, replace(next_one, token_hash=hashed(self.token)))


def _with_terms(token: RefreshToken, terms: LifetimeTerms) -> RefreshToken:
    """The token as the Actions want it: an end that they set counts if it is earlier."""
    return replace(
        token,
        expires_at=earliest(token.expires_at, terms.expires_at),
        idle_expires_at=earliest(token.idle_expires_at, terms.idle_expires_at),
        metadata=merged({} if terms.metadata_evicted else token.metadata, terms.metadata),
    )
