"""Blocks of brute-force protection: look at them, and take them away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.password_check import MOST_FAILURES, since
from local_tenant.emails import normalised
from local_tenant.http import Json
from local_tenant.management.users import find_user
from local_tenant.management.validation import invalid_query
from local_tenant.store import login_attempts
from local_tenant.tenant import tenant_of


async def read(request: Request) -> Response:
    """GET /user-blocks/{id}: `{blocked_for: [{identifier, ip}]}`."""
    user_id = request.path_params["id"]
    return _blocks(request, lambda connection: find_user(connection, user_id).email)


async def delete(request: Request) -> Response:
    """DELETE /user-blocks/{id}: 204; the user may try again from anywhere."""
    user_id = request.path_params["id"]
    await tenant_of(request).database.write(
        lambda connection: login_attempts.forget(connection, find_user(connection, user_id).email)
    )
    return Response(status_code=204)


async def read_by_identifier(request: Request) -> Response:
    """GET /user-blocks?identifier=: the same by email, of a user or of nobody."""
    email = _identifier(request)
    return _blocks(request, lambda _connection: email)


async def delete_by_identifier(request: Request) -> Response:
    """DELETE /user-blocks?identifier=: 204."""
    email = _identifier(request)
    await tenant_of(request).database.write(login_attempts.forget, email)
    return Response(status_code=204)


def _identifier(request: Request) -> str:
    identifier = request.query_params.get("identifier")
    if not identifier:
        raise invalid_query("'Missing required property: identifier'.")
    return normalised(identifier)


def _blocks(request: Request, email_of: Callable[[sqlite3.Connection], str]) -> Response:
    tenant = tenant_of(request)

    def look(connection: sqlite3.Connection) -> list[dict[str, str]]:
        email = email_of(connection)
        ips = login_attempts.blocked_ips(connection, email, MOST_FAILURES, since(tenant))
        return [{"identifier": email, "ip": ip} for ip in ips]

    return Json({"blocked_for": tenant.database.read(look)})
