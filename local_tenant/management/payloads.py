"""Bodies of the Actions endpoints, with the documented limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from local_tenant.management.validation import Payload

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
    """A trigger that an Action is made for."""

    id: str
    version: str


class Dependency(Payload):
    """An npm package."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    registry_url: str | None = None


class SecretValue(Payload):
    """A secret, with its value: it is written, never read."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_SECRET_NAME)]
    value: Annotated[str, Field(max_length=LONGEST_SECRET_VALUE)]


class ModuleReference(Payload):
    """A version of a module that an Action requires."""

    module_id: str
    module_version_id: str


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Code = Annotated[str, Field(max_length=LONGEST_CODE)]
Triggers = Annotated[list[SupportedTrigger], Field(min_length=1)]
Dependencies = Annotated[list[Dependency], Field(max_length=MOST_DEPENDENCIES)]
Secrets = Annotated[list[SecretValue], Field(max_length=MOST_SECRETS)]


class NewAction(Payload):
    """POST /actions/actions."""

    name: Name
    supported_triggers: Triggers
    code: Code = ""
    dependencies: Dependencies = Field(default_factory=list)
    runtime: str | None = None
    secrets: Secrets = Field(default_factory=list)
    modules: list[ModuleReference] = Field(default_factory=list)
    deploy: bool = False


class ActionChange(Payload):
    """PATCH /actions/actions/{id}: what is left out stays as it is."""

    name: Name | None = None
    supported_triggers: Triggers | None = None
    code: Code | None = None
    dependencies: Dependencies | None = None
    runtime: str | None = None
    secrets: Secrets | None = None
    modules: list[ModuleReference] | None = None


class Rollback(Payload):
    """POST /actions/actions/{id}/versions/{vid}/deploy; the body may be empty."""

    update_draft: bool = False


class BindingReference(Payload):
    """The Action of a binding, by id or by name."""

    type: Literal["action_id", "action_name"]
    value: str


class NewBinding(Payload):
    """One place in a flow."""

    ref: BindingReference
    display_name: str | None = None


class NewFlow(Payload):
    """PATCH /actions/triggers/{id}/bindings: the whole list."""

    bindings: Annotated[list[NewBinding], Field(max_length=MOST_BINDINGS)]


class TestRun(Payload):
    """POST /actions/actions/{id}/test."""

    payload: dict[str, Any]
