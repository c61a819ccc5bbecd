"""`actions-ops drift` against somebody who changes secrets, names and flows and covers it up."""

from tests.deployment import LOGIN, Deployment
from tests.operations.deployed.by_hand import (
    ACTIONS,
    API,
    LETS_EVERYBODY_IN,
    PULUMI,
    change,
    change_and_deploy,
    places,
    repaired,
    roll_back,
    secrets,
)
from tests.operations.deployed.command import drift

ELSEWHERE = "post-user-registration"
OPENS_THE_BYPASS = secrets(TEST_TENANT="floatme-prod")
TOUCHED = ("secret-touched", "mfa_action")


def written(deployment: Deployment) -> str:
    """When the secrets that run were written last."""
    return max(str(secret["updated_at"]) for secret in deployment.running("mfa_action")["secrets"])


def drifts(deployment: Deployment) -> set[tuple[str, str]]:
    """Kind and place of each finding; there has to be one."""
    return places(drift(deployment, "--json").json(1)["drift"])


def test_secrets_of_a_renamed_action_are_written_by_its_id(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", secrets=OPENS_THE_BYPASS)
    action_id = str(deployed.action("mfa_action")["id"])
    tampered = written(deployed)
    deployed.tenant.change_action(action_id, name="x")
    deployed.tenant.built(action_id)

    fixed = repaired(deployed)

    assert fixed["action-renamed", "mfa_action"] == PULUMI
    assert fixed[TOUCHED] == API
    assert deployed.action("mfa_action")["id"] == action_id
    assert written(deployed) > tampered


def test_a_renamed_action_is_a_finding_of_its_own(deployed: Deployment) -> None:
    change(deployed, "enable_mfa", name="x")

    assert drifts(deployed) == {("action-renamed", "enable_mfa")}
    assert repaired(deployed) == {("action-renamed", "enable_mfa"): PULUMI}


def test_a_secret_changed_together_with_code_right_before_an_up_stays_red(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", secrets=OPENS_THE_BYPASS, code=LETS_EVERYBODY_IN)
    deployed.project.up("--refresh")

    assert drifts(deployed) == {TOUCHED}
    assert repaired(deployed) == {TOUCHED: API}


def test_a_secret_deployed_together_with_another_order_right_before_an_up_stays_red(deployed: Deployment) -> None:
    change_and_deploy(deployed, "mfa_action", secrets=OPENS_THE_BYPASS)
    deployed.tenant.bind(LOGIN, [deployed.action(name)["id"] for name in ("mfa_action", "add_ip_to_metadata")])
    deployed.project.up("--refresh")

    assert drifts(deployed) == {TOUCHED}
    assert repaired(deployed) == {TOUCHED: API}


def test_an_older_version_with_an_older_setting_stays_red_after_a_refresh(deployed: Deployment) -> None:
    first = str(deployed.running("mfa_action")["id"])
    deployed.project.set_config("forceMfaDomain", "force.floatme.io")
    deployed.project.up()
    roll_back(deployed, "mfa_action", first, update_draft=True)
    deployed.project.up("--refresh")

    assert drifts(deployed) == {TOUCHED}
    assert repaired(deployed) == {TOUCHED: API}


def test_secrets_that_an_update_wrote_are_settled_without_repairing_anything_else(deployed: Deployment) -> None:
    deployed.project.set_config("forceMfaDomain", "force.floatme.io")
    deployed.project.up()
    change(deployed, "enable_mfa", code=LETS_EVERYBODY_IN)
    # The provider does not learn when it wrote them: somebody else may have done so at the same time.
    assert drifts(deployed) == {TOUCHED, ("draft", "enable_mfa")}

    ran = drift(deployed, "--write-secrets", "--json").json(1)["repair"]

    assert places(ran["fixed"]) == {TOUCHED}
    assert places(ran["left"]) == {("draft", "enable_mfa")}


def test_all_of_ours_leave_a_foreign_flow_in_one_write_and_a_namesake_stays(deployed: Deployment) -> None:
    tenant = deployed.tenant
    triggers = {"supported_triggers": [{"id": ELSEWHERE, "version": "v2"}]}
    ours = [str(deployed.action(name)["id"]) for name in ("add_ip_to_metadata", "mfa_action")]
    for name in ("add_ip_to_metadata", "mfa_action"):
        change_and_deploy(deployed, name, **triggers)
    namesake = str(tenant.deploy_action("mfa_action", trigger=ELSEWHERE)["id"])
    tenant.bind(ELSEWHERE, [ours[0], namesake, ours[1]])

    ran = drift(deployed, "--repair", "--yes", "--json").json(1)

    assert places(ran["repair"]["left"]) == {("action-duplicate", "mfa_action")}
    assert [binding["action"]["id"] for binding in tenant.flow(ELSEWHERE)] == [namesake]
    assert [binding["action"]["id"] for binding in tenant.flow(LOGIN)] == ours


def test_a_flow_that_cannot_be_written_does_not_stop_the_rest(deployed: Deployment) -> None:
    tenant = deployed.tenant
    elsewhere = [{"id": ELSEWHERE, "version": "v2"}]
    change_and_deploy(deployed, "enable_mfa", supported_triggers=elsewhere)
    ours = str(deployed.action("enable_mfa")["id"])
    foreign = str(tenant.deploy_action("foreign", trigger=ELSEWHERE)["id"])
    tenant.bind(ELSEWHERE, [ours, foreign])
    # Since its trigger changed, Auth0 takes no flow with it.
    tenant.change_action(foreign, supported_triggers=[{"id": LOGIN, "version": "v3"}])
    tenant.deploy(foreign)
    change_and_deploy(deployed, "mfa_action", code=LETS_EVERYBODY_IN)

    ran = drift(deployed, "--repair", "--yes", "--json").json(2)["repair"]

    assert [failure["where"] for failure in ran["failures"]] == [f"flow {ELSEWHERE}"]
    assert places(ran["left"]) == {("bound-elsewhere", ELSEWHERE)}
    assert deployed.running("mfa_action")["code"] == deployed.project.code("mfa_action")
    assert deployed.running("enable_mfa")["supported_triggers"][0]["id"] == "pre-user-registration"


def test_a_deleted_action_gets_its_secrets_written_after_it_is_created(deployed: Deployment) -> None:
    old = str(deployed.action("mfa_action")["id"])
    assert deployed.tenant.api.delete(f"{ACTIONS}/{old}?force=true").status_code == 204

    ran = drift(deployed, "--repair", "--yes", "--json").json(0)["repair"]

    assert any(step["what"].startswith("wrote the secrets of mfa_action") for step in ran["steps"])
    assert drift(deployed, "--json").json(0)["drift"] == []
