"""Hosts and mail domains as plain text: what counts as one, and which hosts are this machine.

Only ASCII is read: lower-casing other scripts can turn one name into another (the Kelvin sign becomes a k), and
look-alike letters read like the real name.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# A name that ends in a number is an address to many resolvers (127.1 and 0x7f000001 are 127.0.0.1).
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Address:
    """A host and, where one is given, a port.

    Attributes:
        host: A name or an IPv4 address, or an IPv6 address in brackets; in lower case and its usual form.
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
        return self.host.startswith("[") or _ENDS_IN_NUMBER.fullmatch(self.host) is not None

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine: localhost, NAME.localhost (RFC 6761), 127.0.0.0/8 or [::1]."""
        if self.is_ip:
            return self.host == "[::1]" or self.host.startswith("127.")
        return f".{self.host}".endswith(".localhost")


def parse_address(text: str) -> Address:
    """Read HOST or HOST:PORT, in any case.

    Raises:
        ValueError: It is anything else: it has a scheme, a user, a path, a dot at its end, a wildcard, a space or a
            letter outside ASCII, or it is an IPv4 address in an unusual form.
    """
    url = urlsplit(f"//{text}")
    host, port = url.hostname or "", url.port
    is_ipv6 = ":" in host
    is_plain = text.isascii() and text.lower() == str(Address(f"[{host}]" if is_ipv6 else host, port))
    if not is_plain or "%" in host or port == 0:
        raise ValueError(text)
    if is_ipv6:
        return Address(f"[{IPv6Address(host)}]", port)
    if _ENDS_IN_NUMBER.fullmatch(host):
        return Address(str(IPv4Address(host)), port)
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, host.split("."))):
        raise ValueError(text)
    return Address(host, port)


def parse_mail_domain(text: str) -> str:
    """Read the domain of email addresses: a host name of two labels or more; in lower case.

    Raises:
        ValueError: It is anything else. An international name is accepted in its `xn--` form.
    """
    address = parse_address(text)
    if address.port is not None or address.is_ip or "." not in address.host:
        raise ValueError(text)
    return address.host
