"""/_local: reset, clock and faults, with a token for the Management API.

No web page can call them: it has no such token, and a browser asks for permission (which is never given) before it
sends an Authorization header to another origin.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Annotated, Any

from action_runtime.timestamps import NANOSECONDS, timestamp
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local_tenant import own_clients
from local_tenant.control import mailbox, traces
from local_tenant.faults import Fault, Kind
from local_tenant.http import Json
from local_tenant.management.access import authorised as _authorised
from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.validation import Payload, read_payload
from local_tenant.store import maintenance, settings
from local_tenant.tenant import Tenant

PREFIX = "/_local"


class ClockChange(Payload):
    """PATCH /_local/clock: exactly one of the three."""

    now: Annotated[AwareDatetime | None, Field(strict=False)] = None
    advance_seconds: float | None = None
    real: bool | None = None


class NewFault(Payload):
    """POST /_local/faults."""

    kind: Kind
    method: str = "*"
    path: str = "*"
    times: Annotated[int, Field(ge=1, le=10_000)] = 1
    seconds: Annotated[float, Field(ge=0, le=3_600, strict=False)] = 0.0


async def health(_request: Request) -> Response:
    """GET /_local/health: that the server answers; the only control that needs no token."""
    return Json({"ok": True})


async def reset(request: Request) -> Response:
    """POST /_local/reset: 204; the tenant is as at its first start, with its `--seed`, its clock at real time."""
    await empty(_authorised(request))
    return Response(status_code=204)


async def empty(tenant: Tenant) -> None:
    """Reset the tenant to its first start, except its name, its key, and the ids and secrets of its own clients."""
    await tenant.builder.stop()

    def work(connection: sqlite3.Connection) -> None:
        maintenance.empty(connection)
        own_clients.ensure(connection, tenant.options, reset=True)
        if tenant.seed is not None:
            tenant.seed(connection, tenant.clock.now() - tenant.clock.offset)

    await tenant.database.write(work)
    tenant.runtime.renew()
    await keep_offset(tenant, tenant.clock.move_to_real())
    tenant.faults.pending.clear()


async def read_clock(request: Request) -> Response:
    """GET /_local/clock: `{now, offset_seconds}`."""
    return Json(_clock_json(_authorised(request)))


async def change_clock(request: Request) -> Response:
    """PATCH /_local/clock `{now}` | `{advance_seconds}` | `{real: true}`: the clock runs on from there."""
    tenant = _authorised(request)
    change = await read_payload(request, ClockChange)
    if len(change.model_fields_set) != 1:
        raise invalid_body("'Exactly one of now, advance_seconds and real is needed'.")
    try:
        if change.now is not None:
            offset = tenant.clock.move_to(_nanoseconds(change.now))
        elif change.advance_seconds is not None:
            offset = tenant.clock.advance(round(change.advance_seconds * NANOSECONDS))
        elif change.real:
            offset = tenant.clock.move_to_real()
        else:
            raise invalid_body("'Exactly one of now, advance_seconds and real is needed'.")
    except (ValueError, OverflowError):
        raise invalid_body("'The clock goes from 1970 to the end of 2199'.") from None
    await keep_offset(tenant, offset)
    return Json(_clock_json(tenant))


async def faults(request: Request) -> Response:
    """GET /_local/faults: `{faults: [...]}`, those that have not happened yet."""
    return Json({"faults": [_fault_json(fault) for fault in _authorised(request).faults.pending]})


async def add_fault(request: Request) -> Response:
    """POST /_local/faults `{kind, method?, path?, times?, seconds?}`: 201."""
    tenant = _authorised(request)
    payload = await read_payload(request, NewFault)
    fault = Fault(payload.kind, payload.method, payload.path, payload.times, payload.seconds)
    tenant.faults.pending.append(fault)
    return Json(_fault_json(fault), status_code=201)


async def clear_faults(request: Request) -> Response:
    """DELETE /_local/faults: 204."""
    _authorised(request).faults.pending.clear()
    return Response(status_code=204)


async def _unknown(request: Request) -> Response:
    _authorised(request)
    raise ApiError(404, "Not Found")


ROUTES = Mount(
    PREFIX,
    routes=[
        Route("/health", health, methods=["GET"]),
        Route("/reset", reset, methods=["POST"]),
        Route("/clock", read_clock, methods=["GET"]),
        Route("/clock", change_clock, methods=["PATCH"]),
        Route("/faults", faults, methods=["GET"]),
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/mails", mailbox.listing, methods=["GET"]),
        Route("/traces", traces.listing, methods=["GET"]),
        Route("/traces/{id}", traces.read, methods=["GET"]),
        Route("/{path:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ],
)


async def keep_offset(tenant: Tenant, offset: int) -> None:
    """Store how far the clock was moved: it stays so after a restart."""
    await tenant.database.write(settings.put, settings.CLOCK_OFFSET, str(offset))


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1_000


def _clock_json(tenant: Tenant) -> dict[str, Any]:
    return {"now": timestamp(tenant.clock.now()), "offset_seconds": tenant.clock.offset / NANOSECONDS}


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "method": fault.method,
        "path": fault.path,
        "times": fault.remaining,
        "seconds": fault.seconds,
    }
