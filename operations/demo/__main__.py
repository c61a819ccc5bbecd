"""`make demo`: plays the story and fails if a step breaks the rules (docs/rules.md)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
from local_tenant.cli.api import connect
from local_tenant.cli.show import console, plain, table
from local_tenant.errors import LocalTenantError
from rich.text import Text

from operations.demo.story import Domains, Step, play

NAMESPACE = "auth0-actions"


def domains_of_stack(stack: str) -> Domains:
    """The email domains that are deployed, as Pulumi itself reads the stack's config.

    Raises:
        LocalTenantError: Pulumi cannot read it.
    """
    command = ["pulumi", "config", "--json", "--stack", stack]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise LocalTenantError(f"`{' '.join(command)}` failed: {done.stderr.strip()}", fix="run `make up` first")
    config = json.loads(done.stdout)
    return Domains(
        config[f"{NAMESPACE}:integrationTestDomain"]["value"],
        config[f"{NAMESPACE}:forceMfaDomain"]["value"],
    )


def main() -> None:
    """Play it; exit code 1 when a line is not as expected."""
    try:
        data = Path(os.environ["LOCAL_TENANT_DATA"])
        with connect(data) as api:
            steps = list(play(api, data, domains_of_stack("local")))
    except LocalTenantError as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(2)
    show(steps)
    sys.exit(0 if all(step.as_expected for step in steps) else 1)


def show(steps: list[Step]) -> None:
    """The story as a table, and how many lines were as expected."""
    rows = table("", "Account", "Does", "Expected", "Happened", "Because")
    for step in steps:
        mark = Text("ok", "green") if step.as_expected else Text("NOT AS EXPECTED", "bold red")
        happened = Text("the same", "dim") if step.as_expected else plain(step.happened)
        rows.add_row(mark, plain(step.who), plain(step.does), plain(step.expected), happened, plain(step.because))
    to = console()
    to.print(rows)
    good = sum(step.as_expected for step in steps)
    to.print(f"{good} of {len(steps)} steps follow the rules.")
    to.print("Look closer with: local-tenant trace, local-tenant users, local-tenant logs")


main()
