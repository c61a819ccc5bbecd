"""The page's address, and the keys that open it.

Any account of this machine can connect to a loopback port, so the page asks for proof that the visitor can read
the data folder: a key that comes of the management client's secret, which is kept there and nowhere else. The address
with the key is printed by the command line; it sets a cookie, so that the key leaves the address bar at once. Both stay
the same until the data folder is thrown away: bookmarks and terminals keep working.
"""

from __future__ import annotations

import hashlib
import hmac

from local_tenant.ui import PREFIX

ENTRY = f"{PREFIX}/enter"

COOKIE_SECONDS = 180 * 86_400


def page_url(url: str, management_secret: str) -> str:
    """The address to open: `https://localhost:8443/_page/enter?key=…`.

    Args:
        url: the tenant's, without a slash at its end.
        management_secret: the client secret of its management client.
    """
    return f"{url}{ENTRY}?key={entry_key(management_secret)}"


def entry_key(management_secret: str) -> str:
    """What the address holds: 32 hex digits, so that it fits into a line of 80 columns."""
    return _derived(management_secret, "entry")[:32]


def session_key(management_secret: str) -> str:
    """What the cookie holds: 64 hex digits, so that the cookie does not tell the address."""
    return _derived(management_secret, "session")


def login_state(management_secret: str) -> str:
    """The `state` of logins that the page itself begins as an application: 64 hex digits."""
    return _derived(management_secret, "login")


def cookie_name(port: str) -> str:
    """One for each port, because a browser sends a cookie to all ports of a host: two tenants keep theirs apart."""
    return f"__Host-page-{port}"


def same(sent: str, expected: str) -> bool:
    """Whether a key is the right one; takes as long for a wrong one."""
    return hmac.compare_digest(sent.encode(), expected.encode())


def _derived(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), f"local tenant page: {purpose}".encode(), hashlib.sha256).hexdigest()
