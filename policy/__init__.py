"""The MFA policy as a table: for each kind of login, whether MFA is required and why.

``decision_table.csv`` states what ``actions/mfa_action.js`` must do; it is never made from that code. It has
one line for every combination of its first six columns. A real tenant can produce each of these logins: so
the same lines are checked against the code alone, against a deployed tenant, and between two commits. Odd
events (a missing email, a login count of 0, a flag that is text) are in the tests of the Action.
"""

import csv
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

__all__ = ["Case", "EmailDomain", "Flow", "Login", "Outcome", "Reason", "Tenant", "decision_table"]


class Tenant(StrEnum):
    """The tenant of the login: the test tenant, where the bypasses for tests apply, or the prod tenant."""

    TEST = "test"
    PROD = "prod"


class Flow(StrEnum):
    """How the user logs in: with a password, or by exchanging a refresh token."""

    PASSWORD = "password"  # noqa: S105 - the name of a flow
    REFRESH = "refresh"


class EmailDomain(StrEnum):
    """The user's email domain: that of the integration tests, the one that forces MFA, or any other."""

    INTEGRATION = "integration"
    FORCE_MFA = "force-mfa"
    OTHER = "other"


class Outcome(StrEnum):
    """Whether the Action asks for MFA."""

    REQUIRED = "required"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why the outcome is what it is; where several reasons hold, the first in this order."""

    REFRESH_IN_TEST_TENANT = "refresh-in-test-tenant"
    INTEGRATION_DOMAIN = "integration-domain"
    FIRST_LOGIN = "first-login"
    FORCE_MFA_DOMAIN = "force-mfa-domain"
    METADATA_REQUIRES = "metadata-requires"
    CLIENT_ASKS = "client-asks"
    NOTHING_REQUIRES = "nothing-requires"


class Login(BaseModel):
    """What the policy asks of a login: the first six columns.

    ``logins_count`` is 1 at the user's first login and 2 at a later one, the current login counted.
    ``auth_require_mfa`` is the flag in the user's app_metadata. ``challenge_required`` tells whether the
    client sends challengeRequired with its token request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: Tenant
    flow: Flow
    email_domain: EmailDomain
    logins_count: int
    auth_require_mfa: bool
    challenge_required: bool

    def __str__(self) -> str:
        """The login in a few words, the same in every run: fit for a test's name or a line of a report."""
        return "-".join(
            [
                *(self.tenant, self.flow, self.email_domain),
                "first" if self.logins_count == 1 else "later",
                *(["metadata"] if self.auth_require_mfa else []),
                *(["challenge"] if self.challenge_required else []),
            ]
        )


class Case(Login):
    """One line of the table: a login, whether it needs MFA, and why."""

    outcome: Outcome
    reason: Reason


@cache
def decision_table() -> tuple[Case, ...]:
    """All lines of the table, in the file's order.

    Raises:
        pydantic.ValidationError: a column or a value is not one of the above; names the line (counted from 0,
            without the heading), the column and what it accepts.
    """
    with Path(__file__).with_name("decision_table.csv").open(encoding="utf-8", newline="") as file:
        return TypeAdapter(tuple[Case, ...]).validate_python(tuple(csv.DictReader(file, strict=True)))
