"""What Actions print."""

from __future__ import annotations

import pytest
from action_runtime import ActionRuntime, ConsoleLine, ErrorCode
from flows import login, post_login

pytestmark = pytest.mark.anyio


async def test_console_lines_stay_with_the_action_that_printed_them(runtime: ActionRuntime) -> None:
    flow = post_login(
        "console.log('%s and %d', 'text', 7, { deep: [1] }); console.warn('careful'); console.error('e');",
        "console.info('two\\nlines'); console.debug(''); process.stdout.write('raw'); process.stderr.write('err\\n');",
        "",
    )
    first, second, third = (await runtime.run(flow, login())).trace.actions
    assert first.console == (
        ConsoleLine("log", "text and 7 { deep: [ 1 ] }"),
        ConsoleLine("warn", "careful"),
        ConsoleLine("error", "e"),
    )
    assert second.console == (
        ConsoleLine("info", "two\nlines"),
        ConsoleLine("debug", ""),
        ConsoleLine("stdout", "raw"),
        ConsoleLine("stderr", "err"),
    )
    assert third.console == ()


async def test_groups_and_counters_of_one_login_do_not_show_in_the_next(runtime: ActionRuntime) -> None:
    flow = post_login("console.group('in'); console.count(); console.log('here');")
    texts = [[line.text for line in (await runtime.run(flow, login())).trace.actions[0].console] for _ in range(2)]
    assert texts == [["in", "  default: 1", "  here"]] * 2


async def test_the_console_has_all_of_nodes_methods(runtime: ActionRuntime) -> None:
    flow = post_login("""
        console.table([{ a: 1 }]); console.dir({}); console.assert(false, 'no'); console.trace('here');
        console.time('t'); console.timeLog('t'); console.timeEnd('t'); console.groupEnd(); console.countReset();
        console.dirxml({});
    """)
    result = await runtime.run(flow, login())
    assert result.error is None
    assert {"table", "dir", "assert", "trace", "timeLog", "timeEnd"} <= {
        line.level for line in result.trace.actions[0].console
    }


async def test_long_output_is_cut_and_the_login_goes_on(runtime: ActionRuntime) -> None:
    body = "for (let n = 0; n < 1000; n++) console.log('x'.repeat(99)); api.idToken.setCustomClaim('end', true);"
    result = await runtime.run(post_login(body), login())
    trace = result.trace.actions[0]
    assert result.effects.id_token_claims == {"end": True}
    assert trace.console_truncated
    assert 16_000 < sum(len(line.text) for line in trace.console) <= 16_384
    assert len(trace.console_kept_by_auth0) == 256


@pytest.mark.parametrize(
    "body",
    [
        "for (;;) console.log('x'.repeat(1000)), await null",
        "console.log('x'.repeat(2000000))",
        "for (let n = 0; n < 2000; n++) process.stdout.write('x'.repeat(1000))",
        "api.idToken.setCustomClaim('long', 'x'.repeat(2000000))",
        "for (;;) { api.idToken.setCustomClaim('n', 'x'.repeat(1000)); await null }",
    ],
)
async def test_output_without_end_fails_the_flow(runtime: ActionRuntime, body: str) -> None:
    # The loops go on until somebody stops them, so that they end with the worker, not by themselves.
    result = await runtime.run(post_login(f"{body};"), login())
    assert result.error is not None
    assert result.error.code is ErrorCode.OUTPUT_LIMIT
    assert result.effects.empty
