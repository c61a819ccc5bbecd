"""Actions: the draft that people edit, and the versions that were made of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

from local_tenant.store.table import Table

MOST_VERSIONS_KEPT = 50

# A build that has one of these is over.
FINAL = ("built", "failed")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of an Action; its value never leaves the tenant but to the Action itself.

    Attributes:
        name: as in `event.secrets`.
        value: in the clear.
    """

    name: str
    value: str
    updated_at: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is built, deployed and compared: the same for a draft and for a version.

    Attributes:
        code: JavaScript source.
        runtime: as it was sent (`node18`, `node18-actions`, `node22`).
        dependencies: npm packages, `{name, version, registry_url?}`.
        secrets: sorted by name.
        modules: `{module_id, module_name, module_version_id, module_version_number}`.
    """

    code: str
    runtime: str
    dependencies: tuple[dict[str, Any], ...] = ()
    secrets: tuple[Secret, ...] = ()
    modules: tuple[dict[str, Any], ...] = ()

    def same_as(self, other: Content) -> bool:
        """Whether deploying one for the other would change nothing: times of secrets aside."""
        return self._compared() == other._compared()

    def _compared(self) -> tuple[object, ...]:
        return (
            self.code,
            self.runtime,
            sorted(json.dumps(dependency, sort_keys=True) for dependency in self.dependencies),
            sorted((secret.name, secret.value) for secret in self.secrets),
            sorted(json.dumps(module, sort_keys=True) for module in self.modules),
        )


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable version of an Action.

    Attributes:
        id: uuid.
        action_id: whose it is.
        number: 1, 2, 3, … per Action.
        supported_triggers: `{id, version}`.
        content: code with its settings.
        status: of its build.
        draft: the draft it was made from.
        built_at: None until it is built.
    """

    id: str
    action_id: str
    number: int
    supported_triggers: tuple[dict[str, str], ...]
    content: Content
    status: str
    draft: int
    built_at: int | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Action:
    """An Action as it is edited.

    Attributes:
        id: uuid.
        name: not necessarily unique.
        supported_triggers: `{id, version}`.
        content: the draft.
        status: of the draft's build: pending, building, retrying, built or failed.
        draft: counts the writes of the draft.
        last_number: number of the newest version, 0 before the first.
        deployed_version_id: of `deployed`.
        deployed: the deployed version, if any.
    """

    id: str
    name: str
    supported_triggers: tuple[dict[str, str], ...]
    content: Content
    status: str
    draft: int
    last_number: int
    deployed_version_id: str | None
    created_at: int
    updated_at: int
    deployed: Version | None = field(default=None, metadata={"column": False})

    @property
    def all_changes_deployed(self) -> bool:
        """Whether the deployed version has the draft's contents."""
        return self.deployed is not None and self.content.same_as(self.deployed.content)


_ACTIONS = Table("actions", Action)
_VERSIONS = Table("action_versions", Version)


def count(connection: sqlite3.Connection) -> int:
    """How many Actions the tenant has."""
    return int(connection.execute("SELECT count(*) FROM actions").fetchone()[0])


def get(connection: sqlite3.Connection, action_id: str) -> Action | None:
    """The Action of that id, if any."""
    action = _ACTIONS.get(connection, "id = ?", action_id)
    return action and _with_deployed(connection, action)


def every(connection: sqlite3.Connection) -> list[Action]:
    """All Actions, oldest first."""
    return [_with_deployed(connection, action) for action in _ACTIONS.all(connection, "ORDER BY position")]


def named(connection: sqlite3.Connection, name: str) -> list[Action]:
    """Actions of that name, oldest first."""
    return [action for action in every(connection) if action.name == name]


def add(connection: sqlite3.Connection, action: Action) -> None:
    """Store a new Action."""
    _ACTIONS.add(connection, action)


def update(connection: sqlite3.Connection, action: Action) -> None:
    """Replace a stored Action."""
    _ACTIONS.update(connection, action, "id")


def delete(connection: sqlite3.Connection, action_id: str) -> None:
    """Delete an Action with its versions; its bindings must be gone."""
    _ACTIONS.delete(connection, "id = ?", action_id)


def add_version(connection: sqlite3.Connection, version: Version) -> None:
    """Store a new version, and delete those beyond the newest `MOST_VERSIONS_KEPT` (documented)."""
    _VERSIONS.add(connection, version)
    _VERSIONS.delete(
        connection, "action_id = ? AND number <= ?", version.action_id, version.number - MOST_VERSIONS_KEPT
    )


def get_version(connection: sqlite3.Connection, action_id: str, version_id: str) -> Version | None:
    """That version of that Action, if any."""
    return _VERSIONS.get(connection, "id = ? AND action_id = ?", version_id, action_id)


def versions(connection: sqlite3.Connection, action_id: str) -> list[Version]:
    """All stored versions of that Action, newest first."""
    return _VERSIONS.all(connection, "WHERE action_id = ? ORDER BY number DESC", action_id)


def set_build_status(connection: sqlite3.Connection, action_id: str, draft: int, status: str, now: int) -> None:
    """Record how the build of one draft goes, on the draft if it is still the newest and on versions made of it."""
    connection.execute("UPDATE actions SET status = ? WHERE id = ? AND draft = ?", (status, action_id, draft))
    connection.execute(
        "UPDATE action_versions SET status = ?, built_at = ?, updated_at = ? "
        "WHERE action_id = ? AND draft = ? AND status NOT IN ('built', 'failed')",
        (status, now if status == "built" else None, now, action_id, draft),
    )


def unfinished_builds(connection: sqlite3.Connection) -> list[tuple[str, int, Content, str]]:
    """Action id, draft, content and name of everything still to be built, after a start."""
    builds: dict[tuple[str, int], tuple[Content, str]] = {}
    for action in every(connection):
        if action.status not in FINAL:
            builds[action.id, action.draft] = action.content, action.name
        for version in versions(connection, action.id):
            if version.status not in FINAL:
                builds[action.id, version.draft] = version.content, action.name
    return [(action_id, draft, content, name) for (action_id, draft), (content, name) in builds.items()]


def with_version(action: Action, version: Version) -> Action:
    """The Action with `version` deployed."""
    return replace(action, deployed=version, deployed_version_id=version.id, last_number=version.number)


def _with_deployed(connection: sqlite3.Connection, action: Action) -> Action:
    if action.deployed_version_id is None:
        return action
    return replace(action, deployed=get_version(connection, action.id, action.deployed_version_id))
