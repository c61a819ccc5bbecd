"""A browser's session with the tenant: a right password begins it, a cookie identifies it, a logout ends it.

It begins before the Actions run and stays when they deny the login (support article): each login that continues it
runs them again. It never outlives what Auth0 says ends it: a logout, its own time, a blocked or changed user.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

from action_runtime.timestamps import NANOSECONDS
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.entitlement import Entitlement, with_methods
from local_tenant.accounts.lifetimes import device_of, earliest, shown_device, used_by
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.identifiers import alphanumeric, hashed, opaque_token
from local_tenant.store import sessions, users
from local_tenant.store.sessions import Session
from local_tenant.store.users import User
from local_tenant.tenant import Tenant

# Auth0's defaults (documented): three days without use, seven days in any case.
IDLE_LIFETIME = 3 * 86_400 * NANOSECONDS
LIFETIME = 7 * 86_400 * NANOSECONDS


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with the cookie that opens it.

    Attributes:
        session: as it is stored.
        token: the cookie's value.
    """

    session: Session
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """The browser's session that a login belongs to.

    Attributes:
        id: of the session.
        authenticated_at: when the user gave their password; seconds since 1970.
        single_sign_on: whether it existed before the login, which then came without a credential of the user's.
        event: `event.session`; empty when a flow continues after a pause, which stores its event.
    """

    id: str
    authenticated_at: int
    single_sign_on: bool
    event: dict[str, Any] = field(default_factory=dict)


def cookie_name(tenant: Tenant) -> str:
    """One for each tenant: cookies know no ports, and several tenants may run on this machine."""
    return f"__Host-session-{tenant.port}"


def new(tenant: Tenant, user: User, facts: RequestFacts, method: dict[str, Any]) -> OpenSession:
    """A session of a user who has authenticated with `method` now; `begin` stores it."""
    token, now = opaque_token(), tenant.clock.now()
    session = Session(
        id=alphanumeric(32),
        token_hash=hashed(token),
        user_id=user.user_id,
        methods=(method,),
        device=device_of(facts),
        authenticated_at=now,
        created_at=now,
        updated_at=now,
        idle_lifetime=IDLE_LIFETIME,
        idle_expires_at=now + IDLE_LIFETIME,
        expires_at=now + LIFETIME,
    )
    return OpenSession(session, token)


def begin(connection: sqlite3.Connection, opened: OpenSession, user: User, request: Request, tenant: Tenant) -> None:
    """Store a new session in place of the one that the browser had: a new login is a new session (documented).

    `user` is who they were when their password was looked at: what ends sessions may have happened since.
    """
    before = _of_cookie(connection, tenant, request)
    if before is not None:
        sessions.delete(connection, before.id)
    present = users.get(connection, user.user_id)
    # One that began after a block would come alive when they are unblocked; one after a new password is what that
    # password was to end.
    if present is not None and not ended_by(user, present):
        sessions.put(connection, opened.session)


def ended_by(before: User, after: User) -> bool:
    """Whether such a change of a user ends their sessions (documented).

    A block does, a new password, another email, and an email that is no longer verified; one that gets verified does
    not (a support article on a change of Auth0's of 2025).
    """
    return (
        after.blocked
        or after.password_hash != before.password_hash
        or after.email != before.email
        or (before.email_verified and not after.email_verified)
    )


def current(tenant: Tenant, request: Request) -> Session | None:
    """The session of the browser that sent this, if there is one."""
    if cookie_name(tenant) not in request.cookies:
        return None
    return tenant.database.read(_of_cookie, tenant, request)


async def use(tenant: Tenant, request: Request, facts: RequestFacts) -> OpenSession | None:
    """The session of the browser that sent this, which counts as used: its idle time begins again (documented)."""
    if current(tenant, request) is None:
        return None

    def work(connection: sqlite3.Connection) -> Session | None:
        session = _of_cookie(connection, tenant, request)
        if session is None:
            return None
        now = tenant.clock.now()
        used = replace(
            session, device=used_by(session.device, facts), updated_at=now, idle_expires_at=now + session.idle_lifetime
        )
        sessions.put(connection, used)
        return used

    used = await tenant.database.write(work)
    return OpenSession(used, request.cookies[cookie_name(tenant)]) if used is not None else None


def still_open(connection: sqlite3.Connection, session_id: str | None, now: int) -> Session | None:
    """The session of a login under way, unless it ended meanwhile; None for a login without one."""
    session = None if session_id is None else sessions.get(connection, session_id)
    return None if session is None or session.expired(now) else session


def finish(connection: sqlite3.Connection, entitlement: Entitlement, now: int) -> bool:
    """Store the effects of a login of this session that passed; False when the session ended meanwhile."""
    session = still_open(connection, entitlement.session_id, now)
    if session is None:
        return False
    changes = entitlement.session
    idle_end = earliest(session.idle_expires_at, changes.idle_expires_at)
    changed = replace(
        session,
        methods=with_methods(session.methods, entitlement.methods),
        clients=tuple(dict.fromkeys((*session.clients, entitlement.client_id))),
        metadata=session.metadata if changes.metadata is None else changes.metadata,
        persistent=session.persistent if changes.cookie_mode is None else changes.cookie_mode == "persistent",
        expires_at=earliest(session.expires_at, changes.expires_at),
        idle_expires_at=idle_end,
        # Each use renews the lifetime that an Action set, not Auth0's default.
        idle_lifetime=session.idle_lifetime if changes.idle_expires_at is None else max(idle_end - now, 0),
        updated_at=now,
    )
    sessions.put(connection, changed)
    return True


def remember(tenant: Tenant, opened: OpenSession, answer: Response) -> None:
    """Give the browser its cookie.

    An application's hidden frame sends it too (silent authentication), so that it is not bound to the same site: what
    it opens goes to loopback applications alone.
    """
    session = tenant.database.read(sessions.get, opened.session.id)
    # The cookie stays as it is: another window may have begun a newer session since.
    if session is None:
        return
    answer.set_cookie(
        cookie_name(tenant),
        opened.token,
        # Whether it is still good the tenant decides, by its own clock, which may be ahead of the browser's.
        max_age=LIFETIME // NANOSECONDS if session.persistent else None,
        secure=True,
        httponly=True,
        samesite="none",
        path="/",
    )


def remind(tenant: Tenant, request: Request, answer: Response) -> None:
    """Give the browser its cookie again, once a step may have changed how long it is to keep it."""
    session = current(tenant, request)
    if session is not None:
        remember(tenant, OpenSession(session, request.cookies[cookie_name(tenant)]), answer)


def forget(tenant: Tenant, answer: Response) -> None:
    """Take the cookie away."""
    answer.delete_cookie(cookie_name(tenant), secure=True, httponly=True, samesite="none", path="/")


def of_login(session: Session, *, single_sign_on: bool) -> LoginSession:
    """The session as a login carries it."""
    return LoginSession(
        id=session.id,
        authenticated_at=session.authenticated_at // NANOSECONDS,
        single_sign_on=single_sign_on,
        event=session_json(session),
    )


def session_json(session: Session) -> dict[str, Any]:
    """`event.session` (documented)."""
    return {
        "id": session.id,
        "user_id": session.user_id,
        "created_at": time_text(session.created_at),
        "authenticated_at": time_text(session.authenticated_at),
        "updated_at": time_text(session.updated_at),
        "expires_at": time_text(session.expires_at),
        "idle_expires_at": time_text(session.idle_expires_at),
        "last_interacted_at": time_text(session.updated_at),
        "clients": [{"client_id": client_id} for client_id in session.clients],
        "device": shown_device(session.device),
        "cookie": {"mode": "persistent" if session.persistent else "non-persistent"},
        "metadata": session.metadata,
    }


def _of_cookie(connection: sqlite3.Connection, tenant: Tenant, request: Request) -> Session | None:
    session = sessions.by_token(connection, hashed(request.cookies.get(cookie_name(tenant), "")))
    return None if session is None or session.expired(tenant.clock.now()) else session
