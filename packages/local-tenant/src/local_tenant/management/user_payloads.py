"""Bodies of the users endpoints, for users of the database connection."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.passwords import weakness
from local_tenant.emails import is_email
from local_tenant.management.errors import ApiError, invalid_body
from local_tenant.management.validation import Payload, not_null

# Documented for each of the root attributes.
LONGEST_NAME = 300

Text = Annotated[str | None, not_null("string"), Field(min_length=1, max_length=LONGEST_NAME)]
Flag = Annotated[bool | None, not_null("boolean")]
Object = Annotated[dict[str, Any] | None, not_null("object")]
Password = Annotated[str | None, not_null("string"), Field(min_length=1)]
UserId = Annotated[str | None, not_null("string"), Field(min_length=1, max_length=255)]

PROFILE = ("given_name", "family_name", "name", "nickname", "picture")


class UserAttributes(Payload):
    """What POST and PATCH have in common; None means that it was not sent."""

    email: Text = None
    email_verified: Flag = None
    verify_email: Flag = None
    password: Password = None
    blocked: Flag = None
    given_name: Text = None
    family_name: Text = None
    name: Text = None
    nickname: Text = None
    picture: Text = None
    user_metadata: Object = None
    app_metadata: Object = None

    @property
    def profile(self) -> dict[str, str]:
        """Those root attributes of the profile that were sent."""
        return {name: getattr(self, name) for name in PROFILE if getattr(self, name) is not None}

    def check(self) -> None:
        """Check email and password, if they were sent.

        Raises:
            ApiError: 400 for an email of another form or a password that is too weak.
        """
        if self.email is not None and not is_email(self.email):
            raise invalid_body(f"'Object didn't pass validation for format email: {self.email}' on property email.")
        if self.password is not None and weakness(self.password) is not None:
            raise ApiError(400, "PasswordStrengthError: Password is too weak")


class NewUser(UserAttributes):
    """POST /users."""

    connection: str
    user_id: UserId = None


class UserChange(UserAttributes):
    """PATCH /users/{id}: what is left out stays; metadata is merged at the root level."""

    connection: Text = None
    client_id: Text = None

    def check(self) -> None:
        """As for a new user; some changes cannot come together.

        Raises:
            ApiError: 400.
        """
        super().check()
        if not self.model_fields_set:
            raise invalid_body("'Too few properties defined (0), minimum 1'.")
        if self.password is not None:
            for other in ("email", "email_verified"):
                if getattr(self, other) is not None:
                    raise ApiError(400, f"Cannot update password and {other} simultaneously", "operation_not_supported")
        check_connection(self.connection)


def check_connection(name: str | None) -> None:
    """Check that the connection, if one is named, exists.

    Raises:
        ApiError: 400 `inexistent_connection`.
    """
    if name not in (None, DATABASE_CONNECTION):
        raise ApiError(
            400, f"The connection does not exist. The local tenant has {DATABASE_CONNECTION}.", "inexistent_connection"
        )


class AccountToLink(Payload):
    """POST /users/{id}/identities; `link_with` is the id token of the account."""

    provider: Text = None
    user_id: UserId = None
    connection_id: Text = None
    link_with: Annotated[str | None, not_null("string")] = None
