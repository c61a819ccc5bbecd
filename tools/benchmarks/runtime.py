"""The time of one Action in the worker, compared with a bare Node that echoes the same event."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import orjson
from action_runtime import ActionRuntime, ActionVersion, BoundAction, Flow
from action_runtime.events import event_request, event_transaction, event_user, post_login_event
from action_runtime.node import node_executable

from tools.benchmarks import login_flow
from tools.benchmarks.rows import Row, Say

ROUNDS: Final = 2000
TOGETHER: Final = 16
AIM: Final = 0.001

_EVENT: Final = post_login_event(
    tenant="floatme-local",
    logins_count=7,
    request=event_request(
        body={"grant_type": "password", "username": "ada@example.com", "scope": "openid profile"},
        user_agent="a client of the benchmark",
    ),
    transaction=event_transaction(scopes=("openid", "profile")),
    user=event_user(
        profile={"name": "ada@example.com", "nickname": "ada"},
        app_metadata={"auth_require_mfa": True, "uses_new_mfa_action": True},
        user_metadata={"last_ip": "198.51.100.1"},
    ),
)


def _flow() -> Flow:
    return Flow(
        "post-login",
        tuple(
            BoundAction(name, name, ActionVersion(name, 1, login_flow.code(name), secrets))
            for name, secrets in login_flow.SECRETS.items()
        ),
    )


async def _measure(folder: Path) -> tuple[float, float, float]:
    flow = _flow()
    line = orjson.dumps(_EVENT) + b"\n"
    echo = await asyncio.create_subprocess_exec(
        str(node_executable()),
        "--eval",
        "process.stdin.pipe(process.stdout)",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert echo.stdin is not None  # noqa: S101 - both are pipes, see above
    assert echo.stdout is not None  # noqa: S101
    runtime = ActionRuntime(folder)
    await runtime.start()
    flows: list[float] = []
    echoes: list[float] = []
    # In turns, so that a busy moment of the machine slows both; the first are for V8 to warm up.
    for number in range(-ROUNDS // 4, ROUNDS):
        started = time.perf_counter()
        echo.stdin.write(line)
        await echo.stdout.readline()
        between = time.perf_counter()
        result = await runtime.run(flow, _EVENT)
        ended = time.perf_counter()
        if result.effects.multifactor is None:
            raise RuntimeError(f"The flow did not require MFA: {result.error}")
        if number >= 0:
            echoes.append(between - started)
            flows.append(ended - between)

    async def one_after_the_other() -> None:
        for _ in range(ROUNDS // TOGETHER):
            await runtime.run(flow, _EVENT)

    started = time.perf_counter()
    await asyncio.gather(*(one_after_the_other() for _ in range(TOGETHER)))
    rate = ROUNDS // TOGETHER * TOGETHER / (time.perf_counter() - started)
    echo.stdin.close()
    await echo.wait()
    await runtime.close()
    return statistics.median(flows) / len(flow.actions), statistics.median(echoes), rate


def run(say: Say) -> list[Row]:
    """Median time of one Action, and flows per second with several at a time."""
    say(f"{ROUNDS} logins' flows of two Actions one by one, then {TOGETHER} at a time")
    with tempfile.TemporaryDirectory() as folder:
        action, echo, rate = asyncio.run(_measure(Path(folder)))
    return [
        Row(
            "one Action in the worker",
            f"{action * 1e6:.0f} µs",
            f"{ROUNDS} flows of two Actions",
            f"below {AIM * 1e6:.0f} µs",
            action < AIM,
        ),
        Row(
            "one Action / echo of its event by a bare Node",
            f"{action / echo:.2f}×",  # noqa: RUF001 - a times sign
            f"{action * 1e6:.0f} µs, {echo * 1e6:.0f} µs",
        ),
        Row(f"flows of two Actions, {TOGETHER} at a time", f"{rate:,.0f}/s", f"{ROUNDS} flows"),
    ]
