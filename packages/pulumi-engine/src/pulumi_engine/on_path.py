"""The first choice: a ``pulumi`` that the user has installed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine import cache, process
from pulumi_engine.versions import MINIMUM_PULUMI, Version, usable_pulumi

if TYPE_CHECKING:
    from pulumi_engine.model import Layout

LANGUAGE_HOST = "pulumi-language-python"
_VERSION_SECONDS = 20.0


@dataclass(frozen=True)
class Found:
    """A usable engine on PATH: the program as PATH names it, and its version."""

    pulumi: Path
    version: Version


def find(layout: Layout) -> tuple[Found | None, list[str]]:
    """Look through PATH for a usable engine; also say, in a line each, why those that are there are not used.

    What this project itself put on PATH is passed over: it is no engine of the user's.
    """
    refused = []
    for folder in _path():
        program = folder / "pulumi"
        if not (program.is_file() and os.access(program, os.X_OK)) or _own(program, layout):
            continue
        version = version_of(program)
        if version is None:
            refused.append(f"{program} does not tell its version")
        elif not usable_pulumi(version):
            refused.append(f"{program} is Pulumi {version}; {MINIMUM_PULUMI} or newer of version 3 is needed")
        elif not _has_language_host(program):
            refused.append(f"{program} has no {LANGUAGE_HOST} beside it or on PATH")
        else:
            return Found(program, version), refused
    return None, refused or ["no pulumi is on PATH"]


def version_of(program: Path) -> Version | None:
    """Ask a ``pulumi`` or a provider plugin for its version; None if it does not answer with one."""
    question = "version" if program.name == "pulumi" else "-version"
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = process.run([program, question], environment=environment, limit=_VERSION_SECONDS)
    except OSError:
        return None
    if answer.code != 0:
        return None
    versions = (Version.parse(line) for line in answer.tail)
    return next((version for version in versions if version), None)


def _path() -> list[Path]:
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [Path(entry).absolute() for entry in dict.fromkeys(entries) if entry]


def _own(program: Path, layout: Layout) -> bool:
    return program.parent == layout.bin or program.resolve().is_relative_to(cache.folder().resolve())


def _has_language_host(program: Path) -> bool:
    """The engine looks for it beside its own file, links resolved, and on PATH."""
    return (program.resolve().parent / LANGUAGE_HOST).is_file() or shutil.which(LANGUAGE_HOST) is not None
