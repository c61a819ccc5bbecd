"""Auth0's library for browsers, auth0-spa-js as it is published, logs people in at the tenant from its own origin."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser.application import Application, served
from browser.conftest import OpenWindow
from browser.stage import deploy_three_actions
from local_tenant.testing import REQUIRES_MFA, AuthenticatorApp, Json, TenantClient
from playwright.sync_api import Page, expect

EMAIL = "ada@example.com"
PASSWORD = "Correct-horse-7-battery"
TELLS = """\
exports.onExecutePostLogin = async ({ client, request, transaction, refresh_token }) => {
  console.log(JSON.stringify({ client, query: request.query, transaction, refresh_token }));
};
"""
SCOPE = "openid profile email offline_access"


@pytest.fixture
def application(tenant: TenantClient, request: pytest.FixtureRequest) -> Iterator[Application]:
    """The application's server, over http by default; its tenant has the three Actions and one that tells."""
    tells = tenant.deploy_action("tells", code=TELLS)
    tenant.bind("post-login", [action["id"] for action in (*deploy_three_actions(tenant), tells)])
    with served(tenant.ready, getattr(request, "param", "http")) as running:
        yield running


# For those where the application's frame needs the tenant's cookie: see `served`.
same_site = pytest.mark.parametrize("application", ["https"], indirect=True)


@pytest.fixture
def window(open_window: OpenWindow, application: Application) -> Page:
    """A browser that has opened the application."""
    opened = open_window()
    visit(opened, application)
    return opened


def visit(window: Page, application: Application) -> None:
    """Open the application anew: it asks the tenant who is logged in, if anybody was before."""
    window.goto(application.url)
    expect(window.get_by_role("status")).not_to_have_text("Starting")


def press(window: Page, name: str) -> None:
    window.get_by_role("button", name=name, exact=True).click()


def sign_up(window: Page) -> None:
    """From the application over the tenant's pages and back."""
    press(window, "Sign up")
    expect(window.get_by_role("heading", level=1)).to_have_text("Sign up")
    fill_in(window)
    expect_user(window)


def sign_up_and_leave(window: Page) -> None:
    sign_up(window)
    press(window, "Log out")
    expect_nobody(window)


def fill_in(window: Page) -> None:
    window.get_by_label("Email address").fill(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    press(window, "Continue")


def expect_user(window: Page) -> None:
    expect(window.get_by_role("status")).to_have_text(f"Logged in as {EMAIL}")


def expect_nobody(window: Page) -> None:
    expect(window.get_by_role("status")).to_have_text("Nobody is logged in")


def ask(window: Page, call: str) -> Any:  # noqa: ANN401 - whatever the library answers
    """What a call of the library's client comes to; `{"failed": ERROR, "said": DESCRIPTION}` when it throws."""
    return window.evaluate(
        f"application.client.{call}.catch(e => ({{ failed: e.error, said: e.error_description }}))",
    )


def new_token(window: Page) -> Json:
    """A token that is not the one that the library remembers."""
    tokens: Json = ask(window, "getTokenSilently({cacheMode: 'off', detailedResponse: true})")
    return tokens


def seen(tenant: TenantClient) -> list[Json]:
    """What the Action that tells its event has told, oldest login first."""
    runs = tenant.api.get("/_local/traces").json()["traces"]
    traces = [tenant.api.get(f"/_local/traces/{run['execution_id']}").json()["trace"] for run in reversed(runs)]
    return [json.loads(trace["actions"][-1]["console"][0]["text"]) for trace in traces if trace["actions"][2:]]


def user_of(tenant: TenantClient) -> Json:
    found: list[Json] = tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()
    return found[0]


def test_a_new_user_signs_up_and_is_logged_in(application: Application, window: Page, tenant: TenantClient) -> None:
    expect_nobody(window)
    sign_up(window)
    assert window.url == f"{application.url}/"
    user = user_of(tenant)
    assert user["logins_count"] == 1
    assert ask(window, "getUser()")["sub"] == user["user_id"]
    claims = ask(window, "getIdTokenClaims()")
    client_id = tenant.ready["single_page_application"]["client_id"]
    assert (claims["iss"], claims["aud"], claims["sub"]) == (f"{tenant.url}/", client_id, user["user_id"])
    assert claims["email"] == EMAIL
    assert claims["nonce"]
    assert seen(tenant)[0]["client"]["name"] == "Single page application"
    assert tenant.log_types()[-1] == "seacft"


def test_own_parameters_reach_the_actions_and_the_applications_state_comes_back(
    application: Application,
    window: Page,
    tenant: TenantClient,
) -> None:
    application.login = {"ext-campaign": "spring", "colour": "blå & grøn", "login_hint": EMAIL}
    window.goto(f"{application.url}#inbox")
    window.reload()
    expect_nobody(window)
    press(window, "Sign up")
    expect(window.get_by_label("Email address")).to_have_value(EMAIL)
    fill_in(window)
    expect_user(window)
    query = seen(tenant)[0]["query"]
    assert {name: query[name] for name in application.login} == application.login
    assert window.evaluate("application.appState") == {"from": "#inbox"}


def test_a_login_that_an_action_denies_is_an_error_of_the_application(
    application: Application,
    window: Page,
    tenant: TenantClient,
) -> None:
    sign_up_and_leave(window)
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not <today>'); };")
    press(window, "Log in")
    fill_in(window)
    expect(window.get_by_role("status")).to_have_text("Failed: access_denied: Not <today>")
    assert window.url == f"{application.url}/"
    assert ask(window, "getUser()") is None


def test_refresh_tokens_are_exchanged_across_origins_and_rotate(
    application: Application,
    window: Page,
    tenant: TenantClient,
) -> None:
    application.options |= {"useRefreshTokens": True}
    visit(window, application)
    sign_up(window)
    tokens = [new_token(window) for _ in range(3)]
    assert [set(answer["scope"].split()) for answer in tokens] == [set(SCOPE.split())] * 3, tokens
    assert tenant.log_types()[-4:] == ["seacft", "sertft", "sertft", "sertft"]
    assert [event["transaction"]["protocol"] for event in seen(tenant)[1:]] == ["oauth2-refresh-token"] * 3
    assert seen(tenant)[-1]["refresh_token"]["rotating"] is True
    assert user_of(tenant)["logins_count"] == 1


def test_a_refresh_that_an_action_denies_can_be_read_by_the_page(
    application: Application,
    window: Page,
    tenant: TenantClient,
) -> None:
    application.options |= {"useRefreshTokens": True}
    visit(window, application)
    sign_up(window)
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not today'); };")
    failed = new_token(window)
    assert failed == {"failed": "access_denied", "said": "Not today"}


@same_site
def test_a_token_comes_silently_through_a_hidden_frame(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    first = ask(window, "getTokenSilently()")
    # Within one second the two would be equal, their signatures included.
    tenant.advance_clock(2)
    again = new_token(window)
    assert again["access_token"] != first
    assert "offline_access" not in again["scope"].split()
    assert seen(tenant)[-1]["query"]["response_mode"] == "web_message"
    assert user_of(tenant)["logins_count"] == 1


@same_site
def test_whoever_is_logged_in_still_is_after_a_reload_and_in_another_tab(
    application: Application,
    window: Page,
) -> None:
    sign_up(window)
    window.reload()
    expect_user(window)
    other = window.context.new_page()
    other.goto(application.url)
    expect_user(other)


def test_a_second_login_enrols_a_factor_and_comes_back(window: Page, tenant: TenantClient) -> None:
    sign_up_and_leave(window)
    press(window, "Log in")
    fill_in(window)
    expect(window.get_by_role("heading", level=1)).to_have_text("Secure your account")
    app = AuthenticatorApp(tenant, window.locator("#secret").inner_text())
    window.get_by_label("One-time code").fill(app.code())
    press(window, "Continue")
    window.get_by_role("link", name="continue").click()
    expect_user(window)
    assert ask(window, "getIdTokenClaims()")["amr"] == ["mfa"]
    assert user_of(tenant)["logins_count"] == 2


def test_nobody_is_asked_twice(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    before = len(seen(tenant))
    press(window, "Log in")
    expect_user(window)
    assert len(seen(tenant)) == before + 1
    assert user_of(tenant)["logins_count"] == 1


def test_a_popup_logs_in(application: Application, window: Page, tenant: TenantClient) -> None:
    sign_up_and_leave(window)
    tenant.bind("post-login", [])
    with window.expect_popup() as opened:
        press(window, "Log in in a popup")
    popup = opened.value
    with popup.expect_event("close"):
        fill_in(popup)
    expect_user(window)
    assert window.url == f"{application.url}/"


@same_site
def test_whoever_logs_out_is_logged_out_at_the_tenant_too(
    application: Application,
    window: Page,
    tenant: TenantClient,
) -> None:
    sign_up_and_leave(window)
    assert window.url == f"{application.url}/"
    assert new_token(window)["failed"] == "login_required"
    assert tenant.log_types()[-2:] == ["slo", "fsa"]
    press(window, "Log in")
    expect(window.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(window.get_by_label("Email address")).to_have_value("")


@same_site
def test_a_factor_that_is_wanted_cannot_be_asked_for_silently(window: Page, tenant: TenantClient) -> None:
    sign_up(window)
    tenant.bind_action(REQUIRES_MFA)
    failed = new_token(window)
    assert failed["failed"] == "login_required"
    assert re.search("multifactor", failed["said"], re.IGNORECASE)


@same_site
@pytest.mark.parametrize("rotating", [False, True])
def test_without_the_session_no_page_but_one_with_a_refresh_token_gets_tokens(
    application: Application,
    window: Page,
    tenant: TenantClient,
    rotating: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    application.options |= {"useRefreshTokens": rotating}
    visit(window, application)
    sign_up(window)
    # As a person does who clears the tenant's cookies alone.
    window.context.clear_cookies(name=re.compile("session"))
    assert new_token(window).get("failed") == (None if rotating else "login_required")
    assert tenant.log_types()[-1] == ("sertft" if rotating else "fsa")
