"""Every line of the decision table that is about a tenant, as sign-ups, logins and refreshes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from local_tenant.testing import TenantClient

from operations.demo.story import Account, Step
from policy import EmailDomain, LoginNumber, Tenant


@dataclass(frozen=True, slots=True)
class Row:
    """What one account does: the lines of the table that differ in number and kind of the login alone.

    Attributes:
        email_domain: of the account.
        auth_require_mfa: whether its metadata requires MFA.
        challenge_required: whether its client asks for MFA each time.
        sign_up: whether the sign-up set both flags.
        ip: whether the first login recorded the IP.
        decisions: for each number of a login, the login, then a refresh.
    """

    email_domain: EmailDomain
    auth_require_mfa: bool
    challenge_required: bool
    sign_up: Step
    ip: Step
    decisions: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of them."""
        return self.sign_up, self.ip, *self.decisions


def play(client: TenantClient, tenant: Tenant, domains: Mapping[EmailDomain, str]) -> Iterator[Row]:
    """Play the table with an account for each row; `domains` has an email domain of each kind."""
    for number, (domain, flag, asks) in enumerate(product(EmailDomain, (False, True), (False, True)), start=1):
        account = Account(client, f"rehearsal-{number}@{domains[domain]}", tenant, domain)
        sign_up = account.marks()
        if not flag:
            account.take_flag_away()
        decisions, ip = [], None
        for _ in LoginNumber:
            decisions.append(account.log_in(challenge_required=asks))
            ip = ip or account.ip()
            if account.mfa_token is not None:
                account.pass_challenge()
            decisions.append(account.refresh(challenge_required=asks))
        assert ip is not None  # noqa: S101 - there is a first login
        yield Row(domain, flag, asks, sign_up, ip, tuple(decisions))
