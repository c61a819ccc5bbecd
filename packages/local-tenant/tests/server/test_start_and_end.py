"""`local-tenant serve`: one ready line, both loopback addresses, a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from local_tenant.errors import LocalTenantError
from local_tenant.server import bind
from local_tenant.testing import StartError, TenantClient, TenantProcess, expect
from local_tenant.testing.process import (
    LOCAL_TENANT,
    StartTenant,
    loopback_addresses,
    serve_command,
    spare_port,
    trusted,
)

ADDRESSES = loopback_addresses()


def listen(family: socket.AddressFamily, host: str, port: int = 0) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind((host, port))
    listener.listen()
    return listener


class TestReadyLine:
    def test_the_ready_line_has_exactly_these_keys(self, auth0_tenant_process: TenantProcess) -> None:
        ready = json.loads(auth0_tenant_process.ready_text)
        assert auth0_tenant_process.ready_text.endswith("\n")
        first = ["ready", "url", "domain", "tenant", "ca_file", "pid", "management", "application"]
        assert list(ready) == [*first, "single_page_application"]
        assert set(ready["management"]) == set(ready["application"]) == {"client_id", "client_secret"}
        assert set(ready["single_page_application"]) == {"client_id"}
        assert ready["ready"] is True
        assert ready["url"] == f"https://{ready['domain']}"
        assert ready["domain"] == f"localhost:{auth0_tenant_process.port}"
        assert ready["tenant"] == "local-tenant"
        assert ready["pid"] == auth0_tenant_process.pid
        assert Path(ready["ca_file"]).is_absolute()

    def test_a_tenant_keeps_its_name_when_it_is_started_without_one(self, fresh_tenant: StartTenant) -> None:
        fresh_tenant(name="my-tenant").end()
        assert fresh_tenant().ready["tenant"] == "my-tenant"

    def test_the_ready_line_is_the_only_output_on_stdout(self, tmp_path: Path) -> None:
        process = subprocess.Popen(  # noqa: S603
            serve_command(tmp_path / "data", "--verbose"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        rest, logged = process.communicate()
        assert json.loads(first)["ready"] is True
        assert rest == ""
        assert "Started server process" in logged

    def test_its_credentials_have_auth0s_form(self, auth0_tenant_process: TenantProcess) -> None:
        for credentials in (auth0_tenant_process.ready["management"], auth0_tenant_process.ready["application"]):
            assert len(credentials["client_id"]) == 32
            assert credentials["client_id"].isalnum()
            assert len(credentials["client_secret"]) == 64


class TestAddresses:
    @pytest.mark.parametrize(("family", "host"), ADDRESSES)
    def test_both_loopback_addresses_answer(
        self, auth0_tenant_process: TenantProcess, family: socket.AddressFamily, host: str
    ) -> None:
        context = trusted(auth0_tenant_process.ready)
        with socket.socket(family) as raw:
            raw.connect((host, auth0_tenant_process.port))
            with context.wrap_socket(raw, server_hostname="localhost") as connection:
                connection.sendall(b"GET /_local/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert connection.recv(100).startswith(b"HTTP/1.1 200")

    def test_no_other_address_answers(self, auth0_tenant_process: TenantProcess) -> None:
        with socket.socket(socket.AF_INET) as probe:
            probe.settimeout(2)
            # Refused, or not an address of this machine at all.
            assert probe.connect_ex(("127.0.0.2", auth0_tenant_process.port)) != 0

    def test_only_https_is_spoken(self, auth0_tenant_process: TenantProcess) -> None:
        with socket.create_connection(("127.0.0.1", auth0_tenant_process.port)) as connection:
            connection.sendall(b"GET /_local/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"HTTP/1.1 200" not in connection.recv(1_000)

    @pytest.mark.parametrize(("family", "host"), ADDRESSES)
    def test_a_port_in_use_on_either_is_refused(self, family: socket.AddressFamily, host: str) -> None:
        with closing(listen(family, host)) as taken, pytest.raises(LocalTenantError) as refused:
            bind(taken.getsockname()[1])
        assert f"on {host} cannot be used: Address already in use" in str(refused.value)
        assert "--port" in refused.value.fix

    def test_a_port_in_use_is_one_message_and_exit_code_1(
        self, fresh_tenant: StartTenant, auth0_tenant_process: TenantProcess
    ) -> None:
        with pytest.raises(StartError) as refused:
            fresh_tenant(port=auth0_tenant_process.port)
        assert refused.value.exit_code == 1
        assert refused.value.stderr.startswith(
            f"local-tenant: port {auth0_tenant_process.port} on 127.0.0.1 cannot be used"
        )
        assert "Traceback" not in refused.value.stderr

    def test_a_refused_port_leaves_neither_address_bound(self) -> None:
        with closing(listen(*ADDRESSES[-1])) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(LocalTenantError):
                bind(port)
        for family, host in ADDRESSES:
            listen(family, host, port).close()

    def test_a_free_port_is_free_on_both(self) -> None:
        sockets = bind(0)
        try:
            assert len({listener.getsockname()[1] for listener in sockets}) == 1
            assert [listener.getsockname()[0] for listener in sockets] == [host for _, host in ADDRESSES]
        finally:
            for listener in sockets:
                listener.close()


class TestEnd:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it_with_0_and_frees_the_port_despite_connections(
        self, fresh_tenant: StartTenant, number: signal.Signals
    ) -> None:
        process = fresh_tenant(port=spare_port())
        with process.client() as idle:
            assert expect(idle.get("/_local/health"), 200) == {"ok": True}
            assert process.end(number) == 0
        assert process.log.read_text() == ""
        for listener in bind(process.port):
            listener.close()

    def test_repeated_signals_still_end_it_cleanly(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        while process.running:
            os.kill(process.pid, signal.SIGTERM)
        assert process.end() == 0

    def test_a_pending_request_is_still_answered(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        tenant = TenantClient(process.ready)
        tenant.inject("slow", path="/api/v2/actions/actions", seconds=0.5)
        with closing(slow_request(tenant)) as answer:
            assert process.end() == 0
            assert next(answer).startswith(b"HTTP/1.1 200")
        tenant.close()


def slow_request(tenant: TenantClient) -> Generator[bytes, None, None]:
    """Send a request now; its answer comes when it is asked for."""
    context = trusted(tenant.ready)
    raw = socket.create_connection(("127.0.0.1", tenant.port))
    connection = context.wrap_socket(raw, server_hostname="localhost")
    head = f"Host: localhost\r\nAuthorization: {tenant.api.headers['Authorization']}\r\n\r\n"
    connection.sendall(f"GET /api/v2/actions/actions HTTP/1.1\r\n{head}".encode())
    # The fault is taken once the request has arrived.
    while tenant.api.get("/_local/faults").json()["faults"]:
        pass

    def answer() -> Generator[bytes, None, None]:
        try:
            yield connection.recv(1_000)
        finally:
            connection.close()

    return answer()


class TestArguments:
    @pytest.mark.parametrize("name", ["", "ab", "Upper", "-x-", "under_score", "x" * 64, "a.b"])
    def test_an_invalid_tenant_name_is_refused(self, tmp_path: Path, name: str) -> None:
        run = subprocess.run(  # noqa: S603
            serve_command(tmp_path / "data", tenant=name), capture_output=True, text=True, check=False
        )
        assert run.returncode == 2
        assert "is not a tenant name" in run.stderr
        assert not (tmp_path / "data").exists()

    def test_a_port_out_of_range_is_refused(self, tmp_path: Path) -> None:
        run = subprocess.run(  # noqa: S603
            serve_command(tmp_path / "data", port=65_536), capture_output=True, text=True, check=False
        )
        assert run.returncode == 2
        assert "65536" in run.stderr

    @pytest.mark.parametrize("program", [[LOCAL_TENANT], [sys.executable, "-m", "local_tenant"]])
    def test_the_commands_are_the_same_by_either_name(self, program: list[str | Path]) -> None:
        run = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True)  # noqa: S603
        for command in ("serve", "start", "stop", "status", "env"):
            assert f"\n  {command} " in run.stdout
