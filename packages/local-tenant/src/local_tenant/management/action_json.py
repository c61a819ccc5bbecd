"""Actions, versions and bindings as the API shows them: exactly the keys of recorded answers, no secret's value."""

from __future__ import annotations

from typing import Any

from action_runtime.timestamps import timestamp

from local_tenant.store.actions import Action, Content, Version
from local_tenant.store.bindings import Binding


def action_json(action: Action) -> dict[str, Any]:
    """An Action. `modules` only if used; `current_version` and `deployed_version` only after the first deployment."""
    content = {
        "id": action.id,
        "name": action.name,
        "supported_triggers": list(action.supported_triggers),
        "created_at": timestamp(action.created_at),
        "updated_at": timestamp(action.updated_at),
        "code": action.content.code,
        "dependencies": list(action.content.dependencies),
        "runtime": action.content.runtime,
        "status": action.status,
        "secrets": _secrets(action.content),
        **_modules(action.content),
        "all_changes_deployed": action.all_changes_deployed,
    }
    if action.deployed is not None:
        content["current_version"] = _current_version(action.deployed)
        content["deployed_version"] = version_json(action.deployed, deployed=True)
    return content


def version_json(version: Version, *, deployed: bool) -> dict[str, Any]:
    """A version. `built_at` is left out until it is built."""
    content = {
        "id": version.id,
        "number": version.number,
        "code": version.content.code,
        "dependencies": list(version.content.dependencies),
        "runtime": version.content.runtime,
        "secrets": _secrets(version.content),
        **_modules(version.content),
        "supported_triggers": list(version.supported_triggers),
        "status": version.status,
        "deployed": deployed,
        "created_at": timestamp(version.created_at),
        "updated_at": timestamp(version.updated_at),
    }
    if version.built_at is not None:
        content["built_at"] = timestamp(version.built_at)
    return content


def version_with_action_json(version: Version, action: Action, *, deployed: bool | None = None) -> dict[str, Any]:
    """A version as the versions endpoints show it, with the Action it belongs to."""
    is_deployed = action.deployed is not None and action.deployed.id == version.id
    return {
        **version_json(version, deployed=is_deployed if deployed is None else deployed),
        "action": _action_reference(action),
    }


def deployment_json(version: Version, action: Action) -> dict[str, Any]:
    """The answer to a deployment: not yet deployed and without `built_at`; only the next GET shows both (recorded)."""
    content = version_with_action_json(version, action, deployed=False)
    del content["built_at"]
    return content


def binding_json(binding: Binding, action: Action) -> dict[str, Any]:
    """A binding. Its Action has no code and no status, and `all_changes_deployed` is always false (recorded)."""
    bound = _action_reference(action)
    if action.deployed is not None:
        bound["current_version"] = _current_version(action.deployed)
        bound["deployed_version"] = version_json(action.deployed, deployed=True)
    return {
        "id": binding.id,
        "trigger_id": binding.trigger_id,
        "display_name": binding.display_name,
        "created_at": timestamp(binding.created_at),
        "updated_at": timestamp(binding.updated_at),
        "action": bound,
    }


def _action_reference(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "name": action.name,
        "supported_triggers": list(action.supported_triggers),
        "created_at": timestamp(action.created_at),
        "updated_at": timestamp(action.updated_at),
        "all_changes_deployed": False,
    }


def _current_version(version: Version) -> dict[str, Any]:
    content = {
        "id": version.id,
        "code": version.content.code,
        "runtime": version.content.runtime,
        "status": version.status.upper(),
        "number": version.number,
        "created_at": timestamp(version.created_at),
        "updated_at": timestamp(version.updated_at),
    }
    if version.built_at is not None:
        content["build_time"] = timestamp(version.built_at)
    return content


def _secrets(content: Content) -> list[dict[str, str]]:
    return [{"name": secret.name, "updated_at": timestamp(secret.updated_at)} for secret in content.secrets]


def _modules(content: Content) -> dict[str, Any]:
    return {"modules": list(content.modules)} if content.modules else {}
