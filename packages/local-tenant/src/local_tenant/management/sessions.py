"""Sessions of users' browsers: read and end them."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.sessions import session_json
from local_tenant.http import Json
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import take_of
from local_tenant.management.users import find_user
from local_tenant.store import sessions
from local_tenant.store.sessions import Session
from local_tenant.tenant import Tenant, tenant_of

DEFAULT_TAKE = 50
LARGEST_TAKE = 100


async def read(request: Request) -> Response:
    """GET /sessions/{id}: 200 or 404."""
    tenant = tenant_of(request)
    return Json(_session_json(tenant.database.read(_find, tenant, request)))


async def delete(request: Request) -> Response:
    """DELETE /sessions/{id}: 202; the refresh tokens from it stay valid."""
    await tenant_of(request).database.write(sessions.delete, request.path_params["id"])
    return Response(status_code=202)


async def revoke(request: Request) -> Response:
    """POST /sessions/{id}/revoke: 202; the refresh tokens from it are revoked too (documented)."""
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> None:
        session = _find(connection, tenant, request)
        sessions.revoke(connection, session.id, session.user_id)

    await tenant.database.write(work)
    return Response(status_code=202)


async def of_user(request: Request) -> Response:
    """GET /users/{id}/sessions?take=&from=: `{sessions, next?}`, newest first; `next` is the `from` of what follows."""
    tenant = tenant_of(request)
    take = take_of(request, "take", DEFAULT_TAKE, LARGEST_TAKE)

    def look(connection: sqlite3.Connection) -> list[Session]:
        user = find_user(connection, request.path_params["id"])
        return sessions.of_user(connection, user.user_id, tenant.clock.now())

    rows = tenant.database.read(look)
    start = request.query_params.get("from")
    if start is not None:
        ids = [session.id for session in rows]
        if start not in ids:
            raise ApiError(400, "The session that `from` names has ended.", "invalid_checkpoint")
        rows = rows[ids.index(start) + 1 :]
    content: dict[str, Any] = {"sessions": [_session_json(session) for session in rows[:take]]}
    if len(rows) > take:
        content["next"] = rows[take - 1].id
    return Json(content)


async def delete_of_user(request: Request) -> Response:
    """DELETE /users/{id}/sessions: 202."""

    def work(connection: sqlite3.Connection) -> None:
        sessions.delete_of_user(connection, find_user(connection, request.path_params["id"]).user_id)

    await tenant_of(request).database.write(work)
    return Response(status_code=202)


def _session_json(session: Session) -> dict[str, Any]:
    content = session_json(session)
    return {
        **{name: value for name, value in content.items() if name != "metadata"},
        "authentication": {"methods": list(session.methods)},
        "session_metadata": session.metadata,
    }


def _find(connection: sqlite3.Connection, tenant: Tenant, request: Request) -> Session:
    session = sessions.get(connection, request.path_params["id"])
    if session is None or session.expired(tenant.clock.now()):
        raise ApiError(404, "The session does not exist.", "inexistent_session")
    return session
