"""Runs the real program, __main__.py, against Pulumi's mocks, and records what it registers.

Nothing is asserted inside an `apply`, where a failure could be lost: a test reads the recorded requests afterwards.
"""

import asyncio
import contextvars
import json
import runpy
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # likewise
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import Stack

ROOT = Path(__file__).parents[2]
PROJECT = "auth0-actions"
STACK_TYPE = "pulumi:pulumi:Stack"

# Settings to test the rules with. The stacks' own files hold names that their owners change.
_EXAMPLE = {
    f"{PROJECT}:environment": "test",
    f"{PROJECT}:tenant": "floatme-test",
    f"{PROJECT}:testTenant": "floatme-test",
    f"{PROJECT}:integrationTestDomain": "integration-test.floatme.io",
    f"{PROJECT}:forceMfaDomain": "forcemfa.floatme.io",
    f"{PROJECT}:runtime": "node18",
    f"{PROJECT}:rehearsalDomain": "",
}
EXAMPLES = {
    "local": {**_EXAMPLE, f"{PROJECT}:tenant": "floatme-local", f"{PROJECT}:testTenant": "floatme-local"},
    "test": _EXAMPLE,
    "prod": {**_EXAMPLE, f"{PROJECT}:environment": "prod", f"{PROJECT}:tenant": "floatme-prod"},
}
EXAMPLE_DOMAINS = {"local": "localhost:8443", "test": "floatme-test.us.auth0.com", "prod": "floatme-prod.us.auth0.com"}
# How Pulumi marks a value that is not known yet, and a secret, on the wire.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Registration:
    """One RegisterResource request.

    Attributes:
        urn: The URN, as the engine makes it.
        type: The type token.
        name: The logical name.
        parent: The parent's URN.
        inputs: The inputs as sent, secrets still marked.
        request: The whole request.
    """

    urn: str
    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    request: resource_pb2.RegisterResourceRequest


@dataclass
class Run:
    """What a run of the program registered, and the error that ended it, if any."""

    registered: dict[str, Registration] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: pulumi.RunError | None = None

    def of_type(self, type_: str) -> dict[str, Registration]:
        """The registrations of one type by logical name."""
        return {each.name: each for each in self.registered.values() if each.type == type_}

    @property
    def actions(self) -> dict[str, Registration]:
        return self.of_type("auth0:index/action:Action")

    @property
    def flows(self) -> dict[str, Registration]:
        return self.of_type("auth0:index/triggerActions:TriggerActions")

    @property
    def exports(self) -> dict[str, Any]:
        """The stack's outputs."""
        (stack,) = self.of_type(STACK_TYPE).values()
        return self.outputs[stack.urn]


def stack_config(stack: str) -> dict[str, str]:
    """A stack's config as the engine hands it over: Pulumi.yaml's defaults under Pulumi.STACK.yaml's values."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
    defaults = {f"{PROJECT}:{key}": declared["default"] for key, declared in project["config"].items()}
    config = {**defaults, **own["config"]}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def run_program(stack: str, config: Mapping[str, str], *, preview: bool = False) -> Run:
    """Run __main__.py as a stack with this config. Environment variables are the caller's to set."""
    run = Run()

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # not typed there
    def program() -> None:
        pulumi.runtime.set_all_config(dict(config))
        monitor = _Monitor(_Tenant(preview=preview), run)
        pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack=stack, preview=preview, monitor=monitor)
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        # Its exports; the mocks' stack registers its outputs before the program runs.
        root = pulumi.runtime.get_root_resource()
        assert isinstance(root, Stack)
        root.register_outputs(root.outputs)

    def run_in_loops() -> None:
        # The mocks open an event loop in the thread of an RPC, and would leave it open.
        with (
            closing(asyncio.new_event_loop()) as loop_of_rpcs,
            ThreadPoolExecutor(1, initializer=lambda: asyncio.set_event_loop(loop_of_rpcs)) as executor,
            asyncio.Runner() as runner,
        ):
            runner.get_loop().set_default_executor(executor)
            try:
                program()
            except pulumi.RunError as error:
                run.error = error

    # Pulumi keeps its state in context variables: in an empty context no test sees what another one left.
    contextvars.Context().run(run_in_loops)
    return run


class _Tenant(Mocks):
    """Makes up ids and deployed versions. In a preview they are not known yet."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if self._preview or not args.custom:
            return "", args.inputs
        return f"id-of-{args.name}", {**args.inputs, "versionId": f"version-of-{args.name}"}


class _Monitor(MockMonitor):
    """Records each request: mocks do not get a resource's parent, dependencies and options."""

    def __init__(self, mocks: Mocks, run: Run) -> None:
        super().__init__(mocks)
        self._run = run

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # As the engine: the stack's type is not part of its children's.
        return super().make_urn("" if parent.split("::")[2:3] == [STACK_TYPE] else parent, type_, name)

    def RegisterResource(  # noqa: N802  # the wire's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response: resource_pb2.RegisterResourceResponse = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # not typed there
        assert response.urn not in self._run.registered, f"registered twice: {response.urn}"
        self._run.registered[response.urn] = Registration(
            response.urn, request.type, request.name, request.parent, MessageToDict(request.object), request
        )
        return response

    def RegisterResourceOutputs(  # noqa: N802  # the wire's name
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        self._run.outputs.setdefault(request.urn, {}).update(MessageToDict(request.outputs))
        reply: object = super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # not typed there
        return reply


def is_secret(value: object) -> bool:
    """Whether a value on the wire is marked as a secret."""
    return isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET


def secret_value(value: dict[str, object]) -> object:
    """The value of a secret on the wire."""
    assert is_secret(value)
    return value["value"]


def contains_secret(value: object) -> bool:
    """Whether a secret is anywhere in a value on the wire."""
    if is_secret(value):
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(contains_secret, parts))
