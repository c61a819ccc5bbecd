"""The login in the browser: what may begin it, its pages, and how it ends."""

import json

import pytest
from local_tenant.testing import PASSWORD, Person, expect
from login_browser import CALLBACK, CHALLENGE, Browser

# What may begin a login


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"client_id": None}, 400),
        ({"client_id": "unknown"}, 403),
        ({"redirect_uri": None}, 400),
        ({"redirect_uri": ""}, 400),
        ({"redirect_uri": "https://example.com/callback"}, 403),
        ({"redirect_uri": "http://localhost:3000/callback#fragment"}, 403),
        ({"redirect_uri": "http://localhost@example.com/"}, 403),
    ],
)
def test_without_a_valid_redirect_uri_the_error_is_a_page(
    browser: Browser, parameters: dict[str, str | None], status: int
) -> None:
    visit = browser.authorize(**parameters)
    assert visit.answer.status_code == status
    assert visit.page.alert
    assert "location" not in visit.answer.headers


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"response_type": "code none"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"response_mode": "jwt"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"audience": "https://api.example.com"}, "access_denied"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_any_other_error_goes_to_the_application(
    browser: Browser, parameters: dict[str, str | None], error: str
) -> None:
    callback = browser.authorize(**parameters).callback
    assert callback["error"] == error
    assert callback["error_description"]
    assert callback["state"] == "the application's own"


def test_a_client_without_the_code_grant_gets_an_error(browser: Browser) -> None:
    management = browser.tenant.ready["management"]["client_id"]
    assert browser.authorize(client_id=management).callback["error"] == "unauthorized_client"


def test_a_repeated_parameter_is_refused(browser: Browser) -> None:
    base = (
        f"/authorize?client_id={browser.tenant.ready['application']['client_id']}&response_type=code"
        f"&redirect_uri={CALLBACK}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
    assert browser.open(base + "&scope=openid&scope=email").callback["error"] == "invalid_request"
    assert browser.open(base + f"&redirect_uri={CALLBACK}").answer.status_code == 400


# Pages


def test_the_pages_have_a_strict_policy_and_no_scripts(ada: Person, browser: Browser) -> None:
    visit = browser.authorize(login_hint=ada.email)
    headers = visit.answer.headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://localhost:3000 http://localhost:* http://*.localhost:* http://127.0.0.1:* "
        "https://localhost:* https://*.localhost:* https://127.0.0.1:*"
    )
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert visit.path == "/u/login"
    assert visit.page.tags.isdisjoint({"script", "style", "iframe", "object"})
    assert visit.page.inputs == {"username": ada.email, "password": ""}


def test_input_and_parameters_are_escaped(browser: Browser) -> None:
    hostile = "\"><script>alert(1)</script>'&@example.com"
    visit = browser.authorize(login_hint=hostile)
    assert visit.page.inputs["username"] == hostile
    assert "script" not in visit.page.tags
    again = browser.send(visit, username=hostile, password="wrong")
    assert again.page.inputs["username"] == hostile
    assert "script" not in again.page.tags
    refused = browser.authorize(redirect_uri=f"http://example.com/{hostile}")
    assert hostile in refused.page.alert
    assert "script" not in refused.page.tags


def test_a_wrong_password_is_an_error_on_the_page_and_is_not_echoed(ada: Person, browser: Browser) -> None:
    visit = browser.send(browser.authorize(), username=ada.email, password="Wrong-password-1")
    assert visit.answer.status_code == 400
    assert visit.page.alert == "Wrong email or password."
    assert visit.page.inputs == {"username": ada.email, "password": ""}
    assert "Wrong-password-1" not in visit.answer.text
    assert browser.send(visit, username=ada.email, password=PASSWORD).callback["code"]


def test_a_form_without_its_fields_is_a_wrong_password(browser: Browser) -> None:
    visit = browser.authorize()
    assert browser.http.post(visit.address, data={}).status_code == 303
    assert browser.open(visit.address + "&again=true").page.alert == "Wrong email or password."
    answer = browser.http.post(visit.address, content="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


# Whose login it is


def test_the_address_of_a_login_page_is_useless_in_another_browser(ada: Person, browser: Browser) -> None:
    visit = browser.authorize()
    with Browser(ada.tenant) as other:
        other.authorize()
        assert other.open(visit.address).answer.status_code == 400
        answer = other.http.post(visit.address, data={"username": ada.email, "password": PASSWORD})
        assert answer.status_code == 400
        assert "location" not in answer.headers
    assert "s" not in ada.tenant.log_types()
    assert browser.send(visit, username=ada.email, password=PASSWORD).at_application


def test_the_cookie_is_host_only_secure_and_http_only(browser: Browser) -> None:
    answer = browser.http.get("/authorize", params=_query(browser))
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-login=")
    for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_one_browser_can_have_several_logins_at_once(ada: Person, browser: Browser) -> None:
    first, second = browser.authorize(state="first"), browser.authorize(state="second")
    assert browser.send(first, username=ada.email, password=PASSWORD).callback["state"] == "first"
    assert browser.send(second, username=ada.email, password=PASSWORD).callback["state"] == "second"


def test_a_login_ends_once(ada: Person, browser: Browser) -> None:
    visit = browser.authorize()
    assert browser.send(visit, username=ada.email, password=PASSWORD).at_application
    again = browser.send(visit, username=ada.email, password=PASSWORD)
    assert again.answer.status_code == 400
    assert not again.at_application


def test_a_login_page_expires_after_an_hour(ada: Person, browser: Browser) -> None:
    visit = browser.authorize()
    ada.tenant.advance_clock(3_601)
    late = browser.send(visit, username=ada.email, password=PASSWORD)
    assert late.answer.status_code == 400
    assert "took too long" in late.page.alert


@pytest.mark.parametrize("path", ["login", "mfa-otp-enrollment", "mfa-otp-challenge", "mfa-recovery-code-challenge"])
def test_a_page_without_a_login_is_an_error(browser: Browser, path: str) -> None:
    for address in (f"/u/{path}", f"/u/{path}?state=made-up"):
        assert browser.open(address).answer.status_code == 400
        assert browser.http.post(address, data={"code": "000000"}).status_code == 400


@pytest.mark.parametrize("path", ["mfa-otp-enrollment", "mfa-otp-challenge", "mfa-recovery-code-challenge"])
def test_no_factor_page_opens_before_the_right_password(ada: Person, browser: Browser, path: str) -> None:
    visit = browser.authorize()
    address = visit.address.replace("/u/login", f"/u/{path}")
    assert browser.open(address).answer.status_code == 400
    assert browser.http.post(address, data={"code": "000000"}).status_code == 400
    assert browser.send(visit, username=ada.email, password=PASSWORD).at_application


# What Actions see and decide


def test_actions_see_the_query_of_the_application_and_the_protocol(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.user.setUserMetadata('seen', { request: event.request, transaction: event.transaction }); };"
    )
    browser.log_in(ada, **{"ext-campaign": "spring", "custom": "1", "prompt": "login", "acr_values": "a b"})
    event = ada.profile()["user_metadata"]["seen"]
    transaction = event["transaction"]
    assert transaction["protocol"] == "oidc-basic-profile"
    assert transaction["redirect_uri"] == CALLBACK
    assert transaction["response_type"] == ["code"]
    assert transaction["requested_scopes"] == ["openid", "email"]
    assert (transaction["prompt"], transaction["acr_values"]) == (["login"], ["a", "b"])
    assert transaction["state"] == "the application's own"
    assert transaction["id"]
    assert event["request"]["query"]["ext-campaign"] == "spring"
    assert event["request"]["query"]["custom"] == "1"
    assert event["request"]["body"] == {}
    assert PASSWORD not in json.dumps(event)


def test_a_denial_goes_to_the_application(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('not <today>'); };")
    visit = browser.authorize()
    callback = browser.send(visit, username=ada.email, password=PASSWORD).callback
    assert callback == {"error": "access_denied", "error_description": "not <today>", "state": "the application's own"}
    assert browser.open(visit.address).answer.status_code == 400


def test_an_action_that_throws_gives_no_code(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async () => { throw new Error('broken'); };")
    assert browser.log_in(ada).callback["error"] == "access_denied"


def test_a_blocked_user_gets_no_code(ada: Person, browser: Browser) -> None:
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    assert browser.log_in(ada).callback["error"] == "unauthorized"


def _query(browser: Browser) -> dict[str, str]:
    return {
        "client_id": browser.tenant.ready["application"]["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
    }
