"""The triggers of a tenant, as they were seen in August 2026 (recorded), and which Actions fit them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NODE_18_AND_22 = ("node18-actions", "node22")
ACCEPTED_AS_NODE_18 = "node18"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A place in Auth0 where Actions run.

    Attributes:
        id: `post-login`, …
        version: `v3`, …
        runtimes: those that an Action on it may have, as the API lists them.
        binding_policy: `trigger-bound` (a flow), or `entity-bound` (no bindings of its own).
        compatible: other versions of the trigger whose Actions may be bound to it.
    """

    id: str
    version: str
    runtimes: tuple[str, ...] = NODE_18_AND_22
    binding_policy: str = "trigger-bound"
    compatible: tuple[tuple[str, str], ...] = field(default_factory=tuple)

    @property
    def bindable(self) -> bool:
        """Whether it has a flow."""
        return self.binding_policy == "trigger-bound"

    def accepts_runtime(self, runtime: str) -> bool:
        """`node18` is taken wherever `node18-actions` is listed: clients send either."""
        return runtime in self.runtimes or (runtime == ACCEPTED_AS_NODE_18 and "node18-actions" in self.runtimes)

    def as_json(self) -> dict[str, Any]:
        """An entry of GET /actions/triggers."""
        return {
            "id": self.id,
            "version": self.version,
            "status": "CURRENT",
            "runtimes": list(self.runtimes),
            "default_runtime": "node22",
            "binding_policy": self.binding_policy,
            "compatible_triggers": [{"id": name, "version": version} for name, version in self.compatible],
        }


TRIGGERS = (
    Trigger("post-login", "v3", compatible=(("post-login", "v2"),)),
    Trigger("credentials-exchange", "v2"),
    Trigger("pre-user-registration", "v2"),
    Trigger("post-user-registration", "v2"),
    Trigger("post-change-password", "v2"),
    Trigger("send-phone-message", "v2"),
    Trigger("password-reset-post-challenge", "v1"),
    Trigger("custom-phone-provider", "v1"),
    Trigger("custom-email-provider", "v1"),
    Trigger("custom-token-exchange", "v1", ("node18", "node22"), "entity-bound"),
    Trigger("event-stream", "v1", ("node22",), "entity-bound"),
    Trigger("password-hash-migration", "v1", ("node22",), "entity-bound"),
    Trigger("mcp-tool", "v1", ("node22",), "entity-bound"),
)

BY_ID = {trigger.id: trigger for trigger in TRIGGERS}


def supported(trigger_id: str, version: str | None) -> Trigger | None:
    """The trigger that an Action with this supported trigger may be bound to; None if there is none.

    No version stands for the current one.
    """
    trigger = BY_ID.get(trigger_id)
    if trigger is None or version is None:
        return trigger
    if version != trigger.version and (trigger_id, version) not in trigger.compatible:
        return None
    return trigger
