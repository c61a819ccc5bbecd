"""What was found once is known at once, and trusted only while nothing has changed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from machine import Machine
from pulumi_engine import EngineMissing, locate


@pytest.fixture
def record(machine: Machine) -> Path:
    """The record of a machine on which an engine was built."""
    machine.put_go()
    machine.ensure()
    return machine.clone / ".local" / "engine" / "engine.json"


def test_what_ensure_gave_is_located(machine: Machine) -> None:
    machine.put_go()
    assert machine.ensure() == locate(machine.clone)


def test_nothing_found_yet_names_the_way_out(machine: Machine) -> None:
    with pytest.raises(
        EngineMissing, match=r"no Pulumi engine has been found or built in .*clone yet: run `make engine`"
    ):
        locate(machine.clone)


@pytest.mark.parametrize("name", ["pulumi", "pulumi-language-python", "pulumi-language-python-exec"])
@pytest.mark.usefixtures("record")
def test_a_program_that_is_gone_voids_the_record(machine: Machine, name: str) -> None:
    (machine.clone / ".local" / "engine" / "bin" / name).unlink()
    with pytest.raises(EngineMissing, match=f"{name} is gone or has changed since it was found: run `make engine`"):
        locate(machine.clone)


@pytest.mark.usefixtures("record")
def test_a_program_that_was_replaced_voids_the_record(machine: Machine) -> None:
    program = (machine.clone / ".local" / "engine" / "bin" / "pulumi").resolve()
    os.utime(program, ns=(0, 0))
    with pytest.raises(EngineMissing, match="pulumi is gone or has changed"):
        locate(machine.clone)


@pytest.mark.usefixtures("record")
def test_a_program_that_may_not_be_run_voids_the_record(machine: Machine) -> None:
    (machine.clone / ".local" / "engine" / "bin" / "pulumi").resolve().chmod(0o600)
    with pytest.raises(EngineMissing, match="pulumi is gone or has changed"):
        locate(machine.clone)


@pytest.mark.usefixtures("record")
def test_a_provider_that_is_gone_voids_the_record(machine: Machine) -> None:
    home = machine.clone / ".local" / "pulumi" / "home"
    (home / "plugins" / "resource-auth0-v3.50.1" / "pulumi-resource-auth0").unlink()
    with pytest.raises(EngineMissing, match="pulumi-resource-auth0 is gone or has changed"):
        locate(machine.clone)


@pytest.mark.usefixtures("record")
def test_another_python_package_voids_the_record(machine: Machine) -> None:
    machine.install_sdk(machine.clone, provider="3.51.0")
    with pytest.raises(EngineMissing, match=r"provider is 3\.50\.1, and the installed pulumi-auth0 needs 3\.51\.0"):
        locate(machine.clone)


@pytest.mark.parametrize("component", ["cli", "provider"])
def test_changed_pins_void_the_record(machine: Machine, record: Path, component: str) -> None:
    data = json.loads(record.read_text(encoding="utf-8"))
    data["fingerprints"][component] = "of other sources"
    record.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EngineMissing, match=f"the sources in engine/{component} have changed since the build"):
        locate(machine.clone)


def test_a_version_that_no_longer_suffices_voids_the_record(machine: Machine, record: Path) -> None:
    data = json.loads(record.read_text(encoding="utf-8")) | {"version": "3.258.0"}
    record.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EngineMissing, match=r"Pulumi 3\.258\.0 is not the version that is needed"):
        locate(machine.clone)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 0}', '{"format": 1, "files": {"a": 1}}', '{"format": 1, "files": {}}']
)
def test_a_damaged_record_is_no_record(machine: Machine, record: Path, text: str) -> None:
    record.write_text(text, encoding="utf-8")
    with pytest.raises(EngineMissing, match="make engine"):
        locate(machine.clone)
    assert machine.ensure().origin == "built"


def test_a_clone_that_was_moved_keeps_its_engine(machine: Machine) -> None:
    machine.put_go()
    machine.ensure()
    moved = machine.clone.rename(machine.folder / "moved")
    assert locate(moved).pulumi == moved / ".local" / "engine" / "bin" / "pulumi"


def test_the_environment_of_stack_local(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put_go()
    engine = machine.ensure()
    monkeypatch.setenv("PATH", f"/usr/bin:{engine.bin_dirs[0]}:/bin")
    variables = engine.environment()
    assert variables == {
        "PATH": f"{machine.clone}/.local/engine/bin:{machine.clone}/.venv/bin:/usr/bin:/bin",
        "PULUMI_HOME": f"{machine.clone}/.local/pulumi/home",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_BACKEND_URL": f"file://{machine.clone}/.local/pulumi/state",
        "PULUMI_CONFIG_PASSPHRASE": "local",
    }
    state = machine.clone / ".local" / "pulumi" / "state"
    assert state.is_dir()
    assert state.stat().st_mode & 0o077 == 0


def test_importing_the_package_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import pulumi_engine; "
        "names = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(names - sys.stdlib_module_names - {'pulumi_engine'}))"
    )
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    assert answer.stdout.strip() == ""
