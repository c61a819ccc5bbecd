"""An execution: one run of a flow. It is completed, denied, paused for the user, or failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from action_runtime.effects import Effects
from action_runtime.errors import ExecutionError
from action_runtime.pause import Pause
from action_runtime.trace import Trace

Status = Literal["completed", "denied", "paused", "failed"]
DenialKind = Literal["access", "validation", "session-revoked", "refresh-token-revoked"]


@dataclass(frozen=True, slots=True)
class Denial:
    """An Action refused the login or the sign-up.

    Attributes:
        kind: by api.access.deny, api.validation.error, api.session.revoke or api.refreshToken.revoke.
        reason: as given; for validation the message.
        user_message: second argument of deny in pre-user-registration.
        code: first argument of validation.error.
        preserve_refresh_tokens: option of session.revoke.
    """

    kind: DenialKind
    reason: str
    user_message: str | None = None
    code: str | None = None
    preserve_refresh_tokens: bool = False

    @classmethod
    def of_call(cls, method: str, arguments: list[Any]) -> Denial | None:
        """What one api call refuses; None if it refuses nothing."""
        first = arguments[0] if arguments else ""
        second = arguments[1] if len(arguments) > 1 else None
        match method:
            case "access.deny":
                return cls("access", first, user_message=second)
            case "validation.error":
                return cls("validation", str(second), code=first)
            case "session.revoke":
                return cls("session-revoked", first, preserve_refresh_tokens=_preserves(second))
            case "refreshToken.revoke":
                return cls("refresh-token-revoked", first)
            case _:
                return None


def _preserves(options: dict[str, Any] | None) -> bool:
    return bool((options or {}).get("preserveRefreshTokens", False))


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a flow.

    Attributes:
        status: completed, denied, paused or failed.
        effects: to apply as a whole. If denied, the metadata in it is still written and no tokens are given.
        trace: what happened, with secrets masked.
        denial: if denied.
        pause: if paused.
        error: if failed.
    """

    status: Status
    effects: Effects
    trace: Trace
    denial: Denial | None = None
    pause: Pause | None = None
    error: ExecutionError | None = None
