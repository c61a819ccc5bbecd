"""`local-tenant snapshot`: what a tenant holds, as a file that makes the same tenant again."""

import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_tenant.options import TenantOptions
from local_tenant.seed.loading import load_at_start
from local_tenant.seed.reading import read_seed
from local_tenant.seed.snapshot import Snapshot, take
from local_tenant.testing import REQUIRES_MFA, Person, TenantClient, expect
from local_tenant.testing.people import AuthenticatorApp
from local_tenant.testing.process import StartTenant
from seed.databases import empty_database
from server.test_options import local_tenant

NOW = 1_790_000_000_123_000_000
HASH = "$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43

names = st.text(
    st.characters(codec="utf-8", exclude_characters="<>\x00", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
times = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants them so
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
metadata = st.dictionaries(texts, values, max_size=3)


def optional(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


users = st.lists(
    st.builds(
        lambda number, required, more: {"email": f"user{number}@example.com", **required, **more},
        st.integers(0, 10**6),
        st.fixed_dictionaries({"password_hash": st.just(HASH)}),
        optional(
            email_verified=st.booleans(),
            blocked=st.booleans(),
            given_name=names,
            nickname=names,
            user_metadata=metadata,
            app_metadata=metadata,
            logins_count=st.integers(0, 9),
            last_login=times,
            created_at=times,
            last_ip=st.ip_addresses().map(str),
            authenticator_apps=st.lists(st.just("JBSWY3DPEHPK3PXP"), max_size=1),
        ),
    ),
    max_size=4,
    unique_by=lambda user: user["email"],
)
applications = st.lists(
    st.builds(
        lambda required, more: {**required, **more},
        st.fixed_dictionaries({"name": names, "client_id": st.from_regex(r"[a-zA-Z0-9]{8,32}", fullmatch=True)}),
        optional(
            callbacks=st.lists(st.just("https://a.example.com/cb"), max_size=1),
            grant_types=st.lists(st.sampled_from(["password", "implicit", "refresh_token"]), unique=True),
            app_type=st.sampled_from(["spa", "native"]),
            token_endpoint_auth_method=st.sampled_from(["none", "client_secret_post"]),
            client_metadata=st.dictionaries(names, names, max_size=2),
            is_token_endpoint_ip_header_trusted=st.booleans(),
            jwt_configuration=st.fixed_dictionaries({"lifetime_in_seconds": st.integers(1, 999)}),
            client_grants=st.just([{"audience": "management", "scope": ["read:users"]}]),
        ),
    ),
    max_size=3,
    unique_by=lambda application: application["client_id"],
)
actions = st.lists(
    st.builds(
        lambda required, more: {**required, **more},
        st.fixed_dictionaries({"name": names, "trigger": st.just("post-login"), "code": texts}),
        optional(
            deployed=st.booleans(),
            secrets=st.lists(
                st.fixed_dictionaries({"name": names, "value": texts}),
                max_size=2,
                unique_by=lambda secret: secret["name"],
            ),
        ),
    ),
    max_size=3,
    unique_by=lambda action: action["name"],
)


def loaded_and_taken(text: str) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder, closing(empty_database()) as connection:
        file = Path(folder) / "seed.yaml"
        file.write_text(text)
        load_at_start(connection, read_seed(file), TenantOptions(), NOW)
        return take(connection, secrets=True)


# Each writes and reads six files, of dozens of values.
@settings(max_examples=15)
@given(users, applications, actions)
def test_a_snapshot_makes_the_same_tenant_again(
    some_users: list[Any], some_applications: list[Any], some_actions: list[Any]
) -> None:
    flow = [action["name"] for action in some_actions if action.get("deployed", True)]
    document = {"version": 1, "users": some_users, "applications": some_applications, "actions": some_actions}
    first = loaded_and_taken(json.dumps({**document, "flows": {"post-login": flow}}))
    assert first.left_out == []
    assert loaded_and_taken(first.yaml()).document == first.document
    assert loaded_and_taken(first.json()).document == first.document
    taken = first.document
    for key, before, identity in (
        ("users", some_users, "email"),
        ("applications", some_applications, "client_id"),
        ("actions", some_actions, "name"),
    ):
        after = {item[identity]: item for item in taken.get(key, [])}
        assert set(after) == {item[identity] for item in before}
        for item in before:
            for name, value in item.items():
                if value and (name, value) != ("deployed", True) and name != "secrets":
                    assert after[item[identity]].get(name, value) == value or name == "jwt_configuration", name
    assert taken.get("flows", {}).get("post-login", []) == flow


def test_logins_and_factors_work_in_the_tenant_that_it_makes(fresh_tenant: StartTenant, tmp_path: Path) -> None:
    with fresh_tenant() as process, TenantClient(process.ready) as tenant:
        tenant.bind_action(f"{REQUIRES_MFA}\n// A second line.\n", secrets={"KEY": "value"})
        ada = tenant.sign_up()
        enrolled = ada.enrol()
        client = tenant.create_client("Mine", grant_types=["password"])
        file = tmp_path / "taken.yaml"
        ran = local_tenant(process.data, "snapshot", "--output", str(file), "--secrets")
        assert (ran.returncode, ran.stderr) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "\n  code: |\n" in file.read_text(), "code is readable"
    with fresh_tenant(tmp_path / "other", "--seed", str(file)) as process, TenantClient(process.ready) as tenant:
        ada = Person(tenant, ada.email, ada.user_id)
        app = AuthenticatorApp(tenant, enrolled.app.secret)
        expect(ada.prove(ada.mfa_token(), app.next_code()), 200)
        assert ada.profile()["logins_count"] == 2
        expect(ada.recover(ada.mfa_token(), enrolled.recovery_code), 200)
        shown = expect(tenant.api.get(f"/api/v2/clients/{client['client_id']}"), 200)
        assert shown == client
        assert pyotp.TOTP(app.secret).now()


def test_without_secrets_none_is_written_and_the_file_says_where_one_is_missing(
    fresh_tenant: StartTenant, tmp_path: Path
) -> None:
    with fresh_tenant() as process, TenantClient(process.ready) as tenant:
        tenant.bind_action(name="decides", secrets={"KEY": "very-secret"})
        ada = tenant.sign_up()
        secret = ada.enrol().app.secret
        client = tenant.create_client()
        file = tmp_path / "taken.json"
        ran = local_tenant(process.data, "snapshot", "--output", str(file))
    text = file.read_text()
    assert ran.stderr.splitlines() == [
        "left out: authenticator apps of ada@example.com (--secrets writes them)",
        "left out: values of the secrets of decides: KEY (--secrets writes them)",
    ]
    for held in ("very-secret", secret, client["client_secret"]):
        assert held not in text
    with pytest.raises(Exception, match=r"actions\[0\]\.secrets\[0\]\.value: is missing"):
        read_seed(file)


def test_what_a_file_cannot_hold_is_named(fresh_tenant: StartTenant) -> None:
    with fresh_tenant() as process, TenantClient(process.ready) as tenant:
        action = tenant.bind_action(name="decides")
        tenant.change_action(action["id"], code="// another draft")
        ran = local_tenant(process.data, "snapshot")
        assert ran.stderr == "left out: the draft of decides, which differs from the deployed version\n"
        assert "another draft" not in ran.stdout
        tenant.create_action("decides")
        refused = local_tenant(process.data, "snapshot")
        assert "2 Actions are called 'decides'" in refused.stderr


def test_a_folder_without_a_tenant_is_named(tmp_path: Path) -> None:
    refused = local_tenant(tmp_path / "data", "snapshot")
    assert refused.returncode == 1
    assert "holds no tenant" in refused.stderr


def test_it_reads_and_never_writes(fresh_tenant: StartTenant) -> None:
    with fresh_tenant() as process:
        pass
    before = (process.data / "tenant.sqlite3").read_bytes()
    assert local_tenant(process.data, "snapshot").stdout == "version: 1\n"
    assert (process.data / "tenant.sqlite3").read_bytes() == before
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"{(process.data / 'tenant.sqlite3').as_uri()}?mode=ro", uri=True).execute("DELETE FROM users")
