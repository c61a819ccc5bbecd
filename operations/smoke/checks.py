"""What has to be true of the test tenant after a deployment; the decision table says which logins are challenged."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from operations.smoke.people import LoginOutcome, People, Person
from policy import Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decide

FLAGS = ("auth_require_mfa", "uses_new_mfa_action")
_ACCOUNTS = {EmailDomain.INTEGRATION: "integration account", EmailDomain.FORCE_MFA: "force-MFA account"}
_LOGINS = {
    LoginNumber.FIRST: "the first login",
    LoginNumber.SECOND: "the second login",
    LoginNumber.LATER: "a later login",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        who: `integration account` or `force-MFA account`.
        what: what has to be true.
        passed: whether it is.
        actual: what is true instead.
    """

    who: str
    what: str
    passed: bool
    actual: str = ""


def run_checks(people: People, integration_domain: str, force_mfa_domain: str) -> Iterator[Check]:
    """Yield each check when it is done; without a sign-up the rest of an account's checks is left out."""
    # The flag stays set: only the bypass of the email domain can keep MFA away.
    yield from _account(people, EmailDomain.INTEGRATION, Person.at(integration_domain), flag=True)
    # The flag is cleared: only the email domain can require MFA.
    yield from _account(people, EmailDomain.FORCE_MFA, Person.at(force_mfa_domain), flag=False)


def _account(people: People, email_domain: EmailDomain, person: Person, *, flag: bool) -> Iterator[Check]:
    who = _ACCOUNTS[email_domain]
    signed_up = _signed_up(people, who, person)
    yield signed_up
    if not signed_up.passed:
        return
    yield _flags(people, who, person)
    if not flag:
        people.clear_mfa_flag(person)

    def decision(kind: Kind, number: LoginNumber) -> Decision:
        return decide(
            Login(
                tenant=Tenant.TEST,
                kind=kind,
                email_domain=email_domain,
                number=number,
                auth_require_mfa=flag,
                challenge_required=False,
            )
        ).decision

    for number in LoginNumber:
        login = people.log_in(person)
        expected = decision(Kind.PASSWORD, number)
        yield _decided(who, _LOGINS[number], expected, login)
        if expected is Decision.CHALLENGE:
            # The challenge is left open, so this is the last login.
            break
    else:
        if login.refresh_token is not None:
            yield _decided(who, "a refresh", decision(Kind.REFRESH, number), people.refresh(login.refresh_token))
    yield _last_ip(people, who, person)


def _signed_up(people: People, who: str, person: Person) -> Check:
    error = people.sign_up(person)
    return Check(who, "can sign up", not error, error)


def _flags(people: People, who: str, person: Person) -> Check:
    metadata = people.profile(person)["app_metadata"]
    missing = [flag for flag in FLAGS if metadata.get(flag) is not True]
    return Check(who, "the sign-up sets both MFA flags", not missing, f"app_metadata is {metadata}")


def _decided(who: str, what: str, decision: Decision, login: LoginOutcome) -> Check:
    actual = f"{login.error}: {login.description}" if login.error else "it got tokens"
    if decision is Decision.CHALLENGE:
        return Check(who, f"{what} is challenged", login.error == "mfa_required", actual)
    return Check(who, f"{what} skips MFA", not login.error, actual)


def _last_ip(people: People, who: str, person: Person) -> Check:
    written = people.profile(person)["user_metadata"].get("last_ip")
    try:
        ipaddress.ip_address(str(written))
    except ValueError:
        return Check(who, "a login writes last_ip", passed=False, actual=f"last_ip is {written!r}")
    return Check(who, "a login writes last_ip", passed=True)
