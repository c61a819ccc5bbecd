"""The snapshot: when an Action sees what an earlier one wrote, and the reads whose result depends on it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from action_runtime import ActionRuntime, Continuation, StaleRead, Visibility
from flows import action, browser_login, login, post_login

pytestmark = pytest.mark.anyio

Runtimes = dict[Visibility, ActionRuntime]
BOTH: tuple[Visibility, Visibility] = ("next-transaction", "next-action")


@pytest.fixture(scope="module")
async def runtimes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runtimes]:
    """A runtime for each model."""
    folder = tmp_path_factory.mktemp("runtime")
    runtimes: Runtimes = {visibility: ActionRuntime(folder, metadata_visibility=visibility) for visibility in BOTH}
    for runtime in runtimes.values():
        await runtime.start()
    yield runtimes
    for runtime in runtimes.values():
        await runtime.close()


WRITES = action(
    """exports.onExecutePostLogin = async (event, api) => {
      api.user.setAppMetadata('plan', 'silver');
      api.user.setAppMetadata('level', 3);
      api.user.setUserMetadata('color', null);
    };""",
    "writer",
)
READ = "api.idToken.setCustomClaim('seen', %s);"


@pytest.mark.parametrize(
    ("visibility", "values"), [("next-transaction", ["gold", None, "blue"]), ("next-action", ["silver", 3, None])]
)
async def test_a_later_action_sees_the_snapshot_or_what_was_written(
    runtimes: Runtimes, visibility: Visibility, values: list[object]
) -> None:
    runtime = runtimes[visibility]
    expression = "[event.user.app_metadata.plan, event.user.app_metadata.level, event.user.user_metadata.color]"
    result = await runtime.run(post_login(WRITES, READ % expression), login())
    assert result.effects.id_token_claims["seen"] == values
    # What is written is the same in both models.
    assert result.effects.app_metadata == {"plan": "silver", "level": 3}
    assert result.effects.user_metadata == {"color": None}
    assert result.trace.metadata_visibility == visibility


@pytest.mark.parametrize("visibility", BOTH)
async def test_a_stale_read_tells_both_values_and_who_wrote(runtimes: Runtimes, visibility: Visibility) -> None:
    runtime = runtimes[visibility]
    result = await runtime.run(post_login(WRITES, READ % "event.user.app_metadata.plan"), login())
    snapshot, written = "gold", "silver"
    seen, other = (written, snapshot) if visibility == "next-action" else (snapshot, written)
    assert result.trace.actions[1].stale_reads == (StaleRead("app_metadata", "plan", "writer", seen, other),)
    assert result.trace.actions[0].stale_reads == ()


@pytest.mark.parametrize("visibility", BOTH)
@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("event.user.app_metadata.plan", {"plan"}),
        ("event.user['app_metadata']['plan']; event.user.app_metadata.plan", {"plan"}),
        ("'level' in event.user.app_metadata", {"level"}),
        ("Object.hasOwn(event.user.app_metadata, 'level')", {"level"}),
        ("const { plan } = event.user.app_metadata", {"plan"}),
        ("const { other, ...rest } = event.user.app_metadata", {"plan", "level"}),
        ("Object.keys(event.user.app_metadata)", {"plan", "level"}),
        ("for (const key in event.user.user_metadata) break", {"color"}),
        ("({ ...event.user.user_metadata })", {"color"}),
        ("Object.assign({}, event.user.user_metadata)", {"color"}),
        ("JSON.stringify(event.user.app_metadata)", {"plan", "level"}),
        ("JSON.stringify(event)", {"plan", "level", "color"}),
        ("structuredClone(event.user.user_metadata)", {"color"}),
        ("structuredClone({ deep: [event] })", {"plan", "level", "color"}),
        ("require('node:util').inspect(event.user.user_metadata)", {"color"}),
        ("console.log('%j', event.user.app_metadata)", {"plan", "level"}),
        ("console.log(event.user)", {"plan", "level", "color"}),
        ("api.user.setAppMetadata('copy', event.user.app_metadata)", {"plan", "level"}),
        ("event.user.email; event.user.app_metadata; event.user.app_metadata.other", set()),
        ("event.user.app_metadata.plan = 'mine'; event.user.app_metadata.plan", set()),
        ("delete event.user.app_metadata.plan; event.user.app_metadata.plan", set()),
        ("event.user.app_metadata = {}; event.user.app_metadata.plan", set()),
        ("api.user.setAppMetadata('plan', 'bronze')", set()),
    ],
)
async def test_every_way_to_read_is_seen_and_nothing_else(
    runtimes: Runtimes, visibility: Visibility, body: str, keys: set[str]
) -> None:
    runtime = runtimes[visibility]
    result = await runtime.run(post_login(WRITES, f"{body};"), login())
    assert result.error is None
    assert {read.key for read in result.trace.stale_reads} == keys
    assert len(result.trace.stale_reads) == len(keys)


async def test_reading_ones_own_write_is_not_stale(runtime: ActionRuntime) -> None:
    result = await runtime.run(post_login("api.user.setAppMetadata('plan', 1); event.user.app_metadata.plan;"), login())
    assert result.trace.stale_reads == ()


async def test_metadata_before_and_after_each_action(runtime: ActionRuntime) -> None:
    flow = post_login(WRITES, "api.user.setAppMetadata('level', null); api.user.setAppMetadata('plan', 'bronze');")
    trace = (await runtime.run(flow, login())).trace
    assert trace.metadata_before(0) == {"app_metadata": {"plan": "gold"}, "user_metadata": {"color": "blue"}}
    assert trace.metadata_after(0) == {"app_metadata": {"plan": "silver", "level": 3}, "user_metadata": {}}
    assert trace.metadata_before(1) == trace.metadata_after(0)
    assert trace.metadata_after(1) == {"app_metadata": {"plan": "bronze"}, "user_metadata": {}}
    changes = [(change.key, change.before, change.after) for change in trace.actions[1].changes]
    assert changes == [("level", 3, None), ("plan", "silver", "bronze")]


async def test_writes_before_a_pause_are_still_unseen_after_it(runtimes: Runtimes) -> None:
    for visibility, value in zip(BOTH, ("gold", "silver"), strict=True):
        runtime = runtimes[visibility]
        flow = post_login(
            WRITES, "api.authentication.challengeWith({ type: 'otp' });", READ % "event.user.app_metadata.plan"
        )
        first = await runtime.run(flow, browser_login())
        assert first.pause is not None
        second = await runtime.resume(flow, first.pause.continuation, browser_login())
        assert second.effects.id_token_claims["seen"] == value
        assert [read.key for read in second.trace.stale_reads] == ["plan"]


async def test_an_enrolment_during_the_transaction_is_seen_from_the_next_one_on(runtimes: Runtimes) -> None:
    """Auth0's support article on biometrics: enrolled during the first login, prompted from the second."""
    flow = post_login(
        "if (!event.user.app_metadata.invited) {"
        "  api.user.setAppMetadata('invited', true); api.authentication.enrollWith({ type: 'webauthn-platform' });"
        "}",
        "if (event.user.enrolledFactors?.length) api.authentication.challengeWith({ type: 'webauthn-platform' });",
    )
    factors = [{"type": "webauthn-platform"}]
    user = {"user_id": "auth0|1", "app_metadata": {}, "user_metadata": {}}
    for visibility, first_login in zip(BOTH, ("completed", "paused"), strict=True):
        runtime = runtimes[visibility]
        first = await runtime.run(flow, browser_login(user=user))
        assert first.pause is not None
        continuation = Continuation.from_json(json.loads(json.dumps(first.pause.continuation.to_json())))
        changes = {"enrolledFactors": factors}
        rest = await runtime.resume(flow, continuation, browser_login(user=user), user_changes=changes)
        assert rest.status == first_login
        assert [(read.container, read.key, read.written_by) for read in rest.trace.stale_reads] == [
            ("user", "enrolledFactors", None)
        ]
        profile = {**user, "app_metadata": rest.effects.app_metadata, "enrolledFactors": factors}
        second = await runtime.run(flow, browser_login(user=profile))
        assert second.status == "paused"
        assert second.trace.stale_reads == ()
