"""What an Action sees and how it ends its turn."""

from __future__ import annotations

import asyncio
import copy
import hashlib

import pytest
from action_runtime import ActionRuntime, ErrorCode, Flow, ModuleVersion, RuntimeUnavailableError
from action_runtime.events import event_user
from flows import Start, action, login, post_login, pre_user_registration

pytestmark = pytest.mark.anyio


def handler(body: str) -> str:
    return f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};"


async def test_actions_run_in_the_order_of_their_bindings(runtime: ActionRuntime) -> None:
    flow = post_login(
        "api.idToken.setCustomClaim('order', [1]);",
        "api.idToken.setCustomClaim('order', [2]); api.idToken.setCustomClaim('second', true);",
    )
    result = await runtime.run(flow, login())
    assert result.status == "completed"
    assert result.effects.id_token_claims == {"order": [2], "second": True}
    assert [trace.status for trace in result.trace.actions] == ["ran", "ran"]


async def test_each_action_has_its_own_copy_of_the_event(runtime: ActionRuntime) -> None:
    event = login()
    before = copy.deepcopy(event)
    flow = post_login(
        "event.user.email = 'eve@example.com'; event.user.app_metadata.plan = 'none'; delete event.request;",
        "api.idToken.setCustomClaim('seen', [event.user.email, event.user.app_metadata.plan, event.request.ip]);",
    )
    result = await runtime.run(flow, event)
    assert result.effects.id_token_claims == {"seen": ["ada@example.com", "gold", "203.0.113.7"]}
    assert event == before


async def test_an_action_sees_its_own_secrets_only(runtime: ActionRuntime) -> None:
    tell = "api.idToken.setCustomClaim('%s', Object.keys(event.secrets)); event.secrets.MORE = 'x';"
    flow = post_login(
        action(handler(tell % "first"), secrets={"ONE": "1111"}),
        action(handler(tell % "second"), secrets={"TWO": "2222"}),
    )
    await runtime.run(flow, login())
    result = await runtime.run(flow, login())
    assert result.effects.id_token_claims == {"first": ["ONE"], "second": ["TWO"]}


async def test_state_of_a_module_lives_as_long_as_its_version(runtime: ActionRuntime) -> None:
    code = "let runs = 0; " + handler("runs += 1; api.idToken.setCustomClaim('runs', runs);")
    flow = post_login(action(code))
    results = [await runtime.run(flow, login()) for _ in range(3)]
    assert [result.effects.id_token_claims["runs"] for result in results] == [1, 2, 3]
    redeployed = await runtime.run(post_login(action(code)), login())
    assert redeployed.effects.id_token_claims["runs"] == 1


async def test_deny_keeps_later_actions_from_running_and_keeps_metadata(runtime: ActionRuntime) -> None:
    flow = post_login(
        "api.user.setAppMetadata('seen', 1);",
        "api.access.deny('not today'); api.user.setUserMetadata('denied', true);",
        "api.user.setAppMetadata('seen', 2);",
    )
    result = await runtime.run(flow, login())
    assert result.status == "denied"
    assert result.denial is not None
    assert (result.denial.kind, result.denial.reason) == ("access", "not today")
    assert result.effects.app_metadata == {"seen": 1}
    assert result.effects.user_metadata == {"denied": True}
    assert [trace.status for trace in result.trace.actions] == ["ran", "ran", "not-run"]


async def test_an_action_that_throws_fails_the_flow_with_nothing_half_written(runtime: ActionRuntime) -> None:
    flow = post_login(
        "api.user.setAppMetadata('seen', 1);",
        action(handler("api.user.setAppMetadata('seen', 2);\nthrow new TypeError('no such luck');"), "the_thrower"),
        "api.user.setAppMetadata('seen', 3);",
    )
    result = await runtime.run(flow, login())
    assert result.status == "failed"
    assert result.effects.empty
    assert result.error is not None
    assert result.error.code is ErrorCode.ACTION_THREW
    assert (result.error.message, result.error.action_name, result.error.action_index) == (
        "no such luck",
        "the_thrower",
        1,
    )
    assert "the_thrower.js:2" in result.error.stack
    assert "runtime/worker" not in result.error.stack
    assert [trace.status for trace in result.trace.actions] == ["ran", "failed", "not-run"]
    assert result.trace.actions[1].calls[0].arguments == ["seen", 2]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("throw 'a text'", "a text"),
        ("throw undefined", "Unknown error"),
        ("throw { get message() { throw 1 } }", "[object Object]"),
        ("throw Object.create(null)", "Unknown error"),
        ("throw new Proxy(new Error('x'), { get() { throw 1 } })", "Unknown error"),
        ("await Promise.reject(new Error('rejected'))", "rejected"),
        ("Promise.reject(new Error('nobody waits for it'))", "nobody waits for it"),
        ("(async () => { await null; throw new Error('not awaited'); })()", "not awaited"),
        ("setTimeout(() => { throw new Error('in a timer') }, 1); await new Promise(() => {})", "in a timer"),
        ("setImmediate(() => { throw new Error('a bit later') }); await new Promise(() => {})", "a bit later"),
        ("queueMicrotask(() => { throw new Error('in a microtask') }); await new Promise(() => {})", "in a microtask"),
        ("process.nextTick(() => { throw new Error('in a tick') })", "in a tick"),
        ("new (require('node:events'))().emit('error', new Error('unheard event'))", "unheard event"),
    ],
)
async def test_whatever_is_thrown_wherever_the_flow_fails(runtime: ActionRuntime, body: str, message: str) -> None:
    result = await runtime.run(post_login(body, "api.idToken.setCustomClaim('passed', true);"), login())
    assert result.error is not None
    assert (result.error.code, result.error.message) == (ErrorCode.ACTION_THREW, message)
    assert result.effects.empty
    # It was the Action's fault, not the worker's.
    assert (await runtime.run(post_login(""), login())).status == "completed"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("exports.onExecutePostLogin = async (event, api) => { const text = 'unterminated };", "Invalid or unexpected"),
        ("throw new Error('at the top'); " + handler(""), "at the top"),
        ("exports.onExecutePreUserRegistration = async () => {};", "no handler onExecutePostLogin"),
        ("exports.onExecutePostLogin = (event, api) => {};", "no handler onExecutePostLogin"),
        ("module.exports = undefined;", "must export an object"),
        ("require('left-pad'); " + handler(""), "Cannot find module 'left-pad'"),
        ("require('./secrets.json'); " + handler(""), "Cannot find module './secrets.json'"),
        ("require('/etc/hosts'); " + handler(""), "Cannot find module '/etc/hosts'"),
        ("require('actions:nothing'); " + handler(""), "not among the modules"),
    ],
)
async def test_code_that_cannot_be_loaded_fails_every_flow_with_it(
    runtime: ActionRuntime, code: str, message: str
) -> None:
    flow = post_login(action(code))
    for _ in range(2):
        result = await runtime.run(flow, login())
        assert result.error is not None
        assert result.error.code is ErrorCode.LOAD_FAILED
        assert message in result.error.message


async def test_code_can_require_nodes_own_modules(runtime: ActionRuntime) -> None:
    flow = post_login("""
        const { createHash } = require('node:crypto');
        const hash = createHash('sha256').update(require('url').parse('http://a/b').path).digest('hex');
        api.idToken.setCustomClaim('hash', hash.slice(0, 8));
    """)
    result = await runtime.run(flow, login())
    assert result.effects.id_token_claims == {"hash": hashlib.sha256(b"/b").hexdigest()[:8]}


async def test_modules_are_required_by_name_and_have_secrets_of_their_own(runtime: ActionRuntime) -> None:
    module = ModuleVersion(
        "greeting",
        "module-version-1",
        "let calls = 0; exports.greet = (name) => `${actions.secrets.WORD} ${name} ${++calls}`;",
        {"WORD": "Hello"},
    )
    body = "const { greet } = require('actions:greeting'); api.idToken.setCustomClaim('text', greet('Ada'));"
    flow = post_login(action(handler(body), modules=(module,)))
    results = [await runtime.run(flow, login()) for _ in range(2)]
    assert [result.effects.id_token_claims["text"] for result in results] == ["Hello Ada 1", "Hello Ada 2"]
    assert "Hello" not in str(results[0].trace.to_json())


async def test_a_changed_version_under_the_same_id_never_runs_the_old_code(runtime: ActionRuntime) -> None:
    old = action(handler("api.idToken.setCustomClaim('code', 'old');"))
    new = action(handler("api.idToken.setCustomClaim('code', 'new');"))
    changed = type(new)(old.action_id, old.name, type(new.version)(old.version.id, 1, new.version.code))
    await runtime.run(post_login(old), login())
    result = await runtime.run(post_login(changed), login())
    assert result.effects.id_token_claims == {"code": "new"}


async def test_flows_that_run_at_the_same_time_do_not_mix(runtime: ActionRuntime) -> None:
    flow = post_login("""
        console.log('before', event.user.email);
        await new Promise((resolve) => setTimeout(resolve, event.stats.logins_count % 7));
        console.log('after', event.user.email);
        api.idToken.setCustomClaim('email', event.user.email);
    """)
    events = [login(user={"email": f"{n}@example.com"}, stats={"logins_count": n}) for n in range(40)]
    results = await asyncio.gather(*(runtime.run(flow, event) for event in events))
    for event, result in zip(events, results, strict=True):
        email = event["user"]["email"]
        assert result.effects.id_token_claims == {"email": email}
        assert [line.text for line in result.trace.actions[0].console] == [f"before {email}", f"after {email}"]


async def test_an_action_may_return_the_api_and_need_not_use_its_arguments(runtime: ActionRuntime) -> None:
    assert (await runtime.run(post_login("return api;"), login())).status == "completed"
    assert (await runtime.run(post_login(action("exports.onExecutePostLogin = async () => 7;")), login())).error is None


async def test_a_flow_without_actions_is_completed(runtime: ActionRuntime) -> None:
    result = await runtime.run(post_login(), login())
    assert result.status == "completed"
    assert result.effects.empty
    assert result.trace.actions == ()


async def test_sign_ups_run_their_own_handler(runtime: ActionRuntime) -> None:
    flow = pre_user_registration(
        "api.user.setAppMetadata('auth_require_mfa', true);", "api.access.deny('internal', 'for you');"
    )
    result = await runtime.run(flow, {"user": {"email": "ada@example.com"}})
    assert result.denial is not None
    assert (result.denial.reason, result.denial.user_message) == ("internal", "for you")
    assert result.effects.app_metadata == {"auth_require_mfa": True}
    assert result.trace.trigger_version == "v2"


async def test_a_trigger_that_cannot_be_run_is_refused() -> None:
    with pytest.raises(ValueError, match="credentials-exchange"):
        Flow("credentials-exchange", ())


async def test_a_closed_runtime_runs_nothing(start: Start) -> None:
    runtime = await start()
    await runtime.close()
    await runtime.close()
    with pytest.raises(RuntimeUnavailableError):
        await runtime.run(post_login(""), login())
    assert runtime.worker_pids == ()


async def test_half_characters_and_long_numbers_break_nothing(runtime: ActionRuntime) -> None:
    event = login(user={**event_user(), "name": "half \ud83d", "big": 2**80})
    body = """
        console.log('\\u{1F600}'.slice(0, 1), '\\\\ud83d', '\\u{1F600}');
        api.user.setUserMetadata('\\udc00', ['\\ud83d|', event.user.name, event.user.big > 2 ** 79]);
    """
    result = await runtime.run(post_login(body), event)
    assert result.error is None
    assert result.effects.user_metadata == {"\ufffd": ["\ufffd|", "half ?", True]}
    assert result.trace.actions[0].console[0].text == "\ufffd \\ud83d \U0001f600"


async def test_an_event_that_is_not_json_is_refused(runtime: ActionRuntime) -> None:
    with pytest.raises(TypeError, match="not JSON"):
        await runtime.run(post_login(""), login(user=object()))
