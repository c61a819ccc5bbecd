from collections import Counter
from itertools import product
from pathlib import Path

import pytest

import policy
from policy import Case, EmailDomain, Flow, Outcome, Reason, Tenant, decision_table
from tests.actions.events import post_login_event
from tests.actions.example import Example
from tests.actions.mfa_statement import decide
from tests.actions.odd_logins import ODD_LOGINS

TABLE = decision_table()
CSV = Path(policy.__file__).with_name("decision_table.csv")


def test_the_table_has_every_combination_exactly_once() -> None:
    combinations = product(Tenant, Flow, EmailDomain, (1, 2), (False, True), (False, True))
    lines = [
        (
            case.tenant,
            case.flow,
            case.email_domain,
            case.logins_count,
            case.auth_require_mfa,
            case.challenge_required,
        )
        for case in TABLE
    ]
    assert lines == list(combinations)


def test_the_cases_are_what_the_file_says_line_by_line() -> None:
    written = [",".join(str(value).lower() for value in case.model_dump(mode="json").values()) for case in TABLE]
    heading = ",".join(Case.model_fields)
    assert CSV.read_text(encoding="utf-8").splitlines() == [heading, *written]


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({str(case) for case in TABLE}) == len(TABLE)


def test_each_reason_decides_as_many_cases_as_counted_by_hand() -> None:
    assert Counter((case.outcome, case.reason) for case in TABLE) == {
        # On the test tenant, 8 cases for each flow and domain: the two domains other than force-MFA.
        (Outcome.SKIPPED, Reason.REFRESH_IN_TEST_TENANT): 8 + 8,
        (Outcome.SKIPPED, Reason.INTEGRATION_DOMAIN): 8,
        # Half of what is left: 48 on prod, 16 of force-MFA accounts, 8 of others by password.
        (Outcome.SKIPPED, Reason.FIRST_LOGIN): 24 + 8 + 4,
        (Outcome.REQUIRED, Reason.FORCE_MFA_DOMAIN): 8,
        # What is left of prod, and of the others by password: in half the metadata has the flag, in half of the
        # rest the client asks.
        (Outcome.REQUIRED, Reason.METADATA_REQUIRES): 12 + 2,
        (Outcome.REQUIRED, Reason.CLIENT_ASKS): 6 + 1,
        (Outcome.SKIPPED, Reason.NOTHING_REQUIRES): 6 + 1,
    }


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_table_and_the_statement_in_python_agree(case: Case) -> None:
    assert decide(post_login_event(case)) == (case.outcome, case.reason)


@pytest.mark.parametrize("example", ODD_LOGINS, ids=lambda example: example.name)
def test_the_statement_in_python_agrees_on_odd_logins(example: Example) -> None:
    outcome, _ = decide(example.event)
    assert (outcome is Outcome.REQUIRED) == bool(example.calls)


def test_a_wrong_value_in_the_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = CSV.read_text(encoding="utf-8").replace("test,password,other,1", "test,pasword,other,1", 1)
    (tmp_path / CSV.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(policy, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ValueError, match=r"(?s)16\.flow.*'password' or 'refresh'.*pasword"):
        decision_table.__wrapped__()
