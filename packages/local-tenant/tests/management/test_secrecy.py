"""The value of a secret goes in and never comes out: in no answer, no error, no log and no other file."""

import re
from collections.abc import Iterator

import pytest
from local_tenant.testing import Json, TenantClient, TenantProcess, wait_until
from local_tenant.testing.process import StartTenant

VALUE = "fpGZ2-the-value-that-nobody-may-see"


@pytest.fixture
def verbose_process(fresh_tenant: StartTenant) -> TenantProcess:
    """A tenant that logs all it can."""
    return fresh_tenant(None, "--verbose")


@pytest.fixture
def verbose(verbose_process: TenantProcess) -> Iterator[TenantClient]:
    """A client of it."""
    with TenantClient(verbose_process.ready) as client:
        yield client


def answers_about_secrets(tenant: TenantClient) -> Iterator[str]:
    """The text of every answer that an Action and a module with a secret can be part of."""
    secret = [{"name": "KEY", "value": VALUE}]

    def call(method: str, path: str, body: Json | None = None) -> Json:
        answer = tenant.api.request(method, f"/api/v2/actions/{path}", json=body)
        texts.append(answer.text + repr(answer.headers))
        parsed: Json = answer.json() if answer.content else {}
        return parsed

    texts: list[str] = []
    trigger = [{"id": "post-login", "version": "v3"}]
    module = call("POST", "modules", {"name": "shared", "code": "", "secrets": secret})
    version = call("POST", f"modules/{module['id']}/versions")
    used = [{"module_id": module["id"], "module_version_id": version["id"]}]
    body = {"name": "holder", "supported_triggers": trigger, "code": "", "secrets": secret, "modules": used}
    action = call("POST", "actions", body)
    tenant.built(action["id"])
    deployed = call("POST", f"actions/{action['id']}/deploy")
    call("PATCH", "triggers/post-login/bindings", {"bindings": [{"ref": {"type": "action_name", "value": "holder"}}]})
    call("PATCH", f"actions/{action['id']}", {"secrets": secret})
    call("POST", f"actions/{action['id']}/versions/{deployed['id']}/deploy", {"update_draft": True})
    call("PATCH", f"modules/{module['id']}", {"secrets": secret})
    call("POST", f"modules/{module['id']}/rollback", {"module_version_id": version["id"]})
    for path in (
        "actions",
        f"actions/{action['id']}",
        f"actions/{action['id']}/versions",
        f"actions/{action['id']}/versions/{deployed['id']}",
        "triggers/post-login/bindings",
        "modules",
        f"modules/{module['id']}",
        f"modules/{module['id']}/actions",
        f"modules/{module['id']}/versions",
        f"modules/{module['id']}/versions/{version['id']}",
    ):
        call("GET", path)
    for wrong in (
        {"secrets": [{"name": "KEY", "value": VALUE, "more": 1}]},
        {"secrets": [{"name": "KEY", "value": [VALUE]}]},
        {"secrets": [{"name": "KEY", "value": VALUE * 1_000}]},
        {"secrets": [{"value": VALUE}]},
        {"secrets": VALUE},
        {"secrets": [VALUE]},
        {"secrets": secret * 2},
        {"secrets": secret * 31},
        {"secrets": secret, "runtime": "node1"},
    ):
        call("PATCH", f"actions/{action['id']}", wrong)
        call("PATCH", f"modules/{module['id']}", wrong)
    return iter(texts)


def test_no_response_and_no_error_shows_it(tenant: TenantClient) -> None:
    texts = list(answers_about_secrets(tenant))
    assert len(texts) > 30
    assert sum("KEY" in text for text in texts) > 10
    assert [text for text in texts if VALUE in text] == []


def test_no_log_and_no_file_but_the_database_shows_it(verbose_process: TenantProcess, verbose: TenantClient) -> None:
    verbose.inject("failed_build", path="broken")
    for _ in answers_about_secrets(verbose):
        pass
    broken = verbose.create_action("broken", secrets={"KEY": VALUE})
    wait_until(lambda: verbose.action(broken["id"]), lambda now: now["status"] == "failed")
    assert verbose_process.end() == 0

    log = verbose_process.log.read_text()
    assert "PATCH /api/v2/actions/actions/" in log
    assert "build of action broken" in log
    assert VALUE not in log
    for credentials in (verbose.ready["management"], verbose.ready["application"]):
        assert credentials["client_secret"] not in log
    assert re.search(r"ey[\w-]{20,}\.ey[\w-]{20,}\.", log) is None, "a token was logged"

    files = [path for path in verbose.data.rglob("*") if path.is_file()]
    assert {path.name for path in files if VALUE.encode() in path.read_bytes()} == {"tenant.sqlite3"}
