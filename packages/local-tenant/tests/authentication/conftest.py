from collections.abc import Iterator

import pytest
from local_tenant.testing import TenantClient, TenantProcess


@pytest.fixture(scope="session")
def _rotating_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantClient]:
    data = tmp_path_factory.mktemp("rotating") / "data"
    with TenantProcess(data, "--refresh-token-rotation", "--no-brute-force-protection", "--api", "urn:api") as process:
        client = TenantClient(process.ready)
        yield client
        client.close()


@pytest.fixture
def rotating_tenant(_rotating_client: TenantClient) -> TenantClient:
    """A tenant that rotates refresh tokens, does not block password guessing and has the API `urn:api`; emptied."""
    _rotating_client.reset()
    return _rotating_client
