"""Bodies and query strings against their models, with errors worded as the Management API words them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from local_tenant.http import BodyError, BodyTooLargeError, read_json
from local_tenant.management.errors import ApiError, invalid_body


class Payload(BaseModel):
    """A request body: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


P = TypeVar("P", bound=Payload)


def not_null(expected: str) -> BeforeValidator:
    """For a key that may be left out but not be null; `expected` is what it should be instead."""

    def check(value: object) -> object:
        if value is None:
            raise PydanticCustomError("null", "Expected type {expected} but found type null", {"expected": expected})
        return value

    return BeforeValidator(check)


def at_most_bytes(limit: int) -> AfterValidator:
    """For text whose size in UTF-8 is limited."""

    def check(text: str) -> str:
        size = len(text.encode())
        if size > limit:
            raise PydanticCustomError(
                "too_many_bytes", "String is too long ({size} bytes), maximum {limit}", {"size": size, "limit": limit}
            )
        return text

    return AfterValidator(check)


_TYPE_NAMES: dict[type, str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}

_EXPECTED = {
    "string_type": "string",
    "bool_type": "boolean",
    "int_type": "integer",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}


async def read_payload(request: Request, model: type[P]) -> P:
    """The request's body as `model`.

    Raises:
        ApiError: 413 for one that is too large, 400 `invalid_body` for one that does not fit.
    """
    try:
        parsed = await read_json(request)
    except BodyTooLargeError as error:
        raise ApiError(413, str(error)) from error
    except BodyError as error:
        raise ApiError(400, str(error)) from None
    try:
        return model.model_validate(parsed)
    except ValidationError as error:
        raise invalid_body(_describe(error)) from error


def query_flag(request: Request, name: str) -> bool | None:
    """`true` or `false` in the query string; None when it is not there.

    Raises:
        ApiError: 400 `invalid_query_string` for anything else.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    if text not in ("true", "false"):
        raise invalid_query(f"'Expected type boolean but found type string' on property {name}.")
    return text == "true"


def invalid_query(message: str) -> ApiError:
    """400 for a query string that does not fit."""
    return ApiError(400, f"Query validation error: {message}", "invalid_query_string")


def _describe(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    location = list(first["loc"])
    kind, context = first["type"], first.get("ctx", {})
    if kind in ("missing", "extra_forbidden"):
        name = location.pop()
        complaint = (
            f"Missing required property: {name}" if kind == "missing" else f"Additional properties not allowed: {name}"
        )
    else:
        complaint = _complaint(kind, context, first["input"]) or first["msg"]
    where = f" on property {_path(location)}" if location else ""
    return f"'{complaint}'{where}."


def _complaint(kind: str, context: dict[str, Any], value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    if kind in _EXPECTED:
        return f"Expected type {_EXPECTED[kind]} but found type {_TYPE_NAMES.get(type(value), 'string')}"
    complaints: dict[str, Callable[[], str]] = {
        "string_too_short": lambda: f"String is too short ({len(value)} chars), minimum {context['min_length']}",
        "string_too_long": lambda: f"String is too long ({len(value)} chars), maximum {context['max_length']}",
        "too_long": lambda: f"Array is too long ({context['actual_length']}), maximum {context['max_length']}",
        "too_short": lambda: f"Array is too short ({context['actual_length']}), minimum {context['min_length']}",
        "literal_error": lambda: f"No enum match for: {value}",
    }
    return complaints[kind]() if kind in complaints else None


def _path(location: list[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
