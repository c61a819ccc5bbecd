"""`local-tenant applications` shows and changes what an application may do."""

import json
from functools import partial

import pytest
from cli.command import Run
from local_tenant.testing import PASSWORD, TenantClient, expect, expect_error
from server.test_options import local_tenant as run_local_tenant

LONG = "http://auth0.com/oauth/grant-type/"


@pytest.fixture
def local_tenant(tenant: TenantClient) -> Run:
    """Runs a command line against the session's tenant, in a process of its own."""
    return partial(run_local_tenant, tenant.data)


def test_the_applications_are_shown_with_grants_and_callbacks(tenant: TenantClient, local_tenant: Run) -> None:
    client = tenant.create_client("Shop", callbacks=["http://localhost:3000/cb"], grant_types=["password"])
    shown = local_tenant("applications").stdout
    assert (
        f"Shop (no kind, with a secret)\n  client_id  {client['client_id']}\n"
        "  grants     password\n  callbacks  http://localhost:3000/cb\n"
    ) in shown
    assert "Single page application (spa, no secret)" in shown
    assert shown.count("any address on loopback") == 3
    assert max(map(len, shown.splitlines())) <= 80
    assert json.loads(local_tenant("applications", "Shop", "--json").stdout) == [client]


def test_an_application_is_changed_and_its_next_login_obeys(tenant: TenantClient, local_tenant: Run) -> None:
    ada, client_id = tenant.sign_up(), tenant.ready["application"]["client_id"]
    expect(ada.log_in(), 200)
    changed = local_tenant("applications", "Application", "--grants", "authorization_code, mfa-otp", "--callbacks", "")
    assert "grants     authorization_code, mfa-otp\n  callbacks  none" in changed.stdout
    expect_error(ada.log_in(), 403, "unauthorized_client")
    stored = expect(tenant.api.get(f"/api/v2/clients/{client_id}"), 200)
    assert (stored["grant_types"], stored["callbacks"]) == (["authorization_code", LONG + "mfa-otp"], [])


def test_the_kind_decides_whether_it_has_a_secret(tenant: TenantClient, local_tenant: Run) -> None:
    client = tenant.create_client("Shop", grant_types=["password"])
    ada = tenant.sign_up()
    login = {"grant_type": "password", "username": ada.email, "password": PASSWORD, "client_id": client["client_id"]}
    expect_error(tenant.http.post("/oauth/token", json=login), 401, "access_denied")
    assert "Shop (spa, no secret)" in local_tenant("applications", client["client_id"], "--kind", "spa").stdout
    expect(tenant.http.post("/oauth/token", json=login), 200)


def test_mistakes_are_named_and_nothing_is_changed(tenant: TenantClient, local_tenant: Run) -> None:
    for _ in range(2):
        tenant.create_client("Twice")
    for arguments, says in (
        (("odd",), "no application is called 'odd': Management client, Application"),
        (("Twice",), "2 applications are called 'Twice'"),
        (("--grants", "password"), "name the application to change"),
        (("Management client", "--grants", "password"), "'Management client' stays as it is"),
    ):
        refused = local_tenant("applications", *arguments)
        assert refused.returncode != 0
        assert says in refused.stderr
