"""Take the pictures of the tenant's page, after `pulumi up` deployed to it: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from local_tenant.testing import AuthenticatorApp, TenantClient
from local_tenant.testing.browser import (
    Colour,
    Windows,
    begin_login,
    enter_code,
    enter_password,
    open_tenant_page,
    running_chromium,
    sign_up,
    wait_for_heading,
)
from local_tenant.testing.chromium import ChromiumMissingError
from playwright.sync_api import Page, expect

from tests.e2e.browser.stage import EMAIL, number_of_the_challenged_login, pulumi_up

PICTURES = Path(__file__).parents[1] / "packages" / "local-tenant" / "docs" / "pictures"
LARGEST = 160_000

# It reads what an earlier Action wrote, which the picture shows as stale; the three Actions never do.
GREETS = """\
exports.onExecutePostLogin = async (event, api) => {
  console.log('last seen at', event.user.user_metadata.last_ip);
  api.user.setUserMetadata('greeted', true);
};
"""


FAILS = """\
exports.onExecutePostLogin = async (event, api) => {
  console.log('looking up', event.user.email);
  api.user.setAppMetadata('customer', 'unknown');
  throw new Error('the customer service did not answer');
};
"""


def main() -> int:
    """Take all pictures; exit code 1 without a Chromium."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        with (
            running_chromium(["--disable-lcd-text"]) as browser,
            tempfile.TemporaryDirectory() as folder,
            pulumi_up(Path(folder)) as tenant,
            Windows(browser) as windows,
        ):
            _play(tenant, windows)
    except ChromiumMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _play(tenant: TenantClient, windows: Windows) -> None:
    actions = [binding["action"] for binding in tenant.flow("post-login")]
    greets = tenant.deploy_action("greet", code=GREETS, runtime="node22")
    tenant.bind("post-login", [action["id"] for action in (*actions, greets)])
    window = _window(tenant, windows)
    ada = sign_up(window, EMAIL)
    for _ in range(number_of_the_challenged_login() - 1):
        _log_in(window)
    stale = window.url
    begin_login(window, ada)
    _take(window, "login")
    enter_password(window)
    wait_for_heading(window, "Secure your account")
    _take(window, "enrolment")
    app = AuthenticatorApp(tenant, window.locator("#secret").inner_text())
    enter_code(window, app.code())
    window.get_by_role("button", name="continue").click()
    wait_for_heading(window, "Logged in")
    _take(window, "logged-in")
    window.get_by_role("link", name="Log in again").click()
    enter_code(window, app.code(steps=1))
    wait_for_heading(window, "Logged in")
    sign_up(window, "grace@floatme.io")
    _log_in(window)
    fails = tenant.deploy_action("look-up-customer", code=FAILS, runtime="node22")
    tenant.bind("post-login", [action["id"] for action in (*actions, fails)])
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
    _take(_window(tenant, windows, "dark"), "flows-dark")
    _take(_window(tenant, windows, width=400), "flows-narrow")


def _window(tenant: TenantClient, windows: Windows, colour: Colour = "light", width: int = 1_040) -> Page:
    window = windows.open(colour, width, 760)
    open_tenant_page(window, tenant)
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
