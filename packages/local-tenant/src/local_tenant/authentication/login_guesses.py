"""What is not known of sign-ups, logins, refreshes and their events, and what was chosen."""

from __future__ import annotations

from local_tenant.basis import Guess

GUESSES: tuple[Guess, ...] = (
    Guess(
        "Whether a refresh counts as a login",
        "no",
        "documented: each credential moves logins_count, before the Actions run and however the login ends",
    ),
    Guess(
        "Two first logins at the same time",
        "the second one's Actions see 2",
        "otherwise both would count as the first login and skip MFA",
    ),
    Guess(
        "Status of a login that an Action denies, or that fails with an Action",
        "500 `access_denied`",
        "two public reports of a denial; documented: an uncaught error is answered alike, without its status",
    ),
    Guess(
        "`api.validation.error` at login",
        "400 with the Action's own code and message",
        "the same call at sign-up answers 400",
    ),
    Guess(
        "`api.refreshToken.revoke`",
        "403 `invalid_grant` with the reason; the token's family is gone",
        "as for any invalid token",
    ),
    Guess(
        "challengeWith and enrollWith in password and refresh grants",
        "`mfa_required`; the flow continues when the factor is proved",
        "there is no other way to ask for a factor at the token endpoint",
    ),
    Guess(
        "An access token without an audience",
        "a JWT for /userinfo; Auth0's is opaque",
        "tests can read it; no client may rely on either",
    ),
    Guess(
        "A refresh for a blocked user, and a login",
        "403 `invalid_grant`, and 401 `unauthorized`, both `user is blocked`",
        "the first is quoted with its status, the second without",
    ),
    Guess(
        "Which custom claims /userinfo returns",
        "those of the newest id token of this user and application",
        "documented that it returns them, not for how long",
    ),
    Guess(
        "A realm that does not exist",
        "400 `invalid_request`",
        "a caller that relies on another answer fails here first",
    ),
    Guess(
        "What is left out of `event.request.body` besides what is documented",
        "`password`, `otp`, `mfa_token`, `recovery_code`, `code` and their like",
        "no credential may reach an Action, a trace or a log",
    ),
    Guess("`event.request.geoip`", "an empty object", "nothing here locates addresses"),
    Guess("`event.user.multifactor`", '`["guardian"]` once a factor is confirmed', "as GET /users shows it"),
    Guess(
        "Which address of auth0-forwarded-for counts",
        "the first",
        "proxies add theirs at the end",
    ),
    Guess(
        "Log entries of a password login",
        "`s` for the login and `sepft` for the exchange; `mfar` when MFA is required",
        "each has a code of its own",
    ),
    Guess("Brute-force protection for an email of no user", "the same", "or the answer would reveal who has one"),
    Guess("Refresh tokens after a password change", "stay valid", "only their revocation is documented"),
    Guess(
        "`scope` of a refresh that was not granted at the login",
        "left out",
        "a refresh never gives more (RFC 6749, section 6)",
    ),
    Guess(
        "Order of checks at sign-up",
        "form, password, email not taken, then the Actions",
        "no Action runs for a sign-up that cannot succeed",
    ),
    Guess(
        "Errors of a sign-up other than those documented",
        "400 in the shape of `invalid_signup`, with a code that names them",
        "the shape is recorded",
    ),
    Guess(
        "A pre-user-registration Action that throws",
        "400 `extensibility_error`, as for a denial",
        "it is the one shape known for these Actions",
    ),
    Guess("Emails with letters beyond ASCII", "refused", "lower-casing can make one address of another"),
    Guess(
        "`allowRememberBrowser` of api.multifactor.enable",
        "no browser is remembered: every login is challenged",
        "as without the option (documented)",
    ),
    Guess(
        "A secret that comes with an application that has none",
        "401 `access_denied`",
        "the caller mistakes the application for another",
    ),
    Guess(
        "A request to /oauth/token with an Origin header",
        "gets refresh tokens like any other",
        "documented that Auth0 gives none to an application with a secret",
    ),
)
