"""An application's request to /authorize: its parameters, checks, and where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts.clients import require_grant_type
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.browser import web_message
from local_tenant.authentication.tokens import pkce
from local_tenant.authentication.tokens.grants.authorization_code import GRANT_NAME
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant
from local_tenant.transactions import audiences

RESPONSE_TYPE = "code"
RESPONSE_MODES = ("query", "web_message")

# 100 years: what is computed from it still fits 64 bits of nanoseconds.
_LONGEST_AGE = 100 * 365 * 86_400


class PageError(Exception):
    """An error for the page: there is no application to redirect to.

    Attributes:
        status: HTTP status.
        message: what is wrong and how to fix it.
    """

    def __init__(self, status: int, message: str) -> None:
        """Both, for the page."""
        super().__init__(message)
        self.status = status
        self.message = message


class AnsweredError(Exception):
    """An error for the application, sent by a redirect.

    Attributes:
        location: the redirect URI with `error`, `error_description` and `state`.
    """

    def __init__(self, location: str) -> None:
        """Where to send the browser."""
        super().__init__(location)
        self.location = location


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request.

    Attributes:
        client: the application.
        redirect_uri: where the answer goes.
        scopes: asked for.
        audience: of the access token; None for /userinfo alone.
        code_challenge: PKCE's, always S256; None when there is none.
        prompt: what is to be shown, in OpenID Connect's words: `none`, `login` and others.
        max_age: seconds that the user's last authentication may be ago; None for any time.
        query: every parameter, as `event.request.query` shows them.
    """

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    audience: str | None
    code_challenge: str | None
    prompt: tuple[str, ...]
    max_age: int | None
    query: dict[str, str]

    @property
    def nonce(self) -> str | None:
        """For the id token."""
        return self.query.get("nonce")

    @property
    def silent(self) -> bool:
        """Whether no page may be shown."""
        return "none" in self.prompt

    @property
    def wants_signup(self) -> bool:
        """Whether the sign-up page comes first (`screen_hint` documented, `prompt=create` of OpenID Connect)."""
        return self.query.get("screen_hint") == "signup" or "create" in self.prompt

    @property
    def wants_auth_time(self) -> bool:
        """Whether the id token is to say when the user authenticated (documented for `prompt=login` and `max_age`)."""
        return self.max_age is not None or "login" in self.prompt

    def accepts(self, age: int) -> bool:
        """Whether a session will do whose user authenticated `age` nanoseconds ago."""
        # There is no list of accounts to select from: the login page lets another user log in.
        if {"login", "create", "select_account"} & set(self.prompt):
            return False
        return self.max_age is None or age < self.max_age * NANOSECONDS

    @property
    def transaction(self) -> dict[str, Any]:
        """Further members of `event.transaction` from the parameters (documented)."""
        members: dict[str, Any] = {
            "acr_values": self.query.get("acr_values", "").split(),
            "prompt": list(self.prompt),
            "redirect_uri": self.redirect_uri,
            "response_mode": _response_mode(self.query),
            "response_type": [RESPONSE_TYPE],
            "ui_locales": self.query.get("ui_locales", "").split(),
        }
        for name in ("login_hint", "state"):
            if name in self.query:
                members[name] = self.query[name]
        return members

    def redirect_address(self, **parameters: str) -> str:
        """Where the browser goes with these parameters and the application's `state`."""
        return _answer(self.redirect_uri, self.query, parameters)


def read(tenant: Tenant, query: Mapping[str, str], *, repeated: frozenset[str] = frozenset()) -> AuthorizationRequest:
    """The request that these parameters make.

    Args:
        tenant: receives the request.
        query: the parameters.
        repeated: names of repeated parameters, which OAuth forbids (RFC 6749, section 3.1).

    Raises:
        PageError: the application is unknown or the redirect URI not allowed: no redirect.
        AnsweredError: any other error.
    """
    client, redirect_uri = _answerable(tenant, query, repeated)
    try:
        _check_once(repeated)
        _check_response(query)
        _check_client(client, query)
        prompt = _prompt(query)
        max_age = _max_age(query)
        audience = audiences.requested_audience(tenant, dict(query))
    except OAuthError as error:
        parameters = {"error": error.error, "error_description": error.description}
        raise AnsweredError(_answer(redirect_uri, query, parameters)) from error
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=audiences.requested_scopes(dict(query)),
        audience=audience,
        code_challenge=query.get("code_challenge"),
        prompt=prompt,
        max_age=max_age,
        query=dict(query),
    )


def _answer(redirect_uri: str, query: Mapping[str, str], parameters: dict[str, str]) -> str:
    state = {"state": query["state"]} if "state" in query else {}
    if _response_mode(query) == web_message.MODE:
        return web_message.address(redirect_uri, {**parameters, **state})
    return redirect_uris.with_parameters(redirect_uri, {**parameters, **state})


def _response_mode(query: Mapping[str, str]) -> str:
    return query.get("response_mode") or RESPONSE_MODES[0]


def _answerable(tenant: Tenant, query: Mapping[str, str], repeated: frozenset[str]) -> tuple[Client, str]:
    client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
    if not client_id or "client_id" in repeated:
        raise PageError(400, "The application must send its client_id, once.")
    client = tenant.client(client_id)
    if client is None:
        raise PageError(403, f"There is no application with the client_id {client_id}.")
    if not redirect_uri or "redirect_uri" in repeated:
        raise PageError(400, "The application must send one redirect_uri, to which the answer goes.")
    if not redirect_uris.allows_callback(client, redirect_uri):
        allowed = redirect_uris.what_is_allowed(client, "callbacks")
        raise PageError(403, f"Callback URL mismatch: {redirect_uri} is not allowed. {allowed}")
    if _response_mode(query) == web_message.MODE and not redirect_uris.allows_web_message(client, redirect_uri):
        allowed = redirect_uris.what_is_allowed(client, "web_origins")
        raise PageError(403, f"The origin of {redirect_uri} is not allowed to receive messages. {allowed}")
    return client, redirect_uri


def _check_once(repeated: frozenset[str]) -> None:
    if repeated:
        raise OAuthError(400, "invalid_request", f"Sent more than once: {', '.join(sorted(repeated))}")


def _check_response(query: Mapping[str, str]) -> None:
    if "response_type" not in query:
        raise OAuthError(400, "invalid_request", "Missing required parameter: response_type")
    if query["response_type"] != RESPONSE_TYPE:
        kind = query["response_type"]
        raise OAuthError(400, "unsupported_response_type", f"Unsupported response type: {kind}")
    mode = _response_mode(query)
    if mode not in RESPONSE_MODES:
        raise OAuthError(400, "invalid_request", f"response_mode '{mode}' is not built in the local tenant")


def _check_client(client: Client, query: Mapping[str, str]) -> None:
    require_grant_type(client, GRANT_NAME)
    challenge = query.get("code_challenge")
    if challenge is None:
        if "code_challenge_method" in query or client.is_public:
            raise OAuthError(400, "invalid_request", "Missing required parameter: code_challenge")
        return
    if query.get("code_challenge_method") != pkce.METHOD:
        raise OAuthError(400, "invalid_request", f"code_challenge_method must be {pkce.METHOD}")
    if not pkce.is_challenge(challenge):
        raise OAuthError(400, "invalid_request", "code_challenge must be 43 characters of base64url")


def _prompt(query: Mapping[str, str]) -> tuple[str, ...]:
    prompt = tuple(query.get("prompt", "").split())
    if "none" in prompt and len(prompt) > 1:
        raise OAuthError(400, "invalid_request", "prompt=none cannot stand beside another prompt")
    return prompt


def _max_age(query: Mapping[str, str]) -> int | None:
    text = query.get("max_age")
    if text is None:
        return None
    # Its length first: Python reads no number of thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST_AGE)) and int(text) <= _LONGEST_AGE):
        raise OAuthError(400, "invalid_request", f"max_age must be a number of seconds, at most {_LONGEST_AGE}")
    return int(text)
