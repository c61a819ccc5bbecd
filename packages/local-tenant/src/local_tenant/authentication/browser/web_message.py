"""response_mode=web_message: the answer to an authorization request, given by one window to another.

Single-page applications ask this way from a hidden frame (silent authentication) and from a popup. The answer is a page
that posts `{type: "authorization_response", response: {code, state}}` to the origin of the redirect URI, and to no
other (draft-sakimura-oauth-wmrm; auth0-spa-js reads it so).
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from local_tenant.authentication import redirect_uris
from local_tenant.ui import environment

MODE = "web_message"
PATH = "/authorize/web-message"
_ANSWERS = ("code", "state", "error", "error_description")

_PAGE = environment("local_tenant.authentication.browser").get_template("web_message.html")


def address(redirect_uri: str, parameters: dict[str, str]) -> str:
    """The page that gives this answer."""
    return f"{PATH}?{urlencode({'redirect_uri': redirect_uri, **parameters})}"


async def show(request: Request) -> Response:
    """GET /authorize/web-message: the answer, for the application of `redirect_uri` alone."""
    query = request.query_params
    redirect_uri = query.get("redirect_uri", "")
    if not redirect_uris.is_allowed(redirect_uri):
        return Response("redirect_uri is not of this machine", 403, media_type="text/plain")
    response = {name: query[name] for name in _ANSWERS if name in query}
    nonce = secrets.token_urlsafe(16)
    page = _PAGE.render(nonce=nonce, origin=redirect_uris.origin(redirect_uri), response=response)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; "
        f"frame-ancestors {redirect_uris.csp_source(redirect_uri)}"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        # The address holds the code.
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(page, headers=headers)
