"""What a change of the program, of an Action's code or of a setting does to a tenant that is deployed to already."""

import re

import pytest

from tests.deployment import FLOWS, LOGIN, SECRETS, TRIGGERS, Deployment

ACTIONS = "components/login_actions.py"
ALL_DEPLOYED_ONCE = dict.fromkeys(TRIGGERS, 1)


def line_of(deployment: Deployment, action: str) -> str:
    """The program's line for an Action."""
    program = (deployment.project.folder / ACTIONS).read_text()
    [line] = re.findall(rf'^    Action\("\w+", "{action}", .*\n', program, re.MULTILINE)
    return str(line)


def test_an_edited_action_is_deployed_again_and_the_others_are_left_alone(deployed: Deployment) -> None:
    bindings = deployed.binding_ids()

    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    assert "~ 1 to update" in deployed.project.preview().stdout
    assert deployed.numbers() == ALL_DEPLOYED_ONCE
    deployed.project.up()
    assert deployed.numbers() == {**ALL_DEPLOYED_ONCE, "mfa_action": 2}
    deployed.assert_as_programmed()

    # White space alone is an edit too, and every byte of it arrives: line ends, tabs, letters of other scripts.
    file = deployed.project.folder / "actions" / "enable_mfa.js"
    file.write_bytes(file.read_bytes() + b"\r\n\t \n")
    deployed.project.up()
    assert deployed.numbers() == {**ALL_DEPLOYED_ONCE, "mfa_action": 2, "enable_mfa": 2}
    file.write_bytes(file.read_bytes() + "// ü € \u2028 \U0001f512 \r".encode())
    deployed.project.up()
    assert deployed.numbers() == {**ALL_DEPLOYED_ONCE, "mfa_action": 2, "enable_mfa": 3}

    deployed.assert_converged()
    assert deployed.binding_ids() == bindings


def test_a_changed_setting_updates_the_secrets_and_deploys_that_action_alone(deployed: Deployment) -> None:
    before = {secret["name"]: secret["updated_at"] for secret in deployed.running("mfa_action")["secrets"]}

    deployed.project.set_config("forceMfaDomain", "force.floatme.io")
    deployed.project.up()

    after = {secret["name"]: secret["updated_at"] for secret in deployed.running("mfa_action")["secrets"]}
    assert set(after) == SECRETS["mfa_action"]
    assert after["FORCE_MFA_DOMAIN"] > before["FORCE_MFA_DOMAIN"]
    assert deployed.numbers() == {**ALL_DEPLOYED_ONCE, "mfa_action": 2}
    deployed.assert_converged()


def test_a_changed_runtime_deploys_every_action_again_in_place(deployed: Deployment) -> None:
    ids = {action["name"]: action["id"] for action in deployed.actions()}

    deployed.project.set_config("runtime", "node22")
    deployed.project.up()

    assert {action["name"]: action["id"] for action in deployed.actions()} == ids
    assert {action["deployed_version"]["runtime"] for action in deployed.actions()} == {"node22"}
    assert deployed.numbers() == dict.fromkeys(TRIGGERS, 2)
    deployed.assert_converged()


@pytest.mark.parametrize("name", sorted(TRIGGERS))
def test_an_action_removed_from_the_program_goes_in_one_up_and_comes_back_in_one(
    deployed: Deployment, name: str
) -> None:
    line = line_of(deployed, name)
    program = deployed.project.folder / ACTIONS
    whole = program.read_text()

    deployed.project.edit(ACTIONS, line, "")
    deployed.project.up()
    assert [action["name"] for action in deployed.actions()] == sorted(set(TRIGGERS) - {name})
    assert deployed.flows() == {
        trigger: [bound for bound in order if bound != name] for trigger, order in FLOWS.items()
    }
    deployed.project.up("--expect-no-changes")

    program.write_text(whole)
    deployed.project.up()
    deployed.assert_converged()


def test_every_action_removed_from_the_program_goes_in_one_up(deployed: Deployment) -> None:
    for name in TRIGGERS:
        deployed.project.edit(ACTIONS, line_of(deployed, name), "")

    deployed.project.up()

    assert deployed.actions() == []
    assert deployed.flows() == {trigger: [] for trigger in FLOWS}


def test_a_flow_reordered_in_the_program_is_reordered_on_the_tenant(deployed: Deployment) -> None:
    first, second = (line_of(deployed, name) for name in FLOWS[LOGIN])

    deployed.project.edit(ACTIONS, first + second, second + first)
    deployed.project.up()

    assert deployed.order(LOGIN) == FLOWS[LOGIN][::-1]
    assert deployed.project.outputs()["flows"]["login_flow"]["order"] == FLOWS[LOGIN][::-1]
    assert deployed.numbers() == ALL_DEPLOYED_ONCE
    deployed.project.preview("--expect-no-changes")
