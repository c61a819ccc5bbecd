"""Builds of drafts, in the background: pending, building, perhaps retrying, then built or failed (recorded).

What a build does is to make the npm dependencies available; the code itself is not checked (recorded). The state is
stored, so that a build that a kill interrupts is resumed at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from local_tenant.clock import Clock
from local_tenant.faults import Faults
from local_tenant.store import actions
from local_tenant.store.actions import Content
from local_tenant.store.database import Database

log = logging.getLogger(__name__)

# Long enough for a client that polls to see both states, as at Auth0; far shorter than the 0.7 s recorded there.
PENDING_SECONDS = 0.02
BUILDING_SECONDS = 0.02

SECONDS_BETWEEN_WRITES = 1.0

Install = Callable[[Sequence[dict[str, Any]]], Awaitable[object]]


class BuildError(Exception):
    """A build cannot succeed; the text says why."""


class Builder:
    """Builds drafts; `resume` restarts the builds that a stop left unfinished."""

    def __init__(self, database: Database, clock: Clock, faults: Faults, install: Install) -> None:
        """`install` makes a list of npm dependencies available or raises `BuildError`."""
        self._database = database
        self._clock = clock
        self._faults = faults
        self._install = install
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, action_id: str, draft: int, content: Content, name: str) -> None:
        """Begin to build one draft of an Action."""
        task = asyncio.get_running_loop().create_task(self._build(action_id, draft, content, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def resume(self) -> None:
        """Restart the builds that an earlier process left unfinished."""
        for action_id, draft, content, name in self._database.read(actions.unfinished_builds):
            self.submit(action_id, draft, content, name)

    async def stop(self) -> None:
        """Stop; the next start resumes unfinished builds."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _build(self, action_id: str, draft: int, content: Content, name: str) -> None:
        fault = self._faults.take_build(name)
        await asyncio.sleep(PENDING_SECONDS)
        await self._record(action_id, draft, "building")
        await asyncio.sleep(BUILDING_SECONDS + (fault.seconds if fault else 0))
        for after_failure in ("retrying", "failed"):
            try:
                await self._make(content, fails=fault is not None and fault.fails)
            except BuildError as error:
                log.warning("build of action %s, now %s: %s", name, after_failure, error)
                await self._record(action_id, draft, after_failure)
                await asyncio.sleep(BUILDING_SECONDS)
            else:
                await self._record(action_id, draft, "built")
                return

    async def _make(self, content: Content, *, fails: bool) -> None:
        if fails:
            raise BuildError("a fault was injected: the build fails")
        await self._install(content.dependencies)

    async def _record(self, action_id: str, draft: int, status: str) -> None:
        while True:
            now = self._clock.now()
            try:
                await self._database.write(actions.set_build_status, action_id, draft, status, now)
            except sqlite3.Error:
                # Given up, the draft would stay pending until the next start: no client could fix that.
                log.exception("the state of a build could not be written; trying again")
                await asyncio.sleep(SECONDS_BETWEEN_WRITES)
            else:
                return
