"""Runs `local-tenant` as a user does, and ends what it leaves running."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from local_tenant.data_folder import serving_process
from local_tenant.testing.process import LOCAL_TENANT, NO_NPM_REGISTRY

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


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
    """Kill the process that serves this folder, if any."""
    pid = serving_process(data)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
