"""What is run: the Actions bound to a trigger, each in the version that is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TRIGGER_VERSIONS: Final = {"post-login": "v3", "pre-user-registration": "v2"}
"""The triggers that can be run, and the version of each."""


@dataclass(frozen=True, slots=True)
class ModuleVersion:
    """A published version of a module, which an Action loads by `require("actions:NAME")`.

    Attributes:
        name: of the module.
        version_id: uuid.
        code: CommonJS source.
        secrets: by name; the code reads them as `actions.secrets.NAME`.
        dependencies: folder that `install_dependencies` made, or None.
    """

    name: str
    version_id: str
    code: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    dependencies: Path | None = None


@dataclass(frozen=True, slots=True)
class ActionVersion:
    """An immutable version of an Action; keep the object and pass it again, so that it need not be compared.

    Attributes:
        id: uuid; the runtime loads a version's code once for each id.
        number: 1, 2, 3, … per Action.
        code: CommonJS source.
        secrets: by name.
        dependencies: folder that `install_dependencies` made, or None.
        modules: those that it uses.
    """

    id: str
    number: int
    code: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    dependencies: Path | None = None
    modules: tuple[ModuleVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundAction:
    """An Action at its place in a flow.

    Attributes:
        action_id: uuid.
        name: of the Action; in the trace and in stack traces.
        version: the deployed one.
    """

    action_id: str
    name: str
    version: ActionVersion


@dataclass(frozen=True, slots=True)
class Flow:
    """The Actions bound to a trigger.

    Attributes:
        trigger: `post-login` or `pre-user-registration`.
        actions: in the order of their bindings.
    """

    trigger: str
    actions: tuple[BoundAction, ...]

    def __post_init__(self) -> None:
        """Refuse a trigger that cannot be run.

        Raises:
            ValueError: there is no such trigger here.
        """
        if self.trigger not in TRIGGER_VERSIONS:
            raise ValueError(f"The trigger {self.trigger!r} cannot be run; there are: {', '.join(TRIGGER_VERSIONS)}")
