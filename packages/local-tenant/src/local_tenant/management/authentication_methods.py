"""A user's factors: read them, and remove them when the user is locked out."""

from __future__ import annotations

import sqlite3
from typing import Any

from action_runtime.timestamps import timestamp
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import log_entries, second_factors
from local_tenant.accounts.factors import BY_TYPE, RECOVERY_CODE
from local_tenant.accounts.request_facts import facts_of
from local_tenant.http import Json
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import page_of
from local_tenant.management.users import find_user
from local_tenant.management.validation import query_flag
from local_tenant.store import authenticators, logs
from local_tenant.store.authenticators import Authenticator, RecoveryCode
from local_tenant.store.users import User
from local_tenant.tenant import Tenant, tenant_of


async def listing(request: Request) -> Response:
    """GET /users/{id}/authentication-methods: a list; with `include_totals` `{start, limit, total, authenticators}`."""
    page = page_of(request)
    methods = _methods(request)
    items = page.slice(methods)
    if not query_flag(request, "include_totals"):
        return Json(items)
    return Json({"start": page.start, "limit": page.size, "total": len(methods), "authenticators": items})


async def read(request: Request) -> Response:
    """GET /users/{id}/authentication-methods/{method_id}: 200 or 404."""
    for method in _methods(request):
        if method["id"] == request.path_params["method_id"]:
            return Json(method)
    raise _no_such_method()


async def delete(request: Request) -> Response:
    """DELETE /users/{id}/authentication-methods/{method_id}: 204; the last authenticator takes the code with it."""

    def work(connection: sqlite3.Connection) -> None:
        user = _user(connection, request)
        if not second_factors.remove(connection, user.user_id, request.path_params["method_id"]):
            raise _no_such_method()
        _log(tenant_of(request), connection, request, user)

    await tenant_of(request).database.write(work)
    return Response(status_code=204)


async def delete_all(request: Request) -> Response:
    """DELETE /users/{id}/authentication-methods or /authenticators: 204; the user enrols anew at the next challenge.

    Wrong attempts are deleted too, and so is every login that waits for a factor: it may be the intruder's whom the
    reset is to keep out.
    """
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> None:
        user = _user(connection, request)
        second_factors.reset(connection, user.user_id, tenant.clock.now())
        _log(tenant, connection, request, user)

    await tenant.database.write(work)
    return Response(status_code=204)


async def enrollments(request: Request) -> Response:
    """GET /users/{id}/enrollments: the confirmed authenticators as Guardian's enrollments."""

    def look(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        user = _user(connection, request)
        return [
            _enrollment(authenticator) for authenticator in authenticators.confirmed_of_user(connection, user.user_id)
        ]

    return Json(tenant_of(request).database.read(look))


def _methods(request: Request) -> list[dict[str, Any]]:
    def look(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        user_id = _user(connection, request).user_id
        code = authenticators.recovery_code(connection, user_id)
        methods = [_method(authenticator) for authenticator in authenticators.of_user(connection, user_id)]
        return [*methods, _recovery_method(code)] if code else methods

    return tenant_of(request).database.read(look)


def _user(connection: sqlite3.Connection, request: Request) -> User:
    return find_user(connection, request.path_params["id"])


def _no_such_method() -> ApiError:
    return ApiError(404, "The authentication method does not exist.", "authentication_method_not_found")


def _log(tenant: Tenant, connection: sqlite3.Connection, request: Request, user: User) -> None:
    logs.add(connection, log_entries.entry(tenant, "gd_unenroll", facts_of(request), user=user))


def _method(authenticator: Authenticator) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": authenticator.id,
        "type": BY_TYPE[authenticator.type].method_type,
        "confirmed": authenticator.confirmed,
        "created_at": timestamp(authenticator.created_at, digits=3),
    }
    if authenticator.confirmed_at is not None:
        content["enrolled_at"] = timestamp(authenticator.confirmed_at, digits=3)
    if authenticator.last_auth_at is not None:
        content["last_auth_at"] = timestamp(authenticator.last_auth_at, digits=3)
    return content


def _recovery_method(code: RecoveryCode) -> dict[str, Any]:
    created = timestamp(code.created_at, digits=3)
    return {
        "id": code.id,
        "type": RECOVERY_CODE.method_type,
        "confirmed": True,
        "created_at": created,
        "enrolled_at": created,
    }


def _enrollment(authenticator: Authenticator) -> dict[str, Any]:
    kind = BY_TYPE[authenticator.type].enrollment_type
    content: dict[str, Any] = {
        "id": authenticator.id.partition("|")[2],
        "status": "confirmed",
        "type": kind,
        "auth_method": kind,
    }
    if authenticator.confirmed_at is not None:
        content["enrolled_at"] = timestamp(authenticator.confirmed_at, digits=3)
    if authenticator.last_auth_at is not None:
        content["last_auth"] = timestamp(authenticator.last_auth_at, digits=3)
    return content
