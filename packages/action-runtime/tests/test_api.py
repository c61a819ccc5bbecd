"""The api of both triggers: what each call yields, what it refuses, and what is not there."""

from __future__ import annotations

from typing import Any

import pytest
from action_runtime import ActionRuntime, Effects, ErrorCode, LifetimeChanges, MultifactorRequirement
from action_runtime.events import event_request
from flows import Start, browser_login, login, post_login, pre_user_registration

pytestmark = pytest.mark.anyio

EVERYTHING = login(session={"id": "s"}, refresh_token={"id": "r"}, transaction={"protocol": "oauth2-refresh-token"})


@pytest.mark.parametrize(
    ("body", "effects"),
    [
        ("api.user.setAppMetadata('a', { b: [1] })", Effects(app_metadata={"a": {"b": [1]}})),
        (
            "api.user.setUserMetadata('a', 'b').user.setUserMetadata('c', null)",
            Effects(user_metadata={"a": "b", "c": None}),
        ),
        ("api.user.setUserMetadata('when', new Date(0))", Effects(user_metadata={"when": "1970-01-01T00:00:00.000Z"})),
        ("api.user.setAppMetadata('a', 1); api.user.setAppMetadata('a', 2)", Effects(app_metadata={"a": 2})),
        ("api.user.setAppMetadata('__proto__', 1)", Effects(app_metadata={"__proto__": 1})),
        ("api.multifactor.enable('any')", Effects(multifactor=MultifactorRequirement("any"))),
        (
            "api.multifactor.enable('guardian', { allowRememberBrowser: true })",
            Effects(multifactor=MultifactorRequirement("guardian", allow_remember_browser=True)),
        ),
        (
            "api.multifactor.enable('duo', { providerOptions: { host: 'h', ikey: 'i', skey: 's' } })",
            Effects(
                multifactor=MultifactorRequirement("duo", provider_options={"host": "h", "ikey": "i", "skey": "s"})
            ),
        ),
        ("api.multifactor.enable('any'); api.multifactor.enable('none')", Effects(multifactor_disabled=True)),
        (
            "api.multifactor.enable('none'); api.multifactor.enable('any')",
            Effects(multifactor=MultifactorRequirement("any")),
        ),
        ("api.idToken.setCustomClaim('https://x/y', [true])", Effects(id_token_claims={"https://x/y": [True]})),
        ("api.accessToken.setCustomClaim('n', 1.5)", Effects(access_token_claims={"n": 1.5})),
        ("api.accessToken.addScope('read:a'); api.accessToken.addScope('b')", Effects(scopes_added=("read:a", "b"))),
        ("api.accessToken.addScope('a'); api.accessToken.removeScope('a')", Effects(scopes_removed=("a",))),
        ("api.accessToken.removeScope('a'); api.accessToken.addScope('a')", Effects(scopes_added=("a",))),
        ("api.authentication.setPrimaryUser('auth0|2')", Effects(primary_user="auth0|2")),
        (
            "const { transaction: t } = api; t.setMetadata('a', 1); t.setMetadata('b', 'x'); t.setMetadata('a', null)",
            Effects(transaction_metadata={"b": "x"}),
        ),
        (
            "[2000, 1000, 3000].map((time) => api.refreshToken.setExpiresAt(time))",
            Effects(refresh_token=LifetimeChanges(expires_at=1000)),
        ),
        (
            "[2000, 1, 3000].map((time) => { api.session.setExpiresAt(time); api.session.setIdleExpiresAt(time); })",
            Effects(session=LifetimeChanges(expires_at=1, idle_expires_at=1)),
        ),
        (
            (
                "const { refreshToken } = api; refreshToken.setIdleExpiresAt(5);"
                " refreshToken.setMetadata('a', 'b'); refreshToken.deleteMetadata('c')"
            ),
            Effects(refresh_token=LifetimeChanges(idle_expires_at=5, metadata={"a": "b"})),
        ),
        (
            "api.session.setMetadata('a', 'b'); api.session.evictMetadata(); api.session.setMetadata('c', 'd')",
            Effects(session=LifetimeChanges(metadata={"c": "d"})),
        ),
        (
            "api.session.setCookieMode('persistent'); api.session.setCookieMode('non-persistent')",
            Effects(session=LifetimeChanges(cookie_mode="non-persistent")),
        ),
        ("if (api.rules.wasExecuted('rul_1') !== false) throw new Error('no rule ran')", Effects()),
        ("if (api.redirect.canRedirect()) throw new Error('nobody is at a browser')", Effects()),
    ],
)
async def test_what_an_action_asks_for_is_in_the_effects(runtime: ActionRuntime, body: str, effects: Effects) -> None:
    result = await runtime.run(post_login(body), EVERYTHING)
    assert result.error is None
    assert result.status == "completed"
    assert result.effects == effects
    assert Effects.from_json(result.effects.to_json()) == effects


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        ("api.user.setAppMetadata('a', undefined)", "nothing is written"),
        ("api.idToken.setCustomClaim('a', undefined)", "left out"),
    ],
)
async def test_undefined_is_left_out_as_json_does_and_the_trace_says_so(
    runtime: ActionRuntime, body: str, ignored: str
) -> None:
    result = await runtime.run(post_login(body), login())
    assert result.status == "completed"
    assert result.effects.empty
    assert ignored in (result.trace.actions[0].calls[0].ignored or "")


async def test_user_metadata_of_the_action_that_moves_to_another_user_is_lost(runtime: ActionRuntime) -> None:
    flow = post_login(
        "api.user.setUserMetadata('a', 1).user.setAppMetadata('b', 2); api.authentication.setPrimaryUser('auth0|2');",
        "api.user.setUserMetadata('c', 3);",
    )
    result = await runtime.run(flow, login())
    assert result.effects.user_metadata == {"c": 3}
    assert result.effects.app_metadata == {"b": 2}
    assert "lost" in (result.trace.actions[0].calls[0].ignored or "")


@pytest.mark.parametrize(
    "body",
    [
        "api.access.deny()",
        "api.access.deny({ reason: 'x' })",
        "api.multifactor.enable()",
        "api.multifactor.enable('sms')",
        "api.multifactor.enable('any', { allowRememberBrowser: 'yes' })",
        "api.multifactor.enable('any', { providerOptions: {} })",
        "api.user.setAppMetadata(1, 2)",
        "api.user.setUserMetadata('', 2)",
        "api.user.setUserMetadata('a', () => 1)",
        "api.user.setUserMetadata('a', 1n)",
        "const loop = {}; loop.loop = loop; api.user.setAppMetadata('a', loop)",
        "api.user.setAppMetadata('a', 'x'.repeat(33000))",
        "for (let n = 0; n < 40; n++) api.user.setUserMetadata(`k${n}`, 'x'.repeat(1000))",
        "api.idToken.setCustomClaim(null, 1)",
        "api.accessToken.setCustomClaim('a', Symbol('x'))",
        "api.accessToken.addScope(7)",
        "api.accessToken.addScope('two scopes')",
        "api.accessToken.removeScope('')",
        "api.authentication.challengeWith('otp')",
        "api.authentication.challengeWith({ type: 'carrier-pigeon' })",
        "api.authentication.challengeWith({ type: 'otp' }, { additionalFactors: {} })",
        "api.authentication.challengeWithAny({ type: 'otp' })",
        "api.authentication.enrollWith({ type: 'email' })",
        "api.authentication.enrollWithAny([{ type: 'otp' }, {}])",
        "api.authentication.recordMethod('https://example.com')",
        "api.authentication.setPrimaryUser('x'.repeat(129))",
        "api.authentication.setPrimaryUser('a'); api.authentication.setPrimaryUser('b')",
        "api.transaction.setMetadata('x'.repeat(65), 1)",
        "api.transaction.setMetadata('a', {})",
        "api.transaction.setMetadata('a', 2 ** 60)",
        "api.transaction.setMetadata('a', 'x'.repeat(9000))",
        "for (let n = 0; n < 3; n++) api.transaction.setMetadata(`k${n}`, 'x'.repeat(8000))",
        "api.redirect.sendUserTo('/relative')",
        "api.redirect.sendUserTo('javascript:alert(1)')",
        "api.redirect.encodeToken({ payload: {} })",
        "api.redirect.encodeToken({ secret: 's', payload: {}, expiresInSeconds: 'long' })",
        "api.redirect.validateToken({ secret: 's' })",
        "api.refreshToken.setExpiresAt('tomorrow')",
        "api.refreshToken.setMetadata('a', 1)",
        "api.validation.error('code')",
        "api.cache.set('a', 1)",
        "api.prompt.render('form')",
        "api.access.allow()",
        "api.nothing()",
        "api.nothing.at.all('x')",
        "api['user']['setMetadata']('x', 'y')",
        "api.user.constructor.nothing()",
    ],
)
async def test_what_is_wrong_or_not_there_throws_and_is_never_skipped(runtime: ActionRuntime, body: str) -> None:
    result = await runtime.run(post_login(f"{body};"), login())
    assert result.status == "failed"
    assert result.effects.empty


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("api.prompt.render('f')", "api.prompt.render is not built in the local tenant"),
        ("api.transaction.addTargetScope('a')", "api.transaction.addTargetScope is not built in the local tenant"),
        ("api.multifactor.enable('sms')", "api.multifactor.enable: provider must be one of any, duo, "),
        ("api.user.setAppMetadata(1, 2)", "api.user.setAppMetadata: key must be a string, not number"),
        ("api.session.setCookieMode('persistent')", "api.session.setCookieMode is not built in the local tenant"),
        ("api.refreshToken.revoke('x')", "api.refreshToken.revoke is not built in the local tenant"),
    ],
)
async def test_the_error_names_what_is_wrong_and_the_trace_keeps_it(start: Start, call: str, message: str) -> None:
    runtime = await start(not_built=("session.setCookieMode", "refreshToken"))
    body = f"try {{ {call} }} catch (error) {{ api.idToken.setCustomClaim('message', error.message); }}"
    result = await runtime.run(post_login(body), EVERYTHING)
    assert result.status == "completed"
    assert result.effects.id_token_claims["message"].startswith(message)
    assert (result.trace.actions[0].calls[0].error or "").startswith(message)


@pytest.mark.parametrize(
    "call", ["api.idToken.setCustomClaim('a', 1)", "api.multifactor.enable('any')", "api.redirect.canRedirect()"]
)
async def test_a_sign_up_has_no_api_of_a_login(runtime: ActionRuntime, call: str) -> None:
    result = await runtime.run(pre_user_registration(call), {"user": {}})
    assert result.error is not None
    assert "Cannot read properties of undefined" in result.error.message


async def test_an_api_call_after_the_end_of_the_action_has_no_effect(runtime: ActionRuntime) -> None:
    flow = post_login(
        "globalThis.later = () => api.user.setAppMetadata('late', true);",
        """
        let message;
        try { globalThis.later() } catch (error) { message = error.message }
        api.idToken.setCustomClaim('message', message);
        """,
    )
    result = await runtime.run(flow, login())
    assert result.effects.app_metadata == {}
    assert "was called after the Action had ended" in result.effects.id_token_claims["message"]


async def test_printing_or_awaiting_the_api_calls_nothing(runtime: ActionRuntime) -> None:
    result = await runtime.run(
        post_login("console.log(api, `${api}`); await api; await api.user; JSON.stringify(api);"), login()
    )
    assert result.status == "completed"
    assert result.trace.actions[0].calls == ()


@pytest.mark.parametrize(
    ("body", "kind", "reason", "code"),
    [
        ("api.validation.error('bad', 'Bad user')", "validation", "Bad user", "bad"),
        ("api.refreshToken.revoke('stolen')", "refresh-token-revoked", "stolen", None),
        ("api.session.revoke('stolen', { preserveRefreshTokens: true })", "session-revoked", "stolen", None),
        ("api.access.deny('first'); api.access.deny('second')", "access", "first", None),
        ("api.authentication.challengeWith({ type: 'otp' }); api.access.deny('no')", "access", "no", None),
    ],
)
async def test_ways_to_deny(runtime: ActionRuntime, body: str, kind: str, reason: str, code: str | None) -> None:
    result = await runtime.run(post_login(body, "api.idToken.setCustomClaim('later', 1)"), EVERYTHING)
    assert result.status == "denied"
    assert result.denial is not None
    assert (result.denial.kind, result.denial.reason, result.denial.code) == (kind, reason, code)
    assert result.effects.id_token_claims == {}


async def test_transaction_metadata_is_seen_at_once_and_by_later_actions(runtime: ActionRuntime) -> None:
    tell = "api.idToken.setCustomClaim('%s', event.transaction.metadata);"
    flow = post_login(
        "api.transaction.setMetadata('a', 1);" + tell % "same",
        "api.transaction.setMetadata('b', 2); api.transaction.setMetadata('a', null);",
        tell % "later",
    )
    result = await runtime.run(flow, login())
    assert result.effects.id_token_claims == {"same": {"a": 1}, "later": {"b": 2}}


async def test_the_cache_is_shared_by_the_flows_of_a_trigger_and_forgets_in_time(start: Start) -> None:
    now = 1_700_000_000_000_000_000
    runtime = await start(clock=lambda: now)

    async def claims(body: str) -> Any:  # noqa: ANN401 - any JSON
        result = await runtime.run(post_login(f"api.idToken.setCustomClaim('it', {body} ?? null);"), login())
        assert result.error is None
        return result.effects.id_token_claims["it"]

    stored = await claims("api.cache.set('key', 'value', { ttl: 1000 })")
    assert stored == {"type": "success", "record": {"value": "value", "expires_at": stored["record"]["expires_at"]}}
    assert 1000 <= stored["record"]["expires_at"] - now // 1_000_000 < 5000
    assert (await claims("api.cache.get('key')"))["value"] == "value"
    now += 10_000_000_000
    assert await claims("api.cache.get('key')") is None
    assert (await claims("api.cache.delete('key')"))["code"] == "CacheKeyDoesNotExist"

    other = await runtime.run(
        pre_user_registration(
            "api.cache.set('key', 'mine'); api.user.setAppMetadata('it', api.cache.get('key').value)"
        ),
        {"user": {}},
    )
    assert other.effects.app_metadata == {"it": "mine"}
    assert await claims("api.cache.get('key')") is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("api.cache.set('k'.repeat(65), 'v')", "CacheKeySizeExceeded"),
        ("api.cache.set('k', 'v'.repeat(4097))", "CacheValueSizeExceeded"),
        ("[1, 2, 3, 4, 5].map((n) => api.cache.set(`k${n}`, 'v'.repeat(4000))).at(-1)", "CacheSizeExceeded"),
        ("[...Array(21).keys()].map((n) => api.cache.set(`k${n}`, 'v')).at(-1)", "CacheSizeExceeded"),
        ("api.cache.set('k', 'v', { ttl: 'long' })", "InvalidExpiry"),
        ("api.cache.set('k', 'v', { expires_at: 1 })", "ItemAlreadyExpired"),
    ],
)
async def test_the_cache_has_limits(runtime: ActionRuntime, body: str, code: str) -> None:
    result = await runtime.run(post_login(f"api.idToken.setCustomClaim('it', {body});"), login())
    assert result.effects.id_token_claims["it"] == {"type": "error", "code": code}


async def test_a_browser_login_can_be_redirected(runtime: ActionRuntime) -> None:
    body = "api.idToken.setCustomClaim('it', api.redirect.canRedirect());"
    for event, expected in (
        (browser_login(), True),
        (browser_login(request=event_request(query={"prompt": "none"})), False),
        (login(), False),
    ):
        result = await runtime.run(post_login(body), event)
        assert result.effects.id_token_claims["it"] is expected


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("api.multifactor.enable('any', { remember: true, x: 1 })", "options.remember is not an option: it is ignored"),
        ("api.multifactor.enable('any', 'yes')", "options is not an object: it is ignored"),
        ("await api.roles.getUserEffectiveRoles()", "has no groups and no roles"),
    ],
)
async def test_what_is_not_as_the_author_may_think_is_noted_in_the_trace(
    runtime: ActionRuntime, body: str, note: str
) -> None:
    result = await runtime.run(post_login(body), login())
    assert result.status == "completed"
    [call] = result.trace.actions[0].calls
    assert note in (call.note or "")
    assert call.ignored is None
    assert (result.effects.multifactor is not None) == body.startswith("api.multifactor")


async def test_saml_settings_are_recorded_without_effect(runtime: ActionRuntime) -> None:
    result = await runtime.run(post_login("api.samlResponse.setAttribute('a', 'b')"), login())
    assert result.status == "completed"
    assert result.effects.empty
    [call] = result.trace.actions[0].calls
    assert (call.method, call.arguments, call.ignored) == (
        "samlResponse.setAttribute",
        ["a", "b"],
        "this is no SAML login",
    )


async def test_an_action_that_replaces_a_method_does_so_for_itself_alone(runtime: ActionRuntime) -> None:
    tamper = """
      api.access = { deny() {} };
      for (const part of [api.multifactor, Object.getPrototypeOf(api.multifactor)]) {
        try { part.enable = () => {}; } catch {}
        try { Object.defineProperty(part, 'enable', { value: () => {} }); } catch {}
      }
    """
    enabled = await runtime.run(post_login(tamper, "api.multifactor.enable('any')"), login())
    assert enabled.effects.multifactor is not None
    denied = await runtime.run(post_login(tamper, "api.access.deny('no')"), login())
    assert denied.status == "denied"


async def test_a_new_users_id_can_be_set(runtime: ActionRuntime) -> None:
    result = await runtime.run(pre_user_registration("api.user.setUserId('ada-1')"), {"user": {}})
    assert result.effects.user_id == "ada-1"


@pytest.mark.parametrize(
    "body",
    [
        "api.authentication.challengeWith({ type: 'otp', options: { toJSON: () => 5 } })",
        "api.authentication.enrollWithAny([{ type: 'otp', options: [] }])",
        "api.multifactor.enable('duo', { providerOptions: { toJSON: () => 'x' } })",
        "api.multifactor.enable('duo', { providerOptions: new Date(0) })",
        "api.user.setAppMetadata('a', { toJSON() { throw new Error('no'); } })",
    ],
)
async def test_what_only_looks_like_an_object_fails_its_own_login_alone(runtime: ActionRuntime, body: str) -> None:
    result = await runtime.run(post_login(body), login())
    assert result.error is not None
    assert result.error.code is ErrorCode.ACTION_THREW


async def test_metadata_that_no_action_set_does_not_keep_others_from_being_deleted(runtime: ActionRuntime) -> None:
    event = browser_login(session={"id": "s", "metadata": {"a": 1, "b": "c"}})
    result = await runtime.run(post_login("api.session.deleteMetadata('b')"), event)
    assert result.effects.session == LifetimeChanges(metadata={"a": 1})
