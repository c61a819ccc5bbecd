"""/_local/mails: what the tenant has mailed."""

from __future__ import annotations

from dataclasses import asdict

from action_runtime.timestamps import timestamp
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.access import authorised
from local_tenant.management.paging import take_of
from local_tenant.store import mails

DEFAULT_LIMIT = 20


async def listing(request: Request) -> Response:
    """GET /_local/mails?limit=: `{mails: [{recipient, subject, link, created_at}]}`, newest first."""
    tenant = authorised(request)
    rows = tenant.database.read(mails.newest, take_of(request, "limit", DEFAULT_LIMIT, mails.KEPT))
    return Json({"mails": [{**asdict(mail), "created_at": timestamp(mail.created_at)} for mail in rows]})
