"""When a secret counts as written by somebody else than the stack."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.drift.compare import compare
from operations.drift.secret_writes import note
from operations.pulumi_stack import Managed
from operations.tenant import ActionSnapshot, SecretTime
from tests.operations.samples import CREATED, DEPLOYED, MFA, action, content, evidence, secrets, tenant, update, version

DAY = timedelta(days=1)
ID = "id-of-mfa"


def reasons(mfa: ActionSnapshot, *, managed: Managed | None = None, history: list[dict[str, Any]] | None = None) -> str:
    """Why the secrets of this Action count as touched; empty if they do not."""
    known = evidence().managed
    findings = compare(
        evidence(tenant(mfa), managed={**known, "mfa_action": managed or known["mfa_action"]}, history=history)
    )
    assert {finding.kind for finding in findings} <= {"secret-touched"}
    return " ".join(finding.what for finding in findings)


def written(time: datetime) -> ActionSnapshot:
    """The Action with secrets of this time, deployed after it."""
    deployed = version(MFA, secrets=secrets(MFA, time), created_at=time + timedelta(seconds=1))
    return action(MFA, secrets=secrets(MFA, time), deployed=deployed, newest_secrets={"TEST_TENANT": time})


def noted(*times: datetime, action_id: str = ID) -> dict[str, Any]:
    """The update that carries the note on a write at these times."""
    return update(message=note({action_id: times}), endTime=(times[0] + timedelta(hours=1)).isoformat())


def test_a_secret_of_the_request_that_created_the_action_is_the_stacks() -> None:
    assert reasons(action(MFA)) == ""


def test_a_secret_of_an_action_that_was_imported_is_touched() -> None:
    imported = Managed(ID, "version-of-mfa", has_secrets=False)
    assert "this stack has no note of it" in reasons(action(MFA), managed=imported)


@pytest.mark.parametrize("later", [timedelta(microseconds=1), timedelta(seconds=1), timedelta(seconds=59), DAY])
def test_a_secret_that_was_written_later_is_touched_however_soon_an_update_ran(later: timedelta) -> None:
    assert "this stack has no note of it" in reasons(written(CREATED + later))


def test_a_secret_that_was_written_and_not_deployed_is_touched() -> None:
    mfa = action(MFA, secrets=secrets(MFA, DEPLOYED + DAY))
    assert "after version 1, which runs, and not deployed" in reasons(mfa)


def test_secrets_of_an_older_version_that_was_deployed_again_are_touched() -> None:
    # Rolled back with its draft, and taken over by a refresh: only the list of versions shows it.
    rolled_back = action(MFA, newest_secrets={"TEST_TENANT": CREATED + DAY})
    assert "version 1, which runs, has an older one than another version" in reasons(rolled_back)


def test_a_version_with_newer_secrets_than_the_draft_is_touched() -> None:
    mfa = action(MFA, deployed=version(MFA, secrets=secrets(MFA, CREATED + DAY)))
    assert "has an older one than another version" in reasons(mfa)


def test_secrets_of_a_version_that_the_stack_did_not_deploy_are_touched() -> None:
    managed = Managed(ID, "another-version", has_secrets=True)
    assert "version 1, which runs, was not deployed by this stack" in reasons(action(MFA), managed=managed)


def test_a_noted_write_is_the_stacks_to_the_microsecond_and_of_that_action_alone() -> None:
    time = CREATED + DAY + timedelta(microseconds=654321)
    assert reasons(written(time), history=[noted(time), update()]) == ""
    assert reasons(written(time), history=[noted(time, time + DAY)]) == ""
    assert reasons(written(time + timedelta(microseconds=1)), history=[noted(time)]) != ""
    assert reasons(written(time), history=[noted(time, action_id="another-id")]) != ""


def test_only_the_newest_note_on_an_action_counts() -> None:
    old, new = CREATED + DAY, CREATED + 2 * DAY
    assert reasons(written(old), history=[noted(new), noted(old)]) != ""


def test_a_note_is_found_behind_newer_updates_whatever_the_clocks_show() -> None:
    time = CREATED + DAY
    newer, behind = update(endTime=(time + DAY).isoformat()), noted(time)
    behind["endTime"] = (time - timedelta(hours=20)).isoformat()
    assert reasons(written(time), history=[newer, newer, behind]) == ""


def test_the_search_for_a_note_ends_at_updates_long_before_the_write() -> None:
    def history() -> Any:  # noqa: ANN401 - a generator
        yield update()
        pytest.fail("read further than necessary")

    assert reasons(written(CREATED + 3 * DAY), history=history()) != ""


def test_a_history_that_stayed_behind_in_another_backend_proves_nothing() -> None:
    assert reasons(written(CREATED + DAY), history=[]) != ""


def test_a_secret_that_is_not_the_programs_is_named_and_not_timed() -> None:
    extra = (*secrets(MFA), SecretTime("LEFT_OVER", DEPLOYED + DAY))
    mfa = action(MFA, draft=content(secrets=("LEFT_OVER", "TEST_TENANT")), secrets=extra)
    assert [finding.kind for finding in compare(evidence(tenant(mfa)))] == ["draft"]
