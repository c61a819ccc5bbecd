"""Codes and mfa_tokens are bound to their application: a tenant with a second one and with one that has no secret."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from local_tenant.scopes import ALL_SCOPES
from local_tenant.store import clients
from local_tenant.store.clients import Client
from local_tenant.store.database import Database
from local_tenant.tenant import APPLICATION_GRANT_TYPES
from local_tenant.testing import Person, TenantClient, TenantProcess, expect, expect_error
from local_tenant.testing.people import OTP_GRANT, RECOVERY_GRANT
from login_browser import CALLBACK, VERIFIER, Browser, redeem

SECOND = Client("second-application", "its-secret", "Second", APPLICATION_GRANT_TYPES)
# Granted all that there is: what keeps it out must be that it has no secret.
PUBLIC = Client(
    "public-application",
    "",
    "Public",
    APPLICATION_GRANT_TYPES | {"client_credentials"},
    ALL_SCOPES,
    trusts_forwarded_ip=True,
)


@pytest.fixture(scope="module")
def with_three_clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantClient]:
    """A tenant that has two more applications from its first start on."""
    data = tmp_path_factory.mktemp("three-clients") / "data"
    data.mkdir()

    def add(connection: sqlite3.Connection) -> None:
        clients.put(connection, SECOND)
        clients.put(connection, PUBLIC)

    with closing(Database(data / "tenant.sqlite3")) as database:
        asyncio.run(database.write(add))
    with TenantProcess(data) as process, TenantClient(process.ready) as tenant:
        yield tenant


@pytest.fixture
def tenant(with_three_clients: TenantClient) -> TenantClient:
    """The same, emptied for this test."""
    with_three_clients.reset()
    return with_three_clients


def as_second(person: Person, **parameters: str) -> httpx.Response:
    credentials = {"client_id": SECOND.client_id, "client_secret": SECOND.client_secret}
    return person.tenant.http.post("/oauth/token", json={**credentials, **parameters})


def test_another_application_cannot_use_a_code_or_use_it_up(ada: Person) -> None:
    with Browser(ada.tenant) as browser:
        code = browser.log_in(ada).answered["code"]
    answer = as_second(
        ada,
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        code_verifier=VERIFIER,
    )
    expect_error(answer, 403, "invalid_grant", "Invalid authorization code")
    expect(redeem(ada, code), 200)


def test_another_application_cannot_use_an_mfa_token(ada: Person) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    token = ada.mfa_token()
    code = enrolled.app.next_code()
    expect_error(
        as_second(ada, grant_type=OTP_GRANT, mfa_token=token, otp=code), 403, "invalid_grant", "Malformed mfa_token"
    )
    answer = as_second(ada, grant_type=RECOVERY_GRANT, mfa_token=token, recovery_code=enrolled.recovery_code)
    expect_error(answer, 403, "invalid_grant", "Malformed mfa_token")
    expect(ada.prove(token, code), 200)


def test_a_public_application_needs_only_pkce(ada: Person) -> None:
    with Browser(ada.tenant) as browser:
        without = browser.authorize(client_id=PUBLIC.client_id, code_challenge=None, code_challenge_method=None)
        assert without.answered["error"] == "invalid_request"
        code = browser.log_in(ada, client_id=PUBLIC.client_id).answered["code"]
    body = {
        "grant_type": "authorization_code",
        "client_id": PUBLIC.client_id,
        "code": code,
        "redirect_uri": CALLBACK,
    }
    wrong = ada.tenant.http.post("/oauth/token", json={**body, "code_verifier": VERIFIER + "x"})
    expect_error(wrong, 403, "invalid_grant", "Failed to verify code verifier")
    expect(ada.tenant.http.post("/oauth/token", json={**body, "code_verifier": VERIFIER}), 200)


def test_a_secret_of_a_public_application_is_wrong(ada: Person) -> None:
    body = {"grant_type": "authorization_code", "client_id": PUBLIC.client_id, "client_secret": "x", "code": "y"}
    expect_error(ada.tenant.http.post("/oauth/token", json=body), 401, "access_denied")


def test_a_public_application_gets_no_management_token_despite_its_scopes(ada: Person) -> None:
    body = {"grant_type": "client_credentials", "client_id": PUBLIC.client_id, "audience": ada.tenant.audience}
    answer = ada.tenant.http.post("/oauth/token", json=body)
    expect_error(answer, 403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
