"""What an answer holds: code, id_token, token and their combinations (OpenID Connect Core, sections 3.2 and 3.3)."""

import hashlib
from base64 import urlsafe_b64encode
from itertools import combinations, permutations

import jwt
import pytest
from authentication.browser.visits import SEES, last_event
from local_tenant.testing import Json, Person, TenantClient, expect
from login_browser import Browser, redeem
from token_reader import read_token

WORDS = ("code", "id_token", "token")
COMBINATIONS = [" ".join(words) for size in (1, 2, 3) for words in combinations(WORDS, size)]
FRONT = [words for words in COMBINATIONS if words != "code"]
PROTOCOLS = {
    "code": "oidc-basic-profile",
    **dict.fromkeys(["id_token", "token", "id_token token"], "oidc-implicit-profile"),
}


def half_hash(value: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).decode().rstrip("=")


@pytest.mark.parametrize("response_type", COMBINATIONS)
def test_the_answer_holds_what_the_response_type_names(ada: Person, browser: Browser, response_type: str) -> None:
    ada.tenant.bind_action(SEES)
    words = set(response_type.split())
    callback = browser.log_in(ada, response_type=response_type, scope="openid email offline_access").callback
    expected = {"state"}
    if "code" in words:
        expected |= {"code"}
        assert "refresh_token" in expect(redeem(ada, callback["code"]), 200)
    if "token" in words:
        expected |= {"access_token", "token_type", "expires_in", "scope"}
        assert (callback["token_type"], callback["expires_in"]) == ("Bearer", "7200")
        assert callback["scope"] == "openid email"
        headers = {"Authorization": f"Bearer {callback['access_token']}"}
        assert expect(ada.tenant.http.get("/userinfo", headers=headers), 200)["email"] == ada.email
    if "id_token" in words:
        expected |= {"id_token"}
        claims = read_token(ada.tenant, callback["id_token"], ada.application["client_id"])
        assert (claims["sub"], claims["nonce"], claims["email"]) == (ada.user_id, "a-nonce", ada.email)
        assert claims.get("c_hash") == (half_hash(callback["code"]) if "code" in words else None)
        assert claims.get("at_hash") == (half_hash(callback["access_token"]) if "token" in words else None)
    assert set(callback) == expected
    transaction = last_event(ada)["transaction"]
    assert transaction["response_type"] == [word for word in WORDS if word in words]
    assert transaction["protocol"] == PROTOCOLS.get(response_type, "oidc-hybrid-profile")


@pytest.mark.parametrize("words", list(permutations(WORDS)))
def test_the_words_may_come_in_any_order(ada: Person, browser: Browser, words: tuple[str, ...]) -> None:
    callback = browser.log_in(ada, response_type=" ".join(words)).callback
    assert {"code", "id_token", "access_token"} <= set(callback)


@pytest.mark.parametrize("response_type", FRONT)
def test_a_nonce_is_required_for_an_id_token_alone(browser: Browser, response_type: str) -> None:
    visit = browser.authorize(response_type=response_type, nonce=None)
    if "id_token" in response_type.split():
        assert visit.callback["error_description"] == "Missing required parameter: nonce"
        empty = browser.authorize(response_type=response_type, nonce="").callback
        assert empty["error"] == "invalid_request"
    else:
        assert visit.path == "/u/login"


def test_an_id_token_needs_the_scope_openid(browser: Browser) -> None:
    callback = browser.authorize(response_type="id_token", scope="email").callback
    assert callback["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", FRONT)
def test_an_application_without_the_implicit_grant_gets_no_tokens(
    browser: Browser, tenant: TenantClient, response_type: str
) -> None:
    client_id = tenant.ready["management"]["client_id"]
    callback = browser.authorize(response_type=response_type, client_id=client_id).callback
    assert callback["error"] == "unauthorized_client"


def test_a_public_application_needs_pkce_for_a_code_alone(ada: Person, browser: Browser) -> None:
    public = {"client_id": browser.tenant.ready["single_page_application"]["client_id"]}
    bare: dict[str, str | None] = {**public, "code_challenge": None, "code_challenge_method": None}
    assert "error" in browser.authorize(response_type="code id_token", **bare).callback
    assert "id_token" in browser.log_in(ada, response_type="id_token", **bare).callback


def test_custom_claims_are_in_tokens_of_the_answer_and_at_userinfo(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action("""
exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim("urn:plan", "gold");
  api.accessToken.setCustomClaim("urn:role", "editor");
};
""")
    callback = browser.log_in(ada, response_type="id_token token").callback
    assert claims_of(callback["id_token"])["urn:plan"] == "gold"
    assert claims_of(callback["access_token"])["urn:role"] == "editor"
    visit = ada.tenant.http.get("/userinfo", params={"access_token": callback["access_token"]})
    assert expect(visit, 200)["urn:plan"] == "gold"


def test_an_access_token_of_the_answer_is_valid_for_two_hours(ada: Person, browser: Browser) -> None:
    token = browser.log_in(ada, response_type="token").callback["access_token"]
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] == 7_200
    ada.tenant.advance_clock(7_200)
    assert ada.tenant.http.get("/userinfo", params={"access_token": token}).status_code == 401


def claims_of(token: str) -> Json:
    claims: Json = jwt.decode(token, options={"verify_signature": False})
    return claims
