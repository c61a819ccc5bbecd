"""The command line `local-tenant`."""

from __future__ import annotations

import sys

import click

from local_tenant.cli import background, serve
from local_tenant.errors import LocalTenantError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """An Auth0 tenant on this machine."""


commands.add_command(serve.serve)
commands.add_command(background.start)
commands.add_command(background.stop)
commands.add_command(background.status)
commands.add_command(background.env)


def main() -> None:
    """Run the command line; an error that the user can mend is one message and exit code 1."""
    try:
        commands(standalone_mode=True)
    except LocalTenantError as error:
        click.echo(f"local-tenant: {error}", err=True)
        sys.exit(1)
