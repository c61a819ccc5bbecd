"""What a login entitles its client to: stored as JSON while a challenge or an authorization code is pending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from action_runtime import LifetimeChanges


def with_methods(methods: Iterable[dict[str, Any]], proved: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """`event.authentication.methods` with those proved since; only the newest of each, so that the list stays short."""
    newest = {(method["name"], method.get("type")): method for method in methods}
    for method in proved:
        before = newest.get((method["name"], method.get("type")), method)
        newest[method["name"], method.get("type")] = max(before, method, key=lambda each: str(each["timestamp"]))
    return tuple(newest.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What the client of a login gets: tokens, their claims and their lifetimes.

    Attributes:
        user_id: of the user.
        client_id: of the client.
        protocol: as in `event.transaction.protocol`.
        requested_scopes: what the client asked for.
        scopes: of the access token, with those that Actions added and without those that they removed.
        audience: of the access token; None for /userinfo alone.
        nonce: of the id token, where the client sent one.
        methods: `event.authentication.methods`, including factors proved since.
        factor_proved: whether this login was challenged, and the challenge passed.
        authenticated_at: seconds since 1970.
        id_token_claims: custom claims.
        access_token_claims: custom claims.
        exchanged: SHA-256, in hex, of the refresh token that this login exchanges; None for other logins.
        exchanged_rotates: whether that token is replaced.
        refresh: the Actions' changes to the refresh token.
        session_id: of the browser's session, `sid` of the id token; None at the token endpoint.
        single_sign_on: whether that session existed before the login.
        shows_auth_time: whether the id token has `auth_time`.
        session: the Actions' changes to the session.
    """

    user_id: str
    client_id: str
    protocol: str
    requested_scopes: tuple[str, ...]
    scopes: tuple[str, ...]
    audience: str | None = None
    nonce: str | None = None
    methods: tuple[dict[str, Any], ...]
    factor_proved: bool = False
    authenticated_at: int
    id_token_claims: dict[str, Any] = field(default_factory=dict)
    access_token_claims: dict[str, Any] = field(default_factory=dict)
    exchanged: str | None = None
    exchanged_rotates: bool = False
    refresh: LifetimeChanges = field(default_factory=LifetimeChanges)
    session_id: str | None = None
    single_sign_on: bool = False
    shows_auth_time: bool = False
    session: LifetimeChanges = field(default_factory=LifetimeChanges)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal entitlement."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        lists = {name: tuple(content[name]) for name in ("requested_scopes", "scopes", "methods")}
        changes = {name: LifetimeChanges(**content.get(name, {})) for name in ("refresh", "session")}
        return cls(**{**content, **lists, **changes})
