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

CLIENT_IP = "203.0.113.7"

PASSES = "tokens, no challenge"
IS_CHALLENGED = "MFA required"


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
    """Play the story with new accounts, step by step."""
    run = token_hex(3)
    yield from _customer(_Account(api, data, f"customer-{run}@example.com"))
    yield from _passes_twice(
        _Account(api, data, f"robot-{run}@{domains.integration_test}"),
        "an account of the integration-test domain skips MFA on the test tenant",
    )
    yield from _forced(_Account(api, data, f"tester-{run}@{domains.force_mfa}"))
    yield from _stepped_up(_Account(api, data, f"saver-{run}@example.com"))


class _Account:
    """Somebody with an account and a device."""

    def __init__(self, api: TenantApi, data: Path, email: str) -> None:
        self.api = api
        self.email = email
        self.device: Device = device_of(data, email)

    def sign_up(self) -> Answer:
        return self.api.sign_up(self.email, DEFAULT_PASSWORD)

    def log_in(self, **custom: str) -> Answer:
        answer = self.api.log_in(self.email, DEFAULT_PASSWORD, custom, CLIENT_IP)
        keep_refresh_token(self.device, answer)
        return answer

    def refresh(self) -> Answer:
        return self.api.refresh(self.device.refresh_token or "", {}, CLIENT_IP)

    def user(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.api.manage("GET", "/users-by-email", email=self.email)
        return found[0] if found else {}

    def step(self, does: str, expected: str, happened: str, because: str) -> Step:
        return Step(self.email, does, expected, happened, because)


def _customer(account: _Account) -> Iterator[Step]:
    flags = {"auth_require_mfa": True, "uses_new_mfa_action": True}
    yield account.step(
        "signs up",
        f"user created, app_metadata {flags}",
        f"{_outcome(account.sign_up(), 'user created')}, app_metadata {account.user().get('app_metadata')}",
        "enable_mfa marks each new user",
    )
    answer = account.log_in()
    yield account.step("logs in for the first time", PASSES, _outcome(answer), "a first login skips MFA")
    yield account.step(
        f"had the IP {CLIENT_IP}",
        f"user_metadata.last_ip {CLIENT_IP}",
        f"user_metadata.last_ip {account.user().get('user_metadata', {}).get('last_ip')}",
        "add_ip_to_metadata records the client's IP on every login",
    )
    answer = account.log_in()
    yield account.step("logs in again", IS_CHALLENGED, _outcome(answer), "app_metadata.auth_require_mfa is true")
    passed = pass_challenge(account.api, account.device, answer.mfa_token) if answer.mfa_token else answer
    keep_refresh_token(account.device, passed)
    yield account.step("enrols a device and types its code", PASSES, _outcome(passed), "any enrolled factor will do")
    yield account.step(
        "has the application refresh its token",
        PASSES,
        _outcome(account.refresh()),
        "a refresh on the test tenant skips MFA",
    )


def _passes_twice(account: _Account, because: str) -> Iterator[Step]:
    account.sign_up()
    account.log_in()
    yield account.step("logs in for the second time", PASSES, _outcome(account.log_in()), because)


def _forced(account: _Account) -> Iterator[Step]:
    account.sign_up()
    yield account.step("logs in for the first time", PASSES, _outcome(account.log_in()), "a first login skips MFA")
    because = "the force-MFA domain needs MFA on the test tenant"
    yield account.step("logs in again", IS_CHALLENGED, _outcome(account.log_in()), because)
    yield account.step(
        "has the application refresh its token",
        IS_CHALLENGED,
        _outcome(account.refresh()),
        f"{because}, refreshes included",
    )


def _stepped_up(account: _Account) -> Iterator[Step]:
    account.sign_up()
    user_id = account.user().get("user_id", "")
    account.api.change_user(user_id, {"app_metadata": {"auth_require_mfa": False}})
    account.log_in()
    yield account.step(
        "logs in again, auth_require_mfa taken away",
        PASSES,
        _outcome(account.log_in()),
        "nothing requires MFA",
    )
    yield account.step(
        "logs in, and the client asks for a challenge",
        IS_CHALLENGED,
        _outcome(account.log_in(challengeRequired="true")),
        "request.body.challengeRequired is set",
    )


def _outcome(answer: Answer, success: str = PASSES) -> str:
    if answer.mfa_token is not None:
        return IS_CHALLENGED
    return success if answer.succeeded else f"{answer.status} {answer.error}"
