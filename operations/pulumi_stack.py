"""A stack of the project, by way of the `pulumi` command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from operations.errors import OperationsError
from operations.program import ACTION
from operations.project import Project, StackConfig

# Steps of a preview that change nothing.
UNCHANGED = frozenset({"same", "refresh", "read"})
HISTORY_PAGE = 20
SECONDS_TO_CANCEL = 60.0
# Neither the outputs nor a line of dots each second.
_QUIET = ("--suppress-outputs", "--suppress-progress")

# Pulumi's own words on a plan; its file is a temporary one, and what to call is this project's command.
_UNSHOWN = ("Update plan written to ", "Run `pulumi up --plan=")

# Texts of Pulumi's errors, and how to fix each.
UNLOCK = "wait until the other update is over; if none is running, remove the lock with `pulumi cancel`"
NO_STACK = "no stack named"
_HINTS = (
    (NO_STACK, "see `pulumi stack ls`, or create it: `pulumi stack init STACK` (local: `make up`)"),
    (
        "violates plan",
        "the program, its settings or the state have changed since: run `make plan` again and have it approved",
    ),
    ("protect", "to remove it (auth0-actions:protect): docs/operations.md, Remove an Action on purpose"),
    ("passphrase", "set PULUMI_CONFIG_PASSPHRASE to the stack's passphrase"),
    ("PULUMI_ACCESS_TOKEN", "set PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL for a backend of your own"),
    (": EOF", "a killed command left empty files: in the backend's folder find .pulumi -name '*.attrs' -empty -delete"),
    ("currently locked", UNLOCK),
)


@dataclass(frozen=True, slots=True)
class Managed:
    """What the stack's state has of an Action.

    Attributes:
        id: its id at Auth0.
        version_id: the version that the stack deployed last, or took over with a refresh.
        has_secrets: whether the stack has written its secrets; an import does not.
        protected: whether Pulumi refuses to delete it.
    """

    id: str
    version_id: str | None
    has_secrets: bool
    protected: bool = False


class PulumiStack:
    """One stack.

    Attributes:
        project: the project.
        name: `STACK`, `ORGANIZATION/STACK` or `ORGANIZATION/PROJECT/STACK`.
    """

    def __init__(self, project: Project, name: str) -> None:
        """Nothing is run yet.

        Raises:
            OperationsError: there is no `pulumi` on PATH.
        """
        self.project = project
        self.name = name
        pulumi = shutil.which("pulumi")
        if pulumi is None:
            raise OperationsError("there is no `pulumi` on PATH", fix='run `eval "$(make -s env)"`, or install Pulumi')
        self._pulumi = pulumi

    @property
    def short_name(self) -> str:
        """What the program sees as its stack's name."""
        return self.name.rpartition("/")[2]

    def config(self) -> StackConfig:
        """The config as the program gets it, secrets in the clear."""
        entries: dict[str, dict[str, Any]] = json.loads(self._read("config", "--json", "--show-secrets"))
        # A secret that could not be decrypted has no value.
        values = {key: str(entry["value"]) for key, entry in entries.items() if "value" in entry}
        return StackConfig(values, tuple(key for key, entry in entries.items() if entry.get("secret")))

    def locks(self) -> list[str] | None:
        """Who has the stack locked, in words; None if only an update can see it (a bucket)."""
        url = urlsplit(str(json.loads(self._read_without_stack("whoami", "--json"))["url"]))
        if url.scheme == "file":
            folder = Path(f"{url.netloc}{url.path}").expanduser() / ".pulumi" / "locks" / "organization"
            files = (folder / self.project.name / self.short_name).glob("*.json")
            locks = [json.loads(file.read_text(encoding="utf-8")) for file in files]
            return [f"{lock['username']}@{lock['hostname']} (process {lock['pid']})" for lock in locks]
        if url.scheme not in {"http", "https"}:
            return None
        stacks = json.loads(self._read_without_stack("stack", "ls", "--json"))
        under_way = [each for each in stacks if each["name"] == self.short_name and each.get("updateInProgress")]
        return [f"an update that began {each.get('lastUpdate', 'before')}" for each in under_way]

    def create(self) -> None:
        """Create the stack in the backend."""
        self._read("stack", "init", "--no-select")

    def managed_actions(self) -> dict[str, Managed]:
        """What the state has of each Action, by its logical name."""
        deployment = json.loads(self._read("stack", "export")).get("deployment") or {}
        return {
            str(resource["urn"]).rpartition("::")[2]: Managed(
                str(resource["id"]),
                (resource.get("outputs") or {}).get("versionId"),
                has_secrets=bool((resource.get("inputs") or {}).get("secrets")),
                protected=bool(resource.get("protect")),
            )
            for resource in deployment.get("resources") or ()
            if resource["type"] == ACTION and resource.get("id") and not resource.get("delete")
        }

    def history(self) -> Iterator[dict[str, Any]]:
        """The stack's updates, newest first, read page by page as needed."""
        page = 1
        while True:
            options = ("--page-size", str(HISTORY_PAGE), "--page", str(page))
            entries: list[dict[str, Any]] = json.loads(self._read("stack", "history", "--json", *options) or "[]")
            yield from entries
            if len(entries) < HISTORY_PAGE:
                return
            page += 1

    def preview(self, *options: str) -> dict[str, Any]:
        """What an update would do, without looking at the tenant unless `--refresh`: `changeSummary` and `steps`."""
        preview: dict[str, Any] = json.loads(self._read("preview", "--json", *options))
        return preview

    def import_file(self, path: Path) -> dict[str, Any]:
        """What the program has and the state has not, as a file for `pulumi import` whose ids are to be filled in."""
        self._read("preview", "--import-file", str(path))
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def import_resources(self, path: Path) -> None:
        """Take what the file names into the state; the tenant is only read.

        It is protected until the next update, which sets what the program says.
        """
        options = ("--protect=true", "--generate-code=false", "--yes", "--skip-preview")
        self._show("import", "--file", str(path), *options)

    def up(self, *, message: str = "", excluded: Collection[str] = (), only: Collection[str] = ()) -> None:
        """Refresh, then deploy; a resource that fails does not keep the others from it.

        Args:
            message: of the update, in the stack's history.
            excluded: logical names of resources that are left alone, with what depends on them.
            only: logical names of the only resources that are looked at; all unless one is named.
        """
        options = ["--message", message] if message else []
        options += excluding(excluded)
        for name in only:
            options += ["--target", f"**::{name}"]
        self._show("up", "--refresh", "--yes", "--skip-preview", "--continue-on-error", *_QUIET, *options)

    def show_preview(self, *options: str) -> None:
        """Print what an update would do, without looking at the tenant."""
        self._show("preview", "--diff", *_QUIET, *options, out=sys.stdout)

    def up_as_planned(self, plan: Path) -> None:
        """Do what a plan of Pulumi's says; if that is not what the program asks for now, its preview fails."""
        self._show("up", "--plan", str(plan), "--yes", *_QUIET, out=sys.stdout)

    def ask_and_up(self) -> None:
        """Let Pulumi show the preview on this terminal, ask, and deploy.

        Raises:
            OperationsError: it failed, or the answer was no.
        """
        command = [self._pulumi, "up", "--diff", "--stack", self.name, "--suppress-outputs"]
        # With PULUMI_SKIP_CONFIRMATIONS, which other projects' shells may have set, Pulumi would not ask.
        environment = {name: value for name, value in os.environ.items() if name != "PULUMI_SKIP_CONFIRMATIONS"}
        # In this session: Pulumi draws on the terminal, and Ctrl-C reaches it.
        ended = subprocess.run(  # noqa: S603 - found on PATH
            command, cwd=self.project.folder, env=environment, check=False
        )
        if ended.returncode != 0:
            raise OperationsError(
                f"`pulumi up --stack {self.name}` ended with {ended.returncode}",
                fix="see Pulumi's message; if you said no, nothing was changed",
            )

    def _read(self, *arguments: str) -> str:
        """Run a command and return its output."""
        return self._read_without_stack(*arguments, "--stack", self.name)

    def _read_without_stack(self, *arguments: str) -> str:
        """The same for a command that is of no stack."""
        with self._started(arguments, stderr=subprocess.PIPE) as process:
            stdout, stderr = process.communicate()
        if process.returncode != 0:
            raise self._error(arguments, _messages(stdout, stderr))
        return stdout

    def _show(self, *arguments: str, out: TextIO | None = None) -> None:
        """Run a command and show its output: on stderr, if stdout is for this program's own."""
        stream = out or sys.stderr
        lines = []
        arguments = (*arguments, "--stack", self.name)
        colour = "always" if stream.isatty() else "never"
        with self._started(arguments, stderr=subprocess.STDOUT, colour=colour) as process:
            for line in process.stdout or ():
                lines.append(line)
                if not line.startswith(_UNSHOWN):
                    stream.write(line)
        if process.returncode != 0:
            errors = [line for line in lines if "error" in line]
            raise self._error(arguments, "".join(errors or lines[-10:]))

    @contextmanager
    def _started(
        self, arguments: Sequence[str], *, stderr: int, colour: str = "never"
    ) -> Iterator[subprocess.Popen[str]]:
        """A command under way; if this program is interrupted, the command is cancelled and waited for.

        It has a session of its own, so that one Ctrl-C reaches it once: the second one would make it leave a lock.
        """
        with subprocess.Popen(  # noqa: S603 - found on PATH
            [self._pulumi, *arguments, "--non-interactive", "--color", colour],
            cwd=self.project.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                yield process
            except BaseException:
                process.send_signal(signal.SIGINT)
                try:
                    process.communicate(timeout=SECONDS_TO_CANCEL)
                except BaseException:
                    process.kill()
                    raise
                raise

    def _error(self, arguments: Sequence[str], output: str) -> OperationsError:
        words = " ".join(argument for argument in arguments if not argument.startswith("-") or argument == "--stack")
        fix = next((fix for text, fix in _HINTS if text in output), "see Pulumi's message, then run this command again")
        return OperationsError(f"`pulumi {words}` failed:\n{output.strip()}", fix=fix)


def excluding(names: Collection[str]) -> list[str]:
    """Options that leave resources alone, by their logical names, with what depends on them."""
    return [option for name in names for option in ("--exclude", f"**::{name}", "--exclude-dependents")]


def _messages(stdout: str, stderr: str) -> str:
    """The error messages; with `--json` they are in the JSON."""
    try:
        diagnostics = json.loads(stdout).get("diagnostics") or []
    except (ValueError, AttributeError):
        return stderr or stdout
    return "\n".join([stderr, *(str(each.get("message", "")) for each in diagnostics)]).strip() or stdout
