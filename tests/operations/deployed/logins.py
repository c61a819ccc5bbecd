"""A user who logs in again and again while something else happens to the tenant."""

from threading import Event, Thread
from types import TracebackType
from typing import Self

from local_tenant.testing import TenantClient


class LoginLoop:
    """Logs in by password until the `with` block ends.

    Attributes:
        answers: status of each answer, and its body if it was no token.
    """

    def __init__(self, tenant: TenantClient) -> None:
        """Sign up."""
        self.answers: list[tuple[int, str]] = []
        self._user = tenant.sign_up("jane@example.com")
        self._over = Event()
        self._thread = Thread(target=self._log_in_until_over)

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

    def _log_in_until_over(self) -> None:
        # A person is slower than a loop, and leaves the machine to what is tested.
        while not self._over.wait(0.05):
            answer = self._user.log_in()
            self.answers.append((answer.status_code, "" if answer.status_code == 200 else answer.text))
