"""Why a run of a flow fails. Whatever the code: the login or sign-up fails closed, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """The closed set of reasons; the first three lie in the Action, the others in what it did to its worker."""

    ACTION_THREW = "action_threw"
    """The Action threw, its promise was rejected, or one that it did not wait for."""
    LOAD_FAILED = "load_failed"
    """Its code cannot be compiled, threw when it was loaded, or has no such handler."""
    PROCESS_EXIT = "process_exit"
    """It tried to end the process."""
    TIME_LIMIT = "time_limit"
    """The flow took longer than a trigger's whole run may."""
    OUTPUT_LIMIT = "output_limit"
    """It printed, or passed to its api, without end."""
    WORKER_DIED = "worker_died"
    """The process that ran it ended: out of memory, or killed."""
    WORKER_REPLACED = "worker_replaced"
    """Another flow blocked the process that ran it until that was killed."""
    INVALID_ANSWER = "invalid_answer"
    """Something else than answers came out of the process that ran it."""
    UNAVAILABLE = "unavailable"
    """No worker was there to run it in time, or none can be started."""


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """What went wrong.

    Attributes:
        code: one of the closed set.
        message: one sentence, or the message of what the Action threw; secrets are masked.
        action_name: the Action that was running; None if none had begun.
        action_index: its number in the flow, from 0.
        stack: lines of the Action's code that led there, or "".
    """

    code: ErrorCode
    message: str
    action_name: str | None = None
    action_index: int | None = None
    stack: str = ""

    def to_json(self) -> dict[str, object]:
        """As plain JSON."""
        return {
            "code": self.code.value,
            "message": self.message,
            "action_name": self.action_name,
            "action_index": self.action_index,
            "stack": self.stack,
        }

    @classmethod
    def from_json(cls, value: dict[str, object]) -> ExecutionError:
        """The inverse of `to_json`."""
        index = value["action_index"]
        name = value["action_name"]
        return cls(
            ErrorCode(str(value["code"])),
            str(value["message"]),
            None if name is None else str(name),
            index if isinstance(index, int) else None,
            str(value["stack"]),
        )


class RuntimeUnavailableError(Exception):
    """Node could not be started, or did not answer; the text says why and what to do."""


class DependencyInstallError(Exception):
    """The npm dependencies of an Action could not be installed; the text says why."""
