"""What a server survives: full disks, lost folders, clients that disconnect or stay silent, secrets in URLs."""

import asyncio
import resource
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from local_tenant import certificates, server
from local_tenant.testing import StartError, TenantClient, TenantProcess, expect
from local_tenant.testing.process import LOCAL_TENANT, StartTenant, trusted
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState


def logged(process: TenantProcess) -> str:
    """What the server logged, once it has ended in order."""
    assert process.end() == 0
    return process.log.read_text()


class TestDisk:
    def test_a_full_disk_is_a_503_that_says_so_until_there_is_room(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        with TenantClient(process.ready) as tenant:
            unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
            refused = tenant.api.post("/api/v2/users", json={"connection": "Username-Password-Authentication"})
            assert refused.status_code == 400
            body = {"name": "a", "code": "", "supported_triggers": [{"id": "post-login", "version": "v3"}]}
            answer = expect(tenant.api.post("/api/v2/actions/actions", json=body), 503)
            assert answer["error"] == "Service Unavailable"
            assert f"The data folder {process.data} cannot be written: " in answer["message"]
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
            tenant.create_action()
        assert "Traceback" not in logged(process)

    def test_a_deleted_folder_is_a_503_instead_of_lost_writes(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        with TenantClient(process.ready) as tenant:
            shutil.rmtree(process.data)
            body = {"name": "a", "code": "", "supported_triggers": [{"id": "post-login", "version": "v3"}]}
            answer = expect(tenant.api.post("/api/v2/actions/actions", json=body), 503)
            assert "it was moved or deleted" in answer["message"]

    def test_a_first_start_on_a_full_disk_says_so(self, tmp_path: Path) -> None:
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh", LOCAL_TENANT, "serve", "--data", tmp_path / "data"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("local-tenant: the data folder ")
        assert "\n  fix: " in done.stderr

    @pytest.mark.parametrize("content", [b"", b"\0"])
    def test_an_empty_database_file_is_not_a_new_tenant(self, fresh_tenant: StartTenant, content: bytes) -> None:
        process = fresh_tenant()
        process.end()
        database = process.data / "tenant.sqlite3"
        for path in process.data.glob("tenant.sqlite3*"):
            path.unlink()
        database.write_bytes(content)
        with pytest.raises(StartError, match="is empty, but a tenant was served from it before") as refused:
            fresh_tenant()
        assert "fix: " in refused.value.stderr
        assert database.read_bytes() == content

    def test_a_damaged_database_is_refused_at_the_start(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        with TenantClient(process.ready) as tenant:
            tenant.sign_up()
        process.end()
        database = process.data / "tenant.sqlite3"
        with closing(sqlite3.connect(database)) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'logs'").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        with database.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xff" * 100)
        with pytest.raises(StartError, match=r"cannot be read: .*(damaged|malformed)") as refused:
            fresh_tenant()
        assert "Traceback" not in refused.value.stderr

    def test_the_start_removes_leftovers_of_a_killed_installation(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        process.end()
        dependencies = process.data / "dependencies"
        (dependencies / "unfinished-abc" / "node_modules").mkdir(parents=True)
        (dependencies / "whole").mkdir()
        fresh_tenant()
        assert [path.name for path in dependencies.iterdir()] == ["whole"]


class TestClients:
    def test_a_client_that_disconnects_in_mid_body_leaves_no_traceback(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant()
        context = trusted(process.ready)
        for path in ("/oauth/token", "/dbconnections/signup", "/u/login"):
            with socket.create_connection(("localhost", process.port)) as plain:
                connection = context.wrap_socket(plain, server_hostname="localhost")
                head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nhalf"
                connection.sendall(head.encode())
                connection.close()
        with process.client() as client:
            assert client.get("/_local/health").status_code == 200
        assert "Traceback" not in logged(process)

    def test_a_silent_connection_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "SECONDS_FOR_A_REQUEST", 0.3)

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        async def sent(*parts: bytes) -> bytes:
            config = uvicorn.Config(app, log_config=None, lifespan="off")
            config.load()
            loop = asyncio.get_running_loop()
            protocol = lambda: server._Protocol(config, ServerState(), {})  # noqa: E731, SLF001
            async with await loop.create_server(protocol, "127.0.0.1", 0) as listener:
                reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
                for part in parts:
                    writer.write(part)
                received = await asyncio.wait_for(reader.read(), 30)
                writer.close()
                return received

        assert asyncio.run(sent()) == b""
        assert asyncio.run(sent(b"POST / HTTP/1.1\r\nContent-")) == b""
        assert asyncio.run(sent(b"GET / HTTP/1.1\r\n\r\n", b"GET / HT")).startswith(b"HTTP/1.1 204")

    def test_verbose_logs_paths_and_no_query(self, fresh_tenant: StartTenant) -> None:
        process = fresh_tenant(None, "--verbose")
        with process.client() as client:
            client.get("/_page/enter", params={"key": "the-key"})
            client.get("/authorize", params={"client_id": "x", "code": "the-code"})
            client.get("/userinfo", params={"access_token": "the-token"})
        log = logged(process)
        assert '"GET /_page/enter HTTP/1.1" 403' in log
        assert '"GET /authorize HTTP/1.1" 403' in log
        assert "the-key" not in log
        assert "the-code" not in log
        assert "the-token" not in log


def test_the_ca_bundle_does_not_include_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = certificates.ensure_certificates(tmp_path, "localhost").bundle
    size = first.stat().st_size
    monkeypatch.setenv("SSL_CERT_FILE", str(first))
    for _ in range(2):
        assert certificates.ensure_certificates(tmp_path, "localhost").bundle.stat().st_size == size
