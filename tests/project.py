"""A copy of this project in a folder of its own, driven by the real `pulumi` command line."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi_engine

ROOT = Path(__file__).parents[1]
SECONDS_TO_RUN = 150


@dataclass(frozen=True, slots=True)
class Ran:
    """A `pulumi` command that has ended.

    Attributes:
        command: what was run.
        exit_code: 0 if it succeeded.
        stdout: what it wrote there.
        stderr: likewise.
    """

    command: str
    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """All that a person reads."""
        return f"$ {self.command}\n{self.stdout}{self.stderr}(exit code {self.exit_code})"


class Running:
    """A `pulumi` command in the middle of its work, with the language host and the provider that it has started."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start it in a session of its own: so its children are known for certain."""
        self._process = subprocess.Popen(  # noqa: S603 - found by `make engine`
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> str:
        """End the engine and all that it has started at once, as a power cut would; its output until then."""
        assert self.running, self._process.communicate()[0]
        for process in _processes_of_session(self._process.pid):
            # A plugin ends by itself as soon as it notices that its engine is gone.
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        output, _ = self._process.communicate(timeout=SECONDS_TO_RUN)
        assert self._process.returncode == -signal.SIGKILL
        return output

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C once: the exit code and the output."""
        self._process.send_signal(signal.SIGINT)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Let it come to its end: the exit code and the output."""
        output, _ = self._process.communicate(timeout=SECONDS_TO_RUN)
        return self._process.returncode, output


class Project:
    """The project in a folder, and one of its stacks.

    Attributes:
        folder: holds Pulumi.yaml, the program and the Actions.
        stack: name of the stack.
        environment: of the commands, all of it.
    """

    def __init__(self, folder: Path, stack: str, environment: Mapping[str, str]) -> None:
        """Nothing is run yet."""
        self.folder = folder
        self.stack = stack
        self.environment = dict(environment)
        self._started: list[Running] = []

    def pulumi(self, *arguments: str) -> Ran:
        """Run `pulumi ARGUMENTS --stack STACK`, whatever its exit code."""
        command = self._command(*arguments)
        ran = subprocess.run(  # noqa: S603 - found by `make engine`
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_TO_RUN,
        )
        return Ran(" ".join(["pulumi", *command[1:]]), ran.returncode, ran.stdout, ran.stderr)

    def start(self, *arguments: str) -> Running:
        """Start the same, and leave it running."""
        running = Running(self._command(*arguments), self.folder, self.environment)
        self._started.append(running)
        return running

    def stop(self) -> None:
        """End what a test has left running."""
        for running in self._started:
            if running.running:
                running.kill()

    def run(self, *arguments: str) -> Ran:
        """Run the same; fails the test if the command fails."""
        return succeeded(self.pulumi(*arguments))

    def create_stack(self) -> None:
        self.run("stack", "init")

    def up(self, *options: str) -> Ran:
        """Deploy; fails the test if that fails."""
        return self.run("up", "--yes", "--skip-preview", *options)

    def failing_up(self) -> str:
        """Try to deploy: the output of the failing command."""
        return failed(self.pulumi("up", "--yes", "--skip-preview"))

    def preview(self, *options: str) -> Ran:
        return self.run("preview", *options)

    def refresh(self, *options: str) -> Ran:
        return self.run("refresh", "--yes", "--skip-preview", *options)

    def destroy(self) -> Ran:
        return self.run("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        content: dict[str, Any] = json.loads(self.run("stack", "output", "--json").stdout)
        return content

    def state(self) -> dict[str, Any]:
        """The stack's state, as `pulumi stack export` gives it: secrets are encrypted."""
        content: dict[str, Any] = json.loads(self.run("stack", "export").stdout)["deployment"]
        return content

    def urn(self, logical_name: str) -> str:
        """The URN of a resource in the state, or of a pending operation on it."""
        state = self.state()
        pending = [operation["resource"] for operation in state.get("pending_operations", [])]
        urns = [resource["urn"] for resource in [*state["resources"], *pending]]
        [only] = {urn for urn in urns if urn.endswith(f"::{logical_name}")}
        return str(only)

    def set_config(self, key: str, value: str) -> None:
        self.run("config", "set", key, value)

    def code(self, action: str) -> str:
        """The code of an Action, by its name at Auth0."""
        return (self.folder / "actions" / f"{action}.js").read_bytes().decode()

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place in a file that reads `old`."""
        file = self.folder / path
        before = file.read_bytes().decode()
        assert before.count(old) == 1, f"{path} has {before.count(old)} places that read {old!r}"
        file.write_bytes(before.replace(old, new).encode())

    def _command(self, *arguments: str) -> list[str]:
        pulumi = shutil.which("pulumi", path=self.environment["PATH"])
        assert pulumi is not None, "pulumi is missing; to fix it: make engine"
        return [pulumi, *arguments, "--stack", self.stack, "--non-interactive", "--color", "never"]


def isolated_environment(folder: Path) -> dict[str, str]:
    """Environment with the engine that `make engine` found or built, and none of the caller's own Pulumi or Auth0.

    As in make, every command runs the program. The plugins are shared; all else that Pulumi keeps in its home folder
    goes to one in `folder`.

    Raises:
        EngineMissing: There is none.
    """
    engine = pulumi_engine.locate(ROOT / ".local" / "pulumi").environment()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AUTH0_", "PULUMI_"))}
    # As in most shells: else the program would be compiled anew by each command.
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    home = folder / "pulumi-home"
    home.mkdir()
    (home / "plugins").symlink_to(Path(engine["PULUMI_HOME"]) / "plugins", target_is_directory=True)
    return {**own, **engine, "PULUMI_HOME": str(home), "PULUMI_RUN_PROGRAM": "true"}


def succeeded(ran: Ran) -> Ran:
    assert ran.exit_code == 0, ran.output
    return ran


def failed(ran: Ran) -> str:
    assert ran.exit_code != 0, ran.output
    return ran.output


def _processes_of_session(session: int) -> list[int]:
    """Ids of the session's processes; the plugins have process groups of their own, so that Ctrl-C spares them."""
    if Path("/proc/self").exists():
        known = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    else:
        listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True)  # noqa: S607
        known = [int(line) for line in listed.stdout.split()]
    return [process for process in known if _session_of(process) == session]


def _session_of(process: int) -> int | None:
    try:
        return os.getsid(process)
    except (ProcessLookupError, PermissionError):
        return None
