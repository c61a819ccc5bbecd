"""`event` of the two triggers, complete as documented for post-login v3 and pre-user-registration v2.

Members that Auth0 leaves out are absent here too: no `session` in password and refresh grants, no `organization`, no
`transaction.id` outside of browser flows. `request.geoip` is an empty object, because nothing here knows where an
address is.
"""

from __future__ import annotations

from typing import Any

from local_tenant.accounts.connections import DATABASE_CONNECTION, STRATEGY
from local_tenant.accounts.lifetimes import shown_device
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.store.users import User
from local_tenant.tenant import Tenant
from local_tenant.transactions.login import Login


def post_login_event(
    tenant: Tenant,
    login: Login,
    *,
    enrolled: list[str],
    logins_count: int,
) -> dict[str, Any]:
    """The event of a login.

    Its user is the transaction's snapshot, `enrolled` the types of their confirmed factors; `logins_count` includes
    the login itself (documented: it is counted before Actions run).
    """
    event: dict[str, Any] = {
        "tenant": {"id": tenant.name},
        "client": _client(login.client),
        "connection": _connection(tenant),
        "request": request_json(login.facts, with_query=True),
        "stats": {"logins_count": logins_count},
        "transaction": transaction_json(login.facts, login.protocol, login.scopes, login.browser),
        "authentication": {"methods": list(login.methods)},
        "authorization": {"roles": []},
        "user": _user(login.user, enrolled),
    }
    if login.audience is not None:
        event["resource_server"] = {"identifier": login.audience}
    if login.session is not None:
        event["session"] = login.session.event
    if login.exchanged is not None:
        event["refresh_token"] = _refresh_token(login.exchanged)
    return event


def pre_user_registration_event(
    tenant: Tenant,
    facts: RequestFacts,
    client: Client,
    *,
    email: str,
    profile: dict[str, Any],
    user_metadata: dict[str, Any],
    transaction: dict[str, Any] | None,
) -> dict[str, Any]:
    """The event of a sign-up: the user does not exist yet and has no `user_id`.

    `transaction` is that of a browser's login; there is none at /dbconnections/signup (documented).
    """
    event = {
        "tenant": {"id": tenant.name},
        "client": _client(client),
        "connection": _connection(tenant),
        "request": request_json(facts, with_query=False),
        "user": {"email": email, **profile, "user_metadata": user_metadata, "app_metadata": {}},
    }
    return event if transaction is None else {**event, "transaction": transaction}


def transaction_json(
    facts: RequestFacts,
    protocol: str,
    scopes: tuple[str, ...],
    browser: dict[str, Any],
) -> dict[str, Any]:
    """`event.transaction`; `browser` are its further members in a browser's login."""
    return {
        "acr_values": [],
        "locale": facts.language or "en",
        "prompt": [],
        "protocol": protocol,
        "requested_scopes": list(scopes),
        "ui_locales": [],
        **browser,
    }


def request_json(facts: RequestFacts, *, with_query: bool) -> dict[str, Any]:
    """`event.request`; a sign-up's has no query (documented)."""
    request: dict[str, Any] = {
        "body": facts.body,
        "geoip": {},
        "hostname": facts.hostname,
        "ip": facts.ip,
        "method": facts.method,
    }
    if facts.language is not None:
        request["language"] = facts.language
    if facts.user_agent is not None:
        request["user_agent"] = facts.user_agent
    if with_query:
        request["query"] = facts.query
    return request


def _client(client: Client) -> dict[str, Any]:
    return {"client_id": client.client_id, "name": client.name, "metadata": client.metadata}


def _connection(tenant: Tenant) -> dict[str, Any]:
    return {"id": tenant.connection_id, "name": DATABASE_CONNECTION, "strategy": STRATEGY, "metadata": {}}


def _user(user: User, enrolled: list[str]) -> dict[str, Any]:
    provider, _, identifier = user.user_id.partition("|")
    shown: dict[str, Any] = {
        "user_id": user.user_id,
        "email": user.email,
        "email_verified": user.email_verified,
        **user.profile,
        "user_metadata": user.user_metadata,
        "app_metadata": user.app_metadata,
        "identities": [
            {
                "connection": user.connection,
                "isSocial": False,
                "provider": provider,
                "userId": identifier,
                "user_id": identifier,
            },
        ],
        "enrolledFactors": [{"type": factor} for factor in enrolled],
        "multifactor": multifactor(enrolled),
        "created_at": time_text(user.created_at),
        "updated_at": time_text(user.updated_at),
    }
    if user.last_password_reset is not None:
        shown["last_password_reset"] = time_text(user.last_password_reset)
    return shown


def multifactor(enrolled: list[str]) -> list[str]:
    """`user.multifactor`: names of providers; all of Auth0's own factors are of the provider guardian."""
    return ["guardian"] if enrolled else []


def _refresh_token(token: RefreshToken) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": token.id,
        "user_id": token.user_id,
        "client_id": token.client_id,
        "created_at": time_text(token.created_at),
        "rotating": token.rotating,
        "device": shown_device(token.device),
        "resource_servers": [{"audience": token.audience, "scopes": " ".join(token.scopes)}] if token.audience else [],
        "metadata": token.metadata,
    }
    if token.session_id is not None:
        shown["session_id"] = token.session_id
    for name in ("last_exchanged_at", "expires_at", "idle_expires_at"):
        value = getattr(token, name)
        if value is not None:
            shown[name] = time_text(value)
    return shown
