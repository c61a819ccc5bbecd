"""What the Actions of a flow asked for, gathered from their api calls, for the caller to apply as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class MultifactorRequirement:
    """MFA is required at the end of the flow.

    Attributes:
        provider: `any`, `guardian`, `google-authenticator` or `duo`.
        allow_remember_browser: as the Action said; False if it did not.
        provider_options: for Duo.
    """

    provider: str
    allow_remember_browser: bool = False
    provider_options: dict[str, Any] | None = None


@dataclass(slots=True)
class LifetimeChanges:
    """Changes to the refresh token or the session of the transaction.

    Attributes:
        expires_at: milliseconds since 1970; of several calls the earliest counts (documented).
        idle_expires_at: likewise.
        metadata: all of it from now on; None if it stays as it is.
        cookie_mode: `persistent` or `non-persistent`; sessions only.
    """

    expires_at: int | None = None
    idle_expires_at: int | None = None
    metadata: dict[str, Any] | None = None
    cookie_mode: str | None = None


@dataclass(slots=True)
class Effects:
    """What is to happen when the flow is over. Empty if it failed.

    Attributes:
        app_metadata: to merge into the user's at the root level, in one profile update; None deletes a key.
        user_metadata: likewise.
        multifactor: set only if MFA is required.
        multifactor_disabled: the last word on MFA was `enable("none")`.
        id_token_claims: by name.
        access_token_claims: by name.
        scopes_added: to the access token.
        scopes_removed: from the access token; a scope is in one of the two, by the last call about it.
        primary_user: user id that the tokens are for instead.
        user_id: what follows `auth0|` in the id of the user who signs up.
        recorded_methods: URLs of completed custom authentication methods.
        transaction_metadata: all of it, None if it was never set.
        refresh_token: changes to the refresh token, be it the exchanged one or one that the login gets.
        session: changes to the session.
    """

    app_metadata: dict[str, Any] = field(default_factory=dict)
    user_metadata: dict[str, Any] = field(default_factory=dict)
    multifactor: MultifactorRequirement | None = None
    multifactor_disabled: bool = False
    id_token_claims: dict[str, Any] = field(default_factory=dict)
    access_token_claims: dict[str, Any] = field(default_factory=dict)
    scopes_added: tuple[str, ...] = ()
    scopes_removed: tuple[str, ...] = ()
    primary_user: str | None = None
    user_id: str | None = None
    recorded_methods: tuple[str, ...] = ()
    transaction_metadata: dict[str, Any] | None = None
    refresh_token: LifetimeChanges = field(default_factory=LifetimeChanges)
    session: LifetimeChanges = field(default_factory=LifetimeChanges)

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return self == Effects()

    def apply(self, method: str, arguments: list[Any]) -> None:
        """Add what one successful api call asked for; calls that only answer something add nothing."""
        change = _CHANGES.get(method)
        if change is not None:
            change(self, *arguments)

    def keep(self, kept: dict[str, Any]) -> None:
        """Add what is kept with session, refresh token and transaction, as the last answer of a flow has it."""
        self.transaction_metadata = kept["transaction"]
        self.session.metadata = kept["session"]
        self.session.cookie_mode = kept["cookieMode"]
        self.refresh_token.metadata = kept["refresh_token"]

    @property
    def kept(self) -> dict[str, Any]:
        """What is kept, as a request has it: the inverse of `keep`."""
        return {
            "transaction": self.transaction_metadata,
            "session": self.session.metadata,
            "refresh_token": self.refresh_token.metadata,
            "cookieMode": self.session.cookie_mode,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, with the real values, secrets included."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Effects:
        """The inverse of `to_json`."""
        lists = {name: tuple(value[name]) for name in ("scopes_added", "scopes_removed", "recorded_methods")}
        changes = {name: LifetimeChanges(**value[name]) for name in ("refresh_token", "session")}
        requirement = value["multifactor"] and MultifactorRequirement(**value["multifactor"])
        return cls(**{**value, **lists, **changes, "multifactor": requirement})


_Change = Callable[..., None]


def _entry(attribute: str) -> _Change:
    def change(effects: Effects, key: str, value: object = None) -> None:
        getattr(effects, attribute)[key] = value

    return change


def _value(attribute: str) -> _Change:
    def change(effects: Effects, value: object) -> None:
        setattr(effects, attribute, value)

    return change


def _end(changes: str, attribute: str) -> _Change:
    def change(effects: Effects, end: int) -> None:
        of = getattr(effects, changes)
        known = getattr(of, attribute)
        setattr(of, attribute, end if known is None else min(known, end))

    return change


def _scope(to: str, other: str) -> _Change:
    def change(effects: Effects, scope: str) -> None:
        setattr(effects, other, tuple(each for each in getattr(effects, other) if each != scope))
        setattr(effects, to, (*(each for each in getattr(effects, to) if each != scope), scope))

    return change


def _enable_multifactor(effects: Effects, provider: str, options: dict[str, Any] | None = None) -> None:
    settings = options or {}
    effects.multifactor_disabled = provider == "none"
    effects.multifactor = (
        None
        if provider == "none"
        else MultifactorRequirement(
            provider, bool(settings.get("allowRememberBrowser", False)), settings.get("providerOptions")
        )
    )


def _record_method(effects: Effects, url: str) -> None:
    effects.recorded_methods = (*effects.recorded_methods, url)


_CHANGES: Final[dict[str, _Change]] = {
    "accessToken.addScope": _scope("scopes_added", "scopes_removed"),
    "accessToken.removeScope": _scope("scopes_removed", "scopes_added"),
    "accessToken.setCustomClaim": _entry("access_token_claims"),
    "authentication.recordMethod": _record_method,
    "authentication.setPrimaryUser": _value("primary_user"),
    "idToken.setCustomClaim": _entry("id_token_claims"),
    "multifactor.enable": _enable_multifactor,
    "refreshToken.setExpiresAt": _end("refresh_token", "expires_at"),
    "refreshToken.setIdleExpiresAt": _end("refresh_token", "idle_expires_at"),
    "session.setExpiresAt": _end("session", "expires_at"),
    "session.setIdleExpiresAt": _end("session", "idle_expires_at"),
    "user.setAppMetadata": _entry("app_metadata"),
    "user.setUserId": _value("user_id"),
    "user.setUserMetadata": _entry("user_metadata"),
}
