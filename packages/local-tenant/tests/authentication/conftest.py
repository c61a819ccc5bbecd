from collections.abc import Iterator

import pytest
from authentication.browser.browser import Browser
from local_tenant.testing import Person, TenantClient, TenantProcess


@pytest.fixture(scope="session")
def _rotating_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantClient]:
    data = tmp_path_factory.mktemp("rotating") / "data"
    with TenantProcess(data, "--refresh-token-rotation", "--no-brute-force-protection", "--api", "urn:api") as process:
        client = TenantClient(process.ready)
        yield client
        client.close()


@pytest.fixture
def rotating_tenant(_rotating_client: TenantClient) -> TenantClient:
    """A tenant that rotates refresh tokens, lets people guess passwords and has the API `urn:api`; emptied."""
    _rotating_client.reset()
    return _rotating_client


@pytest.fixture
def ada(tenant: TenantClient) -> Person:
    """Somebody who signed up, and whom no Action challenges."""
    return tenant.sign_up()


@pytest.fixture
def browser(tenant: TenantClient) -> Iterator[Browser]:
    """A browser that nobody has logged in with."""
    with Browser(tenant) as opened:
        yield opened
