"""The story of a user on what `pulumi up` deployed, played in a browser and seen live on the tenant's page."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser.acting import EMAIL, give_code, log_in_in_the_browser, sign_up
from browser.conftest import SECONDS_FOR_A_STORY, OpenWindow
from local_tenant.testing import AuthenticatorApp, TenantClient
from playwright.sync_api import expect

from tests.e2e.browser.stage import pulumi_up

# Before the story begins, the real engine deploys: for that alone the tests in tests/e2e have 180 seconds.
SECONDS_TO_DEPLOY = 180


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantClient]:
    """A tenant of this test's own, with stack local deployed to it."""
    with pulumi_up(tmp_path) as deployed:
        yield deployed


@pytest.mark.timeout(SECONDS_TO_DEPLOY + SECONDS_FOR_A_STORY)
def test_from_sign_up_to_logout(open_window: OpenWindow, tenant: TenantClient) -> None:
    watching = open_window()
    for name in ("add_ip_to_metadata", "mfa_action", "enable_mfa"):
        expect(watching.get_by_role("link", name=name)).to_be_visible()
    expect(watching.get_by_role("status")).to_have_text("Live")
    rows = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(0)
    acting = watching.context.new_page()
    heading = acting.get_by_role("heading", level=1)

    # Signs up
    acting.goto(tenant.url)
    person = sign_up(acting)
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("User created")

    # Logs in for the first time, which asks for no factor, and again by the session of that login
    log_in_in_the_browser(acting, person)
    expect(heading).to_have_text("Logged in")
    expect(rows.first).to_contain_text("Tokens given")
    expect(rows.first).to_contain_text("login 1")
    acting.get_by_role("link", name="Log in again").click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("single sign-on")
    expect(rows.first).to_contain_text("Tokens given")
    expect(heading).to_have_text("Logged in")

    # Logs in with the password a second time: has to enrol, and mistypes the code once
    log_in_in_the_browser(acting, person)
    expect(heading).to_have_text("Secure your account")
    expect(rows.first).to_contain_text("MFA required")
    expect(rows.first).to_contain_text("login 2")
    app = AuthenticatorApp(tenant, acting.locator("#secret").inner_text())
    give_code(acting, "One-time code", app.wrong_code())
    expect(acting.get_by_role("alert")).to_contain_text("wrong")
    give_code(acting, "One-time code", app.code())
    expect(acting.locator("#recovery-code")).to_have_text(re.compile(r"\w{24}"))
    acting.get_by_role("link", name="continue").click()
    expect(heading).to_have_text("Logged in")
    expect(acting.get_by_label("Claims of the id token")).to_contain_text('"mfa"')

    # Single sign-on spares the password, not the factor
    acting.get_by_role("link", name="Log in again").click()
    expect(heading).to_have_text("Verify your identity")
    expect(rows.first).to_contain_text("single sign-on")
    expect(rows.first).to_contain_text("MFA required")
    give_code(acting, "Code", app.next_code())
    expect(heading).to_have_text("Logged in")

    # Logs out: the next login asks for the password again
    again = acting.get_by_role("link", name="Log in again").get_attribute("href")
    acting.get_by_role("link", name="Log out").click()
    expect(heading).to_have_text(EMAIL)
    expect(acting.get_by_text("MFA enrolled")).to_be_visible()
    acting.goto(f"{tenant.url}{again}")
    expect(heading).to_have_text("Log in")

    user = tenant.api.get(f"/api/v2/users/{unquote(person.rpartition('/')[2])}").json()
    assert user["logins_count"] == 2
    assert user["app_metadata"] == {"auth_require_mfa": True, "uses_new_mfa_action": True}
    assert user["user_metadata"]["last_ip"] == user["last_ip"]
