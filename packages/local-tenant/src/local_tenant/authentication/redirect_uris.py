"""Where a login in the browser may end: on this machine, and nowhere else.

Auth0 holds a list of allowed callback URLs for each application. The local application has none: every
program that listens on this machine's loopback, on any port and path, is the developer's (RFC 8252, section 7.3).
"""

from __future__ import annotations

import re
import string
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from local_tenant.loopback import is_loopback

_PRINTABLE = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")

WHAT_IS_ALLOWED = (
    "The local tenant knows http and https addresses of this machine alone: localhost, names below it, 127.0.0.1 or "
    "[::1], with any port and path, without fragment."
)

# No user name, and nothing beside the brackets of an IPv6 address, which urlsplit ignores.
_AUTHORITY = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::[0-9]+)?", re.IGNORECASE)


def is_allowed(uri: str) -> bool:
    """Whether an answer may be sent there: http or https, on loopback, without user name or fragment."""
    # Browsers read backslashes, blanks and control characters in ways of their own; none belongs into a URI (RFC 3986).
    if not uri or not _PRINTABLE.issuperset(uri):
        return False
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    authority = _AUTHORITY.fullmatch(parts.netloc)
    return (
        parts.scheme in ("http", "https")
        and authority is not None
        and is_loopback(authority[1])
        and "#" not in uri
        and port != 0
    )


def origin(uri: str) -> str:
    """Scheme, host and port of the URI, as browsers write an origin."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}".lower()


def with_parameters(uri: str, parameters: dict[str, str]) -> str:
    """`uri` with these added to its query."""
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query))


def csp_source(uri: str) -> str:
    """The source expression that lets a form's answer redirect there (CSP level 3, `form-action`)."""
    parts = urlsplit(uri)
    # Source expressions have no form for an IPv6 address: its scheme alone says it.
    return f"{parts.scheme}:" if parts.hostname and ":" in parts.hostname else f"{parts.scheme}://{parts.netloc}"
