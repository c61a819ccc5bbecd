"""What the page shows of flows and Actions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_tenant.management.triggers import TRIGGERS
from local_tenant.store import actions, bindings
from local_tenant.store.actions import Action, Content, Version
from local_tenant.store.bindings import Binding

# The triggers that this tenant runs Actions on: their flows are shown even when they are empty.
RUN_HERE = ("pre-user-registration", "post-login")


@dataclass(frozen=True, slots=True)
class Flow:
    """A trigger with what is bound to it.

    Attributes:
        trigger_id: `post-login`, …
        version: of the trigger.
        runs_here: whether this tenant runs it.
        bound: bindings with their Actions, in the order in which they run.
    """

    trigger_id: str
    version: str
    runs_here: bool
    bound: tuple[tuple[Binding, Action], ...]


def overview(connection: sqlite3.Connection) -> tuple[list[Flow], list[Action]]:
    """The flows that run here, then others that something is bound to; and the Actions in no flow, oldest first."""
    every = {action.id: action for action in actions.every(connection)}
    in_order = sorted(TRIGGERS, key=lambda trigger: RUN_HERE.index(trigger.id) if trigger.id in RUN_HERE else 9)
    flows = []
    used = set()
    for trigger in in_order:
        bound = tuple((binding, every[binding.action_id]) for binding in bindings.flow(connection, trigger.id))
        used |= {action.id for _, action in bound}
        if bound or trigger.id in RUN_HERE:
            flows.append(Flow(trigger.id, trigger.version, trigger.id in RUN_HERE, bound))
    return flows, [action for action in every.values() if action.id not in used]


def contents(action: Action, versions: list[Version]) -> dict[str, Content]:
    """The contents of an Action that the page can compare, by their names in its address: `draft`, version numbers."""
    return {"draft": action.content, **{str(version.number): version.content for version in versions}}


def secret_changes(before: Content, after: Content) -> dict[str, str]:
    """`added`, `removed` or `changed` by the name of each secret that differs; values are only compared."""
    old = {secret.name: secret.value for secret in before.secrets}
    new = {secret.name: secret.value for secret in after.secrets}
    return {
        name: "added" if name not in old else "removed" if name not in new else "changed"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }
