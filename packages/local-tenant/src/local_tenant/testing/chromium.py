"""The Chromium that browser tests drive; `python -m local_tenant.testing.chromium` finds or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome-headless-shell")
DOWNLOADS = Path(__file__).parents[5] / ".local" / "browser"
SECONDS_TO_START = 30
SECONDS_TO_DOWNLOAD = 120
SECONDS_TO_INSTALL = 600

NONE_FOUND = "no Chromium that runs was found; `make browser` looks for one and installs it"


def find() -> Path | None:
    """A Chromium that runs: on PATH, or one that was downloaded before."""
    on_path = [Path(found) for name in NAMES if (found := shutil.which(name))]
    downloaded = [
        path
        for pattern in ("*/*/chrome", "*/*/headless_shell", "*/*/chrome-headless-shell")
        for path in sorted(DOWNLOADS.glob(pattern), reverse=True)
    ]
    return next((path for path in (*on_path, *downloaded) if _version(path)), None)


def launch_arguments() -> list[str]:
    """No request of the browser's own, and no name resolved but localhost; no sandbox only where it cannot be."""
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ]
    # Chromium refuses to start its sandbox as root.
    return [*arguments, "--no-sandbox"] if os.geteuid() == 0 else arguments


def main() -> int:
    """Find one, or try each way to install one, and say so; exit code 1 when none worked."""
    found = find()
    if found is None:
        _download()
        found = find()
    if found is None:
        _install_package()
        found = find()
    if found is None:
        _say("No Chromium could be found or installed: the browser tests are skipped. Install one with your system's")
        _say("package manager, so that it is on PATH as one of: " + ", ".join(NAMES))
        return 1
    _say(f"Browser tests use {found} ({_version(found)}).")
    return 0


def _version(path: Path) -> str:
    """What it says of itself; empty when it does not run (a stub that wants another installer)."""
    try:
        ran = subprocess.run(  # noqa: S603 - a browser of this machine
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_START,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _download() -> None:
    _say(f"No Chromium on PATH. Downloading Playwright's own, for at most {SECONDS_TO_DOWNLOAD} s")
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    _try(command, SECONDS_TO_DOWNLOAD, {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(DOWNLOADS)})


def _install_package() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        _say("This account may not install the distribution's package.")
        return
    _say("Installing the distribution's package chromium")
    if _try(["apt-get", "update", "-qq"], SECONDS_TO_INSTALL):
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], SECONDS_TO_INSTALL)


def _try(command: list[str], seconds: int, environment: dict[str, str] | None = None) -> bool:
    try:
        subprocess.run(command, check=True, timeout=seconds, env=environment)  # noqa: S603 - fixed commands
    except (OSError, subprocess.SubprocessError) as error:
        _say(f"That did not work: {error}")
        return False
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
