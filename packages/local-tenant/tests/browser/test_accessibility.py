"""Every view, wide and narrow, light and dark, held against axe-core's rules."""

from typing import Any

import pytest
from browser.acting import EMAIL, arrive, give_code, log_in_in_the_browser, sign_up
from browser.conftest import OpenWindow
from browser.javascript import package_file
from browser.stage import bind_failing_action, deploy_three_actions
from local_tenant.testing import AuthenticatorApp, TenantClient
from playwright.sync_api import Page


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's source."""
    return package_file("axe-core/axe.min.js").read_text()


def violations(window: Page, axe: str) -> list[str]:
    """What axe-core finds, as `rule: element`."""
    # Not as a <script>: the page's content policy allows none but its own.
    window.evaluate(axe)
    result: dict[str, Any] = window.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{found['id']}: {node['html']}" for found in result["violations"] for node in found["nodes"]]


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_no_view_breaks_a_rule_or_is_wider_than_its_window(
    open_window: OpenWindow,
    tenant: TenantClient,
    axe: str,
    colour: str,
    width: int,
) -> None:
    actions = deploy_three_actions(tenant)
    tenant.change_action(actions[0]["id"], code=f"{actions[0]['code']}\n// changed\n")
    tenant.deploy(actions[0]["id"])
    bind_failing_action(tenant, actions)
    window = open_window(colour, width)
    person = sign_up(window)
    failed = _log_in_now(window)
    tenant.bind("post-login", [action["id"] for action in actions])
    window.goto(person)
    challenged = _log_in_now(window)
    action = f"{tenant.url}/_page/actions/{actions[0]['id']}"
    views = {
        "home": tenant.url,
        "transactions": f"{tenant.url}/_page/transactions",
        "failed transaction": failed,
        "challenged transaction": challenged,
        "action": action,
        "diff": f"{action}?show=2&against=1",
        "users": f"{tenant.url}/_page/users",
        "user": person,
        "nothing": f"{tenant.url}/_page/nothing",
    }
    found = {}
    for name, address in views.items():
        window.goto(address)
        found[name] = _problems(window, axe)
    window.goto(person)
    window.get_by_role("button", name="Log in in the browser").click()
    arrive(window, "Log in")
    found["login"] = _problems(window, axe)
    window.get_by_role("link", name="Sign up instead").click()
    arrive(window, "Sign up")
    found["sign-up"] = _problems(window, axe)
    log_in_in_the_browser(window, person)
    arrive(window, "Secure your account")
    found["enrolment"] = _problems(window, axe)
    give_code(window, "One-time code", AuthenticatorApp(tenant, window.locator("#secret").inner_text()).code())
    arrive(window, "Keep your recovery code")
    found["recovery code"] = _problems(window, axe)
    window.get_by_role("link", name="continue").click()
    arrive(window, "Logged in")
    found["logged in"] = _problems(window, axe)
    window.goto(person)
    found["user with a session"] = _problems(window, axe)
    window.goto(f"{tenant.url}/oidc/logout")
    arrive(window, "Log out?")
    found["confirmation of a logout"] = _problems(window, axe)
    window.get_by_role("button", name="Log out").click()
    arrive(window, "Logged out")
    found["logged out"] = _problems(window, axe)
    assert {name: problems for name, problems in found.items() if problems} == {}


def _log_in_now(window: Page) -> str:
    """On a user's page; the address of the transaction that comes of it."""
    window.get_by_role("button", name="Log in now").click()
    arrive(window, EMAIL)
    window.wait_for_url("**/_page/transactions/*")
    return window.url


def _problems(window: Page, axe: str) -> list[str]:
    found = violations(window, axe)
    if window.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("it scrolls sideways")
    return found
