"""The folder that holds one tenant: made for its owner alone, and locked while a process serves it."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_tenant.errors import LocalTenantError


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
        """Write what `status`, `env` and `stop` need to know of the running server (the ready line)."""
        draft = ready_file(self.path).with_suffix(".new")
        draft.write_text(json.dumps(ready))
        draft.replace(ready_file(self.path))

    def release(self) -> None:
        """Forget the running server and let the folder go."""
        ready_file(self.path).unlink(missing_ok=True)
        os.close(self._lock)


def ready_file(folder: Path) -> Path:
    """Where a running server's ready line is kept."""
    return folder / "server.json"


def acquire(folder: Path) -> DataFolder:
    """Make the folder if need be and lock it.

    Raises:
        LocalTenantError: another process serves this folder, or it cannot be written.
    """
    # Whatever this process creates from here on, SQLite's own files included, is its owner's alone.
    os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalTenantError(
            f"the data folder {folder} cannot be used: {error.strerror}",
            mend="name a folder that you own with --data",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode().strip() or "unknown"
        os.close(lock)
        raise LocalTenantError(
            f"the data folder {folder} is in use by process {holder}",
            mend="stop that tenant (`local-tenant stop`), or choose another folder with --data",
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return DataFolder(folder, lock)


def serving_process(folder: Path) -> int | None:
    """Id of the process that holds the folder's lock now; None when nobody serves it."""
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(lock, 32, 0).decode().strip()
        return int(written) if written.isdigit() else None
    else:
        return None
    finally:
        os.close(lock)
