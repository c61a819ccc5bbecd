"""Users: create, list, search, read, change, delete."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import second_factors
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.log_entries import entry
from local_tenant.accounts.new_password import with_password
from local_tenant.accounts.passwords import hash_password
from local_tenant.accounts.profiles import default_profile
from local_tenant.accounts.request_facts import facts_of
from local_tenant.accounts.sessions import ended_by
from local_tenant.emails import normalised
from local_tenant.http import Json
from local_tenant.identifiers import new_user_id
from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.paging import ListPage, list_page_of, sorting
from local_tenant.management.search import Search, read_search
from local_tenant.management.user_json import Fields, user_json, users_json
from local_tenant.management.user_payloads import NewUser, UserChange, check_connection
from local_tenant.management.validation import invalid_query, read_payload
from local_tenant.metadata import Metadata, merged
from local_tenant.store import login_attempts, logs, password_tickets, sessions, users
from local_tenant.store.users import User
from local_tenant.tenant import tenant_of

# Attributes that `q` can search by (documented), as far as users of this tenant have them.
_SEARCHABLE = frozenset(
    {
        "blocked",
        "email",
        "email_verified",
        "family_name",
        "given_name",
        "identities.connection",
        "identities.provider",
        "identities.user_id",
        "last_ip",
        "logins_count",
        "name",
        "nickname",
        "user_id",
    }
)


def find_user(connection: sqlite3.Connection, user_id: str) -> User:
    """The user of that id.

    Raises:
        ApiError: 404 `inexistent_user`.
    """
    user = users.get(connection, user_id)
    if user is None:
        raise ApiError(404, "The user does not exist.", "inexistent_user")
    return user


async def create(request: Request) -> Response:
    """POST /users: 201 with the user. No Action runs: pre-user-registration is for people who sign up themselves."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewUser)
    check_connection(payload.connection)
    payload.check()
    if payload.email is None:
        raise invalid_body("'Missing required property: email'.")
    if payload.password is None:
        raise invalid_body("'Missing required property: password'.")
    now = tenant.clock.now()
    email = normalised(payload.email)
    user = User(
        user_id=f"auth0|{payload.user_id}" if payload.user_id else new_user_id(),
        connection=DATABASE_CONNECTION,
        email=email,
        email_verified=payload.email_verified or False,
        password_hash=await hash_password(tenant, payload.password),
        profile={**default_profile(email), **payload.profile},
        created_at=now,
        updated_at=now,
        user_metadata=merged({}, payload.user_metadata or {}),
        app_metadata=merged({}, payload.app_metadata or {}),
        blocked=payload.blocked or False,
    )

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        if not users.add(connection, user):
            raise ApiError(409, "The user already exists.", "auth0_idp_error")
        return user_json(connection, user)

    return Json(await tenant.database.write(work), status_code=201)


async def listing(request: Request) -> Response:
    """GET /users: all, or those that `q` fits, by `created_at`, oldest first unless `sort` says otherwise."""
    page = list_page_of(request)
    fields = Fields(request)
    newest_first = sorting(request, "created_at", newest_first=False)
    text = request.query_params.get("q")
    search = read_search(text, _is_searchable) if text and text.strip() else None
    connection_name = request.query_params.get("connection")
    if request.query_params.get("search_engine", "v3") not in ("v3", "v2"):
        raise invalid_query("'No enum match' on property search_engine.")

    def look(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], int]:
        if connection_name not in (None, DATABASE_CONNECTION):
            return [], 0
        return _matching(connection, search, page, newest_first=newest_first)

    items, total = tenant_of(request).database.read(look)
    return Json(page.answer("users", [fields.of(user) for user in items], total))


async def by_email(request: Request) -> Response:
    """GET /users-by-email?email=: a list. Emails are kept in lower case and compared as they are (documented)."""
    email = request.query_params.get("email")
    if not email:
        raise invalid_query("'Missing required property: email'.")
    fields = Fields(request)

    def look(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        user = users.by_email(connection, DATABASE_CONNECTION, email)
        return [] if user is None or user.email != email else [user_json(connection, user)]

    return Json([fields.of(user) for user in tenant_of(request).database.read(look)])


async def read(request: Request) -> Response:
    """GET /users/{id}."""
    fields = Fields(request)
    user_id = request.path_params["id"]
    content = tenant_of(request).database.read(lambda connection: user_json(connection, find_user(connection, user_id)))
    return Json(fields.of(content))


async def change(request: Request) -> Response:
    """PATCH /users/{id}: 200 with the user.

    Metadata is merged at the root level, and a key whose value is null goes; an empty object clears all (documented).
    A new password ends the blocks of brute-force protection (documented), and logins that wait for a factor. What
    ends the user's sessions: `sessions.ended_by`.
    """
    tenant = tenant_of(request)
    payload = await read_payload(request, UserChange)
    payload.check()
    password_hash = await hash_password(tenant, payload.password) if payload.password is not None else None

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        user = find_user(connection, request.path_params["id"])
        now = tenant.clock.now()
        changed = _changed(user, payload, now)
        if password_hash is not None:
            changed = with_password(connection, changed, password_hash, now)
        if changed.email != user.email:
            # Its link is in the old mailbox, which may be another person's by now.
            password_tickets.delete_of_user(connection, user.user_id)
        if ended_by(user, changed):
            sessions.delete_of_user(connection, user.user_id)
        if not users.update(connection, changed):
            raise ApiError(400, "The specified new email already exists", "auth0_idp_error")
        return user_json(connection, changed)

    return Json(await tenant.database.write(work))


async def delete(request: Request) -> Response:
    """DELETE /users/{id}: 204, also when there is no such user (documented); their data goes too."""
    tenant = tenant_of(request)
    user_id = request.path_params["id"]
    facts = facts_of(request)

    def work(connection: sqlite3.Connection) -> None:
        user = users.get(connection, user_id)
        if user is None:
            return
        second_factors.end_waiting_logins(connection, user_id, tenant.clock.now())
        users.delete(connection, user_id)
        login_attempts.forget(connection, user.email)
        logs.add(connection, entry(tenant, "sdu", facts, user=user))

    await tenant.database.write(work)
    return Response(status_code=204)


def _changed(user: User, payload: UserChange, now: int) -> User:
    changed = replace(
        user,
        profile={**user.profile, **payload.profile},
        user_metadata=_patched(user.user_metadata, payload.user_metadata),
        app_metadata=_patched(user.app_metadata, payload.app_metadata),
        updated_at=now,
    )
    if payload.blocked is not None:
        changed = replace(changed, blocked=payload.blocked)
    if payload.email is not None and normalised(payload.email) != user.email:
        # The new address is not verified yet.
        changed = replace(changed, email=normalised(payload.email), email_verified=False)
    if payload.email_verified is not None:
        changed = replace(changed, email_verified=payload.email_verified)
    return changed


def _patched(current: Metadata, sent: Metadata | None) -> Metadata:
    if sent is None:
        return current
    return merged(current, sent) if sent else {}


def _is_searchable(field: str) -> bool:
    return field in _SEARCHABLE or field.startswith(("user_metadata.", "app_metadata."))


def _matching(
    connection: sqlite3.Connection, search: Search | None, page: ListPage, *, newest_first: bool
) -> tuple[list[dict[str, Any]], int]:
    size = page.size
    if search is None:
        rows = users.page(connection, newest_first=newest_first, offset=page.start, limit=size)
        return users_json(connection, rows), users.count(connection)
    email = search.exactly("email")
    if email is not None:
        one = users.by_email(connection, DATABASE_CONNECTION, email)
        candidates = [] if one is None else [one]
    else:
        candidates = list(users.every(connection))
    fitting = [content for content in users_json(connection, candidates) if search.fits(content)]
    if newest_first:
        fitting.reverse()
    return list(page.slice(fitting)), len(fitting)
