import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browser.windows import OpenWindow
from filelock import FileLock
from local_tenant.testing import TenantClient
from local_tenant.testing.browser import Colour, Windows, open_tenant_page
from playwright.sync_api import Page

HERE = Path(__file__).parent
NPM = Path(sys.executable).with_name("npm")

# A test in a browser takes longer than any other, above all where others run beside it.
SECONDS_FOR_A_TEST = 240
SECONDS_TO_INSTALL = 180


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
    folder = pytestconfig.cache.mkdir("javascript")
    # Tests side by side share the folder.
    with FileLock(folder / "lock"):
        installed = folder / "installed-lock.json"
        lock = HERE / "package-lock.json"
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            for name in (".npmrc", "package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            subprocess.run(  # noqa: S603 - of this environment
                [NPM, "ci", "--prefix", folder], check=True, timeout=SECONDS_TO_INSTALL, stdout=subprocess.DEVNULL
            )
            # Last, so that an interrupted installation is repeated.
            shutil.copy(lock, installed)
    return folder / "node_modules"
