"""Identities of a user: link another account to them, and unlink it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts import second_factors
from local_tenant.accounts.profiles import identities, secondary_identity
from local_tenant.http import Json
from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.user_payloads import AccountToLink
from local_tenant.management.users import find_user
from local_tenant.management.validation import read_payload
from local_tenant.store import refresh_tokens, sessions, users
from local_tenant.tenant import tenant_of


async def link(request: Request) -> Response:
    """POST /users/{id}/identities `{provider, user_id, connection_id?}`: 201 with the identities.

    The account is no longer a user of its own (documented): its email and password are the primary user's, its
    metadata and factors do not count, its refresh tokens end. Its sessions become the primary user's.
    """
    tenant = tenant_of(request)
    payload = await read_payload(request, AccountToLink)
    if payload.link_with is not None:
        raise ApiError(403, "The local tenant links accounts by provider and user_id only.", "not_built_locally")
    if payload.provider is None or payload.user_id is None:
        raise invalid_body("'Missing required property: provider and user_id'.")
    secondary_id = f"{payload.provider}|{payload.user_id.removeprefix(f'{payload.provider}|')}"

    def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        now = tenant.clock.now()
        primary = find_user(connection, request.path_params["id"])
        if secondary_id == primary.user_id:
            raise ApiError(400, "Main account and the account to link are the same.", "operation_not_supported")
        secondary = find_user(connection, secondary_id)
        if secondary.linked:
            raise ApiError(400, "The account to link has linked accounts itself.", "operation_not_supported")
        second_factors.reset(connection, secondary_id, now)
        refresh_tokens.revoke_of_user(connection, secondary_id)
        sessions.move(connection, secondary_id, primary.user_id)
        linked = replace(primary, linked=(*primary.linked, secondary_identity(secondary)), updated_at=now)
        users.update(connection, replace(secondary, linked_to=primary.user_id))
        users.update(connection, linked)
        return identities(linked)

    return Json(await tenant.database.write(work), status_code=201)


async def unlink(request: Request) -> Response:
    """DELETE /users/{id}/identities/{provider}/{user_id}: 200 with those left.

    The account is a user again, without metadata (documented).
    """
    tenant = tenant_of(request)
    provider, identifier = request.path_params["provider"], request.path_params["user_id"]

    def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        primary = find_user(connection, request.path_params["id"])
        account = users.linked_account(connection, f"{provider}|{identifier}")
        if account is None or account.linked_to != primary.user_id:
            raise ApiError(404, "The identity does not exist.", "inexistent_identity")
        now = tenant.clock.now()
        left = tuple(each for each in primary.linked if (each["provider"], each["user_id"]) != (provider, identifier))
        changed = replace(primary, linked=left, updated_at=now)
        users.update(connection, changed)
        users.update(connection, replace(account, linked_to=None, user_metadata={}, app_metadata={}, updated_at=now))
        return identities(changed)

    return Json(await tenant.database.write(work))
