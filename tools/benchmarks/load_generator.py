"""Sends the same requests in turns over many TLS connections, at as little cost as possible.

    python -m tools.benchmarks.load_generator HOST PORT CA_FILE CONNECTIONS COUNT SECONDS < requests

A process of its own, because it must not share an interpreter with the measuring program. It ends after COUNT responses
or SECONDS seconds, whichever is first. stdin holds the requests, a JSON list of texts; the result on stdout is JSON:
`{"answers", "seconds", "statuses": {"200": n}, "latencies_ms": {"p50", "p95", "p99"}, "cpu_seconds"}`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


class Load:
    """What all connections share: the requests, and the responses."""

    def __init__(self, requests: list[bytes], count: int) -> None:
        """Stop after `count` answers."""
        self.requests: Iterator[bytes] = itertools.cycle(requests)
        self.left = count
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.stopped = False
        self.done = asyncio.get_running_loop().create_future()

    def answered(self, status: str, seconds: float) -> None:
        """Count a response."""
        self.statuses[status] += 1
        self.latencies.append(seconds)

    def finish(self) -> None:
        """Let the main task go on."""
        self.stopped = True
        if not self.done.done():
            self.done.set_result(None)


class Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next."""

    def __init__(self, load: Load) -> None:
        """One of many."""
        self._load = load
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or all of it."""
        self._received += data
        head, separator, body = self._received.partition(HEAD_END)
        if not separator:
            return
        lowered = head.lower()
        start = lowered.index(LENGTH) + len(LENGTH)
        if len(body) < int(lowered[start:].split(b"\r\n", 1)[0]):
            return
        self._received = b""
        self._load.answered(head[9:12].decode(), time.perf_counter() - self._sent_at)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """The server closed the connection: the figures mean nothing."""
        if not self._load.stopped:
            self._load.answered("lost", 0.0)
            self._load.finish()

    def _send(self) -> None:
        load = self._load
        if load.stopped or load.left <= 0:
            load.finish()
            return
        load.left -= 1
        self._sent_at = time.perf_counter()
        if self._transport is not None:
            self._transport.write(next(load.requests))


async def main(arguments: list[str]) -> dict[str, object]:
    """Open the connections and wait for the end."""
    host, port, ca_file, connections, count, seconds = arguments
    requests = [text.encode() for text in json.load(sys.stdin)]
    context = ssl.create_default_context(cafile=ca_file)
    loop = asyncio.get_running_loop()
    load = Load(requests, int(count))
    started, cpu = time.perf_counter(), time.process_time()
    for _ in range(int(connections)):
        await loop.create_connection(lambda: Connection(load), host, int(port), ssl=context)
    loop.call_later(float(seconds), load.finish)
    await load.done
    elapsed = time.perf_counter() - started
    cuts = statistics.quantiles(load.latencies, n=100)
    return {
        "answers": sum(load.statuses.values()),
        "seconds": elapsed,
        "statuses": dict(load.statuses),
        "latencies_ms": {f"p{cut}": round(cuts[cut - 1] * 1e3, 2) for cut in (50, 95, 99)},
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(main(sys.argv[1:]))))  # noqa: T201 - its result
