"""Which tenant and which credentials, read as the provider reads them; and the errors of the API."""

import httpx
import pytest
from auth0.management.core.api_error import ApiError

from operations.errors import OperationsError
from operations.tenant import Connection, connection_of
from operations.tenant.failures import explained_errors

ENVIRON = {"AUTH0_DOMAIN": "a.us.auth0.com", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "secret"}


def test_the_config_comes_before_the_environment() -> None:
    config = {"auth0:domain": "b.us.auth0.com", "auth0:clientId": "theirs", "auth0:audience": "https://c/"}
    assert connection_of(config, ENVIRON) == Connection("b.us.auth0.com", "https://c/", "theirs", "secret")


def test_a_token_replaces_the_credentials() -> None:
    connection = connection_of({}, {"AUTH0_DOMAIN": "a.us.auth0.com", "AUTH0_API_TOKEN": "token"})
    assert connection.api_token == "token"


def test_a_private_key_replaces_the_secret_and_needs_its_algorithm() -> None:
    environ = {
        "AUTH0_DOMAIN": "a.us.auth0.com",
        "AUTH0_CLIENT_ID": "id",
        "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": "key",
        "AUTH0_CLIENT_ASSERTION_SIGNING_ALG": "RS256",
    }
    connection = connection_of({"auth0:clientAssertionPrivateKey": "theirs"}, environ)
    assert (connection.private_key, connection.signing_alg) == ("theirs", "RS256")
    assert "theirs" not in repr(connection)

    del environ["AUTH0_CLIENT_ASSERTION_SIGNING_ALG"]
    with pytest.raises(OperationsError, match="not set: AUTH0_CLIENT_ASSERTION_SIGNING_ALG"):
        connection_of({}, environ)


def test_every_setting_that_is_missing_is_named() -> None:
    with pytest.raises(OperationsError, match="not set: AUTH0_DOMAIN, AUTH0_CLIENT_SECRET"):
        connection_of({}, {"AUTH0_CLIENT_ID": "id", "AUTH0_DOMAIN": ""})


def test_no_credential_is_shown() -> None:
    assert "secret" not in repr(connection_of({}, ENVIRON)).replace("client_secret", "")


def refused(status: int, message: str) -> OperationsError:
    with (
        pytest.raises(OperationsError) as raised,
        explained_errors("a.us.auth0.com", "reading the Actions", "read:actions"),
    ):
        raise ApiError(status_code=status, body={"message": message})
    return raised.value


def test_a_missing_scope_is_named_as_auth0_names_it_or_as_the_docs_do() -> None:
    error = refused(403, "Insufficient scope, expected any of: read:actions,read:triggers")
    assert "the scope read:actions or read:triggers of the Auth0 Management API" in error.fix
    assert "the scope read:actions of" in refused(403, "Insufficient scope").fix


def test_a_rate_limit_and_an_old_token_say_what_to_do() -> None:
    assert "wait a minute" in refused(429, "Global limit has been reached").fix
    assert "AUTH0_API_TOKEN may have expired" in refused(401, "Expired token").fix


def test_a_malformed_token_is_said_to_be_one() -> None:
    assert "AUTH0_API_TOKEN is not an access token" in refused(400, "Bad HTTP authentication header format").fix
    assert "AUTH0_API_TOKEN" not in refused(400, "Payload validation error").fix


def test_wrong_credentials_and_a_missing_grant_have_different_fixes() -> None:
    def token(status: int, error: str) -> OperationsError:
        request = httpx.Request("POST", "https://a.us.auth0.com/oauth/token")
        answer = httpx.Response(status, json={"error": error, "error_description": "why"}, request=request)
        with pytest.raises(OperationsError) as raised, explained_errors("a.us.auth0.com", "reading", "read:actions"):
            answer.raise_for_status()
        return raised.value

    assert "check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET" in token(401, "access_denied").fix
    assert "authorize the application (AUTH0_CLIENT_ID)" in token(403, "access_denied").fix


def test_a_certificate_that_is_not_trusted_leads_to_the_local_tenants_variables() -> None:
    with (
        pytest.raises(OperationsError, match="is not trusted") as raised,
        explained_errors("localhost:1", "reading", "x"),
    ):
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    assert "SSL_CERT_FILE" in raised.value.fix
