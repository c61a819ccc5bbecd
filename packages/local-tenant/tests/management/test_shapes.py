"""Each object has exactly the keys that were recorded: no client may come to rely on one that Auth0 does not send."""

from local_tenant.testing import TenantClient, expect
from management import shapes
from management.shapes import assert_well_formed

SECRETS = {"A": "1", "B": "2"}
PACKAGE = {"name": "lodash", "version": "4.17.21"}


def test_a_new_action_has_no_versions(tenant: TenantClient) -> None:
    action = tenant.create_action(secrets=SECRETS)
    assert set(action) == shapes.ACTION
    assert_well_formed(action)
    assert action["supported_triggers"] == [{"id": "post-login", "version": "v3"}]
    assert action["dependencies"] == []
    assert action["all_changes_deployed"] is False


def test_a_built_action_has_the_same_keys(tenant: TenantClient) -> None:
    action = tenant.built(tenant.create_action(secrets=SECRETS)["id"])
    assert set(action) == shapes.ACTION
    assert_well_formed(action)


def test_a_deployed_action_shows_its_version_twice(tenant: TenantClient) -> None:
    action = tenant.deploy_action(secrets=SECRETS)
    assert set(action) == shapes.DEPLOYED_ACTION
    assert set(action["current_version"]) == shapes.CURRENT_VERSION
    assert set(action["deployed_version"]) == shapes.VERSION
    assert_well_formed(action)
    assert action["current_version"]["status"] == "BUILT"
    assert action["deployed_version"]["status"] == "built"
    assert action["current_version"]["id"] == action["deployed_version"]["id"]


def test_a_deployment_returns_a_version_that_is_not_deployed_yet(tenant: TenantClient) -> None:
    version = tenant.deploy(tenant.create_action(secrets=SECRETS)["id"])
    assert set(version) == shapes.VERSION - {"built_at"} | {"action"}
    assert set(version["action"]) == shapes.ACTION_IN_VERSION
    assert_well_formed(version)


def test_versions_show_the_action_they_belong_to(tenant: TenantClient) -> None:
    action = tenant.deploy_action(secrets=SECRETS)
    versions = f"/api/v2/actions/actions/{action['id']}/versions"
    listed = expect(tenant.api.get(versions), 200)
    assert set(listed) == {"versions", "total", "per_page"}
    single = expect(tenant.api.get(f"{versions}/{action['deployed_version']['id']}"), 200)
    assert listed["versions"] == [single]
    assert set(single) == shapes.VERSION | {"action"}
    assert set(single["action"]) == shapes.ACTION_IN_VERSION
    assert single["action"]["all_changes_deployed"] is False
    assert_well_formed(single)
    assert {key: value for key, value in single.items() if key != "action"} == action["deployed_version"]


def test_bindings_show_their_action_without_code_and_status(tenant: TenantClient) -> None:
    action = tenant.deploy_action(secrets=SECRETS)
    tenant.bind("post-login", [action["id"]])
    (binding,) = tenant.flow("post-login")
    assert set(binding) == shapes.BINDING
    assert set(binding["action"]) == shapes.ACTION_IN_BINDING
    assert set(binding["action"]["current_version"]) == shapes.CURRENT_VERSION
    assert set(binding["action"]["deployed_version"]) == shapes.VERSION
    assert_well_formed(binding)
    assert action["all_changes_deployed"] is True
    assert binding["action"]["all_changes_deployed"] is False


def test_modules_have_six_fraction_digits_where_actions_have_nine(tenant: TenantClient) -> None:
    body = {"name": "shared", "code": "exports.one = 1;", "secrets": [{"name": "A", "value": "1"}]}
    module = expect(tenant.api.post("/api/v2/actions/modules", json=body), 201)
    assert set(module) == shapes.MODULE
    assert_well_formed(module, digits=6)
    path = f"/api/v2/actions/modules/{module['id']}"
    version = expect(tenant.api.post(f"{path}/versions"), 200)
    assert set(version) == shapes.MODULE_VERSION
    assert_well_formed(version, digits=6)
    published = expect(tenant.api.get(path), 200)
    assert set(published) == shapes.MODULE | {"latest_version"}
    assert set(published["latest_version"]) == shapes.LATEST_MODULE_VERSION
    assert_well_formed(published, digits=6)


def test_an_action_shows_modules_only_if_it_uses_one(tenant: TenantClient) -> None:
    body = {"name": "shared", "code": "exports.one = 1;", "publish": True}
    module = expect(tenant.api.post("/api/v2/actions/modules", json=body), 201)
    used = {"module_id": module["id"], "module_version_id": module["latest_version"]["id"]}
    action = tenant.deploy_action(modules=[used])
    assert set(action) == shapes.DEPLOYED_ACTION | {"modules"}
    assert set(action["deployed_version"]) == shapes.VERSION | {"modules"}
    assert action["modules"] == [{**used, "module_name": "shared", "module_version_number": 1}]
    users = expect(tenant.api.get(f"/api/v2/actions/modules/{module['id']}/actions"), 200)["actions"]
    assert [set(user) for user in users] == [shapes.ACTION_OF_MODULE]


def test_dependencies_are_returned_unchanged(tenant: TenantClient) -> None:
    elsewhere = {"name": "other", "version": "1.0.0", "registry_url": "http://127.0.0.1:9/"}
    action = tenant.create_action(dependencies=[PACKAGE, elsewhere])
    assert action["dependencies"] == [PACKAGE, elsewhere]
    assert tenant.action(action["id"])["dependencies"] == [PACKAGE, elsewhere]


def test_triggers_have_exactly_the_recorded_keys(tenant: TenantClient) -> None:
    answer = expect(tenant.api.get("/api/v2/actions/triggers"), 200)
    assert set(answer) == {"triggers"}
    assert all(set(trigger) == shapes.TRIGGER for trigger in answer["triggers"])
