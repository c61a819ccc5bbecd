"""Which code a tenant runs, so that `start` notices one that was started from older code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import action_runtime

import local_tenant


def code_version() -> str:
    """A digest of every file of local_tenant and action_runtime, as they are now on disk; 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for package in (local_tenant, action_runtime):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
