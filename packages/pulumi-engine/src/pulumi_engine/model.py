"""What an engine is, where its files lie in a clone, and the errors of looking for one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Origin = Literal["path", "installer", "built"]
"""Where the engine comes from: the user's own ``pulumi``, Pulumi's installer, or a build from Go modules."""

STATE_PASSPHRASE = "local"  # noqa: S105
"""Passphrase of stack ``local``. It guards nobody's secret: that stack's state describes a tenant on this machine that
holds made-up users only, and lies in a folder that its owner alone can read. A fixed word keeps Pulumi from asking."""


class EngineError(Exception):
    """No engine could be had. The text says what was tried, why it failed and what fixes it."""


class EngineMissing(EngineError):  # noqa: N818 - a state that is met every day, not a fault
    """This clone has no usable engine yet, or no longer. The text names the reason and what fixes it.

    Attributes:
        reason: The reason alone.
    """

    def __init__(self, reason: str, fix: str = "run `make engine`") -> None:
        """Join reason and remedy into the text."""
        super().__init__(f"{reason}: {fix}")
        self.reason = reason


@dataclass(frozen=True)
class Layout:
    """Where everything of the engine lies in a clone."""

    root: Path

    @property
    def engine(self) -> Path:
        """Folder of all that ``make engine`` leaves in the clone, save for Pulumi's own home."""
        return self.root / ".local" / "engine"

    @property
    def bin(self) -> Path:
        """Folder to put on PATH: ``pulumi`` and its language host."""
        return self.engine / "bin"

    @property
    def record(self) -> Path:
        """What was found, so that it need not be looked for again (see :mod:`engine.record`)."""
        return self.engine / "engine.json"

    @property
    def venv_bin(self) -> Path:
        """Programs of the virtual environment; the language host needs its ``uv``."""
        return self.root / ".venv" / "bin"

    @property
    def home(self) -> Path:
        """PULUMI_HOME of stack local: plugins, logs, the chosen stack."""
        return self.root / ".local" / "pulumi" / "home"

    @property
    def state(self) -> Path:
        """Where stack local keeps its state."""
        return self.root / ".local" / "pulumi" / "state"

    def plugin(self, version: str) -> Path:
        """The Auth0 provider's binary where the engine looks for an installed plugin of that version."""
        return plugin_in(self.home, version)


def plugin_in(home: Path, version: str) -> Path:
    """The Auth0 provider's binary in a PULUMI_HOME (the engine's own layout of installed plugins)."""
    return home / "plugins" / f"resource-auth0-v{version}" / "pulumi-resource-auth0"


@dataclass(frozen=True)
class Engine:
    """A usable engine of one clone.

    Attributes:
        pulumi: The program, absolute.
        bin_dirs: Folders to put first on PATH, in this order: the engine's programs, then the virtual environment's
            (the language host runs ``uv`` from there).
        pulumi_home: PULUMI_HOME, with the Auth0 provider among its plugins.
        version: Version of Pulumi, as ``3.259.0``.
        origin: Where the engine comes from.
        provider_version: Version of the Auth0 provider, that of the Python package pulumi-auth0.
        state: Folder of stack local's state.
    """

    pulumi: Path
    bin_dirs: tuple[Path, ...]
    pulumi_home: Path
    version: str
    origin: Origin
    provider_version: str
    state: Path

    def environment(self) -> dict[str, str]:
        """Variables under which ``pulumi`` works on stack local, to be laid over the caller's own.

        PATH is the caller's with :attr:`bin_dirs` before it. The folder of the state is made if need be, readable by
        its owner alone.
        """
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = [*map(str, self.bin_dirs), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
        return {
            "PATH": os.pathsep.join(dict.fromkeys(path)),
            "PULUMI_HOME": str(self.pulumi_home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": STATE_PASSPHRASE,
        }
