"""Reading request bodies and writing JSON, the same way for every API of the tenant."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

# Auth0's own limit is not published. Code and secrets as long as they may be, each character escaped, still fit.
LARGEST_BODY = 4_000_000


# Of arrays and objects in JSON: beyond 254, what contains the body could not be written as JSON.
MOST_LEVELS = 100
# Of a form.
MOST_FIELDS = 1_000


class Json(Response):
    """A JSON answer with the content type that Auth0 sends (recorded)."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
        """Serialise `content`."""
        return orjson.dumps(content)


class BodyError(Exception):
    """The body is too large or not valid; the text says which."""


class BodyTooLargeError(BodyError):
    """The body has more than `LARGEST_BODY` bytes."""


async def read_body(request: Request) -> bytes:
    """The raw body, up to `LARGEST_BODY` bytes.

    Raises:
        BodyTooLargeError: it is larger.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise BodyTooLargeError(f"Payload content length greater than maximum allowed: {LARGEST_BODY}")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_json(request: Request) -> Any:  # noqa: ANN401 - any JSON
    """The JSON body; an empty one is an empty object.

    Raises:
        BodyError: it is too large, no JSON, or nested more than `MOST_LEVELS` levels deep.
    """
    return _parse_json(await read_body(request))


async def read_parameters(request: Request) -> dict[str, Any]:
    """Parameters of an OAuth request: a JSON object or a form, by its content type.

    Raises:
        BodyError: it is neither, or has too many levels or fields.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        return dict(await read_pairs(request))
    parsed = _parse_json(await read_body(request))
    if not isinstance(parsed, dict):
        raise BodyError("Invalid request payload JSON format")
    return parsed


async def read_form(request: Request) -> dict[str, str]:
    """The text parameters of a request, read as `read_parameters` does."""
    parameters = await read_parameters(request)
    return {name: value for name, value in parameters.items() if isinstance(value, str)}


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """Names and values of a form, in their order.

    Raises:
        BodyError: it cannot be decoded, is too large or has too many fields.
    """
    body = await read_body(request)
    if body.count(b"&") >= MOST_FIELDS:
        raise BodyError(f"A form may have at most {MOST_FIELDS} fields")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True)
    except ValueError as error:
        raise BodyError("the form cannot be decoded") from error


def _parse_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        parsed = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise BodyError("Invalid request payload JSON format") from error
    # Most bodies have fewer brackets than levels are allowed.
    if body.count(b"[") + body.count(b"{") > MOST_LEVELS and _is_deep(parsed):
        raise BodyError(f"Invalid request payload: nested more than {MOST_LEVELS} levels deep")
    return parsed


def _is_deep(value: Any) -> bool:  # noqa: ANN401 - any JSON
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True
