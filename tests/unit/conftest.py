import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.unit.program import EXAMPLE_DOMAINS, EXAMPLES, PROJECT, ROOT, Run, run_program, stack_config

RunStack = Callable[..., Run]


@pytest.fixture
def run_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunStack:
    """Runs the program as a stack with example settings; `config` and `environ` go over them (None removes).

    The other stacks' files are those in `folder`, by default the test's own.
    """

    def run(
        stack: str,
        config: Mapping[str, str | None] | None = None,
        environ: Mapping[str, str | None] | None = None,
        *,
        preview: bool = False,
        folder: Path = tmp_path,
    ) -> Run:
        monkeypatch.setattr("components.guards.PROJECT_FOLDER", folder)
        for name in os.environ:
            if name.startswith(("AUTH0_", "PULUMI_")):
                monkeypatch.delenv(name)
        for name, value in {"AUTH0_DOMAIN": EXAMPLE_DOMAINS.get(stack), **(environ or {})}.items():
            if value is not None:
                monkeypatch.setenv(name, value)
        merged = {**EXAMPLES.get(stack, EXAMPLES["test"]), **(config or {})}
        return run_program(stack, {key: value for key, value in merged.items() if value is not None}, preview=preview)

    return run


@pytest.fixture
def deploy(run_stack: RunStack) -> RunStack:
    """Runs the program as one of the project's stacks, with the settings of its own file."""

    def run(stack: str, config: Mapping[str, str] | None = None, *, preview: bool = False) -> Run:
        own = {**stack_config(stack), **(config or {})}
        domain = "localhost:8443" if stack == "local" else f"{own[f'{PROJECT}:tenant']}.us.auth0.com"
        run = run_stack(stack, own, {"AUTH0_DOMAIN": domain}, preview=preview, folder=ROOT)
        assert run.error is None
        return run

    return run


@pytest.fixture(params=["local", "prod", "test"])
def stack(request: pytest.FixtureRequest) -> str:
    """Each of the project's stacks."""
    name = request.param
    assert isinstance(name, str)
    return name
