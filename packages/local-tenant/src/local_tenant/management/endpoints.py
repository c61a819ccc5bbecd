"""What is known of an endpoint of the Management API besides how to answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.basis import Basis

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint that is built.

    Attributes:
        method: HTTP method.
        path: under /api/v2, `{name}` for an identifier.
        handler: answers it.
        scopes: any one of these is enough.
        basis: how well its status and the shape of its answer are known.
        note: what rests on less than that, or more; for docs/fidelity.md.
    """

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    basis: Basis
    note: str = ""
