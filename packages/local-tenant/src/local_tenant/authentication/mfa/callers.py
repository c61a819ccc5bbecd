"""Who calls the MFA API: a login that waits for a factor (mfa_token), or a session with a token for the API itself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request

from local_tenant.bearer import AudienceError, bearer_token, claims_of
from local_tenant.identifiers import alphanumeric, hashed
from local_tenant.oauth_errors import OAuthError
from local_tenant.signing import ExpiredTokenError, TokenError
from local_tenant.store import authenticators, mfa_transactions
from local_tenant.store.mfa_transactions import MfaTransaction
from local_tenant.tenant import Tenant

# Documented, and not configurable.
TOKEN_LIFETIME = 10 * 60 * NANOSECONDS

_JWT_PARTS = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        user_id: whose factors they are.
        transaction: the waiting login of an mfa_token; None with an access token.
    """

    user_id: str
    transaction: MfaTransaction | None


def waiting_login(
    connection: sqlite3.Connection, token: str, now: int, *, client_id: str | None = None
) -> MfaTransaction:
    """The waiting login of this mfa_token.

    Args:
        connection: of the read or write at hand.
        token: the mfa_token.
        now: the tenant's time in nanoseconds.
        client_id: the client that has authenticated itself, where one has.

    Raises:
        OAuthError: 403 `invalid_grant` for one that is unknown, used up or another client's; 401 `expired_token` after
            10 minutes. The texts are documented, the statuses not.
    """
    transaction = mfa_transactions.get(connection, hashed(token))
    if transaction is None or client_id not in (None, transaction.client_id):
        raise OAuthError(403, "invalid_grant", "Malformed mfa_token")
    if transaction.expires_at <= now:
        raise OAuthError(401, "expired_token", "mfa_token is expired")
    return transaction


def required_token(request: Request) -> str:
    """The token of the Authorization header.

    Raises:
        OAuthError: 401 without one.
    """
    token = bearer_token(request)
    if token is None:
        raise OAuthError(401, "access_denied", "Missing or malformed bearer token")
    return token


def caller(tenant: Tenant, connection: sqlite3.Connection, token: str, scope: str, now: int) -> Caller:
    """Who sent this token; an access token needs the scope, an mfa_token needs none.

    Raises:
        OAuthError: as `waiting_login` does; 401 for an access token that is not valid for this API or that was issued
            before the user enrolled; 403 `insufficient_scope`.
    """
    if token.count(".") != _JWT_PARTS - 1:
        transaction = waiting_login(connection, token, now)
        return Caller(transaction.user_id, transaction)
    claims = _claims(tenant, token)
    scopes = claims.get("scope")
    if scope not in (scopes.split() if isinstance(scopes, str) else []):
        raise OAuthError(403, "insufficient_scope", f"Insufficient scope, expected: {scope}")
    user_id = str(claims.get("sub"))
    # Before the user enrolled, a password was enough for such a token. It must not outlive that: its bearer could add a
    # factor beside the user's own, or remove that.
    enrolled_at = [a.confirmed_at for a in authenticators.of_user(connection, user_id) if a.confirmed_at is not None]
    if enrolled_at and _issued_at(claims) <= min(enrolled_at):
        raise OAuthError(
            401, "invalid_token", "The token was issued before the user enrolled: log in again for another"
        )
    return Caller(user_id, None)


def token_id(now: int) -> str:
    """`jti` of an access token for this API: `iat` has whole seconds, too coarse to order it and an enrolment."""
    return f"{now}.{alphanumeric(16)}"


def _issued_at(claims: dict[str, Any]) -> int:
    """When the token was issued, in nanoseconds since 1970."""
    return int(str(claims.get("jti", "0")).partition(".")[0])


def _claims(tenant: Tenant, token: str) -> dict[str, Any]:
    try:
        return claims_of(tenant, token, tenant.mfa_audience)
    except ExpiredTokenError:
        raise OAuthError(401, "expired_token", "The access token is expired") from None
    except AudienceError:
        raise OAuthError(
            401, "invalid_token", f"The access token is not for the audience {tenant.mfa_audience}"
        ) from None
    except TokenError:
        raise OAuthError(401, "invalid_token", "The access token is not one of this tenant's") from None
