"""POST /dbconnections/signup: a new user, once the pre-user-registration Actions agree."""

from __future__ import annotations

import sqlite3
from typing import Any

import action_runtime
from action_runtime import Flow
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import passwords
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.request_facts import RequestFacts, facts_of
from local_tenant.authentication.signup import errors as signup_errors
from local_tenant.authentication.signup.errors import SignupError
from local_tenant.authentication.signup.requests import SignupRequest, read_signup
from local_tenant.http import Json, read_parameters
from local_tenant.identifiers import new_user_id
from local_tenant.metadata import merged
from local_tenant.store import executions, logs, users
from local_tenant.store.executions import Execution
from local_tenant.store.logs import LogEntry
from local_tenant.store.users import User
from local_tenant.tenant import Tenant, tenant_of
from local_tenant.transactions.events import pre_user_registration_event
from local_tenant.transactions.run import masker_of

TRIGGER = "pre-user-registration"

LONGEST_NAME = 320


async def signup(request: Request) -> Response:
    """`{client_id, email, password, connection, user_metadata?, …}`: 200 `{_id, email, email_verified: false, …}`.

    Raises:
        OAuthError: 400 for a body that cannot be read.
        SignupError: 400 for an invalid one, or one that an Action refuses.
    """
    tenant = tenant_of(request)
    parameters = await read_parameters(request)
    # No client has authenticated: the peer's IP counts, regardless of headers.
    facts = facts_of(request, parameters)
    form, user = await sign_up(tenant, facts, parameters)
    answer: dict[str, Any] = {
        "_id": user.user_id.partition("|")[2],
        "email_verified": user.email_verified,
        "email": user.email,
        **form.attributes,
    }
    if form.user_metadata:
        answer["user_metadata"] = form.user_metadata
    return Json(answer)


async def sign_up(
    tenant: Tenant, facts: RequestFacts, parameters: dict[str, Any], transaction: dict[str, Any] | None = None
) -> tuple[SignupRequest, User]:
    """Read a sign-up, run its Actions and store the user if they agree; returns the sign-up and the user.

    `transaction` is `event.transaction` in a browser's login.

    Raises:
        SignupError: 400 for an invalid form, a user that exists already, or a refusal by an Action; that is recorded.
    """
    try:
        form = read_signup(tenant, parameters)
    except SignupError as error:
        email = parameters.get("email")
        user_name = email[:LONGEST_NAME] if isinstance(email, str) else None
        failure = entry(tenant, "fs", facts, user_name=user_name, description=error.description)
        await tenant.database.write(logs.add, failure)
        raise
    return form, await _register(tenant, facts, form, transaction)


async def _register(
    tenant: Tenant, facts: RequestFacts, form: SignupRequest, transaction: dict[str, Any] | None
) -> User:
    existing, revision = tenant.database.read(
        lambda connection: (
            users.account(connection, DATABASE_CONNECTION, form.email),
            tenant.flows.revision(connection),
        )
    )
    if existing is not None:
        error = signup_errors.duplicate_user()
        await _record_failure(tenant, facts, form, error.description, None)
        raise error
    event = pre_user_registration_event(
        tenant,
        facts,
        form.client,
        email=form.email,
        profile=form.profile,
        user_metadata=form.user_metadata,
        transaction=transaction,
    )
    flow = await tenant.flows.current(TRIGGER, revision)
    result = await tenant.runtime.run(flow, event)
    refusal = _refusal(result)
    if refusal is None:
        user = await _new_user(tenant, form, result)
        execution = _execution(flow, result, form, answer="user")
        details = executions.log_details(execution.execution_id if execution else None)
        success = entry(tenant, "ss", facts, client=form.client, user=user, details=details)

        def store(connection: sqlite3.Connection) -> bool:
            if not users.add(connection, user):
                return False
            _record(connection, execution, success)
            return True

        if await tenant.database.write(store):
            return user
        # Another sign-up took the email while the Actions ran, or the id that an Action set is another user's.
        refusal = signup_errors.duplicate_user()
    description = masker_of(flow).text(refusal.description)
    execution = _execution(flow, result, form, answer=refusal.content["code"], description=description)
    await _record_failure(tenant, facts, form, description, execution)
    raise refusal


def _refusal(result: action_runtime.Execution) -> SignupError | None:
    """Why the Actions refuse; None only when they all ran to their end."""
    if result.denial is not None:
        return signup_errors.denied(result.denial)
    if result.status != "completed" or result.error is not None:
        return signup_errors.failed(result.error.message if result.error else "The Action failed.")
    return None


async def _new_user(tenant: Tenant, form: SignupRequest, result: action_runtime.Execution) -> User:
    now = tenant.clock.now()
    user_id = new_user_id() if result.effects.user_id is None else f"auth0|{result.effects.user_id}"
    return User(
        user_id=user_id,
        connection=DATABASE_CONNECTION,
        email=form.email,
        email_verified=False,
        password_hash=await passwords.hash_password(tenant, form.password),
        profile=form.profile,
        created_at=now,
        updated_at=now,
        user_metadata=merged(form.user_metadata, result.effects.user_metadata),
        app_metadata=merged({}, result.effects.app_metadata),
    )


async def _record_failure(
    tenant: Tenant, facts: RequestFacts, form: SignupRequest, description: str, execution: Execution | None
) -> None:
    details = executions.log_details(execution.execution_id if execution else None)
    failure = entry(
        tenant, "fs", facts, client=form.client, user_name=form.email, description=description, details=details
    )
    await tenant.database.write(_record, execution, failure)


def _record(connection: sqlite3.Connection, execution: Execution | None, log_entry: LogEntry) -> None:
    if execution is not None:
        executions.put(connection, execution)
    logs.add(connection, log_entry)


def _execution(
    flow: Flow, result: action_runtime.Execution, form: SignupRequest, *, answer: str, description: str | None = None
) -> Execution | None:
    if not flow.actions:
        return None
    outcome = {"answer": answer, "client_id": form.client.client_id, "email": form.email}
    if description is not None:
        outcome["error_description"] = description
    return Execution(result.trace.execution_id, result.trace.to_json(), outcome)
