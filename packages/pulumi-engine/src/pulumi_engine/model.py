"""An engine, the layout of its files, and the errors of looking for one."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

Origin = Literal["path", "installer", "built"]
"""Where the engine comes from: the user's own ``pulumi``, Pulumi's installer, or a build from Go modules."""

STATE_PASSPHRASE = "local"  # noqa: S105
"""Passphrase of the local backend. Its state describes a tenant with made-up users and lies in a folder that only its
owner can read, so the passphrase protects nothing. With a fixed one Pulumi does not ask."""


class EngineError(Exception):
    """No engine is available. The text says what was tried, why it failed and, after ``fix:``, what to do."""

    def __init__(self, reason: str, fix: str | None = None) -> None:
        """Join the reason and its fix."""
        super().__init__(f"{reason}\n  fix: {fix}" if fix else reason)
        self.reason = reason


class EngineMissing(EngineError):  # noqa: N818 - an everyday state, not a fault
    """The folder has no usable engine yet, or no longer."""

    def __init__(self, reason: str, layout: Layout) -> None:
        """Name the command that gets one."""
        super().__init__(reason, fix=f"run `python -m pulumi_engine --folder {layout.folder}`")


@dataclass(frozen=True)
class Layout:
    """Where the files of an engine are.

    Attributes:
        folder: Absolute path of everything that this package writes, except the cache.
        environment: The virtual environment with the Python packages pulumi and pulumi-auth0.
    """

    folder: Path
    environment: Path

    @classmethod
    def of(cls, folder: Path, environment: Path | None = None) -> Self:
        """Lay out ``folder``; the virtual environment is by default the one that runs this."""
        return cls(folder.resolve(), (environment or Path(sys.prefix)).absolute())

    @property
    def bin(self) -> Path:
        """Folder for PATH: ``pulumi`` and its language host."""
        return self.folder / "bin"

    @property
    def record(self) -> Path:
        """What :func:`pulumi_engine.ensure` chose (see :mod:`pulumi_engine.record`)."""
        return self.folder / "engine.json"

    @property
    def home(self) -> Path:
        """PULUMI_HOME: plugins, logs, the selected stack."""
        return self.folder / "home"

    @property
    def state(self) -> Path:
        """The local backend."""
        return self.folder / "state"

    @property
    def environment_bin(self) -> Path:
        """Programs of the virtual environment; the language host runs ``uv`` from there."""
        return self.environment / "bin"

    def plugin(self, version: str) -> Path:
        """The Auth0 provider's binary, where the engine looks for it."""
        return plugin_in(self.home, version)


def plugin_in(home: Path, version: str) -> Path:
    """The Auth0 provider's binary in a PULUMI_HOME: the engine's own layout of installed plugins."""
    return home / "plugins" / f"resource-auth0-v{version}" / "pulumi-resource-auth0"


def partial_marker(plugin: Path) -> Path:
    """The file that tells the engine that a plugin is only half installed."""
    return plugin.parent.with_name(f"{plugin.parent.name}.partial")


@dataclass(frozen=True)
class Engine:
    """A usable engine.

    Attributes:
        layout: Where its files are.
        version: Version of Pulumi, as ``3.259.0``.
        origin: Where the engine comes from.
        provider_version: Version of the Auth0 provider, the one that the Python package pulumi-auth0 requires.
    """

    layout: Layout
    version: str
    origin: Origin
    provider_version: str

    @property
    def pulumi(self) -> Path:
        """The program."""
        return self.layout.bin / "pulumi"

    def environment(self) -> dict[str, str]:
        """Variables under which ``pulumi`` works with the local backend, to be laid over the caller's own.

        PATH is the caller's, after the engine's programs and those of the virtual environment. The folder of the
        local backend is created if necessary, readable by its owner alone.
        """
        layout = self.layout
        layout.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = [str(layout.bin), str(layout.environment_bin), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
        return {
            "PATH": os.pathsep.join(dict.fromkeys(path)),
            "PULUMI_HOME": str(layout.home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Without metadata files: a command that is killed can leave an empty one, and none can read the state then.
            "PULUMI_BACKEND_URL": f"file://{layout.state}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": STATE_PASSPHRASE,
        }
