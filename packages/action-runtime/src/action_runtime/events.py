"""Events of the documented shape, from plain values.

`post_login_event` (v3) and `pre_user_registration_event` (v2) put an event together; `event_user`, `event_request` and
the others make its members. Without arguments they describe a password login by ada@example.com, so that a test names
only what matters to it. Times are RFC 3339 texts. `secrets` and `configuration` are added when an Action runs.

Source: the event object of each trigger in Auth0's documentation. What Auth0 leaves out is absent here too: a sign-up
has no `request.query`, a password login no `session`; optional members are left out when they are None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Event = dict[str, Any]

DATABASE_CONNECTION: Final = "Username-Password-Authentication"

_SAMPLE_TIME: Final = "2026-01-01T00:00:00.000Z"


def post_login_event(
    *,
    tenant: str = "a-tenant",
    user: Mapping[str, Any] | None = None,
    logins_count: int = 2,
    request: Mapping[str, Any] | None = None,
    transaction: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    connection: Mapping[str, Any] | None = None,
    methods: Sequence[Mapping[str, Any]] | None = None,
    audience: str | None = None,
    session: Mapping[str, Any] | None = None,
    refresh_token: Mapping[str, Any] | None = None,
) -> Event:
    """The event of a login.

    Args:
        tenant: name of the tenant.
        user: see `event_user`; the profile at the start of the transaction.
        logins_count: the login itself included.
        request: see `event_request`.
        transaction: see `event_transaction`.
        client: see `event_client`.
        connection: see `event_connection`.
        methods: `{name, timestamp, type?}` of each completed authentication method; a password unless stated.
        audience: identifier of the API that the access token is for.
        session: `event.session`.
        refresh_token: `event.refresh_token`.
    """
    password = {"name": "pwd", "timestamp": _SAMPLE_TIME}
    return {
        "tenant": {"id": tenant},
        "client": _member(client, event_client),
        "connection": _member(connection, event_connection),
        "request": _member(request, event_request),
        "stats": {"logins_count": logins_count},
        "transaction": _member(transaction, event_transaction),
        "authentication": {"methods": [password] if methods is None else list(methods)},
        "authorization": {"roles": []},
        "user": _member(user, event_user),
        **_present(
            resource_server=None if audience is None else {"identifier": audience},
            session=session,
            refresh_token=refresh_token,
        ),
    }


def pre_user_registration_event(
    *,
    tenant: str = "a-tenant",
    email: str = "ada@example.com",
    profile: Mapping[str, Any] | None = None,
    user_metadata: Mapping[str, Any] | None = None,
    request: Mapping[str, Any] | None = None,
    transaction: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    connection: Mapping[str, Any] | None = None,
) -> Event:
    """The event of a sign-up. The user does not exist yet and has no `user_id`.

    Args:
        tenant: name of the tenant.
        email: of the user.
        profile: further root-level members of the user: name, nickname, …
        user_metadata: from the sign-up form.
        request: see `event_request`; its query is left out.
        transaction: of a sign-up in a browser; there is none at /dbconnections/signup.
        client: see `event_client`.
        connection: see `event_connection`.
    """
    sign_up_request = _member(request, event_request)
    sign_up_request.pop("query", None)
    return {
        "tenant": {"id": tenant},
        "client": _member(client, event_client),
        "connection": _member(connection, event_connection),
        "request": sign_up_request,
        "user": {"email": email, **(profile or {}), "user_metadata": dict(user_metadata or {}), "app_metadata": {}},
        **_present(transaction=transaction),
    }


def event_user(
    *,
    user_id: str = "auth0|1",
    email: str = "ada@example.com",
    email_verified: bool = True,
    profile: Mapping[str, Any] | None = None,
    user_metadata: Mapping[str, Any] | None = None,
    app_metadata: Mapping[str, Any] | None = None,
    connection: str = DATABASE_CONNECTION,
    linked: Sequence[Mapping[str, Any]] = (),
    factors: Sequence[str] = (),
    created_at: str = _SAMPLE_TIME,
    updated_at: str = _SAMPLE_TIME,
    last_password_reset: str | None = None,
) -> Event:
    """`event.user` of a login.

    Args:
        user_id: PROVIDER|IDENTIFIER.
        email: address.
        email_verified: whether it is verified.
        profile: further root-level members: name, nickname, …
        user_metadata: as stored.
        app_metadata: as stored.
        connection: name of the connection of the user's identity.
        linked: further identities: `{connection, user_id, provider, isSocial, profileData}`.
        factors: types of the confirmed factors: `otp`, …
        created_at: time.
        updated_at: time.
        last_password_reset: time; None if there was none.
    """
    provider, _, identifier = user_id.partition("|")
    return {
        "user_id": user_id,
        "email": email,
        "email_verified": email_verified,
        **(profile or {}),
        "user_metadata": dict(user_metadata or {}),
        "app_metadata": dict(app_metadata or {}),
        "identities": [
            {
                "connection": connection,
                "isSocial": False,
                "provider": provider,
                "userId": identifier,
                "user_id": identifier,
            },
            *({**identity, "userId": identity["user_id"]} for identity in linked),
        ],
        "enrolledFactors": [{"type": factor} for factor in factors],
        "multifactor": multifactor_providers(factors),
        "created_at": created_at,
        "updated_at": updated_at,
        **_present(last_password_reset=last_password_reset),
    }


def multifactor_providers(factors: Sequence[str]) -> list[str]:
    """`user.multifactor`: names of providers; all of Auth0's own factors belong to the provider guardian."""
    return ["guardian"] if factors else []


def event_request(
    *,
    ip: str = "203.0.113.7",
    method: str = "POST",
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    hostname: str = "tenant.example",
    asn: str | None = None,
    language: str | None = None,
    user_agent: str | None = None,
) -> Event:
    """`event.request`. `geoip` is empty: nothing here knows where an address is.

    Args:
        ip: of the client.
        method: of the request.
        body: parameters of the POST body, without credentials.
        query: parameters of the address.
        hostname: host and port that were asked.
        asn: autonomous system of the client's address: `AS64496`.
        language: of the browser.
        user_agent: of the client.
    """
    return {
        "body": dict(body or {}),
        "geoip": {},
        "hostname": hostname,
        "ip": ip,
        "method": method,
        **_present(asn=asn, language=language, user_agent=user_agent),
        "query": dict(query or {}),
    }


def event_transaction(
    protocol: str = "oauth2-password",
    *,
    scopes: Sequence[str] = (),
    locale: str = "en",
    browser: Mapping[str, Any] | None = None,
) -> Event:
    """`event.transaction`.

    Args:
        protocol: `oauth2-password`, `oauth2-refresh-token`, `oidc-basic-profile`, …
        scopes: that were requested.
        locale: language of the login.
        browser: further members in a browser: `id`, `redirect_uri`, `state`, `prompt`, …
    """
    return {
        "acr_values": [],
        "locale": locale,
        "prompt": [],
        "protocol": protocol,
        "requested_scopes": list(scopes),
        "ui_locales": [],
        **(browser or {}),
    }


def event_client(client_id: str = "client-1", name: str = "An app", metadata: Mapping[str, Any] | None = None) -> Event:
    """`event.client`: the application that the user logs in to."""
    return {"client_id": client_id, "name": name, "metadata": dict(metadata or {})}


def event_connection(connection_id: str = "con_1", name: str = DATABASE_CONNECTION, strategy: str = "auth0") -> Event:
    """`event.connection`: a database connection unless another strategy is named."""
    return {"id": connection_id, "name": name, "strategy": strategy, "metadata": {}}


def _member(value: Mapping[str, Any] | None, default: Callable[[], Event]) -> Event:
    return dict(default() if value is None else value)


def _present(**members: object) -> Event:
    return {name: value for name, value in members.items() if value is not None}
