"""Enrolling, proving and removing a user's second factors, inside a write."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts import log_entries, otp
from local_tenant.accounts.factors import BY_TYPE, ENROLLABLE, RECOVERY_CODE, Factor, Proof, Refusal
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import authenticators, executions, login_transactions, logs, mfa_transactions
from local_tenant.store.authenticators import Authenticator
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant

# The next enrolment deletes unconfirmed ones older than this; no login takes that long.
UNCONFIRMED_LIFETIME = 60 * 60 * NANOSECONDS

TOO_MANY = "Too many failed codes. Wait for some minutes before retrying."


@dataclass(frozen=True, slots=True)
class Attempt:
    """A code that a user entered.

    Attributes:
        factor: of the code.
        code: as entered.
        user: whose factor it has to prove.
        client: of the login.
        facts: the request.
        only: id of the one authenticator to check it against; None for any of the user's.
    """

    factor: Factor
    code: str
    user: User
    client: Client
    facts: RequestFacts
    only: str | None = None


def enrolled_types(connection: sqlite3.Connection, user_id: str) -> list[str]:
    """Types of the user's confirmed factors, one for each authenticator."""
    return [authenticator.type for authenticator in authenticators.confirmed_of_user(connection, user_id)]


def provable(connection: sqlite3.Connection, user_id: str) -> list[Factor]:
    """The factors that can prove the user in a login: the confirmed ones and the recovery code; empty without one."""
    types = dict.fromkeys(enrolled_types(connection, user_id))
    if not types:
        return []
    recovery = [RECOVERY_CODE] if authenticators.recovery_code(connection, user_id) else []
    return [*(BY_TYPE[each] for each in types), *recovery]


def requirements(connection: sqlite3.Connection, user_id: str) -> dict[str, list[dict[str, str]]]:
    """What a challenged user can do: `{"challenge": [{"type"}]}`, or `{"enroll": [{"type"}]}` without a factor.

    `mfa_requirements` of an mfa_required error (documented for Auth0's customizable MFA).
    """
    factors = provable(connection, user_id)
    if not factors:
        return {"enroll": [{"type": factor.type} for factor in ENROLLABLE]}
    return {"challenge": [{"type": factor.type} for factor in factors]}


def enrolled_types_by_user(connection: sqlite3.Connection, user_ids: Sequence[str]) -> dict[str, list[str]]:
    """Types of the confirmed factors of these users, by user id; users without a factor are left out."""
    types: dict[str, list[str]] = {}
    for authenticator in authenticators.confirmed_of_users(connection, user_ids):
        types.setdefault(authenticator.user_id, []).append(authenticator.type)
    return types


def associate(
    connection: sqlite3.Connection, user_id: str, factor: Factor, now: int
) -> tuple[Authenticator, str | None]:
    """Begin to enrol a factor: the authenticator, and a recovery code unless the user has one.

    Once the user has a confirmed authenticator, call it only for a session that has proved that. The recovery code is
    valid once this authenticator is confirmed, and with no other: an intruder's enrolment with the user's password must
    not yield a code for the authenticator that the user confirms.
    """
    authenticators.delete_unconfirmed(connection, user_id, before=now - UNCONFIRMED_LIFETIME)
    first = not authenticators.confirmed_of_user(connection, user_id)
    recovery_code = otp.new_recovery_code() if first else None
    authenticator = Authenticator(
        id=factor.new_id(),
        type=factor.type,
        user_id=user_id,
        secret=otp.new_secret(),
        created_at=now,
        recovery_hash=otp.recovery_code_hash(recovery_code) if recovery_code else None,
    )
    authenticators.add(connection, authenticator)
    return authenticator, recovery_code


def prove(tenant: Tenant, connection: sqlite3.Connection, attempt: Attempt) -> Proof | Refusal:
    """Check, count and log an attempt. The write has to be committed, whatever the result."""
    factor = attempt.factor
    result = factor.check(connection, attempt.user.user_id, attempt.code, tenant.clock.now(), attempt.only)
    for code in _log_types(factor, result):
        entry = log_entries.entry(tenant, code, attempt.facts, client=attempt.client, user=attempt.user)
        logs.add(connection, entry)
    return result


def error_of(factor: Factor, refusal: Refusal) -> OAuthError:
    """403 `invalid_grant` for a wrong or used code (documented for OTP); 429 `too_many_attempts` when none is left.

    The text of the 429 is that of Auth0's own pages; its status and code are guesses.
    """
    if refusal is Refusal.TOO_MANY:
        return OAuthError(429, "too_many_attempts", TOO_MANY)
    return OAuthError(403, "invalid_grant", factor.wrong)


def method(tenant: Tenant, factor: Factor) -> dict[str, Any]:
    """The entry of `event.authentication.methods` for a factor that was proved now."""
    return {"name": "mfa", "timestamp": time_text(tenant.clock.now()), "type": factor.type}


def remove(connection: sqlite3.Connection, user_id: str, authenticator_id: str) -> bool:
    """Delete a factor of the user; False if there is none of that id.

    The recovery code goes with the last authenticator: alone it is no factor, and the next enrolment brings its own.
    """
    if not authenticators.delete(connection, user_id, authenticator_id):
        return False
    if not authenticators.confirmed_of_user(connection, user_id):
        authenticators.delete_recovery_code(connection, user_id)
    return True


def reset(connection: sqlite3.Connection, user_id: str, now: int) -> None:
    """Delete every factor of the user and the wrong attempts, and end every login that waits for a factor.

    Such a login may be an intruder's, who could now enrol with it.
    """
    authenticators.delete_all(connection, user_id)
    end_waiting_logins(connection, user_id, now)


def end_waiting_logins(connection: sqlite3.Connection, user_id: str, now: int) -> None:
    """End every login of the user that waits for a factor, or is under way in a browser."""
    mfa_transactions.delete_of_user(connection, user_id)
    login_transactions.delete_of_user(connection, user_id)
    executions.cancel_challenges(connection, user_id, now)


def _log_types(factor: Factor, result: Proof | Refusal) -> tuple[str, ...]:
    succeeded, failed, one_too_many = factor.log_attempt
    if result is Refusal.TOO_MANY:
        return (one_too_many,)
    if result is Refusal.WRONG:
        return (failed,)
    return (succeeded, "gd_enrollment_complete") if result.enrolled else (succeeded,)
