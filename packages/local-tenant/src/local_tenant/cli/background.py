"""`local-tenant start|stop|status|env|page`: one tenant in the background."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from action_runtime.node import node_version

from local_tenant.cli.options import (
    DATA_VARIABLE,
    behaviour_options,
    data_option,
    port_option,
    seed_option,
    tenant_option,
)
from local_tenant.code_version import code_version
from local_tenant.data_folder import log_file, make_private, port_file, private, ready_file, serving_process
from local_tenant.errors import LocalTenantError
from local_tenant.loopback import HTTPS_PORT, port_of
from local_tenant.options import TenantOptions
from local_tenant.page.addresses import page_url

SECONDS_TO_STOP = 15.0


def running(data: Path) -> dict[str, Any] | None:
    """The ready line of the tenant that serves this folder; None when none does."""
    pid = serving_process(data)
    if pid is None or not ready_file(data).exists():
        return None
    ready: dict[str, Any] = json.loads(ready_file(data).read_text())
    return ready if ready["pid"] == pid else None


def require_running(data: Path) -> dict[str, Any]:
    """The ready line of the tenant that serves this folder.

    Raises:
        LocalTenantError: none does.
    """
    ready = running(data)
    if ready is None:
        raise LocalTenantError(f"no tenant is running in {data}", fix="start it with `local-tenant start`")
    return ready


@click.command()
@port_option(None)
@data_option
@tenant_option
@seed_option
@behaviour_options
def start(port: int | None, data: Path, tenant: str | None, seed: Path | None, *, behaviour: TenantOptions) -> None:
    """Start a tenant in the background.

    Without --port it takes the port that it had before, or a free one; with --host
    it takes 443, which clients leave out of the domain. A running tenant keeps running, unless
    its code has changed since it started: then it is restarted with the same options.
    """
    ready = running(data)
    already = ""
    if ready is not None:
        _check_place(ready, port, data, tenant)
        if ready.get("code_version") != code_version():
            click.echo(f"The code of the tenant {ready['tenant']} has changed since it started: restarting it.")
            _end(data, ready["pid"])
            behaviour = TenantOptions.from_json(ready["options"]) if behaviour == TenantOptions() else behaviour
            port = port_of(ready["domain"]) if port is None else port
            seed = Path(ready["seed"]) if seed is None and ready.get("seed") else seed
            ready = None
        elif seed is not None and ready.get("seed") != str(seed):
            raise LocalTenantError(
                f"the tenant '{ready['tenant']}' is running and did not begin with {seed}",
                fix="stop it with `local-tenant stop`, and choose another folder with --data",
            )
        # Without options any tenant will do.
        elif behaviour != TenantOptions() and ready["options"] != behaviour.to_json():
            raise LocalTenantError(
                f"the tenant '{ready['tenant']}' is running with other options: {ready['options']}",
                fix="stop it with `local-tenant stop`, then start it with these",
            )
        else:
            already = "already "
    if ready is None:
        names = [*([f"--tenant={tenant}"] if tenant else []), *([f"--seed={seed}"] if seed else [])]
        options = [*names, *behaviour.arguments()]
        named = behaviour.host != TenantOptions().host
        if port is None:
            port, may_pick = (HTTPS_PORT, False) if named else (_remembered_port(data), True)
        else:
            may_pick = False
        ready = _spawn(port, data, options, may_pick=may_pick)
    click.echo(f"The tenant {ready['tenant']} is {already}running at {ready['url']} (process {ready['pid']}).")
    click.echo(f"Page: {page_address(ready)}")
    host = ready["domain"].partition(":")[0]
    if not _resolves(host):
        click.echo(f"Browsers know that {host} is this machine, other programs do not:")
        click.echo(f"  fix: echo '127.0.0.1 {host}' | sudo tee -a /etc/hosts")


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


def _check_place(ready: dict[str, Any], port: int | None, data: Path, tenant: str | None) -> None:
    if tenant is not None and ready["tenant"] != tenant:
        raise LocalTenantError(
            f"the tenant '{ready['tenant']}' is running in {data}, not '{tenant}'",
            fix="stop it with `local-tenant stop`, or choose another folder with --data",
        )
    if port and port_of(ready["domain"]) != port:
        raise LocalTenantError(
            f"the tenant '{ready['tenant']}' is running at {ready['url']}, not on port {port}",
            fix="stop it with `local-tenant stop`, then start it on the other port",
        )


@click.command()
@data_option
def stop(data: Path) -> None:
    """Stop the tenant in the background; what it holds is kept."""
    pid = serving_process(data)
    if pid is None:
        click.echo("No tenant is running.")
        return
    _end(data, pid)
    click.echo("The tenant has stopped.")


def _end(data: Path, pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while serving_process(data) == pid:
        if time.monotonic() > deadline:
            raise LocalTenantError(
                f"process {pid} has not stopped within {SECONDS_TO_STOP:.0f} s",
                fix=f"look at {log_file(data)}, then end it with `kill -9 {pid}`: nothing that was answered is lost",
            )
        time.sleep(0.02)


@click.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="The ready line and the options, for programs.")
def status(data: Path, *, as_json: bool) -> None:
    """Say whether a tenant is running, and where.

    The exit code is 1 if none is.
    """
    ready = running(data)
    if ready is None:
        click.echo('{"ready": false}' if as_json else "No tenant is running.")
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(ready))
        return
    click.echo(f"The tenant {ready['tenant']} is running at {ready['url']} (process {ready['pid']}).")
    click.echo(f"Page: {page_address(ready)}")
    # One that an earlier version has started, and that still runs, has none.
    if "single_page_application" in ready:
        click.echo("Single-page application, without a secret:")
        click.echo(f"  client ID {ready['single_page_application']['client_id']}")
    click.echo("Application on a server; `local-tenant status --json` prints its secret:")
    click.echo(f"  client ID {ready['application']['client_id']}")
    click.echo(f"Actions run in Node {node_version()}, whichever runtime they name (node18, node22).")


@click.command()
@data_option
def env(data: Path) -> None:
    """Print what an Auth0 client's shell needs to reach this tenant.

    \b
        eval "$(local-tenant env)"
    """  # noqa: D301 - click wants the character itself, which a raw docstring would not have
    for name, value in client_environment(require_running(data)).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@click.command()
@data_option
def page(data: Path) -> None:
    """Print the address of the tenant's page.

    It holds the key that opens the page in a browser.
    """
    click.echo(page_address(require_running(data)))


def page_address(ready: dict[str, Any]) -> str:
    """Where the tenant's page opens in a browser."""
    return page_url(ready["url"], ready["management"]["client_secret"])


def client_environment(ready: dict[str, Any]) -> dict[str, str]:
    """Variables that point a client of the Management API at a running tenant, and make it trust the tenant's CA.

    OpenSSL, Go and httpx read SSL_CERT_FILE, requests reads REQUESTS_CA_BUNDLE, Node reads NODE_EXTRA_CA_CERTS.
    """
    bundle = str(Path(ready["ca_file"]).with_name("ca-bundle.pem"))
    return {
        "AUTH0_DOMAIN": ready["domain"],
        "AUTH0_CLIENT_ID": ready["management"]["client_id"],
        "AUTH0_CLIENT_SECRET": ready["management"]["client_secret"],
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": ready["ca_file"],
        DATA_VARIABLE: str(Path(ready["ca_file"]).parent),
    }


def _remembered_port(data: Path) -> int:
    """The port of the last run, 0 if there was none: bookmarks and shells keep working."""
    try:
        return int(port_file(data).read_text())
    except (OSError, ValueError):
        return 0


def _spawn(port: int, data: Path, options: list[str], *, may_pick: bool) -> dict[str, Any]:
    make_private(data)
    log = log_file(data)
    command = [sys.executable, "-m", "local_tenant", "serve"]
    command += ["--port", str(port), "--data", str(data), *options]
    with open(log, "wb", opener=private) as errors:
        process = subprocess.Popen(  # noqa: S603 - this very program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    line = _first_line(process)
    if line:
        ready: dict[str, Any] = json.loads(line)
        return ready
    process.wait()
    output = log.read_text(errors="replace").strip()
    if may_pick and port and f"port {port} " in output:
        return _spawn(0, data, options, may_pick=False)
    raise LocalTenantError(f"the tenant could not start:\n{output}", fix=f"see {log}")


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What it prints when it is ready; nothing when it ends before."""
    if process.stdout is None:
        raise AssertionError("stdout was to be a pipe")
    with process.stdout as output:
        return output.readline()
