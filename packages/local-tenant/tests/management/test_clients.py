"""Clients: the Management API writes them, and the Authentication API obeys them at its next request."""

import httpx
import jwt
import pytest
from local_tenant.testing import PASSWORD, Json, Person, TenantClient, TenantProcess, expect, expect_error
from local_tenant.testing.process import StartTenant
from login_browser import CALLBACK, VERIFIER, Browser

CLIENTS = "/api/v2/clients"
LONG = "http://auth0.com/oauth/grant-type/"
NOT_FOUND = {
    "statusCode": 404,
    "error": "Not Found",
    "message": "The client does not exist",
    "errorCode": "inexistent_client",
}


def as_client(tenant: TenantClient, client: Json, **parameters: object) -> httpx.Response:
    secret = {} if client.get("token_endpoint_auth_method") == "none" else {"client_secret": client["client_secret"]}
    return tenant.http.post("/oauth/token", json={"client_id": client["client_id"], **secret, **parameters})


def log_in(ada: Person, client: Json, scope: str = "openid offline_access") -> Json:
    with Browser(ada.tenant) as browser:
        code = browser.log_in(ada, client_id=client["client_id"], scope=scope).callback["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return expect(as_client(ada.tenant, client, **grant), 200)


class TestShape:
    def test_a_client_of_a_name_alone_has_auth0s_defaults(self, tenant: TenantClient) -> None:
        client = tenant.create_client("Only a name")
        assert client == {
            "tenant": tenant.ready["tenant"],
            "global": False,
            "name": "Only a name",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "is_first_party": True,
            "is_token_endpoint_ip_header_trusted": False,
            "oidc_conformant": False,
            "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
            "sso_disabled": False,
            "cross_origin_authentication": False,
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
            "custom_login_page_on": True,
            "refresh_token": {
                "rotation_type": "non-rotating",
                "expiration_type": "non-expiring",
                "leeway": 0,
                "token_lifetime": 2_592_000,
                "infinite_token_lifetime": True,
                "infinite_idle_token_lifetime": True,
                "idle_token_lifetime": 1_296_000,
            },
        }
        assert len(client["client_id"]) == 32
        assert expect(tenant.api.get(f"{CLIENTS}/{client['client_id']}"), 200) == client

    @pytest.mark.parametrize(
        ("method", "grants", "lifetime"),
        [
            ("none", ["authorization_code", "implicit", "refresh_token"], 2_592_000),
            (
                "client_secret_post",
                ["authorization_code", "implicit", "refresh_token", "client_credentials"],
                31_557_600,
            ),
        ],
    )
    def test_defaults_depend_on_the_authentication_method(
        self, tenant: TenantClient, method: str, grants: list[str], lifetime: int
    ) -> None:
        client = tenant.create_client(token_endpoint_auth_method=method)
        assert client["grant_types"] == grants
        assert client["refresh_token"]["token_lifetime"] == lifetime

    def test_a_change_keeps_what_it_leaves_out_and_null_removes(self, tenant: TenantClient) -> None:
        client = tenant.create_client(
            callbacks=[CALLBACK], client_metadata={"a": "1", "b": "2"}, initiate_login_uri="https://x.example.com"
        )
        changed = tenant.change_client(
            client["client_id"],
            grant_types=["password", LONG + "password-realm"],
            client_metadata={"a": None, "c": "3"},
            initiate_login_uri="",
            logo_uri=None,
        )
        expected = {**client, "grant_types": ["password", LONG + "password-realm"]}
        expected["client_metadata"] = {"b": "2", "c": "3"}
        del expected["initiate_login_uri"]
        assert changed == expected
        assert expect(tenant.api.get(f"{CLIENTS}/{client['client_id']}"), 200) == changed

    def test_the_list_has_pages_filters_and_fields(self, tenant: TenantClient) -> None:
        mine = tenant.create_client("Mine", app_type="native")
        names = [client["name"] for client in tenant.api.get(CLIENTS).json()]
        assert names == ["Management client", "Application", "Single page application", "Mine"]
        page = expect(tenant.api.get(CLIENTS, params={"include_totals": "true", "page": 1, "per_page": 3}), 200)
        assert (page["total"], page["start"], page["clients"]) == (4, 3, [mine])
        query = {"app_type": "native,spa", "fields": "name", "include_fields": "true"}
        assert tenant.api.get(CLIENTS, params=query).json() == [{"name": "Single page application"}, {"name": "Mine"}]

    @pytest.mark.parametrize(
        ("body", "complaint"),
        [
            ({}, "'Missing required property: name'"),
            ({"name": "x", "odd": 1}, "'Additional properties not allowed: odd'"),
            ({"name": "x", "app_type": "odd"}, "'No enum match for: odd' on property app_type"),
            ({"name": "x", "callbacks": "odd"}, "'Expected type array but found type string' on property callbacks"),
            (
                {"name": "x", "client_metadata": {"k": "v" * 256}},
                "'String is too long, maximum 255' on property client",
            ),
            (
                {"name": "x", "client_metadata": {str(n): "v" for n in range(11)}},
                "'Too many properties, maximum 10' on property client_metadata",
            ),
        ],
    )
    def test_a_body_that_does_not_fit_is_refused(self, tenant: TenantClient, body: Json, complaint: str) -> None:
        answer = expect(tenant.api.post(CLIENTS, json=body), 400)
        assert answer["errorCode"] == "invalid_body"
        assert answer["message"].startswith(f"Payload validation error: {complaint}")

    @pytest.mark.parametrize(
        "properties",
        [
            {"jwt_configuration": {"alg": "HS256"}},
            {"require_pushed_authorization_requests": True},
            {"require_proof_of_possession": True},
            {"organization_usage": "require"},
        ],
    )
    def test_what_would_decide_a_login_and_is_not_built_is_refused(
        self, tenant: TenantClient, properties: Json
    ) -> None:
        answer = tenant.api.post(CLIENTS, json={"name": "x", **properties})
        assert expect(answer, 403)["errorCode"] == "not_built_locally"

    def test_an_unknown_client_is_not_found(self, tenant: TenantClient) -> None:
        assert expect(tenant.api.get(f"{CLIENTS}/odd"), 404) == NOT_FOUND
        assert expect(tenant.api.patch(f"{CLIENTS}/odd", json={}), 404) == NOT_FOUND
        assert tenant.api.delete(f"{CLIENTS}/odd").status_code == 204


class TestSecret:
    def test_only_a_scope_for_keys_shows_it(self, tenant: TenantClient) -> None:
        client = tenant.create_client(app_type="spa")
        path = f"{CLIENTS}/{client['client_id']}"

        def view(*scopes: str) -> Json:
            headers = {"Authorization": f"Bearer {tenant.token(*scopes)}"}
            listed = tenant.http.get(CLIENTS, headers=headers).json()[-1]
            alone = expect(tenant.http.get(path, headers=headers), 200)
            assert listed == alone
            return alone

        assert view("read:clients", "read:client_keys") == client
        assert view("read:clients") == {name: value for name, value in client.items() if name != "client_secret"}
        assert set(view("read:client_summary")) == {"client_id", "name", "app_type"}

    def test_writing_it_needs_the_scope_for_keys(self, tenant: TenantClient) -> None:
        client = tenant.create_client()
        path = f"{CLIENTS}/{client['client_id']}"
        headers = {"Authorization": f"Bearer {tenant.token('update:clients')}"}
        for key in ({"client_secret": "s" * 40}, {"encryption_key": {"pub": "x", "cert": "x", "subject": "x"}}):
            refused = tenant.http.patch(path, json=key, headers=headers)
            assert expect(refused, 403)["errorCode"] == "insufficient_scope"
        assert tenant.change_client(client["client_id"], client_secret="s" * 40)["client_secret"] == "s" * 40

    def test_rotation_makes_the_old_one_invalid(self, tenant: TenantClient) -> None:
        client = tenant.create_client()
        tenant.grant_api(client["client_id"], tenant.audience, "read:users")
        grant = {"grant_type": "client_credentials", "audience": tenant.audience}
        expect(as_client(tenant, client, **grant), 200)
        rotated = expect(tenant.api.post(f"{CLIENTS}/{client['client_id']}/rotate-secret"), 200)
        assert rotated == {**client, "client_secret": rotated["client_secret"]}
        expect_error(as_client(tenant, client, **grant), 401, "access_denied")
        expect(as_client(tenant, rotated, **grant), 200)


class TestGrants:
    def test_a_grant_that_it_lacks_is_refused_until_it_is_written(self, ada: Person) -> None:
        client = ada.tenant.create_client()
        grant = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
        text = "Grant type 'password' not allowed for the client."
        expect_error(as_client(ada.tenant, client, **grant), 403, "unauthorized_client", text)
        ada.tenant.change_client(client["client_id"], grant_types=["password"])
        expect(as_client(ada.tenant, client, **grant), 200)
        ada.tenant.change_client(client["client_id"], grant_types=[])
        expect_error(as_client(ada.tenant, client, **grant), 403, "unauthorized_client", text)

    def test_a_method_of_none_makes_its_secret_wrong(self, ada: Person) -> None:
        client = ada.tenant.create_client(grant_types=["password"], token_endpoint_auth_method="none")
        grant = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
        expect(as_client(ada.tenant, client, **grant), 200)
        with_secret = as_client(ada.tenant, client, **grant, client_secret=client["client_secret"])
        expect_error(with_secret, 401, "access_denied")

    def test_metadata_and_id_reach_the_actions(self, ada: Person) -> None:
        ada.tenant.bind_action("exports.onExecutePostLogin = async (e) => console.log(JSON.stringify(e.client));")
        client = ada.tenant.create_client("Mine", grant_types=["password"], client_metadata={"team": "a"})
        expect(as_client(ada.tenant, client, grant_type="password", username=ada.email, password=PASSWORD), 200)
        (action,) = ada.tenant.trace()["trace"]["actions"]
        assert '"metadata":{"team":"a"}' in str(action["console"])


class TestAddresses:
    def test_a_login_ends_only_at_a_callback_of_the_list(self, ada: Person) -> None:
        client = ada.tenant.create_client(callbacks=["http://[", CALLBACK, "https://*.example.com/cb"])
        assert "id_token" in log_in(ada, client)
        with Browser(ada.tenant) as browser:
            for address, status in (
                ("https://app.example.com/cb", 200),
                ("https://app.example.com/CB", 403),
                ("https://a.b.example.com/cb", 403),
                ("https://example.com/cb", 403),
                ("https://app.example.com/cb/x", 403),
                (f"{CALLBACK}?x=1", 403),
                ("http://[", 403),
                ("http://localhost:3001/callback", 403),
            ):
                visit = browser.authorize(client_id=client["client_id"], redirect_uri=address)
                assert visit.answer.status_code == status, address
        assert "Callback URL mismatch" in visit.answer.text

    def test_without_a_list_no_login_can_end(self, ada: Person) -> None:
        client = ada.tenant.create_client()
        with Browser(ada.tenant) as browser:
            assert browser.authorize(client_id=client["client_id"]).answer.status_code == 403

    def test_a_list_of_the_own_application_replaces_every_loopback_address(self, tenant: TenantClient) -> None:
        application = tenant.ready["application"]["client_id"]
        tenant.change_client(application, callbacks=["http://localhost:4000/cb"])
        with Browser(tenant) as browser:
            assert browser.authorize().answer.status_code == 403
            tenant.reset()
            assert browser.authorize().answer.status_code == 200

    def test_a_logout_returns_only_to_an_address_of_the_list(self, tenant: TenantClient) -> None:
        client = tenant.create_client(allowed_logout_urls=["https://app.example.com/bye"])
        for address, status in (("https://app.example.com/bye?x=1", 302), ("http://localhost:3000/", 400)):
            for path, name in (("/v2/logout", "returnTo"), ("/oidc/logout", "post_logout_redirect_uri")):
                answer = tenant.http.get(path, params={"client_id": client["client_id"], name: address})
                assert answer.status_code == status, (path, address)

    def test_a_message_is_posted_only_to_a_web_origin(self, tenant: TenantClient) -> None:
        client = tenant.create_client(callbacks=[CALLBACK], web_origins=[])
        parameters: dict[str, str | None] = {"client_id": client["client_id"], "response_mode": "web_message"}
        with Browser(tenant) as browser:
            assert browser.authorize(**parameters, prompt="none").answer.status_code == 403
            tenant.change_client(client["client_id"], web_origins=["http://localhost:3000"])
            assert browser.authorize(**parameters, prompt="none").answer.status_code == 200


class TestTokens:
    def test_an_id_token_lives_as_long_as_the_client_says(self, ada: Person) -> None:
        client = ada.tenant.create_client(callbacks=[CALLBACK], jwt_configuration={"lifetime_in_seconds": 60})
        claims = jwt.decode(log_in(ada, client)["id_token"], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == 60

    def test_refresh_tokens_rotate_and_expire_as_the_client_says(self, ada: Person) -> None:
        refresh = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 30, "token_lifetime": 1000}
        lasting = {"infinite_token_lifetime": False, "idle_token_lifetime": 500, "infinite_idle_token_lifetime": False}
        client = ada.tenant.create_client(callbacks=[CALLBACK], refresh_token={**refresh, **lasting})

        def exchange(token: str) -> httpx.Response:
            return as_client(ada.tenant, client, grant_type="refresh_token", refresh_token=token)

        first = log_in(ada, client)["refresh_token"]
        second = expect(exchange(first), 200)["refresh_token"]
        assert expect(exchange(first), 200)["refresh_token"] not in (first, second), "within the leeway"
        ada.tenant.advance_clock(499)
        third = expect(exchange(second), 200)["refresh_token"]
        ada.tenant.advance_clock(498)
        fourth = expect(exchange(third), 200)["refresh_token"]
        ada.tenant.advance_clock(4)
        expect_error(exchange(fourth), 403, "invalid_grant")

    def test_refresh_tokens_that_are_set_to_expire_do_so_unless_they_are_infinite(self, ada: Person) -> None:
        expiring = {"rotation_type": "non-rotating", "expiration_type": "expiring", "idle_token_lifetime": 500}
        client = ada.tenant.create_client(callbacks=[CALLBACK], refresh_token=expiring)
        assert client["refresh_token"]["infinite_idle_token_lifetime"] is False
        token = log_in(ada, client)["refresh_token"]
        ada.tenant.advance_clock(501)
        answer = as_client(ada.tenant, client, grant_type="refresh_token", refresh_token=token)
        expect_error(answer, 403, "invalid_grant")
        infinite = {**expiring, "infinite_idle_token_lifetime": True, "infinite_token_lifetime": True}
        ada.tenant.renew_token()
        ada.tenant.change_client(client["client_id"], refresh_token=infinite)
        kept = ada.tenant.change_client(client["client_id"], refresh_token=expiring)["refresh_token"]
        assert (kept["infinite_token_lifetime"], kept["infinite_idle_token_lifetime"]) == (True, True)

    def test_a_reuse_after_the_leeway_ends_the_family(self, ada: Person) -> None:
        rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 30}
        client = ada.tenant.create_client(callbacks=[CALLBACK], refresh_token=rotating)
        first = log_in(ada, client)["refresh_token"]
        grant = {"grant_type": "refresh_token"}
        second = expect(as_client(ada.tenant, client, **grant, refresh_token=first), 200)["refresh_token"]
        ada.tenant.advance_clock(31)
        for token in (first, second):
            expect_error(as_client(ada.tenant, client, **grant, refresh_token=token), 403, "invalid_grant")

    def test_a_public_client_may_have_tokens_that_stay(self, ada: Person) -> None:
        client = ada.tenant.create_client(callbacks=[CALLBACK], token_endpoint_auth_method="none")
        token = log_in(ada, client)["refresh_token"]
        for _ in range(2):
            assert "refresh_token" not in expect(
                as_client(ada.tenant, client, grant_type="refresh_token", refresh_token=token), 200
            )


class TestEnd:
    def test_a_deleted_client_leaves_no_valid_token(self, ada: Person) -> None:
        client = ada.tenant.create_client(callbacks=[CALLBACK])
        log_in(ada, client)
        assert ada.tenant.api.delete(f"{CLIENTS}/{client['client_id']}").status_code == 204
        expect(ada.tenant.api.get(f"{CLIENTS}/{client['client_id']}"), 404)
        expect_error(as_client(ada.tenant, client, grant_type="password"), 401, "access_denied")

    def test_clients_survive_a_restart_and_changes_of_the_own_too(self, fresh_tenant: StartTenant) -> None:
        with fresh_tenant() as first, TenantClient(first.ready) as tenant:
            client = tenant.create_client(callbacks=[CALLBACK])
            application = first.ready["application"]["client_id"]
            tenant.change_client(application, grant_types=["password"], callbacks=[CALLBACK])
            before = tenant.api.get(CLIENTS).json()
        again: TenantProcess
        with fresh_tenant() as again, TenantClient(again.ready) as tenant:
            assert tenant.api.get(CLIENTS).json() == before
            assert before[-1] == client

    def test_a_reset_removes_them_and_restores_the_own(self, tenant: TenantClient) -> None:
        before = tenant.api.get(CLIENTS).json()
        tenant.create_client()
        tenant.change_client(tenant.ready["application"]["client_id"], name="renamed", grant_types=[])
        tenant.reset()
        assert tenant.api.get(CLIENTS).json() == before

    def test_what_the_command_line_needs_cannot_be_taken_away(self, tenant: TenantClient) -> None:
        for which in ("management", "application", "single_page_application"):
            path = f"{CLIENTS}/{tenant.ready[which]['client_id']}"
            assert expect(tenant.api.delete(path), 403)["errorCode"] == "operation_not_supported"
            assert expect(tenant.api.post(f"{path}/rotate-secret"), 403)["errorCode"] == "operation_not_supported"
            assert expect(tenant.api.patch(path, json={"client_secret": "x"}), 403)
        expect(tenant.api.patch(f"{CLIENTS}/{tenant.ready['management']['client_id']}", json={"name": "x"}), 403)
        expect(tenant.api.get("/api/v2/users", params={"include_totals": "true"}), 200)
