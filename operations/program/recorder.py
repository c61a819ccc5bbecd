"""Runs a Pulumi program and prints, as JSON, the resources that it asks for. A script: it imports no other module here.

The program runs as Pulumi's own Python entry point runs it, with Pulumi's mocks in the engine's place: nothing is
deployed, no tenant is asked, no state is read. It has a process of its own, because a program is a tree of modules
(the base commit's `components` and the working tree's are two) and because Pulumi keeps its settings in globals.

Run with `python -P`: the modules beside it must not hide the program's own.

stdin: `{"folder", "project", "stack", "values": {key: text}, "secret_keys": [key]}`
stdout: `{"resources": [{"type", "name", "parent", "id", "inputs"}]}`, sorted by type and name, or `{"error": text}`
when the program refuses. Secrets are in the clear: the caller reads them through a pipe and writes them nowhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack, wait_for_rpcs

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - how Pulumi marks one on the wire
_STACK_TYPE = "pulumi:pulumi:Stack"


class Tenant(mocks.Mocks):
    """A mock tenant: invents the ids of new resources."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Refuse: what the program deploys would depend on an invented answer."""
        raise pulumi.RunError(
            f"the program asks the tenant for {args.token}: what it deploys depends on the answer\n"
            "  fix: take the value from the stack's config"
        )

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """An id that names the resource."""
        return f"{args.typ} {args.name}" if args.custom else "", args.inputs


class Recorder(mocks.MockMonitor):
    """A mock engine: records what the program registers."""

    def __init__(self) -> None:
        """Nothing is registered yet."""
        super().__init__(Tenant())
        self.registered: list[dict[str, Any]] = []

    def RegisterResource(  # noqa: N802 - the wire's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Answer as Pulumi's own mock does, and keep the request."""
        response: resource_pb2.RegisterResourceResponse = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != _STACK_TYPE:
            self.registered.append(
                {
                    "type": request.type,
                    "name": request.name,
                    "parent": request.parent.rpartition("::")[2],
                    "id": response.id,
                    "inputs": _in_the_clear(rpc.deserialize_properties(request.object)),
                }
            )
        return response


def main() -> None:
    """Read the request, run the program, answer."""
    request = json.load(sys.stdin)
    # What the program prints goes to a person, never into the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Its own modules come before those that are installed: the project itself is, in its own environment.
    sys.path.insert(0, request["folder"])
    os.chdir(request["folder"])
    with answer:
        json.dump(asyncio.run(_record(**request)), answer)


async def _record(
    folder: str, project: str, stack: str, values: dict[str, str], secret_keys: list[str]
) -> dict[str, Any]:
    recorder = Recorder()
    set_all_config(values, secret_keys)
    pulumi.runtime.set_mocks(recorder.mocks, project=project, stack=stack, preview=False, monitor=recorder)
    # set_mocks has created a stack; the program's is created around it, as in a real run.
    await wait_for_rpcs()
    settings.ROOT.set(None)

    def program() -> None:
        runpy.run_path(str(Path(folder) / "__main__.py"), run_name="__main__")

    try:
        await run_in_stack(program)
    except pulumi.RunError as refusal:
        return {"error": str(refusal)}
    return {"resources": sorted(recorder.registered, key=lambda each: (each["type"], each["name"]))}


def _in_the_clear(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value without Pulumi's marks of secrets."""
    if isinstance(value, dict):
        if _SECRET_MARK in value:
            return _in_the_clear(value["value"])
        return {key: _in_the_clear(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_the_clear(inner) for inner in value]
    return value


if __name__ == "__main__":
    main()
