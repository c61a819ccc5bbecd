"""api.session: what Actions ask of a browser's session, and when it takes effect."""

import time
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import httpx
import pytest
from authentication.browser.visits import DAY, claims, cookie, knows, last_event, tokens
from gate import closed_gate
from local_tenant.testing import AuthenticatorApp, Enrolled, Person, TenantClient, expect, expect_error
from login_browser import Browser, Visit, redeem

SHOWS = "api.user.setUserMetadata('seen', { session: event.session });"
IN_HOURS = "new Date(event.session.authenticated_at).getTime() + {} * 3600e3"
ASKS = "api.multifactor.enable('any');"
CHALLENGES = "exports.onExecutePostLogin = async (e, api) => { api.authentication.challengeWith({ type: 'otp' }); };"


def post_login(body: str) -> str:
    return f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};"


def act(person: Person, body: str) -> None:
    """Let the one Action of the flow do this."""
    person.tenant.bind_action(post_login(body), name=f"does {time.monotonic_ns()}")


def session_cookie(answer: httpx.Response) -> dict[str, str]:
    """Attributes of the session's cookie that an answer sets; empty when it sets none."""
    for sent in answer.headers.get_list("set-cookie"):
        for name, morsel in SimpleCookie(sent).items():
            if name.startswith("__Host-session"):
                return {attribute: str(value) for attribute, value in morsel.items() if value}
    return {}


def steps(browser: Browser, visit: Visit, code: str) -> httpx.Response:
    """The response itself that ends the login: to a code, or to the page of the recovery code behind it."""
    answer = browser.http.post(visit.address, data={"code": code})
    following = answer.headers["location"]
    return browser.http.post(following) if following.startswith("/u/mfa-recovery-code-enrollment") else answer


# Ends


@pytest.mark.parametrize("when", ["password", "single sign-on", "challenge", "pause"])
def test_the_session_ends_when_an_action_says(ada: Person, enrolled: Enrolled, browser: Browser, when: str) -> None:
    body = f"api.session.setExpiresAt({IN_HOURS.format(24)});"
    if when == "single sign-on":
        act(ada, "")
        browser.log_in(ada)
    if when == "pause":
        codes = {"challenges": CHALLENGES, "sets": post_login(body)}
        actions = [ada.tenant.deploy_action(name, code=code) for name, code in codes.items()]
        ada.tenant.bind("post-login", [action["id"] for action in actions])
    else:
        act(ada, body + (ASKS if when == "challenge" else ""))
    visit = browser.authorize() if when == "single sign-on" else browser.log_in(ada)
    if when in {"challenge", "pause"}:
        visit = browser.send(visit, code=enrolled.app.next_code())
    assert visit.at_application
    act(ada, "")
    ada.tenant.advance_clock(23 * 3_600)
    assert knows(browser)
    ada.tenant.advance_clock(2 * 3_600)
    assert not knows(browser)


def test_session_changes_of_a_challenged_login_wait_for_the_factor(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    act(ada, SHOWS + "api.session.setExpiresAt(Date.now() + 300e3); api.session.setMetadata('a', 'b');" + ASKS)
    challenge = browser.log_in(ada)
    browser.authorize()
    assert last_event(ada)["session"]["metadata"] == {}
    browser.send(challenge, code=enrolled.app.next_code())
    act(ada, SHOWS)
    browser.authorize()
    assert last_event(ada)["session"]["metadata"] == {"a": "b"}
    ada.tenant.advance_clock(600)
    assert not knows(browser)


def test_each_use_renews_the_idle_expiry_by_the_same_time(ada: Person, browser: Browser) -> None:
    act(ada, "if (event.request.query.short) api.session.setIdleExpiresAt(Date.now() + 3600e3);")
    browser.log_in(ada, short="1")
    for _ in range(3):
        ada.tenant.advance_clock(3_000)
        assert knows(browser)
    # A visit in which no Action runs is a use like any other, and no way around what one has asked for.
    assert browser.authorize(prompt="login").path == "/u/login"
    ada.tenant.advance_clock(3_700)
    assert not knows(browser)


def test_no_expiry_can_be_extended(ada: Person, browser: Browser) -> None:
    far = "Date.now() + 365 * 86400e3"
    act(ada, f"api.session.setExpiresAt({far}); api.session.setIdleExpiresAt({far});")
    browser.log_in(ada)
    for _ in range(3):
        ada.tenant.advance_clock(2 * DAY)
        assert knows(browser)
    ada.tenant.advance_clock(DAY)
    assert not knows(browser)
    browser.log_in(ada)
    ada.tenant.advance_clock(3 * DAY)
    assert not knows(browser)


@pytest.mark.parametrize("end", ["setExpiresAt(1)", "setIdleExpiresAt(1)"])
def test_an_expiry_in_the_past_ends_the_session_after_this_login(ada: Person, browser: Browser, end: str) -> None:
    act(ada, f"api.session.{end};")
    assert claims(ada, browser.log_in(ada))["sub"] == ada.user_id
    assert not knows(browser)
    assert browser.authorize().path == "/u/login"


# Metadata


def test_metadata_is_visible_from_the_next_visit_on_and_can_be_removed(ada: Person, browser: Browser) -> None:
    changes = [
        ("setMetadata('a', '1'); api.session.setMetadata('b', '2')", {}),
        ("setMetadata('b', '3')", {"a": "1", "b": "2"}),
        ("deleteMetadata('a')", {"a": "1", "b": "3"}),
        ("setMetadata('b', null)", {"b": "3"}),
        ("setMetadata('c', '4')", {}),
        ("evictMetadata(); api.session.setMetadata('d', '5')", {"c": "4"}),
        ("evictMetadata()", {"d": "5"}),
        ("evictMetadata()", {}),
    ]
    for number, (call, before) in enumerate(changes):
        act(ada, f"{SHOWS} api.session.{call};")
        visit = browser.authorize() if number else browser.log_in(ada)
        assert visit.at_application
        assert last_event(ada)["session"]["metadata"] == before
    act(ada, f"api.session.setMetadata('a', '1'); {SHOWS}")
    browser.authorize()
    assert last_event(ada)["session"]["metadata"] == {"a": "1"}
    act(ada, SHOWS)
    browser.log_in(ada, prompt="login")
    assert last_event(ada)["session"]["metadata"] == {}


def test_a_login_that_is_denied_changes_nothing_of_the_session(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    act(ada, "api.session.setMetadata('a', 'b'); api.session.setExpiresAt(1); api.access.deny('no');")
    assert browser.authorize().callback["error"] == "access_denied"
    act(ada, SHOWS)
    assert browser.authorize().at_application
    assert last_event(ada)["session"]["metadata"] == {}
    assert last_event(ada)["session"]["clients"] == [{"client_id": ada.application["client_id"]}]


def test_metadata_for_the_refresh_token_waits_for_the_code_to_be_redeemed(
    ada: Person, enrolled: Enrolled, browser: Browser
) -> None:
    act(ada, f"api.refreshToken.setMetadata('device', 'phone'); {ASKS}")
    challenge = browser.log_in(ada, scope="openid offline_access")
    issued = tokens(ada, browser.send(challenge, code=enrolled.app.next_code()))
    act(ada, "api.user.setUserMetadata('seen', { session: event.refresh_token });")
    expect(ada.refresh(issued["refresh_token"]), 200)
    assert last_event(ada)["session"]["metadata"] == {"device": "phone"}


# Cookie mode


def test_a_non_persistent_cookie_has_no_expiry(ada: Person, browser: Browser) -> None:
    act(ada, "const { mode } = event.request.query; if (mode) api.session.setCookieMode(mode);")
    browser.log_in(ada)

    def attributes(**query: str) -> dict[str, str]:
        return session_cookie(browser.authorize(**query).answer)

    persistent = {"secure": "True", "httponly": "True", "samesite": "none", "path": "/", "max-age": str(7 * DAY)}
    for_this_window = {name: value for name, value in persistent.items() if name != "max-age"}
    assert attributes() == persistent
    assert attributes(mode="non-persistent") == for_this_window
    # Until an Action says otherwise.
    assert attributes() == for_this_window
    assert attributes(mode="persistent") == persistent
    assert attributes() == persistent


@pytest.mark.parametrize("page", ["code", "recovery code"])
def test_the_cookie_mode_takes_effect_across_a_challenge(
    ada: Person, enrolled: Enrolled, browser: Browser, page: str
) -> None:
    act(ada, "api.session.setCookieMode('non-persistent');" + ASKS)
    visit = browser.log_in(ada)
    opened = cookie(browser)
    if page == "recovery code":
        answer = steps(browser, browser.open(visit.page.links[0]), enrolled.recovery_code)
    else:
        answer = steps(browser, visit, enrolled.app.next_code())
    attributes = session_cookie(answer)
    assert attributes
    assert "max-age" not in attributes
    assert cookie(browser) == opened


def test_the_cookie_mode_takes_effect_across_an_enrolment(ada: Person, browser: Browser) -> None:
    act(ada, "api.session.setCookieMode('non-persistent');" + ASKS)
    visit = browser.log_in(ada)
    app = AuthenticatorApp(ada.tenant, visit.page.by_id["secret"])
    attributes = session_cookie(steps(browser, visit, app.code()))
    assert attributes
    assert "max-age" not in attributes


# Revocation


@pytest.mark.parametrize("preserved", [False, True])
def test_revoking_a_session_revokes_its_refresh_tokens_unless_preserved(
    ada: Person,
    browser: Browser,
    preserved: bool,  # noqa: FBT001 - an example
) -> None:
    options = ", { preserveRefreshTokens: true }" if preserved else ""
    act(ada, f"if (event.request.query.steal) api.session.revoke('stolen'{options});")
    browser.log_in(ada)
    scope = "openid offline_access"
    its_token = tokens(ada, browser.authorize(scope=scope))["refresh_token"]
    its_code = browser.authorize(scope=scope).callback["code"]
    opened = cookie(browser)
    with Browser(ada.tenant) as other:
        others_token = tokens(ada, other.log_in(ada, scope=scope))["refresh_token"]
        others_code = other.authorize(scope=scope).callback["code"]
        callback = browser.authorize(steal="1").callback
        assert (callback["error"], callback["error_description"]) == ("access_denied", "stolen")
        assert "code" not in callback
        assert cookie(browser) == opened
        assert (knows(browser), knows(other)) == (False, True)
    expect(ada.token(grant_type="refresh_token", refresh_token=others_token), 200)
    expect(redeem(ada, others_code), 200)
    if preserved:
        expect(ada.token(grant_type="refresh_token", refresh_token=its_token), 200)
        expect(redeem(ada, its_code), 200)
    else:
        expect_error(ada.token(grant_type="refresh_token", refresh_token=its_token), 403, "invalid_grant")
        expect_error(redeem(ada, its_code), 403, "invalid_grant", "Invalid authorization code")


def test_a_rotated_refresh_token_still_belongs_to_the_session(rotating_tenant: TenantClient) -> None:
    person = rotating_tenant.sign_up()
    with Browser(rotating_tenant) as browser:
        first = tokens(person, browser.log_in(person, scope="openid offline_access"))["refresh_token"]
        second = expect(person.token(grant_type="refresh_token", refresh_token=first), 200)["refresh_token"]
        assert first != second
        act(person, "if (event.session) api.session.revoke('stolen');")
        browser.authorize()
    expect_error(person.token(grant_type="refresh_token", refresh_token=second), 403, "invalid_grant")


def test_a_session_can_be_revoked_as_it_begins(ada: Person, browser: Browser) -> None:
    act(ada, "api.session.revoke('not from here');")
    visit = browser.log_in(ada)
    assert visit.callback["error_description"] == "not from here"
    assert cookie(browser) is None
    assert ada.tenant.log_types()[-1] == "f"
    assert ada.profile()["logins_count"] == 1


def test_a_session_can_be_revoked_after_a_challenge(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    codes = {"challenges": CHALLENGES, "revokes": post_login("api.session.revoke('after all');")}
    actions = [ada.tenant.deploy_action(name, code=code) for name, code in codes.items()]
    ada.tenant.bind("post-login", [action["id"] for action in actions])
    visit = browser.send(browser.log_in(ada), code=enrolled.app.next_code())
    assert visit.callback["error_description"] == "after all"
    assert not knows(browser)


def test_a_revocation_ends_pending_logins_of_other_windows(ada: Person, enrolled: Enrolled, browser: Browser) -> None:
    challenge = browser.log_in(ada)
    act(ada, "api.session.revoke('stolen');")
    browser.authorize()
    assert browser.send(challenge, code=enrolled.app.next_code()).answer.status_code == 400


def test_a_revocation_during_a_login_of_another_window_leaves_it_no_code(ada: Person, browser: Browser) -> None:
    browser.log_in(ada)
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        act(ada, f"if (event.request.query.steal) api.session.revoke('stolen'); else {gate.stop}")
        other = pool.submit(browser.authorize)
        gate.wait_for(1)
        browser.authorize(steal="1")
        gate.open()
        assert other.result().path == "/u/login"


# Without a session


def test_at_the_token_endpoint_there_is_no_session_to_keep_metadata_with(ada: Person) -> None:
    act(ada, "api.session.setMetadata('a', 'b');")
    reason = "Failed to set session metadata: this transaction has no session"
    expect_error(ada.log_in(), 500, "access_denied", reason)


@pytest.mark.parametrize(
    "call",
    [
        "setExpiresAt(Date.now())",
        "setIdleExpiresAt(Date.now())",
        "deleteMetadata('a')",
        "evictMetadata()",
        "setCookieMode('persistent')",
    ],
)
def test_other_changes_of_a_session_have_no_effect_at_the_token_endpoint(
    ada: Person, browser: Browser, call: str
) -> None:
    browser.log_in(ada)
    act(ada, f"api.session.{call};")
    expect(ada.log_in(), 200)
    assert knows(browser)


def test_a_revocation_at_the_token_endpoint_ends_the_login_alone(ada: Person, browser: Browser) -> None:
    token = tokens(ada, browser.log_in(ada, scope="openid offline_access"))["refresh_token"]
    act(ada, "if (event.transaction.protocol !== 'oidc-basic-profile') api.session.revoke('no');")
    expect_error(ada.log_in(), 500, "access_denied", "no")
    expect_error(ada.token(grant_type="refresh_token", refresh_token=token), 500, "access_denied", "no")
    assert knows(browser)
    act(ada, "")
    expect(ada.token(grant_type="refresh_token", refresh_token=token), 200)
