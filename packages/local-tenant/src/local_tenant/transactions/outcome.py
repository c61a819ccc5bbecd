"""How a login ends: it passes, it is challenged, or it is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local_tenant.accounts.entitlement import Entitlement
from local_tenant.oauth_errors import OAuthError
from local_tenant.transactions.login import Login
from local_tenant.transactions.record import LoginRecord


@dataclass(frozen=True, slots=True)
class Outcome:
    """What every outcome has.

    Attributes:
        record: to be written in the caller's one write.
    """

    record: LoginRecord

    @property
    def login(self) -> Login:
        """The login that ended so."""
        return self.record.login


@dataclass(frozen=True, slots=True)
class Passed(Outcome):
    """The login may be answered with tokens or a code.

    Attributes:
        entitlement: what its client gets.
    """

    entitlement: Entitlement


@dataclass(frozen=True, slots=True)
class Challenged(Outcome):
    """The user has to prove a further factor first.

    Attributes:
        pending: JSON to store until then, and to give to `after_mfa`.
    """

    pending: str

    def record_until(self, expires_at: int) -> LoginRecord:
        """The record of a login whose challenge expires then, in nanoseconds since 1970."""
        execution = self.record.execution
        return replace(self.record, execution=execution and replace(execution, waits_until=expires_at))


@dataclass(frozen=True, slots=True)
class Refused(Outcome):
    """The login gets no tokens.

    Attributes:
        error: the answer.
    """

    error: OAuthError
