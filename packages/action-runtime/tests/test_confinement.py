"""What the kernel keeps from a worker, and how little of what an Action leaves behind reaches other logins."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path

import pytest
from action_runtime import ActionRuntime, ErrorCode
from flows import Start, login, post_login
from processes import needs_pidfd, orphans

pytestmark = pytest.mark.anyio

HAS_FILTER = sys.platform == "linux" and "Seccomp:" in Path("/proc/self/status").read_text(encoding="ascii")
needs_filter = pytest.mark.skipif(not HAS_FILTER, reason="this kernel has no filter of system calls")

# Node's class of local sockets: from a descriptor that is a pipe. The request of a connection over TCP will do for it.
PIPES = """
    const net = require('net');
    const socket = new net.Socket().on('error', () => {});
    socket.connect({ host: '127.0.0.1', port: 1 });
    const Request = await new Promise((resolve) => {
        socket._handle.connect = (request) => { resolve(request.constructor); return -1; };
    });
    const Pipe = new net.Socket({ fd: 1, readable: false, writable: true })._handle.constructor;
"""


async def connects(runtime: ActionRuntime, folder: Path, attempt: str) -> bool:
    """Whether an attempt of an Action reaches a local socket."""
    connections: list[asyncio.StreamWriter] = []
    reached = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        if await reader.read(4) == b"last":
            reached.set()

    file = folder / "socket"
    server = await asyncio.start_unix_server(connected, file)
    body = f"""
        process.on('uncaughtException', () => {{}});
        try {{ {attempt.replace("FILE", json.dumps(str(file)))} }} catch {{}}
        await new Promise((resolve) => setTimeout(resolve, 100));
    """
    await runtime.run(post_login(body), login())
    # Connections are accepted in order, this one last.
    _, last = await asyncio.open_unix_connection(file)
    last.write(b"last")
    await reached.wait()
    for writer in (last, *connections):
        writer.close()
        await writer.wait_closed()
    server.close()
    return len(connections) > 1


@pytest.mark.usefixtures("without_filter")
@pytest.mark.parametrize(
    "attempt",
    [
        # Node asks for the path three times.
        "let n = 0; require('net').connect({ port: 1, get path() { return ++n < 3 ? undefined : FILE } });",
        """
        let n = 0;
        require('net').connect(new Proxy({}, { get: (_, key) => key === 'path' && n++ > 0 ? FILE : undefined }));
        """,
        "new (require('net').Socket)().connect(Object.create({ path: FILE }));",
        "new (require('net').Socket)().connect(FILE);",
        "require('tls').connect({ path: FILE });",
        "require('http').get({ socketPath: FILE });",
    ],
)
async def test_node_connects_to_no_local_socket(start: Start, tmp_path: Path, attempt: str) -> None:
    assert not await connects(await start(), tmp_path, attempt)


RAW_CONNECT = f"{PIPES} new Pipe(0).connect(new Request(), FILE);"


@needs_filter
async def test_with_the_filter_nodes_own_classes_reach_no_local_socket(start: Start, tmp_path: Path) -> None:
    assert not await connects(await start(), tmp_path, RAW_CONNECT)


@pytest.mark.usefixtures("without_filter")
async def test_without_a_filter_nodes_own_classes_reach_local_sockets(start: Start, tmp_path: Path) -> None:
    """As decisions.md says; else the test before this one would prove nothing."""
    assert await connects(await start(), tmp_path, RAW_CONNECT)


BINDS = {
    "a local socket": ("require('net')._createServerHandle(FILE, -1, -1)", True),
    "Node's own class": (f"{PIPES} new Pipe(1).bind(FILE)", True),
    "a port": ("require('net')._createServerHandle('127.0.0.1', 0, 4).listen(1)", True),
    "a port of UDP": ("require('dgram')._createSocketHandle('0.0.0.0', 0, 'udp4')", True),
    "a server": ("new (require('net').Server)().on('error', () => {}).listen(0)", False),
    "the inside of a server": ("new (require('net').Server)().on('error', () => {})._listen2(null, 0, 4)", False),
    "a socket of UDP": ("require('dgram').createSocket('udp4').on('error', () => {}).bind(0)", False),
}
"""How an Action can bind a socket, and whether the filter alone refuses it."""


async def bound(runtime: ActionRuntime, folder: Path, attempt: str) -> set[str]:
    """What an attempt of an Action has bound: files, and ports of its worker."""
    before = set(os.listdir(folder))  # noqa: PTH208 - one look at the disk
    body = f"try {{ {attempt.replace('FILE', json.dumps(str(folder / 'made')))} }} catch {{}}"
    await runtime.run(post_login(f"{body}; await new Promise(setImmediate);"), login())
    files = set(os.listdir(folder)) - before  # noqa: PTH208 - likewise
    [pid] = runtime.worker_pids
    return files | listening(pid)


@needs_filter
@pytest.mark.parametrize("attempt", [attempt for attempt, _ in BINDS.values()], ids=list(BINDS))
async def test_an_action_binds_and_listens_nowhere(start: Start, tmp_path: Path, attempt: str) -> None:
    assert await bound(await start(), tmp_path, attempt) == set()


@pytest.mark.usefixtures("without_filter")
@pytest.mark.parametrize(("attempt", "by_filter"), BINDS.values(), ids=list(BINDS))
async def test_without_a_filter_node_refuses_to_bind_unless_its_own_classes_do(
    start: Start, tmp_path: Path, attempt: str, *, by_filter: bool
) -> None:
    assert (await bound(await start(), tmp_path, attempt) != set()) is by_filter


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
    # Processor time, of which a busy machine gives less in the same time.
    work = "const { user } = process.cpuUsage(); while (process.cpuUsage().user - user < 180_000);"
    leave = f"setInterval(() => {{ {work} }}, 1);"
    assert (await runtime.run(post_login(leave), login())).status == "completed"
    notes: list[str] = []
    while pid in runtime.worker_pids:
        await asyncio.sleep(0.02)
        result = await runtime.run(post_login("api.multifactor.enable('any');"), login())
        assert result.effects.multifactor is not None
        notes += result.trace.notes
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
    import asyncio, json, os, sys
    from pathlib import Path
    from action_runtime import ActionRuntime
    from action_runtime.events import post_login_event
    from flows import post_login
    from processes import descriptor

    CODE = '''
        const {{ closeSync }} = require("fs");
        closeSync({lifeline});
        closeSync(0);
        for (;;);
    '''

    async def main():
        runtime = ActionRuntime(Path(sys.argv[1]), stall_after=60, time_limit=60)
        await runtime.start()
        pids = runtime.worker_pids
        code = CODE.format(lifeline=descriptor(pids[0], "lifeline"))
        loop = asyncio.create_task(runtime.run(post_login(code), post_login_event()))
        while os.path.lexists(f"/proc/{pids[0]}/fd/0"):
            await asyncio.sleep(0.01)
        print(json.dumps(pids), flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


@needs_pidfd
@needs_filter
async def test_an_action_that_closes_its_lifeline_does_not_outlive_the_tenant(tmp_path: Path) -> None:
    assert await orphans(PARENT, tmp_path) == [True]
