"""Logins under way in a browser, from /authorize to the answer, each under the hash of its `state`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from action_runtime.timestamps import NANOSECONDS

from local_tenant.store.table import Table

# How long an expired one is kept, so that a page can say that it took too long.
KEPT_AFTER_EXPIRY = 24 * 60 * 60 * NANOSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTransaction:
    """A browser's login.

    Attributes:
        state_hash: SHA-256 of the identifier in the pages' addresses.
        browser_hash: SHA-256 of the cookie of the browser that began it.
        client_id: the application.
        parameters: JSON object, the query of /authorize.
        user_id: whose password was right; None before.
        pending: JSON, what the login needs to go on after a second factor; None before, and once that was proved.
        ending: JSON, what the answer to the application is made of, once the login is over; None before.
        enrolling: id of the authenticator that its enrolment page shows; None when it has shown none.
        problem: JSON object, what was wrong with the form that was sent last; None before.
        proof: JSON object, the factor that was proved, while its page shows the new recovery code; None otherwise.
    """

    state_hash: bytes
    browser_hash: bytes
    client_id: str
    parameters: str
    user_id: str | None = None
    pending: str | None = None
    enrolling: str | None = None
    problem: str | None = None
    proof: str | None = None
    ending: str | None = None
    created_at: int
    expires_at: int


_TABLE = Table("login_transactions", LoginTransaction)


def get(connection: sqlite3.Connection, state_hash: bytes) -> LoginTransaction | None:
    """The transaction of that state, expired or not."""
    return _TABLE.get(connection, "state_hash = ?", state_hash)


def add(connection: sqlite3.Connection, transaction: LoginTransaction) -> None:
    """Store a new transaction, and delete those that expired long ago."""
    _TABLE.delete(connection, "expires_at < ?", transaction.created_at - KEPT_AFTER_EXPIRY)
    _TABLE.add(connection, transaction)


def wait(connection: sqlite3.Connection, state_hash: bytes, user_id: str, pending: str) -> bool:
    """Record that the password was right and a factor is required; False if the transaction is gone."""
    changed = connection.execute(
        "UPDATE login_transactions SET user_id = ?, pending = ?, enrolling = NULL, proof = NULL "
        "WHERE state_hash = ? AND ending IS NULL",
        (user_id, pending, state_hash),
    ).rowcount
    return changed > 0


def show_enrolment(connection: sqlite3.Connection, state_hash: bytes, authenticator_id: str) -> None:
    """The enrolment page shows this authenticator from now on."""
    connection.execute(
        "UPDATE login_transactions SET enrolling = ? WHERE state_hash = ?", (authenticator_id, state_hash)
    )


def put_problem(connection: sqlite3.Connection, state_hash: bytes, problem: str) -> None:
    """The form that was sent last was wrong."""
    connection.execute("UPDATE login_transactions SET problem = ? WHERE state_hash = ?", (problem, state_hash))


def proved(connection: sqlite3.Connection, state_hash: bytes, proof: str | None = None) -> None:
    """The factor was proved: no other request can continue from here, but one that takes the proof."""
    connection.execute(
        "UPDATE login_transactions SET pending = NULL, proof = ? WHERE state_hash = ?", (proof, state_hash)
    )


def take_proof(connection: sqlite3.Connection, state_hash: bytes) -> str | None:
    """The proof that a new recovery code was shown for, once; None without one."""
    transaction = get(connection, state_hash)
    proved(connection, state_hash)
    return None if transaction is None else transaction.proof


def end(connection: sqlite3.Connection, state_hash: bytes, user_id: str | None, ending: str) -> bool:
    """The login is over, and has this ending; False if it was over or gone already."""
    changed = connection.execute(
        "UPDATE login_transactions SET user_id = coalesce(?, user_id), pending = NULL, ending = ? "
        "WHERE state_hash = ? AND ending IS NULL",
        (user_id, ending, state_hash),
    ).rowcount
    return changed > 0


def confirm(connection: sqlite3.Connection, state_hash: bytes) -> None:
    """The user has confirmed a login that is over."""
    connection.execute(
        "UPDATE login_transactions SET ending = json_set(ending, '$.unconfirmed', json('false')) WHERE state_hash = ?",
        (state_hash,),
    )


def take_ending(connection: sqlite3.Connection, state_hash: bytes) -> str | None:
    """Delete a transaction that is over; returns its ending, None if there is none or the user has to confirm it."""
    row = connection.execute(
        "DELETE FROM login_transactions "
        "WHERE state_hash = ? AND ending IS NOT NULL AND NOT coalesce(json_extract(ending, '$.unconfirmed'), 0) "
        "RETURNING ending",
        (state_hash,),
    ).fetchone()
    return None if row is None else str(row["ending"])


def delete(connection: sqlite3.Connection, state_hash: bytes) -> bool:
    """Delete the transaction; False if it was gone already."""
    return _TABLE.delete(connection, "state_hash = ?", state_hash) > 0


def delete_of_session(connection: sqlite3.Connection, user_id: str, session_id: str) -> None:
    """Delete the transactions of this user's session that are over and not answered yet."""
    _TABLE.delete(
        connection, "user_id = ? AND json_extract(ending, '$.entitlement.session_id') = ?", user_id, session_id
    )


def delete_of_user(connection: sqlite3.Connection, user_id: str) -> None:
    """Delete every transaction of this user."""
    _TABLE.delete(connection, "user_id = ?", user_id)
