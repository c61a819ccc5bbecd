"""What people can set or call stands in the docs; what the docs name exists."""

import re
from pathlib import Path

import pytest

from components.settings import SETTINGS
from local_tenant.cli import COMMANDS
from operations.cli import commands as operations_commands

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
MAKE_TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS])
def test_each_config_key_stands_in_the_readme(key: str) -> None:
    assert f"| `{key}` |" in README


@pytest.mark.parametrize("target", [target for target in MAKE_TARGETS if target != "help"])
def test_each_make_target_stands_in_the_readme(target: str) -> None:
    assert re.search(rf"`(?:make )?{target}`", README)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_of_the_local_tenant_stands_in_the_readme(command: str) -> None:
    assert f"`{command}`" in README


@pytest.mark.parametrize("command", sorted(operations_commands.commands))
def test_each_command_of_actions_ops_stands_in_the_operations_guide(command: str) -> None:
    assert f"`make {command}" in OPERATIONS


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
    assert named - set(MAKE_TARGETS) == set()
