"""What somebody changes on the tenant by hand: `pulumi refresh` sees it, and the next `pulumi up` puts it right."""

from collections.abc import Callable

import pytest

from tests.deployment import FLOWS, LOGIN, SIGN_UP, Deployment

ByHand = Callable[[Deployment], object]


def change_a_draft(deployment: Deployment) -> None:
    action = deployment.action("mfa_action")
    deployment.tenant.change_action(action["id"], code="exports.onExecutePostLogin = async () => {};")
    deployment.tenant.built(action["id"])


def change_and_deploy(deployment: Deployment) -> None:
    change_a_draft(deployment)
    deployment.tenant.deploy(deployment.action("mfa_action")["id"])


def change_the_runtime(deployment: Deployment) -> None:
    action = deployment.action("enable_mfa")
    deployment.tenant.change_action(action["id"], runtime="node22")
    deployment.tenant.deploy(action["id"])


def reverse_the_flow(deployment: Deployment) -> None:
    deployment.tenant.bind(LOGIN, [deployment.action(name)["id"] for name in reversed(FLOWS[LOGIN])])


def unbind_everything(deployment: Deployment) -> None:
    deployment.tenant.bind(LOGIN, [])
    deployment.tenant.bind(SIGN_UP, [])


def bind_a_foreign_action(deployment: Deployment) -> None:
    foreign = deployment.tenant.deploy_action("foreign")
    bound = [binding["action"]["id"] for binding in deployment.tenant.flow(LOGIN)]
    deployment.tenant.bind(LOGIN, [foreign["id"], *bound])


def delete_an_action(deployment: Deployment) -> None:
    action = deployment.action("mfa_action")
    answer = deployment.tenant.api.delete(f"/api/v2/actions/actions/{action['id']}?force=true")
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "by_hand",
    [
        change_a_draft,
        change_and_deploy,
        change_the_runtime,
        reverse_the_flow,
        unbind_everything,
        bind_a_foreign_action,
        delete_an_action,
    ],
)
def test_a_change_by_hand_is_seen_by_refresh_and_repaired_by_up(deployed: Deployment, by_hand: ByHand) -> None:
    by_hand(deployed)

    # Pulumi compares the program with its state: without a refresh it cannot know.
    deployed.project.preview("--expect-no-changes")
    assert "updated" in deployed.project.refresh().stdout
    deployed.project.up()

    deployed.assert_converged()


def test_an_action_of_somebody_else_is_unbound_from_the_flow_and_not_deleted(deployed: Deployment) -> None:
    bind_a_foreign_action(deployed)

    # The same as refresh and up, in one command.
    deployed.project.up("--refresh")

    deployed.assert_as_programmed()
    assert [action["name"] for action in deployed.unbound()] == ["foreign"]
