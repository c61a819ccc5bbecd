"""The body of /dbconnections/signup, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_tenant.accounts import passwords
from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.accounts.profiles import default_profile
from local_tenant.authentication.signup.errors import bad_request, weak_password
from local_tenant.emails import is_email, normalised
from local_tenant.metadata import Metadata
from local_tenant.store.clients import Client
from local_tenant.tenant import Tenant

# Documented for this endpoint alone.
MOST_METADATA_FIELDS = 10
LONGEST_METADATA_VALUE = 500

PROFILE_FIELDS = ("given_name", "family_name", "name", "nickname", "picture")


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """A sign-up with a valid form.

    Attributes:
        client: the application that it comes from; only its id is sent (documented).
        email: as it will be stored.
        password: strong enough.
        attributes: root attributes that were sent.
        user_metadata: as it was sent.
    """

    client: Client
    email: str
    password: str
    attributes: dict[str, str]
    user_metadata: Metadata

    @property
    def profile(self) -> dict[str, Any]:
        """What was sent, with Auth0's defaults for the rest."""
        return {**default_profile(self.email), **self.attributes}


def read_signup(tenant: Tenant, parameters: dict[str, Any]) -> SignupRequest:
    """The sign-up that a body asks for.

    Raises:
        SignupError: 400 for what is missing, unknown, too long or too weak.
    """
    client = tenant.client(_text(parameters, "client_id"))
    if client is None:
        raise bad_request("invalid_client", "Unknown client_id")
    connection = _text(parameters, "connection")
    if connection != DATABASE_CONNECTION:
        raise bad_request("unknown_connection", f"Unknown connection: {connection}. There is {DATABASE_CONNECTION}.")
    email, password = _text(parameters, "email"), _text(parameters, "password")
    if not is_email(email):
        raise bad_request("invalid_email", "Invalid email address")
    weakness = passwords.weakness(password)
    if weakness is not None:
        raise weak_password(weakness)
    attributes = {name: _text(parameters, name) for name in PROFILE_FIELDS if name in parameters}
    return SignupRequest(client, normalised(email), password, attributes, _metadata(parameters.get("user_metadata")))


def _text(parameters: dict[str, Any], name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request("invalid_request", f"{name} is required")
    return value


def _metadata(sent: object) -> Metadata:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise bad_request("invalid_request", "user_metadata must be an object")
    if len(sent) > MOST_METADATA_FIELDS:
        raise bad_request("invalid_request", f"user_metadata can have at most {MOST_METADATA_FIELDS} fields")
    for name, value in sent.items():
        if not isinstance(value, str) or len(value) > LONGEST_METADATA_VALUE:
            limit = f"a string of at most {LONGEST_METADATA_VALUE} characters"
            raise bad_request("invalid_request", f"user_metadata.{name} must be {limit}")
    return sent
