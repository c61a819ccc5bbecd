"""What the Actions of a flow asked for, gathered from their api calls, for the caller to apply as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
        metadata: to merge; None deletes a key.
        metadata_evicted: whether all earlier metadata goes first.
        cookie_mode: `persistent` or `non-persistent`; sessions only.
    """

    expires_at: int | None = None
    idle_expires_at: int | None = None
    metadata: dict[str, str | None] = field(default_factory=dict)
    metadata_evicted: bool = False
    cookie_mode: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


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
        recorded_methods: URLs of completed custom authentication methods.
        transaction_metadata: all of it, None if it was never set.
        refresh_token: changes to the refresh token.
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
            change(self, arguments)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, with the real values, secrets included."""
        value = {name: getattr(self, name) for name in self.__slots__}
        if self.multifactor is not None:
            value["multifactor"] = {name: getattr(self.multifactor, name) for name in MultifactorRequirement.__slots__}
        value["refresh_token"] = self.refresh_token.to_json()
        value["session"] = self.session.to_json()
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Effects:
        """The inverse of `to_json`."""
        given = dict(value)
        if given["multifactor"] is not None:
            given["multifactor"] = MultifactorRequirement(**given["multifactor"])
        for name in ("refresh_token", "session"):
            given[name] = LifetimeChanges(**given[name])
        for name in ("scopes_added", "scopes_removed", "recorded_methods"):
            given[name] = tuple(given[name])
        return cls(**given)


def _set_app_metadata(effects: Effects, arguments: list[Any]) -> None:
    effects.app_metadata[arguments[0]] = arguments[1]


def _set_user_metadata(effects: Effects, arguments: list[Any]) -> None:
    effects.user_metadata[arguments[0]] = arguments[1]


def _enable_multifactor(effects: Effects, arguments: list[Any]) -> None:
    provider = arguments[0]
    options = (arguments[1] if len(arguments) > 1 else None) or {}
    effects.multifactor_disabled = provider == "none"
    effects.multifactor = (
        None
        if provider == "none"
        else MultifactorRequirement(
            provider, bool(options.get("allowRememberBrowser", False)), options.get("providerOptions")
        )
    )


def _set_id_token_claim(effects: Effects, arguments: list[Any]) -> None:
    effects.id_token_claims[arguments[0]] = arguments[1]


def _set_access_token_claim(effects: Effects, arguments: list[Any]) -> None:
    effects.access_token_claims[arguments[0]] = arguments[1]


def _add_scope(effects: Effects, arguments: list[Any]) -> None:
    scope = arguments[0]
    effects.scopes_added = (*(other for other in effects.scopes_added if other != scope), scope)
    effects.scopes_removed = tuple(other for other in effects.scopes_removed if other != scope)


def _remove_scope(effects: Effects, arguments: list[Any]) -> None:
    scope = arguments[0]
    effects.scopes_removed = (*(other for other in effects.scopes_removed if other != scope), scope)
    effects.scopes_added = tuple(other for other in effects.scopes_added if other != scope)


def _record_method(effects: Effects, arguments: list[Any]) -> None:
    effects.recorded_methods = (*effects.recorded_methods, arguments[0])


def _set_primary_user(effects: Effects, arguments: list[Any]) -> None:
    effects.primary_user = arguments[0]


def _earlier(known: int | None, asked: int) -> int:
    return asked if known is None else min(known, asked)


def _lifetime_changes(group: str, attribute: str) -> dict[str, Callable[[Effects, list[Any]], None]]:
    def of(effects: Effects) -> LifetimeChanges:
        changes = getattr(effects, attribute)
        assert isinstance(changes, LifetimeChanges)  # noqa: S101 - one of the two attributes named below
        return changes

    def set_expires_at(effects: Effects, arguments: list[Any]) -> None:
        changes = of(effects)
        changes.expires_at = _earlier(changes.expires_at, arguments[0])

    def set_idle_expires_at(effects: Effects, arguments: list[Any]) -> None:
        changes = of(effects)
        changes.idle_expires_at = _earlier(changes.idle_expires_at, arguments[0])

    def set_metadata(effects: Effects, arguments: list[Any]) -> None:
        of(effects).metadata[arguments[0]] = arguments[1]

    def delete_metadata(effects: Effects, arguments: list[Any]) -> None:
        of(effects).metadata[arguments[0]] = None

    def evict_metadata(effects: Effects, _arguments: list[Any]) -> None:
        changes = of(effects)
        changes.metadata_evicted = True
        changes.metadata = {}

    def set_cookie_mode(effects: Effects, arguments: list[Any]) -> None:
        of(effects).cookie_mode = arguments[0]

    return {
        f"{group}.setExpiresAt": set_expires_at,
        f"{group}.setIdleExpiresAt": set_idle_expires_at,
        f"{group}.setMetadata": set_metadata,
        f"{group}.deleteMetadata": delete_metadata,
        f"{group}.evictMetadata": evict_metadata,
        f"{group}.setCookieMode": set_cookie_mode,
    }


_CHANGES: Final[dict[str, Callable[[Effects, list[Any]], None]]] = {
    "user.setAppMetadata": _set_app_metadata,
    "user.setUserMetadata": _set_user_metadata,
    "multifactor.enable": _enable_multifactor,
    "idToken.setCustomClaim": _set_id_token_claim,
    "accessToken.setCustomClaim": _set_access_token_claim,
    "accessToken.addScope": _add_scope,
    "accessToken.removeScope": _remove_scope,
    "authentication.recordMethod": _record_method,
    "authentication.setPrimaryUser": _set_primary_user,
    **_lifetime_changes("refreshToken", "refresh_token"),
    **_lifetime_changes("session", "session"),
}
