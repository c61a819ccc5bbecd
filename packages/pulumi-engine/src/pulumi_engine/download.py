"""The second choice: what Pulumi's own downloads provide, for the engine and for the provider plugin.

A download ends as soon as nothing arrives for :data:`STALL_SECONDS`: where downloads are refused or dropped, a build is
the alternative, and nobody should wait for it. A slow download that progresses continues.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from pulumi_engine import cache, process
from pulumi_engine.model import EngineError, Layout, partial_marker
from pulumi_engine.on_path import LANGUAGE_HOST, version_of
from pulumi_engine.versions import USABLE_PULUMI, installed_sdk, parse, usable_pulumi

STALL_SECONDS = 20.0
LIMIT_SECONDS = 900.0

# The Automation API installs the version that matches the SDK. It runs in a process of its own because it has no time
# limit, and because importing pulumi takes longer than everything else here.
_INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; print(PulumiCommand.install(root=sys.argv[1]).version)"
)


class DownloadError(EngineError):
    """A download failed; the text is one line with the reason."""


def engine_key(layout: Layout) -> str:
    """Cache key of the downloaded engine: it matches the installed SDK."""
    return f"official-{cache.platform()}-{installed_sdk(layout)}"


def install_engine(layout: Layout, report: Callable[[str], None]) -> Path:
    """Download the engine to the cache with Pulumi's installer; return the entry, with the programs in its ``bin``.

    Raises:
        DownloadError: The download failed, or what was downloaded is unusable.
    """

    def write(staging: Path) -> None:
        with tempfile.TemporaryDirectory(dir=staging) as scratch:
            _download(
                [layout.environment_bin / "python", "-c", _INSTALL, staging],
                environment={},
                scratch=Path(scratch),
                target=staging,
                report=report,
                title="Pulumi's installer",
            )
        pulumi = staging / "bin" / "pulumi"
        version = version_of(pulumi)
        if version is None or not usable_pulumi(version):
            raise DownloadError(f"it installed Pulumi {version}, and {USABLE_PULUMI} is required")
        if not (staging / "bin" / LANGUAGE_HOST).is_file():
            raise DownloadError(f"it installed no {LANGUAGE_HOST}")

    return cache.produce(engine_key(layout), write, report)


def install_plugin(layout: Layout, version: str, report: Callable[[str], None]) -> Path:
    """Download the Auth0 provider to PULUMI_HOME with the engine; return the plugin.

    Raises:
        DownloadError: The download failed; nothing of it is left.
    """
    plugin = layout.plugin(version)
    layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=layout.home) as scratch:
            _download(
                [layout.bin / "pulumi", "plugin", "install", "resource", "auth0", version, "--color", "never"],
                environment={"PULUMI_HOME": str(layout.home)},
                scratch=Path(scratch),
                target=plugin.parent,
                report=report,
                title="pulumi plugin install",
            )
        _check_plugin(plugin, version)
    except DownloadError:
        shutil.rmtree(plugin.parent, ignore_errors=True)
        partial_marker(plugin).unlink(missing_ok=True)
        raise
    return plugin


def _check_plugin(plugin: Path, version: str) -> None:
    if version_of(plugin) != parse(version):
        raise DownloadError(f"the download is not the Auth0 provider {version}")


def _download(
    command: Sequence[str | Path],
    *,
    environment: dict[str, str],
    scratch: Path,
    target: Path,
    report: Callable[[str], None],
    title: str,
) -> None:
    """Run a downloading program while bytes arrive in ``scratch`` (its TMPDIR) or in ``target``."""

    def arrived() -> int:
        return sum(map(_size, {scratch, target}))

    def beat(seconds: float) -> None:
        report(f"{title}: {arrived() / 1e6:.0f} MB so far, {process.duration(seconds)}")

    variables = os.environ | environment | {"TMPDIR": str(scratch), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = process.run(
            command, environment=variables, on_beat=beat, stall=STALL_SECONDS, progress=arrived, limit=LIMIT_SECONDS
        )
    except OSError as error:
        raise DownloadError(str(error)) from error
    if result.code != 0:
        raise DownloadError(result.reason)


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except OSError:
            # Removed since it was listed.
            continue
    return total
