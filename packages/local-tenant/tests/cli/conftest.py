import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_tenant.data_folder import serving_process
from local_tenant.testing.process import LOCAL_TENANT, NO_NPM_REGISTRY

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever serves it when the test is over is ended."""
    folder = tmp_path / "data"
    yield folder
    end(folder)


@pytest.fixture
def run(data: Path) -> Run:
    """Runs `local-tenant COMMAND --data DATA ARGUMENTS…`, as typed in the folder that holds the data folder."""
    return runner(data)


def runner(data: Path) -> Run:
    def run(command: str, *arguments: str) -> Done:
        return subprocess.run(  # noqa: S603
            [LOCAL_TENANT, command, "--data", data.name, *arguments],
            cwd=data.parent,
            env={**os.environ, **NO_NPM_REGISTRY},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def end(data: Path) -> None:
    """Kill whatever serves this folder."""
    pid = serving_process(data)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
