"""Options that several commands share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from local_tenant.loopback import is_loopback
from local_tenant.options import DEFAULT_NAME, TenantOptions

DATA_VARIABLE = "LOCAL_TENANT_DATA"
DEFAULT_DATA = Path(".local-tenant")

# Good for every account of a tenant that holds nothing real; nothing else is ever protected by it.
DEFAULT_PASSWORD = "Local-tenant-1"  # noqa: S105

_TENANT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])")

Command = Callable[..., Any]


def data_option(command: Command) -> Command:
    """--data: the data folder."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_DATA,
        envvar=DATA_VARIABLE,
        show_default=True,
        show_envvar=True,
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
        callback=_check_name,
        help=f"Name of the tenant, event.tenant.id to its Actions; a new one is called {DEFAULT_NAME} without it.",
    )(command)


def seed_option(command: Command) -> Command:
    """--seed: what a new tenant begins with."""
    return click.option(
        "--seed",
        type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
        help="YAML or JSON file with the users, applications, Actions and flows that a new tenant begins with.",
    )(command)


def behaviour_options(command: Command) -> Command:
    """The switches of `TenantOptions`; the command gets them as its argument `behaviour`."""

    @functools.wraps(command)
    def with_behaviour(**values: Any) -> Any:  # noqa: ANN401 - whatever click passes on and the command returns
        behaviour = TenantOptions(
            metadata_visibility=values.pop("metadata_visibility"),
            refresh_token_rotation=values.pop("refresh_token_rotation"),
            brute_force_protection=values.pop("brute_force_protection"),
            apis=tuple(values.pop("apis")),
            host=values.pop("host"),
        )
        return command(behaviour=behaviour, **values)

    for option in (
        click.option(
            "--host",
            default="localhost",
            show_default=True,
            callback=_check_host,
            help="Name of the tenant's domain, below localhost: tenant.localhost.",
        ),
        click.option(
            "--api",
            "apis",
            multiple=True,
            metavar="IDENTIFIER",
            help="An API that applications may ask tokens for by `audience`; can be given several times.",
        ),
        click.option(
            "--brute-force-protection/--no-brute-force-protection",
            default=True,
            show_default=True,
            help="Block a user for an IP after 10 wrong passwords in a row.",
        ),
        click.option(
            "--refresh-token-rotation/--no-refresh-token-rotation",
            default=False,
            show_default=True,
            help="Replace a refresh token at each exchange, and revoke its whole family when an old one is reused; "
            "those of the single-page application always rotate.",
        ),
        click.option(
            "--metadata-visibility",
            type=click.Choice(["next-transaction", "next-action"]),
            default="next-transaction",
            show_default=True,
            help="From when on Actions see metadata that an Action has written.",
        ),
    ):
        with_behaviour = option(with_behaviour)
    return with_behaviour


def json_option(command: Command) -> Command:
    """--json: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def password_option(command: Command) -> Command:
    """--password: the same for every account by default."""
    return click.option("--password", default=DEFAULT_PASSWORD, show_default=True, help="The account's password.")(
        command
    )


def request_options(command: Command) -> Command:
    """--ip and --set: what the Actions see of the request."""
    command = click.option("--ip", help="The client's IP, as a trusted client would forward it.")(command)
    return click.option(
        "--set",
        "custom",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_custom_parameters,
        help="A custom parameter: event.request.body.NAME (challengeRequired=true).",
    )(command)


def _custom_parameters(_context: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{pair}' is not NAME=VALUE")
        parameters[name] = value
    return parameters


def _check_host(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_loopback(value) or not value.endswith("localhost"):
        raise click.BadParameter(f"'{value}' is not localhost or a name below it, such as tenant.localhost")
    return value


def _check_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _TENANT_NAME.fullmatch(value):
        raise click.BadParameter(
            f"'{value}' is not a tenant name: 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end"
        )
    return value
