"""The MFA API with an access token of its own audience: managing factors outside of a challenge."""

import httpx
import jwt
import pytest
from local_tenant.testing import AuthenticatorApp, Enrolled, Person, expect, expect_error

ALL = "enroll read:authenticators remove:authenticators"


def audience(person: Person) -> str:
    return f"{person.tenant.url}/mfa/"


def ask_for_token(person: Person, scope: str = ALL) -> httpx.Response:
    return person.log_in(audience=audience(person), scope=scope)


def token_before_enrolling(person: Person, scope: str = ALL) -> str:
    """A token for the MFA API of a user without a factor: the password is enough."""
    return str(expect(ask_for_token(person, scope), 200)["access_token"])


def token_with_factor(person: Person, enrolled: Enrolled, scope: str = ALL) -> str:
    """The same of a user with a factor: it has to be proved."""
    challenged = expect(ask_for_token(person, scope), 403)
    assert challenged["error"] == "mfa_required"
    return str(expect(person.prove(challenged["mfa_token"], enrolled.app.next_code()), 200)["access_token"])


def enrol(person: Person) -> Enrolled:
    """Enrol by an access token and confirm by the next login that is challenged."""
    begun = expect(person.associate(token_before_enrolling(person)), 200)
    app = AuthenticatorApp(person.tenant, begun["secret"])
    action = person.tenant.bind_action()
    tokens = expect(person.prove(person.mfa_token(), app.code()), 200)
    person.tenant.bind("post-login", [])
    assert action
    return Enrolled(app, begun["recovery_codes"][0], tokens)


def remove(person: Person, token: str, authenticator_id: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return person.tenant.http.delete(f"/mfa/authenticators/{authenticator_id}", headers=headers)


def otp_ids(person: Person, token: str) -> list[str]:
    authenticators = person.authenticators(token).json()
    return [entry["id"] for entry in authenticators if entry["authenticator_type"] == "otp"]


def test_a_token_for_the_mfa_api_has_ten_minutes_and_its_own_scopes(ada: Person) -> None:
    answer = expect(ask_for_token(ada, f"{ALL} openid read:users"), 200)
    assert answer["expires_in"] == 600
    assert answer["scope"] == f"{ALL} openid"
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert audience(ada) in claims["aud"]
    assert claims["exp"] - claims["iat"] == 600


def test_the_password_is_enough_only_without_a_factor(ada: Person) -> None:
    token_before_enrolling(ada)
    enrolled = enrol(ada)
    token = token_with_factor(ada, enrolled)
    assert len(otp_ids(ada, token)) == 1


def test_a_second_authenticator_works_from_its_first_code_on_beside_the_first(ada: Person) -> None:
    enrolled = enrol(ada)
    begun = expect(ada.associate(token_with_factor(ada, enrolled)), 200)
    assert "recovery_codes" not in begun
    second = AuthenticatorApp(ada.tenant, begun["secret"])
    ada.tenant.bind_action()
    ada.tenant.advance_clock(30)
    expect(ada.prove(ada.mfa_token(), second.code()), 200)
    expect(ada.prove(ada.mfa_token(), enrolled.app.code()), 200)
    authenticators = ada.authenticators(ada.mfa_token()).json()
    assert [entry["active"] for entry in authenticators] == [True, True, True]


def test_a_token_from_before_the_enrolment_is_refused(ada: Person) -> None:
    # A password was enough for it: an intruder who has that could hold one until the user enrols.
    stale = token_before_enrolling(ada)
    expect(ada.associate(stale), 200)
    ada.tenant.advance_clock(2)
    enrolled = enrol(ada)
    (mine,) = otp_ids(ada, token_with_factor(ada, enrolled))
    expect_error(ada.associate(stale), 401, "invalid_token")
    expect_error(ada.authenticators(stale), 401, "invalid_token")
    expect_error(remove(ada, stale, mine), 401, "invalid_token")


def test_a_token_from_before_the_enrolment_in_the_same_second_is_refused(ada: Person) -> None:
    ada.tenant.advance_clock(1 - ada.tenant.now().microsecond / 1e6)
    stale = token_before_enrolling(ada)
    enrol(ada)
    expect_error(ada.associate(stale), 401, "invalid_token")
    expect_error(ada.authenticators(stale), 401, "invalid_token")


def test_a_token_from_after_the_enrolment_in_the_same_second_is_valid(ada: Person) -> None:
    ada.tenant.bind_action()
    ada.tenant.advance_clock(1 - ada.tenant.now().microsecond / 1e6)
    challenged = expect(ask_for_token(ada), 403)
    begun = expect(ada.associate(challenged["mfa_token"]), 200)
    app = AuthenticatorApp(ada.tenant, begun["secret"])
    token = expect(ada.prove(challenged["mfa_token"], app.code()), 200)["access_token"]
    assert len(otp_ids(ada, token)) == 1


def test_an_intruders_enrolment_is_deleted_once_the_user_has_enrolled(ada: Person) -> None:
    intruders = AuthenticatorApp(ada.tenant, expect(ada.associate(token_before_enrolling(ada)), 200)["secret"])
    enrol(ada)
    ada.tenant.bind_action()
    expect_error(ada.prove(ada.mfa_token(), intruders.next_code()), 403, "invalid_grant", "Invalid otp_code.")


def test_removing_the_last_authenticator_removes_the_recovery_code(ada: Person) -> None:
    enrolled = enrol(ada)
    token = token_with_factor(ada, enrolled)
    (mine,) = otp_ids(ada, token)
    assert remove(ada, token, mine).status_code == 204
    assert ada.authenticators(token).json() == []
    expect_error(remove(ada, token, mine), 404, "not_found")
    ada.tenant.bind_action()
    waiting = ada.mfa_token()
    expect_error(ada.recover(waiting, enrolled.recovery_code), 403, "invalid_grant")
    assert expect(ada.associate(waiting), 200)["recovery_codes"]


def test_another_users_authenticator_cannot_be_removed(ada: Person) -> None:
    enrolled = enrol(ada)
    (mine,) = otp_ids(ada, token_with_factor(ada, enrolled))
    eve = ada.tenant.sign_up("eve@example.com")
    expect_error(remove(eve, token_before_enrolling(eve), mine), 404, "not_found")
    assert otp_ids(ada, token_with_factor(ada, enrolled)) == [mine]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("enroll", {"associate"}),
        ("read:authenticators", {"list"}),
        ("remove:authenticators", {"remove"}),
        ("openid", set[str]()),
    ],
)
def test_each_scope_allows_one_thing(ada: Person, scope: str, allowed: set[str]) -> None:
    token = token_before_enrolling(ada, scope)
    answers = {
        "associate": ada.associate(token),
        "list": ada.authenticators(token),
        "remove": remove(ada, token, "totp|dev_0000000000000000"),
    }
    for name, answer in answers.items():
        if name in allowed:
            assert answer.status_code == (404 if name == "remove" else 200), answer.text
        else:
            expect_error(answer, 403, "insufficient_scope")


def test_a_token_for_another_audience_is_refused(ada: Person) -> None:
    for token in (expect(ada.log_in(scope="openid enroll"), 200)["access_token"], ada.tenant.token()):
        expect_error(ada.associate(token), 401, "invalid_token")
        expect_error(ada.authenticators(token), 401, "invalid_token")


def test_an_expired_or_forged_token_is_refused(ada: Person) -> None:
    token = token_before_enrolling(ada)
    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{signature[:-6]}AAAAAA"
    expect_error(ada.authenticators(forged), 401, "invalid_token")
    ada.tenant.advance_clock(601)
    expect_error(ada.authenticators(token), 401, "expired_token")


def test_an_access_token_is_no_mfa_token(ada: Person) -> None:
    enrolled = enrol(ada)
    token = token_with_factor(ada, enrolled)
    expect_error(ada.challenge(token), 403, "invalid_grant", "Malformed mfa_token")
    expect_error(ada.prove(token, enrolled.app.next_code()), 403, "invalid_grant", "Malformed mfa_token")


def test_the_token_of_a_deleted_user_is_refused(ada: Person) -> None:
    token = token_before_enrolling(ada)
    assert ada.tenant.api.delete(f"/api/v2/users/{ada.user_id}").status_code == 204
    expect_error(ada.associate(token), 401, "invalid_token")
