"""Versions of an Action: list, read, and deploy an old one again."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.identifiers import new_uuid
from local_tenant.management.action_json import deployment_json, version_with_action_json
from local_tenant.management.actions import find_action
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import page_of
from local_tenant.management.payloads import Rollback
from local_tenant.management.validation import read_payload
from local_tenant.store import actions
from local_tenant.store.actions import Action, Version
from local_tenant.tenant import tenant_of


async def listing(request: Request) -> Response:
    """GET /actions/actions/{id}/versions: newest first."""
    page = page_of(request)

    def work(connection: sqlite3.Connection) -> tuple[Action, list[Version]]:
        action = find_action(connection, request.path_params["id"])
        return action, actions.versions(connection, action.id)

    action, versions = tenant_of(request).database.read(work)
    items = [version_with_action_json(version, action) for version in page.slice(versions)]
    return Json(page.answer("versions", items, len(versions)))


async def read(request: Request) -> Response:
    """GET /actions/actions/{id}/versions/{version_id}."""
    action, version = tenant_of(request).database.read(_find, request)
    return Json(version_with_action_json(version, action))


async def deploy(request: Request) -> Response:
    """POST /actions/actions/{id}/versions/{version_id}/deploy: a rollback.

    The old contents become a version of their own, with a new id and the next number (recorded). The draft stays as it
    is, unless `update_draft` is true (documented): that is how other code can run than the draft shows.
    """
    tenant = tenant_of(request)
    payload = await read_payload(request, Rollback)

    def work(connection: sqlite3.Connection) -> tuple[Version, Action]:
        action, old = _find(connection, request)
        if old.status != "built":
            raise ApiError(400, "A version must be in the 'built' state before it can be deployed.")
        now = tenant.clock.now()
        version = replace(
            old, id=new_uuid(), number=action.last_number + 1, built_at=now, created_at=now, updated_at=now
        )
        actions.add_version(connection, version)
        action = actions.with_version(action, version)
        if payload.update_draft:
            action = replace(action, content=old.content, draft=action.draft + 1, status="built", updated_at=now)
        actions.update(connection, action)
        return version, action

    version, action = await tenant.database.write(work)
    return Json(deployment_json(version, action))


def _find(connection: sqlite3.Connection, request: Request) -> tuple[Action, Version]:
    action = find_action(connection, request.path_params["id"])
    version = actions.get_version(connection, action.id, request.path_params["version_id"])
    if version is None:
        raise ApiError(404, "That action version does not exist.")
    return action, version
