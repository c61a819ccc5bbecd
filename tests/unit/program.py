"""Runs the real program, __main__.py, against Pulumi's mocks, and records what it would register.

The program runs as Pulumi's own Python entry point runs it, in a stack of its own and with every RPC awaited. Nothing
is asserted inside an `apply`, where a failure could be lost: a test reads the recorded requests afterwards.
"""

import asyncio
import contextvars
import runpy
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pulumi
import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # likewise
from pulumi.runtime import mocks, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack, wait_for_rpcs

P = ParamSpec("P")
T = TypeVar("T")

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
EXAMPLE_DOMAINS = {
    "local": "localhost:8443",
    "test": "floatme-test.us.auth0.com",
    "prod": "floatme-prod.us.auth0.com",
}
# How Pulumi marks a value that is not known yet, and a secret, on the wire.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Registration:
    """One RegisterResource request.

    Attributes:
        urn: The URN that the engine would give.
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
    """What a run of the program asked the engine for, and the error that it ended with, if any."""

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
    return {key: str(value) for key, value in {**defaults, **own["config"]}.items()}


def run_program(stack: str, config: Mapping[str, str], *, preview: bool = False) -> Run:
    """Run __main__.py as a stack with this config. Environment variables are the caller's to set."""
    run = Run()
    # Pulumi keeps its state in context variables: in an empty context no test sees what another one left.
    contextvars.Context().run(_run, run, stack, dict(config), preview)
    return run


class _Mocks(mocks.Mocks):
    """A tenant that makes up ids and deployed versions. In a preview they are not known yet."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if self._preview or not args.custom:
            return "", args.inputs
        return f"id-of-{args.name}", {**args.inputs, "versionId": f"version-of-{args.name}"}


class _Monitor(mocks.MockMonitor):
    """Records each request, and gives URNs as the engine does."""

    def __init__(self, mocks_: mocks.Mocks, run: Run, stack: str) -> None:
        super().__init__(mocks_)
        self._run = run
        self._stack = stack

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        parent_type = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
        return f"urn:pulumi:{self._stack}::{PROJECT}::{qualified}::{name}"

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
        self._run.outputs[request.urn] = MessageToDict(request.outputs)
        reply: object = super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # not typed there
        return reply


class _Executor(ThreadPoolExecutor):
    """Carries the context over to the threads that make RPCs, and closes the event loops that mocks open there."""

    def __init__(self) -> None:
        self._loops: list[asyncio.AbstractEventLoop] = []
        super().__init__(max_workers=4, initializer=self._open_loop)

    def _open_loop(self) -> None:
        loop = asyncio.new_event_loop()
        self._loops.append(loop)
        asyncio.set_event_loop(loop)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        context = contextvars.copy_context()
        return super().submit(lambda: context.run(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # inherited
        super().shutdown(wait, cancel_futures=cancel_futures)
        while self._loops:
            self._loops.pop().close()


def _run(run: Run, stack: str, config: dict[str, str], preview: bool) -> None:  # noqa: FBT001  # Context.run's call
    with asyncio.Runner() as runner, _Executor() as executor:
        runner.get_loop().set_default_executor(executor)
        try:
            runner.run(_program(run, stack, config, preview=preview))
        except pulumi.RunError as error:
            run.error = error


async def _program(run: Run, stack: str, config: dict[str, str], *, preview: bool) -> None:
    settings.SETTINGS.outputs.clear()
    set_all_config(config)
    monitor = _Monitor(_Mocks(preview=preview), run, stack)
    pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack=stack, preview=preview, monitor=monitor)
    # set_mocks has made and finished a stack of its own; the program's is made as in a real run, around it.
    await wait_for_rpcs()
    run.registered.clear()
    run.outputs.clear()
    settings.ROOT.set(None)
    await run_in_stack(_run_main)


def _run_main() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


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
