"""Logins and sign-ups to compare: every row of the decision table, and odd logins drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from action_runtime.events import (
    Event,
    event_request,
    event_transaction,
    event_user,
    post_login_event,
    pre_user_registration_event,
)

from policy import EmailDomain, Kind, Login, Tenant, decision_table

POST_LOGIN = "post-login"
SIGN_UP = "pre-user-registration"

# A field that the event does not have.
_MISSING = ...
_OTHER_DOMAIN = "example.com"


@dataclass(frozen=True, slots=True)
class Transaction:
    """A login or a sign-up that runs through both sets of Actions.

    Attributes:
        source: `decision table`, `sample` or `sign-up`.
        tenant: on which tenant.
        trigger: the flow that runs.
        who: the user, in words, and what is odd about the login.
        where: the tenant, the kind and the number of the login, in words.
        event: as Auth0 passes it to the Actions, without the tenant's name and the secrets.
        login: its row of the decision table; None for the others.
        email_domain: of the user, for a row of the table.
    """

    source: str
    tenant: Tenant
    trigger: str
    who: str
    where: str
    event: Event
    login: Login | None = None
    email_domain: str = ""


def table_logins(domains: Mapping[EmailDomain, Sequence[str]]) -> Iterator[Transaction]:
    """Every row, with each email domain that any of the settings has for it."""
    for case in decision_table():
        for domain in domains[case.email_domain]:
            yield Transaction(
                "decision table",
                case.tenant,
                POST_LOGIN,
                _who(f"jane@{domain}", case.auth_require_mfa, asks=case.challenge_required),
                f"{case.tenant}, {case.kind}, login {case.number.logins_count}",
                _event(case, f"jane@{domain}"),
                case,
                domain,
            )


def sign_ups(domains: Mapping[EmailDomain, Sequence[str]]) -> Iterator[Transaction]:
    """A sign-up with each email domain, on each tenant."""
    for tenant in Tenant:
        for email in (f"jane@{domain}" for same_kind in domains.values() for domain in same_kind):
            event = pre_user_registration_event(email=email)
            yield Transaction("sign-up", tenant, SIGN_UP, email, f"{tenant}, sign-up", event)


def sampled_logins(domains: Mapping[EmailDomain, Sequence[str]], seed: int, count: int) -> Iterator[Transaction]:
    """Odd logins: fields that are missing or of another type, look-alike domains, other protocols and counts."""
    chance = random.Random(seed)  # noqa: S311 - to be the same each time
    known = [domain for same_kind in domains.values() for domain in same_kind]
    for _ in range(count):
        tenant = chance.choice(list(Tenant))
        event = _event(chance.choice(decision_table()), chance.choice(_emails(known)))
        odd = []
        for path, values in chance.sample(_ODD, chance.randint(0, 3)):
            value = chance.choice(values)
            _change(event, path, value)
            odd.append(f"{path} {'missing' if value is _MISSING else repr(value)}")
        user, protocol = event["user"], str(event["transaction"].get("protocol")).removeprefix("oauth2-")
        count = (event.get("stats") or {}).get("logins_count", "without a count")
        who = _who(str(user.get("email")), (user.get("app_metadata") or {}).get("auth_require_mfa"))
        yield Transaction(
            "sample", tenant, POST_LOGIN, ", ".join([who, *odd]), f"{tenant}, {protocol}, login {count}", event
        )


def all_domains(sides: Iterable[Mapping[EmailDomain, str]]) -> dict[EmailDomain, tuple[str, ...]]:
    """For each kind of account, every domain that one of the settings gives it, sorted."""
    settings = list(sides)
    accounts = {
        kind: tuple(sorted({domains[kind] for domains in settings if domains.get(kind)}))
        for kind in (EmailDomain.INTEGRATION, EmailDomain.FORCE_MFA)
    }
    return {**accounts, EmailDomain.OTHER: (_OTHER_DOMAIN,)}


_ODD: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("user.email", (_MISSING, None, "", "jane", "jane@")),
    ("user.app_metadata", (_MISSING,)),
    ("user.app_metadata.auth_require_mfa", (_MISSING, None, "true", "false", 0, 1)),
    ("stats", (_MISSING,)),
    ("stats.logins_count", (_MISSING, None, 0, 1, 2, 3, 1000, "1", -1)),
    ("request.ip", (_MISSING, None, "", "2001:db8::1")),
    ("request.body", (_MISSING,)),
    ("request.body.challengeRequired", (_MISSING, False, None, "", "false", True, 1)),
    (
        "transaction.protocol",
        (
            _MISSING,
            "oidc-basic-profile",
            "oauth2-device-code",
            "oauth2-token-exchange",
            "samlp",
            "oauth2-refresh-token",
        ),
    ),
    ("user.user_metadata.last_ip", ("198.51.100.1",)),
)


def _emails(domains: Sequence[str]) -> list[str]:
    """Addresses of the domains, and look-alikes."""
    return [
        email
        for domain in domains
        for email in (
            f"jane@{domain}",
            f"JANE@{domain.upper()}",
            f"jane@sub.{domain}",
            f"jane@{domain}.evil.example",
            f"{domain}@example.com",
            f'"jane@{domain}"@example.com',
        )
    ]


def _event(login: Login, email: str) -> Event:
    is_refresh = login.kind is Kind.REFRESH
    body = {"client_id": "app", "scope": "openid offline_access"}
    body |= {"grant_type": "refresh_token"} if is_refresh else {"grant_type": "password", "username": email}
    if login.challenge_required:
        # A form sends text.
        body["challengeRequired"] = "true"
    return post_login_event(
        user=event_user(email=email, app_metadata={"auth_require_mfa": login.auth_require_mfa}),
        logins_count=login.number.logins_count,
        request=event_request(body=body),
        transaction=event_transaction(
            "oauth2-refresh-token" if is_refresh else "oauth2-password", scopes=["openid", "offline_access"]
        ),
    )


def _change(event: Event, path: str, value: object) -> None:
    """Set or remove the field at a path such as `user.email`; one whose parent is missing too stays so."""
    *parents, last = path.split(".")
    inside: Any = event
    for parent in parents:
        inside = inside.get(parent) if isinstance(inside, dict) else None
    if not isinstance(inside, dict):
        return
    if value is _MISSING:
        inside.pop(last, None)
    else:
        inside[last] = value


def _who(email: str, require_mfa: object, *, asks: bool = False) -> str:
    return f"{email}{', MFA flag' if require_mfa else ''}{', asks' if asks else ''}"
