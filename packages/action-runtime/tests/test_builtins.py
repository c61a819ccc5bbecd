"""What an Action changes in the built-ins of its worker has no effect on what the worker does for other logins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from action_runtime import ActionRuntime, ActionVersion, BoundAction
from action_runtime.events import event_user
from action_runtime.node import WORKER, node_executable
from flows import Start, action, browser_login, login, post_login

pytestmark = pytest.mark.anyio

HARMLESS = {
    # The argument's own JSON: an Action that gives all arrays a toJSON() changes what later Actions write, as at Auth0.
    "Array.prototype[toJSON]",
    # Node notes the immediate that is running: the end of a turn whose Action has returned.
    "Array.prototype[1] =",
    "globalThis.Uint8Array.__proto__.prototype.length",
    "globalThis.Array.prototype.pop",
    # Node passes it on with a rejection, and looks at it no more.
    "process.domain",
}

WATCHER = action((Path(__file__).parent / "builtins.js").read_text(encoding="utf-8"), "watcher")

CALLS = """
    require('node:crypto');
    api.multifactor.enable('any', { allowRememberBrowser: true });
    api.user.setAppMetadata('level', { deep: ['a', 1, null] });
    api.user.setUserMetadata('color', null);
    api.idToken.setCustomClaim('a', 'b');
    api.accessToken.setCustomClaim('a', 1.5);
    api.accessToken.addScope('read:a');
    api.accessToken.removeScope('b');
    api.transaction.setMetadata('a', 1);
    api.cache.set('key', 'value', { ttl: 1000 });
    api.cache.get('key');
    api.cache.delete('key');
    api.redirect.canRedirect();
    const session_token = api.redirect.encodeToken({ secret: 's', payload: { a: 'ä', state: 'here' } });
    event.request.body = { session_token, state: 'here' };
    api.redirect.validateToken({ secret: 's' });
    api.rules.wasExecuted('rule');
    api.samlResponse.setAttribute('a', ['b']);
    api.samlResponse.setNameIdentifierProbes(['b']);
    api.refreshToken.setMetadata('a', 'b');
    api.refreshToken.deleteMetadata('a');
    api.refreshToken.evictMetadata();
    api.roles.getUserEffectiveRoles({ take: 5 });
    api.groups.hasGroupMembership(['a']);
    try { api.session.setMetadata('a', 'b'); } catch {}
    try { api.user.setAppMetadata('', 1); } catch {}
"""
REDIRECT = "api.redirect.sendUserTo('https://example.com/a?b=c#d', { query: { b: 1, e: true, g: 'ä b' } });"
READS = "event.user.app_metadata.level; event.user.user_metadata.color; await null; event.secrets.NAME;"


async def test_no_built_in_that_an_action_can_change_is_looked_up_for_other_logins(start: Start) -> None:
    # Watching takes a while.
    runtime = await start(stall_after=10)
    assert (await runtime.run(post_login(WATCHER), login())).error is None
    for _ in range(2):
        result = await runtime.run(post_login(CALLS, READS, "api.access.deny('no')"), login())
        assert result.status == "denied"
    challenge = post_login("api.authentication.challengeWith({ type: 'otp' });", CALLS)
    paused = await runtime.run(challenge, browser_login())
    assert paused.pause is not None
    resumed = await runtime.resume(
        challenge, paused.pause.continuation, browser_login(), user_changes={"enrolledFactors": [{"type": "otp"}]}
    )
    assert resumed.effects.multifactor is not None
    redirected = await runtime.run(post_login(REDIRECT), browser_login())
    assert redirected.status == "paused"
    failed = await runtime.run(post_login("throw 'a text'"), login())
    assert failed.status == "failed"
    collected = await runtime.run(post_login("api.idToken.setCustomClaim('it', watched());"), login())
    watched = collected.effects.id_token_claims["it"]
    assert watched["count"] > 3000
    assert set(watched["lookups"]) <= HARMLESS


CHECK = """
    const { app_metadata: metadata } = event.user;
    if (event.secrets.TEST_TENANT === event.tenant.id || metadata.auth_require_mfa !== true) return;
    api.multifactor.enable('any');
    api.idToken.setCustomClaim('half_of_an_emoji', '\\ud83d');
"""


@pytest.mark.parametrize(
    "change",
    [
        "Array.prototype.join = () => ''",
        "Array.prototype.map = () => []",
        "Array.prototype[Symbol.iterator] = function* () {}",
        "Map.prototype.get = () => undefined",
        "Map.prototype.set = () => {}",
        "Reflect.get = () => undefined",
        "Reflect.apply = () => undefined",
        "String.prototype.includes = () => true; String.prototype.replace = () => '{}'",
        "String.prototype.slice = () => ''",
        # The old way of replacing half a character: what exec() returns becomes part of the answer.
        """RegExp.prototype.exec = function (text) {
            const matches = [['multifactor.enable', 'x'], ['\\\\ud83d', '']];
            const match = text.includes('"calls"') ? matches[this.lastIndex++] : undefined;
            return match === undefined ? null : Object.assign(match, { index: text.indexOf(match[0]) });
        }""",
        "Object.defineProperty(Object.prototype, 'secrets', { set() {}, get: () => ({ TEST_TENANT: 'a-tenant' }) })",
        "Object.defineProperty(Object.prototype, 'stops', { set() {}, get: () => true })",
        "require('async_hooks').AsyncLocalStorage.prototype.run = () => {}",
        "Object.entries = Object.keys = () => []",
        "JSON.parse = () => ({})",
        "Object.prototype.toJSON = Array.prototype.toJSON = () => ({ over: true, calls: [] })",
        "JSON.stringify = () => '{}'",
        "globalThis.setImmediate = (task) => task()",
        "require('net').Socket.prototype.on = require('events').prototype.emit = () => {}",
        "require('stream').Readable.prototype.push = () => true",
        "Promise.prototype.then = function (done) { done() }",
        "Object.defineProperty(Promise.prototype, 'constructor', { get() { return class { constructor() {} } } })",
        "Error[Symbol.hasInstance] = () => true",
        "require('fs').writeSync = () => 0",
        "Number.prototype.toFixed = () => '0,\"error\":null'",
        "process.emit = () => true; process.removeAllListeners()",
    ],
)
async def test_a_changed_built_in_does_not_let_a_later_login_pass(start: Start, change: str) -> None:
    runtime = await start(time_limit=3)
    tampered = await runtime.run(post_login(f"try {{ {change} }} catch {{}}"), login())
    assert tampered.status == "completed"
    check = action(f"exports.onExecutePostLogin = async (event, api) => {{ {CHECK} }}", secrets={"TEST_TENANT": "test"})
    user = event_user(app_metadata={"auth_require_mfa": True})
    result = await runtime.run(post_login(check, "api.idToken.setCustomClaim('a', 1);"), login(user=user))
    assert result.error is None
    assert result.effects.multifactor is not None
    assert [call.method for call in result.trace.actions[0].calls] == ["multifactor.enable", "idToken.setCustomClaim"]


async def test_actions_share_a_realm_so_one_can_lead_anothers_own_code_to_another_decision(start: Start) -> None:
    """No boundary, as docs/decisions.md says."""
    runtime = await start()
    change = "globalThis.seen = []; String.prototype.endsWith = function (end) { seen.push(end); return true; };"
    skip = "if (!event.user.email.endsWith(event.secrets.DOMAIN)) api.multifactor.enable('any');"
    domain = action(
        f"exports.onExecutePostLogin = async (event, api) => {{ {skip} }};", secrets={"DOMAIN": "a-secret.example"}
    )
    assert (await runtime.run(post_login(domain), login())).effects.multifactor is not None
    await runtime.run(post_login(change), login())
    assert (await runtime.run(post_login(domain), login())).effects.multifactor is None
    taken = await runtime.run(post_login("api.idToken.setCustomClaim('it', seen);"), login())
    assert taken.effects.id_token_claims == {"it": ["a-secret.example"]}


@pytest.mark.parametrize(
    "place",
    [
        "Object.values(require('module')._cache)",
        "[process.mainModule]",
        # Node's own function, on which it sets main for each module.
        "[require('module').prototype.require.main]",
        "[process.getBuiltinModule('module').createRequire('/').main]",
        "Object.values(process.getBuiltinModule('module').createRequire('/').cache)",
        "Object.getOwnPropertySymbols(Promise.resolve()).map((key) => Promise.resolve()[key])",
    ],
)
async def test_the_workers_own_modules_are_out_of_reach(runtime: ActionRuntime, place: str) -> None:
    body = (
        f"api.idToken.setCustomClaim('it', {place}.filter((it) => it !== undefined && typeof it !== 'number').length);"
    )
    result = await runtime.run(post_login(body), login())
    assert result.effects.id_token_claims == {"it": 0}


async def test_a_package_cannot_reach_the_workers_own_modules(start: Start, tmp_path: Path) -> None:
    package = tmp_path / "dependencies" / "set" / "node_modules" / "curious"
    package.mkdir(parents=True)
    (package / "index.js").write_text(
        "const others = Object.values(require.cache).filter((it) => it !== module);\n"
        "exports.modules = [require.main, module.parent, ...others].filter((it) => it != null).map((it) => it.id);"
    )
    runtime = await start()
    version = ActionVersion("curious-1", 1, CURIOUS, dependencies=tmp_path / "dependencies" / "set")
    result = await runtime.run(post_login(BoundAction("curious", "curious", version)), login())
    assert [name for name in result.effects.id_token_claims["modules"] if not name.startswith(str(tmp_path))] == []


CURIOUS = """
    const { modules } = require('curious');
    exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim('modules', modules); };
"""

UNFROZEN = """
    const { readdirSync } = require('node:fs');
    for (const file of readdirSync('.', { recursive: true })) {
        if (!file.endsWith('.js') || file === 'main.js') continue;
        for (const [name, value] of Object.entries(require(`${process.cwd()}/${file}`))) {
            // Intrinsic: Node's own.
            if (name.startsWith("Intrinsic") || !`${value}`.startsWith("class")) continue;
            console.log(name, Object.isFrozen(value) && Object.isFrozen(value.prototype));
        }
    }
"""


def test_the_workers_classes_are_frozen() -> None:
    result = subprocess.run(  # noqa: S603 - the test's own code
        [str(node_executable()), "--eval", UNFROZEN], cwd=WORKER, check=True, capture_output=True, text=True
    )
    lines = result.stdout.splitlines()
    assert "Channel true" in lines
    assert [line for line in lines if not line.endswith(" true")] == []


STEAL = """
    const taken = globalThis.taken = [];
    const includes = Function.prototype.call.bind(String.prototype.includes);
    const { apply } = Reflect;
    const { isBuffer } = Buffer;
    const toString = Function.prototype.call.bind(Buffer.prototype.latin1Slice);
    const watch = (owner, name) => {
        const original = owner[name];
        owner[name] = function (...values) {
            for (const value of values) {
                const text = typeof value === 'string' ? value : isBuffer(value) ? toString(value) : '';
                if (includes(text, '"type":')) taken[taken.length] = text;
            }
            return apply(original, this, values);
        };
    };
    const fs = require('fs');
    for (const [owner, names] of [
        [Buffer, ['byteLength', 'from', 'concat']],
        [fs, ['writeSync', 'write', 'writevSync']],
        [JSON, ['parse', 'stringify']],
        [String.prototype, ['slice', 'includes', 'replace', 'startsWith', 'indexOf', 'concat']],
        [RegExp.prototype, ['exec', 'test']],
    ]) for (const name of names) watch(owner, name);
"""


async def test_an_action_never_sees_an_answer_or_a_request(start: Start) -> None:
    runtime = await start()
    assert (await runtime.run(post_login(STEAL), login())).error is None
    await runtime.run(post_login("api.idToken.setCustomClaim('a', '\\ud83d');"), login())
    result = await runtime.run(
        post_login(
            "api.idToken.setCustomClaim('it', [taken, Buffer.from('x').buffer.byteLength > 1 &&"
            " Buffer.from(Buffer.from('x').buffer).includes('\"type\":')]);"
        ),
        login(),
    )
    assert result.effects.id_token_claims == {"it": [[], False]}
