"""Which engine is taken, in which order, and what is said when there is none."""

import os

import pytest
from machine import INSTALLS_PLUGIN, Machine, script
from pulumi_engine import EngineError, official


@pytest.fixture(autouse=True)
def provider_is_installed(machine: Machine) -> None:
    machine.put_plugin(machine.home / ".pulumi")


def test_a_new_enough_pulumi_on_path_is_used_as_it_is(machine: Machine) -> None:
    program = machine.put_pulumi("3.300.1")
    machine.put_go()
    engine = machine.ensure()
    assert (engine.origin, engine.version) == ("path", "3.300.1")
    assert engine.pulumi.resolve() == program
    assert engine.pulumi.parent == engine.bin_dirs[0]
    assert machine.builds() == []


def test_of_several_on_path_the_first_usable_one_is_used(machine: Machine) -> None:
    program = machine.put_pulumi("3.260.0", folder="last")
    machine.put_pulumi("3.300.0", folder="second", language_host=False)
    machine.put_pulumi("3.258.9", folder="first")
    # The language host of another folder is on PATH, which is as good as beside the engine.
    assert machine.ensure().version == "3.300.0"
    (machine.folder / "first" / "pulumi-language-python").unlink()
    (machine.folder / "last" / "pulumi-language-python").rename(machine.folder / "last" / "renamed")
    (machine.clone / ".local" / "engine" / "engine.json").unlink()
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert program.is_file()


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("3.258.9", "is Pulumi 3.258.9; 3.259.0 or newer of version 3 is needed"),
        ("3.259.0-alpha.1", "is Pulumi 3.259.0"),
        ("4.0.0", "is Pulumi 4.0.0; 3.259.0 or newer of version 3 is needed"),
        ("dev", "does not tell its version"),
    ],
)
def test_an_unsuitable_pulumi_on_path_is_passed_over_with_the_reason(
    machine: Machine, version: str, reason: str
) -> None:
    machine.put_pulumi(version)
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.heard(reason)


def test_a_pulumi_without_its_python_language_host_is_passed_over(machine: Machine) -> None:
    machine.put_pulumi("3.300.0", language_host=False)
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.heard("has no pulumi-language-python")


def test_without_a_pulumi_the_official_installer_is_asked_before_anything_is_built(machine: Machine) -> None:
    machine.let_installer_give("3.259.0")
    machine.put_go()
    engine = machine.ensure()
    assert (engine.origin, engine.version) == ("installer", "3.259.0")
    assert machine.builds() == []
    assert os.access(engine.bin_dirs[0] / "pulumi-language-python", os.X_OK)


def test_what_the_installer_gave_is_used_by_other_clones_without_a_download(machine: Machine) -> None:
    machine.let_installer_give("3.259.0")
    machine.ensure()
    clone = machine.another_clone()
    script(clone / ".venv" / "bin" / "python", "exit 1")
    assert machine.ensure(clone).origin == "installer"


def test_an_installer_that_gives_something_unsuitable_is_not_believed(machine: Machine) -> None:
    machine.let_installer_give("3.100.0")
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.heard("Pulumi's installer failed: it gave Pulumi 3.100.0")
    assert not list(machine.cache.glob("official-*/"))


def test_when_the_installer_fails_its_reason_is_one_line_and_the_build_follows(machine: Machine) -> None:
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert "Pulumi's installer failed: URLError: no such host" in machine.said
    assert machine.heard("with go1.26.0, because there is no usable Pulumi here and it cannot be downloaded")
    assert machine.builds() == ["pulumi", "pulumi-language-python"]


def test_an_installer_that_hangs_is_ended_with_all_its_children(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official, "STALL_SECONDS", 1.5)
    installer = machine.let_installer_hang()
    machine.put_go()
    assert machine.ensure().origin == "built"
    assert machine.heard("Pulumi's installer failed: nothing more came after")
    assert installer.cut()


def test_with_no_go_either_the_error_lists_what_was_tried_and_what_to_install(machine: Machine) -> None:
    machine.put_pulumi("3.1.0")
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    text = str(raised.value)
    assert "is Pulumi 3.1.0" in text
    assert "Pulumi's installer: URLError: no such host" in text
    assert "a build from Go modules: no go is on PATH" in text
    assert "https://www.pulumi.com/docs/install/" in text
    assert "Go 1.25.11 or newer" in text
    assert "make engine" in text


def test_a_go_that_is_too_old_is_named_with_its_own_words(machine: Machine) -> None:
    script(machine.path / "go", "echo \"go.mod:8: invalid go version '1.25.11'\" >&2\nexit 1")
    with pytest.raises(EngineError, match=r"go cannot build them: go\.mod:8: invalid go version"):
        machine.ensure()


def test_what_this_project_put_on_path_is_not_taken_for_a_pulumi_of_the_user(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.put_go()
    first = machine.ensure()
    monkeypatch.setenv("PATH", str(first.bin_dirs[0]), prepend=":")
    assert machine.ensure(machine.another_clone()).origin == "built"


def test_a_second_run_starts_no_program(machine: Machine) -> None:
    machine.put_go()
    first = machine.ensure()
    (machine.path / "go").unlink()
    machine.said.clear()
    assert machine.ensure() == first
    assert machine.said == []


def test_an_engine_that_replaces_another_leaves_no_program_of_the_old_one(machine: Machine) -> None:
    machine.put_go()
    built = machine.ensure()
    machine.put_pulumi("3.300.0", plugin_install=INSTALLS_PLUGIN)
    (machine.clone / ".local" / "engine" / "engine.json").unlink()
    machine.ensure()
    assert [entry.name for entry in built.bin_dirs[0].iterdir()] == ["pulumi"]
