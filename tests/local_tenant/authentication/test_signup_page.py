"""The sign-up that a browser user sees."""

from collections.abc import Iterator

import pytest

from tests.local_tenant.authentication.browser import Browser, Shown, redeem
from tests.local_tenant.authentication.people import PASSWORD, REQUIRES_MFA, Person, bind_action, log_types, sign_up
from tests.local_tenant.tenant_client import TenantClient, expect

EMAIL = "grace@floatme.io"


SIGNUP = "exports.onExecutePreUserRegistration = async (event, api) => {{ {} }};\n"


@pytest.fixture
def browser(tenant: TenantClient) -> Iterator[Browser]:
    with Browser(tenant) as opened:
        yield opened


def signup_page(browser: Browser, **parameters: str | None) -> Shown:
    """From the application over the login page to the sign-up."""
    login = browser.authorize(**parameters)
    return browser.open(next(link for link in login.page.links if link.startswith("/u/signup")))


def test_whoever_signs_up_is_logged_in(tenant: TenantClient, browser: Browser) -> None:
    shown = browser.send(signup_page(browser), email=EMAIL, password=PASSWORD)
    user = tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()[0]
    assert user["logins_count"] == 1
    person = Person(tenant, EMAIL, user["user_id"])
    expect(redeem(person, shown.answered["code"]), 200)
    assert "ss" in log_types(tenant)


def test_both_flows_run_in_their_order(tenant: TenantClient, browser: Browser) -> None:
    signup = tenant.deploy_action(
        "at-signup",
        trigger="pre-user-registration",
        code=SIGNUP.format("api.user.setAppMetadata('from', 'signup');"),
    )
    tenant.bind("pre-user-registration", [signup["id"]])
    bind_action(tenant, code=REQUIRES_MFA)
    shown = browser.send(signup_page(browser), email=EMAIL, password=PASSWORD)
    assert shown.path == "/u/mfa-otp-enrollment"
    triggers = [run["trigger_id"] for run in tenant.api.get("/_local/traces").json()["traces"]]
    assert triggers == ["post-login", "pre-user-registration"]
    assert tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()[0]["app_metadata"] == {
        "from": "signup"
    }


def test_a_sign_up_that_is_refused_says_why_and_keeps_nobody(tenant: TenantClient, browser: Browser) -> None:
    page = signup_page(browser)
    weak = browser.send(page, email=EMAIL, password="weak")
    assert weak.answer.status_code == 400
    assert weak.page.alert == "Password is too weak"
    assert weak.page.inputs == {"email": EMAIL, "password": ""}
    denies = tenant.deploy_action(
        "denies",
        trigger="pre-user-registration",
        code=SIGNUP.format("api.access.deny('inner', 'Not today <b>');"),
    )
    tenant.bind("pre-user-registration", [denies["id"]])
    denied = browser.send(weak, email=EMAIL, password=PASSWORD)
    assert denied.page.alert == "Not today <b>"
    assert tenant.api.get("/api/v2/users").json() == []


def test_a_second_account_of_the_same_email_is_refused(tenant: TenantClient, browser: Browser) -> None:
    ada = sign_up(tenant)
    shown = browser.send(signup_page(browser), email=ada.email, password=PASSWORD)
    assert shown.page.alert == "Invalid sign up"
