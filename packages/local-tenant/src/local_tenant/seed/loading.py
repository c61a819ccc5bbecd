"""Writes the content of a seed file into a tenant, all of it in one transaction or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from action_runtime.timestamps import NANOSECONDS

from local_tenant import own_clients
from local_tenant.accounts import passwords, profiles
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.factors import OTP, RECOVERY_CODE
from local_tenant.emails import is_email, normalised
from local_tenant.errors import LocalTenantError
from local_tenant.identifiers import new_user_id, new_uuid
from local_tenant.management.actions import make_version
from local_tenant.management.bindings import check_bindable
from local_tenant.management.clients import changed_client, check_properties, new_client
from local_tenant.management.drafts import new_draft
from local_tenant.management.errors import ApiError
from local_tenant.management.payloads import NewAction
from local_tenant.management.resource_servers import changed_server
from local_tenant.management.triggers import BY_ID
from local_tenant.options import TenantOptions
from local_tenant.own_clients import DEFAULT_API, new_api_id, new_grant_id
from local_tenant.seed.document import SeedApplication, SeedUser
from local_tenant.seed.reading import Place, SeedFile
from local_tenant.store import (
    actions,
    authenticators,
    bindings,
    client_grants,
    clients,
    resource_servers,
    settings,
    users,
)
from local_tenant.store.authenticators import Authenticator, RecoveryCode
from local_tenant.store.bindings import Binding
from local_tenant.store.client_grants import ClientGrant
from local_tenant.store.clients import Client
from local_tenant.store.resource_servers import ResourceServer
from local_tenant.store.users import User

MANAGEMENT = "management"

# Seconds since 1970: the end of 2199, as of the tenant's clock.
_LATEST = 7_258_118_400


def load(connection: sqlite3.Connection, seed: SeedFile, now: int) -> None:
    """Add everything of the file to the tenant, which has its own clients and nothing else.

    Raises:
        LocalTenantError: something does not fit; the caller's transaction is to be rolled back.
    """
    for number, user in enumerate(seed.document.users):
        _add_user(connection, seed, ("users", number), user, now)
    for number, api in enumerate(seed.document.apis):
        place: Place = ("apis", number)
        if resource_servers.get(connection, api.identifier) is not None:
            raise seed.mistake((*place, "identifier"), "another API has it")
        try:
            blank = ResourceServer(new_api_id(), api.identifier, api.identifier, DEFAULT_API)
            resource_servers.add(connection, changed_server(blank, api.model_dump(exclude_unset=True)))
        except ApiError as error:
            raise seed.mistake(place, error.message) from error
    for number, application in enumerate(seed.document.applications):
        _add_application(connection, seed, ("applications", number), application)
    _add_actions(connection, seed, now)
    _bind(connection, seed, now)


def _add_user(connection: sqlite3.Connection, seed: SeedFile, place: Place, user: SeedUser, now: int) -> None:
    if not is_email(user.email):
        raise seed.mistake((*place, "email"), f"'{user.email}' is not an email address")
    if user.password is not None and passwords.weakness(user.password) is not None:
        raise seed.mistake((*place, "password"), "the password is too weak for the tenant's policy")
    email = normalised(user.email)
    own = {name: getattr(user, name) for name in ("given_name", "family_name", "name", "nickname", "picture")}
    profile = profiles.default_profile(email) | {name: value for name, value in own.items() if value is not None}
    created_at = _time(seed, (*place, "created_at"), user.created_at) or now
    row = User(
        user_id=user.user_id or new_user_id(),
        connection=DATABASE_CONNECTION,
        email=email,
        email_verified=user.email_verified,
        password_hash=user.password_hash or passwords.hash_now(user.password or ""),
        profile=profile,
        created_at=created_at,
        updated_at=created_at,
        user_metadata=user.user_metadata,
        app_metadata=user.app_metadata,
        blocked=user.blocked,
        logins_count=user.logins_count,
        last_login=_time(seed, (*place, "last_login"), user.last_login),
        last_ip=user.last_ip,
    )
    if users.get(connection, row.user_id) is not None:
        raise seed.mistake((*place, "user_id"), "another user has it")
    if not users.add(connection, row):
        raise seed.mistake((*place, "email"), "another user has it")
    for secret in user.authenticator_apps:
        authenticator = Authenticator(OTP.new_id(), OTP.type, row.user_id, secret, created_at, confirmed_at=created_at)
        authenticators.add(connection, authenticator)
    if user.recovery_code_hash is not None:
        code_hash = bytes.fromhex(user.recovery_code_hash)
        code = RecoveryCode(RECOVERY_CODE.new_id(), row.user_id, code_hash, created_at)
        authenticators.put_recovery_code(connection, code)


def _time(seed: SeedFile, place: Place, text: str | None) -> int | None:
    """Nanoseconds since 1970."""
    if text is None:
        return None
    whole, _, fraction = text.removesuffix("Z").partition(".")
    try:
        seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    except ValueError:
        seconds = -1
    if not 0 <= seconds < _LATEST:
        raise seed.mistake(place, f"'{text}' is not a time from 1970 to 2199")
    return seconds * NANOSECONDS + int(fraction.ljust(9, "0"))


def _add_application(
    connection: sqlite3.Connection, seed: SeedFile, place: Place, application: SeedApplication
) -> None:
    content = application.model_dump(exclude_unset=True, exclude={"own", "client_id", "client_grants"})
    try:
        if application.own is None:
            client = new_client(content)
            client = replace(client, client_id=application.client_id or client.client_id)
            if clients.get(connection, client.client_id) is not None:
                raise seed.mistake((*place, "client_id"), "another application has it")
            clients.add(connection, client)
        else:
            own = clients.own(connection, application.own)
            if own is None:
                raise AssertionError("a tenant without its own clients")
            check_properties(content)
            client = changed_client(own, content)
            clients.update(connection, client)
    except ApiError as error:
        raise seed.mistake(place, error.message) from error
    _grant(connection, seed, place, application, client)


def _grant(
    connection: sqlite3.Connection, seed: SeedFile, place: Place, application: SeedApplication, client: Client
) -> None:
    for number, grant in enumerate(application.client_grants):
        here: Place = (*place, "client_grants", number, "audience")
        name = client_grants.MANAGEMENT if grant.audience == MANAGEMENT else grant.audience
        server = resource_servers.get(connection, name)
        if name != client_grants.MANAGEMENT and (server is None or server.identifier != name):
            raise seed.mistake(here, "the file has no such API")
        unknown = [] if server is None else sorted(set(grant.scope) - server.scopes)
        if unknown and server is not None and not server.from_start:
            raise seed.mistake((*here[:-1], "scope"), f"the API has no {', '.join(unknown)}")
        if client_grants.find(connection, client.client_id, name) is not None:
            raise seed.mistake(here, "the application has a grant for it")
        row = ClientGrant(new_grant_id(), client.client_id, name, "client", tuple(dict.fromkeys(grant.scope)))
        client_grants.add(connection, row)


def _add_actions(connection: sqlite3.Connection, seed: SeedFile, now: int) -> None:
    for number, action in enumerate(seed.document.actions):
        place: Place = ("actions", number)
        if actions.named(connection, action.name):
            raise seed.mistake((*place, "name"), "another Action has it: flows name Actions")
        code = action.code
        if code is None:
            file = seed.path.parent / (action.code_file or "")
            try:
                code = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise seed.mistake((*place, "code_file"), f"{file} cannot be read") from error
        trigger = {"id": action.trigger}
        if action.trigger_version is not None:
            trigger["version"] = action.trigger_version
        content = action.model_dump(include={"name", "dependencies", "secrets", "runtime"}, exclude_none=True)
        try:
            payload = NewAction.model_validate({**content, "supported_triggers": [trigger], "code": code})
            draft = replace(new_draft(connection, new_uuid(), payload, now), status="built")
        except (ApiError, ValueError) as error:
            raise seed.mistake(place, getattr(error, "message", str(error))) from error
        actions.add(connection, draft)
        if action.deployed:
            version = make_version(draft, status="built", now=now)
            actions.add_version(connection, version)
            actions.update(connection, actions.with_version(draft, version))


def _bind(connection: sqlite3.Connection, seed: SeedFile, now: int) -> None:
    for trigger_id, names in seed.document.flows.items():
        trigger = BY_ID.get(trigger_id)
        if trigger is None or not trigger.bindable:
            raise seed.mistake(("flows", trigger_id), "there is no flow of that trigger")
        flow = []
        for number, name in enumerate(names):
            place: Place = ("flows", trigger_id, number)
            named = actions.named(connection, name)
            if not named:
                raise seed.mistake(place, f"the file has no Action '{name}'")
            try:
                check_bindable(named[0], trigger)
            except ApiError as error:
                raise seed.mistake(place, error.message) from error
            flow.append(Binding(new_uuid(), trigger_id, named[0].id, name, now, now))
        bindings.replace_flow(connection, trigger_id, flow)


def load_at_start(connection: sqlite3.Connection, seed: SeedFile, options: TenantOptions, now: int) -> None:
    """Load the file into a tenant that starts; one that began with this very file keeps what it holds by now.

    Raises:
        LocalTenantError: as `load`, or the tenant holds something already.
    """
    if settings.get(connection, settings.SEED) == seed.digest:
        return
    own_clients.ensure(connection, options)
    held = [
        f"{count} {what}"
        for what, count in (
            ("users", users.count(connection)),
            ("Actions", actions.count(connection)),
            ("applications", sum(client.own is None for client in clients.every(connection))),
            ("APIs", sum(not server.from_start for server in resource_servers.every(connection))),
        )
        if count
    ]
    if held:
        raise LocalTenantError(
            f"the tenant holds {', '.join(held)}, so that the seed file {seed.path} is not loaded",
            fix="start without --seed, or choose another folder with --data",
        )
    load(connection, seed, now)
    settings.put(connection, settings.SEED, seed.digest)
