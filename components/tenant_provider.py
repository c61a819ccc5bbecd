"""The Auth0 provider of the tenant that a stack deploys to.

It is an explicit one, with the domain among its inputs: so the state says which tenant it belongs to, and a domain that
changes is a change that a preview shows. Pulumi's default provider keeps no domain. Credentials from the environment
stay out of the state: the provider reads them there each time.
"""

from typing import Any

import pulumi
import pulumi_auth0 as auth0
from pydantic import SecretStr

from components.settings import Settings


def tenant_provider(settings: Settings) -> auth0.Provider:
    """Register the provider. It gets the stack's own keys of `auth0:` too, which Pulumi gives only to a default one."""
    config = settings.provider.model_dump(exclude_none=True)
    inputs: dict[str, Any] = {
        name: pulumi.Output.secret(value.get_secret_value()) if isinstance(value, SecretStr) else value
        for name, value in config.items()
    }
    return auth0.Provider("tenant", domain=str(settings.domain), **inputs)
