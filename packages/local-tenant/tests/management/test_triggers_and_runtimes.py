"""Triggers and runtimes as recorded in August 2026."""

import pytest
from local_tenant.testing import Json, TenantClient, expect

FLOWS = {
    "post-login": "v3",
    "credentials-exchange": "v2",
    "pre-user-registration": "v2",
    "post-user-registration": "v2",
    "post-change-password": "v2",
    "send-phone-message": "v2",
    "password-reset-post-challenge": "v1",
    "custom-phone-provider": "v1",
    "custom-email-provider": "v1",
}
ENTITY_BOUND = {
    "custom-token-exchange": ["node18", "node22"],
    "event-stream": ["node22"],
    "password-hash-migration": ["node22"],
    "mcp-tool": ["node22"],
}


def create(tenant: TenantClient, status: int, trigger: str, version: str | None, runtime: str | None) -> Json:
    trigger_id = {"id": trigger} if version is None else {"id": trigger, "version": version}
    body: Json = {"name": "an_action", "supported_triggers": [trigger_id], "code": ""}
    if runtime is not None:
        body["runtime"] = runtime
    return expect(tenant.api.post("/api/v2/actions/actions", json=body), status)


def test_the_triggers_that_have_flows(tenant: TenantClient) -> None:
    triggers = tenant.api.get("/api/v2/actions/triggers").json()["triggers"]
    flows = {trigger["id"]: trigger for trigger in triggers if trigger["binding_policy"] == "trigger-bound"}
    assert {name: flow["version"] for name, flow in flows.items()} == FLOWS
    for name, flow in flows.items():
        assert flow["status"] == "CURRENT"
        assert flow["runtimes"] == ["node18-actions", "node22"]
        assert flow["default_runtime"] == "node22"
        older = [{"id": "post-login", "version": "v2"}] if name == "post-login" else []
        assert flow["compatible_triggers"] == older


def test_the_triggers_that_are_bound_to_an_entity(tenant: TenantClient) -> None:
    triggers = tenant.api.get("/api/v2/actions/triggers").json()["triggers"]
    bound = {trigger["id"]: trigger for trigger in triggers if trigger["binding_policy"] == "entity-bound"}
    assert {name: trigger["runtimes"] for name, trigger in bound.items()} == ENTITY_BOUND
    assert all(trigger["version"] == "v1" and trigger["status"] == "CURRENT" for trigger in bound.values())


@pytest.mark.parametrize("trigger", ENTITY_BOUND)
def test_an_entity_bound_trigger_has_no_bindings(tenant: TenantClient, trigger: str) -> None:
    path = f"/api/v2/actions/triggers/{trigger}/bindings"
    assert expect(tenant.api.get(path, params={"per_page": 7}), 200) == {"bindings": [], "per_page": 7}
    assert expect(tenant.api.patch(path, json={"bindings": []}), 200) == {"bindings": []}
    binding = {"ref": {"type": "action_name", "value": "x"}}
    assert expect(tenant.api.patch(path, json={"bindings": [binding]}), 400)["error"] == "Bad Request"


@pytest.mark.parametrize(("trigger", "version"), FLOWS.items())
@pytest.mark.parametrize("runtime", ["node18", "node18-actions", "node22"])
def test_the_runtime_is_returned_unchanged(tenant: TenantClient, trigger: str, version: str, runtime: str) -> None:
    action = create(tenant, 201, trigger, version, runtime)
    assert action["runtime"] == runtime
    assert tenant.action(action["id"])["runtime"] == runtime


def test_a_runtime_left_out_is_node22(tenant: TenantClient) -> None:
    assert create(tenant, 201, "post-login", "v3", None)["runtime"] == "node22"


@pytest.mark.parametrize(
    ("trigger", "runtime"),
    [
        ("post-login", "node12"),
        ("post-login", "node16"),
        ("post-login", "NODE22"),
        ("post-login", ""),
        ("event-stream", "node18"),
        ("custom-token-exchange", "node18-actions"),
    ],
)
def test_another_runtime_is_not_supported(tenant: TenantClient, trigger: str, runtime: str) -> None:
    version = FLOWS.get(trigger, "v1")
    assert create(tenant, 400, trigger, version, runtime)["message"] == "runtime is not supported"


def test_a_change_to_a_runtime_that_is_not_supported_is_refused(tenant: TenantClient) -> None:
    action = tenant.built(tenant.create_action(runtime="node18")["id"])
    path = f"/api/v2/actions/actions/{action['id']}"
    assert expect(tenant.api.patch(path, json={"runtime": "node16"}), 400)["message"] == "runtime is not supported"
    moved = {"supported_triggers": [{"id": "event-stream", "version": "v1"}]}
    assert expect(tenant.api.patch(path, json=moved), 400)["message"] == "runtime is not supported"
    assert tenant.action(action["id"]) == action


@pytest.mark.parametrize(
    ("trigger", "version"),
    [("post-login", "v1"), ("post-login", ""), ("pre-user-registration", "v1"), ("nothing", "v1")],
)
def test_a_trigger_or_version_that_does_not_exist_is_refused(tenant: TenantClient, trigger: str, version: str) -> None:
    refused = create(tenant, 400, trigger, version, None)
    assert refused["message"] == f"Trigger '{trigger}' version '{version}' is not supported"


def test_a_trigger_without_a_version_is_the_current_one(tenant: TenantClient) -> None:
    action = create(tenant, 201, "post-login", None, None)
    assert action["supported_triggers"] == [{"id": "post-login", "version": "v3"}]


def test_a_trigger_can_be_sent_back_unchanged(tenant: TenantClient) -> None:
    trigger = tenant.api.get("/api/v2/actions/triggers").json()["triggers"][0]
    action = tenant.create_action(supported_triggers=[trigger])
    assert action["supported_triggers"] == [{"id": trigger["id"], "version": trigger["version"]}]
