"""Clients that authenticate with a signed assertion (private_key_jwt; RFC 7523, OpenID Connect Core 9)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from action_runtime.timestamps import NANOSECONDS
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from local_tenant.oauth_errors import OAuthError
from local_tenant.store import client_credentials
from local_tenant.store.client_credentials import ClientCredential
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Documented: the algorithms of a credential, the longest life of an assertion, the skew of iat and nbf, the lengths.
ALGORITHMS = ("RS256", "RS384", "PS256")
LONGEST_LIFE = 300
SKEW = 10
LONGEST_CLAIM = 64


def asserted_client(tenant: Tenant, parameters: Mapping[str, Any]) -> Client:
    """The client whose key has signed `client_assertion`. Each assertion counts once.

    Raises:
        OAuthError: 400 for another type of assertion; 401 `invalid_client`, with the reason, for one that proves
            nothing.
    """
    if parameters.get("client_assertion_type") != TYPE:
        raise OAuthError(400, "invalid_request", f"client_assertion_type must be {TYPE}")
    if parameters.get("client_secret") is not None:
        raise _invalid("a secret was sent as well")
    assertion = parameters.get("client_assertion")
    if not isinstance(assertion, str):
        raise _invalid("it is missing")
    header, claims = _unverified(assertion)
    client_id = claims.get("sub")
    client = tenant.client(client_id) if isinstance(client_id, str) else None
    if client is None or client.key_ids is None or parameters.get("client_id", client_id) != client_id:
        raise _invalid("its sub is not a client with private_key_jwt, or not the client_id of the request")
    now = tenant.clock.seconds()
    credentials = tenant.database.read(client_credentials.of_client, client.client_id)
    if not any(_is_signed(assertion, header, each, now) for each in credentials if each.id in client.key_ids):
        raise _invalid("no key of the client has signed it with the key's algorithm")
    _check(tenant, client, claims, now)
    _use_up(tenant.used_assertions, (client.client_id, claims["jti"]), claims["exp"], now)
    return client


def _unverified(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        signed = jws.extract_compact(assertion.encode())
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise _invalid("it is not a JWT") from error
    if not isinstance(claims, dict):
        raise _invalid("it is not a JWT")
    return signed.protected, claims


def _is_signed(assertion: str, header: Mapping[str, Any], credential: ClientCredential, now: int) -> bool:
    """Whether this key has signed it, with the key's own algorithm: neither `none` nor the public key as a secret."""
    expired = credential.expires_at is not None and credential.expires_at <= now * NANOSECONDS
    if expired or header.get("kid", credential.kid) != credential.kid:
        return False
    try:
        jwt.decode(assertion, RSAKey.import_key(credential.pem), algorithms=[credential.alg])
    except (JoseError, ValueError):
        return False
    return True


def _check(tenant: Tenant, client: Client, claims: Mapping[str, Any], now: int) -> None:
    if claims.get("iss") != client.client_id:
        raise _invalid("its iss is not the client_id")
    audience = claims.get("aud")
    # For one recipient alone: else another one could use it here.
    [audience] = audience if isinstance(audience, list) and len(audience) == 1 else [audience]
    if audience not in (tenant.issuer, f"{tenant.url}/oauth/token"):
        raise _invalid(f"its aud is not {tenant.issuer}")
    expires = claims.get("exp")
    if not _is_time(expires) or expires <= now:
        raise _invalid("it has expired, or has no exp")
    if expires > now + LONGEST_LIFE + SKEW:
        raise _invalid(f"it is valid for more than {LONGEST_LIFE} seconds")
    for name in ("iat", "nbf"):
        if name in claims and not (_is_time(claims[name]) and claims[name] <= now + SKEW):
            raise _invalid(f"its {name} is in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_CLAIM:
        raise _invalid(f"its jti is not a string of 1 to {LONGEST_CLAIM} characters")


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _use_up(used: dict[tuple[str, str], float], assertion: tuple[str, str], expires: float, now: int) -> None:
    for past in [each for each, end in used.items() if end <= now]:
        del used[past]
    if assertion in used:
        raise _invalid("its jti was used before")
    used[assertion] = expires


def _invalid(reason: str) -> OAuthError:
    return OAuthError(401, "invalid_client", f"The client assertion is not accepted: {reason}.")
