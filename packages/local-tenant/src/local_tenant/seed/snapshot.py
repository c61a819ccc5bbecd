"""Writes what a tenant holds as a seed file: users, APIs, applications, Actions and flows."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from local_tenant.accounts.factors import OTP
from local_tenant.accounts.profiles import default_profile, time_text
from local_tenant.errors import LocalTenantError
from local_tenant.management.clients import long_grant_type, new_client
from local_tenant.own_clients import DEFAULT_API, own_template
from local_tenant.seed.loading import MANAGEMENT
from local_tenant.store import actions, authenticators, bindings, client_grants, clients, resource_servers, users
from local_tenant.store.actions import Action
from local_tenant.store.clients import Client
from local_tenant.store.users import User

FLOWS = ("post-login", "pre-user-registration")

Json = dict[str, Any]

_ODD_BREAKS = frozenset("\x85\u2028\u2029")


@dataclass(slots=True)
class Snapshot:
    """A tenant's content.

    Attributes:
        document: a seed file's content.
        left_out: what a seed file cannot hold, one sentence each.
    """

    document: Json
    left_out: list[str] = field(default_factory=list)

    def yaml(self) -> str:
        """The file as YAML; code of several lines as a block."""
        text: str = yaml.dump(self.document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
        return text

    def json(self) -> str:
        """The file as JSON."""
        return json.dumps(self.document, indent=2) + "\n"


def take(connection: sqlite3.Connection, *, secrets: bool) -> Snapshot:
    """The tenant's content; hashes of passwords always, values of secrets only if asked for.

    Raises:
        LocalTenantError: Actions of one name, which flows could not tell apart.
    """
    snapshot = Snapshot({"version": 1})
    content = {
        "users": [_user(connection, user, snapshot, secrets=secrets) for user in users.every(connection)],
        "apis": [
            {"identifier": server.identifier, "name": server.name, **_differences(server.settings, DEFAULT_API)}
            for server in resource_servers.every(connection)
            if not server.from_start
        ],
        "applications": [
            application
            for client in clients.every(connection)
            if (application := _application(connection, client, secrets=secrets)) is not None
        ],
        "actions": _actions(connection, snapshot, secrets=secrets),
        "flows": _flows(connection),
    }
    snapshot.document |= {name: value for name, value in content.items() if value}
    return snapshot


def _user(connection: sqlite3.Connection, user: User, snapshot: Snapshot, *, secrets: bool) -> Json:
    enrolled = authenticators.confirmed_of_user(connection, user.user_id)
    code = authenticators.recovery_code(connection, user.user_id)
    apps = [authenticator.secret for authenticator in enrolled if authenticator.type == OTP.type]
    if len(apps) < len(enrolled):
        snapshot.left_out.append(f"factors of {user.email} other than authenticator apps")
    if apps and not secrets:
        snapshot.left_out.append(f"authenticator apps of {user.email} (--secrets writes them)")
    if user.linked:
        snapshot.left_out.append(f"accounts linked to {user.email}")
    profile = _differences(user.profile, default_profile(user.email))
    content: Json = {
        "email": user.email,
        "password_hash": user.password_hash,
        "user_id": user.user_id,
        "email_verified": user.email_verified,
        "blocked": user.blocked,
        **profile,
        "user_metadata": user.user_metadata,
        "app_metadata": user.app_metadata,
        "logins_count": user.logins_count,
        "last_login": None if user.last_login is None else time_text(user.last_login),
        "last_ip": user.last_ip,
        "created_at": time_text(user.created_at),
        "authenticator_apps": apps if secrets else [],
        "recovery_code_hash": code.hash.hex() if code is not None and apps and secrets else None,
    }
    return {name: value for name, value in content.items() if value or name == "password_hash"}


def _application(connection: sqlite3.Connection, client: Client, *, secrets: bool) -> Json | None:
    if client.own == "management":
        return None
    grants = [
        {
            "audience": MANAGEMENT if grant.audience == client_grants.MANAGEMENT else grant.audience,
            "scope": list(grant.scopes),
        }
        for grant in client_grants.every(connection)
        if grant.client_id == client.client_id
    ]
    written = {"name": client.name, "token_endpoint_auth_method": client.settings.get("token_endpoint_auth_method")}
    blank = own_template(client.own) if client.own else new_client({k: v for k, v in written.items() if v is not None})
    content: Json = {"name": client.name, **({"own": client.own} if client.own else {"client_id": client.client_id})}
    if not client.own and secrets and not client.is_public:
        content["client_secret"] = client.client_secret
    if client.grant_types != blank.grant_types:
        content["grant_types"] = [long_grant_type(grant_type) for grant_type in client.grant_types]
    if client.trusts_forwarded_ip != blank.trusts_forwarded_ip:
        content["is_token_endpoint_ip_header_trusted"] = client.trusts_forwarded_ip
    settings = {name: value for name, value in client.settings.items() if name != "client_metadata"}
    changed = _differences(settings, blank.settings)
    # It decides further defaults.
    method = client.settings.get("token_endpoint_auth_method")
    content |= changed | ({} if client.own or method is None else {"token_endpoint_auth_method": method})
    if client.metadata:
        content["client_metadata"] = client.metadata
    if grants:
        content["client_grants"] = grants
    if client.own and content == {"name": blank.name, "own": client.own}:
        return None
    return content


def _actions(connection: sqlite3.Connection, snapshot: Snapshot, *, secrets: bool) -> list[Json]:
    every = actions.every(connection)
    names = [action.name for action in every]
    for name in names:
        if names.count(name) > 1:
            raise LocalTenantError(
                f"{names.count(name)} Actions are called '{name}': a seed file cannot tell them apart",
                fix="rename one of them",
            )
    return [_action(action, snapshot, secrets=secrets) for action in every]


def _action(action: Action, snapshot: Snapshot, *, secrets: bool) -> Json:
    version = action.deployed
    source = action.content if version is None else version.content
    if version is not None and not action.all_changes_deployed:
        snapshot.left_out.append(f"the draft of {action.name}, which differs from the deployed version")
    if source.modules:
        snapshot.left_out.append(f"the modules of {action.name}")
    if source.secrets and not secrets:
        names = ", ".join(secret.name for secret in source.secrets)
        snapshot.left_out.append(f"values of the secrets of {action.name}: {names} (--secrets writes them)")
    trigger = (action.supported_triggers if version is None else version.supported_triggers)[0]
    content: Json = {
        "name": action.name,
        "trigger": trigger["id"],
        "trigger_version": trigger["version"],
        "runtime": source.runtime,
        "dependencies": list(source.dependencies),
        # Without a value the file does not load: a secret that is silently empty would change logins.
        "secrets": [{"name": secret.name, **({"value": secret.value} if secrets else {})} for secret in source.secrets],
        "deployed": version is not None,
        "code": source.code,
    }
    return {name: value for name, value in content.items() if value not in ([], True)}


def _flows(connection: sqlite3.Connection) -> dict[str, list[str]]:
    flows = {}
    for trigger_id in FLOWS:
        bound = [actions.get(connection, binding.action_id) for binding in bindings.flow(connection, trigger_id)]
        if bound:
            flows[trigger_id] = [action.name for action in bound if action is not None]
    return flows


def _differences(settings: Json, defaults: Json) -> Json:
    return {name: value for name, value in settings.items() if defaults.get(name) != value}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # untyped
    """Code of several lines as a block; no aliases."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:  # noqa: ANN401 - PyYAML is untyped
    # A reader takes these for line breaks of its own, unless they are escaped.
    style = '"' if set(text) & _ODD_BREAKS else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
