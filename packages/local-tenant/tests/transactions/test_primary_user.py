"""api.authentication.setPrimaryUser, and the linked accounts that it is for."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from authentication.browser.visits import claims, knows
from gate import closed_gate
from local_tenant.testing import Enrolled, Json, Person, TenantClient, UnexpectedResponseError, expect, expect_error
from login_browser import Browser, redeem
from token_reader import client_id, read_token

NOT_LINKED = "The account of this login is not linked to the primary user that an Action set."


def sets(user: Person, more: str = "") -> str:
    """An Action that has logins be this user's; `more` comes first."""
    call = f'api.authentication.setPrimaryUser("{user.user_id}");'
    return f"exports.onExecutePostLogin = async (event, api) => {{ {more} {call} }};"


def link(tenant: TenantClient, primary: Person, secondary: Person) -> httpx.Response:
    provider, _, user_id = secondary.user_id.partition("|")
    body = {"provider": provider, "user_id": user_id}
    return tenant.api.post(f"/api/v2/users/{primary.user_id}/identities", json=body)


def linked(tenant: TenantClient, primary: Person, secondary: Person) -> list[Json]:
    """The identities after it."""
    response = link(tenant, primary, secondary)
    assert response.status_code == 201
    identities: list[Json] = response.json()
    return identities


def unlink(tenant: TenantClient, primary: Person, secondary: Person) -> httpx.Response:
    path = secondary.user_id.replace("|", "/")
    return tenant.api.delete(f"/api/v2/users/{primary.user_id}/identities/{path}")


@pytest.fixture
def bob(tenant: TenantClient) -> Person:
    return tenant.sign_up("bob@example.com")


def log_in_linking(tenant: TenantClient, primary: Person, secondary: Person, **parameters: str) -> httpx.Response:
    """A login of the secondary account, which is linked while its Action runs."""
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        more = f'{gate.stop} api.user.setAppMetadata("by", event.user.user_id); api.user.setUserMetadata("lost", 1);'
        tenant.bind_action(sets(primary, more))
        login = pool.submit(secondary.log_in, **parameters)
        gate.wait_for(1)
        linked(tenant, primary, secondary)
        gate.open()
        return login.result()


def test_a_code_of_an_account_that_was_linked_meanwhile_is_invalid(
    tenant: TenantClient, ada: Person, bob: Person, browser: Browser
) -> None:
    code = browser.log_in(bob).callback["code"]
    linked(tenant, ada, bob)
    expect_error(redeem(bob, code), 403, "invalid_grant", "Invalid authorization code")


def test_the_login_becomes_the_primary_users(tenant: TenantClient, ada: Person, bob: Person) -> None:
    answer = expect(log_in_linking(tenant, ada, bob, scope="openid offline_access"), 200)
    assert read_token(tenant, answer["id_token"], client_id(tenant))["sub"] == ada.user_id
    profile = ada.profile()
    assert (profile["app_metadata"], profile.get("user_metadata"), profile["logins_count"]) == (
        {"by": bob.user_id},
        None,
        1,
    )
    tenant.bind("post-login", [])
    refreshed = expect(bob.token(grant_type="refresh_token", refresh_token=answer["refresh_token"]), 200)
    assert read_token(tenant, refreshed["id_token"], client_id(tenant))["sub"] == ada.user_id


def test_a_login_whose_account_is_not_linked_fails(tenant: TenantClient, ada: Person, bob: Person) -> None:
    tenant.bind_action(sets(ada))
    expect_error(bob.log_in(), 500, "access_denied", NOT_LINKED)
    assert "logins_count" not in ada.profile()
    # Nor is it enough that the other way round is linked.
    linked(tenant, bob, tenant.sign_up("cleo@example.com"))
    expect_error(bob.log_in(), 500, "access_denied", NOT_LINKED)
    # To name the user themselves changes nothing.
    expect(ada.log_in(), 200)


def test_a_login_of_an_account_that_was_linked_meanwhile_fails_without_it(
    tenant: TenantClient, ada: Person, bob: Person
) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        tenant.bind_action(f"exports.onExecutePostLogin = async () => {{ {gate.stop} }};")
        login = pool.submit(bob.log_in)
        gate.wait_for(1)
        linked(tenant, ada, bob)
        gate.open()
        expect_error(login.result(), 403, "invalid_grant", "Wrong email or password.")


def test_a_blocked_primary_user_cannot_log_in(tenant: TenantClient, ada: Person, bob: Person) -> None:
    expect(tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    expect_error(log_in_linking(tenant, ada, bob), 401, "unauthorized", "user is blocked")


def test_the_factors_that_count_are_the_primary_users(
    tenant: TenantClient, ada: Person, enrolled: Enrolled, bob: Person
) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        tenant.bind_action(sets(ada, f'{gate.stop} api.multifactor.enable("any");'))
        login = pool.submit(bob.log_in)
        gate.wait_for(1)
        linked(tenant, ada, bob)
        gate.open()
        token = expect(login.result(), 403)["mfa_token"]
    answer = expect(bob.prove(token, enrolled.app.code(steps=1)), 200)
    assert read_token(tenant, answer["id_token"], client_id(tenant))["sub"] == ada.user_id


def test_the_browsers_session_is_the_primary_users(
    tenant: TenantClient, ada: Person, bob: Person, browser: Browser
) -> None:
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        tenant.bind_action(sets(ada, f"if (event.user.user_id !== '{ada.user_id}') {{ {gate.stop} }}"))
        login = pool.submit(browser.log_in, bob)
        gate.wait_for(1)
        linked(tenant, ada, bob)
        gate.open()
        assert claims(ada, login.result())["sub"] == ada.user_id
    assert knows(browser)
    assert claims(ada, browser.authorize())["sub"] == ada.user_id


class TestLinkedAccounts:
    def test_a_linked_account_is_an_identity_of_the_primary_user(
        self, tenant: TenantClient, ada: Person, bob: Person
    ) -> None:
        identities = linked(tenant, ada, bob)
        assert [identity["user_id"] for identity in identities] == [
            person.user_id.partition("|")[2] for person in (ada, bob)
        ]
        assert identities[1]["profileData"]["email"] == bob.email
        assert ada.profile()["identities"] == identities
        assert tenant.api.get(f"/api/v2/users/{bob.user_id}").status_code == 404
        assert [user["user_id"] for user in tenant.api.get("/api/v2/users").json()] == [ada.user_id]
        assert tenant.api.get("/api/v2/users-by-email", params={"email": bob.email}).json() == []
        tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => { "
            "api.idToken.setCustomClaim('ids', event.user.identities.map((identity) => identity.userId)); };"
        )
        claims_of_login = read_token(tenant, expect(bob.log_in(), 200)["id_token"], client_id(tenant))
        assert claims_of_login["sub"] == ada.user_id
        assert claims_of_login["ids"] == [identity["user_id"] for identity in identities]

    def test_its_email_stays_taken_and_its_tokens_end(self, tenant: TenantClient, ada: Person, bob: Person) -> None:
        token = expect(bob.log_in(scope="openid offline_access"), 200)["refresh_token"]
        linked(tenant, ada, bob)
        expect_error(
            bob.token(grant_type="refresh_token", refresh_token=token),
            403,
            "invalid_grant",
            "Unknown or invalid refresh token.",
        )
        with pytest.raises(UnexpectedResponseError):
            tenant.sign_up(bob.email)

    def test_it_can_be_unlinked(self, tenant: TenantClient, ada: Person, bob: Person) -> None:
        linked(tenant, ada, bob)
        left = unlink(tenant, ada, bob)
        assert left.status_code == 200
        assert left.json() == ada.profile()["identities"]
        assert len(left.json()) == 1
        answer = expect(bob.log_in(), 200)
        assert read_token(tenant, answer["id_token"], client_id(tenant))["sub"] == bob.user_id
        assert unlink(tenant, ada, bob).status_code == 404

    def test_it_goes_with_the_primary_user(self, tenant: TenantClient, ada: Person, bob: Person) -> None:
        linked(tenant, ada, bob)
        assert tenant.api.delete(f"/api/v2/users/{ada.user_id}").status_code == 204
        expect_error(bob.log_in(), 403, "invalid_grant", "Wrong email or password.")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ({"provider": "auth0"}, 400),
            ({"provider": "auth0", "user_id": "nobody"}, 404),
            ({"link_with": "token"}, 403),
        ],
    )
    def test_what_cannot_be_linked(self, tenant: TenantClient, ada: Person, body: dict[str, str], status: int) -> None:
        assert tenant.api.post(f"/api/v2/users/{ada.user_id}/identities", json=body).status_code == status

    def test_nobody_is_linked_to_themselves_or_twice(self, tenant: TenantClient, ada: Person, bob: Person) -> None:
        assert link(tenant, ada, ada).status_code == 400
        linked(tenant, ada, bob)
        assert link(tenant, ada, bob).status_code == 404
        assert link(tenant, tenant.sign_up("cleo@example.com"), ada).status_code == 400
