"""Responses of a tenant: read when they are as expected, else an error that shows them."""

from __future__ import annotations

from typing import Any, Self

import httpx

Json = dict[str, Any]

CONTENT_TYPE = "application/json; charset=utf-8"


class UnexpectedResponseError(AssertionError):
    """The tenant did not respond as the test expects."""

    @classmethod
    def of(cls, response: httpx.Response, expected: object) -> Self:
        """Show the request, the response and what was expected of it."""
        request = response.request
        return cls(f"{request.method} {request.url}: {response.status_code}, not {expected}\n{response.text}")


def expect(response: httpx.Response, status: int) -> Json:
    """The JSON object of a response that must have this status.

    Raises:
        UnexpectedResponseError: It has another status, or no JSON object.
    """
    if response.status_code != status:
        raise UnexpectedResponseError.of(response, status)
    if response.headers.get("content-type") != CONTENT_TYPE:
        raise UnexpectedResponseError.of(response, CONTENT_TYPE)
    content = response.json()
    if not isinstance(content, dict):
        raise UnexpectedResponseError.of(response, "a JSON object")
    return content


def expect_error(response: httpx.Response, status: int, error: str, description: str | None = None) -> None:
    """Check that a response is this OAuth error, with this description if one is passed.

    Raises:
        UnexpectedResponseError: It is another one, or none.
    """
    content = expect(response, status)
    if content.get("error") != error:
        raise UnexpectedResponseError.of(response, error)
    if description is not None and content.get("error_description") != description:
        raise UnexpectedResponseError.of(response, repr(description))
