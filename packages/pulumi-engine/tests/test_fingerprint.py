"""The fingerprint of a build changes with everything that determines its bytes."""

import shutil
from pathlib import Path

import pytest
from pulumi_engine import sources, versions
from pulumi_engine.sources import Component, command_line, fingerprint, provider


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the Go modules that may be changed."""
    for name in ("cli", "provider"):
        shutil.copytree(versions.PACKAGE / name, tmp_path / name)
    monkeypatch.setattr(sources, "PACKAGE", tmp_path)
    monkeypatch.setattr(versions, "PACKAGE", tmp_path)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_fingerprint_does_not_depend_on_the_folder(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = fingerprint(command_line())
    shutil.copytree(modules, modules / "elsewhere")
    monkeypatch.setattr(sources, "PACKAGE", modules / "elsewhere")
    assert fingerprint(command_line()) == here


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cli/go.mod", "pulumi/sdk/v3 v3.259.0", "pulumi/sdk/v3 v3.260.0"),
        ("cli/go.sum", "h1:", "h1:x"),
        ("cli/pulumi-language-python/host.go", "package main", "package main // changed"),
        ("provider/go.mod", "pulumi-terraform-bridge/v3 v3.136.0", "pulumi-terraform-bridge/v3 v3.137.0"),
        ("provider/shim/go.mod", "v1.54.1", "v1.54.2"),
        ("provider/main.go", "package main", "package main // changed"),
    ],
)
def test_a_change_to_a_source_changes_the_fingerprint_of_its_component_only(
    modules: Path, file: str, old: str, new: str
) -> None:
    before = {"cli": fingerprint(command_line()), "provider": fingerprint(provider())}
    change(modules / file, old, new)
    after = {"cli": fingerprint(command_line()), "provider": fingerprint(provider())}
    assert {name for name in before if before[name] != after[name]} == {file.split("/", maxsplit=1)[0]}


def test_a_new_source_file_changes_the_fingerprint(modules: Path) -> None:
    before = fingerprint(provider())
    (modules / "provider" / "more.go").write_text("package main\n", encoding="utf-8")
    assert fingerprint(provider()) != before


def test_go_tests_do_not_change_the_fingerprint(modules: Path) -> None:
    before = fingerprint(command_line())
    (modules / "cli" / "pulumi-language-python" / "new_test.go").write_text("package main\n", encoding="utf-8")
    assert fingerprint(command_line()) == before


@pytest.mark.parametrize("component", [command_line(), provider()], ids=lambda component: component.name)
def test_another_recipe_changes_the_fingerprint(component: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(component)
    monkeypatch.setattr(sources, "RECIPE", sources.RECIPE + 1)
    assert fingerprint(component) != before
