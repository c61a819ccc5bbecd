"""`actions-ops drift`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from operations import show
from operations.drift.findings import Finding, Kind
from operations.drift.look import Look, Looker
from operations.drift.repair import Repaired, Step, planned, repair, write_secrets
from operations.errors import FAILED, FOUND_NOTHING, FOUND_SOMETHING
from operations.options import confirmed, json_option, stack_named, stack_option, yes_option

# What --repair leaves, and how to fix it.
BY_HAND: Mapping[str, str] = {
    Kind.DUPLICATE: "delete or rename those Actions that are not the stack's; drift names its id",
    Kind.UNMANAGED: "an update would create a second one. "
    "fix: take it over: `pulumi refresh --stack {stack}` (forgets one that is gone), "
    "then `actions-ops adopt --stack {stack}`",
}


@click.command()
@stack_option
@json_option
@click.option("--repair", "mode", flag_value="repair", help="Restore the tenant, then compare again.")
@click.option(
    "--write-secrets",
    "mode",
    flag_value="write-secrets",
    help="Restore only the secrets that an update, or somebody else, may have written.",
)
@yes_option
@click.pass_obj
def drift(folder: Path, stack_name: str, *, as_json: bool, mode: str | None, yes: bool) -> None:
    """Compare what the tenant runs with what the program would deploy.

    A repair first shows what it will do, and asks. Needs the scope read:actions; to restore, also update:actions,
    create:actions and what `pulumi up` needs. Exit code 1: there is drift. 2: a step of the repair failed.
    """
    looker = Looker(stack_named(folder, stack_name))
    look = looker.look()
    if not as_json:
        show_look(looker, look)
    repaired = None
    if look.findings and mode == "repair" and not yes:
        if not as_json:
            _show_steps("What will be done", planned(looker, look))
        yes = confirmed("Repair it?", as_json=as_json)
    if look.findings and mode == "write-secrets":
        repaired = write_secrets(looker, look)
    elif look.findings and mode == "repair" and yes:
        repaired = repair(looker, look)
    left = look.findings if repaired is None else repaired.left
    if as_json:
        click.echo(json.dumps(_json(looker, look, repaired)))
    elif repaired:
        _show_repaired(looker, repaired)
    elif look.findings and mode is None:
        click.echo(f"To repair it: actions-ops drift --stack {looker.stack.name} --repair")
    if repaired and repaired.failures:
        sys.exit(FAILED)
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
            **asdict(repaired),
            "fixed": [{**asdict(finding), "by": means} for finding, means in repaired.fixed],
        }
    return content


def show_look(looker: Looker, look: Look) -> None:
    """Print what a look has found."""
    out = show.console()
    if not look.findings:
        out.print(f"No drift: {looker.api.domain} runs what the program of stack {looker.stack.name} says.")
    else:
        out.print(f"{looker.api.domain} does not run what the program of stack {looker.stack.name} says:\n")
        _show_findings(looker.stack.name, look.findings)
    if looker.plan.others:
        out.print(f"Not compared: {', '.join(looker.plan.others)}")


def _show_repaired(looker: Looker, repaired: Repaired) -> None:
    out = show.console()
    rows = [(means, finding.where, finding.kind) for finding, means in repaired.fixed]
    _show_steps("What was done", repaired.steps)
    out.print(show.table(["Fixed by", "Where", "Drift"], rows), "")
    for failure in repaired.failures:
        out.print(f"{failure.where}: {failure.what}\n  fix: {failure.fix}\n")
    if repaired.left:
        out.print("Still there:\n")
        _show_findings(looker.stack.name, repaired.left)
    else:
        out.print("No drift is left.")


def _show_steps(title: str, steps: Iterable[Step]) -> None:
    show.console().print(show.table(["By", title], [(step.means, step.what) for step in steps]), "")


def _show_findings(stack: str, findings: tuple[Finding, ...]) -> None:
    out = show.console()
    out.print(show.table(["Where", "Drift", "What"], [(each.where, each.kind, each.what) for each in findings]), "")
    for finding in findings:
        if finding.diff:
            out.print(show.diff(finding.diff))
    for kind in {finding.kind for finding in findings} & BY_HAND.keys():
        out.print(f"{kind}: {BY_HAND[kind].format(stack=stack)}")
