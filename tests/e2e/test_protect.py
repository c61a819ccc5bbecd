"""A protected stack: neither an accident nor a wrong command deletes or replaces an Action or a flow."""

import re

import pytest

from tests.deployment import LOGIN, SIGN_UP, TRIGGERS, Deployment
from tests.project import failed

ACTIONS = "components/login_actions.py"
URN = "urn:pulumi:local::auth0-actions::auth0-actions:auth0:LoginActions$auth0:index"


@pytest.fixture
def protected(deployed: Deployment) -> Deployment:
    """Stack local, deployed, with the protection that stack prod has by default."""
    deployed.project.set_config("protect", "true")
    deployed.project.up()
    assert deployed.numbers() == dict.fromkeys(TRIGGERS, 1)
    deployed.assert_converged()
    return deployed


def remove_line(deployment: Deployment, action: str) -> None:
    """Remove an Action's line from the program."""
    program = (deployment.project.folder / ACTIONS).read_text()
    [line] = re.findall(rf'^    Action\("\w+", "{action}", .*\n', program, re.MULTILINE)
    deployment.project.edit(ACTIONS, line, "")


def test_destroy_is_refused_and_nothing_is_deleted(protected: Deployment) -> None:
    output = failed(protected.project.pulumi("destroy", "--yes", "--skip-preview"))

    refused = " ".join(output.split())
    assert f'"{URN}/triggerActions:TriggerActions::login_flow" cannot be deleted because it is protected' in refused
    protected.assert_converged()


@pytest.mark.parametrize(
    ("action", "resource"),
    [("mfa_action", "action:Action::mfa_action"), ("enable_mfa", "TriggerActions::sign_up_flow")],
)
def test_an_action_whose_line_is_gone_stays_and_stays_bound(protected: Deployment, action: str, resource: str) -> None:
    remove_line(protected, action)

    for command in (["preview"], ["up", "--yes"]):
        output = " ".join(failed(protected.project.pulumi(*command)).split())
        assert f'{resource}" cannot be deleted because it is protected' in output
    protected.assert_as_programmed()


def test_a_flow_that_would_be_replaced_stays(protected: Deployment) -> None:
    protected.project.edit(ACTIONS, f'"{SIGN_UP}", "v2"', '"post-user-registration", "v2"')

    output = failed(protected.project.pulumi("up", "--yes"))

    assert f'unable to replace resource "{URN}/triggerActions:TriggerActions::sign_up_flow"' in output
    protected.assert_as_programmed()


def test_an_action_that_somebody_deleted_is_created_again(protected: Deployment) -> None:
    gone = protected.action("mfa_action")["id"]
    protected.tenant.bind(LOGIN, [protected.action("add_ip_to_metadata")["id"]])
    assert protected.tenant.api.delete(f"/api/v2/actions/actions/{gone}").status_code == 204

    protected.project.up("--refresh")

    assert protected.action("mfa_action")["id"] != gone
    protected.assert_converged()


def test_an_action_is_removed_on_purpose_as_operations_says(protected: Deployment) -> None:
    project = protected.project
    project.set_config("protect", "false")
    project.up()
    remove_line(protected, "mfa_action")
    project.run("config", "rm", "auth0-actions:protect")
    project.up()

    assert [action["name"] for action in protected.actions()] == ["add_ip_to_metadata", "enable_mfa"]
    assert protected.flows() == {LOGIN: ["add_ip_to_metadata"], SIGN_UP: ["enable_mfa"]}
