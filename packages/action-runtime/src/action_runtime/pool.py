"""The workers: one runs the flows, and another replaces it when an Action blocks it.

A blocked worker keeps the flows that it has begun; the others go to the next worker, as do new ones. When it answers
again it stands by; when a flow in it reaches its time limit it is killed. There are never more than `max_workers`; with
all of them blocked, flows wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Final

from action_runtime.errors import ErrorCode, RuntimeUnavailableError
from action_runtime.job import Failure, Job, WorkerSettings
from action_runtime.worker import Worker

log = logging.getLogger(__name__)

_NUMBERS: Final = 2**32

_ATTEMPTS: Final = 3
"""To start a worker, before the flows that wait for it fail."""


class WorkerPool:
    """Runs flows in workers that it starts and replaces."""

    def __init__(self, settings: WorkerSettings, max_workers: int) -> None:
        """Prepare; `start` starts the first worker."""
        self._settings = settings
        self._max_workers = max_workers
        self._active: Worker | None = None
        self._spare: Worker | None = None
        self._workers: set[Worker] = set()
        self._waiting: deque[Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = False
        self._closing = False
        self._last_number = 0

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the workers that are there, the one that takes new flows first."""
        workers = sorted(self._workers, key=lambda worker: worker is not self._active)
        return tuple(worker.pid for worker in workers if worker.pid and not worker.doomed)

    @property
    def stalled(self) -> int:
        """How many workers are blocked."""
        return sum(worker.stalled and not worker.doomed for worker in self._workers)

    async def start(self) -> None:
        """Start the first worker.

        Raises:
            RuntimeUnavailableError: it does not come up.
        """
        self._active = await self._new_worker()

    async def close(self) -> None:
        """End every worker. Flows that are not over fail."""
        self._closing = True
        self._fail_waiting("the runtime was closed")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in list(self._workers)))

    def submit(self, job: Job) -> None:
        """Run a flow; its future is resolved at the end."""
        loop = asyncio.get_running_loop()
        job.submitted = loop.time()
        self._last_number = self._last_number % (_NUMBERS - 1) + 1
        job.number = self._last_number
        if self._closing:
            job.end(Failure(ErrorCode.UNAVAILABLE, "the runtime was closed"))
        elif self._waiting or not self._give(job):
            self._wait([job])

    def renew(self) -> None:
        """Start no more flows in workers that have loaded an Action; they end when the flows in them are over."""
        for worker in [worker for worker in self._workers if worker.loaded]:
            worker.retire()
            if worker is self._active:
                self._active = None
            if worker is self._spare:
                self._spare = None
            if not worker.busy:
                self._spawn(worker.close())
        self._fill()

    def _give(self, job: Job) -> bool:
        if self._active is None or not self._active.ready or self._active.stalled:
            return False
        return self._active.run(job)

    def _wait(self, jobs: Iterable[Job], *, first: bool = False) -> None:
        """Let flows wait for a worker, at most as long as a flow may take."""
        jobs = list(jobs)
        for job in jobs:
            self._limit_wait(job)
        if first:
            self._waiting.extendleft(reversed(jobs))
        else:
            self._waiting.extend(jobs)
        self._fill()

    def _waited_too_long(self, job: Job) -> None:
        self._waiting.remove(job)
        limit = self._settings.time_limit
        job.end(Failure(ErrorCode.UNAVAILABLE, f"every worker was blocked by other flows for {limit:g} s"))

    def _fill(self) -> None:
        """See to it that there is a worker, and give it what waits."""
        if self._closing:
            return
        if self._active is None and self._spare is not None:
            self._active, self._spare = self._spare, None
        if self._active is None:
            if not self._starting and len(self._workers) < self._max_workers:
                self._starting = True
                self._spawn(self._replace())
            return
        while self._waiting:
            job = self._waiting[0]
            if job.deadline is not None:
                job.deadline.cancel()
            if not self._give(job):
                self._limit_wait(job)
                return
            self._waiting.popleft()
        if self._active.worn_out:
            retired, self._active = self._active, None
            if not retired.busy:
                self._spawn(retired.close())

    def _limit_wait(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        job.deadline = loop.call_at(job.submitted + self._settings.time_limit, self._waited_too_long, job)

    async def _replace(self) -> None:
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self._active = await self._new_worker()
                    break
                except RuntimeUnavailableError as error:
                    log.exception("a worker cannot be started, attempt %d of %d", attempt, _ATTEMPTS)
                    if attempt == _ATTEMPTS:
                        self._fail_waiting(str(error))
        finally:
            self._starting = False
        self._fill()

    async def _new_worker(self) -> Worker:
        worker = Worker(
            self._settings,
            stalled=self._stalled,
            recovered=self._recovered,
            idle=self._idle,
            worn_out=self._worn_out,
            returned=lambda job: self._wait([job], first=True),
            gone=self._gone,
        )
        self._workers.add(worker)
        try:
            await worker.start()
        except BaseException:
            self._workers.discard(worker)
            await worker.close()
            raise
        return worker

    def _stalled(self, worker: Worker) -> None:
        log.warning("worker %d is blocked by an Action; other flows go to another worker", worker.pid)
        if worker is self._active:
            self._active = None
        if worker is self._spare:
            self._spare = None
        self._wait(worker.take_back(), first=True)

    def _recovered(self, worker: Worker) -> None:
        if self._active is None and worker.ready and not worker.worn_out:
            self._active = worker
            self._fill()
        elif not worker.busy:
            self._idle(worker)

    def _worn_out(self, worker: Worker) -> None:
        """Take no more flows to it; it ends when its last flow is over."""
        if worker is self._active:
            self._active = None
        if worker is self._spare:
            self._spare = None
        self._fill()

    def _idle(self, worker: Worker) -> None:
        """A worker that takes no new flows has none left: let it stand by, or end it."""
        if worker is self._active or worker is self._spare:
            if self._waiting or worker.worn_out:
                self._fill()
        elif self._spare is None and worker.ready and not worker.worn_out:
            self._spare = worker
        elif not self._closing:
            self._spawn(worker.close())

    def _gone(self, worker: Worker, not_begun: list[Job]) -> None:
        self._workers.discard(worker)
        if worker is self._active:
            self._active = None
        if worker is self._spare:
            self._spare = None
        if self._closing:
            for job in not_begun:
                job.end(Failure(ErrorCode.UNAVAILABLE, "the runtime was closed"))
        elif worker.was_ready:
            self._wait(not_begun, first=True)
        # Otherwise _replace or start decides whether to try again.

    def _fail_waiting(self, message: str) -> None:
        while self._waiting:
            self._waiting.popleft().end(Failure(ErrorCode.UNAVAILABLE, message))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
