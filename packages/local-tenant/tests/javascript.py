"""Packages of npm that tests use: pinned by a package-lock.json, installed once into pytest's cache."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

NPM = Path(sys.executable).with_name("npm")
SECONDS_TO_INSTALL = 180


def installed_packages(config: pytest.Config, lock_folder: Path) -> Path:
    """The node_modules folder of a package-lock.json, installed if need be; its folder's name is the cache's."""
    folder = config.cache.mkdir(lock_folder.name)
    # Tests side by side share the folder.
    with FileLock(folder / "lock"):
        installed = folder / "installed-lock.json"
        lock = lock_folder / "package-lock.json"
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            for name in (".npmrc", "package.json", "package-lock.json"):
                shutil.copy(lock_folder / name, folder)
            subprocess.run(  # noqa: S603 - of this environment
                [NPM, "ci", "--prefix", folder], check=True, timeout=SECONDS_TO_INSTALL, stdout=subprocess.DEVNULL
            )
            # Last, so that an interrupted installation is repeated.
            shutil.copy(lock, installed)
    return folder / "node_modules"
