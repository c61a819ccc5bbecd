"""A Chromium for all tests of this folder, and windows that go nowhere but to the tenant."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from local_tenant.page.addresses import page_url
from local_tenant.testing import TenantClient, TenantProcess, chromium
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

# A whole story in a browser takes longer than any other test, above all where others run beside it.
SECONDS_FOR_A_STORY = 240

# Nothing is to be that slow; but a busy machine is no failure.
MILLISECONDS_TO_APPEAR = 30_000
expect.set_options(timeout=MILLISECONDS_TO_APPEAR)

OWN_HOSTS = ("localhost", "127.0.0.1", "::1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(SECONDS_FOR_A_STORY))
            # One browser and one tenant for all of them, also where tests run side by side.
            item.add_marker(pytest.mark.xdist_group("browser"))


# Not for the whole session: Playwright keeps an event loop running in this thread as long as it is open, and tests of
# other folders could not run theirs.
@pytest.fixture(scope="package")
def chromium_browser() -> Iterator[Browser]:
    """A running Chromium; without one the test is skipped, but in CI it fails."""
    path = chromium.find()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(chromium.NONE_FOUND)
        pytest.skip(chromium.NONE_FOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.launch_arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantProcess]:
    """The tenant that the browser visits."""
    with TenantProcess(tmp_path_factory.mktemp("browser") / "data", tenant="floatme-local") as process:
        yield process


@pytest.fixture
def tenant(browser_process: TenantProcess) -> Iterator[TenantClient]:
    """The same, emptied for this test."""
    client = TenantClient(browser_process.ready)
    client.reset()
    yield client
    client.close()


@dataclass
class Complaints:
    """What went wrong in the windows without anybody seeing it.

    Attributes:
        requests: addresses of other hosts that something was asked of.
        messages: errors of the browser's console, those of its content policy among them.
    """

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def note(self, request: Request) -> None:
        # Seen, not intercepted: of what Playwright intercepts, it answers the preflights itself. Chromium finds no
        # other host anyway (chromium.launch_arguments).
        if urlsplit(request.url).scheme in ("http", "https") and urlsplit(request.url).hostname not in OWN_HOSTS:
            self.requests.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # An answer of 400 is what a wrong form gets, and the browser calls it a failed resource.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.messages.append(message.text)


OpenWindow = Callable[..., Page]


@pytest.fixture
def open_window(chromium_browser: Browser, tenant: TenantClient) -> Iterator[OpenWindow]:
    """Opens windows of one browser, at the page; the test fails if one asked another host, or complained.

    `open_window(colour, width)`: `colour` is `light` or `dark`.
    """
    complaints = Complaints()
    opened = []

    def start(colour: str = "light", width: int = 1280) -> Page:
        context = chromium_browser.new_context(
            # The tenant's certificate is signed by its own CA, which no browser knows.
            ignore_https_errors=True,
            color_scheme="dark" if colour == "dark" else "light",
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
        )
        opened.append(context)
        context.on("request", complaints.note)
        context.on("page", complaints.watch)
        context.set_default_timeout(MILLISECONDS_TO_APPEAR)
        window = context.new_page()
        window.goto(page_url(tenant.url, tenant.ready["management"]["client_secret"]))
        window.wait_for_url(f"{tenant.url}/")
        return window

    yield start
    for context in opened:
        context.close()
    assert complaints.requests == []
    assert complaints.messages == []
