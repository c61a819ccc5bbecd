"""Errors of /dbconnections/signup, which have a shape of their own: `{name, code, description, statusCode, …}`."""

from __future__ import annotations

from typing import Any

from action_runtime import Denial
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import passwords
from local_tenant.http import Json


class SignupError(Exception):
    """Ends a sign-up.

    Attributes:
        content: the answer.
        description: for the log.
    """

    def __init__(self, content: dict[str, Any], description: str) -> None:
        """The answer has status 400, which is also in it."""
        super().__init__(description)
        self.content = {**content, "statusCode": 400}
        self.description = description

    @property
    def friendly_message(self) -> str:
        """The text for the person who signs up."""
        return str(self.content.get("friendly_message", self.description))


def bad_request(code: str, description: str) -> SignupError:
    """Something in the request is wrong (the shape is recorded for `invalid_signup`; other codes are guesses)."""
    return SignupError({"name": "BadRequestError", "code": code, "description": description}, description)


def duplicate_user() -> SignupError:
    """The email is taken; the answer does not say so (recorded)."""
    return bad_request("invalid_signup", "Invalid sign up")


def weak_password(description: dict[str, Any]) -> SignupError:
    """The password does not meet the policy (documented)."""
    content = {
        "name": "PasswordStrengthError",
        "message": "Password is too weak",
        "code": "invalid_password",
        "description": description,
        "policy": passwords.policy_text(),
    }
    return SignupError(content, "Password is too weak")


def denied(denial: Denial) -> SignupError:
    """A pre-user-registration Action refused (quoted in public reports for deny; a guess for validation.error)."""
    if denial.kind == "validation":
        return bad_request(denial.code or "invalid_signup", denial.reason)
    return _extensibility_error(denial.reason, denial.user_message)


def failed(message: str) -> SignupError:
    """A pre-user-registration Action failed; that the shape is that of a denial is a guess."""
    return _extensibility_error(message, None)


def _extensibility_error(reason: str, user_message: str | None) -> SignupError:
    content = {
        "name": "InternalExtensibilityError",
        "code": "extensibility_error",
        "message": reason,
        "friendly_message": user_message or reason,
        "description": reason,
        "fromSandbox": True,
    }
    return SignupError(content, reason)


async def answer_signup_error(_request: Request, error: Exception) -> Response:
    """The answer for a `SignupError`."""
    assert isinstance(error, SignupError)  # noqa: S101 - Starlette's signature is wider than what it sends here
    return Json(error.content, status_code=400)
