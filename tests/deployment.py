"""A project and the tenant that it is deployed to, and what the tenant holds once a deployment is right."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_tenant.testing import TenantClient, TenantProcess, expect, wait_until

from operations.project import copy_program
from tests.project import ROOT, Project

Json = dict[str, Any]

LOGIN = "post-login"
SIGN_UP = "pre-user-registration"

# What must be deployed, stated independently of the program.
FLOWS = {LOGIN: ["add_ip_to_metadata", "mfa_action"], SIGN_UP: ["enable_mfa"]}
TRIGGERS = {
    "add_ip_to_metadata": {"id": LOGIN, "version": "v3"},
    "mfa_action": {"id": LOGIN, "version": "v3"},
    "enable_mfa": {"id": SIGN_UP, "version": "v2"},
}
SECRETS = {
    "add_ip_to_metadata": set(),
    "mfa_action": {"TEST_TENANT", "INTEGRATION_TEST_DOMAIN", "FORCE_MFA_DOMAIN"},
    "enable_mfa": set[str](),
}


@dataclass(slots=True)
class Deployment:
    """A project, and a tenant of its own.

    Attributes:
        project: a copy of this project.
        process: the tenant's process.
        tenant: a client of the tenant's Management API and test controls.
    """

    project: Project
    process: TenantProcess
    tenant: TenantClient

    @classmethod
    def start(cls, folder: Path, engine: Mapping[str, str], *, stack: str, name: str) -> "Deployment":
        """Serve the tenant kept in `folder` and point the project there at it; both are made if need be."""
        if not (folder / "project").exists():
            copy_program(ROOT, folder / "project")
            (folder / "state").mkdir()
        process = TenantProcess(folder / "data", tenant=name)
        try:
            tenant = TenantClient(process.ready)
        except BaseException:
            process.end()
            raise
        environment = {
            **engine,
            **tenant.environment(),
            "PULUMI_BACKEND_URL": f"{(folder / 'state').as_uri()}?metadata=skip",
        }
        return cls(Project(folder / "project", stack, environment), process, tenant)

    def claim_state(self) -> None:
        """Let a copied state say that it is this tenant's: it has the domain of the one that was copied."""
        for file in self.project.folder.with_name("state").rglob("stacks/**/*.json"):
            moved = re.sub(r'("domain": *)"localhost:\d+"', rf'\1"{self.process.ready["domain"]}"', file.read_text())
            file.write_text(moved)

    def stop(self) -> None:
        """End the tenant and what was left running; what they hold is kept."""
        self.project.stop()
        self.tenant.close()
        self.process.end()

    def kill_tenant(self) -> None:
        """End the tenant as a power cut would."""
        self.process.kill()

    def restart_tenant(self) -> None:
        """Serve the tenant again after it was killed, where it was before."""
        self.tenant.close()
        self.process = TenantProcess(self.process.data, port=self.process.port, tenant=self.process.ready["tenant"])
        self.tenant = TenantClient(self.process.ready)

    # What the tenant holds

    def actions(self) -> list[Json]:
        """Every Action of the tenant, by its name; two of the same name are two."""
        actions: list[Json] = expect(self.tenant.api.get("/api/v2/actions/actions?per_page=100"), 200)["actions"]
        return sorted(actions, key=lambda action: str(action["name"]))

    def action(self, name: str) -> Json:
        """The one Action of that name."""
        [only] = [action for action in self.actions() if action["name"] == name]
        return only

    def order(self, trigger: str) -> list[str]:
        """Names of the Actions bound to a trigger, in the order in which they run."""
        return [str(binding["action"]["name"]) for binding in self.tenant.flow(trigger)]

    def flows(self) -> dict[str, list[str]]:
        """The order of both flows."""
        return {trigger: self.order(trigger) for trigger in FLOWS}

    def numbers(self) -> dict[str, int]:
        """The number of each Action's deployed version: it counts every deployment."""
        return {str(action["name"]): int(action["deployed_version"]["number"]) for action in self.actions()}

    def running(self, name: str) -> Json:
        """The deployed version of the Action of that name."""
        version: Json = self.action(name)["deployed_version"]
        return version

    def drafts(self) -> dict[str, str]:
        """When each Action's draft was last written."""
        return {str(action["name"]): str(action["updated_at"]) for action in self.actions()}

    def binding_ids(self) -> dict[str, list[str]]:
        """Ids of the bindings: each write of a flow gives new ones, even one that changes nothing."""
        return {trigger: [str(binding["id"]) for binding in self.tenant.flow(trigger)] for trigger in FLOWS}

    def unbound(self) -> list[Json]:
        """Actions that no flow runs."""
        bound = {binding["action"]["id"] for trigger in FLOWS for binding in self.tenant.flow(trigger)}
        return [action for action in self.actions() if action["id"] not in bound]

    def orphans(self) -> list[Json]:
        """Actions with a name of the program's whose ids Pulumi does not know."""
        known = {action["id"] for action in self.project.outputs()["actions"].values()}
        return [action for action in self.actions() if action["name"] in TRIGGERS and action["id"] not in known]

    def delete_orphans(self) -> None:
        """Delete them; the tenant would refuse if a flow ran one."""
        for action in self.orphans():
            answer = self.tenant.api.delete(f"/api/v2/actions/actions/{action['id']}")
            assert answer.status_code == 204, answer.text

    def pending(self) -> set[str]:
        """Logical names of the resources that a killed engine was at work on."""
        return {
            str(operation["resource"]["urn"]).rpartition("::")[2]
            for operation in self.project.state()["pending_operations"]
        }

    # Faults

    def wait_for_faults(self) -> None:
        """Wait until every injected fault has begun to happen."""
        wait_until(lambda: {"faults": self.tenant.faults()}, lambda state: state["faults"] == [])

    # What it should hold

    def assert_as_programmed(self) -> None:
        """The tenant runs the program's Actions, and what they run as is what the files say."""
        assert self.flows() == FLOWS
        bound = {binding["action"]["name"]: binding["action"] for name in FLOWS for binding in self.tenant.flow(name)}
        assert set(bound) == set(TRIGGERS)
        for name, reference in bound.items():
            action = self.tenant.action(reference["id"])
            deployed = action["deployed_version"]
            assert action["status"] == "built"
            assert action["all_changes_deployed"] is True
            assert action["supported_triggers"] == [TRIGGERS[name]]
            assert {secret["name"] for secret in action["secrets"]} == SECRETS[name]
            assert deployed["deployed"] is True
            assert deployed["code"] == action["code"] == self.project.code(name)
            assert {secret["name"] for secret in deployed["secrets"]} == SECRETS[name]
            assert reference["deployed_version"]["id"] == deployed["id"]

    def assert_converged(self) -> None:
        """The tenant is as the program says, and Pulumi sees no more to change."""
        self.assert_as_programmed()
        self.project.preview("--expect-no-changes")


def copy_deployment(source: Path, target: Path) -> None:
    """Copy a deployment whose tenant has stopped: project, state and tenant."""
    shutil.copytree(source, target, symlinks=True)
