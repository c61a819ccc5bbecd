"""`--seed`: a tenant begins with the content of a file, all of it or nothing."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from local_tenant.errors import LocalTenantError
from local_tenant.options import TenantOptions
from local_tenant.seed.document import schema
from local_tenant.seed.loading import load_at_start
from local_tenant.seed.reading import read_seed
from local_tenant.testing import Person, StartError, TenantClient, expect, expect_error
from local_tenant.testing.process import StartTenant
from seed.databases import empty_database
from server.test_options import local_tenant

SCHEMA = Path(__file__).parents[2] / "docs" / "seed-schema.json"
PASSWORD = "Correct-horse-7-battery"
FILE = f"""\
version: 1
users:
  - email: Ada@example.com
    password: {PASSWORD}
    user_id: auth0|ada
    email_verified: true
    logins_count: 3
    last_login: 2026-01-02T03:04:05.678Z
    user_metadata: {{color: blue}}
    app_metadata: {{plan: gold}}
    given_name: Ada
  - email: eve@example.com
    password: {PASSWORD}
    blocked: true
apis:
  - identifier: https://api.example.com
    scopes: [{{value: "read:things"}}]
applications:
  - name: Web
    client_id: web
    client_secret: its-secret
    callbacks: [http://localhost:3000/callback]
    grant_types: [password]
    client_grants:
      - {{audience: management, scope: ["read:users"]}}
      - {{audience: "https://api.example.com", scope: ["read:things"]}}
  - name: Renamed
    own: application
    client_metadata: {{team: a}}
actions:
  - name: says
    trigger: post-login
    code_file: says.js
    secrets: [{{name: KEY, value: the-value}}]
  - name: not deployed
    trigger: post-login
    code: "// nothing"
    deployed: false
flows:
  post-login: [says]
"""
SAYS = """exports.onExecutePostLogin = async (event, api) => {
  console.log(event.secrets.KEY.length, event.stats.logins_count, event.user.app_metadata.plan);
};
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "says.js").write_text(SAYS)
    file = tmp_path / "seed.yaml"
    file.write_text(FILE)
    return file


def log_in(tenant: TenantClient) -> dict[str, object]:
    ada = Person(tenant, "ada@example.com", "auth0|ada", PASSWORD)
    web = {"client_id": "web", "client_secret": "its-secret"}
    body = {**web, "grant_type": "password", "username": ada.email, "password": ada.password, "scope": "openid"}
    expect(tenant.http.post("/oauth/token", json={**body, "audience": "https://api.example.com"}), 200)
    [action] = tenant.trace()["trace"]["actions"]
    assert "9 4 gold" in str(action["console"])
    return ada.profile()


def test_a_tenant_begins_with_the_content_of_the_file(fresh_tenant: StartTenant, file: Path) -> None:
    with fresh_tenant(None, "--seed", str(file)) as process, TenantClient(process.ready) as tenant:
        profile = log_in(tenant)
        assert (profile["email"], profile["given_name"], profile["logins_count"]) == ("ada@example.com", "Ada", 4)
        assert (profile["name"], profile["user_metadata"]) == ("ada@example.com", {"color": "blue"})
        eve = Person(tenant, "eve@example.com", "", PASSWORD)
        expect_error(eve.log_in(), 401, "unauthorized", "user is blocked")
        machine = {"client_id": "web", "client_secret": "its-secret", "grant_type": "client_credentials"}
        for audience in (tenant.audience, "https://api.example.com"):
            refused = tenant.http.post("/oauth/token", json={**machine, "audience": audience})
            expect_error(refused, 403, "unauthorized_client")
        names = [client["name"] for client in tenant.api.get("/api/v2/clients").json()]
        assert names == ["Management client", "Renamed", "Single page application", "Web"]
        undeployed = next(a for a in tenant.api.get("/api/v2/actions/actions").json()["actions"] if a["name"] != "says")
        assert (undeployed["status"], "deployed_version" in undeployed) == ("built", False)


def test_a_reset_brings_the_content_back_and_a_restart_keeps_what_came_since(
    fresh_tenant: StartTenant, file: Path
) -> None:
    with fresh_tenant(None, "--seed", str(file)) as process, TenantClient(process.ready) as tenant:
        for _ in range(2):
            log_in(tenant)
            tenant.sign_up("grace@example.com")
            tenant.reset()
        tenant.sign_up("grace@example.com")
    with fresh_tenant(None, "--seed", str(file)) as process, TenantClient(process.ready) as tenant:
        assert len(tenant.api.get("/api/v2/users").json()) == 3


def test_a_file_with_json_is_read_as_well(fresh_tenant: StartTenant, tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({"version": 1, "users": [{"email": "a@example.com", "password": PASSWORD}]}, indent=1))
    with fresh_tenant(None, "--seed", str(file)) as process, TenantClient(process.ready) as tenant:
        assert len(tenant.api.get("/api/v2/users").json()) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    blocked: true", "    blokced: true", "line 14: users[1].blokced: no such key"),
        ("    blocked: true", "    blocked: yes please", "line 14: users[1].blocked: Input should be a valid boolean"),
        (f"    password: {PASSWORD}\n    blocked", "    blocked", "line 12: users[1]: needs either password or"),
        (
            f"    password: {PASSWORD}\n    blocked",
            "    password: short\n    blocked",
            "users[1].password: the password",
        ),
        ("email: eve@example.com", "email: ada@example.com", "line 12: users[1].email: another user has it"),
        ("email: eve@example.com", "email: eve", "line 12: users[1].email: 'eve' is not an email address"),
        ("03:04:05.678Z", "99:04:05.678Z", "line 8: users[0].last_login: '2026-01-02T99:04:05.678Z' is not a time"),
        ("grant_types: [password]", "grant_types: password", "line 23: applications[0].grant_types: Input should be"),
        ("own: application", "own: odd", "applications[1].own: Input should be 'application' or 'single_page'"),
        ("audience: management", "audience: odd", "client_grants[0].audience: the file has no such API"),
        ('"https://api.example.com", scope: ["read:things"]', '"https://api.example.com", scope: [odd]', "has no odd"),
        ("code_file: says.js", "code_file: odd.js", "actions[0].code_file: "),
        ("trigger: post-login\n    code_file", "trigger: odd\n    code_file", "actions[0]: Trigger 'odd' is not"),
        ("post-login: [says]", "post-login: [says, odd]", "flows.post-login[1]: the file has no Action 'odd'"),
        ("post-login: [says]", "post-login: [not deployed]", "flows.post-login[0]: Trying to create a binding"),
        ("post-login: [says]", "odd: [says]", "flows.odd: there is no flow of that trigger"),
        ("version: 1", "version: 2", "line 1: version: Input should be 1"),
        ("version: 1", "version: 1\nversion: 1", "line 2: version comes twice"),
        *(
            ("{color: blue}", f"{{color: {value}}}", "line 9: ")
            for value in ("!!binary aGk=", "!!int x", "!!timestamp x", ".nan", ".inf", str(2**64))
        ),
        ("flows:", "flows: [", "line 4"),
        ("flows:", "flows: &a\n  x: *a\n  y:", "line "),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_key(file: Path, old: str, new: str, says: str) -> None:
    assert FILE.count(old) == 1, old
    file.write_text(FILE.replace(old, new))
    text = refusal(file)
    assert f"the seed file {file} is refused:" in text
    assert says in text, text
    assert re.search(r"line \d+: ", text), text
    assert "fix: correct these lines" in text


def refusal(file: Path) -> str:
    with pytest.raises(LocalTenantError) as refused, closing(empty_database()) as connection:
        load_at_start(connection, read_seed(file), TenantOptions(), 0)
    return str(refused.value)


def test_of_a_wrong_file_nothing_is_loaded(fresh_tenant: StartTenant, file: Path) -> None:
    file.write_text(FILE.replace("post-login: [says]", "post-login: [odd]"))
    with pytest.raises(StartError, match=r"line 40: flows\.post-login\[0\]: the file has no Action 'odd'"):
        fresh_tenant(None, "--seed", str(file))
    with fresh_tenant() as process, TenantClient(process.ready) as tenant:
        assert tenant.api.get("/api/v2/users").json() == []
        assert len(tenant.api.get("/api/v2/clients").json()) == 3


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("version: 1\nodd: 1\nusers:\n" + "- {email: 1}\n" * 12)
    text = refusal(file)
    assert text.count("line ") == 10
    assert "and 3 more" in text


def test_a_tenant_with_content_of_its_own_is_left_alone(fresh_tenant: StartTenant, file: Path) -> None:
    with fresh_tenant() as process, TenantClient(process.ready) as tenant:
        tenant.sign_up()
        tenant.create_client()
    with pytest.raises(StartError, match="the tenant holds 1 users, 1 applications, so that the seed file"):
        fresh_tenant(None, "--seed", str(file))


def test_start_takes_it_and_names_a_tenant_that_began_without_it(tmp_path: Path, file: Path) -> None:
    data = tmp_path / "data"
    try:
        assert local_tenant(data, "start", "--seed", "seed.yaml").returncode == 0
        again = local_tenant(data, "start", "--seed", str(file))
        assert (again.returncode, "already running" in again.stdout) == (0, True)
        other = tmp_path / "other.yaml"
        other.write_text("version: 1")
        refused = local_tenant(data, "start", "--seed", str(other))
        assert refused.returncode == 1
        assert "did not begin with" in refused.stderr
        assert "ada@example.com" in local_tenant(data, "users").stdout
    finally:
        local_tenant(data, "stop")


def test_the_published_schema_is_that_of_the_models() -> None:
    assert SCHEMA.read_text() == schema()
