"""The shape of the tests' examples."""

from dataclasses import dataclass

from policy import Outcome
from tests.actions.events import Event

Calls = list[list[object]]


@dataclass(frozen=True)
class Example:
    """An event, and all the calls that the Action makes for it: each a name and its arguments."""

    name: str
    event: Event
    calls: Calls


def mfa_calls(outcome: Outcome) -> Calls:
    """The calls of mfa_action for an outcome."""
    return [["api.multifactor.enable", ["any"]]] if outcome is Outcome.REQUIRED else []
