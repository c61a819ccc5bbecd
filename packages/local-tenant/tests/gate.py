"""A gate at which Actions wait, so that a test knows how far they are and decides when they go on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Semaphore

from local_tenant.testing.client import SECONDS_TO_WAIT
from serving import serving


class Gate:
    """A gate that is closed until the test opens it, and open from then on.

    The time that an Action waits counts towards its 20 seconds.

    Attributes:
        stop: the statement by which an async Action arrives at the gate and waits until it is open.
    """

    def __init__(self, url: str) -> None:
        """`url` answers once the gate is open."""
        self.stop = f"await fetch({json.dumps(url)});"
        self._arrivals = Semaphore(0)
        self._opened = Event()

    def wait_for(self, runs: int) -> None:
        """Wait until that many more Actions have arrived."""
        for missing in range(runs, 0, -1):
            assert self._arrivals.acquire(timeout=SECONDS_TO_WAIT), f"{missing} of {runs} did not arrive at the gate"

    def open(self) -> None:
        self._opened.set()

    def pass_through(self) -> None:
        """Arrive, and wait until the gate is open."""
        self._arrivals.release()
        self._opened.wait()


@contextmanager
def closed_gate() -> Iterator[Gate]:
    """A gate that opens at the latest when the block ends.

    A pool of threads whose requests wait at the gate belongs around the block: it waits for them when it ends.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gate.pass_through()
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Keep requests out of the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gate = Gate(f"http://127.0.0.1:{server.server_port}")
    with serving(server):
        try:
            yield gate
        finally:
            gate.open()
