"""A stack of the project, by way of the `pulumi` command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.errors import OperationsError
from operations.project import Project

HISTORY_PAGE = 20

# What Pulumi says, and what a person can do about it.
_HINTS = (
    ("no stack named", "create it with `pulumi stack init STACK`, or name one of `pulumi stack ls`"),
    ("passphrase", "set PULUMI_CONFIG_PASSPHRASE to the stack's passphrase"),
    ("PULUMI_ACCESS_TOKEN", "set PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL for a backend of your own"),
    (
        "currently locked",
        "wait until the other update is over; if none is running, take the lock off with `pulumi cancel`",
    ),
)


@dataclass(frozen=True, slots=True)
class StackConfig:
    """A stack's whole config, defaults included.

    Attributes:
        values: keys with their namespace.
        secret_keys: those whose values are secret.
    """

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]


class PulumiStack:
    """One stack.

    Attributes:
        project: the project.
        name: as it was given: `STACK`, `ORGANIZATION/STACK` or `ORGANIZATION/PROJECT/STACK`.
    """

    def __init__(self, project: Project, name: str) -> None:
        """Nothing is run yet.

        Raises:
            OperationsError: there is no `pulumi` on PATH.
        """
        self.project = project
        self.name = name
        found = shutil.which("pulumi")
        if found is None:
            raise OperationsError(
                "there is no `pulumi` on PATH",
                fix='run `eval "$(make -s env)"`, or install Pulumi',
            )
        self._pulumi = found

    @property
    def short_name(self) -> str:
        """What the program sees as its stack's name."""
        return self.name.rpartition("/")[2]

    def config(self) -> StackConfig:
        """The config as the program gets it, secrets in the clear."""
        shown: dict[str, dict[str, Any]] = json.loads(self._read("config", "--json", "--show-secrets"))
        # A secret that could not be decrypted has no value.
        values = {key: str(entry["value"]) for key, entry in shown.items() if "value" in entry}
        return StackConfig(values, tuple(key for key, entry in shown.items() if entry.get("secret")))

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state."""
        deployment = json.loads(self._read("stack", "export")).get("deployment") or {}
        found: list[dict[str, Any]] = deployment.get("resources") or []
        return found

    def history(self) -> Iterator[dict[str, Any]]:
        """The stack's updates, newest first; a page is asked for when it is needed."""
        page = 1
        while True:
            options = ("--page-size", str(HISTORY_PAGE), "--page", str(page))
            entries: list[dict[str, Any]] = json.loads(self._read("stack", "history", "--json", *options) or "[]")
            yield from entries
            if len(entries) < HISTORY_PAGE:
                return
            page += 1

    def preview(self) -> dict[str, Any]:
        """What an update would do, without looking at the tenant: `changeSummary` and `steps`."""
        found: dict[str, Any] = json.loads(self._read("preview", "--json"))
        return found

    def import_file(self, path: Path) -> dict[str, Any]:
        """What the program has and the state has not, as a file for `pulumi import` whose ids are to be filled in."""
        self._read("preview", "--import-file", str(path))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def import_resources(self, path: Path) -> None:
        """Take what the file names into the state; the tenant is only read."""
        options = ("--protect=false", "--generate-code=false", "--yes", "--skip-preview")
        self._show("import", "--file", str(path), *options)

    def up(self, *, message: str = "") -> None:
        """Look at the tenant, then make it what the program says."""
        options = ("--message", message) if message else ()
        self._show("up", "--refresh", "--yes", "--skip-preview", *options)

    def _read(self, *arguments: str) -> str:
        """Run a command for what it prints."""
        ran = subprocess.run(  # noqa: S603 - found on PATH
            self._command(arguments),
            cwd=self.project.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if ran.returncode != 0:
            raise self._error(arguments, _said(ran.stdout, ran.stderr))
        return ran.stdout

    def _show(self, *arguments: str) -> None:
        """Run a command whose progress a person wants to see: on stderr, so that stdout stays this program's own."""
        with subprocess.Popen(  # noqa: S603 - found on PATH
            self._command(arguments),
            cwd=self.project.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            lines = []
            for line in process.stdout or ():
                sys.stderr.write(line)
                lines.append(line)
        if process.returncode != 0:
            errors = [line for line in lines if "error" in line]
            raise self._error(arguments, "".join(errors or lines[-10:]))

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [self._pulumi, *arguments, "--stack", self.name, "--non-interactive", "--color", "never"]

    def _error(self, arguments: Sequence[str], said: str) -> OperationsError:
        words = " ".join(argument for argument in arguments if not argument.startswith("-"))
        fix = next((fix for text, fix in _HINTS if text in said), "as Pulumi says, then run this command again")
        return OperationsError(f"`pulumi {words} --stack {self.name}` failed:\n{said.strip()}", fix=fix)


def _said(stdout: str, stderr: str) -> str:
    """What a person would have read; `--json` prints errors into the JSON."""
    try:
        diagnostics = json.loads(stdout).get("diagnostics") or []
    except (ValueError, AttributeError):
        return stderr or stdout
    return "\n".join([stderr, *(str(each.get("message", "")) for each in diagnostics)]).strip() or stdout
