"""What the kernel keeps from a worker, and how little of what an Action leaves behind reaches other logins."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import sys
import textwrap
import time
from pathlib import Path

import pytest
from action_runtime import ActionRuntime, ErrorCode
from flows import Start, action, login, post_login
from loopback import loopback

pytestmark = pytest.mark.anyio

HAS_FILTER = sys.platform == "linux" and "Seccomp:" in Path("/proc/self/status").read_text(encoding="ascii")
needs_filter = pytest.mark.skipif(not HAS_FILTER, reason="this kernel has no filter of system calls")

PIPES = """
    const net = require('net');
    const Pipe = new net.Socket({ fd: 1 })._handle.constructor;
"""


@needs_filter
@pytest.mark.parametrize(
    "attempt",
    [
        "net.connect({ get path() { return this.asked ? FILE : (this.asked = true, undefined) } })",
        "let n = 0; net.connect(new Proxy({}, { get: (_, key) => key === 'path' && n++ > 0 ? FILE : undefined }))",
        "new net.Socket().connect(Object.create({ path: FILE }))",
        "const [pipe, request] = [new Pipe(0), {}]; pipe.connect(request, FILE)",
        "require('tls').connect({ path: FILE })",
    ],
)
async def test_a_local_socket_is_never_reached(start: Start, tmp_path: Path, attempt: str) -> None:
    connections: list[object] = []
    file = tmp_path / "socket"
    server = await asyncio.start_unix_server(lambda _reader, writer: connections.append(writer), file)
    runtime = await start(time_limit=3)
    pipe = PIPES if "Pipe" in attempt else "const net = require('net');"
    body = f"""
        {pipe}
        process.on('uncaughtException', () => {{}});
        try {{ const socket = (() => {{ {attempt.replace("FILE", json.dumps(str(file)))} }})(); }} catch {{}}
        await new Promise((resolve) => setTimeout(resolve, 100));
    """
    await runtime.run(post_login(body), login())
    server.close()
    assert connections == []


@needs_filter
@pytest.mark.parametrize(
    "attempt",
    [
        "const pipe = new Pipe(1); done = pipe.bind(FILE) === 0",
        "const server = new net.Server(); server.on('error', () => {}); server._listen2(null, 0, 4); done = true",
        "const { TCP } = process.binding('tcp_wrap')",
        "const socket = require('dgram').createSocket('udp4'); socket.on('error', () => {}); socket.bind(0)",
        "done = typeof require('dgram')._createSocketHandle('0.0.0.0', 0, 'udp4') === 'object'",
        "done = typeof net._createServerHandle('127.0.0.1', 0, 4) === 'object'",
    ],
)
async def test_an_action_binds_and_listens_nowhere(start: Start, tmp_path: Path, attempt: str) -> None:
    runtime = await start(time_limit=3)
    setup = PIPES if "Pipe" in attempt else "const net = require('net');"
    body = f"""
        let done = false;
        try {{ {setup} {attempt.replace("FILE", json.dumps(str(tmp_path / "made")))} }} catch {{}}
        api.idToken.setCustomClaim('done', done);
    """
    result = await runtime.run(post_login(body), login())
    assert result.effects.id_token_claims.get("done", False) is False
    [pid] = runtime.worker_pids[:1]
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - one look at the disk
    assert not listening(pid)


@needs_filter
@pytest.mark.parametrize(
    "read",
    [
        "fs.readSync(REQUESTS, buffer)",
        "fs.readvSync(REQUESTS, [buffer])",
    ],
)
async def test_an_action_cannot_read_requests_that_wait_for_its_worker(start: Start, read: str) -> None:
    runtime = await start(stall_after=10, time_limit=8)
    [pid] = runtime.worker_pids
    requests = descriptor_of_requests(pid)
    async with loopback() as server:
        steal = f"""
            const fs = require('fs');
            const buffer = Buffer.alloc(65536);
            await fetch({json.dumps(server.url("/begun"))});
            let taken = 0;
            for (const end = Date.now() + 4000; taken === 0 && Date.now() < end; ) {{
                try {{ taken = {read.replace("REQUESTS", str(requests))} }} catch {{}}
            }}
            if (taken > 0) await fetch({json.dumps(server.url("/taken"))});
        """
        thief = asyncio.create_task(runtime.run(post_login(steal), login()))
        await server.called("/begun")
        await asyncio.sleep(0.3)
        code = "exports.onExecutePostLogin = async () => {};"
        await runtime.run(post_login(action(code, secrets={"NAME": "a secret"})), login())
        await thief
        assert server.calls["/taken"] == 0
    assert (await runtime.run(post_login(""), login())).status == "completed"


def descriptor_of_requests(pid: int) -> int:
    """The one of a worker's descriptors that it reads without blocking, and that we only write to."""
    ours = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    for link in Path(f"/proc/{pid}/fd").iterdir():
        info = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text(encoding="ascii")
        flags = int(info.partition("flags:")[2].split()[0], 8)
        if ours.count(link.readlink()) == 1 and flags & os.O_NONBLOCK and flags & os.O_ACCMODE == os.O_RDONLY:
            return int(link.name)
    raise AssertionError("the worker reads no requests")


def listening(pid: int) -> set[str]:
    """Sockets of a process that listen, or are bound without a peer."""
    own = {os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")}  # noqa: PTH115, PTH208
    bound = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own and fields[2].endswith(":0000"):
                bound.add(f"{kind} {fields[1]}")
    return bound


@needs_filter
async def test_memory_outside_of_the_heap_has_a_limit(start: Start) -> None:
    runtime = await start(time_limit=30)
    body = "const all = []; for (let n = 0; n < 60; n++) all.push(Buffer.alloc(50e6, 1));"
    result = await runtime.run(post_login(body), login())
    assert result.error is not None
    assert result.error.code in {ErrorCode.ACTION_THREW, ErrorCode.WORKER_DIED}
    assert "memory" in result.error.message or "allocation failed" in result.error.message
    assert result.effects.empty


@needs_filter
async def test_a_worker_in_which_an_action_leaves_much_memory_is_replaced(start: Start) -> None:
    runtime = await start(stall_after=10)
    [pid] = runtime.worker_pids
    result = await runtime.run(post_login("globalThis.kept = Buffer.alloc(400e6, 1);"), login())
    assert result.status == "completed"
    [note] = result.trace.notes
    assert "MB in memory; the worker is replaced" in note
    other = await runtime.run(post_login("api.multifactor.enable('any');"), login())
    assert other.effects.multifactor is not None
    assert pid not in runtime.worker_pids


@needs_filter
async def test_a_worker_that_work_left_behind_keeps_busy_is_replaced(start: Start) -> None:
    # A busy machine makes the work take longer than the 0.2 s after which the worker would count as blocked.
    runtime = await start(stall_after=10)
    [pid] = runtime.worker_pids
    leave = "setInterval(() => { const end = Date.now() + 180; while (Date.now() < end); }, 1);"
    assert (await runtime.run(post_login(leave), login())).status == "completed"
    notes: list[str] = []
    until = time.monotonic() + 20
    while pid in runtime.worker_pids and time.monotonic() < until:
        await asyncio.sleep(0.02)
        result = await runtime.run(post_login("api.multifactor.enable('any');"), login())
        assert result.effects.multifactor is not None
        notes += result.trace.notes
    assert pid not in runtime.worker_pids
    assert any("left behind" in note for note in notes)


async def test_a_call_over_the_limit_fails_its_own_login_alone(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    runtime = await start(stall_after=10)
    [pid] = runtime.worker_pids
    wait = "await new Promise((resolve) => setTimeout(resolve, 300)); api.multifactor.enable('any');"
    others = [asyncio.create_task(runtime.run(post_login(wait), login())) for _ in range(12)]
    await asyncio.sleep(0.1)
    large = await runtime.run(post_login("api.idToken.setCustomClaim('a', 'x'.repeat(10_000_000));"), login())
    assert large.error is not None
    assert large.error.code is ErrorCode.OUTPUT_LIMIT
    assert "the call of idToken.setCustomClaim is left out" in large.error.message
    assert [call.method for call in large.trace.actions[0].calls] == []
    assert {result.status for result in await asyncio.gather(*others)} == {"completed"}
    assert runtime.worker_pids == (pid,)


async def test_a_value_with_too_many_levels_is_refused(runtime: ActionRuntime) -> None:
    deep = "let value = 1; for (let n = 0; n < %d; n++) value = [value]; api.user.setAppMetadata('deep', value);"
    assert (await runtime.run(post_login(deep % 190), login())).status == "completed"
    result = await runtime.run(post_login(deep % 250), login())
    assert result.error is not None
    assert "has more than 200 levels" in result.error.message


PARENT = """
    import asyncio, sys
    from pathlib import Path
    from action_runtime import ActionRuntime
    from action_runtime.events import post_login_event
    from flows import post_login

    CODE = '''
        const fs = require("fs");
        // The first pipe of those that the worker was given.
        let descriptor = 3;
        for (; ; descriptor++) try { if (fs.fstatSync(descriptor).isFIFO()) break } catch {}
        for (const own of [0, descriptor]) try { fs.closeSync(own) } catch {}
        for (;;);
    '''

    async def main():
        runtime = ActionRuntime(Path(sys.argv[1]), stall_after=60, time_limit=60)
        await runtime.start()
        pids = runtime.worker_pids
        loop = asyncio.create_task(runtime.run(post_login(CODE), post_login_event()))
        await asyncio.sleep(0.5)
        print(*pids, flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a handle of a process that is not a child")
async def test_an_action_that_closes_its_lifeline_does_not_outlive_the_tenant(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(PARENT),
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    handle = os.pidfd_open(pid)
    parent.kill()
    await parent.wait()
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    try:
        assert await asyncio.get_running_loop().run_in_executor(None, poll.poll, 10_000)
    finally:
        os.close(handle)
