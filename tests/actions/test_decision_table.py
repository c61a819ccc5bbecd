from itertools import product
from pathlib import Path

import pytest

import policy
from policy import Case, Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decision_table
from tests.actions.events import post_login_event
from tests.actions.example import Example
from tests.actions.mfa_statement import CLAUSES, decide
from tests.actions.odd_logins import ODD_LOGINS

TABLE = decision_table()
CSV = Path(policy.__file__).with_name("decision_table.csv")


def test_the_table_has_every_combination_once() -> None:
    combinations = product(Tenant, Kind, EmailDomain, LoginNumber, (False, True), (False, True))
    rows = [tuple(getattr(case, column) for column in Login.model_fields) for case in TABLE]
    assert rows == list(combinations)


def test_the_cases_are_what_the_file_says_line_by_line() -> None:
    written = [",".join(str(value).lower() for value in case.model_dump(mode="json").values()) for case in TABLE]
    heading = ",".join(Case.model_fields)
    assert CSV.read_text(encoding="utf-8").splitlines() == [heading, *written]


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({str(case) for case in TABLE}) == len(TABLE)


def test_every_clause_of_the_statement_decides_a_row() -> None:
    assert {case.reason for case in TABLE} == {reason for reason, _, _ in CLAUSES}


@pytest.mark.parametrize("number", LoginNumber)
def test_a_second_login_is_the_one_after_the_first(number: LoginNumber) -> None:
    assert {"first": 1, "second": 2, "later": 3}[number] == number.logins_count


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_table_and_the_statement_in_python_agree(case: Case) -> None:
    assert decide(post_login_event(case)) == (case.decision, case.reason)


@pytest.mark.parametrize("example", ODD_LOGINS, ids=lambda example: example.name)
def test_the_statement_in_python_agrees_on_odd_logins(example: Example) -> None:
    decision, _ = decide(example.event)
    assert (decision is Decision.CHALLENGE) == bool(example.calls)


def test_a_wrong_value_in_the_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = CSV.read_text(encoding="utf-8").replace("test,password,other,first", "test,pasword,other,first", 1)
    (tmp_path / CSV.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(policy, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ValueError, match=r"(?s)24\.kind.*'password' or 'refresh'.*pasword"):
        decision_table.__wrapped__()
