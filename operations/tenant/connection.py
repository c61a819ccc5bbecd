"""Which tenant, and with whose credentials: read as the Auth0 provider reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auth0.management import ManagementClient

from operations.errors import OperationsError

# Config key and environment variable of each, as the provider reads them: the config comes first.
_DOMAIN = ("auth0:domain", "AUTH0_DOMAIN")
_AUDIENCE = ("auth0:audience", "AUTH0_AUDIENCE")
_CLIENT_ID = ("auth0:clientId", "AUTH0_CLIENT_ID")
_CLIENT_SECRET = ("auth0:clientSecret", "AUTH0_CLIENT_SECRET")
_API_TOKEN = ("auth0:apiToken", "AUTH0_API_TOKEN")


@dataclass(frozen=True, slots=True)
class Connection:
    """A tenant, and what opens its Management API: an application's credentials, or a token.

    Attributes:
        domain: HOST or HOST:PORT.
        audience: the Management API's identifier; None for `https://DOMAIN/api/v2/`.
        client_id: of an application that may use the Management API.
        client_secret: of the same.
        api_token: a token for the Management API, instead of both.
    """

    domain: str
    audience: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    api_token: str | None = field(default=None, repr=False)

    def client(self) -> ManagementClient:
        """A client of the Management API; no request is sent yet."""
        return ManagementClient(
            domain=self.domain,
            token=self.api_token,
            client_id=self.client_id,
            client_secret=self.client_secret,
            audience=self.audience,
        )


def connection_of(config: Mapping[str, str], environ: Mapping[str, str]) -> Connection:
    """The connection of a stack with this config, in a shell with these variables.

    Raises:
        OperationsError: names each setting that is missing.
    """

    def read(names: tuple[str, str]) -> str | None:
        key, variable = names
        return config.get(key) or environ.get(variable) or None

    domain, token = read(_DOMAIN), read(_API_TOKEN)
    needed = [_DOMAIN] if token else [_DOMAIN, _CLIENT_ID, _CLIENT_SECRET]
    missing = [variable for key, variable in needed if read((key, variable)) is None]
    if domain is None or missing:
        raise OperationsError(
            f"not set: {', '.join(missing)}",
            fix='for stack local: eval "$(make -s env)"; for a tenant at Auth0 export them, '
            "of an application that is authorized for the Auth0 Management API",
        )
    return Connection(domain, read(_AUDIENCE), read(_CLIENT_ID), read(_CLIENT_SECRET), token)
