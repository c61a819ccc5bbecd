"""The pinned Go modules: the components that they build, and the fingerprint of their sources."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pulumi_engine.versions import BUILT_PROVIDER, PACKAGE, pinned_pulumi

RECIPE = 1
"""To be raised when the way of building changes (flags, environment) and the sources do not."""


@dataclass(frozen=True)
class Binary:
    """One program to build.

    Attributes:
        name: Its file name.
        package: The Go package that it is built from.
        stamp: A Go variable and the version that the linker puts into it.
        question: The argument that shows whether the finished program starts.
        answer: What its output must contain then, "" for anything.
    """

    name: str
    package: str
    stamp: tuple[str, str]
    question: str
    answer: str


@dataclass(frozen=True)
class Component:
    """Programs that are built from one Go module and cached together.

    Attributes:
        name: Folder of the module in this package.
        title: Its name in messages.
        binaries: What is built.
        module_files: Files copied from downloaded modules: (module, path in it).
        minutes: Duration of a first build on two cores, downloads included (measured).
    """

    name: str
    title: str
    binaries: tuple[Binary, ...]
    module_files: tuple[tuple[str, str], ...]
    minutes: int

    @property
    def folder(self) -> Path:
        """The Go module."""
        return PACKAGE / self.name


def command_line() -> Component:
    """The Pulumi CLI and its Python language host."""
    sdk = "github.com/pulumi/pulumi/sdk/v3"
    version = pinned_pulumi()
    stamp = (f"{sdk}/go/common/version.Version", version)
    return Component(
        name="cli",
        title="Pulumi",
        binaries=(
            Binary("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", stamp, "version", version),
            Binary("pulumi-language-python", "./pulumi-language-python", stamp, "-help", ""),
        ),
        # The language host runs programs with this script, and expects it beside itself.
        module_files=((sdk, "python/cmd/pulumi-language-python-exec"),),
        minutes=6,
    )


def provider() -> Component:
    """The Auth0 provider."""
    return Component(
        name="provider",
        title="the Auth0 provider",
        binaries=(Binary("pulumi-resource-auth0", ".", ("main.version", BUILT_PROVIDER), "-version", BUILT_PROVIDER),),
        module_files=(),
        minutes=3,
    )


def fingerprint(component: Component) -> str:
    """Hash of all that determines a build: pins, checksums, code without its tests, the component's description."""
    digest = hashlib.sha256(f"{RECIPE} {component}".encode())
    for file in sorted(component.folder.rglob("*")):
        if file.is_file() and not file.name.endswith("_test.go"):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(component.folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]
