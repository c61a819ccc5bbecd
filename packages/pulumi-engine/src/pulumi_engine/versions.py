"""Which versions are required, pinned and installed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from pulumi_engine.model import EngineError, Layout

PACKAGE = Path(__file__).parent
BUILT_PROVIDER = "3.50.1"
"""The only version of the Auth0 provider that the Go modules build: Pulumi's release of that number wraps the version
of terraform-provider-auth0 that provider/go.mod pins."""

MINIMUM_PULUMI = Version("3.259.0")
"""The tested version. The Python SDK refuses engines of another major version."""
USABLE_PULUMI = f"{MINIMUM_PULUMI} or newer of version {MINIMUM_PULUMI.major}"


def parse(text: str) -> Version | None:
    """Read a version as a program prints it, as ``v3.259.0`` or ``3.260.0-alpha.1``; None for anything else."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def usable_pulumi(version: Version) -> bool:
    """Whether an engine of this version runs programs written for the tested version."""
    return version.major == MINIMUM_PULUMI.major and version >= MINIMUM_PULUMI


def pinned_pulumi() -> str:
    """Version of Pulumi that the Go modules build, as ``3.259.0``, from cli/go.mod."""
    return _in_go_mod(r"github\.com/pulumi/pulumi/sdk/v3 v([0-9.]+)")


def required_go() -> str:
    """Lowest version of Go that builds the modules, from the ``go`` line of cli/go.mod."""
    return _in_go_mod(r"^go ([0-9.]+)$")


def _in_go_mod(pattern: str) -> str:
    file = PACKAGE / "cli" / "go.mod"
    match = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise EngineError(f"{file} has no line that matches {pattern}", fix="install the package again")
    return match[1]


def required_provider(layout: Layout) -> str:
    """Version of the Auth0 provider that the installed Python package pulumi-auth0 requires.

    The engine's language host reads it from the same file, ``pulumi-plugin.json`` in the package.

    Raises:
        EngineError: The virtual environment is missing or has no pulumi-auth0.
    """
    for file in layout.environment.glob("lib/python*/site-packages/pulumi_auth0/pulumi-plugin.json"):
        version = json.loads(file.read_text(encoding="utf-8")).get("version")
        if isinstance(version, str) and parse(version):
            return version.removeprefix("v")
        raise EngineError(f"{file} names no version", fix="install the package pulumi-auth0 again")
    raise EngineError(f"{layout.environment} has no package pulumi-auth0", fix="install pulumi-auth0 there")


def installed_sdk(layout: Layout) -> str:
    """Version of the installed Python package pulumi, ``unknown`` if there is none."""
    for folder in layout.environment.glob("lib/python*/site-packages/pulumi-[0-9]*.dist-info"):
        return folder.name.removeprefix("pulumi-").removesuffix(".dist-info")
    return "unknown"
