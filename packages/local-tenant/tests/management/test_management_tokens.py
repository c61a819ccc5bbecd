"""Each route of the Management API asks for a token of this tenant, for this API, in time, with the right scope."""

import re
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.management.endpoints import ENDPOINTS, Endpoint
from local_tenant.scopes import ALL_SCOPES
from local_tenant.testing import Json, TenantClient, expect
from management import forgery
from properties import EMPTIED_ONCE

DAY = 86_400

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")


def ask(tenant: TenantClient, endpoint: Endpoint, token: str | None) -> tuple[int, Json]:
    """Status and body of a request with that token; empty body if the answer has none."""
    path = re.sub(r"\{[^}]*\}", "x", endpoint.path)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = tenant.http.request(endpoint.method, f"/api/v2{path}", headers=headers)
    return answer.status_code, answer.json() if answer.content else {}


def unauthorized(message: str) -> tuple[int, Json]:
    body = {"statusCode": 401, "error": "Unauthorized", "message": message, "attributes": {"error": message}}
    return 401, body


@every_endpoint
def test_without_a_token(tenant: TenantClient, endpoint: Endpoint) -> None:
    assert ask(tenant, endpoint, None) == unauthorized("Missing authentication")


INVALID_SIGNATURE = "Invalid signature received for JSON Web Token validation"


@every_endpoint
@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (forgery.signed_by_a_stranger, INVALID_SIGNATURE),
        (forgery.tampered, INVALID_SIGNATURE),
        (forgery.unsigned, "Invalid token"),
        (forgery.signed_with_the_public_key, "Invalid token"),
        (lambda _tenant: "not.a.token", "Invalid token"),
    ],
)
def test_with_a_forged_token(
    tenant: TenantClient, endpoint: Endpoint, forge: Callable[[TenantClient], str], message: str
) -> None:
    assert ask(tenant, endpoint, forge(tenant)) == unauthorized(message)


@every_endpoint
def test_with_a_token_that_has_expired(tenant: TenantClient, endpoint: Endpoint) -> None:
    token = tenant.token()
    tenant.advance_clock(DAY - 60)
    assert ask(tenant, endpoint, token)[0] != 401
    tenant.advance_clock(61)
    assert ask(tenant, endpoint, token) == unauthorized("Expired token received for JSON Web Token validation")


@every_endpoint
def test_with_a_token_for_another_api(tenant: TenantClient, endpoint: Endpoint) -> None:
    for audience in ("https://api.example.com/", tenant.audience.rstrip("/"), f"{tenant.url}/userinfo"):
        status, body = ask(tenant, endpoint, forgery.signed(tenant, aud=audience))
        assert (status, body) == unauthorized(f"Bad audience: {audience}")
    assert ask(tenant, endpoint, forgery.signed(tenant, aud=[f"{tenant.url}/userinfo"]))[0] == 401
    assert ask(tenant, endpoint, forgery.signed(tenant, aud=[f"{tenant.url}/userinfo", tenant.audience]))[0] != 401


@every_endpoint
def test_with_a_token_of_another_tenant(tenant: TenantClient, endpoint: Endpoint) -> None:
    issuer = "https://somebody.eu.auth0.com/"
    assert ask(tenant, endpoint, forgery.signed(tenant, iss=issuer)) == unauthorized(f"Bad issuer: {issuer}")


@every_endpoint
def test_without_the_scope(tenant: TenantClient, endpoint: Endpoint) -> None:
    others = ALL_SCOPES - set(endpoint.scopes)
    assert ask(tenant, endpoint, tenant.token(*others)) == (
        403,
        {
            "statusCode": 403,
            "error": "Forbidden",
            "message": f"Insufficient scope, expected any of: {','.join(endpoint.scopes)}",
            "errorCode": "insufficient_scope",
        },
    )


@every_endpoint
def test_with_each_scope_alone(tenant: TenantClient, endpoint: Endpoint) -> None:
    for scope in endpoint.scopes:
        assert ask(tenant, endpoint, tenant.token(scope))[0] not in (401, 403)


@every_endpoint
def test_with_a_malformed_scope(tenant: TenantClient, endpoint: Endpoint) -> None:
    required = endpoint.scopes[0]
    for scope in (None, "", 7, [required], f"{required}2 x{required}"):
        assert ask(tenant, endpoint, forgery.signed(tenant, scope=scope))[0] == 403, scope


@pytest.mark.parametrize("expiry", [None, "x", 0, -1, True, 1e12])
def test_a_malformed_expiry_counts_as_expired(tenant: TenantClient, expiry: object) -> None:
    status, body = ask(tenant, ENDPOINTS[0], forgery.signed(tenant, exp=expiry))
    assert (status, body) == unauthorized("Expired token received for JSON Web Token validation")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Bearer a.b", "Basic eDp5", "a.b.c", "Token a.b.c", "Bearer a.b.c.d", ""]
)
def test_a_header_without_a_token_is_a_bad_request(tenant: TenantClient, header: str) -> None:
    answer = tenant.http.get("/api/v2/actions/actions", headers={"Authorization": header})
    assert expect(answer, 400) == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "Bad HTTP authentication header format",
        "errorCode": "Bearer",
    }


def test_the_case_of_the_scheme_does_not_matter(tenant: TenantClient) -> None:
    answer = tenant.http.get("/api/v2/actions/actions", headers={"Authorization": f"bearer {tenant.token()}"})
    assert answer.status_code == 200


@settings(max_examples=150, suppress_health_check=EMPTIED_ONCE)
@given(header=st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=60))
def test_no_malformed_header_is_accepted(tenant: TenantClient, header: str) -> None:
    for sent in (header, f"Bearer {header}", f"Bearer eyJhbGciOiJSUzI1NiJ9.{header}.e30"):
        headers = httpx.Headers({"Authorization": sent.strip()}, encoding="latin-1")
        answer = tenant.http.get("/api/v2/actions/actions", headers=headers)
        assert answer.status_code in (400, 401), (sent, answer.text)


def test_a_token_in_the_query_string_is_ignored(tenant: TenantClient) -> None:
    answer = tenant.http.get("/api/v2/actions/actions", params={"access_token": tenant.token()})
    assert expect(answer, 401)["message"] == "Missing authentication"
