"""The last choice: a build from the pinned Go modules, whose every source go.sum verifies."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine import cache, process
from pulumi_engine.model import EngineError
from pulumi_engine.sources import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_engine.sources import Binary, Component

BEAT_SECONDS = 10.0
_TRY_OUT_SECONDS = 60.0
_VERSION_SECONDS = 300.0  # an older go first fetches the version that go.mod asks for


@dataclass(frozen=True)
class Go:
    """A Go toolchain: its program and the version that builds the modules, as ``go1.26.2``."""

    program: Path
    version: str


def find() -> tuple[Go | None, str]:
    """Give the Go toolchain on PATH, or None and the reason why there is none that can build the modules."""
    program = shutil.which("go")
    if program is None:
        return None, "no go is on PATH"
    # Asked in the module's folder, go answers with the version that it would build it with.
    folder = Path(__file__).parent / "cli"
    answer = process.run([program, "env", "GOVERSION"], cwd=folder, environment=_environment(), limit=_VERSION_SECONDS)
    if answer.code != 0 or not answer.tail:
        return None, f"{program} cannot build them: {answer.reason}"
    return Go(Path(program), re.sub(r"[^\w.+-]", "_", answer.tail[-1].strip())), ""


def key(component: Component, go: Go | None) -> str:
    """Cache key of a build. Without a Go it is the start of the keys of all builds that would do."""
    return f"{component.name}-{fingerprint(component)}-{cache.platform()}-{go.version if go else ''}"


def cached(component: Component, go: Go | None) -> Path | None:
    """Give a finished build of these sources for this machine, whole in every byte; None if there is none.

    Without a Go, one that another version of Go made is as good: nothing could be built here anyway.
    """
    return cache.find(key(component, go)) if go else cache.find_any(key(component, None))


def build(component: Component, go: Go, report: Callable[[str], None]) -> Path:
    """Build ``component`` into the cache; give the entry, with the programs in its ``bin``.

    Raises:
        EngineError: Go failed; the text has the last lines of what it said.
    """

    def produce(staging: Path) -> None:
        _Build(component, go, report).into(staging / "bin")

    return cache.make(key(component, go), produce, report)


class _Build:
    """One run through the steps of a build."""

    def __init__(self, component: Component, go: Go, report: Callable[[str], None]) -> None:
        self._component, self._go, self._report = component, go, report
        self._steps = 1 + len(component.binaries)

    def into(self, target: Path) -> None:
        target.mkdir()
        packages = self._fetch()
        for number, binary in enumerate(self._component.binaries, start=2):
            self._compile(number, binary, target, packages[binary.package])
        for module, path in self._component.module_files:
            source = Path(self._ask("list", "-m", "-f", "{{.Dir}}", module)[-1]) / path
            copy = target / source.name
            shutil.copyfile(source, copy)
            copy.chmod(0o755)
        for binary in self._component.binaries:
            self._try_out(target / binary.name, binary)

    def _fetch(self) -> dict[str, int]:
        """Download the sources that the build needs; give each program's number of Go packages."""
        modules = 0

        def count(line: str) -> None:
            nonlocal modules
            modules += line.startswith("go: downloading ")

        def beat(seconds: float) -> None:
            self._step(1, f"fetching sources, {modules} modules so far, {process.duration(seconds)}")

        self._step(1, "fetching sources")
        packages = {}
        for binary in self._component.binaries:
            listed: list[str] = []

            def take(line: str, listed: list[str] = listed) -> None:
                count(line)
                if not line.startswith("go: "):
                    listed.append(line)

            self._run("list", "-mod=readonly", "-deps", binary.package, on_line=take, on_beat=beat)
            packages[binary.package] = len(listed)
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
            "-mod=readonly",  # what go.mod and go.sum do not name is not built
            "-trimpath",  # no path of this machine in the programs
            "-buildvcs=false",  # nor a commit: the same sources give the same bytes
            "-v",
            "-ldflags",
            f"-s -w -X {variable}={value}",
            "-o",
            str(target / binary.name),
            binary.package,
            on_line=count,
            on_beat=beat,
        )

    def _try_out(self, program: Path, binary: Binary) -> None:
        """A program that does not start, or is not the version that it is kept for, must not reach the cache."""
        tried = process.run([program, binary.question], limit=_TRY_OUT_SECONDS)
        if tried.code != 0 or not any(binary.answer in line for line in tried.tail):
            raise EngineError(f"the {binary.name} that was built does not answer as it should: {tried.reason}")

    def _ask(self, *arguments: str) -> tuple[str, ...]:
        return self._run(*arguments).tail

    def _run(
        self,
        *arguments: str,
        on_line: Callable[[str], None] | None = None,
        on_beat: Callable[[float], None] | None = None,
    ) -> process.Finished:
        done = process.run(
            [self._go.program, *arguments],
            cwd=self._component.folder,
            environment=_environment(),
            on_line=on_line,
            on_beat=on_beat,
            beat=BEAT_SECONDS,
        )
        if done.code != 0:
            said = "\n".join(f"    {line}" for line in done.tail) or "    (nothing)"
            raise EngineError(
                f"`go {arguments[0]}` failed in engine/{self._component.name} with exit code {done.code}. "
                f"It said:\n{said}\n"
                "What was compiled so far is kept by Go: after fixing, `make engine` goes on from there."
            )
        return done

    def _step(self, number: int, what: str) -> None:
        self._report(f"building {self._component.title}: step {number} of {self._steps}: {what}")


def _environment() -> dict[str, str]:
    """The caller's variables, without those that would build for another machine or from other modules."""
    environment = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH"}}
    # Without C the build needs no C compiler, and the programs run on any release of the operating system.
    return environment | {"CGO_ENABLED": "0", "GOWORK": "off"}
