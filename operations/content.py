"""What drift compares: the one place that reads it from the program and from Auth0, and writes it back.

To compare one more part of an Action, add a field to `Content`, and its line to tests/operations/test_content.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

Json = Mapping[str, Any]
Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an Action.

    Attributes:
        kind: kind of the finding if it differs, as in `--json`.
        title: its name in a sentence.
        program: reads it from the inputs of Pulumi's `auth0:Action`.
        auth0: reads it from an Action or a version of the Management API.
    """

    kind: str
    title: str
    program: Callable[[Json], Value]
    auth0: Callable[[Json], Value]


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that two contents have differently, each value as text."""

    part: Part
    program: str
    auth0: str


def _part(kind: str, title: str, *, program: Callable[[Json], Value], auth0: Callable[[Json], Value]) -> Any:  # noqa: ANN401 - as `field`
    return field(metadata={"part": Part(kind, title, program, auth0)})


def _list(items: Iterable[Json] | None, *keys: str) -> tuple[str, ...]:
    """Each item as `VALUE@VALUE`, sorted: Auth0 keeps no order."""
    return tuple(sorted("@".join(str(item[key]) for key in keys) for item in items or ()))


def _triggers(items: Iterable[Json] | None) -> str:
    return ", ".join(f"{each['id']} {each['version']}" for each in items or ())


def _runtime(name: str) -> str:
    """The provider writes node18 as `node18-actions`."""
    return name.removesuffix("-actions")


@dataclass(frozen=True, slots=True)
class Content:
    """The parts of an Action that decide how it runs; the same for the program, a draft and a version.

    Attributes:
        code: JavaScript source.
        runtime: `node18` or `node22`.
        dependencies: npm packages, each `NAME@VERSION`.
        modules: Action modules, each `MODULE_ID@VERSION_ID`.
        secrets: names of the secrets; the API returns no values.
        trigger: the trigger and its version, such as `post-login v3`.
    """

    code: str = _part("code", "code", program=lambda i: i["code"], auth0=lambda a: a.get("code") or "")
    runtime: str = _part(
        "runtime",
        "runtime",
        program=lambda i: _runtime(i.get("runtime") or "node22"),
        auth0=lambda a: _runtime(a.get("runtime") or ""),
    )
    dependencies: tuple[str, ...] = _part(
        "dependencies",
        "npm dependencies",
        program=lambda i: _list(i.get("dependencies"), "name", "version"),
        auth0=lambda a: _list(a.get("dependencies"), "name", "version"),
    )
    modules: tuple[str, ...] = _part(
        "modules",
        "modules",
        program=lambda i: _list(i.get("modules"), "moduleId", "moduleVersionId"),
        auth0=lambda a: _list(a.get("modules"), "module_id", "module_version_id"),
    )
    secrets: tuple[str, ...] = _part(
        "secret-names",
        "secrets",
        program=lambda i: _list(i.get("secrets"), "name"),
        auth0=lambda a: _list(a.get("secrets"), "name"),
    )
    trigger: str = _part(
        "trigger",
        "trigger",
        program=lambda i: _triggers([i["supportedTriggers"]]),
        auth0=lambda a: _triggers(a.get("supported_triggers")),
    )

    @classmethod
    def of_program(cls, inputs: Json) -> Content:
        """Read the inputs of Pulumi's `auth0:Action`."""
        values: dict[str, Any] = {name: part.program(inputs) for name, part in _PARTS.items()}
        return cls(**values)

    @classmethod
    def of_auth0(cls, action: Json) -> Content:
        """Read an Action, which stands for its draft, or a version; members are those of the Management API."""
        values: dict[str, Any] = {name: part.auth0(action) for name, part in _PARTS.items()}
        return cls(**values)

    def differences(self, auth0: Content) -> list[Difference]:
        """Where Auth0's content differs from this one of the program, in the order of the fields."""
        pairs = [(part, getattr(self, name), getattr(auth0, name)) for name, part in _PARTS.items()]
        return [Difference(part, _text(ours), _text(theirs)) for part, ours, theirs in pairs if ours != theirs]

    @property
    def packages(self) -> list[tuple[str, str]]:
        """Name and version of each npm package."""
        return [(name, version) for name, _, version in (each.rpartition("@") for each in self.dependencies)]


_PARTS: Mapping[str, Part] = {each.name: each.metadata["part"] for each in fields(Content)}
KINDS = frozenset(part.kind for part in _PARTS.values())
SECRET_NAMES = _PARTS["secrets"].kind


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "none"


@dataclass(frozen=True, slots=True)
class Binding:
    """An Action's place in a flow.

    Attributes:
        action_id: of the Action.
        action_name: its name at Auth0.
        display_name: what the dashboard shows.
    """

    action_id: str
    action_name: str
    display_name: str

    @classmethod
    def of_program(cls, inputs: Json, names: Mapping[str, str]) -> tuple[Binding, ...]:
        """Read the inputs of Pulumi's `auth0:TriggerActions`; `names` has the Action's name for each id."""
        return tuple(cls(each["id"], names[each["id"]], each["displayName"]) for each in inputs["actions"])

    @classmethod
    def of_auth0(cls, binding: Json) -> Binding:
        """Read a binding of the Management API."""
        action = binding.get("action") or {}
        name = action.get("name") or ""
        return cls(action.get("id") or "", name, binding.get("display_name") or name)

    def to_auth0(self) -> dict[str, Any]:
        """As the Management API takes it."""
        return {"ref": {"type": "action_id", "value": self.action_id}, "display_name": self.display_name}
