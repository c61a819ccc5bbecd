"""How an answer reaches the application: by redirect, in a form, or from one window to another."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authentication.browser.visits import SEES, last_event
from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.authentication import redirect_uris
from local_tenant.testing import PASSWORD, AuthenticatorApp, Json, Person, TenantClient, expect
from login_browser import CALLBACK, CHALLENGE, Browser, Visit, redeem
from properties import EMPTIED_ONCE

FORM_TARGETS = " ".join(redirect_uris.csp_form_targets(CALLBACK))
PAGES = ("form_post", "web_message")


def message(answer: httpx.Response) -> Json:
    """What the page of web_message posts: `{origin, response}`."""
    assert answer.status_code == 200, answer.text
    (content,) = re.findall(r'<script id="answer" type="application/json" nonce="[^"]+">(.*?)</script>', answer.text)
    posted: Json = json.loads(content)
    assert set(posted) == {"origin", "response"}
    return posted


def by_message(visit: Visit) -> dict[str, str]:
    response: dict[str, str] = message(visit.answer)["response"]
    return response


def by_form(visit: Visit) -> dict[str, str]:
    assert visit.answer.status_code == 200
    assert visit.page.form == ("post", CALLBACK), visit.answer.text
    return visit.page.inputs


def in_query(visit: Visit) -> dict[str, str]:
    assert not urlsplit(visit.address).fragment
    return visit.callback


def in_fragment(visit: Visit) -> dict[str, str]:
    assert not urlsplit(visit.address).query
    return visit.callback


READERS: dict[str, Callable[[Visit], dict[str, str]]] = {
    "query": in_query,
    "fragment": in_fragment,
    "form_post": by_form,
    "web_message": by_message,
}
TOKEN_MODES = [mode for mode in READERS if mode != "query"]


@pytest.mark.parametrize("mode", READERS)
def test_every_mode_brings_the_code_after_a_login_and_in_a_session(ada: Person, browser: Browser, mode: str) -> None:
    ada.tenant.bind_action(SEES)
    for visit in (browser.log_in(ada, response_mode=mode), browser.authorize(response_mode=mode)):
        response = READERS[mode](visit)
        assert set(response) == {"code", "state"}
        assert response["state"] == "the application's own"
        expect(redeem(ada, response["code"]), 200)
        assert last_event(ada)["transaction"]["response_mode"] == mode


@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "x"}, "invalid_request"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"audience": "https://nothing.example"}, "access_denied"),
    ],
)
def test_errors_come_by_the_mode_that_was_asked_for(
    browser: Browser, mode: str, parameters: dict[str, str], error: str
) -> None:
    response = READERS[mode](browser.authorize(**{"response_mode": mode, **parameters}))
    assert set(response) == {"error", "error_description", "state"}
    assert response["error"] == error


@pytest.mark.parametrize("mode", READERS)
def test_a_denial_comes_by_the_mode_that_was_asked_for(ada: Person, browser: Browser, mode: str) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async (e, api) => { api.access.deny('</script><b>'); };")
    response = READERS[mode](browser.log_in(ada, response_mode=mode))
    assert (response["error"], response["error_description"]) == ("access_denied", "</script><b>")


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "code id_token token"])
def test_tokens_in_a_query_are_refused_in_the_fragment(browser: Browser, response_type: str) -> None:
    visit = browser.authorize(response_type=response_type, response_mode="query")
    assert in_fragment(visit)["error"] == "invalid_request"


def test_without_a_mode_codes_come_in_the_query_and_tokens_in_the_fragment(ada: Person, browser: Browser) -> None:
    assert set(in_query(browser.log_in(ada))) == {"code", "state"}
    assert "code" in in_fragment(browser.authorize(response_type="code token"))
    assert in_query(browser.authorize(response_mode="jwt"))["error"] == "invalid_request"
    assert in_fragment(browser.authorize(response_type="token", response_mode="jwt"))["error"] == "invalid_request"


@pytest.mark.parametrize("mode", TOKEN_MODES)
def test_no_address_of_the_tenant_holds_a_code_or_a_token(ada: Person, browser: Browser, mode: str) -> None:
    """Addresses end up in histories, logs and Referers."""
    addresses = []
    browser.http.event_hooks["request"].append(lambda request: addresses.append(str(request.url)))
    response = READERS[mode](browser.log_in(ada, response_mode=mode, response_type="code id_token token"))
    assert addresses
    for secret in ("code", "id_token", "access_token"):
        assert not [address for address in addresses if response[secret] in address]


def test_an_answer_is_given_once(ada: Person, browser: Browser) -> None:
    visit = browser.log_in(ada, response_mode="form_post")
    assert visit.path == "/authorize/resume"
    again = browser.open(visit.address)
    assert again.answer.status_code == 400
    assert "does not belong to a login" in again.page.alert


def test_an_answer_is_for_the_browser_that_logged_in(ada: Person, browser: Browser) -> None:
    address = logged_in(ada, browser)
    assert address.startswith("/authorize/resume?state=")
    with Browser(ada.tenant) as other:
        assert other.open(address).answer.status_code == 400
    assert "code" in browser.open(address).callback


def test_a_login_that_is_not_over_has_no_answer(ada: Person, browser: Browser) -> None:
    state = urlsplit(browser.authorize().address).query
    assert browser.open(f"/authorize/resume?{state}").answer.status_code == 400
    ada.tenant.bind_action()
    assert browser.log_in(ada).path == "/u/mfa-otp-enrollment"
    assert browser.http.get("/authorize/resume").status_code == 400
    assert browser.http.head("/authorize/resume").status_code == 405


def test_a_user_who_is_blocked_meanwhile_gets_no_answer(ada: Person, browser: Browser) -> None:
    address = logged_in(ada, browser)
    ada.change(blocked=True)
    assert browser.open(address).callback["error"] == "unauthorized"


def test_a_new_password_or_a_revoked_session_ends_a_login_that_was_not_answered(ada: Person, browser: Browser) -> None:
    address = logged_in(ada, browser)
    (session,) = expect(ada.tenant.api.get(f"/api/v2/users/{ada.user_id}/sessions"), 200)["sessions"]
    assert ada.tenant.api.post(f"/api/v2/sessions/{session['id']}/revoke").status_code == 202
    assert browser.open(address).answer.status_code == 400
    address = logged_in(ada, browser)
    ada.change(password="An0ther-password")
    assert browser.open(address).answer.status_code == 400


def logged_in(person: Person, browser: Browser) -> str:
    """The address of the answer of a login that is over."""
    form = browser.authorize()
    answer = browser.http.post(form.address, data={"username": person.email, "password": PASSWORD})
    return str(answer.headers["location"])


# The request by POST


def test_a_request_may_be_sent_as_a_form(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    parameters = {
        "client_id": ada.application["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "id_token",
        "response_mode": "form_post",
        "scope": "openid",
        "nonce": "n",
        "state": "a b&c=d",
    }
    visit = browser.arrive(browser.http.post("/authorize", data=parameters))
    assert by_form(visit)["state"] == "a b&c=d"
    twice = browser.arrive(browser.http.post("/authorize?scope=email", data=parameters))
    assert by_form(twice)["error"] == "invalid_request"
    assert browser.http.post("/authorize", data={}).is_redirect
    assert browser.http.post("/authorize", content=b"\xff" * 9).status_code == 400
    # In the Location of the answer it would be longer than clients read.
    assert browser.http.post("/authorize", data={**parameters, "state": "s" * 40_000}).status_code == 413


# The pages


def test_a_window_of_another_origin_gets_no_message(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    visit = browser.authorize(prompt="none", response_mode="web_message", redirect_uri="http://LOCALHOST:3000/cb?a=b")
    posted = message(visit.answer)
    assert posted["origin"] == "http://localhost:3000"
    assert 'postMessage({type: "authorization_response", response}, origin)' in visit.answer.text
    answer = redeem(ada, posted["response"]["code"], redirect_uri="http://LOCALHOST:3000/cb?a=b")
    assert expect(answer, 200)["id_token"]


def test_a_challenged_login_in_a_popup_ends_with_a_message(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolment = browser.log_in(ada, response_mode="web_message")
    code_page = browser.send(enrolment, code=AuthenticatorApp(ada.tenant, enrolment.page.by_id["secret"]).code())
    expect(redeem(ada, by_message(browser.send(code_page))["code"]), 200)


@pytest.mark.parametrize("mode", PAGES)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=20, deadline=None, suppress_health_check=EMPTIED_ONCE)
def test_no_value_escapes_its_element(browser: Browser, mode: str, text: str) -> None:
    hostile = f"\"'>{text}</script><script>alert(1)</script><!--\u2028\u2029{text}"
    visit = browser.authorize(prompt="none", response_mode=mode, state=hostile)
    if mode == "web_message":
        assert by_message(visit)["state"] == hostile
        assert "<!--" not in visit.answer.text
        assert not {"\u2028", "\u2029"} & set(visit.answer.text)
    # A form's value is normalized by HTML, not by the tenant.
    assert visit.answer.text.count("<script") == visit.answer.text.count("</script") == (1 + (mode == "web_message"))


@pytest.mark.parametrize(
    ("mode", "more", "referrer"),
    [
        ("web_message", "", "no-referrer"),
        ("form_post", f"; style-src 'self'; img-src 'self'; form-action {FORM_TARGETS}", "strict-origin"),
    ],
)
def test_a_page_runs_only_its_script_in_a_frame_of_the_application_only(
    browser: Browser, mode: str, more: str, referrer: str
) -> None:
    def page() -> tuple[httpx.Response, str]:
        answer = browser.authorize(prompt="none", response_mode=mode).answer
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.text))
        return answer, nonce

    answer, nonce = page()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors http://localhost:3000{more}"
    )
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == referrer
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page()[1] != nonce
    # No other page of a login can be framed.
    assert browser.authorize(response_mode=mode).answer.headers["x-frame-options"] == "DENY"


def test_without_javascript_the_form_has_a_button(browser: Browser) -> None:
    text = browser.authorize(prompt="none", response_mode="form_post").answer.text
    assert re.search(r"<noscript>.*<button[^>]*>Continue</button>.*</noscript>", text)


@pytest.mark.parametrize("mode", READERS)
@pytest.mark.parametrize(
    "redirect_uri",
    [
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
def test_no_other_origin_gets_an_answer(browser: Browser, mode: str, redirect_uri: str) -> None:
    visit = browser.authorize(response_mode=mode, prompt="none", redirect_uri=redirect_uri)
    assert visit.answer.status_code == 403
    assert {"script", "form"}.isdisjoint(visit.page.tags)


@pytest.mark.parametrize("mode", READERS)
def test_any_state_comes_back_unchanged(ada: Person, browser: Browser, mode: str, tenant: TenantClient) -> None:
    browser.log_in(ada)
    state = "a b&c=d#e%20\r\nSet-Cookie: x=y\u2028é"
    query = {
        "client_id": tenant.ready["application"]["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "response_mode": mode,
        "state": state,
    }
    answer = browser.http.get("/authorize", params=query)
    if answer.is_redirect:
        parts = urlsplit(answer.headers["location"])
        assert dict(parse_qsl(parts.query or parts.fragment))["state"] == state
    elif mode == "web_message":
        assert message(answer)["response"]["state"] == state
    assert "x" not in answer.cookies
