"""Several windows of one browser: what ends in one while the Actions of another run."""

from concurrent.futures import ThreadPoolExecutor

from authentication.browser.visits import claims, cookie, knows
from gate import Gate, closed_gate
from local_tenant.testing import PASSWORD, Person
from login_browser import Browser


def stops_once_asked(gate: Gate, after: str = "") -> str:
    """The code of an Action that stops at the gate where the application asks for it."""
    return f"""
exports.onExecutePostLogin = async (event, api) => {{
  if (!event.request.query.stop) return;
  api.user.setUserMetadata("kept", true);
  {gate.stop}
  {after}
}};
"""


def test_an_older_window_leaves_the_session_of_a_newer_login_alone(ada: Person, browser: Browser) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_once_asked(gate, "api.access.deny('no');"))
        browser.log_in(ada)
        older = pool.submit(browser.authorize, stop="1")
        gate.wait_for(1)
        browser.log_in(ada, prompt="login")
        newer = cookie(browser)
        gate.open()
        assert older.result().callback["error"] == "access_denied"
    assert cookie(browser) == newer
    assert knows(browser)


def test_a_password_login_whose_session_ends_meanwhile_fails_and_is_recorded(ada: Person, browser: Browser) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_once_asked(gate))
        visit = browser.authorize(stop="1")
        under_way = pool.submit(browser.send, visit, username=ada.email, password=PASSWORD)
        gate.wait_for(1)
        # The browser learns of its session only with the answer.
        assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}/sessions").status_code == 202
        gate.open()
        callback = under_way.result().callback
    assert callback["error"] == "login_required"
    assert "logged out in the meantime" in callback["error_description"]
    assert not knows(browser)
    user = ada.profile()
    assert user["logins_count"] == 1
    assert "user_metadata" not in user
    (trace,) = ada.tenant.traces()
    assert trace["outcome"]["answer"] == "login_required"
    assert "f" in ada.tenant.log_types()


def test_a_single_sign_on_whose_session_ends_meanwhile_asks_for_the_password(ada: Person, browser: Browser) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_once_asked(gate))
        browser.log_in(ada)
        under_way = pool.submit(browser.authorize, stop="1")
        gate.wait_for(1)
        browser.http.get("/v2/logout")
        gate.open()
        visit = under_way.result()
    assert visit.path == "/u/login"
    assert ada.profile()["logins_count"] == 1
    newest = ada.tenant.traces()[0]
    assert newest["outcome"]["answer"] == "login_required"


def test_a_silent_visit_whose_session_ends_meanwhile_is_login_required(ada: Person, browser: Browser) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        ada.tenant.bind_action(stops_once_asked(gate))
        browser.log_in(ada)
        under_way = pool.submit(browser.authorize, stop="1", prompt="none")
        gate.wait_for(1)
        browser.http.get("/v2/logout")
        gate.open()
        assert under_way.result().callback["error"] == "login_required"
    assert not knows(browser)


def test_select_account_shows_the_login_page(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    visit = browser.authorize(prompt="select_account")
    assert visit.path == "/u/login"
    grace = ada.tenant.sign_up("grace@example.com")
    assert claims(grace, browser.send(visit, username=grace.email, password=PASSWORD))["sub"] == grace.user_id
