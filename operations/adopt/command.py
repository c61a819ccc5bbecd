"""`actions-ops adopt`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from operations import show
from operations.adopt.plan import AdoptionPlan, plan_adoption
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING
from operations.options import confirmed, json_option, stack_named, stack_option, yes_option
from operations.program import read_program
from operations.pulumi_stack import UNCHANGED, PulumiStack
from operations.tenant import ManagementApi, connection_of

# What may come after an adoption: all else makes or deletes something at Auth0.
_IN_PLACE = UNCHANGED | {"update"}


@click.command()
@stack_option
@json_option
@yes_option
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="An Action that the tenant does not have; the next `pulumi up` creates it.",
)
@click.pass_obj
def adopt(folder: Path, stack_name: str, *, as_json: bool, yes: bool, without: tuple[str, ...]) -> None:
    """Import Actions and flows created by Terraform into the stack.

    Shows each with its id, and asks. The tenant is only read: the scope read:actions is enough. Can be run again after
    an interruption. Exit code 1: there is a problem, or the answer is not yes.
    """
    stack = stack_named(folder, stack_name)
    config = stack.config()
    program = read_program(stack.project, stack.short_name, config)
    api = ManagementApi(connection_of(config.values, os.environ))
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "import.json"
        managed = {name: action.id for name, action in stack.managed_actions().items()}
        plan = plan_adoption(program, api.snapshot(), stack.import_file(file), managed, without)
        if not as_json:
            _show_plan(stack, api.domain, plan)
        done = not plan.problems and (not plan.adoptions or yes or confirmed("Adopt them?", as_json=as_json))
        if done and plan.adoptions:
            file.write_text(json.dumps(plan.import_file), encoding="utf-8")
            stack.import_resources(file)
    next_update = _changes(stack) if done else {}
    if as_json:
        content = {"stack": stack.name, "domain": api.domain, **asdict(plan), "done": done, "next_update": next_update}
        del content["import_file"]
        click.echo(json.dumps(content))
    elif done:
        _show_next(stack, next_update, without)
    sys.exit(FOUND_NOTHING if done and not _more_than_in_place(next_update, without) else FOUND_SOMETHING)


def _changes(stack: PulumiStack) -> dict[str, int]:
    """How many resources the next update would create, update, …, by the engine's name of the operation."""
    steps = stack.preview().get("steps") or ()
    return dict(Counter(str(step["op"]) for step in steps))


def _show_plan(stack: PulumiStack, domain: str, plan: AdoptionPlan) -> None:
    out = show.console()
    if plan.adoptions:
        out.print(f"On {domain}, for stack {stack.name}:\n")
        rows = [(each.logical_name, each.description or "(only Pulumi's)", each.id or "") for each in plan.adoptions]
        out.print(show.table(["Resource", "Is", "Id!"], rows), "")
    elif not plan.problems:
        out.print(f"Nothing to adopt: stack {stack.name} manages everything in its program.")
    for warning in plan.warnings:
        out.print(f"Warning: {warning}.")
    if plan.problems:
        out.print("Nothing was changed:")
    for problem in plan.problems:
        out.print(f"- {problem}")


def _show_next(stack: PulumiStack, next_update: Mapping[str, int], without: Sequence[str]) -> None:
    out = show.console()
    rest = _more_than_in_place(next_update, without)
    if rest:
        rest_text = ", ".join(f"{count} to {operation}" for operation, count in sorted(rest.items()))
        out.print(f"The next update would do more than update in place: {rest_text}. Look at `pulumi preview --diff`.")
        return
    updates = next_update.get("update", 0)
    if not updates and not without:
        out.print(f"`pulumi up --stack {stack.name}` changes nothing.")
        return
    what = f"updates {updates} resources in place" if updates else "updates nothing"
    creates = f"creates {', '.join(without)}" if without else "creates nothing"
    out.print(f"`pulumi up --stack {stack.name}` {what}, {creates} and deletes nothing at Auth0.")


def _more_than_in_place(next_update: Mapping[str, int], without: Sequence[str]) -> dict[str, int]:
    """What of the next update makes or deletes something that it should not."""
    rest = {operation: count for operation, count in next_update.items() if operation not in _IN_PLACE}
    if rest.get("create") == len(without):
        del rest["create"]
    return rest
