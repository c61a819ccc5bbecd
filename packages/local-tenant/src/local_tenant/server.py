"""One tenant, served over https on this machine's loopback addresses until it is stopped."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local_tenant.app import create_app
from local_tenant.authentication.cross_origin import CrossOrigin
from local_tenant.certificates import Certificates, ensure_certificates
from local_tenant.code_version import code_version
from local_tenant.control.fault_middleware import TRANSPORT_EXTENSION
from local_tenant.data_folder import DataFolder, acquire, unusable
from local_tenant.errors import LocalTenantError
from local_tenant.loopback import domain_of
from local_tenant.options import TenantOptions
from local_tenant.seed.loading import load, load_at_start
from local_tenant.seed.reading import SeedFile, read_seed
from local_tenant.store.database import Database
from local_tenant.tenant import Tenant, open_database, open_tenant, refuse_own_audiences

TRIES_FOR_A_PORT = 20
SECONDS_TO_CLOSE = 0.2

# From the connection, or a request's first byte, to its last: connections that stay silent would use up descriptors.
SECONDS_FOR_A_REQUEST = 60.0


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What `local-tenant serve` was asked for.

    Attributes:
        port: 0 to pick one.
        data: the data folder.
        tenant: the tenant's name; None for the one that the data folder holds, or the default.
        verbose: log each request.
        behaviour: where Auth0 leaves a choice.
        seed: file with the content that a new tenant begins with.
    """

    port: int
    data: Path
    tenant: str | None
    verbose: bool = False
    behaviour: TenantOptions = field(default_factory=TenantOptions)
    seed: Path | None = None


def serve(options: ServerOptions) -> None:
    """Serve until SIGTERM or SIGINT; prints the ready line on stdout, logs on stderr.

    Raises:
        LocalTenantError: the data folder, the port or the seed file cannot be used.
    """
    seed = None if options.seed is None else read_seed(options.seed)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    folder = acquire(options.data)
    try:
        sockets = bind(options.port)
        try:
            certificates = ensure_certificates(folder.path, options.behaviour.host)
        except OSError as error:
            raise unusable(folder.path, error) from error
        database = open_database(folder, options.tenant)
        try:
            if seed is not None:
                asyncio.run(database.write(load_at_start, seed, options.behaviour, time.time_ns()))
            _run(options, folder, database, certificates, sockets, seed=seed)
        finally:
            database.close()
    finally:
        folder.release()


def _without_query(record: logging.LogRecord) -> bool:
    """Take the query out of a line of the access log: it may hold codes, keys and client secrets."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            value.partition("?")[0] if isinstance(value, str) and value.startswith("/") else value
            for value in record.args
        )
    return True


def bind(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where this machine has IPv6, on ::1, at the same port.

    Both, because "localhost" stands for either: with one alone, another program could answer on the other.

    Raises:
        LocalTenantError: the port is in use.
    """
    for _ in range(TRIES_FOR_A_PORT):
        first = _listen(socket.AF_INET, "127.0.0.1", port)
        try:
            second = _listen(socket.AF_INET6, "::1", first.getsockname()[1]) if _has_ipv6() else None
        except LocalTenantError:
            first.close()
            if port:
                raise
            continue
        return [first] if second is None else [first, second]
    raise LocalTenantError("no port is free on both 127.0.0.1 and ::1", fix="name one with --port")


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # SO_REUSEADDR lets two programs bind the same port; only listening tells that it is taken.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        fix = "stop what listens there, or choose another with --port (0 picks a free one)"
        if isinstance(error, PermissionError):
            fix = (
                f"let every account use it with `sudo sysctl net.ipv4.ip_unprivileged_port_start={port}`, "
                "or choose another with --port (0 picks a free one)"
            )
        raise LocalTenantError(f"port {port} on {host} cannot be used: {error.strerror}", fix=fix) from error
    return listener


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def ready_line(tenant: Tenant, certificates: Certificates) -> dict[str, Any]:
    """What a caller needs to use the tenant; printed as one line of JSON when it accepts requests."""
    return {
        "ready": True,
        "url": tenant.url,
        "domain": tenant.domain,
        "tenant": tenant.name,
        "ca_file": str(certificates.ca.resolve()),
        "pid": os.getpid(),
        "management": {"client_id": tenant.management.client_id, "client_secret": tenant.management.client_secret},
        "application": {"client_id": tenant.application.client_id, "client_secret": tenant.application.client_secret},
        "single_page_application": {"client_id": tenant.single_page.client_id},
    }


def _run(
    options: ServerOptions,
    folder: DataFolder,
    database: Database,
    certificates: Certificates,
    sockets: list[socket.socket],
    *,
    seed: SeedFile | None,
) -> None:
    # At once: what is changed from here on may not be what runs.
    version = code_version()
    domain = domain_of(options.behaviour.host, sockets[0].getsockname()[1])
    refuse_own_audiences(domain, options.behaviour)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Tenant]:
        tenant = await open_tenant(folder, database, options.tenant, domain, options.behaviour)
        if seed is not None:
            tenant.seed = lambda connection, now: load(connection, seed, now)
        tenant.builder.resume()
        try:
            await tenant.runtime.start()
            yield tenant
        finally:
            await tenant.close()

    app = create_app(opened)
    config = uvicorn.Config(
        # Not among its middleware: what answers unforeseen errors stands outside of that.
        CrossOrigin(app),
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=options.verbose,
        # It would believe anybody on this machine what IP they have; request_facts.py knows whom to believe.
        proxy_headers=False,
        server_header=False,
        date_header=True,
        ssl_certfile=certificates.server,
        ssl_keyfile=certificates.server,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )

    def announce() -> None:
        ready = ready_line(app.state.tenant, certificates)
        folder.announce(
            {
                **ready,
                "seed": options.seed and str(options.seed),
                "options": options.behaviour.to_json(),
                "code_version": version,
            }
        )
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()

    def end_streams() -> None:
        app.state.ending.set()

    server = _Server(config, announce, end_streams)
    # uvicorn's own way to say that the application could not start.
    with suppress(SystemExit):
        server.run(sockets)
    if not server.started:
        raise LocalTenantError(
            "the tenant could not start; the log above says why", fix="put that right and start it again"
        )


class _Server(uvicorn.Server):
    """Announces itself once it accepts requests, and ends with exit code 0 on a signal."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce
        self._end_streams = end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again once it has stopped, so that a clean end would look like a kill.
        # Not the loop's handlers: when the loop takes them back, the next signal kills.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            # Only clean-up is left: another signal must not kill it.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the application, so that a fault can cut it.

    Closes connections at once when the server ends, and those from which no complete request comes in time.
    """

    _ending = False
    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        self._ending = True
        self._cut_when_closed()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._ending:
            self._cut_when_closed()

    def _cut_when_closed(self) -> None:
        # Over TLS a close waits for the other side to agree, which a client that keeps the connection for later never
        # reads about.
        if self.transport.is_closing():
            self.loop.call_later(SECONDS_TO_CLOSE, self.transport.abort)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_request()
        self.scope["extensions"] = {TRANSPORT_EXTENSION: {"transport": self.transport}}

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def _await_request(self) -> None:
        self._stop_waiting()
        self._overdue = self.loop.call_later(SECONDS_FOR_A_REQUEST, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
