"""The last choice: a build from the pinned Go modules, with every source verified by go.sum."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pulumi_engine import cache, process
from pulumi_engine.model import EngineError
from pulumi_engine.sources import Binary, Component, fingerprint
from pulumi_engine.versions import PACKAGE

_START_SECONDS = 60.0
_VERSION_SECONDS = 300.0  # an older go first fetches the version that go.mod asks for


@dataclass(frozen=True)
class Go:
    """A Go toolchain: its program and the version that builds the modules, as ``go1.26.2``."""

    program: Path
    version: str


def find() -> tuple[Go | None, str]:
    """Return the Go toolchain on PATH, or None and why there is none that can build the modules."""
    program = shutil.which("go")
    if program is None:
        return None, "no go is on PATH"
    # In the module's folder, go prints the version that it would build it with.
    command = [program, "env", "GOVERSION"]
    result = process.run(command, cwd=PACKAGE / "cli", environment=_environment(), limit=_VERSION_SECONDS)
    if result.code != 0 or not result.tail:
        return None, f"{program} cannot build them: {result.reason}"
    return Go(Path(program), re.sub(r"[^\w.+-]", "_", result.tail[-1].strip())), ""


def key(component: Component, go: Go | None) -> str:
    """Cache key of a build. Without a Go it is the common prefix of the keys of these sources' builds."""
    return f"{component.name}-{fingerprint(component)}-{cache.platform()}-{go.version if go else ''}"


def cached(component: Component, go: Go | None) -> Path | None:
    """Return an intact build of these sources for this machine, None if there is none.

    Without a Go, a build by any version of Go will do: this machine could not build another.
    """
    return cache.find(key(component, go)) if go else cache.find_any(key(component, None))


def build(component: Component, go: Go, report: Callable[[str], None]) -> Path:
    """Build ``component`` into the cache; return the entry, with the programs in its ``bin``.

    Raises:
        EngineError: Go failed; the text has the last lines of its output.
    """

    def write(staging: Path) -> None:
        _Build(component, go, report).write(staging / "bin")

    return cache.produce(key(component, go), write, report)


class _Build:
    """The steps of a build."""

    def __init__(self, component: Component, go: Go, report: Callable[[str], None]) -> None:
        self._component, self._go, self._report = component, go, report
        self._steps = 1 + len(component.binaries)

    def write(self, target: Path) -> None:
        target.mkdir()
        packages = self._fetch()
        for number, binary in enumerate(self._component.binaries, start=2):
            self._compile(number, binary, target, packages[binary.package])
        for module, path in self._component.module_files:
            source = Path(self._run("list", "-m", "-f", "{{.Dir}}", module).tail[-1]) / path
            copy = target / source.name
            shutil.copyfile(source, copy)
            copy.chmod(0o755)
        for binary in self._component.binaries:
            self._start(target / binary.name, binary)

    def _fetch(self) -> dict[str, int]:
        """Download the sources; return the number of Go packages of each program."""
        modules = 0
        packages = dict.fromkeys((binary.package for binary in self._component.binaries), 0)

        def beat(seconds: float) -> None:
            self._step(1, f"downloading sources, {modules} modules so far, {process.duration(seconds)}")

        self._step(1, "downloading sources")
        for package in packages:

            def count(line: str, package: str = package) -> None:
                nonlocal modules
                modules += line.startswith("go: downloading ")
                packages[package] += not line.startswith("go: ")

            self._run("list", "-mod=readonly", "-deps", package, on_line=count, on_beat=beat)
        return packages

    def _compile(self, number: int, binary: Binary, target: Path, packages: int) -> None:
        compiled = 0

        def count(_line: str) -> None:
            nonlocal compiled
            compiled += 1

        def beat(seconds: float) -> None:
            self._step(
                number,
                f"compiling {binary.name}, {compiled} packages (of at most {packages}), {process.duration(seconds)}",
            )

        self._step(number, f"compiling {binary.name}")
        variable, value = binary.stamp
        self._run(
            "build",
            "-mod=readonly",  # build nothing that go.mod and go.sum do not name
            "-trimpath",  # no path of this machine in the programs,
            "-buildvcs=false",  # and no commit: the same sources produce the same bytes
            "-v",
            "-ldflags",
            f"-s -w -X {variable}={value}",
            "-o",
            str(target / binary.name),
            binary.package,
            on_line=count,
            on_beat=beat,
        )

    def _start(self, program: Path, binary: Binary) -> None:
        """Keep a program out of the cache that does not start or is another version."""
        result = process.run([program, binary.question], limit=_START_SECONDS)
        if result.code != 0 or not any(binary.answer in line for line in result.tail):
            raise EngineError(f"the new build of {binary.name} does not work: {result.reason}")

    def _run(
        self,
        *arguments: str,
        on_line: Callable[[str], None] | None = None,
        on_beat: Callable[[float], None] | None = None,
    ) -> process.Finished:
        result = process.run(
            [self._go.program, *arguments],
            cwd=self._component.folder,
            environment=_environment(),
            on_line=on_line,
            on_beat=on_beat,
        )
        if result.code != 0:
            output = "\n".join(f"    {line}" for line in result.tail) or "    (no output)"
            raise EngineError(
                f"`go {arguments[0]}` failed in {self._component.folder} with exit code {result.code}:\n{output}",
                fix="see its output, and run this again: Go keeps what it has compiled",
            )
        return result

    def _step(self, number: int, what: str) -> None:
        self._report(f"building {self._component.title}: step {number} of {self._steps}: {what}")


def _environment() -> dict[str, str]:
    """The caller's variables, except those that would build for another machine or from other modules."""
    environment = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH"}}
    # Without cgo the build needs no C compiler, and the programs run on any release of the operating system.
    return environment | {"CGO_ENABLED": "0", "GOWORK": "off"}
