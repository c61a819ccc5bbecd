"""Fixtures for tests of an application that logs in at Auth0; pytest loads them once local-tenant is installed.

`auth0_tenant` is all that most tests need. A run whose tests take none of the fixtures starts no tenant and imports
none of it: hence the imports inside of the fixtures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from local_tenant.testing import TenantClient, TenantProcess
    from local_tenant.testing.browser import Windows


@pytest.fixture(scope="session")
def auth0_tenant_options() -> Sequence[str]:
    """Options of `local-tenant serve` for the session's tenant; none, unless a conftest.py overrides this fixture."""
    return ()


@pytest.fixture(scope="session")
def auth0_tenant_seed() -> Path | None:
    """Seed file of the session's tenant; none, unless a conftest.py overrides this fixture.

    Each test begins with its content.
    """
    return None


@pytest.fixture(scope="session")
def auth0_tenant_process(
    tmp_path_factory: pytest.TempPathFactory, auth0_tenant_options: Sequence[str], auth0_tenant_seed: Path | None
) -> Iterator[TenantProcess]:
    """The session's tenant on a free port of localhost; each worker of pytest-xdist has its own."""
    from local_tenant.testing import TenantProcess  # noqa: PLC0415

    data = tmp_path_factory.mktemp("auth0-tenant") / "data"
    seed = () if auth0_tenant_seed is None else ("--seed", str(auth0_tenant_seed.resolve()))
    with TenantProcess(data, *seed, *auth0_tenant_options) as process:
        yield process


@pytest.fixture(scope="session")
def auth0_session_client(auth0_tenant_process: TenantProcess) -> Iterator[TenantClient]:
    """A client of the session's tenant, which holds what earlier tests left; tests take `auth0_tenant` instead."""
    from local_tenant.testing import TenantClient  # noqa: PLC0415

    with TenantClient(auth0_tenant_process.ready) as client:
        yield client


@pytest.fixture
def auth0_tenant(auth0_session_client: TenantClient) -> TenantClient:
    """The session's tenant as it began: empty but for `auth0_tenant_seed`, without faults, at the real time."""
    auth0_session_client.reset()
    return auth0_session_client


# Not for the whole session: Playwright keeps an event loop running in this thread while it is open, and asynchronous
# tests of other modules could not run theirs.
@pytest.fixture(scope="module")
def auth0_chromium() -> Iterator[Browser]:
    """A running Chromium; if there is none, the test is skipped, but fails where the variable CI is `true`."""
    from local_tenant.testing.browser import running_chromium  # noqa: PLC0415
    from local_tenant.testing.chromium import ChromiumMissingError  # noqa: PLC0415

    try:
        with running_chromium() as browser:
            yield browser
    except ChromiumMissingError as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))


@pytest.fixture
def auth0_windows(auth0_chromium: Browser) -> Iterator[Windows]:
    """Windows of a Chromium; the test fails if one asked another machine for anything, or logged an error."""
    from local_tenant.testing.browser import Windows  # noqa: PLC0415

    with Windows(auth0_chromium) as windows:
        yield windows
    windows.check()
