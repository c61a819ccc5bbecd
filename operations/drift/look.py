"""Gathers what a comparison rests on: from the program, the stack's state and history, and the tenant."""

from __future__ import annotations

import os
from dataclasses import dataclass

from operations.drift.compare import Evidence, Managed, compare
from operations.drift.findings import Finding
from operations.drift.secret_times import SecretWrites
from operations.program import ProgramPlan, read_program
from operations.program.model import ACTION
from operations.pulumi_stack import PulumiStack
from operations.tenant import ManagementApi, TenantSnapshot, connection_of


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a tenant.

    Attributes:
        evidence: what was found.
        findings: what is different.
    """

    evidence: Evidence
    findings: tuple[Finding, ...]

    @property
    def tenant(self) -> TenantSnapshot:
        """What the tenant held."""
        return self.evidence.tenant


class Looker:
    """Looks at a stack's tenant, as often as it is asked.

    Attributes:
        stack: the stack.
        plan: what its program would deploy.
        api: its tenant.
    """

    def __init__(self, stack: PulumiStack) -> None:
        """Run the program: its guards hold before any tenant is asked.

        Raises:
            OperationsError: the settings are wrong, or credentials are missing.
        """
        config = stack.config()
        self.stack = stack
        self.plan: ProgramPlan = read_program(
            stack.project.folder,
            stack.project.name,
            stack.short_name,
            config.values,
            secret_keys=config.secret_keys,
        )
        self.api = ManagementApi(connection_of(config.values, os.environ))

    def look(self) -> Look:
        """Read the tenant and the state, and compare."""
        evidence = Evidence(
            self.plan, self.api.snapshot(), managed_actions(self.stack), SecretWrites.of(self.stack.history())
        )
        return Look(evidence, tuple(compare(evidence)))


def managed_actions(stack: PulumiStack) -> dict[str, Managed]:
    """What the stack's state knows of each Action, by its logical name."""
    return {
        str(resource["urn"]).rpartition("::")[2]: Managed(
            str(resource["id"]), (resource.get("outputs") or {}).get("versionId")
        )
        for resource in stack.resources()
        if resource["type"] == ACTION and resource.get("id") and not resource.get("delete")
    }
