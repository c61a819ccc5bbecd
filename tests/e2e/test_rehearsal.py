"""Stacks test and prod rehearsed on a local tenant, and the guards that keep a stack off any other tenant."""

import re
import shlex
import socket
from collections.abc import Mapping

import pytest

from tests.conftest import StartDeployment
from tests.deployment import FLOWS, Deployment
from tests.project import failed

NAMESPACE = "auth0-actions"


@pytest.fixture(params=["test", "prod"])
def rehearsal(request: pytest.FixtureRequest, start_deployment: StartDeployment) -> Deployment:
    """Stack test or prod with the settings of its file, a tenant of its name on this machine, and nothing deployed."""
    deployment = start_deployment(stack=str(request.param), name=f"floatme-{request.param}")
    deployment.project.create_stack()
    return deployment


def test_a_stack_is_rehearsed_on_a_local_tenant_with_the_setting_of_the_message(rehearsal: Deployment) -> None:
    stack, domain = rehearsal.project.stack, rehearsal.process.ready["domain"]

    refused = assert_refused(rehearsal)
    assert f"AUTH0_DOMAIN is {domain}, an address of this machine, on stack {stack}" in refused
    [fix] = re.findall(r"for a rehearsal (pulumi config set .*)\n", refused)
    rehearsal.project.run(*shlex.split(fix)[1:-2])
    rehearsal.project.up()

    rehearsal.assert_converged()
    outputs = rehearsal.project.outputs()
    assert {flow["trigger"]: flow["order"] for flow in outputs["flows"].values()} == FLOWS

    # Somebody who points the deployed stack elsewhere changes nothing, neither there nor here.
    numbers = rehearsal.numbers()
    rehearsal.project.environment["AUTH0_DOMAIN"] = "someone-else.us.auth0.com"
    output = failed(rehearsal.project.pulumi("up", "--yes"))
    assert f"{NAMESPACE}:rehearsalDomain asks for a rehearsal on {domain}" in output
    assert f"a domain of tenant floatme-{stack}; this one is of tenant someone-else" in output
    assert rehearsal.numbers() == numbers


def test_no_command_sends_a_request_to_another_tenant(rehearsal: Deployment) -> None:
    """Not even destroy and refresh, which do not run the program unless PULUMI_RUN_PROGRAM says so."""
    project, own = rehearsal.project, rehearsal.process.ready["domain"]
    project.set_config("rehearsalDomain", own)
    project.up()
    rehearsal.tenant.inject("server_error", path="/[!_]*", times=99)
    untouched = rehearsal.tenant.faults()

    with socket.create_server(("127.0.0.1", 0)) as other_tenant:
        other_tenant.setblocking(False)  # noqa: FBT003
        project.environment["AUTH0_DOMAIN"] = f"localhost:{other_tenant.getsockname()[1]}"
        for command in (["destroy", "--yes"], ["refresh", "--yes"], ["up", "--yes"], ["preview"]):
            output = failed(project.pulumi(*command))
            assert f"rehearsalDomain asks for a rehearsal on {own}" in output
            assert "fix:" in output
        # Nobody has knocked, neither there nor at the stack's own tenant.
        with pytest.raises(BlockingIOError):
            other_tenant.accept()
    assert rehearsal.tenant.faults() == untouched


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"testTenant": "floatme-prod"}, "are both floatme-prod in environment prod"),
        ({"environment": "test"}, "environment is test on stack prod"),
        (
            {"forceMfaDomain": "integration-test.floatme.io"},
            "integrationTestDomain and auth0-actions:forceMfaDomain are both integration-test.floatme.io",
        ),
        ({"integrationTestDomain": "gmail.com"}, 'integrationTestDomain is "gmail.com"'),
        ({"rehearsalDomain": "localhost:1"}, "rehearsalDomain asks for a rehearsal on localhost:1"),
    ],
    ids=["prod is test", "environment", "same domain", "public mail", "another tenant"],
)
def test_a_guard_stops_prod_before_anything_is_changed(
    start_deployment: StartDeployment, config: Mapping[str, str], says: str
) -> None:
    deployment = start_deployment(stack="prod", name="floatme-prod")
    project = deployment.project
    project.create_stack()
    for key, value in {"rehearsalDomain": deployment.process.ready["domain"], **config}.items():
        project.set_config(key, value)

    assert says in assert_refused(deployment)


def test_stack_local_never_leaves_this_machine(fresh: Deployment) -> None:
    fresh.project.environment["AUTH0_DOMAIN"] = "floatme-local.us.auth0.com"

    assert "AUTH0_DOMAIN is floatme-local.us.auth0.com on stack local" in assert_refused(fresh)


def assert_refused(deployment: Deployment) -> str:
    """Preview and up fail with a message, the tenant stays empty; the output."""
    output = failed(deployment.project.pulumi("preview"))
    for message in (output, deployment.project.failing_up()):
        assert "no Action was changed" in message
        assert "fix:" in message
        assert "Traceback" not in message
    assert deployment.actions() == []
    return output
