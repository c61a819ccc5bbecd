"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

from operations.project import find_project
from operations.pulumi_stack import PulumiStack

# Always named, never the one that happens to be selected.
stack_option = click.option("--stack", "-s", "stack_name", required=True, help="The Pulumi stack.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def stack_named(folder: Path, name: str) -> PulumiStack:
    """The stack of the project that `folder` lies in."""
    return PulumiStack(find_project(folder), name)
