"""Every view, wide and narrow, light and dark, checked by axe-core."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from browser.actions import bind_failing_action, deploy_actions
from browser.windows import OpenWindow
from local_tenant.testing import AuthenticatorApp, TenantClient
from local_tenant.testing.browser import (
    Colour,
    begin_login,
    enter_code,
    enter_password,
    log_in_now,
    sign_up,
    wait_for_heading,
)
from local_tenant.testing.people import CONNECTION
from playwright.sync_api import Page


@pytest.fixture(scope="module")
def axe(javascript_packages: Path) -> str:
    """axe-core's source."""
    return (javascript_packages / "axe-core/axe.min.js").read_text()


def violations(window: Page, axe: str) -> list[str]:
    """The violations that axe-core reports, as `rule: element`."""
    # Not as a <script>: the page's content policy allows none but its own.
    window.evaluate(axe)
    result: dict[str, Any] = window.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {node['html']}" for rule in result["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_view_is_accessible_and_fits_its_window(
    open_window: OpenWindow, tenant: TenantClient, axe: str, colour: Colour, width: int
) -> None:
    actions = deploy_actions(tenant)
    tenant.change_action(actions[0]["id"], code=f"{actions[0]['code']}\n// changed\n")
    tenant.deploy(actions[0]["id"])
    bind_failing_action(tenant, actions)
    window = open_window(colour, width)
    person = sign_up(window)
    failed = log_in_now(window)
    tenant.bind("post-login", [action["id"] for action in actions])
    window.goto(person)
    passed = log_in_now(window)
    window.goto(person)
    challenged = log_in_now(window)
    action = f"{tenant.url}/_page/actions/{actions[0]['id']}"
    views = {
        "home": tenant.url,
        "transactions": f"{tenant.url}/_page/transactions",
        "failed transaction": failed,
        "transaction": passed,
        "challenged transaction": challenged,
        "action": action,
        "diff": f"{action}?show=2&against=1",
        "users": f"{tenant.url}/_page/users",
        "user": person,
        "nothing": f"{tenant.url}/_page/nothing",
    }
    problems = {}
    for name, address in views.items():
        window.goto(address)
        problems[name] = _problems(window, axe)
    begin_login(window, person)
    problems["login"] = _problems(window, axe)
    window.get_by_role("link", name="Sign up instead").click()
    wait_for_heading(window, "Sign up")
    problems["sign-up"] = _problems(window, axe)
    begin_login(window, person)
    enter_password(window)
    wait_for_heading(window, "Secure your account")
    problems["enrolment"] = _problems(window, axe)
    enter_code(window, AuthenticatorApp(tenant, window.locator("#secret").inner_text()).code())
    wait_for_heading(window, "Keep your recovery code")
    problems["recovery code"] = _problems(window, axe)
    window.get_by_role("button", name="continue").click()
    wait_for_heading(window, "Logged in")
    problems["logged in"] = _problems(window, axe)
    window.goto(person)
    problems["user with a session"] = _problems(window, axe)
    problems |= _problems_of_confirmation_and_new_password(window, tenant, axe)
    window.goto(f"{tenant.url}/oidc/logout")
    wait_for_heading(window, "Log out?")
    problems["confirmation of a logout"] = _problems(window, axe)
    window.get_by_role("button", name="Log out").click()
    wait_for_heading(window, "Logged out")
    problems["logged out"] = _problems(window, axe)
    assert {name: each for name, each in problems.items() if each} == {}


def _problems_of_confirmation_and_new_password(window: Page, tenant: TenantClient, axe: str) -> dict[str, list[str]]:
    application = tenant.ready["application"]["client_id"]
    tenant.change_client(application, skip_non_verifiable_callback_uri_confirmation_prompt=False)
    tenant.bind("post-login", [])
    query = {"client_id": application, "redirect_uri": "http://localhost/", "response_type": "code"}
    window.goto(f"{tenant.url}/authorize?{urlencode(query)}")
    wait_for_heading(window, "Is this you?")
    confirmation = _problems(window, axe)
    email = tenant.api.get("/api/v2/users").json()[0]["email"]
    body = {"client_id": application, "connection": CONNECTION, "email": email}
    tenant.http.post("/dbconnections/change_password", json=body)
    window.goto(tenant.mails()[0]["link"])
    wait_for_heading(window, "Change your password")
    return {"confirmation of a login": confirmation, "new password": _problems(window, axe)}


def _problems(window: Page, axe: str) -> list[str]:
    problems = violations(window, axe)
    if window.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        problems.append("it scrolls sideways")
    return problems
