"""The page that asks before single sign-on to a loopback callback, for an application that is tried with it."""

import pytest
from authentication.browser.visits import tokens
from local_tenant.testing import Enrolled, Person, TenantClient
from login_browser import Browser

PROPERTY = "skip_non_verifiable_callback_uri_confirmation_prompt"


@pytest.fixture
def asked(tenant: TenantClient) -> None:
    """The application asks."""
    tenant.change_client(tenant.ready["application"]["client_id"], **{PROPERTY: False})


def test_nobody_is_asked_unless_the_application_says_so(ada: Person, browser: Browser, tenant: TenantClient) -> None:
    assert browser.log_in(ada).at_application
    for value in (True, None):
        tenant.change_client(tenant.ready["application"]["client_id"], **{PROPERTY: value})
        assert browser.authorize().at_application
        assert "code" in browser.authorize(prompt="none").callback


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_single_sign_on_asks_and_goes_on(ada: Person, browser: Browser, mode: str) -> None:
    assert browser.log_in(ada).at_application
    shown = browser.authorize(response_mode=mode)
    assert (shown.path, shown.page.heading) == ("/u/confirm-login", "Is this you?")
    assert shown.answer.headers["x-frame-options"] == "DENY"
    after = browser.send(shown)
    if mode == "query":
        assert tokens(ada, after)["access_token"]
    else:
        assert "code" in after.page.inputs


@pytest.mark.usefixtures("asked")
def test_without_a_confirmation_there_is_no_answer(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    shown = browser.authorize()
    resumed = shown.address.replace("/u/confirm-login", "/authorize/resume")
    assert browser.open(resumed).path == "/u/confirm-login"
    with Browser(ada.tenant) as other:
        assert other.http.post(shown.address).status_code == 400
    assert browser.open(resumed).path == "/u/confirm-login"
    assert browser.send(shown).at_application
    assert browser.send(shown).answer.status_code == 400


@pytest.mark.usefixtures("asked")
def test_a_login_with_a_page_is_not_asked_again(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    challenge = browser.log_in(ada)
    assert browser.send(challenge, code=enrolled.app.next_code()).at_application
    again = browser.authorize()
    assert again.path == "/u/mfa-otp-challenge"
    assert browser.send(again, code=enrolled.app.next_code()).at_application


@pytest.mark.usefixtures("asked")
def test_silent_authentication_is_refused(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    assert browser.authorize(prompt="none").callback["error"] == "interaction_required"
    assert ada.tenant.log_types()[-1] == "fsa"


@pytest.mark.usefixtures("asked")
def test_a_denial_in_a_session_is_not_confirmed(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    ada.tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('no'); };")
    assert browser.authorize().callback["error"] == "access_denied"


def test_a_page_without_a_login_asks_nothing(browser: Browser) -> None:
    assert browser.open("/u/confirm-login?state=x").answer.status_code == 400
    state = browser.authorize().address.partition("?")[2]
    assert browser.open(f"/u/confirm-login?{state}").answer.status_code == 400
