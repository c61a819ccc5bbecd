"""The command line `local-tenant`."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from local_tenant.errors import LocalTenantError

# Where each command is: only the one that is typed is imported, so that a server starts without what a table needs.
COMMANDS = {
    "applications": "applications",
    "env": "background",
    "login": "people",
    "logs": "people",
    "mails": "people",
    "page": "background",
    "refresh": "people",
    "serve": "serve",
    "signup": "people",
    "snapshot": "snapshot",
    "start": "background",
    "status": "background",
    "stop": "background",
    "trace": "people",
    "users": "people",
}


class _Commands(click.Group):
    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"local_tenant.cli.{COMMANDS[name]}"), name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """An Auth0 tenant on this machine."""


def main() -> None:
    """Run the command line; an error that the user can fix is one message and exit code 1."""
    try:
        commands(standalone_mode=True)
    except LocalTenantError as error:
        click.echo(f"local-tenant: {error}", err=True)
        sys.exit(1)
