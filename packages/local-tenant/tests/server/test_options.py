import socket
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from local_tenant.cli.options import behaviour_options
from local_tenant.options import TenantOptions
from local_tenant.testing.process import LOCAL_TENANT


def local_tenant(data: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [LOCAL_TENANT, command, "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=data.parent,
    )


@pytest.mark.parametrize(
    "options",
    [
        TenantOptions(),
        TenantOptions("next-action", refresh_token_rotation=True, brute_force_protection=False, apis=("urn:a", "b c")),
    ],
)
def test_options_survive_the_command_line(options: TenantOptions) -> None:
    events = []

    @click.command()
    @behaviour_options
    def command(*, behaviour: TenantOptions) -> None:
        events.append(behaviour)

    assert CliRunner().invoke(command, options.arguments()).exit_code == 0
    assert events == [options]


def test_start_refuses_other_options_than_those_of_the_running_tenant(tmp_path: Path) -> None:
    data = tmp_path / "data"
    try:
        assert local_tenant(data, "start", "--refresh-token-rotation").returncode == 0
        assert local_tenant(data, "start", "--refresh-token-rotation").returncode == 0
        assert local_tenant(data, "start").returncode == 0
        other = local_tenant(data, "start", "--api", "urn:a")
        assert other.returncode == 1
        assert "other options" in other.stderr
        assert "local-tenant stop" in other.stderr
    finally:
        local_tenant(data, "stop")


@pytest.mark.parametrize("path", ["/api/v2/", "/mfa/", "/userinfo"])
def test_the_start_refuses_an_api_with_an_identifier_of_the_tenant_itself(tmp_path: Path, path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    audience = f"https://localhost:{port}{path}"
    refused = local_tenant(tmp_path / "data", "serve", "--port", str(port), "--api", audience)
    assert refused.returncode == 1
    assert audience in refused.stderr
    assert "fix: " in refused.stderr
