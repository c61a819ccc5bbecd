"""The steps of the story: what a user does, how that must end by the policy table, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx
from local_tenant.testing import Person, TenantClient

from policy import Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decide

CLIENT_IP = "203.0.113.7"
FLAGS = {"auth_require_mfa": True, "uses_new_mfa_action": True}

MARKED = "both MFA flags"
PASSES = "tokens, no challenge"
IS_CHALLENGED = "MFA required"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story.

    Attributes:
        account: email of the user.
        does: what the user does.
        expected: how it must end.
        actual: how it ended.
        reason: the rule (docs/rules.md), or the Action that does it.
    """

    account: str
    does: str
    expected: str
    actual: str
    reason: str

    @property
    def is_as_expected(self) -> bool:
        """Whether the Actions did what the rules require."""
        return self.expected == self.actual


def play(tenant: TenantClient, domains: Mapping[EmailDomain, str]) -> Iterator[Step]:
    """Play the story with new accounts, step by step; `domains` has an email domain of each kind.

    A customer enrols an authenticator app; a robot is of the integration-test domain, a tester of the force-MFA domain;
    a saver is only challenged when the client asks for it.
    """
    # As a server does for its users: add_ip_to_metadata records this address, not the server's.
    tenant.http.headers["auth0-forwarded-for"] = CLIENT_IP

    def account(name: str, kind: EmailDomain) -> _Account:
        return _Account(tenant.sign_up(f"{name}-{token_hex(3)}@{domains[kind]}"), kind)

    yield from _customer(account("customer", EmailDomain.OTHER))
    yield from _robot(account("robot", EmailDomain.INTEGRATION))
    yield from _tester(account("tester", EmailDomain.FORCE_MFA))
    yield from _saver(account("saver", EmailDomain.OTHER))


class _Account:
    """A user of the test tenant, whom enable_mfa has marked at the sign-up."""

    def __init__(self, user: Person, domain: EmailDomain) -> None:
        self.user = user
        self.mfa_token: str | None = None
        self._domain = domain
        self._requires_mfa = True
        self._logins = 0
        self._refresh_token = ""

    def step(self, does: str, expected: str, actual: str, reason: str) -> Step:
        return Step(self.user.email, does, expected, actual, reason)

    def log_in(self, *, challenge_required: bool = False) -> Step:
        self._logins += 1
        custom = {"challengeRequired": "true"} if challenge_required else {}
        response = self.user.log_in(scope="openid offline_access", **custom)
        asks = ", with challengeRequired" if challenge_required else ""
        return self._decided(f"login {self._logins}{asks}", Kind.PASSWORD, response, challenge_required)

    def enrol(self, mfa_token: str) -> Step:
        enrolled = self.user.enrol(mfa_token)
        self._refresh_token = enrolled.tokens["refresh_token"]
        return self.step("enrolment, then its code", PASSES, PASSES, "challenge passed")

    def refresh(self) -> Step:
        response = self.user.refresh(self._refresh_token)
        return self._decided("refresh", Kind.REFRESH, response, challenge_required=False)

    def take_flag_away(self) -> None:
        self.user.change(app_metadata={"auth_require_mfa": False})
        self._requires_mfa = False

    def _decided(self, does: str, kind: Kind, response: httpx.Response, challenge_required: bool) -> Step:  # noqa: FBT001
        number = list(LoginNumber)[min(self._logins, len(LoginNumber)) - 1]
        case = decide(
            Login(
                tenant=Tenant.TEST,
                kind=kind,
                email_domain=self._domain,
                number=number,
                auth_require_mfa=self._requires_mfa,
                challenge_required=challenge_required,
            )
        )
        expected = IS_CHALLENGED if case.decision is Decision.CHALLENGE else PASSES
        return self.step(does, expected, self._outcome(response), case.reason)

    def _outcome(self, response: httpx.Response) -> str:
        body: dict[str, Any] = response.json()
        self.mfa_token = body.get("mfa_token")
        if self.mfa_token is not None:
            return IS_CHALLENGED
        if response.is_error:
            return f"{response.status_code} {body.get('error')}"
        self._refresh_token = body.get("refresh_token") or self._refresh_token
        return PASSES


def _customer(account: _Account) -> Iterator[Step]:
    metadata = account.user.profile().get("app_metadata")
    marked = MARKED if metadata == FLAGS else f"app_metadata {metadata}"
    yield account.step("sign-up", MARKED, marked, "enable_mfa")
    yield account.log_in()
    last_ip = account.user.profile().get("user_metadata", {}).get("last_ip")
    yield account.step(f"IP {CLIENT_IP}", f"last_ip {CLIENT_IP}", f"last_ip {last_ip}", "add_ip_to_metadata")
    yield from _log_in_until_challenged(account)
    if account.mfa_token is not None:
        yield account.enrol(account.mfa_token)
    yield account.refresh()


def _robot(account: _Account) -> Iterator[Step]:
    for _ in LoginNumber:
        yield account.log_in()
    yield account.refresh()


def _tester(account: _Account) -> Iterator[Step]:
    yield account.log_in()
    yield from _log_in_until_challenged(account)
    yield account.refresh()


def _saver(account: _Account) -> Iterator[Step]:
    account.take_flag_away()
    for _ in LoginNumber:
        yield account.log_in()
    yield account.log_in(challenge_required=True)


def _log_in_until_challenged(account: _Account) -> Iterator[Step]:
    """The second login and, unless that one is challenged, a later one."""
    for _ in list(LoginNumber)[1:]:
        if account.mfa_token is None:
            yield account.log_in()
