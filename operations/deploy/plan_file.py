"""A plan: what an update would do, and what the tenant held when it was saved.

Pulumi's plan constrains an update to the steps of a preview, so a program, settings or a state that have changed make
it fail. It does not know the tenant, which neither a preview nor an update reads. So the file has a digest of each of
the program's Actions and flows there, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from operations.errors import OperationsError
from operations.program import ProgramPlan
from operations.tenant import TenantSnapshot


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan.

    Attributes:
        stack: name of the stack.
        domain: of the tenant.
        tenant: a digest of each Action and flow of the program as the tenant had it, by what it is.
        pulumi: Pulumi's own plan; the values of secrets in it are encrypted.
    """

    stack: str
    domain: str
    tenant: Mapping[str, str]
    pulumi: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> PlanFile:
        """Read a file that `write` wrote.

        Raises:
            OperationsError: there is none, or it is another file.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise OperationsError(f"{path} is not a plan: {error}", fix="save one: `make plan STACK=…`") from None

    def write(self, path: Path) -> None:
        """Write it, for this user alone: it has the stack's settings."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    def changed(self, stack: str, domain: str, tenant: Mapping[str, str]) -> list[str]:
        """What is not as it was when the plan was saved."""
        changes = [
            f"{what} is {now}, but the plan is for {then}"
            for what, now, then in (("the stack", stack, self.stack), ("the tenant", domain, self.domain))
            if now != then
        ]
        names = sorted({*tenant, *self.tenant})
        return changes or [f"{name} has changed" for name in names if tenant.get(name) != self.tenant.get(name)]


def digests(program: ProgramPlan, tenant: TenantSnapshot) -> dict[str, str]:
    """A digest of each Action with a name of the program's, and of each flow that the program binds."""
    names = {action.name for action in program.actions}
    flows = [flow.trigger for flow in program.flows]
    actions = {f"Action {each.name} ({each.id})": asdict(each) for each in tenant.actions if each.name in names}
    bound = {f"flow {trigger}": [asdict(each) for each in tenant.flows.get(trigger, ())] for trigger in flows}
    return {
        name: sha256(json.dumps(content, default=str).encode()).hexdigest()
        for name, content in (actions | bound).items()
    }
