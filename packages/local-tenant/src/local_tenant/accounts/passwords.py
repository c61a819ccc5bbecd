"""Passwords: their hashes, and the policy.

argon2id with one pass over 256 KiB, about a sixth of a millisecond: hundreds of times less than a production system
should spend. A test tenant's passwords protect nothing, and it has to log in hundreds of users a second.
"""

from __future__ import annotations

import asyncio
import string
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from local_tenant.store.users import User
from local_tenant.tenant import Tenant

_HASHER = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)

# Checked for unknown users, so that the time taken does not reveal which users exist.
_UNKNOWN_USERS_HASH = _HASHER.hash("no user's password")

SHORTEST = 8
CLASSES_NEEDED = 3
_CLASSES = (
    ("lowerCase", "lower case letters (a-z)", string.ascii_lowercase),
    ("upperCase", "upper case letters (A-Z)", string.ascii_uppercase),
    ("numbers", "numbers (i.e. 0-9)", string.digits),
    ("specialCharacters", "special characters (e.g. !@#$%^&*)", None),
)


def hash_now(password: str) -> str:
    """The argon2id hash to store, made in the calling thread."""
    return _HASHER.hash(password)


async def hash_password(tenant: Tenant, password: str) -> str:
    """The argon2id hash to store."""
    return await asyncio.get_running_loop().run_in_executor(tenant.workers, _HASHER.hash, password)


async def verify(tenant: Tenant, user: User | None, password: str) -> bool:
    """Whether it is the user's password; False for None, after the same time."""
    password_hash = user.password_hash if user else _UNKNOWN_USERS_HASH
    right = await asyncio.get_running_loop().run_in_executor(tenant.workers, _matches, password_hash, password)
    return right and user is not None


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str) -> dict[str, Any] | None:
    """Why a password is too weak, as the `description` of a PasswordStrengthError; None when it is good enough.

    The policy is Auth0's "Good": 8 characters, of three of four classes.
    """
    long_enough = len(password) >= SHORTEST
    present = [_has(password, members) for _, _, members in _CLASSES]
    varied = sum(present) >= CLASSES_NEEDED
    if long_enough and varied:
        return None
    classes = [
        {"code": code, "message": message, "verified": verified}
        for (code, message, _), verified in zip(_CLASSES, present, strict=True)
    ]
    return {
        "rules": [
            {
                "code": "lengthAtLeast",
                "message": "At least %d characters in length",
                "format": [SHORTEST],
                "verified": long_enough,
            },
            {
                "code": "containsAtLeast",
                "message": "Contain at least %d of the following %d types of characters:",
                "format": [CLASSES_NEEDED, len(_CLASSES)],
                "items": classes,
                "verified": varied,
            },
        ],
        "verified": False,
    }


def policy_text() -> str:
    """The policy in words, as the `policy` of a PasswordStrengthError."""
    lines = [
        f"* At least {SHORTEST} characters in length",
        f"* Contain at least {CLASSES_NEEDED} of the following {len(_CLASSES)} types of characters:",
        *(f" * {message}" for _, message, _ in _CLASSES),
    ]
    return "\n".join(lines)


def _has(password: str, members: str | None) -> bool:
    if members is None:
        return any(not (character.isascii() and character.isalnum()) for character in password)
    return any(character in members for character in password)
