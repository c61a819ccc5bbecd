"""`local-tenant page`: where the running tenant's page is."""

from __future__ import annotations

from pathlib import Path

import click

from local_tenant.cli.background import page_address, running
from local_tenant.cli.options import data_option
from local_tenant.errors import LocalTenantError


@click.command()
@data_option
def page(data: Path) -> None:
    """Print the address of the tenant's page, with the key that opens it in a browser."""
    ready = running(data)
    if ready is None:
        raise LocalTenantError(f"no tenant is running in {data}", fix="start it with `local-tenant start`")
    click.echo(page_address(ready))
