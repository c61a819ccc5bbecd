"""Runs `actions-ops` as a person does: in the project's folder, with the environment of its stack."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deployment import Deployment
from tests.project import ROOT, Running

ACTIONS_OPS = ROOT / "operations" / "bin" / "actions-ops"
SECONDS_TO_RUN = 120
SECONDS_BETWEEN_LOOKS = 0.05

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """All that a person reads."""
        return f"{self.stdout}{self.stderr}(exit code {self.exit_code})"

    def json(self, exit_code: int) -> Json:
        """The one JSON object of `--json`; the command must have ended with this exit code."""
        assert self.exit_code == exit_code, self.output
        content: Json = json.loads(self.stdout)
        return content


def actions_ops(deployment: Deployment, *arguments: str, **environment: str) -> Ran:
    """Run `actions-ops ARGUMENTS`, with further variables in its environment."""
    return run_in(deployment.project.folder, {**deployment.project.environment, **environment}, *arguments)


def run_in(folder: Path, environment: Mapping[str, str], *arguments: str) -> Ran:
    """Run `actions-ops ARGUMENTS` in a folder, with this environment."""
    ran = subprocess.run(  # noqa: S603 - this project's own
        [ACTIONS_OPS, *arguments],
        cwd=folder,
        # Sentences are looked for in the output, and must not wrap.
        env={"COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_RUN,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def answer_actions_ops(deployment: Deployment, answer: str, *arguments: str) -> Ran:
    """Run `actions-ops ARGUMENTS` on a terminal, and answer its question."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        ran = subprocess.run(  # noqa: S603 - this project's own
            [ACTIONS_OPS, *arguments],
            cwd=deployment.project.folder,
            env={"COLUMNS": "200", **deployment.project.environment},
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_TO_RUN,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def start_actions_ops(deployment: Deployment, *arguments: str, **environment: str) -> Running:
    """Start the same, and leave it running."""
    command = [str(ACTIONS_OPS), *arguments]
    return Running(command, deployment.project.folder, {**deployment.project.environment, **environment})


def wait_for_faults(deployment: Deployment, running: Running) -> None:
    """Wait until every injected fault has begun to happen to a command, however long it takes to get there."""
    while deployment.tenant.faults():
        assert running.running, running.end()[1]
        time.sleep(SECONDS_BETWEEN_LOOKS)


def drift(deployment: Deployment, *options: str) -> Ran:
    """Run `actions-ops drift` on the deployment's stack."""
    return actions_ops(deployment, "drift", "--stack", deployment.project.stack, *options)
