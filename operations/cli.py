"""The command line `actions-ops`."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

import click

from operations.adopt.command import adopt
from operations.demo.command import demo
from operations.drift.command import drift
from operations.errors import (
    FAILED,
    FOUND_NOTHING,
    INTERRUPTED,
    OperationsError,
)
from operations.outcomes.command import outcomes
from operations.smoke.command import smoke


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder of the Pulumi project; by default this one, or the nearest above it.",
)
@click.pass_context
def commands(context: click.Context, folder: Path) -> None:
    """The commands around `pulumi up`.

    Exit code 0: nothing found, or done. 1: something found. 2: error.
    """
    context.obj = folder


commands.add_command(drift)
commands.add_command(adopt)
commands.add_command(outcomes)
commands.add_command(smoke)
commands.add_command(demo)


def main() -> None:
    """Run the command line. Every way to end has its exit code: a crash must not look like a finding."""
    try:
        sys.exit(commands.main(prog_name="actions-ops", standalone_mode=False) or FOUND_NOTHING)
    except click.ClickException as error:
        error.show()
        sys.exit(FAILED)
    except click.Abort:
        click.echo("actions-ops: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except OperationsError as error:
        if "--json" in sys.argv:
            click.echo(json.dumps({"error": error.what, "fix": error.fix}))
        click.echo(f"actions-ops: {error}", err=True)
        sys.exit(FAILED)
    except Exception:  # noqa: BLE001 - whatever it is
        traceback.print_exc()
        click.echo("actions-ops: this is a mistake in actions-ops; nothing more was done", err=True)
        sys.exit(FAILED)
