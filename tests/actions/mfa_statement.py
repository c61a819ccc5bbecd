"""The MFA rules a second time, from their description (docs/rules.md) and not from the Action: the oracle of the tests.

The first clause that holds decides. A fact is true only when the event proves it.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass

from policy import Decision
from tests.actions.events import Event

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a login's event."""

    event: Event

    def value(self, path: str) -> object:
        """The value at a path such as ``user.email``; None where there is none."""
        value: object = self.event
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def text(self, path: str) -> set[str]:
        """The text at the path, unless it is empty: as a set, so that what is absent equals nothing."""
        value = self.value(path)
        return {value} - {""} if isinstance(value, str) else set()

    def domain(self, secret: str) -> set[str]:
        """The domain that a secret names."""
        return {domain.translate(_ASCII_LOWER) for domain in self.text(f"secrets.{secret}")}

    @property
    def email_domain(self) -> set[str]:
        """What follows the last @ of the email."""
        parts = [email.rpartition("@") for email in self.text("user.email")]
        return {domain.translate(_ASCII_LOWER) for _, at, domain in parts if at and domain}

    @property
    def on_test_tenant(self) -> bool:
        return bool(self.text("tenant.id") & self.text("secrets.TEST_TENANT"))

    @property
    def of_force_mfa_account(self) -> bool:
        return bool(self.email_domain & self.domain("FORCE_MFA_DOMAIN"))

    @property
    def of_integration_test_account(self) -> bool:
        return bool(self.email_domain & self.domain("INTEGRATION_TEST_DOMAIN"))

    @property
    def may_bypass_on_test_tenant(self) -> bool:
        knows_force_mfa_accounts = bool(self.domain("FORCE_MFA_DOMAIN"))
        return self.on_test_tenant and knows_force_mfa_accounts and not self.of_force_mfa_account

    @property
    def is_refresh(self) -> bool:
        return self.text("transaction.protocol") == {"oauth2-refresh-token"}

    @property
    def is_first(self) -> bool:
        count = self.value("stats.logins_count")
        # Python's True equals 1; a count is a number.
        return type(count) in {int, float} and count in {0, 1}

    def has_set(self, path: str) -> bool:
        """Whether a flag is set: anything but absent, null and false."""
        value = self.value(path)
        return value is not None and value is not False


# The reason, as the decision table names it, the decision, and when the clause holds.
CLAUSES: tuple[tuple[str, Decision, Callable[[Facts], bool]], ...] = (
    ("refresh-in-test-tenant", Decision.SKIP, lambda login: login.may_bypass_on_test_tenant and login.is_refresh),
    (
        "integration-domain",
        Decision.SKIP,
        lambda login: login.may_bypass_on_test_tenant and login.of_integration_test_account,
    ),
    ("first-login", Decision.SKIP, lambda login: login.is_first),
    ("force-mfa-domain", Decision.CHALLENGE, lambda login: login.on_test_tenant and login.of_force_mfa_account),
    ("metadata-requires", Decision.CHALLENGE, lambda login: login.has_set("user.app_metadata.auth_require_mfa")),
    ("client-asks", Decision.CHALLENGE, lambda login: login.has_set("request.body.challengeRequired")),
    ("nothing-requires", Decision.SKIP, lambda _: True),
)


def decide(event: Event) -> tuple[Decision, str]:
    """What must happen at a login, and why."""
    facts = Facts(event)
    return next((decision, reason) for reason, decision, holds in CLAUSES if holds(facts))
