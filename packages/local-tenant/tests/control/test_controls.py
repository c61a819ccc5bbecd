"""Who may use the controls, and what a reset leaves."""

import pytest
from local_tenant.testing import TenantClient, expect

CONTROLS = [
    ("POST", "/_local/reset"),
    ("GET", "/_local/clock"),
    ("PATCH", "/_local/clock"),
    ("GET", "/_local/faults"),
    ("POST", "/_local/faults"),
    ("DELETE", "/_local/faults"),
    ("GET", "/_local/nothing"),
]


@pytest.mark.parametrize(("method", "path"), CONTROLS)
def test_a_control_needs_a_management_token(tenant: TenantClient, method: str, path: str) -> None:
    tenant.create_action()
    assert expect(tenant.http.request(method, path), 401)["message"] == "Missing authentication"
    for header, status in (("Bearer a.b.c", 401), ("Basic eDp5", 400)):
        assert tenant.http.request(method, path, headers={"Authorization": header}).status_code == status
    assert len(tenant.api.get("/api/v2/actions/actions").json()["actions"]) == 1


@pytest.mark.parametrize(("method", "path"), [*CONTROLS, ("GET", "/api/v2/actions/actions")])
def test_no_web_page_can_call_a_control(tenant: TenantClient, method: str, path: str) -> None:
    """A browser asks first, and goes on only if the answer allows its origin."""
    fault = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = tenant.http.options(path, headers=fault)
    assert not preflight.is_success
    answer = tenant.api.request(method, path, headers={"Origin": "https://evil.example"})
    for headers in (preflight.headers, answer.headers):
        assert [name for name in headers if name.startswith("access-control-")] == []


def test_health_needs_no_token_and_reveals_nothing(tenant: TenantClient) -> None:
    assert expect(tenant.http.get("/_local/health"), 200) == {"ok": True}


def test_an_unknown_control_is_not_found(tenant: TenantClient) -> None:
    for method, path in (("GET", "/_local/nothing"), ("GET", "/_local/reset"), ("PUT", "/_local/clock")):
        assert expect(tenant.api.request(method, path), 404)["message"] == "Not Found"


def test_a_reset_empties_the_tenant_but_keeps_its_identity(tenant: TenantClient) -> None:
    action = tenant.deploy_action(secrets={"A": "1"})
    tenant.bind("post-login", [action["id"]])
    tenant.api.post("/api/v2/actions/modules", json={"name": "shared", "code": "", "publish": True})
    tenant.inject("server_error", path="/never")
    tenant.advance_clock(100)
    assert tenant.api.post("/_local/reset").status_code == 204
    assert tenant.api.get("/api/v2/actions/actions").json()["actions"] == []
    assert tenant.api.get("/api/v2/actions/modules").json()["modules"] == []
    assert tenant.flow("post-login") == []
    assert tenant.api.get("/_local/faults").json() == {"faults": []}
    assert tenant.api.get("/_local/clock").json()["offset_seconds"] == 0
    assert tenant.token()


def test_a_reset_during_a_build_leaves_no_trace_of_it(tenant: TenantClient) -> None:
    tenant.inject("slow_build", seconds=0.2)
    action = tenant.create_action()
    tenant.reset()
    assert tenant.api.get(f"/api/v2/actions/actions/{action['id']}").status_code == 404
    assert tenant.deploy_action("next")["status"] == "built"


def test_a_reset_clears_the_memory_of_actions(tenant: TenantClient) -> None:
    code = """
    exports.onExecutePostLogin = async (event, api) => {
      globalThis.runs = (globalThis.runs ?? 0) + 1;
      const cached = api.cache.get("key");
      api.cache.set("key", "value");
      api.user.setUserMetadata("seen", [globalThis.runs, cached?.value ?? null]);
    };
    """
    for _ in range(2):
        tenant.bind_action(code)
        user = tenant.sign_up()
        assert user.log_in().status_code == 200
        assert user.profile()["user_metadata"]["seen"] == [1, None]
        tenant.reset()
