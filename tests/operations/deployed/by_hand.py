"""What somebody changes on the tenant by hand, and its repair."""

from tests.deployment import Deployment
from tests.operations.deployed.command import Json, drift

LETS_EVERYBODY_IN = "exports.onExecutePostLogin = async () => {};\n"
ACTIONS = "/api/v2/actions/actions"

PULUMI = "pulumi up"
API = "Management API"


def places(findings: list[Json]) -> set[tuple[str, str]]:
    """Kind and place of each finding."""
    return {(each["kind"], each["trigger"] or each["action"]) for each in findings}


def repaired(deployment: Deployment) -> dict[tuple[str, str], str]:
    """Repair, and see that a second look finds nothing: the means by which each finding was fixed."""
    repair = drift(deployment, "--repair", "--yes", "--json").json(0)
    assert repair["repair"]["left"] == []
    assert places(repair["drift"]) == places(repair["repair"]["fixed"])
    assert drift(deployment, "--json").json(0)["drift"] == []
    deployment.assert_as_programmed()
    return {(each["kind"], each["trigger"] or each["action"]): each["by"] for each in repair["repair"]["fixed"]}


def change(deployment: Deployment, name: str, /, **content: object) -> str:
    """Change an Action's draft by hand: its id."""
    action_id = str(deployment.action(name)["id"])
    deployment.tenant.change_action(action_id, **content)
    deployment.tenant.built(action_id)
    return action_id


def change_and_deploy(deployment: Deployment, name: str, /, **content: object) -> str:
    """Change an Action by hand and deploy it: the version's id."""
    version = deployment.tenant.deploy(change(deployment, name, **content))
    return str(version["id"])


def roll_back(deployment: Deployment, name: str, version_id: str, *, update_draft: bool) -> None:
    path = f"{ACTIONS}/{deployment.action(name)['id']}/versions/{version_id}/deploy"
    answer = deployment.tenant.api.post(path, json={"update_draft": update_draft})
    assert answer.status_code == 200, answer.text


def secrets(**changed: str) -> list[Json]:
    """The secrets of mfa_action, some with other values."""
    values = {
        "TEST_TENANT": "floatme-local",
        "INTEGRATION_TEST_DOMAIN": "integration-test.floatme.io",
        "FORCE_MFA_DOMAIN": "forcemfa.floatme.io",
        **changed,
    }
    return [{"name": name, "value": value} for name, value in values.items()]
