"""prompt=none: an answer without a page; and response_mode=web_message, the answer from one window to another."""

import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from authentication.browser.visits import SEES, claims, cookie, plant, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.testing import PASSWORD, AuthenticatorApp, Json, Person, expect
from login_browser import CALLBACK, CHALLENGE, Browser, redeem
from properties import EMPTIED_ONCE

WEB_MESSAGE = "/authorize/web-message"


# Silence


def test_a_known_browser_gets_a_code(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    first = claims(ada, browser.log_in(ada))
    again = claims(ada, browser.authorize(prompt="none"))
    assert (again["sub"], again["sid"]) == (ada.user_id, first["sid"])
    assert seen(ada)["transaction"]["prompt"] == ["none"]
    assert (seen(ada)["times"], seen(ada)["stats"]) == (2, {"logins_count": 1})


def test_an_unknown_browser_gets_login_required_and_no_cookie(ada: Person, browser: Browser) -> None:
    shown = browser.authorize(prompt="none")
    assert shown.answered == {
        "error": "login_required",
        "error_description": "Login required",
        "state": "the application's own",
    }
    assert "set-cookie" not in shown.answer.headers
    assert ada.tenant.log_types()[-1] == "fsa"


def test_a_challenge_is_an_error_and_leaves_no_pending_login(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    ada.tenant.bind_action()
    ada.enrol()
    answered = browser.authorize(prompt="none").answered
    assert (answered["error"], answered["error_description"]) == (
        "login_required",
        "Multifactor authentication required",
    )
    entry = ada.tenant.api.get("/api/v2/logs").json()[0]
    assert (entry["type"], entry["description"], entry["user_id"]) == (
        "fsa",
        "Multifactor authentication required",
        ada.user_id,
    )
    assert browser.authorize().path == "/u/mfa-otp-challenge"


@pytest.mark.parametrize(
    ("body", "error", "description"),
    [
        ("api.access.deny('closed');", "access_denied", "closed"),
        ("throw new Error('broken');", "access_denied", "broken"),
        ("api.redirect.sendUserTo('https://example.com/');", "interaction_required", None),
        ("api.authentication.challengeWith({ type: 'otp' });", "access_denied", None),
        ("api.authentication.enrollWith({ type: 'otp' });", "login_required", None),
        ("api.access.deny(String(api.redirect.canRedirect()));", "access_denied", "false"),
    ],
)
def test_a_denial_of_the_actions_is_the_error(
    ada: Person,
    browser: Browser,
    body: str,
    error: str,
    description: str | None,
) -> None:
    browser.log_in(ada)
    ada.tenant.bind_action(f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};")
    answered = browser.authorize(prompt="none").answered
    assert answered["error"] == error
    assert answered["state"] == "the application's own"
    if description is not None:
        assert answered["error_description"] == description
    assert ada.tenant.log_types()[-1] == "fsa"


@pytest.mark.parametrize("prompt", ["none login", "login none", "none none", "none consent"])
def test_prompt_none_cannot_be_combined(ada: Person, browser: Browser, prompt: str) -> None:
    browser.log_in(ada)
    assert browser.authorize(prompt=prompt).answered["error"] == "invalid_request"


def test_a_blocked_users_session_does_not_answer(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    opened = cookie(browser)
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    assert browser.authorize(prompt="none").answered["error"] == "login_required"
    plant(browser, opened)
    assert browser.authorize(prompt="none").answered["error"] == "login_required"


# The page with the answer


def message(answer: httpx.Response) -> Json:
    """What the page posts: `{origin, response}`."""
    assert answer.status_code == 200, answer.text
    (content,) = re.findall(r'<script id="answer" type="application/json" nonce="[^"]+">(.*?)</script>', answer.text)
    told: Json = json.loads(content)
    assert set(told) == {"origin", "response"}
    return told


def test_the_response_page_posts_to_the_origin_of_the_application(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    shown = browser.authorize(prompt="none", response_mode="web_message", redirect_uri="http://LOCALHOST:3000/cb?a=b")
    assert shown.path == WEB_MESSAGE
    told = message(shown.answer)
    assert told["origin"] == "http://localhost:3000"
    assert set(told["response"]) == {"code", "state"}
    assert told["response"]["state"] == "the application's own"
    assert 'postMessage({type: "authorization_response", response}, origin)' in shown.answer.text
    answer = redeem(ada, told["response"]["code"], redirect_uri="http://LOCALHOST:3000/cb?a=b")
    assert expect(answer, 200)["id_token"]


def test_a_popup_shows_the_login_and_ends_with_such_a_page(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolment = browser.log_in(ada, response_mode="web_message")
    kept = browser.send(enrolment, code=AuthenticatorApp(ada.tenant, enrolment.page.by_id["secret"]).code())
    told = message(browser.send(kept).answer)
    expect(redeem(ada, told["response"]["code"]), 200)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({}, "login_required"),
        ({"max_age": "x"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_errors_come_the_same_way(browser: Browser, parameters: dict[str, str], error: str) -> None:
    shown = browser.authorize(**{"prompt": "none", "response_mode": "web_message", **parameters})
    assert shown.path == WEB_MESSAGE
    response = message(shown.answer)["response"]
    assert set(response) == {"error", "error_description", "state"}
    assert response["error"] == error


def test_a_denial_comes_the_same_way(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async (e, api) => { api.access.deny('</script><b>'); };")
    page = browser.authorize(response_mode="web_message")
    shown = browser.send(page, username=ada.email, password=PASSWORD)
    assert message(shown.answer)["response"]["error_description"] == "</script><b>"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=EMPTIED_ONCE)
def test_no_value_escapes_its_element(browser: Browser, text: str) -> None:
    hostile = f"{text}</script><script>alert(1)</script><!--\u2028\u2029{text}"
    answer = browser.http.get(WEB_MESSAGE, params={"redirect_uri": CALLBACK, "state": hostile})
    assert message(answer)["response"] == {"state": hostile}
    assert answer.text.count("<script") == answer.text.count("</script") == 2
    assert "<!--" not in answer.text
    assert not {"\u2028", "\u2029"} & set(answer.text)


def test_the_page_runs_only_its_script_in_a_frame_of_the_application_only(browser: Browser) -> None:
    def page() -> tuple[httpx.Response, str]:
        answer = browser.authorize(prompt="none", response_mode="web_message").answer
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.text))
        return answer, nonce

    answer, nonce = page()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors http://localhost:3000"
    )
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page()[1] != nonce
    # No other page of a login can be framed.
    assert browser.authorize(response_mode="web_message").answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "",
        "https://example.com/callback",
        "//example.com",
        "http://localhost@example.com/",
        "http://localhost:3000#x",
        "http://localhost:3000;script-src *",
        "http://example.com[::1]/",
        "http://[::1];script-src/",
        "javascript:alert(1)",
    ],
)
def test_no_other_origin_gets_a_response(browser: Browser, redirect_uri: str | None) -> None:
    query = {"code": "c", "state": "s", **({} if redirect_uri is None else {"redirect_uri": redirect_uri})}
    answer = browser.http.get(WEB_MESSAGE, params=query)
    assert answer.status_code == 403
    assert "script" not in answer.text
    asked = browser.authorize(response_mode="web_message", prompt="none", redirect_uri=redirect_uri)
    assert asked.answer.status_code == (403 if redirect_uri else 400)


def test_the_address_gets_no_other_parameters(browser: Browser) -> None:
    query = urlencode({"redirect_uri": CALLBACK, "code": "c", "id_token": "t", "origin": "https://example.com"})
    told = message(browser.open(f"{WEB_MESSAGE}?{query}").answer)
    assert told == {"origin": "http://localhost:3000", "response": {"code": "c"}}


def test_any_state_comes_back_unchanged(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    state = "a b&c=d#e%20\r\nSet-Cookie: x=y\u2028é"
    for mode in ("query", "web_message"):
        query = {
            "client_id": ada.application["client_id"],
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "response_mode": mode,
            "state": state,
        }
        answer = browser.http.get("/authorize", params=query)
        assert answer.status_code == 302
        assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == [state]
        assert "x" not in answer.cookies
