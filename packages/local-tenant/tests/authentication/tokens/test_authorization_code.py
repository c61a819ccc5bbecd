"""The exchange of a code: which tokens it gives, to whom, and only once."""

from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from local_tenant.testing import Person, expect, expect_error
from local_tenant.testing.process import trusted
from login_browser import CALLBACK, VERIFIER, Browser, redeem
from stored import stored_bytes


def code_of(browser: Browser, person: Person, **parameters: str | None) -> str:
    return browser.log_in(person, **{"prompt": "login", **parameters}).callback["code"]


def test_a_code_is_exchanged_for_tokens_about_the_user(ada: Person, browser: Browser) -> None:
    callback = browser.log_in(ada).callback
    assert set(callback) == {"code", "state"}
    assert callback["state"] == "the application's own"

    answer = redeem(ada, callback["code"])

    tokens = expect(answer, 200)
    assert answer.headers["cache-control"] == "no-store"
    assert set(tokens) == {"access_token", "id_token", "scope", "expires_in", "token_type"}
    assert tokens["scope"] == "openid email"
    context = trusted(ada.tenant.ready)
    keys = jwt.PyJWKClient(f"{ada.tenant.url}/.well-known/jwks.json", ssl_context=context)
    claims = jwt.decode(
        tokens["id_token"],
        keys.get_signing_key_from_jwt(tokens["id_token"]),
        algorithms=["RS256"],
        audience=ada.application["client_id"],
        issuer=f"{ada.tenant.url}/",
    )
    assert (claims["sub"], claims["email"], claims["nonce"]) == (ada.user_id, ada.email, "a-nonce")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert expect(ada.tenant.http.get("/userinfo", headers=headers), 200)["sub"] == ada.user_id


def test_offline_access_gives_a_refresh_token(ada: Person, browser: Browser) -> None:
    tokens = expect(redeem(ada, code_of(browser, ada, scope="openid offline_access")), 200)
    expect(ada.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), 200)


def test_a_code_is_valid_once_and_its_reuse_revokes_the_refresh_token(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada, scope="openid offline_access")
    refresh_token = expect(redeem(ada, code), 200)["refresh_token"]
    expect_error(redeem(ada, code), 403, "invalid_grant", "Invalid authorization code")
    expect_error(ada.token(grant_type="refresh_token", refresh_token=refresh_token), 403, "invalid_grant")
    expect_error(redeem(ada, code), 403, "invalid_grant", "Invalid authorization code")


def test_the_reuse_of_one_code_leaves_the_users_other_logins_alone(ada: Person, browser: Browser) -> None:
    other = expect(redeem(ada, code_of(browser, ada, scope="openid offline_access")), 200)["refresh_token"]
    code = code_of(browser, ada, scope="openid offline_access")
    expect(redeem(ada, code), 200)
    expect_error(redeem(ada, code), 403, "invalid_grant")
    expect(ada.token(grant_type="refresh_token", refresh_token=other), 200)


def test_of_concurrent_exchanges_at_most_one_succeeds_and_no_refresh_token_stays(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada, scope="openid offline_access")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: redeem(ada, code), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 5
    (tokens,) = [answer.json() for answer in answers if answer.status_code == 200]
    expect_error(ada.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), 403, "invalid_grant")


def test_a_code_expires_after_ten_minutes(ada: Person, browser: Browser) -> None:
    in_time, late = code_of(browser, ada), code_of(browser, ada)
    ada.tenant.advance_clock(540)
    expect(redeem(ada, in_time), 200)
    ada.tenant.advance_clock(60)
    expect_error(redeem(ada, late), 403, "invalid_grant", "Invalid authorization code")


def test_a_code_is_valid_for_its_own_redirect_uri_alone(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada)
    for other in ("http://localhost:3000/other", CALLBACK + "/", None):
        answer = redeem(ada, code, redirect_uri=other)
        expect_error(answer, 403, "unauthorized_client")
        assert "The redirect URI is wrong." in answer.json()["error_description"]
    expect(redeem(ada, code), 200)


@pytest.mark.parametrize("verifier", [None, "", VERIFIER + "4", VERIFIER[:-1], "x"])
def test_a_code_is_valid_with_its_own_verifier_alone(ada: Person, browser: Browser, verifier: str | None) -> None:
    code = code_of(browser, ada)
    answer = redeem(ada, code, code_verifier=verifier)
    expect_error(answer, 403, "invalid_grant", "Failed to verify code verifier")
    expect(redeem(ada, code), 200)


def test_without_a_challenge_the_secret_is_enough_and_a_verifier_is_an_error(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada, code_challenge=None, code_challenge_method=None)
    expect_error(redeem(ada, code), 403, "invalid_grant", "Failed to verify code verifier")
    expect(redeem(ada, code, code_verifier=None), 200)


def test_a_code_is_for_its_own_client_which_must_authenticate(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada)
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": ada.application["client_id"],
    }
    expect_error(ada.tenant.http.post("/oauth/token", json=body), 401, "access_denied")
    management = ada.tenant.http.post("/oauth/token", json={**body, **ada.tenant.ready["management"]})
    expect_error(management, 403, "unauthorized_client", "Grant type 'authorization_code' not allowed for the client.")
    expect(redeem(ada, code), 200)


def test_an_unknown_code_is_refused(ada: Person) -> None:
    expect_error(redeem(ada, "made-up"), 403, "invalid_grant", "Invalid authorization code")
    expect_error(redeem(ada, ""), 400, "invalid_request", "Missing required parameter: code")


def test_a_user_who_was_blocked_or_deleted_meanwhile_gets_no_tokens(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada)
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    expect_error(redeem(ada, code), 401, "unauthorized", "user is blocked")
    assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}").status_code == 204
    expect_error(redeem(ada, code), 403, "invalid_grant", "Invalid authorization code")


def test_the_tokens_have_the_actions_claims_and_scopes(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.idToken.setCustomClaim('https://example.com/color', event.request.query.ext_color);"
        " api.accessToken.addScope('extra'); };"
    )
    tokens = expect(redeem(ada, code_of(browser, ada, ext_color="green")), 200)
    assert tokens["scope"] == "openid email extra"
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["https://example.com/color"] == "green"


def test_the_code_is_nowhere_in_the_tenants_folder(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada)
    content = stored_bytes(ada.tenant)
    assert code.encode() not in content


def test_the_log_has_exchanges(ada: Person, browser: Browser) -> None:
    code = code_of(browser, ada)
    expect(redeem(ada, code), 200)
    expect_error(redeem(ada, code), 403, "invalid_grant")
    assert [kind for kind in ada.tenant.log_types() if kind in {"s", "seacft", "feacft"}] == ["s", "seacft", "feacft"]
