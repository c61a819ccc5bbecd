"""The guards: rules between a stack's settings that keep one tenant's Actions off another tenant.

They are checked before the first resource is registered, so a broken one stops a preview too. In doubt a guard fails: a
refused deployment costs a minute, a bypass of MFA in prod costs accounts.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from components.addresses import parse_address
from components.problems import Problem, SettingsError, config_rm, config_set, fix_domain
from components.settings import NAMESPACE, Environment, Settings, read_settings

PROJECT_FOLDER = Path(__file__).parent.parent

_AUTH0 = ".auth0.com"
# NAME.auth0.com, or with a region of Auth0's public cloud (Auth0's "Public Cloud Service Endpoints").
_HOST_OF_TENANT = re.compile(r"([^.]+)(?:\.(?:au|ca|eu|jp|uk|us))?\.auth0\.com")
# Stacks whose name says which environment they are.
_ENVIRONMENT_OF_STACK: dict[str, Environment] = {"local": "test", "test": "test", "prod": "prod"}

_ENVIRONMENT = f"{NAMESPACE}:environment"
_TENANT = f"{NAMESPACE}:tenant"
_TEST_TENANT = f"{NAMESPACE}:testTenant"
_INTEGRATION_TEST_DOMAIN = f"{NAMESPACE}:integrationTestDomain"
_FORCE_MFA_DOMAIN = f"{NAMESPACE}:forceMfaDomain"
_REHEARSAL_DOMAIN = f"{NAMESPACE}:rehearsalDomain"


def guarded_settings() -> Settings:
    """Read the running stack's settings and check every guard.

    Raises:
        SettingsError: Names every key that is missing or wrong; if none is, every guard that is broken.
    """
    settings = read_settings()
    problems = broken_guards(settings, prod_tenants(PROJECT_FOLDER))
    if problems:
        raise SettingsError(settings.stack, problems)
    return settings


def broken_guards(settings: Settings, prod_tenants: Mapping[str, str]) -> list[Problem]:
    """Check every guard; an empty list means that all hold.

    Args:
        settings: The stack's settings.
        prod_tenants: As the function of this name returns them.
    """
    guards = (_environment, _tenants, _mail_domains, _place, _host)
    return [*(problem for guard in guards for problem in guard(settings)), *_tenant_of_prod(settings, prod_tenants)]


def prod_tenants(folder: Path) -> dict[str, str]:
    """The tenants that prod stacks deploy to, by the stacks' files in a folder; each with the name of its file.

    Raises:
        SettingsError: A file is not that of a stack, or its tenant is encrypted.
    """
    tenants = {}
    for path in sorted(each for each in folder.glob("Pulumi.*.*") if each.suffix in {".yaml", ".yml", ".json"}):
        stack = path.stem.removeprefix("Pulumi.")
        try:
            config = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("config") or {}
            environment, tenant = config.get(_ENVIRONMENT), config.get(_TENANT, "")
        except (AttributeError, OSError, ValueError, yaml.YAMLError):
            tenant = None
        if not isinstance(tenant, str):
            raise SettingsError(stack, [_unreadable(path)])
        if tenant and _ENVIRONMENT_OF_STACK.get(stack, environment) == "prod":
            tenants[tenant] = path.name
    return tenants


def _unreadable(path: Path) -> Problem:
    return Problem(
        f"{path.name} does not say which tenant it deploys to",
        f"a stack's file with {_TENANT} in plain text: no stack of environment test may deploy to a tenant of prod",
        f"correct {path.name}, or remove it",
    )


def _expected_environment(settings: Settings) -> Environment:
    """The environment that the stack should have, so that one wrong key does not lead to advice that misleads."""
    return _ENVIRONMENT_OF_STACK.get(settings.stack, settings.environment)


def _environment(settings: Settings) -> Iterator[Problem]:
    """A stack's name does not contradict its environment."""
    expected = _expected_environment(settings)
    if settings.environment != expected:
        yield Problem(
            f"{_ENVIRONMENT} is {settings.environment} on stack {settings.stack}",
            f"{expected} on this stack: its name says so",
            config_set(settings.stack, _ENVIRONMENT, expected),
        )


def _tenants(settings: Settings) -> Iterator[Problem]:
    """MFA can be bypassed in environment test, and only there."""
    stack, tenant, test_tenant = settings.stack, settings.tenant, settings.test_tenant
    if _expected_environment(settings) == "prod":
        if tenant == test_tenant:
            other_tenant = config_set(stack, _TENANT, "PROD_TENANT")
            yield Problem(
                f"{_TENANT} and {_TEST_TENANT} are both {tenant} in environment prod",
                "two different tenants: on the test tenant MFA can be bypassed",
                f"{other_tenant} or {config_set(stack, _TEST_TENANT, 'TEST_TENANT')}",
            )
    elif tenant != test_tenant:
        yield Problem(
            f"{_TENANT} is {tenant} but {_TEST_TENANT} is {test_tenant} in environment test",
            "the same tenant twice: the bypasses for integration tests work on the test tenant alone",
            # Never the other way round: that would open the bypasses on whatever tenant this is.
            config_set(stack, _TENANT, test_tenant),
        )


def _tenant_of_prod(settings: Settings, prod_tenants: Mapping[str, str]) -> Iterator[Problem]:
    """Whatever a stack is called, in environment test it stays off the tenants of prod."""
    stack, tenant = settings.stack, settings.tenant
    if _expected_environment(settings) == "test" and tenant in prod_tenants:
        yield Problem(
            f"{_TENANT} is {tenant} in environment test, and {prod_tenants[tenant]} says that it is prod's",
            "a tenant that no stack of environment prod deploys to: in environment test MFA can be bypassed",
            f"{config_set(stack, _TENANT, 'TEST_TENANT')} and {config_set(stack, _TEST_TENANT, 'TEST_TENANT')}; "
            f"if this is a stack of prod, {config_set(stack, _ENVIRONMENT, 'prod')}",
        )


def _mail_domains(settings: Settings) -> Iterator[Problem]:
    """No domain both skips MFA and forces it."""
    if settings.integration_test_domain == settings.force_mfa_domain:
        yield Problem(
            f"{_INTEGRATION_TEST_DOMAIN} and {_FORCE_MFA_DOMAIN} are both {settings.force_mfa_domain}",
            "two different domains: one skips MFA, the other forces it",
            config_set(settings.stack, _INTEGRATION_TEST_DOMAIN, "integration-test.floatme.io"),
        )


def _place(settings: Settings) -> Iterator[Problem]:
    """Stack local is deployed to this machine, another stack only when it asks for a rehearsal on this very address."""
    stack, domain, rehearsal = settings.stack, settings.domain, settings.rehearsal_domain
    origin = settings.domain_origin
    if stack == "local" and not domain.is_loopback:
        yield Problem(
            f"{origin} is {domain} on stack local",
            "an address of this machine: localhost, NAME.localhost, 127.0.0.0/8 or [::1]",
            fix_domain(stack, origin),
        )
    if stack != "local" and domain.is_loopback and rehearsal is None:
        rehearse = config_set(stack, _REHEARSAL_DOMAIN, str(domain))
        yield Problem(
            f"{origin} is {domain}, an address of this machine, on stack {stack}",
            "the domain of a tenant at Auth0, or a rehearsal on this machine that the config names",
            f"{fix_domain(stack, origin, settings.tenant)}; for a rehearsal {rehearse}",
        )
    if rehearsal is not None and domain != rehearsal:
        yield Problem(
            f"{_REHEARSAL_DOMAIN} asks for a rehearsal on {rehearsal}, but {origin} is {domain}",
            "exactly the domain that is deployed to, or no value for a real deployment",
            config_rm(stack, _REHEARSAL_DOMAIN),
        )


def _host(settings: Settings) -> Iterator[Problem]:
    """The domain of a real deployment proves that it is the tenant's."""
    domain, tenant = settings.domain, settings.tenant
    if domain.is_loopback or settings.stack == "local":
        return
    host_tenant = _tenant_of(domain.host)
    if host_tenant == tenant:
        return
    if host_tenant is not None:
        accepted = f"a domain of tenant {tenant}; this one is of tenant {host_tenant}"
    elif f"{_AUTH0}." in f".{domain.host}.":
        accepted = f"{tenant}.REGION{_AUTH0}, with nothing after it; this one is another host"
    elif domain.is_ip:
        accepted = "a host name; an IP address does not say which tenant it is"
    elif _tenant_of_audience(settings.audience) != tenant:
        accepted = (
            "a domain that says which tenant it is; a custom domain needs the audience of its tenant too "
            f"(auth0:audience https://{tenant}.REGION{_AUTH0}/api/v2/), and client credentials instead of an API token"
        )
    else:
        return
    yield Problem(
        f"{settings.domain_origin} is {domain} and {_TENANT} is {tenant}",
        accepted,
        fix_domain(settings.stack, settings.domain_origin, tenant),
    )


def _tenant_of(host: str) -> str | None:
    """The NAME in NAME.auth0.com and NAME.REGION.auth0.com."""
    match = _HOST_OF_TENANT.fullmatch(host)
    return match[1] if match else None


def _tenant_of_audience(audience: str) -> str | None:
    """The NAME in https://NAME.REGION.auth0.com/api/v2/, for which only that tenant issues tokens."""
    match = re.fullmatch(r"https://([^/]+)/api/v2/", audience)
    try:
        return _tenant_of(parse_address(match[1]).host) if match else None
    except ValueError:
        return None
