"""The command line `actions-ops`."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path

import click

from operations import show
from operations.adopt.command import adopt
from operations.demo.command import demo
from operations.deploy.command import plan, preview, up
from operations.doctor.command import doctor
from operations.drift.command import drift
from operations.errors import FAILED, FOUND_NOTHING, INTERRUPTED, OperationsError
from operations.outcomes.command import outcomes
from operations.rehearse.command import rehearse
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

    Exit code 0: nothing found, or all done. 1: something found. 2: error.
    """
    context.obj = folder


for _command in (preview, plan, up, drift, adopt, outcomes, smoke, demo, rehearse, doctor):
    commands.add_command(_command)


def main() -> None:
    """Run the command line, with an exit code for each way to end."""
    # A canceled workflow must leave nothing behind: clean up as after Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
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
        click.echo(show.wrapped(f"actions-ops: {error}"), err=True)
        sys.exit(FAILED)
    except Exception:  # noqa: BLE001 - a crash must not look like a finding
        traceback.print_exc()
        click.echo("actions-ops: a bug in actions-ops; it stopped here", err=True)
        sys.exit(FAILED)


def _end(number: int, _frame: object) -> None:
    sys.exit(128 + number)
