"""What an Action does to its worker's descriptors, by their numbers, lets no login pass and is over with the worker."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from action_runtime import Execution
from flows import Start, action, login, post_login
from loopback import loopback
from processes import descriptor

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="finds descriptors in /proc")]

ACTS = {
    "close": "fs.closeSync(NUMBER)",
    "write": "fs.writeSync(NUMBER, 'text\\n')",
    "read": "fs.readSync(NUMBER, Buffer.alloc(4))",
    "open": "const { Socket } = require('net'); new Socket({ fd: NUMBER, readable: false }).on('error', () => {})",
}
KINDS = ["lifeline", "requests", "answers", "claims", "event loop"]
REQUIRE_MFA = "api.multifactor.enable('any');"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ACTS)
async def test_whatever_an_action_does_to_a_descriptor_no_login_passes_without_its_actions(
    start: Start, kind: str, act: str
) -> None:
    runtime = await start(time_limit=4)
    number = descriptor(runtime.worker_pids[0], kind)
    async with loopback() as server:
        wait = f"await fetch({json.dumps(server.url('/wait'))}); await new Promise(setImmediate); {REQUIRE_MFA}"
        other = asyncio.create_task(runtime.run(post_login(wait), login()))
        await server.called("/wait")
        body = (
            f"const fs = require('fs'); try {{ {ACTS[act].replace('NUMBER', str(number))} }} catch {{}} {REQUIRE_MFA}"
        )
        results = [await runtime.run(post_login(body), login()), await other]
    while len(results) < 5 or results[-1].status != "completed":
        results.append(await runtime.run(post_login(REQUIRE_MFA), login()))
    assert all(is_closed(result) for result in results)


def is_closed(result: Execution) -> bool:
    """Whether a login is challenged, or has failed without any effect."""
    return result.effects.multifactor is not None if result.status == "completed" else result.effects.empty


async def test_a_login_whose_claim_another_action_takes_runs_in_another_worker(start: Start) -> None:
    runtime = await start(stall_after=10)
    [pid] = runtime.worker_pids
    async with loopback() as server:
        take = f"""
            const fs = require('fs');
            await fetch({json.dumps(server.url("/begun"))});
            let taken = 0;
            for (const end = Date.now() + 5000; taken === 0 && Date.now() < end; ) {{
                try {{ taken = fs.readSync({descriptor(pid, "claims")}, Buffer.alloc(4)) }} catch {{}}
            }}
            {REQUIRE_MFA}
        """
        thief = asyncio.create_task(runtime.run(post_login(take), login()))
        await server.called("/begun")
        other = await runtime.run(post_login(REQUIRE_MFA), login())
        assert (await thief).effects.multifactor is not None
    assert other.effects.multifactor is not None
    assert [note for note in other.trace.notes if "took" in note]
    assert pid not in runtime.worker_pids


async def test_an_action_cannot_read_requests_that_wait_for_its_worker(start: Start) -> None:
    runtime = await start(stall_after=10, time_limit=8)
    [pid] = runtime.worker_pids
    async with loopback() as server:
        steal = f"""
            const fs = require('fs');
            const buffer = Buffer.alloc(65536);
            await fetch({json.dumps(server.url("/begun"))});
            let taken = 0;
            for (const end = Date.now() + 4000; taken === 0 && Date.now() < end; ) {{
                try {{ taken = fs.readSync({descriptor(pid, "requests")}, buffer) }} catch {{}}
            }}
            if (taken > 0) await fetch({json.dumps(server.url("/taken"))});
        """
        thief = asyncio.create_task(runtime.run(post_login(steal), login()))
        await server.called("/begun")
        code = "exports.onExecutePostLogin = async () => {};"
        await runtime.run(post_login(action(code, secrets={"NAME": "a secret"})), login())
        await thief
        assert server.calls["/taken"] == 0
    assert (await runtime.run(post_login(""), login())).status == "completed"
