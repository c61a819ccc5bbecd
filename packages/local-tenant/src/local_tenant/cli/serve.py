"""`local-tenant serve`: in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from local_tenant.cli.options import behaviour_options, data_option, port_option, seed_option, tenant_option
from local_tenant.options import TenantOptions


@click.command()
@port_option(0)
@data_option
@tenant_option
@seed_option
@behaviour_options
@click.option("--verbose", is_flag=True, help="Log each request on stderr.")
def serve(
    port: int, data: Path, tenant: str | None, seed: Path | None, *, behaviour: TenantOptions, verbose: bool
) -> None:
    """Serve a tenant in the foreground until SIGTERM or SIGINT.

    When it accepts requests it prints one line of JSON with everything needed to use it; logs go to stderr.
    """
    # Imported here, so that the other commands start fast.
    from local_tenant.server import ServerOptions  # noqa: PLC0415
    from local_tenant.server import serve as serve_until_stopped  # noqa: PLC0415

    serve_until_stopped(ServerOptions(port, data, tenant, verbose, behaviour, seed))
