"""PATCH: what is left out stays, and the draft is built again even if nothing changed."""

from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect
from management import shapes


@pytest.fixture
def deployed(tenant: TenantClient) -> Json:
    return tenant.deploy_action(code="// one", runtime="node22", secrets={"A": "1", "B": "2"})


def test_identical_contents_are_built_again_and_stay_deployed(tenant: TenantClient, deployed: Json) -> None:
    answer = tenant.change_action(
        deployed["id"],
        name=deployed["name"],
        supported_triggers=deployed["supported_triggers"],
        code=deployed["code"],
        runtime=deployed["runtime"],
        dependencies=[],
        secrets=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
    )
    assert answer["status"] == "pending"
    assert answer["updated_at"] > deployed["updated_at"]
    assert answer["all_changes_deployed"] is True
    assert set(answer) == shapes.DEPLOYED_ACTION
    assert tenant.built(deployed["id"])["all_changes_deployed"] is True


def test_an_empty_change_updates_the_time(tenant: TenantClient, deployed: Json) -> None:
    answer = tenant.change_action(deployed["id"])
    assert answer["status"] == "pending"
    assert answer["updated_at"] > deployed["updated_at"]
    assert answer["created_at"] == deployed["created_at"]


@pytest.mark.parametrize(
    "change",
    [
        {"code": "// two"},
        {"runtime": "node18-actions"},
        {"dependencies": [{"name": "x", "version": "1.0.0", "registry_url": "http://127.0.0.1:9/"}]},
        {"secrets": [{"name": "A", "value": "changed"}, {"name": "B", "value": "2"}]},
        {"secrets": [{"name": "A", "value": "1"}]},
        {"secrets": [{"name": "a", "value": "1"}, {"name": "B", "value": "2"}]},
        {"secrets": []},
    ],
)
def test_changed_contents_are_not_deployed(tenant: TenantClient, deployed: Json, change: dict[str, Any]) -> None:
    answer = tenant.change_action(deployed["id"], **change)
    assert answer["all_changes_deployed"] is False
    assert answer["current_version"] == deployed["current_version"]
    assert answer["deployed_version"] == deployed["deployed_version"]


def test_changing_the_contents_back_is_deployed_again(tenant: TenantClient, deployed: Json) -> None:
    assert tenant.change_action(deployed["id"], code="// two")["all_changes_deployed"] is False
    assert tenant.change_action(deployed["id"], code="// one")["all_changes_deployed"] is True


def test_it_makes_no_version(tenant: TenantClient, deployed: Json) -> None:
    tenant.change_action(deployed["id"], code="// two")
    listed = tenant.api.get(f"/api/v2/actions/actions/{deployed['id']}/versions").json()
    assert [version["number"] for version in listed["versions"]] == [1]


def test_keys_left_out_are_kept(tenant: TenantClient, deployed: Json) -> None:
    answer = tenant.change_action(deployed["id"], name="renamed")
    unchanged = ("id", "supported_triggers", "code", "dependencies", "runtime", "secrets", "created_at")
    assert {key: answer[key] for key in unchanged} == {key: deployed[key] for key in unchanged}
    assert answer["name"] == "renamed"
    assert tenant.action(deployed["id"])["name"] == "renamed"


def test_the_runtime_is_kept_and_not_set_to_the_default(tenant: TenantClient) -> None:
    action = tenant.create_action(runtime="node18")
    assert tenant.change_action(action["id"], code="// other")["runtime"] == "node18"


def test_the_name_does_not_count_as_contents(tenant: TenantClient, deployed: Json) -> None:
    assert tenant.change_action(deployed["id"], name="renamed")["all_changes_deployed"] is True


def test_a_bound_action_can_be_changed_and_its_flow_keeps_the_deployed_version(
    tenant: TenantClient, deployed: Json
) -> None:
    tenant.bind("post-login", [deployed["id"]])
    tenant.change_action(deployed["id"], code="// two")
    tenant.built(deployed["id"])
    (binding,) = tenant.flow("post-login")
    assert binding["action"]["deployed_version"]["code"] == "// one"


class TestSecrets:
    def test_the_array_replaces_the_secrets(self, tenant: TenantClient, deployed: Json) -> None:
        answer = tenant.change_action(
            deployed["id"], secrets=[{"name": "C", "value": "3"}, {"name": "A", "value": "1"}]
        )
        assert {secret["name"] for secret in answer["secrets"]} == {"A", "C"}
        assert {secret["updated_at"] for secret in answer["secrets"]} == {answer["updated_at"]}

    def test_secrets_left_out_keep_their_times(self, tenant: TenantClient, deployed: Json) -> None:
        assert tenant.change_action(deployed["id"], code="// two")["secrets"] == deployed["secrets"]

    def test_an_empty_array_removes_all_secrets(self, tenant: TenantClient, deployed: Json) -> None:
        assert tenant.change_action(deployed["id"], secrets=[])["secrets"] == []
        assert tenant.action(deployed["id"])["secrets"] == []

    def test_a_version_keeps_the_times_of_its_secrets(self, tenant: TenantClient, deployed: Json) -> None:
        tenant.change_action(deployed["id"], secrets=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
        action = tenant.action(deployed["id"])
        assert action["deployed_version"]["secrets"] == deployed["deployed_version"]["secrets"]
        assert action["secrets"] != action["deployed_version"]["secrets"]

    def test_a_name_without_a_value_keeps_the_value_and_moves_its_time(
        self, tenant: TenantClient, deployed: Json
    ) -> None:
        answer = tenant.change_action(deployed["id"], secrets=[{"name": "B"}, {"name": "A"}])
        assert answer["all_changes_deployed"] is True
        assert {secret["updated_at"] for secret in answer["secrets"]} == {answer["updated_at"]}
        assert tenant.change_action(deployed["id"], secrets=[{"name": "A"}])["all_changes_deployed"] is False

    def test_a_new_name_needs_a_value(self, tenant: TenantClient, deployed: Json) -> None:
        path = f"/api/v2/actions/actions/{deployed['id']}"
        answer = tenant.api.patch(path, json={"secrets": [{"name": "A"}, {"name": "C"}]})
        assert expect(answer, 400)["message"] == (
            "Payload validation error: 'Missing required property: value' on property secrets[1]."
        )
        assert tenant.action(deployed["id"])["secrets"] == deployed["secrets"]

    def test_a_value_may_be_empty(self, tenant: TenantClient) -> None:
        assert [secret["name"] for secret in tenant.create_action(secrets={"EMPTY": ""})["secrets"]] == ["EMPTY"]


def test_changing_an_unknown_action_is_not_found(tenant: TenantClient) -> None:
    answer = tenant.api.patch("/api/v2/actions/actions/nothing", json={"code": ""})
    assert (answer.status_code, answer.json()["message"]) == (404, "That action does not exist.")
