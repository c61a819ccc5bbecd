"""The tenant's page in a browser, beside the story: failures, what arrives live, keyboard, sessions."""

from browser.acting import EMAIL, PASSWORD, log_in_in_the_browser, sign_up
from browser.conftest import OpenWindow
from browser.stage import bind_failing_action, deploy_three_actions
from local_tenant.testing import TenantClient
from playwright.sync_api import expect


def test_the_page_ends_the_sessions_of_a_user(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_three_actions(tenant)
    window = open_window()
    person = sign_up(window)
    log_in_in_the_browser(window, person)
    again = window.get_by_role("link", name="Log in again").get_attribute("href")
    window.goto(person)
    window.get_by_role("button", name="End all sessions").click()
    expect(window.get_by_role("button", name="End all sessions")).to_have_count(0)
    window.goto(f"{tenant.url}{again}")
    expect(window.get_by_role("heading", level=1)).to_have_text("Log in")


def test_who_signs_up_on_the_tenants_own_page_is_logged_in(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_three_actions(tenant)
    window = open_window()
    log_in_in_the_browser(window, sign_up(window))
    again = window.get_by_role("link", name="Log in again").get_attribute("href")
    window.goto(f"{tenant.url}{again}&prompt=create")
    window.get_by_label("Email address").fill("grace@example.com")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_label("Claims of the id token")).to_contain_text("grace@example.com")


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
