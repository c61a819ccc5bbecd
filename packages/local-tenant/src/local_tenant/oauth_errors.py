"""OAuth errors as the Authentication API answers them: `{"error", "error_description"}`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant import not_built as not_built_here
from local_tenant.http import Json


class OAuthError(Exception):
    """Ends a request of the Authentication API.

    Attributes:
        status: HTTP status.
        error: OAuth's code (`invalid_grant`, `access_denied`, …).
        description: for people; part of what Auth0's clients match on.
        extra: further members of the answer, such as `mfa_token`.
    """

    def __init__(self, status: int, error: str, description: str, **extra: Any) -> None:  # noqa: ANN401 - members of JSON
        """All that the answer holds."""
        super().__init__(f"{error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.extra = extra


def not_built(description: str) -> OAuthError:
    """The error for what Auth0 has and this tenant has not; `description` names it, and what to use in its place."""
    return OAuthError(not_built_here.STATUS, not_built_here.CODE, description)


async def answer_oauth_error(_request: Request, error: Exception) -> Response:
    """The answer for an `OAuthError`."""
    assert isinstance(error, OAuthError)  # noqa: S101 - Starlette's signature is wider than what it sends here
    return Json({"error": error.error, "error_description": error.description, **error.extra}, status_code=error.status)


async def answer_body_error(request: Request, error: Exception) -> Response:
    """The answer for a body that cannot be read; the other APIs and the pages catch the error before."""
    return await answer_oauth_error(request, OAuthError(400, "invalid_request", str(error)))


def required(parameters: dict[str, Any], name: str) -> str:
    """A parameter that must be there as a text that is not empty.

    Raises:
        OAuthError: 400 when it is not.
    """
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise OAuthError(400, "invalid_request", f"Missing required parameter: {name}")
    return value
