from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_tenant.testing import Enrolled, Person, TenantClient, TenantProcess
from local_tenant.testing.process import StartTenant
from login_browser import Browser


@pytest.fixture
def tenant(auth0_tenant: TenantClient) -> TenantClient:
    """The session's tenant, emptied for this test."""
    return auth0_tenant


@pytest.fixture
def ada(tenant: TenantClient) -> Person:
    """A new user."""
    return tenant.sign_up()


@pytest.fixture
def mfa_required(tenant: TenantClient) -> None:
    """Every login of the tenant is challenged."""
    tenant.bind_action(name="require-mfa")


@pytest.fixture
def enrolled(ada: Person, mfa_required: None) -> Enrolled:  # noqa: ARG001 - only a challenged login enrols
    """Ada's authenticator app; every login of the tenant is challenged."""
    return ada.enrol()


@pytest.fixture
def browser(tenant: TenantClient) -> Iterator[Browser]:
    """A browser without cookies."""
    with Browser(tenant) as browser:
        yield browser


@pytest.fixture
def fresh_tenant(tmp_path: Path) -> Iterator[StartTenant]:
    """Starts tenants of this test's own, to be stopped, killed and started again; each is ended after the test.

    `fresh_tenant()` serves the folder `data` of the test; arguments are those of `TenantProcess`.
    """
    with ExitStack() as processes:

        def start(data: Path | None = None, *options: str, port: int = 0, name: str | None = None) -> TenantProcess:
            process = TenantProcess(data or tmp_path / "data", *options, port=port, tenant=name)
            return processes.enter_context(process)

        yield start
