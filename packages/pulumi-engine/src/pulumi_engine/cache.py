"""Finished builds and downloads, shared by all folders of a user.

An entry is a folder named by its key, with a manifest of the size and SHA-256 of every file. It is produced in a folder
beside it, under a lock, and renamed into place when complete. A folder with an entry's name is therefore complete, and
one that was damaged later does not match its manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from pulumi_engine.model import EngineError

MANIFEST = "manifest.json"
FOLDER_VARIABLE = "AUTH0_ACTIONS_CACHE"
_LOCK_REPORT_SECONDS = 10.0


def folder() -> Path:
    """Folder of all entries: ``engine`` in $AUTH0_ACTIONS_CACHE, or in ``auth0-actions`` in the user's cache."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return (Path(chosen).expanduser().absolute() if chosen else user_cache_path("auth0-actions")) / "engine"


def platform() -> str:
    """Operating system and processor by Go's names, as ``linux-amd64``."""
    machine = os.uname().machine
    return f"{sys.platform}-{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def find(key: str) -> Path | None:
    """Return the entry ``key`` if every file in it matches the manifest, else None."""
    entry = folder() / key
    return entry if _intact(entry) else None


def find_any(prefix: str) -> Path | None:
    """Return an intact entry whose key starts with ``prefix``, the last by name if there are several, else None."""
    entries = sorted(folder().glob(f"{prefix}*/{MANIFEST}"), reverse=True)
    return next((file.parent for file in entries if _intact(file.parent)), None)


def produce(key: str, write: Callable[[Path], None], report: Callable[[str], None]) -> Path:
    """Return the entry ``key``; ``write`` it unless another process has just done so.

    Args:
        key: Name of the entry.
        write: Writes the entry's files into the empty folder that it is called with. If it raises, they are deleted.
        report: Called with a line of progress while another process holds the lock.

    Raises:
        EngineError: The cache folder cannot be written.
    """
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(key, report):
            if entry := find(key):
                return entry
            # The lock is held, so the process that left these has ended.
            for leftover in folder().glob(f".{key}.*"):
                shutil.rmtree(leftover, ignore_errors=True)
            staging = folder() / f".{key}.{os.getpid()}"
            staging.mkdir(mode=0o700)
            try:
                write(staging)
                _seal(staging)
                return _put(staging, folder() / key)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise EngineError(
            f"cannot write {key} to the cache in {folder()}: {error}",
            fix=f"make room there, or name another folder in the variable {FOLDER_VARIABLE}",
        ) from error


def _intact(entry: Path) -> bool:
    """Whether every file of the entry's manifest has the recorded size and content."""
    try:
        manifest = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))
        files = [(entry / name, file["size"], file["sha256"]) for name, file in manifest["files"].items()]
        # Sizes first: they cost nothing and reveal most damage.
        return (
            bool(files)
            and all(path.stat().st_size == size for path, size, _ in files)
            and all(_sha256(path) == sha256 for path, _, sha256 in files)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _put(staging: Path, entry: Path) -> Path:
    """Rename a sealed folder into place, after moving away a damaged entry."""
    if entry.exists():
        damaged = staging.with_name(f"{staging.name}.damaged")
        entry.rename(damaged)
        staging.rename(entry)
        shutil.rmtree(damaged, ignore_errors=True)
    else:
        staging.rename(entry)
    return entry


def _seal(staging: Path) -> None:
    """Write the manifest, with everything on disk before the folder gets its name."""
    files = {}
    for file in sorted(staging.rglob("*")):
        if file.is_file():
            with file.open("rb") as content:
                os.fsync(content.fileno())
            name = file.relative_to(staging).as_posix()
            files[name] = {"size": file.stat().st_size, "sha256": _sha256(file)}
    if not files:
        raise EngineError(f"nothing was written to {staging}", fix="report this as a bug of pulumi-engine")
    with (staging / MANIFEST).open("w", encoding="utf-8") as manifest:
        json.dump({"files": files}, manifest, indent=2)
        manifest.flush()
        os.fsync(manifest.fileno())


@contextmanager
def _locked(key: str, report: Callable[[str], None]) -> Iterator[None]:
    """Hold the entry's lock; the kernel releases it when the process ends."""
    lock = FileLock(folder() / f"{key}.lock")
    started = time.monotonic()
    wait = 0.0
    while True:
        try:
            lock.acquire(timeout=wait)
            break
        except Timeout:
            report(f"waiting for another process that produces {key} ({time.monotonic() - started:.0f} s)")
            wait = _LOCK_REPORT_SECONDS
    try:
        yield
    finally:
        lock.release()


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
