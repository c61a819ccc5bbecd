"""Runs Actions in Node: a flow and an event go in; effects, an outcome and a trace come out.

This package knows neither the store nor HTTP. `ActionRuntime` is its front; its parts, from the outside in:

- `runtime`, `result`, `outcome`, `effects`, `trace`, `masking`: what a run is given and what it yields;
- `pool`, `worker`, `worker_process`, `node`: the processes that run it, and their replacement;
- `worker/`: the JavaScript in those processes, one module per part of the api in `worker/api/`;
- `dependencies`: npm packages of Actions, installed when an Action is built.
"""

from action_runtime.dependencies import install_dependencies
from action_runtime.effects import Effects, LifetimeChanges, MultifactorRequirement
from action_runtime.errors import DependencyInstallError, ErrorCode, RunError, RuntimeUnavailableError
from action_runtime.flow import TRIGGER_VERSIONS, ActionVersion, BoundAction, Flow, ModuleVersion
from action_runtime.outcome import (
    ChallengeStep,
    Continuation,
    Denial,
    EnrollStep,
    Factor,
    Pause,
    RedirectStep,
    RunResult,
)
from action_runtime.runtime import ActionRuntime, Visibility
from action_runtime.trace import ActionTrace, ApiCall, ConsoleLine, MetadataChange, StaleRead, Trace, execution

__all__ = [
    "TRIGGER_VERSIONS",
    "ActionRuntime",
    "ActionTrace",
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
    "Factor",
    "Flow",
    "LifetimeChanges",
    "MetadataChange",
    "ModuleVersion",
    "MultifactorRequirement",
    "Pause",
    "RedirectStep",
    "RunError",
    "RunResult",
    "RuntimeUnavailableError",
    "StaleRead",
    "Trace",
    "Visibility",
    "execution",
    "install_dependencies",
]
