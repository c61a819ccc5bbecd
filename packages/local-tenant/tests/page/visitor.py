"""A client of the tenant's page, without the protections that a browser has."""

from urllib.parse import urlsplit

import httpx
from local_tenant.page.addresses import page_url
from local_tenant.testing import PASSWORD
from login_browser import Browser


class Visitor(Browser):
    """A browser at the tenant's page."""

    def enter(self) -> httpx.Response:
        """Open the address that the command line prints."""
        return self.http.get(page_url("", self.tenant.ready["management"]["client_secret"]))

    def press(self, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        """Send a form as the page does."""
        own = {"Origin": self.tenant.url, "Sec-Fetch-Site": "same-origin"}
        return self.http.post(path, data=form, headers=own if headers is None else headers)

    def sign_up(self, email: str = "ada@example.com") -> str:
        """Sign a user up: the path of the user's page."""
        answer = self.press("/_page/users", email=email, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def log_in_now(self, person: str, **form: str) -> httpx.Response:
        """Press "Log in now" on a user's page, and open the transaction."""
        answer = self.press(f"{person}/login", None, **form)
        return self.http.get(urlsplit(answer.headers["location"]).path) if answer.is_redirect else answer
