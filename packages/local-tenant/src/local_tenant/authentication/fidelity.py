"""What each endpoint of the Authentication API rests on, and what had to be guessed."""

from __future__ import annotations

from local_tenant.authentication.browser.guesses import GUESSES as BROWSER_GUESSES
from local_tenant.authentication.login_guesses import GUESSES as LOGIN_GUESSES
from local_tenant.basis import Basis, Guess

# By method and path, as in routes.py.
BASIS: dict[str, tuple[Basis, str]] = {
    "POST /oauth/token": (
        Basis.DOCUMENTED,
        "client_credentials recorded; also password, password-realm, refresh_token, authorization_code and MFA's own",
    ),
    "POST /oauth/revoke": (Basis.DOCUMENTED, "refresh tokens alone"),
    "POST /dbconnections/signup": (Basis.DOCUMENTED, "`invalid_signup` recorded"),
    "GET /userinfo": (Basis.DOCUMENTED, "texts of its errors guesses; the token in the header, or as `access_token`"),
    "POST /userinfo": (Basis.DOCUMENTED, "as GET, or the token in the form"),
    "GET /authorize": (
        Basis.DOCUMENTED,
        "code flow; response_mode query and web_message; any loopback redirect_uri is allowed",
    ),
    "GET /authorize/web-message": (
        Basis.GUESS,
        "the message is documented by the SDK that reads it, the address is our own",
    ),
    "GET /v2/logout": (Basis.DOCUMENTED, "any loopback returnTo is allowed"),
    "GET /oidc/logout": (Basis.DOCUMENTED, "any loopback address to return to is allowed; the page is our own"),
    "POST /oidc/logout": (Basis.DOCUMENTED, "as GET"),
    "GET /u/login": (Basis.GUESS, "path documented, the page is our own"),
    "POST /u/login": (Basis.GUESS, "path documented, the page is our own"),
    "GET /u/signup": (Basis.GUESS, "path documented, the page is our own"),
    "POST /u/signup": (Basis.GUESS, "a new user is logged in at once, as documented; the page is our own"),
    "GET /u/mfa-otp-enrollment": (Basis.GUESS, "path documented, the page is our own"),
    "POST /u/mfa-otp-enrollment": (Basis.GUESS, "path documented, the page is our own"),
    "GET /u/mfa-otp-challenge": (Basis.GUESS, "path documented, the page is our own"),
    "POST /u/mfa-otp-challenge": (Basis.GUESS, "path documented, the page is our own"),
    "GET /u/mfa-recovery-code-challenge": (Basis.GUESS, "path documented, the page is our own"),
    "POST /u/mfa-recovery-code-challenge": (Basis.GUESS, "path documented, the page is our own"),
    "POST /mfa/associate": (Basis.DOCUMENTED, "otp alone; statuses of its errors guesses"),
    "POST /mfa/challenge": (Basis.DOCUMENTED, "otp alone; statuses of its errors guesses"),
    "GET /mfa/authenticators": (Basis.DOCUMENTED, ""),
    "DELETE /mfa/authenticators/{id}": (Basis.DOCUMENTED, "text of the 404 a guess"),
    "GET /.well-known/jwks.json": (Basis.DOCUMENTED, ""),
    "GET /.well-known/openid-configuration": (Basis.DOCUMENTED, "names only what this tenant supports"),
}

GUESSES: tuple[Guess, ...] = (
    *LOGIN_GUESSES,
    *BROWSER_GUESSES,
    Guess(
        "How far an authenticator app's clock may be off",
        "one step of 30 seconds to either side",
        "RFC 6238's own recommendation",
    ),
    Guess(
        "The answer once 10 codes were wrong",
        "429 `too_many_attempts`, even for a right code",
        "the limit is documented, and so is the text, for Auth0's own pages",
    ),
    Guess(
        "Whether recovery codes have a limit of their own",
        "yes, the same one",
        "its log entry has a type of its own",
    ),
    Guess(
        "Status of `expired_token` and of `Malformed mfa_token`",
        "401 and 403",
        "401 is in the tests of Auth0's SDKs; every other invalid_grant is a 403",
    ),
    Guess(
        "An mfa_token that was used up",
        "as an invented one: `Malformed mfa_token`",
        "nothing of it is stored",
    ),
    Guess(
        "/mfa/associate with an mfa_token for a user with an authenticator",
        "403 `access_denied`, `User is already enrolled.`",
        "the words are quoted in public threads",
    ),
    Guess(
        "Which enrolment a user's recovery code belongs to",
        "the one that is confirmed",
        "others who begin one with the user's password must not hold the code",
    ),
    Guess(
        "How an authenticator that was added with an access token is confirmed",
        "by the next mfa-otp login that uses it",
        "documented only that its first use confirms it",
    ),
    Guess(
        "A token for the MFA API from before the user enrolled",
        "401",
        "a password was enough for it: it could add a factor beside the user's own",
    ),
    Guess(
        "`mfa_requirements` of mfa_required",
        "in every grant; the recovery code is among the types of a challenge",
        "documented for customizable MFA, which not every tenant has; auth0-spa-js and auth0-react need it",
    ),
    Guess(
        "Status of a login that an Action denies after the code of an MFA grant",
        "403 `access_denied`",
        "Auth0's SDKs read errors of these grants from a 4xx alone",
    ),
    Guess(
        "`code_challenge_method` plain",
        "refused",
        "it proves nothing; a client that sends it fails here first",
    ),
    Guess(
        "A scope that the client was not granted, in client_credentials",
        "left out of the token",
        "Auth0's tokens name the scopes that they hold",
    ),
)
