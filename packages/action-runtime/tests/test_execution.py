"""The execution of a flow, and a trace as it is stored."""

from __future__ import annotations

import json

import pytest
from action_runtime import ActionRuntime, Trace, execution_json
from action_runtime.timestamps import timestamp
from flows import Start, action, browser_login, login, post_login

pytestmark = pytest.mark.anyio

KEYS = ["id", "trigger_id", "status", "results", "created_at", "updated_at"]


async def test_an_execution_has_the_documented_keys(runtime: ActionRuntime) -> None:
    flow = post_login("", "throw new Error('no luck')", "")
    result = await runtime.run(flow, login(), execution_id="the-id")
    body = execution_json(result.trace)
    assert list(body) == KEYS
    assert (body["id"], body["trigger_id"], body["status"]) == ("the-id", "post-login", "final")
    ran, failed = body["results"]
    assert list(ran) == ["action_name", "started_at", "ended_at"]
    assert failed["error"] == {"id": "action_threw", "msg": "no luck", "url": ""}
    assert body["created_at"] <= ran["started_at"] <= ran["ended_at"] <= failed["started_at"] <= failed["ended_at"]
    assert failed["ended_at"] <= body["updated_at"]


async def test_an_execution_that_waits_for_the_user_is_suspended_and_keeps_its_id(runtime: ActionRuntime) -> None:
    flow = post_login("api.authentication.challengeWith({ type: 'otp' })", "")
    first = await runtime.run(flow, browser_login())
    assert first.pause is not None
    assert execution_json(first.trace)["status"] == "suspended"
    second = await runtime.resume(flow, first.pause.continuation, browser_login())
    body = execution_json(second.trace)
    assert body["status"] == "final"
    assert body["id"] == first.trace.execution_id
    assert body["created_at"] == execution_json(first.trace)["created_at"]
    assert len(body["results"]) == 2


async def test_a_trace_can_be_stored_and_read(runtime: ActionRuntime) -> None:
    flow = post_login(
        "console.log('x'); api.user.setAppMetadata('plan', null);",
        "event.user.app_metadata.plan; api.idToken.setCustomClaim('a', undefined);",
        action("exports.onExecutePostLogin = async () => { throw new Error('e') };"),
        "",
    )
    trace = (await runtime.run(flow, login())).trace
    assert trace.error is not None
    stored = json.dumps(trace.to_json())
    assert Trace.from_json(json.loads(stored)) == trace


async def test_times_are_those_of_the_tenants_clock(start: Start) -> None:
    now = 4_000_000_000_000_000_000
    runtime = await start(clock=lambda: now)
    trace = (await runtime.run(post_login(""), login())).trace
    assert trace.to_json()["started_at"] == timestamp(now) == "2096-10-02T07:06:40.000000000Z"
    started_at = trace.actions[0].started_at
    assert started_at is not None
    assert 0 <= started_at - now < 60_000_000_000
