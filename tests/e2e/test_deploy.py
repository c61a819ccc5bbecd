"""The first `pulumi up`, the second one, and `pulumi destroy`."""

import hashlib

from tests.deployment import FLOWS, Deployment

NOTHING_BOUND: dict[str, list[str]] = {trigger: [] for trigger in FLOWS}


def test_up_deploys_the_actions_binds_them_in_order_and_exports_them(fresh: Deployment) -> None:
    fresh.project.up()

    assert [action["name"] for action in fresh.actions()] == ["add_ip_to_metadata", "enable_mfa", "mfa_action"]
    fresh.assert_as_programmed()
    for action in fresh.actions():
        # As the provider writes node18.
        assert action["runtime"] == action["deployed_version"]["runtime"] == "node18-actions"
        assert action["deployed_version"]["number"] == 1
        assert action["dependencies"] == []

    outputs = fresh.project.outputs()
    assert outputs["actions"] == {
        action["name"]: {
            "id": action["id"],
            "deployed_version_id": action["deployed_version"]["id"],
            "code_sha256": hashlib.sha256(action["deployed_version"]["code"].encode()).hexdigest(),
        }
        for action in fresh.actions()
    }
    assert {flow["trigger"]: flow["order"] for flow in outputs["flows"].values()} == FLOWS


def test_a_second_up_a_preview_and_a_refresh_change_nothing(deployed: Deployment) -> None:
    numbers, bindings, drafts = deployed.numbers(), deployed.binding_ids(), deployed.drafts()

    deployed.project.up("--expect-no-changes")
    deployed.project.preview("--expect-no-changes")
    deployed.project.refresh("--expect-no-changes")

    assert (deployed.numbers(), deployed.binding_ids(), deployed.drafts()) == (numbers, bindings, drafts)


def test_a_preview_of_the_first_up_changes_nothing(fresh: Deployment) -> None:
    assert "+ 8 to create" in fresh.project.preview().stdout

    assert fresh.actions() == []
    assert fresh.flows() == NOTHING_BOUND


def test_destroy_leaves_an_empty_tenant_and_up_deploys_again(deployed: Deployment) -> None:
    deployed.project.destroy()

    assert deployed.actions() == []
    assert deployed.flows() == NOTHING_BOUND

    deployed.project.up()
    deployed.assert_as_programmed()


def test_values_of_secrets_are_neither_printed_nor_stored_in_clear_text(fresh: Deployment) -> None:
    output = fresh.project.preview("--diff").output + fresh.project.up("--diff").output
    state = fresh.project.pulumi("stack", "export").stdout

    for value in ("forcemfa.floatme.io", "integration-test.floatme.io"):
        assert value not in output
        assert value not in state
