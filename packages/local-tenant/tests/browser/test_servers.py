"""Servers whose users log in at the tenant with Auth0's and other libraries for Node, unchanged, in a browser."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser.windows import OpenWindow
from local_tenant.testing import PASSWORD, REQUIRES_MFA, AuthenticatorApp, TenantClient
from playwright.sync_api import Page, expect

EMAIL = "ada@example.com"
SERVERS = Path(__file__).parent / "servers"
SECONDS_TO_END = 10
SECONDS_FOR_A_CALL = 60

Serve = Callable[..., str]


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Serve]:
    """Starts a server; returns its address. Its environment may be extended."""
    with ExitStack() as running:
        yield lambda name, **more: running.enter_context(_served(name, {**environment, **more}))


@contextmanager
def _served(name: str, environment: dict[str, str]) -> Iterator[str]:
    command = ["node", str(SERVERS / f"{name}.js")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(SECONDS_TO_END)


@pytest.fixture
def window(open_window: OpenWindow, tenant: TenantClient) -> Page:
    """A browser; Ada has an account."""
    tenant.sign_up(EMAIL)
    return open_window()


def log_in(window: Page, address: str) -> None:
    window.goto(address)
    window.get_by_label("Email address").fill(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()


def expect_text(window: Page, text: str) -> None:
    expect(window.locator("body")).to_have_text(text)


def test_auth0s_express_quickstart_logs_in_and_out(serve: Serve, window: Page, tenant: TenantClient) -> None:
    url = serve("express_openid_connect")
    log_in(window, f"{url}/login")
    expect_text(window, f"Logged in as {EMAIL}")
    assert window.url == f"{url}/"
    window.goto(f"{url}/profile")
    expect(window.locator("body")).to_contain_text('"sub":"auth0|')
    window.goto(f"{url}/logout")
    expect_text(window, "Logged out")
    assert tenant.log_types()[-1] == "slo"
    # The session at the tenant has ended too.
    window.goto(f"{url}/login")
    expect(window.get_by_role("heading", level=1)).to_have_text("Log in")


def test_the_express_quickstart_logs_in_in_a_session_and_after_a_challenge(
    serve: Serve, window: Page, tenant: TenantClient
) -> None:
    url = serve("express_openid_connect")
    tenant.bind_action(REQUIRES_MFA)
    log_in(window, f"{url}/login")
    app = AuthenticatorApp(tenant, window.locator("#secret").inner_text())
    window.get_by_label("One-time code").fill(app.code())
    window.get_by_role("button", name="Continue").click()
    window.get_by_role("button", name="continue").click()
    expect_text(window, f"Logged in as {EMAIL}")
    tenant.bind("post-login", [])
    window.context.clear_cookies(name="appSession")
    window.goto(f"{url}/login")
    expect_text(window, f"Logged in as {EMAIL}")


def test_the_express_quickstart_shows_a_denial_as_an_error(serve: Serve, window: Page, tenant: TenantClient) -> None:
    url = serve("express_openid_connect")
    tenant.bind_action("exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not today'); };")
    with window.expect_response(f"{url}/callback") as callback:
        log_in(window, f"{url}/login")
    assert callback.value.status == 400
    expect_text(window, "access_denied: Not today")


def test_express_openid_connect_logs_in_with_a_hybrid_flow(serve: Serve, window: Page, tenant: TenantClient) -> None:
    secret = tenant.ready["application"]["client_secret"]
    options = f'{{"clientSecret": "{secret}", "authorizationParams": {{"response_type": "code id_token"}}}}'
    url = serve("express_openid_connect", OPTIONS=options)
    log_in(window, f"{url}/login")
    expect_text(window, f"Logged in as {EMAIL}")
    assert tenant.log_types()[-1] == "seacft"


def test_passport_auth0_logs_in(serve: Serve, window: Page) -> None:
    log_in(window, f"{serve('passport_auth0')}/login")
    expect_text(window, f"Logged in as {EMAIL}")


def test_openid_client_logs_in_and_refreshes(serve: Serve, window: Page) -> None:
    log_in(window, f"{serve('openid_client')}/login")
    expect_text(window, f"Logged in as {EMAIL}, refreshed as {EMAIL}")


def test_a_callback_may_redirect_to_another_origin_of_this_machine(serve: Serve, window: Page) -> None:
    """Chromium checks the form-action of the login page for each redirect that follows."""
    front_end = serve("express_openid_connect")
    log_in(window, f"{serve('openid_client', FRONT_END=front_end)}/login")
    expect_text(window, "Logged out")
    assert window.url.startswith(f"{front_end}/?text=Logged+in+as")


def test_auth0_auth_js_enrols_and_proves_a_factor(tenant: TenantClient, environment: dict[str, str]) -> None:
    def call(method: str, **options: object) -> Any:  # noqa: ANN401 - anything JSON can hold
        command = ["node", str(SERVERS / "auth0_auth_js.js"), method, json.dumps({"mfaToken": token, **options})]
        ran = subprocess.run(  # noqa: S603
            command, env=environment, check=True, capture_output=True, text=True, timeout=SECONDS_FOR_A_CALL
        )
        return json.loads(ran.stdout)

    tenant.bind_action(REQUIRES_MFA)
    ada = tenant.sign_up(EMAIL)
    token = ada.mfa_token()
    enrolment = call("enrollAuthenticator", authenticatorTypes=["otp"])
    app = AuthenticatorApp(tenant, enrolment["secret"])
    assert call("verify", factorType="otp", otp=app.code())["accessToken"]
    token = ada.mfa_token()
    assert [each["type"] for each in call("listAuthenticators")] == ["recovery-code", "otp"]
    assert call("challengeAuthenticator", challengeType="otp")["challengeType"] == "otp"
    assert call("enrollAuthenticator", authenticatorTypes=["oob"])["error"]["error"] == "not_built_locally"
