"""The guards: rules between a stack's settings that keep one tenant's Actions off another tenant.

They are held against the settings before the first resource is registered, so a broken one stops a preview
too. In doubt a guard fails: a refused deployment costs a minute, a bypass of MFA in prod costs accounts.
"""

import re
from collections.abc import Iterator

from components.hosts import parse_address
from components.problems import Problem, SettingsError
from components.settings import NAMESPACE, Environment, Settings, config_rm, config_set, read_settings

_AUTH0 = ".auth0.com"
_AUDIENCE = re.compile(r"https://(?P<host>[^/]+)/api/v2/")

# Stacks whose name says which environment they are.
_ENVIRONMENT_OF_STACK: dict[str, Environment] = {"local": "test", "test": "test", "prod": "prod"}


def guarded_settings() -> Settings:
    """Read the running stack's settings and hold every guard against them.

    Raises:
        SettingsError: Names every key that is missing or wrong; if none is, every guard that is broken.
    """
    settings = read_settings()
    problems = broken_guards(settings)
    if problems:
        raise SettingsError(settings.stack, problems)
    return settings


def broken_guards(settings: Settings) -> list[Problem]:
    """Hold every guard against the settings; an empty list is a yes."""
    return [problem for guard in _GUARDS for problem in guard(settings)]


def _environment_fits_the_stack(settings: Settings) -> Iterator[Problem]:
    expected = _environment(settings)
    if settings.environment != expected:
        yield Problem(
            f"{NAMESPACE}:environment is {settings.environment} on stack {settings.stack}",
            f"{expected} on this stack: its name says so",
            _set(settings, "environment", expected),
        )


def _prod_is_not_the_test_tenant(settings: Settings) -> Iterator[Problem]:
    if _environment(settings) == "prod" and settings.tenant == settings.test_tenant:
        yield Problem(
            f"{NAMESPACE}:tenant and {NAMESPACE}:testTenant are both {settings.tenant} in environment prod",
            "two different tenants: on the test tenant MFA can be bypassed",
            f"{_set(settings, 'tenant', 'PROD_TENANT')} or {_set(settings, 'testTenant', 'TEST_TENANT')}",
        )


def _test_is_the_test_tenant(settings: Settings) -> Iterator[Problem]:
    if _environment(settings) == "test" and settings.tenant != settings.test_tenant:
        yield Problem(
            f"{NAMESPACE}:tenant is {settings.tenant} but {NAMESPACE}:testTenant is {settings.test_tenant} "
            "in environment test",
            "the same tenant twice: the bypasses for integration tests work on the test tenant alone",
            # Never the other way round: that would open the bypasses on whatever tenant this is.
            _set(settings, "tenant", settings.test_tenant),
        )


def _test_domains_differ(settings: Settings) -> Iterator[Problem]:
    if settings.integration_test_domain == settings.force_mfa_domain:
        yield Problem(
            f"{NAMESPACE}:integrationTestDomain and {NAMESPACE}:forceMfaDomain are both {settings.force_mfa_domain}",
            "two different domains: one skips MFA, the other forces it",
            _set(settings, "integrationTestDomain", "integration-test.floatme.io"),
        )


def _domain_is_where_the_stack_belongs(settings: Settings) -> Iterator[Problem]:
    """Stack local on this machine, the others elsewhere, unless they are rehearsed here by name."""
    asked_for = settings.rehearsal_domain
    if settings.stack == "local":
        if not settings.domain.is_loopback:
            yield Problem(
                f"{_domain(settings)} on stack local",
                "an address of this machine: localhost, NAME.localhost, 127.0.0.0/8 or [::1]",
                _fix_domain(settings, 'eval "$(make -s env)"'),
            )
    elif settings.domain.is_loopback and asked_for is None:
        yield Problem(
            f"{_domain(settings)}, an address of this machine, on stack {settings.stack}",
            "the domain of a tenant at Auth0, or a rehearsal on this machine that is asked for by name",
            f"{_fix_domain(settings, _export(settings))}; "
            f"for a rehearsal {_set(settings, 'rehearsalDomain', str(settings.domain))}",
        )
    if asked_for is not None and settings.domain != asked_for:
        yield Problem(
            f"{NAMESPACE}:rehearsalDomain asks for a rehearsal on {asked_for}, but {_domain(settings)}",
            "exactly the domain that is deployed to, or no value for a real deployment",
            config_rm(settings.stack, f"{NAMESPACE}:rehearsalDomain"),
        )


def _domain_is_the_tenants(settings: Settings) -> Iterator[Problem]:
    host = settings.domain.host
    if settings.domain.is_loopback or settings.stack == "local":
        return
    named = _tenant_of(host)
    if named == settings.tenant:
        return
    if named is not None:
        accepted = f"a domain of tenant {settings.tenant}; this one is of tenant {named}"
    elif f"{_AUTH0}." in f".{host}.":
        accepted = f"{settings.tenant}.REGION{_AUTH0}, with nothing after it; this one is another host"
    elif settings.domain.is_ip:
        accepted = "a host name; an IP address does not say which tenant it is"
    elif _tenant_of_audience(settings.audience) != settings.tenant:
        accepted = (
            "a domain that says which tenant it is; a custom domain needs the audience of its tenant too "
            f"(auth0:audience https://{settings.tenant}.REGION.auth0.com/api/v2/)"
        )
    else:
        return
    yield Problem(
        f"{_domain(settings)} and {NAMESPACE}:tenant is {settings.tenant}",
        accepted,
        _fix_domain(settings, _export(settings)),
    )


_GUARDS = (
    _environment_fits_the_stack,
    _prod_is_not_the_test_tenant,
    _test_is_the_test_tenant,
    _test_domains_differ,
    _domain_is_where_the_stack_belongs,
    _domain_is_the_tenants,
)


def _environment(settings: Settings) -> Environment:
    """The environment that the stack should have, so that one wrong key does not lead to advice that misleads."""
    return _ENVIRONMENT_OF_STACK.get(settings.stack, settings.environment)


def _tenant_of(host: str) -> str | None:
    """The NAME in NAME.auth0.com and NAME.REGION.auth0.com."""
    return host.partition(".")[0] if host.endswith(_AUTH0) else None


def _tenant_of_audience(audience: str | None) -> str | None:
    """The NAME in https://NAME.REGION.auth0.com/api/v2/, for which only that tenant gives tokens."""
    match = _AUDIENCE.fullmatch(audience or "")
    address = parse_address(match["host"]) if match else None
    return _tenant_of(address.host) if address else None


def _domain(settings: Settings) -> str:
    return f"{settings.domain_origin} is {settings.domain}"


def _set(settings: Settings, key: str, value: str) -> str:
    return config_set(settings.stack, f"{NAMESPACE}:{key}", value)


def _export(settings: Settings) -> str:
    return f"export AUTH0_DOMAIN={settings.tenant}.REGION.auth0.com"


def _fix_domain(settings: Settings, way: str) -> str:
    """A domain in the config comes before AUTH0_DOMAIN, so it has to go first."""
    if settings.domain_origin == "auth0:domain":
        return f"{config_rm(settings.stack, 'auth0:domain')}, then {way}"
    return way
