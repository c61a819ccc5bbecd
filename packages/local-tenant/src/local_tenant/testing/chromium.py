"""The Chromium that browser tests drive; `python -m local_tenant.testing.chromium` finds or installs one.

A download goes where Playwright keeps its own: PLAYWRIGHT_BROWSERS_PATH, or a folder in the user's cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local_tenant.errors import LocalTenantError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome-headless-shell")
SECONDS_TO_START = 30
SECONDS_TO_DOWNLOAD = 120
SECONDS_TO_INSTALL = 600


class ChromiumMissingError(LocalTenantError):
    """No Chromium that runs is installed."""

    def __init__(self) -> None:
        """Name the command that installs one."""
        super().__init__(
            "no Chromium that runs was found", fix="`python -m local_tenant.testing.chromium` installs one where it can"
        )


def find() -> Path | None:
    """A Chromium that runs: on PATH, or downloaded by Playwright."""
    on_path = [Path(path) for name in NAMES if (path := shutil.which(name))]
    downloaded = [
        path
        for pattern in ("chromium*/*/chrome", "chromium*/*/headless_shell", "chromium*/*/chrome-headless-shell")
        for path in sorted(_downloads().glob(pattern), reverse=True)
    ]
    return next((path for path in (*on_path, *downloaded) if _version(path)), None)


def require() -> Path:
    """The same.

    Raises:
        ChromiumMissingError: There is none.
    """
    path = find()
    if path is None:
        raise ChromiumMissingError
    return path


def launch_arguments() -> list[str]:
    """Arguments for a browser that sends no request of its own; it resolves localhost and the names below it alone."""
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
    ]
    # Chromium refuses to start its sandbox as root.
    return [*arguments, "--no-sandbox"] if os.geteuid() == 0 else arguments


def main() -> int:
    """Find one, or try each way to install one; exit code 1 if none worked."""
    path = find()
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install_package()
        path = find()
    if path is None:
        _download()
        path = find()
    if path is None:
        _print("There is no Chromium, and none could be installed: the browser tests are skipped.")
        _print(f"  fix: install one with your package manager; its name on PATH must be one of: {', '.join(NAMES)}")
        return 1
    _print(f"Browser tests use {path} ({_version(path)}).")
    return 0


def _downloads() -> Path:
    """Where Playwright keeps what it downloads."""
    caches = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    return Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or caches / "ms-playwright")


def _version(path: Path) -> str:
    """The output of `--version`; empty if it does not run, as the stub that only names another installer."""
    try:
        done = subprocess.run(  # noqa: S603 - a browser of this machine
            [path, "--version"], capture_output=True, text=True, timeout=SECONDS_TO_START, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _download() -> None:
    _print(f"Downloading Playwright's Chromium, for at most {SECONDS_TO_DOWNLOAD} s")
    _try([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"], SECONDS_TO_DOWNLOAD)


def _install_package() -> None:
    _print("No Chromium on PATH. Installing the distribution's package chromium")
    if _try(["apt-get", "update", "-qq"], SECONDS_TO_INSTALL):
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], SECONDS_TO_INSTALL)


def _try(command: list[str], seconds: int) -> bool:
    try:
        subprocess.run(command, check=True, timeout=seconds)  # noqa: S603 - fixed commands
    except (OSError, subprocess.SubprocessError) as error:
        _print(f"That did not work: {error}")
        return False
    return True


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
