"""npm dependencies: installed when an Action is built, required when it runs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from action_runtime import DependencyInstallError, dependencies, install_dependencies
from flows import Start, action, login, post_login
from npm_registry import Registry, npm_registry

pytestmark = pytest.mark.anyio


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    with npm_registry() as registry:
        monkeypatch.setenv("npm_config_registry", registry.url)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("A_SECRET_OF_OURS", "not for npm")
        yield registry


async def test_an_action_requires_what_was_installed_for_its_version(
    start: Start, registry: Registry, tmp_path: Path
) -> None:
    folder = tmp_path / "dependencies"
    # It is running before there is any dependency.
    runtime = await start()
    registry.publish("@scope/greeting", "1.2.3", "exports.greet = (name) => `Hello ${name}`;")
    registry.publish(
        "polite",
        "2.0.0",
        "const { greet } = require('@scope/greeting'); module.exports = (name) => `${greet(name)}!`;",
        dependencies={"@scope/greeting": "^1.0.0"},
        scripts={"install": "touch ran-a-script"},
    )
    installed = await install_dependencies([("polite", "2.0.0")], folder)
    assert installed is not None
    assert installed.parent == folder
    assert not list(installed.rglob("ran-a-script"))

    bound = action(
        """const polite = require('polite');
        exports.onExecutePostLogin = async (event, api) => api.idToken.setCustomClaim('text', polite('Ada'));"""
    )
    version = dataclasses.replace(bound.version, dependencies=installed)
    result = await runtime.run(post_login(dataclasses.replace(bound, version=version)), login())
    assert result.error is None
    assert result.effects.id_token_claims == {"text": "Hello Ada!"}
    assert (await runtime.run(post_login("require('polite')"), login())).status == "failed"

    requests = len(registry.requests)
    assert await install_dependencies([("polite", "2.0.0")], folder) == installed
    assert len(registry.requests) == requests


async def test_a_version_that_does_not_exist_fails_the_build_and_leaves_nothing(
    registry: Registry, tmp_path: Path
) -> None:
    registry.publish("polite", "2.0.0", "")
    with pytest.raises(DependencyInstallError, match=r"npm could not install polite@3\.0\.0.*(No matching|ETARGET)"):
        await install_dependencies([("polite", "3.0.0")], tmp_path / "dependencies")
    assert os.listdir(tmp_path / "dependencies") == []  # noqa: PTH208 - one look at the disk


async def test_an_installation_that_takes_too_long_fails_the_build(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(DependencyInstallError, match=r"within 0\.01 s"):
        await install_dependencies([("polite", "2.0.0")], tmp_path / "dependencies", time_limit=0.01)
    assert os.listdir(tmp_path / "dependencies") == []  # noqa: PTH208 - one look at the disk
    assert registry.requests == []


async def test_without_npm_the_build_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dependencies, "npm_program", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyInstallError, match="none on PATH"):
        await install_dependencies([("polite", "2.0.0")], tmp_path / "dependencies")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("--registry=http://x", "1.0.0"),
        ("../up", "1.0.0"),
        ("", "1.0.0"),
        ("polite", "^1.0.0"),
        ("polite", "file:/etc"),
        ("polite", "git+https://x/y"),
        ("polite", "npm:other@1.0.0"),
    ],
)
async def test_what_names_no_package_in_one_version_is_refused(tmp_path: Path, name: str, version: str) -> None:
    with pytest.raises(DependencyInstallError, match="names no npm package"):
        await install_dependencies([(name, version)], tmp_path)


async def test_nothing_to_install_needs_no_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dependencies, "npm_program", lambda: None)
    assert await install_dependencies([], tmp_path) is None
