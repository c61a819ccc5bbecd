"""A Pulumi program of applications and APIs, deployed by the real engine and provider: logins obey what it says."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_tenant.testing import PASSWORD, Json, TenantClient, TenantProcess, expect, expect_error

from tests.project import ROOT, Project

API = "https://api.example.com"
PROGRAM = """\
import pulumi
import pulumi_auth0 as auth0

api = auth0.ResourceServer("api", identifier="https://api.example.com", name="Things", token_lifetime=600,
    allow_offline_access=True)
scopes = auth0.ResourceServerScopes("scopes", resource_server_identifier=api.identifier, scopes=[
    {"name": "read:things", "description": "Read"}, {"name": "write:things", "description": "Write"}])
web = auth0.Client("web", name="Web", app_type="regular_web", oidc_conformant=True,
    callbacks=["https://app.example.com/cb"],
    allowed_logout_urls=["https://app.example.com"], web_origins=["https://app.example.com"],
    grant_types=["authorization_code", "refresh_token", "password"], client_metadata={"team": "a"},
    jwt_configuration={"alg": "RS256", "lifetime_in_seconds": 120},
    refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 5, "token_lifetime": 1000,
        "idle_token_lifetime": 500, "infinite_token_lifetime": False, "infinite_idle_token_lifetime": False})
credentials = auth0.ClientCredentials("credentials", client_id=web.client_id,
    authentication_method="client_secret_post")
spa = auth0.Client("spa", name="Pages", app_type="spa", callbacks=["http://localhost:3000"])
auth0.ClientCredentials("no secret", client_id=spa.client_id, authentication_method="none")
machine = auth0.Client("machine", name="Machine", app_type="non_interactive", grant_types=["client_credentials"])
secret = auth0.ClientCredentials("machine secret", client_id=machine.client_id,
    authentication_method="client_secret_post")
auth0.ClientGrant("grant", client_id=machine.client_id, audience=api.identifier, scopes=["read:things"],
    opts=pulumi.ResourceOptions(depends_on=[scopes]))
pulumi.export("web", {"client_id": web.client_id, "client_secret": credentials.client_secret})
pulumi.export("spa", {"client_id": spa.client_id})
pulumi.export("machine", {"client_id": machine.client_id, "client_secret": secret.client_secret})
"""


@pytest.fixture
def project(tmp_path: Path, engine_environment: dict[str, str]) -> Iterator[tuple[Project, TenantClient]]:
    folder = tmp_path / "applications"
    folder.mkdir()
    shutil.copy2(ROOT / "Pulumi.yaml", folder)
    text = (folder / "Pulumi.yaml").read_text().partition("config:")[0]
    (folder / "Pulumi.yaml").write_text(text)
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (tmp_path / "state").mkdir()
    state = {
        "PULUMI_BACKEND_URL": f"{(tmp_path / 'state').as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "tests",
    }
    with TenantProcess(tmp_path / "data") as process, TenantClient(process.ready) as tenant:
        project = Project(folder, "local", {**engine_environment, **tenant.environment(), **state})
        project.create_stack()
        yield project, tenant
        project.stop()


def outputs(project: Project) -> Json:
    project.up()
    text = project.run("stack", "output", "--json", "--show-secrets").stdout
    content: Json = json.loads(text)
    return content


def token(tenant: TenantClient, client: Json, **parameters: str) -> Json:
    return expect(tenant.http.post("/oauth/token", json={**client, **parameters}), 200)


def test_logins_obey_the_applications_and_apis_of_a_program(project: tuple[Project, TenantClient]) -> None:
    program, tenant = project
    applications = outputs(program)
    web, machine = applications["web"], applications["machine"]
    ada = tenant.sign_up()
    password = {"grant_type": "password", "username": ada.email, "password": PASSWORD}

    tokens = token(tenant, web, **password, audience=API, scope="openid offline_access write:things delete:things")
    assert (tokens["scope"], tokens["expires_in"]) == ("openid offline_access write:things", 600)
    exchange = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert token(tenant, web, **exchange)["refresh_token"] != tokens["refresh_token"]
    assert token(tenant, machine, grant_type="client_credentials", audience=API)["scope"] == "read:things"
    refused = tenant.http.post("/oauth/token", json={**machine, **password})
    expect_error(refused, 403, "unauthorized_client")
    assert authorize(tenant, web, "https://app.example.com/cb") == 302
    assert authorize(tenant, web, "http://localhost:3000") == 403
    assert tenant.api.get(f"/api/v2/clients/{applications['spa']['client_id']}").json()["grant_types"] == [
        "authorization_code",
        "implicit",
        "refresh_token",
    ]

    # What the provider reads is what it wrote, and a change reaches the next login.
    program.run("preview", "--expect-no-changes")
    program.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    program.edit("__main__.py", '"refresh_token", "password"]', '"refresh_token"]')
    program.up()
    expect_error(tenant.http.post("/oauth/token", json={**web, **password}), 403, "unauthorized_client")
    program.destroy()
    assert len(tenant.api.get("/api/v2/clients").json()) == 3
    assert len(tenant.api.get("/api/v2/resource-servers").json()) == 1


def authorize(tenant: TenantClient, client: Json, redirect_uri: str) -> int:
    query = {"client_id": client["client_id"], "redirect_uri": redirect_uri, "response_type": "code", "state": "x"}
    return tenant.http.get("/authorize", params=query).status_code
