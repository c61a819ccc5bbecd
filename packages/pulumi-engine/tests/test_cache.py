"""The cache: finished builds are shared, and nothing else is taken for one."""

import fcntl
import threading
from pathlib import Path

import pytest
from machine import Machine
from pulumi_engine import EngineError, cache


@pytest.fixture(autouse=True)
def go_is_there(machine: Machine) -> None:
    machine.put_go()


def entry(machine: Machine, component: str) -> Path:
    """The one finished build of a component."""
    [folder] = (each for each in machine.cache.iterdir() if each.is_dir() and each.name.startswith(component))
    return folder


def test_another_checkout_uses_a_build(machine: Machine) -> None:
    first = machine.ensure()
    second = machine.ensure(machine.another_checkout())
    assert machine.builds() == ["pulumi", "pulumi-language-python", "pulumi-resource-auth0"]
    assert second.pulumi != first.pulumi
    assert second.pulumi.resolve() == first.pulumi.resolve()


def test_another_checkout_uses_a_build_after_go_was_removed(machine: Machine) -> None:
    machine.ensure()
    (machine.path / "go").unlink()
    assert machine.ensure(machine.another_checkout()).origin == "built"


def test_another_version_of_go_builds_again(machine: Machine) -> None:
    machine.ensure()
    machine.put_go("go1.27.0")
    machine.ensure(machine.another_checkout())
    assert machine.builds().count("pulumi") == 2


@pytest.mark.parametrize("component", ["cli", "provider"])
@pytest.mark.parametrize("damage", ["cut short", "changed in place", "removed", "manifest removed"])
def test_a_damaged_build_is_built_again(machine: Machine, component: str, damage: str) -> None:
    machine.ensure()
    builds = len(machine.builds())
    program = entry(machine, component) / "bin" / {"cli": "pulumi", "provider": "pulumi-resource-auth0"}[component]
    intact = program.read_bytes()
    program.chmod(0o755)
    if damage == "cut short":
        program.write_bytes(intact[:-1])
    elif damage == "changed in place":
        program.write_bytes(bytes(reversed(intact)))
    elif damage == "removed":
        program.unlink()
    else:
        (entry(machine, component) / cache.MANIFEST).unlink()
    machine.ensure(machine.another_checkout())
    assert len(machine.builds()) > builds
    assert (entry(machine, component) / "bin" / program.name).read_bytes() == intact


def test_a_build_damaged_after_use_is_built_again(machine: Machine) -> None:
    engine = machine.ensure()
    program = engine.pulumi.resolve()
    program.chmod(0o755)
    program.write_bytes(program.read_bytes()[:-1])
    machine.ensure()
    assert machine.reported("is missing or has changed")
    assert machine.builds().count("pulumi") == 2


def test_the_files_of_a_failed_build_are_deleted(machine: Machine) -> None:
    machine.put_go(build='case "$*" in *pulumi-language-python*) echo "undefined: x"; exit 1;; esac')
    with pytest.raises(EngineError, match=r"(?s)`go build` failed in \S+/cli with exit code 1.*undefined: x"):
        machine.ensure()
    assert not [folder for folder in machine.cache.iterdir() if folder.is_dir()]
    machine.put_go()
    assert machine.ensure().origin == "built"


def test_a_program_that_does_not_start_is_not_cached(machine: Machine) -> None:
    (machine.folder / "built" / "pulumi").write_text("#!/bin/sh\necho Illegal instruction\nexit 132\n")
    with pytest.raises(EngineError, match="the new build of pulumi does not work: Illegal instruction"):
        machine.ensure()
    assert not [folder for folder in machine.cache.iterdir() if folder.is_dir()]


def test_the_files_of_a_killed_build_are_not_used_and_are_deleted(machine: Machine) -> None:
    machine.ensure()
    finished = entry(machine, "cli")
    leftover = finished.with_name(f".{finished.name}.12345")
    finished.rename(leftover)
    (leftover / cache.MANIFEST).unlink()
    machine.ensure(machine.another_checkout())
    assert machine.builds().count("pulumi") == 2
    assert not leftover.exists()


def test_two_concurrent_builds_build_once(machine: Machine) -> None:
    checkout = machine.another_checkout()
    origins: list[str] = []
    threads = [
        threading.Thread(target=lambda folder=folder: origins.append(machine.ensure(folder).origin))
        for folder in (machine.checkout, checkout)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert origins == ["built", "built"]
    assert machine.builds().count("pulumi") == 1


def test_waiting_for_another_process_is_reported(machine: Machine) -> None:
    reported = threading.Event()
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        reported.set()

    machine.cache.mkdir(parents=True)
    entries: list[Path] = []
    with (machine.cache / "a.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(
            target=lambda: entries.append(cache.produce("a", lambda folder: (folder / "f").touch(), report))
        )
        waiting.start()
        assert reported.wait(10)
        assert not entries
    waiting.join()
    assert entries == [machine.cache / "a"]
    assert "waiting for another process that produces a" in lines[0]


def test_an_unwritable_cache_names_the_variable_that_moves_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = machine.folder / "occupied"
    occupied.touch()
    monkeypatch.setenv("AUTH0_ACTIONS_CACHE", str(occupied))
    with pytest.raises(EngineError, match="AUTH0_ACTIONS_CACHE"):
        machine.ensure()


def test_only_the_owner_can_read_the_cache(machine: Machine) -> None:
    machine.ensure()
    assert machine.cache.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"AUTH0_ACTIONS_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c/engine"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/auth0-actions/engine"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/auth0-actions/engine"),
        ({"HOME": "/h"}, "/h/.cache/auth0-actions/engine"),
    ],
)
def test_the_folder_of_the_cache(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str) -> None:
    for name in ("AUTH0_ACTIONS_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == Path(expected)
