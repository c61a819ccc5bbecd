"""Errors as the Management API answers them: `{"statusCode", "error", "message", "errorCode"?}`.

The shapes and texts are recorded or quoted from public issues where the table of fidelity.py says so.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from local_tenant import not_built as not_built_here
from local_tenant.http import Json

log = logging.getLogger(__name__)


class ApiError(Exception):
    """Ends a request of the Management API.

    Attributes:
        status: HTTP status.
        message: what Auth0 says.
        error_code: `errorCode`, where Auth0 sends one.
        headers: further headers of the answer.
    """

    def __init__(
        self, status: int, message: str, error_code: str | None = None, *, headers: dict[str, str] | None = None
    ) -> None:
        """The contents of the answer."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_code = error_code
        self.headers = headers


class UnauthorizedError(ApiError):
    """401, with the message once more in `attributes` (quoted in public issues)."""

    def __init__(self, message: str) -> None:
        """`message` says what is wrong with the token."""
        super().__init__(401, message, headers={"WWW-Authenticate": f'Bearer error="{message}"'})


def action_not_found() -> ApiError:
    """404 for an Action (recorded; without an errorCode)."""
    return ApiError(404, "That action does not exist.")


def invalid_body(message: str) -> ApiError:
    """400 for a body that does not fit the endpoint's schema."""
    return ApiError(400, f"Payload validation error: {message}", "invalid_body")


def not_built(message: str) -> ApiError:
    """The error for what Auth0 has and this tenant has not; `message` names it."""
    return ApiError(not_built_here.STATUS, message, not_built_here.CODE)


def api_answer(error: ApiError) -> Response:
    """The answer for an error."""
    content: dict[str, object] = {
        "statusCode": error.status,
        "error": HTTPStatus(error.status).phrase,
        "message": error.message,
    }
    if isinstance(error, UnauthorizedError):
        content["attributes"] = {"error": error.message}
    if error.error_code is not None:
        content["errorCode"] = error.error_code
    return Json(content, status_code=error.status, headers=error.headers)


def internal_error(headers: dict[str, str] | None = None) -> ApiError:
    """500, without a cause: the server's log has the traceback."""
    return ApiError(500, "An internal server error occurred", headers=headers)


async def answer_api_error(_request: Request, error: Exception) -> Response:
    """The answer for an `ApiError`."""
    assert isinstance(error, ApiError)  # noqa: S101 - Starlette's signature is wider than what it sends here
    return api_answer(error)


async def answer_internal_error(_request: Request, _error: Exception) -> Response:
    """500 for a defect of the tenant."""
    # The server cuts the connection after such an error, so that no client may go on using it.
    return api_answer(internal_error({"Connection": "close"}))


async def answer_storage_error(request: Request, error: Exception) -> Response:
    """503 if a write failed on disk; nothing of the request was stored."""
    message = f"The data folder {request.app.state.tenant.folder} cannot be written: {error}"
    log.error(message)
    return api_answer(ApiError(503, message))
