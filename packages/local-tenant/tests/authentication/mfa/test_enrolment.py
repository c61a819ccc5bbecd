import pytest
from local_tenant.testing import AuthenticatorApp, Person, expect, expect_error

pytestmark = pytest.mark.usefixtures("mfa_required")


def test_a_challenged_login_without_a_factor_waits_for_an_enrolment(ada: Person) -> None:
    token = ada.mfa_token(scope="openid email")
    begun = expect(ada.associate(token), 200)
    assert set(begun) == {"authenticator_type", "secret", "barcode_uri", "recovery_codes"}
    assert begun["authenticator_type"] == "otp"
    assert len(begun["recovery_codes"]) == 1
    assert begun["barcode_uri"] == (
        f"otpauth://totp/local-tenant:ada%40example.com?secret={begun['secret']}"
        "&issuer=local-tenant&algorithm=SHA1&digits=6&period=30"
    )

    answer = ada.prove(token, AuthenticatorApp(ada.tenant, begun["secret"]).code())

    tokens = expect(answer, 200)
    assert tokens["scope"] == "openid email"
    assert set(tokens) == {"access_token", "id_token", "scope", "expires_in", "token_type"}
    assert answer.headers["cache-control"] == "no-store"


def test_mfa_required_says_what_the_user_can_do(ada: Person) -> None:
    assert expect(ada.log_in(), 403)["mfa_requirements"] == {"enroll": [{"type": "otp"}]}
    ada.enrol()
    challenged = expect(ada.log_in(), 403)
    assert challenged["mfa_requirements"] == {"challenge": [{"type": "otp"}, {"type": "recovery-code"}]}
    # auth0-spa-js shows those that one of these types fits.
    assert [entry["type"] for entry in ada.authenticators(challenged["mfa_token"]).json()] == ["recovery-code", "otp"]


def test_the_response_with_a_new_secret_is_not_cached(ada: Person) -> None:
    assert ada.associate(ada.mfa_token()).headers["cache-control"] == "no-store"


def test_the_first_right_code_makes_the_authenticator_active(ada: Person) -> None:
    token = ada.mfa_token()
    begun = expect(ada.associate(token), 200)
    (waiting,) = ada.authenticators(token).json()
    assert (waiting["authenticator_type"], waiting["active"]) == ("otp", False)
    assert waiting["id"].startswith("totp|dev_")

    expect(ada.prove(token, AuthenticatorApp(ada.tenant, begun["secret"]).code()), 200)

    authenticators = {entry["authenticator_type"]: entry for entry in ada.authenticators(ada.mfa_token()).json()}
    assert authenticators["otp"] == {**waiting, "active": True}
    assert authenticators["recovery-code"]["active"] is True


def test_a_login_after_the_enrolment_is_challenged_and_may_not_enrol_again(ada: Person) -> None:
    enrolled = ada.enrol()
    token = ada.mfa_token()
    expect_error(ada.associate(token), 403, "access_denied", "User is already enrolled.")
    assert expect(ada.challenge(token, challenge_type="otp"), 200) == {"challenge_type": "otp"}
    expect(ada.prove(token, enrolled.app.next_code()), 200)


def test_a_wrong_first_code_does_not_enrol_and_a_right_one_does(ada: Person) -> None:
    token = ada.mfa_token()
    app = AuthenticatorApp(ada.tenant, expect(ada.associate(token), 200)["secret"])
    expect_error(ada.prove(token, app.wrong_code()), 403, "invalid_grant", "Invalid otp_code.")
    assert [entry["active"] for entry in ada.authenticators(token).json()] == [False]
    expect(ada.prove(token, app.code()), 200)


def test_of_two_enrolments_the_confirmed_one_counts_and_the_other_is_gone(ada: Person) -> None:
    mine, other = ada.mfa_token(), ada.mfa_token()
    my_app = expect(ada.associate(mine), 200)
    other_app = expect(ada.associate(other), 200)

    expect(ada.prove(mine, AuthenticatorApp(ada.tenant, my_app["secret"]).code()), 200)

    expect_error(
        ada.prove(other, AuthenticatorApp(ada.tenant, other_app["secret"]).code()),
        403,
        "invalid_grant",
        "Invalid otp_code.",
    )
    assert len([e for e in ada.authenticators(other).json() if e["authenticator_type"] == "otp"]) == 1


def test_a_recovery_code_belongs_to_its_enrolment(ada: Person) -> None:
    # Anyone who knows the password may begin an enrolment. That must not open a way past the user's own factor,
    # whichever of the two enrolments began first.
    stranger_before = ada.mfa_token()
    before = expect(ada.associate(stranger_before), 200)["recovery_codes"][0]
    mine = ada.mfa_token()
    begun = expect(ada.associate(mine), 200)
    stranger_after = ada.mfa_token()
    after = expect(ada.associate(stranger_after), 200)["recovery_codes"][0]

    expect(ada.prove(mine, AuthenticatorApp(ada.tenant, begun["secret"]).code()), 200)

    expect_error(ada.recover(stranger_before, before), 403, "invalid_grant")
    expect_error(ada.recover(stranger_after, after), 403, "invalid_grant")
    expect(ada.recover(stranger_after, begun["recovery_codes"][0]), 200)


def test_a_recovery_code_is_invalid_before_its_authenticator_is_proved(ada: Person) -> None:
    token = ada.mfa_token()
    code = expect(ada.associate(token), 200)["recovery_codes"][0]
    expect_error(ada.recover(token, code), 403, "invalid_grant", "Invalid recovery_code.")


def test_a_login_without_a_challenge_needs_no_factor_even_of_an_enrolled_user(ada: Person) -> None:
    ada.enrol()
    ada.tenant.bind("post-login", [])
    assert "access_token" in expect(ada.log_in(), 200)


@pytest.mark.parametrize("types", [["oob"], ["push", "sms"], "oob"])
def test_an_oob_authenticator_is_not_built_locally(ada: Person, types: object) -> None:
    answer = ada.associate(ada.mfa_token(), authenticator_types=types, oob_channels=["sms"])
    expect_error(answer, 403, "not_built_locally")
    assert "use 'otp'" in answer.json()["error_description"]


@pytest.mark.parametrize("types", [None, [], "", 7, {}])
def test_an_enrolment_must_name_the_kind_of_authenticator(ada: Person, types: object) -> None:
    answer = ada.associate(ada.mfa_token(), authenticator_types=types)
    expect_error(answer, 400, "invalid_request", "Missing required parameter: authenticator_types")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi"])
def test_an_enrolment_without_a_token_is_refused(ada: Person, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = ada.tenant.http.post("/mfa/associate", json={"authenticator_types": ["otp"]}, headers=headers)
    expect_error(answer, 401, "access_denied")


def test_an_unknown_token_is_refused(ada: Person) -> None:
    expect_error(ada.associate("made-up"), 403, "invalid_grant", "Malformed mfa_token")
    expect_error(ada.authenticators("made-up"), 403, "invalid_grant", "Malformed mfa_token")


def test_an_unreadable_body_is_refused(ada: Person) -> None:
    headers = {"Authorization": f"Bearer {ada.mfa_token()}", "Content-Type": "application/json"}
    expect_error(ada.tenant.http.post("/mfa/associate", content="{", headers=headers), 400, "invalid_request")


def test_an_mfa_token_may_list_authenticators_but_not_remove_them(ada: Person) -> None:
    ada.enrol()
    token = ada.mfa_token()
    for entry in ada.authenticators(token).json():
        answer = ada.tenant.http.delete(
            f"/mfa/authenticators/{entry['id']}", headers={"Authorization": f"Bearer {token}"}
        )
        expect_error(answer, 403, "insufficient_scope")
    assert len(ada.authenticators(token).json()) == 2


def test_the_log_has_the_enrolment_and_the_challenge_after_it(ada: Person) -> None:
    enrolled = ada.enrol()
    token = ada.mfa_token()
    ada.challenge(token, challenge_type="otp")
    ada.prove(token, enrolled.app.wrong_code())
    ada.prove(token, enrolled.app.next_code())
    types = [kind for kind in ada.tenant.log_types() if kind.startswith(("gd_", "mfa", "seotp", "feotp"))]
    assert types == [
        "mfar",
        "gd_start_enroll",
        "gd_auth_succeed",
        "gd_enrollment_complete",
        "seotpft",
        "mfar",
        "gd_start_auth",
        "gd_auth_failed",
        "feotpft",
        "gd_auth_succeed",
        "seotpft",
    ]


def test_no_secret_and_no_code_is_logged(ada: Person) -> None:
    enrolled = ada.enrol()
    token = ada.mfa_token()
    code = enrolled.app.next_code()
    expect(ada.prove(token, code), 200)
    log = ada.tenant.api.get("/api/v2/logs", params={"per_page": 100}).text
    for secret in (enrolled.app.secret, enrolled.recovery_code, token, f'"{code}"'):
        assert secret not in log
