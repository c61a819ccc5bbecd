"""`actions-ops drift`: reports what differs from the program, and `--repair` repairs it."""

from datetime import timedelta

from tests.conftest import StartDeployment
from tests.deployment import LOGIN, SIGN_UP, Deployment
from tests.e2e.test_faults import DEPLOY
from tests.e2e.test_interruptions import up_until
from tests.operations.deployed.by_hand import (
    ACTIONS,
    API,
    LETS_EVERYBODY_IN,
    PULUMI,
    change,
    change_and_deploy,
    repaired,
    roll_back,
    secrets,
)
from tests.operations.deployed.command import Json, answer_actions_ops, drift


def test_there_is_no_drift_after_a_deployment(deployed: Deployment) -> None:
    looked = drift(deployed)

    assert looked.exit_code == 0, looked.output
    assert "No drift" in looked.stdout


def test_after_a_rollback_without_the_draft_the_draft_is_deployed_again(deployed: Deployment) -> None:
    right = deployed.project.code("mfa_action")
    wrong_version = change_and_deploy(deployed, "mfa_action", code=LETS_EVERYBODY_IN)
    change_and_deploy(deployed, "mfa_action", code=right)
    roll_back(deployed, "mfa_action", wrong_version, update_draft=False)
    # The reason for this command: Pulumi sees nothing, even when it looks.
    deployed.project.up("--refresh", "--expect-no-changes")
    assert deployed.running("mfa_action")["code"] == LETS_EVERYBODY_IN

    looked = drift(deployed)

    assert looked.exit_code == 1, looked.output
    assert "Action mfa_action" in looked.stdout
    assert "version 4 runs other code than the program's" in looked.stdout
    assert "-  const domain = domainOfEmail(event.user?.email);" in looked.stdout
    assert "+exports.onExecutePostLogin = async () => {};" in looked.stdout

    assert repaired(deployed)["code", "mfa_action"] == API


def test_a_draft_that_a_refresh_took_for_deployed_is_deployed(deployed: Deployment) -> None:
    deployed.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    up_until(deployed, DEPLOY).kill()
    deployed.project.run("cancel", "--yes")
    # What docs/operations.md warns of: from here on Pulumi sees nothing.
    deployed.project.refresh()
    deployed.project.up("--expect-no-changes")

    assert repaired(deployed) == {("code", "mfa_action"): API}


def test_what_pulumi_sees_is_fixed_by_pulumi(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", code=LETS_EVERYBODY_IN)
    change(deployed, "add_ip_to_metadata", code=LETS_EVERYBODY_IN)
    change_and_deploy(deployed, "enable_mfa", runtime="node22")
    foreign = deployed.tenant.deploy_action("foreign")["id"]
    ours = [deployed.action(name)["id"] for name in ("mfa_action", "add_ip_to_metadata")]
    deployed.tenant.bind(LOGIN, [foreign, *ours])
    deployed.tenant.bind(SIGN_UP, [])

    fixed = repaired(deployed)

    assert fixed == {
        ("code", "mfa_action"): PULUMI,
        ("draft", "add_ip_to_metadata"): PULUMI,
        ("runtime", "enable_mfa"): PULUMI,
        ("foreign-binding", LOGIN): PULUMI,
        ("flow-order", LOGIN): PULUMI,
        ("not-bound", SIGN_UP): PULUMI,
        # A version that somebody else deployed may have any values of the secrets.
        ("secret-touched", "mfa_action"): API,
    }
    assert [action["name"] for action in deployed.unbound()] == ["foreign"]


def test_a_deleted_action_is_created_and_bound_again(deployed: Deployment) -> None:
    answer = deployed.tenant.api.delete(f"{ACTIONS}/{deployed.action('mfa_action')['id']}?force=true")
    assert answer.status_code == 204

    fixed = repaired(deployed)

    assert fixed == {("action-missing", "mfa_action"): PULUMI, ("not-bound", LOGIN): PULUMI}


def test_a_secret_that_was_changed_is_written_again_before_it_can_be_deployed(deployed: Deployment) -> None:
    change(deployed, "mfa_action", secrets=secrets(TEST_TENANT="floatme-prod"))
    # Code that the program would deploy, and with it a draft's secrets.
    deployed.project.edit("actions/mfa_action.js", "return;\n  }", "return; // changed\n  }")

    fixed = repaired(deployed)

    assert fixed["secret-touched", "mfa_action"] == API
    assert fixed["code", "mfa_action"] == PULUMI
    # Written, then deployed once: no version ever ran with the other value.
    assert deployed.numbers()["mfa_action"] == 2


def test_a_secret_changed_and_deployed_by_hand_is_reported_after_a_refresh(deployed: Deployment) -> None:
    deployed.tenant.advance_clock(timedelta(hours=1).total_seconds())
    change_and_deploy(deployed, "mfa_action", secrets=secrets(TEST_TENANT="floatme-prod"))
    deployed.project.up("--refresh", "--expect-no-changes")

    fixed = repaired(deployed)

    assert fixed == {("secret-touched", "mfa_action"): API}


def test_a_foreign_secret_and_a_binding_in_a_foreign_flow_are_removed(deployed: Deployment) -> None:
    change_and_deploy(deployed, "enable_mfa", secrets=[{"name": "LEFT_OVER", "value": "a value"}])
    other = {"id": "post-user-registration", "version": "v2"}
    action_id = change_and_deploy_elsewhere(deployed, "add_ip_to_metadata", other)
    foreign = deployed.tenant.deploy_action("foreign", trigger="post-user-registration")["id"]
    deployed.tenant.bind("post-user-registration", [action_id, foreign])

    fixed = repaired(deployed)

    assert fixed == {
        ("secret-names", "enable_mfa"): API,
        ("trigger", "add_ip_to_metadata"): PULUMI,
        ("bound-elsewhere", "post-user-registration"): API,
    }
    assert deployed.order("post-user-registration") == ["foreign"]


def change_and_deploy_elsewhere(deployment: Deployment, name: str, trigger: Json) -> str:
    change_and_deploy(deployment, name, supported_triggers=[trigger])
    return str(deployment.action(name)["id"])


def test_an_action_that_is_not_the_stacks_is_never_doubled_and_the_rest_is_repaired(deployed: Deployment) -> None:
    action = deployed.action("mfa_action")
    assert deployed.tenant.api.delete(f"{ACTIONS}/{action['id']}?force=true").status_code == 204
    again = deployed.tenant.deploy_action("mfa_action", code=LETS_EVERYBODY_IN)
    change_and_deploy(deployed, "enable_mfa", code=LETS_EVERYBODY_IN)

    refused = drift(deployed, "--repair", "--yes")

    assert refused.exit_code == 1, refused.output
    assert "actions-ops adopt --stack local" in " ".join(refused.stdout.split())
    assert deployed.action("mfa_action")["id"] == again["id"]
    assert deployed.running("enable_mfa")["code"] == deployed.project.code("enable_mfa")


def test_a_repair_says_what_it_will_do_and_does_it_only_after_a_yes(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", code=LETS_EVERYBODY_IN, secrets=secrets(TEST_TENANT="floatme-prod"))
    before = deployed.numbers()
    arguments = ("drift", "--stack", deployed.project.stack, "--repair")

    nobody_asked = drift(deployed, "--repair")
    assert nobody_asked.exit_code == 1, nobody_asked.output
    assert "add --yes to the command" in nobody_asked.stderr
    for step in ("write the secrets of mfa_action", "update mfa_action"):
        assert step in nobody_asked.stdout
    assert "repair" not in drift(deployed, "--repair", "--json").json(1)
    refused = answer_actions_ops(deployed, "n", *arguments)
    assert (refused.exit_code, deployed.numbers()) == (1, before), refused.output

    agreed = answer_actions_ops(deployed, "y", *arguments)

    assert agreed.exit_code == 0, agreed.output
    assert "No drift is left." in agreed.stdout
    deployed.assert_as_programmed()


def test_a_repair_never_unbinds_a_protected_action_that_the_program_lost(start_deployment: StartDeployment) -> None:
    prod = start_deployment(stack="prod", name="floatme-prod")
    prod.project.create_stack()
    prod.project.set_config("auth0-actions:rehearsalDomain", prod.process.ready["domain"])
    prod.project.up()
    [line] = [
        line
        for line in (prod.project.folder / "components" / "login_actions.py").read_text().splitlines(keepends=True)
        if line.startswith('    Action("mfa_action"')
    ]
    prod.project.edit("components/login_actions.py", line, "")

    refused = drift(prod, "--repair", "--yes", "--json")

    assert "the program no longer has mfa_action, which stack prod protects" in refused.json(2)["error"]
    assert prod.order(LOGIN) == ["add_ip_to_metadata", "mfa_action"]


def test_an_error_names_the_missing_credential_or_scope(deployed: Deployment) -> None:
    environment = deployed.project.environment
    secret, domain = environment.pop("AUTH0_CLIENT_SECRET"), environment["AUTH0_DOMAIN"]
    ran = drift(deployed, "--json")
    assert ran.json(2)["error"] == "not set: AUTH0_CLIENT_SECRET"

    environment["AUTH0_API_TOKEN"] = deployed.tenant.token("read:users")
    ran = drift(deployed, "--json")
    assert "read:actions" in ran.json(2)["fix"]
    del environment["AUTH0_API_TOKEN"]

    environment["AUTH0_CLIENT_SECRET"] = "wrong"
    assert "AUTH0_CLIENT_SECRET" in drift(deployed, "--json").json(2)["fix"]

    environment["AUTH0_CLIENT_SECRET"] = secret
    deployed.stop()
    assert f"{domain} can't be reached" in drift(deployed, "--json").json(2)["error"]
