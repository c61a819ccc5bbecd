"""The settings of a stack: read in this one place, typed, each checked by itself. Rules between them: guards.py."""

import difflib
import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pulumi
from pulumi.runtime import config as pulumi_config
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from components.addresses import Address, parse_address, parse_mail_domain
from components.problems import Problem, SettingsError, config_rm, config_set, fix_domain, quote
from components.public_mail import is_public_mail_domain

NAMESPACE = "auth0-actions"
_PREFIX = f"{NAMESPACE}:"
_PROVIDER_PREFIX = "auth0:"
_DOMAIN = f"{_PROVIDER_PREFIX}domain"


def _own_domain(domain: str) -> str:
    if is_public_mail_domain(domain):
        raise ValueError(domain)
    return domain


def _loopback(address: Address) -> Address:
    if not address.is_loopback:
        raise ValueError(address)
    return address


Environment = Literal["test", "prod"]
# As Auth0 asks for when a tenant is created.
_Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
_Address = Annotated[Address, BeforeValidator(parse_address)]
_MailDomain = Annotated[str, AfterValidator(parse_mail_domain)]

_TENANT = "an Auth0 tenant's name: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
_MAIL_DOMAIN = "an email domain as a plain host name (no @, no wildcard, no port)"


class ProviderConfig(BaseModel):
    """The Auth0 provider's own config keys, without its domain. A key that is not set is read from the environment."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: _PROVIDER_PREFIX + to_camel(name)
    )

    audience: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    client_assertion_private_key: SecretStr | None = None
    client_assertion_signing_alg: str | None = None
    api_token: SecretStr | None = None
    cli_login: bool | None = Field(default=None, description="true or false", examples=["false"])
    dynamic_credentials: bool | None = Field(default=None, description="true or false", examples=["false"])
    custom_domain_header: str | None = None
    debug: bool | None = Field(default=None, description="true or false", examples=["false"])


class Settings(BaseModel):
    """What a stack deploys, and where to: the config keys of this project, described in Pulumi.yaml, and the domain.

    Each value is valid by itself. Names and domains are in lower case. A field's description is what it accepts.

    Attributes:
        stack: Name of the Pulumi stack.
        domain: Where the provider sends its requests.
        domain_origin: The config key or the environment variable that `domain` comes from.
        audience: The Management API that the provider requests a token for; empty if none is set, or if the provider
            has a token already and requests none.
        provider: The provider's other keys.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: _PREFIX + to_camel(name))

    environment: Environment = Field(description="test or prod", examples=["test"])
    tenant: _Tenant = Field(description=_TENANT, examples=["floatme-test"])
    test_tenant: _Tenant = Field(description=_TENANT, examples=["floatme-test"])
    integration_test_domain: Annotated[_MailDomain, AfterValidator(_own_domain)] = Field(
        description=f"{_MAIL_DOMAIN} of your own: on a public one, such as gmail.com, anyone could skip MFA",
        examples=["integration-test.floatme.io"],
    )
    force_mfa_domain: _MailDomain = Field(description=_MAIL_DOMAIN, examples=["forcemfa.floatme.io"])
    runtime: Literal["node18", "node22"] = Field(description="node18 or node22", examples=["node18"])
    protect: Literal["true", "false"] | None = Field(
        default=None, description="true or false; without a value, true in environment prod only", examples=["true"]
    )
    rehearsal_domain: Annotated[_Address, AfterValidator(_loopback)] | None = Field(
        default=None,
        description="the loopback HOST or HOST:PORT of a tenant on this machine, or no value for a real deployment",
        examples=["localhost:8443"],
    )
    stack: str = Field(alias="stack")
    domain: _Address = Field(
        alias="domain",
        description="the tenant's domain as a plain host name, such as floatme-test.us.auth0.com "
        "(a port may follow; no https://, no path, no dot at its end)",
    )
    domain_origin: str = Field(alias="domain_origin")
    audience: str = Field(alias="audience")
    provider: ProviderConfig = Field(alias="provider")

    @property
    def is_protected(self) -> bool:
        """Whether Actions and flows are to be protected from deletion and replacement."""
        return self.protect == "true" if self.protect else self.environment == "prod"


FIELDS = {str(field.alias): field for model in (Settings, ProviderConfig) for field in model.model_fields.values()}
KEYS = tuple(alias.removeprefix(_PREFIX) for alias in FIELDS if alias.startswith(_PREFIX))
# How the provider comes by a token other than requesting one with client credentials.
_TOKENS = {
    "apiToken": "AUTH0_API_TOKEN",
    "cliLogin": "AUTH0_CLI_LOGIN",
    "dynamicCredentials": "AUTH0_DYNAMIC_CREDENTIALS",
}
# Better examples than the fields' own, for stacks of these names.
_EXAMPLES_OF_STACK = {
    "local": {_PREFIX + "tenant": "floatme-local", _PREFIX + "testTenant": "floatme-local"},
    "prod": {_PREFIX + "environment": "prod", _PREFIX + "tenant": "floatme-prod"},
}


def read_settings() -> Settings:
    """Read the settings of the running stack.

    Raises:
        SettingsError: Names every key that is missing, wrong or unknown.
    """
    # Pulumi's own map, not pulumi.Config: it lists its keys, so that a misspelt one is noticed, and it never falls back
    # to PULUMI_CONFIG_AUTH0_DOMAIN, a variable that the provider does not read.
    return parse_settings(pulumi.get_stack(), pulumi_config.CONFIG.get(), os.environ)


def parse_settings(stack: str, config: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Turn a stack's config and the environment variables into settings.

    Args:
        stack: Name of the stack.
        config: The stack's whole config; keys with their namespace.
        environ: Variables that the Auth0 provider reads too, as far as they are set.

    Raises:
        SettingsError: Names every key that is missing, wrong or unknown.
    """
    # A known key without a value is not set: Pulumi.yaml declares them with empty defaults.
    values: dict[str, Any] = {
        key: text for key, text in config.items() if key.startswith(_PREFIX) and (text or key not in FIELDS)
    }
    # As in the provider, the config comes first.
    values["domain_origin"] = _DOMAIN if _DOMAIN in config else "AUTH0_DOMAIN"
    values["domain"] = config.get(_DOMAIN, environ.get("AUTH0_DOMAIN", ""))
    values["provider"] = {
        key: text
        for key, text in config.items()
        if key.startswith(_PROVIDER_PREFIX) and key != _DOMAIN and (text or key not in FIELDS)
    }
    has_token = any(config.get(f"auth0:{key}") or environ.get(variable) for key, variable in _TOKENS.items())
    values["audience"] = "" if has_token else config.get("auth0:audience") or environ.get("AUTH0_AUDIENCE", "")
    try:
        return Settings.model_validate({**values, "stack": stack})
    except ValidationError as error:
        all_values = {**values, **values["provider"]}
        problems = [_problem(stack, str(each["loc"][-1]), all_values) for each in error.errors()]
        raise SettingsError(stack, problems) from None


def _problem(stack: str, key: str, values: Mapping[str, str]) -> Problem:
    text = values.get(key, "")
    if key not in FIELDS:
        # A misspelt key would otherwise be ignored, and its default be deployed.
        prefix = _PREFIX if key.startswith(_PREFIX) else _PROVIDER_PREFIX
        keys = [name.removeprefix(prefix) for name in (*FIELDS, _DOMAIN) if name.startswith(prefix)]
        similar = difflib.get_close_matches(key.removeprefix(prefix), keys, n=1)
        hint = f"; did you mean {similar[0]}?" if similar else ""
        # The provider's keys hold credentials: the value of a misspelt one is not shown.
        what = f"{key} is {quote(text) if prefix == _PREFIX else 'set'}, and there is no such key{hint}"
        return Problem(what, ", ".join(keys), config_rm(stack, key))
    accepted = str(FIELDS[key].description)
    if key == "domain":
        origin = values["domain_origin"]
        what = f"{origin} is {quote(text)}" if text else f"the tenant's domain is not set ({origin} is empty)"
        return Problem(what, accepted, fix_domain(stack, origin))
    (example,) = FIELDS[key].examples or [""]
    fix = config_set(stack, key, _EXAMPLES_OF_STACK.get(stack, {}).get(key, example))
    return Problem(f"{key} is {quote(text) if text else 'not set'}", accepted, fix)
