"""Bodies of the Actions endpoints, with the documented limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from local_tenant.management.validation import Payload, at_most_bytes, not_null

# Bytes of UTF-8.
LONGEST_CODE = 100_000
MOST_SECRETS = 30
LONGEST_SECRET_NAME = 128
LONGEST_SECRET_VALUE = 4_096
MOST_DEPENDENCIES = 10
MOST_BINDINGS = 20
MOST_ACTIONS = 100
# Not documented: generous, so that no name that Auth0 takes is refused here.
LONGEST_NAME = 255


class SupportedTrigger(Payload):
    """A trigger that an Action is made for.

    Without a version it is the trigger's current one. The other keys of a trigger are taken, so that what GET
    /actions/triggers shows can be sent back, and mean nothing (both documented: the SDK's own request type).
    """

    id: str
    version: Annotated[str | None, not_null("string")] = None
    status: str | None = None
    runtimes: list[str] | None = None
    default_runtime: str | None = None
    compatible_triggers: list[dict[str, Any]] | None = None
    binding_policy: str | None = None


class Dependency(Payload):
    """An npm package."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    registry_url: str | None = None


SecretName = Annotated[str, Field(min_length=1, max_length=LONGEST_SECRET_NAME)]
SecretText = Annotated[str, Field(max_length=LONGEST_SECRET_VALUE)]


class SecretValue(Payload):
    """A secret, with its value: it is written, never read."""

    name: SecretName
    value: SecretText


class ChangedSecret(Payload):
    """A secret of a PATCH; without a value it keeps the one that it has."""

    name: SecretName
    value: Annotated[SecretText | None, not_null("string")] = None


class ModuleReference(Payload):
    """A version of a module that an Action requires; its name and number may be sent back as they were shown."""

    module_id: str
    module_version_id: str
    module_name: str | None = None
    module_version_number: int | None = None


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Code = Annotated[str, at_most_bytes(LONGEST_CODE)]
# One: "an action can only target a single trigger at a time" (documented).
Triggers = Annotated[list[SupportedTrigger], Field(min_length=1, max_length=1)]
Dependencies = Annotated[list[Dependency], Field(max_length=MOST_DEPENDENCIES)]
Secrets = Annotated[list[SecretValue], Field(max_length=MOST_SECRETS)]
ChangedSecrets = Annotated[list[ChangedSecret], Field(max_length=MOST_SECRETS)]


class NewAction(Payload):
    """POST /actions/actions."""

    name: Name
    supported_triggers: Triggers
    code: Code = ""
    dependencies: Dependencies = Field(default_factory=list)
    runtime: Annotated[str | None, not_null("string")] = None
    secrets: Secrets = Field(default_factory=list)
    modules: list[ModuleReference] = Field(default_factory=list)
    deploy: bool = False


class ActionChange(Payload):
    """PATCH /actions/actions/{id}: what is left out stays as it is."""

    name: Annotated[Name | None, not_null("string")] = None
    supported_triggers: Annotated[Triggers | None, not_null("array")] = None
    code: Annotated[Code | None, not_null("string")] = None
    dependencies: Annotated[Dependencies | None, not_null("array")] = None
    runtime: Annotated[str | None, not_null("string")] = None
    secrets: Annotated[ChangedSecrets | None, not_null("array")] = None
    modules: Annotated[list[ModuleReference] | None, not_null("array")] = None


class Rollback(Payload):
    """POST /actions/actions/{id}/versions/{vid}/deploy; the body may be empty."""

    update_draft: bool = False


class BindingReference(Payload):
    """The Action of a binding: by id, by name, or as that of a binding that the trigger has (documented)."""

    type: Literal["action_id", "action_name", "binding_id"]
    value: str


class NewBinding(Payload):
    """One place in a flow."""

    ref: BindingReference
    display_name: Annotated[str | None, not_null("string")] = None


class NewFlow(Payload):
    """PATCH /actions/triggers/{id}/bindings: the whole list."""

    bindings: Annotated[list[NewBinding], Field(max_length=MOST_BINDINGS)]


class TestRun(Payload):
    """POST /actions/actions/{id}/test."""

    payload: dict[str, Any]
