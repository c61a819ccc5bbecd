"""Keeps finished builds and downloads outside the clones, so that the next clone need not make them again.

An entry is a folder named by its key, with a manifest of the size and SHA-256 of every file. It is made in a folder
beside it and renamed into place when complete, under a lock that one process at a time can hold. So a folder under an
entry's name is complete, and one that was damaged later does not match its manifest; neither is ever taken for good.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_engine.model import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = "manifest.json"
FOLDER_VARIABLE = "AUTH0_ACTIONS_CACHE"
_LOCK_POLL_SECONDS = 0.5
_LOCK_REPORT_SECONDS = 10.0


def folder() -> Path:
    """Folder of all entries: ``$AUTH0_ACTIONS_CACHE/engine``, else ``auth0-actions/engine`` in the user's cache.

    The user's cache is ``$XDG_CACHE_HOME`` where that is an absolute path (XDG Base Directory Specification), else
    ``~/.cache``.
    """
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser().absolute() / "engine"
    of_user = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not of_user.is_absolute():
        of_user = Path("~/.cache").expanduser()
    return of_user / "auth0-actions" / "engine"


def platform() -> str:
    """Operating system and processor in Go's words, as ``linux-amd64``."""
    machine = os.uname().machine
    return f"{sys.platform}-{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def find(key: str) -> Path | None:
    """Give the entry ``key`` if it is there and every file in it is what was put there, else None."""
    entry = folder() / key
    return entry if whole(entry) else None


def find_any(prefix: str) -> Path | None:
    """Give a whole entry whose key starts with ``prefix``, the last by name if there are several, else None."""
    entries = sorted(folder().glob(f"{prefix}*/{MANIFEST}"), reverse=True)
    return next((file.parent for file in entries if whole(file.parent)), None)


def whole(entry: Path) -> bool:
    """Whether the entry's manifest is there and every file that it lists has the size and content that it says."""
    try:
        manifest = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))
        files = {name: (seen["size"], seen["sha256"]) for name, seen in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    try:
        # Sizes first: they cost nothing and tell most damage.
        if any((entry / name).stat().st_size != size for name, (size, _) in files.items()):
            return False
        return bool(files) and all(_sha256(entry / name) == sha256 for name, (_, sha256) in files.items())
    except OSError:
        return False


def make(key: str, produce: Callable[[Path], None], report: Callable[[str], None]) -> Path:
    """Give the entry ``key``, made by ``produce`` unless another process has just made it.

    Args:
        key: Name of the entry.
        produce: Puts the entry's files into the empty folder that it is given. What it leaves there when it fails is
            thrown away.
        report: Gets one line now and then while another process holds the lock.

    Raises:
        EngineError: The cache folder cannot be written.
    """
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(key, report):
            if found := find(key):
                return found
            # The lock is held, so whatever lies there was left by a process that is no more.
            for left in folder().glob(f".{key}.*"):
                shutil.rmtree(left, ignore_errors=True)
            staging = folder() / f".{key}.{os.getpid()}"
            staging.mkdir(mode=0o700)
            try:
                produce(staging)
                _seal(staging)
                return _put(staging, folder() / key)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise EngineError(
            f"{key} could not be put into the cache in {folder()} ({error}): make room there, or name another folder "
            f"in the variable {FOLDER_VARIABLE}"
        ) from error


def _put(staging: Path, entry: Path) -> Path:
    """Rename a sealed folder into place; a damaged entry that is there goes first, in one step."""
    if entry.exists():
        damaged = staging.with_name(f"{staging.name}.damaged")
        entry.rename(damaged)
        staging.rename(entry)
        shutil.rmtree(damaged, ignore_errors=True)
    else:
        staging.rename(entry)
    return entry


def _seal(staging: Path) -> None:
    """Write the manifest and have the disk hold all of it before the folder gets its name."""
    files = {}
    for file in sorted(staging.rglob("*")):
        if file.is_file():
            with file.open("rb") as content:
                os.fsync(content.fileno())
            name = file.relative_to(staging).as_posix()
            files[name] = {"size": file.stat().st_size, "sha256": _sha256(file)}
    if not files:
        raise EngineError("the build gave no file: please report this as a bug of engine/")
    with (staging / MANIFEST).open("w", encoding="utf-8") as manifest:
        json.dump({"files": files}, manifest, indent=2)
        manifest.flush()
        os.fsync(manifest.fileno())


@contextmanager
def _locked(key: str, report: Callable[[str], None]) -> Iterator[None]:
    """Hold the entry's lock. The kernel gives it back when its holder ends, however it ends."""
    with (folder() / f"{key}.lock").open("a") as lock:
        started = time.monotonic()
        next_report = started
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                now = time.monotonic()
                if now >= next_report:
                    report(f"another process is making {key}; waiting for it ({now - started:.0f} s)")
                    next_report = now + _LOCK_REPORT_SECONDS
                time.sleep(_LOCK_POLL_SECONDS)
        yield


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
