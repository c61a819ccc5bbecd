"""Runs Actions in Node: a flow and an event go in, an execution comes out: effects, denial or pause, and a trace.

`ActionRuntime` is the way in; the rest, from the outside in:

- `runtime`, `request`, `gathering`, `execution`, `pause`, `effects`, `trace`, `masking`: what is run, what it yields;
- `pool`, `worker`, `worker_process`, `node`: the processes that run it, and their replacement;
- `worker/`: the JavaScript in those processes, one module per part of the api in `worker/api/`;
- `events`: events of the documented shape, from plain values;
- `dependencies`: npm packages of Actions, installed when an Action is built.

The package knows neither a store nor HTTP, and applies nothing: that is its caller's part.
"""

from action_runtime.dependencies import install_dependencies
from action_runtime.effects import Effects, LifetimeChanges, MultifactorRequirement
from action_runtime.errors import DependencyInstallError, ErrorCode, ExecutionError, RuntimeUnavailableError
from action_runtime.execution import Denial, Execution
from action_runtime.flow import TRIGGER_VERSIONS, ActionVersion, BoundAction, Flow, ModuleVersion
from action_runtime.pause import ChallengeStep, Continuation, EnrollStep, Factor, Pause, RedirectStep
from action_runtime.runtime import ActionRuntime, Visibility
from action_runtime.trace import ActionResult, ApiCall, ConsoleLine, MetadataChange, StaleRead, Trace, execution_json

__all__ = [
    "TRIGGER_VERSIONS",
    "ActionResult",
    "ActionRuntime",
    "ActionVersion",
    "ApiCall",
    "BoundAction",
    "ChallengeStep",
    "ConsoleLine",
    "Continuation",
    "Denial",
    "DependencyInstallError",
    "Effects",
    "EnrollStep",
    "ErrorCode",
    "Execution",
    "ExecutionError",
    "Factor",
    "Flow",
    "LifetimeChanges",
    "MetadataChange",
    "ModuleVersion",
    "MultifactorRequirement",
    "Pause",
    "RedirectStep",
    "RuntimeUnavailableError",
    "StaleRead",
    "Trace",
    "Visibility",
    "execution_json",
    "install_dependencies",
]
