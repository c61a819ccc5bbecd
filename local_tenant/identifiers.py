"""Identifiers and secrets in the forms that Auth0 gives them."""

from __future__ import annotations

import secrets
import string
import uuid

_ALPHANUMERIC = string.ascii_letters + string.digits


def new_uuid() -> str:
    """Id of an Action, a version, a binding or a module."""
    return str(uuid.uuid4())


def alphanumeric(length: int) -> str:
    """`length` random letters and digits: client ids (32) and the like."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def new_client_secret() -> str:
    """64 URL-safe characters."""
    return secrets.token_urlsafe(48)
