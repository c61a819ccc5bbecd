from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from action_runtime import ActionRuntime
from action_runtime import node as node_module
from flows import Start


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    # The server's event loop.
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts runtimes with settings of a test's own, and closes them."""
    runtimes: list[ActionRuntime] = []

    async def start(**settings: Any) -> ActionRuntime:  # noqa: ANN401 - as ActionRuntime takes them
        runtime = ActionRuntime(tmp_path / "dependencies", **settings)
        runtimes.append(runtime)
        await runtime.start()
        return runtime

    yield start
    for runtime in runtimes:
        await runtime.close()


@pytest.fixture(scope="module")
async def runtime(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ActionRuntime]:
    """A runtime as it is by default; the tests of a module share it, as logins do."""
    runtime = ActionRuntime(tmp_path_factory.mktemp("runtime") / "dependencies")
    await runtime.start()
    yield runtime
    await runtime.close()


@pytest.fixture
def without_filter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Workers start as on a system that has no filter of system calls."""
    program = tmp_path / "unconfined.py"
    program.write_text("import os, sys; os.execv(sys.argv[3], sys.argv[3:])")
    monkeypatch.setattr(node_module, "CONFINE", program)
