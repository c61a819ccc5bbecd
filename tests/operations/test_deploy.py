"""A saved plan, and the choice of a backend."""

import os
import subprocess
from pathlib import Path

import pytest

from operations.backend import chosen_backend
from operations.deploy.plan_file import PlanFile
from tests.project import ROOT

SAVED = PlanFile("prod", "floatme-prod.us.auth0.com", {"Action a": "1", "flow f": "2"}, {})


@pytest.mark.parametrize(
    ("stack", "domain", "tenant", "changed"),
    [
        ("prod", SAVED.domain, SAVED.tenant, []),
        ("test", SAVED.domain, SAVED.tenant, ["the stack is test, but the plan is for prod"]),
        ("prod", "x.auth0.com", {}, ["the tenant is x.auth0.com, but the plan is for floatme-prod.us.auth0.com"]),
        ("prod", SAVED.domain, {**SAVED.tenant, "flow f": "3"}, ["flow f has changed"]),
        ("prod", SAVED.domain, {"flow f": "2", "Action b": "1"}, ["Action a has changed", "Action b has changed"]),
    ],
)
def test_a_plan_fits_its_own_stack_and_tenant_as_they_were(
    stack: str, domain: str, tenant: dict[str, str], changed: list[str]
) -> None:
    assert SAVED.changed(stack, domain, tenant) == changed


def test_a_backend_is_chosen_as_pulumi_chooses_it(tmp_path: Path) -> None:
    project = tmp_path / "Pulumi.yaml"
    project.write_text("name: x\n")
    environ = {"PULUMI_HOME": str(tmp_path)}
    assert chosen_backend(tmp_path, environ) is None

    (tmp_path / "credentials.json").write_text('{"current": "https://pulumi.example.com"}')
    assert chosen_backend(tmp_path, environ) == "https://pulumi.example.com"
    assert chosen_backend(tmp_path, {"PULUMI_CREDENTIALS_PATH": str(tmp_path / "elsewhere")}) is None
    assert chosen_backend(tmp_path, {**environ, "PULUMI_ACCESS_TOKEN": "t"}) == "https://api.pulumi.com"
    project.write_text("name: x\nbackend:\n  url: s3://ours\n")
    assert chosen_backend(tmp_path, environ) == "s3://ours"
    assert chosen_backend(tmp_path, {**environ, "PULUMI_BACKEND_URL": "file:///x"}) == "file:///x"


@pytest.mark.parametrize("target", ["preview", "plan", "up", "drift"])
def test_without_a_backend_make_shows_the_three_choices_each_with_its_command(tmp_path: Path, target: str) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PULUMI_", "AUTH0_", "MAKE", "MFLAGS"))
    }
    command = ["make", "--silent", target, "STACK=test"]
    ran = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env={**environment, "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    for text in ("pulumi login", "PULUMI_BACKEND_URL=s3://", 'PULUMI_BACKEND_URL="file://$PWD/state', "commit it"):
        assert text in ran.stderr
    assert "fix: choose one, then, once: pulumi stack init test" in ran.stderr
    assert max(map(len, ran.stderr.splitlines())) <= 80
