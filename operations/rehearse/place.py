"""The temporary folder of a rehearsal: the program, its state, the tenant; all deleted at the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency
from local_tenant.testing import StartError, TenantClient, TenantProcess

from operations.errors import OperationsError
from operations.project import Project, copy_program, read_project
from operations.pulumi_stack import PulumiStack

# What the engine needs of the caller's own variables: where the provider is.
_KEPT = frozenset({"PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK"})
# What belongs to the stack's real state, or comes from Pulumi Cloud (ESC).
_OF_THE_REAL_STATE = ("encryptionsalt", "encryptedkey", "secretsprovider", "environment")


@dataclass(frozen=True, slots=True)
class Place:
    """A rehearsal under way.

    Attributes:
        stack: the stack, in the copy of the program.
        tenant: a client of the local tenant.
    """

    stack: PulumiStack
    tenant: TenantClient


@contextmanager
def rehearsal_of(project: Project, stack: str, tenant: str) -> Iterator[Place]:
    """A place to rehearse a stack on a local tenant called `tenant`; removed at the end, even after a failure.

    While it lasts, this process has the environment of the rehearsal.

    Raises:
        OperationsError: the tenant does not start.
    """
    with TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        try:
            with (
                TenantProcess(folder / "tenant", tenant=tenant, environment={}) as process,
                TenantClient(process.ready) as client,
                _environment({**client.environment(), **_pulumi_environment(folder)}),
                _uninterrupted_end(),
            ):
                copy = _copied(project, folder / "program", stack, process.ready["domain"])
                yield Place(PulumiStack(copy, stack), client)
        except StartError as error:
            raise OperationsError(
                f"the local tenant does not start: {error}", fix="fix the cause that this names"
            ) from error


@contextmanager
def _uninterrupted_end() -> Iterator[None]:
    """Cleaning up takes a moment, in which a second Ctrl-C must not leave anything behind."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def _copied(project: Project, target: Path, stack: str, domain: str) -> Project:
    """The program in a folder of its own, with the settings of the stack for a rehearsal on `domain`."""
    copy_program(project.folder, target)
    file = target / f"Pulumi.{stack}.yaml"
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    config = {key: value for key, value in content["config"].items() if not key.startswith("auth0:")}
    config[f"{project.name}:rehearsalDomain"] = domain
    content = {key: value for key, value in content.items() if key not in _OF_THE_REAL_STATE}
    file.write_text(yaml.safe_dump({**content, "config": config}), encoding="utf-8")
    return read_project(target)


def _pulumi_environment(folder: Path) -> dict[str, str]:
    state = folder / "state"
    state.mkdir()
    return {
        "PULUMI_BACKEND_URL": f"{state.as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_CREDENTIALS_PATH": str(folder),
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Take the caller's tenant, credentials and backend out of this process's environment, and put these in."""
    caller = dict(os.environ)
    for name in caller:
        if name.startswith(("AUTH0_", "PULUMI_")) and name not in _KEPT:
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(caller)
