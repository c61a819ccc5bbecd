from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from local_tenant.testing import AuthenticatorApp, Enrolled, Person, TenantClient, expect, expect_error
from local_tenant.testing.people import OOB_GRANT, OTP_GRANT
from local_tenant.testing.process import StartTenant
from stored import stored_bytes

pytestmark = pytest.mark.usefixtures("mfa_required")


# Digits to Unicode, but not to an authenticator app.
FULL_WIDTH = "".join(chr(0xFF10 + digit) for digit in range(1, 7))


# Codes


def test_a_code_of_the_step_before_or_after_is_accepted(ada: Person, enrolled: Enrolled) -> None:
    # To the beginning of a step, so that neither code grows older on its way.
    ada.tenant.advance_clock(90 - ada.tenant.now().timestamp() % 30)
    expect(ada.prove(ada.mfa_token(), enrolled.app.code(steps=-1)), 200)
    expect(ada.prove(ada.mfa_token(), enrolled.app.code(steps=1)), 200)


def test_an_older_or_newer_code_is_wrong(ada: Person, enrolled: Enrolled) -> None:
    ada.tenant.advance_clock(300)
    for steps in (-3, 3):
        expect_error(
            ada.prove(ada.mfa_token(), enrolled.app.code(steps=steps)), 403, "invalid_grant", "Invalid otp_code."
        )


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", FULL_WIDTH, "null"])
@pytest.mark.usefixtures("enrolled")
def test_anything_but_six_ascii_digits_is_wrong(ada: Person, code: str) -> None:
    expect_error(ada.prove(ada.mfa_token(), code), 403, "invalid_grant", "Invalid otp_code.")


def test_the_code_that_enrolled_is_used_up(ada: Person) -> None:
    token = ada.mfa_token()
    code = AuthenticatorApp(ada.tenant, expect(ada.associate(token), 200)["secret"]).code()
    expect(ada.prove(token, code), 200)
    expect_error(ada.prove(ada.mfa_token(), code), 403, "invalid_grant", "Invalid otp_code.")


def test_a_used_code_and_an_older_one_are_refused_and_the_next_is_not(ada: Person, enrolled: Enrolled) -> None:
    code = enrolled.app.next_code()
    older = enrolled.app.code(steps=-1)
    expect(ada.prove(ada.mfa_token(), code), 200)
    token = ada.mfa_token()
    expect_error(ada.prove(token, code), 403, "invalid_grant", "Invalid otp_code.")
    expect_error(ada.prove(token, older), 403, "invalid_grant", "Invalid otp_code.")
    expect(ada.prove(token, enrolled.app.next_code()), 200)


@pytest.mark.usefixtures("enrolled")
def test_another_users_code_is_wrong(ada: Person) -> None:
    eve = ada.tenant.sign_up("eve@example.com")
    hers = eve.enrol()
    expect_error(ada.prove(ada.mfa_token(), hers.app.next_code()), 403, "invalid_grant", "Invalid otp_code.")


# mfa_tokens


def test_an_mfa_token_is_used_up_by_success_and_not_by_failure(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    expect_error(ada.prove(token, enrolled.app.wrong_code()), 403, "invalid_grant", "Invalid otp_code.")
    expect(ada.prove(token, enrolled.app.next_code()), 200)
    expect_error(ada.prove(token, enrolled.app.next_code()), 403, "invalid_grant", "Malformed mfa_token")
    expect_error(ada.challenge(token), 403, "invalid_grant", "Malformed mfa_token")
    expect_error(ada.authenticators(token), 403, "invalid_grant", "Malformed mfa_token")


def test_an_mfa_token_expires_after_ten_minutes(ada: Person, enrolled: Enrolled) -> None:
    in_time, late = ada.mfa_token(), ada.mfa_token()
    ada.tenant.advance_clock(540)
    expect(ada.prove(in_time, enrolled.app.code()), 200)
    ada.tenant.advance_clock(60)
    expect_error(ada.prove(late, enrolled.app.code()), 401, "expired_token", "mfa_token is expired")
    expect_error(ada.challenge(late), 401, "expired_token", "mfa_token is expired")
    expect_error(ada.associate(late), 401, "expired_token", "mfa_token is expired")
    expect_error(ada.authenticators(late), 401, "expired_token", "mfa_token is expired")


def test_an_mfa_token_that_expired_long_ago_is_forgotten(ada: Person, enrolled: Enrolled) -> None:
    late = ada.mfa_token()
    ada.tenant.advance_clock(2 * 86_400)
    expect_error(ada.prove(late, enrolled.app.code()), 401, "expired_token", "mfa_token is expired")
    ada.mfa_token()
    expect_error(ada.prove(late, enrolled.app.code()), 403, "invalid_grant", "Malformed mfa_token")


def test_a_broken_mfa_token_is_refused(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    for broken in (token[:-1], token + "A", "x", "Fe26.2*1*x"):
        expect_error(ada.prove(broken, enrolled.app.next_code()), 403, "invalid_grant", "Malformed mfa_token")


def test_another_client_cannot_use_an_mfa_token_or_use_it_up(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    code = enrolled.app.next_code()
    management = ada.tenant.ready["management"]
    answer = ada.tenant.http.post("/mfa/challenge", json={**management, "mfa_token": token})
    expect_error(answer, 403, "invalid_grant", "Malformed mfa_token")
    body = {"grant_type": OTP_GRANT, "mfa_token": token, "otp": code, **management}
    expect_error(ada.tenant.http.post("/oauth/token", json=body), 403, "unauthorized_client")
    expect(ada.prove(token, code), 200)


def test_the_client_must_authenticate_itself(ada: Person, enrolled: Enrolled) -> None:
    body = {
        "grant_type": OTP_GRANT,
        "client_id": ada.application["client_id"],
        "mfa_token": ada.mfa_token(),
        "otp": enrolled.app.next_code(),
    }
    expect_error(ada.tenant.http.post("/oauth/token", json=body), 401, "access_denied")
    expect_error(ada.tenant.http.post("/oauth/token", json={**body, "client_secret": "wrong"}), 401, "access_denied")
    expect_error(ada.tenant.http.post("/mfa/challenge", json=body), 401, "access_denied")
    expect(ada.tenant.http.post("/oauth/token", json={**ada.application, **body}), 200)


@pytest.mark.parametrize("missing", ["mfa_token", "otp"])
def test_mfa_token_and_code_are_both_required(ada: Person, enrolled: Enrolled, missing: str) -> None:
    body = {"mfa_token": ada.mfa_token(), "otp": enrolled.app.next_code()}
    for nothing in ({}, {missing: ""}, {missing: 7}):
        rest = {name: value for name, value in body.items() if name != missing}
        answer = ada.token(grant_type=OTP_GRANT, **rest, **nothing)
        expect_error(answer, 400, "invalid_request", f"Missing required parameter: {missing}")


def test_the_right_code_gets_the_tokens_that_the_login_requested(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token(scope="openid offline_access")
    tokens = expect(
        ada.token(grant_type=OTP_GRANT, mfa_token=token, otp=enrolled.app.next_code(), scope="openid admin"), 200
    )
    assert tokens["scope"] == "openid offline_access"
    assert tokens["refresh_token"]


@pytest.mark.usefixtures("enrolled")
def test_the_mfa_token_is_nowhere_in_the_tenants_folder(ada: Person) -> None:
    token = ada.mfa_token()
    content = stored_bytes(ada.tenant)
    assert token.encode() not in content
    assert ada.email.encode() in content


# Limits


def test_after_ten_wrong_codes_the_right_one_is_refused_for_six_minutes(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    wrong = enrolled.app.wrong_code()
    for _ in range(10):
        expect_error(ada.prove(token, wrong), 403, "invalid_grant", "Invalid otp_code.")
    expect_error(ada.prove(token, enrolled.app.next_code()), 429, "too_many_attempts")

    ada.tenant.advance_clock(240)
    expect_error(ada.prove(token, enrolled.app.code()), 429, "too_many_attempts")
    ada.tenant.advance_clock(120)
    expect(ada.prove(ada.mfa_token(), enrolled.app.code()), 200)
    assert ada.tenant.log_types().count("gd_otp_rate_limit_exceed") == 2


def test_six_minutes_allow_one_more_wrong_code(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    for _ in range(10):
        ada.prove(token, enrolled.app.wrong_code())
    ada.tenant.advance_clock(360)
    expect_error(ada.prove(token, enrolled.app.wrong_code()), 403, "invalid_grant", "Invalid otp_code.")
    expect_error(ada.prove(token, enrolled.app.code()), 429, "too_many_attempts")


def test_the_limit_outlives_the_login_and_is_for_one_user(ada: Person, enrolled: Enrolled) -> None:
    wrong = enrolled.app.wrong_code()
    for _ in range(10):
        ada.prove(ada.mfa_token(), wrong)
    expect_error(ada.prove(ada.mfa_token(), enrolled.app.next_code()), 429, "too_many_attempts")
    ada.tenant.sign_up("eve@example.com").enrol()


def test_wrong_codes_are_limited_while_enrolling_too(ada: Person) -> None:
    token = ada.mfa_token()
    expect(ada.associate(token), 200)
    for _ in range(10):
        expect_error(ada.prove(token, "000000"), 403, "invalid_grant")
    begun = expect(ada.associate(token), 200)
    assert begun["secret"]
    expect_error(ada.prove(token, "000000"), 429, "too_many_attempts")


# At the same time


def test_of_concurrent_proofs_with_the_same_code_one_succeeds(ada: Person, enrolled: Enrolled) -> None:
    tokens = [ada.mfa_token() for _ in range(8)]
    code = enrolled.app.next_code()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda token: ada.prove(token, code), tokens))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7


def test_of_concurrent_proofs_with_the_same_mfa_token_one_succeeds(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    ada.tenant.advance_clock(90)
    codes = [enrolled.app.code(steps=step) for step in (-1, 0, 1)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda code: ada.prove(token, code), codes))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403]


def test_concurrent_wrong_codes_all_count(ada: Person, enrolled: Enrolled) -> None:
    token, wrong = ada.mfa_token(), enrolled.app.wrong_code()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ada.prove(token, wrong), range(24)))
    assert sorted(answer.status_code for answer in answers) == [403] * 10 + [429] * 14


# /mfa/challenge


def test_a_challenge_before_any_enrolment_asks_for_one(ada: Person) -> None:
    token = ada.mfa_token()
    expect_error(ada.challenge(token, challenge_type="otp"), 403, "association_required")
    expect(ada.associate(token), 200)
    expect_error(ada.challenge(token, challenge_type="otp"), 403, "association_required")


@pytest.mark.usefixtures("enrolled")
def test_a_challenge_by_message_is_unsupported(ada: Person) -> None:
    token = ada.mfa_token()
    expect_error(ada.challenge(token, challenge_type="oob"), 403, "unsupported_challenge_type")
    assert expect(ada.challenge(token, challenge_type="oob otp"), 200) == {"challenge_type": "otp"}
    assert expect(ada.challenge(token), 200) == {"challenge_type": "otp"}


@pytest.mark.usefixtures("enrolled")
def test_a_challenge_may_name_an_authenticator_of_the_users(ada: Person) -> None:
    token = ada.mfa_token()
    (mine,) = [e["id"] for e in ada.authenticators(token).json() if e["authenticator_type"] == "otp"]
    assert expect(ada.challenge(token, authenticator_id=mine), 200) == {"challenge_type": "otp"}
    expect_error(ada.challenge(token, authenticator_id="totp|dev_0000000000000000"), 404, "invalid_request")


@pytest.mark.usefixtures("enrolled")
def test_the_oob_grant_is_not_built_locally(ada: Person) -> None:
    answer = ada.token(grant_type=OOB_GRANT, mfa_token=ada.mfa_token(), oob_code="x")
    expect_error(answer, 403, "not_built_locally")
    assert OTP_GRANT in answer.json()["error_description"]


# Users that change meanwhile


def test_a_user_who_was_blocked_meanwhile_gets_no_tokens(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    expect_error(ada.prove(token, enrolled.app.next_code()), 401, "unauthorized", "user is blocked")


def test_a_user_who_was_deleted_meanwhile_gets_no_tokens(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    code = enrolled.app.next_code()
    assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}").status_code == 204
    expect_error(ada.prove(token, code), 403, "invalid_grant", "Malformed mfa_token")


def test_factors_used_codes_and_challenged_logins_survive_a_kill(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    with TenantClient(process.ready) as before:
        before.bind_action()
        ada = before.sign_up()
        enrolled = ada.enrol()
        used = enrolled.app.next_code()
        expect(ada.prove(ada.mfa_token(), used), 200)
        tokens = [ada.mfa_token(), ada.mfa_token()]
        expect_error(ada.prove(tokens[0], enrolled.app.wrong_code()), 403, "invalid_grant")
    process.kill()

    with TenantClient(fresh_tenant().ready) as after:
        ada, app = replace(ada, tenant=after), replace(enrolled.app, tenant=after)
        expect_error(ada.prove(tokens[0], used), 403, "invalid_grant", "Invalid otp_code.")
        expect(ada.prove(tokens[0], app.next_code()), 200)
        expect(ada.recover(tokens[1], enrolled.recovery_code), 200)
