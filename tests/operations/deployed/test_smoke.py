"""`actions-ops smoke`: real sign-ups and logins on the test tenant, of which nothing is left."""

import re
import signal

from tests.conftest import StartDeployment
from tests.deployment import Deployment
from tests.operations.deployed.command import Ran, actions_ops, start_actions_ops, wait_for_faults

HOURS = 3_600

CHALLENGES_ALL = 'exports.onExecutePostLogin = async (_, api) => api.multifactor.enable("any");\n'
CHALLENGES_NOBODY = "exports.onExecutePostLogin = async () => {};\n"
LETS_NOBODY_SIGN_UP = 'exports.onExecutePreUserRegistration = async (_, api) => api.access.deny("no", "no");\n'


def credentials(deployment: Deployment) -> dict[str, str]:
    application = deployment.process.ready["application"]
    return {"AUTH0_APP_CLIENT_ID": application["client_id"], "AUTH0_APP_CLIENT_SECRET": application["client_secret"]}


def smoke(deployment: Deployment, *options: str) -> Ran:
    arguments = ("smoke", "--stack", deployment.project.stack, *options)
    return actions_ops(deployment, *arguments, **credentials(deployment))


def deploy_by_hand(deployment: Deployment, name: str, code: str) -> None:
    action_id = str(deployment.action(name)["id"])
    deployment.tenant.change_action(action_id, code=code)
    deployment.tenant.deploy(action_id)


def people(deployment: Deployment) -> list[object]:
    """Every account of the tenant."""
    answer = deployment.tenant.api.get("/api/v2/users")
    assert answer.status_code == 200, answer.text
    users: list[object] = answer.json()
    return users


def failed_checks(ran: Ran) -> set[tuple[str, str]]:
    return {(check["who"], check["what"]) for check in ran.json(1)["checks"] if not check["passed"]}


def test_a_right_deployment_passes_every_check_and_no_account_is_left(deployed: Deployment) -> None:
    ran = smoke(deployed)

    assert ran.exit_code == 0, ran.output
    assert "FAILED" not in ran.stdout
    for check in (
        "integration account: a later login skips MFA",
        "integration account: a refresh skips MFA",
        "integration account: a login writes last_ip",
        "force-MFA account: the sign-up sets both MFA flags",
    ):
        assert f"ok     {check}" in ran.stdout
    assert re.search(r"ok     force-MFA account: .* login is challenged", ran.stdout)
    assert people(deployed) == []


def test_a_wrong_deployment_fails_the_checks_it_breaks_and_no_account_is_left(deployed: Deployment) -> None:
    checks = {(check["who"], check["what"]) for check in smoke(deployed, "--json").json(0)["checks"]}

    deploy_by_hand(deployed, "mfa_action", CHALLENGES_ALL)
    failed = failed_checks(smoke(deployed, "--json"))
    # last_ip is written, though its login is challenged: both accounts have it.
    assert failed == {(who, what) for who, what in checks if what.endswith(" login skips MFA")}
    assert {who for who, _ in failed} == {"integration account", "force-MFA account"}

    deploy_by_hand(deployed, "mfa_action", CHALLENGES_NOBODY)
    deploy_by_hand(deployed, "add_ip_to_metadata", CHALLENGES_NOBODY)
    failed = failed_checks(smoke(deployed, "--json"))
    assert failed == {(who, what) for who, what in checks if what.endswith((" is challenged", " writes last_ip"))}
    assert len(failed) == 3

    deploy_by_hand(deployed, "enable_mfa", LETS_NOBODY_SIGN_UP)
    assert failed_checks(smoke(deployed, "--json")) == {
        ("integration account", "can sign up"),
        ("force-MFA account", "can sign up"),
    }
    assert people(deployed) == []


def test_an_answer_that_never_comes_leaves_no_account(deployed: Deployment) -> None:
    # The account exists, and its id is not known: only a search by email finds it.
    deployed.tenant.inject("drop_answer", method="POST", path="/dbconnections/signup")
    ran = smoke(deployed, "--json")
    assert "gives no answer" in ran.json(2)["error"]
    assert people(deployed) == []


def test_an_interruption_leaves_no_account(deployed: Deployment) -> None:
    # Somebody has signed up, and is looked at for hours.
    deployed.tenant.inject("slow", method="GET", path="/api/v2/users-by-email", seconds=HOURS)
    arguments = ("smoke", "--stack", deployed.project.stack)
    running = start_actions_ops(deployed, *arguments, **credentials(deployed))
    wait_for_faults(deployed, running)
    assert len(people(deployed)) == 1

    exit_code, output = running.interrupt()

    assert exit_code == 128 + signal.SIGINT, output
    assert people(deployed) == []


def test_it_refuses_to_run_against_prod(start_deployment: StartDeployment) -> None:
    prod = start_deployment(stack="prod", name="floatme-prod")
    prod.project.create_stack()
    prod.project.set_config("auth0-actions:rehearsalDomain", prod.process.ready["domain"])

    ran = smoke(prod)

    assert ran.exit_code == 2, ran.output
    assert "stack prod is not of the test tenant" in ran.stderr
    assert people(prod) == []


def test_it_names_each_setting_that_is_missing(deployed: Deployment) -> None:
    # Of the project's own local tenant it would know the application.
    ran = actions_ops(deployed, "smoke", "--stack", deployed.project.stack, "--json", LOCAL_TENANT_DATA="nowhere")
    assert ran.json(2)["error"] == "not set: AUTH0_APP_CLIENT_ID, AUTH0_APP_CLIENT_SECRET"
