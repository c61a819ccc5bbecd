"""The tenant's page in a browser: sessions, failures, live updates, keyboard."""

from urllib.parse import quote

from browser.actions import STAFF, bind_failing_action, deploy_actions
from browser.windows import OpenWindow
from local_tenant.testing import PASSWORD, AuthenticatorApp, TenantClient
from local_tenant.testing.browser import (
    Windows,
    begin_login,
    enter_code,
    enter_password,
    log_in_now,
    open_tenant_page,
    sign_up,
    wait_for_heading,
)
from local_tenant.testing.process import StartTenant
from playwright.sync_api import expect


def test_the_page_ends_the_sessions_of_a_user(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_actions(tenant)
    window = open_window()
    person = sign_up(window)
    begin_login(window, person)
    enter_password(window)
    again = window.get_by_role("link", name="Log in again").get_attribute("href")
    window.goto(person)
    window.get_by_role("button", name="End all sessions").click()
    expect(window.get_by_role("button", name="End all sessions")).to_have_count(0)
    window.goto(f"{tenant.url}{again}")
    expect(window.get_by_role("heading", level=1)).to_have_text("Log in")


def test_the_page_of_a_tenant_with_a_custom_host_opens(auth0_windows: Windows, fresh_tenant: StartTenant) -> None:
    with fresh_tenant(None, "--host", "my.tenant.localhost") as process, TenantClient(process.ready) as tenant:
        window = auth0_windows.open("light", 1280)
        open_tenant_page(window, tenant)
        assert window.url == f"https://my.tenant.localhost:{process.port}/"


def test_a_user_who_signs_up_in_the_browser_is_logged_in(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_actions(tenant)
    window = open_window()
    begin_login(window, sign_up(window))
    enter_password(window)
    again = window.get_by_role("link", name="Log in again").get_attribute("href")
    window.goto(f"{tenant.url}{again}&prompt=create")
    window.get_by_label("Email address").fill("grace@example.com")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_label("Claims of the id token")).to_contain_text("grace@example.com")


def test_a_failing_action_is_shown_as_failed(open_window: OpenWindow, tenant: TenantClient) -> None:
    others = deploy_actions(tenant)
    bind_failing_action(tenant, others)
    watching = open_window()
    acting = watching.context.new_page()
    acting.goto(tenant.url)
    sign_up(acting, STAFF)
    acting.get_by_role("button", name="Log in now").click()
    expect(acting.get_by_role("heading", name="Access denied")).to_be_visible()
    failed = acting.get_by_role("listitem").filter(has=acting.get_by_role("heading", name="look-up-customer"))
    expect(failed).to_contain_text("Failed. the customer service did not answer")
    expect(failed.get_by_label("Console of look-up-customer")).to_contain_text("looking up ada@[secret STAFF_DOMAIN]")
    expect(failed).to_contain_text("discarded: the flow failed")

    row = watching.get_by_role("list", name="Newest transactions").get_by_role("listitem").first
    expect(row).to_contain_text("Access denied")
    row.get_by_role("link").click()
    expect(watching.get_by_role("heading", level=1)).to_have_text(STAFF)


def test_a_challenged_login_shows_live_how_it_ended(open_window: OpenWindow, tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    app = ada.enrol().app
    mfa_token = ada.mfa_token()
    overview, transaction = open_window(), open_window()
    ending = overview.get_by_role("list", name="Newest transactions").get_by_role("listitem").first.locator(".ending")
    expect(ending).to_have_text("MFA required")
    transaction.goto(f"{tenant.url}/_page/transactions/{tenant.traces(limit=1)[0]['execution_id']}")
    expect(transaction.get_by_text("The login waits for a second factor until")).to_be_visible()
    assert ada.prove(mfa_token, app.next_code()).status_code == 200
    expect(ending).to_have_text("Tokens issued after MFA")
    expect(transaction.get_by_text("Challenged, then passed with a one-time password")).to_be_visible()


def test_an_expired_challenge_is_shown_live(open_window: OpenWindow, tenant: TenantClient) -> None:
    tenant.bind_action()
    tenant.sign_up().log_in()
    overview, transaction = open_window(), open_window()
    ending = overview.get_by_role("list", name="Newest transactions").get_by_role("listitem").first.locator(".ending")
    expect(ending).to_have_text("MFA required")
    transaction.goto(f"{tenant.url}/_page/transactions/{tenant.traces(limit=1)[0]['execution_id']}")
    for seconds, label in ((600, "MFA expired"), (-600, "MFA required")):
        tenant.advance_clock(seconds)
        expect(ending).to_have_text(label)
        expect(transaction.locator(".heading .ending")).to_have_text(label)


def test_a_challenged_log_in_now_goes_on_with_a_code(open_window: OpenWindow, tenant: TenantClient) -> None:
    tenant.bind_action()
    ada = tenant.sign_up()
    app = ada.enrol().app
    window = open_window()
    window.goto(f"{tenant.url}/_page/users/{quote(ada.user_id)}")
    log_in_now(window)
    code = window.get_by_label("One-time password")
    code.fill(app.wrong_code())
    window.get_by_role("button", name="Continue the login").click()
    expect(window.get_by_role("alert")).to_have_text("The code is wrong or was used before.")
    label = window.locator("label[for=code]").inner_text().split()[-1]
    code.fill(label)
    window.get_by_role("button", name="Continue the login").click()
    expect(window.locator(".heading .ending")).to_have_text("Tokens issued after MFA")
    window.go_back()
    expect(window.get_by_role("heading", level=1)).to_have_text(ada.email)


def test_a_log_in_now_of_a_user_without_a_factor_leads_to_the_enrolment(
    open_window: OpenWindow, tenant: TenantClient
) -> None:
    tenant.bind_action()
    window = open_window()
    sign_up(window)
    log_in_now(window)
    window.get_by_role("button", name="Log in in the browser").click()
    wait_for_heading(window, "Log in")
    enter_password(window)
    wait_for_heading(window, "Secure your account")


def test_back_after_a_login_shows_a_page_at_every_step(open_window: OpenWindow, tenant: TenantClient) -> None:
    tenant.bind_action()
    window = open_window()
    begin_login(window, sign_up(window))
    enter_password(window, "wrong")
    expect(window.get_by_role("alert")).to_have_text("Wrong email or password.")
    enter_password(window)
    wait_for_heading(window, "Secure your account")
    enter_code(window, "123")
    expect(window.get_by_role("alert")).to_have_text("Enter the 6 digits that the app shows.")
    enter_code(window, AuthenticatorApp(tenant, window.locator("#secret").inner_text()).code())
    wait_for_heading(window, "Keep your recovery code")
    window.get_by_role("button", name="I have saved it: continue").click()
    wait_for_heading(window, "Logged in")
    headings: list[str] = []
    while not headings or headings[-1] != "ada@example.com":
        # Chromium's own page for a form that would be sent again has no heading.
        assert window.go_back() is not None
        headings.append(window.get_by_role("heading", level=1).inner_text(timeout=5_000))
    assert len(headings) > 3


def test_markup_in_a_new_row_stays_text(open_window: OpenWindow, tenant: TenantClient) -> None:
    nasty = "</li><img src=https://evil.example/x onerror=alert(1)>"
    deploy_actions(tenant)
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


def test_the_page_works_by_keyboard(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_actions(tenant)
    window = open_window()
    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="Skip to the content")).to_be_focused()
    window.keyboard.press("Enter")
    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="mark")).to_be_focused()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", level=1)).to_have_text("mark")


def test_deleting_all_users_empties_the_open_list(open_window: OpenWindow, tenant: TenantClient) -> None:
    deploy_actions(tenant)
    window = open_window()
    sign_up(window)
    window.goto(tenant.url)
    rows = window.get_by_role("list", name="Newest transactions").get_by_role("listitem")
    expect(rows).to_have_count(1)
    window.get_by_text("Delete all users…").click()
    window.get_by_role("button", name="Delete all users").click()
    expect(rows).to_have_count(0)
    expect(window.get_by_text("Nothing has run yet.")).to_be_visible()
    expect(window.get_by_role("link", name="challenge")).to_be_visible()
