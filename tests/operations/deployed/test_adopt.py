"""`actions-ops adopt`: Actions created by Terraform are imported; nothing is recreated or deleted."""

from local_tenant.testing import wait_until

from tests.deployment import LOGIN, SIGN_UP, Deployment
from tests.operations.deployed.command import Ran, actions_ops, start_actions_ops, wait_for_faults
from tests.operations.deployed.logins import LoginLoop
from tests.project import failed

HOURS = 3_600
ACTIONS_AND_FLOWS = {"ip_metadata_action", "mfa_action", "set_mfa_action", "login_flow", "sign_up_flow"}
RESOURCES = {"login_actions", "tenant", *ACTIONS_AND_FLOWS}


def adopt(deployment: Deployment, *options: str) -> Ran:
    return actions_ops(deployment, "adopt", "--stack", deployment.project.stack, *options)


def made_by_terraform(deployment: Deployment) -> dict[str, str]:
    """The tenant as Terraform left it: three Actions on node18, only those of the login bound, no secrets."""
    project, tenant = deployment.project, deployment.tenant
    ids = {
        name: str(tenant.deploy_action(name, code=project.code(name), trigger=trigger, runtime="node18-actions")["id"])
        for name, trigger in [("mfa_action", LOGIN), ("add_ip_to_metadata", LOGIN), ("enable_mfa", SIGN_UP)]
    }
    tenant.bind(LOGIN, [ids["add_ip_to_metadata"], ids["mfa_action"]])
    return ids


def ids_of(deployment: Deployment) -> dict[str, str]:
    return {str(action["name"]): str(action["id"]) for action in deployment.actions()}


def managed(deployment: Deployment) -> set[str]:
    """Logical names of what the stack's state has."""
    return {str(resource["urn"]).rpartition("::")[2] for resource in deployment.project.state().get("resources", [])}


def test_an_adoption_keeps_the_ids_and_the_logins_work_all_the_time(fresh: Deployment) -> None:
    ids = made_by_terraform(fresh)
    numbers, bindings, drafts = fresh.numbers(), fresh.binding_ids(), fresh.drafts()

    with LoginLoop(fresh.tenant) as logins:
        adopted = adopt(fresh, "--yes", "--json").json(0)

        assert {each["logical_name"]: each["id"] for each in adopted["adoptions"]} == {
            "login_actions": None,
            "tenant": None,
            "ip_metadata_action": ids["add_ip_to_metadata"],
            "mfa_action": ids["mfa_action"],
            "set_mfa_action": ids["enable_mfa"],
            "login_flow": LOGIN,
            "sign_up_flow": SIGN_UP,
        }
        # Not one write has reached the tenant.
        assert (fresh.numbers(), fresh.binding_ids(), fresh.drafts()) == (numbers, bindings, drafts)
        assert set(adopted["next_update"]) <= {"same", "update"}
        tree = {
            str(resource["urn"]).rpartition("::")[2]: str(resource.get("parent")).rpartition("::")[2]
            for resource in fresh.project.state()["resources"]
        }
        assert {tree[name] for name in ACTIONS_AND_FLOWS} == {"login_actions"}
        # Not even a destroy that does not run the program deletes what was adopted.
        del fresh.project.environment["PULUMI_RUN_PROGRAM"]
        assert "because it is protected" in " ".join(failed(fresh.project.pulumi("destroy", "--yes")).split())

        fresh.project.up()

    assert len(logins.answers) > 10
    assert set(logins.answers) == {(200, "")}
    assert ids_of(fresh) == ids
    fresh.assert_converged()
    # The update has written the secrets, at a time that the provider does not learn.
    assert actions_ops(fresh, "drift", "--stack", fresh.project.stack, "--write-secrets").exit_code == 0
    assert actions_ops(fresh, "drift", "--stack", fresh.project.stack).exit_code == 0


def test_an_adoption_that_was_killed_can_be_run_again(fresh: Deployment) -> None:
    ids = made_by_terraform(fresh)
    fresh.tenant.inject("slow", method="GET", path=f"/api/v2/actions/actions/{ids['mfa_action']}", seconds=HOURS)
    running = start_actions_ops(fresh, "adopt", "--stack", fresh.project.stack, "--yes")
    wait_for_faults(fresh, running)
    wait_until(lambda: {"managed": managed(fresh)}, lambda now: "set_mfa_action" in now["managed"])
    running.kill()
    assert "mfa_action" not in managed(fresh)

    locked = adopt(fresh, "--yes")
    assert locked.exit_code == 2, locked.output
    assert "pulumi cancel" in locked.stderr
    fresh.project.run("cancel", "--yes")
    adopted = adopt(fresh, "--yes", "--json").json(0)

    assert "mfa_action" in {each["logical_name"] for each in adopted["adoptions"]}
    assert "set_mfa_action" in adopted["managed"]
    assert managed(fresh) >= RESOURCES
    fresh.project.up()
    assert ids_of(fresh) == ids
    fresh.assert_converged()


def test_what_is_ambiguous_or_missing_is_named_and_nothing_is_adopted(fresh: Deployment) -> None:
    ids = made_by_terraform(fresh)
    second = str(fresh.tenant.deploy_action("mfa_action")["id"])
    fresh.tenant.change_action(ids["enable_mfa"], name="Enable_mfa")

    refused = adopt(fresh, "--yes")

    assert refused.exit_code == 1, refused.output
    output = " ".join(refused.stdout.split())
    assert f"2 Actions are named mfa_action: {ids['mfa_action']} (post-login); {second} (not bound)" in output
    assert "no Action of the tenant is named enable_mfa; did you mean Enable_mfa?" in output
    assert managed(fresh) == set()


def test_without_a_yes_the_plan_is_shown_and_nothing_happens(fresh: Deployment) -> None:
    ids = made_by_terraform(fresh)
    foreign = str(fresh.tenant.deploy_action("foreign")["id"])
    fresh.tenant.bind(LOGIN, [ids["add_ip_to_metadata"], ids["mfa_action"], foreign])

    done = adopt(fresh)

    assert done.exit_code == 1, done.output
    assert ids["mfa_action"] in done.stdout
    output = " ".join(done.stdout.split())
    assert f"flow post-login runs foreign ({foreign}), which the program does not know" in output
    assert "--yes" in done.stderr
    assert managed(fresh) == set()
