"""A person who logs in over and over, while something else happens to the tenant."""

from threading import Event, Thread
from types import TracebackType
from typing import Self

from local_tenant.testing import TenantClient, expect

EMAIL = "jane@example.com"
PASSWORD = "Correct-horse-battery-1"


class LoginLoop:
    """Logs in by password until the `with` block ends.

    Attributes:
        answers: status of each answer, and its body if it was no token.
    """

    def __init__(self, tenant: TenantClient) -> None:
        """Sign up."""
        self.answers: list[tuple[int, str]] = []
        self._application = dict(tenant.ready["application"])
        self._http = tenant.new_http()
        self._over = Event()
        self._thread = Thread(target=self._log_in_until_over)
        person = {"client_id": self._application["client_id"], "email": EMAIL, "password": PASSWORD}
        expect(
            self._http.post("/dbconnections/signup", json={**person, "connection": "Username-Password-Authentication"}),
            200,
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End."""
        self._over.set()
        self._thread.join()
        self._http.close()

    def _log_in_until_over(self) -> None:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, **self._application}
        # A person is slower than a loop, and leaves the machine to what is tested.
        while not self._over.wait(0.05):
            answer = self._http.post("/oauth/token", data=form)
            self.answers.append((answer.status_code, "" if answer.status_code == 200 else answer.text))
