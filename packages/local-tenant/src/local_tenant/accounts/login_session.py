"""The session of a browser, as a login belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """The browser's session that a login belongs to.

    Attributes:
        id: of the session.
        authenticated_at: when the user gave their password; seconds since 1970.
        single_sign_on: whether the session was there before, so that no credential of the user's came with the login.
        shown: `event.session`; empty when a flow goes on after a pause, which keeps its event.
    """

    id: str
    authenticated_at: int
    single_sign_on: bool
    shown: dict[str, Any] = field(default_factory=dict)
