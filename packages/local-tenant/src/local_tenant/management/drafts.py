"""How a request's body becomes an Action's draft: defaults, checks across fields, and which secrets are new."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.payloads import (
    ActionChange,
    ChangedSecret,
    Dependency,
    ModuleReference,
    NewAction,
    SecretValue,
    SupportedTrigger,
)
from local_tenant.management.triggers import supported
from local_tenant.store import modules
from local_tenant.store.actions import Action, Content, Secret

DEFAULT_RUNTIME = "node22"


def new_draft(connection: sqlite3.Connection, action_id: str, payload: NewAction, now: int) -> Action:
    """The Action that a POST creates, not yet stored.

    Raises:
        ApiError: 400 for a trigger, a runtime or a module that does not exist.
    """
    runtime = DEFAULT_RUNTIME if payload.runtime is None else payload.runtime
    triggers = _triggers(payload.supported_triggers, runtime)
    content = Content(
        payload.code,
        runtime,
        _dependencies(payload.dependencies),
        secrets_of(payload.secrets, now),
        _modules(connection, payload.modules),
    )
    return Action(
        id=action_id,
        name=payload.name,
        supported_triggers=triggers,
        content=content,
        status="pending",
        draft=1,
        last_number=0,
        deployed_version_id=None,
        created_at=now,
        updated_at=now,
    )


def changed_draft(connection: sqlite3.Connection, action: Action, change: ActionChange, now: int) -> Action:
    """The Action after a PATCH: what is left out stays, and it is built again even if nothing changed (recorded).

    Raises:
        ApiError: 400 for a trigger, a runtime or a module that does not exist.
    """
    content = action.content
    triggers = action.supported_triggers
    runtime = content.runtime if change.runtime is None else change.runtime
    if change.runtime is not None or change.supported_triggers is not None:
        sent = change.supported_triggers or [SupportedTrigger.model_validate(trigger) for trigger in triggers]
        triggers = _triggers(sent, runtime)
    if change.code is not None:
        content = replace(content, code=change.code)
    if change.dependencies is not None:
        content = replace(content, dependencies=_dependencies(change.dependencies))
    if change.secrets is not None:
        content = replace(content, secrets=secrets_of(change.secrets, now, content.secrets))
    if change.modules is not None:
        content = replace(content, modules=_modules(connection, change.modules))
    return replace(
        action,
        name=change.name or action.name,
        supported_triggers=triggers,
        content=replace(content, runtime=runtime),
        status="pending",
        draft=action.draft + 1,
        updated_at=now,
    )


def secrets_of(
    secrets: Sequence[SecretValue | ChangedSecret], now: int, held: Sequence[Secret] = ()
) -> tuple[Secret, ...]:
    """The exact set that a `secrets` array stands for: each is new, and the order is not kept (recorded).

    One without a value takes that of the secret of its name in `held`.

    Raises:
        ApiError: 400 for a name that comes twice, or that has no value anywhere.
    """
    values = {secret.name: secret.value for secret in held}
    written: dict[str, Secret] = {}
    for place, secret in enumerate(secrets):
        if secret.name in written:
            raise invalid_body(f"'Duplicate secret name: {secret.name}' on property secrets.")
        value = values.get(secret.name) if secret.value is None else secret.value
        if value is None:
            raise invalid_body(f"'Missing required property: value' on property secrets[{place}].")
        written[secret.name] = Secret(secret.name, value, now)
    return tuple(written[name] for name in sorted(written))


def _triggers(triggers: Sequence[SupportedTrigger], runtime: str) -> tuple[dict[str, str], ...]:
    resolved = []
    for sent in triggers:
        trigger = supported(sent.id, sent.version)
        if trigger is None:
            version = "" if sent.version is None else f" version '{sent.version}'"
            raise ApiError(400, f"Trigger '{sent.id}'{version} is not supported", "invalid_body")
        if not trigger.accepts_runtime(runtime):
            raise ApiError(400, "runtime is not supported")
        resolved.append({"id": trigger.id, "version": sent.version or trigger.version})
    return tuple(resolved)


def _dependencies(dependencies: Sequence[Dependency]) -> tuple[dict[str, Any], ...]:
    return tuple(dependency.model_dump(exclude_none=True) for dependency in dependencies)


def _modules(connection: sqlite3.Connection, references: Sequence[ModuleReference]) -> tuple[dict[str, Any], ...]:
    resolved = []
    for reference in references:
        version = modules.get_version(connection, reference.module_id, reference.module_version_id)
        module = modules.get(connection, reference.module_id)
        if version is None or module is None:
            raise ApiError(400, f"Module version '{reference.module_version_id}' does not exist", "invalid_body")
        resolved.append(
            {
                "module_id": module.id,
                "module_name": module.name,
                "module_version_id": version.id,
                "module_version_number": version.version_number,
            }
        )
    return tuple(resolved)
