"""A real `local-tenant serve` in a process of its own."""

import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypedDict, cast

import httpx

from local_tenant.loopback import local_url, port_of

LOCAL_TENANT = Path(sys.executable).with_name("local-tenant")
SECONDS_TO_END = 20

# No test leaves this machine: nothing listens there, and npm does not try again.
NO_NPM_REGISTRY = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}


class Credentials(TypedDict):
    """An application with a secret."""

    client_id: str
    client_secret: str


class PublicClient(TypedDict):
    """An application without one."""

    client_id: str


class ReadyLine(TypedDict):
    """What `local-tenant serve` prints once it answers.

    Attributes:
        ready: true.
        url: `https://localhost:PORT`.
        domain: `localhost:PORT`, as Auth0's libraries take it.
        tenant: the tenant's name, `event.tenant.id` of its Actions.
        ca_file: path of the certificate that clients have to trust.
        pid: of the server.
        management: a client that may ask for tokens for the Management API.
        application: an application on a server.
        single_page_application: an application in a browser.
    """

    ready: bool
    url: str
    domain: str
    tenant: str
    ca_file: str
    pid: int
    management: Credentials
    application: Credentials
    single_page_application: PublicClient


class StartError(Exception):
    """The server ended before it was ready.

    Attributes:
        exit_code: of the process.
        stderr: what it wrote there.
    """

    def __init__(self, exit_code: int, stderr: str) -> None:
        """Show both."""
        super().__init__(f"exit code {exit_code}\n{stderr}")
        self.exit_code = exit_code
        self.stderr = stderr


class TenantProcess:
    """A tenant in a process of its own; leaving the `with` block ends it.

    Attributes:
        data: its data folder.
        ready: the ready line.
        ready_text: the ready line as it was printed.
        log: file that stderr goes to.
    """

    def __init__(
        self,
        data: Path,
        *options: str,
        port: int = 0,
        tenant: str | None = None,
        environment: Mapping[str, str] = NO_NPM_REGISTRY,
    ) -> None:
        """Start it and wait until it is ready.

        Args:
            data: its data folder, created if need be; what it holds is kept.
            options: of `local-tenant serve`, such as `--refresh-token-rotation`.
            port: 0 for a free one.
            tenant: its name; None for the default of `local-tenant serve`.
            environment: variables besides this process's own; by default those that keep npm from the network.

        Raises:
            StartError: It ended instead.
        """
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603
                serve_command(data, *options, port=port, tenant=tenant),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=data.parent,
                env={**os.environ, **environment},
                text=True,
            )
        self._stdout = cast("IO[str]", self._process.stdout)
        try:
            self.ready_text = self._stdout.readline()
        except BaseException:
            # Interrupted before anybody can end it.
            self.end()
            raise
        if not self.ready_text:
            self._stdout.close()
            raise StartError(self._process.wait(SECONDS_TO_END), self.log.read_text())
        self.ready = cast("ReadyLine", json.loads(self.ready_text))

    @property
    def pid(self) -> int:
        """Id of the server's process."""
        return self._process.pid

    @property
    def url(self) -> str:
        """`https://localhost:PORT`, without a slash at its end."""
        return self.ready["url"]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return port_of(self.ready["domain"])

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def client(self, **headers: str) -> httpx.Client:
        """Open an https client of this tenant, as `https_client` does."""
        return https_client(self.ready, **headers)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code, negative for the signal that killed it."""
        if self.running:
            self._process.send_signal(number)
        self._stdout.close()
        return self._process.wait(SECONDS_TO_END)

    def kill(self) -> None:
        """End it as a power cut would.

        Raises:
            RuntimeError: It had ended before.
        """
        exit_code = self.end(signal.SIGKILL)
        if exit_code != -signal.SIGKILL:
            raise RuntimeError(f"the tenant had already ended, with exit code {exit_code}: see {self.log}")

    def __enter__(self) -> Self:
        """Return the tenant, which runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it, however the block ended."""
        self.end()


StartTenant = Callable[..., TenantProcess]
"""A fixture that starts tenants for one test."""


def trusted(ready: ReadyLine) -> ssl.SSLContext:
    """TLS that trusts the tenant's CA and nothing else."""
    return ssl.create_default_context(cafile=ready["ca_file"])


def https_client(ready: ReadyLine, **headers: str) -> httpx.Client:
    """Open an https client that trusts the tenant's CA and nothing else; paths from the root (`/userinfo`)."""
    return httpx.Client(
        base_url=local_url(ready["domain"]), verify=trusted(ready), headers=headers, timeout=60, trust_env=False
    )


def spare_port() -> int:
    """Find a free port that no outgoing connection takes: for tests that start a tenant on it again."""
    while True:
        # Below the range out of which systems take the ports of outgoing connections.
        port = random.randrange(20_000, 32_000)  # noqa: S311
        try:
            for family, host in loopback_addresses():
                socket.create_server((host, port), family=family).close()
        except OSError:
            continue
        return port


@cache
def loopback_addresses() -> list[tuple[socket.AddressFamily, str]]:
    """The addresses of localhost on this machine: not every machine has IPv6."""
    addresses = [(socket.AF_INET, "127.0.0.1")]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return addresses
    return [*addresses, (socket.AF_INET6, "::1")]


def serve_command(data: Path, *options: str, port: int = 0, tenant: str | None = None) -> Sequence[str]:
    """The command line that serves a tenant."""
    name = [] if tenant is None else ["--tenant", tenant]
    return [str(LOCAL_TENANT), "serve", "--data", str(data), "--port", str(port), *name, *options]
