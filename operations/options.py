"""Options that several commands take."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from operations.backend import require_backend
from operations.project import find_project
from operations.pulumi_stack import PulumiStack

# Always named, never the one that happens to be selected.
stack_option = click.option("--stack", "-s", "stack_name", required=True, help="The Pulumi stack.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


def stack_named(folder: Path, name: str) -> PulumiStack:
    """The stack of the project that `folder` lies in.

    Raises:
        OperationsError: no backend is chosen, or there is no `pulumi`.
    """
    stack = PulumiStack(find_project(folder), name)
    require_backend(stack.project.folder, name, os.environ)
    return stack


def confirmed(question: str, *, as_json: bool) -> bool:
    """Ask for a yes. Without a terminal, say how to go ahead and take it for a no."""
    if as_json or not sys.stdin.isatty():
        click.echo(
            "Nothing was changed: there is no terminal to ask on. To go ahead, add --yes to the command", err=True
        )
        return False
    return click.confirm(question)
