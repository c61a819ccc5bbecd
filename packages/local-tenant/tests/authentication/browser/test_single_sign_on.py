"""Single sign-on: a logged-in browser gets a code without a page, and the Actions still run."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from authentication.browser.visits import SEES, claims, cookie, knows, last_event, plant, tokens
from hypothesis import example, given, settings
from hypothesis import strategies as st
from local_tenant.testing import PASSWORD, Person, TenantClient, expect
from login_browser import Browser, Visit
from properties import EMPTIED_ONCE

FIRST_LOGIN_SKIPS_MFA = """
exports.onExecutePostLogin = async (event, api) => {
  if (event.stats.logins_count > 1) api.multifactor.enable("any");
};
"""


# Without a page


def test_the_second_request_of_a_browser_gets_a_code_without_a_page(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    again = browser.authorize(state="again", nonce="another")
    assert again.callback["state"] == "again"
    assert claims(ada, again)["sub"] == ada.user_id
    assert again.answer.headers["cache-control"] == "no-store"


def test_another_browser_is_asked_for_the_password(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    with Browser(ada.tenant) as other:
        assert other.authorize().path == "/u/login"


def test_signing_up_begins_a_session_too(tenant: TenantClient, browser: Browser) -> None:
    page = browser.authorize(screen_hint="signup")
    assert page.path == "/u/signup"
    assert browser.send(page, email="grace@example.com", password=PASSWORD).at_application
    assert knows(browser)
    # There is nobody to sign up where somebody is known (documented: screen_hint alone does not override a session).
    assert browser.authorize(screen_hint="signup").at_application
    assert browser.authorize(screen_hint="signup", prompt="login").path == "/u/signup"
    assert browser.authorize(prompt="create").path == "/u/signup"
    assert tenant.log_types().count("ss") == 1


def test_a_login_at_the_token_endpoint_has_no_session(ada: Person) -> None:
    ada.tenant.bind_action(SEES)
    answer = ada.log_in(scope="openid offline_access")
    assert "set-cookie" not in answer.headers
    assert "session" not in last_event(ada)
    expect(ada.token(grant_type="refresh_token", refresh_token=expect(answer, 200)["refresh_token"]), 200)
    assert "session" not in last_event(ada)


def test_a_wrong_password_neither_begins_nor_ends_a_session(ada: Person, browser: Browser) -> None:
    browser.send(browser.authorize(), username=ada.email, password="Wrong-password-1")
    assert cookie(browser) is None
    browser.log_in(ada)
    browser.send(browser.authorize(prompt="login"), username=ada.email, password="Wrong-password-1")
    assert knows(browser)


# What Actions see


def test_actions_run_at_each_visit_without_a_higher_logins_count(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    browser.log_in(ada)
    first = ada.profile()
    for times in (2, 3):
        assert browser.authorize().at_application
        assert (last_event(ada)["times"], last_event(ada)["stats"]) == (times, {"logins_count": 1})
    after = ada.profile()
    assert {name: after[name] for name in ("logins_count", "last_login", "last_ip")} == {
        name: first[name] for name in ("logins_count", "last_login", "last_ip")
    }
    browser.log_in(ada, prompt="login")
    assert last_event(ada)["stats"] == {"logins_count": 2}
    assert ada.profile()["logins_count"] == 2


def test_the_event_has_the_session_and_its_authentication_methods(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    sid = claims(ada, browser.log_in(ada))["sid"]
    begun = last_event(ada)
    ada.tenant.advance_clock(3_600)
    browser.http.headers["User-Agent"] = "another browser"
    browser.authorize()
    later = last_event(ada)

    client_id = ada.application["client_id"]
    assert begun["session"]["clients"] == []
    assert later["session"]["clients"] == [{"client_id": client_id}]
    for event in (begun, later):
        session = event["session"]
        assert set(session) == {
            *("id", "user_id", "created_at", "authenticated_at", "updated_at", "expires_at", "idle_expires_at"),
            *("clients", "cookie", "device", "last_interacted_at", "metadata"),
        }
        assert (session["id"], session["user_id"], session["metadata"]) == (sid, ada.user_id, {})
        assert [method["name"] for method in event["methods"]] == ["pwd"]
        assert event["transaction"]["protocol"] == "oidc-basic-profile"
    assert begun["methods"] == later["methods"]
    assert begun["methods"][0]["timestamp"] <= begun["session"]["authenticated_at"]
    same = ("created_at", "authenticated_at", "expires_at")
    assert [begun["session"][name] for name in same] == [later["session"][name] for name in same]
    assert begun["session"]["updated_at"] < later["session"]["updated_at"]
    assert begun["session"]["idle_expires_at"] < later["session"]["idle_expires_at"]
    assert later["session"]["device"]["last_user_agent"] == "another browser"
    assert later["session"]["device"]["initial_user_agent"].startswith("python-httpx")
    assert later["session"]["device"]["initial_ip"] == later["session"]["device"]["last_ip"] == "127.0.0.1"


def test_one_session_serves_every_application_and_lists_them(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    server, single_page = ada.application["client_id"], ada.tenant.ready["single_page_application"]["client_id"]
    browser.log_in(ada)
    for client_id in (single_page, server, single_page):
        assert browser.authorize(client_id=client_id).at_application
    assert last_event(ada)["session"]["clients"] == [{"client_id": server}, {"client_id": single_page}]


def test_each_visit_is_logged(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    browser.authorize()
    browser.authorize(prompt="none")
    assert [kind for kind in ada.tenant.log_types() if kind != "ss"] == ["s", "s", "ssa"]


def test_a_denied_visit_leaves_the_session(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => {"
        " if (!event.request.query.ticket) api.access.deny('no ticket'); };"
    )
    for visit in (browser.log_in(ada), browser.authorize(), browser.authorize()):
        assert visit.callback["error_description"] == "no ticket"
    assert ada.profile()["logins_count"] == 1
    assert browser.authorize(ticket="mine").callback["code"]


# The session's name


def test_sid_stays_until_the_next_password_login(ada: Person, browser: Browser) -> None:
    first = claims(ada, browser.log_in(ada))["sid"]
    before = cookie(browser)
    assert claims(ada, browser.authorize())["sid"] == first
    assert cookie(browser) == before
    second = claims(ada, browser.log_in(ada, prompt="login"))["sid"]
    assert second != first
    assert cookie(browser) != before
    assert claims(ada, browser.authorize())["sid"] == second
    # The one before is ended, not only forgotten by the browser.
    assert before
    browser.http.cookies.clear()
    plant(browser, before)
    assert not knows(browser)


def test_the_next_login_in_the_same_browser_replaces_the_session(ada: Person, browser: Browser) -> None:
    grace = ada.tenant.sign_up("grace@example.com")
    first = claims(ada, browser.log_in(ada))["sid"]
    second = claims(grace, browser.log_in(grace, prompt="login"))
    assert (second["sub"], second["sid"] != first) == (grace.user_id, True)
    assert claims(grace, browser.authorize())["sub"] == grace.user_id
    browser.send(browser.authorize(prompt="create"), email="joan@example.com", password=PASSWORD)
    third = claims(grace, browser.authorize())
    assert third["email"] == "joan@example.com"
    assert third["sid"] not in {first, second["sid"]}


def test_a_refresh_token_carries_the_session(ada: Person, browser: Browser) -> None:
    shows = (
        "exports.onExecutePostLogin = async (e, api) => api.user.setUserMetadata('of', e.refresh_token?.session_id);"
    )
    ada.tenant.bind_action(shows)
    sid = claims(ada, browser.log_in(ada))["sid"]
    of_browser = tokens(ada, browser.authorize(scope="openid offline_access"))["refresh_token"]
    expect(ada.token(grant_type="refresh_token", refresh_token=of_browser), 200)
    assert ada.profile()["user_metadata"] == {"of": sid}


# What the application may ask


def test_max_age_and_prompt_ask_again_and_auth_time_is_the_password_login(ada: Person, browser: Browser) -> None:
    assert "auth_time" not in claims(ada, browser.log_in(ada))
    ada.tenant.advance_clock(1_000)
    known = claims(ada, browser.authorize(max_age="2000"))
    assert 1_000 <= known["iat"] - known["auth_time"] < 1_030
    for parameters in ({"max_age": "900"}, {"max_age": "0"}, {"prompt": "login"}):
        ada.tenant.advance_clock(1_000)
        again = claims(ada, browser.log_in(ada, **parameters))
        assert 0 <= again["iat"] - again["auth_time"] < 30, parameters
    assert "auth_time" not in claims(ada, browser.authorize())


@pytest.mark.parametrize("max_age", ["", "-1", "1.5", "1e3", " 1", "five", "٣", "3153600001", "9" * 5_000])
def test_a_max_age_that_is_not_a_number_of_seconds_is_an_error(browser: Browser, max_age: str) -> None:
    callback = browser.authorize(max_age=max_age).callback
    assert callback["error"] == "invalid_request"
    assert "max_age" in callback["error_description"]


PROMPTS = (
    None,
    "",
    "login",
    "none",
    "create",
    "consent",
    "login consent",
    "select_account",
    "none login",
    "create none",
)


@given(
    prompt=st.sampled_from(PROMPTS),
    age=st.integers(0, 100_000),
    # Some seconds pass while the test runs.
    slack=st.one_of(st.none(), st.integers(-100_000, 0), st.integers(50, 100_000)),
    hint=st.sampled_from([None, "signup", "login"]),
)
@example(prompt="none", age=60, slack=-1, hint="signup")
@example(prompt="none", age=60, slack=60, hint=None)
@example(prompt=None, age=0, slack=0, hint=None)
@settings(max_examples=25, deadline=None, suppress_health_check=EMPTIED_ONCE)
def test_prompt_max_age_and_hint_decide_together(  # noqa: PLR0917 - Hypothesis gives them by name
    ada: Person, browser: Browser, prompt: str | None, age: int, slack: int | None, hint: str | None
) -> None:
    """`slack`: how much older than the session its authentication might be; None for no max_age."""
    browser.http.cookies.clear()
    browser.log_in(ada)
    ada.tenant.advance_clock(age)
    max_age = None if slack is None else max(0, age + slack)
    visit = browser.authorize(prompt=prompt, max_age=None if max_age is None else str(max_age), screen_hint=hint)
    assert _arrival(visit) == _expected((prompt or "").split(), hint, fresh=max_age is None or max_age > age)


def _arrival(visit: Visit) -> str:
    return visit.callback.get("error", "code") if visit.at_application else visit.path


def _expected(prompt: list[str], hint: str | None, *, fresh: bool) -> str:
    if "none" in prompt:
        return "invalid_request" if len(prompt) > 1 else "code" if fresh else "login_required"
    if fresh and not {"login", "create", "select_account"} & set(prompt):
        return "code"
    return "/u/signup" if hint == "signup" or "create" in prompt else "/u/login"


# The rule of the first login, and many windows


def test_the_first_logins_session_skips_mfa_for_as_long_as_the_count_stays_1(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(FIRST_LOGIN_SKIPS_MFA)
    assert browser.log_in(ada).at_application
    assert browser.authorize().at_application
    assert knows(browser)
    with Browser(ada.tenant) as other:
        assert other.log_in(ada).path == "/u/mfa-otp-enrollment"
    # The count is the user's, not the session's.
    assert browser.authorize().path == "/u/mfa-otp-enrollment"


def test_concurrent_windows_each_get_a_code_of_one_session(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action(SEES)
    browser.log_in(ada)
    with ThreadPoolExecutor(6) as pool:
        windows = list(pool.map(lambda number: browser.authorize(state=str(number)), range(12)))
    assert {visit.callback["state"] for visit in windows} == {str(number) for number in range(12)}
    assert len({claims(ada, visit)["sid"] for visit in windows}) == 1
    assert ada.profile()["logins_count"] == 1
