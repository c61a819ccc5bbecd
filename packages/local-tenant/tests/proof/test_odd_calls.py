"""Actions that call any method of `api` with odd values: the login passes or fails, and never with an internal error.

FUZZ_REQUESTS and FUZZ_SEED are those of test_fuzz.py: one login for every 20 requests.
"""

import json

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from local_tenant.testing import Person, TenantClient
from login_browser import Browser, redeem
from proof.test_fuzz import REQUESTS, SEED

LOGINS = max(REQUESTS // 20, 1)
LOGINS_IN_BROWSER = max(LOGINS // 4, 1)

# JavaScript. Bindings' own limits and the tenant's lie between 100 and 255 levels.
LEVELS = [100, 215, 216, 217, 218, 219, 220, 221, 250, 254, 255, 1_000, 9_000]
VALUES = [
    *(f"deep({levels})" for levels in LEVELS),
    "deep(253, (value) => ({ x: value }))",
    *("undefined", "null", "true", "false", "0", "-1", "0.1", "2 ** 63", "1e308", "NaN", "Infinity", "10n ** 30n"),
    *(
        '""',
        '" "',
        '"x"',
        '"otp"',
        '"duo"',
        '"__proto__"',
        '"a\\0b"',
        '"\\ud800"',
        '"x".repeat(5e3)',
        '"é".repeat(1e5)',
    ),
    *('"https://example.com/?a=%"', '"http://[::1"', 'Symbol("x")', "() => {}", "Promise.resolve(1)", "/x/"),
    *("Date.now() + 9e5", "new Date(0)", "new Date(NaN)", 'new Error("x")', "new Map([[1, 2]])", "Buffer.alloc(300)"),
    *("[]", "[null]", "new Array(9)", "[, undefined, () => 1]", '[{ type: "otp" }]', "{}", '{ "\\udfff": "\\ud800" }'),
    *('{ type: "otp" }', '{ type: "otp", options: 5 }', "{ additionalFactors: [1] }", "{ expiresInSeconds: 9e9 }"),
    "{ allowRememberBrowser: 5, providerOptions: [] }",
    "{ query: { a: null, b: {}, c: [] } }",
    'JSON.parse(\'{"__proto__": {"x": 1}}\')',
    '{ toJSON() { throw new Error("no JSON"); } }',
    "{ toJSON: () => undefined, toString: () => 1 }",
    '{ get type() { throw new Error("no type"); } }',
    "{ toString: null, valueOf: null }",
    "(() => { const cycle = {}; cycle.self = cycle; return cycle; })()",
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    "Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i, i]))",
]
METHODS = [
    "access.deny",
    "accessToken.addScope",
    "accessToken.removeScope",
    "accessToken.setCustomClaim",
    "authentication.challengeWith",
    "authentication.challengeWithAny",
    "authentication.enrollWith",
    "authentication.enrollWithAny",
    "authentication.recordMethod",
    "authentication.setPrimaryUser",
    "cache.delete",
    "cache.get",
    "cache.set",
    "groups.getUserGroups",
    "groups.hasGroupMembership",
    "idToken.setCustomClaim",
    "multifactor.enable",
    "prompt.render",
    "redirect.canRedirect",
    "redirect.encodeToken",
    "redirect.sendUserTo",
    "redirect.validateToken",
    "refreshToken.deleteMetadata",
    "refreshToken.evictMetadata",
    "refreshToken.revoke",
    "refreshToken.setExpiresAt",
    "refreshToken.setIdleExpiresAt",
    "refreshToken.setMetadata",
    "roles.getUserEffectiveRoles",
    "roles.getUserEffectiveRolesByIds",
    "rules.wasExecuted",
    "samlResponse.setAttribute",
    "samlResponse.setNameIdentifierProbes",
    "session.deleteMetadata",
    "session.evictMetadata",
    "session.revoke",
    "session.setCookieMode",
    "session.setExpiresAt",
    "session.setIdleExpiresAt",
    "session.setMetadata",
    "transaction.setMetadata",
    "user.setAppMetadata",
    "user.setUserMetadata",
    "validation.error",
]

CODE = f"""
function deep(levels, wrap = (value) => [value]) {{
  let value = 1;
  for (let i = 0; i < levels; i += 1) value = wrap(value);
  return value;
}}
const values = [{", ".join(f"() => ({value})" for value in VALUES)}];
exports.onExecutePostLogin = async (event, api) => {{
  const {{ calls }} = {{ ...event.request.query, ...event.request.body }};
  for (const [method, ...places] of JSON.parse(calls ?? "[]")) {{
    const [group, name] = method.split(".");
    await api[group][name](...places.map((place) => values[place]()));
  }}
}};
"""

# A key or a text first: what most methods take.
KEY = st.just('"x"')
ARGUMENTS = st.lists(st.sampled_from(VALUES), max_size=3) | st.tuples(KEY, st.sampled_from(VALUES)).map(list)
CALLS = st.lists(st.tuples(st.sampled_from(METHODS), ARGUMENTS), max_size=2)
# Failures are not made smaller: what an earlier login stored may be part of them.
SETTINGS = settings(deadline=None, phases=[Phase.explicit, Phase.generate])


def parameter(calls: list[tuple[str, list[str]]]) -> str:
    """The calls as the Action reads them: values by their places."""
    return json.dumps([[method, *map(VALUES.index, arguments)] for method, arguments in calls])


@pytest.mark.timeout(60 + LOGINS)
def test_no_odd_call_of_an_action_ends_a_login_with_an_internal_error(tenant: TenantClient, ada: Person) -> None:
    tenant.bind_action(CODE)

    @seed(SEED)
    @settings(SETTINGS, max_examples=LOGINS)
    @given(calls=CALLS)
    def log_in(calls: list[tuple[str, list[str]]]) -> None:
        count = ada.profile().get("logins_count", 0)
        answer = ada.log_in(calls=parameter(calls), scope="openid offline_access")
        error = answer.json().get("error")
        # An Action that fails or denies is a 500 `access_denied`, as at Auth0.
        assert answer.status_code in (200, 400, 403) or error == "access_denied", answer.text
        run = tenant.trace()
        assert run["outcome"]["answer"] == (error or "tokens"), run
        assert ada.profile()["logins_count"] == count + 1
        entries = tenant.api.get("/api/v2/logs", params={"per_page": 3}).json()
        runs = [entry["details"]["actions"]["executions"] for entry in entries if "details" in entry]
        assert [run["trace"]["execution_id"]] in runs, entries

    log_in()


@pytest.mark.timeout(60 + LOGINS)
def test_no_odd_call_of_an_action_ends_a_browsers_login_with_an_internal_error(
    tenant: TenantClient, ada: Person
) -> None:
    tenant.bind_action(CODE)

    @seed(SEED)
    @settings(SETTINGS, max_examples=LOGINS_IN_BROWSER)
    @given(calls=CALLS)
    def log_in(calls: list[tuple[str, list[str]]]) -> None:
        with Browser(tenant) as browser:
            visit = browser.log_in(ada, calls=parameter(calls), scope="openid offline_access")
            assert visit.answer.status_code < 500, visit.answer.text
            if visit.at_application and "code" in visit.callback:
                assert redeem(ada, visit.callback["code"]).status_code < 500
            again = browser.authorize(calls=parameter(calls)).answer
            assert again.status_code < 500, again.text

    log_in()
