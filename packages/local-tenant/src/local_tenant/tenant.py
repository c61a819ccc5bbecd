"""The tenant as one object: what every request handler needs, put together once at the start."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action_runtime import ActionRuntime, DependencyInstallError, install_dependencies
from starlette.requests import Request

from local_tenant import own_clients
from local_tenant.clock import Clock
from local_tenant.data_folder import DataFolder, port_file
from local_tenant.deployment.builds import Builder, BuildError
from local_tenant.deployment.deployed_flows import DeployedFlows
from local_tenant.errors import LocalTenantError
from local_tenant.faults import Faults
from local_tenant.identifiers import alphanumeric
from local_tenant.loopback import port_of
from local_tenant.options import DEFAULT_NAME, TenantOptions
from local_tenant.signing import Signer, new_key
from local_tenant.store import clients, resource_servers, settings, signing_keys
from local_tenant.store.clients import Client
from local_tenant.store.database import Database, EmptiedError, NewerSchemaError
from local_tenant.store.resource_servers import ResourceServer

# Identifiers of the tenant's own APIs, below its root.
_MANAGEMENT = "/api/v2/"
_USERINFO = "/userinfo"
_MFA = "/mfa/"


@dataclass(slots=True)
class Tenant:
    """An Auth0 tenant.

    Attributes:
        name: the tenant's name, `event.tenant.id` to its Actions.
        domain: host and port, as clients write it: `localhost:8443`, `tenant.localhost` on port 443.
        folder: its data folder.
        database: everything it stores.
        clock: its time.
        signer: signs and reads its tokens.
        builder: builds the drafts of Actions in the background.
        faults: injected by the test controls.
        management: the client that may use the Management API and the test controls, as of the start.
        application: the client that users log in with, as of the start: its id and its secret never change.
        single_page: the same for code that runs in a browser.
        options: how it behaves where there is a choice.
        connection_id: id of its database connection.
        runtime: runs Actions.
        flows: which Actions are to run.
        workers: threads for what is slow and needs no Python: password hashes and signatures.
        used_assertions: client id and jti of client assertions that were used, each with its exp.
        logins_under_way: by user id, how many logins have begun and are not stored yet.
        seed: writes the content of `--seed` into an empty tenant, at the time passed; None without one.
        wrong_passwords: how many were counted since the start; a change means that a user's count may be stale.
    """

    name: str
    domain: str
    folder: Path
    database: Database
    clock: Clock
    signer: Signer
    builder: Builder
    faults: Faults
    management: Client
    application: Client
    single_page: Client
    options: TenantOptions
    connection_id: str
    runtime: ActionRuntime
    flows: DeployedFlows
    workers: ThreadPoolExecutor
    used_assertions: dict[tuple[str, str], float] = field(default_factory=dict)
    logins_under_way: dict[str, int] = field(default_factory=dict)
    seed: Callable[[sqlite3.Connection, int], None] | None = None
    wrong_passwords: int = 0

    def client(self, client_id: str) -> Client | None:
        """The client of that id, if any."""
        return self.database.read(clients.get, client_id)

    def resource_server(self, identifier: str) -> ResourceServer | None:
        """The API of that identifier (an audience), if any; the tenant's own APIs are none of them."""
        server = self.database.read(resource_servers.get, identifier)
        return server if server is not None and server.identifier == identifier else None

    async def close(self) -> None:
        """Stop what runs besides requests; the database is its opener's to close."""
        await self.builder.stop()
        await self.runtime.close()
        self.workers.shutdown()

    @property
    def port(self) -> int:
        """The port it is served on."""
        return port_of(self.domain)

    @property
    def url(self) -> str:
        """The root, without a slash: `https://localhost:8443`."""
        return f"https://{self.domain}"

    @property
    def issuer(self) -> str:
        """`iss` of its tokens, with the slash that Auth0 has."""
        return f"{self.url}/"

    @property
    def management_audience(self) -> str:
        """`aud` of a token for the Management API."""
        return f"{self.url}{_MANAGEMENT}"

    @property
    def userinfo_audience(self) -> str:
        """`aud` of an access token for /userinfo."""
        return f"{self.url}{_USERINFO}"

    @property
    def mfa_audience(self) -> str:
        """`aud` of an access token for the MFA API (documented)."""
        return f"{self.url}{_MFA}"


def refuse_own_audiences(domain: str, options: TenantOptions) -> None:
    """Check that no API of the options has an identifier of the tenant's own APIs.

    Users get tokens for every API of the options. For the Management API that would make each of them an administrator.

    Raises:
        LocalTenantError: one has.
    """
    for path in (_MANAGEMENT, _USERINFO, _MFA):
        audience = f"https://{domain}{path}"
        if audience in options.apis:
            raise LocalTenantError(
                f"{audience} is an API of the tenant itself", fix="name another identifier with --api"
            )


def tenant_of(request: Request) -> Tenant:
    """The tenant that this request was sent to."""
    tenant: Tenant = request.app.state.tenant
    return tenant


def open_database(folder: DataFolder, name: str | None) -> Database:
    """Open the folder's database and check that it belongs to the tenant `name`, if there is one to check.

    Raises:
        LocalTenantError: the folder is a newer version's or another tenant's, or is damaged.
    """
    try:
        # The port is written once a tenant is ready: its database is there.
        database = Database(folder.database, may_create=not port_file(folder.path).exists())
    except EmptiedError as error:
        raise LocalTenantError(
            f"{folder.database} is empty, but a tenant was served from it before",
            fix=f"restore it from a backup, or delete {folder.path} to start with an empty tenant",
        ) from error
    except NewerSchemaError as error:
        raise LocalTenantError(
            f"the data folder {folder.path} was written by a newer version of the local tenant ({error})",
            fix="update local-tenant, or choose another folder with --data",
        ) from error
    except sqlite3.OperationalError as error:
        raise LocalTenantError(
            f"the data folder {folder.path} cannot be written: {error}",
            fix="see to free space on its disk, or choose another folder with --data",
        ) from error
    except sqlite3.DatabaseError as error:
        raise LocalTenantError(
            f"the data folder {folder.path} cannot be read: {error}",
            fix="move the folder away to start with an empty tenant",
        ) from error
    held = database.read(settings.get, settings.TENANT)
    if None not in (held, name) and held != name:
        database.close()
        raise LocalTenantError(
            f"the data folder {folder.path} holds the tenant '{held}', not '{name}'",
            fix=f"start it with --tenant {held}, or choose another folder with --data",
        )
    return database


async def open_tenant(
    folder: DataFolder, database: Database, name: str | None, domain: str, options: TenantOptions
) -> Tenant:
    """Put the tenant together, with its key and its clients, which the first start creates."""
    name = name or database.read(settings.get, settings.TENANT) or DEFAULT_NAME
    clock = Clock(int(database.read(settings.get, settings.CLOCK_OFFSET) or 0))
    stored = database.read(signing_keys.current)
    fresh_key = None if stored is not None else new_key()

    def prepare(connection: sqlite3.Connection) -> tuple[Client, Client, Client, str]:
        settings.put(connection, settings.TENANT, name)
        if fresh_key is not None:
            signing_keys.add(connection, fresh_key, clock.now())
        connection_id = settings.get(connection, settings.CONNECTION_ID) or f"con_{alphanumeric(16)}"
        settings.put(connection, settings.CONNECTION_ID, connection_id)
        return *own_clients.ensure(connection, options), connection_id

    management, application, single_page, connection_id = await database.write(prepare)
    key = stored or fresh_key
    if key is None:
        raise AssertionError("a tenant without a signing key")
    faults = Faults()
    dependencies = folder.path / "dependencies"
    # Nobody else installs here: these are of installations that a kill cut off.
    for unfinished in dependencies.glob("unfinished-*"):
        shutil.rmtree(unfinished, ignore_errors=True)

    async def install(packages: Sequence[dict[str, Any]]) -> Path | None:
        versions = [(package["name"], package["version"]) for package in packages]
        try:
            return await install_dependencies(versions, folder=dependencies)
        except DependencyInstallError as error:
            raise BuildError(str(error)) from error

    return Tenant(
        name=name,
        domain=domain,
        folder=folder.path,
        database=database,
        clock=clock,
        signer=Signer(key),
        builder=Builder(database, clock, faults, install),
        faults=faults,
        management=management,
        application=application,
        single_page=single_page,
        options=options,
        connection_id=connection_id,
        runtime=ActionRuntime(
            dependencies_folder=dependencies, metadata_visibility=options.metadata_visibility, clock=clock.now
        ),
        flows=DeployedFlows(database, install),
        workers=ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="worker"),
    )
