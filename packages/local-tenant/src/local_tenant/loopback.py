"""Which hosts are this machine: those that the tenant's certificate names."""

from __future__ import annotations

import re

# A name below localhost never leaves the machine (RFC 6761, section 6.3).
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*localhost|127\.0\.0\.1|\[::1\]", re.IGNORECASE)

HTTPS_PORT = 443


def domain_of(host: str, port: int) -> str:
    """Host and port as clients write them; https's own port is left out."""
    return host if port == HTTPS_PORT else f"{host}:{port}"


def port_of(domain: str) -> int:
    """The inverse of `domain_of`, for the port."""
    host, colon, port = domain.rpartition(":")
    return int(port) if colon and host else HTTPS_PORT


def local_url(domain: str) -> str:
    """Where a program on this machine reaches the tenant of that domain, even if its name is not in /etc/hosts."""
    return f"https://{domain_of('localhost', port_of(domain))}"


def is_loopback(host: str) -> bool:
    """Whether a URI's host is localhost, a name below it, 127.0.0.1 or [::1]."""
    return _HOST.fullmatch(host) is not None
