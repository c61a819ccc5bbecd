"""The story of a user on what `pulumi up` deployed, played in a browser and watched live on the tenant's page."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from local_tenant.testing import AuthenticatorApp, TenantClient
from local_tenant.testing.browser import Windows, begin_login, enter_code, enter_password, open_tenant_page, sign_up
from playwright.sync_api import Page, expect

from tests.e2e.browser.stage import EMAIL, number_of_the_challenged_login, pulumi_up

# The real engine deploys before the story begins.
SECONDS_FOR_THE_STORY = 420


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantClient]:
    """A tenant of this test's own, with stack local deployed to it."""
    with pulumi_up(tmp_path) as deployed:
        yield deployed


@pytest.fixture
def watching(auth0_windows: Windows, tenant: TenantClient) -> Page:
    """A window at the tenant's page."""
    window = auth0_windows.open()
    open_tenant_page(window, tenant)
    return window


@pytest.mark.timeout(SECONDS_FOR_THE_STORY)
@pytest.mark.xdist_group("browser")
def test_from_sign_up_to_logout(watching: Page, tenant: TenantClient) -> None:
    for name in ("add_ip_to_metadata", "mfa_action", "enable_mfa"):
        expect(watching.get_by_role("link", name=name)).to_be_visible()
    expect(watching.get_by_role("status")).to_have_text("Live")
    rows = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(0)
    acting = watching.context.new_page()
    heading = acting.get_by_role("heading", level=1)

    # Signs up
    acting.goto(tenant.url)
    person = sign_up(acting, EMAIL)
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("User created")

    # Logs in for the first time, which asks for no factor, and again by the session of that login
    begin_login(acting, person)
    enter_password(acting)
    expect(heading).to_have_text("Logged in")
    expect(rows.first).to_contain_text("Tokens issued")
    expect(rows.first).to_contain_text("login 1")
    acting.get_by_role("link", name="Log in again").click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("single sign-on")
    expect(rows.first).to_contain_text("Tokens issued")
    expect(heading).to_have_text("Logged in")

    # Logs in with the password until a factor is needed: has to enrol, and mistypes the code once
    challenged = number_of_the_challenged_login()
    for number in range(2, challenged + 1):
        begin_login(acting, person)
        enter_password(acting)
        expect(rows.first).to_contain_text(f"login {number}")
        expect(heading).to_have_text("Secure your account" if number == challenged else "Logged in")
    expect(rows.first).to_contain_text("MFA required")
    app = AuthenticatorApp(tenant, acting.locator("#secret").inner_text())
    enter_code(acting, app.wrong_code())
    expect(acting.get_by_role("alert")).to_contain_text("wrong")
    enter_code(acting, app.code())
    expect(acting.locator("#recovery-code")).to_have_text(re.compile(r"\w{24}"))
    acting.get_by_role("button", name="continue").click()
    expect(heading).to_have_text("Logged in")
    expect(acting.get_by_label("Claims of the id token")).to_contain_text('"mfa"')

    # Single sign-on skips the password, not the second factor
    acting.get_by_role("link", name="Log in again").click()
    expect(heading).to_have_text("Verify your identity")
    expect(rows.first).to_contain_text("single sign-on")
    expect(rows.first).to_contain_text("MFA required")
    enter_code(acting, app.next_code())
    expect(heading).to_have_text("Logged in")

    # Logs out: the next login asks for the password again
    again = acting.get_by_role("link", name="Log in again").get_attribute("href")
    acting.get_by_role("link", name="Log out").click()
    expect(heading).to_have_text(EMAIL)
    expect(acting.get_by_text("MFA enrolled")).to_be_visible()
    acting.goto(f"{tenant.url}{again}")
    expect(heading).to_have_text("Log in")

    user = tenant.api.get(f"/api/v2/users/{unquote(person.rpartition('/')[2])}").json()
    assert user["logins_count"] == challenged
    assert user["app_metadata"] == {"auth_require_mfa": True, "uses_new_mfa_action": True}
    assert user["user_metadata"]["last_ip"] == user["last_ip"]
