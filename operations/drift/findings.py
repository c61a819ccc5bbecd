"""What there is to find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong besides the content of a version, whose kinds are in operations.content; as in `--json`."""

    MISSING = "action-missing"
    RENAMED = "action-renamed"
    DUPLICATE = "action-duplicate"
    UNMANAGED = "action-not-in-state"
    NOT_DEPLOYED = "action-not-deployed"
    SECRET_TOUCHED = "secret-touched"  # noqa: S105 - a kind of finding
    DRAFT = "draft"
    ORDER = "flow-order"
    NOT_BOUND = "not-bound"
    FOREIGN = "foreign-binding"
    ELSEWHERE = "bound-elsewhere"
    DISPLAY_NAME = "display-name"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference.

    Attributes:
        kind: what kind it is.
        action: name of the Action, if it is one's.
        trigger: the trigger of the flow, if it is one's.
        what: a sentence for people.
        program: what the program says, where that is short.
        tenant: what the tenant has, likewise.
        diff: a unified diff from the program's code to the tenant's.
    """

    kind: str
    what: str
    action: str | None = None
    trigger: str | None = None
    program: str | None = None
    tenant: str | None = None
    diff: str | None = None

    @property
    def where(self) -> str:
        """The flow or the Action."""
        return f"flow {self.trigger}" if self.trigger else f"Action {self.action}"

    @property
    def same_place(self) -> tuple[str, str | None, str | None]:
        """Tells whether a finding of a second look is this one again."""
        return self.kind, self.action, self.trigger
