"""Reading request bodies and writing JSON, the same way for every API of the tenant."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

# Auth0's own limit is not published. Code and secrets as long as they may be, each character escaped, still fit.
LARGEST_BODY = 4_000_000


class Json(Response):
    """A JSON answer with the content type that Auth0 sends (recorded)."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
        """Serialise `content`."""
        return orjson.dumps(content)


class BodyError(Exception):
    """The body is too large, or is not what its content type says; the text says which."""


async def read_body(request: Request) -> bytes:
    """The raw body, up to `LARGEST_BODY` bytes.

    Raises:
        BodyError: it is larger.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise BodyError(f"Payload content length greater than maximum allowed: {LARGEST_BODY}")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_parameters(request: Request) -> dict[str, Any]:
    """Parameters of an OAuth request: a JSON object or a form, by its content type.

    Raises:
        BodyError: it is neither.
    """
    body = await read_body(request)
    if not body:
        return {}
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError as error:
            raise BodyError("the form cannot be decoded") from error
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError("Invalid request payload JSON format") from error
    if not isinstance(parsed, dict):
        raise BodyError("Invalid request payload JSON format")
    return parsed
