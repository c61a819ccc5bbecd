"""A server on the loopback interface that Actions of the tests call, so that a test knows how far they are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Loopback:
    """Answers every request, unless it is for /hang, which is never answered.

    Attributes:
        port: on 127.0.0.1.
        calls: how often each path was asked for.
    """

    def __init__(self) -> None:
        """Prepare; `loopback` starts it."""
        self.port = 0
        self.calls: Counter[str] = Counter()
        self._called: dict[str, asyncio.Event] = {}
        self._open: set[asyncio.StreamWriter] = set()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def called(self, path: str) -> None:
        """Wait until a path was asked for."""
        await self._called.setdefault(path, asyncio.Event()).wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, one request."""
        self._open.add(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        self.calls[path] += 1
        self._called.setdefault(path, asyncio.Event()).set()
        if path != "/hang":
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
            writer.close()

    def close(self) -> None:
        """Close connections that still wait."""
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    """A running server."""
    server = Loopback()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.close()
        await listening.wait_closed()
