"""auth0-react: a login, and a user who proves a factor in the application."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.application import Application, served
from browser.windows import OpenWindow
from local_tenant.testing import PASSWORD, REQUIRES_MFA, AuthenticatorApp, TenantClient
from playwright.sync_api import Page, expect

EMAIL = "ada@example.com"
BUNDLED = """\
import { Auth0Provider, useAuth0 } from "@auth0/auth0-react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
window.libraries = { Auth0Provider, createElement, createRoot, useAuth0 };
"""
SECONDS_TO_BUNDLE = 60


@pytest.fixture(scope="module")
def library(javascript_packages: Path) -> bytes:
    """React and auth0-react as one script."""
    command = [str(javascript_packages / ".bin/esbuild"), "--bundle", "--define:process.env.NODE_ENV='production'"]
    folder = javascript_packages.parent
    return subprocess.run(  # noqa: S603 - of this environment
        command, input=BUNDLED.encode(), cwd=folder, check=True, capture_output=True, timeout=SECONDS_TO_BUNDLE
    ).stdout


@pytest.fixture
def application(tenant: TenantClient, library: bytes) -> Iterator[Application]:
    """The application's server."""
    with served(tenant.ready, "react", library) as running:
        yield running


@pytest.fixture
def window(open_window: OpenWindow, application: Application, tenant: TenantClient) -> Page:
    """A browser in which a user has logged in to the application."""
    tenant.sign_up(EMAIL)
    window = open_window()
    window.goto(application.url)
    window.get_by_role("button", name="Log in").click()
    window.get_by_label("Email address").fill(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_role("status")).to_have_text(EMAIL)
    return window


def call(window: Page, expression: str) -> Any:  # noqa: ANN401 - anything JSON can hold
    """What a call of auth0-react resolves to; `{"error", …}` if it throws."""
    return window.evaluate(
        f"application.{expression}.catch("
        "({ error, error_description, mfa_token }) => ({ error, error_description, mfa_token }))"
    )


def challenged(window: Page) -> str:
    """The mfa_token of a request for a new access token."""
    error = call(window, "getAccessTokenSilently({ cacheMode: 'off' })")
    assert error["error"] == "mfa_required", error
    return str(error["mfa_token"])


def test_a_user_enrols_and_proves_a_factor_in_the_application(window: Page, tenant: TenantClient) -> None:
    tenant.bind_action(REQUIRES_MFA)
    token = challenged(window)
    assert call(window, f"mfa.getEnrollmentFactors('{token}')") == [{"type": "otp"}]
    enrolment = call(window, f"mfa.enroll({{ mfaToken: '{token}', factorType: 'otp' }})")
    app = AuthenticatorApp(tenant, enrolment["secret"])
    assert call(window, f"mfa.verify({{ mfaToken: '{token}', otp: '{app.code()}' }})")["access_token"]

    token = challenged(window)
    assert call(window, f"mfa.getEnrollmentFactors('{token}')") == []
    factors = call(window, f"mfa.getAuthenticators('{token}')")
    assert [(factor["type"], factor["active"]) for factor in factors] == [("recovery-code", True), ("otp", True)]
    challenge = call(window, f"mfa.challenge({{ mfaToken: '{token}', challengeType: 'otp' }})")
    assert challenge["challengeType"] == "otp"
    wrong = call(window, f"mfa.verify({{ mfaToken: '{token}', otp: '{app.wrong_code()}' }})")
    assert wrong["error"] == "invalid_grant"
    code = app.next_code()
    assert call(window, f"mfa.verify({{ mfaToken: '{token}', otp: '{code}' }})")["access_token"]


def test_an_action_that_denies_after_the_factor_is_an_error(window: Page, tenant: TenantClient) -> None:
    enrols = tenant.deploy_action(
        "enrols",
        code="exports.onExecutePostLogin = async (e, api) => { api.authentication.enrollWith({ type: 'otp' }); };",
    )
    denies = tenant.deploy_action(
        "denies", code="exports.onExecutePostLogin = async (event, api) => { api.access.deny('Not today'); };"
    )
    tenant.bind("post-login", [enrols["id"], denies["id"]])
    token = challenged(window)
    enrolment = call(window, f"mfa.enroll({{ mfaToken: '{token}', factorType: 'otp' }})")
    code = AuthenticatorApp(tenant, enrolment["secret"]).code()
    error = call(window, f"mfa.verify({{ mfaToken: '{token}', otp: '{code}' }})")
    assert (error["error"], error["error_description"]) == ("access_denied", "Not today")
