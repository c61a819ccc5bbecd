"""`actions-ops preview`, `actions-ops plan` and `actions-ops up`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from operations.deploy.plan_file import PlanFile, digests
from operations.errors import OperationsError
from operations.options import stack_named, stack_option
from operations.program import read_program
from operations.pulumi_stack import PulumiStack
from operations.tenant import ManagementApi, connection_of

_plan_argument = click.Path(dir_okay=False, path_type=Path)


@click.command()
@stack_option
@click.pass_obj
def preview(folder: Path, stack_name: str) -> None:
    """Show what the next update would change.

    No request is sent to the tenant.
    """
    stack_named(folder, stack_name).show_preview()


@click.command()
@stack_option
@click.option("--out", required=True, type=_plan_argument, help="File to save the plan in.")
@click.pass_obj
def plan(folder: Path, stack_name: str, out: Path) -> None:
    """Save what the next update would change, for `up`.

    Needs the scope read:actions. The values of secrets are encrypted in the file, as in the stack's state.
    """
    stack = stack_named(folder, stack_name)
    domain, tenant = _tenant(stack)
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "plan.json"
        stack.show_preview("--save-plan", str(file))
        PlanFile(stack.name, domain, tenant, json.loads(file.read_text(encoding="utf-8"))).write(out)
    click.echo(f"Saved. To deploy exactly this:\n  make up STACK={stack.name} PLAN={out}")


@click.command()
@stack_option
@click.option("--plan", "plan_path", type=_plan_argument, help="A saved plan: do just that.")
@click.pass_obj
def up(folder: Path, stack_name: str, plan_path: Path | None) -> None:
    """Deploy a saved plan, or what you confirm.

    Without a plan it shows the preview and asks. If the program, its settings, the state or the tenant is not as it was
    when the plan was saved, nothing is changed, and the exit code is 2.
    """
    stack = stack_named(folder, stack_name)
    if plan_path is not None:
        _up_as_planned(stack, plan_path)
    elif not sys.stdin.isatty() or not sys.stdout.isatty():
        raise OperationsError(
            f"without a terminal to ask on, stack {stack.name} is deployed only with a saved plan; nothing was changed",
            fix=f"`make plan STACK={stack.name}`, review it, then `make up STACK={stack.name} PLAN=FILE`",
        )
    else:
        stack.ask_and_up()


def _up_as_planned(stack: PulumiStack, path: Path) -> None:
    saved = PlanFile.read(path)
    changes = saved.changed(stack.name, *_tenant(stack))
    if changes:
        raise OperationsError(
            f"{path} is out of date; nothing was changed:\n" + "\n".join(f"  {change}" for change in changes),
            fix=f"check the tenant (`make drift STACK={stack.name}`), then save a new plan: "
            f"`make plan STACK={stack.name}`",
        )
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "plan.json"
        file.write_text(json.dumps(saved.pulumi), encoding="utf-8")
        stack.up_as_planned(file)


def _tenant(stack: PulumiStack) -> tuple[str, dict[str, str]]:
    """The tenant's domain, and what it holds; the program's guards run before any request."""
    config = stack.config()
    program = read_program(stack.project, stack.short_name, config)
    api = ManagementApi(connection_of(config.values, os.environ))
    return api.domain, digests(program, api.snapshot())
