"""The MFA policy as a table: for each kind of login, whether it is challenged and why.

``decision_table.csv`` states what ``actions/mfa_action.js`` must do (docs/rules.md); it is never generated from that
code. It has one row for every combination of its first six columns. A real tenant can produce each of these logins, so
the same rows are checked against the code alone and against a deployed tenant, and serve to compare two commits. Odd
events (a missing email, a login count of 0, a flag that is text) are in the tests of the Action.
"""

import csv
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

__all__ = ["Case", "Decision", "EmailDomain", "Kind", "Login", "LoginNumber", "Tenant", "decide", "decision_table"]


class Tenant(StrEnum):
    """The tenant of the login: the test tenant, where the bypasses for tests apply, or the prod tenant."""

    TEST = "test"
    PROD = "prod"


class Kind(StrEnum):
    """How the user logs in: with a password, or by exchanging a refresh token."""

    PASSWORD = "password"  # noqa: S105 - not one
    REFRESH = "refresh"


class EmailDomain(StrEnum):
    """The user's email domain: the integration-test domain, the force-MFA domain, or any other."""

    INTEGRATION = "integration"
    FORCE_MFA = "force-mfa"
    OTHER = "other"


class LoginNumber(StrEnum):
    """Which of the user's logins it is. A refresh has the number of the login before it: it does not count itself."""

    FIRST = "first"
    SECOND = "second"
    LATER = "later"

    @property
    def logins_count(self) -> int:
        """The smallest ``event.stats.logins_count`` with this number; the current login counts."""
        return list(LoginNumber).index(self) + 1


class Decision(StrEnum):
    """Whether the Action challenges the login."""

    CHALLENGE = "challenge"
    SKIP = "skip"


class Login(BaseModel):
    """What the policy depends on: the first six columns.

    ``auth_require_mfa`` is the flag in the user's app_metadata. ``challenge_required`` says whether the client sends
    challengeRequired with its token request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: Tenant
    kind: Kind
    email_domain: EmailDomain
    number: LoginNumber
    auth_require_mfa: bool
    challenge_required: bool

    def __str__(self) -> str:
        """The login in a few words, the same in every run: fit for a test's name or a line of a report."""
        flags = [*(["metadata"] if self.auth_require_mfa else []), *(["challenge"] if self.challenge_required else [])]
        return "-".join([self.tenant, self.kind, self.email_domain, self.number, *flags])


class Case(Login):
    """A row of the table: a login, whether it is challenged, and why (the first rule of docs/rules.md that holds)."""

    decision: Decision
    reason: str


@cache
def decision_table() -> tuple[Case, ...]:
    """All rows of the table, in the file's order.

    Raises:
        pydantic.ValidationError: A column or a value is not one of the above; names the row (counted from 0,
            without the heading), the column and what it accepts.
    """
    with Path(__file__).with_name("decision_table.csv").open(encoding="utf-8", newline="") as file:
        return TypeAdapter(tuple[Case, ...]).validate_python(tuple(csv.DictReader(file, strict=True)))


def decide(login: Login) -> Case:
    """The row of a login."""
    return next(case for case in decision_table() if all(getattr(case, name) == value for name, value in login))
