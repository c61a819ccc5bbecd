"""How the token endpoint answers a login: with tokens, or with an mfa_token."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.authentication.mfa.callers import TOKEN_LIFETIME
from local_tenant.authentication.tokens.issue import issue
from local_tenant.identifiers import hashed, opaque_token
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import mfa_transactions
from local_tenant.store.clients import Client
from local_tenant.store.mfa_transactions import MfaTransaction
from local_tenant.tenant import Tenant
from local_tenant.transactions.login import Login
from local_tenant.transactions.post_login import post_login
from local_tenant.transactions.record import Challenged, Passed


async def log_in(tenant: Tenant, login: Login, *, success: str) -> dict[str, Any]:
    """Run the post-login transaction and answer it; `success` is the log type of the exchange.

    Raises:
        OAuthError: 403 `mfa_required`, or the login is refused.
    """
    async with post_login(tenant, login) as outcome:
        return await answer(tenant, outcome, login.client, login.facts, success=success)


async def answer(
    tenant: Tenant,
    outcome: Passed | Challenged,
    client: Client,
    facts: RequestFacts,
    *,
    success: str,
    work: Callable[[sqlite3.Connection], object] | None = None,
) -> dict[str, Any]:
    """The answer for an outcome, all of it kept in one write; `work` is what comes first in that.

    Raises:
        OAuthError: 403 `mfa_required` with an `mfa_token`, or whatever `work` raises.
    """

    def record(connection: sqlite3.Connection) -> None:
        if work is not None:
            work(connection)
        outcome.record(connection)

    if isinstance(outcome, Passed):
        return await issue(tenant, outcome.grant, outcome.user, client, facts, work=record, success=success)
    token = opaque_token()
    now = tenant.clock.now()
    transaction = MfaTransaction(
        token_hash=hashed(token),
        client_id=client.client_id,
        user_id=outcome.user.user_id,
        pending=outcome.pending,
        created_at=now,
        expires_at=now + TOKEN_LIFETIME,
    )

    def keep(connection: sqlite3.Connection) -> None:
        record(connection)
        mfa_transactions.add(connection, transaction)

    await tenant.database.write(keep)
    raise OAuthError(403, "mfa_required", "Multifactor authentication required", mfa_token=token)
