"""A real `local-tenant serve`, started by its ready line and ended by a signal, as any caller would."""

import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, cast

import httpx

LOCAL_TENANT = Path(sys.executable).with_name("local-tenant")
SECONDS_TO_END = 20

# No test leaves this machine: nothing listens there, and npm is not to ask twice.
NO_NPM_REGISTRY = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}


class Credentials(TypedDict):
    client_id: str
    client_secret: str


class PublicClient(TypedDict):
    client_id: str


class ReadyLine(TypedDict):
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
        said: what it wrote to stderr.
    """

    def __init__(self, exit_code: int, said: str) -> None:
        """Keep both for the test to look at."""
        super().__init__(f"exit code {exit_code}\n{said}")
        self.exit_code = exit_code
        self.said = said


class TenantProcess:
    """A tenant that is being served; leaving the `with` block ends it.

    Attributes:
        data: its data folder.
        ready: the ready line.
        ready_text: the ready line as it was printed.
        log: file that stderr goes to.
    """

    def __init__(self, data: Path, *arguments: str, port: int = 0, tenant: str = "floatme-local") -> None:
        """Start it and wait until it is ready.

        Raises:
            StartError: it ended instead.
        """
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603
                serve_command(data, *arguments, port=port, tenant=tenant),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=data.parent,
                env={**os.environ, **NO_NPM_REGISTRY},
                text=True,
            )
        assert self._process.stdout is not None
        self.ready_text = self._process.stdout.readline()
        if not self.ready_text:
            self._process.stdout.close()
            raise StartError(self._process.wait(SECONDS_TO_END), self.log.read_text())
        self.ready = cast("ReadyLine", json.loads(self.ready_text))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return self.ready["url"]

    @property
    def port(self) -> int:
        return int(self.ready["domain"].rpartition(":")[2])

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def client(self, **headers: str) -> httpx.Client:
        """An https client that trusts this tenant's CA and nothing else; paths are relative to the tenant's URL."""
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        return httpx.Client(base_url=self.url, verify=context, headers=headers, timeout=30)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code, negative for the signal that killed it."""
        if self.running:
            self._process.send_signal(number)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(SECONDS_TO_END)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.end(signal.SIGKILL) == -signal.SIGKILL

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, however the block ended."""
        self.end()


StartTenant = Callable[..., TenantProcess]


def spare_port() -> int:
    """A free port that no client's connection takes in the meantime: for tests that start a tenant on it again."""
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
    """The addresses that "localhost" stands for on this machine: not every one has IPv6."""
    addresses = [(socket.AF_INET, "127.0.0.1")]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return addresses
    return [*addresses, (socket.AF_INET6, "::1")]


def serve_command(data: Path, *arguments: str, port: int = 0, tenant: str = "floatme-local") -> Sequence[str]:
    """The command line that serves a tenant."""
    named = ["--data", str(data), "--port", str(port), "--tenant", tenant]
    return [str(LOCAL_TENANT), "serve", *named, *arguments]
