"""Modules: code that Actions require, its versions, and who uses it."""

from typing import Any

import pytest
from local_tenant.testing import Json, TenantClient, expect

MODULES = "/api/v2/actions/modules"


def create(tenant: TenantClient, name: str = "shared", **more: Any) -> Json:  # noqa: ANN401 - members of the body
    return expect(tenant.api.post(MODULES, json={"name": name, "code": "// one", **more}), 201)


def read(tenant: TenantClient, module: Json, path: str = "", **query: int) -> Json:
    return expect(tenant.api.get(f"{MODULES}/{module['id']}{path}", params=query), 200)


def change(tenant: TenantClient, module: Json, **members: Any) -> Json:  # noqa: ANN401 - members of the body
    return expect(tenant.api.patch(f"{MODULES}/{module['id']}", json=members), 200)


def publish(tenant: TenantClient, module: Json) -> Json:
    return expect(tenant.api.post(f"{MODULES}/{module['id']}/versions"), 200)


def reference(module: Json, version: Json) -> Json:
    return {"module_id": module["id"], "module_version_id": version["id"]}


def test_a_new_module_is_not_published(tenant: TenantClient) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}])
    assert module["all_changes_published"] is False
    assert module["actions_using_module_total"] == 0
    assert module["dependencies"] == []
    assert [secret["name"] for secret in module["secrets"]] == ["KEY"]
    assert module["created_at"] == module["updated_at"]
    assert read(tenant, module) == module


def test_it_can_be_published_at_once(tenant: TenantClient) -> None:
    module = create(tenant, publish=True)
    assert module["all_changes_published"] is True
    assert module["latest_version"]["version_number"] == 1


def test_publishing_numbers_the_versions_and_lists_them_newest_first(tenant: TenantClient) -> None:
    module = create(tenant)
    published = [publish(tenant, module) for _ in range(3)]
    assert [version["version_number"] for version in published] == [1, 2, 3]
    assert {version["module_id"] for version in published} == {module["id"]}
    assert read(tenant, module, "/versions")["versions"] == published[::-1]
    assert read(tenant, module, f"/versions/{published[0]['id']}") == published[0]
    latest = read(tenant, module)["latest_version"]
    assert latest == {key: published[2][key] for key in latest}


def test_lists_always_send_total_and_page(tenant: TenantClient) -> None:
    empty = {"total": 0, "page": 0, "per_page": 50}
    assert expect(tenant.api.get(MODULES, params={"per_page": 50}), 200) == {"modules": [], **empty}
    module = create(tenant)
    assert read(tenant, module, "/versions", per_page=50) == {"versions": [], **empty}
    create(tenant, "another")
    page = expect(tenant.api.get(MODULES, params={"page": 1, "per_page": 1}), 200)
    assert ([m["name"] for m in page["modules"]], page["total"], page["page"]) == (["another"], 2, 1)
    assert expect(tenant.api.get(MODULES, params={"page": 9}), 200)["total"] == 2


def test_a_change_keeps_what_it_leaves_out(tenant: TenantClient) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}])
    changed = change(tenant, module, code="// two")
    assert changed["code"] == "// two"
    assert changed["secrets"] == module["secrets"]
    assert changed["updated_at"] > module["updated_at"]
    assert changed["created_at"] == module["created_at"]
    again = change(tenant, module, secrets=[{"name": "KEY"}])
    assert again["secrets"] == [{"name": "KEY", "updated_at": again["updated_at"]}]
    assert change(tenant, module, secrets=[])["secrets"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"code": "// two"},
        {"secrets": [{"name": "KEY", "value": "y"}]},
        {"secrets": []},
        {"dependencies": [{"name": "x", "version": "1.0.0"}]},
    ],
)
def test_changed_contents_are_not_published(tenant: TenantClient, members: Json) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}], publish=True)
    assert change(tenant, module, **members)["all_changes_published"] is False
    publish(tenant, module)
    assert read(tenant, module)["all_changes_published"] is True


def test_equal_contents_stay_published(tenant: TenantClient) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}], publish=True)
    changed = change(tenant, module, code="// one", secrets=[{"name": "KEY", "value": "x"}], dependencies=[])
    assert changed["all_changes_published"] is True


def test_a_version_keeps_what_the_module_was(tenant: TenantClient) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}])
    version = publish(tenant, module)
    change(tenant, module, code="// two", secrets=[])
    assert read(tenant, module, f"/versions/{version['id']}") == version
    assert version["code"] == "// one"


def test_the_name_cannot_be_changed(tenant: TenantClient) -> None:
    module = create(tenant)
    refused = expect(tenant.api.patch(f"{MODULES}/{module['id']}", json={"name": "renamed"}), 400)
    assert refused["errorCode"] == "invalid_body"


def test_a_name_is_unique(tenant: TenantClient) -> None:
    create(tenant)
    refused = expect(tenant.api.post(MODULES, json={"name": "shared", "code": ""}), 409)
    assert refused["message"] == "A module with the name 'shared' already exists."


def test_rolling_back_makes_an_old_version_the_draft(tenant: TenantClient) -> None:
    module = create(tenant, secrets=[{"name": "KEY", "value": "x"}])
    version = publish(tenant, module)
    change(tenant, module, code="// two", secrets=[])
    publish(tenant, module)
    path = f"{MODULES}/{module['id']}/rollback"
    restored = expect(tenant.api.post(path, json={"module_version_id": version["id"]}), 200)
    assert restored["code"] == "// one"
    assert restored["secrets"] == version["secrets"]
    assert restored["all_changes_published"] is False
    assert restored["latest_version"]["version_number"] == 2
    assert expect(tenant.api.post(path, json={"module_version_id": "nothing"}), 404)["error"] == "Not Found"
    assert expect(tenant.api.post(path, json={}), 400)["errorCode"] == "invalid_body"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/versions"),
        ("POST", "/versions"),
        ("GET", "/versions/x"),
        ("GET", "/actions"),
    ],
)
def test_a_module_that_does_not_exist_is_not_found(tenant: TenantClient, method: str, path: str) -> None:
    body = {"code": ""} if method == "PATCH" else None
    answer = tenant.api.request(method, f"{MODULES}/nothing{path}", json=body)
    assert expect(answer, 404)["message"] == "That module does not exist."


def test_a_version_of_another_module_is_not_found(tenant: TenantClient) -> None:
    module, other = create(tenant), create(tenant, "other")
    version = publish(tenant, other)
    answer = tenant.api.get(f"{MODULES}/{module['id']}/versions/{version['id']}")
    assert expect(answer, 404)["message"] == "That module version does not exist."


class TestUse:
    @pytest.fixture
    def module(self, tenant: TenantClient) -> Json:
        return create(tenant, publish=True)

    def test_deployed_actions_are_counted_and_listed(self, tenant: TenantClient, module: Json) -> None:
        assert read(tenant, module, "/actions", per_page=5) == {"actions": [], "per_page": 5}
        action = tenant.create_action("user", modules=[reference(module, module["latest_version"])])
        assert read(tenant, module)["actions_using_module_total"] == 0
        tenant.deploy(action["id"])
        assert read(tenant, module)["actions_using_module_total"] == 1
        user = {
            "action_id": action["id"],
            "action_name": "user",
            "module_version_id": module["latest_version"]["id"],
            "module_version_number": 1,
        }
        assert read(tenant, module, "/actions", per_page=5) == {"actions": [user], "total": 1, "per_page": 5}
        assert read(tenant, module, "/actions", page=1) == {"actions": [], "page": 1, "per_page": 20}

    def test_an_action_keeps_the_version_it_names(self, tenant: TenantClient, module: Json) -> None:
        action = tenant.deploy_action(modules=[reference(module, module["latest_version"])])
        publish(tenant, module)
        assert tenant.action(action["id"])["modules"][0]["module_version_number"] == 1
        assert tenant.action(action["id"])["all_changes_deployed"] is True

    def test_another_version_changes_the_action(self, tenant: TenantClient, module: Json) -> None:
        action = tenant.deploy_action(modules=[reference(module, module["latest_version"])])
        newer = publish(tenant, module)
        changed = tenant.change_action(action["id"], modules=[reference(module, newer)])
        assert changed["all_changes_deployed"] is False
        assert changed["modules"][0]["module_version_number"] == 2
        assert changed["deployed_version"]["modules"][0]["module_version_number"] == 1

    def test_modules_can_be_sent_back_unchanged(self, tenant: TenantClient, module: Json) -> None:
        action = tenant.deploy_action(modules=[reference(module, module["latest_version"])])
        assert tenant.change_action(action["id"], modules=action["modules"])["all_changes_deployed"] is True

    def test_a_module_in_use_is_not_deleted(self, tenant: TenantClient, module: Json) -> None:
        path = f"{MODULES}/{module['id']}"
        action = tenant.create_action(modules=[reference(module, module["latest_version"])])
        assert expect(tenant.api.delete(path), 412)["error"] == "Precondition Failed"
        tenant.deploy(action["id"])
        changed = tenant.change_action(action["id"], modules=[])
        assert "modules" not in changed
        # The draft uses it no more, but what is deployed does.
        assert expect(tenant.api.delete(path), 412)["error"] == "Precondition Failed"
        tenant.deploy(action["id"])
        answer = tenant.api.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert tenant.api.get(path).status_code == 404

    def test_a_module_version_that_does_not_exist_is_refused(self, tenant: TenantClient, module: Json) -> None:
        body = {
            "name": "user",
            "supported_triggers": [{"id": "post-login", "version": "v3"}],
            "modules": [{"module_id": module["id"], "module_version_id": "nothing"}],
        }
        refused = expect(tenant.api.post("/api/v2/actions/actions", json=body), 400)
        assert refused["message"] == "Module version 'nothing' does not exist"
        assert tenant.api.get("/api/v2/actions/actions").json()["actions"] == []
