"""One SQLite file, one writer, many readers, and no answer before its write is on disk.

Reads run at once on the caller's thread. Writes go to a single writer thread, which takes whatever has gathered
while the last commit was under way and commits it as one transaction: under load one `fsync` carries many requests.
Each write has a savepoint of its own: one that fails leaves the others of its batch untouched.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from local_tenant.store.schema import MIGRATIONS

P = ParamSpec("P")
T = TypeVar("T")

# A function of a connection; the arguments after it come from the caller of `read` or `write`.
Work = Callable[Concatenate[sqlite3.Connection, P], T]

SCHEMA_VERSION = len(MIGRATIONS)

# Of a SQLite file: a shorter one holds nothing.
_HEADER_BYTES = 100

_DISK_ERRORS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)

# More would only lengthen the wait of the first request of a batch.
MOST_WRITES_IN_A_COMMIT = 256


class StorageError(sqlite3.OperationalError):
    """The disk did not take a write: it is full, fails, or the folder is gone. Nothing of the write was kept."""


class EmptiedError(Exception):
    """The file has no content, although it held a database before."""


class NewerSchemaError(Exception):
    """A newer version of the local tenant wrote the database.

    Attributes:
        version: schema version of the file.
        known: newest schema version that this program knows.
    """

    def __init__(self, version: int, known: int) -> None:
        """Both are part of the message."""
        super().__init__(f"schema version {version} is newer than {known}, the newest that this version knows")
        self.version = version
        self.known = known


@dataclass(slots=True)
class _Write:
    work: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Database:
    """The tenant's database: `read` for a consistent look, `write` for a durable change."""

    def __init__(self, path: Path, *, may_create: bool = True) -> None:
        """Open or create the file, bring its schema up to date and start the writer.

        Raises:
            EmptiedError: the file is empty and `may_create` is false.
            NewerSchemaError: the file has a newer schema than this program knows.
            sqlite3.DatabaseError: the file is not a SQLite database or is damaged.
        """
        if not may_create and path.exists() and path.stat().st_size < _HEADER_BYTES:
            raise EmptiedError
        self._path = path
        self._reader = _connect(path)
        try:
            _check(self._reader)
            _migrate(self._reader)
            self._inode = path.stat().st_ino
            self._writer = _connect(path)
        except BaseException:
            self._reader.close()
            raise
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_writer, name="store-writer", daemon=True)
        self._thread.start()

    def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `work(connection, *args)` on one committed state of the database; it must not write.

        To be called from one thread only, the event loop's.
        """
        self._reader.execute("BEGIN")
        try:
            return work(self._reader, *args, **kwargs)
        finally:
            self._reader.execute("ROLLBACK")

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `work(connection, *args)` on the writer thread and return its result once it is durable.

        An exception from `work` undoes its changes and is raised here. So is an error of the commit itself (a full
        disk), in which case nothing of the batch was kept.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Write(lambda connection: work(connection, *args, **kwargs), loop, future))
        return await future

    def close(self) -> None:
        """Finish the writes at hand, then close the file."""
        self._queue.put(None)
        self._thread.join()
        self._writer.close()
        self._reader.close()

    def _run_writer(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            closing = False
            while len(batch) < MOST_WRITES_IN_A_COMMIT:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    closing = True
                    break
                batch.append(following)
            self._commit(batch)
            for loop in {write.loop for write in batch}:
                # Nothing waits on a closed loop; the writes themselves are kept.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_answer, [write for write in batch if write.loop is loop])
            if closing:
                return

    def _commit(self, batch: list[_Write]) -> None:
        connection = self._writer
        try:
            self._check_path()
            connection.execute("BEGIN IMMEDIATE")
            for write in batch:
                connection.execute("SAVEPOINT request")
                try:
                    write.result = write.work(connection)
                except Exception as error:  # noqa: BLE001 - it belongs to the request, which gets it back
                    write.error = error
                    connection.execute("ROLLBACK TO request")
                connection.execute("RELEASE request")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for write in batch:
                write.error = write.error or error

    def _check_path(self) -> None:
        # SQLite goes on writing into a deleted file, and everything answered from then on would be lost.
        try:
            moved = self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            moved = True
        if moved:
            raise StorageError("it was moved or deleted while the tenant was running")


def _answer(batch: list[_Write]) -> None:
    for write in batch:
        # Its caller went away; the write is kept all the same, for others may already have read it.
        if write.future.done():
            continue
        if write.error is None:
            write.future.set_result(write.result)
        else:
            write.future.set_exception(_storage_error(write.error))


def _storage_error(error: BaseException) -> BaseException:
    """A `StorageError` in place of what SQLite raises if the disk does not take a write."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, sqlite3.OperationalError) and code in _DISK_ERRORS:
        return StorageError(str(error))
    return error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on disk before it is answered, so that a power cut loses nothing either.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged: {problem}")


def _migrate(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(version, SCHEMA_VERSION)
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        # One transaction each, so that a kill in between leaves a whole older version.
        connection.executescript(f"BEGIN IMMEDIATE; {statements}; PRAGMA user_version = {number}; COMMIT;")
