"""What each endpoint of the Authentication API rests on; guesses.md beside it lists what had to be guessed."""

from __future__ import annotations

from local_tenant.authentication.browser.universal_login import PAGES
from local_tenant.basis import Basis

_PAGE = (Basis.GUESS, "path documented, the page is our own")

# By method and path, as in routes.py.
BASIS: dict[str, tuple[Basis, str]] = {
    "POST /oauth/token": (
        Basis.DOCUMENTED,
        "client_credentials recorded; also password, password-realm, refresh_token, authorization_code and MFA's own",
    ),
    "POST /oauth/revoke": (Basis.DOCUMENTED, "refresh tokens alone"),
    "POST /dbconnections/signup": (Basis.DOCUMENTED, "`invalid_signup` recorded"),
    "POST /dbconnections/change_password": (Basis.DOCUMENTED, "errors guesses; the mail is under /_local/mails"),
    "GET /u/reset-password": (Basis.GUESS, "the page and its link are our own"),
    "POST /u/reset-password": (Basis.GUESS, "the page and its link are our own"),
    "GET /userinfo": (Basis.DOCUMENTED, "texts of its errors guesses; the token in the header, or as `access_token`"),
    "POST /userinfo": (Basis.DOCUMENTED, "as GET, or the token in the form"),
    "GET /authorize": (
        Basis.DOCUMENTED,
        "codes and tokens in every response mode; PKCE with S256; callbacks by the list of the client",
    ),
    "POST /authorize": (Basis.DOCUMENTED, "redirects to GET"),
    "GET /authorize/resume": (Basis.GUESS, "path seen in public traces"),
    "GET /u/confirm-login": (Basis.GUESS, "that there is such a page is documented, it is our own"),
    "POST /u/confirm-login": (Basis.GUESS, "that there is such a page is documented, it is our own"),
    "GET /v2/logout": (Basis.DOCUMENTED, "addresses by the list of the client"),
    "GET /oidc/logout": (Basis.DOCUMENTED, "addresses by the list of the client; the page is our own"),
    "POST /oidc/logout": (Basis.DOCUMENTED, "as GET"),
    **{f"{method} {path}": _PAGE for path in PAGES for method in ("GET", "POST")},
    "POST /u/signup": (Basis.GUESS, "a new user is logged in at once, as documented; the page is our own"),
    "POST /mfa/associate": (Basis.DOCUMENTED, "otp alone; statuses of its errors guesses"),
    "POST /mfa/challenge": (Basis.DOCUMENTED, "otp alone; statuses of its errors guesses"),
    "GET /mfa/authenticators": (Basis.DOCUMENTED, ""),
    "DELETE /mfa/authenticators/{id}": (Basis.DOCUMENTED, "text of the 404 a guess"),
    "GET /.well-known/jwks.json": (Basis.DOCUMENTED, ""),
    "GET /.well-known/openid-configuration": (Basis.DOCUMENTED, "names only what this tenant supports"),
}
