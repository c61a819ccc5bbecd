"""A challenged login shows how it ended, wherever transactions are shown."""

from collections.abc import Callable

import pytest
from local_tenant.testing import Enrolled, Json, Person, TenantClient, expect, expect_error
from login_browser import Browser

MINUTE = 60
CHALLENGES_WITH_OTP = (
    "exports.onExecutePostLogin = async (event, api) => "
    '{ api.authentication.challengeWith({ type: "otp" }); api.user.setUserMetadata("after", true); };\n'
)


def outcome(tenant: TenantClient) -> Json:
    """The outcome of the newest transaction."""
    newest: Json = tenant.trace()["outcome"]
    return newest


def log_types_of_the_newest_execution(tenant: TenantClient) -> list[str]:
    """Of the log entries that name it."""
    execution_id = tenant.traces(limit=1)[0]["execution_id"]
    entries = tenant.api.get("/api/v2/logs", params={"per_page": 100}).json()
    return [entry["type"] for entry in entries if entry.get("details") == {"actions": {"executions": [execution_id]}}]


def pass_by_app(person: Person, enrolled: Enrolled, mfa_token: str) -> None:
    expect(person.prove(mfa_token, enrolled.app.next_code()), 200)


def pass_by_recovery_code(person: Person, enrolled: Enrolled, mfa_token: str) -> None:
    expect(person.recover(mfa_token, enrolled.recovery_code), 200)


@pytest.mark.parametrize(("go_on", "factor"), [(pass_by_app, "otp"), (pass_by_recovery_code, "recovery-code")])
def test_a_passed_challenge_shows_its_factor(
    tenant: TenantClient, ada: Person, enrolled: Enrolled, go_on: Callable[[Person, Enrolled, str], None], factor: str
) -> None:
    mfa_token = ada.mfa_token()
    before = tenant.trace()
    assert (before["outcome"]["answer"], before["outcome"]["challenge"]["status"]) == ("mfa_required", "waiting")
    go_on(ada, enrolled, mfa_token)
    after = tenant.trace()
    assert after["trace"] == before["trace"]
    assert after["outcome"]["answer"] == "tokens"
    challenge = after["outcome"]["challenge"]
    assert (challenge["status"], challenge["factor"]) == ("passed", factor)


def test_the_log_entry_of_a_login_that_went_on_names_its_execution(
    tenant: TenantClient, ada: Person, enrolled: Enrolled
) -> None:
    pass_by_app(ada, enrolled, ada.mfa_token())
    assert sorted(log_types_of_the_newest_execution(tenant)) == ["mfar", "s", "seotpft"]


def test_a_login_that_a_paused_flow_continues_shows_its_factor(tenant: TenantClient, ada: Person) -> None:
    tenant.bind_action()
    enrolled = ada.enrol()
    tenant.bind_action(CHALLENGES_WITH_OTP, "pauses")
    pass_by_app(ada, enrolled, ada.mfa_token())
    assert (outcome(tenant)["answer"], outcome(tenant)["challenge"]["factor"]) == ("tokens", "otp")


def test_a_challenge_expires_by_the_clock_alone(tenant: TenantClient, ada: Person, enrolled: Enrolled) -> None:
    mfa_token = ada.mfa_token()
    tenant.advance_clock(10 * MINUTE)
    assert (outcome(tenant)["answer"], outcome(tenant)["challenge"]["status"]) == ("mfa_required", "expired")
    expect_error(ada.prove(mfa_token, enrolled.app.code()), 401, "expired_token")
    assert outcome(tenant)["challenge"]["status"] == "expired"


def test_a_wrong_code_leaves_the_challenge_open(tenant: TenantClient, ada: Person, enrolled: Enrolled) -> None:
    expect_error(ada.prove(ada.mfa_token(), enrolled.app.wrong_code()), 403, "invalid_grant")
    assert outcome(tenant)["challenge"]["status"] == "waiting"


def test_a_user_who_is_blocked_after_the_challenge_is_shown_as_refused(
    tenant: TenantClient, ada: Person, enrolled: Enrolled
) -> None:
    mfa_token = ada.mfa_token()
    ada.change(blocked=True)
    expect_error(ada.prove(mfa_token, enrolled.app.next_code()), 401, "unauthorized")
    assert (outcome(tenant)["answer"], outcome(tenant)["challenge"]["status"]) == ("unauthorized", "passed")
    assert outcome(tenant)["error_description"] == "user is blocked"


def test_a_reset_of_the_factors_cancels_the_challenge(tenant: TenantClient, ada: Person, enrolled: Enrolled) -> None:
    mfa_token = ada.mfa_token()
    assert tenant.api.delete(f"/api/v2/users/{ada.user_id}/authenticators").status_code == 204
    expect_error(ada.prove(mfa_token, enrolled.app.next_code()), 403, "invalid_grant")
    assert outcome(tenant)["challenge"]["status"] == "canceled"


def test_a_challenged_refresh_shows_how_it_ended(tenant: TenantClient, ada: Person) -> None:
    token = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
    tenant.bind_action()
    enrolled = ada.enrol()
    response = ada.refresh(token)
    expect_error(response, 403, "mfa_required")
    assert outcome(tenant)["protocol"] == "oauth2-refresh-token"
    pass_by_app(ada, enrolled, response.json()["mfa_token"])
    assert (outcome(tenant)["answer"], outcome(tenant)["challenge"]["factor"]) == ("tokens", "otp")
    assert sorted(log_types_of_the_newest_execution(tenant)) == ["mfar", "seotpft"]


def test_a_refresh_whose_token_was_revoked_after_the_challenge_is_shown_as_refused(
    tenant: TenantClient, ada: Person
) -> None:
    token = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
    tenant.bind_action()
    enrolled = ada.enrol()
    mfa_token = ada.refresh(token).json()["mfa_token"]
    tenant.http.post("/oauth/revoke", json={**ada.application, "token": token})
    expect_error(ada.prove(mfa_token, enrolled.app.next_code()), 403, "invalid_grant")
    assert outcome(tenant)["answer"] == "invalid_grant"


@pytest.mark.parametrize("recovery_code", [False, True], ids=["app", "recovery code"])
def test_the_challenge_page_of_a_browser_ends_the_transaction(
    tenant: TenantClient,
    ada: Person,
    enrolled: Enrolled,
    browser: Browser,
    recovery_code: bool,  # noqa: FBT001 - a parameter
) -> None:
    challenge = browser.log_in(ada)
    assert outcome(tenant)["challenge"]["status"] == "waiting"
    if recovery_code:
        page = browser.open(tenant.url + challenge.page.links[0])
        browser.send(browser.send(page, code=enrolled.recovery_code))
    else:
        browser.send(challenge, code=enrolled.app.next_code())
    factor = "recovery-code" if recovery_code else "otp"
    assert (outcome(tenant)["answer"], outcome(tenant)["challenge"]["factor"]) == ("tokens", factor)


@pytest.mark.usefixtures("enrolled")
def test_the_challenge_page_of_a_browser_expires_with_its_login(
    tenant: TenantClient, ada: Person, browser: Browser
) -> None:
    browser.log_in(ada)
    tenant.advance_clock(59 * MINUTE)
    assert outcome(tenant)["challenge"]["status"] == "waiting"
    tenant.advance_clock(MINUTE)
    assert outcome(tenant)["challenge"]["status"] == "expired"


@pytest.mark.usefixtures("enrolled")
def test_a_password_that_is_entered_again_cancels_the_challenge_of_before(
    tenant: TenantClient, ada: Person, browser: Browser
) -> None:
    login = browser.authorize()
    for _ in range(2):
        browser.send(login, username=ada.email, password=ada.password)
    statuses = [trace["outcome"]["challenge"]["status"] for trace in tenant.traces(limit=2)]
    assert statuses == ["waiting", "canceled"]
