"""Secrets stay out of traces, in whatever form an Action prints them; what it asks for stays real."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from action_runtime import ActionRuntime, Continuation
from action_runtime.masking import SHORTEST_IN_TEXT, Masker
from flows import action, browser_login, login, post_login
from hypothesis import given
from hypothesis import strategies as st

values = st.text(min_size=SHORTEST_IN_TEXT, max_size=40).filter(lambda text: text.strip() == text)
SECRET = 'hunter2-"quoted"/ü+\n€'


@given(value=values, before=st.text(max_size=5), after=st.text(max_size=5))
def test_a_value_inside_a_text_is_masked(value: str, before: str, after: str) -> None:
    masked = Masker([{"NAME": value}]).text(f"{before}{value}{after}")
    assert "[secret NAME]" in masked
    assert value not in masked.replace("[secret NAME]", "")


@given(value=values)
def test_a_value_is_masked_in_the_forms_in_which_it_travels(value: str) -> None:
    masker = Masker([{"NAME": value}])
    for form in (json.dumps(value), json.dumps(value, ensure_ascii=False), quote(value, safe="")):
        assert "[secret NAME]" in masker.text(form)
    assert masker.text(value.encode().hex()) == "[secret NAME]"


@given(value=st.binary(min_size=8, max_size=40), before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_base64_is_masked_wherever_in_the_encoded_text_the_value_begins(
    value: bytes, before: bytes, after: bytes
) -> None:
    text = value.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        masked = Masker([{"NAME": text}]).text(encode(before + text.encode() + after).decode())
        assert "[secret NAME]" in masked


@given(value=values, end=st.integers(1, 40))
def test_what_was_cut_off_does_not_end_with_a_part_of_a_value(value: str, end: int) -> None:
    part = value[:end]
    masked = Masker([{"NAME": value}]).cut_text(f"<<{part}")
    assert not any(masked.removeprefix("<<").endswith(value[:length]) for length in range(1, len(value)))


@given(value=values)
def test_whatever_is_to_be_masked_is_found_in_json(value: str) -> None:
    masker = Masker([{"NAME": value}])
    for content in ([value], {value: 1}, [json.dumps([value])], [json.dumps([value], ensure_ascii=False)]):
        if masker.value(content) != content:
            assert masker.occur_in(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def test_each_line_of_a_value_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"
    masked = Masker([{"KEY": key}]).text("'-----BEGIN KEY-----\\n' +\n  'MIIEvQIBADANBg\\n' + '-----END KEY-----'")
    assert masked == "'[secret KEY]\\n' +\n  '[secret KEY]\\n' + '[secret KEY]'"


def test_short_values_are_masked_only_as_a_whole() -> None:
    masker = Masker([{"FLAG": "1", "EMPTY": ""}])
    assert masker.value(["1", 1, "11", 11, True, ""]) == ["[secret FLAG]", "[secret FLAG]", "11", 11, True, ""]


def test_the_longest_of_overlapping_values_is_masked() -> None:
    masker = Masker([{"DOMAIN": "example.com", "URL": "https://example.com/key"}])
    assert masker.text("at https://example.com/key, example.com") == "at [secret URL], [secret DOMAIN]"


# Node or the limit of the console keeps the value to itself.
NOT_PRINTED = ("console.log('x'.repeat(16380) + event.secrets.KEY)", "eval(event.secrets.KEY)")
LEAKS = (
    *NOT_PRINTED,
    "console.log(event.secrets.KEY)",
    "console.error('the key is ' + event.secrets.KEY + '!')",
    "console.log(event.secrets)",
    "console.log({ deep: { secrets: { ...event.secrets, more: event.secrets.KEY } } })",
    "console.log(JSON.stringify(event))",
    "console.log(JSON.stringify(JSON.stringify(event)))",
    "console.log(encodeURIComponent(event.secrets.KEY))",
    "console.log('Basic', Buffer.from('client:' + event.secrets.KEY).toString('base64'))",
    "console.log(Buffer.from(event.secrets.KEY).toString('hex'))",
    "process.stdout.write(event.secrets.KEY)",
    "process.stderr.write(Buffer.from(event.secrets.KEY))",
    "console.table([event.secrets])",
    "console.dir(event.secrets)",
    "api.user.setAppMetadata('key', { deep: [event.secrets.KEY] })",
    "api.user.setAppMetadata(event.secrets.KEY, 1)",
    "api.idToken.setCustomClaim('key', event.secrets.KEY)",
    "api.transaction.setMetadata('key', event.secrets.KEY)",
    "api.cache.set('key', event.secrets.KEY)",
    "api.access.deny(event.secrets.KEY)",
    "api.prompt.render(event.secrets.KEY)",
    "api.redirect.encodeToken({ secret: event.secrets.KEY, payload: {} }) && api.redirect.sendUserTo('https://x')",
    "throw new Error('bad key ' + event.secrets.KEY)",
    "throw event.secrets.KEY",
    "const error = new Error('x'); error.name = event.secrets.KEY; throw error",
    "require(event.secrets.KEY)",
)


@pytest.mark.anyio
@pytest.mark.parametrize("body", LEAKS)
async def test_a_secret_never_appears_in_the_trace(runtime: ActionRuntime, body: str) -> None:
    code = f"exports.onExecutePostLogin = async (event, api) => {{ {body}; }};"
    flow = post_login(action(code, secrets={"KEY": SECRET}), "console.log(JSON.stringify(event.user))")
    result = await runtime.run(flow, browser_login())
    printed = json.dumps(result.trace.to_json(), ensure_ascii=False) + str(result.trace) + repr(result.error)
    assert "[secret KEY]" in printed or body in NOT_PRINTED
    for part in ("hunter2", "quoted", "aHVudGVyM", "h1bnRlcj", "odW50ZXIy", "68756e746572"):
        assert part not in printed


@pytest.mark.anyio
async def test_a_secret_that_is_already_in_the_profile_is_masked_in_the_snapshot(runtime: ActionRuntime) -> None:
    code = "exports.onExecutePostLogin = async (event, api) => { api.user.setAppMetadata('key', null) };"
    flow = post_login(action(code, secrets={"KEY": SECRET}))
    result = await runtime.run(flow, login(user={"app_metadata": {"key": SECRET}}))
    assert result.trace.snapshot["app_metadata"] == {"key": "[secret KEY]"}
    assert result.trace.actions[0].changes[0].before == "[secret KEY]"


@pytest.mark.anyio
async def test_effects_stay_real(runtime: ActionRuntime) -> None:
    code = """exports.onExecutePostLogin = async (event, api) => {
      api.idToken.setCustomClaim('key', event.secrets.KEY);
      api.user.setAppMetadata('key', event.secrets.KEY);
      api.authentication.challengeWith({ type: 'otp' });
    };"""
    flow = post_login(action(code, secrets={"KEY": SECRET}), "api.user.setUserMetadata('done', true);")
    first = await runtime.run(flow, browser_login())
    assert first.effects.id_token_claims == {"key": SECRET}
    assert first.pause is not None
    continuation = Continuation.from_json(json.loads(json.dumps(first.pause.continuation.to_json())))
    second = await runtime.resume(flow, continuation, browser_login())
    assert second.effects.app_metadata == {"key": SECRET}
    assert "hunter2" not in str(second.trace)


@pytest.mark.anyio
async def test_a_secret_named_like_a_field_of_the_trace_breaks_nothing(runtime: ActionRuntime) -> None:
    secrets = {name.upper(): name for name in ("calls", "console", "error", "type", "action", "start", "duration")}
    code = """exports.onExecutePostLogin = async (event, api) => {
      for (const value of Object.values(event.secrets)) {
        console.log(value);
        api.idToken.setCustomClaim(value, value);
      }
    };"""
    result = await runtime.run(post_login(action(code, secrets=secrets)), login())
    assert result.status == "completed"
    assert result.effects.id_token_claims == {value: value for value in secrets.values()}
    assert [line.text for line in result.trace.actions[0].console] == [f"[secret {name}]" for name in secrets]
