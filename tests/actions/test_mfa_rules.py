import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy import Decision, EmailDomain
from tests.actions.action_runner import MFA_ACTION, ActionRunner, Run
from tests.actions.events import DOMAINS, SECRETS, TEST_TENANT, Event, changed
from tests.actions.example import mfa_calls
from tests.actions.hostile import PATHS, logins, nothing_usable, odd_logins
from tests.actions.mfa_statement import decide

CHALLENGED = Run(exports=["onExecutePostLogin"], calls=mfa_calls(Decision.CHALLENGE), threw=None)

# Each reason for MFA, with the fields that make it and values that do.
REASONS: dict[str, dict[str, object]] = {
    "metadata": {"user.app_metadata.auth_require_mfa": True},
    "client": {"request.body.challengeRequired": "true"},
    "force-MFA domain": {
        "tenant.id": TEST_TENANT,
        "secrets.TEST_TENANT": TEST_TENANT,
        "secrets.FORCE_MFA_DOMAIN": SECRETS["FORCE_MFA_DOMAIN"],
        "user.email": f"jane@{DOMAINS[EmailDomain.FORCE_MFA]}",
    },
}


@given(event=odd_logins())
@settings(max_examples=1000)
def test_the_action_decides_as_the_statement_in_python(runner: ActionRunner, event: Event) -> None:
    decision, _ = decide(event)
    expected = Run(exports=["onExecutePostLogin"], calls=mfa_calls(decision), threw=None)
    assert runner.run(MFA_ACTION, event) == expected


@pytest.mark.parametrize("reason", REASONS)
@given(event=logins(), data=st.data())
@settings(max_examples=300)
def test_no_loss_of_fields_but_the_email_skips_mfa_while_a_reason_for_it_is_left(
    runner: ActionRunner, reason: str, event: Event, data: st.DataObject
) -> None:
    fields = REASONS[reason]
    for path, value in fields.items():
        event = changed(event, path, value)
    assume(runner.run(MFA_ACTION, event) == CHALLENGED)

    # An account without a domain is no force-MFA account: losing the email may open a bypass of the test tenant.
    needed = [*fields, "user.email"]
    others = [path for path in PATHS if not any(f"{field}.".startswith(f"{path}.") for field in needed)]
    for path in data.draw(st.lists(st.sampled_from(others), min_size=1, unique=True)):
        event = changed(event, path, data.draw(nothing_usable(path)))
    assert runner.run(MFA_ACTION, event) == CHALLENGED
