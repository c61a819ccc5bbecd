"""Identifiers and secrets in the forms that Auth0 gives them."""

from __future__ import annotations

import hashlib
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


def opaque_token(octets: int = 32) -> str:
    """Something URL-safe that nobody can guess, from `octets` of randomness: a refresh token, an mfa_token, a code."""
    return secrets.token_urlsafe(octets)


def hashed(token: str) -> bytes:
    """The SHA-256 of an opaque token: all that is stored of it, so that a stolen database holds no token."""
    return hashlib.sha256(token.encode()).digest()


def new_user_id() -> str:
    """Id of a user of a database connection: `auth0|` and 24 hex digits."""
    return f"auth0|{secrets.token_hex(12)}"
