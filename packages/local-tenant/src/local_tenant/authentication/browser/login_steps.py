"""The steps of a login in the browser, without pages: password, enrolment, code, and what comes next."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from local_tenant.accounts import log_entries, second_factors, sessions
from local_tenant.accounts.factors import ENROLMENTS, Factor, Proof, Refusal, renew_recovery_code
from local_tenant.accounts.password_check import check_password
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.second_factors import Attempt
from local_tenant.accounts.sessions import LoginSession, OpenSession
from local_tenant.authentication.browser import browser_login
from local_tenant.authentication.browser.browser_login import BrowserLogin, SessionEndedError
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import authenticators, executions, login_transactions, logs, users
from local_tenant.store.authenticators import Authenticator
from local_tenant.store.login_transactions import LoginTransaction
from local_tenant.store.sessions import Session
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.login import Login
from local_tenant.transactions.outcome import Challenged, Passed
from local_tenant.transactions.post_login import after_mfa, post_login
from local_tenant.transactions.waiting import PendingLogin


@dataclass(frozen=True, slots=True)
class Completed:
    """The login is over: the application gets its answer from `resume`."""


@dataclass(frozen=True, slots=True)
class FactorNeeded:
    """The login needs a factor.

    Attributes:
        page: the path of the page that asks for it, or enrols one.
    """

    page: str


@dataclass(frozen=True, slots=True)
class NewRecoveryCode:
    """A factor was proved, and the user has a new recovery code: its page comes before the login goes on."""


Step = Completed | FactorNeeded | NewRecoveryCode


async def password(
    tenant: Tenant, request: Request, login: BrowserLogin, *, username: str, password: str
) -> tuple[Step, OpenSession]:
    """Check the password, begin a session and run the Actions: what comes next, and the browser's new session.

    Raises:
        OAuthError: the password is wrong or may not be tried; shown on the page.
        PageError: the login ended in the meantime.
    """
    client, facts = login.authorization.client, login.facts
    user = await check_password(tenant, username=username, password=password, client=client, facts=facts)
    method = {"name": "pwd", "timestamp": time_text(tenant.clock.now())}
    opened = sessions.new(tenant, user, facts, method)
    await tenant.database.write(sessions.begin, opened, user, request, tenant)
    step = await _run(tenant, login, user, sessions.of_login(opened.session, single_sign_on=False), (method,))
    return step, opened


async def single_sign_on(tenant: Tenant, login: BrowserLogin, session: Session) -> Step:
    """Run the Actions for a login whose user has authenticated in this browser before.

    Raises:
        SessionEndedError: the session ended in the meantime.
        PageError: the login did.
    """
    user = tenant.database.read(users.get, session.user_id)
    if user is None:
        raise SessionEndedError
    return await _run(tenant, login, user, sessions.of_login(session, single_sign_on=True), session.methods)


async def _run(
    tenant: Tenant, login: BrowserLogin, user: User, session: LoginSession, methods: tuple[dict[str, Any], ...]
) -> Step:
    authorization = login.authorization
    started = Login(
        user=user,
        client=authorization.client,
        facts=login.facts,
        protocol=authorization.protocol,
        scopes=authorization.scopes,
        audience=authorization.audience,
        nonce=authorization.nonce,
        methods=methods,
        browser=login.transaction,
        session=session,
    )
    try:
        async with post_login(tenant, started) as outcome:
            return await _save(tenant, login, outcome)
    except OAuthError as error:
        if isinstance(error, SessionEndedError) and session.single_sign_on:
            raise
        return await _end_refused(tenant, login, error)


async def enrolment(tenant: Tenant, login: BrowserLogin, factor: Factor) -> tuple[User, Authenticator] | str:
    """The user and the authenticator to enrol, created when the page is first shown.

    If the user has a factor, the path of the page that asks for it.

    Raises:
        PageError: this login needs no factor.
    """

    def work(connection: sqlite3.Connection) -> tuple[User, Authenticator] | str:
        waiting, user = _waiting(tenant, connection, login)
        if authenticators.confirmed_of_user(connection, user.user_id):
            return _first_page(second_factors.provable(connection, user.user_id))
        if waiting.enrolling is not None:
            authenticator = authenticators.get(connection, user.user_id, waiting.enrolling)
            if authenticator is not None:
                return user, authenticator
        # Never another login's, whose secret an intruder may know.
        authenticator, _ = second_factors.associate(connection, user.user_id, factor, tenant.clock.now())
        login_transactions.show_enrolment(connection, waiting.state_hash, authenticator.id)
        entry = log_entries.entry(tenant, "gd_start_enroll", login.facts, client=login.authorization.client, user=user)
        logs.add(connection, entry)
        return user, authenticator

    return await tenant.database.write(work)


def provable(tenant: Tenant, login: BrowserLogin) -> list[Factor]:
    """The factors that can continue a login; empty if the user has to enrol one.

    Raises:
        PageError: this login needs no factor.
    """

    def look(connection: sqlite3.Connection) -> list[Factor]:
        _, user = _waiting(tenant, connection, login)
        return second_factors.provable(connection, user.user_id)

    return tenant.database.read(look)


async def code(tenant: Tenant, login: BrowserLogin, factor: Factor, typed: str) -> Step:
    """Check a code and continue the login.

    Raises:
        OAuthError: it is wrong, or there were too many wrong ones; shown on the page.
        PageError: this login needs no factor.
    """

    def work(connection: sqlite3.Connection) -> tuple[str, Proof | Refusal, bool]:
        waiting, user = _waiting(tenant, connection, login)
        has_one = bool(authenticators.confirmed_of_user(connection, user.user_id))
        attempt = Attempt(
            factor, typed, user, login.authorization.client, login.facts, only=None if has_one else waiting.enrolling
        )
        result = second_factors.prove(tenant, connection, attempt)
        recovery_code = None
        if isinstance(result, Proof):
            recovery_code = result.recovery_code
            if result.enrolled:
                # The code that was made with the authenticator was never shown, so that no page has to keep it.
                recovery_code = renew_recovery_code(connection, user.user_id, tenant.clock.now())
            proof = {"pending": waiting.pending, "method": method, "recovery_code": recovery_code}
            login_transactions.proved(
                connection, waiting.state_hash, orjson.dumps(proof).decode() if recovery_code else None
            )
        return waiting.pending or "", result, recovery_code is not None

    method = second_factors.method(tenant, factor)
    pending, result, has_new_code = await tenant.database.write(work)
    if isinstance(result, Refusal):
        raise second_factors.error_of(factor, result)
    return NewRecoveryCode() if has_new_code else await _after_factor(tenant, login, pending, method)


def recovery_code(login: BrowserLogin) -> str:
    """The new recovery code of a user who has proved a factor; shown until the login goes on.

    Raises:
        PageError: this login has none to show.
    """
    if login.record.proof is None:
        raise browser_login.unknown()
    return str(orjson.loads(login.record.proof)["recovery_code"])


async def go_on(tenant: Tenant, login: BrowserLogin) -> Step:
    """Continue a login whose user has seen the new recovery code.

    Raises:
        PageError: it went on already, or its session ended.
    """

    def take(connection: sqlite3.Connection) -> dict[str, Any]:
        proof = login_transactions.take_proof(connection, login.record.state_hash)
        if proof is None:
            raise browser_login.unknown()
        content: dict[str, Any] = orjson.loads(proof)
        _check_session(tenant, connection, content["pending"])
        return content

    proof = await tenant.database.write(take)
    return await _after_factor(tenant, login, proof["pending"], proof["method"])


async def _after_factor(tenant: Tenant, login: BrowserLogin, pending: str, method: dict[str, Any]) -> Step:
    try:
        async with after_mfa(tenant, pending, login.authorization.client, login.facts, method=method) as outcome:
            return await _save(tenant, login, outcome)
    except OAuthError as error:
        return await _end_refused(tenant, login, error)


async def _save(tenant: Tenant, login: BrowserLogin, outcome: Passed | Challenged) -> Step:
    if isinstance(outcome, Passed):
        await tenant.database.write(browser_login.complete, login, outcome, tenant.clock.now())
        return Completed()

    def wait(connection: sqlite3.Connection) -> str:
        if login.record.pending is not None:
            # The password was entered again.
            before = executions.get(connection, PendingLogin.from_text(login.record.pending).execution_id)
            executions.cancel_challenge(connection, before, tenant.clock.now())
        outcome.record_until(login.record.expires_at).write(connection)
        user = outcome.login.user
        if not login_transactions.wait(connection, login.record.state_hash, user.user_id, outcome.pending):
            raise browser_login.unknown()
        factors = second_factors.provable(connection, user.user_id)
        if factors:
            entry = log_entries.entry(
                tenant, "gd_start_auth", login.facts, client=login.authorization.client, user=user
            )
            logs.add(connection, entry)
        return _first_page(factors)

    return FactorNeeded(await tenant.database.write(wait))


def _first_page(factors: list[Factor]) -> str:
    """The page that asks for the first of these factors, or without any, the one that enrols the first that can be."""
    if factors:
        return factors[0].challenge.path
    return ENROLMENTS[0].path


async def _end_refused(tenant: Tenant, login: BrowserLogin, error: OAuthError) -> Completed:
    await tenant.database.write(browser_login.refuse, login, error)
    return Completed()


def _waiting(tenant: Tenant, connection: sqlite3.Connection, login: BrowserLogin) -> tuple[LoginTransaction, User]:
    waiting = login_transactions.get(connection, login.record.state_hash)
    if waiting is None or waiting.pending is None or waiting.user_id is None:
        raise browser_login.unknown()
    user = users.get(connection, waiting.user_id)
    if user is None:
        raise AssertionError("a login outlived its user")
    # Before the factor is looked at: a login that cannot be finished uses up no recovery code.
    _check_session(tenant, connection, waiting.pending)
    return waiting, user


def _check_session(tenant: Tenant, connection: sqlite3.Connection, pending: str) -> None:
    session_id = PendingLogin.from_text(pending).entitlement.session_id
    if sessions.still_open(connection, session_id, tenant.clock.now()) is None:
        raise browser_login.session_ended()
