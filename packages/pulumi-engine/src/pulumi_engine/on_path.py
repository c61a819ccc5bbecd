"""The first choice: a ``pulumi`` that the user has installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from packaging.version import Version

from pulumi_engine import cache, process
from pulumi_engine.model import Layout
from pulumi_engine.versions import USABLE_PULUMI, parse, usable_pulumi

LANGUAGE_HOST = "pulumi-language-python"
_VERSION_SECONDS = 20.0


def find(layout: Layout) -> tuple[tuple[Path, Version] | None, list[str]]:
    """Return the first usable engine on PATH with its version, and for each other one a line that says why not.

    Links and programs of this package are skipped.
    """
    refused = []
    for entry in dict.fromkeys(os.environ.get("PATH", os.defpath).split(os.pathsep)):
        program = Path(entry).absolute() / "pulumi"
        if not entry or not _executable(program) or _own(program, layout):
            continue
        version = version_of(program)
        if version is None:
            refused.append(f"{program} does not print its version")
        elif not usable_pulumi(version):
            refused.append(f"{program} is Pulumi {version}; {USABLE_PULUMI} is required")
        elif not _has_language_host(program):
            refused.append(f"{program} has no {LANGUAGE_HOST} beside it or on PATH")
        else:
            return (program, version), refused
    return None, refused or ["no pulumi is on PATH"]


def version_of(program: Path) -> Version | None:
    """Ask a ``pulumi`` or a provider plugin for its version; None if it does not print one."""
    argument = "version" if program.name == "pulumi" else "-version"
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = process.run([program, argument], environment=environment, limit=_VERSION_SECONDS)
    except OSError:
        return None
    versions = [version for version in map(parse, result.tail) if version]
    return versions[0] if result.code == 0 and versions else None


def _executable(program: Path) -> bool:
    return program.is_file() and os.access(program, os.X_OK)


def _own(program: Path, layout: Layout) -> bool:
    return program.parent == layout.bin or program.resolve().is_relative_to(cache.folder().resolve())


def _has_language_host(program: Path) -> bool:
    """The engine looks for it beside its own file, links resolved, and on PATH."""
    return (program.resolve().parent / LANGUAGE_HOST).is_file() or shutil.which(LANGUAGE_HOST) is not None
