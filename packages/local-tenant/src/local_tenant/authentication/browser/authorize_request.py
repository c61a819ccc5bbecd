"""An application's request to /authorize: its parameters, checks, and where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from action_runtime.timestamps import NANOSECONDS

from local_tenant.accounts.clients import require_grant_type
from local_tenant.authentication import redirect_uris
from local_tenant.authentication.tokens import front_channel, pkce
from local_tenant.authentication.tokens.front_channel import ID_TOKEN, TOKEN
from local_tenant.authentication.tokens.grants.authorization_code import GRANT_NAME
from local_tenant.oauth_errors import OAuthError
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant
from local_tenant.transactions import audiences
from local_tenant.transactions.login import BROWSER_PROTOCOL

CODE = "code"
# What `response_type` is made of, in the order in which combinations are written.
RESPONSE_TYPES = (CODE, ID_TOKEN, TOKEN)

QUERY, FRAGMENT, FORM_POST, WEB_MESSAGE = "query", "fragment", "form_post", "web_message"
RESPONSE_MODES = (QUERY, FRAGMENT, FORM_POST, WEB_MESSAGE)

# 100 years: what is computed from it still fits 64 bits of nanoseconds.
_LONGEST_AGE = 100 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an authorization request, which `response_modes.respond` sends.

    Attributes:
        redirect_uri: where it goes; allowed.
        mode: one of `RESPONSE_MODES`.
        parameters: code, tokens or an error, and the application's `state`.
    """

    redirect_uri: str
    mode: str
    parameters: Mapping[str, str | int]


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
    """An error for the application.

    Attributes:
        answer: with `error`, `error_description` and `state`.
    """

    def __init__(self, answer: Answer) -> None:
        """The answer."""
        super().__init__(answer.parameters)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request.

    Attributes:
        client: the application.
        redirect_uri: where the answer goes.
        response_type: what the answer holds, a subset of `RESPONSE_TYPES`.
        scopes: asked for.
        audience: of the access token; None for /userinfo alone.
        code_challenge: PKCE's, always S256; None when there is none.
        prompt: what is to be shown, in OpenID Connect's words: `none`, `login` and others.
        max_age: seconds that the user's last authentication may be ago; None for any time.
        query: every parameter, as `event.request.query` shows them.
    """

    client: Client
    redirect_uri: str
    response_type: frozenset[str]
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
    def asks_before_single_sign_on(self) -> bool:
        """Whether a login without a page has to be confirmed by the user (documented for loopback since 2026)."""
        return self.client.confirms_unverifiable_callbacks and not redirect_uris.is_verifiable(self.redirect_uri)

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
            "response_type": [word for word in RESPONSE_TYPES if word in self.response_type],
            "ui_locales": self.query.get("ui_locales", "").split(),
        }
        for name in ("login_hint", "state"):
            if name in self.query:
                members[name] = self.query[name]
        return members

    @property
    def protocol(self) -> str:
        """`event.transaction.protocol` (documented)."""
        if CODE not in self.response_type:
            return "oidc-implicit-profile"
        return BROWSER_PROTOCOL if self.response_type == {CODE} else "oidc-hybrid-profile"

    def answer(self, **parameters: str | int) -> Answer:
        """The answer with these parameters and the application's `state`."""
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
        response_type = _response_type(query)
        _check_client(client, query, response_type)
        prompt = _prompt(query)
        max_age = _max_age(query)
        audience = audiences.requested_audience(tenant, dict(query))
    except OAuthError as error:
        parameters = {"error": error.error, "error_description": error.description}
        raise AnsweredError(_answer(redirect_uri, query, parameters)) from error
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        response_type=response_type,
        scopes=audiences.requested_scopes(dict(query)),
        audience=audience,
        code_challenge=query.get("code_challenge"),
        prompt=prompt,
        max_age=max_age,
        query=dict(query),
    )


def _answer(redirect_uri: str, query: Mapping[str, str], parameters: Mapping[str, str | int]) -> Answer:
    state = {"state": query["state"]} if "state" in query else {}
    return Answer(redirect_uri, _response_mode(query), {**parameters, **state})


def _response_mode(query: Mapping[str, str]) -> str:
    """The mode of the answer, and of an error about the mode itself.

    Tokens are never put into a query, which servers log (OAuth 2.0 Multiple Response Types, section 3).
    """
    default = FRAGMENT if {TOKEN, ID_TOKEN} & _words(query) else QUERY
    mode = query.get("response_mode")
    usable = mode in RESPONSE_MODES and (mode, default) != (QUERY, FRAGMENT)
    return mode if mode and usable else default


def _words(query: Mapping[str, str]) -> set[str]:
    return set(query.get("response_type", "").split())


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
    if _response_mode(query) == WEB_MESSAGE and not redirect_uris.allows_web_message(client, redirect_uri):
        allowed = redirect_uris.what_is_allowed(client, "web_origins")
        raise PageError(403, f"The origin of {redirect_uri} is not allowed to receive messages. {allowed}")
    return client, redirect_uri


def _check_once(repeated: frozenset[str]) -> None:
    if repeated:
        raise OAuthError(400, "invalid_request", f"Sent more than once: {', '.join(sorted(repeated))}")


def _response_type(query: Mapping[str, str]) -> frozenset[str]:
    if "response_type" not in query:
        raise OAuthError(400, "invalid_request", "Missing required parameter: response_type")
    words = _words(query)
    if not words or not words <= set(RESPONSE_TYPES):
        kind = query["response_type"]
        raise OAuthError(400, "unsupported_response_type", f"Unsupported response type: {kind}")
    mode = query.get("response_mode")
    if mode and mode != _response_mode(query):
        known = mode in RESPONSE_MODES
        problem = f"response_mode '{mode}' is not allowed with this response_type" if known else "Unknown response_mode"
        raise OAuthError(400, "invalid_request", problem)
    if ID_TOKEN in words:
        # OpenID Connect Core, section 3.2.2.1: without it a stolen id token could be used again.
        if not query.get("nonce"):
            raise OAuthError(400, "invalid_request", "Missing required parameter: nonce")
        if "openid" not in query.get("scope", "").split():
            raise OAuthError(400, "invalid_request", "response_type id_token needs the scope openid")
    return frozenset(words)


def _check_client(client: Client, query: Mapping[str, str], response_type: frozenset[str]) -> None:
    if CODE in response_type:
        require_grant_type(client, GRANT_NAME)
    if response_type != {CODE}:
        require_grant_type(client, front_channel.GRANT_NAME)
    challenge = query.get("code_challenge")
    if challenge is None:
        if "code_challenge_method" in query or (client.is_public and CODE in response_type):
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
