"""The local tenant, by way of its command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from local_tenant.testing import ReadyLine

_COMMAND = Path(sys.executable).with_name("local-tenant")


def ready_line() -> ReadyLine | None:
    """What the tenant in the folder LOCAL_TENANT_DATA printed once it answered; None if none is running."""
    if not _COMMAND.exists():
        return None
    ran = subprocess.run([_COMMAND, "status", "--json"], capture_output=True, text=True, check=False)  # noqa: S603
    return cast("ReadyLine", json.loads(ran.stdout)) if ran.returncode == 0 else None
