"""When a secret counts as touched by somebody else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.drift.compare import Managed, compare
from operations.drift.secret_times import note
from operations.tenant import SecretTime
from tests.operations.samples import (
    DEPLOYED,
    MFA,
    SECRETS_WRITTEN,
    UP_BEGAN,
    UP_ENDED,
    action,
    evidence,
    secrets,
    tenant,
    update,
    version,
)

DAY = timedelta(days=1)


def touched(draft: datetime, deployed: datetime | None = None, *, history: list[dict[str, Any]] | None = None) -> str:
    """What is said of a secret whose draft and deployed version were written then; empty if it is not touched."""
    mfa = action(
        MFA,
        secrets=secrets(MFA, draft),
        deployed=version(MFA, secrets=secrets(MFA, deployed or draft), created_at=max(DEPLOYED, deployed or draft)),
    )
    findings = compare(evidence(tenant(mfa), history=history))
    assert {finding.kind for finding in findings} <= {"secret-touched"}
    return " ".join(finding.what for finding in findings)


def test_a_secret_that_the_up_wrote_is_not_touched() -> None:
    assert touched(SECRETS_WRITTEN) == ""


def test_a_secret_that_was_written_and_not_deployed_since_is_touched() -> None:
    assert "written after what version 1 has of it, and not deployed" in touched(DEPLOYED + DAY, SECRETS_WRITTEN)


def test_a_version_with_older_secrets_than_the_draft_is_touched() -> None:
    # A rollback: the version is new, its secrets are not.
    old = version(MFA, secrets=secrets(MFA, SECRETS_WRITTEN - DAY), created_at=DEPLOYED + DAY)
    findings = compare(evidence(tenant(action(MFA, deployed=old))))
    assert [finding.kind for finding in findings] == ["secret-touched"]


def test_secrets_of_a_version_that_the_stack_did_not_deploy_are_touched() -> None:
    right = evidence()
    managed = {**right.managed, "mfa_action": Managed("id-of-mfa", "another-version")}
    [finding] = compare(replace(right, managed=managed))
    assert finding.kind == "secret-touched"
    assert "version 1, which runs, was not deployed by this stack" in finding.what


@pytest.mark.parametrize("written", [UP_BEGAN - DAY, UP_ENDED + DAY])
def test_a_secret_written_when_no_update_was_at_work_is_touched(written: datetime) -> None:
    assert "when no update of this stack was at work" in touched(written)


@pytest.mark.parametrize("written", [UP_BEGAN - timedelta(seconds=59), UP_ENDED + timedelta(seconds=59)])
def test_clocks_may_differ_by_a_minute(written: datetime) -> None:
    assert touched(written) == ""


def test_an_update_that_found_all_unchanged_wrote_nothing() -> None:
    assert touched(SECRETS_WRITTEN, history=[update(resourceChanges={"same": 7})]) != ""
    assert touched(SECRETS_WRITTEN, history=[update(kind="refresh")]) != ""


def test_an_update_that_failed_may_have_written() -> None:
    assert touched(SECRETS_WRITTEN, history=[update(resourceChanges={}, result="failed")]) == ""


def test_a_history_that_does_not_reach_back_is_no_proof() -> None:
    assert touched(SECRETS_WRITTEN, history=[]) != ""


def test_an_older_update_is_found_behind_newer_ones() -> None:
    newer = update(
        startTime=(UP_BEGAN + DAY).isoformat(), endTime=(UP_ENDED + DAY).isoformat(), resourceChanges={"same": 7}
    )
    assert touched(SECRETS_WRITTEN, history=[newer, newer, update()]) == ""


def test_what_a_repair_noted_to_the_microsecond_is_not_touched() -> None:
    written = UP_ENDED + DAY + timedelta(microseconds=123456)
    noted = update(
        message=note({"mfa": written, "other": UP_ENDED}),
        startTime=(written + timedelta(hours=1)).isoformat(),
        endTime=(written + timedelta(hours=1)).isoformat(),
    )
    assert touched(written, history=[noted, update()]) == ""
    assert touched(written + timedelta(microseconds=1), history=[noted, update()]) != ""
    of_another = {**noted, "message": note({"other": written})}
    assert touched(written, history=[of_another, update()]) != ""


def test_a_secret_that_is_not_the_programs_is_named_and_not_timed() -> None:
    extra = (*secrets(MFA), SecretTime("LEFT_OVER", DEPLOYED + DAY))
    left_over = replace(MFA.content, secrets=("LEFT_OVER", "TEST_TENANT"))
    mfa = action(MFA, draft=left_over, secrets=extra)
    assert [finding.kind for finding in compare(evidence(tenant(mfa)))] == ["draft"]
