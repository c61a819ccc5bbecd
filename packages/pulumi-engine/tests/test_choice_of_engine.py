"""The order in which an engine is chosen, and the error if there is none."""

import os

import pytest
from machine import INSTALLS_PLUGIN, Machine, script
from pulumi_engine import EngineError, download


@pytest.fixture(autouse=True)
def provider_is_installed(machine: Machine) -> None:
    machine.put_plugin(machine.home / ".pulumi")


def test_a_recent_pulumi_on_path_is_used_unchanged(machine: Machine) -> None:
    program = machine.put_pulumi("3.300.1")
    machine.put_go()
    engine = machine.ensure()
    assert (engine.origin, engine.version) == ("path", "3.300.1")
    assert engine.pulumi.resolve() == program
    assert engine.pulumi.parent == engine.layout.bin
    assert machine.builds() == []


def test_the_first_usable_pulumi_on_path_is_used(machine: Machine) -> None:
    program = machine.put_pulumi("3.260.0", folder="last")
    machine.put_pulumi("3.300.0", folder="second", language_host=False)
    machine.put_pulumi("3.258.9", folder="first")
    # The language host is in another folder on PATH, which is as good as beside the engine.
    assert machine.ensure().version == "3.300.0"
    (machine.folder / "first" / "pulumi-language-python").unlink()
    (machine.folder / "last" / "pulumi-language-python").rename(machine.folder / "last" / "renamed")
    (machine.engine / "engine.json").unlink()
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert program.is_file()


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("3.258.9", "is Pulumi 3.258.9; 3.259.0 or newer of version 3 is required"),
        ("3.259.0-alpha.1", "is Pulumi 3.259.0"),
        ("4.0.0", "is Pulumi 4.0.0; 3.259.0 or newer of version 3 is required"),
        ("dev", "does not print its version"),
    ],
)
def test_an_unusable_pulumi_on_path_is_skipped_with_the_reason(machine: Machine, version: str, reason: str) -> None:
    machine.put_pulumi(version)
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.reported(reason)


def test_a_pulumi_without_its_python_language_host_is_skipped(machine: Machine) -> None:
    machine.put_pulumi("3.300.0", language_host=False)
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.reported("has no pulumi-language-python")


def test_without_a_pulumi_the_installer_runs_before_a_build(machine: Machine) -> None:
    machine.allow_installer("3.259.0")
    machine.put_go()
    engine = machine.ensure()
    assert (engine.origin, engine.version) == ("installer", "3.259.0")
    assert machine.builds() == []
    assert os.access(engine.layout.bin / "pulumi-language-python", os.X_OK)


def test_another_checkout_uses_a_download_from_the_cache(machine: Machine) -> None:
    machine.allow_installer("3.259.0")
    machine.ensure()
    checkout = machine.another_checkout()
    script(checkout / ".venv" / "bin" / "python", "exit 1")
    assert machine.ensure(checkout).origin == "installer"


def test_an_unusable_download_is_rejected(machine: Machine) -> None:
    machine.allow_installer("3.100.0")
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.reported("Pulumi's installer failed: it installed Pulumi 3.100.0")
    assert not list(machine.cache.glob("official-*/"))


def test_after_a_failed_download_pulumi_is_built(machine: Machine) -> None:
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert "Pulumi's installer failed: URLError: no such host" in machine.lines
    assert machine.reported("with go1.26.0, because there is no usable Pulumi, and it cannot be downloaded")
    assert machine.builds() == ["pulumi", "pulumi-language-python"]


def test_an_installer_that_hangs_is_ended_with_all_its_children(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "STALL_SECONDS", 1.5)
    installer = machine.hang_installer()
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.reported("Pulumi's installer failed: no progress, ended after")
    assert installer.cut()


def test_without_go_the_error_lists_what_was_tried_and_what_to_install(machine: Machine) -> None:
    machine.put_pulumi("3.1.0")
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    text = str(raised.value)
    assert "is Pulumi 3.1.0" in text
    assert "Pulumi's installer: URLError: no such host" in text
    assert "a build from Go modules: no go is on PATH" in text
    assert "https://www.pulumi.com/docs/install/" in text
    assert "Go 1.25.11 or newer" in text
    assert "run this again" in text


def test_the_error_quotes_a_go_that_is_too_old(machine: Machine) -> None:
    script(machine.path / "go", "echo \"go.mod:8: invalid go version '1.25.11'\" >&2\nexit 1")
    with pytest.raises(EngineError, match=r"go cannot build them: go\.mod:8: invalid go version"):
        machine.ensure()


def test_a_pulumi_of_this_package_on_path_is_not_the_users(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put_go()
    first = machine.ensure()
    monkeypatch.setenv("PATH", str(first.layout.bin), prepend=":")
    assert machine.ensure(machine.another_checkout()).origin == "built"


def test_a_second_run_starts_no_program(machine: Machine) -> None:
    machine.put_go()
    first = machine.ensure()
    (machine.path / "go").unlink()
    machine.lines.clear()
    assert machine.ensure() == first
    assert machine.lines == []


def test_a_new_engine_leaves_no_program_of_the_old_one(machine: Machine) -> None:
    machine.put_go()
    built = machine.ensure()
    machine.put_pulumi("3.300.0", plugin_install=INSTALLS_PLUGIN)
    (machine.engine / "engine.json").unlink()
    machine.ensure()
    assert [entry.name for entry in built.layout.bin.iterdir()] == ["pulumi"]
