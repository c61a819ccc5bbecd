"""What has to be true of the test tenant after a deployment."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from operations.smoke.people import Login, People, Person

FLAGS = ("auth_require_mfa", "uses_new_mfa_action")


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was tried.

    Attributes:
        who: `integration account` or `force-MFA account`.
        what: what has to be true.
        passed: whether it is.
        seen: what was there instead, if it is not.
    """

    who: str
    what: str
    passed: bool
    seen: str = ""


def run_checks(people: People, integration_domain: str, force_mfa_domain: str) -> Iterator[Check]:
    """Yield each check as soon as it is done; the rest of an account's is left out if nobody can sign up with it."""
    yield from _integration_account(people, Person.at(integration_domain))
    yield from _force_mfa_account(people, Person.at(force_mfa_domain))


def _integration_account(people: People, person: Person) -> Iterator[Check]:
    who = "integration account"
    signed_up = _signed_up(people, who, person)
    yield signed_up
    if not signed_up.passed:
        return
    # The flag is set: only the bypass for this email domain keeps MFA away.
    yield _flags(people, who, person)
    yield _skipped(who, "the first login skips MFA", people.log_in(person))
    second = people.log_in(person)
    yield _skipped(who, "a later login skips MFA", second)
    if second.refresh_token is not None:
        yield _skipped(who, "a refresh skips MFA", people.refresh(second.refresh_token))
    yield _last_ip(people, who, person)


def _force_mfa_account(people: People, person: Person) -> Iterator[Check]:
    who = "force-MFA account"
    signed_up = _signed_up(people, who, person)
    yield signed_up
    if not signed_up.passed:
        return
    yield _flags(people, who, person)
    # From here on, nothing but the email domain requires MFA.
    people.clear_mfa_flag(person)
    yield _skipped(who, "the first login skips MFA", people.log_in(person))
    second = people.log_in(person)
    seen = f"{second.error}: {second.said}" if second.error else "it was let in"
    yield Check(who, "a later login is challenged", second.error == "mfa_required", seen)
    yield _last_ip(people, who, person)


def _signed_up(people: People, who: str, person: Person) -> Check:
    said = people.sign_up(person)
    return Check(who, "can sign up", not said, said)


def _flags(people: People, who: str, person: Person) -> Check:
    metadata = people.profile(person)["app_metadata"]
    missing = [flag for flag in FLAGS if metadata.get(flag) is not True]
    return Check(who, f"the sign-up sets {' and '.join(FLAGS)}", not missing, f"app_metadata is {metadata}")


def _skipped(who: str, what: str, login: Login) -> Check:
    return Check(who, what, not login.error, f"{login.error}: {login.said}")


def _last_ip(people: People, who: str, person: Person) -> Check:
    written = people.profile(person)["user_metadata"].get("last_ip")
    try:
        ipaddress.ip_address(str(written))
    except ValueError:
        return Check(who, "a login writes last_ip", passed=False, seen=f"last_ip is {written!r}")
    return Check(who, "a login writes last_ip", passed=True)
