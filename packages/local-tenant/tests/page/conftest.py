from collections.abc import Iterator

import pytest
from local_tenant.testing import TenantClient
from page.visitor import Visitor


@pytest.fixture
def stranger(tenant: TenantClient) -> Iterator[Visitor]:
    """A client that has not opened the printed address."""
    with Visitor(tenant) as visitor:
        yield visitor


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    """A client that has."""
    assert stranger.enter().status_code == 200
    return stranger
