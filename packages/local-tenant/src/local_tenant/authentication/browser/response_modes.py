"""Response modes: how the answer of /authorize reaches the application.

`query` and `fragment` are redirects. `form_post` is a page that sends a form to the redirect URI (OAuth 2.0 Form Post
Response Mode). `web_message` is a page that posts `{type: "authorization_response", response}` to the window that
opened it, or that it is a frame of, if that has the origin of the redirect URI (draft-sakimura-oauth-wmrm;
auth0-spa-js reads it so). No page holds a token in its address.
"""

from __future__ import annotations

import secrets

from starlette.responses import HTMLResponse, Response

from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import html
from local_tenant.authentication.browser.authorize_request import FORM_POST, FRAGMENT, QUERY, Answer
from local_tenant.ui import environment

_TEMPLATES = environment("local_tenant.authentication.browser")


def respond(answer: Answer) -> Response:
    """A redirect, or the page that hands the answer over."""
    if answer.mode == QUERY:
        return html.redirect(redirect_uris.with_parameters(answer.redirect_uri, answer.parameters))
    if answer.mode == FRAGMENT:
        return html.redirect(redirect_uris.with_fragment(answer.redirect_uri, answer.parameters))
    if answer.mode == FORM_POST:
        targets = " ".join(redirect_uris.csp_form_targets(answer.redirect_uri))
        # Not `no-referrer`, under which the form would have the origin `null`; the address stays here all the same.
        return _page(answer, "strict-origin", f"style-src 'self'; img-src 'self'; form-action {targets}")
    return _page(answer, "no-referrer")


def _page(answer: Answer, referrer: str, *policies: str) -> Response:
    nonce = secrets.token_urlsafe(16)
    page = _TEMPLATES.get_template(f"{answer.mode}.html").render(
        nonce=nonce,
        target=answer.redirect_uri,
        origin=redirect_uris.origin(answer.redirect_uri),
        response=answer.parameters,
    )
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "base-uri 'none'",
            f"frame-ancestors {redirect_uris.csp_source(answer.redirect_uri)}",
            *policies,
        )
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": referrer,
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(page, headers=headers)
