"""Resetting the factors of a user who is locked out, by the Management API and Auth0's SDK."""

import httpx
import pytest
from auth0.management import Auth0
from local_tenant.testing import AuthenticatorApp, Enrolled, Person, TenantClient, expect, expect_error

pytestmark = pytest.mark.usefixtures("mfa_required")


def path(person: Person, rest: str) -> str:
    return f"/api/v2/users/{person.user_id}/{rest}"


def methods(person: Person) -> list[dict[str, object]]:
    answer = person.tenant.api.get(path(person, "authentication-methods"))
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, object]] = answer.json()
    return entries


def test_the_factors_of_a_user_are_listed_without_their_secrets(ada: Person, enrolled: Enrolled) -> None:
    totp, recovery = methods(ada)
    assert set(totp) == {"id", "type", "confirmed", "created_at", "enrolled_at", "last_auth_at"}
    assert (totp["type"], totp["confirmed"]) == ("totp", True)
    assert str(totp["id"]).startswith("totp|dev_")
    assert (recovery["type"], recovery["confirmed"]) == ("recovery-code", True)
    text = ada.tenant.api.get(path(ada, "authentication-methods")).text
    assert enrolled.app.secret not in text
    assert enrolled.recovery_code not in text


@pytest.mark.usefixtures("enrolled")
def test_one_factor_is_read_by_its_id(ada: Person) -> None:
    for method in methods(ada):
        assert expect(ada.tenant.api.get(path(ada, f"authentication-methods/{method['id']}")), 200) == method
    answer = ada.tenant.api.get(path(ada, "authentication-methods/totp|dev_0000000000000000"))
    assert expect(answer, 404)["errorCode"] == "authentication_method_not_found"


def test_a_pending_enrolment_is_not_confirmed(ada: Person) -> None:
    expect(ada.associate(ada.mfa_token()), 200)
    (waiting,) = methods(ada)
    assert waiting["confirmed"] is False
    assert "enrolled_at" not in waiting
    assert ada.tenant.api.get(path(ada, "enrollments")).json() == []


@pytest.mark.usefixtures("enrolled")
def test_enrollments_lists_confirmed_factors(ada: Person) -> None:
    (enrollment,) = ada.tenant.api.get(path(ada, "enrollments")).json()
    assert (enrollment["status"], enrollment["auth_method"]) == ("confirmed", "authenticator")
    assert enrollment["id"].startswith("dev_")


@pytest.mark.parametrize("what", ["authentication-methods", "authenticators"])
def test_after_a_reset_the_user_enrols_again_and_the_old_factor_is_invalid(
    ada: Person, enrolled: Enrolled, what: str
) -> None:
    waiting = ada.mfa_token()
    for _ in range(10):
        ada.prove(waiting, enrolled.app.wrong_code())
    expect_error(ada.prove(waiting, enrolled.app.next_code()), 429, "too_many_attempts")

    assert ada.tenant.api.delete(path(ada, what)).status_code == 204

    assert methods(ada) == []
    # A login that began before the reset must not be able to enrol: an attacker may have begun it.
    expect_error(ada.associate(waiting), 403, "invalid_grant", "Malformed mfa_token")
    token = ada.mfa_token()
    expect_error(ada.recover(token, enrolled.recovery_code), 403, "invalid_grant")
    begun = expect(ada.associate(token), 200)
    assert begun["recovery_codes"]
    expect_error(ada.prove(token, enrolled.app.code()), 403, "invalid_grant")
    expect(ada.prove(token, AuthenticatorApp(ada.tenant, begun["secret"]).code()), 200)
    assert "gd_unenroll" in ada.tenant.log_types()


def test_removing_the_only_authenticator_removes_the_recovery_code(ada: Person, enrolled: Enrolled) -> None:
    totp = methods(ada)[0]
    assert ada.tenant.api.delete(path(ada, f"authentication-methods/{totp['id']}")).status_code == 204
    assert methods(ada) == []
    expect_error(ada.recover(ada.mfa_token(), enrolled.recovery_code), 403, "invalid_grant")
    answer = ada.tenant.api.delete(path(ada, f"authentication-methods/{totp['id']}"))
    assert expect(answer, 404)["errorCode"] == "authentication_method_not_found"


def test_removing_the_recovery_code_leaves_the_authenticator(ada: Person, enrolled: Enrolled) -> None:
    recovery = methods(ada)[1]
    assert ada.tenant.api.delete(path(ada, f"authentication-methods/{recovery['id']}")).status_code == 204
    token = ada.mfa_token()
    expect_error(ada.recover(token, enrolled.recovery_code), 403, "invalid_grant")
    expect(ada.prove(token, enrolled.app.next_code()), 200)


def test_an_unknown_user_has_no_factors(tenant: TenantClient) -> None:
    unknown = Person(tenant, "unknown@example.com", "auth0|000000000000000000000000")
    for method, rest in [
        ("GET", "authentication-methods"),
        ("GET", "authentication-methods/x"),
        ("DELETE", "authentication-methods"),
        ("DELETE", "authentication-methods/x"),
        ("GET", "enrollments"),
        ("DELETE", "authenticators"),
    ]:
        assert expect(tenant.api.request(method, path(unknown, rest)), 404)["errorCode"] == "inexistent_user"


@pytest.mark.parametrize(
    ("method", "rest", "scope"),
    [
        ("GET", "authentication-methods", "read:authentication_methods"),
        ("GET", "authentication-methods/x", "read:authentication_methods"),
        ("DELETE", "authentication-methods", "delete:authentication_methods"),
        ("DELETE", "authentication-methods/x", "delete:authentication_methods"),
        ("GET", "enrollments", "read:users"),
        ("DELETE", "authenticators", "delete:guardian_enrollments"),
    ],
)
def test_each_endpoint_asks_for_its_scope(ada: Person, method: str, rest: str, scope: str) -> None:
    def ask(*scopes: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {ada.tenant.token(*scopes)}"}
        return ada.tenant.http.request(method, path(ada, rest), headers=headers)

    answer = expect(ask("read:actions"), 403)
    assert answer["message"] == f"Insufficient scope, expected any of: {scope}"
    assert ask(scope).status_code != 403


@pytest.mark.usefixtures("enrolled")
def test_the_official_sdk_reads_and_resets_them(ada: Person) -> None:
    with ada.tenant.new_http() as http:
        auth0 = Auth0(base_url=f"{ada.tenant.url}/api/v2", token=ada.tenant.token(), httpx_client=http)
        listed = list(auth0.users.authentication_methods.list(ada.user_id))
        assert [(method.type, method.confirmed) for method in listed] == [("totp", True), ("recovery-code", True)]
        assert auth0.users.authentication_methods.get(ada.user_id, listed[0].id).id == listed[0].id
        assert [enrollment.status for enrollment in auth0.users.enrollments.get(ada.user_id)] == ["confirmed"]
        auth0.users.authentication_methods.delete(ada.user_id, listed[1].id)
        auth0.users.authenticators.delete_all(ada.user_id)
        assert list(auth0.users.authentication_methods.list(ada.user_id)) == []
        auth0.users.authentication_methods.delete_all(ada.user_id)
