"""The two trees: the base commit and the working tree, and what each one's program would deploy to which tenant."""

from __future__ import annotations

import csv
import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.errors import OperationsError
from operations.program import ProgramPlan, read_program_by_file
from operations.project import Project, read_project
from policy import EmailDomain, Login, Tenant

# Stack of each tenant of the decision table.
STACKS = {Tenant.TEST: "test", Tenant.PROD: "prod"}
# The newest place first; older commits have it in the other.
_DECISION_TABLES = ("policy/decision_table.csv", "mfa_policy/decision_table.csv")
# Last resorts for `--base`, in this order, when it is not given.
_MAIN_BRANCHES = ("origin/HEAD", "origin/main", "main", "HEAD")


@dataclass(frozen=True, slots=True)
class Side:
    """One tenant as one tree would have it.

    Attributes:
        tenant: name of the tenant.
        plan: what would run there.
        domains: email domains of the accounts that the settings name.
    """

    tenant: str
    plan: ProgramPlan
    domains: Mapping[EmailDomain, str]

    def kind_of(self, email_domain: str) -> EmailDomain:
        """What the settings make of a person with this email domain."""
        return next((kind for kind, domain in self.domains.items() if domain == email_domain), EmailDomain.OTHER)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row of a decision table says: the decision, and the reason."""

    decision: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of files.

    Attributes:
        name: for people: a commit, or "the working tree".
        sides: what it would deploy to each tenant.
        verdicts: what its decision table says, by the columns before the decision as text; empty without a table.
    """

    name: str
    sides: Mapping[Tenant, Side]
    verdicts: Mapping[tuple[str, ...], Verdict]

    def verdict(self, login: Login, email_domain: str) -> Verdict | None:
        """What the table says of a login, by a person with this email domain; None if it says nothing."""
        kind = self.sides[login.tenant].kind_of(email_domain)
        line = login.model_copy(update={"email_domain": kind})
        return self.verdicts.get(tuple(str(getattr(line, column)).lower() for column in Login.model_fields))


def read_tree(project: Project, name: str) -> Tree:
    """Read a tree from a folder.

    Raises:
        OperationsError: its program or its settings are wrong.
    """
    # Each runs in a process of its own.
    with ThreadPoolExecutor() as threads:
        sides = dict(zip(STACKS, threads.map(lambda stack: _side(project, stack), STACKS.values()), strict=True))
    return Tree(name, sides, _verdicts(project.folder))


def default_base(folder: Path) -> str:
    """Where the working tree's branch left the main branch; HEAD if that is where it is."""
    for branch in _MAIN_BRANCHES:
        ran = _git(folder, "merge-base", "HEAD", branch)
        if ran.returncode == 0:
            return ran.stdout.decode().strip()
    raise OperationsError(f"{folder} has no commit", fix="commit something first: there is no base to compare with")


@contextmanager
def checked_out(project: Project, commit: str) -> Iterator[tuple[Project, str]]:
    """The project's folder as of a commit, in a folder of its own, and the commit's short name.

    Raises:
        OperationsError: there is no such commit, or no Pulumi project in it.
    """
    named = _git(project.folder, "rev-parse", "--verify", "--quiet", "--short", f"{commit}^{{commit}}")
    if named.returncode != 0:
        raise OperationsError(
            f"git knows no commit {commit} in {project.folder}",
            fix="fetch it (a shallow clone has only the newest: `git fetch --unshallow`), or name another with --base",
        )
    short = named.stdout.decode().strip()
    packed = _git(project.folder, "archive", "--format=tar", short)
    if packed.returncode != 0:
        raise OperationsError(f"git archive {short}: {packed.stderr.decode().strip()}", fix="as git says")
    with TemporaryDirectory(prefix="outcomes-") as scratch, tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(scratch, filter="data")
        if not (Path(scratch) / "Pulumi.yaml").is_file():
            raise OperationsError(f"commit {short} has no Pulumi.yaml", fix="name a later base with --base")
        yield read_project(Path(scratch)), short


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise OperationsError("there is no `git` on PATH", fix="install git") from None


def _side(project: Project, stack: str) -> Side:
    config, plan = read_program_by_file(project, stack)
    settings = config.settings(project.name)
    domains = {
        EmailDomain.INTEGRATION: settings.get("integrationTestDomain", ""),
        EmailDomain.FORCE_MFA: settings.get("forceMfaDomain", ""),
    }
    return Side(settings.get("tenant", ""), plan, domains)


def _verdicts(folder: Path) -> dict[tuple[str, ...], Verdict]:
    """Read without its types: an older table may have other reasons than this code knows."""
    table = next((path for place in _DECISION_TABLES if (path := folder / place).is_file()), None)
    if table is None:
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for line in csv.DictReader(file) for row in _of_today(line)]
    return {
        tuple(row.get(column, "") for column in Login.model_fields): Verdict(row["decision"], row["reason"])
        for row in rows
    }


def _of_today(row: dict[str, str]) -> Iterator[dict[str, str]]:
    """A row in the columns of today. Earlier tables had one row for the second login and those after it."""
    if "logins_count" not in row:
        yield row
        return
    decision = {"required": "challenge", "skipped": "skip"}[row["outcome"]]
    for number in ("first",) if row["logins_count"] == "1" else ("second", "later"):
        yield {**row, "kind": row["flow"], "number": number, "decision": decision}
