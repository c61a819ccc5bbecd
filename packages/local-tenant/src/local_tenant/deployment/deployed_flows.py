"""What a trigger runs now: the deployed versions of the Actions that are bound to it, ready for the runtime.

They are held in memory. The store counts every write to Actions, versions, bindings or modules, and each transaction
reads that number at its start: it runs what was deployed and bound then.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from action_runtime import ActionVersion, BoundAction, Flow, ModuleVersion

from local_tenant.deployment.builds import BuildError
from local_tenant.store import actions, bindings, modules, settings
from local_tenant.store.actions import Action, Content, Version
from local_tenant.store.database import Database
from local_tenant.store.modules import ModuleVersion as StoredModuleVersion

log = logging.getLogger(__name__)

Install = Callable[[Sequence[dict[str, Any]]], Awaitable[Path | None]]

_Modules = list[tuple[str, StoredModuleVersion]]
_Loaded = list[tuple[Action, Version, _Modules]]


class DeployedFlows:
    """The flows of a tenant, read from the store only after a change."""

    def __init__(self, database: Database, install: Install) -> None:
        """`install` gives the folder of a set of npm dependencies, None for the empty set, or raises `BuildError`."""
        self._database = database
        self._install = install
        self._revision: str | None = None
        self._flows: dict[str, Flow] = {}
        # The runtime sends a version's code to its worker once for each of these objects.
        self._versions: dict[str, ActionVersion] = {}
        self._loading = asyncio.Lock()

    def revision(self, connection: sqlite3.Connection) -> str | None:
        """The number of the last change, for `current`; to be read in the read that a transaction begins with."""
        return settings.get(connection, settings.FLOW_REVISION)

    async def current(self, trigger_id: str, revision: str | None) -> Flow:
        """The flow of a trigger as it is deployed and bound at this revision or later; it may be empty."""
        flow = self._current(revision, trigger_id)
        if flow is not None:
            return flow
        async with self._loading:
            revision, loaded = self._database.read(
                lambda connection: (self.revision(connection), _load(connection, trigger_id))
            )
            flow = self._current(revision, trigger_id)
            if flow is not None:
                return flow
            flow = await self._flow(trigger_id, loaded)
            if revision != self._revision:
                self._revision = revision
                self._flows.clear()
            self._flows[trigger_id] = flow
            self._forget_unused()
            return flow

    async def of_versions(self, trigger_id: str, version_ids: Sequence[tuple[str, str]]) -> Flow | None:
        """The flow of exactly these (Action id, version id), for a run that continues; None if one was deleted."""

        def load(connection: sqlite3.Connection) -> _Loaded | None:
            loaded: _Loaded = []
            for action_id, version_id in version_ids:
                action = actions.get(connection, action_id)
                version = actions.get_version(connection, action_id, version_id)
                if action is None or version is None:
                    return None
                loaded.append((action, version, _modules(connection, version.content)))
            return loaded

        loaded = self._database.read(load)
        return None if loaded is None else await self._flow(trigger_id, loaded)

    async def of_draft(self, action_id: str, trigger_id: str) -> Flow | None:
        """A flow of nothing but the draft of one Action; None when there is no such Action."""

        def load(connection: sqlite3.Connection) -> tuple[Action, _Modules] | None:
            action = actions.get(connection, action_id)
            return None if action is None else (action, _modules(connection, action.content))

        row = self._database.read(load)
        if row is None:
            return None
        action, used = row
        # Each write of the draft is another version to the runtime.
        draft_id = f"{action.id}/draft/{action.draft}"
        version = await self._version(draft_id, 0, action.content, used)
        return Flow(trigger_id, (BoundAction(action.id, action.name, version),))

    async def _version(self, version_id: str, number: int, content: Content, used: _Modules) -> ActionVersion:
        """A version for the runtime: the same object for the same version."""
        version = self._versions.get(version_id)
        if version is not None:
            return version
        version = ActionVersion(
            version_id,
            number,
            content.code,
            secrets={secret.name: secret.value for secret in content.secrets},
            dependencies=await self._folder(content.dependencies),
            modules=tuple([await self._module(name, module) for name, module in used]),
        )
        self._versions[version_id] = version
        return version

    async def _flow(self, trigger_id: str, loaded: _Loaded) -> Flow:
        bound = [
            BoundAction(action.id, action.name, await self._version(version.id, version.number, version.content, used))
            for action, version, used in loaded
        ]
        return Flow(trigger_id, tuple(bound))

    async def _module(self, name: str, stored: StoredModuleVersion) -> ModuleVersion:
        return ModuleVersion(
            name,
            stored.id,
            stored.code,
            secrets={secret.name: secret.value for secret in stored.secrets},
            dependencies=await self._folder(stored.dependencies),
        )

    async def _folder(self, dependencies: Sequence[dict[str, Any]]) -> Path | None:
        try:
            return await self._install(dependencies)
        except BuildError as error:
            # Its `require` will throw, and the login fails closed.
            log.warning("a deployed version lacks its npm dependencies: %s", error)
            return None

    def _current(self, revision: str | None, trigger_id: str) -> Flow | None:
        return self._flows.get(trigger_id) if revision == self._revision else None

    def _forget_unused(self) -> None:
        used = {bound.version.id for flow in self._flows.values() for bound in flow.actions}
        self._versions = {version.id: version for version in self._versions.values() if version.id in used}


def _load(connection: sqlite3.Connection, trigger_id: str) -> _Loaded:
    loaded: _Loaded = []
    for binding in bindings.flow(connection, trigger_id):
        action = actions.get(connection, binding.action_id)
        if action is not None and action.deployed is not None:
            loaded.append((action, action.deployed, _modules(connection, action.deployed.content)))
    return loaded


def _modules(connection: sqlite3.Connection, content: Content) -> _Modules:
    modules_of_version = []
    for used in content.modules:
        version = modules.get_version(connection, used["module_id"], used["module_version_id"])
        if version is not None:
            modules_of_version.append((str(used["module_name"]), version))
    return modules_of_version
