"""The grants that answer an mfa_required: a code of a factor, for the tokens of the waiting login.

The attempt is a write of its own, before anything else happens: a wrong code has to be counted, and no Action after the
challenge may run before the code is known to be right. A right code and its mfa_token are used up by that write, so
that of two concurrent requests one fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request

from local_tenant.accounts import log_entries, second_factors
from local_tenant.accounts.clients import authenticated_client, require_grant_type
from local_tenant.accounts.factors import FACTORS, OTP, Factor, Proof, Refusal
from local_tenant.accounts.request_facts import facts_of
from local_tenant.accounts.second_factors import Attempt
from local_tenant.authentication.mfa import callers
from local_tenant.authentication.tokens.issue import answer
from local_tenant.oauth_errors import OAuthError, not_built, required
from local_tenant.store import logs, mfa_transactions, users
from local_tenant.tenant import Tenant
from local_tenant.transactions.decision import STATUS_OF_A_DENIAL
from local_tenant.transactions.post_login import after_mfa

GRANT_TYPE = "http://auth0.com/oauth/grant-type/"
OOB_GRANT = GRANT_TYPE + "mfa-oob"

Grant = Callable[[Tenant, Request, dict[str, Any]], Awaitable[dict[str, Any]]]


async def exchange(tenant: Tenant, request: Request, parameters: dict[str, Any], *, factor: Factor) -> dict[str, Any]:
    """`{mfa_token}` and the factor's parameter, for the tokens of the waiting login.

    A recovery code is answered with the next one as well: `{…, recovery_code}` (documented).

    Raises:
        OAuthError: from `second_factors.error_of` and `callers.waiting_login`; 400 without a code.
    """
    client = authenticated_client(tenant, request, parameters)
    require_grant_type(client, factor.grant)
    token, code = required(parameters, "mfa_token"), required(parameters, factor.parameter)
    facts = facts_of(request, parameters, client)
    succeeded, failed = factor.log_exchange

    def attempt(connection: sqlite3.Connection) -> tuple[str, Proof | Refusal]:
        waiting = callers.waiting_login(connection, token, tenant.clock.now(), client_id=client.client_id)
        user = users.get(connection, waiting.user_id)
        if user is None:
            raise AssertionError("an mfa_token outlived its user")
        result = second_factors.prove(tenant, connection, Attempt(factor, code, user, client, facts))
        if isinstance(result, Proof):
            mfa_transactions.delete(connection, waiting.token_hash)
        else:
            description = second_factors.error_of(factor, result).description
            entry = log_entries.entry(tenant, failed, facts, client=client, user=user, description=description)
            logs.add(connection, entry)
        return waiting.pending, result

    pending, result = await tenant.database.write(attempt)
    if isinstance(result, Refusal):
        raise second_factors.error_of(factor, result)
    recovery_code = {} if result.recovery_code is None else {"recovery_code": result.recovery_code}
    method = second_factors.method(tenant, factor)
    try:
        async with after_mfa(tenant, pending, client, facts, method=method) as outcome:
            return {**await answer(tenant, outcome, success=succeeded), **recovery_code}
    except OAuthError as error:
        # Auth0's SDKs read an error of an MFA grant only from a 4xx, and a denial is a 500 (decision.py).
        if error.status >= STATUS_OF_A_DENIAL:
            error.status = 403
        # The old recovery code is used up: the user must learn the new one, however the login ends.
        error.extra |= recovery_code
        raise


async def out_of_band(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """Not built: the tenant sends no messages.

    Raises:
        OAuthError: `not_built_locally` always, once the client has authenticated itself.
    """
    authenticated_client(tenant, request, parameters)
    use = GRANT_TYPE + OTP.grant
    raise not_built(
        f"{OOB_GRANT} is not built in the local tenant, which sends no messages: enrol with {OTP.type} and use {use}"
    )


def grants(factors: Sequence[Factor]) -> dict[str, Grant]:
    """The grants of these factors, by grant type; mfa-oob is answered as not built unless a factor has it.

    Raises:
        ValueError: Two factors have the same grant.
    """
    exchanges: dict[str, Grant] = {GRANT_TYPE + factor.grant: partial(exchange, factor=factor) for factor in factors}
    if len(exchanges) < len(factors):
        raise ValueError("two factors have the same grant: a request would not say which one it proves")
    return {OOB_GRANT: out_of_band, **exchanges}


GRANTS = grants(FACTORS)
