from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gate import closed_gate
from local_tenant.store.refresh_tokens import MOST_PER_USER_AND_CLIENT
from local_tenant.testing import AuthenticatorApp, Json, Person, TenantClient, expect, expect_error
from token_reader import client_id, read_token
from transactions.test_login_flow import post_login

UNKNOWN = "Unknown or invalid refresh token."
DAYS = 86_400


@pytest.fixture
def rotating(rotating_tenant: TenantClient) -> Person:
    return rotating_tenant.sign_up()


def log_in(person: Person, scope: str = "openid email offline_access") -> Json:
    return expect(person.log_in(scope=scope), 200)


def refresh(person: Person, token: str, **parameters: str) -> httpx.Response:
    return person.token(grant_type="refresh_token", refresh_token=token, **parameters)


class TestWithoutRotation:
    def test_a_refresh_returns_new_tokens_and_the_token_stays_valid(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        for _ in range(2):
            answer = expect(refresh(ada, token), 200)
            assert set(answer) == {"access_token", "id_token", "scope", "expires_in", "token_type"}
            assert answer["scope"] == "openid email offline_access"
            assert read_token(tenant, answer["id_token"], client_id(tenant))["sub"] == ada.user_id
        assert tenant.log_types() == ["ss", "s", "sepft", "sertft", "sertft"]

    def test_fewer_scopes_can_be_requested_but_not_more(self, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        assert expect(refresh(ada, token, scope="openid profile"), 200)["scope"] == "openid"
        assert expect(refresh(ada, token), 200)["scope"] == "openid email offline_access"

    def test_a_refresh_is_no_login(self, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        before = ada.profile()
        expect(refresh(ada, token), 200)
        assert ada.profile() == before

    def test_actions_see_a_refresh_and_their_writes_are_stored(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => "
            '{ api.user.setAppMetadata("event", JSON.parse(JSON.stringify({ ...event, secrets: undefined }))); };'
        )
        expect(refresh(ada, token, challengeRequired="true"), 200)
        event = ada.profile()["app_metadata"]["event"]
        assert event["transaction"]["protocol"] == "oauth2-refresh-token"
        assert event["transaction"]["requested_scopes"] == ["openid", "email", "offline_access"]
        assert event["stats"] == {"logins_count": 1}
        assert event["request"]["body"] == {
            "grant_type": "refresh_token",
            "client_id": client_id(tenant),
            "challengeRequired": "true",
        }
        assert [method["name"] for method in event["authentication"]["methods"]] == ["pwd"]
        stored = event["refresh_token"]
        assert stored["client_id"] == client_id(tenant)
        assert stored["rotating"] is False
        assert stored["device"]["initial_ip"] == "127.0.0.1"
        assert token not in str(event)

    @pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
    def test_a_token_that_was_never_issued_is_refused(self, ada: Person, token: str) -> None:
        expect_error(refresh(ada, token), 403, "invalid_grant", "Unknown or invalid refresh token.")

    def test_an_empty_token_counts_as_missing(self, ada: Person) -> None:
        expect_error(refresh(ada, ""), 400, "invalid_request", "Missing required parameter: refresh_token")

    def test_another_clients_token_is_refused(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        body = {"grant_type": "refresh_token", "refresh_token": token, **tenant.ready["management"]}
        assert tenant.http.post("/oauth/token", json=body).status_code == 403

    def test_a_blocked_or_deleted_user_gets_nothing(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True})
        expect_error(refresh(ada, token), 403, "invalid_grant", "user is blocked")
        assert tenant.log_types()[-1] == "fertft"
        tenant.api.delete(f"/api/v2/users/{ada.user_id}")
        expect_error(refresh(ada, token), 403, "invalid_grant", UNKNOWN)

    def test_an_action_that_denies_a_refresh_leaves_the_token(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action('exports.onExecutePostLogin = async (e, api) => { api.access.deny("not now"); };')
        expect_error(refresh(ada, token), 500, "access_denied", "not now")
        tenant.bind("post-login", [])
        expect(refresh(ada, token), 200)

    def test_an_action_can_revoke_the_token(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action('exports.onExecutePostLogin = async (e, api) => { api.refreshToken.revoke("gone"); };')
        expect_error(refresh(ada, token), 403, "invalid_grant", "gone")
        tenant.bind("post-login", [])
        expect_error(refresh(ada, token), 403, "invalid_grant", UNKNOWN)

    def test_an_action_can_shorten_the_life_of_the_token(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => "
            "{ api.refreshToken.setExpiresAt(Date.parse(event.refresh_token.created_at) + 3600_000); };"
        )
        expect(refresh(ada, token), 200)
        tenant.bind("post-login", [])
        tenant.advance_clock(3500)
        expect(refresh(ada, token), 200)
        tenant.advance_clock(200)
        expect_error(refresh(ada, token), 403, "invalid_grant", UNKNOWN)

    def test_metadata_of_the_token_is_stored_with_it(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => { "
            'api.user.setUserMetadata("seen", event.refresh_token.metadata.device ?? "nothing"); '
            'api.refreshToken.setMetadata("device", "phone"); };'
        )
        for device in ("nothing", "phone"):
            expect(refresh(ada, token), 200)
            assert ada.profile()["user_metadata"] == {"seen": device}

    def test_metadata_set_at_the_login_is_that_of_the_token_it_gives(self, tenant: TenantClient, ada: Person) -> None:
        tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => { "
            'api.user.setUserMetadata("seen", event.refresh_token ? event.refresh_token.metadata : null); '
            'if (event.refresh_token) api.refreshToken.deleteMetadata("device"); '
            'else api.refreshToken.setMetadata("device", "phone"); };'
        )
        token = log_in(ada)["refresh_token"]
        for body in ({"device": "phone"}, {}):
            token = expect(refresh(ada, token), 200).get("refresh_token", token)
            assert ada.profile()["user_metadata"] == {"seen": body}

    def test_a_challenged_refresh_leaves_the_token_valid(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.bind_action('exports.onExecutePostLogin = async (e, api) => { api.multifactor.enable("any"); };')
        answer = expect(refresh(ada, token), 403)
        assert answer["error"] == "mfa_required"
        tenant.bind("post-login", [])
        expect(refresh(ada, token), 200)

    def test_beyond_two_hundred_tokens_the_oldest_is_deleted(self, ada: Person) -> None:
        first = log_in(ada, "offline_access")["refresh_token"]
        for _ in range(199):
            log_in(ada, "offline_access")
        expect(refresh(ada, first), 200)
        log_in(ada, "offline_access")
        expect_error(refresh(ada, first), 403, "invalid_grant", UNKNOWN)


class TestRotation:
    def test_each_exchange_replaces_the_token(self, rotating: Person) -> None:
        token = log_in(rotating)["refresh_token"]
        tokens = {token}
        for _ in range(3):
            token = expect(refresh(rotating, token), 200)["refresh_token"]
            assert token not in tokens
            tokens.add(token)

    def test_reuse_ends_the_whole_family(self, rotating_tenant: TenantClient, rotating: Person) -> None:
        first = log_in(rotating)["refresh_token"]
        other_login = log_in(rotating)["refresh_token"]
        second = expect(refresh(rotating, first), 200)["refresh_token"]
        third = expect(refresh(rotating, second), 200)["refresh_token"]
        expect_error(refresh(rotating, first), 403, "invalid_grant", UNKNOWN)
        expect_error(refresh(rotating, third), 403, "invalid_grant", UNKNOWN)
        assert "ferrt" in rotating_tenant.log_types()
        expect(refresh(rotating, other_login), 200)

    def test_of_concurrent_exchanges_one_succeeds_and_the_family_ends(
        self, rotating_tenant: TenantClient, rotating: Person
    ) -> None:
        token = log_in(rotating)["refresh_token"]
        with ThreadPoolExecutor(4) as pool, closed_gate() as gate:
            rotating_tenant.bind_action(f"exports.onExecutePostLogin = async () => {{ {gate.stop} }};")
            exchanges = [pool.submit(refresh, rotating, token) for _ in range(4)]
            gate.wait_for(4)
            gate.open()
            answers = [exchange.result() for exchange in exchanges]
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]
        winner = next(answer for answer in answers if answer.status_code == 200)
        expect_error(refresh(rotating, winner.json()["refresh_token"]), 403, "invalid_grant", UNKNOWN)

    def test_a_token_expires_fifteen_days_after_its_last_use(
        self, rotating_tenant: TenantClient, rotating: Person
    ) -> None:
        token = log_in(rotating)["refresh_token"]
        rotating_tenant.advance_clock(14 * DAYS)
        token = expect(refresh(rotating, token), 200)["refresh_token"]
        rotating_tenant.advance_clock(15 * DAYS)
        expect_error(refresh(rotating, token), 403, "invalid_grant", UNKNOWN)

    def test_no_family_lives_longer_than_thirty_days(self, rotating_tenant: TenantClient, rotating: Person) -> None:
        token = log_in(rotating)["refresh_token"]
        for _ in range(2):
            rotating_tenant.advance_clock(14 * DAYS)
            token = expect(refresh(rotating, token), 200)["refresh_token"]
        rotating_tenant.advance_clock(3 * DAYS)
        expect_error(refresh(rotating, token), 403, "invalid_grant", UNKNOWN)

    def test_a_challenged_refresh_rotates_only_once_the_challenge_is_answered(
        self, rotating_tenant: TenantClient, rotating: Person
    ) -> None:
        token = log_in(rotating)["refresh_token"]
        rotating_tenant.bind_action(
            'exports.onExecutePostLogin = async (e, api) => { api.multifactor.enable("any"); };'
        )
        mfa_token = expect(refresh(rotating, token), 403)["mfa_token"]
        rotated = rotating.enrol(mfa_token).tokens["refresh_token"]
        rotating_tenant.bind("post-login", [])
        expect(refresh(rotating, rotated), 200)
        expect_error(refresh(rotating, token), 403, "invalid_grant", UNKNOWN)


class TestRevocation:
    def revoke(self, person: Person, **body: str) -> httpx.Response:
        return person.tenant.http.post("/oauth/revoke", json={**person.application, **body})

    def test_a_revoked_token_is_invalid(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        answer = self.revoke(ada, token=token)
        assert (answer.status_code, answer.content) == (200, b"")
        expect_error(refresh(ada, token), 403, "invalid_grant", UNKNOWN)
        assert tenant.log_types()[-1] == "srrt"

    def test_revoking_a_token_revokes_its_family(self, rotating: Person) -> None:
        first = log_in(rotating)["refresh_token"]
        second = expect(refresh(rotating, first), 200)["refresh_token"]
        assert self.revoke(rotating, token=first).status_code == 200
        expect_error(refresh(rotating, second), 403, "invalid_grant", UNKNOWN)

    def test_revoking_an_unknown_token_is_no_error(self, ada: Person) -> None:
        assert self.revoke(ada, token="never given").status_code == 200

    def test_it_needs_the_clients_secret_and_a_token(self, ada: Person) -> None:
        expect_error(self.revoke(ada), 400, "invalid_request")
        expect_error(self.revoke(ada, token="x", client_secret="wrong"), 401, "access_denied")

    def test_another_client_cannot_revoke_it(self, tenant: TenantClient, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        tenant.http.post("/oauth/revoke", json={**tenant.ready["management"], "token": token})
        expect(refresh(ada, token), 200)


def test_reuse_detected_after_a_challenge_ends_the_family(rotating_tenant: TenantClient, rotating: Person) -> None:
    token = log_in(rotating)["refresh_token"]
    rotating_tenant.bind_action(post_login('api.multifactor.enable("any");'))
    mfa_token = expect(refresh(rotating, token), 403)["mfa_token"]
    rotating_tenant.bind("post-login", [])
    newest = expect(refresh(rotating, token), 200)["refresh_token"]
    app = AuthenticatorApp(rotating_tenant, expect(rotating.associate(mfa_token), 200)["secret"])
    expect_error(rotating.prove(mfa_token, app.code()), 403, "invalid_grant", UNKNOWN)
    expect_error(refresh(rotating, newest), 403, "invalid_grant", UNKNOWN)
    assert rotating_tenant.log_types().count("ferrt") == 1


def test_rotations_of_one_device_leave_the_token_of_another(rotating: Person) -> None:
    other = log_in(rotating)["refresh_token"]
    token = log_in(rotating)["refresh_token"]
    for _ in range(MOST_PER_USER_AND_CLIENT):
        token = expect(refresh(rotating, token), 200)["refresh_token"]
    expect(refresh(rotating, other), 200)
    expect(refresh(rotating, token), 200)
