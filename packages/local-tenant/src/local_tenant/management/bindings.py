"""Triggers and their bindings: which Actions a flow runs, in which order."""

from __future__ import annotations

import sqlite3

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.identifiers import new_uuid
from local_tenant.management.action_json import binding_json
from local_tenant.management.actions import find_action
from local_tenant.management.errors import ApiError, action_not_found
from local_tenant.management.paging import page_of
from local_tenant.management.payloads import BindingReference, NewFlow
from local_tenant.management.triggers import BY_ID, TRIGGERS, Trigger, supported
from local_tenant.management.validation import read_payload
from local_tenant.store import actions, bindings
from local_tenant.store.actions import Action
from local_tenant.store.bindings import Binding
from local_tenant.tenant import tenant_of


async def triggers(_request: Request) -> Response:
    """GET /actions/triggers."""
    return Json({"triggers": [trigger.as_json() for trigger in TRIGGERS]})


async def read(request: Request) -> Response:
    """GET /actions/triggers/{id}/bindings, in the order in which they run; entity-bound triggers have none."""
    trigger = _find_trigger(request)
    page = page_of(request)
    flow = tenant_of(request).database.read(_flow, trigger.id)
    items = [binding_json(binding, action) for binding, action in page.slice(flow)]
    return Json(page.answer("bindings", items, len(flow)))


async def replace(request: Request) -> Response:
    """PATCH /actions/triggers/{id}/bindings: the list becomes the flow, every binding new, in its order (recorded)."""
    tenant = tenant_of(request)
    trigger = _find_trigger(request)
    payload = await read_payload(request, NewFlow)
    if payload.bindings and not trigger.bindable:
        raise ApiError(400, f"Trigger '{trigger.id}' does not support bindings")

    def work(connection: sqlite3.Connection) -> list[tuple[Binding, Action]]:
        flow = []
        for binding in payload.bindings:
            action = _referenced(connection, trigger, binding.ref)
            check_bindable(action, trigger)
            now = tenant.clock.now()
            flow.append(Binding(new_uuid(), trigger.id, action.id, binding.display_name or action.name, now, now))
        bindings.replace_flow(connection, trigger.id, flow)
        return _flow(connection, trigger.id)

    flow = await tenant.database.write(work)
    return Json({"bindings": [binding_json(binding, action) for binding, action in flow]})


def _flow(connection: sqlite3.Connection, trigger_id: str) -> list[tuple[Binding, Action]]:
    return [(binding, find_action(connection, binding.action_id)) for binding in bindings.flow(connection, trigger_id)]


def _find_trigger(request: Request) -> Trigger:
    trigger = BY_ID.get(request.path_params["id"])
    if trigger is None:
        raise ApiError(404, "That trigger does not exist.")
    return trigger


def _referenced(connection: sqlite3.Connection, trigger: Trigger, reference: BindingReference) -> Action:
    if reference.type == "action_id":
        return find_action(connection, reference.value)
    if reference.type == "binding_id":
        for binding in bindings.flow(connection, trigger.id):
            if binding.id == reference.value:
                return find_action(connection, binding.action_id)
        raise ApiError(404, "That binding does not exist.")
    named = actions.named(connection, reference.value)
    if not named:
        raise action_not_found()
    if len(named) > 1:
        raise ApiError(400, f"More than one action is named '{reference.value}'; refer to it by action_id.")
    return named[0]


def check_bindable(action: Action, trigger: Trigger) -> None:
    """Check that a flow of the trigger can run the Action.

    Raises:
        ApiError: 400 if it is made for another trigger, or has not been deployed.
    """
    if not any(supported(made_for["id"], made_for["version"]) is trigger for made_for in action.supported_triggers):
        raise ApiError(400, "Trying to create a binding between an incompatible action and trigger.")
    if action.deployed is None:
        raise ApiError(400, "Trying to create a binding for an action that has not been deployed yet.")
