"""Files of JavaScript packages that tests load into a page: pinned in tools/javascript, installed when asked for."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[4]
PACKAGES = ROOT / ".local" / "javascript" / "node_modules"
SECONDS_TO_INSTALL = 180


def package_file(path: str) -> Path:
    """The file `PACKAGE/PATH`, in the version that the lock file names."""
    # Does nothing where that is installed.
    subprocess.run(  # noqa: S603 - the project's own
        [ROOT / "tools" / "javascript" / "install.sh"], cwd=ROOT, check=True, timeout=SECONDS_TO_INSTALL
    )
    return PACKAGES / path
