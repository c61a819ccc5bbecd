"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from operations.project import find_project
from operations.pulumi_stack import PulumiStack

F = TypeVar("F", bound=Callable[..., Any])


def stack_option(command: F) -> F:
    """`--stack`: always named, never the one that happens to be selected."""
    return click.option("--stack", "-s", "stack_name", required=True, help="The Pulumi stack.")(command)


def json_option(command: F) -> F:
    """`--json`: one JSON object on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


def stack_named(folder: Path, name: str) -> PulumiStack:
    """The stack of the project that `folder` lies in."""
    return PulumiStack(find_project(folder), name)
