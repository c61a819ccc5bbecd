from hypothesis import given, settings
from hypothesis import strategies as st

from policy import Decision
from tests.actions.action_runner import ADD_IP_TO_METADATA, ENABLE_MFA, MFA_ACTION, ActionRunner
from tests.actions.events import Event, changed
from tests.actions.example import mfa_calls
from tests.actions.examples import BOTH_FLAGS
from tests.actions.hostile import anything, odd_logins

shapeless = st.dictionaries(st.text(max_size=5), anything, max_size=3)


@given(event=odd_logins() | shapeless)
@settings(max_examples=300)
def test_mfa_action_never_throws_and_calls_nothing_but_multifactor_enable_once(
    runner: ActionRunner, event: Event
) -> None:
    run = runner.run(MFA_ACTION, event)
    assert run.threw is None
    assert run.calls in ([], mfa_calls(Decision.CHALLENGE))


@given(event=odd_logins() | shapeless, ip=anything)
@settings(max_examples=300)
def test_add_ip_to_metadata_writes_an_ip_that_is_text_and_nothing_else(
    runner: ActionRunner, event: Event, ip: object
) -> None:
    run = runner.run(ADD_IP_TO_METADATA, changed(event, "request.ip", ip))
    assert run.threw is None
    written = isinstance(ip, str) and ip != ""
    assert run.calls == ([["api.user.setUserMetadata", ["last_ip", ip]]] if written else [])


@given(event=shapeless)
@settings(max_examples=100)
def test_enable_mfa_sets_both_flags_whatever_the_event(runner: ActionRunner, event: Event) -> None:
    run = runner.run(ENABLE_MFA, event)
    assert run.threw is None
    assert run.calls == BOTH_FLAGS
