"""The pictures of docs/pictures, of a tenant that `pulumi up` deployed to: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browser.acting import EMAIL, PASSWORD, arrive, give_code, sign_up
from browser.stage import bind_failing_action
from local_tenant.page.addresses import page_url
from local_tenant.testing import AuthenticatorApp, TenantClient, chromium
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser.stage import pulumi_up

PICTURES = Path(__file__).parents[1] / "packages" / "local-tenant" / "docs" / "pictures"
LARGEST = 150_000

# What stale reads look like: the three Actions that ship have none.
GREETS = """\
exports.onExecutePostLogin = async (event, api) => {
  console.log('last seen at', event.user.user_metadata.last_ip);
  api.user.setUserMetadata('greeted', true);
};
"""


def main() -> int:
    """Make them all; exit code 1 without a Chromium."""
    path = chromium.find()
    if path is None:
        sys.stderr.write(f"{chromium.NONE_FOUND}\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        pulumi_up(Path(folder)) as tenant,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=path, args=[*chromium.launch_arguments(), "--disable-lcd-text"]
        )
        try:
            _play(tenant, browser)
        finally:
            browser.close()
    return 0


def _play(tenant: TenantClient, browser: Browser) -> None:
    actions = [binding["action"] for binding in tenant.flow("post-login")]
    greets = tenant.deploy_action("greet", code=GREETS, runtime="node22")
    tenant.bind("post-login", [action["id"] for action in (*actions, greets)])
    window = _window(tenant, browser)
    ada = sign_up(window, EMAIL)
    _log_in(window)
    stale = window.url
    window.goto(ada)
    window.get_by_role("button", name="Log in in the browser").click()
    arrive(window, "Log in")
    _take(window, "login")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()
    arrive(window, "Secure your account")
    _take(window, "enrolment")
    app = AuthenticatorApp(tenant, window.locator("#secret").inner_text())
    give_code(window, "One-time code", app.code())
    window.get_by_role("link", name="continue").click()
    arrive(window, "Logged in")
    _take(window, "logged-in")
    window.get_by_role("link", name="Log in again").click()
    give_code(window, "Code", app.code(steps=1))
    arrive(window, "Logged in")
    sign_up(window, "grace@floatme.io")
    _log_in(window)
    bind_failing_action(tenant, actions)
    sign_up(window, "linus@floatme.io")
    _log_in(window)
    failed = window.url
    tenant.bind("post-login", [action["id"] for action in (*actions, greets)])
    changed = tenant.action(actions[0]["id"])
    tenant.change_action(changed["id"], code=changed["code"].replace("last_ip", "last_known_ip"))
    tenant.built(changed["id"])
    views = {
        "flows": tenant.url,
        "transaction": stale,
        "failed-action": failed,
        "changes": f"{tenant.url}/_page/actions/{changed['id']}?show=draft&against=1",
        "user": ada,
    }
    for name, address in views.items():
        window.goto(address)
        if name == "changes":
            expect(window.get_by_text("last_known_ip").first).to_be_visible()
        _take(window, name)
    for name, colour, width in (("flows-dark", "dark", 1_040), ("flows-narrow", "light", 400)):
        other = _window(tenant, browser, colour, width)
        _take(other, name)


def _window(tenant: TenantClient, browser: Browser, colour: str = "light", width: int = 1_040) -> Page:
    context = browser.new_context(
        ignore_https_errors=True,
        color_scheme="dark" if colour == "dark" else "light",
        reduced_motion="reduce",
        viewport={"width": width, "height": 760},
    )
    window = context.new_page()
    window.goto(page_url(tenant.url, tenant.ready["management"]["client_secret"]))
    window.wait_for_url(f"{tenant.url}/")
    return window


def _log_in(window: Page) -> None:
    window.get_by_label("IP address").fill("203.0.113.7")
    window.get_by_role("button", name="Log in now").click()
    expect(window.get_by_role("heading", name="Snapshot")).to_be_visible()


def _take(window: Page, name: str) -> None:
    if window.locator("[data-live-status]").count():
        expect(window.get_by_role("status")).to_have_text("Live")
    content = window.screenshot(path=PICTURES / f"{name}.png", full_page=not name.startswith("flows"))
    if len(content) > LARGEST:
        raise ValueError(f"{name}.png has {len(content)} bytes, more than {LARGEST}")
    sys.stdout.write(f"packages/local-tenant/docs/pictures/{name}.png ({len(content) // 1000} kB)\n")


if __name__ == "__main__":
    sys.exit(main())
