"""The make targets of the operations."""

import os
import subprocess

import pytest

from tests.project import ROOT


def recipe(target: str, stack: str) -> str:
    """What `make TARGET STACK=STACK` would run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", "--silent", target, f"STACK={stack}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603


@pytest.mark.parametrize("target", ["up", "preview", "drift", "adopt", "smoke"])
def test_a_target_works_on_stack_local_before_any_up_and_creates_no_other_stack(target: str) -> None:
    assert "pulumi stack select local --create" in recipe(target, "local")
    assert "--create" not in recipe(target, "test")


def test_an_up_settles_the_secrets_that_it_wrote_and_repairs_only_stack_local() -> None:
    assert "operations drift --stack local --repair --yes" in recipe("up", "local")
    other = recipe("up", "test")
    assert "operations drift --stack test --write-secrets" in other
    assert "--repair" not in other


def test_every_recipe_runs_the_program_for_destroy_and_refresh_too() -> None:
    """So that the guards hold for those, too."""
    assert "export PULUMI_RUN_PROGRAM := true\n" in (ROOT / "Makefile").read_text()
