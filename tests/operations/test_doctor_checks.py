"""What doctor makes of the facts that it reads."""

import re
from collections.abc import Iterable

import pytest

from operations.doctor.checks import (
    SCOPES,
    Level,
    Line,
    check_application,
    check_mfa,
    check_runtimes,
    check_scopes,
    check_strangers,
)
from operations.drift.findings import Finding, Kind
from tests.operations.samples import LOGIN, PROGRAM, SIGN_UP
from tests.project import ROOT

ALL = {scope for scopes in SCOPES.values() for scope in scopes}
CURRENT = {f"{LOGIN} v3": ["node18-actions", "node22"], f"{SIGN_UP} v2": ["node18-actions", "node22"]}


def bad(lines: Iterable[Line]) -> list[Line]:
    """The lines that are not ok; each says why it matters and how to fix it."""
    problems = [line for line in lines if line.level != Level.OK]
    assert all(line.why and line.fix for line in problems)
    return problems


def test_each_missing_scope_is_named_with_its_command() -> None:
    assert bad(check_scopes(ALL, is_test=True)) == []

    [up] = bad(check_scopes(ALL - {"create:actions"}, is_test=True))
    assert up.what == "`make up` lacks the scopes create:actions"
    assert "create:actions" in up.fix


def test_scopes_of_smoke_are_for_the_test_tenant_and_those_of_doctor_are_a_warning() -> None:
    without_users = ALL - {"delete:users"}
    assert bad(check_scopes(without_users, is_test=False)) == []
    assert [line.level for line in bad(check_scopes(without_users, is_test=True))] == [Level.WRONG]
    assert [line.level for line in bad(check_scopes(ALL - {"read:mfa_policies"}, is_test=True))] == [Level.WARN]


@pytest.mark.parametrize("policy", ["all-applications", "confidence-score"])
def test_a_policy_by_which_auth0_decides_itself_is_wrong(policy: str) -> None:
    assert bad(check_mfa({"otp": True}, [])) == []

    [line] = bad(check_mfa({"otp": True}, [policy]))
    assert (line.level, policy in line.what, '"Never"' in line.fix) == (Level.WRONG, True, True)


def test_a_tenant_without_a_factor_to_enrol_is_wrong() -> None:
    [line] = bad(check_mfa({"otp": False, "sms": False, "recovery-code": True}, []))
    assert line.what == "no second factor is enabled"


def test_smokes_application_needs_a_secret_a_password_grant_and_refresh_tokens() -> None:
    realm = "http://auth0.com/oauth/grant-type/password-realm"
    assert bad(check_application("app", ["password", "refresh_token"], "client_secret_post")) == []
    assert bad(check_application("app", [realm, "refresh_token"], "client_secret_post")) == []

    [line] = bad(check_application("app", ["authorization_code"], "client_secret_post"))
    assert "Password, Refresh Token" in line.what
    [line] = bad(check_application("app", ["password", "refresh_token"], "none"))
    assert "no secret" in line.what


def test_what_is_not_the_stacks_is_wrong_and_other_drift_is_not_doctors() -> None:
    drift = Finding(Kind.DRAFT, "the draft differs", "mfa")
    assert bad(check_strangers([drift], "prod")) == []

    unmanaged = Finding(Kind.UNMANAGED, "it is not in the stack's state", "mfa")
    foreign = Finding(Kind.FOREIGN, "theirs is bound", "theirs", LOGIN)
    adopt, unbind = bad(check_strangers([unmanaged, drift, foreign], "prod"))
    assert adopt.fix == "make adopt STACK=prod"
    assert unbind.what == "flow post-login: theirs is bound"


def test_node18_is_a_warning_while_it_is_listed_and_wrong_once_it_is_not() -> None:
    [warning] = bad(check_runtimes(PROGRAM, CURRENT, "prod"))
    assert warning.level is Level.WARN
    assert warning.fix.endswith("node22 --stack prod; then `make rehearse STACK=prod` and `make up STACK=prod`")
    [warning] = bad(check_runtimes(PROGRAM, CURRENT, "local"))
    assert warning.fix.endswith("node22 --stack local; then `make up STACK=local`")

    [wrong] = bad(check_runtimes(PROGRAM, {**CURRENT, f"{LOGIN} v3": ["node22", "node24"]}, "prod"))
    assert (wrong.level, wrong.what) == (Level.WRONG, "node18 is not listed for post-login v3")


@pytest.mark.parametrize("command", SCOPES)
def test_the_docs_name_the_scopes_that_doctor_asks_for(command: str) -> None:
    rows = (ROOT / "docs" / "operations.md").read_text().splitlines()
    row = next(row for row in rows if re.search(rf"\| `{command}( STACK=\w+)?` \|", row))
    assert tuple(re.findall(r"`(\w+:\w+)`", row)) == SCOPES[command]
