"""Proof Key for Code Exchange (RFC 7636), with S256 alone.

`plain` does not protect against a leaked authorization request, and the security best practice (RFC 9700) forbids it:
an application that sends it learns so before it uses a real tenant.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

METHOD = "S256"

# RFC 7636, sections 4.1 and 4.2: a verifier of 43 to 128 unreserved characters, a challenge of 43 base64url ones.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def is_challenge(challenge: str) -> bool:
    """Whether it can be the S256 challenge of any verifier."""
    return _CHALLENGE.fullmatch(challenge) is not None


def matches(verifier: str, challenge: str) -> bool:
    """Whether `challenge` is that of `verifier`."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    expected = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(expected, challenge.encode())
