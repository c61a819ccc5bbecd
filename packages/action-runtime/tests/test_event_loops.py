"""The runtime on asyncio's own event loop; the other tests run on the server's."""

from __future__ import annotations

import pytest
from action_runtime import ErrorCode
from flows import Start, login, post_login


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_it_runs_flows_and_replaces_a_blocked_worker(start: Start) -> None:
    runtime = await start(time_limit=0.5, stall_after=0.1)
    result = await runtime.run(post_login("for (;;);"), login())
    assert result.error is not None
    assert result.error.code is ErrorCode.TIME_LIMIT
    result = await runtime.run(post_login("api.multifactor.enable('any');"), login())
    assert result.effects.multifactor is not None
