"""`actions-ops demo`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click
from local_tenant.testing import TenantClient, UnexpectedResponseError

from operations import show
from operations.demo.story import Step, play
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING, OperationsError
from operations.local_tenant import ready_line
from operations.options import json_option, stack_named
from policy import EmailDomain

STACK = "local"


@click.command()
@json_option
@click.pass_obj
def demo(folder: Path, *, as_json: bool) -> None:
    """Play the rules with new accounts on the local tenant.

    What is deployed there runs; how each step must end comes from the policy table. Exit code 1: a step ended
    otherwise.
    """
    stack = stack_named(folder, STACK)
    settings = stack.config().settings(stack.project.name)
    ready = ready_line()
    if ready is None:
        raise OperationsError("the local tenant is not running", fix="run `make up` first")
    domains = {
        EmailDomain.INTEGRATION: settings["integrationTestDomain"],
        EmailDomain.FORCE_MFA: settings["forceMfaDomain"],
        EmailDomain.OTHER: "example.com",
    }
    try:
        with TenantClient(ready) as tenant:
            steps = list(play(tenant, domains))
    except UnexpectedResponseError as error:
        raise OperationsError(f"a step of the demo failed: {error}", fix="run `make up`, then this again") from error
    if as_json:
        click.echo(json.dumps({"steps": [asdict(step) for step in steps]}))
    else:
        _show(steps)
    sys.exit(FOUND_NOTHING if all(step.is_as_expected for step in steps) else FOUND_SOMETHING)


def _show(steps: list[Step]) -> None:
    out = show.console()
    for account, of_account in groupby(steps, lambda step: step.account):
        rows = [("ok" if step.is_as_expected else "WRONG", step.does, step.actual, step.reason) for step in of_account]
        out.print(account, show.table(["", "Does", "Ends with", "Rule"], rows), "", sep="\n")
    for step in steps:
        if not step.is_as_expected:
            out.print(f"{step.account}, {step.does}: expected {step.expected}")
    expected = sum(step.is_as_expected for step in steps)
    out.print(f"{expected} of {len(steps)} steps ended as the rules require.")
    out.print("Look closer with: local-tenant trace, local-tenant users, local-tenant logs")
