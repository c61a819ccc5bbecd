"""The order in which an Auth0 provider is chosen, and the error if there is none."""

import pytest
from machine import INSTALLS_PLUGIN, Machine, script
from pulumi_engine import EngineError, download


def plugin_of(machine: Machine, version: str = "3.50.1") -> str:
    """The program that the engine starts for the Auth0 provider, links resolved."""
    home = machine.engine / "home"
    return str((home / "plugins" / f"resource-auth0-v{version}" / "pulumi-resource-auth0").resolve())


def test_the_users_plugin_is_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    installed = machine.put_plugin(machine.home / ".pulumi")
    machine.put_go()
    machine.ensure()
    assert plugin_of(machine) == str(installed)
    assert machine.builds() == []


def test_a_plugin_in_the_users_pulumi_home_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put_pulumi("3.259.0")
    monkeypatch.setenv("PULUMI_HOME", str(machine.folder / "elsewhere"))
    installed = machine.put_plugin(machine.folder / "elsewhere")
    machine.ensure()
    assert plugin_of(machine) == str(installed)


def test_a_half_installed_plugin_is_not_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    installed = machine.put_plugin(machine.home / ".pulumi")
    installed.parent.with_name(f"{installed.parent.name}.partial").touch()
    machine.put_go()
    machine.ensure()
    assert machine.builds() == ["pulumi-resource-auth0"]


def test_a_plugin_that_does_not_print_its_version_is_not_used(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.put_plugin(machine.home / ".pulumi", says="damaged")
    machine.put_go()
    machine.ensure()
    assert machine.reported("does not work as the Auth0 provider 3.50.1")
    assert machine.builds() == ["pulumi-resource-auth0"]


def test_a_missing_plugin_is_downloaded_before_it_is_built(machine: Machine) -> None:
    machine.put_pulumi("3.259.0", plugin_install=INSTALLS_PLUGIN)
    machine.put_go()
    machine.ensure()
    assert plugin_of(machine).startswith(str(machine.checkout))
    assert machine.builds() == []


def test_after_a_failed_download_the_plugin_is_built(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.put_go()
    engine = machine.ensure()
    assert "pulumi plugin install failed: error: no such host" in machine.lines
    assert machine.reported("building the Auth0 provider from its Go modules")
    assert engine.origin == "path"
    assert plugin_of(machine).startswith(str(machine.cache))


def test_a_download_of_another_version_is_deleted(machine: Machine) -> None:
    machine.put_pulumi("3.259.0", plugin_install=INSTALLS_PLUGIN.replace("echo 3.50.1", "echo 3.49.0"))
    with pytest.raises(EngineError, match=r"the download is not the Auth0 provider 3\.50\.1"):
        machine.ensure()
    assert not list((machine.engine / "home" / "plugins").iterdir())


def test_a_download_that_hangs_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "STALL_SECONDS", 0.5)
    machine.put_pulumi("3.259.0", plugin_install="sleep 600")
    machine.put_go()
    machine.ensure()
    assert machine.reported("pulumi plugin install failed: no progress, ended after")


def test_the_provider_follows_the_installed_python_package(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.install_sdk(machine.checkout, provider="3.51.0")
    machine.put_plugin(machine.home / ".pulumi", "3.50.1")
    installed = machine.put_plugin(machine.home / ".pulumi", "3.51.0")
    assert machine.ensure().provider_version == "3.51.0"
    assert plugin_of(machine, "3.51.0") == str(installed)


def test_only_the_pinned_version_is_built(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    machine.install_sdk(machine.checkout, provider="3.51.0")
    machine.put_go()
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    text = str(raised.value)
    assert "requires the Auth0 provider 3.51.0" in text
    assert "build 3.50.1 only" in text
    assert "pulumi plugin install resource auth0 3.51.0" in text
    assert machine.builds() == []


def test_without_go_the_error_names_both_fixes(machine: Machine) -> None:
    machine.put_pulumi("3.259.0")
    with pytest.raises(EngineError) as raised:
        machine.ensure()
    assert "install Go 1.25.11 or newer" in str(raised.value)
    assert "pulumi plugin install resource auth0 3.50.1" in str(raised.value)


def test_without_the_python_package_the_error_names_it(machine: Machine) -> None:
    script(machine.path / "go", "exit 0")
    with pytest.raises(EngineError, match=r"no package pulumi-auth0\n  fix: install pulumi-auth0 there"):
        machine.ensure(machine.folder)
