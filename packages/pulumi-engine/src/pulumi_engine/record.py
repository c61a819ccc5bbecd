"""The clone's record of its engine, and the quick look that trusts it only while nothing has changed.

The record (.local/engine/engine.json) names the files of the engine with size and time of last change. A file that was
cut short, replaced or removed, pins that changed, or another version of pulumi-auth0 makes it void.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine import sources
from pulumi_engine.model import Engine, EngineError, EngineMissing, Layout
from pulumi_engine.versions import PACKAGE, Version, installed_provider, usable_pulumi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_engine.model import Origin

FORMAT = 1


@dataclass(frozen=True)
class Record:
    """What ``make engine`` found or built.

    Attributes:
        version: Version of Pulumi.
        origin: Where the engine comes from.
        provider_version: Version of the Auth0 provider.
        files: Path (relative to the clone where it lies inside) to (size in bytes, time of last change in ns).
        fingerprints: Component to :func:`engine.sources.fingerprint`, for those that were built from Go modules.
    """

    version: str
    origin: Origin
    provider_version: str
    files: dict[str, tuple[int, int]]
    fingerprints: dict[str, str]
    format: int = FORMAT


def clone_of_this_package() -> Path:
    """The clone that this package is part of."""
    return PACKAGE.parents[3]


def locate(root: Path | None = None) -> Engine:
    """Give the engine of the clone ``root`` (by default the one that this package is part of), at once.

    Raises:
        EngineMissing: None was found or built yet, or what was found has changed since.
    """
    layout = Layout((root or clone_of_this_package()).resolve())
    record = _read(layout)
    for name, seen in record.files.items():
        if _look(layout.root / name) != seen:
            raise EngineMissing(f"{layout.root / name} is gone or has changed since it was found")
    for component in (sources.command_line(), sources.provider()):
        built_from = record.fingerprints.get(component.name)
        if built_from is not None and built_from != sources.fingerprint(component):
            raise EngineMissing(f"the sources in engine/{component.name} have changed since the build")
    version = Version.parse(record.version)
    if version is None or not usable_pulumi(version):
        raise EngineMissing(f"Pulumi {record.version} is not the version that is needed")
    try:
        wanted = installed_provider(layout.root)
    except EngineError as error:
        raise EngineMissing(str(error)) from error
    if record.provider_version != wanted:
        raise EngineMissing(
            f"the Auth0 provider is {record.provider_version}, and the installed pulumi-auth0 needs {wanted}"
        )
    return Engine(
        pulumi=layout.bin / "pulumi",
        bin_dirs=(layout.bin, layout.venv_bin),
        pulumi_home=layout.home,
        version=record.version,
        origin=record.origin,
        provider_version=record.provider_version,
        state=layout.state,
    )


def remember(
    layout: Layout,
    *,
    version: str,
    origin: Origin,
    provider_version: str,
    files: Iterable[Path],
    built: Iterable[sources.Component],
) -> None:
    """Write the record. ``files`` are the files that make up the engine, ``built`` the components built from Go."""
    seen = {}
    for file in files:
        stat = _look(file)
        if stat is None:
            raise EngineError(f"{file} vanished while it was looked at: run `make engine` again")
        name = file.relative_to(layout.root) if file.is_relative_to(layout.root) else file
        seen[str(name)] = stat
    record = Record(version, origin, provider_version, seen, {each.name: sources.fingerprint(each) for each in built})
    layout.engine.mkdir(parents=True, exist_ok=True)
    draft = layout.record.with_name(f".{layout.record.name}.{os.getpid()}")
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    draft.replace(layout.record)


def _read(layout: Layout) -> Record:
    try:
        data = json.loads(layout.record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EngineMissing(f"no Pulumi engine has been found or built in {layout.root} yet") from None
    except ValueError as error:
        raise EngineMissing(f"{layout.record} cannot be read ({error})") from error
    try:
        if data.pop("format") != FORMAT:
            raise EngineMissing(f"{layout.record} was written by another version of this project")
        files = {name: (int(size), int(changed)) for name, (size, changed) in data.pop("files").items()}
        return Record(files=files, **data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EngineMissing(f"{layout.record} is not a record of an engine ({error!r})") from error


def _look(file: Path) -> tuple[int, int] | None:
    """Size and time of last change of a program, None if there is no such file or it cannot be run."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return (stat.st_size, stat.st_mtime_ns) if os.access(file, os.X_OK) else None
