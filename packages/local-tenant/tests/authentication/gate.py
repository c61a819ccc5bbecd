"""A gate that Actions of the tests stop at, so that a test knows how far they are and when they go on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Semaphore, Thread

from local_tenant.testing.client import SECONDS_TO_WAIT


class Gate:
    """A closed gate, until the test opens it; then it stays open.

    An Action has 20 seconds in all, and those that it stands at the gate count.

    Attributes:
        stop: the statement by which an async Action comes to the gate and waits until it is open.
    """

    def __init__(self, url: str) -> None:
        """`url` is what answers once the gate is open."""
        self.stop = f"await fetch({json.dumps(url)});"
        self._arrivals = Semaphore(0)
        self._opened = Event()

    def wait_for(self, runs: int) -> None:
        """Return once so many runs of Actions, beyond those waited for before, have come to the gate."""
        for missing in range(runs, 0, -1):
            assert self._arrivals.acquire(timeout=SECONDS_TO_WAIT), f"{missing} of {runs} did not come to the gate"

    def open(self) -> None:
        self._opened.set()

    def pass_through(self) -> None:
        """Come to the gate, and wait until it is open."""
        self._arrivals.release()
        self._opened.wait()


@contextmanager
def closed_gate() -> Iterator[Gate]:
    """A gate for the block; it opens at the latest where the block ends, so that nobody waits for it in vain.

    A pool of threads whose requests stop at the gate belongs around the block: it waits for them when it ends.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gate.pass_through()
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Nothing: the test's output is not the place for it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        gate = Gate(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield gate
        finally:
            gate.open()
            server.shutdown()
            thread.join()
