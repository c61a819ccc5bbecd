"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

DEFAULT_TENANT = "floatme-local"
DEFAULT_DATA = Path(".local/tenant")

_TENANT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])")

Command = Callable[..., Any]


def data_option(command: Command) -> Command:
    """--data: the data folder."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_DATA,
        show_default=True,
        help="Folder that holds the tenant.",
    )(command)


def port_option(default: int | None) -> Callable[[Command], Command]:
    """--port: 0 picks one."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=default,
        show_default=default is not None,
        help="Port on localhost; 0 picks a free one.",
    )


def tenant_option(command: Command) -> Command:
    """--tenant: the tenant's name."""
    return click.option(
        "--tenant",
        default=DEFAULT_TENANT,
        show_default=True,
        callback=_check_name,
        help="Name of the tenant: event.tenant.id to its Actions.",
    )(command)


def _check_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _TENANT_NAME.fullmatch(value):
        raise click.BadParameter(
            f"'{value}' is no tenant name: 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
        )
    return value
