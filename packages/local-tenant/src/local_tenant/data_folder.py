"""The folder that holds one tenant: made for its owner alone, and locked while a process serves it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_tenant.errors import LocalTenantError
from local_tenant.loopback import port_of

SECONDS_TO_LOCK = 0.5


@dataclass(slots=True)
class DataFolder:
    """A locked data folder; the lock goes with the process, however it ends.

    Attributes:
        path: the folder.
    """

    path: Path
    _lock: int

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "tenant.sqlite3"

    def announce(self, ready: dict[str, Any]) -> None:
        """Write what `status`, `env` and `stop` need to know of the running server (the ready line), and its port."""
        replace_file(port_file(self.path), str(port_of(ready["domain"])).encode())
        replace_file(ready_file(self.path), json.dumps(ready).encode())

    def release(self) -> None:
        """Remove the ready file and release the lock."""
        ready_file(self.path).unlink(missing_ok=True)
        os.ftruncate(self._lock, 0)
        os.close(self._lock)


def ready_file(folder: Path) -> Path:
    """Where a running server's ready line is kept."""
    return folder / "server.json"


def port_file(folder: Path) -> Path:
    """Where the port of the last run is kept, so that `start` can take it again."""
    return folder / "port"


def log_file(folder: Path) -> Path:
    """Where a server in the background writes its log."""
    return folder / "log"


def private(path: str, flags: int) -> int:
    """An opener for files of the data folder: its owner's alone, however they were made before."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def replace_file(path: Path, content: bytes) -> None:
    """Write a file of the data folder; a kill in between leaves what was there before."""
    draft = path.with_suffix(".new")
    with open(draft, "wb", opener=private) as file:
        file.write(content)
    draft.replace(path)


def acquire(folder: Path) -> DataFolder:
    """Make the folder if need be and lock it.

    Raises:
        LocalTenantError: another process serves this folder, or it cannot be written.
    """
    # Whatever this process creates from here on, SQLite's own files included, is its owner's alone.
    os.umask(0o077)
    make_private(folder)
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(folder, error) from error
    if not _lock(lock):
        holder = os.pread(lock, 32, 0).decode().strip() or "unknown"
        os.close(lock)
        raise LocalTenantError(
            f"the data folder {folder} is in use by process {holder}",
            fix="stop that tenant (`local-tenant stop`), or choose another folder with --data",
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return DataFolder(folder, lock)


def make_private(folder: Path) -> None:
    """Make the folder if need be, for its owner alone.

    Raises:
        LocalTenantError: it cannot be made, or has another owner.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> LocalTenantError:
    """The error for a folder that cannot be read or written."""
    return LocalTenantError(
        f"the data folder {folder} cannot be used: {error.strerror}",
        fix="see to free space on its disk, or name a folder that you own with --data",
    )


def _lock(lock: int) -> bool:
    # `serving_process` holds the lock for the moment that it takes to look: that is no reason not to start.
    deadline = time.monotonic() + SECONDS_TO_LOCK
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        else:
            return True


def serving_process(folder: Path) -> int | None:
    """Id of the process that holds the folder's lock; None if there is none."""
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # Shared: two that look at once do not take each other for a server.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(lock, 32, 0).decode().strip()
        return int(written) if written.isdigit() else None
    else:
        return None
    finally:
        os.close(lock)
