"""Sessions and second factors: a session never replaces a factor that the Actions ask for."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from authentication.browser.visits import claims, cookie, knows, last_event, plant, tokens
from gate import Gate, closed_gate
from local_tenant.testing import PASSWORD, AuthenticatorApp, Enrolled, Person, expect
from login_browser import Browser, Visit

ONCE_PER_SESSION = """
exports.onExecutePostLogin = async (event, api) => {
  const methods = event.authentication.methods;
  api.user.setUserMetadata("seen", { methods, id: event.session?.id });
  if (!methods.some((method) => method.name === "mfa")) api.multifactor.enable("any");
};
"""
CHALLENGES = """
exports.onExecutePostLogin = async (event, api) => { api.authentication.challengeWith({ type: "otp" }); };
"""


def stops_at(gate: Gate) -> str:
    """The code of an Action that changes stored data and stops at the gate."""
    return f"""
exports.onExecutePostLogin = async (event, api) => {{
  api.user.setUserMetadata("waited", true);
  {gate.stop}
}};
"""


# Asking again


def test_a_session_of_the_password_alone_never_yields_a_code(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    challenge = browser.log_in(ada)
    assert challenge.path == "/u/mfa-otp-challenge"
    # The session is there, and worth nothing without the factor.
    assert cookie(browser)
    for parameters in ({}, {"max_age": "100"}, {"prompt": "consent"}, {"screen_hint": "signup"}):
        assert browser.authorize(**parameters).path == "/u/mfa-otp-challenge"
    callback = browser.authorize(prompt="none").callback
    assert (callback["error"], callback["error_description"]) == (
        "login_required",
        "Multifactor authentication required",
    )
    again = browser.authorize()
    assert browser.send(again, code=enrolled.app.wrong_code()).answer.status_code == 400
    code = enrolled.app.next_code()
    visit = claims(ada, browser.send(again, code=code))
    assert (visit["amr"], visit["acr"]) == (["mfa"], "http://schemas.openid.net/pape/policies/2007/06/multi-factor")
    # The first login still waits for its own code.
    assert browser.send(challenge, code=code).answer.status_code == 400
    assert browser.send(challenge, code=enrolled.app.next_code()).at_application


def test_each_visit_is_challenged_if_the_action_asks_each_time(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    sids = set()
    visit = browser.log_in(ada)
    count = ada.profile()["logins_count"]
    for _ in range(3):
        assert visit.path == "/u/mfa-otp-challenge"
        sids.add(claims(ada, browser.send(visit, code=enrolled.app.next_code()))["sid"])
        visit = browser.authorize()
    assert len(sids) == 1
    assert ada.profile()["logins_count"] == count


def test_an_action_can_ask_once_for_each_session(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    ada.tenant.bind_action(ONCE_PER_SESSION, name="once")
    visit = browser.log_in(ada)
    assert [method["name"] for method in last_event(ada)["methods"]] == ["pwd"]
    browser.send(visit, code=enrolled.app.next_code())
    for _ in range(2):
        assert {"amr", "acr"}.isdisjoint(claims(ada, browser.authorize()))
        assert [method["name"] for method in last_event(ada)["methods"]] == ["pwd", "mfa"]
        assert last_event(ada)["methods"][1]["type"] == "otp"
    assert knows(browser)
    assert browser.log_in(ada, prompt="login").path == "/u/mfa-otp-challenge"
    with Browser(ada.tenant) as other:
        assert other.log_in(ada).path == "/u/mfa-otp-challenge"


def test_a_method_is_listed_once_however_often_it_was_proved(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    times: list[str] = []
    visit = browser.log_in(ada)
    for _ in range(3):
        browser.send(visit, code=enrolled.app.next_code())
        ada.tenant.bind_action(ONCE_PER_SESSION, name=f"looks {len(times)}")
        assert browser.authorize().at_application
        password, factor = last_event(ada)["methods"]
        assert (password["name"], factor["name"]) == ("pwd", "mfa")
        times.append(factor["timestamp"])
        ada.tenant.bind_action(name=f"asks {len(times)}")
        visit = browser.authorize()
    assert times == sorted(set(times))


def test_a_window_from_before_the_challenge_does_not_undo_its_answer(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    first = browser.log_in(ada)
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_at(gate), name="waits")
        other = pool.submit(browser.authorize)
        gate.wait_for(1)
        assert browser.send(first, code=enrolled.app.next_code()).at_application
        gate.open()
        assert other.result().at_application
    ada.tenant.bind_action(ONCE_PER_SESSION, name="once")
    assert browser.authorize().at_application


def test_a_challenge_can_be_answered_after_the_browser_was_closed(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    """The browser has lost the cookie of its logins and kept that of its session."""
    browser.log_in(ada)
    browser.http.cookies.delete("__Host-login")
    challenge = browser.authorize()
    assert challenge.path == "/u/mfa-otp-challenge"
    assert browser.send(challenge, code=enrolled.app.next_code()).at_application


def test_a_challenged_single_sign_on_resumes_as_single_sign_on(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    codes = {"challenges": CHALLENGES, "looks": ONCE_PER_SESSION}
    actions = [ada.tenant.deploy_action(name, code=code) for name, code in codes.items()]
    ada.tenant.bind("post-login", [action["id"] for action in actions])
    browser.send(browser.log_in(ada), code=enrolled.app.next_code())
    count = ada.profile()["logins_count"]
    ada.tenant.advance_clock(1_000)
    visit = browser.send(browser.authorize(max_age="5000"), code=enrolled.app.next_code())

    token = claims(ada, visit)
    assert 1_000 <= token["iat"] - token["auth_time"] < 1_100
    assert [method["name"] for method in last_event(ada)["methods"]] == ["pwd", "mfa"]
    assert last_event(ada)["id"] == token["sid"]
    assert ada.profile()["logins_count"] == count
    traces = ada.tenant.traces()
    single_sign_on = [trace["outcome"].get("single_sign_on", False) for trace in traces]
    # One execution each, however often it was paused.
    assert single_sign_on[:2] == [True, False]


def test_an_mfa_api_token_in_a_session_needs_a_factor_too(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    ada.tenant.bind_action("exports.onExecutePostLogin = async () => {};", name="asks nothing")
    assert browser.log_in(ada).at_application
    parameters = {"audience": f"{ada.tenant.url}/mfa/", "scope": "openid enroll"}
    assert browser.authorize(prompt="none", **parameters).callback["error"] == "login_required"
    challenge = browser.authorize(**parameters)
    assert challenge.path == "/u/mfa-otp-challenge"
    assert claims(ada, browser.send(challenge, code=enrolled.app.next_code()))["amr"] == ["mfa"]
    assert "code" in browser.authorize(prompt="none", **parameters).callback


# The end of the session while a factor is awaited


@pytest.mark.parametrize("end", ["logout", "another login", "block", "password", "email"])
def test_a_challenge_cannot_be_answered_once_its_session_has_ended(
    ada: Person, enrolled: Enrolled, browser: Browser, end: str
) -> None:
    challenge = browser.log_in(ada)
    if end == "logout":
        browser.http.get("/v2/logout")
    elif end == "another login":
        browser.log_in(ada.tenant.sign_up("grace@example.com"), prompt="login")
    else:
        members: dict[str, dict[str, object]] = {
            "block": {"blocked": True},
            "password": {"password": PASSWORD + "2"},
            "email": {"email": "lovelace@example.com"},
        }
        ada.change(**members[end])
    for visit in (browser.open(challenge.address), browser.send(challenge, code=enrolled.app.next_code())):
        assert visit.answer.status_code == 400
        assert not visit.at_application
        assert "start again" in visit.page.alert
    assert "s" not in ada.tenant.log_types()[-2:]


def test_a_logout_before_the_recovery_code_is_sent_does_not_use_it_up(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    recovery = browser.open(browser.log_in(ada).page.links[0])
    browser.http.get("/v2/logout")
    visit = browser.send(recovery, code=enrolled.recovery_code)
    assert (visit.answer.status_code, "logged out" in visit.page.alert) == (400, True)
    expect(ada.recover(ada.mfa_token(), enrolled.recovery_code), 200)


def test_a_logout_while_the_new_recovery_code_is_shown_ends_the_login(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    recovery = browser.open(browser.log_in(ada).page.links[0])
    code_page = browser.send(recovery, code=enrolled.recovery_code)
    browser.http.get("/v2/logout")
    visit = browser.send(code_page)
    assert (visit.answer.status_code, "logged out" in visit.page.alert) == (400, True)
    expect(ada.recover(ada.mfa_token(), code_page.page.by_id["recovery-code"]), 200)


def test_no_action_runs_before_the_user_has_seen_the_new_recovery_code(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    marks = "exports.onExecutePostLogin = async (event, api) => { api.user.setUserMetadata('marked', true); };\n"
    actions = [ada.tenant.deploy_action(name, code=code) for name, code in (("first", CHALLENGES), ("then", marks))]
    ada.tenant.bind("post-login", [action["id"] for action in actions])
    recovery = browser.open(browser.log_in(ada).page.links[0])
    code_page = browser.send(recovery, code=enrolled.recovery_code)
    assert "user_metadata" not in ada.profile()
    assert browser.send(code_page).at_application
    assert ada.profile()["user_metadata"] == {"marked": True}


def test_the_password_sent_again_while_the_new_recovery_code_is_shown_begins_again(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    challenge = browser.log_in(ada)
    code_page = browser.send(browser.open(challenge.page.links[0]), code=enrolled.recovery_code)
    first_page = browser.open(challenge.address.replace("/u/mfa-otp-challenge", "/u/login"))
    again = browser.send(first_page, username=ada.email, password=PASSWORD)
    assert again.path == "/u/mfa-otp-challenge"
    assert browser.send(code_page).answer.status_code == 400


# Whose login


def test_the_challenge_is_for_the_user_of_the_login(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    """Another user's login in the same browser needs that user's factor."""
    grace = ada.tenant.sign_up("grace@example.com")
    graces = grace.enrol()
    adas = browser.log_in(ada)
    both = browser.log_in(grace, prompt="login")
    assert browser.send(both, code=enrolled.app.next_code()).answer.status_code == 400
    assert claims(grace, browser.send(both, code=graces.app.next_code()))["sub"] == grace.user_id
    assert browser.send(adas, code=enrolled.app.next_code()).answer.status_code == 400


def test_a_stolen_session_cookie_finishes_no_login_of_another_browser(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    challenge = browser.log_in(ada)
    with Browser(ada.tenant) as other:
        plant(other, cookie(browser))
        assert other.open(challenge.address).answer.status_code == 400
        assert other.http.post(challenge.address, data={"code": enrolled.app.next_code()}).status_code == 400
    assert browser.send(challenge, code=enrolled.app.next_code()).at_application


def test_an_enrolment_in_a_session_is_for_its_user(ada: Person, browser: Browser) -> None:
    assert browser.log_in(ada).at_application
    ada.tenant.bind_action()
    enrolment = browser.authorize()
    assert enrolment.path == "/u/mfa-otp-enrollment"
    code_page = browser.send(enrolment, code=AuthenticatorApp(ada.tenant, enrolment.page.by_id["secret"]).code())
    assert tokens(ada, browser.send(code_page))["id_token"]
    assert browser.authorize().path == "/u/mfa-otp-challenge"


# Races


def test_a_logout_during_single_sign_on_leaves_no_session_and_no_code(ada: Person, browser: Browser) -> None:
    assert browser.log_in(ada).at_application
    with ThreadPoolExecutor(2) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_at(gate))
        under_way = pool.submit(browser.authorize)
        silently = pool.submit(browser.authorize, prompt="none")
        gate.wait_for(2)
        browser.http.get("/v2/logout")
        gate.open()
        assert under_way.result().path == "/u/login"
        assert silently.result().callback["error"] == "login_required"
    # Nothing of the login is stored.
    assert "user_metadata" not in ada.profile()
    assert not knows(browser)


def test_logouts_and_visits_at_once_never_leave_a_session(ada: Person, browser: Browser) -> None:
    for _ in range(4):
        browser.http.cookies.clear()
        browser.log_in(ada)
        opened = cookie(browser)

        def come(number: int) -> Visit | None:
            if number == 4:
                browser.http.get("/v2/logout")
                return None
            return browser.authorize()

        with ThreadPoolExecutor(4) as pool:
            arrivals = [visit for visit in pool.map(come, range(10)) if visit is not None]
        for visit in arrivals:
            if visit.at_application:
                tokens(ada, visit)
        assert opened
        plant(browser, opened)
        assert not knows(browser)
