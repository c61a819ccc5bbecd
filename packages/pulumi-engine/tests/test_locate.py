"""The record of a chosen engine, valid only while nothing has changed."""

import json
import os
from pathlib import Path

import pytest
from machine import Machine, engine_folder
from pulumi_engine import EngineMissing


@pytest.fixture
def record(machine: Machine) -> Path:
    """The record of a machine on which an engine was built."""
    machine.put_go()
    machine.ensure()
    return machine.engine / "engine.json"


def test_locate_returns_what_ensure_returned(machine: Machine) -> None:
    machine.put_go()
    assert machine.ensure() == machine.locate()


def test_before_the_first_run_the_error_names_the_command(machine: Machine) -> None:
    with pytest.raises(
        EngineMissing, match=r"there is no Pulumi engine in \S+ yet\n  fix: run `python -m pulumi_engine --folder \S+`"
    ):
        machine.locate()


@pytest.mark.parametrize("name", ["pulumi", "pulumi-language-python", "pulumi-language-python-exec"])
@pytest.mark.usefixtures("record")
def test_a_missing_program_invalidates_the_record(machine: Machine, name: str) -> None:
    (machine.engine / "bin" / name).unlink()
    with pytest.raises(EngineMissing, match=f"{name} is missing or has changed"):
        machine.locate()


@pytest.mark.usefixtures("record")
def test_a_replaced_program_invalidates_the_record(machine: Machine) -> None:
    program = (machine.engine / "bin" / "pulumi").resolve()
    os.utime(program, ns=(0, 0))
    with pytest.raises(EngineMissing, match="pulumi is missing or has changed"):
        machine.locate()


@pytest.mark.usefixtures("record")
def test_a_program_that_is_not_executable_invalidates_the_record(machine: Machine) -> None:
    (machine.engine / "bin" / "pulumi").resolve().chmod(0o600)
    with pytest.raises(EngineMissing, match="pulumi is missing or has changed"):
        machine.locate()


@pytest.mark.usefixtures("record")
def test_a_missing_provider_invalidates_the_record(machine: Machine) -> None:
    home = machine.engine / "home"
    (home / "plugins" / "resource-auth0-v3.50.1" / "pulumi-resource-auth0").unlink()
    with pytest.raises(EngineMissing, match="pulumi-resource-auth0 is missing or has changed"):
        machine.locate()


@pytest.mark.usefixtures("record")
def test_another_version_of_pulumi_auth0_invalidates_the_record(machine: Machine) -> None:
    machine.install_sdk(machine.checkout, provider="3.51.0")
    with pytest.raises(EngineMissing, match=r"provider is 3\.50\.1, and the installed pulumi-auth0 requires 3\.51\.0"):
        machine.locate()


@pytest.mark.parametrize("component", ["cli", "provider"])
def test_changed_pins_invalidate_the_record(machine: Machine, record: Path, component: str) -> None:
    data = json.loads(record.read_text(encoding="utf-8"))
    data["fingerprints"][component] = "of other sources"
    record.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EngineMissing, match=f"the sources in \\S+/{component} have changed since the build"):
        machine.locate()


def test_an_old_version_invalidates_the_record(machine: Machine, record: Path) -> None:
    data = json.loads(record.read_text(encoding="utf-8")) | {"version": "3.258.0"}
    record.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EngineMissing, match=r"Pulumi 3\.258\.0 is not the required version"):
        machine.locate()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 0}', '{"format": 2, "files": {"a": 1}}', '{"format": 2, "files": {}}']
)
def test_a_damaged_record_is_ignored(machine: Machine, record: Path, text: str) -> None:
    record.write_text(text, encoding="utf-8")
    with pytest.raises(EngineMissing, match="fix: run `python -m pulumi_engine"):
        machine.locate()
    assert machine.ensure().origin == "built"


def test_a_folder_that_was_moved_keeps_its_engine(machine: Machine) -> None:
    machine.put_go()
    machine.ensure()
    moved = machine.checkout.rename(machine.folder / "moved")
    assert machine.locate(moved).pulumi == engine_folder(moved) / "bin" / "pulumi"


def test_the_environment_of_an_engine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put_go()
    engine = machine.ensure()
    monkeypatch.setenv("PATH", f"/usr/bin:{engine.layout.bin}:/bin")
    variables = engine.environment()
    assert variables == {
        "PATH": f"{machine.engine}/bin:{machine.checkout}/.venv/bin:/usr/bin:/bin",
        "PULUMI_HOME": f"{machine.engine}/home",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_BACKEND_URL": f"file://{machine.engine}/state?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "local",
    }
    state = machine.engine / "state"
    assert state.is_dir()
    assert state.stat().st_mode & 0o077 == 0
