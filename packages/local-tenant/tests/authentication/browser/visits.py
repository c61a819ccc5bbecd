"""What tests of a browser's session read: its cookie, the tokens of a login, and the event of its Actions."""

import jwt
from local_tenant.testing import Json, Person, TenantClient, expect
from login_browser import Browser, Visit, redeem

DAY = 86_400

SEES = """
exports.onExecutePostLogin = async (event, api) => {
  const { session, stats, authentication, transaction, user } = event;
  const times = (user.user_metadata.seen?.times ?? 0) + 1;
  api.user.setUserMetadata("seen", { session, stats, methods: authentication.methods, transaction, times });
};
"""


def last_event(person: Person) -> Json:
    """What the Action `SEES` stored of the event of the last login."""
    event: Json = person.profile()["user_metadata"]["seen"]
    return event


def tokens(person: Person, visit: Visit) -> Json:
    """The tokens for the code of a login."""
    assert set(visit.callback) == {"code", "state"}, visit.callback
    return expect(redeem(person, visit.callback["code"]), 200)


def claims(person: Person, visit: Visit) -> Json:
    """The claims of the id token."""
    content: Json = jwt.decode(tokens(person, visit)["id_token"], options={"verify_signature": False})
    return content


def cookie_name(tenant: TenantClient) -> str:
    """The name of the session's cookie."""
    return f"__Host-session-{tenant.port}"


def cookie(browser: Browser) -> str | None:
    """The browser's session cookie, if it has one."""
    return browser.http.cookies.get(cookie_name(browser.tenant))


def plant(browser: Browser, value: str | None) -> None:
    """Replace the browser's session cookie."""
    browser.http.cookies.set(cookie_name(browser.tenant), value or "", domain="localhost.local")


def knows(browser: Browser) -> bool:
    """Whether the browser has a live session, by silent authentication; counts as a use of the session."""
    callback = browser.authorize(prompt="none").callback
    assert ("code" in callback) != (callback.get("error") == "login_required"), callback
    return "code" in callback
