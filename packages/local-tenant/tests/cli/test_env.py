"""`local-tenant env`: what a shell needs to reach the tenant."""

import json
import shlex
import ssl
import subprocess
from pathlib import Path

import httpx
from click.testing import CliRunner, Result
from local_tenant.cli import commands
from local_tenant.errors import LocalTenantError
from local_tenant.testing import TenantProcess


def env(data: Path) -> Result:
    return CliRunner().invoke(commands, ["env", "--data", str(data)])


def in_a_shell(script: str) -> dict[str, str]:
    """The variables that a shell has after it evaluated the output."""
    shell = subprocess.run(["/bin/sh", "-c", f"{script}\nenv -0"], capture_output=True, text=True, check=True)  # noqa: S603
    return dict(line.split("=", 1) for line in shell.stdout.split("\0") if "=" in line)


def test_a_shell_reads_each_variable_unchanged(auth0_tenant_process: TenantProcess) -> None:
    result = env(auth0_tenant_process.data)
    assert result.exit_code == 0
    variables = in_a_shell(result.output)
    assert variables["AUTH0_DOMAIN"] == auth0_tenant_process.ready["domain"]
    assert variables["AUTH0_CLIENT_ID"] == auth0_tenant_process.ready["management"]["client_id"]
    assert variables["AUTH0_CLIENT_SECRET"] == auth0_tenant_process.ready["management"]["client_secret"]


def test_node_trusts_the_tenant_by_its_ca_file(auth0_tenant_process: TenantProcess) -> None:
    variables = in_a_shell(env(auth0_tenant_process.data).output)
    assert variables["NODE_EXTRA_CA_CERTS"] == auth0_tenant_process.ready["ca_file"]


def test_nothing_of_pulumi_is_set(auth0_tenant_process: TenantProcess) -> None:
    names = {
        line.removeprefix("export ").partition("=")[0] for line in env(auth0_tenant_process.data).output.splitlines()
    }
    assert names == {
        "AUTH0_DOMAIN",
        "AUTH0_CLIENT_ID",
        "AUTH0_CLIENT_SECRET",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "LOCAL_TENANT_DATA",
    }


def test_other_commands_of_the_shell_find_the_same_tenant(auth0_tenant_process: TenantProcess) -> None:
    variables = in_a_shell(env(auth0_tenant_process.data).output)
    result = CliRunner().invoke(
        commands, ["status", "--json"], env={"LOCAL_TENANT_DATA": variables["LOCAL_TENANT_DATA"]}
    )
    assert json.loads(result.output)["pid"] == auth0_tenant_process.ready["pid"]


def test_every_line_exports_one_variable(auth0_tenant_process: TenantProcess) -> None:
    lines = env(auth0_tenant_process.data).output.splitlines()
    assert lines
    for line in lines:
        assert line.startswith("export ")
        assert len(shlex.split(line)) == 2


def test_the_bundle_trusts_the_tenant_and_the_roots_of_the_machine(auth0_tenant_process: TenantProcess) -> None:
    variables = in_a_shell(env(auth0_tenant_process.data).output)
    assert variables["SSL_CERT_FILE"] == variables["REQUESTS_CA_BUNDLE"]
    context = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])
    assert context.cert_store_stats()["x509_ca"] > 10
    assert httpx.get(f"{auth0_tenant_process.url}/_local/health", verify=context).status_code == 200


def test_without_a_tenant_it_says_how_to_start_one(tmp_path: Path) -> None:
    result = env(tmp_path)
    assert isinstance(result.exception, LocalTenantError)
    assert "local-tenant start" in str(result.exception)
    assert result.output == ""
