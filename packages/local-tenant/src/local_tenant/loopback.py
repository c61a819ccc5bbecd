"""Which hosts are this machine: those that the tenant's certificate names."""

from __future__ import annotations

import re

# A name below localhost never leaves the machine (RFC 6761, section 6.3).
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*localhost|127\.0\.0\.1|\[::1\]",
    re.IGNORECASE,
)


def is_loopback(host: str) -> bool:
    """Whether a URI's host is localhost, a name below it, 127.0.0.1 or [::1]."""
    return _HOST.fullmatch(host) is not None
