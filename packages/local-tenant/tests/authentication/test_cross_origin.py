"""Which pages' scripts may call which paths, as a browser finds out (Fetch standard, section 3.2)."""

from collections.abc import Mapping

import httpx
import pytest
from local_tenant.testing import PASSWORD, TenantClient, expect

ORIGIN = "http://localhost:3000"

SHARED = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/userinfo": "GET",
    "/dbconnections/change_password": "POST",
    "/dbconnections/signup": "POST",
    "/mfa/associate": "POST",
    "/mfa/challenge": "POST",
    "/mfa/authenticators": "GET",
    "/mfa/authenticators/totp|dev_x": "DELETE",
    "/passwordless/start": "POST",
}

OWN = (
    "/",
    "/_page/users",
    "/_local/health",
    "/_local/reset",
    "/api/v2/users",
    "/authorize",
    "/u/login",
    "/u/signup",
    "/v2/logout",
    "/oidc/logout",
    "/mfa",
    "/oauth/token/",
)

MACHINES = (
    "http://localhost",
    "https://localhost:8443",
    "http://127.0.0.1:5173",
    "http://[::1]:3000",
    "http://app.localhost:3000",
)

STRANGERS = (
    "https://evil.example",
    "http://localhost.evil.example",
    "http://evil-localhost:3000",
    "http://127.0.0.1.evil.example",
    "http://192.168.0.2:3000",
    "http://localhost:3000/",
    "http://localhost:3000/path",
    "http://someone@localhost:3000",
    "http://localhost:3000 http://evil.example",
    "http://localhost:0",
    "ftp://localhost",
    "file://",
    "null",
    "*",
    "",
)


def preflight(tenant: TenantClient, path: str, **headers: str) -> httpx.Response:
    request_headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": SHARED.get(path, "POST"),
        "Access-Control-Request-Headers": "auth0-client,authorization,content-type,dpop",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return tenant.http.options(path, headers=request_headers)


def shares(answer: httpx.Response) -> dict[str, str]:
    """The headers that let a browser share the answer."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("path", SHARED)
def test_a_preflight_allows_what_auth0s_library_sends(tenant: TenantClient, path: str) -> None:
    answer = preflight(tenant, path)
    assert answer.status_code == 200
    headers = shares(answer)
    assert headers["access-control-allow-origin"] == ORIGIN
    assert SHARED[path] in headers["access-control-allow-methods"].split(", ")
    allowed = headers["access-control-allow-headers"].lower().split(", ")
    assert {"auth0-client", "authorization", "content-type", "dpop"} <= set(allowed)
    assert "access-control-allow-credentials" not in headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", MACHINES)
def test_every_origin_of_this_machine_can_read_responses(tenant: TenantClient, origin: str) -> None:
    assert preflight(tenant, "/oauth/token", Origin=origin).headers["access-control-allow-origin"] == origin
    answer = tenant.http.post("/oauth/token", json={}, headers={"Origin": origin})
    assert answer.status_code == 400
    assert shares(answer) == {"access-control-allow-origin": origin}
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", STRANGERS)
def test_no_other_origin_can_read_them(tenant: TenantClient, origin: str) -> None:
    allowed = preflight(tenant, "/oauth/token", Origin=origin)
    assert allowed.status_code == 400
    assert "access-control-allow-origin" not in allowed.headers
    answer = tenant.http.post("/oauth/token", json={}, headers={"Origin": origin})
    assert (answer.status_code, shares(answer)) == (400, {})


@pytest.mark.parametrize("path", OWN)
def test_nothing_else_is_shared(tenant: TenantClient, path: str) -> None:
    answer = preflight(tenant, path)
    assert answer.status_code != 200
    assert shares(answer) == {}
    for client in (tenant.http, tenant.api):
        assert shares(client.get(path, headers={"Origin": ORIGIN})) == {}


def test_a_method_or_header_that_no_such_path_takes_is_refused(tenant: TenantClient) -> None:
    for name, value in (("Method", "PUT"), ("Headers", "auth0-forwarded-for"), ("Headers", "cookie")):
        refused = preflight(tenant, "/oauth/token", **{f"Access-Control-Request-{name}": value})
        assert refused.status_code == 400, (name, value)


def test_errors_can_be_read_too(tenant: TenantClient) -> None:
    """Those of clients (400, 401, 403), an Action's (500), an injected fault (429), and our own (500)."""
    application = tenant.ready["application"]
    person = tenant.sign_up()
    login = {"grant_type": "password", "username": person.email, "password": PASSWORD}
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('no'); };")
    origins = []

    def post(content: Mapping[str, object], path: str = "/oauth/token") -> None:
        answer = tenant.http.post(path, json=content, headers={"Origin": ORIGIN})
        assert shares(answer) == {"access-control-allow-origin": ORIGIN}, answer.text
        origins.append(answer.status_code)

    post({})
    post({**login, **application, "client_secret": "wrong"})
    post({**login, **application, "password": "wrong"})
    post({**login, **application})
    tenant.inject("rate_limit", path="/oauth/token")
    post({**login, **application})
    tenant.inject("server_error", path="/mfa/challenge")
    post({}, "/mfa/challenge")
    post({}, "/mfa/nothing")
    assert origins == [400, 401, 403, 500, 429, 500, 404]
    assert tenant.http.get("/oauth/token", headers={"Origin": ORIGIN}).status_code == 405


def test_a_preflight_uses_up_no_fault(tenant: TenantClient) -> None:
    tenant.inject("rate_limit", path="/oauth/token")
    assert preflight(tenant, "/oauth/token").status_code == 200
    assert tenant.http.post("/oauth/token", json={}).status_code == 429


def test_a_request_without_an_origin_gets_no_cors_headers(tenant: TenantClient) -> None:
    answer = tenant.http.post("/oauth/token", json={})
    assert shares(answer) == {}
    assert "vary" not in answer.headers


def test_keys_and_configuration_are_readable_from_any_origin(tenant: TenantClient) -> None:
    for name in ("jwks.json", "openid-configuration"):
        answer = tenant.http.get(f"/.well-known/{name}", headers={"Origin": "https://anybody.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        expect(answer, 200)
