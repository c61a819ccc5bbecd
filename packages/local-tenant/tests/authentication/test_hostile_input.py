"""Bodies and effects that are nested too deeply or hold too much: refused with a clear error, never a 500."""

import pytest
from local_tenant.http import MOST_FIELDS, MOST_LEVELS
from local_tenant.testing import TenantClient, expect, expect_error
from transactions.test_login_flow import post_login

PATHS = [
    "/oauth/token",
    "/oauth/revoke",
    "/mfa/associate",
    "/mfa/challenge",
    "/dbconnections/signup",
    "/api/v2/actions/actions",
    "/api/v2/users",
    "/_local/faults",
]
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def nested(levels: int) -> str:
    """A JSON object of that many levels."""
    return '{"grant_type":"password","x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 300, 960, 1_023, 1_024, 100_000])
@pytest.mark.parametrize("path", PATHS)
def test_a_body_nested_too_deeply_is_refused(tenant: TenantClient, path: str, levels: int) -> None:
    answer = tenant.api.post(path, content=nested(levels), headers=JSON)
    assert answer.status_code == 400
    assert "Invalid request payload" in answer.text


def test_a_body_of_the_greatest_depth_reaches_the_actions(tenant: TenantClient) -> None:
    person = tenant.sign_up()
    tenant.bind_action(post_login('api.user.setAppMetadata("x", event.request.body.x);'))
    value: list[object] = []
    for _ in range(MOST_LEVELS - 2):
        value = [value]
    expect(person.log_in(x=value), 200)
    assert person.profile()["app_metadata"]["x"] == value


def test_a_form_of_too_many_fields_is_refused(tenant: TenantClient) -> None:
    answer = tenant.http.post("/oauth/token", content="a&" * (MOST_FIELDS + 1), headers=FORM)
    expect_error(answer, 400, "invalid_request", f"A form may have at most {MOST_FIELDS} fields")


@pytest.mark.parametrize(
    "effect",
    [
        'api.idToken.setCustomClaim("x", value);',
        'api.accessToken.setCustomClaim("x", value);',
        'api.user.setAppMetadata("x", value);',
        'api.user.setUserMetadata("x", value);',
    ],
)
@pytest.mark.parametrize("levels", [260, 900])
def test_an_effect_nested_too_deeply_fails_the_login(tenant: TenantClient, effect: str, levels: int) -> None:
    person = tenant.sign_up()
    deep = f"let value = 1; for (let i = 0; i < {levels}; i += 1) value = [value];"
    tenant.bind_action(post_login(f"{deep} {effect}"))
    expect_error(person.log_in(), 500, "access_denied")
    assert person.profile()["logins_count"] == 1
    assert tenant.log_types() == ["ss", "f"]
    assert tenant.trace()["outcome"]["answer"] == "access_denied"
