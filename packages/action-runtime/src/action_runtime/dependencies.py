"""The build step of an Action: its npm dependencies, installed once for each set of them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from action_runtime.errors import DependencyInstallError
from action_runtime.node import node_executable, npm_program

# npm's own rule for the names of new packages; it also keeps a name from being an option or a path.
_NAME: Final = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_VERSION: Final = re.compile(r"latest|\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")

_OUTPUT_KEPT: Final = 2000

# npm finds its registry, a proxy and certificates through these. Nothing else of our environment is for it.
_ENVIRONMENT: Final = re.compile(
    r"PATH|HOME|USERPROFILE|TMPDIR|(?:https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_.*",
    re.IGNORECASE,
)


async def install_dependencies(
    dependencies: Sequence[tuple[str, str]], folder: Path, *, time_limit: float = 120.0
) -> Path | None:
    """Install npm packages, without running any script of theirs.

    Args:
        dependencies: name and version of each; Auth0 knows no version ranges.
        folder: where all sets are kept; made if it is not there.
        time_limit: seconds.

    Returns:
        The folder that holds `node_modules`, the same for the same set; None if there is nothing to install.

    Raises:
        DependencyInstallError: npm is missing, a name or version is none, or npm failed; the text says which.
    """
    if not dependencies:
        return None
    packages = dict(sorted(dependencies))
    for name, version in packages.items():
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            raise DependencyInstallError(f"{name}@{version} names no npm package in one version")
    content = json.dumps({"private": True, "dependencies": packages}, indent=2)
    target = folder / hashlib.sha256(content.encode()).hexdigest()[:32]
    if os.path.isdir(target):  # noqa: PTH112, ASYNC240 - one look at the disk
        return target
    command = _npm()
    # Moved to its name when it is complete: a half-finished one is never taken for it.
    unfinished = _new_folder(folder, content)
    try:
        await _run([*command, *_INSTALL], unfinished, time_limit, ", ".join(map("@".join, packages.items())))
        # Another build of the same set may have been faster.
        with contextlib.suppress(OSError):
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _new_folder(folder: Path, package: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder))
    (draft / "package.json").write_text(package, encoding="utf-8")
    return draft


_INSTALL: Final = (
    "install",
    "--ignore-scripts",
    "--omit=dev",
    "--omit=optional",
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--no-update-notifier",
    "--loglevel=error",
    "--logs-max=0",
)


def _npm() -> list[str]:
    program = npm_program()
    if program is not None:
        return [str(node_executable()), str(program)]
    on_path = shutil.which("npm")
    if on_path is None:
        raise DependencyInstallError("npm is needed to install dependencies, and there is none on PATH")
    return [on_path]


async def _run(command: Sequence[str], folder: Path, time_limit: float, packages: str) -> None:
    environment = {name: value for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name)}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), time_limit)
    except TimeoutError:
        raise DependencyInstallError(f"npm did not install {packages} within {time_limit:g} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        text = output.decode("utf-8", "replace").replace(str(folder), ".").strip()[-_OUTPUT_KEPT:]
        raise DependencyInstallError(f"npm could not install {packages}: {text or 'it printed nothing'}")
