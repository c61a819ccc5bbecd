"""Modules: code that several Actions require, and its published versions."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from local_tenant.store.actions import Secret


@dataclass(frozen=True, slots=True)
class ModuleVersion:
    """An immutable version of a module.

    Attributes:
        id: uuid.
        module_id: whose it is.
        version_number: 1, 2, 3, … per module.
        code: JavaScript source.
        dependencies: npm packages, `{name, version}`.
        secrets: sorted by name.
        created_at: nanoseconds since 1970.
    """

    id: str
    module_id: str
    version_number: int
    code: str
    dependencies: tuple[dict[str, Any], ...]
    secrets: tuple[Secret, ...]
    created_at: int


@dataclass(frozen=True, slots=True)
class Module:
    """A module as it is edited.

    Attributes:
        id: uuid.
        name: unique; never changed.
        code: JavaScript source.
        dependencies: npm packages, `{name, version}`.
        secrets: sorted by name.
        last_number: number of the newest version, 0 before the first.
        created_at: nanoseconds since 1970.
        updated_at: nanoseconds since 1970.
    """

    id: str
    name: str
    code: str
    dependencies: tuple[dict[str, Any], ...]
    secrets: tuple[Secret, ...]
    last_number: int
    created_at: int
    updated_at: int


def get(connection: sqlite3.Connection, module_id: str) -> Module | None:
    """The module of that id, if any."""
    row = connection.execute("SELECT * FROM modules WHERE id = ?", (module_id,)).fetchone()
    return None if row is None else _module(row)


def by_name(connection: sqlite3.Connection, name: str) -> Module | None:
    """The module of that name, if any."""
    row = connection.execute("SELECT * FROM modules WHERE name = ?", (name,)).fetchone()
    return None if row is None else _module(row)


def every(connection: sqlite3.Connection) -> list[Module]:
    """All modules, oldest first."""
    return [_module(row) for row in connection.execute("SELECT * FROM modules ORDER BY position").fetchall()]


def add(connection: sqlite3.Connection, module: Module) -> None:
    """Keep a new module."""
    connection.execute(
        "INSERT INTO modules (id, name, code, dependencies, secrets, last_number, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (module.id, module.name, *_values(module), module.last_number, module.created_at, module.updated_at),
    )


def update(connection: sqlite3.Connection, module: Module) -> None:
    """Replace what is kept of a module."""
    connection.execute(
        "UPDATE modules SET code = ?, dependencies = ?, secrets = ?, last_number = ?, updated_at = ? WHERE id = ?",
        (*_values(module), module.last_number, module.updated_at, module.id),
    )


def delete(connection: sqlite3.Connection, module_id: str) -> None:
    """Forget a module with its versions."""
    connection.execute("DELETE FROM modules WHERE id = ?", (module_id,))


def add_version(connection: sqlite3.Connection, version: ModuleVersion) -> None:
    """Keep a new version."""
    connection.execute(
        "INSERT INTO module_versions (id, module_id, version_number, code, dependencies, secrets, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (version.id, version.module_id, version.version_number, *_values(version), version.created_at),
    )


def get_version(connection: sqlite3.Connection, module_id: str, version_id: str) -> ModuleVersion | None:
    """That version of that module, if any."""
    row = connection.execute(
        "SELECT * FROM module_versions WHERE id = ? AND module_id = ?",
        (version_id, module_id),
    ).fetchone()
    return None if row is None else _version(row)


def versions(connection: sqlite3.Connection, module_id: str) -> list[ModuleVersion]:
    """All versions of that module, newest first."""
    rows = connection.execute(
        "SELECT * FROM module_versions WHERE module_id = ? ORDER BY version_number DESC",
        (module_id,),
    ).fetchall()
    return [_version(row) for row in rows]


def _values(item: Module | ModuleVersion) -> tuple[str, str, str]:
    secrets = [{"name": s.name, "value": s.value, "updated_at": s.updated_at} for s in item.secrets]
    return item.code, json.dumps(item.dependencies), json.dumps(secrets)


def _module(row: sqlite3.Row) -> Module:
    return Module(
        id=row["id"],
        name=row["name"],
        code=row["code"],
        dependencies=tuple(json.loads(row["dependencies"])),
        secrets=tuple(Secret(**secret) for secret in json.loads(row["secrets"])),
        last_number=row["last_number"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _version(row: sqlite3.Row) -> ModuleVersion:
    return ModuleVersion(
        id=row["id"],
        module_id=row["module_id"],
        version_number=row["version_number"],
        code=row["code"],
        dependencies=tuple(json.loads(row["dependencies"])),
        secrets=tuple(Secret(**secret) for secret in json.loads(row["secrets"])),
        created_at=row["created_at"],
    )
