"""Actions: the draft that people edit, and the versions that were made of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

MOST_VERSIONS_KEPT = 50

# A build that has one of these is over.
FINAL = ("built", "failed")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of an Action; its value never leaves the tenant but to the Action itself.

    Attributes:
        name: as in `event.secrets`.
        value: in the clear.
        updated_at: nanoseconds since 1970.
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
        built_at: nanoseconds since 1970; None until it is built.
        created_at: nanoseconds since 1970.
        updated_at: nanoseconds since 1970.
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
        deployed: the deployed version, if any.
        created_at: nanoseconds since 1970.
        updated_at: nanoseconds since 1970.
    """

    id: str
    name: str
    supported_triggers: tuple[dict[str, str], ...]
    content: Content
    status: str
    draft: int
    last_number: int
    deployed: Version | None
    created_at: int
    updated_at: int

    @property
    def all_changes_deployed(self) -> bool:
        """Whether the deployed version has the draft's contents."""
        return self.deployed is not None and self.content.same_as(self.deployed.content)


_COLUMNS = (
    "id, name, supported_triggers, code, dependencies, runtime, secrets, modules, status, draft, last_number, "
    "deployed_version_id, created_at, updated_at"
)


def count(connection: sqlite3.Connection) -> int:
    """How many Actions the tenant has."""
    return int(connection.execute("SELECT count(*) FROM actions").fetchone()[0])


def get(connection: sqlite3.Connection, action_id: str) -> Action | None:
    """The Action of that id, if any."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM actions WHERE id = ?", (action_id,)).fetchone()  # noqa: S608
    return None if row is None else _action(connection, row)


def every(connection: sqlite3.Connection) -> list[Action]:
    """All Actions, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM actions ORDER BY position").fetchall()  # noqa: S608
    return [_action(connection, row) for row in rows]


def named(connection: sqlite3.Connection, name: str) -> list[Action]:
    """Actions of that name, oldest first."""
    return [action for action in every(connection) if action.name == name]


def add(connection: sqlite3.Connection, action: Action) -> None:
    """Keep a new Action."""
    connection.execute(
        f"INSERT INTO actions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (action.id, *_draft_values(action)),
    )


def update(connection: sqlite3.Connection, action: Action) -> None:
    """Replace what is kept of an Action."""
    connection.execute(
        "UPDATE actions SET name = ?, supported_triggers = ?, code = ?, dependencies = ?, runtime = ?, secrets = ?, "
        "modules = ?, status = ?, draft = ?, last_number = ?, deployed_version_id = ?, created_at = ?, updated_at = ? "
        "WHERE id = ?",
        (*_draft_values(action), action.id),
    )


def delete(connection: sqlite3.Connection, action_id: str) -> None:
    """Forget an Action with its versions; its bindings must be gone."""
    connection.execute("DELETE FROM actions WHERE id = ?", (action_id,))


def add_version(connection: sqlite3.Connection, version: Version) -> None:
    """Store a new version, and delete those beyond the newest `MOST_VERSIONS_KEPT` (documented)."""
    connection.execute(
        "INSERT INTO action_versions (id, action_id, number, supported_triggers, code, dependencies, runtime, secrets, "
        "modules, status, draft, built_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version.id,
            version.action_id,
            version.number,
            json.dumps(version.supported_triggers),
            *_content_values(version.content),
            version.status,
            version.draft,
            version.built_at,
            version.created_at,
            version.updated_at,
        ),
    )
    connection.execute(
        "DELETE FROM action_versions WHERE action_id = ? AND number <= ?",
        (version.action_id, version.number - MOST_VERSIONS_KEPT),
    )


def get_version(connection: sqlite3.Connection, action_id: str, version_id: str) -> Version | None:
    """That version of that Action, if any."""
    row = connection.execute(
        "SELECT * FROM action_versions WHERE id = ? AND action_id = ?",
        (version_id, action_id),
    ).fetchone()
    return None if row is None else _version(row)


def versions(connection: sqlite3.Connection, action_id: str) -> list[Version]:
    """All versions kept of that Action, newest first."""
    rows = connection.execute(
        "SELECT * FROM action_versions WHERE action_id = ? ORDER BY number DESC",
        (action_id,),
    ).fetchall()
    return [_version(row) for row in rows]


def set_build_status(connection: sqlite3.Connection, action_id: str, draft: int, status: str, now: int) -> None:
    """Record how the build of one draft goes, on the draft if it is still the newest and on versions made of it."""
    connection.execute(
        "UPDATE actions SET status = ? WHERE id = ? AND draft = ?",
        (status, action_id, draft),
    )
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
    return replace(action, deployed=version, last_number=version.number)


def _draft_values(action: Action) -> tuple[object, ...]:
    return (
        action.name,
        json.dumps(action.supported_triggers),
        *_content_values(action.content),
        action.status,
        action.draft,
        action.last_number,
        action.deployed.id if action.deployed else None,
        action.created_at,
        action.updated_at,
    )


def _content_values(content: Content) -> tuple[str, str, str, str, str]:
    secrets = [{"name": s.name, "value": s.value, "updated_at": s.updated_at} for s in content.secrets]
    return (
        content.code,
        json.dumps(content.dependencies),
        content.runtime,
        json.dumps(secrets),
        json.dumps(content.modules),
    )


def _content(row: sqlite3.Row) -> Content:
    return Content(
        row["code"],
        row["runtime"],
        tuple(json.loads(row["dependencies"])),
        tuple(Secret(**secret) for secret in json.loads(row["secrets"])),
        tuple(json.loads(row["modules"])),
    )


def _version(row: sqlite3.Row) -> Version:
    return Version(
        id=row["id"],
        action_id=row["action_id"],
        number=row["number"],
        supported_triggers=tuple(json.loads(row["supported_triggers"])),
        content=_content(row),
        status=row["status"],
        draft=row["draft"],
        built_at=row["built_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _action(connection: sqlite3.Connection, row: sqlite3.Row) -> Action:
    deployed_id = row["deployed_version_id"]
    return Action(
        id=row["id"],
        name=row["name"],
        supported_triggers=tuple(json.loads(row["supported_triggers"])),
        content=_content(row),
        status=row["status"],
        draft=row["draft"],
        last_number=row["last_number"],
        deployed=get_version(connection, row["id"], deployed_id) if deployed_id else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
