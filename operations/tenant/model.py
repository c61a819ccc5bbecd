"""The Actions and flows of a tenant, as read at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from operations.content import Binding, Content


@dataclass(frozen=True, slots=True)
class SecretTime:
    """A secret's name, and when it was last written, by Auth0's clock (microseconds)."""

    name: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionSnapshot:
    """The deployed version of an Action: what really runs.

    Attributes:
        id: the version's id.
        number: 1, 2, 3, … for each Action.
        created_at: when it was deployed.
        content: what runs.
        secrets: its secrets as of its deployment.
    """

    id: str
    number: int
    created_at: datetime
    content: Content
    secrets: tuple[SecretTime, ...]


@dataclass(frozen=True, slots=True)
class ActionSnapshot:
    """An Action.

    Attributes:
        id: its id.
        name: its name; others may have the same.
        created_at: when it was created; None if Auth0 left it out.
        status: of the draft's build.
        all_changes_deployed: whether Auth0 says that the deployed version has the draft's contents.
        draft: what the dashboard's editor shows.
        secrets: the draft's secrets.
        deployed: what runs; None before the first deployment.
        newest_secrets: when each secret of any version was last written; empty where no versions were read.
    """

    id: str
    name: str
    created_at: datetime | None
    status: str
    all_changes_deployed: bool
    draft: Content
    secrets: tuple[SecretTime, ...]
    deployed: VersionSnapshot | None
    newest_secrets: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class TenantSnapshot:
    """Actions in the API's order; for each trigger that has one, its flow in the order in which it runs."""

    actions: tuple[ActionSnapshot, ...]
    flows: Mapping[str, tuple[Binding, ...]]

    def named(self, name: str) -> tuple[ActionSnapshot, ...]:
        """All Actions of that name."""
        return tuple(action for action in self.actions if action.name == name)

    def bound(self, action_id: str) -> tuple[str, ...]:
        """Triggers whose flows run the Action."""
        return tuple(
            trigger for trigger, flow in self.flows.items() if any(each.action_id == action_id for each in flow)
        )
