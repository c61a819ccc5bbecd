"""What Actions and logs learn of a request: never a credential, and an IP from a trusted source."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local_tenant.store.clients import Client

# Auth0 removes the first five from body and query (documented). The others are credentials as well, and are taken out
# here so that none can reach an Action, a trace or a log.
_CREDENTIALS = frozenset(
    {
        "client_secret",
        "refresh_token",
        "auth_session",
        "client_assertion",
        "authn_response",
        "assertion",
        "binding_code",
        "code",
        "code_verifier",
        "mfa_token",
        "oob_code",
        "otp",
        "password",
        "recovery_code",
        "token",
    }
)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as `event.request` shows it.

    Attributes:
        method: HTTP method.
        body: parameters of the body, without credentials.
        query: parameters of the query string, without credentials.
        ip: of the user, as far as the tenant can know it.
        hostname: the tenant's, without port.
        user_agent: None when the request had none.
        language: the first of Accept-Language; None when the request had none.
    """

    method: str
    body: dict[str, Any]
    query: dict[str, str]
    ip: str
    hostname: str
    user_agent: str | None
    language: str | None


def facts_of(request: Request, parameters: dict[str, Any] | None = None, client: Client | None = None) -> RequestFacts:
    """The facts of a request, with the parameters of its body.

    `client` is the client that has authenticated itself with its secret, None if none has. Only one that is trusted to
    may name the user's IP.
    """
    headers = request.headers
    language = headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    return RequestFacts(
        method=request.method,
        body=without_credentials(parameters or {}),
        query=without_credentials(request.query_params) if request.scope["query_string"] else {},
        ip=_client_ip(request, client),
        hostname=_without_port(headers.get("host", "")),
        user_agent=headers.get("user-agent"),
        language=language or None,
    )


def without_credentials(parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - a dict or Starlette's own mapping
    """The parameters that Actions may see."""
    return {name: value for name, value in parameters.items() if name not in _CREDENTIALS}


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _client_ip(request: Request, client: Client | None) -> str:
    if client is not None and client.trusts_forwarded_ip and not client.is_public:
        # The first address is the user's, those after it are of proxies in between.
        named = address(request.headers.get("auth0-forwarded-for", "").partition(",")[0].strip())
        if named is not None:
            return named
    peer = request.client.host if request.client else ""
    return address(peer) or peer


def address(text: str) -> str | None:
    """The address in its usual form; None for anything else."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    # A scope may be any text, and is of no use on another machine.
    return None if parsed.scope_id is not None else str(parsed.ipv4_mapped or parsed)
