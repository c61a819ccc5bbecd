"""The shape of a seed file. Its JSON schema is docs/seed-schema.json (`python -m local_tenant.seed.document`)."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from local_tenant.management.client_payloads import ClientProperties
from local_tenant.management.client_payloads import Name as ClientName
from local_tenant.management.payloads import (
    LONGEST_NAME,
    MOST_ACTIONS,
    MOST_BINDINGS,
    Code,
    Dependencies,
    SecretName,
    SecretText,
)
from local_tenant.management.resource_servers import NewResourceServer
from local_tenant.management.validation import Payload

Text = Annotated[str, Field(min_length=1, max_length=300)]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$")]


class SeedUser(Payload):
    """A user: with a password, or the hash that a snapshot wrote."""

    email: Text
    password: Text | None = None
    password_hash: Annotated[str, Field(pattern=r"^\$argon2id\$")] | None = None
    user_id: Annotated[str, Field(pattern=r"^auth0\|.{1,249}$")] | None = None
    email_verified: bool = False
    blocked: bool = False
    given_name: Text | None = None
    family_name: Text | None = None
    name: Text | None = None
    nickname: Text | None = None
    picture: Text | None = None
    user_metadata: dict[str, Any] = Field(default_factory=dict)
    app_metadata: dict[str, Any] = Field(default_factory=dict)
    logins_count: Annotated[int, Field(ge=0, le=2**53)] = 0
    last_login: Time | None = None
    last_ip: Text | None = None
    created_at: Time | None = None
    authenticator_apps: list[Annotated[str, Field(pattern=r"^[A-Z2-7]{16,128}$")]] = Field(default_factory=list)
    recovery_code_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _has_one_password(self) -> SeedUser:
        if (self.password is None) == (self.password_hash is None):
            raise ValueError("needs either password or password_hash")
        return self


class SeedGrant(Payload):
    """What the application may get tokens for without a user; `management` is the Management API."""

    audience: Text
    scope: list[Text]


class SeedApplication(ClientProperties):
    """An application, with the properties of the Management API.

    `own` changes one that every tenant has; it keeps its id and secret.
    """

    name: ClientName
    own: Literal["application", "single_page"] | None = None
    client_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    client_grants: list[SeedGrant] = Field(default_factory=list)

    @model_validator(mode="after")
    def _own_keeps_its_id(self) -> SeedApplication:
        if self.own and (self.client_id or self.client_secret):
            raise ValueError("an own application keeps its client_id and client_secret")
        return self


class SeedSecret(Payload):
    """A secret of an Action, with its value."""

    name: SecretName
    value: SecretText


class SeedAction(Payload):
    """An Action: with its code, or the file that holds it (a path from the seed file's folder)."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    trigger: Text
    trigger_version: Text | None = None
    code: Code | None = None
    code_file: Text | None = None
    runtime: Text | None = None
    dependencies: Dependencies = Field(default_factory=list)
    secrets: list[SeedSecret] = Field(default_factory=list)
    deployed: bool = True

    @model_validator(mode="after")
    def _has_one_code(self) -> SeedAction:
        if (self.code is None) == (self.code_file is None):
            raise ValueError("needs either code or code_file")
        return self


class Document(Payload):
    """A seed file: every list may be left out."""

    version: Literal[1]
    users: list[SeedUser] = Field(default_factory=list)
    apis: list[NewResourceServer] = Field(default_factory=list)
    applications: list[SeedApplication] = Field(default_factory=list)
    actions: Annotated[list[SeedAction], Field(max_length=MOST_ACTIONS)] = Field(default_factory=list)
    flows: dict[str, Annotated[list[str], Field(max_length=MOST_BINDINGS)]] = Field(default_factory=dict)


def schema() -> str:
    """The JSON schema of a seed file, as text."""
    return json.dumps(Document.model_json_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
