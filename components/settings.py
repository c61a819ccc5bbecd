"""The settings of a stack: read in this one place, typed, and each checked by itself.

The rules between several of them are in guards.py. Only the standard library and Pulumi's own modules are
used here: each import counts in every preview.
"""

import difflib
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import pulumi
from pulumi.runtime import config as pulumi_config

from components.hosts import Address, parse_address, parse_mail_domain
from components.problems import Problem, SettingsError, shown
from components.public_mail import is_public_mail_domain

Environment = Literal["test", "prod"]
Runtime = Literal["node18", "node22"]
S = TypeVar("S", bound=str)
T_co = TypeVar("T_co", covariant=True)

NAMESPACE = "auth0-actions"

# As Auth0 asks for when a tenant is made: 3 to 63 lower-case letters, digits and hyphens.
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stack deploys, and where to. Each value is valid by itself; names and domains are in lower case.

    Attributes:
        stack: Name of the Pulumi stack.
        environment: `test` or `prod`.
        tenant: Name of the Auth0 tenant that this stack deploys to.
        test_tenant: Name of the test tenant.
        integration_test_domain: Email domain of the integration tests' accounts.
        force_mfa_domain: Email domain of the accounts that need MFA in any case.
        runtime: Node.js runtime of the Actions, as the Auth0 provider names it.
        rehearsal_domain: The loopback address on which a stack other than local is rehearsed.
        domain: Where the provider sends its requests.
        domain_origin: The config key or the environment variable that `domain` came from.
        audience: The Management API that the provider asks a token for, where one is set.
    """

    stack: str
    environment: Environment
    tenant: str
    test_tenant: str
    integration_test_domain: str
    force_mfa_domain: str
    runtime: Runtime
    rehearsal_domain: Address | None
    domain: Address
    domain_origin: str
    audience: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where settings are read from.

    Attributes:
        stack: Name of the stack.
        config: The stack's whole config; keys with their namespace.
        environ: The environment variables, for those that the Auth0 provider reads too.
    """

    stack: str
    config: Mapping[str, str]
    environ: Mapping[str, str]


class InvalidError(Exception):
    """One setting is missing or wrong."""

    def __init__(self, problem: Problem) -> None:
        """Carry the problem to where all of them are gathered."""
        super().__init__(problem.what)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Setting(Generic[T_co]):
    """One config key of this project.

    Attributes:
        key: The key, without its namespace.
        parse: Turns the text into the value, or raises ValueError. A key that is not set is "".
        accepted: What it accepts, for people.
        example: A value that it accepts.
        examples: A better one for stacks of these names.
    """

    key: str
    parse: Callable[[str], T_co]
    accepted: str
    example: str
    examples: Mapping[str, str] = field(default_factory=dict)

    def read(self, source: Source) -> T_co:
        """The key's value in this stack, or InvalidError."""
        text = source.config.get(f"{NAMESPACE}:{self.key}", "")
        try:
            return self.parse(text)
        except ValueError:
            what = f"is {shown(text)}" if text else "is not set"
            example = self.examples.get(source.stack, self.example)
            raise InvalidError(
                Problem(
                    f"{NAMESPACE}:{self.key} {what}",
                    self.accepted,
                    config_set(source.stack, f"{NAMESPACE}:{self.key}", example),
                )
            ) from None


def read_settings() -> Settings:
    """Read the settings of the running stack.

    Raises:
        SettingsError: Names every key that is missing, wrong or unknown.
    """
    # Pulumi's own map, not pulumi.Config: it can list its keys, so that a misspelt one is found, and it never
    # turns to PULUMI_CONFIG_AUTH0_DOMAIN, a variable that the provider does not read.
    return parse_settings(Source(pulumi.get_stack(), pulumi_config.CONFIG.get(), os.environ))


def parse_settings(source: Source) -> Settings:
    """Turn a stack's config and environment variables into settings.

    Raises:
        SettingsError: Names every key that is missing, wrong or unknown.
    """
    problems = _unknown_keys(source)
    for read in (*(setting.read for setting in SETTINGS), _domain):
        try:
            read(source)
        except InvalidError as invalid:
            problems.append(invalid.problem)
    if problems:
        raise SettingsError(source.stack, problems)
    domain, domain_origin = _domain(source)
    return Settings(
        stack=source.stack,
        environment=ENVIRONMENT.read(source),
        tenant=TENANT.read(source),
        test_tenant=TEST_TENANT.read(source),
        integration_test_domain=INTEGRATION_TEST_DOMAIN.read(source),
        force_mfa_domain=FORCE_MFA_DOMAIN.read(source),
        runtime=RUNTIME.read(source),
        rehearsal_domain=REHEARSAL_DOMAIN.read(source),
        domain=domain,
        domain_origin=domain_origin,
        audience=source.config.get("auth0:audience") or source.environ.get("AUTH0_AUDIENCE"),
    )


def config_set(stack: str, key: str, value: str) -> str:
    """The shell command that sets a config key."""
    return shlex.join(["pulumi", "config", "set", key, value, "--stack", stack])


def config_rm(stack: str, key: str) -> str:
    """The shell command that removes a config key."""
    return shlex.join(["pulumi", "config", "rm", key, "--stack", stack])


def _domain(source: Source) -> tuple[Address, str]:
    """Where the provider sends its requests, found as it does: auth0:domain first, then AUTH0_DOMAIN."""
    origin = "auth0:domain" if "auth0:domain" in source.config else "AUTH0_DOMAIN"
    text = source.config.get("auth0:domain", source.environ.get("AUTH0_DOMAIN", ""))
    address = parse_address(text)
    if address is not None:
        return address, origin
    fix = 'eval "$(make -s env)"' if source.stack == "local" else "export AUTH0_DOMAIN=TENANT.REGION.auth0.com"
    if origin == "auth0:domain":
        fix = f"{config_rm(source.stack, origin)}, then {fix}"
    raise InvalidError(
        Problem(
            f"{origin} is {shown(text)}" if text else f"the tenant's domain is not set ({origin} is empty)",
            "the tenant's domain as a plain host name, such as floatme-test.us.auth0.com "
            "(a port may follow; no https://, no path, no dot at its end)",
            fix,
        )
    )


def _unknown_keys(source: Source) -> list[Problem]:
    """A misspelt key would otherwise be left out without a word, and its default be deployed."""
    known = [setting.key for setting in SETTINGS]
    problems = []
    for full_key in sorted(source.config):
        namespace, _, key = full_key.partition(":")
        if namespace == NAMESPACE and key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            problems.append(
                Problem(
                    f"{full_key} is {shown(source.config[full_key])}, and this program has no such key{hint}",
                    ", ".join(known),
                    config_rm(source.stack, full_key),
                )
            )
    return problems


def _one_of(*choices: S) -> Callable[[str], S]:
    by_text: dict[str, S] = {choice: choice for choice in choices}

    def parse(text: str) -> S:
        if text not in by_text:
            raise ValueError
        return by_text[text]

    return parse


def _tenant(text: str) -> str:
    if _TENANT.fullmatch(text) is None:
        raise ValueError
    return text


def _mail_domain(text: str) -> str:
    domain = parse_mail_domain(text)
    if domain is None:
        raise ValueError
    return domain


def _own_mail_domain(text: str) -> str:
    domain = _mail_domain(text)
    if is_public_mail_domain(domain):
        raise ValueError
    return domain


def _rehearsal_domain(text: str) -> Address | None:
    if not text:
        return None
    address = parse_address(text)
    if address is None or not address.is_loopback:
        raise ValueError
    return address


_TENANT_NAME = "an Auth0 tenant's name: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
_MAIL_DOMAIN = "an email domain as a plain host name (no @, no wildcard, no port)"

ENVIRONMENT: Setting[Environment] = Setting(
    "environment", _one_of("test", "prod"), "test or prod", "test", {"prod": "prod"}
)
TENANT = Setting("tenant", _tenant, _TENANT_NAME, "floatme-test", {"local": "floatme-local", "prod": "floatme-prod"})
TEST_TENANT = Setting("testTenant", _tenant, _TENANT_NAME, "floatme-test", {"local": "floatme-local"})
INTEGRATION_TEST_DOMAIN = Setting(
    "integrationTestDomain",
    _own_mail_domain,
    f"{_MAIL_DOMAIN} of your own: on a public one, such as gmail.com, anyone could skip MFA",
    "integration-test.floatme.io",
)
FORCE_MFA_DOMAIN = Setting("forceMfaDomain", _mail_domain, _MAIL_DOMAIN, "forcemfa.floatme.io")
RUNTIME: Setting[Runtime] = Setting("runtime", _one_of("node18", "node22"), "node18 or node22", "node18")
REHEARSAL_DOMAIN = Setting(
    "rehearsalDomain",
    _rehearsal_domain,
    "the loopback HOST or HOST:PORT of a tenant on this machine, or no value for a real deployment",
    "localhost:8443",
)
SETTINGS: tuple[Setting[object], ...] = (
    ENVIRONMENT,
    TENANT,
    TEST_TENANT,
    INTEGRATION_TEST_DOMAIN,
    FORCE_MFA_DOMAIN,
    RUNTIME,
    REHEARSAL_DOMAIN,
)
