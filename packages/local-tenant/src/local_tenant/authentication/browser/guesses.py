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
        "What a denied login asked of the session",
        "is dropped; the session is unchanged",
        "known only that the session stays",
    ),
    Guess(
        "An idle timeout set by an Action",
        "from then on each use of the session renews it by that much",
        "documented: a use resets the idle time; 3 days again would undo what the Action asked for",
    ),
    Guess(
        "A method that is proved again in a session",
        "listed once, with its newest time",
        "or `event.authentication.methods` would grow with each challenge",
    ),
    Guess("`auth_time` after a factor in an older session", "the password's time", "max_age goes by it as well"),
    Guess(
        "A login whose session ends while it waits for a factor",
        "fails: a page asks to start again; the factor is not checked",
        "a logout is meant for every window",
    ),
    Guess(
        "Codes that were not exchanged when their session is revoked",
        "invalid, unless `preserveRefreshTokens`; after a logout they stay valid",
        "they would become new refresh tokens of the session",
    ),
    Guess(
        "A `max_age` that is no number of seconds",
        "`invalid_request`; at most 100 years",
        "ignoring it would skip what the application asked for",
    ),
    Guess("`prompt=create`", "the sign-up page, also in a session", "as OpenID Connect's extension says"),
    Guess(
        "`sid` in the id token of a refresh, and such a token as id_token_hint",
        "absent; the user is asked whether to log out, unless logout_hint names the session",
        "an application has the sid from its login",
    ),
    Guess(
        "`amr` and `acr` of a login in which the user enrolled",
        "as of one that was challenged",
        "the code that confirms the enrolment is one of that factor",
    ),
    Guess(
        "`prompt=select_account`, and an unknown prompt",
        "as `prompt=login`; no effect",
        "OpenID Connect wants the user asked; there is no list of accounts to choose from",
    ),
    Guess(
        "Allowed callbacks, logout URLs and web origins of an application",
        "every loopback address; no list to maintain",
        "only the developer's own programs listen there",
    ),
    Guess(
        "`event.request.body` of a sign-up in the browser",
        "the form without credentials",
        "documented: the POST's body with `ulp-` fields; not whether the email is in it",
    ),
    Guess(
        "Errors of a logout",
        "400, a page that says what is wrong, and `flo`; the session stays",
        "Auth0's text is not known",
    ),
)
