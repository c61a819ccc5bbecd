"""What is stored of a login, and the one write that stores it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace

from local_tenant.metadata import Metadata, merged
from local_tenant.oauth_errors import OAuthError
from local_tenant.store import executions, logs, refresh_tokens, sessions, users
from local_tenant.store.executions import Execution
from local_tenant.store.logs import LogEntry
from local_tenant.store.users import User
from local_tenant.transactions.login import Login


class LoginRefusedError(OAuthError):
    """The user was blocked or deleted while the login was under way."""


@dataclass(frozen=True, slots=True)
class RevokedSession:
    """The browser's session, revoked by an Action.

    Attributes:
        session_id: its id.
        keeps_refresh_tokens: whether its refresh tokens stay valid.
    """

    session_id: str
    keeps_refresh_tokens: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRecord:
    """What is stored of a login, however it ends.

    Attributes:
        login: the login; its user is the transaction's snapshot.
        now: nanoseconds since 1970.
        counts: whether to add one to `logins_count`.
        app_metadata: changes.
        user_metadata: changes.
        execution: the run of the flow; None when no Action ran.
        entries: for the tenant's log.
        revoked_family: family of refresh tokens that an Action revoked.
        revoked_session: session that an Action revoked.
        requires_user: whether it is an error when the user has been blocked or deleted since.
    """

    login: Login
    now: int
    counts: bool
    app_metadata: Metadata = field(default_factory=dict)
    user_metadata: Metadata = field(default_factory=dict)
    execution: Execution | None = None
    entries: tuple[LogEntry, ...]
    revoked_family: str | None = None
    revoked_session: RevokedSession | None = None
    requires_user: bool = True

    def write(self, connection: sqlite3.Connection) -> None:
        """Store it within the write at hand.

        Raises:
            LoginRefusedError: the user was blocked or deleted meanwhile; nothing may be stored then.
        """
        user = users.get(connection, self.login.user.user_id)
        if self.requires_user:
            check_user(self.login, user)
        if user is not None:
            changed = self._changed(user)
            if changed is not user:
                users.update(connection, changed)
        if self.revoked_family is not None:
            refresh_tokens.revoke_family(connection, self.revoked_family)
        if self.revoked_session is not None:
            session_id, user_id = self.revoked_session.session_id, self.login.user.user_id
            if self.revoked_session.keeps_refresh_tokens:
                sessions.delete(connection, session_id)
            else:
                sessions.revoke(connection, session_id, user_id)
        if self.execution is not None:
            executions.put(connection, self.execution)
        for entry in self.entries:
            logs.add(connection, entry)

    def _changed(self, user: User) -> User:
        if self.counts:
            user = replace(
                user,
                logins_count=user.logins_count + 1,
                last_login=self.now,
                last_ip=self.login.facts.ip,
                updated_at=self.now,
            )
        # Merged into the present metadata, not into the snapshot's: what others wrote meanwhile stays.
        if self.app_metadata:
            user = replace(user, app_metadata=merged(user.app_metadata, self.app_metadata), updated_at=self.now)
        if self.user_metadata:
            user = replace(user, user_metadata=merged(user.user_metadata, self.user_metadata), updated_at=self.now)
        return user


def check_user(login: Login, user: User | None) -> User:
    """The user, unless they are blocked or deleted.

    Raises:
        LoginRefusedError: they are.
    """
    if user is None:
        if login.exchanged is not None:
            raise LoginRefusedError(403, "invalid_grant", "Unknown or invalid refresh token.")
        raise LoginRefusedError(403, "invalid_grant", "Wrong email or password.")
    if user.blocked:
        raise blocked(refresh=login.exchanged is not None)
    return user


def blocked(*, refresh: bool) -> LoginRefusedError:
    """The error for a blocked user: `invalid_grant` for a refresh (quoted in an issue), else `unauthorized`."""
    if refresh:
        return LoginRefusedError(403, "invalid_grant", "user is blocked")
    return LoginRefusedError(401, "unauthorized", "user is blocked")
