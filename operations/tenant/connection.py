"""Which tenant, and with whose credentials: read as the Auth0 provider reads them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from auth0.authentication.client_authentication import add_client_authentication
from auth0.management import ManagementClient
from jwt import InvalidKeyError

from operations.errors import OperationsError

# Config key and environment variable of each, as the provider reads them: the config comes first.
_DOMAIN = ("auth0:domain", "AUTH0_DOMAIN")
_AUDIENCE = ("auth0:audience", "AUTH0_AUDIENCE")
_CLIENT_ID = ("auth0:clientId", "AUTH0_CLIENT_ID")
_CLIENT_SECRET = ("auth0:clientSecret", "AUTH0_CLIENT_SECRET")
_PRIVATE_KEY = ("auth0:clientAssertionPrivateKey", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY")
_SIGNING_ALG = ("auth0:clientAssertionSigningAlg", "AUTH0_CLIENT_ASSERTION_SIGNING_ALG")
_API_TOKEN = ("auth0:apiToken", "AUTH0_API_TOKEN")

_SECONDS_FOR_AN_ANSWER = 30.0


@dataclass(frozen=True, slots=True)
class Connection:
    """A tenant, and what opens its Management API: an application's credentials, or a token.

    Attributes:
        domain: HOST or HOST:PORT.
        audience: the Management API's identifier; None for `https://DOMAIN/api/v2/`.
        client_id: of an application that may use the Management API.
        client_secret: of the same.
        private_key: in PEM; signs assertions in place of the secret (private-key JWT), and comes before it.
        signing_alg: of those assertions, such as RS256.
        api_token: a token for the Management API, instead of all these.
    """

    domain: str
    audience: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    signing_alg: str | None = None
    api_token: str | None = field(default=None, repr=False)

    def client(self) -> ManagementClient:
        """A client of the Management API; no request is sent yet."""
        return ManagementClient(domain=self.domain, token=self.api_token or functools.cache(self.token))

    def token(self) -> str:
        """A token for the Management API; the application's credentials are exchanged for it.

        Raises:
            OperationsError: the private key can't sign with that algorithm.
            httpx.HTTPError: there is no answer, or it is a refusal.
        """
        if self.api_token:
            return self.api_token
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "audience": self.audience or f"https://{self.domain}/api/v2/",
        }
        try:
            form = add_client_authentication(
                form, self.domain, str(self.client_id), self.client_secret, self.private_key, self.signing_alg
            )
        except (InvalidKeyError, NotImplementedError, TypeError, ValueError) as error:
            raise OperationsError(
                f"{_PRIVATE_KEY[1]} can't sign with {self.signing_alg}: {error}",
                fix="set it to the private key in PEM, with its line breaks, "
                f"and {_SIGNING_ALG[1]} to RS256, RS384 or PS256",
            ) from error
        response = httpx.post(f"https://{self.domain}/oauth/token", data=form, timeout=_SECONDS_FOR_AN_ANSWER)
        response.raise_for_status()
        return str(response.json()["access_token"])


def connection_of(config: Mapping[str, str], environ: Mapping[str, str]) -> Connection:
    """The connection of a stack with this config, in a shell with these variables.

    Raises:
        OperationsError: names each setting that is missing.
    """

    def read(names: tuple[str, str]) -> str | None:
        key, variable = names
        return config.get(key) or environ.get(variable) or None

    domain, token, key, alg = read(_DOMAIN), read(_API_TOKEN), read(_PRIVATE_KEY), read(_SIGNING_ALG)
    credentials = [_PRIVATE_KEY, _SIGNING_ALG] if key or alg else [_CLIENT_SECRET]
    needed = [_DOMAIN] if token else [_DOMAIN, _CLIENT_ID, *credentials]
    missing = [names[1] for names in needed if read(names) is None]
    if domain is None or missing:
        raise OperationsError(
            f"not set: {', '.join(missing)}",
            fix='for stack local: eval "$(make -s env)"; for a tenant at Auth0 export them, '
            "of an application that is authorized for the Auth0 Management API",
        )
    return Connection(domain, read(_AUDIENCE), read(_CLIENT_ID), read(_CLIENT_SECRET), key, alg, token)
