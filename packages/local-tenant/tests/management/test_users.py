from typing import Any

import httpx
import pytest
from local_tenant.testing import PASSWORD, Json, TenantClient, expect, expect_error

CONNECTION = "Username-Password-Authentication"
USERS = "/api/v2/users"


def post(tenant: TenantClient, **body: Any) -> httpx.Response:  # noqa: ANN401 - members of the body
    content = {"connection": CONNECTION, "email": "ada@example.com", "password": PASSWORD, **body}
    return tenant.api.post(USERS, json=content)


def create(tenant: TenantClient, email: str = "ada@example.com", **body: Any) -> Json:  # noqa: ANN401 - likewise
    return expect(post(tenant, email=email, **body), 201)


def patch(tenant: TenantClient, user: Json, **body: Any) -> httpx.Response:  # noqa: ANN401 - likewise
    return tenant.api.patch(f"{USERS}/{user['user_id']}", json=body)


def log_in(tenant: TenantClient, email: str, password: str) -> httpx.Response:
    body = {"grant_type": "password", "username": email, "password": password, **tenant.ready["application"]}
    return tenant.http.post("/oauth/token", json=body)


def error(answer: httpx.Response, status: int) -> str:
    """The message of an error in the API's shape."""
    content = expect(answer, status)
    assert content["statusCode"] == status
    return str(content["message"])


class TestCreating:
    def test_a_new_user_has_auth0s_defaults(self, tenant: TenantClient) -> None:
        user = create(tenant, "Ada@Example.com")
        identifier = user["user_id"].removeprefix("auth0|")
        assert len(identifier) == 24
        assert user == {
            "user_id": user["user_id"],
            "email": "ada@example.com",
            "email_verified": False,
            "name": "ada@example.com",
            "nickname": "ada",
            "picture": user["picture"],
            "identities": [{"connection": CONNECTION, "provider": "auth0", "user_id": identifier, "isSocial": False}],
            "created_at": user["created_at"],
            "updated_at": user["created_at"],
        }
        assert user["created_at"].endswith("Z")
        assert expect(tenant.api.get(f"{USERS}/{user['user_id']}"), 200) == user

    def test_the_sent_profile_is_stored(self, tenant: TenantClient) -> None:
        user = create(
            tenant,
            user_id="custom",
            email_verified=True,
            verify_email=False,
            blocked=True,
            name="Ada Lovelace",
            given_name="Ada",
            user_metadata={"colour": {"of": "sky"}},
            app_metadata={"plan": None, "level": 3},
        )
        assert user["user_id"] == "auth0|custom"
        assert user["email_verified"] is user["blocked"] is True
        assert (user["name"], user["given_name"], user["nickname"]) == ("Ada Lovelace", "Ada", "ada")
        assert user["user_metadata"] == {"colour": {"of": "sky"}}
        assert user["app_metadata"] == {"level": 3}

    def test_a_created_user_can_log_in(self, tenant: TenantClient) -> None:
        create(tenant)
        expect(log_in(tenant, "ada@example.com", PASSWORD), 200)

    def test_creating_a_user_runs_no_action(self, tenant: TenantClient) -> None:
        code = 'exports.onExecutePreUserRegistration = async (event, api) => { api.access.deny("no"); };'
        action = tenant.deploy_action(code=code, trigger="pre-user-registration")
        tenant.bind("pre-user-registration", [action["id"]])
        create(tenant)
        assert tenant.traces() == []

    def test_an_email_or_id_in_use_is_a_conflict(self, tenant: TenantClient) -> None:
        create(tenant, user_id="custom")
        assert error(post(tenant, email="ADA@example.com"), 409) == "The user already exists."
        assert error(post(tenant, email="eve@example.com", user_id="custom"), 409) == "The user already exists."

    @pytest.mark.parametrize(
        "body",
        [
            {"connection": "other"},
            {"email": "nonsense"},
            {"password": "short"},
            {"unknown": 1},
            {"email": None},
            {"blocked": "yes"},
            {"user_metadata": []},
        ],
    )
    def test_an_invalid_body_is_refused(self, tenant: TenantClient, body: Json) -> None:
        assert error(post(tenant, **body), 400)
        assert tenant.api.get(USERS).json() == []

    def test_the_password_is_never_shown(self, tenant: TenantClient) -> None:
        user = create(tenant)
        for answer in (
            tenant.api.get(USERS),
            tenant.api.get(f"{USERS}/{user['user_id']}"),
            patch(tenant, user, blocked=False),
        ):
            assert PASSWORD not in answer.text
            assert "argon2" not in answer.text


class TestChanging:
    def test_metadata_is_merged_at_the_root_and_null_deletes(self, tenant: TenantClient) -> None:
        user = create(tenant, app_metadata={"kept": 1, "replaced": {"a": 1}, "deleted": 1})
        changed = expect(patch(tenant, user, app_metadata={"replaced": {"b": 2}, "deleted": None, "new": 3}), 200)
        assert changed["app_metadata"] == {"kept": 1, "replaced": {"b": 2}, "new": 3}
        assert changed["updated_at"] > user["updated_at"]

    def test_an_empty_object_clears_all_metadata(self, tenant: TenantClient) -> None:
        user = create(tenant, user_metadata={"a": 1})
        assert "user_metadata" not in expect(patch(tenant, user, user_metadata={}), 200)

    def test_another_email_is_not_verified(self, tenant: TenantClient) -> None:
        user = create(tenant, email_verified=True)
        changed = expect(patch(tenant, user, email="Countess@example.com"), 200)
        assert (changed["email"], changed["email_verified"]) == ("countess@example.com", False)
        expect(log_in(tenant, "countess@example.com", PASSWORD), 200)
        expect_error(log_in(tenant, "ada@example.com", PASSWORD), 403, "invalid_grant")

    def test_the_email_of_another_user_is_refused(self, tenant: TenantClient) -> None:
        create(tenant, "eve@example.com")
        user = create(tenant)
        assert error(patch(tenant, user, email="EVE@example.com"), 400) == "The specified new email already exists"

    def test_another_password_replaces_the_old_one(self, tenant: TenantClient) -> None:
        user = create(tenant)
        changed = expect(patch(tenant, user, password="Another-7-password"), 200)
        assert changed["last_password_reset"] == changed["updated_at"]
        expect_error(log_in(tenant, "ada@example.com", PASSWORD), 403, "invalid_grant")
        expect(log_in(tenant, "ada@example.com", "Another-7-password"), 200)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"password": "short"},
            {"password": PASSWORD, "email": "eve@example.com"},
            {"password": PASSWORD, "email_verified": True},
            {"connection": "other", "email": "eve@example.com"},
            {"user_id": "auth0|other"},
            {"app_metadata": None},
            {"blocked": 1},
            {"email": "nonsense"},
        ],
    )
    def test_an_invalid_change_is_refused_as_a_whole(self, tenant: TenantClient, body: Json) -> None:
        user = create(tenant)
        assert error(patch(tenant, user, **body), 400)
        assert tenant.api.get(f"{USERS}/{user['user_id']}").json() == user

    def test_a_user_that_does_not_exist_is_not_found(self, tenant: TenantClient) -> None:
        gone = {"user_id": "auth0|gone"}
        assert expect(patch(tenant, gone, blocked=True), 404)["errorCode"] == "inexistent_user"
        assert expect(tenant.api.get(f"{USERS}/auth0|gone"), 404)["message"] == "The user does not exist."


class TestDeleting:
    def test_deleting_a_user_deletes_everything_of_theirs(self, tenant: TenantClient) -> None:
        person = tenant.sign_up()
        refresh_token = expect(person.log_in(scope="offline_access"), 200)["refresh_token"]
        assert tenant.api.delete(f"{USERS}/{person.user_id}").status_code == 204
        assert tenant.api.get(f"{USERS}/{person.user_id}").status_code == 404
        again = tenant.sign_up()
        assert again.user_id != person.user_id
        expect_error(again.token(grant_type="refresh_token", refresh_token=refresh_token), 403, "invalid_grant")
        assert tenant.log_types().count("sdu") == 1

    def test_deleting_an_unknown_user_is_no_error(self, tenant: TenantClient) -> None:
        assert tenant.api.delete(f"{USERS}/auth0|gone").status_code == 204


class TestScopes:
    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("GET", USERS, "read:users"),
            ("POST", USERS, "create:users"),
            ("GET", f"{USERS}/auth0|x", "read:users"),
            ("PATCH", f"{USERS}/auth0|x", "update:users"),
            ("DELETE", f"{USERS}/auth0|x", "delete:users"),
            ("GET", "/api/v2/users-by-email?email=a@b", "read:users"),
            ("GET", "/api/v2/logs", "read:logs"),
            ("GET", "/api/v2/logs/1", "read:logs"),
            ("GET", f"{USERS}/auth0|x/logs", "read:logs"),
            ("GET", "/api/v2/user-blocks/auth0|x", "read:users"),
            ("DELETE", "/api/v2/user-blocks/auth0|x", "update:users"),
        ],
    )
    def test_each_endpoint_needs_its_scope(self, tenant: TenantClient, method: str, path: str, scope: str) -> None:
        def status(token: str) -> int:
            return tenant.http.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code

        assert status(tenant.token("read:actions")) == 403
        assert status(tenant.token(scope)) != 403
