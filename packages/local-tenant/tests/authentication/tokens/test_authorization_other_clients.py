"""Codes and mfa_tokens are bound to their application: a tenant with a second one and with one that has no secret."""

import httpx
import pytest
from local_tenant.testing import Json, Person, TenantClient, expect, expect_error
from local_tenant.testing.people import OTP_GRANT, RECOVERY_GRANT
from login_browser import CALLBACK, VERIFIER, Browser, redeem

GRANTS = ["authorization_code", "password", OTP_GRANT, RECOVERY_GRANT, "client_credentials"]


@pytest.fixture
def public(tenant: TenantClient) -> Json:
    """An application without a secret that may do all that there is: what keeps it out must be that it has none."""
    client = tenant.create_client(token_endpoint_auth_method="none", grant_types=GRANTS, callbacks=[CALLBACK])
    tenant.grant_api(client["client_id"], tenant.audience, "read:users")
    return client


def as_second(person: Person, **parameters: str) -> httpx.Response:
    second = person.tenant.create_client(grant_types=GRANTS)
    credentials = {"client_id": second["client_id"], "client_secret": second["client_secret"]}
    return person.tenant.http.post("/oauth/token", json={**credentials, **parameters})


def test_another_application_cannot_use_a_code_or_use_it_up(ada: Person) -> None:
    with Browser(ada.tenant) as browser:
        code = browser.log_in(ada).callback["code"]
    answer = as_second(ada, grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)
    expect_error(answer, 403, "invalid_grant", "Invalid authorization code")
    expect(redeem(ada, code), 200)


def test_another_application_cannot_use_an_mfa_token(ada: Person) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    token = ada.mfa_token()
    code = enrolled.app.next_code()
    expect_error(
        as_second(ada, grant_type=OTP_GRANT, mfa_token=token, otp=code), 403, "invalid_grant", "Malformed mfa_token"
    )
    answer = as_second(ada, grant_type=RECOVERY_GRANT, mfa_token=token, recovery_code=enrolled.recovery_code)
    expect_error(answer, 403, "invalid_grant", "Malformed mfa_token")
    expect(ada.prove(token, code), 200)


def test_a_public_application_needs_only_pkce(ada: Person, public: Json) -> None:
    with Browser(ada.tenant) as browser:
        without = browser.authorize(client_id=public["client_id"], code_challenge=None, code_challenge_method=None)
        assert without.callback["error"] == "invalid_request"
        code = browser.log_in(ada, client_id=public["client_id"]).callback["code"]
    body = {
        "grant_type": "authorization_code",
        "client_id": public["client_id"],
        "code": code,
        "redirect_uri": CALLBACK,
    }
    wrong = ada.tenant.http.post("/oauth/token", json={**body, "code_verifier": VERIFIER + "x"})
    expect_error(wrong, 403, "invalid_grant", "Failed to verify code verifier")
    expect(ada.tenant.http.post("/oauth/token", json={**body, "code_verifier": VERIFIER}), 200)


def test_a_secret_of_a_public_application_is_wrong(ada: Person, public: Json) -> None:
    body = {
        "grant_type": "authorization_code",
        "client_id": public["client_id"],
        "client_secret": public["client_secret"],
        "code": "y",
    }
    expect_error(ada.tenant.http.post("/oauth/token", json=body), 401, "access_denied")


def test_a_public_application_gets_no_management_token_despite_its_scopes(ada: Person, public: Json) -> None:
    body = {"grant_type": "client_credentials", "client_id": public["client_id"], "audience": ada.tenant.audience}
    answer = ada.tenant.http.post("/oauth/token", json=body)
    expect_error(answer, 403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
