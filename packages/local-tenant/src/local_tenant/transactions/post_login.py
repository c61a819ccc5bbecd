"""The post-login transaction: one snapshot of the user, one run of the deployed Actions, one write.

Every grant of a user and every browser login runs through here. The caller gets the outcome with a `record`, which it
writes in the same database write as its own part (a refresh token, an mfa_token, a code): a login is stored as a whole
or not at all.

If anything goes wrong in the Actions, the login fails closed: nothing that they asked for is written, but the login is
counted, and a log entry and the trace say why.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from local_tenant.accounts import second_factors
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import executions, users
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions import decision
from local_tenant.transactions.ending import continued
from local_tenant.transactions.events import post_login_event
from local_tenant.transactions.login import Login
from local_tenant.transactions.outcome import Challenged, Passed, Refused
from local_tenant.transactions.primary_user import of_primary_user
from local_tenant.transactions.record import LoginRefusedError, check_user
from local_tenant.transactions.run import Run
from local_tenant.transactions.waiting import TRIGGER, PendingLogin, resume


@asynccontextmanager
async def post_login(tenant: Tenant, login: Login) -> AsyncIterator[Passed | Challenged]:
    """Run the Actions of a login whose first factor was right.

    The caller writes the outcome's `record` first in its own single write, within the `async with`: until that is
    durable, other logins of this user count this one in.

    Raises:
        OAuthError: the login is refused (an Action denied it or failed, the user is blocked or gone); that is recorded.
    """
    with _under_way(tenant, login) as others:
        user, enrolled, revision = tenant.database.read(
            lambda connection: (*_snapshot(connection, login.user.user_id), tenant.flows.revision(connection))
        )
        logins_count = (user.logins_count if user else 0) + (others + 1 if login.counts else 0)
        run: Run | None = None
        try:
            login = replace(login, user=check_user(login, user))
            event = post_login_event(tenant, login, enrolled=enrolled, logins_count=logins_count)
            flow = await tenant.flows.current(TRIGGER, revision)
            run = Run(login, flow, event, await tenant.runtime.run(flow, event), enrolled)
            yield await _stored_if_refused(tenant, decision.decide(tenant, of_primary_user(tenant, run)))
        except LoginRefusedError as error:
            execution = run.stored_execution(answer=error.error, error=error) if run else None
            record = decision.refusal_record(tenant, login, execution, error, counts=True)
            await tenant.database.write(record.write)
            raise


@asynccontextmanager
async def after_mfa(
    tenant: Tenant, pending: str, client: Client, facts: RequestFacts, *, method: dict[str, Any]
) -> AsyncIterator[Passed | Challenged]:
    """Continue a login that was `Challenged`, now that the factor was proved with `method`.

    No Action runs again. Only if one paused the flow (challengeWith, enrollWith), the Actions after it run now.
    `method` is an entry of `event.authentication.methods`: `{"name": "mfa", "timestamp", "type"}`.

    Raises:
        OAuthError: the login is refused; that is recorded.
    """
    waiting = PendingLogin.from_text(pending).proved(method)
    user_id = waiting.entitlement.user_id
    user, enrolled, earlier = tenant.database.read(
        lambda connection: (*_snapshot(connection, user_id), executions.get(connection, waiting.execution_id))
    )
    if user is None:
        raise LoginRefusedError(403, "invalid_grant", "Malformed mfa_token")
    run: Run | None = None
    outcome: Passed | Challenged | Refused | None = None
    try:
        login = waiting.login(tenant, user, client, facts)
        check_user(login, user)
        if waiting.paused is None:
            passed = earlier and continued(earlier, "tokens", method)
            outcome = decision.passed_after_mfa(tenant, login, waiting.entitlement, passed)
        else:
            run = await resume(tenant, waiting.paused, login, enrolled, method)
            outcome = decision.decide(tenant, of_primary_user(tenant, run))
        yield await _stored_if_refused(tenant, outcome)
    except LoginRefusedError as error:
        if run is not None:
            ended = run.stored_execution(answer=error.error, error=error)
        else:
            ended = earlier and continued(earlier, error.error, method, error)
        record = decision.refusal_record(tenant, login, ended, error, counts=False)
        await tenant.database.write(record.write)
        raise
    except OAuthError as error:
        # A refusal and a further challenge are stored already. Else the refresh token that is exchanged is gone.
        execution = earlier if outcome is None else outcome.record.execution
        if execution is not None and (outcome is None or isinstance(outcome, Passed)):
            ended = continued(execution, error.error, method, error)
            await tenant.database.write(executions.put, ended)
        raise


async def _stored_if_refused(tenant: Tenant, outcome: Passed | Challenged | Refused) -> Passed | Challenged:
    if isinstance(outcome, Refused):
        await tenant.database.write(outcome.record.write)
        raise outcome.error
    return outcome


def _snapshot(connection: sqlite3.Connection, user_id: str) -> tuple[User | None, list[str]]:
    return users.get(connection, user_id), second_factors.enrolled_types(connection, user_id)


@contextmanager
def _under_way(tenant: Tenant, login: Login) -> Iterator[int]:
    """How many other logins of this user have begun and are not stored yet.

    Without them, two logins that begin at the same time would both be the first one, and the Actions would let both
    pass as a sign-up's.
    """
    user_id = login.user.user_id
    others = tenant.logins_under_way.get(user_id, 0)
    if not login.counts:
        yield others
        return
    tenant.logins_under_way[user_id] = others + 1
    try:
        yield others
    finally:
        left = tenant.logins_under_way[user_id] - 1
        if left:
            tenant.logins_under_way[user_id] = left
        else:
            del tenant.logins_under_way[user_id]
