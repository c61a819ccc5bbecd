"""What nobody outside Auth0 knows of users, logs and executions in the Management API, and what was chosen."""

from __future__ import annotations

from local_tenant.basis import Guess

GUESSES = (
    Guess(
        "Whether POST /users runs pre-user-registration Actions",
        "no",
        "documented is that they run when a user attempts to register",
    ),
    Guess(
        "Attributes of a user that were never set",
        "left out, `user_metadata` and `logins_count` too",
        "a consumer that takes them for granted meets the trouble here first",
    ),
    Guess("Password and email or `email_verified` in one PATCH", "400 `operation_not_supported`", "as the SDKs warn"),
    Guess(
        "The `q` of users and logs",
        "a part of Lucene's syntax; what is not understood is a 400",
        "a search that is only half understood finds the wrong users",
    ),
    Guess("A page beyond the first thousand", "400 `invalid_paging`", "that it fails is documented"),
    Guess(
        "How long logs and executions are kept",
        "the newest 1,000 of each, and up to 64 more",
        "Auth0 keeps days; a tenant that tests log in to all day long must not grow",
    ),
    Guess(
        "What leaves a log entry",
        "sign-ups, logins, exchanges of people's tokens, factors, deleted users; no `seccft` and no `sapi`",
        "whoever tests asks the Management API far more often than anything else, which would crowd the rest out",
    ),
    Guess(
        "What POST /actions/actions/{id}/test answers",
        "`payload`: the trace of the run; `stats`: its duration",
        "only the two keys are recorded",
    ),
)
