"""Fixtures for tests of an application that logs in at Auth0; pytest loads them once local-tenant is installed.

`auth0_tenant` is all that most tests need. A run whose tests take none of the fixtures starts no tenant and imports
none of it: hence the imports inside of the fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_tenant.testing import TenantClient, TenantProcess


@pytest.fixture(scope="session")
def auth0_tenant_options() -> Sequence[str]:
    """Options of `local-tenant serve` for the session's tenant; none, unless a conftest.py overrides this fixture."""
    return ()


@pytest.fixture(scope="session")
def auth0_tenant_process(
    tmp_path_factory: pytest.TempPathFactory, auth0_tenant_options: Sequence[str]
) -> Iterator[TenantProcess]:
    """The session's tenant on a free port of localhost; each worker of pytest-xdist has its own."""
    from local_tenant.testing import TenantProcess  # noqa: PLC0415

    data = tmp_path_factory.mktemp("auth0-tenant") / "data"
    with TenantProcess(data, *auth0_tenant_options) as process:
        yield process


@pytest.fixture(scope="session")
def auth0_session_client(auth0_tenant_process: TenantProcess) -> Iterator[TenantClient]:
    """A client of the session's tenant, which holds what earlier tests left; tests take `auth0_tenant` instead."""
    from local_tenant.testing import TenantClient  # noqa: PLC0415

    with TenantClient(auth0_tenant_process.ready) as client:
        yield client


@pytest.fixture
def auth0_tenant(auth0_session_client: TenantClient) -> TenantClient:
    """The session's tenant, emptied for this test: without Actions, users, logs and faults, and at the real time."""
    auth0_session_client.reset()
    return auth0_session_client
