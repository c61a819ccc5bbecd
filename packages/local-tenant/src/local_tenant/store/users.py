"""The tenant's users: one row each, found by id or by email.

An account that was linked to another user is that user's secondary identity: its row keeps email and password, and is
no user of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from local_tenant.emails import normalised
from local_tenant.metadata import Metadata
from local_tenant.store.table import Table


@dataclass(frozen=True, slots=True)
class User:
    """A user of a database connection.

    Attributes:
        user_id: `auth0|` and 24 hex digits.
        connection: name of the connection that holds the password.
        email: lower case.
        email_verified: whether it was verified.
        password_hash: argon2id, with its parameters.
        profile: name, nickname, picture, given_name, family_name; what is not known is absent.
        user_metadata: what belongs to the user.
        app_metadata: what belongs to the applications.
        blocked: whether logins are refused.
        logins_count: right passwords so far, whatever came of the login.
        last_login: None before the first.
        last_ip: where the last login came from.
        last_password_reset: None if the password was never changed.
        linked: secondary identities, `{connection, user_id, provider, isSocial, profileData}`.
        linked_to: id of the primary user; None for every user that `get` finds.
    """

    user_id: str
    connection: str
    email: str
    email_verified: bool
    password_hash: str
    profile: dict[str, Any]
    created_at: int
    updated_at: int
    user_metadata: Metadata = field(default_factory=dict)
    app_metadata: Metadata = field(default_factory=dict)
    blocked: bool = False
    logins_count: int = 0
    last_login: int | None = None
    last_ip: str | None = None
    last_password_reset: int | None = None
    linked: tuple[dict[str, Any], ...] = ()
    linked_to: str | None = None


_TABLE = Table("users", User)


def get(connection: sqlite3.Connection, user_id: str) -> User | None:
    """The user of that id, if any."""
    return _TABLE.get(connection, "user_id = ? AND linked_to IS NULL", user_id)


def by_email(connection: sqlite3.Connection, name: str, email: str) -> User | None:
    """The user of that email (in any case) in the connection `name`, if any."""
    user = account(connection, name, email)
    return None if user is None or user.linked_to is not None else user


def account(connection: sqlite3.Connection, name: str, email: str) -> User | None:
    """Whose email it is (in any case) in the connection `name`: a user or a linked account."""
    return _TABLE.get(connection, "connection = ? AND email = ?", name, normalised(email))


def linked_account(connection: sqlite3.Connection, user_id: str) -> User | None:
    """The account that had this id before it was linked to another user, if there is one."""
    return _TABLE.get(connection, "user_id = ? AND linked_to IS NOT NULL", user_id)


def every(connection: sqlite3.Connection) -> Iterator[User]:
    """All users, oldest first, one at a time."""
    return _TABLE.each(connection, "WHERE linked_to IS NULL ORDER BY position")


def count(connection: sqlite3.Connection) -> int:
    """How many users there are."""
    return int(connection.execute("SELECT count(*) FROM users WHERE linked_to IS NULL").fetchone()[0])


def page(connection: sqlite3.Connection, *, newest_first: bool, offset: int, limit: int) -> list[User]:
    """Users in the order in which they were created, from `offset`, at most `limit`."""
    order = "DESC" if newest_first else "ASC"
    return _TABLE.all(connection, f"WHERE linked_to IS NULL ORDER BY position {order} LIMIT ? OFFSET ?", limit, offset)


def add(connection: sqlite3.Connection, user: User) -> bool:
    """Store a new user; False if the connection has one of that email or id already."""
    return _TABLE.add(connection, user, ignore_conflict=True)


def update(connection: sqlite3.Connection, user: User) -> bool:
    """Update a user; False if another one of the connection has that email."""
    try:
        _TABLE.update(connection, user, "user_id")
    except sqlite3.IntegrityError:
        return False
    return True


def delete(connection: sqlite3.Connection, user_id: str) -> bool:
    """Delete a user with everything that belongs to them; False when there is none of that id."""
    return _TABLE.delete(connection, "user_id = ?", user_id) > 0
