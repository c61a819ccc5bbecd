"""Beginning and proving a second factor, inside a write: what is right or wrong, and what is kept of it.

Nothing here raises for a wrong code: the wrong attempt has to be kept, and an exception would undo it.
"""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import dataclass
from enum import Enum

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts import otp
from local_tenant.identifiers import alphanumeric
from local_tenant.store import authenticators, login_transactions, mfa_transactions
from local_tenant.store.authenticators import AttemptKind, Authenticator, RecoveryCode

# What was begun and not proved by then is forgotten when the next is begun; no login takes that long.
UNCONFIRMED_KEPT = 60 * 60 * NANOSECONDS


class Refusal(Enum):
    """Why a factor was not proved."""

    WRONG = "wrong"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Proof:
    """A factor was proved.

    Attributes:
        authenticator_id: with which authenticator or recovery code.
        enrolled: whether this confirmed a new authenticator.
        recovery_code: the user's new recovery code, which is shown this once; None when the old one stays.
    """

    authenticator_id: str
    enrolled: bool = False
    recovery_code: str | None = None


@dataclass(frozen=True, slots=True)
class Association:
    """A new authenticator that waits for its first code.

    Attributes:
        authenticator: as it is kept.
        recovery_code: in force once the authenticator is confirmed, shown this once; None when the user has one.
    """

    authenticator: Authenticator
    recovery_code: str | None


def associate(connection: sqlite3.Connection, user_id: str, now: int) -> Association:
    """Begin to enrol an authenticator app; once the user has a confirmed one, only for a session that has proved it.

    A recovery code is made with it while the user has no confirmed factor, and stays tied to it: whoever else begins an
    enrolment with the user's password must not end up with a code for the authenticator that the user confirms.
    """
    authenticators.delete_unconfirmed(connection, user_id, before=now - UNCONFIRMED_KEPT)
    first = not authenticators.confirmed_of_user(connection, user_id)
    recovery_code = otp.new_recovery_code() if first else None
    authenticator = Authenticator(
        id=f"totp|dev_{alphanumeric(16)}",
        user_id=user_id,
        secret=otp.new_secret(),
        created_at=now,
        recovery_hash=otp.recovery_code_hash(recovery_code) if recovery_code else None,
    )
    authenticators.add(connection, authenticator)
    return Association(authenticator, recovery_code)


def prove_otp(
    connection: sqlite3.Connection,
    user_id: str,
    code: str,
    now: int,
    *,
    only: str | None = None,
) -> Proof | Refusal:
    """Check a one-time password against the user's authenticators; its time step is used up, or the attempt counted.

    Those that wait for their first code count as well: beside a confirmed one there are none but those that were begun
    by whoever had proved that, because `_accept` and `associate` leave no others.

    Args:
        connection: of the write at hand.
        user_id: whose factor is to be proved.
        code: what was typed.
        now: nanoseconds since 1970.
        only: id of the one authenticator that was asked for, if one was.
    """
    if _spent(connection, user_id, "otp", now):
        return Refusal.TOO_MANY
    every = authenticators.of_user(connection, user_id)
    enrolled = any(authenticator.confirmed for authenticator in every)
    for authenticator in every:
        if only is not None and authenticator.id != only:
            continue
        step = otp.accepted_step(
            authenticator.secret,
            code,
            seconds=now // NANOSECONDS,
            last_step=authenticator.last_step,
        )
        if step is not None:
            _accept(connection, authenticator, step, now, first=not enrolled)
            return Proof(authenticator.id, enrolled=not authenticator.confirmed)
    _count_failure(connection, user_id, "otp", now)
    return Refusal.WRONG


def prove_recovery_code(connection: sqlite3.Connection, user_id: str, code: str, now: int) -> Proof | Refusal:
    """Check the user's recovery code, which is then replaced by a new one (documented); a wrong attempt is counted."""
    if _spent(connection, user_id, "recovery-code", now):
        return Refusal.TOO_MANY
    held = authenticators.recovery_code(connection, user_id)
    if held is None or not hmac.compare_digest(held.hash, otp.recovery_code_hash(code)):
        _count_failure(connection, user_id, "recovery-code", now)
        return Refusal.WRONG
    return Proof(held.id, recovery_code=renew_recovery_code(connection, user_id, now))


def renew_recovery_code(connection: sqlite3.Connection, user_id: str, now: int) -> str:
    """Replace the user's recovery code; returns the new one, of which only the hash is kept."""
    fresh = otp.new_recovery_code()
    authenticators.put_recovery_code(connection, _recovery_code(user_id, otp.recovery_code_hash(fresh), now))
    return fresh


def remove(connection: sqlite3.Connection, user_id: str, authenticator_id: str) -> bool:
    """Forget one factor of the user; False when there is none of that id.

    The recovery code goes with the last authenticator: alone it is no factor, and the next enrolment brings its own.
    """
    if not authenticators.delete(connection, user_id, authenticator_id):
        return False
    if not authenticators.confirmed_of_user(connection, user_id):
        authenticators.delete_recovery_code(connection, user_id)
    return True


def reset(connection: sqlite3.Connection, user_id: str) -> None:
    """Forget every factor of the user and the wrong attempts, and end every login that waits for a factor.

    Such a login may have been begun by whoever the reset is meant to keep out, who could now enrol with it.
    """
    authenticators.delete_all(connection, user_id)
    mfa_transactions.delete_of_user(connection, user_id)
    login_transactions.delete_of_user(connection, user_id)


def _accept(connection: sqlite3.Connection, authenticator: Authenticator, step: int, now: int, *, first: bool) -> None:
    authenticators.record_success(connection, authenticator.id, step, now)
    if first:
        # Whoever began them knows their secrets: none may be confirmed beside this one.
        authenticators.delete_unconfirmed(connection, authenticator.user_id)
    if authenticator.recovery_hash is not None:
        code = _recovery_code(authenticator.user_id, authenticator.recovery_hash, now)
        authenticators.put_recovery_code(connection, code)


def _recovery_code(user_id: str, code_hash: bytes, now: int) -> RecoveryCode:
    return RecoveryCode(f"recovery-code|dev_{alphanumeric(16)}", user_id, code_hash, now)


def _spent(connection: sqlite3.Connection, user_id: str, kind: AttemptKind, now: int) -> bool:
    return otp.attempts_left(authenticators.attempts_full_at(connection, user_id, kind), now) == 0


def _count_failure(connection: sqlite3.Connection, user_id: str, kind: AttemptKind, now: int) -> None:
    full_at = authenticators.attempts_full_at(connection, user_id, kind)
    authenticators.put_attempts_full_at(connection, user_id, kind, otp.full_after_failure(full_at, now))
