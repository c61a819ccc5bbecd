"""The tenant's log: the newest entries, by page or from a checkpoint on."""

from __future__ import annotations

import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import DEFAULT_SIZE, list_page_of, sorting, take_of
from local_tenant.management.search import read_search
from local_tenant.management.user_json import Fields
from local_tenant.management.users import find_user
from local_tenant.store import logs
from local_tenant.tenant import tenant_of

MOST_TAKEN = 100

_SEARCHABLE = frozenset(
    {
        "client_id",
        "client_name",
        "connection",
        "connection_id",
        "date",
        "description",
        "hostname",
        "ip",
        "log_id",
        "strategy",
        "type",
        "user_agent",
        "user_id",
        "user_name",
    }
)


async def listing(request: Request) -> Response:
    """GET /logs: by page, newest first unless `sort` says otherwise; or with `from` and `take`, what came after."""
    if "from" in request.query_params or "take" in request.query_params:
        return _after_checkpoint(request)
    return _page(request, None)


async def of_user(request: Request) -> Response:
    """GET /users/{id}/logs: those of one user, by page."""
    user_id = request.path_params["id"]
    tenant_of(request).database.read(find_user, user_id)
    return _page(request, user_id)


async def read(request: Request) -> Response:
    """GET /logs/{id}."""
    log_id = request.path_params["id"]
    entry = tenant_of(request).database.read(logs.get, log_id)
    if entry is None:
        raise ApiError(404, "The log event does not exist.", "inexistent_log")
    return Json(entry)


def _page(request: Request, user_id: str | None) -> Response:
    page = list_page_of(request)
    fields = Fields(request)
    newest_first = sorting(request, "date", newest_first=True)
    text = request.query_params.get("q")
    search = read_search(text, _is_searchable) if text and text.strip() else None
    entries = tenant_of(request).database.read(logs.newest_first, user_id)
    if search is not None:
        entries = [item for item in entries if search.fits(item)]
    if not newest_first:
        entries.reverse()
    return Json(page.answer("logs", [fields.of(item) for item in page.slice(entries)], len(entries)))


def _after_checkpoint(request: Request) -> Response:
    fields = Fields(request)
    checkpoint = request.query_params.get("from")
    take = take_of(request, "take", DEFAULT_SIZE, MOST_TAKEN)

    def look(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        if checkpoint is None:
            return list(reversed(logs.newest_first(connection)))[:take]
        entries = logs.after(connection, checkpoint, take)
        if entries is None:
            raise ApiError(400, "The log event that `from` names is no longer stored.", "invalid_checkpoint")
        return entries

    return Json([fields.of(item) for item in tenant_of(request).database.read(look)])


def _is_searchable(field: str) -> bool:
    return field in _SEARCHABLE
