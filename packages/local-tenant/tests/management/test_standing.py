"""What the tenant says of itself: settings that nobody can change here, and lists of what it has none of."""

import pytest
from local_tenant.management.endpoints import ENDPOINTS, STANDING
from local_tenant.scopes import ALL_SCOPES
from local_tenant.testing import TenantClient, expect
from local_tenant.testing.process import StartTenant


def test_each_answers_with_its_scope_alone_and_cannot_be_written(tenant: TenantClient) -> None:
    connection = tenant.api.get("/api/v2/connections").json()[0]["id"]
    written = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    for endpoint in STANDING:
        name = connection if endpoint.path.startswith("/connections/") else "login"
        path = f"/api/v2{endpoint.path.replace('{id}', name).replace('{language}', 'en')}"
        headers = {"Authorization": f"Bearer {tenant.token(*endpoint.scopes)}"}
        assert tenant.http.get(path, headers=headers).status_code in (200, 404), path
        others = {"Authorization": f"Bearer {tenant.token(*(ALL_SCOPES - set(endpoint.scopes)))}"}
        assert expect(tenant.http.get(path, headers=others), 403)["errorCode"] == "insufficient_scope"
        assert tenant.http.get(path).status_code == 401
        assert not {("POST", endpoint.path), ("PATCH", endpoint.path)} & written
        assert tenant.api.post(path, json={}).status_code in (403, 404)


@pytest.mark.parametrize("kind", ["roles", "rules", "hooks", "organizations"])
def test_a_list_of_nothing_has_the_forms_of_a_list(tenant: TenantClient, kind: str) -> None:
    path = f"/api/v2/{kind}"
    assert tenant.api.get(path).json() == []
    totals = {"start": 0, "limit": 50, "length": 0, "total": 0, kind: []}
    assert expect(tenant.api.get(path, params={"include_totals": "true"}), 200) == totals
    assert expect(tenant.api.get(path, params={"take": "50"}), 200) == {kind: []}
    assert expect(tenant.api.post(path, json={"name": "x"}), 403)["errorCode"] == "not_built_locally"


def test_settings_are_those_in_force(fresh_tenant: StartTenant) -> None:
    with fresh_tenant(None, "--no-brute-force-protection") as process, TenantClient(process.ready) as tenant:
        settings = expect(tenant.api.get("/api/v2/tenants/settings"), 200)
        assert (settings["friendly_name"], settings["session_lifetime"]) == ("local-tenant", 168)
        protection = expect(tenant.api.get("/api/v2/attack-protection/brute-force-protection"), 200)
        assert protection["enabled"] is False


def test_the_one_connection_names_all_clients(tenant: TenantClient) -> None:
    mine = tenant.create_client()
    [connection] = tenant.api.get("/api/v2/connections").json()
    assert connection["name"] == "Username-Password-Authentication"
    assert mine["client_id"] in connection["enabled_clients"]
    path = f"/api/v2/connections/{connection['id']}"
    assert expect(tenant.api.get(path), 200) == connection
    assert {"client_id": mine["client_id"]} in expect(tenant.api.get(f"{path}/clients"), 200)["clients"]
    assert expect(tenant.api.get("/api/v2/connections/con_odd"), 404)["errorCode"] == "inexistent_connection"
    assert tenant.api.get("/api/v2/connections", params={"strategy": "google-oauth2"}).json() == []
