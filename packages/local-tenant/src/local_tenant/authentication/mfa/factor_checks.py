"""One attempt to prove a factor: checked, counted and logged in one write, for the token endpoint and the pages."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from local_tenant.accounts import log_entries, second_factor
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.accounts.second_factor import Proof, Refusal
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import logs
from local_tenant.store.clients import Client
from local_tenant.store.users import User
from local_tenant.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Factor:
    """A kind of factor, and what its attempts are called.

    Attributes:
        type: in `event.authentication.methods`.
        succeeded: code of the log entry for a right one (documented).
        failed: code of the log entry for a wrong one (documented).
        limited: code of the log entry for one too many (documented).
        wrong: what is answered to a wrong one.
    """

    type: str
    succeeded: str
    failed: str
    limited: str
    wrong: str


OTP = Factor("otp", "gd_auth_succeed", "gd_auth_failed", "gd_otp_rate_limit_exceed", "Invalid otp_code.")
RECOVERY_CODE = Factor(
    "recovery-code",
    "gd_recovery_succeed",
    "gd_recovery_failed",
    "gd_recovery_rate_limit_exceed",
    "Invalid recovery_code.",
)

TOO_MANY = "Too many failed codes. Wait for some minutes before retrying."


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed, by whom.

    Attributes:
        factor: what it is to be.
        code: as it was typed.
        user: whose factor it is to prove.
        client: the application that the login is for.
        facts: the request.
        only: id of the one authenticator that it is to be checked against; None for any of the user's.
    """

    factor: Factor
    code: str
    user: User
    client: Client
    facts: RequestFacts
    only: str | None = None


def check(tenant: Tenant, connection: sqlite3.Connection, attempt: Attempt) -> Proof | Refusal:
    """Check the attempt within the write at hand, which must be kept whatever comes of it."""
    now = tenant.clock.now()
    user_id = attempt.user.user_id
    if attempt.factor is OTP:
        result = second_factor.prove_otp(connection, user_id, attempt.code, now, only=attempt.only)
    else:
        result = second_factor.prove_recovery_code(connection, user_id, attempt.code, now)
    for code in _codes(attempt.factor, result):
        entry = log_entries.entry(tenant, code, attempt.facts, client=attempt.client, user=attempt.user)
        logs.add(connection, entry)
    return result


def refused(factor: Factor, refusal: Refusal) -> OAuthError:
    """The error for an attempt that proved nothing.

    403 `invalid_grant` for a wrong or used code (documented for OTP); 429 `too_many_attempts` with the text of Auth0's
    own pages when none is left (status and code are guesses).
    """
    if refusal is Refusal.TOO_MANY:
        return OAuthError(429, "too_many_attempts", TOO_MANY)
    return OAuthError(403, "invalid_grant", factor.wrong)


def method(tenant: Tenant, factor: Factor) -> dict[str, Any]:
    """The entry of `event.authentication.methods` for a factor that was proved now."""
    return {"name": "mfa", "timestamp": time_text(tenant.clock.now()), "type": factor.type}


def _codes(factor: Factor, result: Proof | Refusal) -> tuple[str, ...]:
    if result is Refusal.TOO_MANY:
        return (factor.limited,)
    if result is Refusal.WRONG:
        return (factor.failed,)
    return (factor.succeeded, "gd_enrollment_complete") if result.enrolled else (factor.succeeded,)
