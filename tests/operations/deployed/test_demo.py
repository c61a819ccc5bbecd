"""`actions-ops demo`: the rules played on what is deployed."""

import re

from tests.deployment import Deployment
from tests.operations.deployed.by_hand import LETS_EVERYBODY_IN, change_and_deploy
from tests.operations.deployed.command import Ran, actions_ops


def demo(deployment: Deployment, *options: str) -> Ran:
    return actions_ops(deployment, "demo", *options, LOCAL_TENANT_DATA=str(deployment.process.data))


def test_every_step_ends_as_the_table_says_on_what_is_deployed(deployed: Deployment) -> None:
    ran = demo(deployed, "--json").json(0)

    assert {step["actual"] for step in ran["steps"]} >= {"tokens, no challenge", "MFA required"}


def test_a_step_that_ends_otherwise_is_named_with_what_the_table_says(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", code=LETS_EVERYBODY_IN)

    ran = demo(deployed)

    assert ran.exit_code == 1, ran.output
    assert "WRONG" in ran.stdout
    assert re.search(r"login \d: expected MFA required", ran.stdout)


def test_without_a_tenant_it_says_how_to_start_one(deployed: Deployment) -> None:
    ran = actions_ops(deployed, "demo", "--json", LOCAL_TENANT_DATA="nowhere")
    assert ran.json(2) == {"error": "the local tenant is not running", "fix": "run `make up` first"}
