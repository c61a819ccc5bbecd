"""prompt=none: an answer without a page."""

import pytest
from authentication.browser.visits import SEES, claims, cookie, last_event, plant
from local_tenant.testing import Person, expect
from login_browser import Browser


def test_a_known_browser_gets_a_code(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    first = claims(ada, browser.log_in(ada))
    again = claims(ada, browser.authorize(prompt="none"))
    assert (again["sub"], again["sid"]) == (ada.user_id, first["sid"])
    assert last_event(ada)["transaction"]["prompt"] == ["none"]
    assert (last_event(ada)["times"], last_event(ada)["stats"]) == (2, {"logins_count": 1})


def test_an_unknown_browser_gets_login_required_and_no_cookie(ada: Person, browser: Browser) -> None:
    visit = browser.authorize(prompt="none")
    assert visit.callback == {
        "error": "login_required",
        "error_description": "Login required",
        "state": "the application's own",
    }
    assert "set-cookie" not in visit.answer.headers
    assert ada.tenant.log_types()[-1] == "fsa"


def test_a_challenge_is_an_error_and_leaves_no_pending_login(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    ada.tenant.bind_action()
    ada.enrol()
    callback = browser.authorize(prompt="none").callback
    assert (callback["error"], callback["error_description"]) == (
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
    ada: Person, browser: Browser, body: str, error: str, description: str | None
) -> None:
    browser.log_in(ada)
    ada.tenant.bind_action(f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};")
    callback = browser.authorize(prompt="none").callback
    assert callback["error"] == error
    assert callback["state"] == "the application's own"
    if description is not None:
        assert callback["error_description"] == description
    assert ada.tenant.log_types()[-1] == "fsa"


@pytest.mark.parametrize("prompt", ["none login", "login none", "none none", "none consent"])
def test_prompt_none_cannot_be_combined(ada: Person, browser: Browser, prompt: str) -> None:
    browser.log_in(ada)
    assert browser.authorize(prompt=prompt).callback["error"] == "invalid_request"


def test_a_blocked_users_session_does_not_answer(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    opened = cookie(browser)
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    assert browser.authorize(prompt="none").callback["error"] == "login_required"
    plant(browser, opened)
    assert browser.authorize(prompt="none").callback["error"] == "login_required"
