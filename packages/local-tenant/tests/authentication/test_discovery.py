from local_tenant.testing import TenantClient, expect


def test_the_key_set_holds_public_keys_only(tenant: TenantClient) -> None:
    (key,) = expect(tenant.http.get("/.well-known/jwks.json"), 200)["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_the_configuration_names_this_tenant(tenant: TenantClient) -> None:
    configuration = expect(tenant.http.get("/.well-known/openid-configuration"), 200)
    assert configuration["issuer"] == f"{tenant.url}/"
    assert configuration["token_endpoint"] == f"{tenant.url}/oauth/token"
    assert configuration["jwks_uri"] == f"{tenant.url}/.well-known/jwks.json"
    assert configuration["id_token_signing_alg_values_supported"] == ["RS256"]


def test_the_key_stays_the_same_when_the_tenant_is_reset(tenant: TenantClient) -> None:
    before = tenant.http.get("/.well-known/jwks.json").json()
    token = tenant.token()
    tenant.reset()
    assert tenant.http.get("/.well-known/jwks.json").json() == before
    answer = tenant.http.get("/api/v2/actions/actions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
