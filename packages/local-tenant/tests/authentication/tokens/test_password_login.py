from concurrent.futures import ThreadPoolExecutor

import httpx
from gate import closed_gate
from local_tenant.testing import PASSWORD, Json, Person, TenantClient, expect, expect_error
from token_reader import client_id, read_token, userinfo_audience

REALM_GRANT = "http://auth0.com/oauth/grant-type/password-realm"
KEEPS_EVENT = (
    "exports.onExecutePostLogin = async (event, api) => "
    '{ api.user.setAppMetadata("event", JSON.parse(JSON.stringify({ ...event, secrets: undefined }))); };'
)


def event_of(person: Person, answer: httpx.Response) -> Json:
    """The event of the login with this response, as the Action `KEEPS_EVENT` stored it."""
    expect(answer, 200)
    event: Json = person.profile()["app_metadata"]["event"]
    return event


class TestTokens:
    def test_a_login_returns_tokens_for_the_requested_scopes(self, tenant: TenantClient, ada: Person) -> None:
        answer = expect(ada.log_in(scope="openid profile email offline_access"), 200)
        assert set(answer) == {"access_token", "id_token", "refresh_token", "scope", "expires_in", "token_type"}
        assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 86_400)
        assert answer["scope"] == "openid profile email offline_access"
        access = read_token(tenant, answer["access_token"], userinfo_audience(tenant))
        assert access["sub"] == ada.user_id
        assert access["azp"] == client_id(tenant)
        assert access["exp"] - access["iat"] == 86_400
        identity = read_token(tenant, answer["id_token"], client_id(tenant))
        assert identity["email"] == ada.email
        assert identity["email_verified"] is False
        assert identity["nickname"] == "ada"
        assert "amr" not in identity

    def test_id_token_needs_openid_and_refresh_token_needs_offline_access(self, ada: Person) -> None:
        answer = expect(ada.log_in(scope="profile"), 200)
        assert set(answer) == {"access_token", "scope", "expires_in", "token_type"}

    def test_a_login_without_a_scope_gets_those_of_openid_connect(self, ada: Person) -> None:
        assert expect(ada.log_in(), 200)["scope"] == "openid profile email address phone"

    def test_a_scope_that_no_api_has_is_left_out(self, ada: Person) -> None:
        assert expect(ada.log_in(scope="openid read:everything"), 200)["scope"] == "openid"

    def test_the_response_is_not_cached(self, ada: Person) -> None:
        assert ada.log_in().headers["cache-control"] == "no-store"

    def test_a_token_for_an_api_names_it_and_keeps_its_scopes(self, rotating_tenant: TenantClient) -> None:
        person = rotating_tenant.sign_up()
        answer = expect(person.log_in(audience="urn:api", scope="openid read:things"), 200)
        assert answer["scope"] == "openid read:things"
        claims = read_token(rotating_tenant, answer["access_token"], "urn:api")
        assert claims["aud"] == ["urn:api", userinfo_audience(rotating_tenant)]

    def test_an_unknown_audience_is_refused(self, ada: Person) -> None:
        expect_error(ada.log_in(audience="urn:other"), 403, "access_denied")

    def test_a_password_gives_no_management_token(self, tenant: TenantClient, ada: Person) -> None:
        expect_error(ada.log_in(audience=tenant.audience, scope="read:users"), 403, "access_denied")

    def test_an_access_token_of_a_user_is_no_management_token(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(
            'exports.onExecutePostLogin = async (e, api) => { api.accessToken.addScope("read:users"); };'
        )
        token = expect(ada.log_in(), 200)["access_token"]
        answer = tenant.http.get("/api/v2/users", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


class TestCredentials:
    def test_the_case_of_the_email_does_not_matter(self, ada: Person) -> None:
        expect(ada.token(grant_type="password", username=ada.email.upper(), password=PASSWORD), 200)

    def test_a_form_is_accepted_like_json(self, tenant: TenantClient, ada: Person) -> None:
        form = {"grant_type": "password", "username": ada.email, "password": PASSWORD, **ada.application}
        expect(tenant.http.post("/oauth/token", data=form), 200)

    def test_a_wrong_password_and_an_unknown_user_look_the_same(self, tenant: TenantClient, ada: Person) -> None:
        wrong = ada.token(grant_type="password", username=ada.email, password="Wrong-7-password")
        unknown = ada.token(grant_type="password", username="eve@example.com", password=PASSWORD)
        assert wrong.status_code == unknown.status_code == 403
        assert wrong.content == unknown.content
        expect_error(wrong, 403, "invalid_grant", "Wrong email or password.")
        assert tenant.log_types() == ["ss", "fp", "fu"]

    def test_a_password_that_is_not_text_counts_as_missing(self, ada: Person) -> None:
        answer = ada.token(grant_type="password", username=ada.email, password={"$ne": ""})
        expect_error(answer, 400, "invalid_request", "Missing required parameter: password")

    def test_a_client_without_its_secret_gets_nothing(self, tenant: TenantClient, ada: Person) -> None:
        body = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
        answer = tenant.http.post("/oauth/token", json={**body, "client_id": client_id(tenant)})
        expect_error(answer, 401, "access_denied")

    def test_a_client_that_may_not_use_the_grant_is_refused(self, tenant: TenantClient, ada: Person) -> None:
        body = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
        answer = tenant.http.post("/oauth/token", json={**body, **tenant.ready["management"]})
        expect_error(answer, 403, "unauthorized_client")

    def test_the_realm_names_the_connection(self, ada: Person) -> None:
        body = {"grant_type": REALM_GRANT, "username": ada.email, "password": PASSWORD}
        expect(ada.token(**body, realm="Username-Password-Authentication"), 200)
        expect_error(ada.token(**body, realm="employees"), 400, "invalid_request")
        expect_error(ada.token(**body), 400, "invalid_request", "Missing required parameter: realm")


class TestBlockedUsers:
    def test_a_blocked_user_gets_nothing_but_is_counted(self, tenant: TenantClient, ada: Person) -> None:
        tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True})
        expect_error(ada.log_in(), 401, "unauthorized", "user is blocked")
        assert ada.profile()["logins_count"] == 1
        assert tenant.log_types() == ["ss", "f"]

    def test_no_action_runs_for_a_blocked_user(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action('exports.onExecutePostLogin = async (e, api) => { api.user.setAppMetadata("a", 1); };')
        tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True})
        ada.log_in()
        assert "app_metadata" not in ada.profile()
        assert tenant.traces() == []

    def test_a_user_blocked_while_the_actions_run_gets_nothing(self, tenant: TenantClient, ada: Person) -> None:
        with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
            tenant.bind_action(
                f'exports.onExecutePostLogin = async (e, api) => {{ api.user.setAppMetadata("a", 1); {gate.stop} }};'
            )
            login = pool.submit(ada.log_in, scope="offline_access")
            gate.wait_for(1)
            expect(tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
            gate.open()
            expect_error(login.result(), 401, "unauthorized", "user is blocked")
        assert "app_metadata" not in ada.profile()
        assert tenant.log_types() == ["ss", "f"]


class TestEvent:
    def test_the_event_is_complete(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(KEEPS_EVENT)
        tenant.http.headers["Accept-Language"] = "de-DE,de;q=0.9"
        event = event_of(ada, ada.log_in(scope="openid offline_access", challengeRequired="true"))
        del tenant.http.headers["Accept-Language"]
        assert event["tenant"] == {"id": "local-tenant"}
        assert event["client"] == {"client_id": client_id(tenant), "name": "Application", "metadata": {}}
        assert event["connection"]["name"] == "Username-Password-Authentication"
        assert event["connection"]["strategy"] == "auth0"
        assert event["connection"]["id"].startswith("con_")
        assert event["stats"] == {"logins_count": 1}
        assert event["authorization"] == {"roles": []}
        assert [method["name"] for method in event["authentication"]["methods"]] == ["pwd"]
        assert event["transaction"] == {
            "acr_values": [],
            "locale": "de-DE",
            "metadata": {},
            "prompt": [],
            "protocol": "oauth2-password",
            "requested_scopes": ["openid", "offline_access"],
            "ui_locales": [],
        }
        request = event["request"]
        assert request["ip"] == "127.0.0.1"
        assert (request["method"], request["hostname"], request["language"]) == ("POST", "localhost", "de-DE")
        assert request["user_agent"].startswith("python-httpx")
        assert request["geoip"] == {}
        assert request["query"] == {}
        assert request["body"]["challengeRequired"] == "true"
        user = event["user"]
        assert user["user_id"] == ada.user_id
        assert user["email"] == ada.email
        assert user["email_verified"] is False
        assert user["app_metadata"] == user["user_metadata"] == {}
        assert user["enrolledFactors"] == user["multifactor"] == []
        assert user["identities"][0]["connection"] == "Username-Password-Authentication"
        assert user["identities"][0]["isSocial"] is False
        assert not {"session", "organization", "refresh_token", "resource_server"} & set(event)

    def test_credentials_never_reach_an_action(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(KEEPS_EVENT)
        sent = {"refresh_token": "r", "auth_session": "a", "otp": "1", "mfa_token": "m"}
        event = event_of(ada, ada.log_in(**sent, colour="blue"))
        assert event["request"]["body"] == {
            "grant_type": "password",
            "client_id": client_id(tenant),
            "username": ada.email,
            "colour": "blue",
        }
        assert PASSWORD not in str(event)
        assert tenant.ready["application"]["client_secret"] not in str(event)

    def test_the_event_names_the_api(self, rotating_tenant: TenantClient) -> None:
        rotating_tenant.bind_action(KEEPS_EVENT)
        person = rotating_tenant.sign_up()
        event = event_of(person, person.log_in(audience="urn:api"))
        assert event["resource_server"] == {"identifier": "urn:api"}


class TestClientIp:
    def test_a_trusted_client_names_the_users_ip(self, tenant: TenantClient, ada: Person) -> None:
        assert self.ip(tenant, ada, {"auth0-forwarded-for": "203.0.113.7, 10.0.0.1"}) == "203.0.113.7"

    def test_x_forwarded_for_is_ignored(self, tenant: TenantClient, ada: Person) -> None:
        assert self.ip(tenant, ada, {"x-forwarded-for": "203.0.113.7"}) == "127.0.0.1"

    def test_a_forwarded_text_that_is_not_an_address_is_ignored(self, tenant: TenantClient, ada: Person) -> None:
        assert self.ip(tenant, ada, {"auth0-forwarded-for": "nowhere"}) == "127.0.0.1"

    def test_an_ipv4_address_in_ipv6_form_is_that_ipv4_address(self, tenant: TenantClient, ada: Person) -> None:
        assert self.ip(tenant, ada, {"auth0-forwarded-for": "::ffff:203.0.113.7"}) == "203.0.113.7"

    def test_at_sign_up_no_forwarded_address_is_trusted(self, tenant: TenantClient) -> None:
        tenant.http.headers["auth0-forwarded-for"] = "203.0.113.7"
        try:
            tenant.sign_up()
        finally:
            del tenant.http.headers["auth0-forwarded-for"]
        assert tenant.api.get("/api/v2/logs").json()[0]["ip"] == "127.0.0.1"

    @staticmethod
    def ip(tenant: TenantClient, person: Person, headers: dict[str, str]) -> str:
        body = {"grant_type": "password", "username": person.email, "password": PASSWORD, **person.application}
        expect(tenant.http.post("/oauth/token", json=body, headers=headers), 200)
        ip = person.profile()["last_ip"]
        assert tenant.api.get("/api/v2/logs").json()[0]["ip"] == ip
        return str(ip)


class TestLoginsCount:
    def test_only_right_passwords_count_as_logins(self, ada: Person) -> None:
        expect(ada.log_in(), 200)
        ada.token(grant_type="password", username=ada.email, password="Wrong-7-password")
        expect(ada.log_in(), 200)
        profile = ada.profile()
        assert profile["logins_count"] == 2
        assert profile["last_ip"] == "127.0.0.1"
        assert profile["last_login"] > profile["created_at"]

    def test_an_action_sees_the_current_login_counted(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(KEEPS_EVENT)
        counts = [event_of(ada, ada.log_in())["stats"]["logins_count"] for _ in range(3)]
        assert counts == [1, 2, 3]

    def test_of_concurrent_logins_only_one_is_the_first(self, tenant: TenantClient, ada: Person) -> None:
        with ThreadPoolExecutor(6) as pool, closed_gate() as gate:
            tenant.bind_action(
                f"exports.onExecutePostLogin = async (event, api) => {{ {gate.stop} "
                'api.idToken.setCustomClaim("count", event.stats.logins_count); };'
            )
            logins = [pool.submit(ada.log_in, scope="openid") for _ in range(6)]
            gate.wait_for(6)
            gate.open()
            answers = [login.result() for login in logins]
        claims = [read_token(tenant, expect(a, 200)["id_token"], client_id(tenant))["count"] for a in answers]
        assert sorted(claims).count(1) == 1
        assert ada.profile()["logins_count"] == 6
