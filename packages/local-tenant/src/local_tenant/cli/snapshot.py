"""`local-tenant snapshot`: what a tenant holds, as a file for `start --seed`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import click

from local_tenant.cli.options import data_option
from local_tenant.data_folder import replace_file
from local_tenant.errors import LocalTenantError


@click.command()
@data_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, as JSON if it ends in .json; else YAML is printed.",
)
@click.option(
    "--secrets", is_flag=True, help="Write the secrets of Actions, applications and authenticator apps as well."
)
def snapshot(data: Path, output: Path | None, *, secrets: bool) -> None:
    """Write what a tenant holds as a file for `start --seed`.

    Users, their metadata and counts of logins, applications, APIs, Actions and
    flows; passwords as hashes, so that logins work. What the file cannot hold is
    named. The tenant may be running.
    """
    # Imported here, so that the other commands start fast.
    from local_tenant.seed.snapshot import take  # noqa: PLC0415

    database = data / "tenant.sqlite3"
    if not database.exists():
        raise LocalTenantError(f"{data} holds no tenant", fix="name its folder with --data")
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        # One state of the database for all of its tables.
        connection.execute("BEGIN")
        taken = take(connection, secrets=secrets)
    text = taken.json() if output is not None and output.suffix == ".json" else taken.yaml()
    if output is None:
        click.echo(text, nl=False)
    else:
        # It holds hashes of passwords, and perhaps secrets: its owner's alone.
        replace_file(output, text.encode())
    for what in taken.left_out:
        click.echo(f"left out: {what}", err=True)
