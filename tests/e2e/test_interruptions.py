"""`pulumi up` after the engine or the tenant was ended by kill -9 in the middle, fixed as docs/operations.md tells.

A fault that keeps a request waiting makes the moment certain: the request has been sent, and nothing was done yet.
"""

import pytest

from tests.deployment import FLOWS, LOGIN, SIGN_UP, TRIGGERS, Deployment
from tests.e2e.test_faults import BIND, CHANGE, CREATE, DEPLOY
from tests.project import Running

# Longer than any test lasts.
HOURS = 3_600


def up_until(deployment: Deployment, request: tuple[str, str], *, times: int = 1) -> Running:
    """Start `pulumi up`, and return once that many of these requests are waiting for their answers."""
    deployment.tenant.inject("slow", method=request[0], path=request[1], times=times, seconds=HOURS)
    running = deployment.project.start("up", "--yes", "--skip-preview")
    deployment.wait_for_faults()
    return running


def recover(deployment: Deployment) -> None:
    """The steps of docs/operations.md."""
    project = deployment.project
    assert "pulumi cancel" in project.failing_up()
    project.run("cancel", "--yes")
    project.up()
    project.refresh("--clear-pending-creates")
    deployment.delete_orphans()


def assert_recovered(deployment: Deployment) -> None:
    deployment.assert_converged()
    deployment.project.refresh("--expect-no-changes")
    assert "pending_operations" not in deployment.project.state()
    assert len(deployment.actions()) == len(TRIGGERS)


def test_a_first_up_killed_while_it_creates_the_actions_can_be_recovered(fresh: Deployment) -> None:
    up_until(fresh, CREATE, times=len(TRIGGERS)).kill()

    assert fresh.actions() == []
    assert fresh.pending() == {"mfa_action", "ip_metadata_action", "set_mfa_action"}
    recover(fresh)
    assert_recovered(fresh)


def test_actions_created_by_a_killed_up_are_unbound_and_can_be_deleted(fresh: Deployment) -> None:
    up_until(fresh, DEPLOY, times=len(TRIGGERS)).kill()

    # They exist, and Pulumi's state knows the id of none of them.
    lost = fresh.actions()
    assert [action["name"] for action in lost] == sorted(TRIGGERS)
    assert fresh.pending() == {"mfa_action", "ip_metadata_action", "set_mfa_action"}

    fresh.project.run("cancel", "--yes")
    fresh.project.up()

    fresh.assert_as_programmed()
    assert {action["id"] for action in fresh.orphans()} == {action["id"] for action in lost}
    assert {action["id"] for action in fresh.unbound()} == {action["id"] for action in lost}

    fresh.delete_orphans()
    fresh.project.refresh("--clear-pending-creates")
    assert_recovered(fresh)


def test_a_first_up_killed_while_it_binds_the_actions_can_be_recovered(fresh: Deployment) -> None:
    up_until(fresh, BIND, times=len(FLOWS)).kill()

    assert fresh.pending() == {"login_flow", "sign_up_flow"}
    recover(fresh)
    assert_recovered(fresh)


@pytest.mark.parametrize("request_", [CHANGE, DEPLOY], ids=["change", "deploy"])
def test_an_update_killed_before_its_deployment_leaves_the_old_version_running(
    deployed: Deployment, request_: tuple[str, str]
) -> None:
    old = deployed.running("mfa_action")
    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    up_until(deployed, request_).kill()

    assert deployed.running("mfa_action") == old
    assert deployed.flows() == FLOWS
    assert deployed.pending() == {"mfa_action"}
    recover(deployed)
    assert_recovered(deployed)


def test_a_removal_killed_between_the_flow_and_the_action_can_be_recovered(deployed: Deployment) -> None:
    program = deployed.project.folder / "components" / "login_actions.py"
    whole = program.read_text()
    program.write_text("".join(line for line in whole.splitlines(keepends=True) if '"enable_mfa"' not in line))
    up_until(deployed, ("DELETE", "/api/v2/actions/actions/*")).kill()

    assert deployed.order(SIGN_UP) == []
    assert deployed.order(LOGIN) == FLOWS[LOGIN]
    deployed.project.run("cancel", "--yes")
    deployed.project.up()
    assert [action["name"] for action in deployed.actions()] == ["add_ip_to_metadata", "mfa_action"]

    program.write_text(whole)
    deployed.project.up()
    assert_recovered(deployed)


def test_ctrl_c_lets_the_requests_under_way_end_and_the_next_up_goes_on(fresh: Deployment) -> None:
    fresh.tenant.inject("slow", method=DEPLOY[0], path=DEPLOY[1], times=len(TRIGGERS), seconds=2)
    running = fresh.project.start("up", "--yes", "--skip-preview")
    fresh.wait_for_faults()
    exit_code, output = running.interrupt()

    assert exit_code != 0
    assert "update canceled" in output
    assert fresh.numbers() == dict.fromkeys(TRIGGERS, 1)
    # No lock is left, nothing is pending, nothing is lost.
    fresh.project.up()
    assert fresh.numbers() == dict.fromkeys(TRIGGERS, 1)
    assert_recovered(fresh)


def test_a_second_up_is_refused_while_the_first_is_at_work(fresh: Deployment) -> None:
    fresh.tenant.inject("slow", method=DEPLOY[0], path=DEPLOY[1], times=len(TRIGGERS), seconds=3)
    first = fresh.project.start("up", "--yes", "--skip-preview")
    fresh.wait_for_faults()

    assert "the stack is currently locked by 1 lock(s)" in fresh.project.failing_up()
    exit_code, output = first.end()
    assert exit_code == 0, output
    fresh.assert_converged()


@pytest.mark.parametrize("request_", [CREATE, DEPLOY, BIND], ids=["create", "deploy", "bind"])
def test_a_first_up_whose_tenant_was_killed_is_continued_by_the_next_up(
    fresh: Deployment, request_: tuple[str, str]
) -> None:
    running = up_until(fresh, request_)
    fresh.kill_tenant()
    exit_code, output = running.end()
    assert exit_code != 0
    assert "connection refused" in output

    fresh.restart_tenant()
    fresh.project.up()

    assert "pending_operations" not in fresh.project.state()
    fresh.delete_orphans()
    assert_recovered(fresh)


def test_an_update_whose_tenant_is_killed_and_started_again_at_once_converges(deployed: Deployment) -> None:
    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    running = up_until(deployed, DEPLOY)
    deployed.kill_tenant()
    deployed.restart_tenant()
    exit_code, output = running.end()
    # The provider's retries may or may not have lasted until the tenant was there again.
    assert exit_code == 0 or "connection refused" in output

    deployed.project.up()
    assert_recovered(deployed)
