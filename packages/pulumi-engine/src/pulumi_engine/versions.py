"""Which versions are needed, pinned and installed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from pulumi_engine.model import EngineError

PACKAGE = Path(__file__).parent
BUILT_PROVIDER = "3.50.1"
"""The only version of the Auth0 provider that the pinned Go modules give: Pulumi's release of that number wraps the
version of terraform-provider-auth0 that engine/provider/go.mod pins."""


class Version(NamedTuple):
    """A release ``major.minor.patch``; a pre-release compares as lower than its release."""

    major: int
    minor: int
    patch: int
    released: bool = True

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read ``v3.259.0``, ``3.259.0`` or ``3.260.0-alpha.1``; None for anything else."""
        match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", text.strip())
        if match is None:
            return None
        major, minor, patch, pre_release, _build = match.groups()
        return cls(int(major), int(minor), int(patch), pre_release is None)

    def __str__(self) -> str:
        """Write ``major.minor.patch``."""
        return f"{self.major}.{self.minor}.{self.patch}"


MINIMUM_PULUMI = Version(3, 259, 0)
"""The version that the project is tested with. The Python SDK refuses engines of another major version."""


def usable_pulumi(version: Version) -> bool:
    """Whether an engine of this version can run the project."""
    return version.major == MINIMUM_PULUMI.major and version >= MINIMUM_PULUMI


def pinned_pulumi() -> str:
    """Version of Pulumi that the Go modules build, as ``3.259.0``, from engine/cli/go.mod."""
    return _in_go_mod("cli", r"github\.com/pulumi/pulumi/sdk/v3 v([0-9.]+)")


def required_go() -> str:
    """Lowest version of Go that builds the modules, from the ``go`` line of engine/cli/go.mod."""
    return _in_go_mod("cli", r"^go ([0-9.]+)$")


def _in_go_mod(component: str, pattern: str) -> str:
    file = PACKAGE / component / "go.mod"
    match = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise EngineError(f"{file} has no line like {pattern}: restore the file from version control")
    return match[1]


def installed_provider(root: Path) -> str:
    """Version of the Auth0 provider that the installed Python package pulumi-auth0 asks the engine for.

    Read from the file that the engine's language host reads as well, ``pulumi-plugin.json`` in the package.

    Raises:
        EngineError: The clone's virtual environment is not there, or has no pulumi-auth0.
    """
    for file in root.glob(".venv/lib/python*/site-packages/pulumi_auth0/pulumi-plugin.json"):
        version = json.loads(file.read_text(encoding="utf-8")).get("version")
        if isinstance(version, str) and Version.parse(version):
            return version.removeprefix("v")
        raise EngineError(f"{file} names no version: install the package again with `uv sync --reinstall`")
    raise EngineError(f"{root / '.venv'} has no package pulumi-auth0: run `uv sync` first")


def installed_pulumi_sdk(root: Path) -> str:
    """Version of the installed Python package pulumi, ``unknown`` if there is none."""
    for folder in root.glob(".venv/lib/python*/site-packages/pulumi-[0-9]*.dist-info"):
        return folder.name.removeprefix("pulumi-").removesuffix(".dist-info")
    return "unknown"
