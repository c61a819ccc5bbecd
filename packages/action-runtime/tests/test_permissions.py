"""What the process of an Action may not do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from action_runtime import ActionRuntime
from flows import Start, login, post_login
from loopback import loopback

pytestmark = pytest.mark.anyio


async def message_of(runtime: ActionRuntime, attempt: str) -> str:
    """The error that an attempt of an Action ends in."""
    body = f"""
        const attempt = async () => {{ {attempt} }};
        api.idToken.setCustomClaim('it', await attempt().then(() => 'done', (error) => error.code ?? error.message));
    """
    result = await runtime.run(post_login(body), login())
    assert result.error is None
    text = result.effects.id_token_claims["it"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    "attempt",
    [
        "require('fs').writeFileSync(FILE, 'x')",
        "require('fs').mkdirSync(FILE)",
        "require('fs').symlinkSync('/', FILE)",
        "await require('fs/promises').appendFile(FILE, 'x')",
        "await new Promise((y, n) => require('fs').createWriteStream(FILE).on('error', n).on('open', y))",
        "new (require('node:sqlite').DatabaseSync)(FILE)",
        "new (process.getBuiltinModule('node:sqlite').DatabaseSync)(FILE)",
        "process.report.writeReport(FILE)",
        "require('v8').writeHeapSnapshot(FILE)",
        "require('v8').setHeapSnapshotNearHeapLimit(1)",
        # It contains every text of the worker: its nonce, other Actions' secrets.
        "require('v8').getHeapSnapshot()",
        "require('v8').promiseHooks.createHook({ init() {} })",
        "require('v8').promiseHooks.onInit(() => {})",
        "require('trace_events').createTracing({ categories: ['v8'] }).enable()",
        "require('net').createServer().listen(FILE)",
        "require('http').createServer().listen(0)",
        "require('fs').readFileSync(__FILE__)",
        "require('fs').readdirSync('/')",
        "require('module').createRequire('/')(__FILE__)",
        "process.loadEnvFile(__FILE__)",
        "require('child_process').execSync('true')",
        "require('child_process').spawn('true')",
        "require('child_process').fork(__FILE__)",
        "require('cluster').fork()",
        "process.execve('/bin/true', ['true'])",
        "new (require('worker_threads').Worker)('1', { eval: true })",
        "process.dlopen({ exports: {} }, FILE)",
        "new (require('inspector').Session)().connect()",
        "process.binding('fs')",
        "process.kill(process.ppid, 0)",
        "process.kill(process.pid, 'SIGTERM')",
        "process._debugProcess(process.ppid)",
        "process.on('SIGIO', () => {})",
        "process.once('SIGTERM', () => {})",
        "require('os').setPriority(process.ppid, 19)",
        "process.chdir('/')",
        "require('v8').setFlagsFromString('--prof')",
        "require('net').connect(FILE)",
        "require('net').connect({ path: FILE })",
        "require('http').get({ socketPath: FILE, path: '/' })",
        "await import('node:fs')",
        "process.umask(0)",
        "process.title = 'something else'; if (process.title === 'node') throw new Error('it stays')",
        "process.setuid(process.getuid())",
        "process.setgid(process.getgid())",
        "process.setgroups([])",
        "process.report.getReport()",
        "process.openStdin()",
        "require('fs').realpathSync(__FILE__)",
        "require('fs').realpathSync.native(__FILE__)",
        "await require('fs/promises').realpath(__FILE__)",
        "await require('util').promisify(require('fs').realpath)(__FILE__)",
        "await require('util').promisify(require('fs').realpath.native)(__FILE__)",
        "await new Promise((y, n) => require('dgram').createSocket('udp4').on('error', n).send('x', 9, '::1', y))",
        "require('async_hooks').executionAsyncResource()",
        "require('async_hooks').createHook({ init() {} })",
        "process.setUncaughtExceptionCaptureCallback(null)",
        "Object.defineProperty(Object.prototype, 'secrets', { set() {} })",
    ],
)
async def test_it_is_refused(runtime: ActionRuntime, tmp_path: Path, attempt: str) -> None:
    own_file = json.dumps(str(Path(__file__)))
    file = tmp_path / "made-by-an-action"
    code = attempt.replace("__FILE__", own_file).replace("FILE", json.dumps(str(file)))
    assert await message_of(runtime, f"{code};") != "done"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - one look at the disk


@pytest.mark.usefixtures("without_filter")
async def test_without_a_filter_of_the_kernel_node_keeps_its_user_and_its_signals(start: Start) -> None:
    runtime = await start()
    for attempt in (
        "process.setuid(process.getuid())",
        "process.setgid(process.getgid())",
        "process.setgroups([])",
        "process.initgroups(0, 0)",
        "process.kill(process.ppid, 0)",
    ):
        assert "is not available to an Action" in await message_of(runtime, attempt)


async def test_the_environment_is_empty(runtime: ActionRuntime) -> None:
    assert os.environ
    body = """api.idToken.setCustomClaim('it', [
      Object.keys(process.env), process.argv, process.execArgv, new Date(0).getTimezoneOffset(),
      process._getActiveHandles().length,
    ]);"""
    result = await runtime.run(post_login(body), login())
    assert result.effects.id_token_claims["it"] == [[], ["node"], [], 0, 0]


async def test_an_action_can_call_other_hosts(runtime: ActionRuntime) -> None:
    async with loopback() as server:
        body = f"""
            const answer = await fetch({json.dumps(server.url("/hello"))});
            const other = await new Promise((resolve, reject) =>
              require('http').get({json.dumps(server.url("/again"))}, resolve).on('error', reject));
            api.idToken.setCustomClaim('it', [await answer.text(), other.statusCode]);
        """
        result = await runtime.run(post_login(body), login())
        assert result.error is None
        assert result.effects.id_token_claims["it"] == ["ok", 200]


async def test_the_worker_has_a_process_group_of_its_own(runtime: ActionRuntime) -> None:
    [pid] = runtime.worker_pids[:1]
    assert os.getpgid(pid) == pid
