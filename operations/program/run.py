"""Runs the program of a folder in a process of its own, and reads what it would deploy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from operations.errors import OperationsError
from operations.program.model import ProgramPlan, UnusualProgramError, plan_of

RECORDER = Path(__file__).with_name("recorder.py")
SECONDS_TO_RUN = 120


def read_program(
    folder: Path,
    project: str,
    stack: str,
    config: Mapping[str, str],
    *,
    secret_keys: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
) -> ProgramPlan:
    """What the program in `folder` would deploy as this stack with this config.

    Args:
        folder: holds `__main__.py` and all that it imports.
        project: name in its Pulumi.yaml.
        stack: name of the stack, without organization and project.
        config: the stack's whole config, defaults included; keys with their namespace.
        secret_keys: those whose values are secret.
        environ: environment variables of the program; those of this process by default.

    Raises:
        OperationsError: the program refuses its settings, fails, or deploys in a way that is not known here.
    """
    request = {
        "folder": str(folder.resolve()),
        "project": project,
        "stack": stack,
        "config": dict(config),
        "secret_keys": list(secret_keys),
    }
    try:
        ran = subprocess.run(  # noqa: S603 - this very Python and the script beside this file
            [sys.executable, "-P", str(RECORDER)],
            input=json.dumps(request),
            env=dict(os.environ if environ is None else environ),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=SECONDS_TO_RUN,
        )
    except subprocess.TimeoutExpired:
        raise OperationsError(
            f"the program in {folder} has not ended within {SECONDS_TO_RUN} s",
            fix="run `pulumi preview` there, and see what it waits for",
        ) from None
    if ran.returncode != 0:
        raise OperationsError(
            f"the program in {folder} fails:\n{ran.stderr.strip()}", fix="fix the program; `pulumi preview` fails too"
        )
    answer = json.loads(ran.stdout)
    if "error" in answer:
        # The program's guards name the fix of each setting.
        raise OperationsError(str(answer["error"]).strip())
    try:
        return plan_of(answer["resources"])
    except UnusualProgramError as unusual:
        raise OperationsError(
            f"the program in {folder}: {unusual}",
            fix="let the program define each Action that it binds, once, or teach operations/program/model.py",
        ) from unusual
