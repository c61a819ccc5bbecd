"""What a program would deploy, by running it in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from operations.content import Binding, Content
from operations.errors import OperationsError
from operations.project import Project, StackConfig

ACTION = "auth0:index/action:Action"
FLOW = "auth0:index/triggerActions:TriggerActions"
PROVIDER = "pulumi:providers:auth0"

RECORDER = Path(__file__).with_name("recorder.py")
SECONDS_TO_RUN = 120

_UNKNOWN = "let the program define each Action that it binds, once, or teach operations/program/plan.py"


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """An Action as the program would deploy it.

    Attributes:
        logical_name: Pulumi's name of the resource.
        name: its name at Auth0.
        content: what would run.
        secret_values: the values of its secrets. They are never shown and never written down.
    """

    logical_name: str
    name: str
    content: Content
    secret_values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """A flow as the program would bind it.

    Attributes:
        logical_name: Pulumi's name of the resource.
        trigger: the trigger's id, such as `post-login`.
        bindings: its Actions in the order in which they run; ids are the program's own, not Auth0's.
    """

    logical_name: str
    trigger: str
    bindings: tuple[Binding, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the Actions, in the order in which they run."""
        return tuple(binding.action_name for binding in self.bindings)


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """All that the program would deploy.

    Attributes:
        actions: by their names at Auth0, sorted.
        flows: by their triggers, sorted.
        others: type and name of each further resource; nothing here looks at those.
    """

    actions: tuple[ActionPlan, ...]
    flows: tuple[FlowPlan, ...]
    others: tuple[str, ...]

    def flow(self, trigger: str) -> FlowPlan | None:
        """The flow of a trigger; None if the program binds nothing there."""
        return next((flow for flow in self.flows if flow.trigger == trigger), None)


def read_program(
    project: Project, stack: str, config: StackConfig, *, environ: Mapping[str, str] | None = None
) -> ProgramPlan:
    """What the project's program would deploy as this stack with this config.

    Args:
        project: the project.
        stack: name of the stack, without organization and project.
        config: the stack's whole config.
        environ: environment variables of the program; those of this process by default.

    Raises:
        OperationsError: the program refuses its settings, fails, or deploys in a way that is not known here.
    """
    folder = project.folder.resolve()
    request = {"folder": str(folder), "project": project.name, "stack": stack, **asdict(config)}
    try:
        ran = subprocess.run(  # noqa: S603 - this very Python and the script beside this file
            [sys.executable, "-P", str(RECORDER)],
            input=json.dumps(request),
            env=dict(os.environ if environ is None else environ),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=SECONDS_TO_RUN,
        )
    except subprocess.TimeoutExpired:
        raise OperationsError(
            f"the program in {folder} has not ended within {SECONDS_TO_RUN} s",
            fix="run `pulumi preview` there, and see what it waits for",
        ) from None
    if ran.returncode != 0:
        raise OperationsError(
            f"the program in {folder} fails:\n{ran.stderr.strip()}", fix="fix the program; `pulumi preview` fails too"
        )
    answer = json.loads(ran.stdout)
    if "error" in answer:
        # The program's guards name the fix of each setting.
        raise OperationsError(str(answer["error"]).strip())
    return plan_of(answer["resources"])


def read_program_by_file(project: Project, stack: str) -> tuple[StackConfig, ProgramPlan]:
    """The settings of Pulumi.STACK.yaml, and what the program would deploy with them, whatever this shell's tenant is.

    Raises:
        OperationsError: as `read_program` does, and if there is no such file.
    """
    config = project.stack_config(stack)
    # A rehearsal is of a machine, not of a tenant.
    config.values.pop(f"{project.name}:rehearsalDomain", None)
    tenant = config.settings(project.name).get("tenant", "")
    # The guards ask for a domain of the tenant. Which region it is in changes nothing that is deployed.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AUTH0_", "PULUMI_"))}
    environ["AUTH0_DOMAIN"] = f"{tenant}.us.auth0.com"
    return config, read_program(project, stack, config, environ=environ)


def plan_of(resources: Iterable[Mapping[str, Any]]) -> ProgramPlan:
    """Read the resources that the recorder printed.

    Raises:
        OperationsError: it binds an Action that it does not define, or two of its Actions have one name.
    """
    recorded = list(resources)
    by_id = {each["id"]: _action(each["name"], each["inputs"]) for each in recorded if each["type"] == ACTION}
    actions = sorted(by_id.values(), key=lambda action: action.name)
    names = [action.name for action in actions]
    for name in names:
        if names.count(name) > 1:
            raise OperationsError(f"two of the program's Actions are named {name}", fix=_UNKNOWN)
    flows = [_flow(each["name"], each["inputs"], by_id) for each in recorded if each["type"] == FLOW]
    others = [
        f"{each['type']} {each['name']}"
        for each in recorded
        if each["type"].startswith("auth0:") and each["type"] not in {ACTION, FLOW}
    ]
    return ProgramPlan(tuple(actions), tuple(sorted(flows, key=lambda flow: flow.trigger)), tuple(others))


def _action(logical_name: str, inputs: Mapping[str, Any]) -> ActionPlan:
    values = {secret["name"]: secret["value"] for secret in inputs.get("secrets") or ()}
    name = inputs.get("name") or logical_name
    return ActionPlan(logical_name, name, Content.of_program(inputs), MappingProxyType(values))


def _flow(logical_name: str, inputs: Mapping[str, Any], actions: Mapping[str, ActionPlan]) -> FlowPlan:
    unknown = [each["id"] for each in inputs["actions"] if each["id"] not in actions]
    if unknown:
        raise OperationsError(
            f"{logical_name} binds {unknown[0]}, which is none of the program's Actions", fix=_UNKNOWN
        )
    names = {action_id: action.name for action_id, action in actions.items()}
    return FlowPlan(logical_name, inputs["trigger"], Binding.of_program(inputs, names))
