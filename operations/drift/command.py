"""`actions-ops drift`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from operations import show
from operations.drift.findings import Finding, Kind
from operations.drift.look import Look, Looker
from operations.drift.repair import Repaired, repair
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING
from operations.options import json_option, stack_named, stack_option


@click.command()
@stack_option
@json_option
@click.option(
    "--repair", "to_repair", is_flag=True, help="Bring the tenant back to what the program says, and look again."
)
@click.pass_obj
def drift(folder: Path, stack_name: str, *, as_json: bool, to_repair: bool) -> None:
    """Show how what really runs differs from what the program would deploy.

    Needs the scope read:actions; --repair also update:actions, create:actions and what `pulumi up` needs.
    """
    looker = Looker(stack_named(folder, stack_name))
    look = looker.look()
    repaired = repair(looker, look) if to_repair and look.findings else None
    left = look.findings if repaired is None else repaired.left
    if as_json:
        click.echo(json.dumps(_json(looker, look, repaired)))
    else:
        _show(looker, look, repaired)
    sys.exit(FOUND_SOMETHING if left else FOUND_NOTHING)


def _json(looker: Looker, look: Look, repaired: Repaired | None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "stack": looker.stack.name,
        "domain": looker.api.domain,
        "drift": [asdict(finding) for finding in look.findings],
        "not_compared": list(looker.plan.others),
    }
    if repaired is not None:
        content["repair"] = {
            "steps": [asdict(step) for step in repaired.steps],
            "fixed": [{**asdict(finding), "by": means} for finding, means in repaired.fixed],
            "left": [asdict(finding) for finding in repaired.left],
        }
    return content


def _show(looker: Looker, look: Look, repaired: Repaired | None) -> None:
    out = show.console()
    if not look.findings:
        out.print(f"No drift: {looker.api.domain} runs what the program of stack {looker.stack.name} says.")
    else:
        out.print(f"{looker.api.domain} does not run what the program of stack {looker.stack.name} says:\n")
        _show_findings(look.findings)
    if looker.plan.others:
        out.print(f"Not compared: {', '.join(looker.plan.others)}")
    if repaired is None:
        if look.findings:
            out.print(f"To bring it back: actions-ops drift --stack {looker.stack.name} --repair")
        return
    rows = [(means, finding.where, finding.kind) for finding, means in repaired.fixed]
    out.print(show.table(["By", "What was done"], [(step.means, step.what) for step in repaired.steps]), "")
    out.print(show.table(["Fixed by", "Where", "Drift"], rows), "")
    if repaired.left:
        out.print("Still there:\n")
        _show_findings(repaired.left)
    else:
        out.print("No drift is left.")


def _show_findings(findings: tuple[Finding, ...]) -> None:
    out = show.console()
    out.print(show.table(["Where", "Drift", "What"], [(each.where, each.kind, each.what) for each in findings]), "")
    for finding in findings:
        if finding.diff:
            out.print(show.diff(finding.diff))
    if any(finding.kind is Kind.DUPLICATE for finding in findings):
        out.print("Of Actions with the same name, delete or rename by hand those that are not the stack's own.")
