"""The steps of the story: what a person does, what the rules (docs/rules.md) require, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from local_tenant.cli.api import Answer, TenantApi
from local_tenant.cli.device import Device, device_of
from local_tenant.cli.options import DEFAULT_PASSWORD
from local_tenant.cli.people import keep_refresh_token, pass_challenge

from policy import Decision, EmailDomain, Kind, Login, LoginNumber, Tenant, decide

CLIENT_IP = "203.0.113.7"

PASSES = "tokens, no challenge"
IS_CHALLENGED = "MFA required"
_DOES = {
    LoginNumber.FIRST: "logs in for the first time",
    LoginNumber.SECOND: "logs in for the second time",
    LoginNumber.LATER: "logs in once more",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story.

    Attributes:
        who: the account.
        does: what its person does.
        expected: what the rules require.
        happened: what did.
        because: the rule.
    """

    who: str
    does: str
    expected: str
    happened: str
    because: str

    @property
    def as_expected(self) -> bool:
        """Whether the Actions followed the rules."""
        return self.expected == self.happened


@dataclass(frozen=True, slots=True)
class Domains:
    """Email domains of stack local.

    Attributes:
        integration_test: accounts that skip MFA.
        force_mfa: accounts that need it.
    """

    integration_test: str
    force_mfa: str


def play(api: TenantApi, data: Path, domains: Domains) -> Iterator[Step]:
    """Play the story with new accounts, step by step. What each login expects is what the decision table says."""
    run = token_hex(3)
    yield from _customer(_Account(api, data, f"customer-{run}@example.com", EmailDomain.OTHER))
    yield from _robot(_Account(api, data, f"robot-{run}@{domains.integration_test}", EmailDomain.INTEGRATION))
    yield from _tester(_Account(api, data, f"tester-{run}@{domains.force_mfa}", EmailDomain.FORCE_MFA))
    yield from _saver(_Account(api, data, f"saver-{run}@example.com", EmailDomain.OTHER))


class _Account:
    """Somebody with an account and a device."""

    def __init__(self, api: TenantApi, data: Path, email: str, email_domain: EmailDomain) -> None:
        self.api = api
        self.email = email
        self.device: Device = device_of(data, email)
        self._mfa_token: str | None = None
        self._email_domain = email_domain
        self._auth_require_mfa = True
        self._logins = 0

    def sign_up(self) -> Answer:
        return self.api.sign_up(self.email, DEFAULT_PASSWORD)

    def require_no_mfa(self) -> None:
        self.api.change_user(self.user().get("user_id", ""), {"app_metadata": {"auth_require_mfa": False}})
        self._auth_require_mfa = False

    def log_in(self, does: str | None = None, **custom: str) -> Step:
        self._logins += 1
        answer = self.api.log_in(self.email, DEFAULT_PASSWORD, custom, CLIENT_IP)
        self._keep(answer)
        return self._login_step(does or _DOES[self._number], Kind.PASSWORD, answer, challenge_required=bool(custom))

    def answer_challenge(self) -> Step:
        answer = pass_challenge(self.api, self.device, self._mfa_token or "")
        self._keep(answer)
        return self.step("enrols a device and types its code", PASSES, _outcome(answer), "any enrolled factor will do")

    def refresh(self) -> Step:
        answer = self.api.refresh(self.device.refresh_token or "", {}, CLIENT_IP)
        return self._login_step("has the application refresh its token", Kind.REFRESH, answer)

    def user(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.api.manage("GET", "/users-by-email", email=self.email)
        return found[0] if found else {}

    def step(self, does: str, expected: str, happened: str, because: str) -> Step:
        return Step(self.email, does, expected, happened, because)

    @property
    def is_challenged(self) -> bool:
        """Whether the last login waits for a factor."""
        return self._mfa_token is not None

    @property
    def _number(self) -> LoginNumber:
        return list(LoginNumber)[min(self._logins, len(LoginNumber)) - 1]

    def _keep(self, answer: Answer) -> None:
        self._mfa_token = answer.mfa_token
        keep_refresh_token(self.device, answer)

    def _login_step(self, does: str, kind: Kind, answer: Answer, *, challenge_required: bool = False) -> Step:
        case = decide(
            Login(
                tenant=Tenant.TEST,
                kind=kind,
                email_domain=self._email_domain,
                number=self._number,
                auth_require_mfa=self._auth_require_mfa,
                challenge_required=challenge_required,
            )
        )
        expected = IS_CHALLENGED if case.decision is Decision.CHALLENGE else PASSES
        return self.step(does, expected, _outcome(answer), case.reason)


def _customer(account: _Account) -> Iterator[Step]:
    flags = {"auth_require_mfa": True, "uses_new_mfa_action": True}
    yield account.step(
        "signs up",
        f"user created, app_metadata {flags}",
        f"{_outcome(account.sign_up(), 'user created')}, app_metadata {account.user().get('app_metadata')}",
        "enable_mfa marks each new user",
    )
    yield account.log_in()
    yield account.step(
        f"had the IP {CLIENT_IP}",
        f"user_metadata.last_ip {CLIENT_IP}",
        f"user_metadata.last_ip {account.user().get('user_metadata', {}).get('last_ip')}",
        "add_ip_to_metadata records the client's IP on every login",
    )
    yield from _log_in_until_challenged(account)
    if account.is_challenged:
        yield account.answer_challenge()
    yield account.refresh()


def _robot(account: _Account) -> Iterator[Step]:
    account.sign_up()
    for _ in LoginNumber:
        yield account.log_in()
    yield account.refresh()


def _tester(account: _Account) -> Iterator[Step]:
    account.sign_up()
    yield account.log_in()
    yield from _log_in_until_challenged(account)
    yield account.refresh()


def _saver(account: _Account) -> Iterator[Step]:
    account.sign_up()
    account.require_no_mfa()
    for _ in LoginNumber:
        yield account.log_in()
    yield account.log_in("logs in, and the client asks for a challenge", challengeRequired="true")


def _log_in_until_challenged(account: _Account) -> Iterator[Step]:
    """The second login and, unless that one is challenged, a later one."""
    for _ in list(LoginNumber)[1:]:
        if not account.is_challenged:
            yield account.log_in()


def _outcome(answer: Answer, success: str = PASSES) -> str:
    if answer.mfa_token is not None:
        return IS_CHALLENGED
    return success if answer.succeeded else f"{answer.status} {answer.error}"
