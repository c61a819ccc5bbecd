"""The grant with which programs get a token for the Management API."""

import base64
from typing import Any
from urllib.parse import quote_plus

import httpx
import jwt
import pytest
from local_tenant.scopes import ALL_SCOPES
from local_tenant.testing import Json, TenantClient, expect, expect_error


def ask(tenant: TenantClient, **changes: Any) -> httpx.Response:  # noqa: ANN401 - right or wrong members
    """A request as the Auth0 SDKs make it, with some members changed, or left out if None."""
    body = {"grant_type": "client_credentials", "audience": tenant.audience, **tenant.ready["management"], **changes}
    return tenant.http.post("/oauth/token", json={key: value for key, value in body.items() if value is not None})


def by_basic(tenant: TenantClient, user: str, password: str) -> httpx.Response:
    credentials = base64.b64encode(f"{quote_plus(user)}:{quote_plus(password)}".encode()).decode()
    form = {"grant_type": "client_credentials", "audience": tenant.audience}
    return tenant.http.post("/oauth/token", data=form, headers={"Authorization": f"Basic {credentials}"})


def claims_of(tenant: TenantClient, answer: Json) -> Json:
    """Claims as an independent reader of the published keys sees them."""
    token = answer["access_token"]
    keys = {key["kid"]: key for key in tenant.http.get("/.well-known/jwks.json").json()["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
    claims: Json = jwt.decode(token, key, ["RS256"], audience=tenant.audience, issuer=f"{tenant.url}/")
    return claims


def test_a_json_body(tenant: TenantClient) -> None:
    answer = expect(ask(tenant), 200)
    assert set(answer) == {"access_token", "scope", "expires_in", "token_type"}
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 86_400


def test_a_form(tenant: TenantClient) -> None:
    form = {"grant_type": "client_credentials", "audience": tenant.audience, **tenant.ready["management"]}
    assert claims_of(tenant, expect(tenant.http.post("/oauth/token", data=form), 200))["gty"] == "client-credentials"


def test_http_basic(tenant: TenantClient) -> None:
    client = tenant.ready["management"]
    answer = expect(by_basic(tenant, client["client_id"], client["client_secret"]), 200)
    assert claims_of(tenant, answer)["azp"] == client["client_id"]


def test_the_token_has_subject_audience_scope_and_expiry(tenant: TenantClient) -> None:
    answer = expect(ask(tenant), 200)
    claims = claims_of(tenant, answer)
    client_id = tenant.ready["management"]["client_id"]
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "scope", "gty", "azp"}
    assert claims["sub"] == f"{client_id}@clients"
    assert claims["exp"] - claims["iat"] == answer["expires_in"]
    assert set(claims["scope"].split()) == ALL_SCOPES
    assert claims["scope"] == answer["scope"]


def test_the_token_expires_by_the_clock_of_the_tenant(tenant: TenantClient) -> None:
    before = jwt.decode(tenant.token(), options={"verify_signature": False})
    tenant.advance_clock(1_000_000)
    after = jwt.decode(tenant.token(), options={"verify_signature": False})
    assert 1_000_000 <= after["iat"] - before["iat"] < 1_000_060


def test_fewer_scopes_can_be_requested(tenant: TenantClient) -> None:
    answer = expect(ask(tenant, scope="read:actions update:actions"), 200)
    assert answer["scope"] == claims_of(tenant, answer)["scope"] == "read:actions update:actions"


def test_a_request_for_scopes_that_were_not_granted_is_denied(tenant: TenantClient) -> None:
    answer = ask(tenant, scope="read:actions delete:tenant read:moon")
    expect_error(answer, 403, "access_denied", "Client has not been granted scopes: delete:tenant, read:moon")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"client_secret": ""}, 401, "access_denied"),
        ({"client_secret": None}, 401, "access_denied"),
        ({"client_secret": ["x"]}, 401, "access_denied"),
        ({"client_id": "nobody"}, 401, "access_denied"),
        ({"client_id": "nobody", "client_secret": ""}, 401, "access_denied"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "magic"}, 403, "unsupported_grant_type"),
        ({"audience": None}, 403, "access_denied"),
        ({"audience": "https://api.example.com/"}, 403, "access_denied"),
        ({"audience": "https://local-tenant.auth0.com/api/v2/"}, 403, "access_denied"),
    ],
)
def test_errors_have_the_shape_of_oauth(tenant: TenantClient, changes: dict[str, Any], status: int, error: str) -> None:
    answer = expect(ask(tenant, **changes), status)
    assert set(answer) == {"error", "error_description"}
    assert answer["error"] == error


def test_an_unknown_client_looks_like_a_wrong_secret(tenant: TenantClient) -> None:
    wrong = ask(tenant, client_secret="wrong")
    unknown = ask(tenant, client_id="nobody")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())


def test_a_wrong_secret_by_basic_is_refused(tenant: TenantClient) -> None:
    client_id = tenant.ready["management"]["client_id"]
    assert expect(by_basic(tenant, client_id, "wrong"), 401)["error"] == "access_denied"
    broken = tenant.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": "Basic %"}
    )
    assert expect(broken, 401)["error"] == "access_denied"


def test_http_basic_wins_over_the_body(tenant: TenantClient) -> None:
    form = {"grant_type": "client_credentials", "audience": tenant.audience, **tenant.ready["management"]}
    answer = tenant.http.post("/oauth/token", data=form, auth=("nobody", "wrong"))
    assert answer.status_code == 401


def test_the_application_has_no_grant_for_the_management_api(tenant: TenantClient) -> None:
    answer = expect(ask(tenant, **tenant.ready["application"]), 403)
    assert answer["error"] == "unauthorized_client"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_not_an_object_is_refused(tenant: TenantClient, body: bytes) -> None:
    answer = tenant.http.post("/oauth/token", content=body, headers={"Content-Type": "application/json"})
    assert expect(answer, 400)["error"] == "invalid_request"


def test_caches_may_not_store_tokens(tenant: TenantClient) -> None:
    assert ask(tenant).headers["cache-control"] == "no-store"
