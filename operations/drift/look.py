"""Gathers what a comparison rests on: from the program, the stack's state and history, and the tenant."""

from __future__ import annotations

import os
from dataclasses import dataclass

from operations.drift.compare import Evidence, compare
from operations.drift.findings import Finding
from operations.drift.secret_writes import Notes
from operations.program import ProgramPlan, read_program
from operations.pulumi_stack import PulumiStack
from operations.tenant import ManagementApi, TenantSnapshot, connection_of


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a tenant.

    Attributes:
        evidence: what the tenant, the program and the state hold.
        findings: the differences.
    """

    evidence: Evidence
    findings: tuple[Finding, ...]

    @property
    def tenant(self) -> TenantSnapshot:
        """What the tenant held."""
        return self.evidence.tenant


class Looker:
    """Compares a stack with its tenant.

    Attributes:
        stack: the stack.
        plan: what its program would deploy.
        api: its tenant.
    """

    def __init__(self, stack: PulumiStack) -> None:
        """Run the program; its guards run before any request to the tenant.

        Raises:
            OperationsError: the settings are wrong, or credentials are missing.
        """
        config = stack.config()
        self.stack = stack
        self.plan: ProgramPlan = read_program(stack.project, stack.short_name, config)
        self.api = ManagementApi(connection_of(config.values, os.environ))

    def look(self) -> Look:
        """Read the tenant and the state, and compare."""
        managed = self.stack.managed_actions()
        with_secrets = {
            managed[action.logical_name].id
            for action in self.plan.actions
            if action.secret_values and action.logical_name in managed
        }
        tenant = self.api.snapshot(versions_of=with_secrets)
        evidence = Evidence(self.plan, tenant, managed, Notes.of(self.stack.history()))
        return Look(evidence, tuple(compare(evidence)))
