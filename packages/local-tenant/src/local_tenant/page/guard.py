"""The checks of a request to the page, before anything else of it runs.

- Host: only names of this machine with the tenant's port, so that a foreign name that is made to point here (DNS
  rebinding) reads nothing.
- Origin and Sec-Fetch-Site: whatever changes something comes from the page itself. Other ports of localhost count as
  the same site to a browser, so that a SameSite cookie alone would not keep them out.
- Cookie: set once the address that the command line prints was opened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import BodyError
from local_tenant.loopback import is_loopback
from local_tenant.page import addresses
from local_tenant.page.render import message_page
from local_tenant.tenant import Tenant, tenant_of

View = Callable[[Tenant, Request], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_SAFE_METHODS = frozenset({"GET", "HEAD"})


def public(view: View) -> Endpoint:
    """An endpoint without the cookie: the way in, and the files that hold nothing of the tenant."""

    @wraps(view)
    async def endpoint(request: Request) -> Response:
        tenant = tenant_of(request)
        refusal = _foreign(tenant, request)
        return refusal if refusal is not None else await view(tenant, request)

    return endpoint


def private(view: View) -> Endpoint:
    """An endpoint for browsers that have opened the printed address."""

    @wraps(view)
    async def endpoint(request: Request) -> Response:
        tenant = tenant_of(request)
        refusal = _foreign(tenant, request)
        if refusal is not None:
            return refusal
        if not _has_cookie(tenant, request):
            return message_page(
                "This page is private",
                "Open the address that `local-tenant page` prints. It holds a key, because every account of this "
                "machine can connect to the tenant's port.",
                status=401,
            )
        try:
            return await view(tenant, request)
        except BodyError as error:
            return message_page("The form cannot be read", f"{error}.", status=400)

    return endpoint


def _foreign(tenant: Tenant, request: Request) -> Response | None:
    host = request.headers.get("host", "")
    if not is_own_host(host, port_of(tenant)):
        text = f"The page answers to https://{tenant.domain} and other names of this machine alone."
        return message_page("Not the tenant's name", text, status=421)
    if request.method in _SAFE_METHODS:
        return None
    same_site = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not same_site or request.headers.get("origin", "").lower() != f"https://{host}".lower():
        text = "Only the page itself may change something. Go back to it and press the button there."
        return message_page("Sent by another site", text, status=403)
    return None


def is_own_host(host: str, port: str) -> bool:
    """Whether a Host header names this machine and the tenant's port, which browsers leave out if it is 443."""
    if port == "443" and is_loopback(host):
        return True
    name, _, named_port = host.rpartition(":")
    return is_loopback(name) and named_port == port


def _has_cookie(tenant: Tenant, request: Request) -> bool:
    cookie = request.cookies.get(addresses.cookie_name(port_of(tenant)), "")
    return addresses.same(cookie, addresses.session_key(tenant.management.client_secret))


def port_of(tenant: Tenant) -> str:
    """The port that the tenant is served on."""
    return str(tenant.port)
