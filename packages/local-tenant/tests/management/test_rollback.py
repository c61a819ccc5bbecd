"""Deploying an old version again: a new version with the old contents."""

from local_tenant.testing import Json, TenantClient, expect, wait_until
from management import shapes


def deploy_two_versions(tenant: TenantClient) -> tuple[str, Json]:
    """An Action whose second version is deployed; its id, and the first version."""
    action_id = tenant.create_action(code="// one", secrets={"KEY": "1"})["id"]
    first = tenant.deploy(action_id)
    tenant.change_action(action_id, code="// two", secrets=[{"name": "OTHER", "value": "2"}])
    tenant.deploy(action_id)
    return action_id, first


def roll_back(tenant: TenantClient, action_id: str, version_id: str, body: Json | None = None) -> Json:
    path = f"/api/v2/actions/actions/{action_id}/versions/{version_id}/deploy"
    return expect(tenant.api.post(path) if body is None else tenant.api.post(path, json=body), 200)


def test_it_is_a_new_version_with_the_next_number(tenant: TenantClient) -> None:
    action_id, first = deploy_two_versions(tenant)
    version = roll_back(tenant, action_id, first["id"])
    assert set(version) == shapes.VERSION - {"built_at"} | {"action"}
    assert version["id"] != first["id"]
    assert version["number"] == 3
    assert version["deployed"] is False
    assert version["code"] == "// one"
    assert [secret["name"] for secret in version["secrets"]] == ["KEY"]
    deployed = tenant.action(action_id)["deployed_version"]
    assert (deployed["id"], deployed["code"], deployed["deployed"]) == (version["id"], "// one", True)


def test_the_draft_stays_as_it_was(tenant: TenantClient) -> None:
    action_id, first = deploy_two_versions(tenant)
    before = tenant.action(action_id)
    for body in (None, {}, {"update_draft": False}):
        roll_back(tenant, action_id, first["id"], body)
        after = tenant.action(action_id)
        assert after["code"] == "// two"
        assert after["updated_at"] == before["updated_at"]
        assert after["status"] == "built"
        assert after["all_changes_deployed"] is False


def test_update_draft_rolls_the_draft_back_too(tenant: TenantClient) -> None:
    action_id, first = deploy_two_versions(tenant)
    before = tenant.action(action_id)
    roll_back(tenant, action_id, first["id"], {"update_draft": True})
    after = tenant.action(action_id)
    assert after["code"] == "// one"
    assert [secret["name"] for secret in after["secrets"]] == ["KEY"]
    assert after["updated_at"] > before["updated_at"]
    assert after["all_changes_deployed"] is True
    assert tenant.deploy(action_id)["number"] == 4


def test_the_version_rolled_back_to_may_be_the_deployed_one(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    assert roll_back(tenant, action["id"], action["deployed_version"]["id"])["number"] == 2


def test_a_version_that_was_not_built_cannot_be_deployed(tenant: TenantClient) -> None:
    tenant.inject("failed_build")
    action_id = tenant.create_action(deploy=True)["id"]
    failed = wait_until(lambda: tenant.action(action_id), lambda now: now["status"] == "failed")
    path = f"/api/v2/actions/actions/{action_id}/versions/{failed['deployed_version']['id']}/deploy"
    refused = expect(tenant.api.post(path), 400)
    assert refused["message"] == "A version must be in the 'built' state before it can be deployed."
    assert tenant.action(action_id) == failed


def test_a_version_of_another_action_is_not_found(tenant: TenantClient) -> None:
    one, other = tenant.deploy_action("one"), tenant.deploy_action("other")
    path = f"/api/v2/actions/actions/{one['id']}/versions/{other['deployed_version']['id']}/deploy"
    assert expect(tenant.api.post(path), 404)["message"] == "That action version does not exist."
