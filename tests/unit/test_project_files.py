"""Pulumi.yaml, the stacks' files, and what the program may import."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from components.settings import KEYS
from tests.unit.program import ROOT

PROGRAM = [ROOT / "__main__.py", *sorted((ROOT / "components").rglob("*.py"))]


def read_yaml(name: str) -> dict[str, Any]:
    content = yaml.safe_load((ROOT / name).read_text())
    assert isinstance(content, dict)
    return content


def test_the_project_runs_python_from_uvs_virtual_environment() -> None:
    project = read_yaml("Pulumi.yaml")

    assert project["name"] == "auth0-actions"
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "uv", "virtualenv": ".venv"}}


def test_the_project_asks_for_the_engine_and_the_provider_that_it_was_tested_with() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert read_yaml("Pulumi.yaml")["requiredPulumiVersion"] == ">=3.259.0"
    assert "pulumi>=3.259.0,<4" in dependencies
    # 3.54 has a property `status`, with which a failed build forces a replacement.
    assert "pulumi-auth0>=3.50.1,<3.54" in dependencies


def test_every_key_is_declared_with_type_description_and_default() -> None:
    declared = read_yaml("Pulumi.yaml")["config"]

    assert set(declared) == set(KEYS)
    for declaration in declared.values():
        assert set(declaration) == {"type", "description", "default"}
        assert declaration["type"] == "string"
        assert declaration["description"].endswith(".")
        assert isinstance(declaration["default"], str)


def test_only_what_is_the_same_on_every_stack_has_a_default() -> None:
    defaults = {key: each["default"] for key, each in read_yaml("Pulumi.yaml")["config"].items() if each["default"]}

    assert defaults == {"forceMfaDomain": "forcemfa.floatme.io", "runtime": "node18"}


def test_a_stacks_file_says_what_is_its_own_and_holds_no_secret(stack: str) -> None:
    config = read_yaml(f"Pulumi.{stack}.yaml")["config"]

    # Every resource names its provider, the one with the tenant's domain.
    assert config.pop("pulumi:disable-default-providers") == ["auth0"]
    required = {"environment", "tenant", "testTenant", "integrationTestDomain"}
    assert set(config) >= {f"auth0-actions:{key}" for key in required}
    assert set(config) <= {f"auth0-actions:{key}" for key in KEYS} | {"auth0:domain", "auth0:audience"}
    # An encrypted value would be a mapping with the key `secure`.
    assert all(isinstance(value, str) for value in config.values())


@pytest.mark.parametrize("path", PROGRAM, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_program_imports_itself_its_dependencies_and_the_standard_library(path: Path) -> None:
    """So neither operations nor a package of this repository, nor anything that would slow each preview down."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [f"{'.' * node.level}{node.module}" for node in nodes if isinstance(node, ast.ImportFrom)]

    dependencies = {"pulumi", "pulumi_auth0", "pydantic", "yaml"}
    assert {name.partition(".")[0] for name in names} <= {"components", *dependencies} | sys.stdlib_module_names


def test_the_program_imports_nothing_by_name() -> None:
    """An import that the test above would not see."""
    for path in PROGRAM:
        assert not re.search(r"__import__|importlib|runpy|exec\(|eval\(", path.read_text()), path.name
