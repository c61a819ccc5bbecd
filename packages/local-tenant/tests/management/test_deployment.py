"""Deploying: immutable, numbered versions of the draft."""

import pytest
from local_tenant.testing import Json, TenantClient, expect, wait_until
from management import shapes


def versions_of(tenant: TenantClient, action_id: str, **query: int) -> Json:
    return expect(tenant.api.get(f"/api/v2/actions/actions/{action_id}/versions", params=query), 200)


def test_the_response_says_not_deployed_and_the_next_read_deployed(tenant: TenantClient) -> None:
    action_id = tenant.create_action()["id"]
    version = tenant.deploy(action_id)
    assert version["deployed"] is False
    assert version["status"] == "built"
    assert version["created_at"] == version["updated_at"]
    assert version["action"]["id"] == action_id
    action = tenant.action(action_id)
    assert action["deployed_version"]["id"] == version["id"]
    assert action["deployed_version"]["deployed"] is True
    assert action["current_version"]["id"] == version["id"]
    assert action["all_changes_deployed"] is True


def test_the_draft_keeps_its_time(tenant: TenantClient) -> None:
    before = tenant.built(tenant.create_action()["id"])
    tenant.deploy(before["id"])
    assert tenant.action(before["id"])["updated_at"] == before["updated_at"]


def test_deploying_the_same_contents_again_counts_up(tenant: TenantClient) -> None:
    action_id = tenant.create_action()["id"]
    assert [tenant.deploy(action_id)["number"] for _ in range(3)] == [1, 2, 3]
    listed = versions_of(tenant, action_id)
    assert [version["number"] for version in listed["versions"]] == [3, 2, 1]
    assert [version["deployed"] for version in listed["versions"]] == [True, False, False]
    assert len({version["id"] for version in listed["versions"]}) == 3


def test_each_action_numbers_its_own_versions(tenant: TenantClient) -> None:
    first, second = tenant.deploy_action("first"), tenant.deploy_action("second")
    assert first["deployed_version"]["number"] == second["deployed_version"]["number"] == 1


def test_a_version_keeps_what_the_draft_was(tenant: TenantClient) -> None:
    action_id = tenant.create_action(code="// one", secrets={"KEY": "x"}, runtime="node22")["id"]
    first = tenant.deploy(action_id)
    tenant.change_action(action_id, code="// two", secrets=[], runtime="node18-actions")
    second = tenant.deploy(action_id)
    versions = {version["id"]: version for version in versions_of(tenant, action_id)["versions"]}
    assert (versions[first["id"]]["code"], versions[first["id"]]["runtime"]) == ("// one", "node22")
    assert [secret["name"] for secret in versions[first["id"]]["secrets"]] == ["KEY"]
    assert (versions[second["id"]]["code"], versions[second["id"]]["runtime"]) == ("// two", "node18-actions")
    assert versions[second["id"]]["secrets"] == []


def test_a_version_that_does_not_exist_is_not_found(tenant: TenantClient) -> None:
    action, other = tenant.deploy_action("one"), tenant.deploy_action("other")
    for version_id in ("00000000-0000-0000-0000-000000000000", other["deployed_version"]["id"]):
        answer = tenant.api.get(f"/api/v2/actions/actions/{action['id']}/versions/{version_id}")
        assert expect(answer, 404)["message"] == "That action version does not exist."


@pytest.mark.parametrize("path", ["", "/versions", "/versions/x", "/deploy", "/versions/x/deploy"])
def test_versions_of_an_action_that_does_not_exist_are_not_found(tenant: TenantClient, path: str) -> None:
    call = tenant.api.post if path.endswith("deploy") else tenant.api.get
    assert expect(call(f"/api/v2/actions/actions/nothing{path}"), 404) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "That action does not exist.",
    }


def test_fifty_versions_are_kept(tenant: TenantClient) -> None:
    action_id = tenant.create_action()["id"]
    tenant.built(action_id)
    first, second, *_ = (tenant.deploy(action_id) for _ in range(51))
    listed = versions_of(tenant, action_id, per_page=100)
    assert listed["total"] == 50
    assert [version["number"] for version in listed["versions"]] == list(range(51, 1, -1))
    path = f"/api/v2/actions/actions/{action_id}/versions"
    assert tenant.api.get(f"{path}/{first['id']}").status_code == 404
    assert tenant.api.get(f"{path}/{second['id']}").status_code == 200


class TestDeployOnCreation:
    def test_the_version_is_pending_with_its_draft(self, tenant: TenantClient) -> None:
        action = tenant.create_action(deploy=True)
        assert action["status"] == "pending"
        assert action["all_changes_deployed"] is True
        assert set(action) == shapes.DEPLOYED_ACTION
        assert set(action["current_version"]) == shapes.CURRENT_VERSION - {"build_time"}
        assert action["current_version"]["status"] == "PENDING"
        assert set(action["deployed_version"]) == shapes.VERSION - {"built_at"}
        assert action["deployed_version"]["deployed"] is True
        assert action["deployed_version"]["status"] == "pending"
        assert action["deployed_version"]["number"] == 1

    def test_draft_and_version_are_built_together(self, tenant: TenantClient) -> None:
        action = tenant.built(tenant.create_action(deploy=True)["id"])
        assert action["current_version"]["status"] == "BUILT"
        assert action["deployed_version"]["status"] == "built"
        assert set(action["current_version"]) == shapes.CURRENT_VERSION
        assert set(action["deployed_version"]) == shapes.VERSION
        assert action["all_changes_deployed"] is True

    def test_the_version_is_built_even_if_the_draft_moves_on(self, tenant: TenantClient) -> None:
        tenant.inject("slow_build", seconds=0.1)
        action_id = tenant.create_action(code="// one", deploy=True)["id"]
        tenant.change_action(action_id, code="// two")
        action = wait_until(
            lambda: tenant.action(action_id),
            lambda now: now["deployed_version"]["status"] == "built" and now["status"] == "built",
        )
        assert action["deployed_version"]["code"] == "// one"
        assert action["code"] == "// two"
        assert action["all_changes_deployed"] is False

    def test_a_failed_build_fails_both(self, tenant: TenantClient) -> None:
        tenant.inject("failed_build")
        action_id = tenant.create_action(deploy=True)["id"]
        action = wait_until(lambda: tenant.action(action_id), lambda now: now["status"] == "failed")
        assert action["deployed_version"]["status"] == "failed"
        assert "built_at" not in action["deployed_version"]

    def test_false_deploys_nothing(self, tenant: TenantClient) -> None:
        assert set(tenant.create_action(deploy=False)) == shapes.ACTION

    def test_a_patch_cannot_deploy(self, tenant: TenantClient) -> None:
        action_id = tenant.create_action()["id"]
        answer = tenant.api.patch(f"/api/v2/actions/actions/{action_id}", json={"deploy": True})
        assert expect(answer, 400)["errorCode"] == "invalid_body"
