"""Runs flows of Actions and returns what they did. Applying it is the caller's part."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from action_runtime.errors import RuntimeUnavailableError
from action_runtime.execution import Execution
from action_runtime.flow import Flow
from action_runtime.gathering import execution_of, resumed_without_actions
from action_runtime.job import Job, WorkerSettings
from action_runtime.masking import Masker
from action_runtime.pause import Continuation
from action_runtime.pool import WorkerPool
from action_runtime.request import ExecutionRequest

Visibility = Literal["next-transaction", "next-action"]

_MASKERS_KEPT: Final = 256


class ActionRuntime:
    """The workers of one tenant, and the flows that run in them. All on one event loop."""

    def __init__(
        self,
        dependencies_folder: Path,
        *,
        metadata_visibility: Visibility = "next-transaction",
        time_limit: float = 20.0,
        clock: Callable[[], int] = time.time_ns,
        not_built: Collection[str] = (),
        memory_limit_mb: int = 256,
        stall_after: float = 0.2,
        max_workers: int = 4,
    ) -> None:
        """Prepare; `start` starts Node.

        Args:
            dependencies_folder: where `install_dependencies` puts npm packages; it need not exist. Actions can read
                what is in it, and nothing else.
            metadata_visibility: when an Action sees what an earlier one wrote: not before the next transaction, or at
                once.
            time_limit: seconds for a trigger's whole run (documented: 20).
            clock: nanoseconds since 1970, for traces, api.cache and api.redirect; Date in an Action is real time.
            not_built: api groups (`session`) and methods (`session.setCookieMode`) that the caller cannot apply; they
                throw and name themselves.
            memory_limit_mb: of JavaScript objects in a worker; beyond it the worker ends.
            stall_after: seconds without an answer after which a worker counts as blocked.
            max_workers: how many there are at most, blocked ones included.
        """
        self._visibility = metadata_visibility
        self._clock = clock
        self._settings = WorkerSettings(
            dependencies_folder=dependencies_folder.resolve(),
            memory_limit_mb=memory_limit_mb,
            time_limit=time_limit,
            stall_after=stall_after,
            not_built=tuple(not_built),
        )
        self._max_workers = max_workers
        self._pool: WorkerPool | None = None
        self._maskers: dict[tuple[str, ...], tuple[Flow, Masker]] = {}

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the workers, the one that takes new flows first."""
        return () if self._pool is None else self._pool.pids

    @property
    def stalled_workers(self) -> int:
        """How many workers are blocked by an Action."""
        return 0 if self._pool is None else self._pool.stalled

    async def start(self) -> None:
        """Start Node and wait until it is ready.

        Raises:
            RuntimeUnavailableError: it does not come up; the text says why.
        """
        if self._pool is None:
            pool = WorkerPool(self._settings, self._max_workers)
            await pool.start()
            self._pool = pool

    def renew(self) -> None:
        """Forget what Actions left in memory (globals, `api.cache`): flows from now on run in new workers."""
        if self._pool is not None:
            self._pool.renew()

    async def close(self) -> None:
        """End Node. Flows that are not over fail. Can be called again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def run(self, flow: Flow, event: Mapping[str, Any], *, execution_id: str | None = None) -> Execution:
        """Run the Actions of a flow in their order.

        Args:
            flow: what to run; without Actions it is completed at once.
            event: as the reference says for the trigger, without `secrets`; plain JSON, left as it is.
            execution_id: of the execution; else a new uuid.

        Returns:
            How it ended. Whatever an Action does, this does not raise.

        Raises:
            RuntimeUnavailableError: the runtime was not started, or is closed.
            TypeError: the event is not JSON.
        """
        request = ExecutionRequest(
            flow=flow,
            event=event,
            execution_id=execution_id or str(uuid.uuid4()),
            visibility=self._visibility,
            started_at=self._clock(),
            masker=self._masker(flow),
        )
        return await self._run(request)

    async def resume(
        self,
        flow: Flow,
        continuation: Continuation,
        event: Mapping[str, Any],
        *,
        user_changes: Mapping[str, Any] | None = None,
    ) -> Execution:
        """Go on with a paused flow, when the user has done what it waited for.

        Args:
            flow: the one that was paused.
            continuation: of the pause.
            event: with a new `request`, and `user` as at the start of the transaction (after a redirect: read anew).
            user_changes: what happened to the user in between: new values of keys of `event.user`, such as
                `enrolledFactors`. Whether Actions see them is a matter of metadata visibility.

        Returns:
            How it ended; effects and trace are of the whole transaction, less metadata that was applied before.

        Raises:
            ValueError: the flow has other Actions or versions now; the transaction must be begun again.
            RuntimeUnavailableError: the runtime was not started, or is closed.
            TypeError: the event is not JSON.
        """
        if continuation.version_ids != tuple(action.version.id for action in flow.actions):
            raise ValueError("The flow has changed since it was paused")
        request = ExecutionRequest(
            flow=flow,
            event=event,
            execution_id=continuation.execution_id,
            visibility=self._visibility,
            started_at=self._clock(),
            masker=self._masker(flow),
            continuation=continuation,
            user_changes=dict(user_changes or {}),
        )
        if continuation.next_index == len(flow.actions):
            return resumed_without_actions(request, continuation)
        return await self._run(request)

    async def _run(self, request: ExecutionRequest) -> Execution:
        if self._pool is None:
            raise RuntimeUnavailableError("The Action runtime is not running")
        failure = None
        answers: list[tuple[dict[str, Any], bytes]] = []
        notes: list[str] = []
        if request.flow.actions:
            job = Job(request, request.encoded_event(), asyncio.get_running_loop().create_future())
            self._pool.submit(job)
            failure = await job.future
            answers, notes = job.answers, job.notes
        return execution_of(request, answers, failure, ended_at=self._clock(), notes=notes)

    def _masker(self, flow: Flow) -> Masker:
        key = tuple(action.version.id for action in flow.actions)
        known = self._maskers.get(key)
        if known is not None and (known[0] is flow or known[0].actions == flow.actions):
            return known[1]
        versions = [action.version for action in flow.actions]
        masker = Masker(
            [version.secrets for version in versions]
            + [module.secrets for version in versions for module in version.modules]
        )
        if len(self._maskers) >= _MASKERS_KEPT:
            self._maskers.clear()
        self._maskers[key] = (flow, masker)
        return masker
