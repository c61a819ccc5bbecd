"""Flows that wait for the user: challenges, enrolments, redirects."""

from __future__ import annotations

import json

import jwt
import pytest
from action_runtime import (
    ActionRuntime,
    ChallengeStep,
    Continuation,
    EnrollStep,
    Execution,
    Factor,
    Flow,
    LifetimeChanges,
    RedirectStep,
)
from flows import action, browser_login, login, post_login

pytestmark = pytest.mark.anyio

SHARED = "a secret that the Action shares with a page"


def stored(result: Execution) -> Continuation:
    """The continuation, as it comes back from storage."""
    assert result.pause is not None
    return Continuation.from_json(json.loads(json.dumps(result.pause.continuation.to_json())))


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("challengeWith({ type: 'otp' })", ChallengeStep((Factor("otp", {}),), any=False)),
        (
            (
                "challengeWith({ type: 'push-notification', options: { otpFallback: false } },"
                " { additionalFactors: [{ type: 'otp' }] })"
            ),
            ChallengeStep((Factor("push-notification", {"otpFallback": False}), Factor("otp", {})), any=False),
        ),
        (
            "challengeWithAny([{ type: 'otp' }, { type: 'email' }])",
            ChallengeStep((Factor("otp", {}), Factor("email", {})), any=True),
        ),
        ("enrollWith({ type: 'otp' })", EnrollStep((Factor("otp", {}),), any=False)),
        ("enrollWithAny([{ type: 'otp' }])", EnrollStep((Factor("otp", {}),), any=True)),
    ],
)
async def test_later_actions_run_when_the_user_has_done_what_was_asked(
    runtime: ActionRuntime, call: str, step: ChallengeStep | EnrollStep
) -> None:
    flow = post_login(
        "api.user.setAppMetadata('first', 1);",
        f"api.authentication.{call}; api.transaction.setMetadata('asked', true);",
        "api.user.setAppMetadata('last', event.transaction.metadata.asked);",
    )
    first = await runtime.run(flow, browser_login())
    assert first.status == "paused"
    assert first.pause is not None
    assert first.pause.steps == (step,)
    assert first.pause.interactive
    assert not first.pause.apply_metadata_now
    assert first.effects.app_metadata == {"first": 1}
    assert [trace.status for trace in first.trace.actions] == ["ran", "ran", "not-run"]

    second = await runtime.resume(flow, stored(first), browser_login())
    assert second.status == "completed"
    assert second.effects.app_metadata == {"first": 1, "last": True}
    assert second.trace.execution_id == first.trace.execution_id
    assert [trace.status for trace in second.trace.actions] == ["ran", "ran", "ran"]


async def test_what_several_calls_ask_for_is_asked_in_their_order(runtime: ActionRuntime) -> None:
    flow = post_login(
        "api.authentication.challengeWithAny([{ type: 'otp' }]); api.authentication.enrollWith({ type: 'phone' });"
    )
    result = await runtime.run(flow, browser_login())
    assert result.pause is not None
    assert [type(step) for step in result.pause.steps] == [ChallengeStep, EnrollStep]
    completed = await runtime.resume(flow, stored(result), browser_login())
    assert completed.status == "completed"
    assert [trace.status for trace in completed.trace.actions] == ["ran"]


async def test_a_password_login_cannot_ask_the_user(runtime: ActionRuntime) -> None:
    result = await runtime.run(post_login("api.redirect.sendUserTo('https://example.com')"), login())
    assert result.pause is not None
    assert not result.pause.interactive


def redirecting() -> Flow:
    return post_login(
        "api.user.setUserMetadata('before', 1);",
        action(
            """
            exports.onExecutePostLogin = async (event, api) => {
              const token = api.redirect.encodeToken({
                secret: event.secrets.SHARED, expiresInSeconds: 60, payload: { email: event.user.email },
              });
              api.redirect.sendUserTo('https://example.com/consent?lang=en#top', { query: { session_token: token } });
              api.user.setUserMetadata('sent', true);
            };
            exports.onContinuePostLogin = async (event, api) => {
              const { SHARED } = event.secrets;
              const payload = api.redirect.validateToken({ secret: SHARED, tokenParameterName: 'answer' });
              api.authentication.recordMethod('https://example.com/consent');
              api.user.setUserMetadata('consent', payload.consent);
            };
            """,
            "consent",
            secrets={"SHARED": SHARED},
        ),
        "api.user.setUserMetadata('after', event.user.user_metadata.before ?? 'unseen');",
    )


async def test_after_a_redirect_the_same_action_goes_on(runtime: ActionRuntime) -> None:
    flow = redirecting()
    first = await runtime.run(flow, browser_login())
    assert first.pause is not None
    assert first.pause.apply_metadata_now
    assert first.effects.user_metadata == {"before": 1, "sent": True}
    [step] = first.pause.steps
    assert isinstance(step, RedirectStep)
    base, _, token = step.url.partition("&session_token=")
    assert base == "https://example.com/consent?lang=en"
    assert token.endswith("#top")
    claims = jwt.decode(token.removesuffix("#top"), SHARED, algorithms=["HS256"])
    assert {name: claims[name] for name in ("sub", "iss", "ip", "email")} == {
        "sub": "auth0|1",
        "iss": "tenant.example",
        "ip": "203.0.113.7",
        "email": "ada@example.com",
    }
    assert claims["exp"] - claims["iat"] == 60

    answer = jwt.encode({**claims, "state": "the-state", "consent": "given"}, SHARED, "HS256")
    # After a redirect the profile is read again, with what was written before it.
    event = browser_login(
        request={"query": {"state": "the-state"}, "body": {"answer": answer}},
        user={"user_id": "auth0|1", "user_metadata": {"before": 1, "sent": True}},
    )
    second = await runtime.resume(flow, stored(first), event)
    assert second.error is None
    assert second.effects.user_metadata == {"consent": "given", "after": 1}
    assert second.effects.recorded_methods == ("https://example.com/consent",)
    assert [trace.handler for trace in second.trace.actions] == [
        "onExecutePostLogin",
        "onExecutePostLogin",
        "onContinuePostLogin",
        "onExecutePostLogin",
    ]
    assert second.trace.stale_reads == ()


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"state": "another"}, SHARED, "State in the token does not match the /continue state."),
        ({"exp": 1}, SHARED, "Token has expired."),
        ({"sub": "auth0|2"}, SHARED, "The sub claim does not match the user_id."),
        ({"iat": "now"}, SHARED, "Missing or invalid standard claims"),
        ({}, "a secret of somebody else's making", "Failed signature validation"),
    ],
)
async def test_a_redirect_brings_back_no_foreign_token(
    runtime: ActionRuntime, changes: dict[str, object], key: str, message: str
) -> None:
    flow = redirecting()
    first = await runtime.run(flow, browser_login())
    claims = {"state": "s", "exp": 2**33, "iat": 1, "iss": "https://example.com", "sub": "auth0|1"}
    answer = jwt.encode({**claims, **changes}, key, "HS256")
    request = {"query": {"state": "s"}, "body": {"answer": answer}}
    second = await runtime.resume(flow, stored(first), browser_login(request=request))
    assert second.error is not None
    assert message in second.error.message
    assert second.effects.empty


async def test_an_action_that_redirects_must_be_able_to_go_on(runtime: ActionRuntime) -> None:
    flow = post_login("api.redirect.sendUserTo('https://example.com')")
    first = await runtime.run(flow, browser_login())
    second = await runtime.resume(flow, stored(first), browser_login())
    assert second.error is not None
    assert "no handler onContinuePostLogin" in second.error.message


async def test_a_paused_flow_that_has_changed_cannot_go_on(runtime: ActionRuntime) -> None:
    first = await runtime.run(post_login("api.authentication.challengeWith({ type: 'otp' })"), browser_login())
    with pytest.raises(ValueError, match="changed since it was paused"):
        await runtime.resume(post_login("api.access.deny('new')"), stored(first), browser_login())


@pytest.mark.parametrize(
    ("url", "query", "address"),
    [
        ("https://example.com", "undefined", "https://example.com/"),
        ("HTTPS://Example.com:443/a/../b?x=~ä#y", "undefined", "https://example.com/b?x=~%C3%A4#y"),
        ("https://example.com/?a=1&b=2&a=3#end", "{ a: 'new', c: 'x y' }", "https://example.com/?a=new&b=2&c=x+y#end"),
        ("https://example.com/?a", "{ b: '*~-._é' }", "https://example.com/?a=&b=*%7E-._%C3%A9"),
        (
            "https://example.com",
            "{ attempt: 2, ok: true, list: [], none: null, no: undefined }",
            "https://example.com/?attempt=2&ok=true&list=&none=null&no=undefined",
        ),
    ],
)
async def test_the_address_of_a_redirect_is_that_of_the_url_standard(
    runtime: ActionRuntime, url: str, query: str, address: str
) -> None:
    # Node's own URL is the other side of the comparison.
    body = f"""
      const url = new URL('{url}');
      for (const [name, value] of Object.entries({query} ?? {{}})) url.searchParams.set(name, value);
      console.log(url.href);
      api.redirect.sendUserTo('{url}', {{ query: {query} }});
    """
    result = await runtime.run(post_login(body), browser_login())
    assert result.pause is not None
    assert result.pause.steps == (RedirectStep(address),)
    assert [line.text for line in result.trace.actions[0].console] == [address]


async def test_metadata_and_cookie_mode_are_seen_by_later_actions_and_after_a_pause(runtime: ActionRuntime) -> None:
    tell = "api.idToken.setCustomClaim('%s', [event.session, event.refresh_token, event.transaction.metadata]);"
    flow = post_login(
        """
        api.session.setMetadata('a', '1'); api.session.setCookieMode('non-persistent');
        api.refreshToken.setMetadata('b', '2'); api.transaction.setMetadata('c', 3);
        """,
        f"{tell % 'later'} api.session.deleteMetadata('old'); api.authentication.challengeWith({{ type: 'otp' }});",
        f"{tell % 'resumed'} api.session.setMetadata('d', '4');",
    )
    event = browser_login(session={"id": "s", "metadata": {"old": "x"}}, refresh_token={"id": "r"})
    first = await runtime.run(flow, event)
    second = await runtime.resume(flow, stored(first), event)
    assert second.error is None
    cookie, refresh_token = {"mode": "non-persistent"}, {"id": "r", "metadata": {"b": "2"}}
    assert second.effects.id_token_claims == {
        "later": [{"id": "s", "metadata": {"old": "x", "a": "1"}, "cookie": cookie}, refresh_token, {"c": 3}],
        "resumed": [{"id": "s", "metadata": {"a": "1"}, "cookie": cookie}, refresh_token, {"c": 3}],
    }
    assert second.effects.session == LifetimeChanges(metadata={"a": "1", "d": "4"}, cookie_mode="non-persistent")
    assert second.effects.refresh_token == LifetimeChanges(metadata={"b": "2"})
    assert second.effects.transaction_metadata == {"c": 3}
