"""`actions-ops rehearse`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from local_tenant.testing import UnexpectedResponseError

from operations import show
from operations.demo.story import IS_CHALLENGED, Step
from operations.drift.command import show_look
from operations.drift.look import Looker
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING, OperationsError
from operations.options import json_option, stack_option
from operations.program import read_program_by_file
from operations.project import find_project
from operations.rehearse.place import rehearsal_of
from operations.rehearse.table import Row, play
from policy import EmailDomain, LoginNumber, Tenant

_KEY = """Flag: the account's auth_require_mfa. Asks: its client sends challengeRequired.
1, 2, 3: logins by their number; r: the refresh after it. MFA: is challenged.
✗: not what the table says."""


@click.command()
@stack_option
@json_option
@click.pass_obj
def rehearse(folder: Path, stack_name: str, *, as_json: bool) -> None:
    """Try a stack's deployment on a throw-away local tenant.

    Deploys its settings there, compares what runs with the program, and plays every line of the decision table as real
    sign-ups, logins and refreshes. Needs no account and no credentials; the stack's file, state and tenant are left
    alone. Exit code 1: there is drift, or a login does not end as the table says.
    """
    project, stack = find_project(folder), stack_name.rpartition("/")[2]
    if stack == "local":
        raise OperationsError(
            "stack local is on this machine already", fix="run `make up`, then `make demo`; or name stack test or prod"
        )
    config, _ = read_program_by_file(project, stack)
    settings = config.settings(project.name)
    name, kind = settings["tenant"], Tenant.TEST if settings["tenant"] == settings["testTenant"] else Tenant.PROD
    domains = {
        EmailDomain.INTEGRATION: settings["integrationTestDomain"],
        EmailDomain.FORCE_MFA: settings["forceMfaDomain"],
        EmailDomain.OTHER: "example.com",
    }
    with rehearsal_of(project, stack, name) as place:
        click.echo(f"Stack {stack} goes to a local tenant {name} on {place.tenant.ready['domain']}.", err=True)
        place.stack.create()
        place.stack.up()
        looker = Looker(place.stack)
        look = looker.look()
        if not as_json:
            show_look(looker, look)
        try:
            rows = list(play(place.tenant, kind, domains))
        except UnexpectedResponseError as error:
            raise OperationsError(
                f"a step of the rehearsal failed: {error}", fix="check what the Actions do in that step"
            ) from error
    wrong = [step for row in rows for step in row.steps if not step.is_as_expected]
    if as_json:
        findings = [asdict(finding) for finding in look.findings]
        click.echo(
            json.dumps({"stack": stack, "tenant": name, "drift": findings, "rows": [asdict(row) for row in rows]})
        )
    else:
        _show(rows, wrong)
    sys.exit(FOUND_SOMETHING if wrong or look.findings else FOUND_NOTHING)


def _show(rows: Sequence[Row], wrong: Sequence[Step]) -> None:
    out = show.console()
    logins = [title for number in LoginNumber for title in (f"{number.logins_count}", f"{number.logins_count}r")]
    columns = ["Account", "Flag", "Asks", "Sign-up", "IP", *logins]
    cells = [
        [
            row.email_domain,
            _yes(row.auth_require_mfa),
            _yes(row.challenge_required),
            *(_mark(step, "ok") for step in (row.sign_up, row.ip)),
            *(_mark(step, "MFA" if step.expected == IS_CHALLENGED else "-") for step in row.decisions),
        ]
        for row in rows
    ]
    out.print("", show.table(columns, cells), "", _KEY, "", sep="\n")
    for step in wrong:
        out.print(f"{step.account}, {step.does}: {step.actual}, expected {step.expected} ({step.reason})")
    lines = [step for row in rows for step in row.decisions]
    right = sum(step.is_as_expected for step in lines)
    out.print(f"{right} of {len(lines)} lines of the decision table hold. The tenant and its state are deleted.")


def _mark(step: Step, right: str) -> str:
    return right if step.is_as_expected else "✗"


def _yes(value: bool) -> str:  # noqa: FBT001 - of a flag
    return "yes" if value else "no"
