"""auth0-spa-js, Auth0's library for browsers, logs users in at the tenant from an application of another origin."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from browser.actions import deploy_actions
from browser.application import Application, served
from browser.windows import OpenWindow
from local_tenant.testing import PASSWORD, REQUIRES_MFA, AuthenticatorApp, Json, TenantClient
from playwright.sync_api import Page, expect

EMAIL = "ada@example.com"
LIBRARY = "@auth0/auth0-spa-js/dist/auth0-spa-js.production.js"
LOGS_EVENT = """\
exports.onExecutePostLogin = async ({ client, request, transaction, refresh_token }) => {
  console.log(JSON.stringify({ client, query: request.query, transaction, refresh_token }));
};
"""
SCOPE = "openid profile email offline_access"


@pytest.fixture
def application(
    tenant: TenantClient, javascript_packages: Path, request: pytest.FixtureRequest
) -> Iterator[Application]:
    """The application's server, over http by default; an Action of its tenant logs the event."""
    logs = tenant.deploy_action("log-event", code=LOGS_EVENT)
    tenant.bind("post-login", [action["id"] for action in (*deploy_actions(tenant), logs)])
    library = (javascript_packages / LIBRARY).read_bytes()
    with served(tenant.ready, "spa", library, getattr(request, "param", "http")) as running:
        yield running


# Where the application's hidden frame needs the tenant's cookie: see `served`.
same_site = pytest.mark.parametrize("application", ["https"], indirect=True)


@pytest.fixture
def window(open_window: OpenWindow, application: Application) -> Page:
    """A browser that has opened the application."""
    opened = open_window()
    visit(opened, application)
    return opened


def visit(window: Page, application: Application) -> None:
    """Load the application: it asks the tenant who is logged in if a user was before."""
    window.goto(application.url)
    expect(window.get_by_role("status")).not_to_have_text("Starting")


def press(window: Page, name: str) -> None:
    window.get_by_role("button", name=name, exact=True).click()


def sign_up(window: Page) -> None:
    """Sign up on the tenant's page, coming from the application."""
    press(window, "Sign up")
    expect(window.get_by_role("heading", level=1)).to_have_text("Sign up")
    fill_in(window)
    expect_user(window)


def sign_up_and_log_out(window: Page) -> None:
    sign_up(window)
    press(window, "Log out")
    expect_logged_out(window)


def fill_in(window: Page) -> None:
    window.get_by_label("Email address").fill(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    press(window, "Continue")


def expect_user(window: Page) -> None:
    expect(window.get_by_role("status")).to_have_text(f"Logged in as {EMAIL}")


def expect_logged_out(window: Page) -> None:
    expect(window.get_by_role("status")).to_have_text("Not logged in")


def call(window: Page, method: str) -> Any:  # noqa: ANN401 - anything JSON can hold
    """What a method of the library's client resolves to; `{"error", "description"}` if it throws."""
    return window.evaluate(
        f"application.client.{method}.catch(e => ({{ error: e.error, description: e.error_description }}))"
    )


def new_token(window: Page) -> Json:
    """The token response of a request that bypasses the library's cache."""
    tokens: Json = call(window, "getTokenSilently({cacheMode: 'off', detailedResponse: true})")
    return tokens


def logged_events(tenant: TenantClient) -> list[Json]:
    """The events that the Action logged, oldest login first."""
    traces = [tenant.trace(run["execution_id"])["trace"] for run in reversed(tenant.traces())]
    return [json.loads(trace["actions"][-1]["console"][0]["text"]) for trace in traces if trace["actions"][2:]]


def user_of(tenant: TenantClient) -> Json:
    users: list[Json] = tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()
    return users[0]


def test_a_new_user_signs_up_and_is_logged_in(application: Application, window: Page, tenant: TenantClient) -> None:
    expect_logged_out(window)
    sign_up(window)
    assert window.url == f"{application.url}/"
    user = user_of(tenant)
    assert user["logins_count"] == 1
    assert call(window, "getUser()")["sub"] == user["user_id"]
    claims = call(window, "getIdTokenClaims()")
    client_id = tenant.ready["single_page_application"]["client_id"]
    assert (claims["iss"], claims["aud"], claims["sub"]) == (f"{tenant.url}/", client_id, user["user_id"])
    assert claims["email"] == EMAIL
    assert claims["nonce"]
    assert logged_events(tenant)[0]["client"]["name"] == "Single page application"
    assert tenant.log_types()[-1] == "seacft"


def test_custom_parameters_reach_the_actions_and_the_app_state_returns(
    application: Application, window: Page, tenant: TenantClient
) -> None:
    application.login = {"ext-campaign": "spring", "colour": "blå & grøn", "login_hint": EMAIL}
    window.goto(f"{application.url}#inbox")
    window.reload()
    expect_logged_out(window)
    press(window, "Sign up")
    expect(window.get_by_label("Email address")).to_have_value(EMAIL)
    fill_in(window)
    expect_user(window)
    query = logged_events(tenant)[0]["query"]
    assert {name: query[name] for name in application.login} == application.login
    assert window.evaluate("application.appState") == {"from": "#inbox"}


def test_a_denied_login_is_an_error_in_the_application(
    application: Application, window: Page, tenant: TenantClient
) -> None:
    sign_up_and_log_out(window)
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not <today>'); };")
    press(window, "Log in")
    fill_in(window)
    expect(window.get_by_role("status")).to_have_text("Failed: access_denied: Not <today>")
    assert window.url == f"{application.url}/"
    assert call(window, "getUser()") is None


def test_refresh_tokens_rotate_across_origins(application: Application, window: Page, tenant: TenantClient) -> None:
    application.options |= {"useRefreshTokens": True}
    visit(window, application)
    sign_up(window)
    tokens = [new_token(window) for _ in range(3)]
    assert [set(answer["scope"].split()) for answer in tokens] == [set(SCOPE.split())] * 3, tokens
    assert tenant.log_types()[-4:] == ["seacft", "sertft", "sertft", "sertft"]
    assert [event["transaction"]["protocol"] for event in logged_events(tenant)[1:]] == ["oauth2-refresh-token"] * 3
    assert logged_events(tenant)[-1]["refresh_token"]["rotating"] is True
    assert user_of(tenant)["logins_count"] == 1


def test_a_denied_refresh_is_readable_across_origins(
    application: Application, window: Page, tenant: TenantClient
) -> None:
    application.options |= {"useRefreshTokens": True}
    visit(window, application)
    sign_up(window)
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not today'); };")
    error = new_token(window)
    assert error == {"error": "access_denied", "description": "Not today"}


@same_site
def test_a_hidden_frame_gets_a_token_silently(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    first = call(window, "getTokenSilently()")
    # Within one second the two would be equal, their signatures included.
    tenant.advance_clock(2)
    again = new_token(window)
    assert again["access_token"] != first
    assert "offline_access" not in again["scope"].split()
    assert logged_events(tenant)[-1]["query"]["response_mode"] == "web_message"
    assert user_of(tenant)["logins_count"] == 1


@same_site
def test_a_login_survives_a_reload_and_holds_in_another_tab(application: Application, window: Page) -> None:
    sign_up(window)
    window.reload()
    expect_user(window)
    other = window.context.new_page()
    other.goto(application.url)
    expect_user(other)


def test_a_challenged_login_enrols_and_returns_to_the_application(window: Page, tenant: TenantClient) -> None:
    sign_up_and_log_out(window)
    press(window, "Log in")
    fill_in(window)
    expect(window.get_by_role("heading", level=1)).to_have_text("Secure your account")
    app = AuthenticatorApp(tenant, window.locator("#secret").inner_text())
    window.get_by_label("One-time code").fill(app.code())
    press(window, "Continue")
    window.get_by_role("button", name="continue").click()
    expect_user(window)
    assert call(window, "getIdTokenClaims()")["amr"] == ["mfa"]
    assert user_of(tenant)["logins_count"] == 2


def test_a_logged_in_user_is_not_asked_for_the_password_again(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    before = len(logged_events(tenant))
    press(window, "Log in")
    expect_user(window)
    assert len(logged_events(tenant)) == before + 1
    assert user_of(tenant)["logins_count"] == 1


def test_a_popup_logs_in(application: Application, window: Page, tenant: TenantClient) -> None:
    sign_up_and_log_out(window)
    tenant.bind("post-login", [])
    with window.expect_popup() as opened:
        press(window, "Log in in a popup")
    popup = opened.value
    with popup.expect_event("close"):
        fill_in(popup)
    expect_user(window)
    assert window.url == f"{application.url}/"


@same_site
def test_a_logout_ends_the_session_at_the_tenant(application: Application, window: Page, tenant: TenantClient) -> None:
    sign_up_and_log_out(window)
    assert window.url == f"{application.url}/"
    assert new_token(window)["error"] == "login_required"
    assert tenant.log_types()[-2:] == ["slo", "fsa"]
    press(window, "Log in")
    expect(window.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(window.get_by_label("Email address")).to_have_value("")


@same_site
def test_silent_authentication_fails_where_mfa_is_required(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    tenant.bind_action(REQUIRES_MFA)
    error = new_token(window)
    assert error["error"] == "login_required"
    assert re.search("multifactor", error["description"], re.IGNORECASE)


@same_site
@pytest.mark.parametrize("rotating", [False, True])
def test_without_a_session_only_a_refresh_token_gets_tokens(
    application: Application,
    window: Page,
    tenant: TenantClient,
    rotating: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    application.options |= {"useRefreshTokens": rotating}
    visit(window, application)
    sign_up(window)
    # As a user does who clears the tenant's cookies only.
    window.context.clear_cookies(name=re.compile("session"))
    assert new_token(window).get("error") == (None if rotating else "login_required")
    assert tenant.log_types()[-1] == ("sertft" if rotating else "fsa")


def test_a_window_of_another_origin_gets_no_message(open_window: OpenWindow, tenant: TenantClient) -> None:
    ada = tenant.sign_up()
    window = open_window()
    query = {
        "client_id": ada.application["client_id"],
        "redirect_uri": "http://localhost:3000/",
        "response_type": "code",
        "response_mode": "web_message",
        "prompt": "none",
    }
    window.goto(f"{tenant.url}/_local/health")
    window.evaluate("window.messages = []; addEventListener('message', ({ data }) => messages.push(data))")
    with window.expect_popup() as opened:
        window.evaluate("address => { open(address); }", f"{tenant.url}/authorize?{urlencode(query)}")
    opened.value.wait_for_load_state()
    # Messages keep their order: what the page posted would have come before.
    opened.value.evaluate("opener.postMessage('last', '*')")
    window.wait_for_function("messages.includes('last')")
    assert window.evaluate("messages") == ["last"]
