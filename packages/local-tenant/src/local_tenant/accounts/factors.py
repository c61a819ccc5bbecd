"""The second factors of the tenant: one description each, which every API, the event and the pages read.

A new factor is a row of `FACTORS`: docs/contributing.md of this package lists what goes with it.
"""

from __future__ import annotations

import hmac
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts import otp
from local_tenant.identifiers import alphanumeric
from local_tenant.store import authenticators
from local_tenant.store.authenticators import Authenticator, RecoveryCode


class Refusal(Enum):
    """Why an attempt proved nothing."""

    WRONG = "wrong"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Proof:
    """A factor was proved.

    Attributes:
        authenticator_id: of the authenticator or recovery code.
        enrolled: whether this confirmed a new authenticator.
        recovery_code: the user's new recovery code, shown this once; None when the old one stays.
    """

    authenticator_id: str
    enrolled: bool = False
    recovery_code: str | None = None


# connection of the write at hand, user id, code as typed, now in nanoseconds since 1970, id of the one authenticator to
# check (None for any of the user's). It never raises for a wrong code: that would undo what is stored of the attempt.
Check = Callable[[sqlite3.Connection, str, str, int, str | None], Proof | Refusal]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A page of the login in the browser that asks for a code.

    Attributes:
        path: its path.
        title: its heading.
        text: what the user has to do.
        label: of the input.
    """

    path: str
    title: str
    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A kind of second factor, with its names at Auth0.

    Attributes:
        name: in sentences.
        type: in Actions (`challengeWith`, `event.user.enrolledFactors`), `event.authentication.methods` and the store.
        authenticator_type: in the MFA API, also as `challenge_type`.
        method_type: in /users/{id}/authentication-methods.
        id_prefix: of the authenticator's id, before `|`.
        grant: in a client's grant types and, below http://auth0.com/oauth/grant-type/, at the token endpoint.
        parameter: of that grant, with the code.
        log_exchange: types of the log entries for that grant: succeeded, failed (documented).
        log_attempt: types of the log entries for an attempt: succeeded, failed, one too many (documented).
        wrong: the answer to a wrong code.
        pattern: that its codes match, apart from blanks.
        wrong_on_page: what its pages say of a wrong code, and of one that does not match the pattern.
        means: what the user has of it, in links to its page.
        digits: whether its codes are digits, for the keyboard of a phone.
        challenge: the page that asks for it.
        enrolment: the page that enrols it; None for a recovery code, which comes with another factor.
        enrollment_type: in /users/{id}/enrollments, as `type` and `auth_method`.
        check: checks a code, inside a write.
    """

    name: str
    type: str
    authenticator_type: str
    method_type: str
    id_prefix: str
    grant: str
    parameter: str
    log_exchange: tuple[str, str]
    log_attempt: tuple[str, str, str]
    wrong: str
    pattern: re.Pattern[str]
    wrong_on_page: tuple[str, str]
    means: str
    digits: bool
    challenge: Prompt
    enrolment: Prompt | None = None
    enrollment_type: str = ""
    check: Check

    def new_id(self) -> str:
        """The id of a new authenticator: `totp|dev_` and 16 letters and digits, as Auth0 makes them."""
        return f"{self.id_prefix}|dev_{alphanumeric(16)}"


def renew_recovery_code(connection: sqlite3.Connection, user_id: str, now: int) -> str:
    """Replace the user's recovery code; returns the new one, of which only the hash is stored."""
    code = otp.new_recovery_code()
    store_recovery_code(connection, user_id, otp.recovery_code_hash(code), now)
    return code


def store_recovery_code(connection: sqlite3.Connection, user_id: str, code_hash: bytes, now: int) -> None:
    """Make this the user's recovery code."""
    authenticators.put_recovery_code(connection, RecoveryCode(RECOVERY_CODE.new_id(), user_id, code_hash, now))


def _check_otp(connection: sqlite3.Connection, user_id: str, code: str, now: int, only: str | None) -> Proof | Refusal:
    """Check a one-time password; its time step is used up, or the attempt counted.

    Unconfirmed authenticators count as well: beside a confirmed one there are only those begun by a session that had
    proved it, because `_accept` and `second_factors.associate` leave no others.
    """
    if _spent(connection, user_id, OTP, now):
        return Refusal.TOO_MANY
    enrolled = [each for each in authenticators.of_user(connection, user_id) if each.type == OTP.type]
    first = not any(each.confirmed for each in enrolled)
    for authenticator in enrolled:
        if only is not None and authenticator.id != only:
            continue
        seconds = now // NANOSECONDS
        step = otp.accepted_step(authenticator.secret, code, seconds=seconds, last_step=authenticator.last_step)
        if step is not None:
            _accept(connection, authenticator, step, now, first=first)
            return Proof(authenticator.id, enrolled=not authenticator.confirmed)
    _count_failure(connection, user_id, OTP, now)
    return Refusal.WRONG


def _check_recovery_code(
    connection: sqlite3.Connection, user_id: str, code: str, now: int, _only: str | None
) -> Proof | Refusal:
    """Check the user's recovery code, which is then replaced by a new one (documented)."""
    if _spent(connection, user_id, RECOVERY_CODE, now):
        return Refusal.TOO_MANY
    stored = authenticators.recovery_code(connection, user_id)
    if stored is None or not hmac.compare_digest(stored.hash, otp.recovery_code_hash(code)):
        _count_failure(connection, user_id, RECOVERY_CODE, now)
        return Refusal.WRONG
    return Proof(stored.id, recovery_code=renew_recovery_code(connection, user_id, now))


def _accept(connection: sqlite3.Connection, authenticator: Authenticator, step: int, now: int, *, first: bool) -> None:
    authenticators.record_success(connection, authenticator.id, step, now)
    if first:
        # Other logins began them, and know their secrets: none may be confirmed beside this one.
        authenticators.delete_unconfirmed(connection, authenticator.user_id)
    if authenticator.recovery_hash is not None:
        store_recovery_code(connection, authenticator.user_id, authenticator.recovery_hash, now)


def _spent(connection: sqlite3.Connection, user_id: str, factor: Factor, now: int) -> bool:
    return otp.attempts_left(authenticators.attempts_full_at(connection, user_id, factor.type), now) == 0


def _count_failure(connection: sqlite3.Connection, user_id: str, factor: Factor, now: int) -> None:
    full_at = authenticators.attempts_full_at(connection, user_id, factor.type)
    authenticators.put_attempts_full_at(connection, user_id, factor.type, otp.full_after_failure(full_at, now))


OTP = Factor(
    name="one-time password",
    type="otp",
    authenticator_type="otp",
    method_type="totp",
    id_prefix="totp",
    grant="mfa-otp",
    parameter="otp",
    log_exchange=("seotpft", "feotpft"),
    log_attempt=("gd_auth_succeed", "gd_auth_failed", "gd_otp_rate_limit_exceed"),
    wrong="Invalid otp_code.",
    pattern=re.compile("[0-9]{6}"),
    wrong_on_page=("The code is wrong or was used before.", "Enter the 6 digits that the app shows."),
    means="authenticator app",
    digits=True,
    challenge=Prompt(
        "/u/mfa-otp-challenge", "Verify your identity", "Type the code of your authenticator app.", "Code"
    ),
    enrolment=Prompt(
        "/u/mfa-otp-enrollment",
        "Secure your account",
        "Scan this code with an authenticator app, or type the secret into it; then type the code it shows.",
        "One-time code",
    ),
    enrollment_type="authenticator",
    check=_check_otp,
)
RECOVERY_CODE = Factor(
    name="recovery code",
    type="recovery-code",
    authenticator_type="recovery-code",
    method_type="recovery-code",
    id_prefix="recovery-code",
    grant="mfa-recovery-code",
    parameter="recovery_code",
    log_exchange=("sercft", "fercft"),
    log_attempt=("gd_recovery_succeed", "gd_recovery_failed", "gd_recovery_rate_limit_exceed"),
    wrong="Invalid recovery_code.",
    pattern=re.compile("[A-Za-z0-9]{24}"),
    wrong_on_page=("The recovery code is wrong.", "Enter the 24 letters and digits of the recovery code."),
    means="recovery code",
    digits=False,
    challenge=Prompt(
        "/u/mfa-recovery-code-challenge",
        "Use your recovery code",
        "Enter the recovery code that you saved when you enrolled.",
        "Recovery code",
    ),
    check=_check_recovery_code,
)

FACTORS = (OTP, RECOVERY_CODE)
BY_TYPE = {factor.type: factor for factor in FACTORS}
ENROLMENTS = tuple(factor.enrolment for factor in FACTORS if factor.enrolment)
ENROLLABLE = tuple(factor for factor in FACTORS if factor.enrolment)
