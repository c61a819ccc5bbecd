"""A login whose first factor was right, before the Actions decide on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local_tenant.authentication.request_facts import RequestFacts
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.store.users import User

PASSWORD_PROTOCOL = "oauth2-password"  # noqa: S105 - a name
REFRESH_PROTOCOL = "oauth2-refresh-token"
BROWSER_PROTOCOL = "oidc-basic-profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a post-login transaction starts from.

    Attributes:
        user: who has authenticated. The transaction takes its own snapshot of them.
        client: whom the tokens are for.
        facts: the request that asks for them.
        protocol: as in `event.transaction.protocol`.
        scopes: what was asked for.
        audience: of the access token; None for /userinfo alone.
        nonce: for the id token.
        methods: how the user has authenticated, as in `event.authentication.methods`.
        exchanged: the refresh token that is being exchanged.
        browser: further members of `event.transaction` in a browser's login.
    """

    user: User
    client: Client
    facts: RequestFacts
    protocol: str
    scopes: tuple[str, ...]
    audience: str | None = None
    nonce: str | None = None
    methods: tuple[dict[str, Any], ...]
    exchanged: RefreshToken | None = None
    browser: dict[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it is a login to `logins_count`: a refresh is none, no credential of the user's came with it."""
        return self.exchanged is None
