"""Which Auth0 provider is taken: the one that the installed Python package wants, in the cheapest way there is."""

import pytest
from machine import INSTALLS_PLUGIN, Machine, script
from pulumi_engine import EngineError, official


def plugin_of(machine: Machine, version: str = "3.50.1") -> str:
    """What the engine will start for the Auth0 provider, links resolved."""
    home = machine.clone / ".local" / "pulumi" / "home"
    return str((home / "plugins" / f"resource-auth0-v{version}" / "pulumi-resource-auth0").resolve())


def test_a_plugin_that_the_user_has_installed_is_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    theirs = machine.put_plugin(machine.home / ".pulumi")
    machine.put_go()
    machine.ensure()
    assert plugin_of(machine) == str(theirs)
    assert machine.builds() == []


def test_a_plugin_in_the_pulumi_home_of_the_user_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put_pulumi("3.259.0")
    monkeypatch.setenv("PULUMI_HOME", str(machine.folder / "elsewhere"))
    theirs = machine.put_plugin(machine.folder / "elsewhere")
    machine.ensure()
    assert plugin_of(machine) == str(theirs)


def test_a_plugin_that_is_half_installed_is_not_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    theirs = machine.put_plugin(machine.home / ".pulumi")
    theirs.parent.with_name(f"{theirs.parent.name}.partial").touch()
    machine.put_go()
    machine.ensure()
    assert machine.builds() == ["pulumi-resource-auth0"]


def test_a_plugin_that_does_not_say_its_version_is_not_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.put_plugin(machine.home / ".pulumi", says="damaged")
    machine.put_go()
    machine.ensure()
    assert machine.heard("does not work as the Auth0 provider 3.50.1")
    assert machine.builds() == ["pulumi-resource-auth0"]


def test_a_missing_plugin_is_downloaded_before_it_is_built(machine: Machine) -> None:
    machine.put_pulumi("3.259.0", plugin_install=INSTALLS_PLUGIN)
    machine.put_go()
    machine.ensure()
    assert plugin_of(machine).startswith(str(machine.clone))
    assert machine.builds() == []


def test_a_plugin_is_built_when_the_download_fails_and_the_reason_is_said(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.put_go()
    engine = machine.ensure()
    assert "pulumi plugin install failed: error: no such host" in machine.said
    assert machine.heard("building the Auth0 provider from its Go modules")
    assert engine.origin == "path"
    assert plugin_of(machine).startswith(str(machine.cache))


def test_a_download_that_brings_another_version_leaves_nothing(machine: Machine) -> None:
    machine.put_pulumi("3.259.0", plugin_install=INSTALLS_PLUGIN.replace("echo 3.50.1", "echo 3.49.0"))
    with pytest.raises(EngineError, match=r"what came is not the Auth0 provider 3\.50\.1"):
        machine.ensure()
    assert not list((machine.clone / ".local" / "pulumi" / "home" / "plugins").iterdir())


def test_a_download_that_hangs_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "STALL_SECONDS", 0.5)
    machine.put_pulumi("3.259.0", plugin_install="sleep 600")
    machine.put_go()
    machine.ensure()
    assert machine.heard("pulumi plugin install failed: nothing more came after")


def test_the_provider_follows_the_installed_python_package(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.install_sdk(machine.clone, provider="3.51.0")
    machine.put_plugin(machine.home / ".pulumi", "3.50.1")
    theirs = machine.put_plugin(machine.home / ".pulumi", "3.51.0")
    assert machine.ensure().provider_version == "3.51.0"
    assert plugin_of(machine, "3.51.0") == str(theirs)


def test_another_version_than_the_pinned_one_is_never_built_under_its_name(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.install_sdk(machine.clone, provider="3.51.0")
    machine.put_go()
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    text = str(raised.value)
    assert "needs the Auth0 provider 3.51.0" in text
    assert "build 3.50.1 only" in text
    assert "pulumi plugin install resource auth0 3.51.0" in text
    assert machine.builds() == []


def test_without_go_the_error_tells_both_ways_out(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    assert "Install Go 1.25.11 or newer" in str(raised.value)
    assert "pulumi plugin install resource auth0 3.50.1" in str(raised.value)


def test_without_the_python_package_the_error_names_uv_sync(machine: Machine) -> None:
    script(machine.path / "go", "exit 0")
    with pytest.raises(EngineError, match=r"no package pulumi-auth0: run `uv sync`"):
        machine.ensure(machine.folder)
