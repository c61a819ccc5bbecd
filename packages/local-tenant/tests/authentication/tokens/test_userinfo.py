import pytest
from local_tenant.testing import Json, Person, TenantClient, expect, expect_error


def ask(tenant: TenantClient, token: str) -> int:
    return tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


def access_token(person: Person, scope: str = "openid profile email") -> str:
    return str(expect(person.log_in(scope=scope), 200)["access_token"])


def test_it_returns_the_claims_of_the_scopes_of_the_token(tenant: TenantClient, ada: Person) -> None:
    token = access_token(ada)
    claims = expect(tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}), 200)
    assert set(claims) == {"sub", "name", "nickname", "picture", "updated_at", "email", "email_verified"}
    assert (claims["sub"], claims["email"], claims["nickname"]) == (ada.user_id, ada.email, "ada")
    openid = access_token(ada, "openid")
    answer = tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {openid}"})
    assert expect(answer, 200) == {"sub": ada.user_id}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_token_may_be_sent_in_the_query(tenant: TenantClient, ada: Person, method: str) -> None:
    answer = tenant.http.request(method, "/userinfo", params={"access_token": access_token(ada)})
    assert expect(answer, 200)["sub"] == ada.user_id
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_may_be_sent_in_a_form(tenant: TenantClient, ada: Person) -> None:
    answer = tenant.http.post("/userinfo", data={"access_token": access_token(ada)})
    assert expect(answer, 200)["sub"] == ada.user_id


def test_a_token_that_is_sent_twice_is_refused(tenant: TenantClient, ada: Person) -> None:
    token = access_token(ada)
    header, sent = {"Authorization": f"Bearer {token}"}, {"access_token": token}
    for answer in (
        tenant.http.get("/userinfo", params=sent, headers=header),
        tenant.http.get("/userinfo", params={"access_token": [token, token]}),
        tenant.http.post("/userinfo", data=sent, headers=header),
        tenant.http.post("/userinfo", data=sent, params=sent),
    ):
        expect_error(answer, 400, "invalid_request")


def test_it_shows_the_user_as_they_are_now(tenant: TenantClient, ada: Person) -> None:
    token = access_token(ada)
    tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"nickname": "countess"})
    answer = tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert expect(answer, 200)["nickname"] == "countess"


def test_custom_claims_of_the_newest_id_token_are_included(tenant: TenantClient, ada: Person) -> None:
    def userinfo(token: str) -> Json:
        return expect(tenant.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"}), 200)

    action = tenant.bind_action(
        "exports.onExecutePostLogin = async (event, api) => "
        '{ api.idToken.setCustomClaim("https://example.com/plan", "gold"); };'
    )
    token = access_token(ada, "openid")
    assert userinfo(token) == {"sub": ada.user_id, "https://example.com/plan": "gold"}
    tenant.api.delete(f"/api/v2/actions/actions/{action['id']}", params={"force": "true"})
    assert userinfo(access_token(ada, "openid")) == {"sub": ada.user_id}


def test_no_other_kind_of_token_is_accepted(tenant: TenantClient, ada: Person) -> None:
    identity = expect(ada.log_in(scope="openid"), 200)["id_token"]
    token = access_token(ada)
    assert ask(tenant, token) == 200
    for wrong in (identity, tenant.token(), token[:-4] + "AAAA", "nonsense"):
        assert ask(tenant, wrong) == 401


def test_a_token_ends_with_its_expiry_and_with_its_user(tenant: TenantClient, ada: Person) -> None:
    token = access_token(ada)
    tenant.advance_clock(86_340)
    assert ask(tenant, token) == 200
    tenant.advance_clock(60)
    assert ask(tenant, token) == 401
    other = access_token(ada)
    tenant.api.delete(f"/api/v2/users/{ada.user_id}")
    assert ask(tenant, other) == 401
