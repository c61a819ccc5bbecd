"""What an application asks of /authorize: read, checked, and answered where it asked to be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_tenant.authentication import audiences, pkce, redirect_uris
from local_tenant.authentication.authorization_code import GRANT_NAME
from local_tenant.authentication.clients import require_grant_type
from local_tenant.authentication.errors import OAuthError
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant

RESPONSE_TYPE = "code"
RESPONSE_MODE = "query"


class PageError(Exception):
    """Something that nobody but the person at the browser can be told.

    Attributes:
        status: HTTP status.
        message: what is wrong and how to mend it.
    """

    def __init__(self, status: int, message: str) -> None:
        """Both, for the page."""
        super().__init__(message)
        self.status = status
        self.message = message


class AnsweredError(Exception):
    """Something that the application is told, by a redirect.

    Attributes:
        location: the redirect URI with `error`, `error_description` and `state`.
    """

    def __init__(self, location: str) -> None:
        """Where to send the browser."""
        super().__init__(location)
        self.location = location


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be answered.

    Attributes:
        client: the application.
        redirect_uri: where the answer goes.
        scopes: asked for.
        audience: of the access token; None for /userinfo alone.
        code_challenge: PKCE's, always S256; None when there is none.
        query: every parameter, as `event.request.query` shows them.
    """

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    audience: str | None
    code_challenge: str | None
    query: dict[str, str]

    @property
    def nonce(self) -> str | None:
        """For the id token."""
        return self.query.get("nonce")

    @property
    def transaction(self) -> dict[str, Any]:
        """Further members of `event.transaction` that come of the parameters (documented)."""
        shown: dict[str, Any] = {
            "acr_values": self.query.get("acr_values", "").split(),
            "prompt": self.query.get("prompt", "").split(),
            "redirect_uri": self.redirect_uri,
            "response_mode": RESPONSE_MODE,
            "response_type": [RESPONSE_TYPE],
            "ui_locales": self.query.get("ui_locales", "").split(),
        }
        for name in ("login_hint", "state"):
            if name in self.query:
                shown[name] = self.query[name]
        return shown

    def answered(self, **parameters: str) -> str:
        """The redirect URI with these parameters and the application's `state`."""
        state = {"state": self.query["state"]} if "state" in self.query else {}
        return redirect_uris.with_parameters(self.redirect_uri, {**parameters, **state})


def read(tenant: Tenant, query: Mapping[str, str], *, repeated: frozenset[str] = frozenset()) -> AuthorizationRequest:
    """The request that these parameters make.

    Args:
        tenant: that was asked.
        query: the parameters.
        repeated: names of those that came more than once, which OAuth forbids (RFC 6749, section 3.1).

    Raises:
        PageError: without a known application and an allowed redirect URI nobody may be redirected.
        AnsweredError: anything else that is wrong.
    """
    client, redirect_uri = _answerable(tenant, query, repeated)
    try:
        _check_once(repeated)
        _check_response(query)
        _check_client(client, query)
        _check_prompt(query)
        audience = audiences.asked_audience(tenant, dict(query))
    except OAuthError as error:
        parameters = {"error": error.error, "error_description": error.description}
        if "state" in query:
            parameters["state"] = query["state"]
        raise AnsweredError(redirect_uris.with_parameters(redirect_uri, parameters)) from error
    scopes = audiences.asked_scopes(dict(query))
    return AuthorizationRequest(client, redirect_uri, scopes, audience, query.get("code_challenge"), dict(query))


def _answerable(tenant: Tenant, query: Mapping[str, str], repeated: frozenset[str]) -> tuple[Client, str]:
    client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
    if not client_id or "client_id" in repeated:
        raise PageError(400, "The application must send its client_id, once.")
    client = tenant.client(client_id)
    if client is None:
        raise PageError(403, f"There is no application with the client_id {client_id}.")
    if not redirect_uri or "redirect_uri" in repeated:
        raise PageError(400, "The application must send one redirect_uri, to which the answer goes.")
    if not redirect_uris.is_allowed(redirect_uri):
        raise PageError(
            403,
            f"Callback URL mismatch: {redirect_uri} is not allowed. The local tenant answers to http and https "
            "addresses of this machine alone: localhost, 127.0.0.1 or [::1], with any port and path, without fragment.",
        )
    return client, redirect_uri


def _check_once(repeated: frozenset[str]) -> None:
    if repeated:
        raise OAuthError(400, "invalid_request", f"Given more than once: {', '.join(sorted(repeated))}")


def _check_response(query: Mapping[str, str]) -> None:
    if "response_type" not in query:
        raise OAuthError(400, "invalid_request", "Missing required parameter: response_type")
    if query["response_type"] != RESPONSE_TYPE:
        kind = query["response_type"]
        raise OAuthError(400, "unsupported_response_type", f"Unsupported response type: {kind}")
    mode = query.get("response_mode", RESPONSE_MODE)
    if mode != RESPONSE_MODE:
        raise OAuthError(400, "invalid_request", f"response_mode '{mode}' is not built in the local tenant")


def _check_client(client: Client, query: Mapping[str, str]) -> None:
    require_grant_type(client, GRANT_NAME)
    challenge = query.get("code_challenge")
    if challenge is None:
        if "code_challenge_method" in query or not client.client_secret:
            raise OAuthError(400, "invalid_request", "Missing required parameter: code_challenge")
        return
    if query.get("code_challenge_method") != pkce.METHOD:
        raise OAuthError(400, "invalid_request", f"code_challenge_method must be {pkce.METHOD}")
    if not pkce.is_challenge(challenge):
        raise OAuthError(400, "invalid_request", "code_challenge must be 43 characters of base64url")


def _check_prompt(query: Mapping[str, str]) -> None:
    # There is no session yet that a login could do without asking.
    if "none" in query.get("prompt", "").split():
        raise OAuthError(400, "login_required", "Login required")
