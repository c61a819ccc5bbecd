"""Actions: create, list, read, change, delete, deploy."""

from __future__ import annotations

import sqlite3

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.identifiers import new_uuid
from local_tenant.management.action_json import action_json, deployment_json
from local_tenant.management.drafts import changed_draft, new_draft
from local_tenant.management.errors import ApiError, action_not_found
from local_tenant.management.paging import page_of
from local_tenant.management.payloads import MOST_ACTIONS, ActionChange, NewAction
from local_tenant.management.validation import query_flag, read_payload
from local_tenant.store import actions, bindings
from local_tenant.store.actions import Action, Version
from local_tenant.tenant import tenant_of


def find_action(connection: sqlite3.Connection, action_id: str) -> Action:
    """The Action of that id.

    Raises:
        ApiError: 404 (recorded).
    """
    action = actions.get(connection, action_id)
    if action is None:
        raise action_not_found()
    return action


async def create(request: Request) -> Response:
    """POST /actions/actions: 201 with the Action, whose build has only begun.

    With `deploy: true` a version is made at once, pending like the draft (recorded).
    """
    tenant = tenant_of(request)
    payload = await read_payload(request, NewAction)

    def work(connection: sqlite3.Connection) -> Action:
        if actions.count(connection) >= MOST_ACTIONS:
            raise ApiError(403, f"You reached the limit of {MOST_ACTIONS} actions for this tenant", "too_many_entities")
        now = tenant.clock.now()
        action = new_draft(connection, new_uuid(), payload, now)
        actions.add(connection, action)
        if payload.deploy:
            version = make_version(action, status="pending", now=now)
            actions.add_version(connection, version)
            action = actions.with_version(action, version)
            actions.update(connection, action)
        return action

    action = await tenant.database.write(work)
    tenant.builder.submit(action.id, action.draft, action.content, action.name)
    return Json(action_json(action), status_code=201)


async def listing(request: Request) -> Response:
    """GET /actions/actions: oldest first, filtered by `triggerId`, `actionName`, `deployed` and `installed`."""
    tenant = tenant_of(request)
    page = page_of(request)
    trigger_id = request.query_params.get("triggerId")
    name = request.query_params.get("actionName")
    deployed = query_flag(request, "deployed")
    installed = query_flag(request, "installed")

    def matches(action: Action) -> bool:
        return (
            # An installed Action comes from the marketplace, where nothing is installed from here.
            not installed
            and (trigger_id is None or any(t["id"] == trigger_id for t in action.supported_triggers))
            and (name is None or action.name == name)
            and (deployed is None or (action.deployed is not None) == deployed)
        )

    matching = [action for action in tenant.database.read(actions.every) if matches(action)]
    items = [action_json(action) for action in page.slice(matching)]
    return Json(page.answer("actions", items, len(matching)))


async def read(request: Request) -> Response:
    """GET /actions/actions/{id}."""
    action_id = request.path_params["id"]
    action = tenant_of(request).database.read(find_action, action_id)
    return Json(action_json(action))


async def change(request: Request) -> Response:
    """PATCH /actions/actions/{id}: 200 with the Action, built anew; no version is made."""
    tenant = tenant_of(request)
    payload = await read_payload(request, ActionChange)

    def work(connection: sqlite3.Connection) -> Action:
        action = find_action(connection, request.path_params["id"])
        action = changed_draft(connection, action, payload, tenant.clock.now())
        actions.update(connection, action)
        return action

    action = await tenant.database.write(work)
    tenant.builder.submit(action.id, action.draft, action.content, action.name)
    return Json(action_json(action))


async def delete(request: Request) -> Response:
    """DELETE /actions/actions/{id}: 204; a bound Action only with `force=true`, which takes it out of its flows."""
    force = query_flag(request, "force")

    def work(connection: sqlite3.Connection) -> None:
        action = find_action(connection, request.path_params["id"])
        if bindings.triggers_of(connection, action.id):
            if not force:
                raise ApiError(409, "Unable to delete an action bound to a trigger.")
            bindings.detach(connection, action.id)
        actions.delete(connection, action.id)

    await tenant_of(request).database.write(work)
    return Response(status_code=204)


async def deploy(request: Request) -> Response:
    """POST /actions/actions/{id}/deploy: a new version of the draft, which runs from now on.

    The number counts up even if the content is the same, and the draft's `updated_at` stays (recorded).
    """
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> tuple[Version, Action]:
        action = find_action(connection, request.path_params["id"])
        if action.status != "built":
            raise ApiError(400, "A draft must be in the 'built' state before it can be deployed.")
        version = make_version(action, status="built", now=tenant.clock.now())
        actions.add_version(connection, version)
        action = actions.with_version(action, version)
        actions.update(connection, action)
        return version, action

    version, action = await tenant.database.write(work)
    return Json(deployment_json(version, action))


def make_version(action: Action, *, status: str, now: int) -> Version:
    """The next version of an Action, with the contents of its draft; not yet stored."""
    return Version(
        id=new_uuid(),
        action_id=action.id,
        number=action.last_number + 1,
        supported_triggers=action.supported_triggers,
        content=action.content,
        status=status,
        draft=action.draft,
        built_at=now if status == "built" else None,
        created_at=now,
        updated_at=now,
    )
