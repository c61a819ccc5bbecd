"""A user as the Management API shows one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from action_runtime.events import multifactor_providers
from starlette.requests import Request

from local_tenant.accounts import second_factors
from local_tenant.accounts.profiles import identities, time_text
from local_tenant.management.validation import query_flag
from local_tenant.store.users import User


def user_json(connection: sqlite3.Connection, user: User) -> dict[str, Any]:
    """Everything known of the user but the password; what was never set is absent."""
    return users_json(connection, [user])[0]


def users_json(connection: sqlite3.Connection, users: Sequence[User]) -> list[dict[str, Any]]:
    """As `user_json`, with one query for the factors of all these users."""
    types = second_factors.enrolled_types_by_user(connection, [user.user_id for user in users])
    return [_user_json(user, types.get(user.user_id, [])) for user in users]


def _user_json(user: User, enrolled: list[str]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "created_at": time_text(user.created_at),
        "email": user.email,
        "email_verified": user.email_verified,
        "identities": identities(user),
        **user.profile,
        "updated_at": time_text(user.updated_at),
        "user_id": user.user_id,
    }
    optional: dict[str, Any] = {
        "user_metadata": user.user_metadata,
        "app_metadata": user.app_metadata,
        "blocked": user.blocked,
        "multifactor": multifactor_providers(enrolled),
        "last_ip": user.last_ip,
        "last_login": user.last_login and time_text(user.last_login),
        "last_password_reset": user.last_password_reset and time_text(user.last_password_reset),
        "logins_count": user.logins_count,
    }
    return content | {name: value for name, value in optional.items() if value}


class Fields:
    """`fields` and `include_fields` of a query string: which root attributes an answer has."""

    def __init__(self, request: Request) -> None:
        """Read them; without `fields` everything is shown.

        Raises:
            ApiError: 400 when `include_fields` is neither true nor false.
        """
        named = request.query_params.get("fields")
        self._names = {name.strip() for name in named.split(",") if name.strip()} if named else None
        self._include = query_flag(request, "include_fields") is not False

    def of(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with the requested attributes only."""
        names = self._names
        if names is None:
            return item
        return {name: value for name, value in item.items() if (name in names) == self._include}
