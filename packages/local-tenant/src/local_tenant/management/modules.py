"""Modules, their versions, and the Actions that use them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from action_runtime.timestamps import timestamp
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from local_tenant.http import Json
from local_tenant.identifiers import new_uuid
from local_tenant.management.drafts import secrets_of
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import page_of
from local_tenant.management.payloads import ChangedSecrets, Code, Dependencies, Name, Secrets
from local_tenant.management.validation import Payload, not_null, read_payload
from local_tenant.store import actions, modules
from local_tenant.store.actions import Secret
from local_tenant.store.modules import Module, ModuleVersion
from local_tenant.tenant import tenant_of

# Modules show microseconds where Actions show nanoseconds (recorded).
FRACTION_DIGITS = 6


class NewModule(Payload):
    """POST /actions/modules."""

    name: Name
    code: Code
    dependencies: Dependencies = Field(default_factory=list)
    secrets: Secrets = Field(default_factory=list)
    api_version: str | None = None
    publish: bool = False


class ModuleChange(Payload):
    """PATCH /actions/modules/{id}: the name cannot change."""

    code: Annotated[Code | None, not_null("string")] = None
    dependencies: Annotated[Dependencies | None, not_null("array")] = None
    secrets: Annotated[ChangedSecrets | None, not_null("array")] = None


class Restore(Payload):
    """POST /actions/modules/{id}/rollback."""

    module_version_id: str


async def create(request: Request) -> Response:
    """POST /actions/modules: 201."""
    tenant = tenant_of(request)
    payload = await read_payload(request, NewModule)

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        if modules.by_name(connection, payload.name) is not None:
            raise ApiError(409, f"A module with the name '{payload.name}' already exists.")
        now = tenant.clock.now()
        module = Module(
            id=new_uuid(),
            name=payload.name,
            code=payload.code,
            dependencies=tuple(d.model_dump(exclude_none=True) for d in payload.dependencies),
            secrets=secrets_of(payload.secrets, now),
            last_number=0,
            created_at=now,
            updated_at=now,
        )
        modules.add(connection, module)
        if payload.publish:
            module, _ = _publish(connection, module, now)
        return _module_json(connection, module)

    return Json(await tenant.database.write(work), status_code=201)


async def listing(request: Request) -> Response:
    """GET /actions/modules; `total` and `page` always (recorded)."""
    page = page_of(request)

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        every = modules.every(connection)
        items = [_module_json(connection, module) for module in page.slice(every)]
        return page.full_answer("modules", items, len(every))

    return Json(tenant_of(request).database.read(work))


async def read(request: Request) -> Response:
    """GET /actions/modules/{id}."""
    return Json(tenant_of(request).database.read(lambda c: _module_json(c, _find(c, request))))


async def change(request: Request) -> Response:
    """PATCH /actions/modules/{id}: what is left out stays."""
    tenant = tenant_of(request)
    payload = await read_payload(request, ModuleChange)

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        module = _find(connection, request)
        now = tenant.clock.now()
        if payload.code is not None:
            module = replace(module, code=payload.code)
        if payload.dependencies is not None:
            dependencies = tuple(d.model_dump(exclude_none=True) for d in payload.dependencies)
            module = replace(module, dependencies=dependencies)
        if payload.secrets is not None:
            module = replace(module, secrets=secrets_of(payload.secrets, now, module.secrets))
        module = replace(module, updated_at=now)
        modules.update(connection, module)
        return _module_json(connection, module)

    return Json(await tenant.database.write(work))


async def delete(request: Request) -> Response:
    """DELETE /actions/modules/{id}: 204; 412 while an Action uses it, in its draft or deployed (documented)."""

    def work(connection: sqlite3.Connection) -> None:
        module = _find(connection, request)
        if _is_used(connection, module):
            raise ApiError(412, "Unable to delete a module that is used by an action.")
        modules.delete(connection, module.id)

    await tenant_of(request).database.write(work)
    return Response(status_code=204)


async def publish(request: Request) -> Response:
    """POST /actions/modules/{id}/versions: 200 with a version of what is being edited (recorded: not 201)."""
    tenant = tenant_of(request)

    def work(connection: sqlite3.Connection) -> ModuleVersion:
        return _publish(connection, _find(connection, request), tenant.clock.now())[1]

    return Json(_version_json(await tenant.database.write(work)))


async def rollback(request: Request) -> Response:
    """POST /actions/modules/{id}/rollback: what is being edited becomes what that version holds (documented)."""
    tenant = tenant_of(request)
    payload = await read_payload(request, Restore)

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        module = _find(connection, request)
        version = _find_version(connection, module, payload.module_version_id)
        module = replace(
            module,
            code=version.code,
            dependencies=version.dependencies,
            secrets=version.secrets,
            updated_at=tenant.clock.now(),
        )
        modules.update(connection, module)
        return _module_json(connection, module)

    return Json(await tenant.database.write(work))


async def versions(request: Request) -> Response:
    """GET /actions/modules/{id}/versions: newest first; `total` and `page` always (recorded)."""
    page = page_of(request)
    rows = tenant_of(request).database.read(lambda c: modules.versions(c, _find(c, request).id))
    return Json(page.full_answer("versions", [_version_json(v) for v in page.slice(rows)], len(rows)))


async def version(request: Request) -> Response:
    """GET /actions/modules/{id}/versions/{version_id}."""
    version_id = request.path_params["version_id"]
    stored = tenant_of(request).database.read(lambda c: _find_version(c, _find(c, request), version_id))
    return Json(_version_json(stored))


async def used_by(request: Request) -> Response:
    """GET /actions/modules/{id}/actions: Actions whose deployed version uses it (documented)."""
    page = page_of(request)
    users = tenant_of(request).database.read(lambda c: _users(c, _find(c, request)))
    return Json(page.answer("actions", page.slice(users), len(users)))


def _find(connection: sqlite3.Connection, request: Request) -> Module:
    module = modules.get(connection, request.path_params["id"])
    if module is None:
        raise ApiError(404, "That module does not exist.")
    return module


def _find_version(connection: sqlite3.Connection, module: Module, version_id: str) -> ModuleVersion:
    stored = modules.get_version(connection, module.id, version_id)
    if stored is None:
        raise ApiError(404, "That module version does not exist.")
    return stored


def _publish(connection: sqlite3.Connection, module: Module, now: int) -> tuple[Module, ModuleVersion]:
    number = module.last_number + 1
    latest = ModuleVersion(new_uuid(), module.id, number, module.code, module.dependencies, module.secrets, now)
    modules.add_version(connection, latest)
    module = replace(module, last_number=number)
    modules.update(connection, module)
    return module, latest


def _users(connection: sqlite3.Connection, module: Module) -> list[dict[str, Any]]:
    return [
        {
            "action_id": action.id,
            "action_name": action.name,
            "module_version_id": used["module_version_id"],
            "module_version_number": used["module_version_number"],
        }
        for action in actions.every(connection)
        if action.deployed is not None
        for used in action.deployed.content.modules
        if used["module_id"] == module.id
    ]


def _is_used(connection: sqlite3.Connection, module: Module) -> bool:
    return any(
        used["module_id"] == module.id
        for action in actions.every(connection)
        for content in (action.content, action.deployed.content if action.deployed else action.content)
        for used in content.modules
    )


def _compared(item: Module | ModuleVersion) -> tuple[object, ...]:
    # As with Actions: contents decide, not when a secret was last written.
    dependencies = sorted(json.dumps(dependency, sort_keys=True) for dependency in item.dependencies)
    return item.code, dependencies, [(secret.name, secret.value) for secret in item.secrets]


def _module_json(connection: sqlite3.Connection, module: Module) -> dict[str, Any]:
    published = modules.versions(connection, module.id)
    latest = published[0] if published else None
    content: dict[str, Any] = {
        "id": module.id,
        "name": module.name,
        "code": module.code,
        "dependencies": list(module.dependencies),
        "secrets": _secrets(module.secrets),
        "all_changes_published": latest is not None and _compared(latest) == _compared(module),
        "actions_using_module_total": len({user["action_id"] for user in _users(connection, module)}),
        "created_at": timestamp(module.created_at, FRACTION_DIGITS),
        "updated_at": timestamp(module.updated_at, FRACTION_DIGITS),
    }
    if latest is not None:
        version = _version_json(latest)
        keys = ("id", "version_number", "code", "dependencies", "secrets")
        content["latest_version"] = {key: version[key] for key in keys}
    return content


def _version_json(version: ModuleVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "module_id": version.module_id,
        "version_number": version.version_number,
        "code": version.code,
        "dependencies": list(version.dependencies),
        "secrets": _secrets(version.secrets),
        "created_at": timestamp(version.created_at, FRACTION_DIGITS),
    }


def _secrets(secrets: Sequence[Secret]) -> list[dict[str, str]]:
    return [{"name": s.name, "updated_at": timestamp(s.updated_at, FRACTION_DIGITS)} for s in secrets]
