"""What is wrong with a request, in Auth0's shape; and requests that nothing answers."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.management.endpoints import ENDPOINTS, STANDING
from local_tenant.management.routes import known_endpoints
from local_tenant.testing import TenantClient, expect
from local_tenant.testing.client import trigger_of
from properties import EMPTIED_ONCE

ACTIONS = "/api/v2/actions/actions"
BODY = {"name": "x", "supported_triggers": [trigger_of("post-login")], "code": ""}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in BODY.items() if name != key}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "'Missing required property: name'"),
        (without("name"), "'Missing required property: name'"),
        (without("supported_triggers"), "'Missing required property: supported_triggers'"),
        (BODY | {"id": "x"}, "'Additional properties not allowed: id'"),
        (BODY | {"name": 1}, "'Expected type string but found type integer' on property name"),
        (BODY | {"name": None}, "'Expected type string but found type null' on property name"),
        (BODY | {"code": None}, "'Expected type string but found type null' on property code"),
        (BODY | {"code": ["x"]}, "'Expected type string but found type array' on property code"),
        (BODY | {"runtime": None}, "'Expected type string but found type null' on property runtime"),
        (BODY | {"runtime": 22}, "'Expected type string but found type integer' on property runtime"),
        (BODY | {"deploy": "true"}, "'Expected type boolean but found type string' on property deploy"),
        (BODY | {"deploy": 1}, "'Expected type boolean but found type integer' on property deploy"),
        (BODY | {"secrets": {}}, "'Expected type array but found type object' on property secrets"),
        (BODY | {"secrets": None}, "'Expected type array but found type null' on property secrets"),
        (BODY | {"secrets": [{"name": "A"}]}, "'Missing required property: value' on property secrets[0]"),
        (
            BODY | {"secrets": [{"name": "A", "value": "x"}, {"name": "B", "value": 1.5}]},
            "'Expected type string but found type number' on property secrets[1].value",
        ),
        (
            BODY | {"supported_triggers": ["post-login"]},
            "'Expected type object but found type string' on property supported_triggers[0]",
        ),
        (
            BODY | {"supported_triggers": [{"version": "v3"}]},
            "'Missing required property: id' on property supported_triggers[0]",
        ),
        (BODY | {"dependencies": [{"name": "x"}]}, "'Missing required property: version' on property dependencies[0]"),
        ([], "'Expected type object but found type array'"),
        ("x", "'Expected type object but found type string'"),
        (True, "'Expected type object but found type boolean'"),
        (None, "'Expected type object but found type null'"),
    ],
)
def test_a_body_of_the_wrong_shape_names_the_error_and_its_place(
    tenant: TenantClient,
    body: Any,  # noqa: ANN401
    complaint: str,
) -> None:
    answer = tenant.api.post(ACTIONS, content=b"null") if body is None else tenant.api.post(ACTIONS, json=body)
    assert expect(answer, 400) == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": f"Payload validation error: {complaint}.",
        "errorCode": "invalid_body",
    }
    assert tenant.api.get(ACTIONS).json()["actions"] == []


@pytest.mark.parametrize("key", ["name", "supported_triggers", "code", "dependencies", "runtime", "secrets", "modules"])
def test_no_key_of_a_change_may_be_null(tenant: TenantClient, key: str) -> None:
    action = tenant.built(tenant.create_action()["id"])
    refused = expect(tenant.api.patch(f"{ACTIONS}/{action['id']}", json={key: None}), 400)
    assert "but found type null" in refused["message"]
    assert tenant.action(action["id"]) == action


@pytest.mark.parametrize(
    "content", [b"{", b"\xff", b"name=x", b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"a": 1e999}']
)
def test_a_body_that_is_not_json_is_refused(tenant: TenantClient, content: bytes) -> None:
    refused = expect(tenant.api.post(ACTIONS, content=content), 400)
    assert refused == {"statusCode": 400, "error": "Bad Request", "message": "Invalid request payload JSON format"}


def test_two_secrets_with_the_same_name_are_refused(tenant: TenantClient) -> None:
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    refused = expect(tenant.api.post(ACTIONS, json=BODY | {"secrets": twice}), 400)
    assert refused["message"] == "Payload validation error: 'Duplicate secret name: A' on property secrets."
    assert refused["errorCode"] == "invalid_body"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["name", "supported_triggers", "code", "dependencies", "runtime", "secrets", "modules", "deploy"]
)


@settings(max_examples=150, suppress_health_check=EMPTIED_ONCE)
@given(change=st.dictionaries(KEYS, JSON_VALUES, max_size=3))
def test_any_body_gets_an_action_or_a_400(tenant: TenantClient, change: dict[str, Any]) -> None:
    answer = tenant.api.post(ACTIONS, json=BODY | change)
    assert answer.status_code in (201, 400), answer.text
    if answer.status_code == 201:
        error = answer.json()
        assert error["name"] == (BODY | change)["name"]
        assert error["code"] == (BODY | change)["code"]
        assert tenant.api.delete(f"{ACTIONS}/{error['id']}").status_code == 204


@settings(max_examples=60, suppress_health_check=EMPTIED_ONCE)
@given(name=st.text(min_size=1, max_size=255), code=st.text(max_size=2_000))
def test_text_comes_back_as_it_was_sent(tenant: TenantClient, name: str, code: str) -> None:
    action = expect(tenant.api.post(ACTIONS, json=BODY | {"name": name, "code": code}), 201)
    after = tenant.action(action["id"])
    assert (after["name"], after["code"]) == (name, code)
    assert tenant.api.delete(f"{ACTIONS}/{action['id']}").status_code == 204


class TestUnanswered:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/nothing"),
            ("GET", ""),
            ("GET", "/actions"),
            ("GET", "/actions/actions/"),
            ("GET", "/actions/actions/x/y"),
            ("GET", "/actions/actions/x/deploy"),
            ("PUT", "/actions/actions"),
            ("PUT", "/actions/actions/x"),
            ("POST", "/actions/actions/x"),
            ("DELETE", "/actions/actions"),
            ("PATCH", "/actions/triggers"),
            ("POST", "/actions/triggers/post-login/bindings"),
            ("OPTIONS", "/actions/actions"),
        ],
    )
    def test_a_route_unknown_to_auth0_is_not_found(self, tenant: TenantClient, method: str, path: str) -> None:
        answer = tenant.api.request(method, f"/api/v2{path}", follow_redirects=True)
        assert expect(answer, 404) == {"statusCode": 404, "error": "Not Found", "message": "Not Found"}

    def test_a_route_that_is_not_built_says_so(self, tenant: TenantClient) -> None:
        built = {
            (e.method, "/".join("{}" if part.startswith("{") else part for part in e.path.split("/")))
            for e in [*ENDPOINTS, *STANDING]
        }
        missing = [(method, path) for method, path in known_endpoints() if (method, path) not in built]
        assert len(missing) > 100
        for method, path in missing:
            address = f"/api/v2{path.replace('{}', 'x')}"
            assert expect(tenant.api.request(method, address), 403) == {
                "statusCode": 403,
                "error": "Forbidden",
                "message": f"{method} {address} is not built in the local tenant. "
                "`python -m local_tenant.fidelity` lists what is.",
                "errorCode": "not_built_locally",
            }

    def test_errors_without_a_token_reveal_nothing(self, tenant: TenantClient) -> None:
        for path in ("/api/v2/nothing", "/api/v2/clients"):
            assert expect(tenant.http.get(path), 401)["error"] == "Unauthorized"
