"""Resource servers and client grants: which tokens users and applications get."""

from urllib.parse import quote

import httpx
import jwt
import pytest
from local_tenant.testing import Json, Person, TenantClient, expect, expect_error
from local_tenant.testing.process import StartTenant

SERVERS, GRANTS = "/api/v2/resource-servers", "/api/v2/client-grants"
API = "https://api.example.com/things"


def claims(token: str) -> Json:
    return jwt.decode(token, options={"verify_signature": False})


def machine_token(tenant: TenantClient, client: Json, audience: str = API, **parameters: str) -> httpx.Response:
    credentials = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    grant = {"grant_type": "client_credentials", "audience": audience}
    return tenant.http.post("/oauth/token", json={**credentials, **grant, **parameters})


class TestResourceServers:
    def test_one_of_an_identifier_alone_has_auth0s_defaults(self, tenant: TenantClient) -> None:
        server = expect(tenant.api.post(SERVERS, json={"name": "Things", "identifier": API}), 201)
        assert server == {
            "id": server["id"],
            "name": "Things",
            "identifier": API,
            "is_system": False,
            "allow_offline_access": False,
            "skip_consent_for_verifiable_first_party_clients": False,
            "subject_type_authorization": {
                "client": {"policy": "require_client_grant"},
                "user": {"policy": "allow_all"},
            },
            "token_lifetime": 86_400,
            "token_lifetime_for_web": 7_200,
            "signing_alg": "RS256",
        }
        for name in (server["id"], quote(API, safe=""), API):
            assert expect(tenant.api.get(f"{SERVERS}/{name}"), 200) == server

    def test_scopes_are_written_by_its_identifier_and_removed(self, tenant: TenantClient) -> None:
        tenant.create_api(API)
        path = f"{SERVERS}/{quote(API, safe='')}"
        scopes = [{"value": "read:things", "description": "Read"}, {"value": "write:things"}]
        assert expect(tenant.api.patch(path, json={"scopes": scopes}), 200)["scopes"] == scopes
        assert expect(tenant.api.patch(path, json={"scopes": []}), 200)["scopes"] == []
        assert tenant.api.delete(path).status_code == 204
        assert expect(tenant.api.get(path), 404)["errorCode"] == "inexistent_resource_server"

    def test_an_identifier_is_taken_once(self, tenant: TenantClient) -> None:
        tenant.create_api(API)
        for taken in (API, tenant.audience, f"{tenant.url}/userinfo"):
            expect(tenant.api.post(SERVERS, json={"name": "x", "identifier": taken}), 409)

    def test_the_list_begins_with_the_management_api(self, tenant: TenantClient) -> None:
        tenant.create_api(API)
        system, mine = tenant.api.get(SERVERS).json()
        assert (system["identifier"], system["is_system"], mine["identifier"]) == (tenant.audience, True, API)
        assert tenant.api.get(SERVERS, params={"identifiers": API}).json() == [mine]
        for name in (system["id"], quote(tenant.audience, safe="")):
            assert expect(tenant.api.get(f"{SERVERS}/{name}"), 200) == system
            assert expect(tenant.api.delete(f"{SERVERS}/{name}"), 403)["errorCode"] == "operation_not_supported"

    @pytest.mark.parametrize(
        "properties",
        [
            {"signing_alg": "HS256"},
            {"proof_of_possession": {"mechanism": "dpop", "required": True}},
            {"subject_type_authorization": {"user": {"policy": "require_client_grant"}}},
        ],
    )
    def test_what_would_decide_a_token_and_is_not_built_is_refused(
        self, tenant: TenantClient, properties: Json
    ) -> None:
        answer = tenant.api.post(SERVERS, json={"name": "x", "identifier": API, **properties})
        assert expect(answer, 403)["errorCode"] == "not_built_locally"

    def test_an_api_of_the_command_line_is_one_and_goes_with_its_option(self, fresh_tenant: StartTenant) -> None:
        with fresh_tenant(None, "--api", API) as first, TenantClient(first.ready) as tenant:
            assert [server["identifier"] for server in tenant.api.get(SERVERS).json()] == [tenant.audience, API]
            tenant.reset()
            assert len(tenant.api.get(SERVERS).json()) == 2
        with fresh_tenant() as second, TenantClient(second.ready) as tenant:
            assert len(tenant.api.get(SERVERS).json()) == 1


class TestTokensOfUsers:
    def test_they_have_the_apis_scopes_and_lifetime(self, ada: Person) -> None:
        ada.tenant.create_api(API, "read:things", token_lifetime=60)
        tokens = expect(ada.log_in(audience=API, scope="openid read:things delete:things offline_access"), 200)
        assert tokens["scope"] == "openid read:things"
        assert "refresh_token" not in tokens, "the API does not allow offline access"
        token = claims(tokens["access_token"])
        assert (API in token["aud"], token["exp"] - token["iat"], tokens["expires_in"]) == (True, 60, 60)

    def test_an_api_that_allows_offline_access_gives_a_refresh_token(self, ada: Person) -> None:
        ada.tenant.create_api(API, allow_offline_access=True)
        assert "refresh_token" in expect(ada.log_in(audience=API, scope="openid offline_access"), 200)

    def test_an_api_with_roles_gives_a_user_without_roles_no_scope(self, ada: Person) -> None:
        ada.tenant.create_api(API, "read:things", enforce_policies=True)
        assert expect(ada.log_in(audience=API, scope="openid read:things"), 200)["scope"] == "openid"

    def test_an_unknown_api_and_one_closed_to_users_are_denied(self, ada: Person) -> None:
        expect_error(ada.log_in(audience=API), 403, "access_denied")
        server = ada.tenant.create_api(API)
        expect_error(ada.log_in(audience=server["id"]), 403, "access_denied")
        expect(ada.log_in(audience=API), 200)
        closed = {"subject_type_authorization": {"user": {"policy": "deny_all"}}}
        expect(ada.tenant.api.patch(f"{SERVERS}/{server['id']}", json=closed), 200)
        expect_error(ada.log_in(audience=API), 403, "access_denied")


class TestTokensOfMachines:
    def test_they_need_a_grant_and_have_its_scopes(self, tenant: TenantClient) -> None:
        tenant.create_api(API, "read:things", "write:things", token_lifetime=60)
        client = tenant.create_client()
        expect_error(machine_token(tenant, client, "https://odd.example.com"), 403, "access_denied")
        refused = machine_token(tenant, client)
        expect_error(refused, 403, "access_denied")
        assert "client-grant" in refused.json()["error_description"]
        grant = tenant.grant_api(client["client_id"], API, "read:things", "write:things")
        assert set(grant) == {"id", "client_id", "audience", "scope", "subject_type"}
        tokens = expect(machine_token(tenant, client), 200)
        assert (tokens["scope"], tokens["expires_in"]) == ("read:things write:things", 60)
        token = claims(tokens["access_token"])
        assert (token["aud"], token["sub"]) == (API, f"{client['client_id']}@clients")
        assert expect(machine_token(tenant, client, scope="write:things"), 200)["scope"] == "write:things"
        expect_error(machine_token(tenant, client, scope="write:things odd"), 403, "access_denied")

    def test_a_changed_grant_changes_the_next_token_and_a_deleted_one_ends_them(self, tenant: TenantClient) -> None:
        tenant.create_api(API, "read:things", "write:things")
        client = tenant.create_client()
        path = f"{GRANTS}/{tenant.grant_api(client['client_id'], API, 'read:things')['id']}"
        assert expect(tenant.api.patch(path, json={"scope": ["write:things"]}), 200)["scope"] == ["write:things"]
        assert expect(tenant.api.get(path), 200)["scope"] == ["write:things"]
        assert expect(machine_token(tenant, client), 200)["scope"] == "write:things"
        assert tenant.api.delete(path).status_code == 204
        expect(tenant.api.get(path), 404)
        expect_error(machine_token(tenant, client), 403, "access_denied")

    def test_a_scope_that_the_api_lost_is_not_in_the_token(self, tenant: TenantClient) -> None:
        server = tenant.create_api(API, "read:things", "write:things")
        client = tenant.create_client()
        tenant.grant_api(client["client_id"], API, "read:things", "write:things")
        expect(tenant.api.patch(f"{SERVERS}/{server['id']}", json={"scopes": [{"value": "read:things"}]}), 200)
        assert expect(machine_token(tenant, client), 200)["scope"] == "read:things"
        expect_error(machine_token(tenant, client, scope="write:things"), 403, "access_denied")

    def test_a_client_can_be_granted_the_management_api(self, tenant: TenantClient) -> None:
        client = tenant.create_client()
        grant = tenant.grant_api(client["client_id"], tenant.audience, "read:users")
        assert grant["audience"] == tenant.audience
        token = expect(machine_token(tenant, client, tenant.audience), 200)["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert tenant.http.get("/api/v2/users", headers=headers).status_code == 200
        assert tenant.http.get("/api/v2/clients", headers=headers).status_code == 403

    def test_a_grant_survives_another_port(self, fresh_tenant: StartTenant) -> None:
        with fresh_tenant() as first, TenantClient(first.ready) as tenant:
            client = tenant.create_client()
            tenant.grant_api(client["client_id"], tenant.audience, "read:users")
        with fresh_tenant() as second, TenantClient(second.ready) as tenant:
            expect(machine_token(tenant, client, tenant.audience), 200)


class TestGrants:
    def test_the_list_is_filtered(self, tenant: TenantClient) -> None:
        tenant.create_api(API, "read:things")
        client = tenant.create_client()
        grant = tenant.grant_api(client["client_id"], API, "read:things")
        query = {"audience": API, "client_id": client["client_id"], "include_totals": "true"}
        assert expect(tenant.api.get(GRANTS, params=query), 200)["client_grants"] == [grant]
        own, mine = tenant.api.get(GRANTS).json()
        assert (own["audience"], mine) == (tenant.audience, grant)
        assert expect(tenant.api.delete(f"{GRANTS}/{own['id']}"), 403)["errorCode"] == "operation_not_supported"

    def test_a_second_one_an_unknown_api_client_or_scope_is_refused(self, tenant: TenantClient) -> None:
        tenant.create_api(API, "read:things")
        client_id = tenant.create_client()["client_id"]
        tenant.grant_api(client_id, API)
        for body, status in (
            ({"client_id": client_id, "audience": API, "scope": []}, 409),
            ({"client_id": client_id, "audience": "https://odd.example.com", "scope": []}, 404),
            ({"client_id": "odd", "audience": API, "scope": []}, 404),
            ({"client_id": client_id, "audience": tenant.audience, "scope": [], "subject_type": "user"}, 403),
        ):
            expect(tenant.api.post(GRANTS, json=body), status)
        unknown = {"client_id": tenant.create_client()["client_id"], "audience": API, "scope": ["odd"]}
        expect(tenant.api.post(GRANTS, json=unknown), 400)

    def test_it_goes_with_its_client_and_with_its_api(self, tenant: TenantClient) -> None:
        server, client = tenant.create_api(API), tenant.create_client()
        tenant.grant_api(client["client_id"], API)
        tenant.api.delete(f"/api/v2/clients/{client['client_id']}")
        assert len(tenant.api.get(GRANTS).json()) == 1
        tenant.grant_api(tenant.create_client()["client_id"], API)
        tenant.api.delete(f"{SERVERS}/{server['id']}")
        assert len(tenant.api.get(GRANTS).json()) == 1
