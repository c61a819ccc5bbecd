"""The shape of the tests' examples."""

from dataclasses import dataclass

from policy import Decision
from tests.actions.events import Event

Calls = list[list[object]]


@dataclass(frozen=True)
class Example:
    """An event, and all the calls that the Action makes for it: each a name and its arguments."""

    name: str
    event: Event
    calls: Calls


def mfa_calls(decision: Decision) -> Calls:
    """The calls of mfa_action for a decision."""
    return [["api.multifactor.enable", ["any"]]] if decision is Decision.CHALLENGE else []
