"""What a new password brings with it, however it is set."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from local_tenant.accounts import second_factors
from local_tenant.store import login_attempts, password_tickets
from local_tenant.store.users import User


def with_password(connection: sqlite3.Connection, user: User, password_hash: str, now: int) -> User:
    """The user with the password, for the caller to store; what the old one let somebody begin ends.

    Blocks of brute-force protection end too (documented). The caller ends the sessions (`sessions.ended_by`).
    """
    login_attempts.forget(connection, user.email)
    # An intruder may have begun these: the new password must keep them out.
    second_factors.end_waiting_logins(connection, user.user_id, now)
    password_tickets.delete_of_user(connection, user.user_id)
    return replace(user, password_hash=password_hash, last_password_reset=now, updated_at=now)
