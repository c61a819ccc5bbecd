"""Tokens that /authorize gives itself: the implicit and the hybrid flow (OpenID Connect Core, sections 3.2 and 3.3)."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import replace
from functools import partial

from local_tenant.accounts.entitlement import Entitlement
from local_tenant.authentication.tokens.issue import access_token_claims, id_token_claims
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.audiences import access_token_seconds

TOKEN, ID_TOKEN = "token", "id_token"
GRANT_NAME = "implicit"


async def tokens(
    tenant: Tenant,
    entitlement: Entitlement,
    user: User,
    client: Client,
    *,
    response_type: Collection[str],
    code: str | None,
) -> dict[str, str | int]:
    """`{access_token, token_type, expires_in, scope}` and `{id_token}`, as far as `response_type` has them.

    No refresh token ever: `offline_access` is for the code alone.
    """
    entitlement = replace(entitlement, scopes=tuple(scope for scope in entitlement.scopes if scope != "offline_access"))
    sign = partial(_sign, tenant, entitlement, user, client, response_type=response_type, code=code)
    return await asyncio.get_running_loop().run_in_executor(tenant.workers, sign)


def _sign(
    tenant: Tenant,
    entitlement: Entitlement,
    user: User,
    client: Client,
    *,
    response_type: Collection[str],
    code: str | None,
) -> dict[str, str | int]:
    now = tenant.clock.seconds()
    answer: dict[str, str | int] = {}
    hashes = {} if code is None else {"c_hash": _half_hash(code)}
    if TOKEN in response_type:
        seconds = access_token_seconds(tenant, entitlement.audience, at_authorize=True)
        token = tenant.signer.sign(access_token_claims(tenant, entitlement, now, seconds))
        hashes["at_hash"] = _half_hash(token)
        answer |= {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
        answer["scope"] = " ".join(entitlement.scopes)
    if ID_TOKEN in response_type:
        claims = id_token_claims(tenant, entitlement, user, now, client.id_token_seconds)
        answer["id_token"] = tenant.signer.sign({**claims, **hashes})
    return answer


def _half_hash(value: str) -> str:
    """The left half of the SHA-256, as `at_hash` and `c_hash` of an RS256 token have it (section 3.3.2.11)."""
    digest = hashlib.sha256(value.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
