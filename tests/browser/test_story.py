"""The story of a user, played in a browser and seen live on the tenant's page."""

import re
from urllib.parse import unquote

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import FORCE_MFA_DOMAIN, bind_failing_action, deploy_three_actions
from tests.local_tenant.authentication.people import App
from tests.local_tenant.tenant_client import TenantClient

EMAIL = f"ada@{FORCE_MFA_DOMAIN}"
PASSWORD = "Correct-horse-7-battery"


def sign_up(window: Page, email: str = EMAIL) -> str:
    """On the page of users; the address of the new user's page."""
    window.get_by_role("navigation").get_by_role("link", name="Users").click()
    window.get_by_label("Email address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign up").click()
    expect(window.get_by_role("heading", level=1)).to_have_text(email)
    return window.url


def log_in_in_the_browser(window: Page, person: str) -> None:
    """From a user's page to the login page, with the right password."""
    window.goto(person)
    window.get_by_role("button", name="Log in in the browser").click()
    expect(window.get_by_label("Email address")).to_have_value(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()


def test_sign_up_first_login_enrolment_and_challenge_are_seen_live(
    open_window: OpenWindow,
    tenant: TenantClient,
) -> None:
    deploy_three_actions(tenant)
    watching = open_window()
    acting = watching.context.new_page()
    expect(watching.get_by_role("status")).to_have_text("Live")
    rows = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(0)

    acting.goto(tenant.url)
    person = sign_up(acting)
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("User created")

    log_in_in_the_browser(acting, person)
    expect(acting.get_by_role("heading", level=1)).to_have_text("Logged in")
    expect(rows.first).to_contain_text("Tokens given")
    expect(rows.first).to_contain_text("login 1")

    log_in_in_the_browser(acting, person)
    expect(acting.get_by_role("heading", level=1)).to_have_text("Secure your account")
    expect(rows.first).to_contain_text("MFA required")
    expect(rows.first).to_contain_text("login 2")
    app = App(tenant, acting.locator("#secret").inner_text())
    acting.get_by_label("One-time code").fill(app.wrong_code())
    acting.get_by_role("button", name="Continue").click()
    expect(acting.get_by_role("alert")).to_contain_text("wrong")
    acting.get_by_label("One-time code").fill(app.code())
    acting.get_by_role("button", name="Continue").click()
    expect(acting.locator("#recovery-code")).to_have_text(re.compile(r"\w{24}"))
    acting.get_by_role("link", name="continue").click()
    expect(acting.get_by_role("heading", level=1)).to_have_text("Logged in")
    expect(acting.get_by_label("Claims of the id token")).to_contain_text('"mfa"')

    log_in_in_the_browser(acting, person)
    expect(acting.get_by_role("heading", level=1)).to_have_text("Verify your identity")
    acting.get_by_label("Code").fill(app.next_code())
    acting.get_by_role("button", name="Continue").click()
    expect(acting.get_by_role("heading", level=1)).to_have_text("Logged in")

    acting.goto(person)
    expect(acting.get_by_text("MFA enrolled")).to_be_visible()
    assert tenant.api.get(f"/api/v2/users/{unquote(person.rpartition('/')[2])}").json()["logins_count"] == 3


def test_a_failing_action_is_seen_as_such(open_window: OpenWindow, tenant: TenantClient) -> None:
    others = deploy_three_actions(tenant)
    bind_failing_action(tenant, others)
    watching = open_window()
    acting = watching.context.new_page()
    acting.goto(tenant.url)
    sign_up(acting)
    acting.get_by_role("button", name="Log in now").click()
    expect(acting.get_by_role("heading", name="Access denied")).to_be_visible()
    failed = acting.get_by_role("listitem").filter(has=acting.get_by_role("heading", name="look-up-customer"))
    expect(failed).to_contain_text("Failed. the customer service did not answer")
    expect(failed.get_by_label("Console of look-up-customer")).to_contain_text(
        "looking up ada@[secret FORCE_MFA_DOMAIN]"
    )
    expect(failed).to_contain_text("not kept: the flow failed")

    row = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem").first
    expect(row).to_contain_text("Access denied")
    row.get_by_role("link").click()
    expect(watching.get_by_role("heading", level=1)).to_have_text(EMAIL)


def test_a_row_that_arrives_stays_text(open_window: OpenWindow, tenant: TenantClient) -> None:
    nasty = "</li><img src=https://evil.example/x onerror=alert(1)>"
    deploy_three_actions(tenant)
    watching = open_window()
    expect(watching.get_by_role("status")).to_have_text("Live")
    fails = tenant.deploy_action(
        "fails", code=f"exports.onExecutePostLogin = async () => {{ throw new Error({nasty!r}); }};\n"
    )
    tenant.bind("post-login", [fails["id"]])
    acting = watching.context.new_page()
    acting.goto(tenant.url)
    sign_up(acting)
    acting.get_by_role("button", name="Log in now").click()
    expect(acting.get_by_text(nasty).first).to_be_visible()
    rows = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.locator("img")).to_have_count(0)


def test_the_page_works_without_a_mouse(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_three_actions(tenant)
    window = open_window()
    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="Skip to the content")).to_be_focused()
    window.keyboard.press("Enter")
    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="enable_mfa")).to_be_focused()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", level=1)).to_have_text("enable_mfa")


def test_a_reset_empties_the_list_that_is_being_watched(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_three_actions(tenant)
    window = open_window()
    sign_up(window)
    window.goto(tenant.url)
    rows = window.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(1)
    window.get_by_text("Delete all users…").click()
    window.get_by_role("button", name="Delete all users").click()
    expect(rows).to_have_count(0)
    expect(window.get_by_text("Nothing has run yet.")).to_be_visible()
    expect(window.get_by_role("link", name="mfa_action")).to_be_visible()
