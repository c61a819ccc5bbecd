"""What applications in a browser may call with fetch from their own origin (CORS), and which origins may.

Auth0 holds a list of allowed origins for each application. Here they are those that a login may return to
(redirect_uris.py): programs on this machine's loopback. Cookies are never sent (no
`Access-Control-Allow-Credentials`): these endpoints rely on tokens, codes and passwords alone.

Everything else (the Management API, the test controls, the tenant's page, /authorize and its pages, logout) is closed
to foreign origins. /.well-known is open to every origin by its own headers.
"""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from local_tenant.authentication import redirect_uris, unbuilt

# Not only what is built: a script that calls something else has to be able to read that it is not.
PATHS = frozenset(
    {"/oauth/token", "/oauth/revoke", "/userinfo", "/dbconnections/change_password", "/dbconnections/signup"}
) | {path for path, methods in unbuilt.ENDPOINTS if methods == ("POST",)}
BELOW = "/mfa/"

METHODS = ("DELETE", "GET", "POST")
# What Auth0's own libraries for browsers send; whatever else a browser may send unasked is allowed as well.
HEADERS = ("Auth0-Client", "Authorization", "Content-Type", "DPoP")


class CrossOrigin:
    """Answers preflights, and allows answers to the permitted origins."""

    def __init__(self, app: ASGIApp) -> None:
        """Around all of the application, so that its errors and injected faults can be read by the browser too."""
        self._app = app
        self._shared = _LoopbackCors(app, allow_methods=METHODS, allow_headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; one without an Origin does not come from a script in a browser."""
        shared = (
            scope["type"] == "http"
            and (scope["path"] in PATHS or scope["path"].startswith(BELOW))
            and any(name == b"origin" for name, _ in scope["headers"])
        )
        await (self._shared if shared else self._app)(scope, receive, send)


class _LoopbackCors(CORSMiddleware):
    def is_allowed_origin(self, origin: str) -> bool:
        return redirect_uris.is_allowed(origin) and redirect_uris.origin(origin) == origin
