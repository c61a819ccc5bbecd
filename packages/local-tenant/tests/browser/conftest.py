import os
from pathlib import Path

import pytest
from browser.windows import OpenWindow
from javascript import installed_packages
from local_tenant.testing import TenantClient
from local_tenant.testing.browser import Colour, Windows, open_tenant_page
from playwright.sync_api import Page

HERE = Path(__file__).parent

# A test in a browser takes longer than any other, above all where others run beside it.
SECONDS_FOR_A_TEST = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS_FOR_A_TEST))
            # One browser at a time, also where tests run side by side.
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture
def open_window(auth0_windows: Windows, tenant: TenantClient) -> OpenWindow:
    """Opens windows of a Chromium at the tenant's page."""

    def open_window(colour: Colour = "light", width: int = 1280) -> Page:
        window = auth0_windows.open(colour, width)
        open_tenant_page(window, tenant)
        return window

    return open_window


@pytest.fixture(scope="session")
def javascript_packages(pytestconfig: pytest.Config) -> Path:
    """Folder with the packages of package-lock.json, kept in pytest's cache."""
    return installed_packages(pytestconfig, HERE)


@pytest.fixture
def environment(tenant: TenantClient, javascript_packages: Path) -> dict[str, str]:
    """The environment of a server or program in Node."""
    application = tenant.ready["application"]
    return {
        **os.environ,
        **tenant.environment(),
        "PACKAGES": str(javascript_packages),
        "APPLICATION_CLIENT_ID": application["client_id"],
        "APPLICATION_CLIENT_SECRET": application["client_secret"],
    }
