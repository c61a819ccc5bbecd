"""The steps of the story: what a user does, how that must end by the policy table, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx
from local_tenant.testing import AuthenticatorApp, TenantClient, expect

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

    def account(name: str, kind: EmailDomain) -> Account:
        return Account(tenant, f"{name}-{token_hex(3)}@{domains[kind]}", Tenant.TEST, kind)

    yield from _customer(account("customer", EmailDomain.OTHER))
    yield from _robot(account("robot", EmailDomain.INTEGRATION))
    yield from _tester(account("tester", EmailDomain.FORCE_MFA))
    yield from _saver(account("saver", EmailDomain.OTHER))


class Account:
    """A new user, whom enable_mfa has marked at the sign-up.

    Attributes:
        user: the user.
        mfa_token: of the challenge that is open; None if there is none.
    """

    def __init__(self, client: TenantClient, email: str, tenant: Tenant, domain: EmailDomain) -> None:
        """Sign up on the tenant of `client`, which has this part in the rules, with an email of this kind of domain."""
        # As a server does for its users: add_ip_to_metadata records this address, not the server's.
        client.http.headers["auth0-forwarded-for"] = CLIENT_IP
        self.user = client.sign_up(email)
        self.mfa_token: str | None = None
        self._tenant = tenant
        self._domain = domain
        self._app: AuthenticatorApp | None = None
        self._requires_mfa = True
        self._logins = 0
        self._refresh_token = ""

    def marks(self) -> Step:
        """The flags that the sign-up has set."""
        metadata = self.user.profile().get("app_metadata")
        marked = MARKED if metadata == FLAGS else f"app_metadata {metadata}"
        return self._step("sign-up", MARKED, marked, "enable_mfa")

    def ip(self) -> Step:
        """The IP that the last login has recorded."""
        last_ip = self.user.profile().get("user_metadata", {}).get("last_ip")
        return self._step(f"IP {CLIENT_IP}", f"last_ip {CLIENT_IP}", f"last_ip {last_ip}", "add_ip_to_metadata")

    def log_in(self, *, challenge_required: bool = False) -> Step:
        """Log in with the password."""
        self._logins += 1
        response = self.user.log_in(scope="openid offline_access", **_custom(challenge_required))
        return self._decided(f"login {self._logins}", Kind.PASSWORD, response, challenge_required)

    def pass_challenge(self) -> Step:
        """Answer the open challenge with the authenticator app, which the first one enrols."""
        token = self.mfa_token or ""
        if self._app is None:
            enrolled = self.user.enrol(token)
            self._app, tokens = enrolled.app, enrolled.tokens
        else:
            tokens = expect(self.user.prove(token, self._app.next_code()), 200)
        self.mfa_token, self._refresh_token = None, tokens["refresh_token"]
        return self._step("enrolment, then its code", PASSES, PASSES, "challenge passed")

    def refresh(self, *, challenge_required: bool = False) -> Step:
        """Exchange the refresh token of the last login that passed."""
        response = self.user.refresh(self._refresh_token, **_custom(challenge_required))
        return self._decided("refresh", Kind.REFRESH, response, challenge_required)

    def take_flag_away(self) -> None:
        """Clear auth_require_mfa."""
        self.user.change(app_metadata={"auth_require_mfa": False})
        self._requires_mfa = False

    def _step(self, does: str, expected: str, actual: str, reason: str) -> Step:
        return Step(self.user.email, does, expected, actual, reason)

    def _decided(self, does: str, kind: Kind, response: httpx.Response, challenge_required: bool) -> Step:  # noqa: FBT001
        number = list(LoginNumber)[min(self._logins, len(LoginNumber)) - 1]
        case = decide(
            Login(
                tenant=self._tenant,
                kind=kind,
                email_domain=self._domain,
                number=number,
                auth_require_mfa=self._requires_mfa,
                challenge_required=challenge_required,
            )
        )
        expected = IS_CHALLENGED if case.decision is Decision.CHALLENGE else PASSES
        asks = ", with challengeRequired" if challenge_required else ""
        return self._step(f"{does}{asks}", expected, self._outcome(response), case.reason)

    def _outcome(self, response: httpx.Response) -> str:
        body: dict[str, Any] = response.json()
        self.mfa_token = body.get("mfa_token")
        if self.mfa_token is not None:
            return IS_CHALLENGED
        if response.is_error:
            return f"{response.status_code} {body.get('error')}"
        self._refresh_token = body.get("refresh_token") or self._refresh_token
        return PASSES


def _custom(challenge_required: bool) -> dict[str, str]:  # noqa: FBT001
    return {"challengeRequired": "true"} if challenge_required else {}


def _customer(account: Account) -> Iterator[Step]:
    yield account.marks()
    yield account.log_in()
    yield account.ip()
    yield from _log_in_until_challenged(account)
    if account.mfa_token is not None:
        yield account.pass_challenge()
    yield account.refresh()


def _robot(account: Account) -> Iterator[Step]:
    for _ in LoginNumber:
        yield account.log_in()
    yield account.refresh()


def _tester(account: Account) -> Iterator[Step]:
    yield account.log_in()
    yield from _log_in_until_challenged(account)
    yield account.refresh()


def _saver(account: Account) -> Iterator[Step]:
    account.take_flag_away()
    for _ in LoginNumber:
        yield account.log_in()
    yield account.log_in(challenge_required=True)


def _log_in_until_challenged(account: Account) -> Iterator[Step]:
    """The second login and, unless that one is challenged, a later one."""
    for _ in list(LoginNumber)[1:]:
        if account.mfa_token is None:
            yield account.log_in()
