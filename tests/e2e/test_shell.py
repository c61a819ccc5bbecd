"""The commands that a person types, in a shell, on stack local."""

import shlex
import shutil
import subprocess
from pathlib import Path

from operations.project import copy_program
from tests.deployment import FLOWS
from tests.project import ROOT


def test_pulumi_works_in_a_shell_that_evaluated_make_env(tmp_path: Path, engine_environment: dict[str, str]) -> None:
    folder = tmp_path / "project"
    copy_program(ROOT, folder)
    (tmp_path / "state").mkdir()
    # `make` sets all of these, or reads them as its own options.
    environment = {
        name: value for name, value in engine_environment.items() if not name.startswith(("PULUMI_", "MAKE"))
    }
    make_env = f'make -s -C {shlex.quote(str(ROOT))} env DATA="$PWD/.local/tenant"'

    try:
        first = run_in_bash(
            f"""
            .venv/bin/local-tenant start --port 0 --data .local/tenant --tenant floatme-local
            eval "$({make_env})"
            export PULUMI_BACKEND_URL={(tmp_path / "state").as_uri()}
            pulumi stack select local --create --non-interactive
            echo "run the program: $PULUMI_RUN_PROGRAM"
            pulumi preview --stack local
            pulumi up --stack local --yes --skip-preview
            pulumi stack output --stack local --json flows
            """,
            folder,
            environment,
        )
        second = run_in_bash(
            f"""
            eval "$({make_env})"
            export PULUMI_BACKEND_URL={(tmp_path / "state").as_uri()}
            pulumi preview --stack local --expect-no-changes
            pulumi destroy --stack local --yes --skip-preview
            """,
            folder,
            environment,
        )
    finally:
        run_in_bash(".venv/bin/local-tenant stop --data .local/tenant", folder, environment)

    assert "The tenant floatme-local is running at https://localhost:" in first
    assert "run the program: true" in first
    assert "+ 8 to create" in first
    assert "+ 8 created" in first
    assert all(f'"{name}"' in first for order in FLOWS.values() for name in order)
    assert "8 unchanged" in second
    assert "- 8 deleted" in second


def run_in_bash(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What a bash prints that stops at the first command that fails."""
    bash = shutil.which("bash")
    assert bash is not None
    ran = subprocess.run(  # noqa: S603
        [bash, "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
