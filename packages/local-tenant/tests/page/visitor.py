"""A client of the tenant's page, without the protections that a browser has."""

from urllib.parse import urlsplit

import httpx
from local_tenant.page.addresses import page_url
from local_tenant.testing import TenantClient


class Visitor:
    """A client that sends the headers of a browser.

    Attributes:
        http: keeps cookies; paths from the root.
    """

    def __init__(self, tenant: TenantClient) -> None:
        """Without any cookie."""
        self.tenant = tenant
        self.http = tenant.new_http()

    def enter(self) -> httpx.Response:
        """Open the address that the command line prints."""
        address = page_url(self.tenant.url, self.tenant.ready["management"]["client_secret"])
        return self.http.get(address.removeprefix(self.tenant.url))

    def press(self, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        """Send a form as the page does."""
        own = {"Origin": self.tenant.url, "Sec-Fetch-Site": "same-origin"}
        return self.http.post(path, data=form, headers=own if headers is None else headers)

    def sign_up(self, email: str = "ada@example.com") -> str:
        """Sign a user up: the path of the user's page."""
        answer = self.press("/_page/users", email=email, password="Correct-horse-7-battery")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def log_in(self, person: str, **form: str) -> httpx.Response:
        """Press "Log in now" on a user's page, and open the transaction."""
        answer = self.press(f"{person}/login", None, **form)
        return self.http.get(urlsplit(answer.headers["location"]).path) if answer.is_redirect else answer
