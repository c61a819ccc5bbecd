from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_tenant.testing.client import TenantClient
from local_tenant.testing.process import StartTenant, TenantProcess


@pytest.fixture(scope="session")
def tenant_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantProcess]:
    """One tenant for the whole session (for each worker, with xdist); tests take it through `tenant`."""
    with TenantProcess(tmp_path_factory.mktemp("tenant") / "data") as process:
        yield process


@pytest.fixture(scope="session")
def session_client(tenant_process: TenantProcess) -> Iterator[TenantClient]:
    """The client that tests get as `tenant`, once it has emptied the tenant for them."""
    client = TenantClient(tenant_process)
    yield client
    client.close()


@pytest.fixture
def tenant(session_client: TenantClient) -> TenantClient:
    """The session's tenant, emptied for this test."""
    session_client.reset()
    return session_client


@pytest.fixture
def fresh_tenant(tmp_path: Path) -> Iterator[StartTenant]:
    """Starts tenants of this test's own, to be stopped, killed and started again; each is ended after the test.

    `fresh_tenant()` serves the folder `data` of the test; arguments are those of `TenantProcess`.
    """
    with ExitStack() as started:

        def start(
            data: Path | None = None, *arguments: str, port: int = 0, name: str = "floatme-local"
        ) -> TenantProcess:
            process = TenantProcess(data or tmp_path / "data", *arguments, port=port, tenant=name)
            return started.enter_context(process)

        yield start
