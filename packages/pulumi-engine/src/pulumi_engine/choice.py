"""Finds an engine and a provider, or builds them: the order of the choices, and what is said when all fail."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine import cache, expose, go, official, on_path, record, sources
from pulumi_engine.model import Engine, EngineError, EngineMissing, Layout, plugin_in
from pulumi_engine.versions import (
    BUILT_PROVIDER,
    MINIMUM_PULUMI,
    Version,
    installed_provider,
    pinned_pulumi,
    required_go,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_engine.model import Origin


def choose(root: Path | None, report: Callable[[str], None]) -> Engine:
    """Do what :func:`engine.ensure` says."""
    layout = Layout((root or record.clone_of_this_package()).resolve())
    try:
        return record.locate(layout.root)
    except EngineMissing as missing:
        report(f"{missing.reason}; looking for one")
    provider_version = installed_provider(layout.root)
    engine = _choose_engine(layout, report)
    links = expose.programs(layout, engine.programs)
    provider = _choose_provider(layout, provider_version, report)
    built = [*engine.built, *provider.built]
    record.remember(
        layout,
        version=engine.version,
        origin=engine.origin,
        provider_version=provider_version,
        files=[*links, provider.plugin],
        built=built,
    )
    return record.locate(layout.root)


@dataclass(frozen=True)
class _Engine:
    """A chosen engine: the programs to put on PATH, and the component that it was built from, if it was."""

    version: str
    origin: Origin
    programs: tuple[Path, ...]
    built: tuple[sources.Component, ...] = ()


@dataclass(frozen=True)
class _Provider:
    """A chosen provider plugin in the clone's PULUMI_HOME, and the component that it was built from, if it was."""

    plugin: Path
    built: tuple[sources.Component, ...] = ()


def _choose_engine(layout: Layout, report: Callable[[str], None]) -> _Engine:
    found, refused = on_path.find(layout)
    for line in refused:
        report(line)
    if found:
        report(f"using Pulumi {found.version} at {found.pulumi}")
        return _Engine(str(found.version), "path", (found.pulumi,))

    component = sources.command_line()
    toolchain, go_trouble = go.find()
    if entry := cache.find(official.engine_key(layout)):
        report(f"using the Pulumi that was downloaded before, in {entry}")
        return _downloaded(entry)
    if entry := go.cached(component, toolchain):
        report(f"using the Pulumi {pinned_pulumi()} that was built before, in {entry}")
        return _built(entry, component)

    report("trying Pulumi's installer")
    try:
        return _downloaded(official.install_engine(layout, report))
    except official.DownloadError as failure:
        reason = str(failure)
        report(f"Pulumi's installer failed: {reason}")
    if toolchain is None:
        raise EngineError(
            f"there is no Pulumi engine here, and none could be had:\n"
            f"  on PATH: {'; '.join(refused)}\n"
            f"  Pulumi's installer: {reason}\n"
            f"  a build from Go modules: {go_trouble}\n"
            f"Install one of these, then run `make engine` again:\n"
            f"  Pulumi {MINIMUM_PULUMI} or newer (https://www.pulumi.com/docs/install/)\n"
            f"  Go {required_go()} or newer (https://go.dev/doc/install)"
        )
    report(_why_build(component, toolchain, "there is no usable Pulumi here and it cannot be downloaded"))
    return _built(go.build(component, toolchain, report), component)


def _choose_provider(layout: Layout, version: str, report: Callable[[str], None]) -> _Provider:
    for plugin in _installed_plugins(layout, version):
        if on_path.version_of(plugin) == Version.parse(version):
            report(f"using the Auth0 provider {version} at {plugin}")
            own = plugin == layout.plugin(version)
            return _Provider(plugin if own else expose.plugin(layout, version, plugin.resolve()))
        report(f"{plugin} does not work as the Auth0 provider {version}")

    component = sources.provider()
    buildable = version == BUILT_PROVIDER
    toolchain, go_trouble = go.find()
    if buildable and (entry := go.cached(component, toolchain)):
        report(f"using the Auth0 provider {version} that was built before, in {entry}")
        return _Provider(_expose_built(layout, version, entry), (component,))

    report(f"trying pulumi plugin install resource auth0 {version}")
    try:
        home = {"PULUMI_HOME": str(layout.home)}
        official.install_plugin(layout, layout.bin / "pulumi", version, home, report)
        return _Provider(layout.plugin(version))
    except official.DownloadError as failure:
        reason = str(failure)
        report(f"pulumi plugin install failed: {reason}")
    if not buildable:
        raise EngineError(
            f"the installed pulumi-auth0 needs the Auth0 provider {version}. It could not be downloaded ({reason}), "
            f"and the Go modules here build {BUILT_PROVIDER} only.\n"
            f"Either go back to pulumi-auth0 {BUILT_PROVIDER} (`uv sync` installs what uv.lock names), or run "
            f"`pulumi plugin install resource auth0 {version}` where downloads work."
        )
    if toolchain is None:
        raise EngineError(
            f"there is no Auth0 provider {version} here. It could not be downloaded ({reason}), and cannot be built "
            f"({go_trouble}).\nInstall Go {required_go()} or newer (https://go.dev/doc/install), or run "
            f"`pulumi plugin install resource auth0 {version}` where downloads work; then run `make engine` again."
        )
    report(_why_build(component, toolchain, "it is not installed and cannot be downloaded"))
    return _Provider(_expose_built(layout, version, go.build(component, toolchain, report)), (component,))


def _installed_plugins(layout: Layout, version: str) -> list[Path]:
    """Plugins of that version in the clone's PULUMI_HOME and in the user's, none of them a build of this project.

    Builds are found through the cache, which knows whether they are whole.
    """
    of_user = os.environ.get("PULUMI_HOME") or Path("~/.pulumi").expanduser()
    found = []
    for home in dict.fromkeys((layout.home, Path(of_user).absolute())):
        plugin = plugin_in(home, version)
        half = plugin.parent.with_name(f"{plugin.parent.name}.partial").exists()
        ours = plugin.resolve().is_relative_to(cache.folder().resolve())
        if plugin.is_file() and not half and not ours:
            found.append(plugin)
    return found


def _downloaded(entry: Path) -> _Engine:
    version = on_path.version_of(entry / "bin" / "pulumi")
    return _Engine(str(version), "installer", _programs(entry))


def _built(entry: Path, component: sources.Component) -> _Engine:
    return _Engine(pinned_pulumi(), "built", _programs(entry), (component,))


def _programs(entry: Path) -> tuple[Path, ...]:
    return tuple(sorted((entry / "bin").iterdir()))


def _expose_built(layout: Layout, version: str, entry: Path) -> Path:
    return expose.plugin(layout, version, entry / "bin" / "pulumi-resource-auth0")


def _why_build(component: sources.Component, toolchain: go.Go, reason: str) -> str:
    return (
        f"building {component.title} from its Go modules with {toolchain.version}, because {reason}. "
        f"The first build takes about {component.minutes} minutes on two cores, downloads included; it is kept in "
        f"{cache.folder()} for all clones"
    )
