"""The second choice: what Pulumi's own downloads give, for the engine and for the provider plugin.

Both are given up as soon as nothing more arrives for :data:`STALL_SECONDS`: where downloads are refused or swallowed,
the way out is a build, and nobody should wait for it. A slow download that still moves is let be.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine import cache, process
from pulumi_engine.model import EngineError
from pulumi_engine.on_path import LANGUAGE_HOST, version_of
from pulumi_engine.versions import MINIMUM_PULUMI, Version, installed_pulumi_sdk, usable_pulumi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_engine.model import Layout

STALL_SECONDS = 20.0
LIMIT_SECONDS = 900.0

# The Automation API installs the version that matches the SDK. It runs in a process of its own because it has no time
# limit, and because importing pulumi takes longer than all else here.
_INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; print(PulumiCommand.install(root=sys.argv[1]).version)"
)


class DownloadError(EngineError):
    """A download did not work; the text is one line with the reason."""


def engine_key(layout: Layout) -> str:
    """Cache key of the downloaded engine: it is the one that matches the installed SDK."""
    return f"official-{cache.platform()}-{installed_pulumi_sdk(layout.root)}"


def install_engine(layout: Layout, report: Callable[[str], None]) -> Path:
    """Have Pulumi's installer put the engine into the cache; give the entry, with the programs in its ``bin``.

    Raises:
        DownloadError: It did not come, or what came cannot be used.
    """

    def produce(staging: Path) -> None:
        with tempfile.TemporaryDirectory(dir=staging) as scratch:
            command: list[str | Path] = [_python(layout), "-c", _INSTALL, staging]
            _download(
                command,
                environment={},
                scratch=Path(scratch),
                targets=(staging,),
                report=report,
                what="Pulumi's installer",
            )
        pulumi = staging / "bin" / "pulumi"
        version = version_of(pulumi) if pulumi.is_file() else None
        if version is None or not usable_pulumi(version):
            raise DownloadError(f"it gave Pulumi {version}, and {MINIMUM_PULUMI} or newer of version 3 is needed")
        if not (staging / "bin" / LANGUAGE_HOST).is_file():
            raise DownloadError(f"it gave no {LANGUAGE_HOST}")

    return cache.make(engine_key(layout), produce, report)


def install_plugin(
    layout: Layout, pulumi: Path, version: str, environment: dict[str, str], report: Callable[[str], None]
) -> None:
    """Have the engine download the Auth0 provider into the clone's PULUMI_HOME.

    Raises:
        DownloadError: It did not come; nothing of it is left.
    """
    plugin = layout.plugin(version)
    partial = plugin.parent.with_name(f"{plugin.parent.name}.partial")
    layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=layout.home) as scratch:
            command: list[str | Path] = [pulumi, "plugin", "install", "resource", "auth0", version, "--color", "never"]
            _download(
                command,
                environment=environment,
                scratch=Path(scratch),
                targets=(plugin.parent,),
                report=report,
                what="pulumi plugin install",
            )
        _expect_plugin(plugin, version)
    except DownloadError:
        shutil.rmtree(plugin.parent, ignore_errors=True)
        partial.unlink(missing_ok=True)
        raise


def _expect_plugin(plugin: Path, version: str) -> None:
    if version_of(plugin) != Version.parse(version):
        raise DownloadError(f"what came is not the Auth0 provider {version}")


def _download(
    command: Sequence[str | Path],
    *,
    environment: dict[str, str],
    scratch: Path,
    targets: tuple[Path, ...],
    report: Callable[[str], None],
    what: str,
) -> None:
    """Run a downloading program as long as bytes arrive in ``scratch`` (its TMPDIR) or in one of ``targets``."""

    def arrived() -> int:
        return sum(_size(folder) for folder in {scratch, *targets})

    def beat(seconds: float) -> None:
        report(f"{what}: {arrived() / 1e6:.0f} MB so far, {process.duration(seconds)}")

    variables = os.environ | environment | {"TMPDIR": str(scratch), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = process.run(
            command,
            environment=variables,
            on_beat=beat,
            stall=STALL_SECONDS,
            progress=arrived,
            limit=LIMIT_SECONDS,
        )
    except OSError as error:
        raise DownloadError(str(error)) from error
    if done.code != 0:
        raise DownloadError(done.reason)


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except OSError:
            # It went between the listing and the look.
            continue
    return total


def _python(layout: Layout) -> Path:
    """The clone's Python, which has the package pulumi; the one that runs this is the same but for odd set-ups."""
    of_clone = layout.venv_bin / "python"
    return of_clone if of_clone.is_file() else Path(sys.executable)
