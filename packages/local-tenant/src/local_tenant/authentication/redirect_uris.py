"""Where a login in the browser may end: at the addresses on the application's list, as at Auth0.

The tenant's own applications have no list until one is set: every program that listens on this machine's loopback, on
any port and path, is the developer's (RFC 8252, section 7.3).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from local_tenant.loopback import is_loopback
from local_tenant.store.clients import Client

_PRINTABLE = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")

ANY_ON_LOOPBACK = (
    "The local tenant knows http and https addresses of this machine alone: localhost, names below it, 127.0.0.1 or "
    "[::1], with any port and path, without fragment."
)

_LOOPBACK = tuple(
    f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "*.localhost", "127.0.0.1")
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


def what_is_allowed(client: Client | None, setting: str) -> str:
    """For a page: what the client's list `setting` allows; ANY_ON_LOOPBACK for None, and for a client without it."""
    addresses = None if client is None else client.addresses(setting)
    if addresses is None:
        return ANY_ON_LOOPBACK
    return f"The {setting} of this application: {', '.join(addresses) or 'none'}."


def allows_callback(client: Client, uri: str) -> bool:
    """Whether a login may end at `uri`: it is on the client's list as it is written there (`callbacks`)."""
    addresses = client.addresses("callbacks")
    return is_allowed(uri) if addresses is None else any(_matches(each, uri) for each in addresses)


def allows_logout(client: Client, uri: str) -> bool:
    """Whether a logout may end at `uri`; its query does not count (documented)."""
    addresses = client.addresses("allowed_logout_urls")
    if addresses is None:
        return is_allowed(uri)
    return any(_matches(each.partition("?")[0], uri.partition("?")[0]) for each in addresses)


def allows_web_message(client: Client, uri: str) -> bool:
    """Whether an answer may be posted to the origin of `uri`: it is a web origin of the client."""
    origins = client.addresses("web_origins")
    return True if origins is None else any(_matches(each, origin(uri)) for each in origins)


def is_verifiable(uri: str) -> bool:
    """Whether only one program can be there: not on loopback, and not under an application's own scheme."""
    parts = urlsplit(uri)
    return parts.scheme in ("http", "https") and not is_loopback(parts.hostname or "")


def origin(uri: str) -> str:
    """Scheme, host and port of the URI, as browsers write an origin."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}".lower()


def with_parameters(uri: str, parameters: Mapping[str, str | int]) -> str:
    """`uri` with these added to its query."""
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query))


def with_fragment(uri: str, parameters: Mapping[str, str | int]) -> str:
    """`uri` with these as its fragment."""
    return f"{uri}#{urlencode(parameters)}"


def csp_form_targets(uri: str) -> tuple[str, ...]:
    """The source expressions that let a form, or a redirect that answers it, lead there (`form-action`).

    Browsers check each redirect that follows. A callback may go on to another address of the developer's: a server's to
    the front end that it serves.
    """
    return tuple(dict.fromkeys((csp_source(uri), *_LOOPBACK)))


def csp_source(uri: str) -> str:
    """The source expression of the URI's origin (CSP level 3)."""
    parts = urlsplit(uri)
    # There is no source expression for an IPv6 address, nor for an application's own scheme: the scheme alone says it.
    named = parts.scheme in ("http", "https") and _AUTHORITY.fullmatch(parts.netloc) and "[" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if named else f"{parts.scheme}:"


def _matches(pattern: str, address: str) -> bool:
    """Whether an address is the one of the list; `*` in it stands for one label of the host (documented)."""
    try:
        authority = urlsplit(pattern).netloc
    except ValueError:  # the list may hold what is no URI, and no answer can be sent there
        return False
    if pattern == address:
        return True
    if "*" not in authority:
        return False
    before, after = (re.escape(part) for part in pattern.split("*", 1))
    return re.fullmatch(f"{before}[A-Za-z0-9-]+{after}", address) is not None
