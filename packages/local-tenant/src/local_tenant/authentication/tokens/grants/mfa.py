"""The grants that answer an mfa_required: a one-time password or a recovery code for the tokens that were held back.

The attempt is a write of its own, before anything else happens: a wrong code has to be counted, and no Action that
waits behind the challenge may run before the code is known to be right. A right code and its mfa_token are used up by
that write, so that of two that come at the same time one fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local_tenant.accounts import log_entries
from local_tenant.accounts.clients import authenticated_client, require_grant_type
from local_tenant.accounts.request_facts import facts_of
from local_tenant.accounts.second_factor import Proof, Refusal
from local_tenant.authentication.mfa import callers, factor_checks
from local_tenant.authentication.mfa.factor_checks import Attempt, Factor
from local_tenant.authentication.tokens.issue import answer
from local_tenant.oauth_errors import OAuthError, required
from local_tenant.store import logs, mfa_transactions, users
from local_tenant.tenant import Tenant
from local_tenant.transactions.post_login import after_mfa

GRANT_TYPE = "http://auth0.com/oauth/grant-type/"
OTP_GRANT = GRANT_TYPE + "mfa-otp"
RECOVERY_GRANT = GRANT_TYPE + "mfa-recovery-code"
OOB_GRANT = GRANT_TYPE + "mfa-oob"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the grants: its name in a client's grant types, its parameter, its log entries (documented)."""

    name: str
    parameter: str
    factor: Factor
    succeeded: str
    failed: str


_OTP = _Kind("mfa-otp", "otp", factor_checks.OTP, "seotpft", "feotpft")
_RECOVERY_CODE = _Kind("mfa-recovery-code", "recovery_code", factor_checks.RECOVERY_CODE, "sercft", "fercft")


async def otp(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """`{mfa_token, otp}` for the tokens of the waiting login.

    Raises:
        OAuthError: as `factor_checks.refused` and `callers.waiting_login` say; 400 without a code.
    """
    return (await _exchange(tenant, request, parameters, _OTP))[0]


async def recovery_code(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """`{mfa_token, recovery_code}` for the tokens of the waiting login and the next recovery code (documented).

    Raises:
        OAuthError: as `otp` does.
    """
    tokens, proof = await _exchange(tenant, request, parameters, _RECOVERY_CODE)
    return {**tokens, "recovery_code": proof.recovery_code}


async def out_of_band(tenant: Tenant, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
    """Not built: there is no authenticator that a message could be sent to.

    Raises:
        OAuthError: 501 always, once the client has authenticated itself.
    """
    authenticated_client(tenant, request, parameters)
    raise OAuthError(
        501,
        "not_built_locally",
        f"{OOB_GRANT} is not built in the local tenant, which sends no messages: enrol with otp and use {OTP_GRANT}",
    )


GRANTS: dict[str, Callable[[Tenant, Request, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    OTP_GRANT: otp,
    RECOVERY_GRANT: recovery_code,
    OOB_GRANT: out_of_band,
}


async def _exchange(
    tenant: Tenant,
    request: Request,
    parameters: dict[str, Any],
    kind: _Kind,
) -> tuple[dict[str, Any], Proof]:
    client = authenticated_client(tenant, request, parameters)
    require_grant_type(client, kind.name)
    token, code = required(parameters, "mfa_token"), required(parameters, kind.parameter)
    facts = facts_of(request, parameters, client)

    def attempt(connection: sqlite3.Connection) -> tuple[str, Proof | Refusal]:
        waiting = callers.waiting_login(connection, token, tenant.clock.now(), client_id=client.client_id)
        user = users.get(connection, waiting.user_id)
        if user is None:
            raise AssertionError("an mfa_token outlived its user")
        result = factor_checks.check(tenant, connection, Attempt(kind.factor, code, user, client, facts))
        if isinstance(result, Proof):
            mfa_transactions.delete(connection, waiting.token_hash)
        else:
            description = factor_checks.refused(kind.factor, result).description
            entry = log_entries.entry(tenant, kind.failed, facts, client=client, user=user, description=description)
            logs.add(connection, entry)
        return waiting.pending, result

    pending, result = await tenant.database.write(attempt)
    if isinstance(result, Refusal):
        raise factor_checks.refused(kind.factor, result)
    method = factor_checks.method(tenant, kind.factor)
    try:
        async with after_mfa(tenant, pending, client, facts, method=method) as outcome:
            return await answer(tenant, outcome, success=kind.succeeded), result
    except OAuthError as error:
        # The old recovery code is gone: whatever the login comes to, its owner must learn the new one.
        if result.recovery_code is not None:
            error.extra["recovery_code"] = result.recovery_code
        raise
