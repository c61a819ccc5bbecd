"""GET /_page/events: new transactions as server-sent events (HTML Living Standard, section 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from local_tenant.page.render import HEADERS, fragment
from local_tenant.store import executions
from local_tenant.tenant import Tenant
from local_tenant.transactions.ending import as_of

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BETWEEN_SIGNS_OF_LIFE = 15.0
MOST_AT_ONCE = 100

_LARGEST = 2**63 - 1


async def events(tenant: Tenant, request: Request) -> Response:
    """`transaction` with a row of the list for each run since `?after=` (a revision) or Last-Event-ID.

    One that ends after a challenge comes again. `expiry` has the row of one whose challenge has expired since `?since=`
    (the tenant's time in nanoseconds), or waits again after the clock moved back. `reset` says that the tenant was
    emptied. The stream ends when the server does, or when the client goes away.
    """
    query = request.query_params
    newest = tenant.database.read(executions.newest_revision)
    revision = _number(request.headers.get("last-event-id") or query.get("after", ""), newest)
    since = _number(query.get("since", ""), tenant.clock.now())
    ending: asyncio.Event = request.app.state.ending
    return StreamingResponse(_stream(tenant, revision, since, ending), headers=HEADERS, media_type="text/event-stream")


async def _stream(tenant: Tenant, revision: int, looked_at: int, ending: asyncio.Event) -> AsyncIterator[str]:
    yield ": connected\n\n"
    silent = 0.0
    while not ending.is_set():
        newest = tenant.database.read(executions.newest_revision)
        if newest < revision:
            revision = newest
            yield _event("reset", revision, "")
        now = tenant.clock.now()
        arrived = tenant.database.read(partial(executions.after, revision=revision, limit=MOST_AT_ONCE))
        expired = tenant.database.read(partial(executions.expiring_between, one_time=looked_at, other_time=now))
        looked_at = now
        for run in expired:
            yield _event("expiry", revision, fragment("_row.html", run=as_of(run, now)))
        for revision, run in arrived:
            yield _event("transaction", revision, fragment("_row.html", run=as_of(run, now)))
            silent = 0.0
        if silent >= SECONDS_BETWEEN_SIGNS_OF_LIFE:
            yield ": still here\n\n"
            silent = 0.0
        silent += SECONDS_BETWEEN_LOOKS
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), SECONDS_BETWEEN_LOOKS)


def _number(text: str, default: int) -> int:
    """A number of up to 64 bits; the default for any other text."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST)):
        return min(int(text), _LARGEST)
    return default


def _event(name: str, revision: int, text: str) -> str:
    data = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\nid: {revision}\n{data}\n"
