"""The data folder: its owner's alone, one server at a time, one tenant, no newer version, no other file."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from local_tenant.data_folder import DataFolder, acquire, serving_process
from local_tenant.errors import LocalTenantError
from local_tenant.store import settings
from local_tenant.store.database import SCHEMA_VERSION, Database
from local_tenant.tenant import open_database
from local_tenant.testing import StartError, TenantClient
from local_tenant.testing.process import StartTenant


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """`acquire` narrows the mask of the whole process, which here is the test's own."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@contextmanager
def acquired(data: Path) -> Iterator[DataFolder]:
    folder = acquire(data)
    try:
        yield folder
    finally:
        folder.release()


class TestWhileServed:
    def test_every_file_is_readable_by_its_owner_alone(self, fresh_tenant: StartTenant, data: Path) -> None:
        data.mkdir(mode=0o755)
        process = fresh_tenant()
        tenant = TenantClient(process.ready)
        tenant.deploy_action(secrets={"A": "1"})
        tenant.close()
        assert oct(data.stat().st_mode & 0o777) == "0o700"
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in data.rglob("*") if path.is_file()}
        expected = {"lock", "tenant.sqlite3", "tenant.sqlite3-wal", "tenant.sqlite3-shm", "ca.pem", "server.pem"}
        assert expected | {"server.json", "ca-bundle.pem", "port"} <= set(modes)
        assert {name: mode for name, mode in modes.items() if mode != "0o600"} == {}

        assert serving_process(data) == process.pid
        assert process.end() == 0
        assert not (data / "server.json").exists()
        assert serving_process(data) is None

    def test_a_tenant_that_cannot_be_opened_says_where_to_look(self, fresh_tenant: StartTenant, data: Path) -> None:
        assert fresh_tenant().end() == 0
        with closing(sqlite3.connect(data / "tenant.sqlite3", isolation_level=None)) as connection:
            connection.execute("UPDATE signing_keys SET private_pem = 'damaged'")
        with pytest.raises(StartError) as refused:
            fresh_tenant()
        assert refused.value.exit_code == 1
        assert "the tenant could not start; the log above says why" in refused.value.stderr
        assert serving_process(data) is None

    def test_an_unusable_folder_is_one_message_and_exit_code_1(self, fresh_tenant: StartTenant, data: Path) -> None:
        data.mkdir()
        (data / "tenant.sqlite3").write_bytes(b"no database at all " * 100)
        with pytest.raises(StartError) as refused:
            fresh_tenant()
        assert refused.value.exit_code == 1
        assert refused.value.stderr.startswith(f"local-tenant: the data folder {data} cannot be read: ")
        assert "\n  fix: " in refused.value.stderr
        assert "Traceback" not in refused.value.stderr


class TestRefused:
    def test_a_folder_in_use_names_its_process(self, data: Path) -> None:
        with acquired(data), pytest.raises(LocalTenantError) as refused:
            acquire(data)
        assert f"the data folder {data} is in use by process {os.getpid()}" in str(refused.value)
        assert "local-tenant stop" in refused.value.fix

    def test_a_folder_of_another_tenant_is_left_unchanged(self, data: Path) -> None:
        with acquired(data) as folder:
            with closing(open_database(folder, "local-tenant")) as database:
                database._writer.execute("INSERT INTO settings VALUES (?, 'local-tenant')", (settings.TENANT,))  # noqa: SLF001
            with pytest.raises(LocalTenantError, match="holds the tenant 'local-tenant', not 'other'") as refused:
                open_database(folder, "other")
            assert "--tenant local-tenant" in refused.value.fix
            open_database(folder, "local-tenant").close()
            open_database(folder, None).close()

    def test_a_folder_of_a_newer_version(self, data: Path) -> None:
        with acquired(data) as folder:
            Database(folder.database).close()
            with closing(sqlite3.connect(folder.database)) as connection:
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
            with pytest.raises(LocalTenantError, match="was written by a newer version of the local tenant") as refused:
                open_database(folder, "local-tenant")
            assert f"schema version {SCHEMA_VERSION + 1} is newer than {SCHEMA_VERSION}" in str(refused.value)
            assert "update local-tenant" in refused.value.fix

    @pytest.mark.parametrize("content", [b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 4_000])
    def test_a_file_that_is_not_a_database_is_left_unchanged(self, data: Path, content: bytes) -> None:
        with acquired(data) as folder:
            folder.database.write_bytes(content)
            with pytest.raises(LocalTenantError, match="cannot be read: file is not a database"):
                open_database(folder, "local-tenant")
            assert folder.database.read_bytes() == content

    def test_a_folder_that_cannot_be_created(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(LocalTenantError, match=r"file/data cannot be used: Not a directory") as refused:
            acquire(tmp_path / "file" / "data")
        assert "--data" in refused.value.fix


class TestLock:
    def test_two_concurrent_readers_do_not_take_each_other_for_a_server(self, data: Path) -> None:
        """Else `stop` would end whatever process has the id that a killed server left behind."""
        acquire(data).release()
        (data / "lock").write_text("1\n")
        with somebody_looks(data):
            assert serving_process(data) is None

    def test_a_starting_server_waits_for_a_reader(self, data: Path) -> None:
        acquire(data).release()
        with somebody_looks(data) as looked:
            timer = threading.Timer(0.1, looked)
            timer.start()
            acquire(data).release()
            timer.join()

    def test_a_released_folder_names_no_process(self, data: Path) -> None:
        with acquired(data):
            assert serving_process(data) == os.getpid()
        assert serving_process(data) is None
        assert (data / "lock").read_text() == ""

    def test_an_unused_folder_has_no_process(self, data: Path) -> None:
        assert serving_process(data) is None
        assert not data.exists()


@contextmanager
def somebody_looks(data: Path) -> Iterator[Callable[[], None]]:
    """The lock as `serving_process` holds it for a moment; the value ends that moment."""
    lock = os.open(data / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)
    finally:
        os.close(lock)
