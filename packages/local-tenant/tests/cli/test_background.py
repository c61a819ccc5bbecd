"""`local-tenant start|stop|status`: one tenant in the background."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from cli.command import Done, Run, end, runner
from local_tenant.data_folder import serving_process
from local_tenant.testing import ReadyLine, TenantProcess
from local_tenant.testing.process import spare_port, trusted

COLUMNS = 80


def status(run: Run) -> ReadyLine:
    ready: ReadyLine = json.loads(run("status", "--json").stdout)
    return ready


def succeeded(done: Done) -> str:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def failed(done: Done) -> str:
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("local-tenant: ")
    assert "\n  fix: " in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is open to all, as is a log of an earlier time."""
    folder = tmp_path_factory.mktemp("running") / "data"
    folder.mkdir(mode=0o755)
    (folder / "log").touch(mode=0o644)
    yield folder
    end(folder)


@pytest.fixture(scope="module")
def started(folder: Path) -> str:
    """The output of `start`."""
    return succeeded(runner(folder)("start", "--tenant", "in-the-background"))


@pytest.fixture
def ask(folder: Path, started: str) -> Run:
    assert started
    return runner(folder)


class TestRunning:
    """One tenant that runs in the background."""

    def test_start_prints_where_it_runs(self, ask: Run, folder: Path, started: str) -> None:
        ready = status(ask)
        assert ready["pid"] == serving_process(folder)
        sentence, page = started.splitlines()
        assert sentence == f"The tenant in-the-background is running at {ready['url']} (process {ready['pid']})."
        assert page == f"Page: {succeeded(ask('page')).strip()}"
        lines = succeeded(ask("status")).removeprefix(started).splitlines()
        assert f"  client ID {ready['single_page_application']['client_id']}" in lines
        assert f"  client ID {ready['application']['client_id']}" in lines
        assert max(map(len, [page, *lines])) <= COLUMNS
        pattern = r"Actions run in Node 22\.\d+\.\d+, whichever runtime they name \(node18, node22\)\."
        assert re.fullmatch(pattern, lines[-1])

    def test_the_printed_address_opens_its_page(self, ask: Run) -> None:
        address = succeeded(ask("page")).strip()
        ready = status(ask)
        with httpx.Client(verify=trusted(ready)) as client:
            assert client.get(f"{ready['url']}/").status_code == 401
            assert client.get(address).status_code == 200
            assert client.get(f"{ready['url']}/").status_code == 200

    def test_status_is_the_ready_line_and_the_options(self, ask: Run) -> None:
        ready = status(ask)
        keys = ["ready", "url", "domain", "tenant", "ca_file", "pid", "management", "application"]
        assert list(ready) == [*keys, "single_page_application", "seed", "options", "code_version"]
        assert ready["tenant"] == "in-the-background"

    def test_a_second_start_starts_no_second_tenant(self, ask: Run) -> None:
        ready = status(ask)
        again, page = succeeded(ask("start", "--tenant", "in-the-background")).splitlines()
        assert again == f"The tenant in-the-background is already running at {ready['url']} (process {ready['pid']})."
        assert page == f"Page: {succeeded(ask('page')).strip()}"
        assert status(ask) == ready

    def test_a_start_with_another_name_or_port_says_what_runs(self, ask: Run) -> None:
        ready = status(ask)
        other_name = failed(ask("start", "--tenant", "another-name"))
        assert "the tenant 'in-the-background' is running in data, not 'another-name'" in other_name
        other_port = failed(ask("start", "--tenant", "in-the-background", "--port", "1"))
        assert f"is running at {ready['url']}, not on port 1" in other_port
        assert status(ask) == ready

    def test_a_second_serve_names_the_process_that_has_the_folder(self, ask: Run) -> None:
        refused = failed(ask("serve", "--tenant", "in-the-background"))
        assert f"the data folder data is in use by process {status(ask)['pid']}" in refused

    def test_its_files_become_readable_by_the_owner_alone(self, folder: Path, ask: Run) -> None:
        assert status(ask)["ready"]
        assert oct(folder.stat().st_mode & 0o777) == "0o700"
        assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == dict.fromkeys(
            (path.name for path in folder.iterdir()), "0o600"
        )


def test_nothing_is_running_at_first(run: Run) -> None:
    for command in (run("status"), run("status", "--json")):
        assert command.returncode == 1
    assert run("status").stdout == "No tenant is running.\n"
    assert run("status", "--json").stdout == '{"ready": false}\n'
    assert succeeded(run("stop")) == "No tenant is running.\n"


def test_after_a_stop_it_starts_on_the_same_port(run: Run, data: Path) -> None:
    port = str(spare_port())
    run("start", "--port", port)
    first = status(run)
    assert first["domain"] == f"localhost:{port}"
    assert succeeded(run("stop")) == "The tenant has stopped.\n"
    assert serving_process(data) is None
    run("start")
    assert {**status(run), "pid": 0} == {**first, "pid": 0}


def test_a_tenant_of_older_code_is_restarted_with_its_options(run: Run, data: Path) -> None:
    run("start", "--tenant", "older", "--refresh-token-rotation")
    older = status(run)
    announced = json.loads((data / "server.json").read_text())
    options = announced["options"] | {"an-option-of-that-version": True}
    (data / "server.json").write_text(json.dumps(announced | {"code_version": "older", "options": options}))
    restarted, running, _page = succeeded(run("start")).splitlines()
    newer = status(run)
    assert restarted == "The code of the tenant older has changed since it started: restarting it."
    assert running == f"The tenant older is running at {older['url']} (process {newer['pid']})."
    assert {**newer, "pid": older["pid"]} == older


def test_after_a_kill_nothing_is_running_and_no_other_process_is_stopped(run: Run, data: Path) -> None:
    run("start")
    pid = status(run)["pid"]
    os.kill(pid, signal.SIGKILL)
    while serving_process(data) == pid:
        time.sleep(0.005)
    assert (data / "server.json").exists()
    assert run("status").returncode == 1
    assert succeeded(run("stop")) == "No tenant is running.\n"


def test_it_takes_another_port_if_its_last_one_is_in_use(run: Run, data: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        data.mkdir()
        (data / "port").write_text(str(port))
        succeeded(run("start"))
        assert status(run)["domain"] != f"localhost:{port}"


def test_a_requested_port_in_use_is_an_error(run: Run, data: Path, auth0_tenant_process: TenantProcess) -> None:
    refused = failed(run("start", "--port", str(auth0_tenant_process.port)))
    assert f"port {auth0_tenant_process.port} on 127.0.0.1 cannot be used: Address already in use" in refused
    assert serving_process(data) is None


def test_a_failed_start_shows_the_error_of_the_server(run: Run, data: Path) -> None:
    data.mkdir()
    (data / "tenant.sqlite3").write_bytes(b"no database at all " * 100)
    refused = failed(run("start"))
    assert "the tenant could not start" in refused
    assert "cannot be read: file is not a database" in refused


def test_status_knows_a_tenant_served_in_the_foreground(auth0_tenant_process: TenantProcess) -> None:
    ready = status(runner(auth0_tenant_process.data))
    assert {**ready, **auth0_tenant_process.ready} == ready


@pytest.mark.parametrize("command", ["serve", "start", "stop", "status", "env"])
def test_a_file_as_data_folder_is_an_error(run: Run, data: Path, command: str) -> None:
    data.write_text("")
    refused = run(command)
    assert refused.returncode == 2
    assert "Directory 'data' is a file" in refused.stderr
