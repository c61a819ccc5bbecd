"""Answers that a worker should never give fail closed all the same."""

from __future__ import annotations

from typing import Any

import pytest
from action_runtime import ErrorCode
from action_runtime.answers import check_answer
from action_runtime.gathering import execution_of
from action_runtime.job import Failure
from action_runtime.masking import Masker
from action_runtime.request import ExecutionRequest
from flows import login, post_login


def request() -> ExecutionRequest:
    return ExecutionRequest(post_login("", ""), login(), "id", "next-transaction", 0, Masker([]))


def answer(number: int, calls: list[list[Any]]) -> tuple[dict[str, Any], bytes]:
    parts = {"console": [], "cut": False, "reads": [], "error": None, "start": 0.1, "duration": 0.2}
    return {"number": number, "over": True, "calls": calls, **parts}, b""


def test_a_flow_of_which_an_action_has_not_run_is_not_completed() -> None:
    result = execution_of(request(), [answer(0, [["user.setAppMetadata", ["a", 1]]])], None, ended_at=1)
    assert result.error is not None
    assert result.error.code is ErrorCode.INVALID_ANSWER
    assert result.effects.empty


@pytest.mark.parametrize("code", list(ErrorCode))
def test_a_failure_outweighs_all_that_was_asked_for(code: ErrorCode) -> None:
    answers = [answer(0, [["user.setAppMetadata", ["a", 1]]]), answer(1, [["access.deny", ["no"]]])]
    result = execution_of(request(), answers, Failure(code, "so it is"), ended_at=1)
    assert result.status == "failed"
    assert result.effects.empty
    assert result.denial is None


def test_what_failed_before_any_action_began_names_none() -> None:
    result = execution_of(request(), [], Failure(ErrorCode.UNAVAILABLE, "nobody there"), ended_at=1)
    assert result.error is not None
    assert result.error.action_name is None
    assert [trace.status for trace in result.trace.actions] == ["not-run", "not-run"]


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 99},
        {"number": "0"},
        {"over": 1},
        {"console": [["log"]]},
        {"console": "text"},
        {"calls": [["access.deny", [["a list"]]]]},
        {"calls": [["multifactor.enable", [["any"]]]]},
        {"calls": [["multifactor.enable", []]]},
        {"calls": [["user.setAppMetadata", [{}, 1]]]},
        {"calls": [["authentication.challengeWith", ["otp"]]]},
        {"calls": [["session.setExpiresAt", ["tomorrow"]]]},
        {"calls": [["access.deny", ["no"], "error", {}]]},
        {"calls": [[]]},
        {"reads": [["app_metadata", "plan", 7, None, None]]},
        {"reads": [[]]},
        {"error": {"code": "made_up", "message": "", "stack": ""}},
        {"error": {"code": "action_threw", "message": ["a list"], "stack": ""}},
        {"error": "text"},
        {"start": "0"},
        {"kept": []},
        {"kept": {"session": ["a"]}},
        {"kept": {"cookieMode": {}}},
    ],
)
def test_an_answer_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="an answer"):
        check_answer({**answer(0, [])[0], **changes}, 0)


def test_an_answer_without_a_member_is_refused() -> None:
    whole, _ = answer(0, [])
    check_answer(whole, 0)
    for name in set(whole) - {"error"}:
        with pytest.raises(ValueError, match="an answer"):
            check_answer({key: value for key, value in whole.items() if key != name}, 0)


def test_an_answer_that_cannot_be_read_fails_the_execution(caplog: pytest.LogCaptureFixture) -> None:
    result = execution_of(request(), [({**answer(0, [])[0], "calls": [["access.deny"]]}, b"")], None, ended_at=1)
    assert result.error is not None
    assert result.error.code is ErrorCode.INVALID_ANSWER
    assert result.effects.empty
    assert [trace.status for trace in result.trace.actions] == ["failed", "not-run"]
    assert "an answer cannot be read" in caplog.text
