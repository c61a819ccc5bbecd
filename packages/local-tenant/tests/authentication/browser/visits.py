"""What tests of a browser's session look at: its cookie, the tokens of a visit, and what its Actions saw."""

import jwt
from local_tenant.testing import Json, Person, TenantClient, expect
from login_browser import Browser, Shown, redeem

DAY = 86_400

SEES = """
exports.onExecutePostLogin = async (event, api) => {
  const { session, stats, authentication, transaction, user } = event;
  const times = (user.user_metadata.seen?.times ?? 0) + 1;
  api.user.setUserMetadata("seen", { session, stats, methods: authentication.methods, transaction, times });
};
"""


def seen(person: Person) -> Json:
    """What the Action `SEES` kept of the last login."""
    shown: Json = person.profile()["user_metadata"]["seen"]
    return shown


def tokens(person: Person, shown: Shown) -> Json:
    """The tokens for the code that the application was answered with."""
    assert set(shown.answered) == {"code", "state"}, shown.answered
    return expect(redeem(person, shown.answered["code"]), 200)


def claims(person: Person, shown: Shown) -> Json:
    """The id token's."""
    content: Json = jwt.decode(tokens(person, shown)["id_token"], options={"verify_signature": False})
    return content


def cookie_name(tenant: TenantClient) -> str:
    """Of the session's cookie."""
    return f"__Host-session-{tenant.port}"


def cookie(browser: Browser) -> str | None:
    """The browser's session cookie, if it has one."""
    return browser.http.cookies.get(cookie_name(browser.tenant))


def plant(browser: Browser, value: str | None) -> None:
    """Let this be the browser's session cookie, whatever it had."""
    browser.http.cookies.set(cookie_name(browser.tenant), value or "", domain="localhost.local")


def knows(browser: Browser) -> bool:
    """Whether the tenant knows the browser, asked without showing anything; counts as a use of the session."""
    answered = browser.authorize(prompt="none").answered
    assert ("code" in answered) != (answered.get("error") == "login_required"), answered
    return "code" in answered
