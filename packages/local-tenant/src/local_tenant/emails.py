"""Email addresses: which ones a database connection accepts, and how they are compared."""

from __future__ import annotations

import re

LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 256

# ASCII alone: lower-casing other letters can make one address of another (the Kelvin sign becomes a k).
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_email(text: str) -> bool:
    """Whether it has the form of an address, within Auth0's lengths (documented)."""
    local_part, _, domain = text.rpartition("@")
    fits = len(local_part) <= LONGEST_LOCAL_PART and len(domain) <= LONGEST_DOMAIN
    return fits and ".." not in text and _ADDRESS.fullmatch(text) is not None


def normalised(email: str) -> str:
    """The address as it is stored and looked up: in lower case (documented)."""
    return email.lower() if email.isascii() else email
