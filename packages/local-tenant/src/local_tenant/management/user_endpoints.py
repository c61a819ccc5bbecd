"""Endpoints for users, their blocks and the log."""

from __future__ import annotations

from local_tenant import scopes
from local_tenant.basis import Basis
from local_tenant.management import logs, sessions, user_blocks, users
from local_tenant.management.endpoints import Endpoint

RECORDED = Basis.RECORDED
DOCUMENTED = Basis.DOCUMENTED
GUESS = Basis.GUESS

_READ = (scopes.READ_USERS,)
_CREATE = (scopes.CREATE_USERS,)
_UPDATE = (scopes.UPDATE_USERS, scopes.UPDATE_APP_METADATA)
_DELETE = (scopes.DELETE_USERS,)
_READ_SESSIONS = (scopes.READ_SESSIONS,)
_DELETE_SESSIONS = (scopes.DELETE_SESSIONS,)
_LOGS = (scopes.READ_LOGS, scopes.READ_LOGS_USERS)

_USER = "/users/{id}"

USER_ENDPOINTS = [
    Endpoint("GET", "/users", users.listing, _READ, DOCUMENTED, "`q` understands a part of Lucene's syntax"),
    Endpoint("POST", "/users", users.create, _CREATE, DOCUMENTED, "that no Action runs: a guess"),
    Endpoint("GET", _USER, users.read, _READ, DOCUMENTED),
    Endpoint("PATCH", _USER, users.change, _UPDATE, DOCUMENTED, "texts of some errors guesses"),
    Endpoint("DELETE", _USER, users.delete, _DELETE, DOCUMENTED),
    Endpoint("GET", "/users-by-email", users.by_email, _READ, DOCUMENTED),
    Endpoint("GET", "/user-blocks", user_blocks.read_by_identifier, _READ, DOCUMENTED),
    Endpoint("DELETE", "/user-blocks", user_blocks.delete_by_identifier, _UPDATE, DOCUMENTED),
    Endpoint("GET", "/user-blocks/{id}", user_blocks.read, _READ, DOCUMENTED),
    Endpoint("DELETE", "/user-blocks/{id}", user_blocks.delete, _UPDATE, DOCUMENTED),
    Endpoint("GET", "/sessions/{id}", sessions.read, _READ_SESSIONS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint(
        "DELETE",
        "/sessions/{id}",
        sessions.delete,
        _DELETE_SESSIONS,
        DOCUMENTED,
        "that refresh tokens stay: a guess",
    ),
    Endpoint("POST", "/sessions/{id}/revoke", sessions.revoke, _DELETE_SESSIONS, DOCUMENTED),
    Endpoint("GET", "/users/{id}/sessions", sessions.of_user, _READ_SESSIONS, DOCUMENTED, "order a guess"),
    Endpoint("DELETE", "/users/{id}/sessions", sessions.delete_of_user, _DELETE_SESSIONS, DOCUMENTED),
    Endpoint("GET", "/logs", logs.listing, _LOGS, DOCUMENTED, "`q` as for users; the newest 1,000 are kept"),
    Endpoint("GET", "/logs/{id}", logs.read, _LOGS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint("GET", "/users/{id}/logs", logs.of_user, _LOGS, DOCUMENTED),
]
