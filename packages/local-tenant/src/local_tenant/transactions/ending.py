"""How a transaction ended: what its stored outcome holds, and the words for it.

An outcome is a JSON object. Its members about the ending:

- `answer`: `tokens`, `user` (of a sign-up), `mfa_required`, or the code of an error;
- `status`, `error_description`: of an error;
- `challenge`, of a login that was challenged: `{status, factor?, at?, expires_at?}`. Its status is `waiting`, `passed`
  (`at` that time, with that type of factor), `expired`, or `canceled`: nobody can pass it now, because the user
  was deleted, the password or the factors were changed, or the login began again.

A challenge is stored as `waiting` until somebody answers it: that it has expired follows from the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from local_tenant.accounts.factors import BY_TYPE
from local_tenant.accounts.profiles import time_text
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.executions import WAITING, Execution

Tone = Literal["good", "wait", "bad"]


@dataclass(frozen=True, slots=True)
class Ending:
    """An ending in words.

    Attributes:
        label: a few words.
        tone: whether that is good, bad, or not over yet.
        detail: a sentence about the challenge; empty if there was none.
    """

    label: str
    tone: Tone
    detail: str = ""


_LABELS: dict[str, tuple[str, Tone]] = {
    "tokens": ("Tokens issued", "good"),
    "user": ("User created", "good"),
    "mfa_required": ("MFA required", "wait"),
}
_DETAILS = {
    "waiting": "The login waits for a second factor until {expires_at} UTC.",
    "passed": "Challenged, then passed with a {factor} at {at} UTC.",
    "expired": "No second factor was proved before {expires_at} UTC. No tokens were issued.",
    "canceled": (
        "The challenge can no longer be passed: the user's password or factors have changed, the user was deleted, "
        "or the login began again. No tokens were issued."
    ),
}


def ending_members(answer: str, *, proved: dict[str, Any] | None, error: OAuthError | None) -> dict[str, Any]:
    """The members of an outcome that say how the transaction ended, or that it waits for a factor.

    `proved` is the authentication method that passed its challenge: `{"name": "mfa", "timestamp", "type"}`.
    """
    members: dict[str, Any] = {"answer": answer}
    if answer == "mfa_required":
        members["challenge"] = {"status": WAITING}
    elif proved is not None:
        members["challenge"] = {"status": "passed", "factor": proved["type"], "at": proved["timestamp"]}
    if error is not None:
        members |= {"status": error.status, "error_description": error.description}
    return members


def continued(execution: Execution, answer: str, proved: dict[str, Any], error: OAuthError | None = None) -> Execution:
    """The execution of a login that ended after its challenge, without another run of its Actions."""
    outcome = execution.outcome | ending_members(answer, proved=proved, error=error)
    return replace(execution, outcome=outcome, waits_until=None)


def as_of(execution: Execution, now: int) -> Execution:
    """The execution with its outcome as of now, nanoseconds since 1970."""
    if execution.waits_until is None:
        return execution
    challenge = {
        "status": WAITING if now < execution.waits_until else "expired",
        "expires_at": time_text(execution.waits_until),
    }
    return replace(execution, outcome=execution.outcome | {"challenge": challenge})


def ending(outcome: dict[str, Any]) -> Ending:
    """An outcome in words, as of `as_of`."""
    answer = str(outcome.get("answer", "unknown"))
    label, tone = _LABELS.get(answer, (answer.replace("_", " ").capitalize(), "bad"))
    challenge = outcome.get("challenge")
    if challenge is None:
        return Ending(label, tone)
    status = challenge["status"]
    if status == "passed" and answer == "tokens":
        label = "Tokens issued after MFA"
    elif status in ("expired", "canceled"):
        label, tone = f"MFA {status}", "bad"
    factor = BY_TYPE.get(challenge.get("factor", ""))
    times = {name: str(challenge.get(name, ""))[11:19] for name in ("at", "expires_at")}
    return Ending(label, tone, _DETAILS[status].format(factor=factor.name if factor else "second factor", **times))
