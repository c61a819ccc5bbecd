"""A finished build is used again wherever it can be, and nothing else is ever taken for one."""

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
    (found,) = (folder for folder in machine.cache.iterdir() if folder.is_dir() and folder.name.startswith(component))
    return found


def test_a_build_is_used_by_another_clone(machine: Machine) -> None:
    first = machine.ensure()
    second = machine.ensure(machine.another_clone())
    assert machine.builds() == ["pulumi", "pulumi-language-python", "pulumi-resource-auth0"]
    assert second.pulumi != first.pulumi
    assert second.pulumi.resolve() == first.pulumi.resolve()


def test_a_build_is_used_by_another_clone_on_a_machine_that_lost_its_go(machine: Machine) -> None:
    machine.ensure()
    (machine.path / "go").unlink()
    assert machine.ensure(machine.another_clone()).origin == "built"


def test_another_version_of_go_builds_anew(machine: Machine) -> None:
    machine.ensure()
    machine.put_go("go1.27.0")
    machine.ensure(machine.another_clone())
    assert machine.builds().count("pulumi") == 2


@pytest.mark.parametrize("component", ["cli", "provider"])
@pytest.mark.parametrize("damage", ["cut short", "changed in place", "removed", "manifest removed"])
def test_a_damaged_build_is_made_again(machine: Machine, component: str, damage: str) -> None:
    machine.ensure()
    builds = len(machine.builds())
    program = entry(machine, component) / "bin" / {"cli": "pulumi", "provider": "pulumi-resource-auth0"}[component]
    whole = program.read_bytes()
    program.chmod(0o755)
    if damage == "cut short":
        program.write_bytes(whole[:-1])
    elif damage == "changed in place":
        program.write_bytes(bytes(reversed(whole)))
    elif damage == "removed":
        program.unlink()
    else:
        (entry(machine, component) / cache.MANIFEST).unlink()
    machine.ensure(machine.another_clone())
    assert len(machine.builds()) > builds
    assert (entry(machine, component) / "bin" / program.name).read_bytes() == whole


def test_a_damaged_build_is_noticed_in_the_clone_that_uses_it(machine: Machine) -> None:
    engine = machine.ensure()
    program = engine.pulumi.resolve()
    program.chmod(0o755)
    program.write_bytes(program.read_bytes()[:-1])
    machine.ensure()
    assert machine.heard("is gone or has changed since it was found")
    assert machine.builds().count("pulumi") == 2


def test_what_a_failed_build_leaves_is_thrown_away(machine: Machine) -> None:
    machine.put_go(build='case "$*" in *pulumi-language-python*) echo "undefined: x"; exit 1;; esac')
    with pytest.raises(EngineError, match=r"(?s)`go build` failed in engine/cli with exit code 1.*undefined: x"):
        machine.ensure()
    assert not [folder for folder in machine.cache.iterdir() if folder.is_dir()]
    machine.put_go()
    assert machine.ensure().origin == "built"


def test_a_program_that_does_not_start_never_reaches_the_cache(machine: Machine) -> None:
    (machine.folder / "built" / "pulumi").write_text("#!/bin/sh\necho Illegal instruction\nexit 132\n")
    with pytest.raises(
        EngineError, match="the pulumi that was built does not answer as it should: Illegal instruction"
    ):
        machine.ensure()
    assert not [folder for folder in machine.cache.iterdir() if folder.is_dir()]


def test_what_a_killed_build_left_is_neither_used_nor_kept(machine: Machine) -> None:
    machine.ensure()
    finished = entry(machine, "cli")
    left = finished.with_name(f".{finished.name}.12345")
    finished.rename(left)
    (left / cache.MANIFEST).unlink()
    machine.ensure(machine.another_clone())
    assert machine.builds().count("pulumi") == 2
    assert not left.exists()


def test_two_clones_that_build_at_once_build_once(machine: Machine) -> None:
    clone = machine.another_clone()
    done: list[str] = []
    threads = [
        threading.Thread(target=lambda folder=folder: done.append(machine.ensure(folder).origin))
        for folder in (machine.clone, clone)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["built", "built"]
    assert machine.builds().count("pulumi") == 1


def test_waiting_for_another_process_is_said(machine: Machine) -> None:
    said = threading.Event()
    heard: list[str] = []

    def report(line: str) -> None:
        heard.append(line)
        said.set()

    machine.cache.mkdir(parents=True)
    made: list[Path] = []
    with (machine.cache / "a.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(
            target=lambda: made.append(cache.make("a", lambda folder: (folder / "f").touch(), report))
        )
        waiting.start()
        assert said.wait(10)
        assert not made
    waiting.join()
    assert made == [machine.cache / "a"]
    assert "another process is making a; waiting for it" in heard[0]


def test_a_cache_that_cannot_be_written_names_the_variable_that_moves_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = machine.folder / "occupied"
    occupied.touch()
    monkeypatch.setenv("AUTH0_ACTIONS_CACHE", str(occupied))
    with pytest.raises(EngineError, match="AUTH0_ACTIONS_CACHE"):
        machine.ensure()


def test_the_cache_is_readable_by_its_owner_alone(machine: Machine) -> None:
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
def test_where_builds_are_kept(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str) -> None:
    for name in ("AUTH0_ACTIONS_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == Path(expected)
