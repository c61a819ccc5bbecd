"""The order of the choices: an engine and a provider that exist, a download, a build."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pulumi_engine import cache, download, expose, go, on_path, record, sources
from pulumi_engine.model import Engine, EngineError, EngineMissing, Layout, Origin, partial_marker, plugin_in
from pulumi_engine.versions import BUILT_PROVIDER, MINIMUM_PULUMI, parse, pinned_pulumi, required_go, required_provider

Report = Callable[[str], None]


def choose(layout: Layout, report: Report) -> Engine:
    """Do what :func:`pulumi_engine.ensure` documents."""
    try:
        return record.locate(layout)
    except EngineMissing as missing:
        report(f"{missing.reason}: looking for one")
    provider_version = required_provider(layout)
    engine = _choose_engine(layout, report)
    links = expose.programs(layout, engine.programs)
    provider = _choose_provider(layout, provider_version, report)
    record.write(
        layout,
        version=engine.version,
        origin=engine.origin,
        provider_version=provider_version,
        files=[*links, provider.plugin],
        built=[*engine.built, *provider.built],
    )
    return record.locate(layout)


@dataclass(frozen=True)
class _Engine:
    """A chosen engine: its programs for PATH, and the component that it was built from, if any."""

    version: str
    origin: Origin
    programs: tuple[Path, ...]
    built: tuple[sources.Component, ...] = ()


@dataclass(frozen=True)
class _Provider:
    """A chosen provider plugin in PULUMI_HOME, and the component that it was built from, if any."""

    plugin: Path
    built: tuple[sources.Component, ...] = ()


def _choose_engine(layout: Layout, report: Report) -> _Engine:
    installed, refused = on_path.find(layout)
    for line in refused:
        report(line)
    if installed:
        pulumi, version = installed
        report(f"using Pulumi {version} at {pulumi}")
        return _Engine(str(version), "path", (pulumi,))

    component = sources.command_line()
    toolchain, no_go = go.find()
    if entry := cache.find(download.engine_key(layout)):
        report(f"using the earlier download of Pulumi in {entry}")
        return _downloaded(entry)
    if entry := go.cached(component, toolchain):
        report(f"using the earlier build of Pulumi {pinned_pulumi()} in {entry}")
        return _built(entry, component)

    report("trying Pulumi's installer")
    try:
        return _downloaded(download.install_engine(layout, report))
    except download.DownloadError as failure:
        reason = str(failure)
        report(f"Pulumi's installer failed: {reason}")
    if toolchain is None:
        raise EngineError(
            f"there is no Pulumi engine, and none could be downloaded or built:\n"
            f"  on PATH: {'; '.join(refused)}\n"
            f"  Pulumi's installer: {reason}\n"
            f"  a build from Go modules: {no_go}",
            fix=f"install Pulumi {MINIMUM_PULUMI} or newer (https://www.pulumi.com/docs/install/), or "
            f"Go {required_go()} or newer (https://go.dev/doc/install), and run this again",
        )
    _announce_build(component, toolchain, "there is no usable Pulumi, and it cannot be downloaded", report)
    return _built(go.build(component, toolchain, report), component)


def _choose_provider(layout: Layout, version: str, report: Report) -> _Provider:
    for plugin in _installed_plugins(layout, version):
        if on_path.version_of(plugin) == parse(version):
            report(f"using the Auth0 provider {version} at {plugin}")
            own = plugin == layout.plugin(version)
            return _Provider(plugin if own else expose.plugin(layout, version, plugin.resolve()))
        report(f"{plugin} does not work as the Auth0 provider {version}")

    component = sources.provider()
    buildable = version == BUILT_PROVIDER
    toolchain, no_go = go.find()
    if buildable and (entry := go.cached(component, toolchain)):
        report(f"using the earlier build of the Auth0 provider {version} in {entry}")
        return _built_provider(layout, version, entry, component)

    install = f"pulumi plugin install resource auth0 {version}"
    report(f"trying {install}")
    try:
        return _Provider(download.install_plugin(layout, version, report))
    except download.DownloadError as failure:
        reason = str(failure)
        report(f"pulumi plugin install failed: {reason}")
    if not buildable:
        raise EngineError(
            f"the installed pulumi-auth0 requires the Auth0 provider {version}. It could not be downloaded "
            f"({reason}), and the Go modules build {BUILT_PROVIDER} only",
            fix=f"install pulumi-auth0 {BUILT_PROVIDER}, or run `{install}` where downloads work",
        )
    if toolchain is None:
        raise EngineError(
            f"there is no Auth0 provider {version}. It could not be downloaded ({reason}) or built ({no_go})",
            fix=f"install Go {required_go()} or newer (https://go.dev/doc/install), or run `{install}` where "
            "downloads work, and run this again",
        )
    _announce_build(component, toolchain, "it is not installed and cannot be downloaded", report)
    return _built_provider(layout, version, go.build(component, toolchain, report), component)


def _installed_plugins(layout: Layout, version: str) -> list[Path]:
    """Complete plugins of that version in this PULUMI_HOME and in the user's, without links into the cache.

    The cache is searched later, because it knows whether its builds are intact.
    """
    user_home = Path(os.environ.get("PULUMI_HOME") or Path("~/.pulumi").expanduser()).absolute()
    plugins = [plugin_in(home, version) for home in dict.fromkeys((layout.home, user_home))]
    return [
        plugin
        for plugin in plugins
        if plugin.is_file()
        and not partial_marker(plugin).exists()
        and not plugin.resolve().is_relative_to(cache.folder().resolve())
    ]


def _downloaded(entry: Path) -> _Engine:
    return _Engine(str(on_path.version_of(entry / "bin" / "pulumi")), "installer", _programs(entry))


def _built(entry: Path, component: sources.Component) -> _Engine:
    return _Engine(pinned_pulumi(), "built", _programs(entry), (component,))


def _built_provider(layout: Layout, version: str, entry: Path, component: sources.Component) -> _Provider:
    return _Provider(expose.plugin(layout, version, entry / "bin" / "pulumi-resource-auth0"), (component,))


def _programs(entry: Path) -> tuple[Path, ...]:
    return tuple(sorted((entry / "bin").iterdir()))


def _announce_build(component: sources.Component, toolchain: go.Go, reason: str, report: Report) -> None:
    report(
        f"building {component.title} from its Go modules with {toolchain.version}, because {reason}. "
        f"The first build takes about {component.minutes} minutes on two cores, downloads included; it is kept in "
        f"{cache.folder()}"
    )
