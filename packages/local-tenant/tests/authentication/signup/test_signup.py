from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from gate import closed_gate
from local_tenant.testing import PASSWORD, Json, TenantClient, expect

MARKS_USERS = """
exports.onExecutePreUserRegistration = async (event, api) => {
  api.user.setAppMetadata("auth_require_mfa", true);
  api.user.setUserMetadata("plan", "gold");
};
"""


def post(tenant: TenantClient, **changes: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
    """A sign-up; a change to None leaves the parameter out."""
    body = {
        "client_id": tenant.ready["application"]["client_id"],
        "email": "Ada@Example.com",
        "password": PASSWORD,
        "connection": "Username-Password-Authentication",
        **changes,
    }
    sent = {name: value for name, value in body.items() if value is not None}
    return tenant.http.post("/dbconnections/signup", json=sent)


def bind(tenant: TenantClient, code: str, **more: Any) -> Json:  # noqa: ANN401 - as `deploy_action` takes
    action = tenant.deploy_action("registers", code=code, trigger="pre-user-registration", **more)
    tenant.bind("pre-user-registration", [action["id"]])
    return action


def only_user(tenant: TenantClient) -> Json:
    users = tenant.api.get("/api/v2/users").json()
    assert len(users) == 1
    user: Json = users[0]
    return user


def test_a_sign_up_returns_the_id_and_the_email_in_lower_case(tenant: TenantClient) -> None:
    answer = expect(post(tenant), 200)
    assert answer == {"_id": answer["_id"], "email": "ada@example.com", "email_verified": False}
    assert len(answer["_id"]) == 24
    assert only_user(tenant)["user_id"] == f"auth0|{answer['_id']}"


def test_a_form_is_accepted_like_json(tenant: TenantClient) -> None:
    body = {
        "client_id": tenant.ready["application"]["client_id"],
        "email": "ada@example.com",
        "password": PASSWORD,
        "connection": "Username-Password-Authentication",
    }
    expect(tenant.http.post("/dbconnections/signup", data=body), 200)


def test_metadata_set_by_actions_is_part_of_the_new_user(tenant: TenantClient) -> None:
    bind(tenant, MARKS_USERS)
    expect(post(tenant, user_metadata={"plan": "silver", "colour": "blue"}), 200)
    user = only_user(tenant)
    assert user["app_metadata"] == {"auth_require_mfa": True}
    assert user["user_metadata"] == {"plan": "gold", "colour": "blue"}


def test_the_event_has_a_user_without_id_and_no_password(tenant: TenantClient) -> None:
    bind(
        tenant,
        "exports.onExecutePreUserRegistration = async (event, api) => "
        '{ api.user.setAppMetadata("event", JSON.parse(JSON.stringify({ ...event, secrets: undefined }))); };',
    )
    expect(post(tenant, user_metadata={"colour": "blue"}, given_name="Ada"), 200)
    event = only_user(tenant)["app_metadata"]["event"]
    assert event["user"]["email"] == "ada@example.com"
    assert event["user"]["user_metadata"] == {"colour": "blue"}
    assert event["user"]["app_metadata"] == {}
    assert event["user"]["given_name"] == "Ada"
    assert "user_id" not in event["user"]
    assert event["tenant"] == {"id": "local-tenant"}
    assert event["connection"]["name"] == "Username-Password-Authentication"
    assert event["connection"]["strategy"] == "auth0"
    assert event["client"]["name"] == "Application"
    assert event["request"]["ip"] == "127.0.0.1"
    assert event["request"]["method"] == "POST"
    assert event["request"]["body"]["email"] == "Ada@Example.com"
    assert "query" not in event["request"]
    assert "password" not in event["request"]["body"]
    assert "transaction" not in event


def test_a_denial_is_an_extensibility_error_and_creates_no_user(tenant: TenantClient) -> None:
    bind(
        tenant,
        "exports.onExecutePreUserRegistration = async (event, api) => "
        '{ api.user.setAppMetadata("a", 1); api.access.deny("not_welcome", "Please come back later."); };',
    )
    assert expect(post(tenant), 400) == {
        "name": "InternalExtensibilityError",
        "statusCode": 400,
        "code": "extensibility_error",
        "message": "not_welcome",
        "friendly_message": "Please come back later.",
        "description": "not_welcome",
        "fromSandbox": True,
    }
    assert tenant.api.get("/api/v2/users").json() == []
    assert tenant.log_types() == ["fs"]


def test_a_validation_error_carries_the_code_of_the_action(tenant: TenantClient) -> None:
    bind(
        tenant,
        "exports.onExecutePreUserRegistration = async (event, api) => "
        '{ api.validation.error("no_such_company", "Nobody knows that company."); };',
    )
    answer = expect(post(tenant), 400)
    assert (answer["code"], answer["description"]) == ("no_such_company", "Nobody knows that company.")


@pytest.mark.parametrize(
    "code",
    [
        'exports.onExecutePreUserRegistration = async () => { throw new Error("broken"); };',
        "exports.nothing = 1;",
        "this is no JavaScript",
    ],
)
def test_an_action_that_fails_refuses_the_sign_up(tenant: TenantClient, code: str) -> None:
    bind(tenant, code)
    assert expect(post(tenant), 400)["code"] == "extensibility_error"
    assert tenant.api.get("/api/v2/users").json() == []
    entry = tenant.api.get("/api/v2/logs").json()[0]
    assert entry["type"] == "fs"
    execution_id = entry["details"]["actions"]["executions"][0]
    assert tenant.trace(execution_id)["trace"]["status"] == "failed"


def test_an_email_is_unique_in_any_case(tenant: TenantClient) -> None:
    tenant.sign_up("ada@example.com")
    answer = expect(post(tenant, email="ADA@example.com"), 400)
    assert answer == {
        "name": "BadRequestError",
        "code": "invalid_signup",
        "description": "Invalid sign up",
        "statusCode": 400,
    }


def test_of_two_concurrent_sign_ups_one_succeeds(tenant: TenantClient) -> None:
    request = tenant.http.build_request(
        "POST",
        "/dbconnections/signup",
        json={
            "client_id": tenant.ready["application"]["client_id"],
            "email": "ada@example.com",
            "password": PASSWORD,
            "connection": "Username-Password-Authentication",
        },
    )
    with ThreadPoolExecutor(4) as pool, closed_gate() as gate:
        bind(tenant, f"exports.onExecutePreUserRegistration = async () => {{ {gate.stop} }};")
        sign_ups = [pool.submit(tenant.http.send, request) for _ in range(4)]
        gate.wait_for(4)
        gate.open()
        statuses = sorted(sent.result().status_code for sent in sign_ups)
    assert statuses == [200, 400, 400, 400]
    assert only_user(tenant)["email"] == "ada@example.com"


@pytest.mark.parametrize("password", ["short1!", "alllowercase", "lowerUPPER", "12345678", "lower1234"])
def test_a_weak_password_is_refused_with_the_rules_it_breaks(tenant: TenantClient, password: str) -> None:
    answer = expect(post(tenant, password=password), 400)
    assert answer["name"] == "PasswordStrengthError"
    assert answer["code"] == "invalid_password"
    assert answer["message"] == "Password is too weak"
    assert answer["description"]["verified"] is False
    rules = {rule["code"]: rule["verified"] for rule in answer["description"]["rules"]}
    assert rules == {"lengthAtLeast": len(password) >= 8, "containsAtLeast": password == "short1!"}


@pytest.mark.parametrize("password", ["lower-UPPER", "lower1234UP", "lower1234-", "UPPER1234-", "naïveUPPER"])
def test_eight_characters_of_three_classes_are_enough(tenant: TenantClient, password: str) -> None:
    expect(post(tenant, password=password), 200)


@pytest.mark.parametrize(
    "email", ["ada", "@example.com", "ada@", "a b@example.com", "ada@example.com\n", "ada@floatme\u212a.io", "a@b@c"]
)
def test_a_malformed_email_is_refused(tenant: TenantClient, email: str) -> None:
    assert expect(post(tenant, email=email), 400)["code"] == "invalid_email"


@pytest.mark.parametrize("name", ["client_id", "email", "password", "connection"])
def test_a_missing_parameter_is_named(tenant: TenantClient, name: str) -> None:
    assert expect(post(tenant, **{name: None}), 400)["description"] == f"{name} is required"


def test_an_unknown_connection_or_client_is_refused(tenant: TenantClient) -> None:
    assert expect(post(tenant, connection="other"), 400)["code"] == "unknown_connection"
    assert expect(post(tenant, client_id="other"), 400)["code"] == "invalid_client"


@pytest.mark.parametrize(
    "metadata", [{f"key{n}": "x" for n in range(11)}, {"key": "x" * 501}, {"key": 1}, {"key": {}}, ["x"], "x"]
)
def test_metadata_beyond_the_documented_limits_is_refused(tenant: TenantClient, metadata: object) -> None:
    assert "user_metadata" in expect(post(tenant, user_metadata=metadata), 400)["description"]


def test_a_sign_up_is_no_login(tenant: TenantClient) -> None:
    person = tenant.sign_up()
    assert "logins_count" not in person.profile()
    assert tenant.log_types() == ["ss"]


def test_an_action_can_set_the_id_of_the_new_user(tenant: TenantClient) -> None:
    bind(tenant, 'exports.onExecutePreUserRegistration = async (e, api) => { api.user.setUserId("ada-1"); };')
    assert expect(post(tenant), 200)["_id"] == "ada-1"
    assert only_user(tenant)["user_id"] == "auth0|ada-1"
    # A second one cannot have it.
    assert expect(post(tenant, email="bob@example.com"), 400)["code"] == "invalid_signup"
    assert only_user(tenant)["email"] == "ada@example.com"
