"""Every endpoint of the Management API: method, path, handler, accepted scopes, and how well its answer is known.

The handlers of a subject are in the module of its name, and with them what had to be guessed. One rule stands behind
most guesses: where Auth0 may be lenient or strict, this tenant does what shows a mistake of its callers sooner.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.basis import Basis
from local_tenant.management import (
    actions,
    authentication_methods,
    bindings,
    client_credentials,
    client_grants,
    clients,
    executions,
    guardian,
    identities,
    logs,
    modules,
    resource_servers,
    sessions,
    standing,
    user_blocks,
    users,
    versions,
)

RECORDED, DOCUMENTED = Basis.RECORDED, Basis.DOCUMENTED

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint that is built.

    Attributes:
        method: HTTP method.
        path: under /api/v2, `{name}` for an identifier.
        handler: answers it.
        scopes: any one of these is enough.
        basis: how well its status and the shape of its answer are known.
        note: what rests on less than that, or more; for the table of fidelity.py.
    """

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    basis: Basis
    note: str = ""


_READ = ("read:actions",)
_CREATE = ("create:actions",)
_UPDATE = ("update:actions",)
_DELETE = ("delete:actions",)
_READ_USERS = ("read:users",)
_CREATE_USERS = ("create:users",)
_UPDATE_USERS = ("update:users", "update:users_app_metadata")
_DELETE_USERS = ("delete:users",)
_READ_FACTORS = ("read:authentication_methods",)
_DELETE_FACTORS = ("delete:authentication_methods",)
_READ_SESSIONS = ("read:sessions",)
_DELETE_SESSIONS = ("delete:sessions",)
_LOGS = ("read:logs", "read:logs_users")

_READ_CLIENTS = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
_READ_CREDENTIALS = ("read:client_credentials", "read:client_keys")

_ACTION = "/actions/actions/{id}"
_VERSION = _ACTION + "/versions/{version_id}"
_BINDINGS = "/actions/triggers/{id}/bindings"
_MODULE = "/actions/modules/{id}"
_USER = "/users/{id}"
_FACTORS = _USER + "/authentication-methods"
_FACTOR = _FACTORS + "/{method_id}"
_CLIENT = "/clients/{id}"
_KEYS = _CLIENT + "/credentials"
_KEY = _KEYS + "/{credential_id}"
_SERVER = "/resource-servers/{id}"
_GRANT = "/client-grants/{id}"

ENDPOINTS = [
    Endpoint("GET", "/actions/actions", actions.listing, _READ, RECORDED, "filters documented; order a guess"),
    Endpoint("POST", "/actions/actions", actions.create, _CREATE, RECORDED, "limits documented, their texts guesses"),
    Endpoint("GET", _ACTION, actions.read, _READ, RECORDED),
    Endpoint("PATCH", _ACTION, actions.change, _UPDATE, RECORDED, "limits documented, their texts guesses"),
    Endpoint("DELETE", _ACTION, actions.delete, _DELETE, RECORDED, "the 409 and `force` documented"),
    Endpoint(
        "POST", _ACTION + "/deploy", actions.deploy, _CREATE, RECORDED, "the 400 for a draft not built documented"
    ),
    Endpoint("GET", _ACTION + "/versions", versions.listing, _READ, RECORDED, "order a guess; 50 kept documented"),
    Endpoint("GET", _VERSION, versions.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("POST", _VERSION + "/deploy", versions.deploy, _CREATE, RECORDED, "`update_draft` documented"),
    Endpoint(
        "POST", _ACTION + "/test", executions.test, _CREATE, RECORDED, "contents of `payload` and `stats` guesses"
    ),
    Endpoint("GET", "/actions/executions/{id}", executions.read, _READ, DOCUMENTED, "the 404 recorded"),
    Endpoint("GET", "/actions/triggers", bindings.triggers, _READ, RECORDED),
    Endpoint("GET", _BINDINGS, bindings.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("PATCH", _BINDINGS, bindings.replace, _UPDATE, RECORDED, "the 400s documented; `ref` `binding_id` too"),
    Endpoint("GET", "/actions/modules", modules.listing, _READ, RECORDED),
    Endpoint("POST", "/actions/modules", modules.create, _CREATE, RECORDED, "`publish` and the 409 documented"),
    Endpoint("GET", _MODULE, modules.read, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("PATCH", _MODULE, modules.change, _UPDATE, RECORDED),
    Endpoint("DELETE", _MODULE, modules.delete, _DELETE, RECORDED, "the 412 documented, its text a guess"),
    Endpoint("GET", _MODULE + "/actions", modules.used_by, _READ, RECORDED, "which Actions count: documented"),
    Endpoint("POST", _MODULE + "/rollback", modules.rollback, _UPDATE, DOCUMENTED, "its scope a guess"),
    Endpoint("GET", _MODULE + "/versions", modules.versions, _READ, RECORDED),
    Endpoint("POST", _MODULE + "/versions", modules.publish, _CREATE, RECORDED),
    Endpoint("GET", _MODULE + "/versions/{version_id}", modules.version, _READ, RECORDED, "text of the 404 a guess"),
    Endpoint("GET", _FACTORS, authentication_methods.listing, _READ_FACTORS, DOCUMENTED, "with `include_totals` too"),
    Endpoint("DELETE", _FACTORS, authentication_methods.delete_all, _DELETE_FACTORS, DOCUMENTED),
    Endpoint("GET", _FACTOR, authentication_methods.read, _READ_FACTORS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint("DELETE", _FACTOR, authentication_methods.delete, _DELETE_FACTORS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint(
        "GET",
        _USER + "/enrollments",
        authentication_methods.enrollments,
        _READ_USERS,
        DOCUMENTED,
        "values of `type` and `id` guesses",
    ),
    Endpoint(
        "DELETE",
        _USER + "/authenticators",
        authentication_methods.delete_all,
        ("delete:guardian_enrollments",),
        DOCUMENTED,
    ),
    Endpoint("GET", "/guardian/factors", guardian.factors, ("read:guardian_factors",), RECORDED, "none can be changed"),
    Endpoint("GET", "/guardian/policies", guardian.policies, ("read:mfa_policies",), RECORDED, "Never, always"),
    Endpoint("GET", "/users", users.listing, _READ_USERS, DOCUMENTED, "`q` understands a part of Lucene's syntax"),
    Endpoint("POST", "/users", users.create, _CREATE_USERS, DOCUMENTED, "that no Action runs: a guess"),
    Endpoint("GET", _USER, users.read, _READ_USERS, DOCUMENTED),
    Endpoint("PATCH", _USER, users.change, _UPDATE_USERS, DOCUMENTED, "texts of some errors guesses"),
    Endpoint("DELETE", _USER, users.delete, _DELETE_USERS, DOCUMENTED),
    Endpoint(
        "POST", _USER + "/identities", identities.link, _UPDATE_USERS[:1], DOCUMENTED, "by provider and user_id only"
    ),
    Endpoint("DELETE", _USER + "/identities/{provider}/{user_id}", identities.unlink, _UPDATE_USERS[:1], DOCUMENTED),
    Endpoint("GET", "/users-by-email", users.by_email, _READ_USERS, DOCUMENTED),
    Endpoint("GET", "/user-blocks", user_blocks.read_by_identifier, _READ_USERS, DOCUMENTED),
    Endpoint("DELETE", "/user-blocks", user_blocks.delete_by_identifier, _UPDATE_USERS, DOCUMENTED),
    Endpoint("GET", "/user-blocks/{id}", user_blocks.read, _READ_USERS, DOCUMENTED),
    Endpoint("DELETE", "/user-blocks/{id}", user_blocks.delete, _UPDATE_USERS, DOCUMENTED),
    Endpoint("GET", "/sessions/{id}", sessions.read, _READ_SESSIONS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint(
        "DELETE", "/sessions/{id}", sessions.delete, _DELETE_SESSIONS, DOCUMENTED, "that refresh tokens stay: a guess"
    ),
    Endpoint("POST", "/sessions/{id}/revoke", sessions.revoke, _DELETE_SESSIONS, DOCUMENTED),
    Endpoint("GET", _USER + "/sessions", sessions.of_user, _READ_SESSIONS, DOCUMENTED, "order a guess"),
    Endpoint("DELETE", _USER + "/sessions", sessions.delete_of_user, _DELETE_SESSIONS, DOCUMENTED),
    Endpoint("GET", "/logs", logs.listing, _LOGS, DOCUMENTED, "`q` as for users; the newest 1,000 are kept"),
    Endpoint("GET", "/logs/{id}", logs.read, _LOGS, DOCUMENTED, "text of the 404 a guess"),
    Endpoint("GET", _USER + "/logs", logs.of_user, _LOGS, DOCUMENTED),
    Endpoint("GET", "/clients", clients.listing, _READ_CLIENTS, RECORDED, "order a guess"),
    Endpoint("POST", "/clients", clients.create, ("create:clients",), RECORDED, "limits documented"),
    Endpoint("GET", _CLIENT, clients.read, _READ_CLIENTS, RECORDED, "who sees the secret documented"),
    Endpoint("PATCH", _CLIENT, clients.change, ("update:clients", "update:client_keys"), RECORDED),
    Endpoint("DELETE", _CLIENT, clients.delete, ("delete:clients",), RECORDED),
    Endpoint("POST", _CLIENT + "/rotate-secret", clients.rotate_secret, ("update:client_keys",), DOCUMENTED),
    Endpoint("GET", _KEYS, client_credentials.listing, _READ_CREDENTIALS, DOCUMENTED),
    Endpoint("POST", _KEYS, client_credentials.create, ("create:client_credentials",), DOCUMENTED),
    Endpoint("GET", _KEY, client_credentials.read, _READ_CREDENTIALS, DOCUMENTED),
    Endpoint("PATCH", _KEY, client_credentials.change, ("update:client_credentials",), DOCUMENTED),
    Endpoint("DELETE", _KEY, client_credentials.delete, ("delete:client_credentials",), DOCUMENTED),
    Endpoint("GET", "/resource-servers", resource_servers.listing, ("read:resource_servers",), DOCUMENTED),
    Endpoint("POST", "/resource-servers", resource_servers.create, ("create:resource_servers",), RECORDED),
    Endpoint("GET", _SERVER, resource_servers.read, ("read:resource_servers",), RECORDED),
    Endpoint("PATCH", _SERVER, resource_servers.change, ("update:resource_servers",), RECORDED),
    Endpoint("DELETE", _SERVER, resource_servers.delete, ("delete:resource_servers",), RECORDED),
    Endpoint("GET", "/client-grants", client_grants.listing, ("read:client_grants",), RECORDED, "order a guess"),
    Endpoint("POST", "/client-grants", client_grants.create, ("create:client_grants",), RECORDED),
    Endpoint("GET", _GRANT, client_grants.read, ("read:client_grants",), RECORDED, "text of the 404 a guess"),
    Endpoint("PATCH", _GRANT, client_grants.change, ("update:client_grants",), RECORDED),
    Endpoint("DELETE", _GRANT, client_grants.delete, ("delete:client_grants",), RECORDED),
]

# Kept apart from what can be changed.
STANDING = [
    Endpoint("GET", each.path, each.handle, (each.scope,), DOCUMENTED, "read only") for each in standing.STANDING
]
