"""Injects the faults: into every API of the tenant, but never into the controls and the page."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_tenant.faults import Fault
from local_tenant.management.errors import ApiError, api_answer, internal_error

# The server puts the connection here, because ASGI itself has no way to cut it.
TRANSPORT_EXTENSION = "local_tenant.transport"


class FaultMiddleware:
    """ASGI middleware; costs one look at an empty list while there is no fault."""

    def __init__(self, app: ASGIApp, spared: tuple[str, ...]) -> None:
        """Paths below `spared` are left alone."""
        self._app = app
        self._spared = spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let its fault happen."""
        if scope["type"] != "http" or scope["path"].startswith(self._spared):
            await self._app(scope, receive, send)
            return
        tenant = scope["app"].state.tenant
        fault: Fault | None = tenant.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "rate_limit":
            # Real time, wherever the tenant's clock is: clients wait by their own.
            reset = str(math.ceil(time.time() + fault.seconds))
            await _read(receive)
            await api_answer(_too_many_requests(reset))(scope, receive, send)
        elif fault.kind == "server_error":
            await _read(receive)
            await api_answer(internal_error())(scope, receive, send)
        elif fault.kind == "slow":
            replay = await _wait(fault.seconds, receive)
            if replay is not None:
                await self._app(scope, replay, send)
        elif fault.kind == "drop_request":
            await _cut(scope, receive)
        else:
            await self._app(scope, receive, _discard)
            await _cut(scope, receive)


async def _wait(seconds: float, receive: Receive) -> Receive | None:
    """Delay the request by that long: where to read it from then, or None if its client did not wait."""
    messages: deque[Message] = deque()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                messages.append(message)
    except TimeoutError:
        pass

    async def replay() -> Message:
        return messages.popleft() if messages else await receive()

    return replay


async def _read(receive: Receive) -> None:
    """Read the request's body: a client that is still sending reports a broken connection instead of the answer."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
        pass


async def _cut(scope: Scope, receive: Receive) -> None:
    scope["extensions"][TRANSPORT_EXTENSION]["transport"].abort()
    # The server calls it an error when an application ends without an answer before it knows of the cut.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _discard(_message: Message) -> None:
    """Take the answer that the client shall not get."""


def _too_many_requests(reset: str) -> ApiError:
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    return ApiError(429, "Global limit has been reached", "too_many_requests", headers=headers)
