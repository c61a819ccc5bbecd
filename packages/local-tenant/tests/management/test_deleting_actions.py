import pytest
from local_tenant.testing import TenantClient, expect


def test_it_is_gone_with_its_versions(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    path = f"/api/v2/actions/actions/{action['id']}"
    answer = tenant.api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert tenant.api.get(path).status_code == 404
    assert tenant.api.get(f"{path}/versions").status_code == 404
    assert expect(tenant.api.get("/api/v2/actions/actions"), 200)["actions"] == []


@pytest.mark.parametrize("query", ["", "?force=true", "?force=false"])
def test_deleting_what_does_not_exist_is_not_found(tenant: TenantClient, query: str) -> None:
    assert expect(tenant.api.delete(f"/api/v2/actions/actions/nothing{query}"), 404) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "That action does not exist.",
    }


@pytest.mark.parametrize("query", ["", "?force=false"])
def test_a_bound_action_is_not_deleted(tenant: TenantClient, query: str) -> None:
    action = tenant.deploy_action()
    tenant.bind("post-login", [action["id"]])
    refused = expect(tenant.api.delete(f"/api/v2/actions/actions/{action['id']}{query}"), 409)
    assert refused == {
        "statusCode": 409,
        "error": "Conflict",
        "message": "Unable to delete an action bound to a trigger.",
    }
    assert tenant.action(action["id"]) == action
    assert len(tenant.flow("post-login")) == 1


def test_force_removes_it_from_its_flow_and_leaves_the_others(tenant: TenantClient) -> None:
    ids = [tenant.deploy_action(name)["id"] for name in ("first", "second", "third")]
    tenant.bind("post-login", ids)
    before = tenant.flow("post-login")
    assert tenant.api.delete(f"/api/v2/actions/actions/{ids[1]}?force=true").status_code == 204
    assert tenant.flow("post-login") == [before[0], before[2]]


def test_once_unbound_it_can_be_deleted(tenant: TenantClient) -> None:
    action = tenant.deploy_action()
    tenant.bind("post-login", [action["id"]])
    tenant.bind("post-login", [])
    assert tenant.api.delete(f"/api/v2/actions/actions/{action['id']}").status_code == 204


def test_force_is_a_boolean(tenant: TenantClient) -> None:
    action = tenant.create_action()
    answer = tenant.api.delete(f"/api/v2/actions/actions/{action['id']}?force=yes")
    assert expect(answer, 400)["errorCode"] == "invalid_query_string"
    tenant.action(action["id"])
