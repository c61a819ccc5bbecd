"""The record of the chosen engine, which is valid only while nothing has changed.

The record (engine.json) names the files of the engine with their size and modification time. A file that was truncated,
replaced or removed, changed pins, or another version of pulumi-auth0 invalidates it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pulumi_engine import sources
from pulumi_engine.model import Engine, EngineError, EngineMissing, Layout, Origin
from pulumi_engine.versions import parse, required_provider, usable_pulumi

FORMAT = 2


@dataclass(frozen=True)
class Record:
    """What :func:`pulumi_engine.ensure` chose.

    Attributes:
        version: Version of Pulumi.
        origin: Where the engine comes from.
        provider_version: Version of the Auth0 provider.
        files: Path (relative to the folder if inside it) to [size in bytes, modification time in ns].
        fingerprints: Component to :func:`pulumi_engine.sources.fingerprint`, for those built from Go modules.
    """

    version: str
    origin: Origin
    provider_version: str
    files: dict[str, list[int]]
    fingerprints: dict[str, str]
    format: int = FORMAT


def locate(layout: Layout) -> Engine:
    """Return the recorded engine.

    Raises:
        EngineMissing: None is recorded, or something has changed since.
    """
    record = _read(layout)
    for name, recorded in record.files.items():
        if _stat(layout.folder / name) != recorded:
            raise EngineMissing(f"{layout.folder / name} is missing or has changed", layout)
    for component in (sources.command_line(), sources.provider()):
        if record.fingerprints.get(component.name) not in {None, sources.fingerprint(component)}:
            raise EngineMissing(f"the sources in {component.folder} have changed since the build", layout)
    version = parse(record.version)
    if version is None or not usable_pulumi(version):
        raise EngineMissing(f"Pulumi {record.version} is not the required version", layout)
    try:
        required = required_provider(layout)
    except EngineError as error:
        raise EngineMissing(error.reason, layout) from error
    if record.provider_version != required:
        raise EngineMissing(
            f"the Auth0 provider is {record.provider_version}, and the installed pulumi-auth0 requires {required}",
            layout,
        )
    return Engine(layout, record.version, record.origin, record.provider_version)


def write(
    layout: Layout,
    *,
    version: str,
    origin: Origin,
    provider_version: str,
    files: Iterable[Path],
    built: Iterable[sources.Component],
) -> None:
    """Write the record. ``files`` make up the engine, ``built`` are the components built from Go modules."""
    stats = {}
    for file in files:
        stat = _stat(file)
        if stat is None:
            raise EngineError(f"{file} has disappeared", fix="run this again")
        stats[str(file.relative_to(layout.folder) if file.is_relative_to(layout.folder) else file)] = stat
    record = Record(version, origin, provider_version, stats, {each.name: sources.fingerprint(each) for each in built})
    layout.folder.mkdir(parents=True, exist_ok=True)
    draft = layout.record.with_name(f".{layout.record.name}.{os.getpid()}")
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    draft.replace(layout.record)


def _read(layout: Layout) -> Record:
    try:
        data = json.loads(layout.record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EngineMissing(f"there is no Pulumi engine in {layout.folder} yet", layout) from None
    except ValueError as error:
        raise EngineMissing(f"cannot read {layout.record}: {error}", layout) from error
    try:
        if data["format"] != FORMAT:
            raise EngineMissing(f"another version of pulumi-engine wrote {layout.record}", layout)
        return Record(**data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EngineMissing(f"{layout.record} is damaged: {error!r}", layout) from error


def _stat(file: Path) -> list[int] | None:
    """Size and modification time of a program; None if it is missing or cannot be executed."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns] if os.access(file, os.X_OK) else None
