"""The api beside Auth0's own objects: the cases of api_behaviours.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from action_runtime import ActionRuntime
from action_runtime.events import event_transaction, event_user, post_login_event
from flows import browser_login, login, post_login, pre_user_registration

pytestmark = pytest.mark.anyio

ALIKE: Final = 0.97
"""The least part of the cases in which the runtime does what Auth0 does."""

SESSION: Final = {"id": "sess_1", "metadata": {"foo": "bar"}, "cookie": {"mode": "persistent"}}
REFRESH_TOKEN: Final = {"id": "rt_1", "metadata": {"fizz": "buzz"}}
WITHOUT_TRANSACTION: Final = {name: value for name, value in login().items() if name != "transaction"}
EVENTS: Final = {
    "login": login(),
    "browser": browser_login(),
    "session": browser_login(session=SESSION),
    "refresh": login(transaction=event_transaction("oauth2-refresh-token"), refresh_token=REFRESH_TOKEN),
    "online": login(refresh_token={**REFRESH_TOKEN, "access": "online"}),
    "no transaction": WITHOUT_TRANSACTION,
    "odd profile": post_login_event(user={**event_user(), "app_metadata": None, "user_metadata": []}),
    "sign-up": {"user": {"email": "ada@example.com", "app_metadata": {}, "user_metadata": {}}},
}
HELPERS: Final = """
  const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const token = (changes) => api.redirect.encodeToken({ secret: 's', payload: { state: 'here', ...changes } });
  const comes = (request) => { Object.assign(event.request, { query: {}, body: {} }, request); };
"""


def cases() -> list[Any]:
    content = tomllib.loads((Path(__file__).parent / "api_behaviours.toml").read_text(encoding="utf-8"))
    return [
        pytest.param(group["event"], expression, auth0, ours[0] if ours else auth0, id=f"{group['name']}: {expression}")
        for group in content["group"]
        for expression, auth0, *ours in group["cases"]
    ]


CASES: Final = cases()


@pytest.mark.parametrize(("event", "expression", "_auth0", "ours"), CASES)
async def test_a_call_of_the_api(runtime: ActionRuntime, event: str, expression: str, _auth0: str, ours: str) -> None:
    # The cache outlives a login: each case begins with an empty one.
    body = f"""
      {HELPERS}
      for (const key of ['here', 'gone', 'k'.repeat(64), 'big1', 'big2', 'big3', ...'abcde']) api.cache.delete(key);
      let shown;
      try {{
        const value = await ({expression});
        shown = value === api ? 'api' : value === undefined ? 'undefined' : JSON.stringify(value);
      }} catch (error) {{ shown = `throws ${{error.name}}`; }}
      console.log(shown);
    """
    flow = pre_user_registration(body) if event == "sign-up" else post_login(body)
    result = await runtime.run(flow, EVENTS[event])
    assert result.error is None
    assert [line.text for line in result.trace.actions[0].console] == [ours]


def test_nearly_all_behaviours_are_alike() -> None:
    alike = sum(case.values[2] == case.values[3] for case in CASES)
    assert alike / len(CASES) >= ALIKE
