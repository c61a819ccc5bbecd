"""Events of logins and sign-ups from what the tenant stores; their shape is `action_runtime.events`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from action_runtime import events

from local_tenant.accounts.connections import DATABASE_CONNECTION, STRATEGY
from local_tenant.accounts.lifetimes import shown_device
from local_tenant.accounts.profiles import time_text
from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.tenant import Tenant
from local_tenant.transactions.login import Login


def post_login_event(tenant: Tenant, login: Login, *, enrolled: Sequence[str], logins_count: int) -> dict[str, Any]:
    """The event of a login.

    Its user is the transaction's snapshot, `enrolled` the types of their confirmed factors; `logins_count` includes
    the login itself (documented: it is counted before Actions run).
    """
    user = login.user
    return events.post_login_event(
        tenant=tenant.name,
        user=events.event_user(
            user_id=user.user_id,
            email=user.email,
            email_verified=user.email_verified,
            profile=user.profile,
            user_metadata=user.user_metadata,
            app_metadata=user.app_metadata,
            connection=user.connection,
            linked=user.linked,
            factors=enrolled,
            created_at=time_text(user.created_at),
            updated_at=time_text(user.updated_at),
            last_password_reset=None if user.last_password_reset is None else time_text(user.last_password_reset),
        ),
        logins_count=logins_count,
        request=event_request(login.facts),
        transaction=event_transaction(login.facts, login.protocol, login.scopes, login.browser),
        client=_client(login.client),
        connection=_connection(tenant),
        methods=login.methods,
        audience=login.audience,
        session=login.session.event if login.session else None,
        refresh_token=_refresh_token(login.exchanged) if login.exchanged else None,
    )


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
    """The event of a sign-up; `transaction` is that of a browser's login, None at /dbconnections/signup."""
    return events.pre_user_registration_event(
        tenant=tenant.name,
        email=email,
        profile=profile,
        user_metadata=user_metadata,
        request=event_request(facts),
        transaction=transaction,
        client=_client(client),
        connection=_connection(tenant),
    )


def event_transaction(
    facts: RequestFacts, protocol: str, scopes: tuple[str, ...], browser: dict[str, Any]
) -> dict[str, Any]:
    """`event.transaction`; `browser` are its further members in a browser's login."""
    return events.event_transaction(protocol, scopes=scopes, locale=facts.language or "en", browser=browser)


def event_request(facts: RequestFacts) -> dict[str, Any]:
    """`event.request`."""
    return events.event_request(
        ip=facts.ip,
        method=facts.method,
        body=facts.body,
        query=facts.query,
        hostname=facts.hostname,
        language=facts.language,
        user_agent=facts.user_agent,
    )


def _client(client: Client) -> dict[str, Any]:
    return events.event_client(client.client_id, client.name, client.metadata)


def _connection(tenant: Tenant) -> dict[str, Any]:
    return events.event_connection(tenant.connection_id, DATABASE_CONNECTION, STRATEGY)


def _refresh_token(token: RefreshToken) -> dict[str, Any]:
    optional = {
        "session_id": token.session_id,
        "last_exchanged_at": _optional_time(token.last_exchanged_at),
        "expires_at": _optional_time(token.expires_at),
        "idle_expires_at": _optional_time(token.idle_expires_at),
    }
    return {
        "id": token.id,
        "user_id": token.user_id,
        "client_id": token.client_id,
        "created_at": time_text(token.created_at),
        "rotating": token.rotating,
        "device": shown_device(token.device),
        "resource_servers": [{"audience": token.audience, "scopes": " ".join(token.scopes)}] if token.audience else [],
        "metadata": token.metadata,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _optional_time(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else time_text(nanoseconds)
