"""Modules: code that several Actions require, and its published versions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from local_tenant.store.actions import Secret
from local_tenant.store.table import Table


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
    """

    id: str
    name: str
    code: str
    dependencies: tuple[dict[str, Any], ...]
    secrets: tuple[Secret, ...]
    last_number: int
    created_at: int
    updated_at: int


_MODULES = Table("modules", Module)
_VERSIONS = Table("module_versions", ModuleVersion)


def get(connection: sqlite3.Connection, module_id: str) -> Module | None:
    """The module of that id, if any."""
    return _MODULES.get(connection, "id = ?", module_id)


def by_name(connection: sqlite3.Connection, name: str) -> Module | None:
    """The module of that name, if any."""
    return _MODULES.get(connection, "name = ?", name)


def every(connection: sqlite3.Connection) -> list[Module]:
    """All modules, oldest first."""
    return _MODULES.all(connection, "ORDER BY position")


def add(connection: sqlite3.Connection, module: Module) -> None:
    """Store a new module."""
    _MODULES.add(connection, module)


def update(connection: sqlite3.Connection, module: Module) -> None:
    """Update a module."""
    _MODULES.update(connection, module, "id")


def delete(connection: sqlite3.Connection, module_id: str) -> None:
    """Delete a module with its versions."""
    _MODULES.delete(connection, "id = ?", module_id)


def add_version(connection: sqlite3.Connection, version: ModuleVersion) -> None:
    """Store a new version."""
    _VERSIONS.add(connection, version)


def get_version(connection: sqlite3.Connection, module_id: str, version_id: str) -> ModuleVersion | None:
    """That version of that module, if any."""
    return _VERSIONS.get(connection, "id = ? AND module_id = ?", version_id, module_id)


def versions(connection: sqlite3.Connection, module_id: str) -> list[ModuleVersion]:
    """All versions of that module, newest first."""
    return _VERSIONS.all(connection, "WHERE module_id = ? ORDER BY version_number DESC", module_id)
