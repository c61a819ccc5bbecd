"""Host names and addresses as plain text: what counts as one, and which of them are this machine.

Only ASCII is read: lower-casing other scripts can turn one name into another (the Kelvin sign becomes a k),
and look-alike letters read like the real name.
"""

import ipaddress
import re
from dataclasses import dataclass

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# A name that ends in a number is an address to many resolvers (127.1 and 0x7f000001 are 127.0.0.1).
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]:]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LONGEST_NAME = 253
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """A host and, where one is given, a port.

    Attributes:
        host: A host name, an IPv4 address, or an IPv6 address in brackets; in lower case and its usual form.
        port: 1 to 65535, or None for the scheme's own.
    """

    host: str
    port: int | None

    def __str__(self) -> str:
        """HOST or HOST:PORT."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def is_ip(self) -> bool:
        """Whether the host is an IP address rather than a name."""
        return self.host.startswith("[") or _ends_in_number(self.host)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine: localhost, NAME.localhost (RFC 6761), 127.0.0.0/8 or [::1]."""
        if self.host.startswith("["):
            return self.host == "[::1]"
        if self.is_ip:
            return ipaddress.IPv4Address(self.host).is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")


def parse_address(text: str) -> Address | None:
    """Read HOST or HOST:PORT, without regard to case.

    Returns:
        None for anything else: a scheme, user, path, trailing dot, wildcard, space, a letter outside ASCII,
        or an IPv4 address in an unusual form.
    """
    match = _ADDRESS.fullmatch(text.lower()) if text.isascii() else None
    if match is None:
        return None
    host = _host(match["host"])
    port = int(match["port"]) if match["port"] else None
    if host is None or (port is not None and port > _HIGHEST_PORT):
        return None
    return Address(host, port)


def parse_mail_domain(text: str) -> str | None:
    """Read the domain of email addresses: a host name of two labels or more, in lower case.

    Returns:
        None for anything else: an `@`, a wildcard, a port, an IP address, a single label, a trailing dot, or
        a letter outside ASCII (an international name has its `xn--` form).
    """
    address = parse_address(text)
    if address is None or address.port is not None or address.is_ip or "." not in address.host:
        return None
    return address.host


def _host(text: str) -> str | None:
    """The host in its usual form, or None if it is no plain host."""
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1])}]"
        except ValueError:
            return None
    if _ends_in_number(text):
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            return None
    is_name = len(text) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, text.split(".")))
    return text if is_name else None


def _ends_in_number(host: str) -> bool:
    return _NUMBER.fullmatch(host.rpartition(".")[2]) is not None
