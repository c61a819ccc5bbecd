"""A login whose first factor was right, before the Actions decide on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local_tenant.accounts.request_facts import RequestFacts
from local_tenant.accounts.sessions import LoginSession
from local_tenant.store.clients import Client
from local_tenant.store.refresh_tokens import RefreshToken
from local_tenant.store.users import User

PASSWORD_PROTOCOL = "oauth2-password"  # noqa: S105 - a name
REFRESH_PROTOCOL = "oauth2-refresh-token"
BROWSER_PROTOCOL = "oidc-basic-profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The input of a post-login transaction.

    Attributes:
        user: who has authenticated; the transaction replaces it by its snapshot.
        client: that the tokens are for.
        facts: of the request.
        protocol: as in `event.transaction.protocol`.
        scopes: requested.
        audience: of the access token; None for /userinfo alone.
        nonce: for the id token.
        methods: how the user has authenticated, as in `event.authentication.methods`.
        factor_proved: whether it was challenged, and the challenge passed.
        exchanged: the refresh token that is being exchanged.
        browser: further members of `event.transaction` in a browser's login.
        session: the browser's; None at the token endpoint.
    """

    user: User
    client: Client
    facts: RequestFacts
    protocol: str
    scopes: tuple[str, ...]
    audience: str | None = None
    nonce: str | None = None
    methods: tuple[dict[str, Any], ...]
    factor_proved: bool = False
    exchanged: RefreshToken | None = None
    browser: dict[str, Any] = field(default_factory=dict)
    session: LoginSession | None = None

    @property
    def counts(self) -> bool:
        """Whether it adds to `logins_count`: a login with a credential of the user's does.

        A refresh does not, nor does single sign-on (documented), whose `logins_count` is that of the login before.
        """
        return self.exchanged is None and not self.single_sign_on

    @property
    def single_sign_on(self) -> bool:
        """Whether the browser's session takes the place of the user's credentials."""
        return self.session is not None and self.session.single_sign_on

    @property
    def silent(self) -> bool:
        """Whether no page may be displayed: prompt=none."""
        return "none" in self.browser.get("prompt", ())
