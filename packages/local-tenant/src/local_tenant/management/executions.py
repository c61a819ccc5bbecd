"""Executions of flows, and test runs of drafts."""

from __future__ import annotations

from typing import Any

from action_runtime import TRIGGER_VERSIONS, Trace, execution_json
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.management.actions import find_action
from local_tenant.management.errors import ApiError, action_not_found, invalid_body, not_built
from local_tenant.management.payloads import TestRun
from local_tenant.management.validation import read_payload
from local_tenant.store import executions
from local_tenant.store.actions import Action
from local_tenant.tenant import tenant_of


async def read(request: Request) -> Response:
    """GET /actions/executions/{id}: `{id, trigger_id, status, results, created_at, updated_at}`; 404 (recorded)."""
    execution_id = request.path_params["id"]
    execution = tenant_of(request).database.read(executions.get, execution_id)
    if execution is None:
        raise ApiError(404, "That execution does not exist.")
    return Json(execution_json(Trace.from_json(execution.trace)))


async def test(request: Request) -> Response:
    """POST /actions/actions/{id}/test `{payload}`: runs the draft with `payload` as its event; nothing is written.

    200 `{payload, stats}` (recorded): `payload` is the trace of the run, with secrets masked, and `stats` its duration
    in milliseconds (both a guess).
    """
    tenant = tenant_of(request)
    event = _event((await read_payload(request, TestRun)).payload)
    action = tenant.database.read(find_action, request.path_params["id"])
    flow = await tenant.flows.of_draft(action.id, _trigger(action))
    if flow is None:
        raise action_not_found()
    result = await tenant.runtime.run(flow, event)
    trace = result.trace.to_json()
    return Json({"payload": trace, "stats": {"total_request_duration_ms": trace["duration_ms"]}})


def _event(payload: dict[str, Any]) -> dict[str, Any]:
    """The event as it was sent, but that its user has metadata: GET /users leaves out what is empty.

    Raises:
        ApiError: 400 the user has no user's shape; the tenant reads nothing else of the event.
    """
    user = payload.get("user")
    if not user:
        return payload
    if not isinstance(user, dict):
        raise invalid_body("'Expected type object' on property payload.user.")
    for name in ("app_metadata", "user_metadata"):
        if not isinstance(user.get(name) or {}, dict):
            raise invalid_body(f"'Expected type object' on property payload.user.{name}.")
    empty: dict[str, Any] = {"app_metadata": {}, "user_metadata": {}}
    return payload | {"user": empty | user}


def _trigger(action: Action) -> str:
    if action.status != "built":
        raise ApiError(400, "A draft must be in the 'built' state before it can be tested.")
    for supported in action.supported_triggers:
        if supported["id"] in TRIGGER_VERSIONS:
            return supported["id"]
    names = ", ".join(TRIGGER_VERSIONS)
    raise not_built(f"The local tenant runs Actions of these triggers only: {names}.")
