"""Chromium windows that go nowhere but to this machine, and what a user does on the tenant's pages in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from local_tenant.loopback import is_loopback
from local_tenant.page.addresses import page_url
from local_tenant.testing import chromium
from local_tenant.testing.client import TenantClient
from local_tenant.testing.people import PASSWORD

Colour = Literal["light", "dark"]

# Nothing should be that slow; but a busy machine is no failure.
MILLISECONDS_TO_APPEAR = 30_000


@contextmanager
def running_chromium(arguments: Sequence[str] = ()) -> Iterator[Browser]:
    """Run a Chromium; Playwright's `expect` waits for up to 30 s from then on.

    While it runs, Playwright keeps an event loop running in this thread: no other can run there.

    Args:
        arguments: further ones of its command line.

    Raises:
        ChromiumMissingError: There is none.
    """
    path = chromium.require()
    expect.set_options(timeout=MILLISECONDS_TO_APPEAR)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*chromium.launch_arguments(), *arguments])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Windows:
    """Windows of one browser, each with cookies of its own; leaving the `with` block closes them.

    Attributes:
        browser: a running Chromium.
        requests: addresses of other machines that a window asked for. It got no response: Chromium finds no other host.
        messages: errors of the windows' consoles, those of a content security policy among them.
    """

    browser: Browser
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Return the windows, none of which is open yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close them."""
        for context in self._contexts:
            context.close()

    def open(self, colour: Colour = "light", width: int = 1280, height: int = 900) -> Page:
        """Open an empty window of this size, in pixels, with a preference for light or dark pages."""
        context = self.browser.new_context(
            # The tenant's certificate is signed by its own CA, which no browser knows.
            ignore_https_errors=True,
            color_scheme=colour,
            reduced_motion="reduce",
            viewport={"width": width, "height": height},
        )
        self._contexts.append(context)
        context.on("request", self._note_request)
        context.on("page", self._watch)
        context.set_default_timeout(MILLISECONDS_TO_APPEAR)
        return context.new_page()

    def check(self) -> None:
        """Check that no window asked another machine for anything, or logged an error.

        Raises:
            AssertionError: One did.
        """
        if self.requests or self.messages:
            raise AssertionError(f"requests to other machines: {self.requests}; errors: {self.messages}")

    def _watch(self, page: Page) -> None:
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def _note_request(self, request: Request) -> None:
        # Only observed: where Playwright intercepts requests, it answers their preflights itself.
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and not is_loopback(address.hostname or ""):
            self.requests.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        # To the browser a response of 400, which a wrong form gets, is a resource that failed to load.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.messages.append(message.text)


def open_tenant_page(window: Page, tenant: TenantClient) -> None:
    """Open the tenant's own page, with the key that `local-tenant page` prints."""
    window.goto(page_url(tenant.url, tenant.ready["management"]["client_secret"]))
    window.wait_for_url(f"{tenant.url}/")


def wait_for_heading(window: Page, heading: str) -> None:
    """Wait for the page with that heading: a click returns before the page that it leads to is loaded."""
    expect(window.get_by_role("heading", level=1)).to_have_text(heading)
    window.wait_for_load_state()


def sign_up(window: Page, email: str = "ada@example.com") -> str:
    """Sign a user up on the tenant's page: the address of the user's page."""
    window.get_by_role("navigation").get_by_role("link", name="Users").click()
    window.get_by_label("Email address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign up").click()
    wait_for_heading(window, email)
    return window.url


def log_in_now(window: Page) -> str:
    """Press "Log in now" on a user's page: the address of the login's transaction."""
    window.get_by_role("button", name="Log in now").click()
    window.wait_for_url("**/_page/transactions/*")
    window.wait_for_load_state()
    return window.url


def begin_login(window: Page, user_page: str) -> None:
    """Go from a user's page to the login page, which knows the user's email address."""
    window.goto(user_page)
    window.get_by_role("button", name="Log in in the browser").click()
    wait_for_heading(window, "Log in")


def enter_password(window: Page, password: str = PASSWORD) -> None:
    """Send the login page with this password."""
    window.get_by_label("Password").fill(password)
    window.get_by_role("button", name="Continue").click()


def enter_code(window: Page, code: str) -> None:
    """Send the page of an enrolment or of a challenge with this code."""
    window.locator("input[name=code]").fill(code)
    window.get_by_role("button", name="Continue").click()
