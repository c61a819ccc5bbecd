"""A user as Auth0 shows one: identities, default name and picture, the OIDC claims."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from action_runtime.timestamps import timestamp

from local_tenant.store.users import User

# Claims by scope: OpenID Connect Core, section 5.4, as far as Auth0's own profile has them.
_PROFILE_CLAIMS = ("name", "nickname", "picture", "given_name", "family_name")


def default_profile(email: str) -> dict[str, Any]:
    """Name, nickname and picture that a user gets who brings none: the email, its local part, a Gravatar."""
    local_part = email.partition("@")[0]
    digest = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
    initials = quote(f"https://cdn.auth0.com/avatars/{quote(local_part[:2].lower())}.png", safe="")
    return {
        "name": email,
        "nickname": local_part,
        "picture": f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg&d={initials}",
    }


def time_text(nanoseconds: int) -> str:
    """A time in a user's profile: RFC 3339 with milliseconds."""
    return timestamp(nanoseconds, digits=3)


def identities(user: User) -> list[dict[str, Any]]:
    """The user's own identity and those of linked accounts, as the Management API shows them."""
    return [_identity(user), *user.linked]


def secondary_identity(user: User) -> dict[str, Any]:
    """The user as an identity of another one, to whom their account is linked."""
    profile = {"email": user.email, "email_verified": user.email_verified, **user.profile}
    return {**_identity(user), "profileData": profile}


def _identity(user: User) -> dict[str, Any]:
    provider, _, identifier = user.user_id.partition("|")
    return {"connection": user.connection, "user_id": identifier, "provider": provider, "isSocial": False}


def oidc_claims(user: User, scopes: Collection[str]) -> dict[str, Any]:
    """What the scopes `profile` and `email` tell about the user, in an id token and at /userinfo."""
    claims: dict[str, Any] = {}
    if "profile" in scopes:
        claims |= {name: user.profile[name] for name in _PROFILE_CLAIMS if name in user.profile}
        claims["updated_at"] = time_text(user.updated_at)
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    return claims
