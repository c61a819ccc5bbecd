"""The make targets of the operations."""

import os
import subprocess

import pytest

from tests.project import ROOT


def recipe(target: str, stack: str, *variables: str) -> str:
    """What `make TARGET STACK=STACK VARIABLES` would run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", "--silent", target, f"STACK={stack}", *variables]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603


@pytest.mark.parametrize("target", ["up", "preview", "plan", "drift", "adopt", "smoke"])
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


def test_only_stack_local_is_deployed_to_without_a_question_or_an_approved_plan() -> None:
    assert "pulumi up --stack local --yes" in recipe("up", "local")
    for stack in ("test", "prod", "staging"):
        assert f"operations up --stack {stack} " in recipe("up", stack)
        assert "--plan" not in recipe("up", stack)
        assert "--yes" not in recipe("up", stack)
    assert "operations up --stack prod --plan a.json " in recipe("up", "prod", "PLAN=a.json")


def test_down_is_for_stack_local_alone() -> None:
    command = ["make", "--silent", "down", "STACK=prod"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603

    assert ran.returncode == 2
    assert "make down is for stack local" in ran.stderr
