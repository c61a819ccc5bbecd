"""One writer, many readers: a write is kept whole or not at all, alone, and before it is answered."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import orjson
import pytest
from local_tenant.store import authenticators, authorization_codes, mfa_transactions
from local_tenant.store.database import SCHEMA_VERSION, Database, NewerSchemaError
from local_tenant.store.schema import MIGRATIONS

Work = Callable[[sqlite3.Connection], object]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "db")) as opened:
        yield opened


def put(key: str, value: str = "x") -> Work:
    return lambda connection: connection.execute("INSERT INTO settings (key, value) VALUES (?, ?)", (key, value))


def keys(database: Database) -> set[str]:
    rows = database.read(
        lambda connection: connection.execute("SELECT key FROM settings WHERE key LIKE 'k%'").fetchall()
    )
    return {row["key"] for row in rows}


def put_and_fail(key: str, error: BaseException) -> Work:
    def work(connection: sqlite3.Connection) -> None:
        put(key)(connection)
        raise error

    return work


@asynccontextmanager
async def one_batch(database: Database) -> AsyncIterator[None]:
    """All writes of the block go into one commit, because the writer is busy until the block ends."""
    busy, free = threading.Event(), threading.Event()

    def hold(_connection: sqlite3.Connection) -> None:
        busy.set()
        free.wait()

    holder = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(busy.wait)
    try:
        yield
        # Each task begins its write before the writer goes on.
        await asyncio.sleep(0)
    finally:
        free.set()
        await holder


async def together(database: Database, *works: Work) -> list[object]:
    """Results, or exceptions, of writes that share a commit."""
    async with one_batch(database):
        tasks = [asyncio.create_task(database.write(work)) for work in works]
    return list(await asyncio.gather(*tasks, return_exceptions=True))


def test_a_write_returns_what_its_work_returns(database: Database) -> None:
    assert asyncio.run(database.write(lambda _connection: 7)) == 7


def test_a_write_is_read_as_soon_as_it_is_answered(database: Database) -> None:
    async def run() -> None:
        for number in range(20):
            await database.write(put(f"k{number}"))
            assert f"k{number}" in keys(database)

    asyncio.run(run())


def test_a_failing_write_raises_its_own_error_and_stores_nothing(database: Database) -> None:
    with pytest.raises(LookupError, match="mine"):
        asyncio.run(database.write(put_and_fail("k1", LookupError("mine"))))
    assert keys(database) == set()


def test_a_failing_write_leaves_the_others_of_its_commit_alone(database: Database) -> None:
    mine = LookupError("mine")
    results = asyncio.run(together(database, put("k1"), put_and_fail("k2", mine), put("k3"), put("k1"), put("k4")))
    assert results[1] is mine
    assert isinstance(results[3], sqlite3.IntegrityError)
    assert not any(isinstance(results[position], Exception) for position in (0, 2, 4))
    assert keys(database) == {"k1", "k3", "k4"}


def test_concurrent_writes_share_one_commit(database: Database) -> None:
    commits = 0

    def trace(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    database._writer.set_trace_callback(trace)  # noqa: SLF001 - how many commits it makes is the point of it
    asyncio.run(together(database, *(put(f"k{number}") for number in range(50))))
    assert commits == 2, "one for the write that held the writer up, one for the fifty"
    assert len(keys(database)) == 50


def test_a_failed_commit_fails_all_its_writes(database: Database) -> None:
    """A foreign key whose check is put off lets the commit itself fail."""

    def orphan(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO bindings VALUES ('b', 'post-login', 0, 'no such action', '', 0, 0)")

    mine = LookupError("mine")
    results = asyncio.run(together(database, put("k1"), orphan, put_and_fail("k2", mine), put("k3")))
    assert [type(result) for result in results] == [sqlite3.IntegrityError] * 2 + [LookupError, sqlite3.IntegrityError]
    assert keys(database) == set()
    asyncio.run(database.write(put("k5")))
    assert keys(database) == {"k5"}


def test_a_transaction_ended_by_the_database_fails_all_its_writes(database: Database) -> None:
    """As a full disk does: the savepoints are gone, and nothing of the batch is kept."""

    def lost(connection: sqlite3.Connection) -> None:
        put("k2")(connection)
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    results = asyncio.run(together(database, put("k1"), lost, put("k3")))
    assert all(isinstance(result, sqlite3.Error) for result in results)
    assert str(results[1]) == "database or disk is full"
    assert keys(database) == set()
    asyncio.run(database.write(put("k5")))
    assert keys(database) == {"k5"}


def test_a_write_is_finished_after_its_caller_was_cancelled(database: Database) -> None:
    async def run() -> None:
        async with one_batch(database):
            task = asyncio.create_task(database.write(put("k1")))
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await database.write(put("k2"))

    asyncio.run(run())
    assert keys(database) == {"k1", "k2"}


def test_the_writer_survives_the_end_of_the_calling_loop(database: Database) -> None:
    free = threading.Event()
    loop = asyncio.new_event_loop()

    async def leave() -> None:
        task = asyncio.ensure_future(database.write(lambda connection: (free.wait(), put("k1")(connection))))
        await asyncio.sleep(0)
        task.cancel()

    loop.run_until_complete(leave())
    loop.close()
    free.set()
    asyncio.run(database.write(put("k2")))
    assert keys(database) == {"k1", "k2"}


def test_closing_finishes_pending_writes(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")

    async def run() -> list[object]:
        async with one_batch(database):
            tasks = [asyncio.create_task(database.write(put(f"k{number}"))) for number in range(10)]
            await asyncio.sleep(0)
            closing_down = asyncio.create_task(asyncio.to_thread(database.close))
            await asyncio.sleep(0)
        results = await asyncio.gather(*tasks)
        await closing_down
        return list(results)

    assert len(asyncio.run(run())) == 10
    with closing(Database(tmp_path / "db")) as again:
        assert len(keys(again)) == 10


def test_a_long_read_sees_one_state(database: Database) -> None:
    async def run() -> None:
        def look_twice(connection: sqlite3.Connection) -> tuple[int, int]:
            def count() -> int:
                return int(connection.execute("SELECT count(*) FROM settings WHERE key LIKE 'k%'").fetchone()[0])

            first = count()
            asyncio.run_coroutine_threadsafe(database.write(put("k1")), loop).result()
            return first, count()

        loop = asyncio.get_running_loop()
        # Off the loop, so that the write can be answered while the read is under way.
        assert await asyncio.to_thread(database.read, look_twice) == (0, 0)
        assert keys(database) == {"k1"}

    asyncio.run(run())


def test_a_failed_read_does_not_block_the_next_one(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        database.read(lambda connection: connection.execute("SELECT * FROM nothing"))
    assert keys(database) == set()


class TestOpening:
    def test_a_new_file_has_the_newest_schema(self, database: Database) -> None:
        version = database.read(lambda connection: connection.execute("PRAGMA user_version").fetchone()[0])
        assert version == SCHEMA_VERSION == len(MIGRATIONS)

    def test_an_older_file_is_migrated_and_keeps_its_content(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "db")) as connection:
            connection.executescript(MIGRATIONS[0])
            connection.executescript("INSERT INTO settings VALUES ('k1', 'x'); PRAGMA user_version = 1;")
        with closing(Database(tmp_path / "db")) as database:
            assert keys(database) == {"k1"}
            version = database.read(lambda connection: connection.execute("PRAGMA user_version").fetchone()[0])
            assert version == SCHEMA_VERSION

    def test_challenged_logins_survive_the_migration_of_an_older_file(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "db")) as connection:
            connection.executescript("".join(MIGRATIONS[:4]))
            connection.executescript("""
                INSERT INTO users (user_id, connection, email, email_verified, password_hash, profile, user_metadata,
                    app_metadata, blocked, logins_count, created_at, updated_at)
                VALUES ('auth0|1', 'c', 'a@example.com', 0, 'h', '{}', '{}', '{}', 0, 0, 1, 1);
                INSERT INTO authenticators (id, user_id, secret, created_at) VALUES ('totp|dev_1', 'auth0|1', 'S', 1);
                INSERT INTO mfa_attempts VALUES ('auth0|1', 'otp', 5);
                INSERT INTO mfa_transactions
                VALUES (x'00', 'c', 'auth0|1',
                    '{"grant": {"refresh": {"metadata": {}, "metadata_evicted": false}}, "paused": null}', 1, 2);
                INSERT INTO authorization_codes (code_hash, client_id, user_id, redirect_uri, grant_json, created_at,
                    expires_at) VALUES (x'00', 'c', 'auth0|1', 'https://localhost/', '{"b": 2}', 1, 2);
                PRAGMA user_version = 4;
            """)
        with closing(Database(tmp_path / "db")) as database:
            waiting = database.read(mfa_transactions.get, b"\0")
            code = database.read(authorization_codes.get, b"\0")
            (authenticator,) = database.read(authenticators.of_user, "auth0|1")
            full_at = database.read(authenticators.attempts_full_at, "auth0|1", "otp")
        assert waiting is not None
        assert orjson.loads(waiting.pending) == {"entitlement": {"refresh": {}}, "paused": None}
        assert code is not None
        assert orjson.loads(code.entitlement) == {"b": 2}
        assert (authenticator.type, full_at) == ("otp", 5)

    def test_a_newer_file_is_refused_and_left_unchanged(self, tmp_path: Path) -> None:
        with closing(Database(tmp_path / "db")):
            pass
        with closing(sqlite3.connect(tmp_path / "db")) as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        with pytest.raises(NewerSchemaError) as caught:
            Database(tmp_path / "db")
        assert (caught.value.version, caught.value.known) == (SCHEMA_VERSION + 1, SCHEMA_VERSION)
        with closing(sqlite3.connect(tmp_path / "db")) as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION + 1

    def test_a_file_that_is_not_a_database_is_refused_and_left_unchanged(self, tmp_path: Path) -> None:
        (tmp_path / "db").write_bytes(b"no database at all " * 100)
        with pytest.raises(sqlite3.DatabaseError):
            Database(tmp_path / "db")
        assert (tmp_path / "db").read_bytes() == b"no database at all " * 100

    def test_commits_are_on_disk_before_they_are_answered(self, database: Database) -> None:
        def pragma(name: str) -> Work:
            return lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]

        # synchronous can only be asked outside of a transaction.
        assert database._writer.execute("PRAGMA synchronous").fetchone()[0] == 2  # noqa: SLF001
        assert asyncio.run(database.write(pragma("journal_mode"))) == "wal"
        assert asyncio.run(database.write(pragma("foreign_keys"))) == 1
