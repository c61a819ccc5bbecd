"""What goes wrong between Pulumi and the tenant: it ends well after a retry, or in a clear error that an up repairs."""

from dataclasses import dataclass
from typing import Any

import pytest
from local_tenant.testing import FaultKind

from tests.deployment import TRIGGERS, Deployment

CREATE = ("POST", "/api/v2/actions/actions")
CHANGE = ("PATCH", "/api/v2/actions/actions/*")
DEPLOY = ("POST", "/api/v2/actions/actions/*/deploy")
BIND = ("PATCH", "/api/v2/actions/triggers/*/bindings")

# More often than the provider tries again.
TIMES = 100


@dataclass(frozen=True)
class Lasting:
    """A fault that outlasts every retry.

    Attributes:
        kind: of the fault.
        request: method and path that it is for; none for a build.
        says: what a person needs to read.
        drafted: whether the draft was written before, so that what is drafted and what runs differ.
    """

    kind: FaultKind
    request: tuple[str, str] | None
    says: str
    drafted: bool = False

    def inject(self, deployment: Deployment) -> None:
        if self.request is None:
            deployment.tenant.inject(self.kind, path="mfa_action")
        else:
            deployment.tenant.inject(self.kind, method=self.request[0], path=self.request[1], times=TIMES)

    def __str__(self) -> str:
        """Name of the test's case."""
        place = self.request[1].rpartition("/")[2] if self.request else "build"
        return f"{self.kind} {place}"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("slow", {"seconds": 1}),
        ("rate_limit", {"seconds": 1}),
        ("server_error", {}),
        ("drop_request", {}),
        ("drop_answer", {}),
    ],
)
def test_up_gets_over_a_fault_of_each_request_by_trying_again(
    deployed: Deployment, kind: FaultKind, options: dict[str, Any]
) -> None:
    unbind_and_edit(deployed)
    for method, path in (CHANGE, DEPLOY, BIND):
        deployed.tenant.inject(kind, method=method, path=path, **options)

    deployed.project.up()

    assert deployed.tenant.faults() == []
    assert len(deployed.actions()) == len(TRIGGERS)
    deployed.assert_converged()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("rate_limit", {"seconds": 1}), ("server_error", {}), ("drop_request", {}), ("slow_build", {"seconds": 3})],
)
def test_the_first_up_gets_over_a_fault(fresh: Deployment, kind: FaultKind, options: dict[str, Any]) -> None:
    if kind == "slow_build":
        fresh.tenant.inject(kind, path="mfa_action", **options)
    else:
        fresh.tenant.inject(kind, method=CREATE[0], path=CREATE[1], **options)

    fresh.project.up()

    assert fresh.tenant.faults() == []
    assert len(fresh.actions()) == len(TRIGGERS)
    fresh.assert_converged()


def test_a_create_whose_answer_is_lost_leaves_an_action_that_no_flow_runs(fresh: Deployment) -> None:
    fresh.tenant.inject("drop_answer", method=CREATE[0], path=CREATE[1])

    # The provider tries again, and the tenant takes that for a second Action.
    fresh.project.up()

    fresh.assert_converged()
    [orphan] = fresh.orphans()
    assert orphan in fresh.unbound()
    assert "deployed_version" not in orphan
    fresh.delete_orphans()
    assert len(fresh.actions()) == len(TRIGGERS)
    fresh.project.refresh("--expect-no-changes")


@pytest.mark.parametrize(
    "fault",
    [
        Lasting("failed_build", None, 'action "mfa_action" failed to build'),
        Lasting("server_error", CREATE, "500 Internal Server Error"),
        Lasting("server_error", DEPLOY, "500 Internal Server Error"),
        Lasting("server_error", BIND, "500 Internal Server Error"),
        Lasting("drop_request", CREATE, "EOF"),
    ],
    ids=str,
)
def test_a_first_up_that_fails_says_why_and_the_next_one_repairs_it(fresh: Deployment, fault: Lasting) -> None:
    fault.inject(fresh)

    assert fault.says in fresh.project.failing_up()
    assert all("mfa_action" not in order for order in fresh.flows().values())
    fresh.tenant.clear_faults()
    fresh.project.up()

    assert len(fresh.actions()) == len(TRIGGERS)
    fresh.assert_converged()


@pytest.mark.parametrize(
    "fault",
    [
        Lasting("failed_build", None, 'action "mfa_action" failed to build', drafted=True),
        Lasting("server_error", CHANGE, "500 Internal Server Error"),
        Lasting("server_error", DEPLOY, "500 Internal Server Error", drafted=True),
        Lasting("drop_request", DEPLOY, "EOF", drafted=True),
    ],
    ids=str,
)
def test_a_failed_update_leaves_the_old_version_running_and_the_next_one_repairs_it(
    deployed: Deployment, fault: Lasting
) -> None:
    old = deployed.running("mfa_action")
    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    fault.inject(deployed)

    assert fault.says in deployed.project.failing_up()
    assert deployed.running("mfa_action") == old
    assert (deployed.action("mfa_action")["code"] != old["code"]) is fault.drafted
    deployed.tenant.clear_faults()
    deployed.project.up()

    assert len(deployed.actions()) == len(TRIGGERS)
    deployed.assert_converged()


def test_a_flow_that_could_not_be_written_stays_as_it_was_and_the_next_up_repairs_it(deployed: Deployment) -> None:
    unbind_and_edit(deployed)
    Lasting("server_error", BIND, "").inject(deployed)

    assert "500 Internal Server Error" in deployed.project.failing_up()
    assert all(order == [] for order in deployed.flows().values())
    deployed.tenant.clear_faults()
    deployed.project.up()

    deployed.assert_converged()


def test_a_refresh_after_a_failed_deployment_hides_that_the_old_version_still_runs(deployed: Deployment) -> None:
    """The provider reads the draft alone; docs/operations.md therefore says: first up, then refresh."""
    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    Lasting("server_error", DEPLOY, "").inject(deployed)
    deployed.project.failing_up()
    deployed.tenant.clear_faults()

    deployed.project.refresh()
    deployed.project.up("--expect-no-changes")
    assert deployed.running("mfa_action")["code"] != deployed.project.code("mfa_action")

    # The way out that docs/operations.md names.
    deployed.project.up("--replace", deployed.project.urn("mfa_action"))
    deployed.assert_converged()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("AUTH0_CLIENT_SECRET", "wrong", 'oauth2: "access_denied"'),
        ("AUTH0_DOMAIN", "localhost:9", "connection refused"),
        ("SSL_CERT_FILE", "/dev/null", "certificate signed by unknown authority"),
    ],
)
def test_a_tenant_that_cannot_be_reached_is_a_clear_error(
    fresh: Deployment, variable: str, value: str, says: str
) -> None:
    fresh.project.environment[variable] = value

    assert says in fresh.project.failing_up()
    assert fresh.actions() == []


def unbind_and_edit(deployment: Deployment) -> None:
    """Let the next up write an Action's draft, a version and both flows."""
    for trigger in deployment.flows():
        deployment.tenant.bind(trigger, [])
    deployment.project.refresh()
    deployment.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
