"""The single page application: it has no secret, so that its name must open nothing that a secret guards."""

import base64

import httpx
import pytest
from local_tenant.testing import PASSWORD, Json, Person, TenantClient, expect, expect_error
from local_tenant.testing.people import OOB_GRANT, OTP_GRANT, RECOVERY_GRANT, AuthenticatorApp
from local_tenant.testing.process import StartTenant
from login_browser import CALLBACK, VERIFIER, Browser

UNKNOWN = "Unknown or invalid refresh token."
REALM_GRANT = "http://auth0.com/oauth/grant-type/password-realm"


def client_id(tenant: TenantClient) -> str:
    return tenant.ready["single_page_application"]["client_id"]


def as_page(tenant: TenantClient, path: str = "/oauth/token", **content: object) -> httpx.Response:
    return tenant.http.post(path, json={"client_id": client_id(tenant), **content})


def log_in(person: Person) -> Json:
    """The tokens of a login in the browser, with a refresh token."""
    with Browser(person.tenant) as browser:
        visit = browser.log_in(person, client_id=client_id(person.tenant), scope="openid email offline_access")
        code = visit.callback["code"]
    return expect(redeem(person, code), 200)


def redeem(person: Person, code: str, verifier: str = VERIFIER) -> httpx.Response:
    return as_page(
        person.tenant, grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier
    )


def refresh(person: Person, token: str) -> httpx.Response:
    return as_page(person.tenant, grant_type="refresh_token", refresh_token=token)


class TestItsName:
    def test_its_id_has_auth0s_form_and_survives_a_restart(self, fresh_tenant: StartTenant) -> None:
        with fresh_tenant() as first:
            known = first.ready["single_page_application"]["client_id"]
        assert len(known) == 32
        assert known.isalnum()
        with fresh_tenant() as again:
            assert again.ready["single_page_application"] == {"client_id": known}
            assert again.ready["application"] == first.ready["application"]

    def test_its_id_survives_a_reset(self, tenant: TenantClient) -> None:
        ada = tenant.sign_up()
        tenant.reset()
        expect_error(refresh(ada, "never given"), 403, "invalid_grant", UNKNOWN)


class TestItsGrants:
    def test_a_code_and_its_verifier_are_enough(self, ada: Person) -> None:
        tokens = log_in(ada)
        assert set(tokens) == {"access_token", "id_token", "refresh_token", "scope", "expires_in", "token_type"}
        assert ada.tenant.log_types()[-1] == "seacft"

    def test_without_pkce_no_login_begins(self, ada: Person) -> None:
        with Browser(ada.tenant) as browser:
            visit = browser.authorize(client_id=client_id(ada.tenant), code_challenge=None, code_challenge_method=None)
        assert visit.callback["error"] == "invalid_request"
        assert visit.callback["error_description"] == "Missing required parameter: code_challenge"

    def test_a_code_without_its_verifier_is_invalid(self, ada: Person) -> None:
        with Browser(ada.tenant) as browser:
            code = browser.log_in(ada, client_id=client_id(ada.tenant)).callback["code"]
        expect_error(redeem(ada, code, verifier=VERIFIER[:-1] + "x"), 403, "invalid_grant")

    def test_the_code_of_another_application_is_refused(self, ada: Person) -> None:
        """A code stolen from an application with a secret cannot be redeemed as the single-page application's."""
        with Browser(ada.tenant) as browser:
            code = browser.log_in(ada).callback["code"]
        expect_error(redeem(ada, code), 403, "invalid_grant", "Invalid authorization code")

    @pytest.mark.parametrize(
        ("grant_type", "name", "more"),
        [
            ("password", "password", {"username": "ada@example.com", "password": PASSWORD}),
            (
                REALM_GRANT,
                "password-realm",
                {"username": "ada@example.com", "password": PASSWORD, "realm": "Username-Password-Authentication"},
            ),
        ],
    )
    def test_the_password_grants_are_refused(
        self, ada: Person, grant_type: str, name: str, more: dict[str, str]
    ) -> None:
        answer = as_page(ada.tenant, grant_type=grant_type, **more)
        expect_error(answer, 403, "unauthorized_client", f"Grant type '{name}' not allowed for the client.")
        assert ada.tenant.log_types() == ["ss"]

    def test_a_challenged_user_enrols_and_passes_in_the_application(self, ada: Person) -> None:
        refresh_token = log_in(ada)["refresh_token"]
        ada.tenant.bind_action()
        challenged = refresh(ada, refresh_token)
        expect_error(challenged, 403, "mfa_required")
        mfa_token = challenged.json()["mfa_token"]
        association = expect(ada.associate(mfa_token), 200)
        code = AuthenticatorApp(ada.tenant, association["secret"]).code()
        tokens = expect(as_page(ada.tenant, grant_type=OTP_GRANT, mfa_token=mfa_token, otp=code), 200)
        mfa_token = refresh(ada, tokens["refresh_token"]).json()["mfa_token"]
        recovery = {"mfa_token": mfa_token, "recovery_code": association["recovery_codes"][0]}
        assert expect(as_page(ada.tenant, grant_type=RECOVERY_GRANT, **recovery), 200)["recovery_code"]

    def test_there_is_no_token_for_an_api_without_a_user(self, tenant: TenantClient) -> None:
        for audience in (tenant.audience, f"{tenant.url}/userinfo"):
            answer = as_page(tenant, grant_type="client_credentials", audience=audience)
            assert answer.status_code == 403, answer.text
        expect_error(answer, 403, "access_denied")
        expect_error(as_page(tenant, grant_type=OOB_GRANT), 403, "not_built_locally")


class TestItsSecret:
    @pytest.mark.parametrize("secret", ["x", "0", "null", 0, False, [], {}, " "])
    def test_a_secret_in_the_body_is_wrong(self, tenant: TenantClient, secret: object) -> None:
        for path in ("/oauth/token", "/oauth/revoke", "/mfa/challenge"):
            content = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x", "mfa_token": "x"}
            expect_error(as_page(tenant, path, **content, client_secret=secret), 401, "access_denied", "Unauthorized")

    def test_a_secret_by_http_basic_is_wrong(self, tenant: TenantClient) -> None:
        for secret, status in (("x", 401), ("", 403)):
            encoded = base64.b64encode(f"{client_id(tenant)}:{secret}".encode()).decode()
            answer = tenant.http.post(
                "/oauth/token",
                json={"grant_type": "refresh_token", "refresh_token": "never given"},
                headers={"Authorization": f"Basic {encoded}"},
            )
            assert answer.status_code == status, answer.text

    @pytest.mark.parametrize("secret", [None, "", 0, False, []])
    def test_an_application_with_a_secret_needs_it(self, ada: Person, secret: object) -> None:
        expect_error(ada.log_in(client_secret=secret), 401, "access_denied", "Unauthorized")


class TestItsRefreshTokens:
    def test_they_rotate_even_if_those_of_the_application_do_not(self, ada: Person) -> None:
        first = log_in(ada)["refresh_token"]
        second = expect(refresh(ada, first), 200)["refresh_token"]
        third = expect(refresh(ada, second), 200)["refresh_token"]
        assert len({first, second, third}) == 3
        own = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
        assert "refresh_token" not in expect(ada.token(grant_type="refresh_token", refresh_token=own), 200)

    def test_reuse_ends_the_family(self, ada: Person) -> None:
        first = log_in(ada)["refresh_token"]
        second = expect(refresh(ada, first), 200)["refresh_token"]
        expect_error(refresh(ada, first), 403, "invalid_grant", UNKNOWN)
        expect_error(refresh(ada, second), 403, "invalid_grant", UNKNOWN)
        assert "ferrt" in ada.tenant.log_types()

    def test_actions_see_that_they_rotate(self, ada: Person) -> None:
        first = log_in(ada)["refresh_token"]
        ada.tenant.bind_action(
            "exports.onExecutePostLogin = async (event, api) => {"
            " api.user.setAppMetadata('rotating', event.refresh_token.rotating); };"
        )
        expect(refresh(ada, first), 200)
        assert ada.profile()["app_metadata"] == {"rotating": True}

    def test_it_can_revoke_its_own_tokens_only(self, ada: Person) -> None:
        own = log_in(ada)["refresh_token"]
        others = expect(ada.log_in(scope="openid offline_access"), 200)["refresh_token"]
        for token in (own, others):
            assert as_page(ada.tenant, "/oauth/revoke", token=token).status_code == 200
        expect_error(refresh(ada, own), 403, "invalid_grant", UNKNOWN)
        expect(ada.token(grant_type="refresh_token", refresh_token=others), 200)


class TestItsWord:
    def test_a_forwarded_ip_of_a_public_client_is_ignored(self, ada: Person) -> None:
        token = log_in(ada)["refresh_token"]
        content = {"client_id": client_id(ada.tenant), "grant_type": "refresh_token", "refresh_token": token}
        named = {"auth0-forwarded-for": "203.0.113.7", "x-forwarded-for": "203.0.113.7"}
        expect(ada.tenant.http.post("/oauth/token", json=content, headers=named), 200)
        newest = ada.tenant.api.get("/api/v2/logs", params={"per_page": 1}).json()[0]
        assert newest["type"] == "sertft"
        assert newest["ip"] in ("127.0.0.1", "::1")

    def test_the_mfa_token_of_another_application_is_refused(self, ada: Person) -> None:
        ada.tenant.bind_action()
        ada.enrol()
        answer = as_page(ada.tenant, "/mfa/challenge", mfa_token=ada.mfa_token())
        expect_error(answer, 403, "invalid_grant", "Malformed mfa_token")
