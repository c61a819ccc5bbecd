"""What nobody outside Auth0 knows of sessions, single sign-on and logout, and what was chosen."""

from __future__ import annotations

from local_tenant.basis import Guess

GUESSES: tuple[Guess, ...] = (
    Guess(
        "`last_login` and `last_ip` at single sign-on",
        "stay as they are, as logins_count does (documented)",
        "no credential came with it",
    ),
    Guess(
        "What a login that is denied asked of the session",
        "is not kept; the session is as it was",
        "only that the session stays is known",
    ),
    Guess(
        "An idle end that an Action sets",
        "from then on each use of the session renews it by that much",
        "documented is that a use resets the idle time; to go back to 3 days would undo what the Action asked for",
    ),
    Guess(
        "A method that is proved again in a session",
        "listed once, with its newest time",
        "or `event.authentication.methods` would grow with each challenge",
    ),
    Guess("`auth_time` after a factor in an older session", "the password's time", "max_age goes by it as well"),
    Guess(
        "A login whose session ends while a factor is awaited",
        "cannot be finished: a page says to start again, and the factor is not looked at",
        "whoever logged out meant every window",
    ),
    Guess(
        "Codes that were not exchanged when their session is revoked",
        "worth nothing, unless `preserveRefreshTokens`; after a logout they stay good",
        "they would become new refresh tokens of the session",
    ),
    Guess(
        "A `max_age` that is no number of seconds",
        "`invalid_request`; at most 100 years",
        "to take it for none would skip what the application asked for",
    ),
    Guess("`prompt=create`", "the sign-up page, also in a session", "as OpenID Connect's extension says"),
    Guess(
        "`sid` in the id token of a refresh, and such a token as id_token_hint",
        "absent; the person is asked whether to log out, unless logout_hint names the session",
        "an application has the sid from its login",
    ),
    Guess(
        "`amr` at single sign-on and in a refresh",
        '`["mfa"]` where a factor was proved earlier in the session, or at the login',
        "as `event.authentication.methods` says",
    ),
    Guess(
        "`prompt=select_account`, and a prompt that nobody knows",
        "as `prompt=login`; no effect",
        "OpenID Connect wants the person asked; there are no accounts kept to choose from",
    ),
    Guess(
        "Allowed callbacks, logout URLs and web origins of an application",
        "every address of this machine's loopback, no list to keep",
        "whatever listens there is the developer's own",
    ),
    Guess(
        "`event.request.body` of a sign-up in the browser",
        "the form without credentials",
        "documented is that the POST's body is there, with `ulp-` fields in it; whether the email is, is not",
    ),
    Guess(
        "Errors of a logout",
        "400, a page that says what is wrong, and `flo`; the session stays",
        "Auth0's text is not known",
    ),
)
