"""/_local/traces: the stored executions, with everything the runtime saw and how the transaction ended."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.access import authorised
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import take_of
from local_tenant.store import executions
from local_tenant.store.executions import Execution
from local_tenant.transactions.ending import as_of

DEFAULT_LIMIT = 20


async def listing(request: Request) -> Response:
    """GET /_local/traces?limit=: `{traces: [{execution_id, trigger_id, …, actions, outcome}]}`, newest first."""
    tenant = authorised(request)
    limit = take_of(request, "limit", DEFAULT_LIMIT, executions.KEPT)
    rows = tenant.database.read(executions.newest, limit)
    return Json({"traces": [_summary(as_of(execution, tenant.clock.now())) for execution in rows]})


async def read(request: Request) -> Response:
    """GET /_local/traces/{execution_id}: `{trace, outcome}`; the trace is that of the runtime, with secrets masked.

    The outcome says how the transaction ended, and of a challenged login how the challenge did: `transactions.ending`.
    """
    tenant = authorised(request)
    execution_id = request.path_params["id"]
    execution = tenant.database.read(executions.get, execution_id)
    if execution is None:
        raise ApiError(404, "That execution does not exist, or is no longer stored.")
    return Json({"trace": execution.trace, "outcome": as_of(execution, tenant.clock.now()).outcome})


def _summary(execution: Execution) -> dict[str, Any]:
    trace = execution.trace
    names = ("execution_id", "trigger_id", "status", "started_at", "ended_at", "duration_ms")
    actions = [
        {name: action[name] for name in ("name", "number", "status", "duration_ms")} for action in trace["actions"]
    ]
    return {**{name: trace[name] for name in names}, "actions": actions, "outcome": execution.outcome}
