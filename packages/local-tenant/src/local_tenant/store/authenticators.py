"""What users prove a second factor with: authenticator apps (OTP), recovery codes; and their wrong attempts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An authenticator app that holds a secret of the user's.

    Attributes:
        id: `totp|dev_` and 16 letters and digits, as Auth0 makes them.
        type: of the factor, as in Actions: `otp`.
        user_id: whose it is.
        secret: base32, in plain text: checking a code needs it (the data folder is its owner's alone).
        recovery_hash: SHA-256 of the recovery code that becomes valid once it is confirmed; None if the user has one.
        confirmed_at: when its first code was right; None while it cannot be challenged.
        last_auth_at: when a code of it was last right.
        last_step: the time step of that code; neither it nor an earlier one is accepted again.
    """

    id: str
    type: str
    user_id: str
    secret: str
    created_at: int
    recovery_hash: bytes | None = None
    confirmed_at: int | None = None
    last_auth_at: int | None = None
    last_step: int | None = None

    @property
    def confirmed(self) -> bool:
        """Whether it counts as a factor of the user's."""
        return self.confirmed_at is not None


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """The one recovery code that a user has at a time.

    Attributes:
        id: `recovery-code|dev_` and 16 letters and digits.
        user_id: whose it is.
        hash: SHA-256 of the code.
    """

    id: str
    user_id: str
    hash: bytes
    created_at: int


_AUTHENTICATORS = Table("authenticators", Authenticator)
_RECOVERY_CODES = Table("recovery_codes", RecoveryCode)


def get(connection: sqlite3.Connection, user_id: str, authenticator_id: str) -> Authenticator | None:
    """The user's authenticator of that id, confirmed or not."""
    return _AUTHENTICATORS.get(connection, "user_id = ? AND id = ?", user_id, authenticator_id)


def of_user(connection: sqlite3.Connection, user_id: str) -> list[Authenticator]:
    """The user's authenticators, oldest first, confirmed or not."""
    return _AUTHENTICATORS.all(connection, "WHERE user_id = ? ORDER BY created_at, id", user_id)


def confirmed_of_user(connection: sqlite3.Connection, user_id: str) -> list[Authenticator]:
    """The authenticators that the user can be challenged with."""
    return [authenticator for authenticator in of_user(connection, user_id) if authenticator.confirmed]


def confirmed_of_users(connection: sqlite3.Connection, user_ids: Sequence[str]) -> list[Authenticator]:
    """The authenticators that any of these users can be challenged with."""
    rest = "WHERE confirmed_at IS NOT NULL AND user_id IN (SELECT value FROM json_each(?)) ORDER BY created_at, id"
    return _AUTHENTICATORS.all(connection, rest, json.dumps(list(user_ids)))


def add(connection: sqlite3.Connection, authenticator: Authenticator) -> None:
    """Store a new authenticator."""
    _AUTHENTICATORS.add(connection, authenticator)


def record_success(connection: sqlite3.Connection, authenticator_id: str, step: int, now: int) -> None:
    """A code of this authenticator was right: its step is used up, and the authenticator counts from now on."""
    connection.execute(
        "UPDATE authenticators SET last_step = ?, last_auth_at = ?, confirmed_at = COALESCE(confirmed_at, ?), "
        "recovery_hash = NULL WHERE id = ?",
        (step, now, now, authenticator_id),
    )


def delete(connection: sqlite3.Connection, user_id: str, authenticator_id: str) -> bool:
    """Delete one authenticator or the recovery code of the user; False if there is none of that id."""
    gone = _AUTHENTICATORS.delete(connection, "user_id = ? AND id = ?", user_id, authenticator_id)
    gone += _RECOVERY_CODES.delete(connection, "user_id = ? AND id = ?", user_id, authenticator_id)
    return gone > 0


def delete_unconfirmed(connection: sqlite3.Connection, user_id: str, *, before: int | None = None) -> None:
    """Delete the user's unconfirmed authenticators, those created before that time if one is named."""
    _AUTHENTICATORS.delete(
        connection, "user_id = ?1 AND confirmed_at IS NULL AND (?2 IS NULL OR created_at < ?2)", user_id, before
    )


def delete_all(connection: sqlite3.Connection, user_id: str) -> None:
    """Delete every factor of the user, the recovery code and the wrong attempts: a reset."""
    for table in ("authenticators", "recovery_codes", "mfa_attempts"):
        connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))  # noqa: S608 - one of these three


def recovery_code(connection: sqlite3.Connection, user_id: str) -> RecoveryCode | None:
    """The user's recovery code, if one was ever made."""
    return _RECOVERY_CODES.get(connection, "user_id = ?", user_id)


def put_recovery_code(connection: sqlite3.Connection, code: RecoveryCode) -> None:
    """Make this the user's recovery code; the previous one becomes invalid."""
    _RECOVERY_CODES.put(connection, code)


def delete_recovery_code(connection: sqlite3.Connection, user_id: str) -> None:
    """Delete the user's recovery code."""
    _RECOVERY_CODES.delete(connection, "user_id = ?", user_id)


def attempts_full_at(connection: sqlite3.Connection, user_id: str, factor_type: str) -> int:
    """When the user's bucket of wrong attempts is full again; 0 if it never was drawn from."""
    row = connection.execute(
        "SELECT full_at FROM mfa_attempts WHERE user_id = ? AND kind = ?", (user_id, factor_type)
    ).fetchone()
    return 0 if row is None else int(row["full_at"])


def put_attempts_full_at(connection: sqlite3.Connection, user_id: str, factor_type: str, full_at: int) -> None:
    """Set when the user's bucket of wrong attempts is full again."""
    connection.execute(
        "INSERT OR REPLACE INTO mfa_attempts (user_id, kind, full_at) VALUES (?, ?, ?)", (user_id, factor_type, full_at)
    )
