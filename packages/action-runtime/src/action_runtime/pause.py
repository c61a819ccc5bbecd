"""A flow that waits for the user: what it asks for, and what it needs to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from action_runtime.effects import Effects
from action_runtime.trace import ActionResult

_WITHOUT_BROWSER: Final = frozenset({"oauth2-password", "oauth2-refresh-token", "oauth2-token-exchange"})


@dataclass(frozen=True, slots=True)
class Factor:
    """A type of authenticator, as Actions name it, with its options.

    Attributes:
        type: otp, phone, push-notification, push, email, recovery-code, webauthn-platform or webauthn-roaming.
        options: as given.
    """

    type: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChallengeStep:
    """The user is to be challenged.

    Attributes:
        factors: one that is enabled and enrolled must be fulfilled; without any, the login fails (documented).
        any: the user chooses first (challengeWithAny); else the first is asked for, the others are alternatives.
    """

    factors: tuple[Factor, ...]
    any: bool


@dataclass(frozen=True, slots=True)
class EnrollStep:
    """The user is to enrol a factor.

    Attributes:
        factors: one that is enabled and not yet enrolled, else the login fails (documented).
        any: the user chooses first (enrollWithAny).
    """

    factors: tuple[Factor, ...]
    any: bool


@dataclass(frozen=True, slots=True)
class RedirectStep:
    """The user is to be sent to another page, with a `state` that the caller adds.

    Attributes:
        url: absolute, with the query that the Action gave.
    """

    url: str


Step = ChallengeStep | EnrollStep | RedirectStep


def step_of_call(method: str, arguments: list[Any]) -> Step | None:
    """What one api call asks of the user before later Actions run; None if nothing."""
    match method:
        case "authentication.challengeWith":
            return ChallengeStep(_factors(arguments), any=False)
        case "authentication.challengeWithAny":
            return ChallengeStep(tuple(map(_factor, arguments[0])), any=True)
        case "authentication.enrollWith":
            return EnrollStep(_factors(arguments), any=False)
        case "authentication.enrollWithAny":
            return EnrollStep(tuple(map(_factor, arguments[0])), any=True)
        case "redirect.sendUserTo":
            options = (arguments[1] if len(arguments) > 1 else None) or {}
            return RedirectStep(_with_query(arguments[0], options.get("query", {})))
        case _:
            return None


def _with_query(url: str, parameters: dict[str, str]) -> str:
    """The URL with each parameter in place of those of its name, as `URLSearchParams.set` of the WHATWG has it."""
    if not parameters:
        return url
    base, hash_sign, fragment = url.partition("#")
    path, _, query = base.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    for name, value in parameters.items():
        places = [place for place, pair in enumerate(pairs) if pair[0] == name] or [len(pairs)]
        pairs[places[0] : places[0] + 1] = [(name, value)]
        pairs = [pair for place, pair in enumerate(pairs) if place not in places[1:]]
    return f"{path}?{urlencode(pairs, safe='*').replace('~', '%7E')}{hash_sign}{fragment}"


def _factors(arguments: list[Any]) -> tuple[Factor, ...]:
    options = (arguments[1] if len(arguments) > 1 else None) or {}
    return (_factor(arguments[0]), *map(_factor, options.get("additionalFactors") or ()))


def _factor(value: dict[str, Any]) -> Factor:
    return Factor(value["type"], value.get("options") or {})


def interactive(event: dict[str, Any]) -> bool:
    """Whether the transaction of this event has somebody at a browser who may be asked."""
    transaction = event.get("transaction") or {}
    prompt = transaction.get("prompt") or (event.get("request") or {}).get("query", {}).get("prompt") or ()
    silent = "none" in (prompt.split() if isinstance(prompt, str) else prompt)
    return not silent and transaction.get("protocol") not in _WITHOUT_BROWSER


@dataclass(frozen=True, slots=True)
class Continuation:
    """What is needed to go on with a paused flow; to be kept with the transaction. Its effects are not masked.

    Attributes:
        execution_id: of the whole transaction.
        version_ids: of all Actions of the flow.
        next_index: number of the Action that runs next; as many as there are Actions if all have run.
        after_redirect: whether that Action goes on in onContinuePostLogin.
        effects: so far, less what had to be applied at once.
        writes: metadata written in this transaction and not visible yet: container, key, number of the Action, value.
        started_at: nanoseconds since 1970.
        snapshot: metadata at the start, as in the trace.
        actions: traces of the Actions that have run.
    """

    execution_id: str
    version_ids: tuple[str, ...]
    next_index: int
    after_redirect: bool
    effects: Effects
    writes: tuple[tuple[str, str, int, Any], ...]
    started_at: int
    snapshot: dict[str, Any]
    actions: tuple[ActionResult, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "execution_id": self.execution_id,
            "version_ids": list(self.version_ids),
            "next_index": self.next_index,
            "after_redirect": self.after_redirect,
            "effects": self.effects.to_json(),
            "writes": [list(write) for write in self.writes],
            "started_at": self.started_at,
            "snapshot": self.snapshot,
            "actions": [action.to_json() for action in self.actions],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Continuation:
        """The inverse of `to_json`."""
        return cls(
            execution_id=value["execution_id"],
            version_ids=tuple(value["version_ids"]),
            next_index=value["next_index"],
            after_redirect=value["after_redirect"],
            effects=Effects.from_json(value["effects"]),
            writes=tuple((container, key, by, written) for container, key, by, written in value["writes"]),
            started_at=value["started_at"],
            snapshot=value["snapshot"],
            actions=tuple(ActionResult.from_json(action) for action in value["actions"]),
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """The flow waits for the user; later Actions have not run.

    Attributes:
        steps: in the order in which they were asked for; of several redirects the last.
        interactive: False where there is no browser: password, refresh, token-exchange grants and prompt=none.
        apply_metadata_now: there is a redirect; the metadata of `Execution.effects` is written first (documented).
        continuation: for `ActionRuntime.resume`.
    """

    steps: tuple[Step, ...]
    interactive: bool
    apply_metadata_now: bool
    continuation: Continuation
