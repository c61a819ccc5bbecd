import pytest
from local_tenant.testing import Json, Person, TenantClient, expect


@pytest.fixture
def person(tenant: TenantClient) -> Person:
    return tenant.sign_up()


def ask(tenant: TenantClient, token: str) -> int:
    return tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


def access_token(person: Person, scope: str = "openid profile email") -> str:
    return str(expect(person.log_in(scope=scope), 200)["access_token"])


def test_it_tells_what_the_tokens_scopes_allow(tenant: TenantClient, person: Person) -> None:
    token = access_token(person)
    shown = expect(tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}), 200)
    assert set(shown) == {"sub", "name", "nickname", "picture", "updated_at", "email", "email_verified"}
    assert (shown["sub"], shown["email"], shown["nickname"]) == (person.user_id, person.email, "ada")
    openid = access_token(person, "openid")
    answer = tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {openid}"})
    assert expect(answer, 200) == {"sub": person.user_id}


def test_it_shows_the_user_as_they_are_now(tenant: TenantClient, person: Person) -> None:
    token = access_token(person)
    tenant.api.patch(f"/api/v2/users/{person.user_id}", json={"nickname": "countess"})
    answer = tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert expect(answer, 200)["nickname"] == "countess"


def test_custom_claims_of_the_newest_id_token_are_told_too(tenant: TenantClient, person: Person) -> None:
    def shown(token: str) -> Json:
        return expect(tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}), 200)

    action = tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => "
        '{ api.idToken.setCustomClaim("https://example.com/plan", "gold"); };',
    )
    token = access_token(person, "openid")
    assert shown(token) == {"sub": person.user_id, "https://example.com/plan": "gold"}
    tenant.api.delete(f"/api/v2/actions/actions/{action['id']}", params={"force": "true"})
    assert shown(access_token(person, "openid")) == {"sub": person.user_id}


def test_no_other_token_is_taken(tenant: TenantClient, person: Person) -> None:
    identity = expect(person.log_in(scope="openid"), 200)["id_token"]
    token = access_token(person)
    assert ask(tenant, token) == 200
    for wrong in (identity, tenant.token(), token[:-4] + "AAAA", "nonsense"):
        assert ask(tenant, wrong) == 401


def test_a_token_ends_with_its_time_and_with_its_user(tenant: TenantClient, person: Person) -> None:
    token = access_token(person)
    tenant.advance_clock(86_399)
    assert ask(tenant, token) == 200
    tenant.advance_clock(2)
    assert ask(tenant, token) == 401
    other = access_token(person)
    tenant.api.delete(f"/api/v2/users/{person.user_id}")
    assert ask(tenant, other) == 401
