"""Whether it is the user's password; 10 wrong ones in a row block a user for the IP they came from (documented)."""

from __future__ import annotations

import sqlite3

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts import passwords
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.emails import normalised
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import login_attempts, logs, users
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant

MOST_FAILURES = 10

# Documented: a block ends 30 days after the last wrong password.
BLOCKED_FOR = 30 * 86_400 * NANOSECONDS


async def check_password(tenant: Tenant, *, username: str, password: str, client: Client, facts: RequestFacts) -> User:
    """The user whose password it is; blocked users too, because only the login refuses those.

    The password of a linked account is one of the primary user's.

    Raises:
        OAuthError: 403 `invalid_grant` for a wrong password or an unknown user, distinguished only in the log; 429
            `too_many_attempts`, even for the right password, once there were too many wrong ones.
    """
    email = normalised(username)
    wrong_before = tenant.wrong_passwords
    before, account, user = tenant.database.read(
        lambda connection: (_failures(connection, tenant, email, facts.ip), *_account(connection, email))
    )
    _refuse_if_blocked(before)
    right = await passwords.verify(tenant, account, password)
    # Concurrent attempts may have failed meanwhile: none may learn the outcome of an eleventh.
    if tenant.wrong_passwords != wrong_before:
        _refuse_if_blocked(tenant.database.read(_failures, tenant, email, facts.ip))
    if user is None or not right:
        failures = await _record_failure(tenant, email, user, client, facts)
        _refuse_if_blocked(failures - 1 if tenant.options.brute_force_protection else 0)
        raise OAuthError(403, "invalid_grant", "Wrong email or password.")
    if before:
        await tenant.database.write(login_attempts.forget, email, facts.ip)
    return user


def since(tenant: Tenant) -> int:
    """Failures before this time (ns) count no more."""
    return tenant.clock.now() - BLOCKED_FOR


def _account(connection: sqlite3.Connection, email: str) -> tuple[User | None, User | None]:
    """The account with that email, and the user that it belongs to."""
    account = users.account(connection, DATABASE_CONNECTION, email)
    if account is None or account.linked_to is None:
        return account, account
    return account, users.get(connection, account.linked_to)


def _failures(connection: sqlite3.Connection, tenant: Tenant, email: str, ip: str) -> int:
    if not tenant.options.brute_force_protection:
        return 0
    return login_attempts.failures(connection, email, ip, since(tenant))


def _refuse_if_blocked(failures: int) -> None:
    if failures >= MOST_FAILURES:
        raise OAuthError(
            429,
            "too_many_attempts",
            "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification "
            "via your preferred contact method with instructions on how to unblock it.",
        )


async def _record_failure(tenant: Tenant, email: str, user: User | None, client: Client, facts: RequestFacts) -> int:
    code = "fu" if user is None else "fp"
    message = "Wrong email or password."
    wrong = entry(tenant, code, facts, client=client, user=user, user_name=email, description=message)
    block = entry(tenant, "limit_wc", facts, client=client, user=user, user_name=email)

    def write(connection: sqlite3.Connection) -> int:
        logs.add(connection, wrong)
        if not tenant.options.brute_force_protection:
            return 0
        now = tenant.clock.now()
        failures = login_attempts.record_failure(connection, email, facts.ip, now, now - BLOCKED_FOR)
        if failures == MOST_FAILURES:
            logs.add(connection, block)
        return failures

    failures = await tenant.database.write(write)
    tenant.wrong_passwords += 1
    return failures
