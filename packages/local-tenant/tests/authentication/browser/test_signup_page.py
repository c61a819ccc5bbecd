"""The sign-up that a browser user sees."""

import json

from local_tenant.testing import PASSWORD, REQUIRES_MFA, Person, TenantClient, expect
from login_browser import Browser, Visit, redeem

EMAIL = "grace@example.com"


SIGNUP = "exports.onExecutePreUserRegistration = async (event, api) => {{ {} }};\n"


def signup_page(browser: Browser, **parameters: str | None) -> Visit:
    """From the application over the login page to the sign-up."""
    login = browser.authorize(**parameters)
    return browser.open(next(link for link in login.page.links if link.startswith("/u/signup")))


def test_a_sign_up_logs_the_user_in(tenant: TenantClient, browser: Browser) -> None:
    visit = browser.send(signup_page(browser), email=EMAIL, password=PASSWORD)
    user = tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()[0]
    assert user["logins_count"] == 1
    person = Person(tenant, EMAIL, user["user_id"])
    expect(redeem(person, visit.callback["code"]), 200)
    assert "ss" in tenant.log_types()


def test_the_sign_up_flow_runs_before_the_login_flow(tenant: TenantClient, browser: Browser) -> None:
    signup = tenant.deploy_action(
        "at-signup", trigger="pre-user-registration", code=SIGNUP.format("api.user.setAppMetadata('from', 'signup');")
    )
    tenant.bind("pre-user-registration", [signup["id"]])
    tenant.bind_action(code=REQUIRES_MFA)
    visit = browser.send(signup_page(browser), email=EMAIL, password=PASSWORD)
    assert visit.path == "/u/mfa-otp-enrollment"
    triggers = [run["trigger_id"] for run in tenant.traces()]
    assert triggers == ["post-login", "pre-user-registration"]
    assert tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()[0]["app_metadata"] == {
        "from": "signup"
    }


def test_a_sign_up_and_the_login_that_follows_are_one_transaction(tenant: TenantClient, browser: Browser) -> None:
    keep = "api.user.setAppMetadata('{}', event.transaction);"
    signup = tenant.deploy_action(
        "at-signup", trigger="pre-user-registration", code=SIGNUP.format(keep.format("signup"))
    )
    tenant.bind("pre-user-registration", [signup["id"]])
    tenant.bind_action(code=f"exports.onExecutePostLogin = async (event, api) => {{ {keep.format('login')} }};")
    browser.send(signup_page(browser, acr_values="a"), email=EMAIL, password=PASSWORD)
    transactions = tenant.api.get("/api/v2/users-by-email", params={"email": EMAIL}).json()[0]["app_metadata"]
    assert transactions["signup"] | {"metadata": {}} == transactions["login"]
    assert transactions["signup"]["protocol"] == "oidc-basic-profile"
    assert transactions["signup"]["acr_values"] == ["a"]
    with Browser(tenant) as other:
        other.send(signup_page(other), email=f"other-{EMAIL}", password=PASSWORD)
    others = tenant.api.get("/api/v2/users-by-email", params={"email": f"other-{EMAIL}"}).json()[0]["app_metadata"]
    assert others["login"]["id"] != transactions["login"]["id"]


def test_a_refused_sign_up_says_why_and_creates_no_user(tenant: TenantClient, browser: Browser) -> None:
    page = signup_page(browser)
    weak = browser.send(page, email=EMAIL, password="weak")
    assert weak.answer.status_code == 400
    assert weak.page.alert == "Password is too weak"
    assert weak.page.inputs == {"email": EMAIL, "password": ""}
    denies = tenant.deploy_action(
        "denies", trigger="pre-user-registration", code=SIGNUP.format("api.access.deny('inner', 'Not today <b>');")
    )
    tenant.bind("pre-user-registration", [denies["id"]])
    denied = browser.send(weak, email=EMAIL, password=PASSWORD)
    assert denied.page.alert == "Not today <b>"
    assert tenant.api.get("/api/v2/users").json() == []


def test_a_second_account_of_the_same_email_is_refused(tenant: TenantClient, browser: Browser) -> None:
    ada = tenant.sign_up()
    visit = browser.send(signup_page(browser), email=ada.email, password=PASSWORD)
    assert visit.page.alert == "Invalid sign up"


def test_actions_see_what_was_typed_but_no_password(tenant: TenantClient, browser: Browser) -> None:
    """Also fields of the owner's own, which Auth0 calls `ulp-NAME`; the post-login Actions after it see none of it."""
    tells = "console.log(JSON.stringify(event.request));"
    signup = tenant.deploy_action("at-signup", trigger="pre-user-registration", code=SIGNUP.format(tells))
    tenant.bind("pre-user-registration", [signup["id"]])
    tenant.bind_action(f"exports.onExecutePostLogin = async (event) => {{ {tells} }};\n")
    page = signup_page(browser, **{"ext-campaign": "spring"})
    page.page.inputs["ulp-first-name"] = ""
    assert browser.send(page, email=EMAIL, password=PASSWORD, **{"ulp-first-name": "Grace"}).at_application
    runs = tenant.traces()
    traces = [json.dumps(tenant.trace(run["execution_id"])) for run in runs]
    assert not any(PASSWORD in trace for trace in traces)
    login, registration = [json.loads(json.loads(t)["trace"]["actions"][0]["console"][0]["text"]) for t in traces]
    assert registration["body"] == {"email": EMAIL, "ulp-first-name": "Grace"}
    assert registration["method"] == "POST"
    assert "query" not in registration
    assert (login["body"], login["query"]["ext-campaign"]) == ({}, "spring")
